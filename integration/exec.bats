#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun exec

load lib/bundle

run_exec() {
	run --separate-stderr minirun exec "$@"
}

@test "HOME is from the container's passwd" {
	guest wait
	create_bundle
	echo 'other:x:2000:2000::/home/other:/bin/sh' >>"$ROOTFS/etc/passwd"
	start_bundle
	run_minirun exec -u 2000 "$ID" /bin/sh -c 'echo $HOME'
	succeeds
	[[ $output == /home/other ]]
	run_minirun exec "$ID" /bin/sh -c 'echo $HOME'
	[[ $output == /root ]]
	# what would block isn't opened
	rm "$ROOTFS/etc/passwd"
	mkfifo "$ROOTFS/etc/passwd"
	run_minirun exec "$ID" /bin/sh -c 'echo $HOME'
	[[ $output == / ]]
}

@test "exec runs a process in the container's namespaces and cgroup" {
	running_bundle
	run_exec "$ID" /bin/guest report
	succeeds
	check '.pid > 1' '.hostname == "guest"' '.cwd == "/"' '.uids == [0, 0, 0]' \
		'.no_new_privs == 1' '.rlimits.RLIMIT_NOFILE == {soft: "512", hard: "1024"}' \
		'.status.effective == "0000000020000420"' '.status.bounding == "0000000020000420"' \
		'.status.inheritable == "0000000000000000"' '.status.ambient == "0000000000000000"' \
		'.fds | keys == ["0", "1", "2"]' '.env | index("PATH=/bin")' '.pdeathsig == 0' \
		'.dumpable == 1'
	for kind in cgroup ipc mnt net pid uts; do
		check ".namespaces.$kind == \"$(readlink "/proc/$(container_pid)/ns/$kind")\""
	done
	is_minirun || return 0
	[[ $(jq -r .cgroup <<<"$output" | grep '^0::') == "0::/" ]]
}

# bats test_tags=not-uml
@test "exec returns the exit status, and 128 + N after signal N" {
	running_bundle
	run_exec "$ID" /bin/guest exit 9
	((status == 9))
	run_exec "$ID" /bin/guest kill 9
	((status == 137))
}

# bats test_tags=not-uml
@test "exec's own failure is status 255" {
	running_bundle
	run_exec "$ID" no-such-program
	((status == 255))
	[[ $stderr == *'executable file not found in $PATH'* ]]
	run_exec "$ID" /no/such/program
	((status == 255))
	[[ $stderr == *'no such file or directory'* ]]
	run_exec "no-$ID" true
	((status == 255))
	[[ $stderr == *'does not exist'* ]]
	minirun_only
	for wrong in "-u x" "-u 1:x" "-g x" --bogus "--preserve-fds x"; do
		# shellcheck disable=SC2086 # words
		run_exec $wrong "$ID" true
		((status == 255))
		[[ $stderr == *"see 'minirun exec --help'"* ]]
	done
}

# bats test_tags=not-uml
@test "exec says that the user has too many processes" {
	minirun_only
	running_bundle
	# root may make the process that joins; its child, which comes with the user's rights, is too many
	run --separate-stderr bash -c 'ulimit -u 1; exec "$@"' - "$MINIRUN" --root "$ROOT" \
		exec --user 1234:5678 "$ID" /bin/guest
	((status == 255))
	[[ $stderr == *"no process more is allowed"*RLIMIT_NPROC* ]]
}

# bats test_tags=not-uml
@test "exec in a created and in a stopped container" {
	guest exit 0
	create_bundle
	run_exec "$ID" /bin/guest exit 4
	((status == 4))
	start_bundle
	until_true status_is stopped
	run_exec "$ID" /bin/guest
	((status == 255))
	[[ $stderr == *"cannot exec in a stopped container"* ]]
}

@test "exec in a paused container is refused, unless --ignore-paused" {
	minirun_only
	running_bundle
	tree=$(cgroup_tree)
	echo 1 >"$tree/$ID/cgroup.freeze"
	until_true status_is paused
	run_exec "$ID" /bin/guest
	((status == 255))
	[[ $stderr == *"cannot exec in a paused container (use --ignore-paused to override)"* ]]
	minirun exec --ignore-paused --detach "$ID" /bin/guest </dev/null \
		>"$BATS_TEST_TMPDIR/exec-out" 3>&- &
	sleep 0.3
	echo 0 >"$tree/$ID/cgroup.freeze"
	wait $!
	until_true grep -q hostname "$BATS_TEST_TMPDIR/exec-out"
}

# bats test_tags=not-uml
@test "exec --cwd, --env and --user" {
	running_bundle
	run_exec --cwd /tmp --env A=1 --env B=two=2 --user 1234:5678 "$ID" /bin/guest report
	succeeds
	check '.cwd == "/tmp"' '.uids == [1234, 1234, 1234]' '.gids == [5678, 5678, 5678]' \
		'.env | index("A=1")' '.env | index("B=two=2")' '.groups == []' \
		'.status.effective == "0000000000000000"'
}

# bats test_tags=not-uml
@test "exec --user without a group keeps the configuration's" {
	config '.process.user.gid = 77'
	running_bundle
	run_exec --user 1234 "$ID" /bin/guest
	succeeds
	check '.uids == [1234, 1234, 1234]' '.gids == [77, 77, 77]'
}

# bats test_tags=not-uml
@test "exec --user takes numbers only, and never ends up as root by mistake" {
	minirun_only
	running_bundle
	for user in -1 +1 0x1 " 1" "1 " 4294967295 4294967296 99999999999999999999 1:2:3 root : 1: :1 \
		"" "1;2" "٣"; do
		run_exec --user "$user" "$ID" /bin/guest
		echo "user '$user': $status $output $stderr"
		((status == 255))
		[[ ! $output && $stderr && $stderr != *$'\n'* ]]
	done
}

# bats test_tags=not-uml
@test "exec --additional-gids" {
	running_bundle
	run_exec --additional-gids 100 --additional-gids 65534 "$ID" /bin/guest
	succeeds
	check '.groups | sort == [100, 65534]'
}

# bats test_tags=not-uml
@test "exec --cap adds to bounding, effective and permitted, never to inheritable or ambient" {
	running_bundle
	run_exec --cap CAP_SYS_PTRACE "$ID" /bin/guest
	succeeds
	check '.status.effective == "0000000020080420"' '.status.permitted == "0000000020080420"' \
		'.status.bounding == "0000000020080420"' '.status.inheritable == "0000000000000000"' \
		'.status.ambient == "0000000000000000"'
}

# bats test_tags=not-uml
@test "exec --no-new-privs" {
	config '.process.noNewPrivileges = false'
	running_bundle
	run_exec "$ID" /bin/guest
	check '.no_new_privs == 0'
	run_exec --no-new-privs "$ID" /bin/guest
	check '.no_new_privs == 1'
}

# bats test_tags=not-uml
@test "exec --apparmor and --process-label on a host without them are errors" {
	minirun_only
	running_bundle
	if [[ ! -e /sys/kernel/security/apparmor ]]; then
		run_exec --apparmor some-profile "$ID" /bin/guest
		((status == 255))
		[[ ! $output && $stderr == *apparmor* ]]
	fi
	if [[ ! -e /sys/fs/selinux/enforce ]]; then
		run_exec --process-label system_u:system_r:container_t:s0 "$ID" /bin/guest
		((status == 255))
		[[ ! $output && $stderr == *selinux* ]]
	fi
}

# bats test_tags=not-uml
@test "exec --detach --pid-file" {
	running_bundle
	minirun exec --detach --pid-file "$BATS_TEST_TMPDIR/exec-pid" "$ID" /bin/guest wait </dev/null \
		>"$BATS_TEST_TMPDIR/exec-out" 3>&-
	until_true grep -q ready "$BATS_TEST_TMPDIR/exec-out"
	pid=$(cat "$BATS_TEST_TMPDIR/exec-pid")
	[[ $(minirun ps --format json "$ID" | jq "index($pid)") != null ]]
	kill -KILL "$pid"
	until_true is_gone "$pid"
	status_is running
}

# bats test_tags=not-uml
@test "exec that fails writes no pid file" {
	running_bundle
	run_exec --pid-file "$BATS_TEST_TMPDIR/exec-pid" "$ID" no-such-program
	((status == 255))
	[[ ! -e $BATS_TEST_TMPDIR/exec-pid ]]
}

# bats test_tags=not-uml
@test "exec --process takes the whole process from a file" {
	running_bundle
	cat >"$BATS_TEST_TMPDIR/process.json" <<-END
		{"args": ["/bin/guest"], "cwd": "/bin", "env": ["ONLY=this"],
		"user": {"uid": 5, "gid": 6, "umask": 63, "additionalGids": [7]},
		"rlimits": [{"type": "RLIMIT_NOFILE", "soft": 64, "hard": 65}],
		"capabilities": {"bounding": ["CAP_KILL"]}}
	END
	run_exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
	succeeds
	check '.cwd == "/bin"' '.uids == [5, 5, 5]' '.gids == [6, 6, 6]' '.umask == 63' \
		'.groups == [7]' '.rlimits.RLIMIT_NOFILE == {soft: "64", hard: "65"}' \
		'.env | map(select(startswith("HOME=") | not)) == ["ONLY=this"]' '.no_new_privs == 0' \
		'.status.bounding == "0000000000000020"' '.status.effective == "0000000000000000"'
}

# attributes: what process says of a program, of guest's report
attributes() {
	jq -S '{uids, gids, groups, umask, no_new_privs, oom_score_adj, personality, cwd, env, rlimits,
		capabilities: (.status | {effective, permitted, bounding, inheritable, ambient, seccomp}),
		scheduling: (.scheduling | {policy, nice, io_priority, memory_policy, cpus})}' <<<"$output"
}

# bats test_tags=not-uml
@test "exec gives a process all that init has got, and --process all that it has itself" {
	local kind init

	config '.process |= (. + {user: {uid: 7, gid: 8, additionalGids: [9, 10], umask: 23}, cwd: "/tmp",
			env: ["PATH=/bin", "A=b", "HOME=/home"], oomScoreAdj: 321, noNewPrivileges: false,
			scheduler: {policy: "SCHED_BATCH", nice: 6},
			ioPriority: {class: "IOPRIO_CLASS_BE", priority: 5},
			rlimits: [{type: "RLIMIT_NOFILE", soft: 99, hard: 101}, {type: "RLIMIT_CORE", soft: 1, hard: 2},
				{type: "RLIMIT_STACK", soft: 4194304, hard: 8388608}],
			capabilities: {bounding: ["CAP_KILL", "CAP_CHOWN"], permitted: ["CAP_KILL"],
				effective: ["CAP_KILL"], inheritable: ["CAP_KILL"], ambient: ["CAP_KILL"]}}) |
		.linux.personality = {domain: "LINUX32"} |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO"}]}'
	for kind in plain user_namespace; do
		[[ $kind == plain ]] || user_namespace
		guest report
		run_bundle
		succeeds
		init=$(attributes)
		check '.umask == 23' '.oom_score_adj == "321"' '.scheduling.io_priority == 16389'
		running_bundle
		run_exec "$ID" /bin/guest report
		succeeds
		diff <(attributes) - <<<"$init"
		jq '.process | .args = ["/bin/guest", "report"] | .user = {uid: 1, gid: 2, umask: 63} | .cwd = "/" |
			.env = ["ONLY=this", "HOME=/x"] | .oomScoreAdj = 400 | .noNewPrivileges = true |
			.scheduler = {policy: "SCHED_IDLE"} | .ioPriority = {class: "IOPRIO_CLASS_IDLE"} |
			.rlimits = [{type: "RLIMIT_NOFILE", soft: 50, hard: 60}] | .capabilities = {bounding: ["CAP_CHOWN"]}' \
			"$BUNDLE/config.json" >"$BATS_TEST_TMPDIR/process.json"
		run_exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
		succeeds
		check '.uids == [1, 1, 1]' '.gids == [2, 2, 2]' '.groups == []' '.umask == 63' '.cwd == "/"' \
			'.env | sort == ["HOME=/x", "ONLY=this"]' '.oom_score_adj == "400"' '.no_new_privs == 1' \
			'.scheduling.policy == 5' '.scheduling.io_priority == 24576' \
			'.rlimits.RLIMIT_NOFILE == {soft: "50", hard: "60"}' '.rlimits.RLIMIT_CORE.soft != "1"' \
			'.status.bounding == "0000000000000001"' '.status.ambient == "0000000000000000"' \
			'.personality == 8'
		minirun delete --force "$ID"
	done
}

# bats test_tags=not-uml
@test "exec --process is checked like config.json" {
	minirun_only
	running_bundle
	for document in '{' '{"args": [], "cwd": "/"}' '{"args": ["/bin/guest"], "cwd": "tmp"}' \
		'{"args": ["/bin/guest"], "cwd": "/", "user": {"uid": "1"}}' '[]' ''; do
		echo "$document" >"$BATS_TEST_TMPDIR/process.json"
		run_exec --process "$BATS_TEST_TMPDIR/process.json" "$ID"
		echo "$document: $status $output $stderr"
		((status == 255))
		[[ ! $output && $stderr && $stderr != *$'\n'* ]]
	done
	run_exec --process "$BATS_TEST_TMPDIR/none.json" "$ID"
	((status == 255))
}

@test "exec --tty with a console socket" {
	running_bundle
	receive stream "$BATS_TEST_TMPDIR/console" "" >"$BATS_TEST_TMPDIR/received" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/console"
	minirun exec --tty --detach --console-socket "$BATS_TEST_TMPDIR/console" "$ID" /bin/guest 3>&-
	wait $!
	output=$(tail -n +2 "$BATS_TEST_TMPDIR/received")
	[[ $output == *$'\r' ]]
	output=${output//$'\r'/}
	check '.terminal.isatty == [1, 1, 1]' '.terminal.controlling == "yes"' '.hostname == "guest"'
}

# bats test_tags=not-uml
@test "exec --preserve-fds" {
	running_bundle
	run --separate-stderr minirun exec --preserve-fds 1 "$ID" /bin/guest 3</dev/null
	succeeds
	check '.fds | keys == ["0", "1", "2", "3"]'
	run --separate-stderr minirun exec "$ID" /bin/guest 3</dev/null 4</dev/null
	succeeds
	check '.fds | keys == ["0", "1", "2"]'
	is_minirun || return 0
	run --separate-stderr minirun exec --preserve-fds 5 "$ID" /bin/guest 3>&- 4>&- 5>&- 6>&- 7</dev/null
	succeeds
	check '.fds | keys == ["0", "1", "2", "7"]'
	run --separate-stderr minirun exec --preserve-fds 1 "$ID" /bin/guest 3>&-
	((status == 255))
	[[ $stderr == *"descriptor 3 is not open"* ]]
}

@test "exec --cgroup puts the process in a cgroup below the container's, and nowhere else" {
	minirun_only
	config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
	running_bundle
	tree=$(cgroup_tree)
	mkdir "$tree/$ID/below"
	run_exec --cgroup below "$ID" /bin/guest
	succeeds
	[[ $(jq -r .cgroup <<<"$output" | grep '^0::') == "0::/$ID/below" ]]
	for path in .. ../"$ID"-sibling below/../.. nowhere; do
		run_exec --cgroup "$path" "$ID" /bin/guest
		echo "$path: $status $stderr"
		((status == 255))
	done
}

# bats test_tags=not-uml
@test "exec refuses a working directory that leads out by a descriptor" {
	minirun_only
	running_bundle
	for fd in 0 3 4 5 6 7 8 9; do
		run_exec --cwd "/proc/self/fd/$fd" "$ID" /bin/guest
		echo "$fd: $status $stderr"
		((status == 255))
	done
}

@test "a container process cannot look into one that joins" {
	minirun_only
	config '.process.capabilities.bounding += ["CAP_SYS_PTRACE"] |
		.process.capabilities.effective += ["CAP_SYS_PTRACE"] |
		.process.capabilities.permitted += ["CAP_SYS_PTRACE"]'
	# what has a number above 2 and leads to the host in a process that isn't ours to begin with
	args /bin/sh -c 'echo ready; while :; do for p in /proc/[0-9]*; do case $p in
		/proc/1 | /proc/$$) continue;; esac; for f in "$p"/fd/[3-9]* "$p"/fd/[12][0-9]*; do
		t=$(readlink "$f" 2>/dev/null) && echo "leak $f $t"; done; done; done'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	for ((i = 0; i < 20; i++)); do
		minirun exec "$ID" /bin/true </dev/null 3>&-
	done
	run grep -m 5 -E 'leak .* /' "$BATS_TEST_TMPDIR/out"
	echo "$output"
	((status != 0))
}
