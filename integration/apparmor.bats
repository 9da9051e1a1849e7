#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.apparmorProfile where there is AppArmor: testhost/uml.sh boots this file with it

load lib/bundle

@test "init and exec run under it, exec --apparmor under another, unknown ones fail" {
	minirun_only
	[[ $(cat /sys/module/apparmor/parameters/enabled 2>/dev/null) == Y ]] || skip "the host has no AppArmor"
	needs_program apparmor_parser
	# for the loading only: it is no mount of the host's that a container should see
	mount -t securityfs securityfs /sys/kernel/security
	apparmor_parser --add --skip-cache <<-'END'
		profile minirun-first flags=(attach_disconnected,mediate_deleted) {
			file, signal, capability, network, mount,
			deny /tmp/secret rwl,
		}
		profile minirun-second flags=(attach_disconnected,mediate_deleted) {
			file, signal, capability, network, mount,
		}
	END
	umount /sys/kernel/security
	touch "$ROOTFS/tmp/secret"
	config '.process.apparmorProfile = "minirun-first"'
	guest try read:/tmp/secret read:/etc/passwd
	run_bundle
	succeeds
	check '.["read:/tmp/secret"] == "EACCES"' '.["read:/etc/passwd"] == "ok"'
	running_bundle
	run_minirun exec "$ID" /bin/guest report
	succeeds
	check '.label == "minirun-first (enforce)"'
	run_minirun exec --apparmor minirun-second "$ID" /bin/guest try read:/tmp/secret
	succeeds
	check '.["read:/tmp/secret"] == "ok"'
	run_minirun exec --apparmor no-such-profile "$ID" /bin/guest
	((status == 255))
	[[ $stderr == *no-such-profile* ]]
	minirun delete --force "$ID"
	config '.process.apparmorProfile = "no-such-profile"'
	run_bundle
	fails "no-such-profile"
}
