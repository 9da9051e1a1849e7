#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.md: hooks

load ../lib/bundle
load rows

@test "C-175 C-176 C-180: each kind of hook: a path, absolute; a timeout greater than zero" {
	for kind in "${HOOKS[@]}" poststop; do
		echo "C-175 /hooks/$kind/0 .hooks.$kind = [{args: [\"x\"]}]"
		echo "C-176 /hooks/$kind/0/path .hooks.$kind = [{path: \"bin/true\"}]"
		echo "C-176 /hooks/$kind/1/path .hooks.$kind = [{path: \"/bin/true\"}, {path: \"\"}]"
		echo "C-180 /hooks/$kind/0/timeout .hooks.$kind = [{path: \"/bin/true\", timeout: 0}]"
		echo "C-180 /hooks/$kind/0/timeout .hooks.$kind = [{path: \"/bin/true\", timeout: -1}]"
	done >"$BATS_TEST_TMPDIR/rows"
	refused_rows <"$BATS_TEST_TMPDIR/rows"
}

# One life with two hooks of each kind.
@test "C-181 C-182 C-183 C-184 C-185 C-186 C-187 C-188 C-189 C-190 C-191 C-192 C-193 C-194 C-195 C-196 C-197 C-198 C-199 C-200 C-201 C-202: where, when and with what hooks run" {
	hook_programs
	for kind in poststop "${HOOKS[@]}"; do
		hook "$kind" "$kind"
		hook "$kind" "$kind-2"
	done
	cgroup=/sys/fs/cgroup/$ID
	args /bin/sh -c 'echo program >>/tmp/order; exec guest wait'
	create_bundle
	pid=$(container_pid)
	# C-193, C-196, C-199, and C-200: not at create
	[[ $(hook_order) == "prestart prestart-2 createRuntime createRuntime-2 createContainer createContainer-2 " ]]
	[[ ! -e $ROOTFS/tmp/order ]]
	for ns in cgroup ipc mnt net pid user uts; do
		echo "$ns $(readlink "/proc/$pid/ns/$ns")"
	done >"$LOG/container.ns"
	for ns in cgroup ipc mnt net pid user uts; do
		echo "$ns $(readlink "/proc/self/ns/$ns")"
	done >"$LOG/runtime.ns"
	start_bundle
	[[ $(tail -n 2 "$LOG/order" | tr '\n' ' ') == "poststart poststart-2 " ]] # C-201
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	[[ $(tr '\n' ' ' <"$ROOTFS/tmp/order") == "startContainer startContainer-2 program " ]] # C-200
	minirun delete --force "$ID"
	[[ $(tail -n 2 "$LOG/order" | tr '\n' ' ') == "poststop poststop-2 " ]] # C-202

	# paths: $BUNDLE/hook is the host's only, /inside the container's only, and all of them ran
	for kind in prestart createRuntime poststart poststop; do # C-181 to C-184, C-189 to C-192
		diff "$LOG/runtime.ns" "$LOG/$kind.ns"
	done
	diff "$LOG/container.ns" "$LOG/createContainer.ns" # C-186
	diff "$LOG/container.ns" "$ROOTFS/tmp/startContainer.ns" # C-188
	for kind in "${HOOKS[@]}" poststop; do # C-194
		state=$LOG/$kind.state
		[[ $kind != startContainer ]] || state=$ROOTFS/tmp/startContainer.state
		output=$(<"$state")
		check "$STATE_SCHEMA" ".id == \"$ID\"" ".bundle == \"$BUNDLE\""
	done
	# C-195, C-197, C-198: the container's namespaces and mounts are there, its root is still the old
	for kind in prestart createRuntime; do
		[[ $(<"$LOG/$kind.root") == old ]]
		[[ "mnt $(<"$LOG/$kind.init")" == "$(grep mnt "$LOG/container.ns")" ]]
	done
	grep -q "$ROOTFS/proc " "$LOG/createRuntime.mounts"
	[[ $(<"$LOG/createContainer.rootfs") == yes && ! -e $LOG/createRuntime.rootfs ]]
	[[ ! -e $LOG/poststart.root && $(<"$LOG/poststart.exe") == */bin/guest || $(<"$LOG/poststart.exe") == */busybox ]] # C-201
}

@test "C-202: poststop runs after the container's processes and cgroup are gone, before delete ends" {
	tree=$(cgroup_tree)
	[[ $tree ]] || skip "no cgroup2 is mounted"
	config ".hooks.poststop = [{path: \"/bin/sh\", args: [\"sh\", \"-c\",
		\"[ -e $tree/$ID ] && echo cgroup >>$BATS_TEST_TMPDIR/seen; echo end >>$BATS_TEST_TMPDIR/seen\"]}]"
	running_bundle
	minirun delete --force "$ID"
	[[ $(<"$BATS_TEST_TMPDIR/seen") == end ]]
}

@test "C-187: a startContainer hook that only the host has isn't found" {
	minirun_only
	hook_programs
	config '.hooks.startContainer = [{path: ($bundle + "/hook")}]'
	guest wait
	attempt
	((status != 0)) || {
		run_minirun start "$ID"
		fails "startContainer hook"
	}
}
