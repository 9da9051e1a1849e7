#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's linux.namespaces, hostname, domainname, time offsets

load lib/bundle

# own KIND... / hosts KIND...: which namespaces (by their names in /proc/PID/ns) are whose
own() {
	local kind

	for kind; do
		check ".namespaces.$kind != \"$(readlink "/proc/self/ns/$kind")\""
	done
}

hosts() {
	local kind

	for kind; do
		[[ -e /proc/self/ns/$kind ]] || continue # not every kernel has time
		check ".namespaces.$kind == \"$(readlink "/proc/self/ns/$kind")\""
	done
}

without() {
	config "del(.linux.namespaces[] | select(.type == \"$1\"))"
}

join() {
	config "(.linux.namespaces[] | select(.type == \"$1\")).path = \"$2\""
}

@test "each type that is listed is new, the others are the caller's" {
	run_bundle
	succeeds
	own pid net ipc uts mnt cgroup
	hosts user time
}

@test "without pid, network, ipc, uts, cgroup: the caller's" {
	for kind in pid network ipc uts cgroup; do
		without "$kind"
	done
	config 'del(.hostname) | .mounts |= map(select(.destination | test("sys|mqueue") | not))'
	run_bundle
	succeeds
	hosts pid net ipc uts cgroup
	own mnt
	check ".hostname == \"$(hostname)\"" '.pid > 1'
}

@test "a time namespace, with offsets" {
	needs_namespace time
	minirun_only
	config '.linux.namespaces += [{type: "time"}]'
	run_bundle
	succeeds
	own time
	config '.linux.timeOffsets = {boottime: {secs: 864000}, monotonic: {secs: 1000, nanosecs: 5}}'
	args /bin/cut -d. -f1 /proc/uptime
	run_bundle
	succeeds
	((output >= 864000))
}

@test "a kind of namespace that the kernel was built without is told" {
	minirun_only
	[[ ! -e /proc/self/ns/time ]] || skip "this kernel has all kinds"
	config '.linux.namespaces += [{type: "time"}]'
	run_bundle
	fails "/linux/namespaces: the kernel has no time namespaces"
}

@test "namespaces are joined by path" {
	running_bundle
	pid=$(container_pid)
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	for kind in network:net ipc:ipc uts:uts pid:pid; do
		join "${kind%:*}" "/proc/$pid/ns/${kind#*:}"
	done
	config 'del(.hostname)'
	guest report
	run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
	succeeds
	for kind in net ipc uts pid; do
		check ".namespaces.$kind == \"$(readlink "/proc/$pid/ns/$kind")\""
	done
	check '.pid > 1' '.hostname == "guest"'
}

@test "a pid namespace is joined under a filter that doesn't know close_range" {
	[[ $(uname -m) == x86_64 ]] || skip "the architecture is that of x86-64"
	running_bundle
	pid=$(container_pid)
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	join pid "/proc/$pid/ns/pid"
	config '.process.noNewPrivileges = false |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_X86_64"],
			syscalls: [{names: ["close_range"], action: "SCMP_ACT_ERRNO"}]}'
	guest report
	run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
	succeeds
	check ".namespaces.pid == \"$(readlink "/proc/$pid/ns/pid")\"" '.status.seccomp == "2"'
}

@test "a mount namespace and a cgroup namespace are joined by path" {
	minirun_only
	running_bundle
	pid=$(container_pid)
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	join cgroup "/proc/$pid/ns/cgroup"
	guest report
	run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
	succeeds
	check ".namespaces.cgroup == \"$(readlink "/proc/$pid/ns/cgroup")\""
}

@test "a namespace that was kept by a bind mount is joined" {
	unshare --net true
	touch "$BATS_TEST_TMPDIR/net"
	unshare --net sh -c "mount --bind /proc/self/ns/net '$BATS_TEST_TMPDIR/net'"
	inode=$(stat -L -c %i "$BATS_TEST_TMPDIR/net")
	join network "$BATS_TEST_TMPDIR/net"
	run_bundle
	umount "$BATS_TEST_TMPDIR/net"
	succeeds
	check ".namespaces.net == \"net:[$inode]\""
}

# bats test_tags=not-uml
@test "a path of another type, of no namespace, or to nothing is an error that names it" {
	join network /proc/self/ns/uts
	run_bundle
	fails "/proc/self/ns/uts"
	join network /etc/passwd
	run_bundle
	fails "/etc/passwd"
	join network /no/such/namespace
	run_bundle
	fails "/no/such/namespace"
	join network relative
	run_bundle
	fails "/linux/namespaces/1/path"
}

# bats test_tags=not-uml
@test "a namespace type that is listed twice, or unknown, is an error" {
	config '.linux.namespaces += [{type: "pid"}]'
	run_bundle
	fails "/linux/namespaces/6" "pid"
	config '.linux.namespaces[6].type = "nosuch"'
	run_bundle
	fails "/linux/namespaces/6/type" "nosuch"
}

@test "a new network namespace has lo, up" {
	echo hello >"$ROOTFS/page"
	args /bin/sh -c 'ip -o link show lo; httpd -p 127.0.0.1:8080 -h /
		wget -q -O - http://127.0.0.1:8080/page'
	run_bundle
	((status == 0))
	[[ ${lines[0]} == *"LOOPBACK,UP"* && ${lines[1]} == hello ]]
}

@test "hostname and domainname" {
	config '.hostname = "a-name" | .domainname = "a-domain"'
	run_bundle
	if is_minirun || ((status == 0)); then
		succeeds
		check '.hostname == "a-name"' '.domainname == "a-domain" or .domainname == "(none)"'
	fi
	is_minirun || return 0
	check '.domainname == "a-domain"'
}

# bats test_tags=not-uml
@test "hostname without a uts namespace is an error, and the host's stays" {
	without uts
	run_bundle
	fails "/hostname"
	minirun_only
	config 'del(.hostname) | .domainname = "d"'
	run_bundle
	fails "/domainname"
}

# bats test_tags=not-uml
@test "a hostname that is too long is an error" {
	config ".hostname = \"$(printf 'x%.0s' {1..65})\""
	run_bundle
	fails "hostname"
}

@test "no mount namespace: the host's mounts stay as they are, or the configuration is refused" {
	minirun_only
	without mount
	config '.mounts = [] | del(.linux.maskedPaths, .linux.readonlyPaths)'
	run_bundle
	echo "$status $stderr"
	((status == 0)) || fails
}

# bats test_tags=not-uml
@test "time offsets without a time namespace are an error" {
	minirun_only
	config '.linux.timeOffsets = {boottime: {secs: 100}}'
	run_bundle
	fails "/linux/timeOffsets"
}

# bats test_tags=not-uml
@test "id mappings without a user namespace are an error" {
	minirun_only
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}]'
	run_bundle
	fails "/linux/uidMappings"
}

# bats test_tags=not-uml
@test "an empty path of a namespace is none" {
	config '.linux.namespaces |= map(.path = "")'
	run_bundle
	succeeds
	check '.pid == 1'
}
