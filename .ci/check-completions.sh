#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# completions/ is what `minirun completion SHELL` prints: check-completions.sh MINIRUN [write].
# With "write" it is made so. Where a shell is installed it also reads its file.

set -eu
minirun=$(realpath "$1")
cd "$(dirname "$0")/../completions"
failed=0

for pair in bash:minirun zsh:_minirun fish:minirun.fish; do
	shell=${pair%%:*}
	file=${pair#*:}
	if [ "${2-}" = write ]; then
		# a program that fails leaves the file as it was
		"$minirun" completion "$shell" >"$file.new" && mv "$file.new" "$file"
	elif ! "$minirun" completion "$shell" | diff -u "$file" -; then
		echo "completions/$file isn't what 'minirun completion $shell' prints; make it so by"
		echo "  .ci/check-completions.sh $minirun write"
		failed=1
	fi
	! command -v "$shell" >/dev/null || "$shell" -n "$file" || failed=1
done
exit $failed
