#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The labs: each is played as it is printed, its check fails before and passes after, nothing is left

load lib/bundle
load lib/labs

minirun_only

@test "lab 1" { play 1; }
@test "lab 2" { play 2; }
@test "lab 3" { play 3; }
@test "lab 4" { play 4; }
@test "lab 5" { play 5; }
@test "lab 6" { play 6; }
@test "lab 7" { play 7; }
@test "lab 8" { play 8; }
@test "lab 9" { play 9; }
@test "lab 10" { play 10; }
@test "lab 11" { play 11; }
@test "lab 13" { play 13; }
@test "lab 14" { play 14; }
@test "lab 15" { play 15; }
@test "lab 16" { play 16; }
@test "lab 17" { play 17; }
@test "lab 18" { play 18; }
@test "lab 19" { play 19; }
@test "lab 20" { play 20; }

@test "each lab has its test here, or in labs-v2.bats" {
	local file number count=0

	for file in "$INTEGRATION"/labs/[0-9]*.lab; do
		number=${file##*/}
		number=$((10#${number%%-*}))
		grep -qx "@test \"lab $number\" { play $number; }" "$INTEGRATION"/labs*.bats
		((++count))
	done
	((count > 0))
}

@test "a learner's way: list, show, start, check, hint, answer, clean" {
	run -0 lab list
	[[ ${lines[1]} == "1 "*"chroot is not a container"* ]]
	run -0 lab show 3
	[[ $output == *'# P=$(cat lab3.pid)'* && $output != *needs_running* ]]
	awk '/^To be answered with check: / { seen = 1; if (length > 80) { print; bad = 1 } }
		END { exit bad || !seen }' <<<"$output"
	run -1 lab check 3
	[[ $output == "lab 3: not yet: it has not been started (minirun lab start 3)" ]]
	run -0 lab start 3
	[[ $output == *"cd $MINIRUN_LAB_DIR/lab3"* ]]
	run -2 lab start 3
	[[ $output == *"has been started in $MINIRUN_LAB_DIR/lab3"* ]]
	run -1 lab check 3 user time
	[[ $output == *"there is no running container lab3"* ]]
	run -0 lab hint 3
	[[ $output == *readlink* ]]
	run -0 lab answer L03
	[[ $output == *"Q: which types"*"A: "* ]]
	run -0 lab clean lab3
	[[ ! -e $MINIRUN_LAB_DIR ]]
	run -0 lab clean lab3
	[[ $output == "lab 3: has not been started: there is nothing to clean" ]]
}

@test "clean: a directory that is gone, with a container that isn't, is said" {
	run -0 lab start 10
	mv "$MINIRUN_LAB_DIR/lab10" "$BATS_TEST_TMPDIR/away"
	run -2 lab clean 10
	[[ $output == *"minirun delete --force lab10"* ]]
	"$MINIRUN" delete --force lab10
}

@test "from README to lab 1 in two commands, with the binary of a build tree" {
	[[ $(sed -n '/^## Learn/,/^## /p' "$INTEGRATION/../README.md" | sed -n '/^```/,/^```/p' | grep -vc '^```') == 2 ]]
	grep -q '^sudo build/release/minirun lab start 1 ' "$INTEGRATION/../README.md"
	unset MINIRUN_LABS
	run -0 lab start 1
	run -1 lab check 1
	[[ $output == "lab 1: not yet: there is no r/bin/bash" ]]
	run -0 lab clean 1
}

@test "a wrong step, output or status is seen" {
	export MINIRUN_LABS=$BATS_TEST_TMPDIR/copies
	mkdir "$MINIRUN_LABS"
	cp "$INTEGRATION/labs/lab" "$MINIRUN_LABS"
	printf '%s\n' 'title: x' 'needs: root' 'minutes: 1' '' '$ echo a.c; touch done' '> a*c' '' \
		'check:' $'\t[ -e done ] || fail "do it"' >"$MINIRUN_LABS/01-x.lab"
	run -0 lab play 1
	sed -i 's/^> a\*c/> a.d/' "$MINIRUN_LABS/01-x.lab"
	run -1 lab play 1
	[[ $output == *'> a.c'* ]]
	sed -i 's/^> a.d/> ...\n[3]/' "$MINIRUN_LABS/01-x.lab"
	run -1 lab play 1
	[[ $output == *"exit status 0 instead of 3"* ]]
	sed -i 's/^\[3\]//; s/^\t.*/\ttrue/' "$MINIRUN_LABS/01-x.lab"
	run -1 lab play 1
	[[ $output == *"check gave 0 instead of 1"* ]]
	sed -i 's/^needs: .*/needs: no-such-program/' "$MINIRUN_LABS/01-x.lab"
	run -77 lab play 1
	[[ $output == "skip: needs no-such-program"* ]]
}

@test "bad input: no lab, no action, too much, nothing installed" {
	run -2 lab start 99
	[[ $output == *"there is no lab 99"* ]]
	run -2 lab start ../x
	run -2 lab frobnicate
	run -2 lab
	run -2 lab list 1
	run -2 lab show
	mkdir "$BATS_TEST_TMPDIR/bin"
	cp "$MINIRUN" "$BATS_TEST_TMPDIR/bin/minirun"
	unset MINIRUN_LABS
	run -2 "$BATS_TEST_TMPDIR/bin/minirun" lab list
	[[ $output == *"the labs aren't installed with"* ]]
	run -2 env MINIRUN_LABS=/nonexistent "$MINIRUN" lab list
	[[ $output == *"/nonexistent/lab (from MINIRUN_LABS): is missing"* ]]
}
