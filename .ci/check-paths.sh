#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Inside a root file system only descriptors are used. So the calls that take a path and follow
# what an image put there, and AT_FDCWD, may appear only in the files that .ci/paths-allowed lists
# with a reason: they work on the host's own paths, or on "/" and "." after the pivot.

set -eu
cd "$(dirname "$0")/.."

CALLS='mount|umount|umount2|open|creat|fopen|freopen|opendir|mkdir|mknod|mkfifo|symlink|link|chown'
CALLS="$CALLS|lchown|chmod|truncate|rename|unlink|rmdir|remove|realpath|readlink|stat|lstat|access"
CALLS="$CALLS|chroot|utime|utimes|setxattr|getxattr|tmpnam|mktemp|mkstemp"
NEVER='system|popen|execlp|execvp|execvpe'

allowed() {
	grep -E "^$1[[:space:]]" .ci/paths-allowed | sed 's/#.*//' | grep -qwF -- "$2"
}

# Comments are left out: what is indented and starts with "*" or "/*", and names like mount(2).
wrong=$(grep -rnE --include='*.c' --include='*.h' "(^|[^_a-zA-Z0-9>.])($CALLS|$NEVER)\(|AT_FDCWD" \
	base spec namespaces cgroups seccomp runtime |
	grep -vE '/tests/|^[^:]+:[0-9]+:[[:space:]]*(/?\*|//)' |
	sed -E 's/[a-z_0-9]+\([0-9][a-z]*\)//g; s/"[^"]*"//g' |
	while IFS= read -r line; do
		file=${line%%:*}
		rest=${line#*:}
		for call in $(printf '%s\n' "${rest#*:}" |
			grep -oE "(^|[^_a-zA-Z0-9>.])($CALLS|$NEVER)\(|AT_FDCWD" | tr -cd 'A-Za-z0-9_\n'); do
			allowed "$file" "$call" ||
				echo "$file:${rest%%:*}: $call takes a path: see base/path.h, or .ci/paths-allowed"
		done
	done)
[ -z "$wrong" ] || {
	echo "$wrong"
	exit 1
}
