#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's linux.cgroupsPath and linux.resources

load lib/bundle

setup() {
	bundle_new
	minirun_only
	TREE=$(cgroup_tree)
	[[ $TREE ]] || skip "no cgroup2 mount"
}

teardown() {
	minirun delete --force "$ID" || true
	rmdir "$TREE/$ID-parent" 2>/dev/null || true
	[[ ! -e $BATS_TEST_TMPDIR/enabled ]] || echo -hugetlb >"$TREE/cgroup.subtree_control"
	bundle_cleanup
}

path() {
	config ".linux.cgroupsPath = $1"
}

cgroup_of_init() {
	sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup"
}

@test "an absolute path is below the v2 tree" {
	guest wait
	create_bundle
	[[ $(cgroup_of_init) == "/$ID" ]]
	[[ $(cat "$TREE/$ID/cgroup.procs") == "$(container_pid)" ]]
	minirun delete --force "$ID"
	[[ ! -e $TREE/$ID ]]
}

# bats test_tags=not-uml
@test "a path of several components: parents are made" {
	path "\"/$ID-parent/$ID\""
	guest wait
	create_bundle
	[[ $(cgroup_of_init) == "/$ID-parent/$ID" ]]
	minirun delete --force "$ID"
	[[ ! -e $TREE/$ID-parent/$ID ]]
}

@test "no path: a cgroup named by the id" {
	config 'del(.linux.cgroupsPath)'
	guest wait
	create_bundle
	[[ $(cgroup_of_init) == *"/minirun-$ID" ]]
}

# bats test_tags=not-uml
@test "a relative path is stable" {
	path "\"$ID\""
	guest wait
	create_bundle
	first=$(cgroup_of_init)
	minirun delete --force "$ID"
	create_bundle
	[[ $(cgroup_of_init) == "$first" && $first == *"/$ID" ]]
}

# bats test_tags=not-uml
@test "paths that lead out are refused" {
	for path in ../x /a/../../x "/$ID/.." . .. "" /; do
		path "\"$path\""
		run_bundle
		echo "'$path' $status $stderr"
		[[ $path == "" ]] || fails
	done
}

@test "another cgroup under the name of a container's is left alone" {
	minirun_only
	running_bundle
	minirun kill "$ID" KILL
	until_true status_is stopped
	until_true rmdir "$TREE/$ID"
	mkdir "$TREE/$ID"
	run_minirun delete "$ID"
	rmdir "$TREE/$ID"
	succeeds
}

@test "a container that changes its cgroup's mark is paused, killed and removed all the same" {
	mount_point /sys/fs/cgroup cgroup cgroup
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	args /bin/sh -c 'guest xattr /sys/fs/cgroup user.minirun other && echo marked
		sleep 1000 & exec sleep 1000'
	create_bundle
	start_bundle
	until_true grep -q marked "$BATS_TEST_TMPDIR/out"
	until_true [ "$(wc -l <"$TREE/$ID/cgroup.procs")" = 2 ]
	run_minirun pause "$ID"
	succeeds
	status_is paused
	minirun resume "$ID"
	minirun delete --force "$ID"
	[[ ! -e $TREE/$ID ]]
}

# bats test_tags=not-uml
@test "a cgroup that has processes is refused" {
	mkdir "$TREE/$ID"
	sleep 100 3>&- &
	echo $! >"$TREE/$ID/cgroup.procs"
	run_bundle
	kill $!
	wait $! || true
	until_true grep -q 'populated 0' "$TREE/$ID/cgroup.events"
	rmdir "$TREE/$ID"
	fails "not empty: 1 process"
}

@test "a cgroup that is frozen is refused" {
	mkdir "$TREE/$ID"
	echo 1 >"$TREE/$ID/cgroup.freeze"
	run_bundle
	rmdir "$TREE/$ID" 2>/dev/null || true
	fails "frozen"
}

@test "the cgroup is gone after run, after a failed create, and after kill -9 of init" {
	run_bundle
	[[ ! -e $TREE/$ID ]]
	args no-such-program
	run_bundle
	fails
	[[ ! -e $TREE/$ID ]]
	guest wait
	create_bundle
	kill -KILL "$(container_pid)"
	until_true status_is stopped
	minirun delete "$ID"
	[[ ! -e $TREE/$ID ]]
}

@test "with a cgroup namespace the container is at the root of its view" {
	run_bundle
	check '.cgroup | split("\n") | index("0::/")'
}

@test "a child that is born while we look is in the same cgroup" {
	args /bin/sh -c 'sleep 1000 & echo ready; wait'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	(($(wc -l <"$TREE/$ID/cgroup.procs") == 2))
	(($(minirun ps --format json "$ID" | jq length) == 2))
}

@test "resources that ask for nothing are accepted" {
	for resources in '{}' '{cpu: {}}' '{cpu: {shares: 1024}}' '{cpu: {shares: 0, quota: -1}}' \
		'{memory: {limit: -1}}' '{memory: {swappiness: 0}}' '{memory: {disableOOMKiller: false}}' \
		'{pids: {limit: -1}}' '{blockIO: {weight: 0}}' '{blockIO: {}}' '{hugepageLimits: []}' \
		'{network: {}}' '{unified: {}}' '{rdma: {}}' '{devices: []}' \
		'{devices: [{allow: true, access: "rwm"}]}'; do
		config ".linux.resources = $resources"
		run_bundle
		echo "$resources $stderr"
		succeeds
	done
}

# bats test_tags=not-uml
@test "a limit whose controller the v2 tree lacks is refused by name" {
	for row in '{cpu: {shares: 512}}:/linux/resources/cpu/shares:cpu' \
		'{cpu: {quota: 50000, period: 100000}}:/linux/resources/cpu/quota:cpu' \
		'{cpu: {cpus: "0"}}:/linux/resources/cpu/cpus:cpuset' \
		'{memory: {limit: 67108864}}:/linux/resources/memory/limit:memory' \
		'{pids: {limit: 100}}:/linux/resources/pids/limit:pids' \
		'{blockIO: {weight: 100}}:/linux/resources/blockIO/weight:io' \
		'{unified: {"memory.high": "1000000"}}:/linux/resources/unified:memory' \
		'{unified: {"nonsense.max": "1"}}:/linux/resources/unified:nonsense' \
		'{rdma: {mlx5_1: {hcaHandles: 3}}}:/linux/resources/rdma:rdma'; do
		controller=${row##*:}
		grep -qw "$controller" "$TREE/cgroup.controllers" && continue # resources.bats
		row=${row%:*}
		config ".linux.resources = ${row%:*}"
		run_bundle
		fails "${row##*:}" "controller *$controller"
		[[ ! -e $TREE/$ID ]]
	done
}

# bats test_tags=not-uml
@test "limits of huge pages, used and reserved" {
	grep -qw hugetlb "$TREE/cgroup.controllers" || skip "no hugetlb controller in the v2 tree"
	[[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ]] || skip "no huge pages of 2 MB"
	grep -qw hugetlb "$TREE/cgroup.subtree_control" || touch "$BATS_TEST_TMPDIR/enabled"
	path "\"/$ID-parent/$ID\""
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	guest wait
	create_bundle
	[[ $(<"$TREE/$ID-parent/$ID/hugetlb.2MB.max") == 4194304 ]]
	[[ $(<"$TREE/$ID-parent/$ID/hugetlb.2MB.rsvd.max") == 4194304 ]]
	echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 0}]}' | minirun update -r - "$ID"
	[[ $(<"$TREE/$ID-parent/$ID/hugetlb.2MB.max") == 0 ]]
	echo '{"hugepageLimits": [{"pageSize": "2MB", "limit": 2097152},
		{"pageSize": "4MB", "limit": 0}]}' >"$BUNDLE/update.json"
	run_minirun update -r "$BUNDLE/update.json" "$ID"
	fails hugetlb.4MB.max "no huge pages of this size"
	[[ $(<"$TREE/$ID-parent/$ID/hugetlb.2MB.max") == 0 ]]
}

# bats test_tags=not-uml
@test "exec follows an init that has moved below the container's cgroup, and nowhere else" {
	grep -qw hugetlb "$TREE/cgroup.controllers" || skip "no hugetlb controller in the v2 tree"
	[[ -d /sys/kernel/mm/hugepages/hugepages-2048kB ]] || skip "no huge pages of 2 MB"
	grep -qw hugetlb "$TREE/cgroup.subtree_control" || touch "$BATS_TEST_TMPDIR/enabled"
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 4194304}]'
	running_bundle
	mkdir "$TREE/$ID/sub" "$TREE/$ID-parent"
	container_pid >"$TREE/$ID/sub/cgroup.procs"
	echo +hugetlb >"$TREE/$ID/cgroup.subtree_control"
	run_minirun exec "$ID" /bin/cat /proc/self/cgroup
	succeeds
	grep '^0::.*/sub$' <<<"$output"
	container_pid >"$TREE/$ID-parent/cgroup.procs"
	run_minirun exec "$ID" /bin/true
	((status == 255))
	[[ $stderr == *"hands controllers down"* ]]
}

# bats test_tags=not-uml
@test "what only cgroup v1 had is an error that names it, unless it asks for nothing" {
	for row in '{memory: {swappiness: 60}}:/linux/resources/memory/swappiness' \
		'{memory: {kernel: 1000000}}:/linux/resources/memory/kernel' \
		'{memory: {disableOOMKiller: true}}:/linux/resources/memory/disableOOMKiller' \
		'{cpu: {realtimeRuntime: 1000}}:/linux/resources/cpu/realtimeRuntime' \
		'{network: {classID: 1}}:/linux/resources/network/classID'; do
		config ".linux.resources = ${row%:*}"
		run_bundle
		echo "${row%:*}: $status $stderr"
		fails "${row##*:}"
	done
}

# bats test_tags=not-uml
@test "numbers that cannot be" {
	for resources in '{memory: {limit: "64m"}}' '{memory: {limit: 1.5}}' '{pids: {limit: true}}' \
		'{cpu: {shares: -1}}' '{cpu: 1}' '{unified: {"memory.max": 1}}'; do
		config ".linux.resources = $resources"
		run_bundle
		echo "$resources"
		fails "/linux/resources/"
	done
}
