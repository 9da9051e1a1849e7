#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The labs as files: each line of them is understood, what they cover is what coverage.tsv says, and
# man/minirun-labs.7 and the exam map of man/minirun-concepts.7 are what the files give:
# check-labs.sh [write]. With "write" the pages are made so.

set -eu
cd "$(dirname "$0")/../integration/labs"
labs=$PWD
man=$PWD/../../man
failed=0

complain() {
	echo "$*"
	failed=1
}

# text for mdoc: no backslash, no control line
quoted() {
	sed 's/\\/\\e/g; s/^[.'"'"']/\\\&&/'
}

# kinds FILE: kind, tab, whether it is the first line of its section, tab, text
kinds() {
	awk '
		!body { if ($0 == "") body = 1; next }
		/^\t/ { print section "\t0\t" substr($0, 2); next }
		/^\$ / { print "step\t1\t" substr($0, 3); section = ""; next }
		/^\+ / { print "more\t0\t" substr($0, 3); next }
		/^>( |$)/ { print "output\t0\t" substr($0, 3); next }
		/^\[[0-9]+\]$/ { print "status\t0\t" substr($0, 2, length($0) - 2); next }
		match($0, /^(only|again|ask|answer|hint|question|expect|start|check|clean|wrong|right):/) {
			section = substr($0, 1, RLENGTH - 1)
			text = substr($0, RLENGTH + 1)
			sub(/^ /, "", text)
			print section "\t1\t" text
			next
		}
		{ print "text\t0\t" $0 }' "$1"
}

page_of_lab() {
	number=$(basename "$1" | sed 's/^0*//; s/-.*//')
	header() { sed -n "1,/^\$/s/^$1: *//p" "$2" | quoted; }
	printf '.Ss Lab %s: %s\n' "$number" "$(header title "$1")"
	printf 'Teaches: %s.\n' "$(header covers "$1" | sed 's/ /, /g')"
	printf '.Pp\nNeeds: %s.\n.Pp\n' "$(header needs "$1" | sed 's/ /, /g')"
	kinds "$1" | quoted | sed '/^\(text\|ask\|question\)	/s/\([.?!][")]*\) \([A-Z(]\)/\1\n\2/g' | awk -F '\t' '
		function literal() { if (!open) { print ".Bd -literal -offset indent"; open = 1 } }
		function paragraph() { if (open) print ".Ed"; open = 0; if (!fresh) print ".Pp"; fresh = 1 }
		!/^[a-z]+\t[01]\t/ { print; next } # a further sentence
		function rest() { sub(/^[^\t]*\t[^\t]*\t/, ""); return $0 }
		{ kind = $1; first = $2; text = rest() }
		kind == "step" { literal(); fresh = 0; print "# " text; next }
		kind == "more" { print "> " text; next }
		kind == "output" { literal(); print (text ~ /^[.\047]/ ? "\\&" : "") text; next }
		kind == "status" { literal(); print "(exit status " text ")"; next }
		kind == "only" { paragraph(); print "Where there is " text ":"; fresh = 0; next }
		kind == "ask" || kind == "question" {
			if (first == 1) { paragraph(); print kind == "ask" ? ".Em Question :" : ".Em Answer this with check :" }
			print (text ~ /^[.\047]/ ? "\\&" : "") text; fresh = 0; next
		}
		kind != "text" { next }
		text == "" { if (open || !fresh) paragraph(); next }
		{ if (open) paragraph(); print (text ~ /^[.\047]/ ? "\\&" : "") text; fresh = 0 }
		END { if (open) print ".Ed" }' | awk '
		# no .Pp at the end, or before a list or display
		/^\.Pp$/ { waiting = 1; next }
		{ if (waiting && !/^\.Bd/) print ".Pp"; waiting = 0; print }'
}

# the exam map, of both pages
map() {
	echo ".Bl -tag -width K12x"
	grep -v '^#' "$labs/coverage.tsv" | quoted | awk -F '\t' '{
		print ".It " $1
		print $2 ":"
		gsub(/ /, ", ", $3)
		print $3 "."
	}'
	echo ".El"
}

page() {
	cat <<-'END'
		.\" SPDX-License-Identifier: Apache-2.0
		.\" Made by .ci/check-labs.sh write, out of integration/labs/.
		.Dd November 25, 2026
		.Dt MINIRUN-LABS 7
		.Os
		.Sh NAME
		.Nm minirun-labs
		.Nd learn containers by doing
		.Sh DESCRIPTION
		The exercises of
		.Xr minirun-lab 8
		as a text to read.
		What is typed stands behind
		.Ql # ,
		what is printed below it;
		.Ql *
		stands for what differs from run to run, a line
		.Ql ...
		for any lines.
		All of it has been run: the project's tests play the labs as they stand here.
		.Pp
		Each lab works as root in the directory that
		.Nm minirun lab start
		names, and
		.Nm minirun lab clean
		takes away everything that it made.
		.Nm minirun lab answer
		answers the questions.
		What can't be tried is in
		.Xr minirun-concepts 7 .
		.Sh THE LABS
	END
	for file in "$labs"/*.lab; do
		page_of_lab "$file"
	done
	cat <<-'END'
		.Sh WHAT IS TAUGHT WHERE
		The items of topic 352.1 of the LPIC-3 305-300 examination; L1 is lab 1, C1 the first
		section of
		.Xr minirun-concepts 7 .
	END
	map
	cat <<-'END'
		.Sh SEE ALSO
		.Xr nsenter 1 ,
		.Xr unshare 1 ,
		.Xr capabilities 7 ,
		.Xr cgroups 7 ,
		.Xr minirun-concepts 7 ,
		.Xr namespaces 7 ,
		.Xr lsns 8 ,
		.Xr minirun-lab 8
	END
}

# concepts: what stands between two comments is generated
concepts() {
	[ -f "$man/minirun-concepts.7" ] || return 0
	map | sed '/^$/d' >"$work/map"
	sed -e '/^\.\\" exam map$/r '"$work/map" -e '/^\.\\" exam map$/,/^\.\\" end of the exam map$/{
		/^\.\\"/!d
	}' "$man/minirun-concepts.7"
}

compare() {
	if [ "$3" = write ]; then
		cp "$1" "$2"
	elif ! diff -u "$2" "$1"; then
		complain "man/$(basename "$2") isn't what integration/labs/ gives; make it so by
  .ci/check-labs.sh write"
	fi
}

# The places of an item that are labs, of which that lab says nothing; and the other way round.
check_coverage() {
	for file in "$labs"/*.lab; do
		number=$(basename "$file" | sed 's/^0*//; s/-.*//')
		covers=$(sed -n '1,/^$/s/^covers: *//p' "$file")
		for item in $covers; do
			grep -q "^$item	.*	\(.* \)\{0,1\}L$number\( \|\$\)" "$labs/coverage.tsv" ||
				complain "$(basename "$file"): covers $item, of which coverage.tsv doesn't say L$number"
		done
	done
	grep -v '^#' "$labs/coverage.tsv" >"$work/rows"
	while IFS='	' read -r item _ places; do
		[ "$places" ] || complain "coverage.tsv: $item is taught nowhere"
		for place in $places; do
			case $place in
			L*) grep -qsE "^covers:.* $item( |\$)" "$labs"/"$(printf %02d "${place#L}")"-*.lab ||
				complain "coverage.tsv: lab ${place#L} doesn't cover $item" ;;
			C*) grep -qs "^\.Sh ${place}[. ]" "$man/minirun-concepts.7" ||
				complain "coverage.tsv: $item: minirun-concepts(7) has no section $place" ;;
			*) complain "coverage.tsv: $item: $place is neither a lab nor a section" ;;
			esac
		done
	done <"$work/rows"
}

check_form() {
	for file in "$labs"/*.lab; do
		for word in title covers needs minutes; do
			sed -n '1,/^$/p' "$file" | grep -q "^$word: *[^ ]" ||
				complain "$(basename "$file"): has no header \"$word:\""
		done
		for kind in step check answer; do
			kinds "$file" | grep -q "^$kind	" || complain "$(basename "$file"): has no $kind"
		done
		kinds "$file" | grep -n '^	' && complain "$(basename "$file"): an indented line belongs to nothing"
		[ "$(kinds "$file" | grep -c '^\(ask\|question\)	1')" = "$(kinds "$file" | grep -c '^answer	1')" ] ||
			complain "$(basename "$file"): not each question has an answer"
		for block in start check clean expect wrong right; do
			kinds "$file" | sed -n "s/^$block	0	//p" | sh -n || complain "$(basename "$file"): $block is no shell"
		done
		LC_ALL=C grep -n '[^ -~	]' "$file" && complain "$(basename "$file"): not ASCII"
	done
	return 0
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
check_form
page | sed '/^$/d' >"$work/labs.7"
compare "$work/labs.7" "$man/minirun-labs.7" "${1-}"
if [ -f "$man/minirun-concepts.7" ]; then
	concepts >"$work/concepts.7"
	compare "$work/concepts.7" "$man/minirun-concepts.7" "${1-}"
fi
check_coverage
exit $failed
