#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What the shipped binary must be: check-binary.sh FILE [static]. readelf tells.

set -eu
binary=$1
kind=${2-dynamic}
failed=0

is() {
	if printf '%s\n' "$facts" | grep -qE "$2"; then
		echo "yes: $1"
	else
		echo "NO:  $1"
		failed=1
	fi
}

is_not() {
	if printf '%s\n' "$facts" | grep -qE "$2"; then
		echo "NO:  $1"
		failed=1
	else
		echo "yes: $1"
	fi
}

facts=$(readelf -W -h -l -d -s "$binary")
is "position independent" 'Type: +DYN'
is "relocations are read-only" 'GNU_RELRO'
is "all symbols are bound at start" 'FLAGS.*(BIND_NOW|NOW)'
is "the stack is not executable" 'GNU_STACK.* RW +0x'
is_not "no segment is writable and executable" 'LOAD.* RWE '
is_not "no run path" '\((RPATH|RUNPATH)\)'
if [ "$kind" = static ]; then
	is_not "no interpreter, no library" 'INTERP|\(NEEDED\)'
else
	is "stack protector" '__stack_chk_fail'
	is "checked string functions" '_chk@'
	# not counting the loader, which is there in any case
	needed=$(printf '%s\n' "$facts" | grep '(NEEDED)' | grep -vc 'ld-linux')
	facts="libraries: $needed"
	is "at most four libraries ($needed: json-c, libseccomp, libmnl, libc)" 'libraries: [1-4]$'
fi
if [ -u "$binary" ] || [ -g "$binary" ]; then
	echo "NO:  no setuid or setgid bit"
	failed=1
fi
exit $failed
