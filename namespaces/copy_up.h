/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_COPY_UP_H
#define NAMESPACES_COPY_UP_H

#include <stdbool.h>

#include "base/error.h"

/*
 * tmpcopyup: what the directory from holds is copied into the detached mount to, with owners,
 * modes, times and extended attributes. The top directory takes after from's, too: its owner and
 * its mode where the arguments say so (where no mount option says otherwise); an owner that the
 * user namespace doesn't map is an error for what is in it, and stays behind for the top. Never
 * follows a symbolic link, never opens anything but regular files and directories, and takes a
 * mount below from for an empty directory. Runs in: init.
 */
int copy_up(int from, int to, bool owner, bool mode, struct error *err);

#endif
