#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Controllers that only a whole machine has (host kind vm): cpuset, hugetlb, rdma.

load lib/bundle

setup() {
	bundle_new
	minirun_only
	TREE=$(cgroup_tree)
	C=$TREE/$ID
	grep -qw "cpuset" "$TREE/cgroup.controllers" || skip "no cpuset controller in the v2 tree"
}

is() {
	[[ $(<"$C/$1") == "$2" ]] || {
		echo "$1: $(<"$C/$1"), expected $2"
		return 1
	}
}

@test "the container's cgroup has every controller" {
	running_bundle
	is cgroup.controllers "$(<"$TREE/cgroup.controllers")"
	for controller in cpuset cpu io memory hugetlb pids rdma misc; do
		grep -qw $controller "$C/cgroup.controllers"
	done
}

@test "cpus and memory nodes: the files, what processes see, and update" {
	config '.linux.resources.cpu = {cpus: "0", mems: "0"}'
	running_bundle
	is cpuset.cpus 0
	is cpuset.mems 0
	minirun exec "$ID" /bin/grep -q 'Cpus_allowed_list:.0$' /proc/self/status
	run_minirun update --cpuset-cpus 1000 "$ID"
	fails /linux/resources/cpu/cpus "nothing of *1000*is in $TREE/cpuset.cpus.effective"
	run_minirun update --cpuset-mems 900 --pids-limit 5 "$ID"
	fails /linux/resources/cpu/mems
	is cpuset.cpus 0
	is cpuset.mems 0
	is pids.max max
	minirun update --cpuset-cpus 0-0 "$ID"
	is cpuset.cpus 0
	run_minirun events --stats "$ID"
	check '.data.cpuset.cpus == [0]' '.data.cpuset.mems == [0]'
}

@test "cpus that are not there are refused before anything is made" {
	config '.linux.resources.cpu = {cpus: "1000-1001"}'
	run_bundle
	fails /linux/resources/cpu/cpus "is in $TREE/cpuset.cpus.effective" "would use those instead"
	[[ ! -e $C ]]
}

@test "huge pages: a page too many is refused, counted, and seen in the statistics" {
	config '.linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 2097152}] |
		.mounts += [{destination: "/huge", type: "hugetlbfs", source: "none",
			options: ["pagesize=2M"]}]'
	running_bundle
	is hugetlb.2MB.max 2097152
	is hugetlb.2MB.rsvd.max 2097152
	minirun exec "$ID" /bin/busybox fallocate -l 2097152 /huge/one
	run minirun exec "$ID" /bin/busybox fallocate -l 2097152 /huge/two
	((status != 0))
	is hugetlb.2MB.current 2097152
	run_minirun events --stats "$ID"
	check '.data.hugetlb["2MB"].failcnt >= 0'
	minirun update --resources - "$ID" <<<'{"hugepageLimits": [{"pageSize": "2MB", "limit": 4194304}]}'
	minirun exec "$ID" /bin/busybox fallocate -l 2097152 /huge/two
	is hugetlb.2MB.current 4194304
}

@test "rdma: a device that isn't there is named" {
	config '.linux.resources.rdma = {mlx5_77: {hcaHandles: 3}}'
	run_bundle
	fails /linux/resources/rdma rdma.max "no such RDMA device"
	[[ ! -e $C ]]
}

@test "rdma: handles and objects of a device" {
	device=$(find /sys/class/infiniband -mindepth 1 -printf '%f\n' -quit 2>/dev/null) || true
	[[ $device ]] || skip "no RDMA device, nor a driver for one without hardware"
	config ".linux.resources.rdma = {\"$device\": {hcaHandles: 3, hcaObjects: 1000}}"
	running_bundle
	[[ $(<"$C/rdma.max") == "$device hca_handle=3 hca_object=1000"?( ) ]]
	minirun update --resources - "$ID" <<<"{\"rdma\": {\"$device\": {\"hcaHandles\": 5}}}"
	[[ $(<"$C/rdma.max") == "$device hca_handle=5 hca_object=1000"?( ) ]]
}
