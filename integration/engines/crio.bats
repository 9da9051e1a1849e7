#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# CRI-O isn't in Debian: its calls, in the order and with the poor environment in which it makes them

load machine

setup_file() {
	possible || return 0
	machine_start
	inside 'mkdir -p /b/rootfs && cp -a /box/. /b/rootfs && cd /b && runc spec &&
		jq ".process.terminal = false | .process.args = [\"sh\", \"-c\", \"trap \\\"exit 7\\\" TERM; while :; do sleep 0.1; done\"] |
			.process.rlimits = [] | .root.readonly = false | .linux.cgroupsPath = \"/crio\"" config.json >new && mv new config.json &&
		jq ".process | .args = [\"sh\", \"-c\", \"cat; id -u; exit 5\"]" config.json >/process.json &&
		jq ".args = [\"nonesuch\"]" /process.json >/nonesuch.json && jq ".terminal = true | .args = [\"sh\", \"-c\", \"tty; exit 6\"]" /process.json >/tty.json'
	copy_in "$ENGINES/crio-functions" /crio-functions 644
	inside 'cat /crio-functions >>/functions'
}

teardown_file() {
	machine_stop
}

tidy() {
	inside 'for R in minirun runc; do r delete --force c; done' >/dev/null 2>&1 || true
}

@test "version, features, a container's life, and what is parsed when it is over" {
	same 'r --version | grep -c version; case $R in runc) echo 1. ;; *) r features | jq -r .ociVersionMax | cut -c1-2 ;; esac
		$R --root=/run/crio-$R create --bundle /b --pid-file /tmp/pidfile c </dev/null; state; r start c; state
		test "$(cat /tmp/pidfile)" = "$(r state c | jq .pid)" && echo pid; r state c | jq -r "has(\"created\")"
		r kill c 15; until_ok ended; state; r kill c 15 2>&1 | grep -c "container not running"; r kill c KILL 2>/dev/null || echo failed
		r delete --force c; echo rc $?; r delete --force c; echo rc $?; r state c 2>&1 | grep -c "does not exist"; find /run/crio-$R -mindepth 1 ! -path "*/.cache*"'
	shows 1 created running pid true stopped 1 failed 'rc 0' 'rc 0' 1
}

@test "exec, detached and in the foreground, with CRI-O's own terminal; pause, update, kill" {
	same '$R --root=/run/crio-$R create --bundle /b --pid-file /tmp/pidfile c </dev/null; r start c
		$R --root=/run/crio-$R exec --pid-file /tmp/execpid --process /process.json --detach c </dev/null >/dev/null; test -s /tmp/execpid && echo pidfile
		echo input | r exec --process /process.json c; echo rc $?; on_tty "$R --root /run/crio-$R exec --process /tty.json c"; echo rc $?
		rm -f /tmp/execpid; r exec --pid-file /tmp/execpid --process /nonesuch.json --detach c </dev/null 2>/dev/null; echo rc $?; test -e /tmp/execpid || echo no pidfile
		r pause c; state; r resume c; state; echo "{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]}" | r update --resources - c; r exec --process /process.json c </dev/null; echo rc $?
		r kill -a c 9; until_ok ended; state; r kill -a c 9; echo rc $?; r delete c; echo rc $?'
	shows pidfile input 0 'rc 5' '/dev/pts/*' 'rc 6' 'rc 255' 'no pidfile' paused running 0 'rc 5' stopped 'rc 0' 'rc 0'
}

@test "by conmon: create, exec-sync, its time-out, the end's file; stop of what is paused" {
	same 'mkdir -p /tmp/exits /tmp/attach /tmp/persist; rm -f /tmp/exits/*; jq ".args = [\"sleep\", \"600\"]" /process.json >/slow.json
		monitor -b /b --exit-dir /tmp/exits -l /tmp/ctr.log -P /tmp/conmon.pid -p /b/pidfile --persist-dir /tmp/persist -u c; echo rc $?
		until_ok test -s /tmp/sync; test "$(jq .pid /tmp/sync)" = "$(cat /b/pidfile)" && echo pid; r start c; state
		sync_exec /process.json 60; cut -d" " -f2- /tmp/exec.log; test -s /tmp/execpid && echo pidfile
		sync_exec /slow.json 1; until_ok sh -c "! pgrep -x -f \"sleep 600\""; sync_exec /nonesuch.json 60
		r pause c; r resume c; r kill c SIGTERM; until_ok test -s /tmp/exits/c; cat /tmp/exits/c; echo; r delete --force c; echo rc $?'
	shows 'rc 0' pid running 'rc 5' '"exit_code": 5' 'stdout F 0' pidfile 'rc 255' '*-1' 'command timed out' 'rc 1' \
		'*-1' 'executable file not found*' 7 'rc 0'
}

@test "create that fails leaves nothing, and says why on the standard error" {
	same 'jq ".process.args = [\"nonesuch\"]" /b/config.json >/b/bad; mkdir -p /bad; jq ".root.path = \"/b/rootfs\"" /b/bad >/bad/config.json
		$R --root=/run/crio-$R create --bundle /bad --pid-file /tmp/nopid c </dev/null 2>&1 | grep -c "executable file not found in .PATH"
		test -e /tmp/nopid || echo no pidfile; r state c 2>/dev/null || echo failed; r delete --force c; echo rc $?; ls -d /sys/fs/cgroup/crio 2>/dev/null || echo no cgroup'
	shows 1 'no pidfile' failed 'rc 0' 'no cgroup'
}
