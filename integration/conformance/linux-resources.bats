#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: resources, where the controllers of cgroup v2 are real (host kind uml)

load ../lib/bundle
load rows

setup() {
	bundle_new
	minirun_only
	TREE=$(cgroup_tree)
	[[ $TREE && " $(<"$TREE/cgroup.controllers") " == *" memory "* ]] || skip "no controllers in the v2 tree"
	C=$TREE/$ID
}

teardown() {
	[[ ! ${TREE-} ]] || {
		minirun delete --force "$ID" || true
		rmdir "$TREE/$ID-parent" 2>/dev/null || true
	}
	bundle_cleanup
}

@test "L-89 L-117 L-119 L-127 L-131 L-132: limits are in the files: -1 is none, controllers are enabled, unknown keys are written" {
	config ".linux.cgroupsPath = \"/$ID-parent/$ID\"" '.linux.resources = {memory: {limit: -1}, pids: {limit: -1},
		unified: {"memory.high": "60000000", "memory.oom.group": "1", "cgroup.max.depth": "7"},
		blockIO: {throttleReadBpsDevice: [{major: 98, minor: 0, rate: 1048576}],
			throttleWriteBpsDevice: [{major: 98, minor: 0, rate: 2097152}],
			throttleReadIOPSDevice: [{major: 98, minor: 0, rate: 33}],
			throttleWriteIOPSDevice: [{major: 98, minor: 0, rate: 77}]}}'
	C=$TREE/$ID-parent/$ID
	guest wait
	create_bundle
	[[ $(<"$C/memory.max") == max ]]
	minirun update --pids-limit 5 "$ID"
	[[ $(<"$C/pids.max") == 5 ]]
	minirun update --pids-limit -1 "$ID"
	[[ $(<"$C/pids.max") == max ]]
	[[ $(<"$C/memory.high") == 59998208 && $(<"$C/memory.oom.group") == 1 ]]
	[[ $(<"$C/cgroup.max.depth") == 7 ]]
	[[ $(<"$C/io.max") == "98:0 rbps=1048576 wbps=2097152 riops=33 wiops=77" ]]
	[[ " $(<"${C%/*}/cgroup.subtree_control") " == *" memory "* ]]
}

@test "L-73: without resources the limits of a cgroup that is there stay" {
	mkdir "$C"
	echo 50000000 >"$C/memory.high"
	echo 33 >"$C/pids.max"
	config '.linux.resources = {devices: []}'
	guest wait
	create_bundle
	seen="$(<"$C/memory.high") $(<"$C/pids.max")"
	minirun delete --force "$ID"
	[[ $seen == "49999872 33" ]]
	[[ ! -d $C ]] || rmdir "$C"
}

@test "L-128: a pids limit of 0 is a limit" {
	config '.linux.resources = {pids: {limit: 0}}'
	guest wait
	create_bundle
	[[ $(<"$C/pids.max") == [01] ]]
}

@test "L-99 L-100 L-102 L-133: limits that can't be: below the use, a burst above the quota, a controller that isn't there" {
	config '.linux.resources = {memory: {limit: 67108864}, cpu: {quota: 2000, period: 10000}}'
	running_bundle
	for change in '{memory: {limit: 4096, checkBeforeUpdate: true}}' '{cpu: {burst: 3000}}'; do
		echo "$change" | jq -n "$change" >"$BUNDLE/update.json"
		run_minirun update --resources "$BUNDLE/update.json" "$ID"
		fails
		[[ $(<"$C/memory.max") == 67108864 && $(<"$C/cpu.max") == "2000 10000" ]]
	done
	minirun delete --force "$ID"
	refused_rows <<-'END'
		L-100 burst .linux.resources = {cpu: {quota: 2000, period: 10000, burst: 3000}}
		L-102 burst .linux.resources = {cpu: {quota: 1500, period: 10000, burst: 1501}}
		L-133 rdma .linux.resources = {unified: {"rdma.max": "mlx5_1 hca_handle=2"}}
	END
}
