/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_DEFAULT_DEVICES_H
#define SPEC_DEFAULT_DEVICES_H

#include <stddef.h>

/* config-linux.md#default-devices, one by one: character devices; NULL behind the last. */
const char *default_device(size_t n, unsigned *major, unsigned *minor);

#endif
