#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.md: process

load ../lib/bundle
load rows

needs_nice() {
	needs_capability 23 CAP_SYS_NICE
}

@test "C-112 C-117 C-118 C-120 C-163 C-164: members that a process must have" {
	refused_rows <<-'END'
		C-117 /process del(.process.cwd)
		C-118 /process/cwd .process.cwd = "tmp"
		C-118 /process/cwd .process.cwd = ""
		C-118 /process/cwd .process.cwd = "./"
		C-120 /process del(.process.args)
		C-120 /process/args .process.args = []
	END
	config '.process.cwd = "/etc" | .process.user = {uid: 12, gid: 34}'
	run_bundle
	succeeds
	check '.cwd == "/etc"' '.uids == [12, 12, 12]' '.gids == [34, 34, 34]' '.groups == []'
	config 'del(.process)'
	attempt
	((status == 0))
	run_minirun start "$ID"
	fails
}

@test "C-114: consoleSize without a terminal has no effect" {
	config '.process.consoleSize = {height: 33, width: 77}'
	run_bundle
	succeeds
	check '.terminal.isatty == [0, 0, 0]'
	config '.process.terminal = false'
	run_bundle
	succeeds
}

@test "C-115 C-116 L-50: consoleSize needs both and is the terminal's; /dev/console is the pty then, and only then" {
	run_bundle
	succeeds
	check '[.mounts[] | select(.path == "/dev/console")] == []'
	config '.process.terminal = true'
	refused_rows <<-'END'
		C-115 /process/consoleSize .process.consoleSize = {width: 77}
		C-116 /process/consoleSize .process.consoleSize = {height: 33}
	END
	config '.process.consoleSize = {height: 33, width: 77}'
	receive stream "$BATS_TEST_TMPDIR/socket" "" >"$BATS_TEST_TMPDIR/console" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/socket"
	minirun create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/socket" "$ID" </dev/null 3>&-
	start_bundle
	wait $!
	output=$(sed 1d "$BATS_TEST_TMPDIR/console")
	check '.terminal | .rows == 33 and .columns == 77 and .isatty == [1, 1, 1]'
	at /dev/console '.type == "devpts"'
}

@test "C-121: args[0] is found by process.env's PATH, and the vector is passed as it is" {
	mkdir "$ROOTFS/own"
	ln "$ROOTFS/bin/guest" "$ROOTFS/own/only-here"
	config '.process.env = ["PATH=/none:/own"]'
	args only-here args "" "a b" '$HOME' "*"
	run_bundle
	succeeds
	check '.args == ["only-here", "args", "", "a b", "$HOME", "*"]'
	refused_rows <<-'END'
		C-121 not-there .process.args = ["not-there"]
		C-121 bin/guest .process.args = ["bin/guest"] | .process.cwd = "/etc"
	END
}

@test "C-122 C-124 C-126 C-128 C-130: rlimits: required members, types that exist, none twice" {
	refused_rows <<-'END'
		C-122 /process/rlimits/0 del(.process.rlimits[0].type)
		C-124 /process/rlimits/0/type .process.rlimits[0].type = "RLIMIT_FOO"
		C-124 /process/rlimits/0/type .process.rlimits[0].type = "NOFILE"
		C-124 /process/rlimits/0/type .process.rlimits[0].type = "rlimit_nofile"
		C-124 /process/rlimits/0/type .process.rlimits[0].type = ""
		C-126 /process/rlimits/0 del(.process.rlimits[0].soft)
		C-128 /process/rlimits/0 del(.process.rlimits[0].hard)
		C-130 /process/rlimits/1 .process.rlimits += [{type: "RLIMIT_NOFILE", soft: 1, hard: 2}]
	END
}

@test "C-123 C-125 C-127 C-129: rlimits: each type, with its soft and its hard value" {
	config '.process.rlimits = ({AS: 1000000000, CORE: 0, CPU: 1000, DATA: 100000000, FSIZE: 100000000,
		LOCKS: 100, MEMLOCK: 65536, MSGQUEUE: 1000, NICE: 0, NOFILE: 100, NPROC: 900, RSS: 100000000,
		RTPRIO: 0, RTTIME: 1000000, SIGPENDING: 100, STACK: 8000000} |
		to_entries | map({type: "RLIMIT_\(.key)", hard: .value, soft: (.value / 2 | floor)}))'
	run_bundle
	succeeds
	check '.rlimits | length == 16'
	[[ $(jq -c '.rlimits | to_entries | map([.key, .value.soft, .value.hard]) | sort' <<<"$output") == \
		"$(jq -c '.process.rlimits | map([.type, (.soft | tostring), (.hard | tostring)]) | sort' \
			"$BUNDLE/config.json")" ]]
}

@test "C-133: each capability that the kernel has can be given, in each set that can have it" {
	last=$(</proc/sys/kernel/cap_last_cap)
	all=$(minirun features | jq -c ".linux.capabilities[:$((last + 1))]")
	mask=$(sed -n 's/^CapBnd:\t//p' /proc/self/status)
	config ".process.capabilities = ($all as \$c |
		{bounding: \$c, permitted: \$c, effective: \$c, inheritable: \$c, ambient: \$c})"
	run_bundle
	((status == 0))
	check ".status | [.bounding, .permitted, .effective, .inheritable, .ambient] | unique == [\"$mask\"]"
}

@test "C-134 C-135: a capability that is unknown or can't be granted is a warning, the rest is given" {
	minirun_only
	config '.process.capabilities = ({bounding: ["CAP_FOO", "CAP_KILL"], permitted: ["CAP_KILL"],
		effective: ["CAP_KILL"], ambient: ["CAP_CHOWN"]})'
	run --separate-stderr minirun --log-level warning run --bundle "$BUNDLE" "$ID"
	((status == 0))
	[[ $stderr == *warning*CAP_FOO* && $stderr == *warning*CAP_CHOWN* ]]
	check '.status | .effective == "0000000000000020" and .bounding == "0000000000000020"'
}

@test "C-141: noNewPrivileges" {
	for row in true:1 false:0 null:0; do
		config ".process.noNewPrivileges = ${row%:*}"
		run_bundle
		succeeds
		check ".no_new_privs == ${row#*:}"
	done
}

@test "C-142 C-143: oomScoreAdj is the process's, 0 too; without it the caller's stays" {
	with_score() {
		run --separate-stderr bash -c "echo $1 >/proc/self/oom_score_adj
			exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
	}
	for row in 350:350 0:0 null:100; do
		config ".process.oomScoreAdj = ${row%:*}"
		with_score 100
		succeeds
		check ".oom_score_adj == \"${row#*:}\""
	done
}

@test "C-145 C-146 C-149: scheduler: required and valid values" {
	minirun_only
	refused_rows <<-'END'
		C-145 /process/scheduler/policy .process.scheduler = {}
		C-146 /process/scheduler/policy .process.scheduler = {policy: "SCHED_NO"}
		C-146 /process/scheduler/policy .process.scheduler = {policy: "SCHED_ISO"}
		C-149 /process/scheduler/flags/0 .process.scheduler = {policy: "SCHED_BATCH", flags: ["SCHED_FLAG_NO"]}
		C-149 /process/scheduler/flags/0 .process.scheduler = {policy: "SCHED_BATCH", flags: ["RESET_ON_FORK"]}
	END
	for flag in RESET_ON_FORK KEEP_POLICY KEEP_PARAMS; do # the others need a policy or a kernel option
		config ".process.scheduler = {policy: \"SCHED_BATCH\", flags: [\"SCHED_FLAG_$flag\"]}"
		run_bundle
		echo "$flag $stderr"
		succeeds
	done
	for flag in RECLAIM DL_OVERRUN UTIL_CLAMP_MIN UTIL_CLAMP_MAX; do
		config ".process.scheduler = {policy: \"SCHED_BATCH\", flags: [\"SCHED_FLAG_$flag\"]}"
		run_bundle
		((status == 0)) || fails "/process/scheduler: set SCHED_BATCH" # known, the kernel says no
	done
}

@test "C-147 C-148 C-150 C-151 C-152: scheduler: each policy, with its parameters and their defaults" {
	while read -r number scheduler; do
		config ".process.scheduler = $scheduler"
		run_bundle
		echo "$scheduler"
		succeeds
		check ".scheduling.policy == $number" '.scheduling.nice == 0'
	done <<-'END'
		0 {policy: "SCHED_OTHER"}
		3 {policy: "SCHED_BATCH"}
		5 {policy: "SCHED_IDLE"}
	END
	needs_nice
	[[ ! ${MINIRUN_SLOW_HOST-} ]] || return 0 # real-time processes in its root cgroup only
	while read -r number scheduler; do
		config ".process.scheduler = $scheduler"
		run_bundle
		echo "$scheduler"
		succeeds
		check ".scheduling.policy == $number"
	done <<-'END'
		1 {policy: "SCHED_FIFO", priority: 1}
		2 {policy: "SCHED_RR", priority: 1}
		6 {policy: "SCHED_DEADLINE", runtime: 42000, deadline: 1000000, period: 1000000, flags: ["SCHED_FLAG_RESET_ON_FORK"]}
	END
	check '.scheduling | .runtime == 42000 and .deadline == 1000000 and .period == 1000000'
	config '.process.scheduler = {policy: "SCHED_RR"}' # 0, which is none of its priorities
	run_bundle
	fails "/process/scheduler"
	# without a period it is the deadline, without the others the kernel refuses the zeros
	config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 42000, deadline: 1000000}'
	run_bundle
	((status != 0)) || check '.scheduling.period == 1000000'
	for zero in runtime deadline; do
		config ".process.scheduler = {policy: \"SCHED_DEADLINE\", runtime: 42000, deadline: 1000000,
			period: 1000000} | del(.process.scheduler.$zero)"
		run_bundle
		fails "/process/scheduler"
	done
}

@test "C-155 C-156 C-157 C-158: ioPriority: required and valid values, and each class" {
	refused_rows <<-'END'
		C-155 /process/ioPriority/class .process.ioPriority = {priority: 1}
		C-156 /process/ioPriority/class .process.ioPriority = {class: "IOPRIO_CLASS_NONE", priority: 1}
		C-156 /process/ioPriority/class .process.ioPriority = {class: "BE", priority: 1}
		C-157 /process/ioPriority/priority .process.ioPriority = {class: "IOPRIO_CLASS_BE"}
		C-158 /process/ioPriority/priority .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}
		C-158 /process/ioPriority/priority .process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: -1}
	END
	needs_nice
	for row in RT:1:0 BE:2:7 IDLE:3:0; do
		IFS=: read -r class number priority <<<"$row"
		config ".process.ioPriority = {class: \"IOPRIO_CLASS_$class\", priority: $priority}"
		run_bundle
		succeeds
		check ".scheduling.io_priority == $number * 8192 + $priority"
	done
}

@test "C-159 C-162: execCPUAffinity is not for init, and without final nothing changes after the move" {
	(($(nproc) > 1)) || skip "there is only one CPU"
	all=$(sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	config '.process.execCPUAffinity = {initial: "1"}'
	run_bundle
	succeeds
	check ".scheduling.cpus == \"$all\""
	running_bundle
	run_minirun exec "$ID" /bin/guest report
	succeeds
	check '.scheduling.cpus == "1"'
}

# Without one it is 0022, as with runc and crun, not the caller's.
@test "C-165: umask as given" {
	for row in 18:18 511:511 0:0; do
		config ".process.user.umask = ${row%:*}"
		run --separate-stderr bash -c "umask 0027; exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
		succeeds
		check ".umask == ${row#*:}"
	done
}

@test "RL-1: three descriptors and no more" {
	exec 7</etc/passwd 8</
	run_bundle
	exec 7<&- 8<&-
	succeeds
	check '.fds | keys == ["0", "1", "2"]'
}

@test "RL-4 RL-5 RL-6 RL-7 RL-8: the links in /dev, made after the mounts; /dev/fd only if there is a /proc" {
	args /bin/sh -c 'for l in fd stdin stdout stderr; do readlink /dev/$l; done'
	run_bundle
	succeeds
	[[ $output == $'/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2' ]]
	guest report
	run_bundle
	at /dev '.type == "tmpfs"' # and so they weren't there before
}
