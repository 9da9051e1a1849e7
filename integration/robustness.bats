#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What minirun does when it can't know, and when the machine has nothing left to give.

load lib/bundle

# with_descriptors N COMMAND...: minirun with so few of them; the shell's own work is done before
with_descriptors() {
	bash -c 'ulimit -n "$1" && shift && exec "$@"' bash "$1" "$MINIRUN" --root "$ROOT" "${@:2}" \
		</dev/null >"$BATS_TEST_TMPDIR/few.out" 2>&1 3>&-
}

@test "not to know whether a container runs is an error, and nothing is signalled" {
	local limit

	minirun_only
	running_bundle
	for limit in 4 5 6 7 8; do
		with_descriptors "$limit" delete "$ID" && return 1
		with_descriptors "$limit" state "$ID" && grep -q stopped "$BATS_TEST_TMPDIR/few.out" && return 1
		with_descriptors "$limit" exec "$ID" /bin/true || true
		[[ $(container_status) == running ]]
	done
	minirun delete --force "$ID"
}

@test "without descriptors a run is refused or succeeds, and leaves nothing" {
	local limit

	args /bin/true
	for limit in 3 4 5 6 7 8 9 10 11 12 14 16 20; do
		with_descriptors "$limit" run --bundle "$BUNDLE" "$ID" || true
		[[ ! -e $ROOT/$ID ]] || {
			echo "limit $limit: $(ls -A "$ROOT/$ID")"
			cat "$BATS_TEST_TMPDIR/few.out"
			return 1
		}
	done
}

@test "a journal that was cut: delete --force doesn't pretend that nothing is left" {
	local file

	minirun_only
	running_bundle
	for file in "$ROOT/$ID"/{state,creating}.json; do
		cp "$file" "$file.whole"
		head -c 100 "$file.whole" >"$file"
	done
	run_minirun delete --force "$ID"
	fails "journal of container $ID"
	for file in "$ROOT/$ID"/{state,creating}.json; do
		mv "$file.whole" "$file"
	done
	[[ $(container_status) == running ]]
	minirun delete --force "$ID"
}

@test "a journal of before the last boot: nothing is signalled, delete removes it" {
	minirun_only
	running_bundle
	local pid
	pid=$(container_pid)
	cp -a "$ROOT/$ID" "$BATS_TEST_TMPDIR/saved"
	sed -i 's/"bootId":"[0-9a-f]*/"bootId":"00000000/' "$ROOT/$ID/state.json"
	[[ $(container_status) == stopped ]]
	run_minirun kill "$ID" KILL
	fails "container not running"
	minirun delete "$ID"
	[[ -e /proc/$pid ]]
	cp -a "$BATS_TEST_TMPDIR/saved" "$ROOT/$ID"
	minirun delete --force "$ID"
}

@test "a cgroup of another container is neither killed nor removed" {
	local other pid

	minirun_only
	[[ $(cgroup_tree) ]] || skip "no cgroup2 here"
	args /bin/true
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 3>&-
	minirun start "$ID" 3>&-
	until_true status_is stopped
	rmdir "$(cgroup_tree)/$ID"
	other=$(another_id)
	guest wait
	minirun create --bundle "$BUNDLE" "$other" </dev/null >/dev/null 3>&-
	pid=$(minirun state "$other" | jq .pid)
	minirun kill --all "$ID" KILL
	minirun delete "$ID"
	is_false is_gone "$pid"
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "is not empty"
	is_false is_gone "$pid"
	minirun delete --force "$other"
}

@test "an id that no container can have is refused as such, whatever the state root holds" {
	local id

	minirun_only
	for id in "" . .. ../x /; do
		run_minirun create --bundle "$BUNDLE" "$id"
		fails "invalid container ID format"
	done
}

@test "an aborted create leaves a pid file alone that it didn't write" {
	minirun_only
	echo precious >"$BATS_TEST_TMPDIR/pid"
	args /nonexistent
	run_minirun create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID"
	fails "no such file or directory"
	[[ $(<"$BATS_TEST_TMPDIR/pid") == precious ]]
}

@test "delete --force of a container whose start hangs in a hook" {
	local hook start

	minirun_only
	for hook in startContainer poststart; do
		config ".hooks = {$hook: [{path: \"/bin/sleep\", args: [\"sleep\", \"5\"]}]}"
		guest wait
		create_bundle
		minirun start "$ID" >/dev/null 2>&1 3>&- &
		start=$!
		sleep 0.5
		minirun delete --force "$ID"
		[[ ! -e $ROOT/$ID ]]
		wait "$start" || true
	done
}

@test "a terminal without a mount namespace leaves no mount on the host" {
	minirun_only
	config '.linux.namespaces = [{type: "pid"}] | del(.linux.maskedPaths, .linux.readonlyPaths, .mounts)' \
		'.process.terminal = true | .root.readonly = false'
	mkdir -p "$ROOTFS/dev/pts"
	mount -t devpts -o newinstance,ptmxmode=0666 devpts "$ROOTFS/dev/pts"
	run minirun run --bundle "$BUNDLE" "$ID" </dev/null
	run findmnt -n "$ROOTFS/dev/console"
	umount "$ROOTFS/dev/pts"
	[[ ! $output ]]
}

# calls: how many system calls `run` makes, the container's own process included
calls() {
	strace --follow-forks --quiet=all --output="$BATS_TEST_TMPDIR/calls" \
		"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 3>&-
	grep -vc ' resumed>' "$BATS_TEST_TMPDIR/calls"
}

# No measure of time, which a busy machine falsifies: what somebody adds to every start, or to every
# mount, shows here. The bounds are a quarter above what it is (614 and 19); raise them with a reason.
@test "a start makes no more system calls than it used to, and few for one more mount" {
	local one more

	minirun_only
	strace --output=/dev/null true || skip "no process may be traced here"
	args /bin/true
	one=$(calls)
	config '.mounts += [range(20) | {destination: "/run/\(.)", type: "tmpfs", source: "none"}]'
	more=$(calls)
	echo "one start: $one, with 20 mounts more: $more"
	((one > 300 && one < 800))
	((more > one && more - one < 20 * 22))
}
