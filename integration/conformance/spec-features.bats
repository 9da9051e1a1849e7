#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# features.md, features-linux.md: the document, and that everything that it names is understood

load ../lib/bundle
load rows

setup() {
	bundle_new
	run_minirun features
	succeeds
	FEATURES=$output
}

# listed FILTER: the strings that the document has there
listed() {
	jq -r "$1 | .[]" <<<"$FEATURES"
}

@test "F-5 F-7 F-9 F-16: by the schema: the versions in order, annotations of strings, lists of strings" {
	check 'def semver: type == "string" and test("^[0-9]+[.][0-9]+[.][0-9]+([-+].*)?$");
		def strings: type == "array" and all(.[]; type == "string");
		def booleans: type == "object" and all(.[]; type == "boolean");
		(.ociVersionMin | semver) and (.ociVersionMax | semver) and
		([.ociVersionMin, .ociVersionMax | split(".")[:2] | map(tonumber)] | .[0] <= .[1]) and
		(.annotations | type == "object" and all(to_entries[]; .key != "" and (.value | type == "string"))) and
		(.hooks, .mountOptions, .potentiallyUnsafeConfigAnnotations, .linux.namespaces, .linux.seccomp.actions,
			.linux.seccomp.operators, .linux.seccomp.archs, .linux.seccomp.knownFlags,
			.linux.seccomp.supportedFlags, .linux.memoryPolicy.modes, .linux.memoryPolicy.flags | strings) and
		(.linux.capabilities | strings and all(.[]; test("^CAP_[A-Z_]+$"))) and
		(.linux.cgroup, .linux.apparmor, .linux.selinux, .linux.intelRdt, .linux.netDevices,
			.linux.mountExtensions.idmap | booleans) and (.linux.seccomp.enabled | type == "boolean")'
}

@test "F-4: no null: what isn't supported is false or an empty list, what is unknown is absent" {
	check '[.. | select(. == null)] == []'
}

@test "F-10: no member that the newest version doesn't have" {
	check '(keys - ["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
			"potentiallyUnsafeConfigAnnotations"]) == []' \
		'(.linux | keys - ["namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux",
			"memoryPolicy", "intelRdt", "mountExtensions", "netDevices"]) == []' \
		'(.linux.cgroup | keys - ["v1", "v2", "systemd", "systemdUser", "rdma"]) == []' \
		'(.linux.seccomp | keys - ["enabled", "actions", "operators", "archs", "knownFlags", "supportedFlags"]) == []' \
		'(.linux.memoryPolicy | keys - ["modes", "flags"]) == []' \
		'(.linux.intelRdt | keys - ["enabled", "schemata", "monitoring"]) == []' \
		'(.linux.mountExtensions | keys == ["idmap"]) and (.linux.mountExtensions.idmap | keys == ["enabled"])' \
		'.ociVersionMax | startswith("1.3.")'
}

@test "F-2: the same document anywhere, for anybody" {
	cp "$MINIRUN" "$BATS_TEST_TMPDIR/copy"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/../.." "$BATS_RUN_TMPDIR"
	run --separate-stderr setpriv --reuid 12345 --regid 12345 --clear-groups "$BATS_TEST_TMPDIR/copy" features
	succeeds
	[[ $output == "$FEATURES" ]]
	run --separate-stderr unshare --mount sh -c "umount -l /sys/fs/cgroup 2>/dev/null; '$MINIRUN' features"
	[[ $output == "$FEATURES" ]]
}

@test "F-13: no option that only a file system knows" {
	for option in mode size uid gid nr_inodes lowerdir upperdir newinstance ptmxmode context; do
		is_false grep -qx "$option" <<<"$(listed .mountOptions)"
	done
}

@test "F-6 F-8: both ends of the range are taken as ociVersion" {
	accepted_rows <<-END
		F-6 .ociVersion = $(jq .ociVersionMin <<<"$FEATURES")
		F-8 .ociVersion = $(jq .ociVersionMax <<<"$FEATURES")
	END
}

@test "F-11: each hook runs" {
	hook_programs
	for kind in $(listed .hooks); do
		hook "$kind" "$kind"
	done
	guest exit 0
	run_bundle
	succeeds
	for kind in $(listed .hooks); do
		grep -qx "$kind" "$LOG/order" "$ROOTFS/tmp/order"
	done
}

@test "F-12: each mount option is known, and none goes to the file system" {
	for option in $(listed .mountOptions); do
		case $option in
		bind | rbind | copy-symlink | src-nofollow | dest-nofollow | remount) other="\"bind\"" ;;
		idmap | ridmap) continue ;;
		*) other= ;;
		esac
		echo "{destination: \"/m/$option\", type: \"tmpfs\", source: ${other:+\$bundle}${other:-\"tmpfs\"},
			options: [${other:+$other,} \"$option\"]}," | tr '\n\t' '  '
	done >"$BATS_TEST_TMPDIR/list"
	list=$(sed 's/\$bundle"bind"/$bundle/g; s/, *$//' "$BATS_TEST_TMPDIR/list")
	config ".mounts += [$list]" '(.mounts[] | select(.destination == "/m/remount")) |=
		(.destination = "/m/bind" | .options = ["remount", "bind", "ro"])'
	config '.mounts |= (map(select(.options? // [] | index("remount") | not)) + map(select(.options? // [] | index("remount"))))'
	config '.linux.rootfsPropagation = "private"'
	run_bundle
	succeeds
	check '[.mounts[] | select(.path | startswith("/m/"))] | length > 55'
	for option in idmap ridmap; do # refused for what lacks, by their names
		changed ".mounts += [{destination: \"/m\", source: \$bundle, options: [\"rbind\", \"$option\"]}]"
		attempt
		fails "/options/1: needs uidMappings"
	done
}

@test "FL-1: each type of namespace" {
	for type in $(listed .linux.namespaces); do
		echo "FL-1 .linux.namespaces |= (map(select(.type != \"$type\")) + [{type: \"$type\"}]) |
			if \"$type\" == \"user\" then .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
				.linux.gidMappings = .linux.uidMappings else . end" | tr '\n\t' '  '
		echo
	done >"$BATS_TEST_TMPDIR/rows"
	[[ -e /proc/self/ns/time ]] || sed -i '/"time"/d' "$BATS_TEST_TMPDIR/rows"
	accepted_rows <"$BATS_TEST_TMPDIR/rows"
}

@test "FL-2: each capability" {
	config ".process.capabilities.bounding = $(jq -c .linux.capabilities <<<"$FEATURES")"
	run --separate-stderr minirun --log-level warning run --bundle "$BUNDLE" "$ID"
	((status == 0))
	is_false grep -qi 'unknown' <<<"$stderr"
}

@test "FL-5 FL-6 FL-7 FL-8 FL-9: each seccomp action, operator, architecture and flag" {
	for row in actions: operators: archs: flags:; do
		case $row in
		actions:)
			for action in $(listed .linux.seccomp.actions); do
				[[ $action != SCMP_ACT_NOTIFY ]] || continue # needs an agent: linux-seccomp.bats
				echo "FL-5 .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"chroot\"], action: \"$action\"}]}"
			done
			;;
		operators:)
			for operator in $(listed .linux.seccomp.operators); do
				echo "FL-6 .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", syscalls: [{names: [\"chroot\"], action: \"SCMP_ACT_ERRNO\", args: [{index: 0, value: 9, valueTwo: 1, op: \"$operator\"}]}]}"
			done
			;;
		archs:)
			for arch in $(listed .linux.seccomp.archs); do
				changed ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"$arch\"]}"
				attempt # the library can't mix byte orders in one filter
				((status == 0)) || fails "architectures/0: $arch has the other byte order" >&2
				minirun delete --force "$ID"
			done
			;;
		flags:)
			for flag in $(listed .linux.seccomp.supportedFlags); do
				echo "FL-9 .linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [\"$flag\"], syscalls: [{names: [\"chroot\"], action: \"SCMP_ACT_ERRNO\"}]}"
			done
			;;
		esac
	done >"$BATS_TEST_TMPDIR/rows"
	accepted_rows <"$BATS_TEST_TMPDIR/rows"
	for flag in $(listed .linux.seccomp.knownFlags); do
		changed ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", flags: [\"$flag\"], syscalls: [{names: [\"chroot\"], action: \"SCMP_ACT_ERRNO\"}]}"
		attempt
		((status == 0)) || [[ $stderr != *"unknown"* && $stderr != *"expected"* ]]
		minirun delete --force "$ID"
	done
	output=$FEATURES
	check '.linux.seccomp | .supportedFlags - .knownFlags == []'
}

@test "FL-12 FL-13: each mode and flag of memoryPolicy is parsed" {
	for mode in $(listed .linux.memoryPolicy.modes); do
		nodes=',nodes: "0"'
		[[ $mode != MPOL_DEFAULT && $mode != MPOL_LOCAL ]] || nodes=
		changed ".linux.memoryPolicy = {mode: \"$mode\" $nodes}"
		attempt
		((status == 0)) || fails "/linux/memoryPolicy: set $mode"
		minirun delete --force "$ID"
	done
	for flag in $(listed .linux.memoryPolicy.flags); do
		changed ".linux.memoryPolicy = {mode: \"MPOL_BIND\", nodes: \"0\", flags: [\"$flag\"]}"
		attempt
		((status == 0)) || fails "/linux/memoryPolicy: set MPOL_BIND"
		minirun delete --force "$ID"
	done
}

@test "FL-16: idmap is true, since id-mapped mounts are tried" {
	output=$FEATURES
	check '.linux.mountExtensions.idmap.enabled == true'
}
