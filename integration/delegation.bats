#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The cgroups of an ordinary user: none, or below one that is his (cgroups(7), "Delegation")

load lib/bundle
load lib/user

setup() {
	minirun_only
	[[ $(cgroup_tree) ]] || skip "no cgroup2 is mounted"
	bundle_new
	user_new
	config 'del(.linux.cgroupsPath)'
}

teardown() {
	user_cleanup
	bundle_cleanup
}

@test "a cgroup mount in a user namespace" {
	mount_point /sys/fs/cgroup cgroup cgroup ro nosuid noexec nodev
	args /bin/sh -c 'mount | grep /sys/fs/cgroup; test -e /sys/fs/cgroup/cgroup.procs'
	run_rootless
	succeeds
	[[ $output == *"type cgroup2 (ro,"* ]]
}

# bats test_tags=not-uml
@test "a cgroup mount without a cgroup namespace is read-only" {
	mount_point /sys/fs/cgroup cgroup cgroup nosuid
	config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
	args /bin/sh -c 'mount | grep "/sys/fs/cgroup "'
	run_rootless
	succeeds
	[[ $output == *"type cgroup2 (ro,"* ]]
}

# bats test_tags=not-uml
@test "cgroupsPath without permission is an error that says what is missing" {
	config '.linux.cgroupsPath = "/no/permission"'
	run_rootless
	fails /no/permission "permission denied" \
		"rootless needs no limits + no cgrouppath when no permission is granted for cgroups"
}

# bats test_tags=not-uml
@test "--rootless=false: no cgroup is an error, --rootless=true: it is none for root" {
	GLOBAL=(--rootless=false --root "$RUNTIME_DIR/minirun")
	run_rootless
	fails "permission denied"
	GLOBAL=(--rootless=true)
	run_rootless
	succeeds
	GLOBAL=(--rootless=perhaps)
	run_rootless
	fails perhaps
}

# delegated [CONTROLLER]: $DELEGATED is a cgroup of the user's, $DELEGATED/session where he is in
delegated() {
	DELEGATED=$(cgroup_tree)/delegated-$ID
	mkdir "$DELEGATED"
	if (($#)); then
		echo "+$1" >"${DELEGATED%/*}/cgroup.subtree_control"
		echo "+$1" >"$DELEGATED/cgroup.subtree_control"
	fi
	mkdir "$DELEGATED/session"
	chown "$USER_ID" "$DELEGATED" "$DELEGATED"/session "$DELEGATED"/{,session/}cgroup.procs \
		"$DELEGATED/cgroup.subtree_control"
}

# rootless, from the user's own cgroup
delegated_rootless() {
	# shellcheck disable=SC2016 # the inner shell's variables
	timeout 60 sh -c 'echo $$ >"$0"; exec "$@"' "$DELEGATED/session/cgroup.procs" \
		bash -c 'source "$0/lib/user.bash"; USER_ID=$1 RUNTIME_DIR=$2 HIDE=; shift 2; rootless "$@"' \
		"$INTEGRATION" "$USER_ID" "$RUNTIME_DIR" "$@"
}

remove_delegated() {
	rootless delete --force "$ID"
	until_true rmdir "$DELEGATED/session"
	rmdir "$DELEGATED"
}

@test "in a cgroup that is the user's the container gets one, with state, freezer and all" {
	delegated
	guest wait
	export BATS_TEST_TMPDIR BATS_RUN_TMPDIR
	delegated_rootless create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	rootless start "$ID" 3>&-
	pid=$(rootless state "$ID" | jq .pid)
	[[ $(cat "$DELEGATED/minirun-$ID/cgroup.procs") == "$pid" ]]
	rootless pause "$ID"
	[[ $(rootless state "$ID" | jq -r .status) == paused ]]
	rootless resume "$ID"
	run rootless update --device-deny "c 10:229 rwm" "$ID" # what can't be had is no success
	((status == 1))
	[[ $output == *"needs CAP_BPF"* ]]
	rootless kill "$ID" KILL
	until_true test ! -e "/proc/$pid"
	rootless delete "$ID"
	[[ ! -e $DELEGATED/minirun-$ID ]]
	remove_delegated
}

@test "limits in a cgroup that is the user's" {
	[[ $(cgroup_tree) && " $(cat "$(cgroup_tree)/cgroup.controllers") " == *" pids "* ]] ||
		skip "cgroup v2 has no pids controller"
	delegated pids
	export BATS_TEST_TMPDIR BATS_RUN_TMPDIR
	config '.linux.resources.pids = {limit: 33}'
	guest wait
	delegated_rootless create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 3>&-
	[[ $(cat "$DELEGATED/minirun-$ID/pids.max") == 33 ]]
	remove_delegated
	run_rootless
	fails /linux/resources/pids
}
