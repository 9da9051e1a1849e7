#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: seccomp. The system calls are tried by their x86-64 numbers: 161 chroot, 140
# getpriority (which, who: any number, -1 and EINVAL without a filter)

load ../lib/bundle
load rows

setup() {
	bundle_new
	[[ $(uname -m) == x86_64 ]] || skip "the numbers are those of x86-64"
	AGENT=$BATS_TEST_TMPDIR/agent
}

# seccomp MEMBER...: allows all but what the members (jq) say
seccomp() {
	config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_X86_64\"]} + {$1}"
}

agent() {
	"$HELPERS/agent" "$AGENT" "$@" >>"$BATS_TEST_TMPDIR/agent.out" 2>&1 3>&- &
	until_true test -S "$AGENT"
}

heard() {
	output=$(jq -sc . "$BATS_TEST_TMPDIR/agent.out")
	check "$@"
}

notify() {
	seccomp "listenerPath: \"$AGENT\", listenerMetadata: \"opaque \\\"text\\\"\",
		syscalls: [{names: [\"chroot\"], action: \"SCMP_ACT_NOTIFY\"}]"
}

@test "L-174 L-175 L-177 L-178 L-179 L-190 L-192 L-193 L-194 L-195 L-197 L-198 L-199 L-201 L-202: required and valid members" {
	seccomp 'syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, op: "SCMP_CMP_EQ"}]}]'
	refused_rows <<-'END'
		L-174 /linux/seccomp del(.linux.seccomp.defaultAction)
		L-175 /linux/seccomp/defaultAction .linux.seccomp.defaultAction = "ALLOW"
		L-177 /linux/seccomp/defaultErrnoRet .linux.seccomp.defaultErrnoRet = 5
		L-177 /linux/seccomp/defaultErrnoRet .linux.seccomp |= (.defaultAction = "SCMP_ACT_KILL" | .defaultErrnoRet = 0)
		L-178 /linux/seccomp/architectures/0 .linux.seccomp.architectures = ["SCMP_ARCH_NO"]
		L-178 /linux/seccomp/architectures/1 .linux.seccomp.architectures += ["amd64"]
		L-179 /linux/seccomp/flags/0 .linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_NEW_LISTENER"]
		L-179 /linux/seccomp/flags/1 .linux.seccomp.flags = ["SECCOMP_FILTER_FLAG_LOG", "LOG"]
		L-190 /linux/seccomp/listenerMetadata .linux.seccomp.listenerMetadata = "x"
		L-192 /linux/seccomp/syscalls/0 del(.linux.seccomp.syscalls[0].names)
		L-193 /linux/seccomp/syscalls/0/names .linux.seccomp.syscalls[0].names = []
		L-194 /linux/seccomp/syscalls/0 del(.linux.seccomp.syscalls[0].action)
		L-195 /linux/seccomp/syscalls/0/action .linux.seccomp.syscalls[0].action = "SCMP_ACT_NO"
		L-197 /linux/seccomp/syscalls/0/errnoRet .linux.seccomp.syscalls[0] |= (.action = "SCMP_ACT_KILL" | .errnoRet = 1)
		L-197 /linux/seccomp/syscalls/0/errnoRet .linux.seccomp.syscalls[0] |= (.action = "SCMP_ACT_LOG" | .errnoRet = 1)
		L-198 /linux/seccomp/syscalls/0/args/0 del(.linux.seccomp.syscalls[0].args[0].index)
		L-198 /linux/seccomp/syscalls/0/args/0/index .linux.seccomp.syscalls[0].args[0].index = 6
		L-199 /linux/seccomp/syscalls/0/args/0 del(.linux.seccomp.syscalls[0].args[0].value)
		L-201 /linux/seccomp/syscalls/0/args/0 del(.linux.seccomp.syscalls[0].args[0].op)
		L-202 /linux/seccomp/syscalls/0/args/0/op .linux.seccomp.syscalls[0].args[0].op = "SCMP_CMP_NO"
	END
	for arch in X86 X86_64 X32 ARM AARCH64 MIPS MIPS64 MIPS64N32 MIPSEL MIPSEL64 MIPSEL64N32 PPC PPC64 PPC64LE \
		S390 S390X PARISC PARISC64 RISCV64 LOONGARCH64 M68K SH SHEB; do # the library need not know all
		changed ".linux.seccomp.architectures += [\"SCMP_ARCH_$arch\"]"
		attempt
		((status == 0)) || fails "/linux/seccomp/architectures/1: *SCMP_ARCH_$arch"
		minirun delete --force "$ID"
	done
}

@test "L-195: what each action does" {
	guest syscall 161 0
	while read -r action want; do
		seccomp "syscalls: [{names: [\"chroot\"], action: \"$action\"}]"
		run_bundle
		echo "$action: $status $output"
		# shellcheck disable=SC2053 # a pattern
		[[ "$status $output" == $want ]]
	done <<-'END'
		SCMP_ACT_KILL 159*
		SCMP_ACT_KILL_THREAD 159*
		SCMP_ACT_KILL_PROCESS 159*
		SCMP_ACT_TRAP 159*
		SCMP_ACT_ERRNO 0*EPERM*
		SCMP_ACT_TRACE 0*ENOSYS*
		SCMP_ACT_ALLOW 0*
		SCMP_ACT_LOG 0*
	END
}

@test "L-179: flags" {
	for flag in TSYNC LOG SPEC_ALLOW; do
		seccomp "flags: [\"SECCOMP_FILTER_FLAG_$flag\"], syscalls: [{names: [\"chroot\"], action: \"SCMP_ACT_ERRNO\"}]"
		guest syscall 161 0
		run_bundle
		succeeds
		check '.errno == "EPERM"'
	done
	seccomp 'flags: ["SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"], syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]'
	run_bundle
	((status == 0)) || fails /linux/seccomp/flags/0
}

# 64-bit operands: which is compared with 2^32+5
@test "L-202: what each operator compares" {
	value=4294967301
	while read -r op yes no two; do
		seccomp "syscalls: [{names: [\"getpriority\"], action: \"SCMP_ACT_ERRNO\", errnoRet: 71,
			args: [{index: 1, value: $value, op: \"SCMP_CMP_$op\", valueTwo: ${two:-0}}]}]"
		for operand in $yes; do
			guest syscall 140 7 "$operand"
			run_bundle
			echo "$op $operand $output"
			check '.errno == "EPROTO"'
		done
		for operand in $no; do
			guest syscall 140 7 "$operand"
			run_bundle
			echo "$op $operand $output"
			check '.errno == "EINVAL"'
		done
	done <<-'END'
		NE 5 4294967301
		EQ 4294967301 5
		LT 4294967300 4294967301
		LE 4294967301 4294967302
		GE 4294967301 4294967300
		GT 4294967302 4294967301
	END
	seccomp 'syscalls: [{names: ["getpriority"], action: "SCMP_ACT_ERRNO", errnoRet: 71,
		args: [{index: 1, value: 240, valueTwo: 32, op: "SCMP_CMP_MASKED_EQ"}]}]'
	for row in 47:EPROTO 63:EINVAL; do
		guest syscall 140 7 "${row%:*}"
		run_bundle
		check ".errno == \"${row#*:}\""
	done
}

@test "L-181 L-183 L-184 L-185 L-188 L-189 L-203 L-204 L-207 L-209 L-211: the agent gets one container process state a connection, and the listener" {
	agent errno 123
	notify
	running_bundle
	pid=$(container_pid)
	run --separate-stderr minirun exec "$ID" /bin/guest syscall 161 0
	succeeds
	check '.errno == "ENOMEDIUM"' # the descriptor is a listener that works
	heard '[.[] | select(.state)] | length == 2' '[.[] | select(.state) | .fds == 1 and .closed] | all' \
		'[.[] | select(.state).state | .fds == ["seccompFd"] and .metadata == "opaque \"text\"" and
			(.ociVersion | startswith("1.")) and (.pid | type == "number")] | all' \
		"[.[] | select(.state).state.state | $STATE_SCHEMA] | all" \
		"[.[] | select(.state)] | .[0].state.pid == $pid and .[0].state.state.pid == $pid and .[1].state.pid != $pid" \
		"[.[] | select(.state).state.state.id] | unique == [\"$ID\"]"
	until_true true
}

@test "L-182 L-186: no agent, or one with another type of socket, is an error" {
	notify
	guest exit 0
	run_bundle
	fails seccomp
	"$HELPERS/receive" datagram "$AGENT" >/dev/null 3>&- &
	until_true test -S "$AGENT"
	run_bundle
	fails seccomp
}

@test "L-187: listenerPath is ignored if no action notifies" {
	seccomp 'listenerPath: "/no/such/socket", listenerMetadata: "x", syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]'
	run_bundle
	succeeds
}

@test "L-206: the descriptor comes with the first message" {
	needs_program strace
	agent errno 123
	notify
	config '.annotations = {large: ("x" * 300000)}'
	guest exit 0
	strace -f -qq -s 4 -e trace=sendmsg,sendto,write -o "$BATS_TEST_TMPDIR/trace" \
		"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/out" 2>&1
	heard '.[0] | .fds == 1 and .closed and (.state.state.annotations.large | length == 300000)'
	sent=$(grep -n 'SCM_RIGHTS' "$BATS_TEST_TMPDIR/trace" | grep -c 'msg_iov=.*"{')
	((sent == 1)) # the one with the beginning of the document
}
