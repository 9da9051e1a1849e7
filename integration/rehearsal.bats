#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun check: what create refuses only while it works, tried without a trace

load lib/bundle
load lib/alike
load lib/user

setup() {
	minirun_only
	bundle_new
	echo x >"$ROOTFS/bin/no-program"
	ln -s loop "$ROOTFS/loop"
	ln -s /proc "$ROOTFS/proc-link"
	ln -s / "$ROOTFS/root-link"
	mkdir "$BUNDLE"/{lower,upper,work}
	ALIKE_BASE=(base)
}

teardown() {
	umount -q "$BUNDLE/locked" || true
	umount -q "$BUNDLE/other" || true
	user_cleanup
	bundle_cleanup
}

base() {
	default_config
	config ".process.args = [\"/bin/guest\", \"exit\", \"0\"] | .annotations = {b: \"$BUNDLE\",
		o: \"lowerdir=$BUNDLE/lower upperdir=$BUNDLE/upper workdir=$BUNDLE/work\"}"
}

# all that a start of this bundle and of the sources of its mounts can leave there
trace() {
	find "$BUNDLE" /etc/minirun-test* -printf '%p %i %m %U %s %T@\n' 2>/dev/null | sort
}

@test "mounts: check and create refuse the same" {
	mkdir "$BUNDLE/upper/in" "$BUNDLE/other"
	mount -t tmpfs other "$BUNDLE/other"
	alike <<-'END'
		!.mounts += [{destination: "/etc", source: "/etc/passwd", options: ["bind"]}]
		!.mounts += [{destination: "/etc/passwd", source: "/etc", options: ["bind"]}]
		!.mounts += [{destination: "/etc/passwd", type: "tmpfs", source: "x"}]
		!.mounts += [{destination: "/etc/passwd/below", type: "tmpfs", source: "x"}]
		!.mounts += [{destination: "/loop", type: "tmpfs", source: "x"}]
		!.mounts += [{destination: "/proc-link/x", source: "/etc", options: ["bind"]}]
		!.mounts += [{destination: "/root-link/x/sys", type: "sysfs", source: "sysfs"}]
		!.mounts += [{destination: "/mnt", options: ["remount", "bind", "ro"]}]
		!.mounts += [{destination: "/etc", options: ["remount", "bind", "ro"]}]
		!.mounts += [{destination: "/mnt", source: (.annotations.b + "/rootfs/no"), options: ["bind"]}]
		!.mounts += [{destination: "/proc/slabinfo-none", source: "/etc/passwd", options: ["bind"]}]
		!.mounts += [{destination: "/proc/stat", source: "/etc", options: ["bind"]}]
		!.mounts += [{destination: "/m", type: "tmpfs", source: "x", options: ["nr_inodes=1"]}, {destination: "/m/n", type: "tmpfs"}]
		!.mounts += [{destination: "/bin", type: "tmpfs", source: "x", options: ["tmpcopyup", "size=4k"]}]
		!.mounts += [{destination: "/m", type: "overlay", source: "x", options: (.annotations.o | split(" ") + ["userxattr", "redirect_dir=on"])}]
		.mounts += [{destination: "/m", type: "overlay", source: "x", options: (.annotations.o | split(" "))}]
		!.mounts += [{destination: "/m", type: "overlay", source: "x", options: (.annotations.o | sub("/work$"; "/upper/in") | split(" "))}]
		!.mounts += [{destination: "/m", type: "overlay", source: "x", options: (.annotations.o | sub("/work$"; "/other") | split(" "))}]
		!.mounts += [{destination: "/m", type: "overlay", source: "x", options: ["lowerdir=/etc", "workdir=" + .annotations.b, "upperdir=" + .annotations.b + "/upper"]}]
		.mounts += [{destination: "/m", type: "tmpfs", source: "x"}, {destination: "/m", options: ["remount", "bind", "ro"]}]
		.mounts += [{destination: "/", options: ["remount", "bind", "nosuid"]}]
		.mounts += [{destination: "/root-link", type: "tmpfs", source: "x"}]
	END
}

@test "devices and the program: check and create refuse the same" {
	alike <<-'END'
		!.linux.devices = [{path: "/etc/passwd/x", type: "c", major: 1, minor: 3}]
		!.linux.devices = [{path: "/etc/passwd", type: "c", major: 1, minor: 3}]
		!.linux.devices = [{path: "/etc", type: "c", major: 1, minor: 3}]
		.linux.devices = [{path: "/etc/fifo", type: "p"}]
		!.process.args = ["/bin/no-program"]
		!.process.args = ["no-program"]
		!.process.args = ["/etc"]
		!.process.args = ["/bin/nothing"]
		!.process.cwd = "/etc/passwd"
		!.process.cwd = "/etc/passwd/below"
		!.process.cwd = "/loop"
		.process.cwd = "/made/here" | .root.readonly = true
		!.process.terminal = true | .mounts |= map(select(.type != "devpts"))
		!.hooks.startContainer = [{path: "/bin/no-program"}]
		!.hooks.startContainer = [{path: "/bin/nothing"}]
		.hooks.startContainer = [{path: "/bin/true", args: ["true"]}]
		!.linux.maskedPaths = ["/" + "a" * 300]
	END
}

@test "a user namespace: check and create refuse the same" {
	in_user_namespace() {
		base
		user_namespace
	}
	ALIKE_BASE=(in_user_namespace)
	mkdir "$BUNDLE/locked"
	mount -t tmpfs -o nosuid,ro locked "$BUNDLE/locked"
	alike <<-'END'
		.hostname = "h"
		!.linux.namespaces |= map(select(.type != "pid"))
		!.linux.namespaces |= map(select(.type != "ipc"))
		.linux.namespaces |= map(select(.type != "network"))
		!.mounts += [{destination: "/m", source: (.annotations.b + "/locked"), options: ["bind", "suid"]}]
		!.mounts += [{destination: "/m", source: (.annotations.b + "/locked"), options: ["rbind", "rrw"]}]
		!.mounts += [{destination: "/m", source: (.annotations.b + "/locked"), options: ["bind"]}, {destination: "/m", options: ["remount", "bind", "rw"]}]
		.mounts += [{destination: "/m", source: (.annotations.b + "/locked"), options: ["bind"]}, {destination: "/m", options: ["remount", "bind", "noexec"]}]
		.mounts += [{destination: "/m", source: "/etc", options: ["rbind", "ro"]}]
		!.mounts += [{destination: "/m", type: "tmpfs", source: "x", options: ["uid=70000"]}]
		!.linux.sysctl = {"kernel.msgmax": "x"}
	END
	umount "$BUNDLE/locked"
}

@test "an ordinary user: check and create refuse the same" {
	user_new
	check_as_user() {
		run --separate-stderr rootless "$@"
	}
	for_user() {
		base
		config 'del(.linux.cgroupsPath, .linux.resources)'
	}
	ALIKE_CHECK=(check_as_user) ALIKE_RUN=(run_rootless) ALIKE_BASE=(for_user)
	alike <<-'END'
		.hostname = "h"
		!.mounts += [{destination: "/etc", source: "/etc/passwd", options: ["bind"]}]
		!.mounts += [{destination: "/m", source: "/etc", options: ["bind", "idmap=uids=0-0-1;gids=0-0-1"]}]
		!.mounts += [{destination: "/m", options: ["remount", "bind", "ro"]}]
		!.process.cwd = "/etc/passwd"
		.mounts += [{destination: "/m/new", source: "/etc", options: ["rbind", "ro"]}]
	END
}

@test "nothing of it stays: mount points, in the image or in what is bound" {
	mkdir "$BUNDLE/source"
	chmod 777 "$BUNDLE/source"
	mount_point /new/place tmpfs x
	mount_point /mnt bind "$BUNDLE/source" bind
	mount_point /mnt/below tmpfs x
	mount_point /ro bind "$BUNDLE/source" bind ro
	mount_point /ro/file bind /etc/passwd bind
	mount_point /ro "" "" remount bind rw
	mount_point /ro/other tmpfs x
	config '.mounts |= map(if .type == "" then del(.type, .source) else . end) | .process.cwd = "/made/here" |
		.linux.devices = [{path: "/etc/null", type: "c", major: 1, minor: 3}]'
	trace >"$BATS_TEST_TMPDIR/before"
	run_minirun check "$BUNDLE/"
	succeeds
	trace | diff "$BATS_TEST_TMPDIR/before" -
	guest exit 0
	run_bundle
	succeeds
	[[ -d $BUNDLE/source/below && -e $BUNDLE/source/file && -d $ROOTFS/new/place ]]
}

# Each of these would be made on the host if what is bound were protected by the name of its
# destination, or only what is bound.
@test "nothing of it stays: a hostile bundle can't make what is the host's writable" {
	local tmpfs='{destination: "/x", type: "tmpfs", source: "x"}' new=made-by-rehearsal
	local source bound

	source=$BUNDLE/source
	bound="source: \"$source\", options: [\"rbind\"]"
	mkdir "$source" "$ROOTFS/x" "$ROOTFS/a"
	ln -s /x "$ROOTFS/y"
	ln -s /x "$source/l"
	ln -s ../a "$ROOTFS/a/l"
	while read -r mounts; do
		base
		config ".mounts += [$mounts] | .process.cwd = \"/m/$new-cwd\""
		run_minirun check "$BUNDLE/"
		echo "$mounts"
		[[ -z $(find "$source" /sys/fs/cgroup /dev/mqueue -name "$new*" 2>/dev/null) ]]
	done <<-END
		$tmpfs, {destination: "/y", $bound}, {destination: "/x", options: ["remount", "bind", "rw"]}, {destination: "/x/$new", type: "tmpfs", source: "x"}
		$tmpfs, {destination: "/x/h", $bound}, {destination: "/x", options: ["remount", "bind", "rrw"]}, {destination: "/x/h/$new", type: "tmpfs", source: "x"}
		$tmpfs, {destination: "/a/l", $bound}, {destination: "/a/$new", type: "tmpfs", source: "x"}
		{destination: "/", $bound}, {destination: "/", options: ["remount", "bind", "rw"]}, {destination: "/$new", type: "tmpfs", source: "x"}
		{destination: "/m", type: "cgroup", source: "x", options: ["rw"]}, {destination: "/m/$new", type: "tmpfs", source: "x"}
		{destination: "/m", type: "cgroup2", source: "x", options: ["rw"]}, {destination: "/m", options: ["remount", "bind", "rw"]}
	END
}

@test "all mounts that fail are told, and hooks make what comes after them unknown" {
	mount_point /etc bind /etc/passwd bind
	mount_point /etc/passwd tmpfs x
	run_minirun check --format json "$BUNDLE/"
	check '[.findings[] | select(.level == "error") | .pointer | sub("[0-9]+$"; "N")] == ["/mounts/N", "/mounts/N"]'
	default_config
	args /bin/nothing
	config '.hooks.createRuntime = [{path: "/bin/true"}]'
	run_minirun check "$BUNDLE/"
	succeeds
}
