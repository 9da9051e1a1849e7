#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun check: all findings, and the same as create's

load lib/bundle

setup() {
	bundle_new
	minirun_only
}

checks() {
	run_minirun check --format json "${@:2}" "$BUNDLE/"
	echo "$status $stderr $output"
	((status == $1))
}

@test "a good bundle has no finding" {
	run_minirun check "$BUNDLE/"
	succeeds
	[[ $output == "0 errors, 0 warnings, 0 notes" ]]
	checks 0 --strict
	check '.schema == "minirun.check/1"' '.findings == [] and .errors == 0'
}

@test "every wrong member is told, and unknown ones are warnings" {
	config '.process.user.uid = "0"' '.root.readonly = 1' 'del(.process.cwd)' '.hotsname = "x"' \
		'.mounts[0].dest = "/"' '.linux.seccomp = {syscalls: [{names: "a"}]}'
	checks 1
	check '[.findings[] | select(.level == "error") | .pointer] | sort == (["/process/user/uid",
			"/root/readonly", "/process/cwd", "/linux/seccomp/defaultAction",
			"/linux/seccomp/syscalls/0/names", "/linux/seccomp/syscalls/0/action"] | sort)' \
		'[.findings[] | select(.level == "warn") | .pointer] | sort == ["/hotsname", "/mounts/0/dest"]' \
		'all(.findings[]; .section != "" and (.id | startswith("SPEC-")))'
	run_bundle
	fails
}

@test "unknown members alone: 0, and 1 with --strict" {
	config '.hotsname = "x"'
	checks 0
	checks 1 --strict
	guest exit 0
	run_bundle
	succeeds
}

@test "rules between members, each with its section" {
	config '.linux.timeOffsets = {boottime: {secs: 1}}' '.hooks = {poststop: [{path: "/x", env: ["A"]}]}'
	checks 1
	check '.findings | map(.id) | sort == ["SPEC-hooks", "SPEC-time-offsets"]' \
		'.findings[] | select(.id == "SPEC-time-offsets") |
			.section == "config-linux.md#offset-for-time-namespace" and .pointer == "/linux/timeOffsets"'
}

@test "what this host can't do: what create says" {
	config '.root.path = "nowhere"' '.linux.sysctl = {"kernel.panic": "1"}' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_NO"}' \
		'.linux.namespaces |= map(if .type == "ipc" then .path = "/no/such/namespace" else . end)'
	checks 1
	check '.findings | map(.id) | contains(["HOST-namespaces", "HOST-root", "HOST-seccomp"])'
	run_bundle
	fails "/no/such/namespace"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/agent",
			syscalls: [{names: ["chroot"], action: "SCMP_ACT_NOTIFY"}]}'
	checks 1
	check '.findings | map(.id) | index("HOST-seccomp-agent")'
}

@test "no JSON is a finding; no file is trouble; nothing is made" {
	echo '{"a": 1,' >"$BUNDLE/config.json"
	checks 1
	check '.findings[0] | .id == "SPEC-json" and (.text | test("line 2"))'
	rm "$BUNDLE/config.json"
	checks 2
	mkfifo "$BUNDLE/config.json"
	checks 2
	run_minirun check
	((status == 2))
	run_minirun check "no-$ID"
	((status == 2))
}

@test "a container's frozen configuration" {
	running_bundle
	rm "$BUNDLE/config.json"
	run_minirun check "$ID"
	succeeds
}

@test "--explain knows each rule that can be found" {
	for rule in SPEC-json SPEC-members SPEC-unknown SPEC-seccomp-listener SPEC-annotations HOST-cgroup \
		HOST-label HOST-root; do
		run_minirun check --explain "$rule"
		succeeds
		[[ $output == "$rule: "*"see: "* ]]
	done
	run_minirun check --explain SPEC-nothing
	((status == 2))
}
