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
		'.mountOptions | index("rro") and index("nosymfollow") and index("tmpcopyup") and
			(unique | length) == length'
}

@test "features names memory policies, and each of them is understood" {
	run_minirun features
	check '.linux.memoryPolicy.modes | index("MPOL_BIND") and index("MPOL_WEIGHTED_INTERLEAVE")' \
		'.linux.memoryPolicy.flags | index("MPOL_F_STATIC_NODES")'
}

@test "features names only what works: no checkpoint, no netDevices yet" {
	run_minirun features
	check '(.linux.netDevices.enabled // false) == false' \
		'(.linux.intelRdt.enabled // false) == false' \
		'(.annotations["org.opencontainers.runc.checkpoint.enabled"] // "false") == "false"'
}

@test "every mount option that features names is understood" {
	run_minirun features
	known=$(jq -c '.mountOptions' <<<"$output")
	for option in async atime bind defaults dev diratime dirsync exec iversion lazytime loud \
		noatime nodev nodiratime noexec noiversion nolazytime norelatime nostrictatime nosuid private \
		ratime rbind rdev rdiratime relatime remount rexec rnoatime rnodev rnodiratime rnoexec \
		rnorelatime rnostrictatime rnosuid rnosymfollow ro rprivate rrelatime rro rrw rshared rslave \
		rstrictatime rsuid rsymfollow runbindable rw shared silent slave strictatime suid symfollow \
		sync tmpcopyup unbindable; do
		jq -e --arg o "$option" 'index($o)' <<<"$known" >/dev/null || {
			echo "not named: $option"
			return 1
		}
	done
}
