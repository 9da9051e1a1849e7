/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_COPY_UP_H
#define NAMESPACES_COPY_UP_H

#include "base/error.h"

/*
 * tmpcopyup: what the directory from holds is copied into the detached mount to, with owners,
 * modes, times and extended attributes; to itself takes after from. Never follows a symbolic link,
 * never opens anything but regular files and directories, and takes a mount below from for an
 * empty directory. Runs in: init.
 */
int copy_up(int from, int to, struct error *err);

#endif
