#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun create

load lib/bundle

@test "create prepares everything and runs nothing of the container's program" {
	args /bin/sh -c 'touch /ran; sleep 100'
	create_bundle --pid-file "$BATS_TEST_TMPDIR/pid"
	status_is created
	[[ $(cat "$BATS_TEST_TMPDIR/pid") == $(container_pid) ]]
	[[ ! -e $ROOTFS/ran && ! -s $BATS_TEST_TMPDIR/out ]]
	start_bundle
	until_true test -e "$ROOTFS/ran"
	status_is running
}

@test "create prints nothing and leaves no process but init behind" {
	guest wait
	create_bundle
	[[ ! -s $BATS_TEST_TMPDIR/out && ! -s $BATS_TEST_TMPDIR/err ]]
	pid=$(container_pid)
	[[ $(minirun ps --format json "$ID" | jq -c .) == "[$pid]" ]]
	[[ $(pgrep -f "create.*$ID") == "$pid" ]]
}

@test "init is in its cgroup when create returns" {
	guest wait
	create_bundle
	grep -qF "/$ID" "/proc/$(container_pid)/cgroup"
}

@test "init holds no directory and no file of the host while it waits" {
	minirun_only
	guest wait
	create_bundle
	for link in /proc/"$(container_pid)"/fd/*; do
		target=$(readlink "$link")
		echo "$link $target"
		case ${link##*/} in 0 | 1 | 2) continue ;; esac
		[[ $target == socket:* || $target == pipe:* || $target == anon_inode:* ]]
	done
}

@test "create refuses an id that is taken" {
	guest wait
	create_bundle
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "already exists"
	status_is created
}

@test "an id can be used again after delete" {
	guest wait
	create_bundle
	minirun delete "$ID"
	create_bundle
	status_is created
}

@test "changes of config.json after create do not matter" {
	guest report
	create_bundle
	config '.process.args = ["/bin/guest", "exit", "9"]' '.hostname = "changed"'
	start_bundle
	until_true status_is stopped
	output=$(cat "$BATS_TEST_TMPDIR/out")
	check '.hostname == "guest"'
}

@test "create looks for the executable: not found" {
	args no-such-program
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails 'executable file not found in $PATH'
	run_minirun state "$ID"
	fails "does not exist"
}

@test "create looks for the executable: a path that isn't there" {
	args /no/such/program
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "no such file or directory"
}

@test "create looks for the executable: not executable" {
	echo "#!/bin/sh" >"$ROOTFS/script"
	args /script
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "permission denied"
}

@test "create looks for the executable: a directory" {
	minirun_only
	args /bin
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "is a directory"
}

@test "create looks for the executable: a script whose interpreter is missing" {
	minirun_only
	printf '#!/no/such/interpreter\n' >"$ROOTFS/script"
	chmod 755 "$ROOTFS/script"
	args /script
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "no such file or directory" "/no/such/interpreter"
}

@test "create --console-socket sends the terminal's master" {
	config '.process.terminal = true | .process.consoleSize = {height: 31, width: 87}'
	receive stream "$BATS_TEST_TMPDIR/console" "" >"$BATS_TEST_TMPDIR/received" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/console"
	minirun create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/console" "$ID" 3>&-
	start_bundle
	wait $!
	head -n 1 "$BATS_TEST_TMPDIR/received" | jq -e '.fds | length == 1 and (.[0] | endswith("ptmx"))'
	output=$(tail -n +2 "$BATS_TEST_TMPDIR/received")
	[[ $output == *$'\r' ]] # the receiver's terminal may be raw, and needs what the kernel adds
	output=${output//$'\r'/}
	check '.terminal.isatty == [1, 1, 1]' '.terminal.rows == 31' '.terminal.columns == 87' \
		'.terminal.controlling == "yes"' '.fds["0"].target == "/dev/pts/0"'
}

@test "create with a terminal needs a console socket" {
	config '.process.terminal = true'
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "console" "socket"
}

@test "a console socket without a terminal is refused" {
	run_minirun create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/console" "$ID"
	fails "console"
}

@test "a console socket that nobody listens on is an error that names it" {
	config '.process.terminal = true'
	run_minirun create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/nobody" "$ID"
	fails "$BATS_TEST_TMPDIR/nobody"
}

@test "create --pidfd-socket sends a pidfd of init" {
	minirun_only
	guest wait
	receive stream "$BATS_TEST_TMPDIR/pidfd" >"$BATS_TEST_TMPDIR/received" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/pidfd"
	create_bundle --pidfd-socket "$BATS_TEST_TMPDIR/pidfd"
	wait $!
	output=$(cat "$BATS_TEST_TMPDIR/received")
	check '.data == "standard"' '.fds == ["anon_inode:[pidfd]"] or (.fds[0] | startswith("pidfd:"))'
}

@test "run.oci.pidfd_receiver: the same by annotation" {
	minirun_only
	guest wait
	config '.annotations["run.oci.pidfd_receiver"] = "'"$BATS_TEST_TMPDIR/pidfd"'"'
	receive stream "$BATS_TEST_TMPDIR/pidfd" >"$BATS_TEST_TMPDIR/received" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/pidfd"
	create_bundle
	wait $!
	output=$(cat "$BATS_TEST_TMPDIR/received")
	check '.fds == ["anon_inode:[pidfd]"] or (.fds[0] | startswith("pidfd:"))'
	rm "$BATS_TEST_TMPDIR/pidfd"
	minirun delete --force "$ID"
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "/annotations/run.oci.pidfd_receiver"
}

@test "create --no-pivot" {
	create_bundle --no-pivot
	start_bundle
	until_true status_is stopped
	output=$(cat "$BATS_TEST_TMPDIR/out")
	check '.pid == 1' '.hostname == "guest"'
}

@test "create --no-new-keyring keeps the caller's session keyring" {
	create_bundle --no-new-keyring
	status_is created
}

@test "a pid file in a directory that isn't there fails the create" {
	guest wait
	run_minirun create --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/no/such/pid" "$ID"
	fails "/no/such"
	run_minirun state "$ID"
	fails "does not exist"
}

@test "the pid file of an earlier container is replaced, not written into" {
	guest wait
	ln "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/pid"
	create_bundle --pid-file "$BATS_TEST_TMPDIR/pid"
	[[ $(cat "$BATS_TEST_TMPDIR/pid") == $(container_pid) ]]
	jq -e .ociVersion "$BUNDLE/config.json"
}
