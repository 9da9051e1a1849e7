#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The options before the command, help, version, logs

load lib/bundle

setup() {
	bundle_new
	minirun_only
}

@test "--version: name, commit, specification" {
	for option in --version -v -V; do
		run --separate-stderr "$MINIRUN" $option
		succeeds
		[[ ${lines[0]} =~ ^minirun\ version\ [0-9]+\.[0-9]+\.[0-9]+ ]]
		[[ ${lines[1]} =~ ^commit:\  ]]
		[[ ${lines[2]} =~ ^spec:\ 1\.[0-9]+\.[0-9]+ ]]
	done
}

@test "--help, of the program and of each command" {
	for option in --help -h; do
		run --separate-stderr "$MINIRUN" $option
		succeeds
		for command in create start run state kill delete exec list ps spec features; do
			[[ $output == *"$command"* ]]
			run --separate-stderr "$MINIRUN" "$command" $option
			succeeds
			[[ $output == *"$command"* ]]
			run --separate-stderr "$MINIRUN" $option
		done
	done
}

@test "no command, an unknown command, an unknown option: status 1 and a line that says so" {
	run --separate-stderr "$MINIRUN"
	((status == 1))
	for words in no-such-command "--no-such-option list" "list --no-such-option" "state" "kill" \
		"state $ID extra" "start" "delete" "create" "exec"; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$MINIRUN" --root "$ROOT" $words
		echo "$words: $status: $stderr"
		((status != 0))
		[[ $stderr ]]
	done
}

@test "an option that needs a value says so in the words that podman looks for" {
	run --separate-stderr "$MINIRUN" create --bundle
	((status != 0))
	[[ $stderr == *"requires an argument"* || $stderr == *"flag needs an argument"* ]]
}

@test "both forms of options: --name value and --name=value" {
	run --separate-stderr "$MINIRUN" "--root=$ROOT" --log-format=json --log="$BATS_TEST_TMPDIR/log" \
		run "--bundle=$BUNDLE" "$ID"
	succeeds
	run --separate-stderr "$MINIRUN" --root "$ROOT" --log-format text --log "$BATS_TEST_TMPDIR/log" \
		run -b "$BUNDLE" "$ID"
	succeeds
	[[ ! -s $BATS_TEST_TMPDIR/log ]]
}

@test "--log json: exactly one object with level, msg and time; the bare message on stderr" {
	run --separate-stderr "$MINIRUN" --root "$ROOT" --log-format=json --log "$BATS_TEST_TMPDIR/log" \
		start "$ID"
	((status == 1))
	output=$(cat "$BATS_TEST_TMPDIR/log")
	check '.level == "error"' '.msg | contains("does not exist")' \
		'.time | test("^20[0-9-]{8}T[0-9:]{8}([.][0-9]+)?(Z|[+-][0-9:]{5})$")'
	[[ $(wc -l <"$BATS_TEST_TMPDIR/log") == 1 ]]
	[[ $stderr == *"does not exist"* && $stderr != *'"level"'* && $stderr != *$'\n'* ]]
}

@test "--log appends, and is made 0644" {
	for i in 1 2; do
		run --separate-stderr "$MINIRUN" --root "$ROOT" --log "$BATS_TEST_TMPDIR/log" start "$ID"
	done
	(($(wc -l <"$BATS_TEST_TMPDIR/log") == 2))
	[[ $(stat -c %a "$BATS_TEST_TMPDIR/log") == 644 ]]
	grep -qE '^time="20[^"]*" level=error msg="' "$BATS_TEST_TMPDIR/log"
}

@test "--log that can't be opened is an error, for all but delete" {
	run --separate-stderr "$MINIRUN" --root "$ROOT" --log /no/such/log state "$ID"
	((status == 1))
	[[ $stderr == *"/no/such/log"* ]]
	mkfifo "$BATS_TEST_TMPDIR/fifo"
	run --separate-stderr timeout 60 "$MINIRUN" --root "$ROOT" --log "$BATS_TEST_TMPDIR/fifo" state "$ID"
	((status == 1)) || ! is_minirun
	[[ $stderr == *"fifo: nobody reads it"* ]] || ! is_minirun
}

@test "--log-format and --log-level refuse what they don't know" {
	run_minirun --log-format xml list
	fails "xml"
	run_minirun --log-level loud list
	fails "loud"
}

@test "a warning appears only where it is asked for" {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	run_bundle
	succeeds
	run --separate-stderr "$MINIRUN" --root "$ROOT" --log-level warning run --bundle "$BUNDLE" "$ID"
	((status == 0))
	[[ $stderr == *CAP_NO_SUCH* ]]
}

@test "--debug of exec names the process" {
	minirun_only
	running_bundle
	run --separate-stderr "$MINIRUN" --root "$ROOT" --debug exec "$ID" /bin/true
	((status == 0))
	[[ $stderr == *level=debug*"exec: process "* ]]
}

@test "--debug shows the steps by name" {
	run --separate-stderr "$MINIRUN" --root "$ROOT" --debug run --bundle "$BUNDLE" "$ID"
	((status == 0))
	[[ $stderr == *pivot* && $stderr == *cgroup* ]]
	check '.pid == 1'
}

@test "--root is made 0700 if it is missing; / and somebody else's are refused" {
	guest wait
	create_bundle
	[[ $(stat -c %a "$ROOT") == *700 || $(stat -c %a "$ROOT") == *711 ]]
	run --separate-stderr "$MINIRUN" --root / create --bundle "$BUNDLE" "$ID"
	((status == 1))
	mkdir -m 777 "$BATS_TEST_TMPDIR/open"
	run --separate-stderr "$MINIRUN" --root "$BATS_TEST_TMPDIR/open" create --bundle "$BUNDLE" "$ID"
	((status == 1))
	mkdir -m 700 "$BATS_TEST_TMPDIR/other"
	chown 12345 "$BATS_TEST_TMPDIR/other"
	run --separate-stderr "$MINIRUN" --root "$BATS_TEST_TMPDIR/other" create --bundle "$BUNDLE" "$ID"
	((status == 1))
	ln -s "$BATS_TEST_TMPDIR/other" "$BATS_TEST_TMPDIR/link"
	run --separate-stderr "$MINIRUN" --root "$BATS_TEST_TMPDIR/link" create --bundle "$BUNDLE" "$ID"
	((status == 1))
}

@test "--rootless and --cgroup-manager take their values and refuse others" {
	for option in --rootless=false --rootless=auto --cgroup-manager=cgroupfs; do
		run_minirun $option run --bundle "$BUNDLE" "$ID"
		echo "$option"
		succeeds
	done
	run_minirun --rootless=perhaps list
	fails "perhaps"
	run_minirun --cgroup-manager=other list
	fails "other"
}

@test "--cgroup-manager=disabled leaves the container in the caller's cgroup" {
	config 'del(.linux.namespaces[] | select(.type == "cgroup"))'
	own=$(grep '^0::' /proc/self/cgroup)
	run_minirun --cgroup-manager=disabled run --bundle "$BUNDLE" "$ID"
	succeeds
	[[ $(jq -r .cgroup <<<"$output" | grep '^0::') == "$own" ]]
}

@test "--systemd-cgroup works, or says that no systemd can be reached" {
	config 'del(.linux.cgroupsPath)'
	run_minirun --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	if ((status == 0)); then
		check '.pid == 1'
	else
		fails "systemd can't be reached at unix:path=/run/systemd/private"
	fi
}

@test "a user without XDG_RUNTIME_DIR can use what makes no container" {
	needs_program setpriv
	cp "$MINIRUN" "$BATS_TEST_TMPDIR/minirun-copy"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/../.." "$BATS_RUN_TMPDIR"
	mkdir -m 777 "$BATS_TEST_TMPDIR/open"
	cd "$BATS_TEST_TMPDIR/open"
	for words in features spec --version; do
		run --separate-stderr env -u XDG_RUNTIME_DIR setpriv --reuid 12345 --clear-groups \
			"$BATS_TEST_TMPDIR/minirun-copy" $words
		echo "$words"
		succeeds
	done
	[[ -s config.json ]]
	run --separate-stderr env -u XDG_RUNTIME_DIR setpriv --reuid 12345 --clear-groups \
		"$BATS_TEST_TMPDIR/minirun-copy" list -q
	succeeds
	[[ ! $output ]]
	# empty is as unset, and nothing to warn of
	run --separate-stderr env XDG_RUNTIME_DIR= setpriv --reuid 12345 --clear-groups \
		"$BATS_TEST_TMPDIR/minirun-copy" --log-level warning list -q
	succeeds
	[[ $stderr != *XDG_RUNTIME_DIR* ]]
}

@test "ids: what is allowed" {
	for id in a "$ID"_x "$ID+x" "$ID.x" 0"$ID"; do
		guest exit 3
		run_minirun run --bundle "$BUNDLE" "$id"
		echo "$id $stderr"
		((status == 3))
	done
}

@test "ids: what isn't, for every command" {
	long=$(printf 'x%.0s' {1..256})
	for id in "" . .. .x -x a/b ../x "a b" $'a\nb' ä 'a*' 'a:b' "$long"; do
		for command in "create --bundle $BUNDLE" "run --bundle $BUNDLE" start state kill delete ps; do
			# shellcheck disable=SC2086 # words
			run --separate-stderr "$MINIRUN" --root "$ROOT" $command -- "$id"
			echo "$command '$id': $status $output $stderr"
			((status == 1))
			[[ ! $output && $stderr ]]
		done
		run --separate-stderr "$MINIRUN" --root "$ROOT" exec -- "$id" true
		((status == 255))
	done
	[[ ! -d $ROOT || ! $(ls -A "$ROOT") ]]
}

@test "minirun refuses to run setuid" {
	cp "$MINIRUN" "$BATS_TEST_TMPDIR/minirun"
	chmod 4755 "$BATS_TEST_TMPDIR/minirun" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." \
		"$BATS_TEST_TMPDIR/../.." "$BATS_RUN_TMPDIR"
	needs_program setpriv
	run --separate-stderr setpriv --reuid 12345 --clear-groups "$BATS_TEST_TMPDIR/minirun" --version
	((status != 0))
	[[ $stderr == *set-user-ID* ]]
}
