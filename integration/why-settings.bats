#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun why where settings of the whole machine refuse: AppArmor, fs.protected_*; and on a kernel that
# doesn't tell a tracer which call is made. On `uml` alone, whose kernel nobody else has.

load lib/bundle

minirun_only

# why STATUS WORD...: with this exit status, its JSON in $output
why() {
	run "-$1" --separate-stderr minirun why --format json "${@:2}"
}

# calls of a program, as [CALL, ERRNO, LAYER, SURENESS, MEMBER] in ${calls[@]}
calls_of() {
	why 1 "$ID" -- /bin/sh -c "$1"
	printf '%s\n' "$output" "$stderr"
	mapfile -t calls < <(jq -c '[.call, .errno, .layer, .sure, .config]' <<<"$output" | uniq)
}

capabilities() {
	config ".process.capabilities = ($(words "$@") | {bounding: ., effective: ., permitted: .})"
}

users() {
	rm "$ROOTFS/etc/passwd"
	printf '%s\n' root:x:0:0::/:/bin/sh other:x:7:7::/:/bin/sh third:x:8:8::/:/bin/sh >"$ROOTFS/etc/passwd"
}

@test "AppArmor: files, capabilities, mounts and sockets that its profile refuses" {
	[[ $(cat /sys/module/apparmor/parameters/enabled 2>/dev/null) == Y ]] || skip "the host has no AppArmor"
	needs_program apparmor_parser
	mount -t securityfs securityfs /sys/kernel/security
	apparmor_parser --add --skip-cache <<-'END'
		profile minirun-why flags=(attach_disconnected,mediate_deleted) {
			file, signal, capability chown,
			network unix, network netlink,
			deny /tmp/secret rwl,
		}
		profile minirun-complains flags=(attach_disconnected,mediate_deleted,complain) {
			file, signal,
		}
	END
	umount /sys/kernel/security
	echo >"$ROOTFS/tmp/secret"
	capabilities CAP_CHOWN CAP_DAC_OVERRIDE CAP_SYS_ADMIN CAP_NET_ADMIN
	config '.process.apparmorProfile = "minirun-why"'
	running_bundle
	calls_of 'cat /tmp/secret; hostname x; mount -t tmpfs none /tmp; chown 5 /tmp; nc -l -p 8080 -w 1'
	[[ ${calls[0]} == '["open'*'/tmp/secret'*'"EACCES","lsm","likely","/process/apparmorProfile"]' ]]
	[[ ${calls[1]} == '["sethostname('*'"EPERM","lsm","likely","/process/apparmorProfile"]' ]]
	[[ ${calls[2]} == '["mount('*'"E'*'","lsm","likely","/process/apparmorProfile"]' ]]
	[[ ${calls[3]} == '["socket('*'"EACCES","lsm","likely","/process/apparmorProfile"]' ]]
	[[ $output == *'AppArmor'"'"'s profile \"minirun-why\" (enforce)'* ]]
	# beforehand: what a policy speaks of depends on it, whoever started the process
	why 0 "$ID" sethostname
	check '.verdict == "depends" and .layer == "lsm" and .config == "/process/apparmorProfile"' \
		'.layers[-1].text | contains("minirun-why\" (enforce)")'
	why 0 "$(container_pid)" openat
	check '.layers | map(select(.layer == "lsm")) | length == 1 and (.[0].config == null)'
	why 0 "$ID" getpid
	check '.verdict == "allowed"'
	minirun delete --force "$ID"
	config '.process.apparmorProfile = "minirun-complains"'
	running_bundle
	run -0 --separate-stderr minirun why "$ID" -- /bin/sh -c 'cat /tmp/secret; hostname y'
	why 0 "$ID" sethostname
	check '.layer == "lsm" and (.layers[-1].text | contains("deny rule"))'
	minirun delete --force "$ID"
	config '.process.apparmorProfile = "unconfined"'
	why 0 "$BUNDLE" sethostname
	check '.verdict == "allowed"'
}

@test "a filter that ends the program: once, not as a call that the kernel lacks" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["chmod", "fchmodat"], action: "SCMP_ACT_KILL_PROCESS"}]}'
	running_bundle
	why 1 "$ID" -- /bin/chmod 700 /tmp
	check '.signal == "SIGSYS" and .layer == "seccomp" and .sure == "certain"' '.config == "/linux/seccomp/syscalls/0"'
}

@test "fs.protected_regular, _fifos and _symlinks: for root, too" {
	local setting

	for setting in regular fifos symlinks; do
		[[ -w /proc/sys/fs/protected_$setting ]] || skip "no fs.protected_$setting"
	done
	echo 2 >/proc/sys/fs/protected_regular
	echo 1 >/proc/sys/fs/protected_fifos
	echo 1 >/proc/sys/fs/protected_symlinks
	capabilities CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER CAP_SETUID CAP_SETGID
	mount_point /t tmpfs tmpfs mode=1777
	users
	running_bundle
	calls_of 'busybox su other -c "echo >/t/f; mkfifo /t/p; ln -s /etc/passwd /t/l; ln -s /t/f /t/n"
		echo >/t/f; echo >/t/p; cat /t/l; cat /t/n; cat /t/f; readlink /t/l; chmod 1770 /t; chown 0:7 /t; : >>/t/f; : >>/t/p'
	[[ ${calls[0]} == '["openat(\"/t/f\"'*'"EACCES","sysctl","certain",null]' ]]
	[[ ${calls[1]} == '["openat(\"/t/p\"'*'"EACCES","sysctl","certain",null]' ]]
	[[ ${calls[2]} == '["openat(\"/t/l\"'*'"EACCES","sysctl","certain",null]' ]]
	[[ ${calls[3]} == '["openat(\"/t/n\"'*'"EACCES","sysctl","certain",null]' ]]
	# a directory of a group: level 2 is for that; who can't get there isn't told for certain
	[[ ${calls[4]} == '["openat(\"/t/f\"'*'"EACCES","sysctl","likely",null]' ]]
	((${#calls[@]} == 5))
	[[ $output == *"fs.protected_regular is 2"*"fs.protected_fifos is 1"*"fs.protected_symlinks is 1"* ]]
	why 0 "$ID" openat
	check '.layers | map(select(.layer == "sysctl")) | .[0].text | contains("fs.protected_regular is 2")'
}

@test "user.max_user_namespaces, and io_uring where the kernel can turn it off" {
	local before

	capabilities
	running_bundle
	before=$(</proc/sys/user/max_user_namespaces)
	echo 0 >/proc/sys/user/max_user_namespaces
	why 1 "$BUNDLE" unshare 0x10000000
	check '.layer == "sysctl" and (.layers | map(.text) | any(contains("user.max_user_namespaces is 0")))'
	why 1 "$ID" unshare 0x20000
	check '.layer == "capability"'
	calls_of 'busybox unshare --user true'
	[[ ${calls[0]} == '["unshare(CLONE_NEWUSER)","ENOSPC","limits","likely",null]' ]]
	[[ $output == *"user.max_user_namespaces is 0"* ]]
	echo "$before" >/proc/sys/user/max_user_namespaces
	if [[ -w /proc/sys/kernel/io_uring_disabled ]]; then
		echo 2 >/proc/sys/kernel/io_uring_disabled
		why 1 "$BUNDLE" io_uring_setup
		check '.layer == "sysctl"'
		calls_of 'guest syscall 425 4 %00'
		[[ ${calls[0]} == '["io_uring_setup('*'"EPERM","sysctl","certain",null]' ]]
		echo 0 >/proc/sys/kernel/io_uring_disabled
	fi
}
