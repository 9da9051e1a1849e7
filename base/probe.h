/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PROBE_H
#define BASE_PROBE_H

#include "base/error.h"

/*
 * Whether something can be done to a process is best known by doing it, to one that ends right
 * after: work runs in a child, whose error becomes err. -1 as well if there is no child to be had,
 * or if it ends without having said that it worked. A child that has not ended after ten seconds is
 * killed, and left behind where a file system holds it. Runs in: commands.
 */
int probe_in_child(int (*work)(const void *data, struct error *err), const void *data,
		   struct error *err);

#endif
