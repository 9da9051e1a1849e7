#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: file systems, namespaces, mappings, devices, propagation, masked and read-only paths,
# personality, memory policy

load ../lib/bundle
load rows

TYPES=(pid:pid network:net ipc:ipc uts:uts mount:mnt cgroup:cgroup user:user time:time)

@test "L-1 L-2 L-3 L-4: /proc, /sys, /dev/pts and /dev/shm" {
	run_bundle
	succeeds
	at /proc '.type == "proc"'
	at /sys '.type == "sysfs"'
	at /dev/pts '.type == "devpts"'
	at /dev/shm '.type == "tmpfs"'
}

@test "L-5 L-15 L-17 L-20: namespaces: a type, known, once; a path that is absolute and of that type" {
	touch "$BATS_TEST_TMPDIR/file"
	{
		cat <<-'END'
			L-5 /linux/namespaces/0 del(.linux.namespaces[0].type)
			L-5 /linux/namespaces/0/type .linux.namespaces[0].type = "net"
			L-15 /linux/namespaces/1/path .linux.namespaces[1].path = "proc/1/ns/net"
			L-17 /linux/namespaces/1/path .linux.namespaces[1].path = "/proc/1/ns/uts"
			L-17 /linux/namespaces/1/path .linux.namespaces[1].path = ($dir + "/file")
			L-17 /linux/namespaces/1/path .linux.namespaces[1].path = $dir
			L-20 /linux/namespaces/6 .linux.namespaces += [{type: "pid"}]
			L-20 /linux/namespaces/6 .linux.namespaces += [{type: "network", path: "/proc/1/ns/net"}]
		END
		for pair in "${TYPES[@]}"; do
			echo "L-17 path .linux.namespaces |= map(select(.type != \"${pair%:*}\")) |
				.linux.namespaces += [{type: \"${pair%:*}\", path: \"/proc/1/fd\"}]" | tr '\n\t' '  '
			echo
		done
	} >"$BATS_TEST_TMPDIR/rows"
	refused_rows <"$BATS_TEST_TMPDIR/rows"
}

@test "L-6 L-7 L-8 L-9 L-10 L-12 L-18: new namespaces: pid, network, mount, ipc, uts, cgroup" {
	run_bundle
	succeeds
	check '.pid == 1' '.hostname == "guest"' '.cgroup | split("\n") | index("0::/")'
	for type in pid net mnt ipc uts cgroup; do
		check ".namespaces.$type != \"$(readlink "/proc/self/ns/$type")\""
	done
	capabilities CAP_SYS_ADMIN
	args /bin/sh -c 'mount -t tmpfs inside-only /tmp && hostname inside-only && ls /sys/class/net && ls /dev/mqueue'
	run_bundle
	succeeds
	[[ $output == lo ]]
	is_false grep -q inside-only /proc/self/mountinfo
	[[ $(hostname) != inside-only ]]
}

@test "L-11 L-18 L-25: a new user namespace with its mappings, and no file of the root is changed" {
	user_namespace
	args /bin/sh -c 'cat /proc/self/uid_map /proc/self/gid_map; readlink /proc/self/ns/user'
	before=$(find "$ROOTFS" -printf '%p %u:%g %m\n' | sort)
	run_bundle
	succeeds
	diff <(echo "$before") <(find "$ROOTFS" -printf '%p %u:%g %m\n' | sort)
	[[ ${lines[0]} == *0*100000*65536 && ${lines[1]} == *0*100000*65536 ]]
	[[ ${lines[2]} != "$(readlink /proc/self/ns/user)" ]]
}

@test "L-13 L-18: a new time namespace, in which the process itself is" {
	needs_namespace time
	config '.linux.namespaces += [{type: "time"}] | .linux.timeOffsets = {monotonic: {secs: 1000000}, boottime: {secs: 2000000}}'
	args /bin/sh -c 'readlink /proc/self/ns/time; cat /proc/uptime'
	run_bundle
	succeeds
	[[ ${lines[0]} != "$(readlink /proc/self/ns/time)" ]]
	uptime=${lines[1]%%.*}
	((uptime > 2000000))
}

@test "L-30: time offsets without a new time namespace" {
	refused_rows <<-'END'
		L-30 /linux/timeOffsets .linux.timeOffsets = {monotonic: {secs: 1}}
		L-30 /linux/timeOffsets .linux.namespaces += [{type: "time", path: "/proc/1/ns/time"}] | .linux.timeOffsets = {monotonic: {secs: 1}}
	END
}

@test "L-16: each type of namespace is joined by its path" {
	minirun_only # runc 1.1 doesn't know time
	[[ ! -e /proc/self/ns/time ]] || config '.linux.namespaces += [{type: "time"}]'
	running_bundle
	pid=$(container_pid)
	other=$(another_id)
	config '.linux.namespaces |= map(select(.type != "mount") | .path = "/proc/'"$pid"'/ns/" +
			(if .type == "network" then "net" else .type end)) | .linux.namespaces += [{type: "mount"}] |
		del(.hostname) | .linux.cgroupsPath = "/'"$other"'"'
	guest report
	run --separate-stderr minirun run --bundle "$BUNDLE" "$other"
	succeeds
	check '.pid > 1'
	for type in pid net ipc uts cgroup time; do
		[[ ! -e /proc/self/ns/$type ]] || check ".namespaces.$type == \"$(readlink "/proc/$pid/ns/$type")\""
	done
	minirun delete --force "$ID"
	# one in which the root file system is at its path
	default_config
	unshare --mount --propagation private sleep 1000 3>&- &
	until_true sh -c "readlink /proc/$!/exe | grep sleep"
	config '(.linux.namespaces[] | select(.type == "mount")).path = "/proc/'"$!"'/ns/mnt" | .mounts = []'
	guest wait
	create_bundle
	[[ $(readlink "/proc/$(container_pid)/ns/mnt") == "$(readlink "/proc/$!/ns/mnt")" ]]
	minirun delete --force "$ID"
	kill $!
	default_config
	user_namespace
	running_bundle
	pid=$(container_pid)
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.cgroupsPath = "/'"$other"'" |
		(.linux.namespaces[] | select(.type == "user")).path = "/proc/'"$pid"'/ns/user"'
	guest report
	run --separate-stderr minirun run --bundle "$BUNDLE" "$other"
	succeeds
	check ".namespaces.user == \"$(readlink "/proc/$pid/ns/user")\""
}

@test "L-19: a type that isn't listed is the runtime's" {
	config 'del(.hostname) | .linux.namespaces = [{type: "mount"}]'
	run_bundle
	succeeds
	for type in pid net ipc uts cgroup user time; do
		[[ ! -e /proc/self/ns/$type ]] || check ".namespaces.$type == \"$(readlink "/proc/self/ns/$type")\""
	done
	check ".namespaces.mnt != \"$(readlink /proc/self/ns/mnt)\""
	minirun_only # without one of its own the root can't be pivoted: what needs that is refused
	config '.linux.namespaces = [] | .mounts = []'
	guest wait
	create_bundle
	[[ $(readlink "/proc/$(container_pid)/ns/mnt") == "$(readlink /proc/self/ns/mnt)" ]]
}

@test "L-21 L-22 L-23: a mapping has all three members, and a size" {
	user_namespace
	for list in uidMappings gidMappings; do
		echo "L-21 /linux/$list/0 del(.linux.${list}[0].containerID)"
		echo "L-22 /linux/$list/0 del(.linux.${list}[0].hostID)"
		echo "L-23 /linux/$list/0 del(.linux.${list}[0].size)"
		echo "L-23 /linux/$list/0 .linux.${list}[0].size = 0"
	done >"$BATS_TEST_TMPDIR/rows"
	refused_rows <"$BATS_TEST_TMPDIR/rows"
}

@test "L-31 L-34 L-42: each listed device is there: c, b, u, p; one device by two paths" {
	config '.linux.devices = [
		{path: "/dev/c", type: "c", major: 10, minor: 229, fileMode: 432, uid: 5, gid: 6},
		{path: "/made/b", type: "b", major: 7, minor: 0, fileMode: 384},
		{path: "/dev/p", type: "p", fileMode: 420},
		{path: "/dev/u", type: "u", major: 1, minor: 5, fileMode: 438},
		{path: "/dev/again", type: "c", major: 1, minor: 5, fileMode: 438}]'
	args /bin/stat -c '%n %t:%T %a %u %g %F' /dev/c /made/b /dev/p /dev/u /dev/again
	run_bundle
	succeeds
	[[ ${lines[0]} == "/dev/c a:e5 660 5 6 character special file" ]]
	[[ ${lines[1]} == "/made/b 7:0 600 0 0 block special file" ]]
	[[ ${lines[2]} == "/dev/p 0:0 644 0 0 fifo" ]]
	[[ ${lines[3]} == "/dev/u 1:5 666 0 0 character special file" ]]
	[[ ${lines[4]} == "/dev/again 1:5 666 0 0 character special file" ]]
}

@test "L-33 L-34 L-35 L-36 L-38: devices: required and valid members; a file that is another" {
	touch "$ROOTFS/file"
	mknod "$ROOTFS/zero" c 1 5
	mkdir "$ROOTFS/directory"
	refused_rows <<-'END'
		L-33 /linux/devices/0 .linux.devices = [{path: "/dev/x", major: 1, minor: 3}]
		L-34 /linux/devices/0/type .linux.devices = [{path: "/dev/x", type: "x", major: 1, minor: 3}]
		L-34 /linux/devices/0/type .linux.devices = [{path: "/dev/x", type: "a", major: 1, minor: 3}]
		L-35 /linux/devices/0 .linux.devices = [{type: "c", major: 1, minor: 3}]
		L-35 /linux/devices/0/path .linux.devices = [{path: "dev/x", type: "c", major: 1, minor: 3}]
		L-36 /linux/devices/0 .linux.devices = [{path: "/file", type: "c", major: 1, minor: 3}]
		L-36 /linux/devices/0 .linux.devices = [{path: "/zero", type: "c", major: 1, minor: 3}]
		L-36 /linux/devices/0 .linux.devices = [{path: "/zero", type: "b", major: 1, minor: 5}]
		L-36 /linux/devices/0 .linux.devices = [{path: "/directory", type: "p"}]
		L-38 /linux/devices/0 .linux.devices = [{path: "/dev/x", type: "c", minor: 3}]
		L-38 /linux/devices/0 .linux.devices = [{path: "/dev/x", type: "b", major: 7}]
		L-38 /linux/devices/0 .linux.devices = [{path: "/dev/x", type: "u"}]
	END
	accepted_rows <<-'END'
		L-36 .linux.devices = [{path: "/zero", type: "c", major: 1, minor: 5}]
		L-38 .linux.devices = [{path: "/dev/x", type: "p"}]
	END
}

@test "L-43: a device that is neither listed nor a default one can't be opened" {
	[[ $(cgroup_tree) ]] || skip "no cgroup2 is mounted"
	[[ -c /dev/kmsg ]] || skip "the host has no /dev/kmsg"
	config 'del(.linux.resources)'
	mount_point /dev/kmsg none /dev/kmsg bind
	guest try device:/dev/kmsg device:/dev/null
	run_bundle
	succeeds
	check '.["device:/dev/kmsg"] == "EPERM"' '.["device:/dev/null"] == "ok"'
}

@test "L-44 L-45 L-46 L-47 L-48 L-49 L-51: the default devices and /dev/ptmx, asked for or not" {
	args /bin/sh -c 'cd /dev; stat -c "%n %t:%T %F" null zero full random urandom tty; readlink ptmx'
	run_bundle
	succeeds
	[[ $output == *"null 1:3 c"*"zero 1:5 c"*"full 1:7 c"*"random 1:8 c"*"urandom 1:9 c"*"tty 5:0 c"* ]]
	[[ ${lines[6]} =~ ^(/dev/)?pts/ptmx$ ]]
	guest try write:/dev/null read:/dev/zero write:/dev/full read:/dev/random read:/dev/urandom device:/dev/ptmx
	run_bundle
	succeeds
	check '[.["write:/dev/null", "read:/dev/zero", "write:/dev/full", "read:/dev/urandom"]] | unique == ["ok"]' \
		'.["read:/dev/random"] | IN("ok", "EAGAIN")' '.["device:/dev/ptmx"] | IN("ok", "EAGAIN")'
}

@test "L-84 L-85 L-86 L-88: the device rules: in order, required and valid members" {
	refused_rows <<-'END'
		L-85 /linux/resources/devices/0 .linux.resources.devices = [{access: "rwm"}]
		L-86 /linux/resources/devices/0/type .linux.resources.devices = [{allow: true, type: "x", access: "r"}]
		L-86 /linux/resources/devices/0/type .linux.resources.devices = [{allow: true, type: "p", access: "r"}]
		L-88 /linux/resources/devices/0/access .linux.resources.devices = [{allow: true, type: "c", access: "rx"}]
	END
	accepted_rows <<-'END'
		L-86 .linux.resources.devices = [{allow: true, type: "a", access: "rwm"}]
		L-86 .linux.resources.devices = [{allow: false, type: "b", access: "rwm"}, {allow: false, access: "m"}]
		L-88 .linux.resources.devices = [{allow: false, type: "c", access: "mrw"}, {allow: true, type: "c", major: 1, access: "wr"}]
	END
	[[ $(cgroup_tree) ]] || return 0
	[[ -c /dev/kmsg ]] || return 0
	mount_point /dev/kmsg none /dev/kmsg bind # not in linux.devices, which would allow it
	guest try write:/dev/kmsg
	allow='{allow: true, type: "c", major: 1, minor: 11, access: "w"}' deny='{allow: false, access: "rwm"}'
	for row in "$allow, $deny:EPERM" "$deny, $allow:ok" "$deny, $allow, $deny:EPERM"; do
		config ".linux.resources.devices = [${row%:*}]"
		run_bundle
		succeeds
		check ".[\"write:/dev/kmsg\"] == \"${row##*:}\""
	done
}

@test "L-168 L-169 L-170 L-171: memoryPolicy: required and valid values" {
	refused_rows <<-'END'
		L-168 /linux/memoryPolicy/mode .linux.memoryPolicy = {nodes: "0"}
		L-169 /linux/memoryPolicy/mode .linux.memoryPolicy = {mode: "BIND", nodes: "0"}
		L-170 /linux/memoryPolicy/nodes .linux.memoryPolicy = {mode: "MPOL_BIND"}
		L-170 /linux/memoryPolicy/nodes .linux.memoryPolicy = {mode: "MPOL_INTERLEAVE", nodes: ""}
		L-170 /linux/memoryPolicy/nodes .linux.memoryPolicy = {mode: "MPOL_DEFAULT", nodes: "0"}
		L-170 /linux/memoryPolicy/nodes .linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "a"}
		L-171 /linux/memoryPolicy/flags/0 .linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: ["STATIC_NODES"]}
	END
	[[ -e /proc/self/numa_maps ]] || skip "the kernel has no NUMA policies"
	while read -r number policy; do
		config ".linux.memoryPolicy = $policy"
		run_bundle
		echo "$policy"
		if [[ $policy == *WEIGHTED* ]] && ((status != 0)); then # Linux 6.9
			fails "/linux/memoryPolicy: set"
			continue
		fi
		succeeds
		check ".scheduling.memory_policy == $number"
	done <<-'END'
		0 {mode: "MPOL_DEFAULT"}
		2 {mode: "MPOL_BIND", nodes: "0"}
		3 {mode: "MPOL_INTERLEAVE", nodes: "0"}
		6 {mode: "MPOL_WEIGHTED_INTERLEAVE", nodes: "0"}
		1 {mode: "MPOL_PREFERRED", nodes: "0"}
		5 {mode: "MPOL_PREFERRED_MANY", nodes: "0"}
		4 {mode: "MPOL_LOCAL"}
		2+32768 {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}
		2+16384 {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_RELATIVE_NODES"]}
		2+8192 {mode: "MPOL_BIND", nodes: "0", flags: ["MPOL_F_NUMA_BALANCING"]}
	END
}

@test "L-212 L-213 L-215: rootfsPropagation: valid values; a peer group of its own, or none" {
	refused_rows <<-'END'
		L-212 /linux/rootfsPropagation .linux.rootfsPropagation = "public"
		L-212 /linux/rootfsPropagation .linux.rootfsPropagation = "noshared"
	END
	config '.linux.rootfsPropagation = "private"'
	run_bundle
	succeeds
	at / '.propagation == []'
	config '.linux.rootfsPropagation = "shared"'
	run_bundle
	succeeds
	at / '.propagation | any(startswith("shared:"))'
	groups=$(jq -r '.mounts[] | select(.path == "/") | .propagation[] | select(startswith("shared:"))' <<<"$output")
	is_false grep -qw "$groups" /proc/self/mountinfo
}

@test "L-216: rootfsPropagation unbindable: the root can't be bound" {
	config '.linux.rootfsPropagation = "unbindable"'
	capabilities CAP_SYS_ADMIN
	args /bin/sh -c 'mount --bind / /tmp 2>&1'
	run_bundle
	((status != 0))
	[[ $output == *"Invalid argument"* ]]
}

@test "L-214: rootfsPropagation slave: what the host mounts below the root appears, not the reverse" {
	mount --bind "$ROOTFS" "$ROOTFS"
	mount --make-shared "$ROOTFS"
	config '.linux.rootfsPropagation = "slave"'
	capabilities CAP_SYS_ADMIN
	args /bin/sh -c 'mount -t tmpfs inside-only /var; echo ready; while ! grep -q from-host /proc/self/mountinfo; do
		sleep 0.05; done; echo seen'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out" && mount -t tmpfs from-host "$ROOTFS/tmp"
	until_true grep -q seen "$BATS_TEST_TMPDIR/out" || touch "$BATS_TEST_TMPDIR/wrong"
	! grep inside-only /proc/self/mountinfo || touch "$BATS_TEST_TMPDIR/wrong"
	minirun delete --force "$ID"
	umount -R "$ROOTFS"
	[[ ! -e $BATS_TEST_TMPDIR/wrong ]]
}

@test "L-217 L-218 L-219 L-220: masked and read-only paths, absolute" {
	mkdir -p "$ROOTFS/secret/dir" "$ROOTFS/frozen/dir"
	echo key | tee "$ROOTFS/secret/file" >"$ROOTFS/secret/dir/file"
	touch "$ROOTFS/frozen/file"
	refused_rows <<-'END'
		L-218 /linux/maskedPaths/0 .linux.maskedPaths = ["proc/kcore"]
		L-220 /linux/readonlyPaths/1 .linux.readonlyPaths = ["/proc", "sys"]
	END
	config '.linux.maskedPaths = ["/secret/file", "/secret/dir", "/no/such/path"] |
		.linux.readonlyPaths = ["/frozen", "/proc/sys", "/dev/shm"]'
	args /bin/sh -c 'cat /secret/file; ls /secret/dir; touch /secret/dir/x 2>/dev/null && echo bad
		guest try write:/frozen write:/frozen/dir write:/frozen/file write:/proc/sys/kernel/hostname write:/dev/shm'
	run_bundle
	succeeds
	check '[.[]] | unique == ["EROFS"]'
}

@test "L-222 L-223 L-224: personality: LINUX and LINUX32, no flags" {
	refused_rows <<-'END'
		L-222 /linux/personality/domain .linux.personality = {}
		L-223 /linux/personality/domain .linux.personality = {domain: "LINUX64"}
		L-224 /linux/personality/flags/0 .linux.personality = {domain: "LINUX", flags: ["READ_IMPLIES_EXEC"]}
	END
	for row in LINUX:0 LINUX32:8; do
		config ".linux.personality = {domain: \"${row%:*}\", flags: []}"
		run_bundle
		succeeds
		check ".personality == ${row#*:}"
	done
}
