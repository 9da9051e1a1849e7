#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun seccomp

load lib/bundle

setup() {
	bundle_new
	minirun_only
	[[ $(uname -m) == x86_64 ]] || skip "the names are those of x86-64"
}

profile() {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
		syscalls: [{names: ["chmod", "fchmod", "fchmodat"], action: "SCMP_ACT_ERRNO"},
			{names: ["clone"], action: "SCMP_ACT_ERRNO",
				args: [{index: 0, value: 268435456, valueTwo: 268435456, op: "SCMP_CMP_MASKED_EQ"}]},
			{names: ["ptrace"], action: "SCMP_ACT_KILL_PROCESS"}]}'
}

# asks STATUS WORD...: the verdict's exit status
asks() {
	run_minirun seccomp "$BUNDLE/" "${@:2}"
	echo "$*: $status $output $stderr"
	((status == $1))
}

@test "a bundle: groups, conditions, holes" {
	profile
	run_minirun seccomp "$BUNDLE/"
	succeeds
	[[ ${lines[0]} == *"   x86_64 (also x86)   from config.json" ]]
	grep -qx 'ERRNO(EPERM)    chmod fchmod fchmodat' <<<"$output"
	grep -qx 'KILL_PROCESS    ptrace' <<<"$output"
	grep -qx 'ERRNO(EPERM)    clone  if (arg0 & 0x10000000) == 0x10000000   user namespace' <<<"$output"
	grep -q '^ALLOW .* others$' <<<"$output"
	grep -q '^! SEC03: fchmodat2 is allowed, chmod is denied' <<<"$output"
	[[ $output != *SEC04* ]]
	run_minirun seccomp --format json "$BUNDLE/"
	check '.schema == "minirun.seccomp/1"' '.mode == 2 and .default == "ALLOW" and .arch == "x86_64"' \
		'[.filters[0].rules[] | select(.syscall == "clone" and .action == "ERRNO")] | length == 1 and
			(.[0] | .nr == 56 and .errno == 1 and .when == [{arg: 0, op: "masked_eq", mask: 268435456,
				value: 268435456, text: "(arg0 & 0x10000000) == 0x10000000"}])' \
		'.filters[0].rules | length == 5' '.holes | map(.id) | index("SEC03") and index("SEC06") and (index("SEC04") | not)'
	run_minirun seccomp --all --format json "$BUNDLE/"
	check '.filters[0].rules | map(select(.action == "ALLOW" and .when == null)) | length > 300'
	check '.architectures == ["x86_64", "x86"]'
	run_minirun seccomp --arch x86 "$BUNDLE/"
	[[ ${lines[0]} == *"   x86 (also x86_64)   from config.json" ]]
	run_minirun seccomp --arch x86 "$BUNDLE/" fchmodat
	((status == 1))
	run_minirun seccomp --bpf "$BUNDLE/"
	succeeds
	[[ $output == *"A = arch"*"return KILL_PROCESS"* ]]
}

@test "one call: the verdict is the exit status, and what the container sees" {
	profile
	asks 1 chmod
	[[ $output == "chmod: ERRNO(EPERM)" ]]
	asks 0 read
	asks 0 getpid 1 2 3
	asks 1 clone 0x10000000
	asks 0 clone 17
	asks 1 clone
	asks 1 90
	asks 2 no_such_call
	asks 2 clone seventeen
	for try in 90:1 452:0 56:1; do
		guest syscall "${try%:*}" 268435456 0 0 0 0
		run_bundle
		if ((${try#*:})); then
			check '.errno == "EPERM"'
		else
			check '.errno != "EPERM"'
		fi
	done
}

@test "a container's filter in the kernel is the one that is shown" {
	profile
	running_bundle
	run_minirun seccomp "$ID"
	succeeds
	planned=$output
	run_minirun seccomp --live "$ID"
	[[ $status == 0 || $stderr == *"CAP_SYS_ADMIN"* || $stderr == *CONFIG_CHECKPOINT_RESTORE* ]]
	((status == 0)) || skip "the kernel doesn't show filters here"
	[[ ${output//from the kernel/from config.json} == "${planned/ (also x86)/}" ]]
	run_minirun seccomp --live --format json "$ID"
	live=$(jq -S 'del(.source)' <<<"$output")
	run_minirun seccomp --format json "pid:$(container_pid)"
	[[ $(jq -S '.filters' <<<"$output") == "$(jq -S '.filters' <<<"$live")" ]]
	run_minirun seccomp -v "$ID"
	[[ $output == *"the kernel's filters are those of config.json"* ]]
	[[ $(container_status) == running ]] # and goes on as before
	grep -q '^TracerPid:	0$' "/proc/$(container_pid)/status"
	run_minirun seccomp
	[[ $output == *"$(container_pid)  2  1  SCMP_ACT_ALLOW"* ]]
	run_minirun seccomp --format json
	check '.mode == 2 and .filter_count == 1 and .default_action == "SCMP_ACT_ALLOW"'
}

@test "no filter, no process, no permission: a sentence each" {
	run_minirun seccomp "$BUNDLE/"
	succeeds
	[[ $output == "no filter: every system call reaches the kernel" ]]
	run_minirun seccomp "$BUNDLE/" mount
	succeeds
	run_minirun seccomp self
	((status == 0))
	run_minirun seccomp --live "$BUNDLE/"
	((status == 2))
	[[ $stderr == *"has no process"* ]]
	run_minirun seccomp 4194999
	((status == 2))
	[[ $stderr == *"doesn't exist"* ]]
	run_minirun seccomp --arch pdp11 "$BUNDLE/"
	((status == 2))
	profile
	running_bundle
	run setpriv --reuid 65534 --clear-groups "$MINIRUN" seccomp "pid:$(container_pid)"
	((status == 2))
	[[ $output == *"CAP_SYS"* ]]
}
