#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun why: which layer refuses a system call, told beforehand and of a program that runs

load lib/bundle

minirun_only

EPERM_RULE='.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
	{names: ["chmod", "fchmodat"], action: "SCMP_ACT_ERRNO"},
	{names: ["clone"], action: "SCMP_ACT_ERRNO", errnoRet: 38,
	 args: [{index: 0, value: 268435456, valueTwo: 268435456, op: "SCMP_CMP_MASKED_EQ"}]}]} |
	.process.noNewPrivileges = true'

# why STATUS WORD...: with this exit status, its JSON in $output
why() {
	run "-$1" --separate-stderr minirun why --format json "${@:2}"
}

@test "seccomp: a rule, with its place in config.json; conditions; nothing else is asked before it" {
	config "$EPERM_RULE"
	why 1 "$BUNDLE" chmod
	check '.schema == "minirun.why/1"' '.verdict == "denied"' '.layer == "seccomp"' \
		'.sure == "certain"' '.config == "/linux/seccomp/syscalls/0"' \
		'.layers[0].text | contains("ERRNO(EPERM)")'
	why 0 "$BUNDLE" clone
	check '.layers[0].verdict == "depends"' '.layers[0].text | contains("arg0")'
	why 1 "$BUNDLE" clone 0x10000000
	check '.layer == "seccomp"' '.layers[0].text | contains("ENOSYS")'
	why 0 "$BUNDLE" getpid
	check '.verdict == "allowed"'
}

@test "capabilities: in which user namespace they count" {
	config '.process.capabilities = {bounding: ["CAP_SYS_ADMIN", "CAP_SYS_TIME"],
		effective: ["CAP_SYS_ADMIN", "CAP_SYS_TIME"], permitted: ["CAP_SYS_ADMIN", "CAP_SYS_TIME"]}'
	why 0 "$BUNDLE" sethostname
	why 0 "$BUNDLE" clock_settime
	why 1 "$BUNDLE" reboot
	check '.layer == "capability"' '.layers[1].text | contains("cap_sys_boot")' \
		'.config == "/process/capabilities"'
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 1000}]'
	# its own uts namespace belongs to its user namespace, the clock to the first one
	why 0 "$BUNDLE" sethostname
	why 1 "$BUNDLE" clock_settime
	check '.layers[1].text | contains("initial user namespace")'
}

@test "a live process: the owner of its namespaces is asked of the kernel" {
	config '.linux.namespaces += [{type: "user"}] | .linux.namespaces |= map(select(.type != "uts")) |
		del(.hostname) |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.process.capabilities = {bounding: ["CAP_SYS_ADMIN"], effective: ["CAP_SYS_ADMIN"],
			permitted: ["CAP_SYS_ADMIN"]}'
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
	running_bundle
	why 1 "$ID" sethostname
	check '.layer == "capability"' '.layers[1].text | contains("initial user namespace")'
	why 0 "$ID" mount
	check '.layers | map(select(.layer == "capability")) | all(.verdict == "ok")'
	why 1 "$(minirun state "$ID" | jq .pid)" sethostname
}

@test "a program: each refusal with its layer, and nothing for what works" {
	config "$EPERM_RULE | .root.readonly = true | .linux.readonlyPaths = [\"/proc/sys\"]"
	mount_point /tmp tmpfs tmpfs
	running_bundle
	why 1 "$ID" -- /bin/sh -c 'chmod 700 /tmp; touch /x; echo 1 >/proc/sys/kernel/shmmax
		hostname x; chown 1 /tmp; touch /tmp/fine'
	mapfile -t calls < <(jq -c '[.syscall, .errno, .layer, .sure, .config]' <<<"$output")
	printf '%s\n' "${calls[@]}"
	[[ ${calls[0]} == *'"EPERM","seccomp","certain","/linux/seccomp/syscalls/0"]' ]]
	[[ ${calls[1]} == *'"EROFS","mounts","certain","/root/readonly"]' ]]
	[[ ${calls[2]} == *'"EROFS","mounts","certain","/linux/readonlyPaths/0"]' ]]
	[[ ${calls[3]} == '["sethostname","EPERM","capability","likely","/process/capabilities"]' ]]
	[[ ${calls[4]} == *'chown'*'"EPERM","capability","likely","/process/capabilities"]' ]]
	((${#calls[@]} == 5))
	why 0 "$ID" -- /bin/true
	[[ -z $output ]]
}

@test "a program: children are watched, the container's other processes aren't, nobody is left traced" {
	running_bundle
	why 1 "$ID" -- /bin/sh -c '(/bin/sh -c "hostname x") & wait'
	check '.syscall == "sethostname"'
	grep -q '^TracerPid:.0$' "/proc/$(minirun state "$ID" | jq .pid)/status"
	[[ $(container_status) == running ]]
}

# The container's processes but for its init.
alone() {
	(($(minirun ps --format json "$ID" | jq length) == 1))
}

@test "a program: it ends with a why that is killed, by TERM and by KILL" {
	running_bundle
	for signal in TERM KILL; do
		"$MINIRUN" --root "$ROOT" why "$ID" -- /bin/sh -c 'echo ready; exec sleep 1000' \
			</dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/why" 3>&- &
		pid=$!
		until_true grep -q ready "$BATS_TEST_TMPDIR/why"
		kill "-$signal" "$pid"
		is_false wait "$pid"
		until_true alone
	done
}

@test "a program: what its path says doesn't reach the terminal raw" {
	config '.root.readonly = true'
	running_bundle
	run --separate-stderr minirun why "$ID" -- /bin/touch $'/a\e[31mb'
	[[ $status == 1 && $output != *$'\e'* && $output == *'/a\x1b[31mb'* ]]
}

@test "a program: ended by the filter, whatever the way" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["chmod", "fchmodat"], action: "SCMP_ACT_KILL_PROCESS"},
		{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_TRAP"}]} | .process.noNewPrivileges = true'
	mount_point /tmp tmpfs tmpfs
	running_bundle
	why 1 "$ID" -- /bin/chmod 700 /tmp
	check '.signal == "SIGSYS"' '.layer == "seccomp"' '.sure == "certain"' '.errno == null' \
		'.config == "/linux/seccomp/syscalls/0"' '.text == "KILL_PROCESS"'
	why 1 "$ID" -- /bin/mkdir /tmp/x
	check '.signal == "SIGSYS"' '.text == "TRAP"' '.path == "/tmp/x"'
}

@test "a program: a noexec mount, an id without a mapping, a low port" {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 10}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 10}] |
		.process.capabilities = {bounding: ["CAP_CHOWN"], effective: ["CAP_CHOWN"], permitted: ["CAP_CHOWN"]}'
	mount_point /tmp tmpfs tmpfs noexec
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
	running_bundle
	why 1 "$ID" -- /bin/sh -c 'cp /bin/busybox /tmp/sh; /tmp/sh; chown 50 /tmp/sh; nc -l -p 80 -w 1'
	mapfile -t calls < <(jq -c '[.call, .errno, .layer, .sure, .config]' <<<"$output")
	printf '%s\n' "${calls[@]}"
	[[ ${calls[0]} == '["execve('*'"EACCES","mounts","certain","/mounts/'* ]]
	[[ ${calls[1]} == *', 50, 0)","EINVAL","user namespace","certain","/linux/uidMappings"]' ]]
	[[ ${calls[2]} == '["bind('*'"EACCES","capability","likely","/process/capabilities"]' ]]
	((${#calls[@]} == 3))
}

# calls of a program, as [CALL, ERRNO, LAYER, SURENESS, MEMBER] in ${calls[@]}
calls_of() {
	why 1 "$ID" -- /bin/sh -c "$1"
	mapfile -t calls < <(jq -c '[.call, .errno, .layer, .sure, .config]' <<<"$output")
	printf '%s\n' "${calls[@]}"
}

@test "a program: relative paths, links, a mount that is full, whatever the way to it" {
	config '.root.readonly = true'
	mount_point /tmp tmpfs tmpfs size=64k
	ln -s ../tmp "$BUNDLE/rootfs/way"
	ln -s ../bin "$BUNDLE/rootfs/closed"
	running_bundle
	calls_of 'cd /bin; touch x; touch /closed/x; touch /way/x; dd if=/dev/zero of=/way/big bs=100000 count=1'
	[[ ${calls[0]} == *'"EROFS","mounts","certain","/root/readonly"]' ]]
	[[ ${calls[1]} == *'"EROFS","mounts","certain","/root/readonly"]' ]]
	[[ ${calls[2]} == '["write(\"/tmp/big\"'*'"ENOSPC","mounts","certain","/mounts/'*'/options"]' ]]
	((${#calls[@]} == 3))
	run --separate-stderr minirun why "$ID" -- /bin/sh -c 'for i in 1 2 3; do /bin/touch /x; done; /bin/touch /y'
	[[ $(grep -c "^openat" <<<"$output") == 2 && $output == *"    (3 times)"$'\n'"openat(\"/y\""* ]]
}

@test "a program: sticky directories, and hard links to others' files" {
	config '.process.capabilities = (["CAP_DAC_OVERRIDE", "CAP_SETUID", "CAP_SETGID"] |
		{bounding: ., effective: ., permitted: .})'
	mount_point /t tmpfs tmpfs mode=1777
	rm "$ROOTFS/etc/passwd"
	printf '%s\n' root:x:0:0::/:/bin/sh other:x:7:7::/:/bin/sh third:x:8:8::/:/bin/sh >"$ROOTFS/etc/passwd"
	running_bundle
	calls_of 'busybox su other -c "echo >/t/f; chmod 600 /t/f"
		busybox su third -c "rm -f /t/f; busybox mv -f /t/f /t/g; ln /t /t/d; ln /t/f /t/g"'
	[[ ${calls[0]} == '["unlink'*'"EPERM","permissions","certain","/process/capabilities"]' ]]
	[[ ${calls[1]} == '["rename'*'"EPERM","permissions","certain","/process/capabilities"]' ]]
	[[ $output == *"a sticky directory (mode 1777): only the owner of the file (7)"* ]]
	[[ ${calls[2]} == '["link'*'"EPERM","permissions","certain",null]' ]]
	if [[ $(</proc/sys/fs/protected_hardlinks) == 1 ]]; then
		[[ ${calls[3]} == '["link'*'"EPERM","sysctl","certain","/process/capabilities"]' ]]
		[[ $output == *"fs.protected_hardlinks is 1"* ]]
		why 0 "$ID" linkat
		check '.layers | map(.layer) | index("sysctl")'
	fi
}

@test "a program: what is a mount point, in use, elsewhere, a circle, too large, or not in its /dev" {
	local dev=

	mount_point /tmp tmpfs tmpfs
	echo >"$BUNDLE/data"
	mount_point /data bind "$BUNDLE/data" bind
	running_bundle
	[[ ! -c /dev/kmsg ]] || dev='; cat /dev/kmsg'
	calls_of "busybox mv /bin/ls /data; rm -f /data; ln /etc/passwd /tmp/x; echo >>/bin/guest
		ln -s l /tmp/l; cat /tmp/l; cat /dev/no-such; (ulimit -f 1; dd if=/dev/zero of=/tmp/f bs=9000 count=1)$dev"
	[[ ${calls[0]} == '["rename'*'"EBUSY","mounts","certain","/mounts/'*'/options"]' ]]
	[[ ${calls[1]} == '["unlink'*'"EBUSY","mounts","certain","/mounts/'*'/options"]' ]]
	[[ ${calls[2]} == '["link'*'"EXDEV","mounts","certain",null]' ]]
	[[ ${calls[3]} == '["open'*'"ETXTBSY","path","likely",null]' ]]
	[[ ${calls[4]} == '["open'*'"ELOOP","path","likely",null]' ]]
	[[ ${calls[5]} == '["write'*'"EFBIG","limits","certain","/process/rlimits"]' ]]
	[[ ! $dev ]] || [[ ${calls[6]} == '["open'*'/dev/kmsg'*'"ENOENT","devices","certain","/linux/devices"]' ]]
}

@test "a program: another tracer, an address, a link, a seal that says no" {
	local guest=/bin/guest\ syscall

	[[ $(uname -m) == x86_64 ]] || return 0 # the numbers are
	config '.process.capabilities = {}'
	running_bundle
	# ptrace(TRACEME); openat(O_NOFOLLOW), openat2(RESOLVE_BENEATH) of a link
	# connect to an abstract name and to loopback, bind to 9.9.9.9; memfd_create, F_ADD_SEALS, write
	# mmap at 0
	calls_of "$guest 101 0; $guest 257 -100 =/bin/ls 0x20000
		$guest 437 -100 =/bin/ls %$(printf '%032d08%014d' 0 0) 24
		$guest 41 1 1 0 -- 42 3 %01000061 4; $guest 41 2 1 0 -- 42 3 %020000017f000001$(printf '%016d' 0) 16
		$guest 41 2 1 0 -- 49 3 %0200000109090909$(printf '%016d' 0) 16
		$guest 319 =m 2 -- 72 3 1033 8 -- 1 3 =x 1; $guest 9 0 4096 3 0x32 -1 0"
	[[ ${calls[0]} == '["ptrace('*'"EPERM","process","certain",null]' ]]
	[[ ${calls[1]} == '["openat('*'"ELOOP","path","certain",null]' ]]
	[[ ${calls[2]} == '["openat2('*'"EXDEV","path","likely",null]' ]]
	[[ ${calls[3]} == '["connect(@a, ...)","ECONNREFUSED","network namespace","likely",null]' ]]
	[[ ${calls[4]} == '["connect(127.0.0.1:1, ...)","ECONNREFUSED","network namespace","likely",null]' ]]
	[[ ${calls[5]} == '["bind(9.9.9.9:1, ...)","E'* ]]
	[[ ${calls[6]} == '["write(\"/memfd:m'*'"EPERM","permissions","likely",null]' ]]
	if (($(cat /proc/sys/vm/mmap_min_addr) > 0)); then
		[[ ${calls[7]} == '["mmap('*'"EPERM","sysctl","certain",null]' ]]
	fi
}

@test "a program: files of other processes, hidepid, a socket of somebody else's" {
	config '.process.capabilities = (["CAP_SETUID", "CAP_SETGID", "CAP_SETFCAP"] |
		{bounding: ., effective: ., permitted: .})'
	mount_point /hidden proc proc hidepid=1
	rm "$ROOTFS/etc/passwd"
	printf '%s\n' root:x:0:0::/:/bin/sh other:x:7:7::/:/bin/sh >"$ROOTFS/etc/passwd"
	python3 -c 'import os, socket, sys; os.chdir(sys.argv[1]); socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).bind("log")' "$BUNDLE"
	chmod 600 "$BUNDLE/log"
	mount_point /dev/log bind "$BUNDLE/log" bind
	running_bundle
	calls_of 'busybox unshare --user --map-root-user cat /proc/1/environ
		busybox su other -c "cat /hidden/1/status; busybox logger x"'
	[[ ${calls[0]} == '["open'*'"EACCES","process","likely",null]' ]]
	[[ ${calls[1]} == '["open'*'"EPERM","mounts","likely","/mounts/'*'/options"]' ]]
	[[ ${calls[2]} == '["connect(\"/dev/log\"'*'"EACCES","permissions","likely","/process/user"]' ]]
}

@test "a program: immutable and append-only files" {
	local flag

	[[ $(uname -m) == x86_64 ]] || return 0 # the numbers are
	config '.process.capabilities = (["CAP_LINUX_IMMUTABLE", "CAP_DAC_OVERRIDE"] | {bounding: ., effective: ., permitted: .})'
	mount_point /tmp tmpfs tmpfs
	running_bundle
	# FS_IOC_SETFLAGS with FS_IMMUTABLE_FL, FS_APPEND_FL
	for flag in 10 20; do
		run -0 minirun exec "$ID" /bin/sh -c "echo >/tmp/$flag; exec guest syscall 257 -100 =/tmp/$flag 0 -- 16 3 0x40086602 %${flag}00000000000000"
		[[ $output != *ENOTTY* ]] || return 0 # tmpfs has them since Linux 6.6
	done
	calls_of 'echo >>/tmp/10; rm -f /tmp/10; chmod 600 /tmp/20; echo >/tmp/20; echo >>/tmp/20'
	[[ ${calls[0]} == '["open'*'"EPERM","permissions","certain",null]' ]]
	[[ ${calls[1]} == '["unlink'*'"EPERM","permissions","certain",null]' ]]
	[[ ${calls[2]} == '["'*chmod*'"EPERM","permissions","certain",null]' ]]
	[[ ${calls[3]} == '["open'*'"EPERM","permissions","certain",null]' ]]
	((${#calls[@]} == 4))
}

@test "a program: netlink's answers" {
	running_bundle
	calls_of 'ip link add type dummy; ip addr add 10.9.9.9/8 dev lo'
	[[ ${calls[0]} == '["rtnetlink(RTM_NEWLINK)","EPERM","capability","likely","/process/capabilities"]' ]]
	[[ ${calls[1]} == '["rtnetlink(RTM_NEWADDR)","EPERM","capability","likely","/process/capabilities"]' ]]
	((${#calls[@]} == 2))
}

@test "a program: a set-user-ID bit and file capabilities that do nothing" {
	local why

	cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/bin/true-of-7"
	chown 7 "$BUNDLE/rootfs/bin/true-of-7"
	chmod 4755 "$BUNDLE/rootfs/bin/true-of-7"
	cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/bin/raw"
	config '.process.noNewPrivileges = true'
	if python3 -c 'import os, sys; os.setxattr(sys.argv[1], "security.capability",
		bytes.fromhex("0100000200200000000000000000000000000000"))' "$BUNDLE/rootfs/bin/raw"; then
		config '.process.capabilities.bounding += ["CAP_NET_RAW"]'
	else
		rm "$BUNDLE/rootfs/bin/raw"
	fi
	running_bundle
	why 1 "$ID" -- /bin/true-of-7 true
	check '.layer == "no_new_privs" and .sure == "certain" and .verdict == "no-effect"' \
		'.config == "/process/noNewPrivileges" and .errno == null'
	if [[ -e $BUNDLE/rootfs/bin/raw ]]; then
		why 1 "$ID" -- /bin/raw true
		check '.layer == "no_new_privs" and (.text | contains("file capabilities"))'
	fi
	run -0 --separate-stderr minirun why "$ID" -- /bin/busybox true
}

@test "a program: nosuid, and an owner that the user namespace doesn't know" {
	local why

	config '.process.noNewPrivileges = false |
		.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.process.capabilities = {bounding: ["CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER", "CAP_SETUID"],
			effective: ["CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER", "CAP_SETUID"],
			permitted: ["CAP_DAC_OVERRIDE", "CAP_CHOWN", "CAP_FOWNER", "CAP_SETUID"]}'
	mount_point /tmp tmpfs tmpfs nosuid
	cp "$BUNDLE/rootfs/bin/busybox" "$BUNDLE/rootfs/bin/true-of-7"
	chown 7:7 "$BUNDLE/rootfs/bin/true-of-7"
	chmod 4755 "$BUNDLE/rootfs/bin/true-of-7"
	echo secret >"$BUNDLE/rootfs/secret"
	chmod 600 "$BUNDLE/rootfs/secret"
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
	running_bundle
	calls_of '/bin/true-of-7 true; cat /secret; chmod 644 /secret
		cp /bin/busybox /tmp/own; chown 9 /tmp/own; chmod 4755 /tmp/own; /tmp/own true'
	[[ ${calls[0]} == '["execve('*',null,"user namespace","certain","/linux/uidMappings"]' ]]
	[[ ${calls[1]} == '["open'*'"EACCES","user namespace","likely","/linux/uidMappings"]' ]]
	[[ ${calls[2]} == '["'*chmod*'"EPERM","user namespace","likely","/linux/uidMappings"]' ]]
	[[ ${calls[3]} == '["execve('*',null,"mounts","certain","/mounts/'*'/options"]' ]]
	((${#calls[@]} == 4))
}

@test "a program: limits with their values, settings of the kernel" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 12, hard: 12}, {type: "RLIMIT_MEMLOCK", soft: 4096, hard: 4096}]'
	running_bundle
	why 1 "$ID" -- /bin/guest syscall 151 1 0 0 0 0
	if [[ $(uname -m) == x86_64 ]]; then
		check '.syscall == "mlockall" and .layer == "limits" and .config == "/process/rlimits"' \
			'.text | contains("RLIMIT_MEMLOCK is 4096 bytes")'
		why 1 "$ID" -- /bin/guest syscall 41 2 2 1 0 0
		check '.layer == "sysctl" and (.text | contains("ping_group_range"))'
	fi
	why 1 "$ID" -- /bin/sh -c 'exec 3</ 4</ 5</ 6</ 7</ 8</ 9</; (exec 10</ 11</; cat /proc/self/limits)'
	check '.errno == "EMFILE" and (.text | contains("(12)"))'
	if [[ -e /proc/sys/kernel/perf_event_paranoid ]]; then
		why 0 "$BUNDLE" perf_event_open
		check '.layers[1].text | contains("kernel.perf_event_paranoid is")'
	fi
}

@test "a program: its own rights count, not those of the container's first process" {
	config '.process.capabilities = (["CAP_SETUID", "CAP_SETGID", "CAP_SETFCAP", "CAP_SYS_ADMIN"] |
		{bounding: ., effective: ., permitted: .})'
	running_bundle
	why 1 "$ID" -- /bin/sh -c 'hostname x; busybox unshare --user --map-root-user hostname z'
	check '.syscall == "sethostname" and .layer == "capability"' \
		'.text | contains("is effective in user:[") and contains("initial user namespace")' \
		'.config == null'
	# who becomes somebody else has less
	rm "$ROOTFS/etc/passwd"
	printf '%s\n' root:x:0:0::/:/bin/sh other:x:7:7::/:/bin/sh >"$ROOTFS/etc/passwd"
	why 1 "$ID" -- /bin/sh -c 'busybox su other -c "hostname x"'
	check '.syscall == "sethostname" and .layer == "capability" and (.text | contains("effective there: no"))'
}

@test "a program: one id only, a file that no cgroup has" {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 4000, size: 1}] | .linux.gidMappings = .linux.uidMappings |
		.process.capabilities = (["CAP_SETUID", "CAP_SETGID"] | {bounding: ., effective: ., permitted: .})'
	rm "$ROOTFS/etc/passwd"
	printf '%s\n' root:x:0:0::/:/bin/sh other:x:7:7::/:/bin/sh >"$ROOTFS/etc/passwd"
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
	mount_point /sys/fs/cgroup cgroup cgroup rw
	running_bundle
	calls_of 'busybox su other -c true; echo 1 >/sys/fs/cgroup/no.such'
	[[ ${calls[0]} == '["setgroups('*'"EINVAL","user namespace","likely","/linux/gidMappings"]' ]]
	[[ ${calls[-1]} == '["openat(\"/sys/fs/cgroup/no.such\"'*'"EACCES","cgroup","likely",null]' ]]
}

@test "a program: what can't be executed, and why" {
	mount_point /tmp tmpfs tmpfs noexec
	mount_point /data tmpfs tmpfs
	running_bundle
	calls_of 'cd /data; cp /bin/busybox /tmp/sh; for word in /tmp/sh /no/such "" ; do
			printf "%s\n" "#!$word" >/data/script; chmod 755 /data/script; /data/script
		done; printf "\177ELF...." >/data/script; /data/script; /data; nothing-like-this
		echo >/data/plain; /data/plain'
	[[ ${calls[0]} == '["execve(\"/data/script\"'*'"EACCES","permissions","likely",null]' ]]
	[[ ${calls[1]} == '["execve(\"/data/script\"'*'"ENOENT","root","likely",null]' ]]
	[[ ${calls[2]} == '["execve(\"/data/script\"'*'"ENOEXEC","kernel","likely",null]' ]]
	[[ ${calls[-2]} == '["execve(\"/data\"'*'"EACCES","permissions","certain",null]' ]]
	[[ ${calls[-1]} == '["execve(\"/data/plain\"'*'"EACCES","permissions","certain",null]' ]]
	printf '%s\n' "${calls[@]}" | is_false grep -q nothing-like-this
}

@test "a program: a library on a noexec mount" {
	local loader

	loader=$(ldd /bin/true | grep -o '/lib[^ ]*ld-[^ ]*')
	cp -L "$loader" "$ROOTFS/bin/loader"
	cp -L /bin/true "$ROOTFS/dynamic"
	mount_point /tmp tmpfs tmpfs noexec
	running_bundle
	calls_of 'cp /dynamic /tmp/dynamic; /bin/loader /tmp/dynamic'
	[[ ${calls[0]} == '["mmap('*'"EPERM","mounts","certain","/mounts/'*'/options"]' ]]
}

@test "a program: files of the kernel, a network without a route, a file system without a module" {
	config '.process.capabilities = (["CAP_SYS_ADMIN", "CAP_SETFCAP"] |
		{bounding: ., effective: ., permitted: .})'
	running_bundle
	calls_of 'wget -q http://10.1.2.3/; mount -t no-such-fs none /tmp
		busybox unshare --user --map-root-user sh -c "echo 0 0 10 >/proc/self/gid_map
			echo allow >/proc/self/setgroups"
		echo -1000 >/proc/self/oom_score_adj; echo 1 >/proc/sys/net/ipv4/ip_forward'
	[[ ${calls[0]} == '["connect('*'"ENETUNREACH","network namespace","likely",null]' ]]
	[[ ${calls[1]} == '["mount('*'"ENODEV","kernel","likely",null]' ]]
	[[ ${calls[2]} == '["write('*'/gid_map'*'"EPERM","user namespace","likely",null]' ]]
	[[ ${calls[3]} == '["write('*'/setgroups'*'"EPERM","user namespace","likely",null]' ]]
	[[ ${calls[4]} == '["write('*'/oom_score_adj'*'"EACCES","capability","likely","/process/oomScoreAdj"]' ]]
}

@test "a program: an answer that a filter beside the container's may have given is no certain one" {
	running_bundle
	run -1 --separate-stderr "$HELPERS/without" ENOSYS pivot_root "$MINIRUN" --root "$ROOT" why \
		--format json "$ID" -- /bin/busybox pivot_root / /
	check '.errno == "ENOSYS" and .layer == "kernel" and .sure == "possible"'
	run -1 --separate-stderr "$HELPERS/without" EPERM pivot_root "$MINIRUN" --root "$ROOT" why \
		--format json "$ID" -- /bin/busybox pivot_root / /
	check '.errno == "EPERM" and .sure == "likely"' '.text | contains("beside the container")'
}

# Each kill is one of the out-of-memory killer's only if it has counted one more.
@test "a program: killed by the out-of-memory killer, and by somebody else (v1, by hand)" {
	directory=/sys/fs/cgroup/memory/$ID
	[[ -e /sys/fs/cgroup/memory/memory.oom_control ]] || skip "no v1 memory controller"
	mkdir "$directory"
	echo 40M >"$directory/memory.limit_in_bytes"
	running_bundle
	container_pid >"$directory/cgroup.procs"
	run --separate-stderr sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$directory" \
		"$MINIRUN" --root "$ROOT" why --format json "$ID" -- /bin/sh -c '
			dd if=/dev/zero of=/dev/null bs=80M count=1; sleep 100 & kill -KILL $!; wait $!; true'
	minirun delete --force "$ID"
	until_true rmdir "$directory"
	((status == 1))
	mapfile -t calls < <(jq -c '[.signal, .layer, .sure, .config]' <<<"$output")
	printf '%s\n' "${calls[@]}"
	[[ ${calls[0]} == '["SIGKILL","limits","certain","/linux/resources/memory/limit"]' ]]
	[[ ${calls[1]} == '["SIGKILL","limits","possible","/linux/resources/memory/limit"]' ]]
}

@test "a program: a realtime policy in a cgroup without realtime (v1, by hand)" {
	directory=/sys/fs/cgroup/cpu/$ID
	[[ -e /sys/fs/cgroup/cpu/cpu.rt_runtime_us ]] || skip "no v1 cpu controller"
	[[ $(uname -m) == x86_64 ]] || return 0
	config '.process.capabilities = {}'
	mkdir "$directory"
	running_bundle
	container_pid >"$directory/cgroup.procs"
	run --separate-stderr sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "$directory" \
		"$MINIRUN" --root "$ROOT" why --format json "$ID" -- /bin/guest syscall 144 0 1 %01000000
	minirun why "$ID" sched_setscheduler >"$BATS_TEST_TMPDIR/static"
	minirun delete --force "$ID"
	until_true rmdir "$directory"
	((status == 1))
	check '.errno == "EPERM" and .layer == "limits" and .sure == "certain"' \
		'.text | contains("cpu.rt_runtime_us of its cgroup (version 1) is 0") and contains("nor is cap_sys_nice")'
	grep -q '^limits  *depends cpu.rt_runtime_us' "$BATS_TEST_TMPDIR/static"
	grep -q 'RLIMIT_RTPRIO is' "$BATS_TEST_TMPDIR/static"
}

@test "a program: a user's limit of processes" {
	config '.process.rlimits = [{type: "RLIMIT_NPROC", soft: 2, hard: 2}] | .process.user = {uid: 4711, gid: 4711}'
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
	running_bundle
	why 1 "$ID" -- /bin/sh -c '/bin/true; /bin/true'
	check '.errno == "EAGAIN" and .layer == "limits" and .config == "/process/rlimits"' \
		'.text | contains("RLIMIT_NPROC is 2")'
}

@test "an argument that isn't given, and decides: it depends" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["personality"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 8, op: "SCMP_CMP_EQ"}]},
		{names: ["socket"], action: "SCMP_ACT_ERRNO", args: [{index: 2, value: 0, op: "SCMP_CMP_EQ"}]}]}'
	why 1 "$BUNDLE" personality 8
	why 0 "$BUNDLE" personality 9
	check '.verdict == "allowed"'
	why 0 "$BUNDLE" socket 2 2
	check '.verdict == "depends" and .layer == "seccomp"'
	why 1 "$BUNDLE" socket 2 2 0
}

@test "the arguments decide where they can" {
	config '.process.capabilities = {}'
	why 1 "$BUNDLE" unshare 0x20000
	check '.layer == "capability"' '.layers[1].text | contains("nor in the bounding set")'
	why 0 "$BUNDLE" unshare 0x10000000
	why 0 "$BUNDLE" unshare
	check '.verdict == "depends"'
	run -0 minirun why "$BUNDLE" unshare
	[[ $output == *"! whether unshare is refused depends on what is said above"* ]]
	why 1 "$BUNDLE" setsockopt 3 1 33
	config '.process.rlimits = [{type: "RLIMIT_MEMLOCK", soft: 4096, hard: 4096}]'
	why 0 "$BUNDLE" mlock
	check '.layers[1].text | contains("RLIMIT_MEMLOCK is 4096")'
	why 1 "$BUNDLE" socket 2 3 1
	why 0 "$BUNDLE" socket 2 1 0
	config '.process.capabilities = {bounding: ["CAP_NET_RAW"]} | .process.noNewPrivileges = true'
	why 1 "$BUNDLE" socket 2 3 1
	check '.layers[1].text | contains("no_new_privs is on")'
}

@test "text: 80 columns, and never a blank" {
	config '.root.readonly = true'
	running_bundle
	run --separate-stderr minirun why "$ID" -- /bin/sh -c 'hostname x; touch /x; chown 1 /'
	((status == 1)) && [[ $output == *"sethostname(\"x\""*" = EPERM   likely"* ]]
	[[ $(awk 'length > 80' <<<"$output") == "" ]]
	[[ $output == *'openat("/x", O_RDWR|O_CREAT) = EROFS   certain'* ]]
	run -0 --separate-stderr minirun why "$ID" -- /bin/true
	[[ $output == "! no system call was refused (exit status 0)."* ]]
	run --separate-stderr minirun why "$ID" chown
	[[ $(awk 'length > 80' <<<"$output") == "" ]]
}

@test "bad input: one line, and 2" {
	running_bundle
	run -2 --separate-stderr minirun why "$ID" nosuchcall
	[[ $stderr == *"nosuchcall: there is no system call of this name"* ]]
	run -2 --separate-stderr minirun why "$ID" chmod seven
	[[ $stderr == *"seven: arguments are numbers"* ]]
	run -2 --separate-stderr minirun why "$ID"
	run -2 --separate-stderr minirun why "$ID" --
	run -2 --separate-stderr minirun why nosuch chmod
	[[ $stderr == *"does not exist"* ]]
	run -2 --separate-stderr minirun why 999999999 chmod
	if [[ $(cat /proc/2/comm) == kthreadd ]]; then
		run -2 --separate-stderr minirun why 2 chmod
		[[ $stderr == *"kernel thread: it makes no system calls"* ]]
	fi
	run -2 --separate-stderr minirun why "$BUNDLE" -- true
	[[ $stderr == *"in a container only"* ]]
	run -2 --separate-stderr minirun why "$ID" -- /nope
	[[ $stderr == *"no such file or directory"* ]]
}

@test "--list: the table" {
	run -0 minirun why --list
	[[ $output == *"sethostname        cap_sys_admin         uts     always"* ]]
	why 0 --list
	check '.calls | length > 60'
}

@test "a program that leaves a process which can't be stopped" {
	config '.process.capabilities = {}'
	running_bundle
	why 1 "$ID" -- /bin/sh -c 'hostname x; guest vfork 100 >/dev/null 2>&1 & sleep 0.3'
	check '.syscall == "sethostname"'
}
