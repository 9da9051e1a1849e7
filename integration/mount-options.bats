#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each word that mounts[].options knows, on binds, trees and new file systems; kinds of sources

load lib/bundle

setup() {
	bundle_new
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir "$SOURCE"
	echo content >"$SOURCE/file"
}

# at PATH FILTER: what jq says of the topmost mount at PATH
at() {
	check "[.mounts[] | select(.path == \"$1\")] | last | $2"
}

# binds DESTINATION=OPTION[,OPTION...]...: rbinds of $SOURCE
binds() {
	local each options

	for each; do
		IFS=, read -ra options <<<"${each#*=}"
		mount_point "${each%%=*}" bind "$SOURCE" rbind "${options[@]}"
	done
}

@test "the access time: of the words the last one counts, on binds and new mounts" {
	minirun_only
	mount -t tmpfs -o noatime,nodiratime tmpfs "$SOURCE"
	binds /1=relatime /2=strictatime /3=atime /4=noatime /5=noatime,norelatime /6=diratime \
		/7=nodiratime /8=strictatime,nostrictatime /9=noatime,atime /10=nosuid
	mount_point /n1 tmpfs tmpfs noatime
	mount_point /n2 tmpfs tmpfs strictatime
	mount_point /n3 tmpfs tmpfs nodiratime
	mount_point /n4 tmpfs tmpfs noatime strictatime relatime
	run_bundle
	umount "$SOURCE"
	succeeds
	at /1 '.options == "rw,relatime"'
	at /2 '.options == "rw"'
	at /3 '.options == "rw,relatime"'
	at /4 '.options == "rw,noatime"'
	at /5 '.options == "rw,noatime"'
	at /6 '.options == "rw,relatime"'
	at /7 '.options == "rw,nodiratime,relatime"'
	at /8 '.options == "rw,relatime"'
	at /9 '.options == "rw,relatime"'
	at /10 '.options == "rw,nosuid,noatime,nodiratime"'
	at /n1 '.options == "rw,noatime"'
	at /n2 '.options == "rw"'
	at /n3 '.options == "rw,nodiratime,relatime"'
	at /n4 '.options == "rw,relatime"'
}

@test "a user namespace: nosymfollow isn't locked, the access time is the source's" {
	minirun_only
	needs_namespace user
	mount -t tmpfs -o nosuid,noatime,nosymfollow tmpfs "$SOURCE"
	user_namespace
	binds /1=ro /2=ro,symfollow /3=nosymfollow
	run_bundle
	umount "$SOURCE"
	succeeds
	at /1 '.options == "ro,nosuid,noatime"'
	at /2 '.options == "ro,nosuid,noatime"'
	at /3 '.options == "rw,nosuid,noatime,nosymfollow"'
}

@test "a user namespace: a word that would change a locked access time is named" {
	minirun_only
	needs_namespace user
	user_namespace
	mount -t tmpfs -o noatime tmpfs "$SOURCE"
	mkdir "$SOURCE/sub"
	mount -t tmpfs -o strictatime tmpfs "$SOURCE/sub"
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain"
	for word in relatime strictatime atime rrelatime rnoatime ratime; do
		cp "$BATS_TEST_TMPDIR/plain" "$BUNDLE/config.json"
		binds "/1=$word"
		run_bundle
		said+="$word: $status $stderr"$'\n'
	done
	umount -R "$SOURCE"
	for word in relatime strictatime atime rrelatime rnoatime ratime; do
		grep "^$word: 1 .*/mounts/.*\\\\\"$word\\\\\": the source has another access time" <<<"$said"
	done
}

@test "recursive words set what they name in the whole tree" {
	minirun_only
	mkdir "$SOURCE/sub"
	mount -t tmpfs tmpfs "$SOURCE/sub"
	binds /ro=rro /nosuid=rnosuid /nodev=rnodev /noexec=rnoexec /nodiratime=rnodiratime \
		/noatime=rnoatime /strictatime=rstrictatime /nosymfollow=rnosymfollow
	run_bundle
	umount "$SOURCE/sub"
	succeeds
	for place in "" /sub; do
		at "/ro$place" '.options == "ro,relatime"'
		at "/nosuid$place" '.options == "rw,nosuid,relatime"'
		at "/nodev$place" '.options == "rw,nodev,relatime"'
		at "/noexec$place" '.options == "rw,noexec,relatime"'
		at "/nodiratime$place" '.options == "rw,nodiratime,relatime"'
		at "/noatime$place" '.options == "rw,noatime"'
		at "/strictatime$place" '.options == "rw"'
		at "/nosymfollow$place" '.options == "rw,relatime,nosymfollow"'
	done
}

@test "recursive words take away what they name in the whole tree, and nothing else below the top" {
	minirun_only
	mkdir "$SOURCE/sub"
	mount -t tmpfs -o nosuid,nodev,noexec,noatime,nodiratime,nosymfollow tmpfs "$SOURCE/sub"
	mount -o remount,bind,ro,nosuid,nodev,noexec,noatime,nodiratime "$SOURCE/sub"
	binds /rw=rrw /suid=rsuid /dev=rdev /exec=rexec /diratime=rdiratime /relatime=rrelatime \
		/atime=ratime /norelatime=rnorelatime /mixed=rrw,rsuid,ro
	run_bundle
	umount "$SOURCE/sub"
	succeeds
	at /rw/sub '.options | startswith("rw,nosuid,nodev,noexec,noatime,nodiratime")'
	at /suid/sub '.options | startswith("ro,nodev,noexec,noatime,nodiratime")'
	at /dev/sub '.options | startswith("ro,nosuid,noexec,noatime,nodiratime")'
	at /exec/sub '.options | startswith("ro,nosuid,nodev,noatime,nodiratime")'
	at /diratime/sub '.options | contains("nodiratime") | not'
	at /relatime/sub '.options | contains("relatime")'
	at /atime/sub '.options | contains("noatime") | not'
	at /mixed '.options | startswith("ro,")'
	at /mixed/sub '.options | startswith("rw,nodev")'
}

@test "overlay with more than 4096 bytes of options" {
	minirun_only
	long=$BATS_TEST_TMPDIR/$(printf 'd%.0s' {1..200})
	layers=""
	for ((i = 0; i < 20; i++)); do
		mkdir -p "$long/$i"
		echo "$i" >"$long/$i/file$i"
		layers+=:$long/$i
	done
	mkdir "$long/upper" "$long/work"
	((${#layers} > 4096))
	mount_point /o overlay overlay "lowerdir=${layers#:}" "upperdir=$long/upper" "workdir=$long/work"
	args /bin/sh -c 'cat /o/file0 /o/file19; echo new >/o/file7'
	run_bundle
	if ((status != 0)); then
		fails "Linux 6.7"
		return
	fi
	[[ $output == $'0\n19' && $(cat "$long/upper/file7") == new ]]
}

@test "directories made below one with the setgid bit" {
	mkdir "$ROOTFS/shared"
	chown 0:77 "$ROOTFS/shared"
	chmod 2775 "$ROOTFS/shared"
	mount_point /shared/a/b bind "$SOURCE" bind
	mount_point /shared/c/file bind "$SOURCE/file" bind
	args /bin/cat /shared/a/b/file /shared/c/file
	run_bundle
	succeeds
	[[ $output == $'content\ncontent' ]]
	[[ $(stat -c %a "$ROOTFS/shared/a") == *755 && -d $ROOTFS/shared/a/b ]]
}

@test "sources: a socket, a pipe, a device, an empty file, a bind mount of a file" {
	mkfifo "$SOURCE/pipe"
	: >"$SOURCE/empty"
	: >"$SOURCE/point"
	mount --bind "$SOURCE/file" "$SOURCE/point"
	receive datagram "$SOURCE/socket" >/dev/null 3>&- &
	until_true test -S "$SOURCE/socket"
	mount_point /s/socket bind "$SOURCE/socket" bind
	mount_point /s/pipe bind "$SOURCE/pipe" bind ro
	mount_point /s/null bind /dev/null bind
	mount_point /s/empty bind "$SOURCE/empty" bind
	mount_point /s/point bind "$SOURCE/point" rbind ro
	args /bin/sh -c 'test -S /s/socket && test -p /s/pipe && test -c /s/null && test -f /s/empty &&
		cat /s/point && ! touch /s/point 2>/dev/null && echo all'
	run_bundle
	umount "$SOURCE/point"
	succeeds
	[[ $output == $'content\nall' ]]
}

@test "rootfsPropagation: what / is in each case, and a value that is none" {
	minirun_only
	for row in 'private:[]' 'rprivate:[]' 'unbindable:["unbindable"]' 'runbindable:["unbindable"]'; do
		config ".linux.rootfsPropagation = \"${row%%:*}\""
		run_bundle
		succeeds
		at / ".propagation == ${row#*:}"
	done
	config '.linux.rootfsPropagation = "bogus"'
	run_bundle
	fails /linux/rootfsPropagation bogus
}

@test "rootfsPropagation slave and shared: the host's mounts come in, the container's don't go out" {
	minirun_only
	mount --bind "$ROOTFS" "$ROOTFS"
	mount --make-shared "$ROOTFS"
	mkdir "$ROOTFS/later" "$ROOTFS/inner"
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	args /bin/sh -c 'mount -t tmpfs tmpfs /inner; grep " / / \| / rw" /proc/self/mountinfo; echo ready
		for i in 1 2 3 4 5 6 7 8 9 10; do
		grep -q " /later " /proc/self/mountinfo && echo seen && exit; sleep 0.3; done'
	for kind in slave rslave shared; do
		config ".linux.rootfsPropagation = \"$kind\""
		create_bundle
		start_bundle
		until_true grep -q ready "$BATS_TEST_TMPDIR/out" || touch "$BATS_TEST_TMPDIR/failed"
		! grep -q "$ROOTFS/inner" /proc/self/mountinfo || touch "$BATS_TEST_TMPDIR/failed"
		mount -t tmpfs tmpfs "$ROOTFS/later"
		until_true grep -q seen "$BATS_TEST_TMPDIR/out" || touch "$BATS_TEST_TMPDIR/failed"
		minirun delete --force "$ID"
		umount "$ROOTFS/later"
		[[ $kind != shared ]] || grep -q 'shared:' "$BATS_TEST_TMPDIR/out" || touch "$BATS_TEST_TMPDIR/failed"
		[[ $kind == shared ]] || ! grep -q 'shared:' "$BATS_TEST_TMPDIR/out" || touch "$BATS_TEST_TMPDIR/failed"
	done
	umount "$ROOTFS"
	cat "$BATS_TEST_TMPDIR/out"
	[[ ! -e $BATS_TEST_TMPDIR/failed ]]
}

@test "many masked directories share one tmpfs, which can't be written" {
	minirun_only
	mkdir -p "$ROOTFS"/m/{1,2,3,4,5,6,7,8}
	touch "$ROOTFS/m/1/secret"
	config '.linux.maskedPaths = [range(1; 9) | "/m/\(.)"]'
	args /bin/sh -c 'ls /m/*/secret 2>/dev/null; grep " /m/" /proc/self/mountinfo | cut -d" " -f3 | sort | uniq -c
		touch /m/2/x 2>/dev/null || echo refused'
	run_bundle
	succeeds
	[[ ${lines[0]} == *" 8 "* && ${lines[1]} == refused && ${#lines[@]} == 2 ]]
}

@test "tmpfs: mode= wins over an existing directory's, with its upper bits" {
	minirun_only
	mkdir -m 750 "$ROOTFS/there"
	mount_point /there tmpfs tmpfs mode=3770
	mount_point /new tmpfs tmpfs mode=0
	args /bin/stat -c %a /there /new
	run_bundle
	succeeds
	[[ $output == $'3770\n0' && $(stat -c %a "$ROOTFS/there") == 750 ]]
}

@test "several in one word: parameters of the file system, but no options" {
	minirun_only
	mount_point /opt tmpfs tmpfs size=64k,mode=700 ro
	args /bin/sh -c 'stat -c %a /opt; grep " /opt " /proc/mounts'
	run_bundle
	succeeds
	[[ $output == 700$'\n'*" ro,"*size=64k* ]]
	mount_point /opt tmpfs tmpfs mode=755,nosuid
	run_bundle
	fails "/mounts/7/options/0: " "each option is an element of its own"
}
