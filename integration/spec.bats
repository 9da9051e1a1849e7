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

@test "spec --edit changes the file that is there, and nothing else in it" {
	run_minirun spec --set '/hostname="h"' --set '/x-unknown={"kept":[1,null,"\u00e9"]}'
	succeeds
	chmod 640 config.json
	jq -S '.hostname = "new" | .process.args = ["guest"]' config.json >wanted.json
	run_minirun spec --edit --set '/hostname="new"' --set '/process/args=["guest"]'
	succeeds
	diff wanted.json <(jq -S . config.json)
	[[ $(stat -c %a config.json) == 640 ]]
	cd /
	run_minirun spec -b "$BUNDLE" -e -f config.json --set '/hostname="again"'
	succeeds
	[[ $(jq -r .hostname "$BUNDLE/config.json") == again ]]
	rm "$BUNDLE/wanted.json"
	[[ $(ls "$BUNDLE") == $'config.json\nrootfs' ]]
}

@test "spec --edit: what can't be changed stays as it was" {
	run_minirun spec --edit --set '/hostname="h"'
	fails "config.json" "missing"
	run_minirun spec
	cp config.json before.json
	run_minirun spec --edit --set '/process/cwd="relative"'
	fails "/process/cwd"
	run_minirun spec --edit
	fails "--edit needs --set"
	run_minirun spec --edit --rootless --set '/hostname="h"'
	fails "--rootless makes a new"
	run_minirun spec --edit -f - --set '/hostname="h"'
	fails "--edit needs a file"
	cmp config.json before.json
	ln -s before.json link.json
	run_minirun spec --edit -f link.json --set '/hostname="h"'
	fails "symbolic link"
	mkfifo fifo
	run_minirun spec --edit -f fifo --set '/hostname="h"'
	fails "no regular file"
	echo '{"ociVersion":' >config.json
	run_minirun spec --edit --set '/hostname="h"'
	fails "config.json: "
	[[ $(cat config.json) == '{"ociVersion":' ]]
}
