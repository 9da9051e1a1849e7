#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's linux.devices, the default devices and links, and the device filter

load lib/bundle

with_mknod() {
	config '.process.capabilities.bounding += ["CAP_MKNOD"] |
		.process.capabilities.effective += ["CAP_MKNOD"] |
		.process.capabilities.permitted += ["CAP_MKNOD"]'
}

@test "the default devices are there, with their numbers and modes" {
	args /bin/stat -c '%n %t:%T %a %F' /dev/null /dev/zero /dev/full /dev/random /dev/urandom /dev/tty
	run_bundle
	succeeds
	[[ ${lines[0]} == "/dev/null 1:3 666 character special file" ]]
	[[ ${lines[1]} == "/dev/zero 1:5 666 character special file" ]]
	[[ ${lines[2]} == "/dev/full 1:7 666 character special file" ]]
	[[ ${lines[3]} == "/dev/random 1:8 666 character special file" ]]
	[[ ${lines[4]} == "/dev/urandom 1:9 666 character special file" ]]
	[[ ${lines[5]} == "/dev/tty 5:0 666 character special file" ]]
}

# bats test_tags=not-uml
@test "the default links are there" {
	args /bin/sh -c 'for l in fd stdin stdout stderr ptmx; do readlink /dev/$l; done'
	run_bundle
	succeeds
	[[ $output == $'/proc/self/fd\n/proc/self/fd/0\n/proc/self/fd/1\n/proc/self/fd/2\npts/ptmx' ]]
}

@test "the default devices can be used" {
	guest try read:/dev/zero write:/dev/null read:/dev/urandom write:/dev/full device:/dev/random
	run_bundle
	succeeds
	check '[.[]] | unique == ["ok"]'
}

@test "a listed device: type, numbers, mode, owner, and a directory that has to be made" {
	config '.linux.devices = [
		{path: "/dev/fuse", type: "c", major: 10, minor: 229, fileMode: 432, uid: 5, gid: 6},
		{path: "/made/loop", type: "b", major: 7, minor: 0, fileMode: 384},
		{path: "/dev/pipe", type: "p", fileMode: 420},
		{path: "/dev/unbuffered", type: "u", major: 1, minor: 5}]'
	args /bin/stat -c '%n %t:%T %a %u %g %F' /dev/fuse /made/loop /dev/pipe /dev/unbuffered
	run_bundle
	succeeds
	[[ ${lines[0]} == "/dev/fuse a:e5 660 5 6 character special file" ]]
	[[ ${lines[1]} == "/made/loop 7:0 600 0 0 block special file" ]]
	[[ ${lines[2]} == "/dev/pipe 0:0 644 0 0 fifo" ]]
	[[ ${lines[3]} == "/dev/unbuffered 1:5 "*" 0 0 character special file" ]]
}

@test "a listed /dev/ptmx works also where the node can't be made" {
	config '.linux.devices = [{path: "/dev/ptmx", type: "c", major: 5, minor: 2}]'
	args /bin/sh -c 'stat -L -c "%t:%T %u" /dev/ptmx && : <>/dev/ptmx && echo opens'
	run_bundle
	succeeds
	[[ $output == $'5:2 0\nopens' ]]
	user_namespace
	run_bundle
	succeeds
	[[ $output == $'5:2 0\nopens' ]]
}

# bats test_tags=not-uml
@test "in a user namespace that root makes, too: number, mode and owner, and it opens" {
	minirun_only
	user_namespace
	config '.linux.devices = [
		{path: "/dev/nothing", type: "c", major: 1, minor: 3, fileMode: 416, uid: 5, gid: 6},
		{path: "/made/disk", type: "b", major: 7, minor: 200, fileMode: 67},
		{path: "/dev/pipe", type: "p", fileMode: 420},
		{path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 438},
		{path: "/dev/plain", type: "u", major: 1, minor: 5}]'
	args /bin/sh -c 'stat -c "%n %t:%T %a %u %g" /dev/nothing /made/disk /dev/pipe /dev/null /dev/plain
		echo gone >/dev/null && head -c 3 /dev/plain | wc -c'
	run_bundle
	succeeds
	[[ ${lines[0]} == "/dev/nothing 1:3 640 5 6" && ${lines[1]} == "/made/disk 7:c8 103 0 0" ]]
	[[ ${lines[2]} == "/dev/pipe 0:0 644 0 0" && ${lines[3]} == "/dev/null 1:3 666 0 0" ]]
	[[ ${lines[4]} == "/dev/plain 1:5 666 0 0" && ${lines[5]} == 3 ]]
	# what the first start left below /made is no obstacle; a file with something in it is
	run_bundle
	succeeds
	[[ ${lines[1]} == "/made/disk 7:c8 103 0 0" ]]
	echo mine >"$ROOTFS/made/disk"
	run_bundle
	fails /linux/devices/1 "/made/disk: exists and isn't the block device 7:200"
	# an owner that isn't mapped is nobody
	config '.linux.devices = [{path: "/dev/plain", type: "c", major: 1, minor: 5, uid: 70000}]'
	args /bin/stat -c %u /dev/plain
	run_bundle
	succeeds
	[[ $output == 65534 ]]
}

@test "slashes behind and within a device's path" {
	config '.linux.devices = [{path: "/mnt/", type: "b", major: 10, minor: 229},
		{path: "//dev//loop9//", type: "b", major: 7, minor: 9}]'
	args /bin/stat -c '%n %t:%T' /mnt /dev/loop9
	run_bundle
	succeeds
	[[ $output == $'/mnt a:e5\n/dev/loop9 7:9' ]]
}

@test "a default device may be listed, too" {
	minirun_only
	config '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 3, fileMode: 438}]'
	guest try write:/dev/null
	run_bundle
	succeeds
	check '.["write:/dev/null"] == "ok"'
}

# bats test_tags=not-uml
@test "an existing file that isn't the device is an error" {
	minirun_only
	touch "$ROOTFS/file"
	config '.linux.devices = [{path: "/file", type: "c", major: 1, minor: 3}]'
	run_bundle
	fails "/file"
}

# bats test_tags=not-uml
@test "device members that cannot be: each refused with its pointer" {
	minirun_only
	for change in '{path: "dev/x", type: "c", major: 1, minor: 3}:/linux/devices/0/path' \
		'{path: "/dev/x", type: "x", major: 1, minor: 3}:/linux/devices/0/type' \
		'{path: "/dev/x", type: "c", minor: 3}:/linux/devices/0' \
		'{type: "c", major: 1, minor: 3}:/linux/devices/0' \
		'{path: "/dev/x", type: "c", major: "1", minor: 3}:/linux/devices/0/major'; do
		config ".linux.devices = [${change%:*}]"
		run_bundle
		fails "${change##*:}"
	done
}

# bats test_tags=not-uml
@test "two devices at one path are an error" {
	minirun_only
	config '.linux.devices = [{path: "/dev/a", type: "c", major: 1, minor: 3},
		{path: "/dev/a", type: "c", major: 1, minor: 5}]'
	run_bundle
	fails "/dev/a"
}

@test "the filter: what isn't allowed can't be opened, what is allowed can" {
	config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 438},
		{path: "/dev/zero2", type: "c", major: 1, minor: 5, fileMode: 438},
		{path: "/dev/mem2", type: "c", major: 1, minor: 1, fileMode: 438}]
		| .linux.resources.devices = [{allow: false, access: "rwm"},
		{allow: true, type: "c", major: 1, minor: 11, access: "w"},
		{allow: true, type: "c", major: 1, minor: 5, access: "r"},
		{allow: false, type: "c", major: 1, minor: 1, access: "rwm"}]'
	guest try write:/dev/kmsg device:/dev/kmsg read:/dev/zero2 device:/dev/mem2
	run_bundle
	succeeds
	minirun_only
	check '.["write:/dev/kmsg"] == "ok"' '.["read:/dev/zero2"] == "ok"'
	check '.["device:/dev/mem2"] == "EPERM"'
}

@test "the filter: a listed node is there, and no rule of its own" {
	config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 438}]
		| .linux.resources.devices = [{allow: false, access: "rwm"}]'
	guest try device:/dev/kmsg write:/dev/kmsg
	run_bundle
	succeeds
	check '.["device:/dev/kmsg"] == "EPERM"' '.["write:/dev/kmsg"] == "EPERM"'
}

@test "the filter: nodes may be made, but not used" {
	minirun_only
	with_mknod
	args /bin/sh -c 'mknod /dev/mine b 7 0 && echo made; cat /dev/mine 2>&1; mknod /dev/null2 c 1 3 &&
		echo x >/dev/null2 && echo used'
	run_bundle
	((status == 0))
	[[ ${lines[0]} == made && ${lines[1]} == *"not permitted"* && ${lines[2]} == used ]]
}

@test "the filter: later rules win over earlier ones" {
	minirun_only
	config '.linux.devices = [{path: "/dev/mem2", type: "c", major: 1, minor: 1, fileMode: 438}] |
		.linux.resources.devices = [{allow: true, access: "rwm"},
		{allow: false, type: "c", major: 1, minor: 1, access: "rwm"}]'
	guest try device:/dev/mem2
	run_bundle
	succeeds
	check '.["device:/dev/mem2"] == "EPERM"'
}

# Rules of less than all accesses must not cost the kernel's verifier the square of their number.
# bats test_tags=not-uml
@test "the filter: two thousand rules" {
	minirun_only
	config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 438}] |
		.linux.resources.devices = [{allow: true, type: "c", major: 1, minor: 11, access: "rw"},
			(range(1000) | {allow: true, type: "c", major: (. + 20), access: "rw"}),
			(range(1000) | {allow: false, type: "c", major: 30, minor: ., access: "w"})]'
	guest try write:/dev/kmsg
	run_bundle
	succeeds
	check '.["write:/dev/kmsg"] == "ok"'
}

# bats test_tags=not-uml
@test "allow-all asks for nothing and lets everything through" {
	minirun_only
	config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 438}] |
		.linux.resources.devices = [{allow: true, access: "rwm"}]'
	guest try write:/dev/kmsg
	run_bundle
	succeeds
	check '.["write:/dev/kmsg"] == "ok"'
}

@test "the filter holds for exec, too" {
	minirun_only
	config '.linux.devices = [{path: "/dev/mem2", type: "c", major: 1, minor: 1, fileMode: 438}]
		| .linux.resources.devices = [{allow: false, access: "rwm"},
		{allow: false, type: "c", major: 1, minor: 1, access: "rwm"}]'
	running_bundle
	run --separate-stderr minirun exec "$ID" /bin/guest try device:/dev/mem2 read:/dev/zero
	check '.["device:/dev/mem2"] == "EPERM"' '.["read:/dev/zero"] == "ok"'
}

# bats test_tags=not-uml
@test "rules that cannot be: refused with their pointer" {
	minirun_only
	for change in '{allow: false, type: "x", access: "rwm"}:/linux/resources/devices/0/type' \
		'{allow: false, access: "q"}:/linux/resources/devices/0/access' \
		'{access: "rwm"}:/linux/resources/devices/0' \
		'{allow: "no", access: "rwm"}:/linux/resources/devices/0/allow'; do
		config ".linux.resources.devices = [${change%:*}]"
		run_bundle
		fails "${change##*:}"
	done
}

# bats test_tags=not-uml
@test "/dev that is a bind of a host directory is left as it is" {
	minirun_only
	mkdir "$BATS_TEST_TMPDIR/dev"
	touch "$BATS_TEST_TMPDIR/dev/marker"
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	mount_point /dev bind "$BATS_TEST_TMPDIR/dev" bind
	guest exit 0
	run_bundle
	echo "$status $stderr"
	ls -la "$BATS_TEST_TMPDIR/dev"
	((status == 0))
	[[ -e $BATS_TEST_TMPDIR/dev/marker ]]
	[[ $(ls "$BATS_TEST_TMPDIR/dev") == marker ]]
}

# bats test_tags=not-uml
@test "what exists and isn't the device is refused, in /dev and elsewhere; the device itself may be there" {
	minirun_only
	mkdir "$ROOTFS/nodes" "$BATS_TEST_TMPDIR/dev"
	mknod "$ROOTFS/nodes/null" c 1 3
	mknod "$ROOTFS/nodes/other" c 1 5
	mknod "$ROOTFS/nodes/block" b 1 3
	ln -s null "$ROOTFS/nodes/link"
	mkfifo "$ROOTFS/nodes/pipe"
	for name in other block link pipe; do
		config ".linux.devices = [{path: \"/nodes/$name\", type: \"c\", major: 1, minor: 3}]"
		run_bundle
		fails "/linux/devices/0" "/nodes/$name"
	done
	config '.linux.devices = [{path: "/dev/null", type: "c", major: 1, minor: 5}]'
	run_bundle
	fails "/dev/null"
	config '.linux.devices = [{path: "/dev/shm", type: "c", major: 1, minor: 3}]'
	run_bundle
	fails "/linux/devices/0" "/dev/shm"
	config '.linux.devices = [{path: "/nodes/null", type: "u", major: 1, minor: 3, fileMode: 8630, uid: 7, gid: 8},
		{path: "/nodes/new", type: "u", major: 1, minor: 5, fileMode: 8576, uid: 9, gid: 10}]'
	args /bin/stat -c '%t:%T %a %u:%g %F' /nodes/new
	run_bundle
	succeeds
	[[ $output == "1:5 600 9:10 character special file" ]]
}

@test "where mknod isn't allowed and nothing is mounted at /dev, a second start works as the first" {
	minirun_only
	mknod "$BATS_TEST_TMPDIR/zero" c 1 5
	config "del(.mounts[] | select(.destination | startswith(\"/dev\"))) |
		.linux.devices = [{path: \"/dev/null\", type: \"c\", major: 1, minor: 3},
			{path: \"$BATS_TEST_TMPDIR/zero\", type: \"c\", major: 1, minor: 5}]"
	args /bin/sh -c 'stat -c "%n %t:%T" /dev/null /dev/full'
	for start in first second; do
		run --separate-stderr setpriv --bounding-set -mknod --inh-caps -mknod \
			"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
		echo "$start: $stderr"
		succeeds
		[[ $output == *"/dev/null 1:3"*"/dev/full 1:7"* ]]
		[[ -f $ROOTFS/dev/full && -f $ROOTFS$BATS_TEST_TMPDIR/zero ]]
	done
	run_bundle # an empty file isn't the device
	fails "/linux/devices/0: /dev/null: exists and isn't the character device"
}

@test "in a user namespace listed devices are made, whatever the host has under their names" {
	minirun_only
	needs_namespace user
	user_namespace
	config '.linux.devices = [{path: "/dev/mine", type: "c", major: 1, minor: 5, fileMode: 384, uid: 0, gid: 0},
		{path: "/dev/pipe", type: "p"}, {path: "/nodes/other", type: "c", major: 1, minor: 7}]'
	args /bin/sh -c 'stat -c "%n %t:%T %a %u" /dev/mine; stat -c "%n %t:%T" /nodes/other; head -c 3 /dev/mine | wc -c
		test -p /dev/pipe && grep -c -e " /dev/mine " -e " /nodes/other " /proc/mounts'
	run_bundle
	succeeds
	[[ ${lines[*]} == "/dev/mine 1:5 600 0 /nodes/other 1:7 3 2" ]]
}
