#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun under somebody else's seccomp filter, which knows fewer system calls than we need

load lib/bundle

setup() {
	minirun_only
	bundle_new
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir "$SOURCE"
	mount_point /data bind "$SOURCE" rbind ro
	guest exit 0
}

# all_named ANSWER CALL...: each of them alone makes run fail, with its name
all_named() {
	local call

	for call in "${@:2}"; do
		run_without "$1" "$call"
		fails "(a seccomp filter around minirun refuses $call)"
	done
}

user_namespace() {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
}

@test "a call that can't be done without is named, whatever the filter answers" {
	for answer in ENOSYS EPERM; do
		all_named $answer clone3 close_range fsconfig fsmount fsopen mount_setattr move_mount \
			open_tree openat2 pidfd_open pivot_root
	done
}

@test "in a user namespace as well" {
	user_namespace
	for answer in ENOSYS EPERM; do
		all_named $answer clone3 fsopen mount_setattr move_mount openat2 unshare
	done
}

@test "of several calls all are named, and the log has a code and the cure" {
	run_without ENOSYS open_tree,fsopen,clone3
	fails "refuses clone3, fsopen, open_tree)"
	MINIRUN_ARGUMENTS=(--log-format json --log "$BATS_TEST_TMPDIR/log")
	run "$HELPERS/without" ENOSYS clone3 "$MINIRUN" --root "$ROOT" "${MINIRUN_ARGUMENTS[@]}" \
		run --bundle "$BUNDLE" "$ID"
	((status == 1))
	output=$(cat "$BATS_TEST_TMPDIR/log")
	check '.code == "call-blocked"' '.hint | contains("seccomp=")'
}

@test "what is only a faster way has another one, or isn't called at all" {
	for answer in ENOSYS EPERM; do
		for call in fspick keyctl mremap pidfd_getfd pidfd_send_signal setns unshare; do
			run_without $answer $call
			((status == 0))
		done
	done
}

@test "another EPERM isn't blamed on a filter that lets everything pass that we need" {
	mount -t tmpfs -o nosuid tmpfs "$SOURCE"
	user_namespace
	config '.mounts[-1].options = ["bind", "suid"]'
	run_without EPERM keyctl
	umount "$SOURCE"
	fails "operation not permitted"
	[[ $stderr != *filter* ]]
}
