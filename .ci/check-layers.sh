#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who may include whom. A folder may include itself, base/ and what is named here; the three
# siblings never include each other. A library's header may be included in its one folder only.

set -eu
cd "$(dirname "$0")/.."
failed=0

complain() {
	echo "$1"
	failed=1
}

# allow FOLDER WORD...: the .c and .h files of FOLDER include project headers of these folders only
allow() {
	folder=$1
	shift
	allowed="base"
	for word; do
		allowed="$allowed|$word"
	done
	wrong=$(grep -n '^#include "' "$folder"/*.[ch] 2>/dev/null |
		grep -vE "#include \"($allowed|$folder)/[^/]*\"" |
		grep -v '^runtime/main.c:.*"runtime/commands/' || true)
	[ -z "$wrong" ] || complain "$folder/ may include only its own and $allowed:
$wrong"
}

# only HEADER PLACE: system headers that match HEADER are included only by files that match PLACE
only() {
	wrong=$(grep -rnE --include='*.[ch]' "^#include <$1>" base spec namespaces cgroups seccomp runtime |
		grep -vE "^$2" || true)
	[ -z "$wrong" ] || complain "<$1> belongs to $2:
$wrong"
}

allow base
allow spec
allow namespaces spec
allow cgroups spec
allow seccomp spec
allow runtime/process spec
allow runtime spec namespaces cgroups seccomp runtime/process
allow runtime/inspect spec namespaces cgroups seccomp runtime/process
allow runtime/criu runtime spec namespaces cgroups seccomp runtime/process
allow runtime/commands runtime runtime/criu runtime/inspect spec namespaces cgroups seccomp runtime/process

only 'json-c/.*' spec/
only 'seccomp\.h' seccomp/
only 'sys/capability\.h' runtime/process/capabilities.c
only 'libmnl/.*' namespaces/

exit $failed
