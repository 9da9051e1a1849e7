#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# runtime.md: state, the life of a container, the operations

load ../lib/bundle
load rows

# ids of containers are checked against what may be in a path
INVALID_IDS=("" . .. a/b /a "a b" -a $'a\nb' $'a\tb' 'a*' "$(printf 'x%.0s' {1..1100})" ä)

# A program that says it ran, waits for SIGTERM, and has no effect before start.
program() {
	args /bin/sh -c 'echo ran >>/tmp/marker; exec guest wait'
}

marked() {
	[[ $(<"$ROOTFS/tmp/marker") == "$1" ]]
}

# What exists on the host for containers: nothing may be added by what fails.
snapshot() {
	find "$ROOT" -mindepth 1 -not -path '*/.cache*' 2>/dev/null | sort
	find /sys/fs/cgroup -type d -name "*$ID*" 2>/dev/null
	cat /proc/self/mountinfo
	ls /run/netns 2>/dev/null
	true
}

@test "R-1 R-59 R-69 R-80 R-45: create, state, start, kill, delete by invocations of their own; the id is free again" {
	program
	for round in 1 2; do
		create_bundle
		status_is created
		start_bundle
		until_true grep -q ready "$BATS_TEST_TMPDIR/out"
		status_is running
		marked ran
		minirun kill "$ID" KILL
		until_true status_is stopped
		minirun delete "$ID"
		run_minirun state "$ID"
		fails
		rm "$ROOTFS/tmp/marker"
	done
}

@test "R-2 R-3 R-5 R-14 R-18 R-20 R-23 R-62 R-8 R-9 R-10: state in each phase, by the schema" {
	config '.annotations = {"org.example.a": "1", "empty": "", "ü": "ä"}'
	program
	cd "$BUNDLE/.."
	minirun create --bundle bundle "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	for phase in created running stopped; do
		run_minirun state "$ID"
		succeeds
		check "$STATE_SCHEMA" ".status == \"$phase\"" ".id == \"$ID\"" ".bundle == \"$BUNDLE\"" \
			'.annotations == {"org.example.a": "1", "empty": "", "ü": "ä"}' \
			'.ociVersion | startswith("1.")'
		pid=$(jq .pid <<<"$output")
		case $phase in
		created)
			[[ -e /proc/$pid/ns && ! -e $ROOTFS/tmp/marker ]]
			start_bundle
			until_true grep -q ready "$BATS_TEST_TMPDIR/out"
			;;
		running)
			grep -qz guest "/proc/$pid/cmdline"
			minirun kill "$ID" TERM
			until_true status_is stopped
			;;
		esac
	done
}

@test "R-13: the words for further states are no others for the four" {
	minirun_only
	running_bundle
	minirun pause "$ID"
	run_minirun state "$ID"
	minirun resume "$ID"
	check '.status == "paused"'
	status_is running
}

@test "R-11 R-92: an init that dies before start, also one whose parent doesn't reap it, is stopped" {
	program
	create_bundle
	pid=$(container_pid)
	kill -KILL "$pid"
	until_true status_is stopped
	run_minirun kill "$ID" TERM
	fails
	run_minirun start "$ID"
	fails
	minirun delete "$ID"
	# under a subreaper that never waits
	run --separate-stderr timeout 20 unshare --pid --fork --mount-proc sh -c "
		'$MINIRUN' --root '$ROOT' create --bundle '$BUNDLE' '$ID' </dev/null >/dev/null 2>&1
		pid=\$('$MINIRUN' --root '$ROOT' state '$ID' | jq .pid)
		kill -KILL \$pid
		for i in 1 2 3 4 5 6 7 8 9 10; do
			state=\$('$MINIRUN' --root '$ROOT' state '$ID' | jq -r .status)
			[ \$state = stopped ] && break
			sleep 0.1
		done
		! '$MINIRUN' --root '$ROOT' kill '$ID' TERM 2>/dev/null && '$MINIRUN' --root '$ROOT' delete '$ID' && echo \$state"
	[[ $output == stopped ]]
}

@test "R-24 R-26 R-70 R-27 R-71 R-28 R-76 R-79 R-78 R-46 R-52: create makes all but the program, for good; start once" {
	hook_programs
	hook poststart poststart
	hook poststop poststop
	program
	config '.hostname = "created" | .linux.maskedPaths = ["/etc"] | .linux.sysctl = {"net.ipv4.ip_forward": "1"} |
		.linux.devices = [{path: "/dev/extra", type: "c", major: 1, minor: 3}]'
	create_bundle
	pid=$(container_pid)
	for ns in pid net ipc uts mnt cgroup; do
		[[ $(readlink "/proc/$pid/ns/$ns") != "$(readlink "/proc/self/ns/$ns")" ]]
	done
	grep -q " /dev/shm .* - tmpfs shm " "/proc/$pid/mountinfo"
	grep -q " /etc .* ro" "/proc/$pid/mountinfo"
	[[ $(nsenter --uts="/proc/$pid/ns/uts" hostname) == created ]]
	[[ -c /proc/$pid/root/dev/extra ]]
	grep -q "$ID" "/proc/$pid/cgroup"
	[[ $(nsenter --net="/proc/$pid/ns/net" cat /proc/sys/net/ipv4/ip_forward) == 1 ]]
	[[ ! -e $ROOTFS/tmp/marker ]]
	is_false grep -qz marker "/proc/$pid/cmdline"

	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	config '.process.args = ["/bin/false"] | del(.hooks, .annotations) | .hostname = "edited"'
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	marked ran
	[[ $(hook_order) == "poststart " ]]
	run_minirun start "$ID"
	fails
	[[ $(container_pid) == "$pid" && $(container_status) == running ]]
	marked ran
	minirun kill "$ID" KILL
	until_true status_is stopped
	run_minirun start "$ID"
	fails
	marked ran
	minirun delete "$ID"
	[[ $(hook_order) == "poststart poststop " ]]
}

@test "R-29 R-33 R-37 R-41 R-7 R-16 R-17 R-23: hooks run, their state is valid and has the pid that they see" {
	hook_programs
	for kind in "${HOOKS[@]}" poststop; do
		hook "$kind" "$kind"
	done
	config '.annotations = {"a": "b"}'
	program
	create_bundle
	pid=$(container_pid)
	[[ $(hook_order) == "prestart createRuntime createContainer " ]]
	[[ ! -e $ROOTFS/tmp/order ]]
	start_bundle
	[[ $(<"$ROOTFS/tmp/order") == startContainer ]]
	minirun delete --force "$ID"
	cp "$ROOTFS"/tmp/startContainer.* "$LOG"
	while read -r kind status seen; do
		output=$(<"$LOG/$kind.state")
		check "$STATE_SCHEMA" ".status == \"$status\"" ".id == \"$ID\"" ".bundle == \"$BUNDLE\"" \
			'.annotations == {a: "b"}' "$seen" || {
			echo "$kind"
			return 1
		}
	done <<-END
		prestart creating .pid == $pid
		createRuntime creating .pid == $pid
		createContainer creating .pid == 1
		startContainer created .pid == 1
		poststart running .pid == $pid
		poststop stopped true
	END
}

@test "R-30 R-31 R-32 R-34 R-35 R-36 R-38 R-39 R-40: a hook that fails in create: error, stopped, destroyed, poststop" {
	hook_programs
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/plain"
	for kind in prestart createRuntime createContainer; do
		cp "$BATS_TEST_TMPDIR/plain" "$BUNDLE/config.json"
		hook "$kind" first 3
		hook "$kind" second
		hook poststop poststop
		program
		rm -f "$LOG"/*
		attempt
		fails "$kind hook"
		[[ $(hook_order) == "first poststop " ]]
		run_minirun state "$ID"
		fails
		[[ ! $(leftovers) && ! -e $ROOTFS/tmp/marker ]]
	done
}

@test "R-42 R-43 R-44: a startContainer hook that fails: error of start, stopped, destroyed, poststop" {
	minirun_only
	hook_programs
	hook startContainer fails 3
	hook poststop poststop
	program
	create_bundle
	pid=$(container_pid)
	run_minirun start "$ID"
	fails "startContainer hook"
	is_gone "$pid"
	run_minirun state "$ID"
	fails
	[[ $(hook_order) == "poststop " && ! -e $ROOTFS/tmp/marker && ! $(leftovers) ]]
}

@test "R-47 R-48 R-49: a poststart hook that fails: error of start, stopped, destroyed, poststop" {
	minirun_only
	hook_programs
	hook poststart fails 3
	hook poststop poststop
	program
	create_bundle
	pid=$(container_pid)
	run_minirun start "$ID"
	fails "poststart hook"
	is_gone "$pid"
	run_minirun state "$ID"
	fails
	[[ $(hook_order) == "fails poststop " && ! $(leftovers) ]]
}

@test "R-53 R-54 R-57: a poststop hook that fails is a warning, the next one runs, delete succeeds" {
	minirun_only
	hook_programs
	hook poststop fails 3
	hook poststop second
	program
	create_bundle
	start_bundle
	minirun kill "$ID" KILL
	until_true status_is stopped
	run_minirun --log-level warning delete "$ID"
	((status == 0))
	[[ $stderr == *warning*poststop* ]]
	[[ $(hook_order) == "fails second " ]]
	run_minirun state "$ID"
	fails
}

@test "R-51 R-89 R-90: delete takes away what create made, and nothing else" {
	needs_program ip
	tree=$(cgroup_tree)
	[[ $tree ]] || skip "no cgroup2 is mounted"
	mkdir "$tree/$ID-parent" "$BATS_TEST_TMPDIR/source"
	touch "$BATS_TEST_TMPDIR/net" "$BATS_TEST_TMPDIR/source/file"
	unshare --net="$BATS_TEST_TMPDIR/net" true
	config ".linux.cgroupsPath = \"/$ID-parent/$ID\"" \
		"(.linux.namespaces[] | select(.type == \"network\")).path = \"$BATS_TEST_TMPDIR/net\""
	mount_point /data bind "$BATS_TEST_TMPDIR/source" rbind
	args /bin/sh -c 'sleep 1000 & sleep 1000'
	before=$(snapshot)
	create_bundle
	start_bundle
	pid=$(container_pid)
	minirun kill "$ID" KILL
	until_true status_is stopped
	minirun delete "$ID"
	after=$(snapshot)
	umount "$BATS_TEST_TMPDIR/net"
	left=$(ls "$BATS_TEST_TMPDIR/source" "$tree/$ID-parent")
	rmdir "$tree/$ID-parent"
	diff <(echo "$before") <(echo "$after")
	[[ $left == *file* && ! $(leftovers) ]]
}

@test "R-55 R-25 R-73 R-74: what can't be applied is an error of create, and all is as if never tried" {
	before=$(snapshot)
	refused_rows <<-'END'
		R-25 /mounts/6 .mounts += [{destination: "/a", type: "no-such-fs", source: "x"}]
		R-73 /linux/sysctl .linux.sysctl = {"net.ipv4.no_such_thing": "1"}
		R-73 /process/rlimits .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 1, hard: 18446744073709551615}]
		R-73 /linux/namespaces/1/path .linux.namespaces[1].path = "/no/such/namespace"
		R-73 /mounts/6 .mounts += [{destination: "/a", type: "bind", source: "/no/such", options: ["bind"]}]
		R-73 /linux/devices/0 .linux.devices = [{path: "/proc/x", type: "c", major: 1, minor: 3}]
	END
	diff <(echo "$before") <(snapshot)
	for operation in start kill delete; do # of something that isn't there
		run_minirun "$operation" "$ID"
		fails
	done
	diff <(echo "$before") <(snapshot)
}

@test "R-60 R-64 R-77 R-82 R-86 R-63: an operation without an id, create without a bundle" {
	for operation in state create start kill delete; do
		run_minirun "$operation"
		((status != 0))
		[[ $stderr && ! $output ]]
	done
	cd /
	run_minirun create "$ID"
	fails
	run_minirun create --bundle "" "$ID"
	((status != 0))
}

@test "R-61 R-83: an operation on a container that isn't there" {
	for operation in state start kill delete; do
		run_minirun "$operation" "$ID"
		fails "$ID"
	done
}

@test "R-4 R-65 R-66: an id that is taken, also by a stopped container, is an error and changes nothing" {
	program
	create_bundle
	pid=$(container_pid)
	attempt
	fails "$ID"
	[[ $(container_pid) == "$pid" && $(container_status) == created ]]
	start_bundle
	until_true grep -q ran "$ROOTFS/tmp/marker"
	attempt
	fails "$ID"
	minirun kill "$ID" KILL
	until_true status_is stopped
	attempt
	fails "$ID"
	status_is stopped
}

@test "R-67 R-68: an invalid id is an error, and there is no container" {
	for id in "${INVALID_IDS[@]}"; do
		run_minirun create --bundle "$BUNDLE" -- "$id"
		((status != 0)) || {
			printf 'taken: %q\n' "$id"
			minirun delete --force -- "$id"
			return 1
		}
		[[ ! $(find "$ROOT" "$ROOT/.." -maxdepth 1 -newer "$BUNDLE/config.json" -type d ! -name state \
			! -name "${BATS_TEST_TMPDIR##*/}" ! -name .. ! -name .cache) ]]
	done
	[[ ! $(ls "$ROOT" 2>/dev/null) ]]
}

@test "R-81: start of a container without process is an error" {
	minirun_only
	config 'del(.process)'
	create_bundle
	run_minirun start "$ID"
	fails "process"
}

@test "R-83 R-84: kill of what is stopped is an error and reaches nobody" {
	program
	create_bundle
	start_bundle
	minirun kill "$ID" KILL
	until_true status_is stopped
	before=$(minirun state "$ID")
	run_minirun kill "$ID" TERM
	fails
	[[ $(minirun state "$ID") == "$before" ]]
}

@test "R-85: kill: signals by name, with and without SIG, by number, real-time ones, of running and created" {
	args /bin/sh -c 'for s in HUP USR1 USR2 WINCH 34 64; do trap "echo got $s" $s; done; echo ready
		while :; do sleep 1000 & wait; done'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	for pair in HUP:HUP SIGUSR1:USR1 12:USR2 winch:WINCH RTMIN:34 SIGRTMAX:64; do
		minirun kill "$ID" "${pair%:*}"
		until_true grep -qx "got ${pair#*:}" "$BATS_TEST_TMPDIR/out"
	done
	minirun delete --force "$ID"
	create_bundle
	minirun kill "$ID" KILL
	until_true status_is stopped
	run_minirun kill "$ID" NOSUCH
	fails
}

# of a running one: runc and crun delete one that was created and never started, and so does minirun
@test "R-87 R-88: delete of what isn't stopped is an error and has no effect" {
	program
	create_bundle
	pid=$(container_pid)
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	run_minirun delete "$ID"
	fails
	[[ $(container_pid) == "$pid" && $(container_status) == running && -d /proc/$pid/root/tmp ]]
}
