#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun features

load lib/bundle

setup() {
	bundle_new
	minirun_only
}

@test "features is the document of the specification" {
	run_minirun features
	succeeds
	check '.ociVersionMin == "1.0.0"' '.ociVersionMax | test("^1[.]")' \
		'.hooks | sort == (["prestart", "createRuntime", "createContainer", "startContainer",
			"poststart", "poststop"] | sort)' \
		'.linux.namespaces | sort == (["pid", "network", "mount", "ipc", "uts", "user", "cgroup",
			"time"] | sort)' \
		'.linux.capabilities | index("CAP_CHOWN") and (length >= 40)' \
		'.linux.cgroup.v2 == true' '.linux.cgroup.v1 == false' '.linux.seccomp.enabled == true' \
		'.linux.seccomp.actions | index("SCMP_ACT_ERRNO")' \
		'.linux.seccomp.operators | index("SCMP_CMP_MASKED_EQ")' \
		'.linux.seccomp.archs | index("SCMP_ARCH_X86_64")' \
		'.linux.apparmor.enabled == true' '.linux.selinux.enabled == true' \
		'.linux.mountExtensions.idmap.enabled == true' \
		'.mountOptions | index("rro") and index("nosymfollow") and index("tmpcopyup") and index("idmap") and
			(unique | length) == length'
}

@test "features names memory policies, and each of them is understood" {
	run_minirun features
	check '.linux.memoryPolicy.modes | index("MPOL_BIND") and index("MPOL_WEIGHTED_INTERLEAVE")' \
		'.linux.memoryPolicy.flags | index("MPOL_F_STATIC_NODES")'
}

@test "features names only what works: checkpoint where criu is" {
	run_minirun --criu /bin/true features
	check '.annotations["org.opencontainers.runc.checkpoint.enabled"] == "true"'
	run_minirun --criu /nowhere/criu features
	check '.annotations["org.opencontainers.runc.checkpoint.enabled"] == "false"'
}

@test "every mount option that features names is understood" {
	run_minirun features
	known=$(jq -c '.mountOptions' <<<"$output")
	for option in async atime bind copy copy-symlink defaults dest-nofollow dev diratime dirsync exec iversion lazytime loud \
		noatime nocopy nodev nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private idmap ridmap \
		ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodev rnodiratime rnoexec \
		rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave \
		rstrictatime rsuid rsymfollow runbindable rw shared silent slave src-nofollow strictatime suid symfollow \
		sync tmpcopyup unbindable; do
		jq -e --arg o "$option" 'index($o)' <<<"$known" >/dev/null || {
			echo "not named: $option"
			return 1
		}
	done
}

# The specification's schema in jq: schema/features-schema.json, features-linux.json, features.md.
@test "features keeps to the specification's schema, and to nothing beyond it" {
	run_minirun features
	check 'def strings: type == "array" and all(.[]; type == "string") and (unique | length) == length;
		def keys_in($k): (keys - $k) == [];
		def booleans($k): type == "object" and keys_in($k) and all(.[]; type == "boolean");
		def each($p): strings and all(.[]; test($p));
		keys_in(["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux", "annotations",
			"potentiallyUnsafeConfigAnnotations"]) and
		(.hooks, .mountOptions, .potentiallyUnsafeConfigAnnotations | strings) and
		([.ociVersionMin, .ociVersionMax] | all(.[]; test("^1[.][0-9]+[.][0-9]+$"))) and
		([.ociVersionMin, .ociVersionMax | split(".") | map(tonumber)] | .[0] <= .[1]) and
		(.annotations | type == "object" and all(to_entries[]; .key != "" and (.value | type) == "string")) and
		(.linux |
			keys_in(["namespaces", "capabilities", "cgroup", "seccomp", "apparmor", "selinux",
				"intelRdt", "memoryPolicy", "mountExtensions", "netDevices"]) and
			(.namespaces | each("^(mount|pid|network|uts|ipc|user|cgroup|time)$")) and
			(.capabilities | each("^CAP_[A-Z_]+$")) and
			(.cgroup | booleans(["v1", "v2", "systemd", "systemdUser", "rdma"])) and
			(.apparmor, .selinux, .netDevices | booleans(["enabled"])) and
			(.intelRdt | booleans(["enabled", "schemata", "monitoring"])) and
			(.mountExtensions | keys_in(["idmap"]) and (.idmap | booleans(["enabled"]))) and
			(.memoryPolicy | (.modes | each("^MPOL_[A-Z_]+$")) and (.flags | each("^MPOL_F_[A-Z_]+$"))) and
			(.seccomp | keys_in(["enabled", "actions", "operators", "archs", "knownFlags",
					"supportedFlags"]) and
				.enabled and (.actions | each("^SCMP_ACT_")) and (.operators | each("^SCMP_CMP_")) and
				(.archs | each("^SCMP_ARCH_")) and (.knownFlags | each("^SECCOMP_FILTER_FLAG_")) and
				(.supportedFlags - .knownFlags) == []))'
	check '.ociVersionMax | startswith("1.3.")'
}

@test "both ends of the version range are accepted, and each seccomp name that features lists" {
	run_minirun features
	features=$output
	for version in $(jq -r '.ociVersionMin, .ociVersionMax' <<<"$features"); do
		config ".ociVersion = \"$version\""
		run_bundle
		succeeds
	done
	config ".linux.seccomp = $(jq -c .linux.seccomp <<<"$features")" '.linux.seccomp |= {
		defaultAction: "SCMP_ACT_ALLOW", flags: .supportedFlags,
		architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
		syscalls: [
			(.actions - ["SCMP_ACT_NOTIFY", "SCMP_ACT_ALLOW"] | to_entries[] | {names: ["chroot"],
				action: .value, args: [{index: 0, value: .key, op: "SCMP_CMP_EQ"}]}),
			(.operators[] | {names: ["setpriority"], action: "SCMP_ACT_LOG",
				args: [{index: 1, value: 900, valueTwo: 4, op: .}]})]}'
	guest exit 0
	run_bundle
	succeeds
}

@test "features names the annotations that change what minirun does" {
	run_minirun features
	check '.potentiallyUnsafeConfigAnnotations | index("org.opencontainers.image.stopSignal") and
			index("org.systemd.property.") and index("run.oci.seccomp_fail_unknown_syscall")' \
		'.annotations | has("org.opencontainers.runc.checkpoint.enabled") and
			has("io.github.seccomp.libseccomp.version")'
}
