#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The "Try it" sections of the folders' READMEs, run as they stand there

load lib/bundle
load lib/labs

minirun_only

setup() {
	((EUID == 0)) || skip "needs root"
	SOURCE=${INTEGRATION%/integration}
	cd "$BATS_TEST_TMPDIR" || return
	for entry in "$SOURCE"/*; do
		[[ $entry == */build ]] || ln -s "$entry" .
	done
	bundle_template
	cp -al "$BATS_RUN_TMPDIR/bundle" bundle
	"$MINIRUN" spec -b bundle --set /process/terminal=false --set '/process/args=["true"]'
	export PATH=${MINIRUN%/*}:$PATH MINIRUN_LAB_DIR=$BATS_TEST_TMPDIR/labs MINIRUN_LABS=$INTEGRATION/labs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
}

# README: a script of the section's blocks. Of "sh fails" each command must fail.
script_of() {
	awk '
		/^## / { inside = ($0 == "## Try it") }
		!inside { next }
		/^```sh not tested here: [^ ]/ { kind = "skip"; next }
		/^```sh fails$/ { kind = "fails"; next }
		/^```sh$/ { kind = "run"; next }
		/^```$/ { if (kind == "") { print "echo \"a block without sh\"; exit 1"; exit }; kind = ""; next }
		/^    [^ ]/ && kind == "" { print "echo \"a block that is only indented\"; exit 1"; exit }
		kind == "run" { print }
		kind == "fails" { print "! { " $0 "\n} || { echo \"this did not fail\"; exit 1; }" }
	' "$1"
}

# In a pid namespace: whatever stays in the background ends with it.
try() {
	local before

	script_of "$SOURCE/$1/README.md" >try.sh
	grep -q '[^ ]' try.sh || grep -q '^```sh not tested here: ' "$SOURCE/$1/README.md"
	before=$(ls -A /run/minirun 2>/dev/null || true)
	run timeout 120 unshare --mount --pid --fork --kill-child --mount-proc sh -eu try.sh
	echo "$output"
	((status == 0))
	diff <(echo "$before") <(ls -A /run/minirun 2>/dev/null || true)
}

@test "base" { try base; }
@test "cgroups" { try cgroups; }
@test "integration/labs" { try integration/labs; }
@test "namespaces" { try namespaces; }
@test "runtime" { try runtime; }
@test "runtime/criu" { try runtime/criu; }
@test "runtime/inspect" { try runtime/inspect; }
@test "runtime/process" { try runtime/process; }
@test "seccomp" { try seccomp; }
@test "spec" { try spec; }

@test "each section has its test, and a wrong one is seen" {
	local file folder count=0

	while read -r file; do
		folder=${file#"$SOURCE"/}
		folder=${folder%/README.md}
		grep -qx "@test \"$folder\" { try $folder; }" "$INTEGRATION/readmes.bats"
		((++count))
	done < <(grep -lx '## Try it' "$SOURCE"/*/README.md "$SOURCE"/*/*/README.md)
	((count > 0))
	printf '%s\n' '## Try it' '```sh' 'false' '```' >README
	script_of README >try.sh
	run -1 sh -eu try.sh
	printf '%s\n' '## Try it' '```sh fails' 'true # not this' '```' >README
	script_of README >try.sh
	run -1 sh -eu try.sh
	[[ $output == "this did not fail" ]]
	printf '%s\n' '## Try it' '```' 'true' '```' >README
	script_of README >try.sh
	run -1 sh -eu try.sh
}

@test "quickstart: who can't become root is told so before anything is built" {
	local tool

	mkdir -p user/bin
	cp "$SOURCE/quickstart" user/
	for tool in dirname env grep id mkdir sh; do
		ln -s "$(command -v "$tool")" user/bin/
	done
	printf '#!/bin/sh\necho installed\n' >user/bin/dpkg-query
	chmod 755 user/bin/dpkg-query
	chown -R 4711:4711 user
	quickstart() {
		run --separate-stderr setpriv --reuid 4711 --regid 4711 --clear-groups \
			env -i PATH="$PWD/user/bin" user/quickstart "$@"
		echo "$stderr"
	}
	quickstart run
	((status == 1)) && [[ $stderr == "quickstart: this user may not become root by sudo; as root: ./quickstart run" ]]
	printf '#!/bin/sh\necho "sudo: a password is required" >&2; exit 1\n' >user/bin/sudo
	chmod 755 user/bin/sudo
	quickstart test
	((status == 1)) && [[ $stderr == "quickstart: this user may not become root by sudo; as root: ./quickstart test" ]]
	chown -R 0:0 user/build
	quickstart run
	((status == 1)) && [[ $stderr == "quickstart: "*"/build can't be written by this user: "* ]]
}
