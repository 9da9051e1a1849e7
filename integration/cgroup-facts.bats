#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun cgroup where all controllers are v2's: numbers and limits as the kernel's files say

load lib/bundle

setup() {
	minirun_only
	bundle_new
}

@test "limits, own and an ancestor's; use; what was hit, throttled, killed" {
	outer=$(cgroup_tree)/o$$
	mkdir "$outer"
	echo "+memory +pids +cpu" >"$(cgroup_tree)/cgroup.subtree_control"
	config ".linux.cgroupsPath = \"/o$$/$ID\"" '.linux.resources = {memory: {limit: 67108864},
		pids: {limit: 7}, cpu: {quota: 10000, period: 100000}}'
	running_bundle
	echo 32M >"$outer/memory.max"
	minirun exec "$ID" /bin/sh -c 'i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done'
	run minirun exec "$ID" dd if=/dev/zero of=/dev/null bs=48M count=1
	echo "$status $output"
	((status == 137))
	run minirun exec "$ID" /bin/sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 1 & done 2>/dev/null'
	run_minirun cgroup --format json "$ID"
	succeeds
	check '.schema == "minirun.cgroup/1"' '.mode == "v2"' \
		'.memory.limit == 67108864 and .memory.effective == 33554432' \
		".memory.effective_from == \"/o$$\"" '.memory.events.oom_kill > 0' \
		'.pids.limit == 7 and .pids.effective == 7' ".pids.effective_from == \"/o$$/$ID\"" \
		'.pids.events.max > 0' '.cpu.limit == 100 and .cpu.effective == 100' \
		'.cpu.events.nr_periods > 0 and .cpu.events.nr_throttled > 0 and .cpu.events.throttled_usec > 0' \
		'.cpu.usage_usec > 0' ".paths.memory == \"$outer/$ID\"" '[.notes[].id] | index("CG02") != null'
	# the plain commands say the same
	directory=$(minirun cgroup --path memory "$ID")
	[[ $(jq .pids.used <<<"$output") == "$(cat "$directory/pids.current")" ]]
	[[ $(jq .memory.events.oom_kill <<<"$output") == "$(sed -n 's/^oom_kill //p' "$directory/memory.events")" ]]
	run_minirun cgroup --how --verbose "$ID"
	succeeds
	[[ $output == *"32M (/o$$"* && $output == *"(own)"* && $output == *"throttled "* ]]
	[[ $output == *"from: $directory/memory.max (v1 memory.limit_in_bytes = v2 memory.max)"* ]]
	while read -r command; do
		bash -c "$command" >/dev/null
	done < <(sed -n 's/^how: \(cat [^$;]*\)$/\1/p' <<<"$output")
	if command -v systemd-cgls >/dev/null; then
		[[ $(systemd-cgls "/o$$" --no-pager -l) == *"$ID"*"$(container_pid) "* ]]
	fi
	minirun delete --force "$ID"
	rmdir "$outer"
}

@test "block I/O: what was read and written, the limits of devices" {
	disk=$(cat /sys/block/ubda/dev)
	config ".linux.resources.blockIO.throttleReadBpsDevice =
		[{major: ${disk%:*}, minor: ${disk#*:}, rate: 1048576}] |
		.linux.resources.devices += [{allow: true, type: \"b\", access: \"r\", major: ${disk%:*}, minor: ${disk#*:}}]"
	running_bundle
	directory=$(minirun cgroup --path io "$ID")
	mknod "$BATS_TEST_TMPDIR/disk" b "${disk%:*}" "${disk#*:}"
	sh -c 'echo $$ >"$1/cgroup.procs" && exec dd if="$2" of=/dev/null bs=4k count=16 iflag=direct' \
		sh "$directory" "$BATS_TEST_TMPDIR/disk"
	run_minirun cgroup --format json "$ID"
	check ".io.max == \"$disk rbps=1048576 wbps=max riops=max wiops=max\"" '.io.read == 65536' '.io.written == 0'
	run_minirun cgroup "$ID"
	[[ $output == *"io        read 64K, written 0; "*"$disk rbps=1048576"* ]]
}

@test "cgroup --watch: bars on a terminal, the screen as it was at the end" {
	needs_program script
	echo "+memory +pids" >"$(cgroup_tree)/cgroup.subtree_control"
	config '.linux.resources = {memory: {limit: 67108864}, pids: {limit: 2}}'
	running_bundle
	run script -qec "$MINIRUN --root $ROOT cgroup --watch --interval 1 --count 2 $ID" /dev/null
	((status == 0))
	[[ $output == *"[#####.....] 50%"* ]]
}
