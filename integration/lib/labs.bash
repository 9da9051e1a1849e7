# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# What labs.bats and labs-v2.bats share: a directory for the labs, and `play N`.

setup() {
	((EUID == 0)) || skip "needs root"
	export MINIRUN_LAB_DIR=$BATS_TEST_TMPDIR/labs
	export MINIRUN_LABS=$INTEGRATION/labs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

teardown() {
	:
}

lab() {
	"$MINIRUN" lab "$@"
}

# What no lab may leave: mounts, devices, names, cgroups, containers, queues, processes, files.
traces() {
	local process

	shopt -s nullglob globstar
	echo /run/netns/*lab* /run/minirun/lab* /sys/fs/cgroup/**/*lab[0-9]*/ /var/lib/minirun-labs/*
	grep -F -e lab -e nsfs /proc/self/mountinfo || true
	cut -d: -f1 /proc/net/dev
	uname -n
	cat /proc/sysvipc/{msg,sem,shm} | wc -l
	for process in /proc/[0-9]*; do
		[[ $(readlink "$process/cwd") != "$MINIRUN_LAB_DIR"* && $(readlink "$process/root") != "$MINIRUN_LAB_DIR"* ]] ||
			echo "$process $(tr '\0' ' ' <"$process/cmdline")"
	done
	shopt -u nullglob globstar
	ls -A "$MINIRUN_LAB_DIR" 2>/dev/null || true
}

# play N
play() {
	local before

	before=$(traces)
	run lab play "$1"
	echo "$output"
	((status != 77)) || skip "${output##*skip: }"
	((status == 0))
	[[ $output == *"lab $1: played" ]]
	# the kernel takes network namespaces, and what is in them, apart a moment later
	for _ in {1..50}; do
		[[ $(traces) == "$before" ]] && return
		sleep 0.1
	done
	diff <(echo "$before") <(traces)
}
