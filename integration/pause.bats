#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun pause, minirun resume, and what the other commands do with a paused container

load lib/bundle

# counts: the container writes a byte every few milliseconds
counting_bundle() {
	args /bin/sh -c 'echo ready; while :; do printf .; sleep 0.02; done'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
}

written() {
	stat -c %s "$BATS_TEST_TMPDIR/out"
}

grows() {
	(($(written) > $1))
}

@test "a paused container does nothing, a resumed one goes on" {
	counting_bundle
	run_minirun pause "$ID"
	succeeds
	status_is paused
	size=$(written)
	sleep 0.2
	(($(written) == size))
	run_minirun resume "$ID"
	succeeds
	status_is running
	until_true grows "$size"
}

@test "pause of a paused container and resume of a running one are errors" {
	running_bundle
	run_minirun resume "$ID"
	fails "container not paused"
	minirun pause "$ID"
	if is_minirun; then
		run_minirun pause "$ID"
		fails "container not running"
		status_is paused
	fi
	minirun resume "$ID"
	run_minirun resume "$ID"
	fails "container not paused"
	status_is running
}

@test "pause and resume of a created container: it is created again, and starts" {
	guest wait
	create_bundle
	minirun pause "$ID"
	status_is paused
	run_minirun start "$ID"
	fails "paused"
	minirun resume "$ID"
	status_is created
	start_bundle
	status_is running
}

@test "pause and resume of a stopped and of an unknown container" {
	for command in pause resume; do
		run_minirun $command "$ID"
		fails "container does not exist"
	done
	guest exit 0
	create_bundle
	start_bundle
	until_true status_is stopped
	run_minirun pause "$ID"
	fails "container not running"
	run_minirun resume "$ID"
	fails "container not"
}

@test "kill KILL ends a paused container at once" {
	running_bundle
	minirun pause "$ID"
	run_minirun kill "$ID" KILL
	succeeds
	until_true status_is stopped
	run_minirun delete "$ID"
	succeeds
}

@test "another signal reaches a paused container when it is resumed" {
	running_bundle
	minirun pause "$ID"
	run_minirun kill "$ID" TERM
	succeeds
	status_is paused
	minirun resume "$ID"
	until_true status_is stopped
}

@test "delete of a paused container needs --force" {
	running_bundle
	minirun pause "$ID"
	run_minirun delete "$ID"
	fails "cannot delete container $ID that is not stopped: paused"
	status_is paused
	run_minirun delete --force "$ID"
	succeeds
}

@test "exec in a paused container is refused; --ignore-paused waits for resume" {
	counting_bundle
	minirun pause "$ID"
	run_minirun exec "$ID" true
	((status != 0))
	is_minirun && ((status == 255)) && [[ $stderr == *"cannot exec in a paused container"* ]]
	minirun exec --ignore-paused "$ID" echo "done" >"$BATS_TEST_TMPDIR/exec" 3>&- &
	exec=$!
	in_cgroup() { (($(minirun ps --format json "$ID" | jq length) > 2)); }
	until_true in_cgroup
	[[ ! -s $BATS_TEST_TMPDIR/exec ]]
	minirun resume "$ID"
	wait $exec
	[[ $(cat "$BATS_TEST_TMPDIR/exec") == "done" ]]
}

@test "processes in sub-cgroups of the container are paused, too" {
	minirun_only
	counting_bundle
	tree=$(cgroup_tree)
	mkdir "$tree/$ID/below"
	container_pid >"$tree/$ID/below/cgroup.procs"
	minirun pause "$ID"
	size=$(written)
	sleep 0.1
	(($(written) == size))
	minirun resume "$ID"
	until_true grows "$size"
}

@test "resume thaws what a killed pause has left, and not what a parent froze" {
	minirun_only
	config '.linux.cgroupsPath = "/" + $id + "/inner"'
	running_bundle
	tree=$(cgroup_tree)
	echo 1 >"$tree/$ID/inner/cgroup.freeze"
	minirun resume "$ID"
	[[ $(cat "$tree/$ID/inner/cgroup.freeze") == 0 ]]
	echo 1 >"$tree/$ID/cgroup.freeze"
	until_true status_is paused
	run_minirun resume "$ID"
	fails "a parent of it is frozen"
	echo 0 >"$tree/$ID/cgroup.freeze"
	until_true status_is running
	minirun delete --force "$ID"
	rmdir "$tree/$ID"
}

@test "a process in the container's cgroup can't pause it: it would stop itself" {
	minirun_only
	running_bundle
	tree=$(cgroup_tree)
	run --separate-stderr bash -c "echo \$BASHPID >'$tree/$ID/cgroup.procs' &&
		'$MINIRUN' --root '$ROOT' pause '$ID'"
	fails "itself is in the container's cgroup"
	status_is running
}

@test "without a cgroup there is nothing to pause" {
	minirun_only
	guest wait
	minirun --cgroup-manager disabled create --bundle "$BUNDLE" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	run_minirun pause "$ID"
	fails "has no cgroup"
	run_minirun resume "$ID"
	fails "container not paused"
}
