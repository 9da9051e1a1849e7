#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# unified.sh COMMAND...: runs COMMAND where cgroup2 is all there is at /sys/fs/cgroup, in a private
# mount namespace of this host. The kernel gives that tree only the controllers that no v1 mount of
# the host holds, mostly none, but processes, kill, freeze and device filters work: the v2 code path
# at full speed.

set -eu
[ "$(id -u)" -eq 0 ] || { echo "skip: needs root"; exit 77; }

exec unshare --mount --propagation private sh -c '
	mount -t cgroup2 none /sys/fs/cgroup || { echo "skip: cgroup2 cannot be mounted"; exit 77; }
	exec "$@"' unified "$@"
