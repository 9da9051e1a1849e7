#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Inside a root file system only descriptors are used. So the calls that take a path and follow
# what an image put there may appear nowhere but in the files listed here, which work on the host's
# own paths, or on names below a descriptor that they have checked.

set -eu
cd "$(dirname "$0")/.."

FORBIDDEN='mount|umount|umount2|open|creat|fopen|freopen|opendir|mkdir|mknod|mkfifo|symlink|link|chown|lchown|chmod|truncate|rename|unlink|rmdir|remove|realpath|readlink|stat|lstat|access|chroot|utime|utimes|setxattr|getxattr|tmpnam|mktemp|mkstemp|system|popen|execlp|execvp|execvpe'

# FILE   what it may call, and why
allowed() {
	sed 's/[[:space:]]*#.*//' .ci/paths-allowed | grep .
}

failed=0
grep -rnoE --include='*.c' --include='*.h' "(^|[^_a-zA-Z0-9>.])($FORBIDDEN)\(" \
	base spec namespaces cgroups seccomp runtime |
	grep -v '/tests/' | sed -E 's/^([^:]+):([0-9]+):[^a-z]?([a-z0-9]+)\($/\1 \2 \3/' |
	while read -r file line call; do
		# in a comment: "mount(2)"
		sed -n "${line}p" "$file" | grep -qE "(^[[:space:]]*(/?\*|//)|$call\([0-9][a-z]*\))" && continue
		allowed | grep -qE "^$file[[:space:]]+(.*[[:space:]])?$call([[:space:]]|$)" && continue
		echo "$file:$line: $call() takes a path; use base/path.h, or say in .ci/paths-allowed why not"
	done | { ! grep .; } || failed=1

exit $failed
