#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.md: mounts. Many mounts a container, which tells in one report what they are.

load ../lib/bundle
load rows

setup() {
	bundle_new
	SOURCE=$BATS_TEST_TMPDIR/source
	mkdir -p "$SOURCE/sub"
	echo content >"$SOURCE/file"
	ln -s file "$SOURCE/link"
	cp "$ROOTFS/bin/busybox" "$SOURCE/true"
	MOUNTED=()
}

teardown() {
	local point

	for point in "${MOUNTED[@]}"; do
		umount -R "$point"
	done
	bundle_cleanup
}

# host_mount POINT OPTION...: a tmpfs of the host, until the test ends
host_mount() {
	mount -t tmpfs "${@:2}" tmpfs "$1"
	MOUNTED=("$1" "${MOUNTED[@]}")
}

# several mounts at once, lines "DESTINATION TYPE SOURCE OPTION..."
mount_points() {
	local list="" destination type source options

	while read -r destination type source options; do
		list+="{destination: \"$destination\", type: \"$type\", source: \"$source\",
			options: $(words $options)},"
	done
	config ".mounts += [${list%,}]"
}

# the system call mount and its flags, as strace shows them, of run with these options on a tmpfs
traced() {
	config "del(.mounts[6:])"
	mount_point /t tmpfs traced "$@"
	strace -f -qq -e trace=mount,fsconfig,mount_setattr,fsmount -o "$BATS_TEST_TMPDIR/trace" \
		"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/out" 2>&1
}

@test "C-11: mounts are made in listed order" {
	mount_points <<-END
		/a tmpfs outer size=64k
		/a/b tmpfs inner size=64k
		/c/d tmpfs hidden size=64k
		/c tmpfs outer size=64k
	END
	guest try list:/a/b list:/c/d
	run_bundle
	succeeds
	check '.["list:/a/b"] == "ok"' '.["list:/c/d"] == "ENOENT"'
}

@test "C-13 C-103 C-106 C-109 C-87 C-95 C-86 C-94: members that a mount must have, values that it may not" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	refused_rows <<-'END'
		C-13 /mounts/6 .mounts += [{type: "tmpfs", source: "x"}]
		C-13 /mounts/6 .mounts += [{type: "tmpfs", destination: ""}]
		C-103 /mounts/6 .mounts += [{destination: "/a", type: "none-such", source: "x"}]
		C-101 /mounts/6 .mounts += [{destination: "/a", type: "tmpfs", source: "x", options: ["bogus=1"]}]
		C-106 /mounts/6 .mounts += [{destination: "/a", source: $dir, options: ["bind"], uidMappings: [{containerID: 0, hostID: 1, size: 1}]}]
		C-109 /mounts/6 .mounts += [{destination: "/a", source: $dir, options: ["bind"], gidMappings: [{containerID: 0, hostID: 1, size: 1}]}]
		C-87 /mounts/6 .mounts += [{destination: "/a", source: $dir, options: ["bind", "idmap"]}]
		C-86 /mounts/6 .mounts += [{destination: "/a", source: $dir, options: ["idmap", "rbind"]}]
		C-95 /mounts/6 .mounts += [{destination: "/a", source: $dir, options: ["rbind", "ridmap"]}]
		C-94 /mounts/6 .mounts += [{destination: "/a", source: $dir, options: ["ridmap", "rbind"]}]
	END
}

@test "C-14 C-16 C-18 C-19: destinations and sources, absolute and relative; a bind is what has the option" {
	mkdir "$BUNDLE/vol"
	touch "$BUNDLE/vol/inside"
	config '.process.cwd = "/tmp" | .mounts += [
		{destination: "data", type: "tmpfs", source: "relative"},
		{destination: "/vol", source: "./vol", options: ["bind"]},
		{destination: "/foo", type: "foo", source: "vol", options: ["rbind"]},
		{destination: "/none", type: "none", source: ($bundle + "/vol"), options: ["bind"]}]'
	cd /
	run_bundle
	succeeds
	at /data '.source == "relative"'
	guest try read:/vol/inside read:/foo/inside read:/none/inside
	run_bundle
	succeeds
	check '[.[]] | unique == ["ok"]'
	config '.mounts += [{destination: "/type", type: "bind", source: ($bundle + "/vol")}]'
	run_bundle # not one by its type alone; the kernel knows no such file system
	((status == 0)) || fails /mounts/10
}

# Options of a new file system. Where the kernel's default is the same, another option is before it.
@test "C-22 C-23 C-25 C-27 C-28 C-31 C-34 C-35 C-36 C-37 C-39 C-41 C-42 C-43 C-50 C-60 C-71 C-75 C-76 C-78 C-26 C-29 C-38 C-101: options of a file system" {
	mount_points <<-'END'
		/C-22 tmpfs async sync async
		/C-23 tmpfs atime noatime atime
		/C-25 tmpfs defaults defaults
		/C-27 tmpfs diratime nodiratime diratime
		/C-28 tmpfs dirsync dirsync
		/C-31 tmpfs lazytime lazytime
		/C-34 tmpfs noatime noatime
		/C-35 tmpfs nodev nodev
		/C-36 tmpfs nodiratime nodiratime
		/C-37 tmpfs noexec noexec
		/C-39 tmpfs nolazytime lazytime nolazytime
		/C-41 tmpfs norelatime relatime norelatime
		/C-42 tmpfs nostrictatime strictatime nostrictatime
		/C-43 tmpfs nosuid nosuid
		/C-50 tmpfs relatime relatime
		/C-60 tmpfs ro ro
		/C-71 tmpfs rw ro rw
		/C-75 tmpfs strictatime strictatime
		/C-76 tmpfs suid nosuid suid
		/C-78 tmpfs sync sync
		/C-26 tmpfs dev nodev dev
		/C-29 tmpfs exec noexec exec
		/C-38 tmpfs noiversion noiversion
		/C-101 tmpfs data mode=710 size=64k
	END
	run_bundle
	succeeds
	has() { # PATH MEMBER WORD... ("!WORD": without it)
		local path=$1 member=$2 word filters=()

		for word in "${@:3}"; do
			if [[ $word == !* ]]; then
				filters+=(".$member | split(\",\") | index(\"${word#!}\") | not")
			else
				filters+=(".$member | split(\",\") | index(\"$word\")")
			fi
		done
		at "$path" '.type == "tmpfs"' "${filters[@]}"
	}
	has /C-22 super '!sync'
	has /C-23 options '!noatime'
	has /C-25 options rw '!nosuid' '!nodev' '!noexec'
	has /C-25 super '!sync' '!defaults'
	has /C-27 options '!nodiratime'
	has /C-28 super dirsync
	has /C-31 super lazytime
	has /C-34 options noatime
	has /C-35 options nodev
	has /C-36 options nodiratime
	has /C-37 options noexec
	has /C-39 super '!lazytime'
	has /C-41 options rw
	has /C-42 options relatime
	has /C-43 options nosuid
	has /C-50 options relatime
	has /C-60 options ro
	has /C-71 options rw
	has /C-75 options '!relatime' '!noatime'
	has /C-76 options '!nosuid'
	has /C-78 super sync
	has /C-26 options '!nodev'
	has /C-29 options '!noexec'
	has /C-38 options rw
	has /C-101 super mode=710 size=64k
}

@test "C-24 C-26 C-29 C-35 C-37 C-43 C-44 C-47 C-51 C-60 C-77: options of binds, and what they do" {
	host_mount "$SOURCE/sub"
	touch "$SOURCE/sub/inner"
	mknod "$SOURCE/null" c 1 3
	chmod 666 "$SOURCE/null"
	mount_points <<-END
		/flat none $SOURCE bind
		/deep none $SOURCE rbind
		/file none $SOURCE/file bind
		/no none $SOURCE bind ro nodev noexec nosuid nosymfollow
		/yes none $SOURCE bind nodev noexec nosymfollow dev exec symfollow
		/again none $SOURCE bind
		/again none none remount bind ro nosuid
	END
	guest try read:/flat/sub/inner read:/deep/sub/inner read:/file write:/no read:/no/null exec:/no/true \
		read:/no/link read:/yes/null exec:/yes/true read:/yes/link write:/again read:/flat/file
	run_bundle
	succeeds
	check '.["read:/flat/sub/inner"] == "ENOENT"' '.["read:/deep/sub/inner"] == "ok"' '.["read:/file"] == "ok"' \
		'.["write:/no"] == "EROFS"' '.["read:/no/null"] == "EACCES"' '.["exec:/no/true"] == "EACCES"' \
		'.["read:/no/link"] == "ELOOP"' '.["read:/yes/null"] == "ok"' \
		'.["exec:/yes/true"] == "ok"' '.["read:/yes/link"] == "ok"' '.["write:/again"] == "EROFS"'
	guest report
	run_bundle
	at /no '.options | startswith("ro,nosuid,nodev,noexec")'
	at /again '.options | startswith("ro,nosuid")'
}

# Recursive options: the source's submount has the opposite.
@test "C-46 C-48 C-49 C-52 C-53 C-54 C-55 C-56 C-57 C-58 C-59 C-62 C-63 C-64 C-67 C-68 C-69: recursive options reach submounts" {
	mkdir "$SOURCE/on" "$SOURCE/off"
	host_mount "$SOURCE/off" -o noatime,nodiratime,nodev,noexec,nosuid,ro
	host_mount "$SOURCE/on"
	host_mount "$SOURCE/sub" -o nosymfollow || mount -t tmpfs tmpfs "$SOURCE/sub"
	mount_points <<-END
		/C-46 none $SOURCE rbind ratime
		/C-48 none $SOURCE rbind rdev
		/C-49 none $SOURCE rbind rdiratime
		/C-52 none $SOURCE rbind rexec
		/C-53 none $SOURCE rbind rnoatime
		/C-54 none $SOURCE rbind rnodiratime
		/C-55 none $SOURCE rbind rnoexec
		/C-56 none $SOURCE rbind rnorelatime
		/C-57 none $SOURCE rbind rnostrictatime
		/C-58 none $SOURCE rbind rnosuid
		/C-59 none $SOURCE rbind rnosymfollow
		/C-62 none $SOURCE rbind rrelatime
		/C-63 none $SOURCE rbind rro
		/C-64 none $SOURCE rbind rrw
		/C-67 none $SOURCE rbind rstrictatime
		/C-68 none $SOURCE rbind rsuid
		/C-69 none $SOURCE rbind rsymfollow
	END
	run_bundle
	succeeds
	at /C-46/off '.options | contains("noatime") | not'
	at /C-48/off '.options | contains("nodev") | not'
	at /C-49/off '.options | contains("nodiratime") | not'
	at /C-52/off '.options | contains("noexec") | not'
	at /C-53/on '.options | contains("noatime")'
	at /C-54/on '.options | contains("nodiratime")'
	at /C-55/on '.options | contains("noexec")'
	at /C-56/on '.type == "tmpfs"'
	at /C-57/on '.options | contains("relatime")'
	at /C-58/on '.options | contains("nosuid")'
	at /C-62/off '.options | contains("relatime")'
	at /C-63/on '.options | startswith("ro")'
	at /C-64/off '.options | startswith("rw")'
	at /C-67/off '.options | test("noatime|relatime") | not'
	at /C-68/off '.options | contains("nosuid") | not'
	ln -s nowhere "$SOURCE/on/link"
	guest try read:/C-59/on/link read:/C-69/sub/file
	ln -s /bin/guest "$SOURCE/sub/file"
	run_bundle
	succeeds
	check '.["read:/C-59/on/link"] == "ELOOP"' '.["read:/C-69/sub/file"] == "ok"'
}

@test "C-45 C-61 C-65 C-66 C-70 C-72 C-74 C-80: propagation, of the mount and of all below it" {
	mount --bind "$SOURCE" "$SOURCE"
	MOUNTED=("$SOURCE")
	mount --make-shared "$SOURCE"
	mount -t tmpfs tmpfs "$SOURCE/sub"
	mount --make-shared "$SOURCE/sub"
	for kind in private rprivate shared rshared slave rslave unbindable runbindable; do
		echo "/$kind none $SOURCE rbind $kind"
	done >"$BATS_TEST_TMPDIR/list"
	mount_points <"$BATS_TEST_TMPDIR/list"
	config '.linux.rootfsPropagation = "shared"'
	run_bundle
	succeeds
	at /private '.propagation == []'
	at /rprivate '.propagation == []'
	at /rprivate/sub '.propagation == []'
	at /shared '.propagation | any(startswith("shared:"))'
	at /rshared '.propagation | any(startswith("shared:"))'
	at /rshared/sub '.propagation | any(startswith("shared:"))'
	at /slave '.propagation | any(startswith("master:"))'
	at /rslave '.propagation | any(startswith("master:"))'
	at /rslave/sub '.propagation | any(startswith("master:"))'
	at /unbindable '.propagation == ["unbindable"]'
	at /runbindable '.propagation == ["unbindable"]'
	at /runbindable/sub '.propagation == ["unbindable"]'
	# the plain words are for the one mount
	at /private/sub '.propagation != []'
	at /unbindable/sub '.propagation != ["unbindable"]'
}

# fsopen(2) knows no silent: what the kernel has to say goes to the context, never to its log.
@test "C-30 C-32 C-73: iversion is the file system's flag; silent and loud are taken, and not as its data" {
	needs_program strace
	traced iversion
	grep -q 'MS_I_VERSION\|iversion' "$BATS_TEST_TMPDIR/trace"
	traced silent loud
	grep -q '"/bin/guest"\|"hostname":"guest"' "$BATS_TEST_TMPDIR/out"
	is_false grep '"silent"\|"loud"' "$BATS_TEST_TMPDIR/trace"
}

# maps of the last mount: id 0 is 500
mapped() {
	config '.mounts[-1] |= (.uidMappings = [{containerID: 0, hostID: 500, size: 10}] |
		.gidMappings = .uidMappings)'
}

@test "C-81 C-82 C-84 C-89 C-90 C-92 C-105 C-108: idmap and ridmap, by the mount's mappings or the user namespace's" {
	needs_idmap "$SOURCE"
	host_mount "$SOURCE/sub"
	touch "$SOURCE/sub/inner"
	mount_point /idmap none "$SOURCE" rbind idmap
	mapped
	mount_point /ridmap none "$SOURCE" rbind ridmap
	mapped
	mount_point /without none "$SOURCE" bind
	mapped
	args /bin/stat -c '%n %u:%g' /idmap/file /idmap/sub/inner /ridmap/file /ridmap/sub/inner /without/file
	run_bundle
	succeeds
	[[ $output == $'/idmap/file 500:500\n/idmap/sub/inner 0:0\n/ridmap/file 500:500\n/ridmap/sub/inner 500:500\n/without/file 500:500' ]]
	config 'del(.mounts[6:])'
	user_namespace
	mount_point /own none "$SOURCE" bind idmap
	config '.mounts[-1] |= (.uidMappings = [{containerID: 0, hostID: 100010, size: 10}] | .gidMappings = .uidMappings)'
	mount_point /taken none "$SOURCE" bind idmap
	mount_point /tree none "$SOURCE" rbind ridmap
	args /bin/stat -c '%n %u:%g' /own/file /taken/file /tree/sub/inner
	run_bundle
	succeeds
	[[ $output == $'/own/file 10:10\n/taken/file 0:0\n/tree/sub/inner 0:0' ]]
}

@test "C-83 C-88 C-91 C-96 C-104 C-107: mappings by mount_setattr, and no word of them to the file system" {
	needs_idmap "$SOURCE"
	needs_program strace
	config 'del(.mounts[6:])'
	mount_point /one none "$SOURCE" bind idmap
	mapped
	mount_point /tree none "$SOURCE" rbind ridmap
	mapped
	strace -f -qq -e trace=mount,fsconfig,mount_setattr -o "$BATS_TEST_TMPDIR/trace" \
		"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/out" 2>&1
	(($(grep -c 'mount_setattr.*MOUNT_ATTR_IDMAP' "$BATS_TEST_TMPDIR/trace") == 2))
	grep -q 'mount_setattr.*AT_RECURSIVE.*MOUNT_ATTR_IDMAP' "$BATS_TEST_TMPDIR/trace"
	is_false grep -q '"r\?idmap' "$BATS_TEST_TMPDIR/trace"
}

@test "C-100: an option of mount(8) that minirun doesn't know goes to the file system" {
	mount_point /t tmpfs tmpfs huge=never
	run_bundle
	((status == 0)) || fails /mounts/6 # a kernel without huge pages
}
