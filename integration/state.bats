#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun state

load lib/bundle

@test "state has the members that the specification asks for, in runc's order" {
	config '.annotations = {"org.example.key": "value / with \"quotes\""}'
	running_bundle
	run_minirun state "$ID"
	succeeds
	check '.ociVersion | test("^1[.][0-9]+[.][0-9]+")' ".id == \"$ID\"" '.status == "running"' \
		'.pid > 1' ".bundle == \"$BUNDLE\"" ".rootfs == \"$ROOTFS\"" \
		'.created | test("^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.0-9]*Z$")' \
		'.annotations == {"org.example.key": "value / with \"quotes\""}' '.owner == ""' \
		'keys_unsorted == ["ociVersion", "id", "pid", "status", "bundle", "rootfs", "created",
			"annotations", "owner"]'
	[[ $output != *'\/'* ]]
}

@test "state without annotations has no such member" {
	guest wait
	create_bundle
	run_minirun state "$ID"
	succeeds
	check 'has("annotations") | not' '.status == "created"' '.pid > 1'
}

@test "state of a stopped container has pid 0" {
	guest exit 3
	create_bundle
	start_bundle
	until_true status_is stopped
	run_minirun state "$ID"
	succeeds
	check '.status == "stopped"' '.pid == 0'
}

@test "a created container whose init was killed from outside is stopped" {
	guest wait
	create_bundle
	kill -KILL "$(container_pid)"
	until_true status_is stopped
	minirun delete "$ID"
}

@test "state of an unknown container" {
	run_minirun state "$ID"
	fails "does not exist"
}

@test "state finds a container from any working directory and with a relative bundle" {
	guest wait
	cd "$BATS_TEST_TMPDIR"
	minirun create --bundle bundle "$ID" </dev/null >/dev/null 2>&1 3>&-
	cd /
	run_minirun state "$ID"
	succeeds
	check ".bundle == \"$BUNDLE\""
}
