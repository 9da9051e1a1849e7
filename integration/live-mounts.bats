#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# mounts add, mounts remove: a container that runs already

load lib/bundle

setup() {
	bundle_new
	minirun_only
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir "$SOURCE"
	echo content >"$SOURCE/file"
}

# mount_json DESTINATION TYPE SOURCE OPTION...
mount_json() {
	jq -nc --arg d "$1" --arg t "$2" --arg s "$3" \
		'{destination: $d, type: $t, source: $s, options: $ARGS.positional}' --args -- "${@:4}"
}

# mounts add|remove JSON...
mounts() {
	local what=$1
	shift
	(
		IFS=,
		echo "[$*]" >"$BATS_TEST_TMPDIR/mounts.json"
	)
	run_minirun mounts "$what" "$ID" "$BATS_TEST_TMPDIR/mounts.json"
}

inside() {
	minirun exec "$ID" "$@"
}

@test "bind mounts and new file systems come, are seen by state and exec, and go" {
	running_bundle
	mounts add "$(mount_json /data bind "$SOURCE" bind ro)" \
		"$(mount_json /new/file bind "$SOURCE/file" bind)" \
		"$(mount_json /t tmpfs tmpfs size=64k mode=700 ro)"
	succeeds
	[[ $(inside cat /data/file /new/file) == $'content\ncontent' ]]
	run inside touch /data/x /t/x
	[[ $output == *"/data/x: Read-only"* && $output == *"/t/x: Read-only"* ]]
	[[ $(inside stat -c %a /t) == 700 ]]
	run_minirun state "$ID"
	check '.mounts | length == 3' '.mounts[0].destination == "/data"' \
		'.mounts[0].options == ["bind", "ro"]' '.mounts[0].mountId == null'
	mounts remove '{"destination": "/t/"}' '{"destination": "data"}'
	succeeds
	run inside ls /data /t
	[[ $output != *file* ]]
	run_minirun state "$ID"
	check '[.mounts[].destination] == ["/new/file"]'
	[[ $(inside cat /new/file) == content ]]
	mounts remove '{"destination": "/new/file"}'
	succeeds
	run_minirun state "$ID"
	check '.mounts == null'
}

@test "before start, in a paused container, and from standard input" {
	guest wait
	create_bundle
	run_minirun mounts add "$ID" - <<<"{\"mounts\": [$(mount_json /data bind "$SOURCE" bind)]}"
	succeeds
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	[[ $(inside cat /data/file) == content ]]
	mounts remove '{"destination": "/data"}'
	succeeds
}

@test "all or none" {
	running_bundle
	mounts add "$(mount_json /one tmpfs tmpfs)" "$(mount_json /two bind "$SOURCE" bind)" \
		"$(mount_json /etc/passwd bind "$SOURCE" bind)"
	fails "/mounts/2" "/etc/passwd"
	[[ $(inside grep -c -e /one -e /two /proc/self/mountinfo) == 0 ]]
	run_minirun state "$ID"
	check '.mounts == null'
}

@test "in a user namespace what is made belongs to the container's root" {
	user_namespace
	running_bundle
	mounts add "$(mount_json /data bind "$SOURCE" bind)" "$(mount_json /t tmpfs tmpfs)"
	succeeds
	[[ $(inside stat -c %u:%g /data/file /t) == $'65534:65534\n0:0' ]]
	[[ $(stat -c %u "$ROOTFS/data") == 100000 ]]
	mounts remove '{"destination": "/data"}' '{"destination": "/t"}'
	succeeds
	run inside ls /data
	[[ ! $output ]]
}

@test "in a user namespace nobody changes what the host has mounted read-only" {
	mount -t tmpfs -o ro tmpfs "$SOURCE"
	user_namespace
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	running_bundle
	mounts add "$(mount_json /data bind "$SOURCE" bind)"
	run inside mount -o remount,bind,rw /data
	umount "$SOURCE"
	[[ $output == *"permission denied"* && $(inside grep -c ' /data ro,' /proc/self/mountinfo) == 1 ]]
}

@test "an id-mapped mount takes the maps of the container" {
	needs_idmap "$SOURCE"
	user_namespace
	running_bundle
	chown 3:3 "$SOURCE/file"
	mounts add "$(mount_json /data bind "$SOURCE" bind idmap)"
	succeeds
	[[ $(inside stat -c %u:%g /data/file) == 3:3 ]]
}

@test "two at one place: the later one goes first" {
	running_bundle
	mounts add "$(mount_json /t tmpfs first)" "$(mount_json /t tmpfs second)"
	succeeds
	mounts remove '{"destination": "/t"}'
	succeeds
	[[ $(inside grep -c ' /t .*first' /proc/self/mountinfo) == 1 ]]
	[[ $(inside grep -c ' /t .*second' /proc/self/mountinfo) == 0 ]]
	mounts remove '{"destination": "/t"}'
	succeeds
}

@test "links of the image are followed inside the root only" {
	ln -s "$BATS_TEST_TMPDIR" "$ROOTFS/out"
	ln -s ../../../../../../etc "$ROOTFS/up"
	running_bundle
	mounts add "$(mount_json /out/made bind "$SOURCE" bind)" "$(mount_json /up/made bind "$SOURCE/file" bind)"
	succeeds
	[[ ! -e $BATS_TEST_TMPDIR/made && ! -e /etc/made ]]
	[[ $(inside cat "$BATS_TEST_TMPDIR/made/file" /etc/made) == $'content\ncontent' ]]
}

@test "names in a file system's parameters are the host's, whatever the container has there" {
	mkdir -p "$ROOTFS$SOURCE" "$BATS_TEST_TMPDIR/second"
	echo other >"$ROOTFS$SOURCE/file"
	running_bundle
	mounts add "$(mount_json /o overlay overlay "lowerdir=$SOURCE:$BATS_TEST_TMPDIR/second")"
	succeeds
	[[ $(inside cat /o/file) == content ]]
	mounts remove '{"destination": "/o"}'
	succeeds
}

@test "in a user namespace only the file systems that have no names of the host" {
	user_namespace
	running_bundle
	mounts add "$(mount_json /o overlay overlay "lowerdir=$SOURCE:/")"
	fails "/mounts/0/type" "overlay" "user namespace"
}

@test "a destination that the container swaps while mounts come and go" {
	mkdir "$BATS_TEST_TMPDIR/guarded" "$ROOTFS/real"
	ln -s "$BATS_TEST_TMPDIR/guarded" "$ROOTFS/link"
	args /bin/sh -c 'echo ready; while sleep 0.01; do mv /real /d; sleep 0.02; mv /d /real2
		mv /link /d; sleep 0.02; mv /d /link; mv /real2 /real; done 2>/dev/null'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	before=$(cat /proc/self/mountinfo)
	for _ in 1 2 3 4 5 6 7 8; do
		mounts add "$(mount_json /d/sub tmpfs tmpfs)"
		((status == 0)) || [[ $stderr == *"/mounts/0"* ]]
		mounts remove '{"destination": "/d/sub"}'
	done
	[[ ! $(ls "$BATS_TEST_TMPDIR/guarded") ]]
	[[ $before == "$(cat /proc/self/mountinfo)" ]]
}

@test "only what was added is removed, and only that very mount" {
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	running_bundle
	mounts remove '{"destination": "/proc"}'
	fails "/mounts/0/destination" "nothing was added at /proc"
	mounts add "$(mount_json /t tmpfs tmpfs)"
	succeeds
	inside mount -t tmpfs other /t
	mounts remove '{"destination": "/t"}'
	fails "/mounts/0: /t"
	[[ $(inside grep -c ' /t ' /proc/self/mountinfo) == 2 ]]
	inside umount /t
	mounts remove '{"destination": "/t"}'
	succeeds
	mounts add "$(mount_json /t tmpfs tmpfs)"
	inside rm -rf /proc/self 2>/dev/null || true
	inside umount /t
	mounts remove '{"destination": "/t"}'
	fails "/t"
}

@test "what a killed command was about to add is found, or forgotten" {
	local id state=$ROOT/$ID/state.json

	running_bundle
	mounts add "$(mount_json /t tmpfs tmpfs)"
	succeeds
	id=$(jq '.mounts[0].mountId' "$state")
	((id >= 1 << 31)) || return 0 # before Linux 6.8 an id says nothing about what came first
	# as it is between the record and the mount, and then for what isn't there or was there before
	jq ".mounts[0] += {mountId: $((id - 1)), pending: true} |
		.mounts += [.mounts[0] + {destination: \"/none\"},
			.mounts[0] + {destination: \"/dev/shm\"}]" "$state" >"$BATS_TEST_TMPDIR/changed"
	cat "$BATS_TEST_TMPDIR/changed" >"$state"
	mounts remove '{"destination": "/none"}'
	fails "nothing was added at /none"
	mounts remove '{"destination": "/dev/shm"}'
	fails "nothing was added at /dev/shm"
	run_minirun state "$ID"
	check '[.mounts[].destination] == ["/t"]'
	mounts remove '{"destination": "/t"}'
	succeeds
	[[ $(inside grep -c -e ' /t ' /proc/self/mountinfo) == 0 ]]
}

@test "what can't be added, and documents that are none" {
	running_bundle
	mounts add "$(mount_json / tmpfs tmpfs)"
	fails "/mounts/0/destination"
	mounts add "$(mount_json /proc/sys bind "$SOURCE" bind)"
	fails "/mounts/0/destination"
	mounts add "$(mount_json /t none none remount ro)"
	fails "/mounts/0" remount
	mounts add "$(mount_json /t proc proc)"
	fails "/mounts/0" proc
	mounts add "$(mount_json /t cgroup cgroup)"
	fails "/mounts/0/type" cgroup
	mounts add "$(mount_json /t bind "$SOURCE/none" bind)"
	fails "$SOURCE/none"
	mounts add "$(mount_json /t bind "$SOURCE" bind copy-symlink)"
	fails copy-symlink
	for text in '' '{}' '[1]' '[{}]' '[{"destination": "/a"},]' '{"mounts": [], "x": 1}' 'null'; do
		run_minirun mounts add "$ID" - <<<"$text"
		fails
	done
	run_minirun mounts add "$ID" "$SOURCE/none"
	fails "$SOURCE/none"
	run_minirun mounts move "$ID" "$SOURCE/file"
	((status != 0)) && [[ $stderr == *"neither add nor remove"* ]]
	run_minirun mounts add nobody "$SOURCE/file"
	((status != 0))
}

@test "not in a stopped container" {
	guest exit 0
	create_bundle
	start_bundle
	until_true status_is stopped
	mounts add "$(mount_json /t tmpfs tmpfs)"
	fails "not running"
}

@test "a file system of the container that never answers holds nothing up" {
	local server

	[[ -e /dev/fuse ]] || skip "no /dev/fuse"
	running_bundle
	mkdir "$ROOTFS/hang"
	exec 9<>/dev/fuse
	nsenter -t "$(container_pid)" -m mount -i -t fuse \
		-o fd=9,rootmode=40000,user_id=0,group_id=0 hang /hang 3>&-
	mounts add "$(mount_json /first bind "$SOURCE" bind)" \
		"$(mount_json /hang/x bind "$SOURCE" bind)"
	fails "hasn't answered"
	exec 9>&-
	mounts remove '{"destination": "/first"}'
	succeeds
}

@test "what can't be recorded is taken away again" {
	running_bundle
	mount --bind "$ROOT/$ID" "$ROOT/$ID"
	mount -o remount,bind,ro "$ROOT/$ID"
	mounts add "$(mount_json /data bind "$SOURCE" bind)" "$(mount_json /t tmpfs tmpfs)"
	umount "$ROOT/$ID"
	fails "ead-only file system"
	[[ ! $(inside grep -E " /(data|t) " /proc/self/mountinfo) ]]
}

@test "not in a container without a mount namespace of its own" {
	config 'del(.linux.namespaces[] | select(.type == "mount")) | del(.mounts, .linux.maskedPaths,
		.linux.readonlyPaths, .linux.rootfsPropagation) | .root.readonly = false'
	running_bundle
	mounts add "$(mount_json /t tmpfs tmpfs)"
	fails "no mount namespace of its own"
	mounts remove '{"destination": "/t"}'
	fails "no mount namespace of its own"
}
