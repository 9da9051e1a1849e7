#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# cmake --install puts the binary, each man page of man/ and the completions where they belong.

set -eu
build=$1
source=$(cd "$(dirname "$0")/.." && pwd)
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT

cmake --install "$build" --prefix "$prefix" >/dev/null
"$prefix/bin/minirun" --version
for page in "$source"/man/*.[0-9]; do
	[ -e "$page" ] || continue
	test -s "$prefix/share/man/man${page##*.}/$(basename "$page")" || { echo "missing: $page"; exit 1; }
done
for file in bash-completion/completions/minirun zsh/site-functions/_minirun \
	fish/vendor_completions.d/minirun.fish containers/containers.conf.d/minirun.conf; do
	test -s "$prefix/share/$file" || { echo "missing: $file"; exit 1; }
done
"$prefix/bin/minirun" lab list | grep -q 'Reading namespaces' # from the installed files
(cd "$prefix" && find . -type f | sort)
