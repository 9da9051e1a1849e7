#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: in the foreground (script(1) is the caller's terminal) and what images do to /dev

load lib/bundle

setup() {
	bundle_new
	config '.process.terminal = true'
}

# on_terminal COMMAND: runs a shell command whose standard streams are a terminal of its own
on_terminal() {
	run timeout 60 script -qec "$1" /dev/null </dev/null
	output=${output//$'\r'/}
	output=${output//^@/} # how script(1) says that its own input ended
	output=${output%$'\n'}
}

run_line() {
	echo "'$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
}

@test "a foreground run with a terminal" {
	on_terminal "$(run_line)"
	echo "$output" | cut -c1-300
	((status == 0))
	check '.terminal.isatty == [1, 1, 1]' '.terminal.controlling == "yes"' '.sid == 1' \
		'.fds["0"].target == "/dev/pts/0"' '.fds | keys == ["0", "1", "2"]' \
		'[.mounts[] | select(.path == "/dev/console")][0].type == "devpts"'
}

@test "a terminal in another container's pid namespace" {
	guest
	sleep 100 &
	pid=$!
	config ".linux.namespaces |= map(if .type == \"pid\" then .path = \"/proc/$pid/ns/pid\" else . end)"
	on_terminal "$(run_line)"
	kill "$pid"
	echo "$output" | cut -c1-300
	((status == 0))
	check '.terminal.controlling == "yes"' '.sid == .pid'
}

@test "the exit status comes through a terminal" {
	guest exit 6
	on_terminal "$(run_line)"
	((status == 6))
}

@test "input and output go through, and the caller's terminal is itself again" {
	args /bin/sh -c 'read word; echo "<$word>"'
	run timeout 20 script -qec "stty -g >$BATS_TEST_TMPDIR/before; $(run_line)
		stty -g >$BATS_TEST_TMPDIR/after" /dev/null < <(sleep 1; echo hello; sleep 2)
	echo "$output"
	[[ $output == *"<hello>"* ]]
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "the size is the caller's, or consoleSize" {
	args /bin/stty size
	on_terminal "stty rows 33 columns 99; $(run_line)"
	[[ $output == "33 99" ]]
	config '.process.consoleSize = {height: 40, width: 140}'
	on_terminal "stty rows 33 columns 99; $(run_line)"
	[[ $output == "40 140" ]]
}

@test "a change of the caller's size reaches the container" {
	args /bin/sh -c 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.1; done'
	on_terminal "stty rows 20 columns 60
		(sleep 1; stty rows 25 columns 70 </dev/tty; kill -WINCH \$\$) & exec $(run_line)"
	[[ $output == *"25 70"* ]]
}

@test "the terminal belongs to the user" {
	config '.process.user = {uid: 1000, gid: 1000}'
	on_terminal "$(run_line)"
	check '.fds["0"].uid == 1000'
}

@test "large output arrives whole" {
	args /bin/sh -c 'yes 0123456789 | head -c 1100000; echo; echo end'
	# in a file: bash takes a minute to look through a string of that size
	timeout 60 script -qec "$(run_line)" /dev/null </dev/null | tr -d '\r' >"$BATS_TEST_TMPDIR/output"
	(($(wc -c <"$BATS_TEST_TMPDIR/output") >= 1100000))
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/output") == end ]]
}

@test "exec --tty in the foreground" {
	config '.process.terminal = false'
	running_bundle
	on_terminal "'$MINIRUN' --root '$ROOT' exec --tty '$ID' /bin/guest"
	check '.terminal.isatty == [1, 1, 1]' '.terminal.controlling == "yes"' '.hostname == "guest"'
}

# bats test_tags=not-uml
@test "exec --tty: a program that is faster than the relay finds the terminal as it will be" {
	strace --output=/dev/null true || skip "no process may be traced here"
	config '.process.terminal = false'
	running_bundle
	# the parent alone is slow, by its next message
	on_terminal "stty rows 33 columns 99; strace --quiet=all --output=/dev/null --trace=recvmsg \
		--inject=recvmsg:delay_enter=300000 '$MINIRUN' --root '$ROOT' exec --tty '$ID' /bin/sh -c 'stty size; stty -a'"
	echo "$output"
	((status == 0))
	[[ $output == *"33 99"* && $output == *"-onlcr"* ]]
}

@test "without a terminal the container has no controlling one, even if the caller has" {
	config '.process.terminal = false'
	on_terminal "$(run_line) </dev/null 2>&1 | cat"
	check '.terminal.controlling == "ENXIO"' '.terminal.isatty == [0, 0, 0]'
}

@test "run --detach with a terminal needs a console socket" {
	run_bundle --detach
	fails "console socket"
}

@test "an image whose /dev/console, /dev/pts or /dev/ptmx lead elsewhere" {
	minirun_only
	mkdir "$BATS_TEST_TMPDIR/victim"
	touch "$BATS_TEST_TMPDIR/victim/file"
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	for trick in "ln -s $BATS_TEST_TMPDIR/victim/file dev/console" "ln -s /etc/passwd dev/console" \
		"mkdir dev/console" "mkfifo dev/console" "ln -s $BATS_TEST_TMPDIR/victim dev/pts" \
		"ln -s /etc/passwd dev/ptmx"; do
		rm -rf "${ROOTFS:?}/dev"
		mkdir "$ROOTFS/dev"
		(cd "$ROOTFS" && $trick)
		on_terminal "$(run_line)"
		echo "$trick: $status $(cut -c1-200 <<<"$output")"
		[[ $(stat -c '%F %s %a %u' "$BATS_TEST_TMPDIR/victim/file") == "regular empty file 0 644 0" ]]
		[[ $(ls "$BATS_TEST_TMPDIR/victim") == file ]]
		if ((status == 0)); then
			check '.terminal.isatty == [1, 1, 1]'
		fi
	done
}
