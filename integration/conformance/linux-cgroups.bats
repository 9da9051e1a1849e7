#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: cgroupsPath, ownership of cgroups, and what resources are refused: on any host with a
# cgroup2 mount. What the limits do is in linux-resources.bats.

load ../lib/bundle
load rows

setup() {
	bundle_new
	TREE=$(cgroup_tree)
	[[ $TREE ]] || skip "no cgroup2 is mounted"
	minirun_only # the others would use the v1 hierarchies of a hybrid host
}

teardown() {
	[[ ! ${TREE-} ]] || rmdir "$TREE/$ID-parent/a" "$TREE/$ID-parent" 2>/dev/null || true
	bundle_cleanup
}

path_of_init() {
	sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup"
}

@test "L-64 L-65 L-67 L-71: cgroupsPath: absolute from the mount point, relative, the same place each time, made" {
	guest wait
	create_bundle
	[[ $(path_of_init) == "/$ID" && $(<"$TREE/$ID/cgroup.procs") == "$(container_pid)" ]]
	minirun delete --force "$ID"
	config ".linux.cgroupsPath = \"/$ID-parent/a\""
	create_bundle
	[[ $(path_of_init) == "/$ID-parent/a" ]]
	minirun delete --force "$ID"
	config ".linux.cgroupsPath = \"$ID\""
	create_bundle
	first=$(path_of_init)
	[[ $first == */"$ID" ]]
	minirun delete --force "$ID"
	create_bundle
	[[ $(path_of_init) == "$first" ]]
}

@test "L-70: a path that leads out is an error" {
	refused_rows <<-'END'
		L-70 /linux/cgroupsPath .linux.cgroupsPath = "../x"
		L-70 /linux/cgroupsPath .linux.cgroupsPath = "/a/../../x"
		L-70 /linux/cgroupsPath .linux.cgroupsPath = ".."
		L-70 /linux/cgroupsPath .linux.cgroupsPath = "/"
	END
}

@test "L-63: a cgroup that has processes or is frozen is an error" {
	mkdir "$TREE/$ID"
	echo 1 >"$TREE/$ID/cgroup.freeze"
	attempt
	rmdir "$TREE/$ID"
	fails frozen
	mkdir "$TREE/$ID"
	sleep 100 3>&- &
	echo $! >"$TREE/$ID/cgroup.procs"
	attempt
	kill $!
	wait $! || true
	until_true grep -q 'populated 0' "$TREE/$ID/cgroup.events"
	rmdir "$TREE/$ID"
	fails "not empty"
}

# owner FILE: of the container's cgroup
owner() {
	stat -c %u "$TREE/$ID/$1"
}

@test "L-75 L-76 L-77 L-78 L-79 L-80 L-81 L-83: the cgroup's owner changes with a cgroup namespace and a writable mount, and only the files that are listed for it" {
	user_namespace
	config '.process.user = {uid: 3, gid: 3}'
	mount_point /sys/fs/cgroup cgroup cgroup rw nosuid noexec nodev
	guest wait
	create_bundle
	delegated=" cgroup.procs cgroup.threads cgroup.subtree_control "
	[[ ! -e /sys/kernel/cgroup/delegate ]] || delegated=" $(tr '\n' ' ' </sys/kernel/cgroup/delegate) "
	[[ $(owner .) == 100003 ]]
	for file in "$TREE/$ID"/*; do
		if [[ $delegated == *" ${file##*/} "* ]]; then
			[[ $(stat -c %u "$file") == 100003 ]]
		else
			[[ $(stat -c %u "$file") == 0 ]]
		fi
	done
	minirun delete --force "$ID"
	while read -r change; do
		changed "$change"
		create_bundle
		echo "$change"
		[[ $(owner .) == 0 && $(owner cgroup.procs) == 0 ]]
		minirun delete --force "$ID"
	done <<-'END'
		.mounts[-1].options = ["ro"]
		del(.mounts[-1])
		.mounts[-1].destination = "/run/cgroup"
		.linux.namespaces |= map(select(.type != "cgroup")) | .mounts[-1].options += ["nosuid"]
	END
	output=$(minirun features)
	check '.linux.cgroup.v1 == false' # L-75: there is no version 1 whose owner could be changed
}

@test "L-82: without a list of the kernel's these are cgroup.procs, cgroup.subtree_control and cgroup.threads" {
	user_namespace
	mount_point /sys/fs/cgroup cgroup cgroup rw nosuid noexec nodev
	guest wait
	unshare --mount sh -c "mount -t tmpfs none /sys/kernel/cgroup && exec '$MINIRUN' --root '$ROOT' create \
		--bundle '$BUNDLE' '$ID'" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	[[ $(find "$TREE/$ID" -maxdepth 1 -type f -user 100000 -printf '%f\n' | sort | tr '\n' ' ') == \
		"cgroup.procs cgroup.subtree_control cgroup.threads " ]]
}

@test "L-86 L-95 L-110 L-113 L-114 L-116 L-117 L-118 L-119 L-121 L-122 L-123 L-125 L-126 L-129: resources: required and valid members" {
	refused_rows <<-'END'
		L-95 /linux/resources/memory/swappiness .linux.resources.memory = {swappiness: 101}
		L-95 /linux/resources/memory/swappiness .linux.resources.memory = {swappiness: -1}
		L-110 /linux/resources/cpu/idle .linux.resources.cpu = {idle: 2}
		L-110 /linux/resources/cpu/idle .linux.resources.cpu = {idle: -1}
		L-113 /linux/resources/blockIO/weightDevice/0 .linux.resources.blockIO.weightDevice = [{minor: 0, weight: 10}]
		L-113 /linux/resources/blockIO/weightDevice/0 .linux.resources.blockIO.weightDevice = [{major: 8, weight: 10}]
		L-114 /linux/resources/blockIO/weightDevice/0 .linux.resources.blockIO.weightDevice = [{major: 8, minor: 0}]
		L-116 /linux/resources/blockIO/throttleReadBpsDevice/0 .linux.resources.blockIO.throttleReadBpsDevice = [{minor: 0, rate: 1}]
		L-116 /linux/resources/blockIO/throttleWriteBpsDevice/0 .linux.resources.blockIO.throttleWriteBpsDevice = [{major: 8, rate: 1}]
		L-117 /linux/resources/blockIO/throttleReadBpsDevice/0 .linux.resources.blockIO.throttleReadBpsDevice = [{major: 8, minor: 0}]
		L-117 /linux/resources/blockIO/throttleWriteBpsDevice/0 .linux.resources.blockIO.throttleWriteBpsDevice = [{major: 8, minor: 0}]
		L-118 /linux/resources/blockIO/throttleReadIOPSDevice/0 .linux.resources.blockIO.throttleReadIOPSDevice = [{minor: 0, rate: 1}]
		L-118 /linux/resources/blockIO/throttleWriteIOPSDevice/0 .linux.resources.blockIO.throttleWriteIOPSDevice = [{major: 8, rate: 1}]
		L-119 /linux/resources/blockIO/throttleReadIOPSDevice/0 .linux.resources.blockIO.throttleReadIOPSDevice = [{major: 8, minor: 0}]
		L-119 /linux/resources/blockIO/throttleWriteIOPSDevice/0 .linux.resources.blockIO.throttleWriteIOPSDevice = [{major: 8, minor: 0}]
		L-121 /linux/resources/hugepageLimits/0 .linux.resources.hugepageLimits = [{limit: 1}]
		L-122 /linux/resources/hugepageLimits .linux.resources.hugepageLimits = [{pageSize: "2M", limit: 1}]
		L-122 /linux/resources/hugepageLimits .linux.resources.hugepageLimits = [{pageSize: "3MB", limit: 1}]
		L-123 /linux/resources/hugepageLimits/0 .linux.resources.hugepageLimits = [{pageSize: "2MB"}]
		L-125 /linux/resources/network/priorities/0 .linux.resources.network.priorities = [{priority: 1}]
		L-126 /linux/resources/network/priorities/0 .linux.resources.network.priorities = [{name: "lo"}]
		L-129 /linux/resources/rdma/mlx5_1 .linux.resources.rdma = {mlx5_1: {}}
	END
}

@test "L-93 L-94 L-133 L-135 L-136: what no controller of version 2 can do is an error by name" {
	refused_rows <<-'END'
		L-93 /linux/resources/memory/kernel .linux.resources.memory = {kernel: 1000000}
		L-94 /linux/resources/memory/kernelTCP .linux.resources.memory = {kernelTCP: 1000000}
		L-133 /linux/resources/unified .linux.resources.unified = {"foo.max": "1"}
		L-135 /linux/resources/memory/swappiness .linux.resources.memory = {swappiness: 60}
		L-135 /linux/resources/cpu/realtimeRuntime .linux.resources.cpu = {realtimeRuntime: 1000}
		L-135 /linux/resources/network/classID .linux.resources.network = {classID: 1}
		L-135 /linux/resources/memory/disableOOMKiller .linux.resources.memory = {disableOOMKiller: true}
		L-136 /linux/resources/unified .linux.resources.unified = {"../x": "1"}
		L-136 /linux/resources/unified .linux.resources.unified = {"a/b.max": "1"}
	END
}

# A host without an Intel CPU that has it: the mount is one that a faked mountinfo tells of, its groups
# are directories that the test made.
with_resctrl() {
	local tree=$BATS_TEST_TMPDIR/resctrl

	if [[ ! -d $tree ]]; then
		mkdir -p "$tree"/{gold,info,mon_groups}
		printf '    L3:0=ff;1=ff\n    MB:0=100;1=50\n' | tee "$tree/schemata" >"$tree/gold/schemata"
		: >"$tree/tasks"
		: >"$tree/gold/tasks"
	fi
	# shellcheck disable=SC2016 # the inner shell's variables
	unshare --mount sh -c 'fake=$1 tree=$2; shift 2
		{ cat /proc/self/mountinfo; echo "999 1 0:999 / $tree rw - resctrl resctrl rw"; } >"$fake"
		mount --bind "$fake" "/proc/$$/mountinfo" && exec "$@"' sh "$BATS_TEST_TMPDIR/mountinfo" "$tree" "$@"
}

create_with_resctrl() {
	status=0 output=""
	with_resctrl "$MINIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/err")
}

@test "L-137 L-139 L-140 L-151 L-155 L-156 L-157 L-158 L-159 L-161: intelRdt with a closID, in a tree that is like resctrl's" {
	R=$BATS_TEST_TMPDIR/resctrl
	[[ ! -d /sys/fs/resctrl/info ]] || skip "the host has a resctrl of its own"
	guest wait
	for row in 'null::' '{closID: "gold"}:gold/tasks:' '{closID: "/"}:tasks:' \
		'{closID: "gold", l3CacheSchema: "L3:0=FF"}:gold/tasks:' \
		'{closID: "gold", schemata: ["MB:1=50"]}:gold/tasks:'; do
		rdt=${row%:*:*}
		row=${row:${#rdt}+1}
		config ".linux.intelRdt = $rdt"
		create_with_resctrl
		echo "$rdt $stderr"
		((status == 0))
		pid=$(container_pid)
		for tasks in tasks gold/tasks; do # L-137, L-140, L-158, L-139
			if [[ ${row%:} == "$tasks" ]]; then
				[[ $(<"$R/$tasks") == "$pid" ]]
			else
				[[ ! $(<"$R/$tasks") ]]
			fi
			: >"$R/$tasks"
		done
		with_resctrl "$MINIRUN" --root "$ROOT" delete --force "$ID"
		[[ -d $R/gold && $(<"$R/gold/schemata") == *"MB:0=100;1=50" ]] # L-161, L-151
		cmp "$R/schemata" "$R/gold/schemata"
		[[ ! -e $R/$ID ]]
	done
	for row in '{closID: "silver"}:/linux/intelRdt/closID' \
		'{closID: "gold", memBwSchema: "MB:0=70"}:/linux/intelRdt/memBwSchema' \
		'{closID: "gold", schemata: ["L3:2=f"]}:/linux/intelRdt/schemata/0'; do
		config ".linux.intelRdt = $(sed 's/:\/linux.*//' <<<"$row")"
		create_with_resctrl
		fails "/linux/intelRdt"
		[[ ! $(cat "$R/tasks" "$R/gold/tasks") ]]
	done
}

@test "L-138 L-141 L-142 L-143 L-144 L-145: intelRdt without a mounted resctrl, and with values that can't be" {
	[[ ! -d /sys/fs/resctrl/info ]] || skip "the host has a resctrl of its own"
	refused_rows <<-'END'
		L-138 /linux/intelRdt .linux.intelRdt = {}
		L-141 /linux/intelRdt/l3CacheSchema .linux.intelRdt = {l3CacheSchema: "MB:0=20"}
		L-142 /linux/intelRdt/l3CacheSchema .linux.intelRdt = {l3CacheSchema: "L3:0=f\nMB:0=20"}
		L-143 /linux/intelRdt/memBwSchema .linux.intelRdt = {memBwSchema: "X:0=20"}
		L-144 /linux/intelRdt/memBwSchema .linux.intelRdt = {memBwSchema: "MB:0=20\n"}
		L-145 /linux/intelRdt/schemata/0 .linux.intelRdt = {schemata: ["L3:0=f\nMB:0=20"]}
	END
}
