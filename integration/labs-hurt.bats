#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Labs that go wrong: ended in the middle, names that others have, directories deleted by hand

load lib/bundle
load lib/labs

minirun_only

# ended ACTION HOW...: at two places. HOW is a signal; with "-" to all processes (as a terminal sends
# its signals), else to the shell alone, whose children go on.
ended() {
	local action=$1 before all place how whom

	shift
	before=$(traces)
	for how; do
		for place in 1 2; do
			[[ $action == start ]] || lab start 10 >/dev/null
			[[ ${all-} ]] || { # how many lines there are
				interrupted KILL "" 9999 "$action" 10
				all=$seen
				((all > 20))
				nothing_left 10 "$before"
				[[ $action == start ]] || lab start 10 >/dev/null
			}
			whom=${how#"${how%-}"}
			interrupted "${how%-}" "$whom" $((all * place / 3)) "$action" 10
			nothing_left 10 "$before"
		done
	done
}

@test "start, ended in the middle: clean leaves nothing" { ended start KILL- KILL TERM INT-; }
@test "check, ended in the middle: clean leaves nothing" { ended check KILL; }
@test "clean, ended in the middle: the next clean leaves nothing" { ended clean KILL KILL-; }

# minirun itself sends it, as a terminal does: to the shell's whole process group, when the container is there.
@test "start, ended by Ctrl-C, takes away what it has begun" {
	local before real=$MINIRUN

	before=$(traces)
	cat >"$BATS_TEST_TMPDIR/minirun" <<-END
		#!/bin/sh
		"$real" "\$@" || exit
		[ "\$1" != run ] || { "$real" list -q >"$BATS_TEST_TMPDIR/seen"; kill -INT 0; }
	END
	chmod 755 "$BATS_TEST_TMPDIR/minirun"
	MINIRUN=$BATS_TEST_TMPDIR/minirun run setsid --wait sh "$MINIRUN_LABS/lab" start 10
	echo "$output"
	((status != 0))
	grep -qx lab10 "$BATS_TEST_TMPDIR/seen"
	for _ in {1..200}; do
		[[ $(traces) == "$before" ]] && break
		sleep 0.1
	done
	diff <(echo "$before") <(traces)
}

@test "a start that didn't come to an end is said by list, check and start" {
	lab start 10
	touch "$MINIRUN_LAB_DIR/lab10/.starting"
	run -0 lab list
	[[ $output == *"start not finished: clean 10"* ]]
	run -1 lab check 10
	[[ $output == *"its start didn't come to an end: minirun lab clean 10"* ]]
	run -2 lab start 10
	[[ $output == *"has been started in"* ]]
	run -0 lab clean 10
}

@test "a start that fails is said, with the reason, and leaves nothing" {
	local before

	before=$(traces)
	export MINIRUN_LABS=$BATS_TEST_TMPDIR/copies
	mkdir "$MINIRUN_LABS"
	cp "$INTEGRATION/labs/lab" "$MINIRUN_LABS"
	printf '%s\n' 'title: x' 'needs: root' 'minutes: 1' '' 'start:' $'\tmkdir b' $'\trun_bundle b lab1' $'\ttrue' >"$MINIRUN_LABS/01-x.lab"
	run -2 lab start 1
	[[ $output == *config.json* && $output == *"lab 1 could not be prepared" ]]
	nothing_left 1 "$before"
}

@test "names that somebody else has: start refuses, nothing of theirs is touched" {
	local tree

	"$MINIRUN" list -q | grep -x lab3-mine && false
	bundle_template
	"$MINIRUN" spec -b "$BATS_RUN_TMPDIR/bundle" -f "$BATS_TEST_TMPDIR/mine.json" --set /process/terminal=false --set '/process/args=["sleep","60"]'
	"$MINIRUN" run -d -b "$BATS_RUN_TMPDIR/bundle" --config "$BATS_TEST_TMPDIR/mine.json" lab3-mine >/dev/null
	run -2 lab start 3
	[[ $output == *"the container lab3-mine (minirun delete --force lab3-mine)"* ]]
	run -2 lab clean 3
	[[ $output == *"it is not known who made"*lab3-mine* ]]
	[[ $("$MINIRUN" state lab3-mine) == *'"running"'* ]]
	"$MINIRUN" delete --force lab3-mine

	ip netns add lab7b
	run -2 lab start 7
	[[ $output == *"the network namespace lab7b (ip netns del lab7b)"* ]]
	run -2 lab clean 7
	[[ -e /run/netns/lab7b ]]
	ip netns del lab7b

	tree=$(awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo)
	mkdir "$tree/lab9"
	run -2 lab start 9
	[[ $output == *"the cgroup $tree/lab9 (rmdir $tree/lab9)"* ]]
	run -2 lab clean 9
	rmdir "$tree/lab9"
	[[ ! -e $MINIRUN_LAB_DIR ]]
}

@test "a shell that went into the lab's cgroup isn't killed, what else is in there is" {
	local tree process

	lab start 11
	tree=$(awk '{ for (i = 7; $i != "-"; i++); if ($(i + 1) == "cgroup2") { print $5; exit } }' /proc/self/mountinfo)
	mkdir "$tree/lab11"
	sleep 60 3>&- &
	process=$!
	echo "$process" >"$tree/lab11/cgroup.procs"
	run -0 sh -c "echo \$\$ >'$tree/lab11/cgroup.procs'; cd '$MINIRUN_LAB_DIR/lab11'; '$MINIRUN' lab clean 11; echo still here"
	echo "$output"
	[[ $output == *"lab 11: nothing is left"*"still here" ]]
	[[ ! -e $tree/lab11 ]]
	run -137 wait "$process"
}

@test "clean: what it can't take away is said, and the directory stays" {
	local process

	lab start 3
	(cd "$MINIRUN_LAB_DIR/lab3" && exec sleep 61 3>&-) &
	process=$!
	until [[ $(readlink "/proc/$process/cwd") == "$MINIRUN_LAB_DIR/lab3" ]]; do sleep 0.1; done
	run -2 lab clean 3
	[[ $output == *"the process $process, in the lab's directory: "*61* ]]
	kill "$process"
	wait "$process" || true
	run -0 lab clean 3
	run -0 lab clean 3
}

@test "labs whose files were deleted by hand, several at once" {
	local before

	before=$(traces)
	lab start 5
	lab start 10
	lab start 17
	"$MINIRUN" create -b "$MINIRUN_LAB_DIR/lab17/b" lab17 >/dev/null
	rm -r "$MINIRUN_LAB_DIR/lab10/b" "$MINIRUN_LAB_DIR/lab5/"* "$MINIRUN_LAB_DIR/lab17/hook"
	run -1 lab check 10 x
	mkdir "$MINIRUN_LAB_DIR/lab5/with space"
	mount -t tmpfs lab5 "$MINIRUN_LAB_DIR/lab5/with space"
	for n in 5 10 17; do
		run -0 lab clean "$n"
		[[ $output == *"lab $n: nothing is left" ]]
	done
	nothing_left 5 "$before"
}

@test "an ordinary user reads; for the rest root is asked for" {
	local program=$BATS_TEST_TMPDIR/minirun action

	as_nobody() {
		setpriv --reuid=65534 --regid=65534 --clear-groups "$program" lab "$@"
	}
	cp "$MINIRUN" "$program" # where it is may be nobody's business
	cp -r "$INTEGRATION/labs" "$BATS_TEST_TMPDIR/files"
	export MINIRUN_LABS=$BATS_TEST_TMPDIR/files
	run -0 as_nobody list
	[[ $output == *"Reading namespaces"* && $output != *"needs root"* ]]
	run -0 as_nobody show 3
	run -0 as_nobody hint 3
	for action in start check clean play; do
		run -2 as_nobody "$action" 3
		[[ $output == "minirun lab: labs are done as root: sudo $program lab $action 3" ]]
	done
}

@test "list fits in 80 columns, and each action has help" {
	run -0 env -u MINIRUN_LAB_DIR "$MINIRUN" lab list
	for line in "${lines[@]}"; do
		echo "$line"
		((${#line} <= 80))
	done
	run -0 lab start --help
	[[ $output == *"Usage: minirun lab"* ]]
}

@test "clean deletes nothing of what is mounted over a lab, whatever its path looks like" {
	local base=$MINIRUN_LAB_DIR precious=$BATS_TEST_TMPDIR/precious

	mkdir "$precious"
	touch "$precious/file"
	export MINIRUN_LAB_DIR="$base with a blank"
	run -2 lab start 1
	[[ $output == *"has a character other than"* && ! -e $MINIRUN_LAB_DIR ]]
	export MINIRUN_LAB_DIR=$base
	lab start 1
	mount --bind "$precious" "$base/lab1"
	run lab clean 1
	umount -q "$base/lab1" || true
	[[ -e $precious/file ]]
	lab clean 1
}
