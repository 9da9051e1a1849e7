/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_DURATION_H
#define COMMANDS_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/* A duration as Go's programs write it: "5s", "100ms", "1m30s", "1.5h"; units ns us ms s m h, "0"
 * without one. Nanoseconds. False: it isn't one, or longer than 292 years; no sign. */
bool duration_parse(const char *text, int64_t *nanoseconds);

#endif
