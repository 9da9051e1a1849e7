#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts whose files show other owners

load lib/bundle

setup() {
	bundle_new
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir "$SOURCE"
	touch "$SOURCE/zero" "$SOURCE/one"
	chown 1:1 "$SOURCE/one"
}

# map CONTAINER HOST SIZE...: of the last mount, both lists
map() {
	local list=""

	while (($# > 0)); do
		list+="{containerID: $1, hostID: $2, size: $3},"
		shift 3
	done
	config ".mounts[-1].uidMappings = [${list%,}] | .mounts[-1].gidMappings = [${list%,}]"
}

# a user namespace of the container's own, and a root that belongs to it
user_namespace() {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	for directory in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$BUNDLE"; do
		chmod o+x "$directory"
	done
	find "$ROOTFS" -type d -exec chown 100000:100000 {} +
}

owners() {
	args /bin/stat -c '%n %u:%g' "$@"
}

@test "ids of the file system become ids of the host, with and without the word idmap" {
	needs_idmap "$SOURCE"
	mount_point /plain bind "$SOURCE" bind
	map 0 500 10
	mount_point /word bind "$SOURCE" bind idmap
	map 0 700 10
	owners /plain/zero /plain/one /word/one
	run_bundle
	succeeds
	[[ $output == $'/plain/zero 500:500\n/plain/one 501:501\n/word/one 701:701' ]]
	[[ $(stat -c %u "$SOURCE/one") == 1 ]]
}

@test "what is written through the mount has the ids of the file system" {
	needs_idmap "$SOURCE"
	mount_point /data bind "$SOURCE" bind
	map 0 0 1 40 1 1
	config '.process.user = {uid: 1, gid: 1}'
	chmod 777 "$SOURCE"
	args /bin/touch /data/new
	run_bundle
	succeeds
	[[ $(stat -c %u:%g "$SOURCE/new") == 40:40 ]]
}

@test "several ranges; an id in none of them is nobody's and can't be created" {
	needs_idmap "$SOURCE"
	chown 9:9 "$SOURCE/zero"
	mount_point /data bind "$SOURCE" bind
	map 0 1000 1 1 5000 2 20 0 1
	chmod 777 "$SOURCE"
	args /bin/sh -c 'stat -c "%n %u:%g" /data/zero /data/one; touch /data/new && stat -c %u /data/new'
	run_bundle
	succeeds
	[[ $output == $'/data/zero 65534:65534\n/data/one 5000:5000\n0' ]]
	[[ $(stat -c %u "$SOURCE/new") == 20 ]]
	config '.process.user = {uid: 7, gid: 7}' '.process.args = ["/bin/touch", "/data/other"]'
	run_bundle
	[[ $status != 0 && $stderr == *"too large"* ]]
}

@test "a user namespace: its maps are taken, or the mount's own" {
	needs_idmap "$SOURCE"
	user_namespace
	mount_point /own bind "$SOURCE" bind
	map 0 100010 10
	mount_point /taken bind "$SOURCE" bind idmap
	mount_point /without bind "$SOURCE" bind
	owners /own/one /taken/zero /taken/one /without/one
	run_bundle
	succeeds
	[[ $output == $'/own/one 11:11\n/taken/zero 0:0\n/taken/one 1:1\n/without/one 65534:65534' ]]
}

@test "joined user and pid namespaces: idmap takes their maps" {
	minirun_only
	needs_idmap "$SOURCE"
	user_namespace
	running_bundle
	pid=$(container_pid)
	other=$(another_id)
	config 'del(.linux.uidMappings, .linux.gidMappings) |
		.linux.namespaces |= map(if .type == "user" or .type == "pid"
			then .path = "/proc/'"$pid"'/ns/" + .type else . end) |
		.linux.cgroupsPath = "/'"$other"'"'
	mount_point /data bind "$SOURCE" bind idmap
	mount_point /here bind "$ROOTFS/etc" bind idmap
	owners /data/zero /data/one /here/passwd
	run --separate-stderr minirun run --bundle "$BUNDLE" "$other"
	succeeds
	[[ $output == $'/data/zero 0:0\n/data/one 1:1\n/here/passwd 0:0' ]]
}

@test "idmap is for the one mount, ridmap for the tree" {
	needs_idmap "$SOURCE"
	mkdir "$SOURCE/sub"
	mount -t tmpfs tmpfs "$SOURCE/sub"
	touch "$SOURCE/sub/inner"
	mount_point /one bind "$SOURCE" rbind idmap
	map 0 500 10
	mount_point /tree bind "$SOURCE" rbind ridmap
	map 0 500 10
	owners /one/one /one/sub/inner /tree/one /tree/sub/inner
	run_bundle
	umount "$SOURCE/sub"
	succeeds
	[[ $output == $'/one/one 501:501\n/one/sub/inner 0:0\n/tree/one 501:501\n/tree/sub/inner 500:500' ]]
}

@test "a relative source, a file as source, read-only, and nosuid together with a map" {
	needs_idmap "$SOURCE"
	mkdir "$BUNDLE/inside"
	cp -a "$SOURCE/one" "$BUNDLE/inside"
	mount_point /data bind inside bind ro nosuid
	map 0 500 10
	mount_point /file bind "$SOURCE/one" bind
	map 0 600 10
	guest report
	run_bundle
	succeeds
	check '.mounts[] | select(.path == "/data") | .options | startswith("ro,nosuid")'
	owners /data/one /file
	run_bundle
	[[ $output == $'/data/one 501:501\n/file 601:601' ]]
}

@test "propagation holds for id-mapped mounts" {
	needs_idmap "$SOURCE"
	for kind in private slave shared unbindable rshared; do
		mount_point "/$kind" bind "$SOURCE" rbind "$kind"
		map 0 500 10
	done
	config '.linux.rootfsPropagation = "shared"'
	run_bundle
	succeeds
	check '(.mounts[] | select(.path == "/private") | .propagation) == []' \
		'.mounts[] | select(.path == "/shared") | .propagation[0] | startswith("shared:")' \
		'.mounts[] | select(.path == "/rshared") | .propagation[0] | startswith("shared:")' \
		'(.mounts[] | select(.path == "/unbindable") | .propagation) == ["unbindable"]'
}

@test "the source lies in an earlier mount of the container" {
	minirun_only
	needs_idmap "$SOURCE"
	mount_point /a tmpfs tmpfs
	mount_point /a/b bind "$SOURCE" bind
	mount_point /c bind "$ROOTFS/a/b" bind
	map 0 500 10
	owners /c/one /a/b/one
	run_bundle
	succeeds
	[[ $output == $'/c/one 501:501\n/a/b/one 1:1' ]]
	user_namespace
	map 0 100500 10
	mount_point /d bind "$ROOTFS/a/b" bind idmap
	owners /c/one /d/one
	run_bundle
	succeeds
	[[ $output == $'/c/one 501:501\n/d/one 1:1' ]]
}

@test "a source that has a map already" {
	minirun_only
	needs_idmap "$SOURCE"
	mount_point /a bind "$SOURCE" bind
	map 0 500 10
	mount_point /b bind "$ROOTFS/a" bind
	map 0 600 10
	owners /a/one /b/one
	run_bundle
	if ((status == 0)); then
		[[ $output == $'/a/one 501:501\n/b/one 601:601' ]]
	else
		fails "/mounts/7" "before Linux 6.15"
	fi
}

@test "a new file system can be mapped, in and without a user namespace" {
	minirun_only
	mount_point /data tmpfs tmpfs mode=777
	map 0 500 10
	owners /data
	run_bundle
	if ((status != 0)); then # tmpfs: Linux 6.3
		fails "can't map the ids of this file system"
		return
	fi
	[[ $output == "/data 500:500" ]]
	user_namespace
	map 0 100500 10
	run_bundle
	succeeds
	[[ $output == "/data 500:500" ]]
}

@test "crun's map in the option, absolute and relative to the user namespace" {
	minirun_only
	needs_idmap "$SOURCE"
	mount_point /data bind "$SOURCE" bind "idmap=uids=0-500-1#1-700-5;gids=0-500-10"
	owners /data/zero /data/one
	run_bundle
	succeeds
	[[ $output == $'/data/zero 500:500\n/data/one 700:501' ]]
	user_namespace
	config '.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 2},
			{containerID: 2, hostID: 300000, size: 100}] |
		.mounts[-1].options = ["bind", "idmap=uids=@0-1-10;gids=@0-30-10"]'
	owners /data/zero /data/one
	run_bundle
	succeeds
	[[ $output == $'/data/zero 1:30\n/data/one 2:31' ]]
}

@test "more maps than there are open files" {
	minirun_only
	needs_idmap "$SOURCE"
	for ((i = 0; i < 90; i++)); do
		echo "{\"destination\": \"/m/$i\", \"type\": \"bind\", \"source\": \"$SOURCE\",
			\"options\": [\"bind\"],
			\"uidMappings\": [{\"containerID\": 0, \"hostID\": $((1000 + i)), \"size\": 9}],
			\"gidMappings\": [{\"containerID\": 0, \"hostID\": 0, \"size\": 9}]}"
	done >"$BATS_TEST_TMPDIR/list"
	jq --slurpfile list "$BATS_TEST_TMPDIR/list" '.mounts += $list | .process.rlimits = []' \
		"$BUNDLE/config.json" >"$BUNDLE/new"
	mv "$BUNDLE/new" "$BUNDLE/config.json"
	owners /m/0/one /m/89/one
	ulimit -S -n 64
	run_bundle
	ulimit -S -n 1024
	succeeds
	[[ $output == $'/m/0/one 1001:1\n/m/89/one 1090:1' ]]
}

@test "maps that cannot be: each refused with its place" {
	minirun_only
	refused() {
		run_bundle
		fails "$@"
		config 'del(.mounts[-1])'
		mount_point /data bind "$SOURCE" bind
	}
	mount_point /data bind "$SOURCE" bind
	config '.mounts[-1].uidMappings = [{containerID: 0, hostID: 1, size: 1}]'
	refused "/mounts/6/uidMappings" "gidMappings"
	map 0 1 0
	refused "/mounts/6/uidMappings/0/size"
	map 0 5 5 4 20 1
	refused "/mounts/6/uidMappings/1" overlaps
	map 4294967295 0 1
	refused "/mounts/6/uidMappings/0"
	config '.mounts[-1].options += ["idmap"]'
	refused "/mounts/6/options/1" "user namespace"
	config '.mounts[-1].options += ["ridmap"]'
	refused "/mounts/6/options/1" "user namespace"
	for text in "" uids=0-1-1 "uids=0-1-1;uids=1-2-1" "uids=0-1;gids=0-1-1" "uids=0-1-1;gids=x" \
		"uids=0-1-1;gids=0-1-0" "uids=0-1-4294967296;gids=0-1-1" "uids=@0-1-1;gids=@0-1-1" \
		"uids=0-1-1;gids=0-1-1;" "uids=0-1-1#0-5-1;gids=0-1-1"; do
		config ".mounts[-1].options += [\"idmap=$text\"]"
		refused "/mounts/6/options/1"
	done
	map 0 1 1
	config '.mounts[-1].options += ["idmap=uids=0-1-1;gids=0-1-1"]'
	refused "/mounts/6/options/1" "uidMappings as well"
	mount_point /proc none none remount,ro
	config '.mounts[-1].options = ["remount", "ro"]'
	map 0 1 1
	refused "/mounts/7" remount
	config 'del(.mounts[-1])'
	mount_point /sys/fs/cgroup cgroup cgroup
	map 0 1 1
	refused "/mounts/7" cgroup
}

@test "a file system whose ids the kernel can't map is named" {
	minirun_only
	mount_point /data bind /proc/sys bind
	map 0 1 1
	run_bundle
	fails "/mounts/6" "can't map the ids of this file system"
}
