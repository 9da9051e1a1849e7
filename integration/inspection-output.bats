#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What all commands that look have in common: versioned JSON, 80 columns, colour, exit status.

load lib/bundle

setup() {
	minirun_only
	bundle_new
	config '.process.noNewPrivileges = true | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["chmod", "mount"], action: "SCMP_ACT_ERRNO"}]}'
}

# Each command, of a running container ($ID) and of a bundle ($BUNDLE/)
looks() {
	printf '%s\n' "inspect $1" "ns $1" "cgroup $1" "caps $1" "seccomp $1" "check $1" "why $1 chmod" \
		"why $1 sethostname" "diff $1 self"
}

# members SCHEMA FILTER... of the JSON of a command
members() {
	local schema=$1 command=$2

	shift 2
	# shellcheck disable=SC2086 # words
	run --separate-stderr minirun ${command%% *} --format json ${command#* }
	((status < 2)) || return 1
	check ".schema == \"minirun.$schema/1\"" "$@"
}

@test "JSON: schema and main members, numbers as numbers, names as the kernel's" {
	running_bundle
	for target in "$ID" "$BUNDLE/"; do
		members inspect "inspect $target" '.target and .kind and .status and (.notes | type == "array")' \
			'.process.uid == 0' '.caps.sets.effective | type == "array"' '.cgroup.paths | type == "object"' \
			'.seccomp | type == "object"' '.mounts | length > 3' '.ns | type == "object"'
		members cgroup "cgroup $target" '.mode' '.memory | has("used") and has("limit") and has("effective")' \
			'.pids | has("used") and has("events")' '.cpu | has("limit")' 'has("pressure")' 'has("devices")'
		members caps "caps $target" '.sets | keys == ["ambient", "bounding", "effective", "inheritable", "permitted"]' \
			'.sets.bounding[0] | startswith("cap_")' '.mask.eff | test("^[0-9a-f]{16}$")' \
			'.no_new_privs == true' '.config | type == "object"'
		members seccomp "seccomp $target" '.filters[0].rules | map(select(.syscall == "chmod"))[0] |
			.nr == 90 and .action == "ERRNO" and .errno == 1' '.default == "ALLOW"' \
			'.filters[0].insns > 5' '.holes[0].id == "SEC03" and .holes[0].denied == "chmod"'
		members check "check $target" '.target' '.findings[0] | .id and .level and has("pointer") and .text' \
			'(.errors | type == "number") and (.warnings | type == "number") and (.notes | type == "number")'
		members why "why $target chmod" '.syscall == "chmod" and .verdict == "denied" and .sure == "certain"' \
			'.layer == "seccomp"' '.layers | length > 2'
		members diff "diff $target self" '.a and .b == "self"' '.differences[0] | .path and has("a") and has("b")' \
			'.unknown | type == "array"'
	done
	members ns "ns $ID" '.namespaces[0] | .type and (.ino | type == "number") and has("owner") and has("parent") and
		(.alive | type == "array") and has("procs")' '.processes[0] | .pid and (.nspid | length > 0) and .ns.pid'
	members ns "ns $BUNDLE/" '.ns.pid == "new"'
}

@test "explain: JSON lines with their members, 80 columns" {
	run -0 --separate-stderr minirun explain --format json "$BUNDLE/"
	output=$(jq -s '{steps: .}' <<<"$output")
	check '[.steps[] | .. | objects | select(has("id"))] | length > 20'
	LC_ALL=C run -0 --separate-stderr minirun explain "$BUNDLE/"
	[[ ! $(awk 'length > 80' <<<"$output" | grep -v "$BATS_TEST_TMPDIR" | grep '[^ ] .*[^ ]' || true) ]]
	LC_ALL=C is_false grep -q $'[^\x20-\x7e]' <<<"$output"
}

@test "text: at most 80 columns, ASCII without UTF-8, no colour where it isn't wanted" {
	running_bundle
	while read -r command; do
		for option in "" --no-header; do
			[[ ! $option || $command =~ ^(inspect|ns|cgroup|caps|seccomp|diff)\  ]] || continue
			# shellcheck disable=SC2086 # words
			LC_ALL=C run --separate-stderr minirun $command $option
			((status < 2)) || return 1
			# a path or a word that can't be broken is printed whole
			long=$(awk 'length > 80' <<<"$output" | grep -v "$BATS_TEST_TMPDIR" | grep '[^ ] .*[^ ]' || true)
			echo "$command: $long"
			[[ ! $long ]]
			LC_ALL=C is_false grep -q $'[^\x20-\x7e]' <<<"$output"
		done
	done < <(looks "$ID"; looks "$BUNDLE/")
	needs_program script
	run script -qec "$MINIRUN --root $ROOT why $ID chmod" /dev/null
	[[ $output == *$'\e[31mDENIED'* ]]
	NO_COLOR=1 run script -qec "$MINIRUN --root $ROOT why $ID chmod" /dev/null
	[[ $output == *DENIED* && $output != *$'\e['* ]]
}

@test "exit status: 0 fine, 1 a finding, 2 trouble and one line" {
	running_bundle
	for command in inspect ns cgroup caps seccomp check "why %s write" "diff %s %s" "seccomp %s write"; do
		[[ $command == *%s* ]] || command="$command %s"
		# shellcheck disable=SC2086 # words
		run -0 --separate-stderr minirun ${command//%s/$ID}
		# shellcheck disable=SC2086 # words
		run --separate-stderr minirun ${command//%s/nosuch}
		echo "$command: $status $stderr"
		[[ $status == 2 && ! $output && $stderr == *"nosuch"* && $stderr != *$'\n'* ]]
		# shellcheck disable=SC2086 # words
		run -2 --separate-stderr minirun ${command//%s/$ID} --nosuch
	done
	run -1 --separate-stderr minirun why "$ID" chmod
	run -1 --separate-stderr minirun seccomp "$ID" chmod
	run -1 --separate-stderr minirun diff "$ID" self
	run -1 --separate-stderr minirun check --strict "$ID"
	run -2 --separate-stderr minirun explain nosuch/
}

# says TEXT COMMAND: the command succeeds and says something, this among it
says() {
	local shown

	shown=$(bash -c "$2") && [[ $shown && $shown == *"$1"* ]]
}

@test "no header above columns; -v names files that exist; --how names commands that run" {
	running_bundle
	pid=$(container_pid)
	for command in ns cgroup caps; do
		minirun "$command" "$ID" >"$BATS_TEST_TMPDIR/with"
		minirun "$command" --no-header "$ID" >"$BATS_TEST_TMPDIR/without"
		(($(wc -l <"$BATS_TEST_TMPDIR/with") > $(wc -l <"$BATS_TEST_TMPDIR/without")))
	done
	for command in inspect cgroup caps; do
		minirun "$command" -v "$ID" | sed -n 's|^from: \(/[^ ]*\) .*|\1|p' >"$BATS_TEST_TMPDIR/files"
		[[ -s $BATS_TEST_TMPDIR/files ]]
		while read -r file; do [[ -e $file ]]; done <"$BATS_TEST_TMPDIR/files"
	done
	needs_program lsns
	run_minirun ns --how "$ID"
	while read -r command; do
		until_true says "" "$command" # lsns fails when one of all processes ends meanwhile
	done < <(sed -n 's/^how: //p' <<<"$output")
	# lsns and ls -l say the numbers that ns says
	[[ $(bash -c "$(sed -n 's/^how: \(ls -l [^;]*\).*/\1/p' <<<"$output")") == *"pid:[$(minirun ns -f json "$ID" |
		jq ".processes[0].ns.pid")]"* ]]
	until_true says " $pid " "$(sed -n 's/^how: \(lsns .*\)/\1/p' <<<"$output")"
	run_minirun cgroup --how "$ID"
	while read -r command; do
		bash -c "$command" >/dev/null
	done < <(sed -n 's/^how: \(cat [^$]*\)$/\1/p' <<<"$output")
}

@test "a hostile name of a cgroup stays harmless; nested pid namespaces" {
	hostile=$(cgroup_tree)/$ID-$'\e[31m\x9b'
	mkdir "$hostile"
	unshare --uts --pid --fork --kill-child --mount-proc unshare --pid --fork --kill-child sleep 60 3>&- &
	outer=$!
	deepest() {
		inner=$(pgrep -P "$(pgrep -P "$outer")") && [[ $(cat "/proc/$inner/comm") == sleep ]]
	}
	until_true deepest
	echo "$inner" >"$hostile/cgroup.procs"
	for command in cgroup inspect ns; do
		LC_ALL=C run_minirun "$command" "$inner"
		succeeds
		LC_ALL=C is_false grep -q $'[\x01-\x09\x0b-\x1f\x7f-\x9f]' <<<"$output"
	done
	LC_ALL=C run_minirun cgroup "$inner"
	[[ $output == *'\x1b[31m\x9b'* ]]
	# pids from the innermost pid namespace outwards, as NSpid has them
	run_minirun ns "$inner"
	read -r _ one two three < <(grep NSpid "/proc/$inner/status")
	[[ $output =~ $three\ +$two\ +$one\ +0 ]]
	kill -KILL "$inner" # unshare(1) waits for it, and ignores TERM
	wait "$outer" || true
	until_true rmdir "$hostile"
}
