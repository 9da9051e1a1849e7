#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun explain, and --trace: the tables printed, and printed while they are walked

load lib/bundle

explain() {
	run_minirun explain "$@" "$BUNDLE"
}

# ids DOCUMENT-OR-LINES: the steps' ids, in order
ids() {
	jq -r 'if .steps then .steps[].id else .id end'
}

# each process by itself: parent and init may work at the same time
of_each() {
	grep '^parent' "$1"
	grep '^init' "$1"
}

# explained_as_traced: what explain says is what happens
explained_as_traced() {
	minirun explain --format json "$BUNDLE" | ids >"$BATS_TEST_TMPDIR/explained"
	minirun run --bundle "$BUNDLE" --trace="$BATS_TEST_TMPDIR/trace" --trace-json "$ID" >/dev/null
	ids <"$BATS_TEST_TMPDIR/trace" >"$BATS_TEST_TMPDIR/traced"
	diff <(of_each "$BATS_TEST_TMPDIR/explained") <(of_each "$BATS_TEST_TMPDIR/traced")
	[[ $(wc -l <"$BATS_TEST_TMPDIR/traced") -gt 20 ]]
	jq -se 'all(.[]; .ret == 0) and (map(.phase) | index("start") > 10)' "$BATS_TEST_TMPDIR/trace"
}

@test "text: steps in order, with member, call, reason, and the same by hand" {
	config '.hostname = "lesson"'
	explain
	succeeds
	[[ $output == *"init   hostname  #/hostname"*'sethostname("lesson")'*"sh: hostname -- lesson"* ]]
	[[ $output == *"pivot_root"*"execve("* ]]
	# 80 columns, but for words that don't fit
	awk 'length > 80 { for (i = 1; i <= NF; i++) if (length($i) > 50) next; print; bad = 1 } END { exit bad }' <<<"$output"
}

@test "nothing is done: no state, no cgroup, no cached filter" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
		syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
	explain
	succeeds
	explain --format sh
	succeeds
	[[ ! -e $ROOT ]]
}

@test "a container that runs in the same cgroup is no reason to refuse" {
	config '.linux.cgroupsPath = "/'"$ID"'-place"'
	running_bundle
	explain
	succeeds
	[[ $output == *"$ID-place"* ]]
	explain --format sh
	succeeds
	run -0 --separate-stderr minirun cgroup "$BUNDLE"
	[[ $output != *"would refuse"* ]]
}

@test "control characters of config.json don't reach the terminal" {
	config '.process.args = ["/bin/true", "\u001b[31mred\u0007"]'
	explain
	succeeds
	[[ $output != *$'\e'* && $output != *$'\a'* && $output == *'\x1b[31mred\x07'* ]]
}

@test "what create refuses is refused with the same message" {
	config '.process.user.uid = "0"'
	run -2 --separate-stderr minirun explain "$BUNDLE"
	[[ $stderr == *"/process/user/uid: expected an integer, found a string"* ]]
	run -2 --separate-stderr minirun explain --format xml "$BUNDLE"
	[[ $stderr == *'invalid format \"xml\"'* ]]
}

@test "--trace: the steps of explain, and no others (default)" {
	guest report
	explained_as_traced
}

@test "--trace: the steps of explain (filter, user, hooks, sysctl, limits)" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"} | .process.noNewPrivileges = true |
		.process.user.uid = 1000 | .linux.sysctl = {"net.ipv4.ip_forward": "1"} |
		.hooks = {createRuntime: [{path: "/bin/true"}], startContainer: [{path: "/bin/true"}]}'
	guest report
	explained_as_traced
}

@test "--trace: the steps of explain (user namespace)" {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
	guest report
	explained_as_traced
}

@test "--trace: a step that fails is the last, with its error" {
	args /does/not/exist
	run --separate-stderr minirun run --bundle "$BUNDLE" --trace="$BATS_TEST_TMPDIR/trace" \
		--trace-json "$ID"
	[[ $status == 1 && $stderr == *"no such file or directory"* ]]
	jq -se 'map(select(.who == "init")) | last | .id == "init.executable" and .ret == -1 and .errno == "ENOENT"' \
		"$BATS_TEST_TMPDIR/trace"
}

@test "--trace: standard error by default; a bad place is an error with nothing left" {
	args /bin/true
	run --separate-stderr minirun run --bundle "$BUNDLE" --trace "$ID"
	[[ $status == 0 ]]
	[[ $stderr == *"init    pivot"*"= 0"*"start "*"exec"*"steps"* ]]
	run --separate-stderr minirun run --bundle "$BUNDLE" --trace=99 "$ID"
	[[ $status == 1 && $stderr == *"--trace: descriptor 99"* ]]
	run --separate-stderr minirun create --bundle "$BUNDLE" --trace=/nowhere/trace "$ID"
	[[ $status == 1 && $stderr == *"--trace=/nowhere/trace"* ]]
}

# --- the script ---------------------------------------------------------------------------------

# same_by_hand FILTER: the guest's report, cut down by FILTER, from both
same_by_hand() {
	minirun explain --format sh "$BUNDLE" >"$BATS_TEST_TMPDIR/by-hand.sh"
	sh "$BATS_TEST_TMPDIR/by-hand.sh" </dev/null | jq -S "$1" >"$BATS_TEST_TMPDIR/by-hand"
	minirun run --bundle "$BUNDLE" "$ID" </dev/null | jq -S "$1" >"$BATS_TEST_TMPDIR/real"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/real") -gt 5 ]]
	diff "$BATS_TEST_TMPDIR/by-hand" "$BATS_TEST_TMPDIR/real"
}

# what the guest reports but for what the script can't do or what differs from run to run
COMPARED='del(.pid, .ppid, .pgid, .sid, .time, .namespaces, .keyring, .cgroup, .mounts, .fds, .args) | .env |= sort'

@test "the script: users, capabilities, no_new_privs, limits, hostname, sysctl as in the real one" {
	needs_program capsh
	config '.process.user = {uid: 1000, gid: 1001, additionalGids: [5, 6], umask: 63} |
		.process.noNewPrivileges = true | .hostname = "by-hand" |
		.linux.sysctl = {"net.ipv4.ip_forward": "1"} |
		.process.env = ["-Sno=option"] + .process.env + ["QUOTED=it'\''s $HOME"] |
		.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}] |
		.process.capabilities = {bounding: ["CAP_CHOWN", "CAP_KILL"], permitted: ["CAP_KILL"],
			effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}'
	guest report net.ipv4.ip_forward
	same_by_hand "$COMPARED"
}

@test "the script: what is mounted, masked and read-only as in the real one" {
	mkdir "$BATS_TEST_TMPDIR/shared"
	mount_point /data bind "$BATS_TEST_TMPDIR/shared" bind ro nosuid
	args /bin/cat /proc/mounts
	# "cgroup" is only the name of a source
	same_by_hand_text() {
		sed -E 's/^cgroup2? //' | cut -d' ' -f1-4 | sort
	}
	minirun explain --format sh "$BUNDLE" >"$BATS_TEST_TMPDIR/by-hand.sh"
	sh "$BATS_TEST_TMPDIR/by-hand.sh" </dev/null | same_by_hand_text >"$BATS_TEST_TMPDIR/by-hand"
	minirun run --bundle "$BUNDLE" "$ID" </dev/null | same_by_hand_text >"$BATS_TEST_TMPDIR/real"
	[[ $(wc -l <"$BATS_TEST_TMPDIR/real") -gt 5 ]]
	diff "$BATS_TEST_TMPDIR/by-hand" "$BATS_TEST_TMPDIR/real"
}

@test "the script: a user namespace with its maps" {
	needs_program setpriv
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 1000}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 1000}]'
	chmod 755 "$BATS_TEST_TMPDIR" "${BATS_TEST_TMPDIR%/*}" "$BATS_RUN_TMPDIR"
	args /bin/cat /proc/self/uid_map
	minirun explain --format sh "$BUNDLE" >"$BATS_TEST_TMPDIR/by-hand.sh"
	run --separate-stderr sh "$BATS_TEST_TMPDIR/by-hand.sh" </dev/null
	[[ $status == 0 && $output =~ ^\ +0\ +100000\ +1000$ ]]
}

@test "the script: leaves no cgroup, and hands on the program's exit status" {
	args /bin/sh -c 'exit 42'
	minirun explain --format sh "$BUNDLE" >"$BATS_TEST_TMPDIR/by-hand.sh"
	run -42 sh "$BATS_TEST_TMPDIR/by-hand.sh"
}

@test "the script: the program has the script's input, and what the keyboard's signals do by default" {
	args /bin/cat - /proc/self/status
	minirun explain --format sh "$BUNDLE" >"$BATS_TEST_TMPDIR/by-hand.sh"
	run -0 --separate-stderr sh "$BATS_TEST_TMPDIR/by-hand.sh" <<<"hello"
	[[ ${lines[0]} == hello ]]
	grep -q '^SigIgn:.*[0189]$' <<<"$output" # neither SIGINT (2) nor SIGQUIT (4)
}

# signalled SIGNAL: sets $status once the script, which is ready when it says so, has ended by it
signalled() {
	env --default-signal sh "$BATS_TEST_TMPDIR/by-hand.sh" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	script=$!
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	kill "-$1" "$script"
	status=0
	wait "$script" || status=$?
}

@test "the script: a signal that ends it ends the container as well" {
	local cgroup

	args /bin/sh -c 'trap "" HUP INT TERM; echo ready; sleep 1000 & wait'
	minirun explain --format sh "$BUNDLE" >"$BATS_TEST_TMPDIR/by-hand.sh"
	cgroup=$(sed -n 's/^CGROUP=//p' "$BATS_TEST_TMPDIR/by-hand.sh")
	for number in 1 2 15; do
		signalled "$number"
		((status == 128 + number))
		[[ -z $cgroup || ! -e $cgroup ]]
	done

	# without a cgroup, and as a user: his process doesn't end with its parent
	config '.process.user = {uid: 1000, gid: 1000} | del(.linux.resources)'
	unshare --mount sh -c 'umount -l -R /sys/fs/cgroup && exec "$@"' sh \
		"$MINIRUN" explain --format sh "$BUNDLE" >"$BATS_TEST_TMPDIR/by-hand.sh"
	is_false grep -q CGROUP "$BATS_TEST_TMPDIR/by-hand.sh"
	signalled 15
	((status == 143))
}

@test "the script: shellcheck has nothing to say" {
	needs_program shellcheck
	minirun explain --format sh "$BUNDLE" | shellcheck -s sh -e SC2209 -
}

@test "the script: minirun diff finds nothing but numbers of namespaces, the cgroup's name and the filter" {
	needs_program capsh
	config '.linux.maskedPaths = ["/proc/keys"] | .process.noNewPrivileges = true | .hostname = "by-hand" |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["mkdir"], action: "SCMP_ACT_ERRNO"}]}'
	guest wait
	minirun explain --format sh "$BUNDLE" | sed 's/^CGROUP=.*/&-hand/' >"$BATS_TEST_TMPDIR/by-hand.sh"
	sh "$BATS_TEST_TMPDIR/by-hand.sh" </dev/null >/dev/null 2>&1 3>&- &
	script=$!
	# the script's unshare, and below it the program
	by_hand() {
		pid=$(pgrep -P "$script" | head -n 1) && pid=$(pgrep -P "$pid" | head -n 1) &&
			[[ $(tr '\0' ' ' <"/proc/$pid/cmdline") == "/bin/guest wait "* ]]
	}
	until_true by_hand
	running_bundle
	run -1 --separate-stderr minirun diff --format json "pid:$pid" "$ID"
	kill -KILL "$pid"
	wait "$script" || true
	echo "$output"
	check '.unknown == []' '[.differences[].path] | (map(select(startswith("ns."))) | length) >= 5'
	[[ $(jq -r '.differences[].path | select(startswith("ns.") | not)' <<<"$output" | sort | xargs) == \
		"cgroup.path seccomp.filters seccomp.mode" ]]
}
