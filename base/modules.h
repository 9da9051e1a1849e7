/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_MODULES_H
#define BASE_MODULES_H

#include <stdbool.h>

/*
 * Whether modprobe(8), which the kernel calls for what it lacks, would find a module: text stands
 * in a list of this kernel's, "modules.alias" or "modules.dep" (modules.dep(5)). Without the list
 * modprobe finds nothing, either: false. True where nobody can tell, since the list can't be read.
 */
bool modules_list(const char *list, const char *text);

/* The same in this directory. */
bool modules_list_in(const char *directory, const char *list, const char *text);

#endif
