#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The manual against the program: check-manual.sh MINIRUN. Every command has a page, every option
# of its --help is in the page's list and SYNOPSIS with the same letter and value, and the page has
# no others.

set -eu
minirun=$1
cd "$(dirname "$0")/../man"
failed=0

complain() {
	echo "$*"
	failed=1
}

# "  -b, --bundle DIR   directory ..." to "b bundle DIR", "-" for what isn't there
options_of_help() {
	"$minirun" "$@" --help | sed -n '/^\(Global options\|Options\):$/,/^$/{
		s/\[=\([A-Z]*\)\]/ \1/
		s/^  \(-\(.\), \|    \)--\([a-z0-9-]*\)\( \([^ ]*\)\)\{0,1\}.*/\2 \3 \5/
		t found
		b
		:found
		s/^ /- /
		s/ $/ -/
		s/[][]//g
		p
	}'
}

# ".It Fl b , Fl -bundle Ar DIR" to the same; a second letter (-V) isn't in --help
options_of_page() {
	awk '/^\.It Fl / {
		letter = "-"
		name = value = ""
		for (i = 2; i <= NF; i++) {
			if ($i == "Fl" && $(++i) ~ /^-/)
				name = substr($i, 2)
			else if ($(i - 1) == "Fl")
				letter = letter == "-" ? $i : letter
			else if ($i !~ /^(,|Ar|Ns|Op)$/ && !($i == "=" && value == ""))
				value = value $i
		}
		print letter, name, value == "" ? "-" : value
	}' "$1"
}

# The letter and the name, each as the page's SYNOPSIS writes them.
in_synopsis() {
	sed -n '/^\.Sh SYNOPSIS$/,/^\.Sh DESCRIPTION$/p' "$3" |
		if [ "$1" = - ]; then
			grep -qE -e "^\.(Op )?Fl -$2( |$)"
		else
			grep -qE -e "^\.(Op )?Fl $1 \| -$2( |$)"
		fi
}

check_page() {
	page=$1
	shift
	[ -f "$page" ] || { complain "$page: is missing"; return; }
	help=$(options_of_help "$@" | sort)
	manual=$(options_of_page "$page" | sort)
	[ "$help" ] || complain "minirun $* --help: shows no options"
	[ "$help" = "$manual" ] || complain "$page: options (<) differ from those of --help (>):
$(printf '%s\n' "$manual" >"$work/page"; printf '%s\n' "$help" | diff "$work/page" - | grep '^[<>]')"
}

check_synopsis() {
	options_of_help "$1" | while read -r letter name _; do
		[ "$name" = help ] || in_synopsis "$letter" "$name" "$2" ||
			echo "$2: SYNOPSIS lacks --$name"
	done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

commands=$("$minirun" --help | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p')
[ "$commands" ] || complain "minirun --help: shows no commands"
check_page minirun.8
for command in $commands; do
	check_page "minirun-$command.8" "$command"
	[ -f "minirun-$command.8" ] || continue
	missing=$(check_synopsis "$command" "minirun-$command.8")
	[ -z "$missing" ] || complain "$missing"
	grep -qx "\.It Cm $command" minirun.8 || complain "minirun.8: the list of commands lacks $command"
done
for page in minirun-*.8; do
	command=${page#minirun-}
	printf '%s\n' "$commands" | grep -qx "${command%.8}" || complain "$page: there is no such command"
done
exit $failed
