#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# SCMP_ACT_NOTIFY: the listener's way to the agent (lib/agent.c), of start, run and exec. The system
# calls are tried by their x86-64 numbers: 59 execve, 161 chroot

load lib/bundle

setup() {
	bundle_new
	[[ $(uname -m) == x86_64 ]] || skip "the numbers are those of x86-64"
	AGENT=$BATS_TEST_TMPDIR/agent
}

# agent MODE...: in the background, until the test ends
agent() {
	"$HELPERS/agent" "$AGENT" "$@" >>"$BATS_TEST_TMPDIR/agent.out" 2>&1 3>&- &
	until_true test -S "$AGENT"
}

heard() {
	output=$(jq -sc . "$BATS_TEST_TMPDIR/agent.out")
	check "$@"
}

# notify NAME...: these are notified; without no_new_privs where $PRIVILEGES is set
notify() {
	config ".linux.seccomp = {defaultAction: \"SCMP_ACT_ALLOW\", architectures: [\"SCMP_ARCH_X86_64\"],
		listenerPath: \"$AGENT\", listenerMetadata: \"opaque \\\"text\\\"\",
		syscalls: [{names: $(words "$@"), action: \"SCMP_ACT_NOTIFY\"}]}"
	config '.process.noNewPrivileges = true'
}

with_privileges() {
	config '.process.noNewPrivileges = false'
}

@test "run: the agent gets the state and the listener, and its answer is the call's" {
	agent errno 123
	for change in . '.process.noNewPrivileges = false'; do
		notify chroot
		config "$change"
		guest syscall 161 0
		run_bundle
		succeeds
		check '.errno == "ENOMEDIUM"'
	done
	heard '[.[] | select(.state)] | length == 2' \
		'.[0] | .fds == 1 and .closed and .state.fds == ["seccompFd"]' \
		'.[0].state | .metadata == "opaque \"text\"" and .ociVersion == .state.ociVersion' \
		".[0].state.state | .id == \"$ID\" and .status == \"created\" and .bundle == \"$BUNDLE\"" \
		'.[0].state | .pid > 1 and .pid == .state.pid' \
		'.[0].state.pid as $pid | [.[] | select(.notified == 161)][0].pid == $pid'
}

@test "start and exec: a connection each, with the pid of the new process and the state running" {
	agent errno 123
	notify chroot
	for change in . '.process.noNewPrivileges = false'; do
		config "$change"
		running_bundle
		run --separate-stderr minirun exec "$ID" /bin/guest syscall 161 0
		succeeds
		check '.errno == "ENOMEDIUM"'
		heard '[.[] | select(.state)] | length == 2 and .[0].state.state.status == "created" and
				.[1].state.state.status == "running" and .[0].state.pid != .[1].state.pid' \
			"[.[] | select(.state)][0].state.pid == $(container_pid)" \
			'[.[] | select(.state)][1].state.pid as $p | [.[] | select(.notified)][0].pid == $p'
		: >"$BATS_TEST_TMPDIR/agent.out"
		minirun delete --force "$ID"
	done
}

@test "why: an agent's answer is its own, and not the kernel's for certain" {
	minirun_only
	agent errno 1
	notify chroot
	running_bundle
	run -1 --separate-stderr minirun why --format json "$ID" -- /bin/guest syscall 161 0
	check '.syscall == "chroot" and .errno == "EPERM" and .layer == "seccomp" and .sure == "likely"' \
		'.config == "/linux/seccomp/listenerPath" and (.text | contains("NOTIFY"))'
	config '.process.capabilities |= map_values(. + ["CAP_SYS_CHROOT"])'
	run -0 --separate-stderr minirun why --format json "$BUNDLE" chroot
	check '.layers[0].layer == "seccomp" and .layers[0].verdict == "depends"'
}

@test "calls that the runtime itself makes may be notified: nothing hangs" {
	agent continue
	for change in . '.process.noNewPrivileges = false'; do
		notify execve openat open read close sendmsg sendto recvmsg prctl capset rt_sigaction \
			dup fcntl
		config "$change"
		guest exit 7
		run_bundle
		echo "$stderr"
		((status == 7))
	done
	heard '[.[] | select(.notified == 59)] | length == 2'
}

@test "exec without no_new_privs refuses to notify of what it needs before the agent is there" {
	minirun_only
	agent continue
	notify capset
	with_privileges
	running_bundle
	run --separate-stderr minirun exec "$ID" /bin/guest exit 0
	((status != 0))
	[[ $stderr == *"SCMP_ACT_NOTIFY for capset needs process.noNewPrivileges"* ]]
}

@test "an agent that closes the listener at once: what is notified fails, and nobody waits for it" {
	minirun_only
	agent leave
	for change in . '.process.noNewPrivileges = false'; do
		notify execve
		config "$change"
		guest exit 0
		run_bundle
		fails "/process/args/0: " "function not implemented"
	done
	notify chroot
	running_bundle
	run_minirun exec "$ID" /bin/guest syscall 161 0
	check '.errno == "ENOSYS"'
}

# The process must have closed its own listener by then: with another call, or before it is told.
@test "an agent that closes the listener at once: nor where close and recvmsg are notified" {
	minirun_only
	agent leave
	for change in . '.process.noNewPrivileges = false'; do
		for calls in close "close close_range"; do
			notify $calls execve
			config "$change"
			run_bundle
			fails "/process/args/0: " "function not implemented"
		done
		for calls in recvmsg "recvmsg ppoll close"; do
			notify $calls
			config "$change"
			run_bundle
			fails "/linux/seccomp/listenerPath: the seccomp agent $AGENT" \
				"has closed its listener" recvmsg
		done
	done
}

@test "no agent: start fails, and the container is still there to be started" {
	notify chroot
	guest exit 0
	run_bundle
	fails "failed to connect with seccomp agent" "/linux/seccomp/listenerPath"
	create_bundle
	run --separate-stderr minirun start "$ID"
	fails "failed to connect with seccomp agent"
	[[ $(container_status) == created ]]
	agent continue
	start_bundle
	until_true status_is stopped
}

@test "an agent at an abstract socket; a relative path is refused" {
	AGENT=@minirun-$ID
	"$HELPERS/agent" "$AGENT" errno 123 >"$BATS_TEST_TMPDIR/agent.out" 2>&1 3>&- &
	until_true grep -q "$AGENT\$" /proc/net/unix
	notify chroot
	guest syscall 161 0
	run_bundle
	succeeds
	check '.errno == "ENOMEDIUM"'
	run_minirun check "$BUNDLE"
	succeeds
	config '.linux.seccomp.listenerPath = "agent"'
	run_bundle
	fails /linux/seccomp/listenerPath "isn't absolute"
	config '.linux.seccomp.listenerPath = "@" + ("n" * 108)'
	run_bundle
	fails /linux/seccomp/listenerPath "the name is longer than 108 bytes"
}

@test "an agent that goes away leaves ENOSYS, not a hang" {
	agent errno 123
	notify chroot
	args /bin/sh -c 'until test -e /tmp/go; do sleep 0.05; done; guest syscall 161 0'
	create_bundle
	start_bundle
	until_true grep -q seccompFd "$BATS_TEST_TMPDIR/agent.out"
	kill %%
	wait %% || true
	touch "$ROOTFS/tmp/go"
	until_true status_is stopped
	output=$(cat "$BATS_TEST_TMPDIR/out")
	check '.errno == "ENOSYS"'
}

@test "a socket of another type, or a file, is no agent" {
	notify chroot
	touch "$AGENT"
	run_bundle
	fails "failed to connect with seccomp agent"
	rm "$AGENT"
	"$HELPERS/receive" datagram "$AGENT" >/dev/null 3>&- &
	until_true test -S "$AGENT"
	run_bundle
	fails "failed to connect with seccomp agent"
}

@test "startContainer hooks run under the filter, and get nothing of ours" {
	agent errno 123
	notify chroot
	config '.hooks.startContainer = [{path: "/bin/sh", args: ["sh", "-c",
		"ls /proc/self/fd >/tmp/fds; guest syscall 161 0 >/tmp/call"]}]'
	guest exit 0
	run_bundle
	succeeds
	[[ $(wc -l <"$ROOTFS/tmp/fds") == 4 ]]
	output=$(cat "$ROOTFS/tmp/call")
	check '.errno == "ENOMEDIUM"'
}

@test "notify is refused where the runtime would wait for itself" {
	minirun_only
	notify write
	run_bundle
	fails "SCMP_ACT_NOTIFY cannot be used for the write syscall" "/linux/seccomp/syscalls/0/names/0"
	notify chroot
	config '.linux.seccomp.defaultAction = "SCMP_ACT_NOTIFY"'
	run_bundle
	fails "/linux/seccomp/defaultAction: SCMP_ACT_NOTIFY cannot be used as default action"
	notify chroot
	config 'del(.linux.seccomp.listenerPath, .linux.seccomp.listenerMetadata)'
	run_bundle
	fails "/linux/seccomp/syscalls/0/action" "listenerPath"
	notify chroot
	config '.linux.seccomp.listenerPath = ""' 'del(.linux.seccomp.listenerMetadata)'
	run_bundle
	fails "listenerPath"
}

@test "in a user namespace" {
	agent errno 123
	notify chroot
	config '.linux.namespaces += [{type: "user"}]' \
		'.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}]' \
		'.linux.gidMappings = .linux.uidMappings'
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/../.." "$BATS_RUN_TMPDIR"
	guest syscall 161 0
	run_bundle
	succeeds
	check '.errno == "ENOMEDIUM"'
}

@test "a caller that may not look into the process gets the listener sent" {
	minirun_only
	needs_program setpriv
	agent errno 123
	weak() { setpriv --bounding-set=-sys_ptrace "$MINIRUN" --root "$ROOT" "$@"; }
	for change in . '.process.noNewPrivileges = false'; do
		notify chroot
		config "$change"
		guest syscall 161 0
		run --separate-stderr weak run --bundle "$BUNDLE" "$ID"
		succeeds
		check '.errno == "ENOMEDIUM"'
	done
	notify sendmsg
	run --separate-stderr weak run --bundle "$BUNDLE" "$ID"
	fails "SCMP_ACT_NOTIFY for sendmsg needs CAP_SYS_PTRACE"
}
