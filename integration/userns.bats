#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.uidMappings, gidMappings, user namespaces by path, and minirun inside of minirun:
# user_namespaces(7). An ordinary user's are in rootless.bats.

load lib/bundle
load lib/user

setup() {
	minirun_only
	bundle_new
	user_new
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_RUN_TMPDIR"
}

teardown() {
	user_cleanup
	bundle_cleanup
}

# mapped CONTAINER HOST SIZE...: a new user namespace with this map for users and groups, and a
# bundle whose directories belong to its root
mapped() {
	local list=""

	while (($#)); do
		list+="{containerID: $1, hostID: $2, size: $3},"
		shift 3
	done
	config "(if any(.linux.namespaces[]; .type == \"user\") then . else
			.linux.namespaces += [{type: \"user\"}] end) |
		.linux.uidMappings = [${list%,}] | .linux.gidMappings = [${list%,}]"
}

owned_by() {
	find "$BUNDLE" -type d -exec chown "$1:$1" {} +
}

map_of() {
	tr -s ' \n' ' ,' <"/proc/$1/uid_map"
}

@test "several ranges; files belong to the ids that they lead to; the image isn't changed" {
	mapped 0 100000 1000 1000 5000 1 1001 300000 100
	owned_by 100000
	chmod 1777 "$ROOTFS/tmp"
	before=$(find "$ROOTFS" -printf '%p %U:%G %m\n' | sort)
	running_bundle
	[[ $(map_of "$(container_pid)") == " 0 100000 1000, 1000 5000 1, 1001 300000 100," ]]
	[[ $(find "$ROOTFS" -printf '%p %U:%G %m\n' | sort) == "$before" ]]
	for user in 0:100000 999:100999 1000:5000 1100:300099; do
		minirun exec --user "${user%:*}:${user%:*}" "$ID" /bin/touch "/tmp/${user%:*}"
		[[ $(stat -c %u:%g "$ROOTFS/tmp/${user%:*}") == "${user#*:}:${user#*:}" ]]
	done
	run_minirun exec --user 1101 "$ID" /bin/true
	((status == 255))
	[[ $stderr == *"no place in this user namespace"* ]]
}

@test "additional groups, in create and exec; one that isn't mapped is an error" {
	mapped 0 100000 1000
	owned_by 100000
	config '.process.user.additionalGids = [7, 999]'
	run_bundle
	succeeds
	check '.groups == [7, 999]' '.uids == [0, 0, 0]'
	config '.process.user.additionalGids = [7, 1000]'
	run_bundle
	fails /process/user/additionalGids/1 1000
	config '.process.user = {uid: 1000, gid: 0}'
	run_bundle
	fails /process/user/uid 1000 /linux/uidMappings
}

@test "a root that the mapped root can't reach is an error that says why" {
	mapped 0 100000 1000
	chmod 700 "$BUNDLE"
	run_bundle
	fails /root/path "$ROOTFS" "needs x"
}

@test "the identity map" {
	mapped 0 0 4294967295
	config '.process.user = {uid: 77, gid: 88}'
	run_bundle
	succeeds
	check '.uids == [77, 77, 77]' '.gids == [88, 88, 88]' \
		".namespaces.user != \"$(readlink /proc/self/ns/user)\""
}

@test "a map without root" {
	mapped 500 100500 10
	owned_by 100500
	config '.process.user = {uid: 503, gid: 504}'
	run_bundle
	succeeds
	check '.uids == [503, 503, 503]' '.gids == [504, 504, 504]'
	config '.process.user = {uid: 0, gid: 0}'
	run_bundle
	fails /process/user/uid
}

@test "no mappings: root is the caller, and the rest comes from subuid" {
	echo "root:$SUBIDS:1000" >>"$BATS_TEST_TMPDIR/subuid"
	echo "0:$SUBIDS:1000" >>"$BATS_TEST_TMPDIR/subgid"
	config '.linux.namespaces += [{type: "user"}]'
	args /bin/cat /proc/self/uid_map /proc/self/gid_map
	# shellcheck disable=SC2016 # the inner shell's variables
	run --separate-stderr unshare --mount sh -c 'for file in subuid subgid; do
		[ -e /etc/$file ] && mount --bind "$0/$file" /etc/$file; done; exec "$@"' \
		"$BATS_TEST_TMPDIR" "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	[[ $(tr -s ' \n' ' ,' <<<"$output") == " 0 0 1, 1 $SUBIDS 1000, 0 0 1, 1 $SUBIDS 1000,"* ]]
}

@test "one list without the other, overlaps and ids that don't exist are errors" {
	mapped 0 100000 1000
	config 'del(.linux.gidMappings)'
	run_bundle
	fails /linux/gidMappings
	mapped 0 100000 1000 999 200000 5
	run_bundle
	fails /linux/uidMappings/1 overlaps
	mapped 0 4294967295 1
	run_bundle
	fails /linux/uidMappings/0
	mapped 0 100000 0
	run_bundle
	fails /linux/uidMappings/0/size
}

@test "a map that the kernel can't take is an error" {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [range(340) | {containerID: (. * 10 + 1000000000), hostID: (. * 10 + 2000000000), size: 1}] |
		.linux.gidMappings = .linux.uidMappings | .process.user = {uid: 1000000000, gid: 1000000000}'
	run_bundle
	fails /linux/uidMappings "bytes of text"
}

@test "a user namespace is joined by path, with others that it owns, with mappings or without" {
	mapped 0 100000 1000
	owned_by 100000
	running_bundle
	pid=$(container_pid)
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	guest report
	for kind in user:user network:net ipc:ipc uts:uts; do
		config "(.linux.namespaces[] | select(.type == \"${kind%:*}\")).path = \"/proc/$pid/ns/${kind#*:}\""
	done
	config 'del(.hostname)'
	for change in . 'del(.linux.uidMappings, .linux.gidMappings)'; do
		config "$change"
		run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
		succeeds
		for kind in user net ipc uts; do
			check ".namespaces.$kind == \"$(readlink "/proc/$pid/ns/$kind")\""
		done
		check '.uids == [0, 0, 0]' '.pid == 1'
	done
	config '.process.user.uid = 1000'
	run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
	fails "/process/user" "no place in this user namespace"
}

@test "time offsets in a new and in a joined user namespace" {
	needs_namespace time
	mapped 0 100000 1000
	owned_by 100000
	config '.linux.namespaces += [{type: "time"}] |
		.linux.timeOffsets = {boottime: {secs: 864000000}, monotonic: {secs: 0}}'
	running_bundle
	pid=$(container_pid)
	(($(minirun exec "$ID" /bin/cut -d. -f1 /proc/uptime) >= 864000000))
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	config "(.linux.namespaces[] | select(.type == \"user\")).path = \"/proc/$pid/ns/user\""
	args /bin/cut -d. -f1 /proc/uptime
	run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
	succeeds
	((output >= 864000000))
}

@test "a joined user namespace with namespaces of the host's" {
	mapped 0 100000 1000
	owned_by 100000
	running_bundle
	pid=$(container_pid)
	unshare --net --uts --ipc sleep 60 3>&- &
	other=$!
	until_true sh -c "! [ /proc/$other/ns/net -ef /proc/self/ns/net ]"
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	guest report
	config 'del(.hostname) | .mounts |= map(select(.type | IN("sysfs", "mqueue") | not)) |
		del(.linux.uidMappings, .linux.gidMappings)' \
		"(.linux.namespaces[] | select(.type == \"user\")).path = \"/proc/$pid/ns/user\""
	for kind in network:net ipc:ipc uts:uts; do
		config "(.linux.namespaces[] | select(.type == \"${kind%:*}\")).path = \"/proc/$other/ns/${kind#*:}\""
	done
	run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
	kill "$other"
	succeeds
	check ".namespaces.user == \"$(readlink "/proc/$pid/ns/user")\"" '.uids == [0, 0, 0]'
}

@test "a new user namespace with a network namespace of the host's that is joined" {
	unshare --net sleep 60 3>&- &
	other=$!
	until_true sh -c "! [ /proc/$other/ns/net -ef /proc/self/ns/net ]"
	net=$(readlink "/proc/$other/ns/net")
	mapped 0 100000 1000
	owned_by 100000
	config "(.linux.namespaces[] | select(.type == \"network\")).path = \"/proc/$other/ns/net\""
	run_bundle
	kill "$other"
	succeeds
	check ".namespaces.net == \"$net\"" '.mounts | any(.path == "/sys" and (.options | startswith("ro")))'
}

@test "in a joined user namespace, too, the host's read-only mounts are locked" {
	mapped 0 100000 1000
	owned_by 100000
	running_bundle
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	config "(.linux.namespaces[] | select(.type == \"user\")).path = \"/proc/$(container_pid)/ns/user\"" \
		'.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"]) | del(.linux.uidMappings, .linux.gidMappings)'
	mkdir "$BATS_TEST_TMPDIR/source"
	mount -t tmpfs -o ro tmpfs "$BATS_TEST_TMPDIR/source"
	mount_point /data bind "$BATS_TEST_TMPDIR/source" bind
	args /bin/sh -c 'mount -o remount,bind,rw /data; grep " /data " /proc/self/mountinfo'
	run --separate-stderr minirun run --bundle "$BUNDLE" "$second"
	umount "$BATS_TEST_TMPDIR/source"
	[[ $output == *" /data ro,"* && $stderr == *"permission denied"* ]]
}

@test "default devices are bound, those of the list made outside" {
	mapped 0 100000 1000
	owned_by 100000
	config '.linux.devices = [{type: "c", path: "/dev/kmsg", major: 1, minor: 11, fileMode: 438, uid: 0, gid: 0}]'
	args /bin/sh -c 'stat -c "%n %t:%T" /dev/kmsg /dev/null; echo x >/dev/null; : >/dev/full'
	run_bundle
	((status == 0))
	[[ ${lines[0]} == "/dev/kmsg 1:b" && ${lines[1]} == "/dev/null 1:3" ]]
	config '.linux.devices[0].minor = 12'
	run_bundle
	((status == 0))
	[[ ${lines[0]} == "/dev/kmsg 1:c" ]]
}

# bats test_tags=not-uml
@test "tmpcopyup in a user namespace: an owner without a place there is told, but for the top's" {
	mkdir "$ROOTFS/seed"
	echo text >"$ROOTFS/seed/file"
	mapped 0 100000 1000
	owned_by 100000
	chown 100000:100000 "$ROOTFS/seed/file"
	chown 0:0 "$ROOTFS/seed"
	mount_point /seed tmpfs tmpfs tmpcopyup
	args /bin/sh -c 'stat -c "%u %g" /seed /seed/file; cat /seed/file'
	run_bundle
	succeeds
	[[ $output == $'0 0\n0 0\ntext' ]]
	chown 100000:0 "$ROOTFS/seed/file"
	run_bundle
	fails "/seed: tmpcopyup: file: its owner has no place in the user namespace"
}

# --- minirun inside of minirun --------------------------------------------------------------------

# The image gets the host's programs and libraries, minirun and a bundle for the inner container.
nest() {
	local place

	mkdir -p "$ROOTFS"/{usr,inner/rootfs,state}
	cp "$MINIRUN" "$ROOTFS/minirun"
	cp -al "$ROOTFS/bin" "$ROOTFS/inner/rootfs/"
	mkdir -p "$ROOTFS"/inner/rootfs/{dev,proc,sys,etc,root,run,tmp}
	config '.linux.resources = {} | del(.process.rlimits)'
	jq 'del(.linux.cgroupsPath)' "$BUNDLE/config.json" >"$ROOTFS/inner/config.json"
	mount_point /usr bind /usr bind ro
	for place in /lib /lib64; do
		[[ -L $place ]] && ln -s "$(readlink "$place")" "$ROOTFS$place" && continue
		mount_point "$place" bind "$place" bind ro
	done
	config '.process.capabilities |= map_values(["CAP_SYS_ADMIN", "CAP_SYS_CHROOT", "CAP_SETUID",
			"CAP_SETGID", "CAP_MKNOD", "CAP_CHOWN", "CAP_FOWNER", "CAP_DAC_OVERRIDE",
			"CAP_NET_ADMIN", "CAP_KILL", "CAP_SETPCAP", "CAP_SETFCAP", "CAP_SYS_PTRACE",
			"CAP_AUDIT_WRITE", "CAP_NET_BIND_SERVICE"])'
	args /minirun --root /state run --bundle /inner inner
}

@test "nested: root in a container" {
	nest
	run_bundle
	succeeds
	check '.uids == [0, 0, 0]' '.pid == 1' '.hostname == "guest"'
}

@test "nested: root of a user namespace, which makes another one of all its ids or none" {
	nest
	mapped 0 100000 1000
	owned_by 100000
	run_bundle
	succeeds
	check '.uids == [0, 0, 0]' '.pid == 1'
	jq -c '.process.args = ["/bin/cat", "/proc/self/uid_map"] | .linux.namespaces += [{type: "user"}]' \
		"$ROOTFS/inner/config.json" >"$BATS_TEST_TMPDIR/c"
	cat "$BATS_TEST_TMPDIR/c" >"$ROOTFS/inner/config.json"
	run_bundle
	succeeds
	[[ $(tr -s ' \n' ' ,' <<<"$output") == " 0 0 1000,"* ]]
}

@test "nested: where the outer container masks parts of /proc, the error says so" {
	nest
	mapped 0 100000 1000
	owned_by 100000
	config '.linux.maskedPaths = ["/proc/uptime"]'
	jq -c '.linux.namespaces += [{type: "user"}]' "$ROOTFS/inner/config.json" >"$BATS_TEST_TMPDIR/c"
	cat "$BATS_TEST_TMPDIR/c" >"$ROOTFS/inner/config.json"
	run_bundle
	((status != 0))
	[[ $stderr == *"/mounts/0: /proc"*"masked paths"* ]]
}

@test "the caller's own user namespace, by its path, gives no rights that he hasn't" {
	config '.linux.namespaces += [{type: "user", path: "/proc/self/ns/user"}] |
		.process.capabilities = {bounding: ["CAP_SYS_TIME", "CAP_KILL"],
			permitted: ["CAP_SYS_TIME", "CAP_KILL"], effective: ["CAP_SYS_TIME", "CAP_KILL"]}'
	run --separate-stderr setpriv --bounding-set=-sys_time "$MINIRUN" --root "$ROOT" run \
		--bundle "$BUNDLE" "$ID"
	succeeds
	check '.status | [.bounding, .effective, .permitted] | unique == ["0000000000000020"]'
	running_bundle
	setpriv --bounding-set=-sys_time "$MINIRUN" --root "$ROOT" exec "$ID" /bin/true
}
