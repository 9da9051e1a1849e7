#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun events where the kernel has controllers to count with. The limits are written by hand: what
# is tested here is the reading.

load lib/bundle
load lib/events

@test "events --stats: memory, swap, pids and throttling as the kernel's files say" {
	minirun_only
	running_bundle
	tree=$(cgroup_tree)
	echo +memory +pids +cpu +io >"$tree/cgroup.subtree_control"
	cd "$tree/$ID"
	echo 64M >memory.max
	echo 7 >pids.max
	echo "1000 100000" >cpu.max
	minirun exec "$ID" /bin/sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done'
	stats '.data.memory.usage | .limit == 67108864 and .usage > 0 and .failcnt == 0' \
		'.data.memory.raw | .anon >= 0 and .file >= 0' \
		'.data.memory.event_count | .oom == 0 and .oom_kill == 0 and .high == 0 and .max == 0' \
		'.data.memory.cache == .data.memory.raw.file' \
		'.data.pids == {current: 1, limit: 7}' \
		'.data.cpu.throttling | .periods > 0 and .throttledPeriods > 0 and .throttledTime > 0'
	if [[ -e memory.swap.current ]]; then
		check '.data.memory.swap.limit == 18446744073709551615' \
			'.data.memory.swap.usage >= .data.memory.usage.usage' \
			'.data.memory.swap_only.usage == 0'
	fi
}

@test "events: each process killed for lack of memory is a line, also the last one" {
	minirun_only
	running_bundle
	tree=$(cgroup_tree)
	echo +memory >"$tree/cgroup.subtree_control"
	echo 16M >"$tree/$ID/memory.max"
	[[ ! -e $tree/$ID/memory.swap.max ]] || echo 0 >"$tree/$ID/memory.swap.max"
	follow --interval 500ms
	until_true lines stats 1 # from then on it listens
	for _ in 1 2 3; do
		run minirun exec "$ID" dd if=/dev/zero of=/dev/null bs=64M count=1
		((status == 137))
	done
	until_true lines oom 3
	minirun kill "$ID" KILL
	wait $events
	sed -i '/"stats"/d' "$BATS_TEST_TMPDIR/events"
	[[ $(sort -u "$BATS_TEST_TMPDIR/events") == "{\"type\":\"oom\",\"id\":\"$ID\"}" ]]
	(($(wc -l <"$BATS_TEST_TMPDIR/events") == 3))
}
