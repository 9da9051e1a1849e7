#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd by its own client, ctr

load machine

setup_file() {
	possible || return 0
	machine_start
	inside 'podman import -q /box.tar box; podman save -q --format oci-archive -o /box.oci box' >/dev/null 2>&1
	inside 'mkdir -p /etc/containerd
		printf "version = 2\ndisabled_plugins = [\"io.containerd.grpc.v1.cri\"]\n" >/etc/containerd/config.toml'
	copy_in "$ENGINES/ctr-functions" /ctr-functions 644
	inside 'cat /ctr-functions >>/functions'
	inside 'daemon && ctr image import --index-name docker.io/library/box:latest /box.oci >/dev/null'
	# without a cpu controller runc can't set the shares that containerd always asks for
	R=runc inside 'c run --rm box c true' || export MINIRUN_ENGINES_CONTROL=""
}

teardown_file() {
	machine_stop
}

tidy() {
	inside 'gone c; gone d' >/dev/null 2>&1 || true
}

@test "ctr run: output, exit codes, options" {
	same 'c run --rm box c echo hello; c run --rm box c sh -c "exit 3"; echo rc $?; c run --rm box c nonesuch 2>/dev/null; echo rc $?
		c run --rm --env A=b --cwd /tmp box c sh -c "echo \$A; pwd"; c run --rm --read-only box c sh -c "touch /x 2>/dev/null || echo ro"
		c run --rm --privileged box c grep CapEff /proc/self/status; c run --rm box c sh -c "grep -E \"^(Cap|Seccomp:|NoNew)\" /proc/self/status"
		c run --rm --seccomp box c grep Seccomp: /proc/self/status; c run --rm --mount type=bind,src=/etc,dst=/mnt,options=rbind:ro box c sh -c "test -s /mnt/debian_version && echo mounted"
		c run --rm --with-ns network:/proc/1/ns/net box c sh -c "ls /sys/class/net | grep -c lo"; c run --rm --net-host box c true; echo rc $?
		c run --rm --device /dev/fuse box c ls /dev/fuse; c run --rm --rootfs --read-only /box c /bin/echo plain
		on_tty "ctr run --runc-binary /usr/bin/$R --rm -t $IMAGE c sh -c \"tty; exit 4\""; echo rc $?'
	shows hello 'rc 3' 'rc 1' b /tmp ro 'Seccomp:*2' mounted /dev/fuse plain /dev/pts/0 'rc 4'
}

@test "ctr tasks: exec, pause, resume, ps, metrics, update, kill, delete" {
	same 'c run -d box c sh -c "trap \"exit 7\" TERM; while :; do sleep 0.1; done"; ctr task ls | sed 1d | tr -s " " | cut -d" " -f1,3
		ctr task exec --exec-id e c echo hello; ctr task exec --exec-id e c sh -c "exit 5"; echo rc $?; ctr task exec --exec-id e --user 1000 --cwd /tmp c sh -c "id -u; pwd"
		ctr task exec --exec-id e c nonesuch 2>/dev/null; echo rc $?; on_tty "ctr task exec -t --exec-id e c tty"
		ctr task pause c; ctr task ls | sed 1d | tr -s " " | cut -d" " -f3; ctr task resume c; ctr task ls | sed 1d | tr -s " " | cut -d" " -f3
		ctr task ps c | sed 1d | wc -l | grep -c "[12]"; ctr task metrics --format json c | jq -r "keys | length > 0"
		ctr task kill -s SIGTERM c; until_ok stopped c; ctr task delete c; echo rc $?; ctr container delete c; echo rc $?
		c run -d box d sleep 600; ctr task kill -a -s SIGKILL d; until_ok stopped d; ctr task delete d; echo rc $?; ctr task kill d 2>/dev/null; echo rc $?
		ls /run/containerd/runc/default 2>/dev/null'
	shows 'c RUNNING' hello 'rc 5' 1000 /tmp 'rc 1' /dev/pts/0 PAUSED RUNNING 1 true '*code 7*' 'rc 0' 'rc 0' '*code 137*' 'rc 0' 'rc 1'
}

@test "the daemon restarts beside running containers; a killed shim's container is cleaned up" {
	same 'c run -d box c sleep 600; stop_daemon; daemon; ctr task ls | sed 1d | tr -s " " | cut -d" " -f1,3; ctr task exec --exec-id e c echo again
		ctr task kill -s SIGKILL c; until_ok stopped c; ctr task delete c; echo rc $?; ctr container delete c
		c run -d box d sleep 600; kill -9 $(pgrep -f "shim-runc-v2.*-id d( |$)"); until_ok no_task d; sleep 0.2; ls /run/containerd/runc/default 2>/dev/null; pgrep -c -x sleep; ctr container delete d; echo rc $?'
	shows 'c RUNNING' again '*code 137*' 'rc 0' 0 'rc 0'
}
