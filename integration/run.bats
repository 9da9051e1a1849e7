#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun run: create, start, wait, delete in one go

load lib/bundle

@test "run starts the process, waits for it, and removes the container" {
	run_bundle
	succeeds
	check '.pid == 1' '.ppid == 0' '.hostname == "guest"' '.cwd == "/"' '.exe == "/bin/guest"'
	run_minirun state "$ID"
	fails "does not exist"
}

# bats test_tags=not-uml
@test "run returns the process's exit status" {
	guest exit 7
	run_bundle
	((status == 7))
	[[ ! $output && ! $stderr ]]
}

# bats test_tags=not-uml
@test "run returns 128 + N for a process that signal N killed" {
	# init of a pid namespace ignores signals that it sends itself: let a child's shell pass it on
	args /bin/sh -c '/bin/guest kill 15; exit $?'
	run_bundle
	((status == 143))
	guest wait
	minirun run --bundle "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/out" 3>&- &
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	minirun kill "$ID" KILL
	wait $! || status=$?
	((status == 137))
}

@test "run forwards signals to the process" {
	guest wait
	"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" >"$BATS_TEST_TMPDIR/out" 3>&- &
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	kill -TERM $!
	wait $!
}

# bats test_tags=not-uml
@test "run passes standard input, output and error through" {
	args /bin/sh -c 'cat; echo to-stderr >&2'
	run --separate-stderr bash -c "printf 'line one\nline two' |
		'$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
	((status == 0))
	[[ $output == $'line one\nline two' && $stderr == to-stderr ]]
}

@test "run --detach returns while the process runs, and init's parent is not the runtime" {
	guest wait
	minirun run --detach --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID" \
		</dev/null >"$BATS_TEST_TMPDIR/out" 3>&-
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	status_is running
	pid=$(cat "$BATS_TEST_TMPDIR/pid")
	[[ $pid == $(container_pid) ]]
	[[ $(tr '\0' ' ' <"/proc/$(ps -o ppid= "$pid" | tr -d ' ')/cmdline") != *"$ID"* ]]
}

# bats test_tags=not-uml
@test "run --keep leaves a stopped container" {
	minirun_only
	run_bundle --keep
	succeeds
	status_is stopped
	minirun delete "$ID"
}

# bats test_tags=not-uml
@test "run takes the bundle of the working directory by default" {
	cd "$BUNDLE"
	run_minirun run "$ID"
	succeeds
	check '.pid == 1'
}

# bats test_tags=not-uml
@test "run --config takes another file than config.json" {
	minirun_only
	jq '.hostname = "other"' "$BUNDLE/config.json" >"$BUNDLE/other.json"
	run_bundle --config other.json
	succeeds
	check '.hostname == "other"'
	mv "$BUNDLE/other.json" "$BATS_TEST_TMPDIR"
	run_bundle --config "$BATS_TEST_TMPDIR/other.json"
	succeeds
	check '.hostname == "other"'
}

# bats test_tags=not-uml
@test "run --pid-file is the bare decimal number" {
	args /bin/sh -c 'exit 0'
	run_bundle --pid-file "$BATS_TEST_TMPDIR/pid"
	succeeds
	grep -qxE '[1-9][0-9]*' "$BATS_TEST_TMPDIR/pid"
	is_minirun || return 0
	(($(wc -l <"$BATS_TEST_TMPDIR/pid") == 0))
}

@test "run --preserve-fds passes exactly these descriptors on" {
	echo three >"$BATS_TEST_TMPDIR/three"
	echo four >"$BATS_TEST_TMPDIR/four"
	run --separate-stderr minirun run --preserve-fds 2 --bundle "$BUNDLE" "$ID" \
		3<"$BATS_TEST_TMPDIR/three" 4<"$BATS_TEST_TMPDIR/four" 5<"$BATS_TEST_TMPDIR/four"
	succeeds
	check '.fds | keys == ["0", "1", "2", "3", "4"]' '.fds["3"].kind == "file"'
}

# bats test_tags=not-uml
@test "run --preserve-fds names a descriptor that isn't open" {
	run --separate-stderr minirun run --preserve-fds 20 --bundle "$BUNDLE" "$ID"
	fails "--preserve-fds" 2>/dev/null || fails "preserve"
}

@test "run --preserve-fds: what isn't open is nobody's, not even ours" {
	minirun_only
	run --separate-stderr minirun --log "$BATS_TEST_TMPDIR/log" run --preserve-fds 6 --bundle "$BUNDLE" "$ID" \
		3>&- 4>&- 5</dev/null 6>&- 7>&- 8</dev/null
	succeeds
	check '.fds | keys == ["0", "1", "2", "5", "8"]'
	run --separate-stderr minirun --log "$BATS_TEST_TMPDIR/log" run --preserve-fds 1 --bundle "$BUNDLE" "$ID" 3>&-
	((status == 1))
	grep -q "descriptor 3 is not open" "$BATS_TEST_TMPDIR/log"
	run --separate-stderr bash -c "export LISTEN_FDS=2 LISTEN_PID=\$\$
		exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID' 3>&- 4</dev/null"
	fails "descriptor 3 is not open"
}

@test "the container has no descriptor but 0, 1 and 2, whatever the caller leaks" {
	run --separate-stderr bash -c "
		for ((i = 10; i < 60; i++)); do eval \"exec \$i</\"; done
		'$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
	succeeds
	check '.fds | keys == ["0", "1", "2"]'
}

# bats test_tags=not-uml
@test "LISTEN_FDS are passed on with LISTEN_PID=1" {
	run --separate-stderr bash -c "export LISTEN_FDS=1 LISTEN_PID=\$\$
		exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID' 3</dev/null"
	succeeds
	check '.env | index("LISTEN_FDS=1")' '.env | index("LISTEN_PID=1")' \
		'.fds | keys == ["0", "1", "2", "3"]'
}

# bats test_tags=not-uml
@test "nothing of the caller's environment reaches the container" {
	run --separate-stderr env SECRET=1 LD_PRELOAD= HOME=/caller PATH="$PATH" LISTEN_PID=1 \
		"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	check '.env | map(split("=")[0]) | sort == ["HOME", "PATH", "TERM"]' '.env | index("HOME=/root")'
}

@test "signals that the caller ignores or blocks are back to normal inside" {
	run --separate-stderr bash -c "trap '' PIPE CHLD USR1
		exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
	succeeds
	check '.status.signals_ignored == "0000000000000000"' \
		'.status.signals_blocked == "0000000000000000"' '.pdeathsig == 0'
}

@test "run reaps what is reparented to it" {
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	args /bin/guest zombie 20
	run_bundle
	succeeds
}

@test "run --no-subreaper leaves orphans to whoever is above" {
	run_bundle --no-subreaper
	succeeds
	check '.pid == 1'
}

# bats test_tags=not-uml
@test "a second container with the same id is refused" {
	running_bundle
	run_bundle
	fails "already exists"
	status_is running
}

# bats test_tags=not-uml
@test "run works with closed standard streams, a hostile umask and without PATH" {
	guest exit 5
	(
		umask 0777
		exec 0<&- 1>&- 2>&- 3>&-
		env -i "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	) || status=$?
	((status == 5))
}

# bats test_tags=not-uml
@test "run works from a deleted working directory" {
	minirun_only
	mkdir "$BATS_TEST_TMPDIR/gone"
	cd "$BATS_TEST_TMPDIR/gone"
	rmdir "$BATS_TEST_TMPDIR/gone"
	run_bundle
	cd /
	succeeds
}

@test "a foreground run hands READY=1 on" {
	minirun_only
	guest notify READY=1
	receive datagram "$BATS_TEST_TMPDIR/notify" >"$BATS_TEST_TMPDIR/received" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/notify"
	NOTIFY_SOCKET=$BATS_TEST_TMPDIR/notify minirun run --bundle "$BUNDLE" "$ID" </dev/null \
		>/dev/null 3>&- &
	until_true grep -q MAINPID "$BATS_TEST_TMPDIR/received"
	grep -q READY=1 "$BATS_TEST_TMPDIR/received"
	minirun kill "$ID" KILL || true
	wait
}
