/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_SIZE_H
#define COMMANDS_SIZE_H

#include <stdbool.h>
#include <stdint.h>

/* "67108864", "64m", "64MB", "64MiB", "-1": bytes, with a power of 1024 as people write it. False:
 * no size, or too large. */
bool size_parse(const char *text, int64_t *bytes);

#endif
