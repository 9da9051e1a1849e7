#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts[] whose destination is the container's root: what is mounted there is the root from then on

load lib/bundle

setup() {
	bundle_new
	OTHER=$BATS_TEST_TMPDIR/other
	cp -a "$ROOTFS" "$OTHER"
	echo other >"$OTHER/which"
	echo first >"$ROOTFS/which"
}

# root_mount DESTINATION TYPE SOURCE OPTION...: before the mounts that are there already
root_mount() {
	config ".mounts = [{destination: \"$1\", type: \"$2\", source: \"$3\",
		options: $(words "${@:4}")}] + .mounts"
}

# a filter on the mount that the container's guest sees as its root: there is one
at_root() {
	check '[.mounts[] | select(.path == "/")] | length == 1' \
		"[.mounts[] | select(.path == \"/\")][0] | $1"
}

# what the container reads at a name, with the default mounts on top of the other root
reads() {
	args /bin/cat /which
	run_bundle
	succeeds
	[[ $output == "$1" ]]
}

@test "a bind mount at the root, by each of its names" {
	local name

	for name in / // /. /x/.. /../; do
		config '.mounts |= map(select(.source != "'"$OTHER"'"))'
		root_mount "$name" bind "$OTHER" rbind
		reads other
	done
	is_minirun || return 0
	config '.mounts[0].destination = "."'
	reads other
	config '.mounts[0].destination = ""'
	run_bundle
	fails "/mounts/0/destination" "empty"
}

@test "through a link of the image that leads to the root" {
	minirun_only # for runc 1.1 the root is no place for a mount by another name
	ln -s / "$ROOTFS/up"
	ln -s ../../.. "$ROOTFS/etc/climb"
	root_mount /up bind "$OTHER" rbind
	reads other
	config '.mounts[0].destination = "/etc/climb/."'
	reads other
}

@test "the mounts that follow go into it, the earlier ones are gone with what they were in" {
	mkdir "$BATS_TEST_TMPDIR/data"
	echo data >"$BATS_TEST_TMPDIR/data/file"
	root_mount / bind "$OTHER" bind
	root_mount /early tmpfs tmpfs
	mount_point /late bind "$BATS_TEST_TMPDIR/data" bind
	args /bin/sh -c 'cat /late/file /which; ls -d /early; cat /proc/self/mountinfo'
	run_bundle
	((status == 0))
	[[ $output == *data* && $output == *other* && $output == *" /proc "* && $output == *" /dev/shm "* ]]
	is_false grep -q /early <<<"$output"
	[[ -d $OTHER/late && ! -e $ROOTFS/late ]]
}

@test "several: the last one is the root" {
	cp -a "$OTHER" "$BATS_TEST_TMPDIR/third"
	echo third >"$BATS_TEST_TMPDIR/third/which"
	root_mount / bind "$BATS_TEST_TMPDIR/third" rbind
	root_mount / bind "$OTHER" rbind
	reads third
	guest
	run_bundle
	at_root '.root | endswith("/third")'
}

@test "a directory of the root itself, and of what was mounted on it" {
	cp -a "$OTHER" "$ROOTFS/inner"
	echo inner >"$ROOTFS/inner/which"
	root_mount / bind "$ROOTFS/inner" rbind
	reads inner
	cp -a "$ROOTFS/inner" "$OTHER/deep"
	echo deep >"$OTHER/deep/which"
	config ".mounts[0].source = \"$ROOTFS/deep\""
	root_mount / bind "$OTHER" rbind
	reads deep
}

@test "a tmpfs: with what tmpcopyup puts there, its size, and read-only in the end" {
	minirun_only
	root_mount / tmpfs tmpfs tmpcopyup size=64m mode=750 ro
	guest try write:/ write:/dev/shm
	run_bundle
	succeeds
	check '.["write:/"] == "EROFS"' '.["write:/dev/shm"] == "ok"'
	guest
	run_bundle
	at_root '.type == "tmpfs" and (.super | contains("size=65536k"))'
	reads first
}

@test "an empty tmpfs with all that is needed bound into it" {
	root_mount /bin bind "$OTHER/bin" rbind ro
	root_mount / tmpfs tmpfs mode=711
	mount_point /lib bind /lib rbind ro
	[[ ! -e /lib64 ]] || mount_point /lib64 bind /lib64 rbind ro
	guest try create:/new
	run_bundle
	succeeds
	check '.["create:/new"] == "ok"'
	[[ ! -e $ROOTFS/new ]]
}

@test "an overlay" {
	local layers=$BATS_TEST_TMPDIR/layers

	mkdir "$layers"
	mount -t tmpfs tmpfs "$layers"
	mkdir "$layers"/{upper,work,probe}
	mount -t overlay overlay -o "lowerdir=$OTHER,upperdir=$layers/upper,workdir=$layers/work" \
		"$layers/probe" || {
		umount "$layers"
		skip "no overlay file system here"
	}
	umount "$layers/probe"
	root_mount / overlay overlay "lowerdir=$OTHER" "upperdir=$layers/upper" "workdir=$layers/work"
	args /bin/sh -c 'cat /which; echo changed >/which'
	run_bundle
	succeeds
	[[ $output == other && $(cat "$layers/upper/which") == changed && $(cat "$OTHER/which") == other ]]
	umount "$layers"
}

@test "root.readonly, masked and read-only paths, rootfsPropagation: all of the result" {
	mkdir -p "$OTHER"/{secret,fixed,open}
	touch "$OTHER/secret/key"
	root_mount / bind "$OTHER" rbind
	config '.root.readonly = true | .linux.maskedPaths += ["/secret"]'
	guest try write:/ write:/open read:/secret/key
	run_bundle
	succeeds
	check '.["write:/"] == "EROFS"' '.["write:/open"] == "EROFS"' '.["read:/secret/key"] == "ENOENT"'
	config '.root.readonly = false | .linux.readonlyPaths += ["/fixed"] | .linux.rootfsPropagation = "rshared"'
	guest try write:/open write:/fixed
	run_bundle
	succeeds
	check '.["write:/open"] == "ok"' '.["write:/fixed"] == "EROFS"'
	is_minirun || return 0 # what runc shares is the covered mount
	guest
	run_bundle
	at_root '.propagation | map(split(":")[0]) | index("shared")'
}

@test "options are the mount's own, and a remount changes them" {
	root_mount / bind "$OTHER" rbind ro nosuid
	guest
	run_bundle
	succeeds
	at_root '.options | startswith("ro,nosuid")'
	config '.mounts[0].options = ["rbind"]'
	mount_point / none "$OTHER" remount bind nodev ro
	run_bundle
	succeeds
	at_root '.options | startswith("ro,nodev")'
}

@test "devices, the working directory and exec are in it" {
	root_mount / bind "$OTHER" rbind
	config '.process.cwd = "/new/directory"'
	running_bundle
	[[ $(minirun exec "$ID" /bin/cat /which) == other ]]
	[[ -d $OTHER/new/directory && ! -e $ROOTFS/new ]]
	minirun exec "$ID" /bin/sh -c 'echo >/dev/null && ls /dev/pts/ptmx'
}

@test "in a user namespace" {
	user_namespace
	chown -R 100000:100000 "$OTHER"
	root_mount / bind "$OTHER" rbind
	reads other
	is_minirun || return 0
	config '.mounts[0] = {destination: "/", type: "tmpfs", source: "tmpfs", options: ["tmpcopyup"]}'
	reads first
}

@test "what cannot be: a file, shared, without pivot_root, and in a container that runs" {
	minirun_only
	root_mount / bind "$OTHER/which" bind
	run_bundle
	fails "/mounts/0" "is not a directory"
	config ".mounts[0].source = \"$OTHER\" | .mounts[0].options = [\"rbind\", \"rshared\"]"
	run_bundle
	fails "/mounts/0/options" "shared" "rootfsPropagation"
	config '.mounts[0].options = ["rbind"]'
	run --separate-stderr minirun run --no-pivot --bundle "$BUNDLE" "$ID"
	fails "/mounts/0/destination" "--no-pivot"
	ln -s / "$ROOTFS/up"
	config '.mounts[0].destination = "/up"'
	run --separate-stderr minirun run --no-pivot --bundle "$BUNDLE" "$ID"
	fails "/mounts/0" "--no-pivot"
	config 'del(.mounts[0])'
	running_bundle
	for name in / /up; do
		run --separate-stderr minirun mounts add "$ID" - <<<'[{"destination": "'"$name"'", "type": "tmpfs"}]'
		fails "/mounts/0" "can't be covered any more"
	done
	[[ $(minirun exec "$ID" /bin/cat /which) == first ]]
}
