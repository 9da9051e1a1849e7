#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun check: all findings, and the same as create's

load lib/bundle
load lib/alike

setup() {
	bundle_new
	minirun_only
}

# checks STATUS [OPTION...]: the findings of the specification and the host; the others are below
checks() {
	run_minirun check --format json "${@:2}" "$BUNDLE/"
	echo "$status $stderr $output"
	((status == $1))
	output=$(jq '.findings |= map(select(.id | test("^(SPEC|HOST)-")))' <<<"$output")
}

# posture ID...: exactly these rules of the others, each at least once
posture() {
	run_minirun check --format json "$BUNDLE/"
	jq -r '.findings[].id | select(test("^(SPEC|HOST)-") | not)' <<<"$output" | sort -u \
		>"$BATS_TEST_TMPDIR/ids"
	printf '%s\n' "$@" | sort -u | diff - "$BATS_TEST_TMPDIR/ids"
}

@test "a good bundle has no finding of the specification or the host" {
	run_minirun check "$BUNDLE/"
	succeeds
	[[ $output == *"0 errors, "* ]]
	checks 0
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

@test "what check tries, it tries in a process group of its own" {
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE"}'
	before=$(ionice -p $BASHPID)
	checks 0
	[[ $(ionice -p $BASHPID) == "$before" ]]
}

@test "unknown members alone: 0, and 1 with --strict" {
	config '.hotsname = "x"'
	checks 0
	check '.findings | map(.id) == ["SPEC-unknown"]'
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
}

@test "an agent that isn't there yet is a warning: start needs it, create doesn't" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: "/no/agent",
			syscalls: [{names: ["chroot"], action: "SCMP_ACT_NOTIFY"}]}'
	checks 0
	check '.findings == [.findings[0]] and .findings[0].id == "HOST-seccomp-agent" and .findings[0].level == "warn"' \
		'.findings[0].pointer == "/linux/seccomp/listenerPath" and (.findings[0].text | contains("start will need it"))'
	checks 1 --strict
	create_bundle
	run_minirun start "$ID"
	((status == 1))
	[[ $stderr == *"failed to connect with seccomp agent"* ]]
	minirun delete --force "$ID"
	touch "$BUNDLE/file"
	config ".linux.seccomp.listenerPath = \"$BUNDLE/file\""
	checks 0
	check '.findings[0].text | contains("is no socket")'
}

@test "what only start and exec refuse is a warning: too much of args and env, CPUs that aren't there" {
	args /bin/guest exit 0
	config '.process.env += [range(11) | "V\(.)=" + "0" * 100000]' '.process.rlimits = [{type: "RLIMIT_STACK", soft: 4194304, hard: 4194304}]'
	checks 0
	check '.findings | map(.id + " " + .pointer) == ["HOST-arguments /process/args"]'
	run_bundle
	fails "argument list too long"
	config '.process.rlimits = [{type: "RLIMIT_STACK", soft: 8388608, hard: 8388608}]'
	checks 0
	check '.findings == []'
	run_bundle
	succeeds
	default_config
	config '.process.execCPUAffinity = {initial: "8190-8191", final: "0,8191"}'
	checks 0
	check '.findings | map(.level + " " + .id + " " + .pointer) == ["warn HOST-exec-affinity /process/execCPUAffinity/initial"]'
	running_bundle
	run_minirun exec "$ID" /bin/true
	((status == 255)) && [[ $stderr == *"/process/execCPUAffinity/initial: bind to CPUs 8190-8191"* ]]
}

@test "check and create refuse the same, with the same words: the document" {
	guest exit 0
	alike <<-'END'
		!.process.scheduler = {policy: "SCHED_FIFO"}
		!.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 3000, deadline: 2000, period: 1000}
		!.process.args = [""]
		!.process.rlimits = [{type: "RLIMIT_CORE", soft: 1, hard: 0}]
		!.process.ioPriority = {class: "IOPRIO_CLASS_BE"}
		!.process.execCPUAffinity = {initial: "x"}
		!.process.env += ["X"]
		!.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES", "MPOL_F_RELATIVE_NODES"]}
		!.linux.memoryPolicy = {mode: "MPOL_LOCAL", flags: ["MPOL_F_NUMA_BALANCING"]}
		!.linux.memoryPolicy = {mode: "MPOL_PREFERRED", flags: ["MPOL_F_STATIC_NODES"]}
		!.linux.memoryPolicy = {mode: "MPOL_BIND"}
		!.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 5}]
		!.linux.devices = [{path: "/dev/a", type: "c", major: 1, minor: 5}, {path: "/dev/a", type: "c", major: 1, minor: 3}]
		!.linux.devices = [{path: "/dev/null/x", type: "c", major: 1, minor: 3}]
		!.linux.devices = [{path: "/dev/..", type: "c", major: 1, minor: 3}]
		!.linux.maskedPaths = ["/proc/kcore", "//."]
		!.process.env += ["A=" + "x" * 131072]
		!.process.user.additionalGids = [range(65537)]
		!.linux.rootfsPropagation = ""
		!.linux.sysctl = {"kernel.panic": "1"}
		!.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["X"]}
		!.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["chroot"], action: "X"}]}
		!.mounts += [{destination: "/", type: "tmpfs", options: ["shared"]}]
		!.mounts += [{destination: "/mnt", type: "tmpfs", options: ["idmap"]}]
		.linux.memoryPolicy = {mode: "MPOL_DEFAULT"}
		.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3}]
		.process.scheduler = {policy: "SCHED_BATCH", nice: 5}
	END
}

@test "check and create refuse the same, with the same words: the host" {
	guest exit 0
	alike <<-'END'
		!.mounts += [{destination: "/mnt", type: "bind", source: "/no/such/source", options: ["bind"]}]
		!.mounts += [{destination: "/mnt", type: "nosuchfs", source: "x"}]
		!.mounts += [{destination: "/mnt", type: "tmpfs", source: "x", options: ["size=what"]}]
		!.mounts += [{destination: "/mnt", type: "overlay", source: "x", options: ["lowerdir=/etc:/no/such/layer"]}]
		!.mounts += [{destination: "/mnt", type: "overlay", source: "x", options: ["ro"]}]
		!.mounts += [{destination: "/mnt", type: "proc", source: "x", options: ["hidepid=9"]}]
		.mounts += [{destination: "/mnt", type: "proc", source: "proc", options: ["hidepid=2"]}]
		!.linux.sysctl = {"net.ipv4.ip_forward": "what"}
		!.linux.sysctl = {"kernel.msgmax": "0x10000000000000000"}
		.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "9000", "kernel.domainname": "a.b"}
		!.linux.resources.hugepageLimits = [{pageSize: "16MB", limit: 0}]
		!.linux.resources.memory = {swappiness: 60}
		!.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {boottime: {secs: -1000000000000}}
		!.linux.netDevices = {"nosuch0": {}}
		!.linux.sysctl = {"net.ipv4.no_such_setting": "1"}
		!.linux.sysctl = {"net.ipv4.tcp_congestion_control": "nosuchcc"}
		.linux.sysctl = {"net.ipv4.tcp_congestion_control": "reno"}
		!.linux.intelRdt = {closID: "no/such"}
		!.linux.namespaces |= map(if .type == "ipc" then .path = "/no/such/namespace" else . end)
		!.root.path = "/no/such/root"
		!.hooks.createRuntime = [{path: "/bin/true"}, {path: "/no/such/hook"}]
		!.hooks.createContainer = [{path: "/etc"}]
		!.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1023"}
		.linux.intelRdt = {}
		.linux.mountLabel = "system_u:object_r:container_file_t:s0"
		.process.apparmorProfile = "no-such-profile"
		.process.selinuxLabel = "no:such:label:s0"
		.process.oomScoreAdj = -1000
		.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 999999999, hard: 999999999}]
		.linux.resources.pids = {limit: 50}
		.linux.resources.memory = {limit: 500000000}
		.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 0}
	END
}

@test "all findings are told, not the first of each rule" {
	config '.linux.sysctl = {"kernel.panic": "1", "vm.swappiness": "1"} | .process.rlimits = [
		{type: "RLIMIT_X", soft: 1, hard: 1}, {type: "RLIMIT_CORE", soft: 2, hard: 1}] |
		.mounts += [{destination: "/", type: "tmpfs", options: ["shared"]}, {destination: "/m", type: "bind", source: "/no/1", options: ["bind"]},
			{destination: "/m", type: "bind", source: "/no/2", options: ["bind"]}] |
		.hooks.poststop = [{path: "/no/hook"}]'
	checks 1
	check '[.findings[] | select(.level == "error") | .pointer | sub("mounts/[0-9]+"; "mounts/N")] | sort ==
			["/linux/sysctl/kernel.panic", "/linux/sysctl/vm.swappiness", "/mounts/N/options",
			"/mounts/N/source", "/mounts/N/source", "/process/rlimits/0/type", "/process/rlimits/1/soft"]' \
		'.findings[] | select(.level == "warn") | .pointer == "/hooks/poststop/0"'
}

@test "all findings of the plans, too: cgroup, filter, namespaces, ids" {
	config '.linux.resources = {memory: {swappiness: 60, limit: 9999999, swap: 99}, cpu: {shares: 50, idle: 1},
			hugepageLimits: [{pageSize: "16MB", limit: 0}]} |
		.linux.namespaces |= map(if .type == "ipc" or .type == "uts" then .path = "/no/" + .type else . end) |
		.linux.seccomp = {defaultAction: "SCMP_ACT_NO", flags: ["NO"], architectures: ["NO", "SCMP_ARCH_X86"],
			syscalls: [{names: ["chroot"], action: "NO"}, {names: ["chdir"], action: "SCMP_ACT_ERRNO",
				args: [{index: 0, value: 1, op: "NO"}, {index: 1, value: 1, op: "NO"}]}]}'
	checks 1
	check '[.findings[].pointer | select(test("controller") | not)] | contains(["/linux/resources/memory/swappiness",
			"/linux/resources/memory/swap", "/linux/resources/cpu", "/linux/resources/hugepageLimits",
			"/linux/namespaces/2/path", "/linux/namespaces/3/path", "/linux/seccomp/defaultAction",
			"/linux/seccomp/flags/0", "/linux/seccomp/architectures/0", "/linux/seccomp/syscalls/0/action",
			"/linux/seccomp/syscalls/1/args/0/op", "/linux/seccomp/syscalls/1/args/1/op"])'
	default_config
	user_namespace
	config '.process.user = {uid: 70000, gid: 70001, additionalGids: [70002, 1, 70003]}'
	checks 1
	check '.findings | map(.pointer) | sort == ["/process/user/additionalGids/0",
			"/process/user/additionalGids/2", "/process/user/gid", "/process/user/uid"]'
}

@test "a value of sysctl is tried without a trace of it on the host" {
	before=$(cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward)
	config '.linux.sysctl = {"kernel.msgmax": "9001", "net.ipv4.ip_forward": "1", "net.ipv4.conf.eth7.forwarding": "x"} |
		.hooks.createRuntime = [{path: "/bin/true"}]'
	checks 0
	[[ $(cat /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_forward) == "$before" ]]
}

@test "namespaces that can't be had: both refuse, with the same words" {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 1}] | .linux.gidMappings = .linux.uidMappings'
	mkdir "$BATS_TEST_TMPDIR/chroot"
	mount --rbind / "$BATS_TEST_TMPDIR/chroot"
	mount --make-rprivate "$BATS_TEST_TMPDIR/chroot"
	run --separate-stderr chroot "$BATS_TEST_TMPDIR/chroot" "$MINIRUN" --root "$ROOT" check --format json "$BUNDLE/"
	text=$(jq -r '.findings[] | select(.id == "HOST-new-namespaces") | .text' <<<"$output")
	run --separate-stderr chroot "$BATS_TEST_TMPDIR/chroot" "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	umount -lR "$BATS_TEST_TMPDIR/chroot"
	fails "a new user namespace is not permitted" "chroot"
	[[ $text && $stderr == *"$text"* ]]
}

@test "a disk that isn't there: both refuse, each with the mount" {
	local type

	type=$(awk 'NF == 1 {print $1; exit}' /proc/filesystems)
	[[ $type ]] || skip "the kernel has no file system on disks"
	mount_point /mnt "$type" /dev/no-such-disk ro
	checks 1
	check '.findings[0] | .id == "HOST-file-systems" and (.text | test("/dev/no-such-disk"))'
	run_bundle
	fails "is missing"
}

@test "a program that the image lacks is told, where nothing else can bring it" {
	args no-such-program
	checks 1
	check '.findings | map(.level + .pointer) == ["error/process/args/0"]'
	args /bin/no/such
	checks 1
	config '.hooks.createRuntime = [{path: "/bin/true"}]'
	checks 0
	check '.findings == []'
	default_config
	args /opt/no-such
	mkdir "$BUNDLE/opt"
	mount_point /opt bind "$BUNDLE/opt" bind
	checks 1
	check '.findings | map(.pointer) == ["/process/args/0"]'
	cp "$ROOTFS/bin/guest" "$BUNDLE/opt/no-such"
	checks 0
	check '.findings == []'
}

@test "a file system that never answers is told, and holds nothing up" {
	local hang=$BATS_TEST_TMPDIR/hang

	[[ -e /dev/fuse ]] || skip "no /dev/fuse"
	mkdir "$hang"
	exec 9<>/dev/fuse
	mount -i -t fuse -o fd=9,rootmode=40000,user_id=0,group_id=0 hang "$hang" 3>&-
	mount_point /a bind /no/source bind
	mount_point /b bind "$hang/b" bind
	mount_point /c bind /no/other bind
	config ".hooks.poststart = [{path: \"$hang/hook\"}]"
	checks 1 || wrong=1
	exec 9>&- # first of all: nothing of it may hold up what comes after
	umount "$hang"
	[[ ! ${wrong-} ]]
	check '.findings | map(select(.text | test("is missing")) | .pointer) | length == 2' \
		'.findings | map(select(.text | test("hasn.t answered")) | .id) == ["HOST-mount-sources", "HOST-hooks"]'
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
		HOST-label HOST-root HOST-program HOST-sysctl-values HOST-rehearsal; do
		run_minirun check --explain "$rule"
		succeeds
		[[ $output == "$rule: "*"see: "* ]]
	done
	run_minirun check --explain SPEC-nothing
	((status == 2))
}

@test "posture: the default configuration of minirun spec has no error" {
	rm "$BUNDLE/config.json"
	minirun spec --bundle "$BUNDLE"
	run_minirun check "$BUNDLE/"
	succeeds
	[[ $output == *"warn   SEC01  /linux/seccomp: no filter"* && $output == *"0 errors, "* ]]
}

# A configuration about which there is nothing to say, but for limits, which a host may not have.
quiet_config() {
	config '.root.readonly = true | .process.user.uid = 1000 | .process.noNewPrivileges = true |
		.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 100}] |
		.process.capabilities = {} | .process.env = ["PATH=/bin"] |
		.linux.namespaces = [("pid", "network", "ipc", "uts", "mount", "cgroup", "user") | {type: .}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.maskedPaths = ["/proc/kcore", "/proc/keys", "/sys/firmware"] |
		.linux.readonlyPaths = ["/proc/sys", "/proc/sysrq-trigger"] |
		.linux.resources = {devices: [{allow: false, access: "rwm"}]} |
		.mounts |= map(if .type == "tmpfs" then .options += ["size=1m"] else . end) |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38,
			syscalls: [{names: ["read", "write", "exit_group"], action: "SCMP_ACT_ALLOW"}]}'
}
LIMITS=(RES01 RES02 RES03 LSM01)

@test "posture: a careful configuration has none but those of limits and labels" {
	quiet_config
	posture "${LIMITS[@]}"
}

@test "posture: each rule of capabilities, filters and users" {
	quiet_config
	config '.process.capabilities = {ambient: ["CAP_CHOWN"]}'
	posture CAP02 "${LIMITS[@]}"
	config '.process.capabilities = {bounding: ["CAP_NET_RAW", "CAP_KILL"], permitted: ["CAP_KILL"],
		effective: ["CAP_KILL", "CAP_CHOWN"], inheritable: ["CAP_KILL"]}'
	posture CAP03 CAP04 CAP05 CAP08 "${LIMITS[@]}"
	config '.process.capabilities = {bounding: ["CAP_FANCY"]}'
	posture CAP09 "${LIMITS[@]}"
	config '.process.capabilities = {bounding: ["CAP_SYS_ADMIN", "CAP_SYS_MODULE", "CAP_NET_ADMIN"]} |
		.linux.namespaces |= map(select(.type != "user" and .type != "network")) |
		del(.linux.uidMappings, .linux.gidMappings) | .process.user.uid = 0'
	posture CAP01 CAP06 CAP07 NS02 NS04 USR01 "${LIMITS[@]}"
	quiet_config
	config 'del(.linux.seccomp) | .process.noNewPrivileges = false | .process.user.umask = 0'
	posture SEC01 SEC04 USR03 "${LIMITS[@]}"
	config '.process.noNewPrivileges = true | del(.process.user.umask) | .linux.seccomp = {
		defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["chmod", "fchmod", "fchmodat"],
		action: "SCMP_ACT_ERRNO"}]}'
	posture SEC02 SEC03 "${LIMITS[@]}"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ERRNO"}'
	posture SEC05 "${LIMITS[@]}"
	quiet_config
	config '.linux.uidMappings[0].hostID = 0'
	posture USR02 "${LIMITS[@]}"
}

@test "posture: each rule of namespaces, mounts, devices, labels" {
	quiet_config
	config '.linux.namespaces |= map(select(.type | IN("pid", "ipc", "cgroup") | not))'
	posture NS01 NS03 NS06 "${LIMITS[@]}"
	quiet_config
	config '.root.readonly = false | .linux.rootfsPropagation = "shared" | .linux.maskedPaths = [] |
		.process.oomScoreAdj = -1 | .process.rlimits = [] | .process.env += ["DB_PASSWORD=x"] |
		.linux.resources.devices += [{allow: true, type: "b", major: 8, minor: 0, access: "rw"}]'
	mount_point /etc2 bind /etc rbind
	mount_point /s bind /run/docker.sock bind ro nosuid
	mount_point /t tmpfs tmpfs
	posture MNT01 MNT02 MNT03 MNT04 MNT05 MNT08 MNT09 RES06 RES07 RES08 ENV01 "${LIMITS[@]}"
	default_config
	quiet_config
	config '.linux.resources.devices = [{allow: true, access: "rwm"}]'
	posture RES05 "${LIMITS[@]}"
	quiet_config
	config '.linux.namespaces |= map(select(.type | IN("user", "cgroup") | not)) | .linux.readonlyPaths = [] |
		del(.linux.uidMappings, .linux.gidMappings) |
		.mounts |= map(if .type == "sysfs" then .options -= ["ro"] else . end)'
	posture NS04 NS06 MNT05 MNT06 MNT07 "${LIMITS[@]}"
}

@test "a container: what the kernel has is compared with what was asked for" {
	running_bundle
	run_minirun check --format json "$ID"
	check '.findings | all(.id != "RUN01")'
}

@test "--explain: posture rules have a reason, a cure and a page" {
	for rule in CAP02 SEC03 NS04 MNT09 RES01 RUN01; do
		run_minirun check --explain "$rule"
		succeeds
		[[ $output == "$rule is "*"why: "*"cure: "*"see: "* ]]
	done
}
