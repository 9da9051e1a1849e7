#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun kill

load lib/bundle

# traps: the container prints which signal came
trapping_bundle() {
	args /bin/sh -c 'for s in HUP INT USR1 USR2 TERM WINCH; do trap "echo got $s" $s; done
		echo ready; while :; do sleep 0.05; done'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
}

@test "kill without a signal sends SIGTERM" {
	running_bundle
	minirun kill "$ID"
	until_true status_is stopped
}

@test "kill takes names with and without SIG, in any case, and numbers" {
	trapping_bundle
	for signal in USR1 SIGUSR2 sigint 1 Term; do
		minirun kill "$ID" $signal
	done
	for name in USR1 USR2 INT HUP TERM; do
		until_true grep -q "got $name" "$BATS_TEST_TMPDIR/out"
	done
	status_is running
}

@test "kill refuses what is no signal" {
	minirun_only
	running_bundle
	for signal in NOSUCH 65 -1 "" 0x9 "9 "; do
		run_minirun kill -- "$ID" "$signal"
		echo "signal '$signal'"
		fails "signal"
	done
	status_is running
}

@test "kill KILL ends a created container" {
	guest wait
	create_bundle
	minirun kill "$ID" KILL
	until_true status_is stopped
}

@test "kill 0 only asks whether the container is there" {
	minirun_only
	running_bundle
	run_minirun kill "$ID" 0
	succeeds
	status_is running
	minirun kill "$ID" KILL
	until_true status_is stopped
	run_minirun kill "$ID" 0
	fails "container not running"
}

@test "TERM and the like end a created container, too" {
	minirun_only
	for signal in TERM HUP; do
		guest wait
		create_bundle
		minirun kill "$ID" $signal
		until_true status_is stopped
		minirun delete "$ID"
	done
}

@test "kill of a stopped container says: container not running" {
	guest exit 0
	create_bundle
	start_bundle
	until_true status_is stopped
	run_minirun kill "$ID" TERM
	fails "container not running"
	run_minirun kill --all "$ID" KILL
	((status == 0))
}

@test "kill of an unknown container" {
	run_minirun kill "$ID" KILL
	fails "does not exist"
}

@test "kill --all reaches every process of the container" {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	args /bin/sh -c 'sleep 1000 & sleep 1000 & echo ready; wait'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	(($(minirun ps --format json "$ID" | jq length) == 3))
	minirun kill --all "$ID" KILL
	until_true status_is stopped
	[[ $(minirun ps --format json "$ID" | jq -c '. // []') == "[]" ]]
}

@test "SIGKILL without a pid namespace kills the whole container" {
	minirun_only
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	args /bin/sh -c 'sleep 1000 & sleep 1000 & echo ready; wait'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	minirun kill "$ID" KILL
	until_true status_is stopped
	none_left() { [[ $(minirun ps --format json "$ID" | jq -c '. // []') == "[]" ]]; }
	until_true none_left
}

@test "the stopSignal annotation is kill's default, and only its default" {
	minirun_only
	config '.annotations = {"org.opencontainers.image.stopSignal": "SIGUSR1"}'
	trapping_bundle
	minirun kill "$ID"
	until_true grep -q "got USR1" "$BATS_TEST_TMPDIR/out"
	minirun kill "$ID" TERM
	until_true grep -q "got TERM" "$BATS_TEST_TMPDIR/out"
}

@test "kill and delete --regex: all whose id matches, and nobody else" {
	minirun_only
	local others=("$(another_id)" "$(another_id)")
	config "del(.linux.cgroupsPath)"
	args /bin/sleep 1000
	for id in "$ID" "${others[@]}"; do
		minirun create --bundle "$BUNDLE" "$id" </dev/null >/dev/null 3>&-
	done
	minirun start "$ID"
	run_minirun delete --regex "^$ID-"
	succeeds
	[[ $(minirun list -q) == "$ID" ]]
	minirun create --bundle "$BUNDLE" "${others[0]}" </dev/null >/dev/null 3>&-
	run_minirun delete -r "^$ID" # one of them runs; the other goes all the same
	fails "container $ID: cannot delete" "running"
	[[ $(minirun list -q) == "$ID" ]]
	minirun kill --regex "no-such-id|^$ID\$" KILL
	until_true status_is stopped
	minirun kill -r . KILL # has stopped
	run_minirun kill --regex "(" KILL
	fails "regular expression" "Unmatched ("
	minirun delete --regex no-such-id
	minirun delete --regex .
	[[ ! $(minirun list -q) ]]
}
