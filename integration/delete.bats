#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun delete

load lib/bundle

# bats test_tags=not-uml
@test "delete removes a stopped container" {
	guest exit 0
	create_bundle
	start_bundle
	until_true status_is stopped
	run_minirun delete "$ID"
	succeeds
	run_minirun delete "$ID"
	fails "does not exist"
}

# bats test_tags=not-uml
@test "delete of a running container is refused" {
	running_bundle
	run_minirun delete "$ID"
	fails "cannot delete container $ID that is not stopped: running"
	status_is running
}

# bats test_tags=not-uml
@test "delete --force kills a running container" {
	running_bundle
	pid=$(container_pid)
	run_minirun delete --force "$ID"
	succeeds
	is_gone "$pid"
	[[ ! $(find /sys/fs/cgroup -type d -name "$ID") ]]
}

# bats test_tags=not-uml
@test "delete of a created container needs no force" {
	guest wait
	create_bundle
	run_minirun delete "$ID"
	succeeds
	run_minirun state "$ID"
	fails "does not exist"
}

# bats test_tags=not-uml
@test "delete of an unknown container is an error, with --force it isn't" {
	run_minirun delete "$ID"
	fails "does not exist"
	run_minirun delete --force "$ID"
	succeeds
	run_minirun delete -f "$ID"
	succeeds
}

@test "delete --force works after init was killed, twice, from elsewhere, with a log that can't be" {
	minirun_only
	running_bundle
	kill -KILL "$(container_pid)"
	cd /
	run_minirun --log /no/such/directory/log delete --force "$ID"
	((status == 0))
	run_minirun delete --force "$ID"
	succeeds
}

# outliving_bundle: init has ended, two processes of the container haven't
outliving_bundle() {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	args /bin/sh -c 'sleep 1000 & sleep 1000 & echo ready; exit 0'
	create_bundle
	start_bundle
	until_true status_is stopped
}

@test "without a pid namespace delete ends what outlives init" {
	minirun_only
	for force in '' --force; do
		outliving_bundle
		mapfile -t pids < <(minirun ps --format json "$ID" | jq '.[]')
		((${#pids[@]} == 2))
		# shellcheck disable=SC2086 # none or one
		run_minirun delete $force "$ID"
		succeeds
		for pid in "${pids[@]}"; do # whoever is their parent now may not have reaped them
			[[ ! -e /proc/$pid || $(<"/proc/$pid/stat") == *') Z '* ]]
		done
		run_minirun state "$ID"
		fails "does not exist"
	done
}

# bats test_tags=not-uml
@test "without a pid namespace kill KILL reaches what outlives init; then delete works" {
	minirun_only
	outliving_bundle
	(($(minirun ps --format json "$ID" | jq length) == 2))
	run_minirun kill "$ID" TERM
	fails "container not running"
	run_minirun kill "$ID" KILL
	succeeds
	emptied() { minirun delete "$ID"; }
	until_true emptied
}

@test "a fork bomb in sub-cgroups, frozen and without a pid namespace, is gone after delete --force" {
	minirun_only
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	args /bin/sh -c 'bomb() { sleep 0.01; for i in 1 2 3 4 5 6 7 8; do sleep 1000 & done; }
		while :; do bomb & wait $!; [ $((n += 1)) -lt 8 ] || break; done; echo ready; exec sleep 1000'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	tree=$(cgroup_tree)
	mkdir -p "$tree/$ID/a/b"
	minirun ps --format json "$ID" | jq '.[]' | head -n 10 | while read -r pid; do
		echo "$pid" >"$tree/$ID/a/b/cgroup.procs"
	done
	minirun pause "$ID"
	run_minirun delete --force "$ID"
	succeeds
	[[ ! -e $tree/$ID ]]
}

@test "delete removes cgroups that the container made below its own" {
	minirun_only
	guest wait
	running_bundle
	tree=$(cgroup_tree)
	mkdir -p "$tree/$ID/a/b/c" "$tree/$ID/d"
	run_minirun delete --force "$ID"
	succeeds
	[[ ! -e $tree/$ID ]]
}

@test "delete --force of a frozen container" {
	minirun_only
	running_bundle
	tree=$(cgroup_tree)
	echo 1 >"$tree/$ID/cgroup.freeze"
	until_true grep -q 'frozen 1' "$tree/$ID/cgroup.events"
	status_is paused
	run_minirun delete --force "$ID"
	succeeds
}

# bats test_tags=not-uml
@test "the image's state outlives the container: delete touches no file of the bundle" {
	args /bin/sh -c 'echo kept >/kept'
	run_bundle
	succeeds
	[[ $(cat "$ROOTFS/kept") == kept ]]
}
