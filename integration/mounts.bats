#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's mounts

load lib/bundle

setup() {
	bundle_new
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir "$SOURCE"
	echo content >"$SOURCE/file"
}

# at PATH FILTER...: jq filters on the mount at PATH, the topmost one
at() {
	local path=$1 filter filters=()

	shift
	for filter; do
		filters+=("[.mounts[] | select(.path == \"$path\")] | last | $filter")
	done
	check "${filters[@]}"
}

@test "the default mounts: types, sources and options" {
	run_bundle
	succeeds
	at /proc '.type == "proc"'
	at /dev '.type == "tmpfs" and (.options | contains("nosuid")) and (.super | contains("mode=755"))'
	at /dev/pts '.type == "devpts" and (.super | contains("ptmxmode=666") and contains("gid=5"))'
	at /dev/shm '.type == "tmpfs" and .source == "shm" and (.super | contains("size=65536k"))'
	at /dev/mqueue '.type == "mqueue" and (.options | contains("nodev"))'
	at /sys '.type == "sysfs" and (.options | startswith("ro"))'
}

# bats test_tags=not-uml
@test "a devpts without options is one that a user can open a terminal with" {
	minirun_only
	config '.process.user = {uid: 1000, gid: 1000}' \
		'.mounts |= map(if .type == "devpts" then del(.options) else . end)'
	guest try read:/dev/ptmx
	run_bundle
	succeeds
	check '.["read:/dev/ptmx"] == "EAGAIN"' # it was opened
	guest
	run_bundle
	at /dev/pts '.options == "rw,nosuid,noexec,relatime"' '.super | contains("gid=5,mode=620,ptmxmode=666")'
	config '.mounts |= map(if .type == "devpts" then .options = ["nosuid"] else . end)'
	run_bundle
	at /dev/pts '.options | startswith("rw,nosuid,relatime")' '.super | contains("ptmxmode=000")'
	# a user namespace without a group 5
	config 'del(.process.user)' '.linux.namespaces += [{type: "user"}]' '.linux.uidMappings = [{containerID: 0, hostID: 70000, size: 1}]' \
		'.linux.gidMappings = .linux.uidMappings' '.mounts |= map(if .type == "devpts" then del(.options) else . end)'
	run_bundle
	at /dev/pts '.super | (contains("mode=620,ptmxmode=666") and (contains("gid=") | not))'
}

@test "a bind mount of a directory, of a file, and below a directory that has to be made" {
	mount_point /data bind "$SOURCE" bind
	mount_point /one/two/file bind "$SOURCE/file" bind ro
	args /bin/cat /data/file /one/two/file
	run_bundle
	succeeds
	[[ $output == $'content\ncontent' ]]
	[[ -f $ROOTFS/one/two/file && ! -s $ROOTFS/one/two/file && -d $ROOTFS/data ]]
}

@test "bind: without options the source's flags stay, with options they are exactly these" {
	mount -t tmpfs -o nosuid,nodev,noexec,noatime tmpfs "$SOURCE"
	mount_point /same bind "$SOURCE" bind
	mount_point /ro bind "$SOURCE" bind ro
	mount_point /clear bind "$SOURCE" bind suid dev exec
	run_bundle
	umount "$SOURCE"
	succeeds
	at /same '.options == "rw,nosuid,nodev,noexec,noatime"'
	is_minirun || return 0
	at /ro '.options == "ro,noatime"'
	at /clear '.options == "rw,noatime"'
}

@test "bind: ro, nosuid, nodev, noexec, and the last of two opposites wins" {
	mount_point /a bind "$SOURCE" bind ro nosuid nodev noexec
	mount_point /b bind "$SOURCE" bind ro rw noexec exec
	run_bundle
	succeeds
	at /a '.options | startswith("ro,nosuid,nodev,noexec")'
	at /b '.options | startswith("rw") and (contains("noexec") | not)'
}

@test "bind: read-only really is" {
	mount_point /data bind "$SOURCE" bind ro
	guest try write:/data write:/data/file read:/data/file
	run_bundle
	succeeds
	check '.["write:/data"] == "EROFS"' '.["write:/data/file"] == "EROFS"' '.["read:/data/file"] == "ok"'
}

@test "rbind takes submounts along, bind doesn't" {
	mkdir "$SOURCE/sub"
	mount -t tmpfs tmpfs "$SOURCE/sub"
	touch "$SOURCE/sub/inner"
	mount_point /deep none "$SOURCE" rbind
	mount_point /flat none "$SOURCE" bind
	guest try read:/deep/sub/inner read:/flat/sub/inner
	run_bundle
	umount "$SOURCE/sub"
	succeeds
	check '.["read:/deep/sub/inner"] == "ok"' '.["read:/flat/sub/inner"] == "ENOENT"'
}

@test "recursive options change submounts, plain ones don't" {
	minirun_only
	mkdir "$SOURCE/sub"
	mount -t tmpfs tmpfs "$SOURCE/sub"
	mount_point /rro bind "$SOURCE" rbind rro rnosuid
	mount_point /ro bind "$SOURCE" rbind ro
	run_bundle
	umount "$SOURCE/sub"
	succeeds
	at /rro '.options | startswith("ro,nosuid")'
	at /rro/sub '.options | startswith("ro,nosuid")'
	at /ro '.options | startswith("ro")'
	at /ro/sub '.options | startswith("rw")'
}

@test "tmpfs: size, mode and flags" {
	mount_point /t tmpfs tmpfs size=1m mode=710 noexec nodev nosuid noatime
	run_bundle
	succeeds
	at /t '.type == "tmpfs" and (.super | contains("size=1024k") and contains("mode=710")) and
		(.options == "rw,nosuid,nodev,noexec,noatime")'
}

# bats test_tags=not-uml
@test "tmpfs: 1777 on a new directory, an existing directory's mode stays" {
	mkdir -m 751 "$ROOTFS/existing"
	mount_point /existing tmpfs tmpfs
	mount_point /new tmpfs tmpfs
	args /bin/stat -c %a /existing /new
	run_bundle
	succeeds
	is_minirun || return 0
	[[ $output == $'751\n1777' ]]
}

# bats test_tags=not-uml
@test "tmpfs: ro" {
	mount_point /t tmpfs tmpfs ro
	guest try write:/t
	run_bundle
	succeeds
	check '.["write:/t"] == "EROFS"'
}

@test "tmpcopyup copies what the directory has: files, links, owners, modes" {
	mkdir -p "$ROOTFS/seed/dir"
	echo text >"$ROOTFS/seed/dir/file"
	chmod 640 "$ROOTFS/seed/dir/file"
	chown 0:34 "$ROOTFS/seed/dir/file"
	ln -s dir/file "$ROOTFS/seed/link"
	ln -s /etc/passwd "$ROOTFS/seed/absolute"
	mount_point /seed tmpfs tmpfs tmpcopyup
	args /bin/sh -c 'stat -c "%a %u %g" /seed/dir/file; cat /seed/link; readlink /seed/absolute
		echo new >/seed/dir/file; stat -f -c %T /seed'
	run_bundle
	succeeds
	[[ ${lines[0]} == "640 0 34" && ${lines[1]} == text && ${lines[2]} == /etc/passwd ]]
	[[ ${lines[3]} == tmpfs ]]
	[[ $(cat "$ROOTFS/seed/dir/file") == text ]]
}

# bats test_tags=not-uml
@test "mounts are made in listed order, and a later one sees an earlier one" {
	mount_point /a tmpfs tmpfs
	mount_point /a/b bind "$SOURCE" bind
	mkdir "$SOURCE/c"
	mount_point /a/b/c tmpfs tmpfs ro
	guest try read:/a/b/file write:/a write:/a/b/c
	run_bundle
	succeeds
	check '.["read:/a/b/file"] == "ok"' '.["write:/a"] == "ok"' '.["write:/a/b/c"] == "EROFS"'
}

# bats test_tags=not-uml
@test "a later mount covers an earlier one at the same place" {
	mount_point /a tmpfs first
	mount_point /a tmpfs second
	run_bundle
	succeeds
	at /a '.source == "second"'
}

@test "propagation: private, slave, shared, unbindable" {
	for kind in private slave shared unbindable rprivate rslave rshared runbindable; do
		mount_point "/$kind" bind "$SOURCE" rbind "$kind"
	done
	mount_point /tmpfs-shared tmpfs tmpfs shared
	config '.linux.rootfsPropagation = "shared"'
	run_bundle
	succeeds
	at /private '.propagation == []'
	at /rprivate '.propagation == []'
	at /shared '.propagation | map(select(startswith("shared:"))) | length == 1'
	at /rshared '.propagation | map(select(startswith("shared:"))) | length == 1'
	at /unbindable '.propagation == ["unbindable"]'
	at /tmpfs-shared '.propagation | map(select(startswith("shared:"))) | length == 1'
}

# bats test_tags=not-uml
@test "propagation without an r: what lies below is no peer of the host's mount either" {
	mount --bind "$SOURCE" "$SOURCE"
	mount --make-shared "$SOURCE"
	mkdir "$SOURCE/below"
	mount -t tmpfs below "$SOURCE/below"
	mount --make-shared "$SOURCE/below"
	for kind in private slave unbindable; do
		mount_point "/$kind" bind "$SOURCE" rbind "$kind"
	done
	run_bundle
	umount -R "$SOURCE"
	succeeds
	for kind in private slave unbindable; do
		at "/$kind/below" '.propagation | map(select(startswith("shared:"))) == []'
	done
	at /private '.propagation == []'
}

# bats test_tags=not-uml
@test "what a container mounts below a bind of a shared host mount stays inside" {
	mount --bind "$SOURCE" "$SOURCE"
	mount --make-shared "$SOURCE"
	mkdir "$SOURCE/inner"
	mount_point /data bind "$SOURCE" rbind
	mount_point /data/inner tmpfs tmpfs
	config '.process.capabilities.bounding += ["CAP_SYS_ADMIN"] |
		.process.capabilities.effective += ["CAP_SYS_ADMIN"] |
		.process.capabilities.permitted += ["CAP_SYS_ADMIN"]'
	args /bin/sh -c 'mkdir /data/later; mount -t tmpfs tmpfs /data/later; echo ok'
	run_bundle
	below=$(grep -c "$SOURCE/" /proc/self/mountinfo) || true
	umount -R "$SOURCE"
	succeeds
	[[ $output == ok ]]
	((below == 0))
}

@test "a host mount below a slave bind appears inside" {
	mount --bind "$SOURCE" "$SOURCE"
	mount --make-shared "$SOURCE"
	mkdir "$SOURCE/later"
	mount_point /data bind "$SOURCE" rbind rslave
	args /bin/sh -c 'echo ready; for i in 1 2 3 4 5 6 7 8 9 10; do
		grep -q /data/later /proc/self/mountinfo && echo seen && exit; sleep 0.3; done'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	mount -t tmpfs tmpfs "$SOURCE/later"
	until_true grep -q seen "$BATS_TEST_TMPDIR/out" && seen=yes
	umount -R "$SOURCE"
	[[ $seen == yes ]]
}

@test "sysfs, mqueue and a fresh proc are the container's" {
	config '.linux.maskedPaths = []'
	args /bin/sh -c 'ls /sys/class/net; ls -d /proc/[0-9]*'
	run_bundle
	succeeds
	[[ ${lines[0]} == lo ]]
	[[ $output != *bond* && $output != *eth* ]]
}

@test "type cgroup shows the container's own cgroup" {
	mount_point /sys/fs/cgroup cgroup cgroup ro nosuid nodev noexec relatime
	args /bin/sh -c 'cat /sys/fs/cgroup/cgroup.procs; grep " /sys/fs/cgroup " /proc/self/mountinfo
		touch /sys/fs/cgroup/x || mkdir /sys/fs/cgroup/sub'
	minirun_only
	run --separate-stderr minirun run --bundle "$BUNDLE" "$ID"
	[[ ${lines[0]} == 1 && $output == *"- cgroup2"* ]]
	((status != 0))
}

@test "a read-write cgroup mount can be used inside" {
	minirun_only
	mount_point /sys/fs/cgroup cgroup cgroup rw nosuid nodev noexec
	args /bin/sh -c 'mkdir /sys/fs/cgroup/sub && echo 1 >/sys/fs/cgroup/sub/cgroup.procs &&
		cat /proc/self/cgroup'
	run_bundle
	succeeds
	[[ $output == *"0::/sub"* ]]
}

@test "without a cgroup namespace the mount shows the container's cgroup all the same" {
	minirun_only
	config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
	mount_point /sys/fs/cgroup cgroup cgroup ro
	args /bin/sh -c 'test -e /sys/fs/cgroup/cgroup.procs && ls /sys/fs/cgroup | head -n 3'
	run_bundle
	succeeds
}

# bats test_tags=not-uml
@test "a relative source is relative to the bundle, a relative destination to /" {
	mkdir "$BUNDLE/inside"
	echo here >"$BUNDLE/inside/file"
	mount_point relative/place bind inside bind
	args /bin/cat /relative/place/file
	run_bundle
	[[ $output == here ]]
}

# bats test_tags=not-uml
@test "a destination that goes through the image's links stays in the root" {
	ln -s /etc "$ROOTFS/absolute"
	ln -s ../../../../../etc "$ROOTFS/climbing"
	mount_point /absolute/one bind "$SOURCE/file" bind
	mount_point /climbing/two bind "$SOURCE/file" bind
	args /bin/cat /etc/one /etc/two
	run_bundle
	succeeds
	[[ $output == $'content\ncontent' ]]
	[[ ! -e /etc/one && ! -e /etc/two ]]
}

# bats test_tags=not-uml
@test "files, sockets and pipes can be bound" {
	mkfifo "$SOURCE/pipe"
	mount_point /pipe bind "$SOURCE/pipe" bind
	args /bin/sh -c 'test -p /pipe && echo pipe'
	run_bundle
	succeeds
	[[ $output == pipe ]]
}

# bats test_tags=not-uml
@test "a bind source below another mount's destination" {
	minirun_only
	mount_point /a bind "$SOURCE" bind
	mount_point /b bind "$ROOTFS/a/file" bind
	args /bin/cat /b
	run_bundle
	succeeds
	[[ $output == content ]]
}

# bats test_tags=not-uml
@test "options that cannot be: named with the mount" {
	minirun_only
	mount_point /a bind "$SOURCE" bind size=1m
	run_bundle
	fails "/mounts/6"
}

# bats test_tags=not-uml
@test "a missing bind source is named" {
	mount_point /a bind "$SOURCE/none" bind
	run_bundle
	fails "$SOURCE/none"
}

# bats test_tags=not-uml
@test "a file on a directory and a directory on a file are errors" {
	mkdir "$ROOTFS/directory"
	touch "$ROOTFS/file"
	mount_point /directory bind "$SOURCE/file" bind
	run_bundle
	fails "/directory"
	config 'del(.mounts[-1])'
	mount_point /file bind "$SOURCE" bind
	run_bundle
	fails "/file"
}

# bats test_tags=not-uml
@test "an unknown file system type is named" {
	mount_point /a no-such-fs none
	run_bundle
	fails "no-such-fs"
}

# bats test_tags=not-uml
@test "an unknown option goes to the file system, which refuses it" {
	mount_point /a tmpfs tmpfs nosuchoption=1
	run_bundle
	fails "/a"
}

# bats test_tags=not-uml
@test "a mount without destination is an error with its pointer" {
	config '.mounts += [{type: "tmpfs", source: "tmpfs"}]'
	run_bundle
	fails "/mounts/6"
}

@test "a hundred bind mounts with a low limit of open files" {
	minirun_only
	for ((i = 0; i < 100; i++)); do
		echo "{\"destination\": \"/m/$i\", \"type\": \"bind\", \"source\": \"$SOURCE\", \"options\": [\"bind\", \"ro\"]}"
	done >"$BATS_TEST_TMPDIR/list"
	jq --slurpfile list "$BATS_TEST_TMPDIR/list" '.mounts += $list' "$BUNDLE/config.json" \
		>"$BUNDLE/new"
	mv "$BUNDLE/new" "$BUNDLE/config.json"
	ulimit -S -n 64
	config '.process.rlimits = []'
	run_bundle
	ulimit -S -n 1024
	succeeds
	check '[.mounts[] | select(.path | startswith("/m/"))] | length == 100'
}

@test "nosymfollow" {
	minirun_only
	ln -s file "$SOURCE/link"
	mount_point /data bind "$SOURCE" bind nosymfollow
	guest try read:/data/link read:/data/file
	run_bundle
	succeeds
	check '.["read:/data/link"] == "ELOOP"' '.["read:/data/file"] == "ok"'
}

@test "atime options of a bind" {
	minirun_only
	mount_point /no bind "$SOURCE" bind noatime
	mount_point /strict bind "$SOURCE" bind strictatime
	mount_point /rel bind "$SOURCE" bind relatime nodiratime
	run_bundle
	succeeds
	at /no '.options == "rw,noatime"'
	at /strict '.options == "rw"'
	at /rel '.options | contains("relatime") and contains("nodiratime")'
}

@test "an id-mapped bind mount shows other owners" {
	minirun_only
	chown 1000:1000 "$SOURCE/file"
	mount_point /data bind "$SOURCE" bind
	config '.mounts[-1].uidMappings = [{containerID: 1000, hostID: 5000, size: 1}] |
		.mounts[-1].gidMappings = [{containerID: 1000, hostID: 5000, size: 1}]'
	args /bin/stat -c '%u %g' /data/file
	run_bundle
	if ((status == 0)); then
		[[ $output == "5000 5000" ]]
	else
		fails "/mounts/" "can't map the ids of this file system"
	fi
}

# bats test_tags=not-uml
@test "tmpcopyup leaves a new directory as the kernel makes it, and mode= its say" {
	mkdir -m 755 "$ROOTFS/seed"
	mount_point /fresh tmpfs tmpfs rw rprivate nosuid nodev tmpcopyup
	mount_point /seed tmpfs tmpfs tmpcopyup mode=1700
	args /bin/stat -c %a /fresh /seed
	run_bundle
	succeeds
	[[ ${lines[0]} == 1777 && ${lines[1]} == 1700 ]]
}

# bats test_tags=not-uml
@test "copy-symlink: a source that is a link is made again" {
	minirun_only
	ln -s /some/where "$SOURCE/link"
	mount_point /copy bind "$SOURCE/link" bind copy-symlink
	mount_point /new/dir/copy bind "$SOURCE/link" rbind copy-symlink ro
	mount_point /file bind "$SOURCE/file" bind copy-symlink
	args /bin/sh -c 'readlink /copy; readlink /new/dir/copy; cat /file'
	run_bundle
	succeeds
	[[ $output == *$'/some/where\ncontent' ]]
	run_bundle # it is there already, as it should be
	succeeds
	ln -sf /elsewhere "$SOURCE/link"
	run_bundle
	fails "/mounts/6" "/elsewhere"
	[[ $(readlink "$ROOTFS/copy") == /some/where ]]
	mount_point /t tmpfs tmpfs copy-symlink
	run_bundle
	fails "/mounts/9/options/0" "bind"
}

# bats test_tags=not-uml
@test "copy-symlink with a source in an earlier mount" {
	minirun_only
	ln -s target "$SOURCE/link"
	mount_point /a bind "$SOURCE" bind
	mount_point /b bind "$ROOTFS/a/link" bind copy-symlink
	mount_point /c bind "$ROOTFS/a/file" bind copy-symlink
	args /bin/sh -c 'readlink /b; cat /c'
	run_bundle
	succeeds
	[[ $output == $'target\ncontent' ]]
}

@test "src-nofollow mounts a link itself, dest-nofollow covers a link itself" {
	minirun_only
	ln -s file "$SOURCE/link"
	echo other >"$SOURCE/other"
	ln -s /etc/passwd "$ROOTFS/there"
	ln -s /nowhere "$ROOTFS/dangling"
	mount_point /link bind "$SOURCE/link" bind src-nofollow
	mount_point /there bind "$SOURCE/other" bind dest-nofollow
	mount_point /dangling bind "$SOURCE/link" bind src-nofollow dest-nofollow
	mount_point /none bind "$SOURCE/file" bind dest-nofollow
	args /bin/sh -c 'readlink /link; cat /there; readlink /dangling; cat /none; cat /etc/passwd'
	run_bundle
	succeeds
	[[ $output == $'file\nother\nfile\ncontent\nroot:x:0'* ]]
	[[ ! -e $ROOTFS/nowhere ]]
	mount_point /d bind "$SOURCE" bind dest-nofollow
	ln -s / "$ROOTFS/d"
	run_bundle
	fails "/mounts/10"
}

@test "src-nofollow in a user namespace: a link among what is locked" {
	minirun_only
	needs_namespace user
	ln -s file "$SOURCE/link"
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	mount_point /link bind "$SOURCE/link" bind ro src-nofollow
	mount_point /file bind "$SOURCE/file" bind
	args /bin/sh -c 'readlink /link; cat /file; grep " /link " /proc/self/mountinfo'
	run_bundle
	succeeds
	[[ $output == $'file\ncontent\n'*" /link ro,"* ]]
}

@test "in a user namespace the source's flags stay, and none can be taken away" {
	minirun_only
	mount -t tmpfs -o nosuid,nodev,noatime tmpfs "$SOURCE"
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 0, size: 65536}]'
	mount_point /ro bind "$SOURCE" bind ro
	mount_point /noexec bind "$SOURCE" rbind noexec nosuid rw
	run_bundle
	succeeds || touch "$BATS_TEST_TMPDIR/failed"
	at /ro '.options == "ro,nosuid,nodev,noatime"' || touch "$BATS_TEST_TMPDIR/failed"
	at /noexec '.options == "rw,nosuid,nodev,noexec,noatime"' || touch "$BATS_TEST_TMPDIR/failed"
	for option in suid dev relatime; do
		config "del(.mounts[7:]) | .mounts[6].options = [\"bind\", \"$option\"]"
		run --separate-stderr minirun run --bundle "$BUNDLE" "$ID-$option"
		echo "$stderr" >>"$BATS_TEST_TMPDIR/errors"
	done
	umount "$SOURCE"
	[[ ! -e $BATS_TEST_TMPDIR/failed ]]
	cat "$BATS_TEST_TMPDIR/errors"
	[[ $(grep -c '/mounts/6.*\(nosuid\|nodev\|relatime\).*operation not permitted' "$BATS_TEST_TMPDIR/errors") == 3 ]]
}

@test "in a user namespace words for a whole tree take no flag away, at its top or below" {
	minirun_only
	local option
	mount -t tmpfs -o nosuid tmpfs "$SOURCE"
	mkdir "$SOURCE/below"
	mount -t tmpfs -o ro,nosuid,nodev,noexec,noatime tmpfs "$SOURCE/below"
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 0, size: 65536}]'
	mount_point /tree bind "$SOURCE" rbind
	for option in rrw rsuid rdev rexec rrelatime rro; do
		config ".mounts[6].options = [\"rbind\", \"$option\"]"
		run --separate-stderr minirun run --bundle "$BUNDLE" "$ID-$option"
		echo "$option $status: $stderr" >>"$BATS_TEST_TMPDIR/answers"
	done
	umount "$SOURCE/below" "$SOURCE"
	cat "$BATS_TEST_TMPDIR/answers"
	[[ $(grep -c '^r[a-z]* [1-9].*/mounts/6.*can.t be \(taken away\|changed\)' "$BATS_TEST_TMPDIR/answers") == 5 ]]
	grep '^rro 0:' "$BATS_TEST_TMPDIR/answers"
}

@test "a remount: the last word about ro counts, also where there is something to put in later" {
	config '.mounts += [
		{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["size=1m", "ro"]},
		{destination: "/mnt", type: "tmpfs", source: "tmpfs", options: ["remount", "rw", "size=2m"]},
		{destination: "/tmp", type: "tmpfs", source: "tmpfs"},
		{destination: "/tmp", type: "tmpfs", source: "tmpfs", options: ["remount", "ro"]}]'
	args /bin/sh -c 'touch /mnt/file && ! touch /tmp/file 2>/dev/null && df -k /mnt | grep -o 2048 | head -n 1'
	run_bundle
	succeeds
	[[ $output == 2048 ]]
	config '.mounts = [.mounts[] | select(.destination != "/mnt" and .destination != "/tmp")] +
		[{destination: "/dev", type: "tmpfs", source: "tmpfs", options: ["remount", "ro"]}]'
	args /bin/sh -c 'test -c /dev/null && ! touch /dev/file 2>/dev/null'
	minirun_only
	run_bundle
	((status == 0))
}

@test "a bind remount of what is no mount point is an error" {
	minirun_only
	mkdir -p "$BUNDLE/rootfs/plain"
	config '.mounts += [{destination: "/plain", options: ["bind", "remount"]}]'
	run_bundle
	fails "nothing is mounted there"
}

@test "mountLabel without SELinux, whatever the parameter that an annotation makes of it" {
	minirun_only
	[[ ! -d /sys/fs/selinux/class ]] || skip "the host has SELinux"
	config '.linux.mountLabel = "system_u:object_r:t:s0:c1,c2"'
	run_bundle
	fails "/linux/mountLabel" "selinux is disabled"
	config '.annotations["run.oci.mount_context_type"] = "rootcontext"'
	run_bundle
	fails "/linux/mountLabel" "selinux is disabled"
	config '.annotations["run.oci.mount_context_type"] = "anycontext" | del(.linux.mountLabel)'
	run_bundle
	fails "/annotations/run.oci.mount_context_type" anycontext
}

# root of a user namespace that may mount
with_mount_rights() {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings |
		.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
}

@test "in a user namespace nobody makes writable what the host has mounted read-only" {
	mkdir "$SOURCE/sub"
	mount -t tmpfs -o nosuid,nodev tmpfs "$SOURCE/sub"
	mkdir "$SOURCE/sub/deep"
	mount -t tmpfs tmpfs "$SOURCE/sub/deep"
	mount -o remount,ro,bind "$SOURCE/sub"
	with_mount_rights
	mount_point /one bind "$SOURCE/sub" bind
	mount_point /tree bind "$SOURCE" rbind
	mount_point /told bind "$SOURCE/sub" bind ro nosuid nodev
	mount_point /plain bind "$SOURCE" bind
	args /bin/sh -c 'look() { cut -d" " -f5,6 /proc/self/mountinfo; }; before=$(look)
		for p in /one /tree/sub /told; do
			for o in rw,nosuid,nodev ro,suid,nodev ro,nosuid,dev ro,nosuid,nodev,noatime; do
				mount -o remount,bind,$o $p && echo "$p $o"; done
			touch $p/x; done
		umount /tree/sub; umount /tree/sub/deep
		test "$(look)" = "$before" && touch /plain/x && echo unchanged'
	run_bundle
	umount -R "$SOURCE/sub"
	echo "$output$stderr"
	[[ $output == unchanged ]]
	[[ $(grep -c "mount: permission denied" <<<"$stderr") == 12 ]]
	[[ $(grep -c 'Read-only file system' <<<"$stderr") == 3 && $(grep -c "umount: .*Invalid" <<<"$stderr") == 2 ]]
}

@test "in a user namespace propagation holds, but never towards the host" {
	mount --bind "$SOURCE" "$SOURCE"
	mount --make-shared "$SOURCE"
	mkdir "$SOURCE/inner" "$SOURCE/later"
	with_mount_rights
	for kind in private slave shared unbindable; do
		mount_point "/$kind" bind "$SOURCE" rbind "$kind"
	done
	mount_point /data bind "$SOURCE" bind
	mount_point /file bind "$SOURCE/file" bind ro
	args /bin/sh -c 'mount -t tmpfs tmpfs /shared/inner && mount -t tmpfs tmpfs /data/inner
		cat /proc/self/mountinfo; for i in 1 2 3 4 5 6 7 8 9 10; do
		grep -q " /slave/later " /proc/self/mountinfo && echo seen && exit; sleep 0.3; done'
	create_bundle
	start_bundle
	until_true grep -q " /data/inner " "$BATS_TEST_TMPDIR/out" || touch "$BATS_TEST_TMPDIR/failed"
	! grep -q "$SOURCE/inner" /proc/self/mountinfo || touch "$BATS_TEST_TMPDIR/failed"
	mount -t tmpfs tmpfs "$SOURCE/later"
	until_true grep -q seen "$BATS_TEST_TMPDIR/out" || touch "$BATS_TEST_TMPDIR/failed"
	umount -R "$SOURCE"
	cat "$BATS_TEST_TMPDIR/out"
	[[ ! -e $BATS_TEST_TMPDIR/failed ]]
	grep -q ' /private rw,relatime - ' "$BATS_TEST_TMPDIR/out"
	grep -q ' /slave rw,relatime master:[0-9]* - ' "$BATS_TEST_TMPDIR/out"
	grep -q ' /shared rw,relatime shared:[0-9]* master:[0-9]* - ' "$BATS_TEST_TMPDIR/out"
	grep -q ' /unbindable rw,relatime unbindable - ' "$BATS_TEST_TMPDIR/out"
	grep -q ' /file ro,relatime ' "$BATS_TEST_TMPDIR/out"
}

@test "mount points below a read-only bind mount are made, files and directories" {
	mkdir -p "$SOURCE/kept" "$BATS_TEST_TMPDIR/ro"
	echo secret >"$BATS_TEST_TMPDIR/secret"
	mount_point /data bind "$BATS_TEST_TMPDIR/ro" bind ro
	mount_point /data/secret bind "$BATS_TEST_TMPDIR/secret" bind ro
	mount_point /data/deep/down bind "$SOURCE" bind
	mount_point /data/deep/down/kept/more tmpfs tmpfs
	guest try read:/data/secret write:/data write:/data/deep write:/data/deep/down write:/data/deep/down/kept/more
	run_bundle
	succeeds
	check '.["read:/data/secret"] == "ok"' '.["write:/data"] == "EROFS"' '.["write:/data/deep"] == "EROFS"' \
		'.["write:/data/deep/down"] == "ok"' '.["write:/data/deep/down/kept/more"] == "ok"'
	# no more than what was needed, and the file is only a mount point
	[[ $(cd "$BATS_TEST_TMPDIR/ro" && find . | sort | xargs) == ". ./deep ./deep/down ./secret" ]]
	[[ ! -s $BATS_TEST_TMPDIR/ro/secret ]]
}
