#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's linux.maskedPaths and linux.readonlyPaths

load lib/bundle

@test "masked files read as empty, masked directories are empty and read-only" {
	mkdir -p "$ROOTFS/secret/dir" && echo key >"$ROOTFS/secret/file" && echo x >"$ROOTFS/secret/dir/x"
	config '.linux.maskedPaths = ["/proc/kcore", "/secret/file", "/secret/dir", "/sys/firmware"]'
	args /bin/sh -c 'cat /secret/file; ls -A /secret/dir; ls -A /sys/firmware; stat -c %t:%T /secret/file
		touch /secret/dir/y 2>/dev/null || echo read-only'
	run_bundle
	succeeds
	[[ $output == $'1:3\nread-only' ]]
}

@test "masked paths that don't exist, are listed twice, or lie below each other are no error" {
	mkdir -p "$ROOTFS/secret/dir"
	config '.linux.maskedPaths = ["/no/such/path", "/secret", "/secret", "/secret/dir", "/proc/nope",
		"/proc/timer_list", "/proc/timer_list"]'
	guest try list:/secret read:/proc/timer_list
	run_bundle
	succeeds
	check '.["list:/secret"] == "ok"'
}

@test "read-only paths can't be written to, and their other flags stay" {
	mkdir -p "$ROOTFS/frozen/dir"
	touch "$ROOTFS/frozen/file"
	config '.linux.readonlyPaths = ["/proc/sys", "/frozen", "/frozen/file", "/no/such", "/dev/shm"]'
	guest try write:/frozen write:/frozen/file write:/frozen/dir write:/proc/sys/kernel/hostname \
		write:/dev/shm
	run_bundle
	succeeds
	check '[.[]] | unique == ["EROFS"]'
	guest report
	run_bundle
	check '[.mounts[] | select(.path == "/dev/shm")] | last | .options | startswith("ro,nosuid,nodev,noexec")'
}

@test "relative paths are an error" {
	minirun_only
	config '.linux.maskedPaths = ["proc/kcore"]'
	run_bundle
	fails "/linux/maskedPaths/0"
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = ["/proc", "x"]'
	run_bundle
	fails "/linux/readonlyPaths/1"
}

@test "the hundred masks that engines send" {
	minirun_only
	config '.linux.maskedPaths = (["/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys",
		"/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats", "/proc/sched_debug",
		"/proc/scsi", "/sys/firmware", "/sys/devices/virtual/powercap"] +
		[range(100) | "/sys/devices/system/cpu/cpu\(.)/thermal_throttle"]) |
		.linux.readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]'
	guest try write:/proc/sys/kernel/hostname read:/proc/keys
	run_bundle
	succeeds
	check '.["write:/proc/sys/kernel/hostname"] == "EROFS"' '.["read:/proc/keys"] == "ok"'
}

@test "a masked path that is a link in the image masks what it leads to, inside" {
	mkdir "$ROOTFS/target"
	echo key >"$ROOTFS/target/file"
	ln -s /target "$ROOTFS/link"
	config '.linux.maskedPaths = ["/link/file"]'
	args /bin/sh -c 'cat /target/file; echo end'
	run_bundle
	echo "$status $stderr"
	if ((status == 0)); then
		[[ $output == end ]]
	fi
}

@test "masks: only the real null device is taken for them" {
	minirun_only
	touch "$BATS_TEST_TMPDIR/null"
	config '.linux.maskedPaths = ["/proc/kcore"]'
	guest exit 0
	# shellcheck disable=SC2016 # the inner shell's
	run --separate-stderr unshare --mount sh -c 'mount --bind "$1" /dev/null && shift && exec "$@"' sh \
		"$BATS_TEST_TMPDIR/null" "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	fails "/dev/null"
}
