#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun spec

load lib/bundle

setup() {
	bundle_new
	minirun_only
	rm "$BUNDLE/config.json"
	cd "$BUNDLE" || return
}

@test "spec writes a config.json that runs" {
	run_minirun spec
	succeeds
	[[ ! $output ]]
	jq -e '.process.terminal and .process.args == ["sh"] and .root.readonly' config.json
	config '.process.terminal = false | .process.args = ["guest"]'
	run_bundle
	succeeds
	check '.pid == 1' '.no_new_privs == 1' '.status.effective == "0000000020000420"' \
		'.status.ambient == "0000000000000000"' '.rlimits.RLIMIT_NOFILE.soft == "1024"' \
		'[.mounts[] | select(.path == "/")][0].options | startswith("ro")'
}

@test "spec does not overwrite" {
	echo '{}' >config.json
	run_minirun spec
	fails "config.json" "exists"
	[[ $(cat config.json) == '{}' ]]
}

@test "spec --bundle writes into another directory" {
	cd /
	run_minirun spec --bundle "$BUNDLE"
	succeeds
	[[ -s $BUNDLE/config.json ]]
	run_minirun spec --bundle "$BUNDLE/no/such"
	fails "no/such"
}

@test "spec --set changes members, with JSON values" {
	run_minirun spec --set '/hostname="h"' --set '/process/terminal=false' \
		--set '/process/args=["/bin/guest"]' --set '/process/env/-="NEW=1"' \
		--set '/annotations/a~1b="c"'
	succeeds
	jq -e '.hostname == "h" and .process.args == ["/bin/guest"] and .annotations["a/b"] == "c" and
		(.process.env | index("NEW=1"))' config.json
	run_bundle
	succeeds
	check '.hostname == "h"' '.env | index("NEW=1")'
}

@test "spec --set that is no JSON, no pointer, or no valid configuration" {
	for setting in '/hostname=h' 'hostname="h"' '/hostname' '/process/args/99="x"' \
		'/process/cwd="relative"' '/root=1'; do
		run_minirun spec --set "$setting"
		echo "$setting"
		fails
		[[ ! -e config.json ]]
	done
}

@test "spec --rootless maps the user to root and asks for no cgroup limits" {
	run_minirun spec --rootless
	succeeds
	jq -e '([.linux.namespaces[].type] | index("user") and (index("network") | not)) and
		.linux.uidMappings == [{containerID: 0, hostID: 0, size: 1}] and
		.linux.gidMappings == [{containerID: 0, hostID: 0, size: 1}] and
		((.linux.resources // {}) == {})' config.json
}
