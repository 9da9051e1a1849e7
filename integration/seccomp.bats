#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's linux.seccomp. The system calls are tried by their x86-64 numbers:
# 39 getpid, 83 mkdir, 135 personality, 141 setpriority, 160 setrlimit, 161 chroot

load lib/bundle

setup() {
	bundle_new
	[[ $(uname -m) == x86_64 ]] || skip "the numbers are those of x86-64"
}

allow_all() {
	config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_X86_64\"],
		syscalls: [$1]}"
}

@test "a filter is loaded, and only one" {
	allow_all ''
	config '.linux.seccomp.syscalls = [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]'
	run_bundle
	succeeds
	check '.status.seccomp == "2"' '.status.seccomp_filters // "1" == "1"' '.no_new_privs == 1'
}

@test "errno: EPERM by default, or the one given" {
	allow_all '{names: ["chroot"], action: "SCMP_ACT_ERRNO"},
		{names: ["personality"], action: "SCMP_ACT_ERRNO", errnoRet: 95}'
	guest syscall 161 0
	run_bundle
	check '.result == -1' '.errno == "EPERM"'
	guest syscall 135 0
	run_bundle
	check '.errno == "EOPNOTSUPP"'
}

@test "defaultErrnoRet" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38,
		syscalls: [{names: ["execve", "brk", "arch_prctl", "mmap", "munmap", "exit_group", "write",
		"fstat", "newfstatat", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink",
		"readlinkat", "getrandom", "mprotect", "uname", "read", "close", "ioctl", "openat", "open",
		"futex", "rt_sigaction", "rt_sigprocmask", "lseek"], action: "SCMP_ACT_ALLOW"}]}'
	guest syscall 161 0
	run_bundle
	check '.errno == "ENOSYS"'
}

@test "kill: the process dies of SIGSYS" {
	allow_all '{names: ["personality"], action: "SCMP_ACT_KILL_PROCESS"}'
	args /bin/sh -c '/bin/guest syscall 135 0; echo "status $?"'
	run_bundle
	((status == 0))
	[[ $output == *"status 159"* ]]
}

@test "arguments: each operator" {
	allow_all '
		{names: ["personality"], action: "SCMP_ACT_ERRNO", errnoRet: 1,
			args: [{index: 0, value: 10, op: "SCMP_CMP_EQ"}]},
		{names: ["personality"], action: "SCMP_ACT_ERRNO", errnoRet: 2,
			args: [{index: 0, value: 4096, valueTwo: 4096, op: "SCMP_CMP_MASKED_EQ"}]},
		{names: ["setrlimit"], action: "SCMP_ACT_ERRNO", errnoRet: 3,
			args: [{index: 0, value: 100, op: "SCMP_CMP_GT"}]},
		{names: ["setpriority"], action: "SCMP_ACT_ERRNO", errnoRet: 4,
			args: [{index: 0, value: 50, op: "SCMP_CMP_GE"}, {index: 1, value: 7, op: "SCMP_CMP_LT"}]}'
	for try in "135 10:EPERM" "135 4097:ENOENT" "160 101:ESRCH" "160 100:EFAULT" "141 50 6:EINTR" \
		"141 50 7:EINVAL" "141 49 6:EINVAL"; do
		# shellcheck disable=SC2086 # words
		guest syscall ${try%:*}
		run_bundle
		echo "$try"
		check ".errno == \"${try#*:}\""
	done
}

@test "several conditions on one argument are alternatives" {
	allow_all '{names: ["personality"], action: "SCMP_ACT_ERRNO", errnoRet: 95,
		args: [{index: 0, value: 21, op: "SCMP_CMP_EQ"}, {index: 0, value: 22, op: "SCMP_CMP_EQ"}]}'
	for number in 21 22; do
		guest syscall 135 $number
		run_bundle
		check '.errno == "EOPNOTSUPP"'
	done
}

@test "unknown system call names are skipped" {
	allow_all '{names: ["no_such_call_at_all", "chroot"], action: "SCMP_ACT_ERRNO"}'
	guest syscall 161 0
	run_bundle
	check '.errno == "EPERM"'
}

@test "unknown actions, operators, architectures and flags are errors with their pointer" {
	minirun_only
	for change in '.defaultAction = "SCMP_ACT_NO":/linux/seccomp/defaultAction' \
		'.architectures = ["SCMP_ARCH_NO"]:/linux/seccomp/architectures/0' \
		'.flags = ["SECCOMP_FILTER_FLAG_NO"]:/linux/seccomp/flags/0' \
		'.syscalls[0].action = "NO":/linux/seccomp/syscalls/0/action' \
		'.syscalls[0] |= (.action = "NO" | .errnoRet = 1):/linux/seccomp/syscalls/0/action' \
		'.syscalls[0] |= (.action = "" | .errnoRet = 1):/linux/seccomp/syscalls/0/action' \
		'.syscalls[0].args = [{index: 0, value: 1, op: "NO"}]:/linux/seccomp/syscalls/0/args/0/op' \
		'.syscalls[0].args = [{index: 6, value: 1, op: "SCMP_CMP_EQ"}]:/linux/seccomp/syscalls/0/args/0/index' \
		'.syscalls[0].errnoRet = 99999:/linux/seccomp/syscalls/0' \
		'.syscalls[0].names = []:/linux/seccomp/syscalls/0/names' \
		'del(.defaultAction):/linux/seccomp'; do
		allow_all '{names: ["chroot"], action: "SCMP_ACT_ERRNO"}'
		config ".linux.seccomp |= (${change%:*})"
		run_bundle
		echo "$change"
		fails "${change##*:}"
	done
}

@test "errnoRet with an action that has none is an error" {
	minirun_only
	allow_all '{names: ["chroot"], action: "SCMP_ACT_KILL_PROCESS", errnoRet: 1}'
	run_bundle
	fails "/linux/seccomp/syscalls/0"
	config '.linux.seccomp.syscalls = [] | .linux.seccomp.defaultErrnoRet = 1'
	run_bundle
	fails "/linux/seccomp/defaultErrnoRet"
}

@test "flags: an empty list, SPEC_ALLOW, LOG, TSYNC" {
	for flags in '[]' '["SECCOMP_FILTER_FLAG_SPEC_ALLOW"]' '["SECCOMP_FILTER_FLAG_LOG"]' \
		'["SECCOMP_FILTER_FLAG_TSYNC"]'; do
		allow_all '{names: ["chroot"], action: "SCMP_ACT_ERRNO"}'
		config ".linux.seccomp.flags = $flags"
		guest syscall 161 0
		run_bundle
		echo "$flags $stderr"
		check '.errno == "EPERM"'
	done
}

@test "--debug tells the flags that the kernel gets, as a number" {
	minirun_only
	local flags

	args true
	for flags in 'null 4' '[] 0' '["SECCOMP_FILTER_FLAG_TSYNC"] 0' \
		'["SECCOMP_FILTER_FLAG_SPEC_ALLOW","SECCOMP_FILTER_FLAG_LOG"] 6'; do
		config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\",
			syscalls: [{names: [\"mkdir\"], action: \"SCMP_ACT_ERRNO\"}]} |
			.linux.seccomp.flags = ${flags% *}"
		run --separate-stderr minirun --debug run --bundle "$BUNDLE" "$(another_id)"
		((status == 0))
		[[ $stderr == *"seccomp filter flags: ${flags##* }\""* ]]
	done
}

@test "without noNewPrivileges the filter is loaded while privileges are held" {
	allow_all '{names: ["chroot"], action: "SCMP_ACT_ERRNO"}'
	config '.process.noNewPrivileges = false'
	run_bundle
	succeeds
	check '.status.seccomp == "2"' '.no_new_privs == 0'
}

@test "the filter holds for exec" {
	allow_all '{names: ["chroot"], action: "SCMP_ACT_ERRNO", errnoRet: 95}'
	running_bundle
	run --separate-stderr minirun exec "$ID" /bin/guest syscall 161 0
	check '.errno == "EOPNOTSUPP"'
}

@test "a listener path without a rule that notifies is ignored" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/such/agent",
		syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]}'
	guest exit 0
	run_bundle
	((status == 0))
}

@test "a call that is newer than the profile is answered with ENOSYS, an older one with the default" {
	minirun_only
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 1,
		syscalls: [{names: ["execve", "brk", "arch_prctl", "mmap", "munmap", "exit_group", "write",
		"fstat", "newfstatat", "set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink",
		"readlinkat", "getrandom", "mprotect", "uname", "read", "close", "ioctl", "openat", "open",
		"futex", "rt_sigaction", "rt_sigprocmask", "lseek"], action: "SCMP_ACT_ALLOW"}]}'
	for try in 161:EPERM 333:EPERM 335:ENOSYS 461:ENOSYS 100000:ENOSYS; do
		guest syscall "${try%:*}" 0
		run_bundle
		echo "$try $stderr"
		check ".errno == \"${try#*:}\""
	done
}

@test "the annotation run.oci.seccomp_fail_unknown_syscall makes unknown names an error" {
	minirun_only
	allow_all '{names: ["chroot", "no_such_call_at_all"], action: "SCMP_ACT_ERRNO"}'
	config '.annotations["run.oci.seccomp_fail_unknown_syscall"] = "1"'
	run_bundle
	fails "/linux/seccomp/syscalls/0/names" "no_such_call_at_all"
	config '.annotations["run.oci.seccomp_fail_unknown_syscall"] = "0"'
	guest exit 0
	run_bundle
	succeeds
	for name in seccomp_bpf_data seccomp.receiver seccomp.plugins handler; do
		config ".annotations = {\"run.oci.$name\": \"AAAA\"}"
		run_bundle
		fails "/annotations/run.oci.$name: isn't supported"
	done
}

@test "a profile need not know what only the runtime calls" {
	minirun_only
	local denied='"getresuid", "getresgid", "getgroups", "sendto", "sendmsg", "openat2", "faccessat2",
		"setresuid", "setresgid", "setgroups", "close_range"'

	for nnp in false true; do
		config ".process.noNewPrivileges = $nnp | .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\",
			architectures: [\"SCMP_ARCH_X86_64\"],
			syscalls: [{names: [$denied], action: \"SCMP_ACT_KILL_PROCESS\"}]}"
		running_bundle
		minirun exec "$ID" /bin/true
		minirun delete --force "$ID"
	done
}

@test "a profile that keeps the container from its program is named, with its member" {
	local profile want nnp

	minirun_only
	guest exit 0
	while IFS='|' read -r profile want; do
		for nnp in true false; do
			config ".process.noNewPrivileges = $nnp | .linux.seccomp = $profile"
			run_bundle
			((status == 1))
			[[ $stderr == *"(the container's seccomp filter: /linux/seccomp/$want)"* ]]
			create_bundle
			run_minirun start "$ID"
			((status == 1))
			[[ $stderr == *"(the container's seccomp filter: /linux/seccomp/$want)"* ]]
		done
	done <<-'END'
		{defaultAction: "SCMP_ACT_ERRNO"}|defaultAction has SCMP_ACT_ERRNO for write
		{defaultAction: "SCMP_ACT_KILL"}|defaultAction has SCMP_ACT_KILL for write
		{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["write", "close"], action: "SCMP_ACT_ERRNO"}]}|syscalls/0 has SCMP_ACT_ERRNO for write
		{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["execve"], action: "SCMP_ACT_KILL_PROCESS"}]}|syscalls/0 has SCMP_ACT_KILL_PROCESS for execve
		{defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["execve"], action: "SCMP_ACT_ERRNO"}]}|syscalls/0 has SCMP_ACT_ERRNO for execve
	END
	# another reason for the same answer isn't the filter's
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["execve"], action: "SCMP_ACT_ERRNO"}]} |
		.process.args = ["/bin/nothing"]'
	run_bundle
	((status == 1))
	[[ $stderr != *"seccomp filter"* ]]
}
