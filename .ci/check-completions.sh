#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# completions/ is what `minirun completion SHELL` prints: check-completions.sh MINIRUN [write].
# With "write" it is made so. Where a shell is installed it also reads its file, and bash is asked.

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

# offers WANTED WORD...: what bash offers for the last word; "=" is a word, as bash has it
bash -c '
	. ./minirun
	compopt() { :; }
	minirun() {
		case "$*" in
		"list -q") echo web1 ;;
		"--root=/x list -q") echo other ;;
		esac
	}
	offers() {
		wanted=$1
		shift
		COMP_WORDS=(minirun "$@")
		COMP_CWORD=$#
		COMPREPLY=()
		_minirun minirun "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
		[ "${COMPREPLY[*]}" = "$wanted" ] || {
			echo "bash: minirun $* offers \"${COMPREPLY[*]}\" instead of \"$wanted\""
			failed=1
		}
	}
	offers "start state" sta
	offers "--root --rootless" --ro
	offers "text json" --log-format ""
	offers json --log-format = j
	offers web1 state ""
	offers "" state web1 ""
	offers other --root /x state ""
	offers other --root = /x state ""
	offers "start state" --root state sta
	offers KILL kill -a web1 K
	offers "add remove" mounts ""
	offers web1 mounts add ""
	offers minirun.fish mounts remove web1 minirun.f
	offers web1 exec -e X = 1 --cwd /x ""
	offers "" exec web1 ls -
	offers "" events --interval ""
	exit "${failed-0}"' || failed=1
exit $failed
