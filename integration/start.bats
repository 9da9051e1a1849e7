#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun start

load lib/bundle

@test "start runs the program of a created container" {
	guest wait
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	status_is running
}

@test "start of a running container is an error" {
	running_bundle
	run_minirun start "$ID"
	fails "cannot start an already running container"
	status_is running
}

@test "start of a stopped container is an error" {
	guest exit 0
	create_bundle
	start_bundle
	until_true status_is stopped
	run_minirun start "$ID"
	fails "cannot start a container that has stopped"
}

@test "start of an unknown container is an error" {
	run_minirun start "$ID"
	fails "does not exist"
}

@test "start says why the program could not be executed" {
	minirun_only
	cp "$ROOTFS/bin/guest" "$ROOTFS/program"
	args /program
	create_bundle
	: >"$ROOTFS/program" # empty: ENOEXEC
	run_minirun start "$ID"
	fails "/program"
	until_true is_over
}

@test "start of a container without process is an error" {
	minirun_only
	config 'del(.process)'
	create_bundle
	run_minirun start "$ID"
	fails "process"
}

@test "start waits for READY=1 where NOTIFY_SOCKET is set" {
	guest notify READY=1
	receive datagram "$BATS_TEST_TMPDIR/notify" >"$BATS_TEST_TMPDIR/received" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/notify"
	export NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify
	create_bundle
	start_bundle
	unset NOTIFY_SOCKET
	wait $!
	pid=$(container_pid)
	jq -se --arg pid "$pid" 'map(.data) | map(rtrimstr("\n")) | .[0] == "READY=1"' \
		"$BATS_TEST_TMPDIR/received"
	is_minirun || return 0
	jq -se --arg pid "$pid" '[.[].data | rtrimstr("\n")] | index("MAINPID=" + $pid) and
		index("BARRIER=1")' "$BATS_TEST_TMPDIR/received"
}
