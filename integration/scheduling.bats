#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.scheduler, ioPriority, execCPUAffinity; linux.memoryPolicy, personality: in init and in
# exec

load lib/bundle

needs_nice() {
	needs_capability 23 CAP_SYS_NICE
}

needs_numa() {
	[[ -e /proc/self/numa_maps ]] || skip "the kernel has no NUMA policies"
}

@test "scheduler: a batch process with a nice value, as root and as a user" {
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 7}'
	run_bundle
	succeeds
	check '.scheduling.policy == 3' '.scheduling.nice == 7'
	config '.process.user = {uid: 1000, gid: 1000}'
	run_bundle
	succeeds
	check '.scheduling.policy == 3' '.scheduling.nice == 7' '.uids == [1000, 1000, 1000]'
}

@test "scheduler: FIFO and RR with a priority, DEADLINE with its times" {
	needs_nice
	# CONFIG_RT_GROUP_SCHED: only the root group has time for real-time processes
	[[ ! ${MINIRUN_SLOW_HOST-} ]] || skip "no real-time processes in cgroups"
	config '.process.scheduler = {policy: "SCHED_FIFO", priority: 5}'
	run_bundle
	succeeds
	check '.scheduling.policy == 1' '.scheduling.priority == 5'
	config '.process.scheduler = {policy: "SCHED_RR", priority: 3,
		flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
	run_bundle
	succeeds
	check '.scheduling.policy == 2' '.scheduling.priority == 3' '.scheduling.flags == 1'
	config '.process.scheduler = {policy: "SCHED_DEADLINE", nice: 19, priority: 0,
		flags: ["SCHED_FLAG_RESET_ON_FORK"], runtime: 42000, deadline: 1000000, period: 1000000}'
	run_bundle
	succeeds
	check '.scheduling.policy == 6' '.scheduling.runtime == 42000' \
		'.scheduling.deadline == 1000000' '.scheduling.period == 1000000'
}

@test "scheduler: the host's rights give it to a container in a user namespace" {
	needs_nice
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: -5} |
		.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 4294967295}] |
		.linux.gidMappings = .linux.uidMappings'
	run_bundle
	succeeds
	check '.scheduling.policy == 3' '.scheduling.nice == -5'
}

@test "scheduler, ioPriority: what can't be is refused, with its place" {
	minirun_only
	while read -r want member; do
		default_config
		config ".process.$member"
		run_bundle
		fails "/process/$want:"
	done <<-'END'
		scheduler/policy scheduler = {policy: "SCHED_FASTER"}
		scheduler/policy scheduler = {}
		scheduler/policy scheduler = {policy: "SCHED_ISO"}
		scheduler/nice scheduler = {policy: "SCHED_OTHER", nice: 20}
		scheduler/priority scheduler = {policy: "SCHED_BATCH", priority: 1}
		scheduler/priority scheduler = {policy: "SCHED_FIFO"}
		scheduler/priority scheduler = {policy: "SCHED_RR", priority: 100}
		scheduler/deadline scheduler = {policy: "SCHED_DEADLINE", runtime: 2000, deadline: 1999}
		scheduler/period scheduler = {policy: "SCHED_DEADLINE", runtime: 2000, deadline: 2000, period: 1999}
		scheduler/runtime scheduler = {policy: "SCHED_FIFO", priority: 1, runtime: 1}
		scheduler/flags/1 scheduler = {policy: "SCHED_RR", priority: 1, flags: ["SCHED_FLAG_RECLAIM", "X"]}
		ioPriority/class ioPriority = {priority: 1}
		ioPriority/class ioPriority = {class: "IOPRIO_CLASS_NONE", priority: 0}
		ioPriority/priority ioPriority = {class: "IOPRIO_CLASS_BE"}
		ioPriority/priority ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}
		execCPUAffinity/initial execCPUAffinity = {initial: "1-"}
		execCPUAffinity/final execCPUAffinity = {initial: "0", final: "0-8192"}
	END
}

@test "scheduler: what the kernel refuses is one line and leaves nothing" {
	needs_nice
	# /proc/sys/kernel/sched_deadline_period_max_us is 4 s, unless somebody has made it more
	config '.process.scheduler = {policy: "SCHED_DEADLINE", flags: ["SCHED_FLAG_RESET_ON_FORK"],
		runtime: 42000, deadline: 1000000, period: 4000000000000000}'
	run_bundle
	fails "/process/scheduler: set SCHED_DEADLINE with priority 0"
	run_minirun state "$ID"
	((status != 0))
}

@test "ioPriority: of the whole process group, each class; IDLE needs no priority" {
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	run_bundle
	succeeds
	check '.scheduling.io_priority == 2 * 8192 + 6'
	guest syscall 252 2 0 # ioprio_get(IOPRIO_WHO_PGRP): the best of the group
	run_bundle
	succeeds
	check '.result == 2 * 8192 + 6'
	default_config
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}'
	run_bundle
	succeeds
	check '.scheduling.io_priority == 3 * 8192'
	needs_nice
	config '.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 0} |
		.process.user.uid = 1000'
	run_bundle
	succeeds
	check '.scheduling.io_priority == 1 * 8192'
}

@test "exec: scheduler and ioPriority from config.json, and from a process of its own" {
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 4} |
		.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 5}'
	running_bundle
	run_minirun exec "$ID" /bin/guest report
	succeeds
	check '.scheduling.policy == 3' '.scheduling.nice == 4' '.scheduling.io_priority == 16389'
	jq '.process | .args = ["/bin/guest", "report"] |
		.scheduler = {policy: "SCHED_IDLE"} | .ioPriority = {class: "IOPRIO_CLASS_IDLE"}' \
		"$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run_minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	succeeds
	check '.scheduling.policy == 5' '.scheduling.io_priority == 24576'
}

@test "exec: a deadline, and a real-time priority for a user without rights" {
	needs_nice
	running_bundle
	jq '.process | .args = ["/bin/guest", "report"] | .user = {uid: 1000, gid: 1000} |
		.scheduler = {policy: "SCHED_DEADLINE", flags: ["SCHED_FLAG_RESET_ON_FORK"],
			runtime: 42000, deadline: 1000000, period: 1000000} |
		.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 2}' \
		"$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run_minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	succeeds
	check '.scheduling.policy == 6' '.scheduling.io_priority == 8194' '.uids == [1000, 1000, 1000]'
}

@test "the CPUs that the caller is bound to are not the container's" {
	needs_program taskset
	(($(nproc) > 1)) || skip "there is only one CPU"
	all=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	run --separate-stderr taskset 1 "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	check ".scheduling.cpus == \"$all\""
	running_bundle
	run --separate-stderr taskset 1 "$MINIRUN" --root "$ROOT" exec "$ID" /bin/guest report
	succeeds
	check ".scheduling.cpus == \"$all\""
}

@test "execCPUAffinity: of exec only; final after initial, both from either document" {
	(($(nproc) > 1)) || skip "there is only one CPU"
	config '.process.execCPUAffinity = {initial: "1"}'
	run_bundle
	succeeds
	check '.scheduling.cpus != "1"'
	running_bundle
	run_minirun exec "$ID" /bin/guest report
	succeeds
	check '.scheduling.cpus == "1"'
	jq '.process | .args = ["/bin/guest", "report"] | .execCPUAffinity = {initial: "1", final: "0"}' \
		"$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run_minirun --debug exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	((status == 0))
	check '.scheduling.cpus == "0"'
	[[ $stderr == *"nsexec"*": affinity: 0x2"* ]]
	config '.process.execCPUAffinity = {initial: "", final: "8191"}'
	minirun_only
	jq '.process | .args = ["/bin/true"]' "$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
	run_minirun exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	((status == 255))
	[[ $stderr == *"--process: "*"/execCPUAffinity/final: bind to CPUs 8191"* ]]
}

@test "memoryPolicy: in init and in exec" {
	needs_numa
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	run_bundle
	succeeds
	check '.scheduling.memory_policy == 2 + 32768'
	running_bundle
	run_minirun exec "$ID" /bin/guest report
	succeeds
	check '.scheduling.memory_policy == 2 + 32768'
}

@test "memoryPolicy: modes with and without nodes, and no flags" {
	needs_numa
	while read -r number policy; do
		config ".linux.memoryPolicy = $policy"
		run_bundle
		succeeds
		check ".scheduling.memory_policy == $number"
	done <<-'END'
		0 {mode: "MPOL_DEFAULT"}
		3 {mode: "MPOL_INTERLEAVE", nodes: "0"}
		1 {mode: "MPOL_PREFERRED", nodes: "0", flags: []}
		4 {mode: "MPOL_LOCAL", nodes: ""}
		5 {mode: "MPOL_PREFERRED_MANY", nodes: "0,"}
	END
}

@test "memoryPolicy: what can't be is refused" {
	minirun_only
	while IFS='|' read -r want policy; do
		config ".linux.memoryPolicy = $policy"
		run_bundle
		fails "/linux/memoryPolicy$want"
	done <<-'END'
		/mode: is required|{nodes: "0"}
		/mode: invalid memory policy mode*BIND|{mode: "BIND", nodes: "0"}
		/flags/0: invalid memory policy flag*F|{mode: "MPOL_BIND", nodes: "0", flags: ["F"]}
		/nodes: invalid memory policy node*a-b|{mode: "MPOL_BIND", nodes: "a-b"}
		/nodes: MPOL_DEFAULT: memory policy mode requires 0 nodes but got 2|{mode: "MPOL_DEFAULT", nodes: "0-1"}
		/nodes: MPOL_BIND: memory policy mode requires at least one node but got 0|{mode: "MPOL_BIND"}
	END
}

@test "memoryPolicy: a node that isn't there, flags that exclude each other" {
	needs_numa
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1023"}'
	run_bundle
	fails '/linux/memoryPolicy: set MPOL_BIND for nodes*1023'
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0",
		flags: ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}'
	run_bundle
	fails '/linux/memoryPolicy/flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES'
}

@test "personality: LINUX32 in init and in exec, under a filter that forbids the call" {
	config '.linux.personality = {domain: "LINUX32"} |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
		syscalls: [{names: ["setpriority"], action: "SCMP_ACT_ERRNO"}]}'
	run_bundle
	succeeds
	check '.personality == 8'
	running_bundle
	run_minirun exec "$ID" /bin/guest report
	succeeds
	check '.personality == 8'
}

@test "personality: LINUX instead of the caller's, other values are refused" {
	needs_program setarch
	config '.linux.personality = {domain: "LINUX", flags: []}'
	run --separate-stderr setarch linux32 "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	check '.personality == 0'
	minirun_only
	config '.linux.personality = {domain: "BSD"}'
	run_bundle
	fails '/linux/personality/domain: expected LINUX, LINUX32'
	config '.linux.personality = {flags: []}'
	run_bundle
	fails '/linux/personality/domain: is required'
	config '.linux.personality = {domain: "LINUX", flags: ["ADDR_NO_RANDOMIZE"]}'
	run_bundle
	fails '/linux/personality/flags/0: *ADDR_NO_RANDOMIZE'
}
