#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Images that try to get at the host while the container is being made. $VICTIM is what they aim
# at: whatever happens, nothing in it may change. See SECURITY.md for the advisories.

load lib/bundle

setup() {
	bundle_new
	minirun_only
	VICTIM=$BATS_TEST_TMPDIR/victim
	mkdir -m 755 "$VICTIM"
	echo untouched >"$VICTIM/file"
	touch "$VICTIM/ptmx"
	touch -d 2001-01-01 "$VICTIM/file" "$VICTIM/ptmx" "$VICTIM"
	victim >"$BATS_TEST_TMPDIR/victim.before"
}

teardown() {
	victim | diff "$BATS_TEST_TMPDIR/victim.before" -
	bundle_cleanup
}

victim() {
	find "$VICTIM" -printf '%P %y %m %U:%G %s %T@ %i\n' | sort
	cat "$VICTIM/file"
}

@test "/proc or /sys as a link, a file, a dangling link: refused by name, nothing mounted" {
	for place in proc sys; do
		for trick in "ln -s tmp $place" "ln -s / $place" "ln -s $VICTIM $place" "ln -s /none $place" \
			"touch $place"; do
			rm -rf "${ROOTFS:?}/$place"
			(cd "$ROOTFS" && $trick)
			run_bundle
			echo "$trick"
			fails "/$place"
		done
		rm -rf "${ROOTFS:?}/$place"
		mkdir "$ROOTFS/$place"
	done
}

@test "/proc covered by something else before it is mounted" {
	mkdir -p "$ROOTFS/proc"
	config '.mounts = [{destination: "/proc", type: "tmpfs", source: "tmpfs"}] + .mounts'
	run_bundle
	echo "$status $stderr"
	if ((status == 0)); then
		check '[.mounts[] | select(.path == "/proc")] | last | .type == "proc"'
	fi
	config '.mounts = [.mounts[0]] + .mounts[2:]'
	guest exit 0
	run_bundle
	echo "$status $stderr"
}

@test "mounts on top of /proc: only the few files that engines need" {
	mount_point /proc/self/attr tmpfs tmpfs
	run_bundle
	fails "/proc/self/attr"
	config 'del(.mounts[-1])'
	mount_point /proc/sys/kernel bind "$VICTIM" bind
	run_bundle
	fails "/proc/sys/kernel"
	config 'del(.mounts[-1])'
	mount_point /proc/uptime bind "$VICTIM/file" bind ro
	args /bin/cat /proc/uptime
	run_bundle
	succeeds
	[[ $output == untouched ]]
}

@test "/dev as a link out of the root: devices and links are made inside or not at all" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	for target in "$VICTIM" ../../victim /proc/../"$VICTIM" chain; do
		rm -rf "${ROOTFS:?}/dev"
		ln -sfn "$VICTIM" "$ROOTFS/chain"
		ln -s "$target" "$ROOTFS/dev"
		run_bundle
		echo "$target: $status $stderr"
	done
}

@test "default devices that are there already as something else" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) |
		.linux.maskedPaths = ["/etc/passwd"]'
	for trick in "ln -s $VICTIM/file null" "cp /etc/hosts null" "mknod null c 1 5" "mkfifo null" \
		"mkdir null"; do
		rm -rf "${ROOTFS:?}/dev"
		mkdir "$ROOTFS/dev"
		(cd "$ROOTFS/dev" && $trick)
		args /bin/stat -c '%t:%T' /etc/passwd
		run_bundle
		echo "$trick: $status $output $stderr"
		if ((status == 0)); then
			[[ $output == 1:3 ]] # the mask is the true one all the same
		else
			fails "default device: /dev/null"
		fi
	done
}

@test "no /dev mount: standard streams are the very objects that were given" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	for trick in "true" "ln -s $VICTIM/file null" "ln -s $VICTIM/file console"; do
		rm -rf "${ROOTFS:?}/dev"
		mkdir "$ROOTFS/dev"
		(cd "$ROOTFS/dev" && $trick)
		guest exit 0
		inode=$(stat -c %i "$VICTIM/file")
		"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" <"$VICTIM/file" \
			>"$BATS_TEST_TMPDIR/out" 2>&1 || true
		[[ $(stat -c %i "$VICTIM/file") == "$inode" ]]
		[[ $(stat -c '%u %a' /dev/null) == "0 666" ]]
	done
}

@test "mount targets through links of the image" {
	ln -s "$VICTIM" "$ROOTFS/out"
	ln -s ../../../../../../.."$VICTIM" "$ROOTFS/climb"
	ln -s /proc/1/root"$VICTIM" "$ROOTFS/magic"
	ln -s /proc/self/cwd "$ROOTFS/cwd"
	for target in /out/new /climb/new /magic/new /cwd/new /out /climb/a/b/c; do
		config '.mounts = .mounts[:6]'
		mount_point "$target" tmpfs tmpfs
		guest exit 0
		run_bundle
		echo "$target: $status $stderr"
	done
}

@test "dangling links as mount targets" {
	ln -s /made/here "$ROOTFS/dangling"
	mount_point /dangling tmpfs tmpfs
	guest exit 0
	run_bundle
	echo "$status $stderr"
	[[ ! -e /made ]]
}

@test "a target that is swapped for a link while containers are being made" {
	mkdir "$ROOTFS/dir" "$ROOTFS/dir/inner"
	ln -s "$VICTIM" "$ROOTFS/link"
	mount_point /dir/inner/file bind "$BUNDLE/config.json" bind ro
	mount_point /dir/inner/fresh tmpfs tmpfs
	config '.linux.maskedPaths = ["/dir/inner/secret"] | .linux.readonlyPaths = ["/dir/inner"]'
	guest exit 0
	(
		set +e
		cd "$ROOTFS"
		while :; do
			mv -T dir/inner dir/x 2>/dev/null
			ln -sn "$VICTIM" dir/inner 2>/dev/null
			rm -f dir/inner
			mv -T dir/x dir/inner 2>/dev/null
		done
	) 3>&- &
	swapper=$!
	for ((i = 0; i < 40; i++)); do
		timeout 20 "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >/dev/null 2>&1 </dev/null 3>&- || true
	done
	kill "$swapper"
	wait "$swapper" 2>/dev/null || true
	until_true rm -rf "$ROOTFS/dir" # a program of the swapper's may still be at it
}

@test "a masked path behind a link out of the root" {
	ln -s "$VICTIM" "$ROOTFS/masked"
	ln -s "$VICTIM/file" "$ROOTFS/masked-file"
	config '.linux.maskedPaths = ["/masked", "/masked/file", "/masked-file"] |
		.linux.readonlyPaths = ["/masked", "/masked-file"]'
	guest exit 0
	run_bundle
	echo "$status $stderr"
}

@test "a read-only root stays read-only with an image-made /proc" {
	config '.root.readonly = true | .mounts |= map(select(.destination != "/proc"))'
	mkdir -p "$ROOTFS/proc/self/fd" "$ROOTFS/proc/thread-self/fd"
	for fd in 0 1 2 3 4 5 6 7 8 9 10 11 12; do
		ln -s "$VICTIM" "$ROOTFS/proc/self/fd/$fd"
		ln -s "$VICTIM" "$ROOTFS/proc/thread-self/fd/$fd"
	done
	guest try write:/ write:/tmp
	run_bundle
	succeeds
	check '.["write:/"] == "EROFS"' '.["write:/tmp"] == "EROFS"'
}

@test "cwd through links: made inside, never outside" {
	ln -s "$VICTIM" "$ROOTFS/cwd"
	config '.process.cwd = "/cwd/new"'
	run_bundle
	echo "$status $stderr"
	[[ ! -e $VICTIM/new ]]
}

@test "devices at paths that lead out" {
	ln -s "$VICTIM" "$ROOTFS/out"
	config '.linux.devices = [{path: "/out/device", type: "c", major: 1, minor: 3},
		{path: "/out/file", type: "c", major: 1, minor: 5}]'
	guest exit 0
	run_bundle
	echo "$status $stderr"
}

@test "tmpcopyup follows no link out of the root" {
	mkdir "$ROOTFS/seed"
	ln -s "$VICTIM" "$ROOTFS/seed/link"
	ln "$ROOTFS/bin/guest" "$ROOTFS/seed/hard"
	mkfifo "$ROOTFS/seed/fifo"
	mount_point /seed tmpfs tmpfs tmpcopyup
	args /bin/sh -c 'readlink /seed/link; test -p /seed/fifo && echo fifo'
	run_bundle
	succeeds
	[[ $output == "$VICTIM"$'\nfifo' ]]
}

# Mount points are made in a source that becomes read-only: below it, whatever links are in there.
@test "a mount point below a read-only bind is not made through a link out of it" {
	local source=$BATS_TEST_TMPDIR/source

	mkdir -p "$source"
	ln -s "$VICTIM" "$source/absolute"
	ln -s "../../../../../../../../../../../../$VICTIM" "$source/relative"
	mount_point /data bind "$source" bind ro
	mount_point /data/absolute/new tmpfs tmpfs
	mount_point /data/relative/new tmpfs tmpfs
	run_bundle
	echo "$status $stderr"
	[[ ! -e $VICTIM/new ]]
}

@test "the runtime's binary can't be opened for writing from inside" {
	before=$(sha256sum <"$MINIRUN")
	args /bin/sh -c 'echo ready; while :; do for p in /proc/[0-9]*; do
		(: >>"$p/exe") 2>/dev/null && case $(readlink "$p/exe") in /bin/*) ;; *)
		echo "opened $p";; esac; done; done'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	for ((i = 0; i < 20; i++)); do
		minirun exec "$ID" /bin/true </dev/null 3>&-
	done
	run grep -m 3 opened "$BATS_TEST_TMPDIR/out"
	echo "$output"
	((status != 0))
	[[ $(sha256sum <"$MINIRUN") == "$before" ]]
}

# made_from PROGRAM [WRAPPER...]: a created container's process has nothing of PROGRAM's own mount
made_from() {
	local program=$1 pid

	"${@:2}" "$program" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 3>&-
	pid=$(container_pid)
	run bash -c ": >/proc/$pid/exe"
	echo "$output"
	[[ $output == *"Read-only file system"* ]]
	[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == "$program --root $ROOT create "*" $ID " ]]
	cmp "/proc/$pid/exe" "$MINIRUN"
	run grep -F "$program" "/proc/$pid/maps"
	echo "$output"
	((status == 1))
	minirun delete --force "$ID"
}

@test "the process before exec is not mapped from the host's file, moved or executed again" {
	cp "$MINIRUN" "$BATS_TEST_TMPDIR/minirun" # ours to lose
	made_from "$BATS_TEST_TMPDIR/minirun"
	made_from "$BATS_TEST_TMPDIR/minirun" "$HELPERS/without" ENOSYS mremap
}

@test "an entry point that is a link to /proc/self/exe" {
	ln -s /proc/self/exe "$ROOTFS/self"
	args /self --version
	run_bundle
	echo "$status $output $stderr"
	((status != 0))
	[[ $output != *"minirun version"* ]]
}
