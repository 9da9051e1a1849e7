#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Controllers that only a whole machine has (host kind vm): cpuset, hugetlb, rdma, misc, both kinds of
# weights of disks; and what its kernel measures of pressure.

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

@test "misc: what this processor has nothing of is named" {
	config '.linux.resources.unified = {"misc.max": "sev 3"}'
	grep -q '^sev ' "$TREE/misc.capacity" && skip "a processor with SEV"
	run_bundle
	fails /linux/resources/unified 'misc.max: *sev 3*is refused'
	[[ ! -e $C ]]
}

# by number: the disk that tests write to, and one that may get BFQ as its scheduler. They and the root
# cgroup are changed.
disks() {
	[[ -f /mnt/testhost-command ]] || skip "not the machine of testhost/vm.sh"
	DISK=$(</sys/block/vda/dev)
	OTHER=$(</sys/block/vdb/dev)
	NUMBERS="major: ${DISK%:*}, minor: ${DISK#*:}"
	OTHER_NUMBERS="major: ${OTHER%:*}, minor: ${OTHER#*:}"
}

@test "disks: what may be read and written, and that it is kept to" {
	disks
	config ".linux.resources.blockIO = {throttleReadBpsDevice: [{$NUMBERS, rate: 1048576}],
		throttleWriteBpsDevice: [{$NUMBERS, rate: 2097152}],
		throttleReadIOPSDevice: [{$NUMBERS, rate: 70}], throttleWriteIOPSDevice: [{$NUMBERS, rate: 80}]}"
	running_bundle
	is io.max "$DISK rbps=1048576 wbps=2097152 riops=70 wiops=80"
	minirun update --resources - "$ID" <<<"{\"blockIO\": {\"throttleReadBpsDevice\": [
		{\"major\": ${DISK%:*}, \"minor\": ${DISK#*:}, \"rate\": 0}], \"throttleWriteBpsDevice\": [
		{\"major\": ${DISK%:*}, \"minor\": ${DISK#*:}, \"rate\": 4194304}]}}"
	is io.max "$DISK rbps=max wbps=4194304 riops=70 wiops=80"
	SECONDS=0 # of this machine's clock: a limit, not a speed
	minirun exec "$ID" /bin/dd if=/dev/zero of=/tmp/file bs=1M count=9 conv=fsync
	((SECONDS >= 1))
	rm "$ROOTFS/tmp/file"
	run_minirun events --stats "$ID"
	check "[.data.blkio.ioServiceBytesRecursive[] | select(.op == \"Write\" and .major == ${DISK%:*})][0].value
		>= 9437184" '.data.blkio.psi.some.total > 0'
}

@test "disks: weights by iocost, where BFQ isn't loaded, and their way back" {
	disks
	[[ ! -e /sys/module/bfq ]] || skip "BFQ is loaded"
	config ".linux.resources.blockIO = {weight: 500, weightDevice: [{$NUMBERS, weight: 300}]}"
	run_bundle
	fails /linux/resources/blockIO/weightDevice "needs BFQ (/sys/block/DISK/queue/scheduler) or iocost"
	[[ ! -e $C ]]
	echo "$DISK enable=1" >"$TREE/io.cost.qos"
	running_bundle
	is io.weight "default 4950"$'\n'"$DISK 2930"
	run_minirun update --resources - "$ID" <<<"{\"blockIO\": {\"weight\": 10, \"weightDevice\": [
		{\"major\": ${DISK%:*}, \"minor\": ${DISK#*:}, \"weight\": 1000},
		{\"major\": ${OTHER%:*}, \"minor\": ${OTHER#*:}, \"weight\": 200}]}}"
	fails /linux/resources/blockIO/weightDevice "\"$OTHER"
	is io.weight "default 4950"$'\n'"$DISK 2930"
	minirun update --blkio-weight 10 "$ID"
	is io.weight "default 1"$'\n'"$DISK 2930"
	echo "$DISK enable=0" >"$TREE/io.cost.qos"
}

@test "disks: weights by BFQ, and by iocost for a disk that BFQ doesn't run" {
	disks
	modprobe bfq || skip "no BFQ"
	echo bfq >/sys/block/vdb/queue/scheduler
	config ".linux.resources.blockIO = {weight: 500, weightDevice: [{$OTHER_NUMBERS, weight: 300}]}"
	running_bundle
	is io.bfq.weight "default 500"$'\n'"$OTHER 300"
	is io.weight "default 100"
	# once on, iocost stays so for this disk
	echo "$DISK enable=1" >"$TREE/io.cost.qos"
	weights="{\"major\": ${OTHER%:*}, \"minor\": ${OTHER#*:}, \"weight\": 20},
		{\"major\": ${DISK%:*}, \"minor\": ${DISK#*:}, \"weight\": 1000}"
	run_minirun update --resources - "$ID" <<<"{\"blockIO\": {\"weight\": 400, \"weightDevice\": [$weights,
		{\"major\": 241, \"minor\": 99, \"weight\": 20}]}}"
	fails /linux/resources/blockIO/weightDevice "there is no such disk"
	is io.bfq.weight "default 500"$'\n'"$OTHER 300"
	is io.weight "default 100"
	minirun update --resources - "$ID" <<<"{\"blockIO\": {\"weight\": 400, \"weightDevice\": [$weights]}}"
	is io.bfq.weight "default 400"$'\n'"$OTHER 20"
	is io.weight "default 100"$'\n'"$DISK 10000"
	echo "$DISK enable=0" >"$TREE/io.cost.qos"
	echo none >/sys/block/vdb/queue/scheduler
}

@test "pressure: what waited for a processor and for memory, as the kernel's files say" {
	[[ -e /proc/pressure/cpu ]] || skip "the kernel doesn't measure pressure"
	config '.linux.resources.unified = {"memory.high": "8388608"}'
	running_bundle
	minirun exec "$ID" /bin/sh -c 'work() { i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; }; work & work; wait'
	minirun exec "$ID" /bin/dd if=/dev/zero of=/tmp/file bs=1M count=32
	run_minirun events --stats "$ID"
	check '.data.cpu.psi.some.total > 0' '.data.memory.psi.some.total > 0' \
		'[.data.cpu.psi, .data.memory.psi, .data.blkio.psi | .some, .full | has("avg10", "avg60", "avg300")] | all'
	for kind in cpu memory; do
		total=$(jq ".data.$kind.psi.some.total" <<<"$output")
		[[ $(<"$C/$kind.pressure") == *"some "*" total=$total"$'\n'* ]]
	done
	rm "$ROOTFS/tmp/file"
}
