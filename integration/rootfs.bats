#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's root and linux.rootfsPropagation, and where a root file system may lie

load lib/bundle

@test "root.path relative to the bundle, absolute, with a trailing slash, through a link" {
	run_bundle
	succeeds
	for path in "$ROOTFS" rootfs/ ./rootfs; do
		config ".root.path = \"$path\""
		run_bundle
		succeeds
	done
	ln -s rootfs "$BUNDLE/link"
	config '.root.path = "link"'
	run_bundle
	succeeds
	mv "$ROOTFS" "$BATS_TEST_TMPDIR/elsewhere"
	config ".root.path = \"$BATS_TEST_TMPDIR/elsewhere\""
	run_bundle
	succeeds
	mv "$BATS_TEST_TMPDIR/elsewhere" "$ROOTFS"
}

@test "root.readonly" {
	config '.root.readonly = true'
	guest try write:/ write:/tmp write:/dev/shm write:/etc/passwd create:/new
	run_bundle
	succeeds
	check '.["write:/"] == "EROFS"' '.["write:/tmp"] == "EROFS"' '.["write:/etc/passwd"] == "EROFS"' \
		'.["create:/new"] == "EROFS"' '.["write:/dev/shm"] == "ok"'
	config '.root.readonly = false'
	guest try write:/
	run_bundle
	check '.["write:/"] == "ok"'
}

@test "a root without the mount points: they are made" {
	rm -rf "${ROOTFS:?}"/{dev,proc,sys}
	run_bundle
	succeeds
	[[ -d $ROOTFS/dev && -d $ROOTFS/proc && -d $ROOTFS/sys ]]
}

@test "a root on a read-only file system: works if the mount points are there" {
	mount --bind "$ROOTFS" "$ROOTFS"
	mount -o remount,bind,ro "$ROOTFS"
	run_bundle
	umount "$ROOTFS"
	succeeds
	rmdir "$ROOTFS/sys"
	mount --bind "$ROOTFS" "$ROOTFS"
	mount -o remount,bind,ro "$ROOTFS"
	run_bundle
	umount "$ROOTFS"
	fails "/sys"
}

@test "a root on a tmpfs, and one that is a mount point itself" {
	mv "$ROOTFS" "$BATS_TEST_TMPDIR/old"
	mkdir "$ROOTFS"
	mount -t tmpfs tmpfs "$ROOTFS"
	cp -a "$BATS_TEST_TMPDIR/old/." "$ROOTFS"
	run_bundle
	umount "$ROOTFS"
	rmdir "$ROOTFS"
	mv "$BATS_TEST_TMPDIR/old" "$ROOTFS"
	succeeds
	check '[.mounts[] | select(.path == "/")][0].type == "tmpfs"'
}

@test "a root on an overlay" {
	mkdir "$BATS_TEST_TMPDIR"/{upper,work,merged}
	mount -t tmpfs tmpfs "$BATS_TEST_TMPDIR/upper" || skip "no tmpfs"
	mkdir "$BATS_TEST_TMPDIR"/upper/{upper,work}
	mount -t overlay overlay -o "lowerdir=$ROOTFS,upperdir=$BATS_TEST_TMPDIR/upper/upper,workdir=$BATS_TEST_TMPDIR/upper/work" \
		"$BATS_TEST_TMPDIR/merged" || {
		umount "$BATS_TEST_TMPDIR/upper"
		skip "no overlay file system here"
	}
	config ".root.path = \"$BATS_TEST_TMPDIR/merged\""
	run_bundle
	umount "$BATS_TEST_TMPDIR/merged" "$BATS_TEST_TMPDIR/upper"
	succeeds
	check '[.mounts[] | select(.path == "/")][0].type == "overlay"'
}

@test "nothing of the host's tree is reachable" {
	args /bin/sh -c 'ls -d /proc/1/root/work /proc/1/cwd/work /../../work 2>&1; ls /proc/self/fd;
		grep -c . /proc/self/mountinfo'
	run_bundle
	[[ $output != *"/work"$'\n'* || $output == *"No such file"* ]]
	is_false grep -qE '^/proc/1/root/work$' <<<"$output"
}

@test "the host sees none of the container's mounts" {
	before=$(wc -l </proc/self/mountinfo)
	running_bundle
	[[ $(wc -l </proc/self/mountinfo) == "$before" ]]
}

@test "rootfsPropagation: each value, and an unknown one" {
	for row in private: slave: shared:shared unbindable:unbindable rprivate: rslave: rshared:shared; do
		config ".linux.rootfsPropagation = \"${row%:*}\""
		run_bundle
		echo "$row $stderr"
		((status == 0)) || return 1
		if [[ ${row#*:} ]]; then
			check "[.mounts[] | select(.path == \"/\")][0].propagation | map(split(\":\")[0]) |
				index(\"${row#*:}\")"
		else
			check '[.mounts[] | select(.path == "/")][0].propagation | map(split(":")[0]) |
				index("shared") | not'
		fi
	done
	config '.linux.rootfsPropagation = "sideways"'
	run_bundle
	fails "/linux/rootfsPropagation" "sideways"
}

@test "no root, a root that is missing, a file, unreadable" {
	config '.root.path = "no-such"'
	run_bundle
	fails "no-such"
	config '.root.path = "config.json"'
	run_bundle
	fails "config.json"
	config 'del(.root)'
	run_bundle
	fails "/root"
	config '.root = {}'
	run_bundle
	fails "/root"
}

@test "an empty root file system can be run in, with everything bound into it" {
	rm -rf "${ROOTFS:?}"/*
	mount_point /guest bind "$HELPERS/guest" bind ro
	args /guest
	run_bundle
	succeeds
	check '.pid == 1' '.exe == "/guest"'
}
