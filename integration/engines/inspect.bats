#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Looking into containers of other engines: each command answers, and says what /proc and the engine say

load machine

setup_file() {
	possible || return 0
	machine_start
	copy_in "$ENGINES/inspect-functions" /inspect-functions 644
	inside 'cat /inspect-functions >>/functions'
}

teardown_file() {
	machine_stop
}

@test "a container of podman" {
	output=$(inside 'podman import -q /box.tar box >/dev/null 2>&1
		podman --runtime runc run -d --name c box sleep 600 >/dev/null
		pid=$(podman inspect -f "{{.State.Pid}}" c); look "$pid" podman
		podman inspect -f "{{range .EffectiveCaps}}{{println .}}{{end}}" c | tr A-Z a-z | grep . | sort >/tmp/theirs
		minirun caps --format json "$pid" | jq -r ".sets.effective[]" | sort | cmp - /tmp/theirs && echo same capabilities
		minirun seccomp "$pid" kexec_load | head -n 1; minirun seccomp --format json "$pid" getpid | jq -r .verdict
		podman rm -f -t 0 c >/dev/null' 2>&1)
	echo "$output"
	shows 'looked at podman' 'same capabilities' '*ERRNO(EPERM)*'
}

@test "a container of podman without root, seen by root and by its user" {
	output=$(as_tester 'mkdir -p .config/containers
		printf "[storage]\ndriver = \"vfs\"\n" >.config/containers/storage.conf
		podman import -q /box.tar box >/dev/null 2>&1; podman --runtime crun run -d --name c box sleep 600 >/dev/null
		podman inspect -f "{{.State.Pid}}" c >/tmp/pid; minirun caps "$(cat /tmp/pid)" >/dev/null && echo own caps
		minirun ns --format json "$(cat /tmp/pid)" | jq -r ".processes[0].uid_inside"' 2>&1)
	echo "$output"
	if [[ $output != *"own caps"* ]]; then
		as_tester 'podman run --rm box true' >/dev/null 2>&1 || skip "rootless podman doesn't run here"
	fi
	shows 'own caps' 0
	output=$(inside 'look "$(cat /tmp/pid)" podman; minirun inspect --format json "$(cat /tmp/pid)" | jq -r ".process.uid, .process.host_uid"' 2>&1)
	echo "$output"
	as_tester 'podman rm -f -t 0 c' >/dev/null 2>&1
	shows 'looked at podman' 0 1000
}

@test "a container of Docker" {
	copy_in "$ENGINES/docker-functions" /docker-functions 644
	inside '. /docker-functions; daemon' || skip "dockerd doesn't run here"
	output=$(inside '. /docker-functions
		docker import /box.tar box >/dev/null; R=runc d -d --name c1 --cap-drop all --cap-add chown box sleep 600 >/dev/null || exit
		pid=$(docker inspect -f "{{.State.Pid}}" c1); look "$pid" docker
		minirun caps --format json "$pid" | jq -r ".sets.effective | join(\",\")"
		docker rm -f c1 >/dev/null; stop_daemon' 2>&1)
	echo "$output"
	shows 'looked at docker' cap_chown
}

@test "a container of LXC" {
	inside 'mkdir -p /var/lib/lxc/c/rootfs; cp -a /box/. /var/lib/lxc/c/rootfs
		printf "%s\n" "lxc.rootfs.path = dir:/var/lib/lxc/c/rootfs" "lxc.uts.name = c" "lxc.net.0.type = empty" \
			"lxc.mount.auto = proc:mixed sys:ro" "lxc.apparmor.profile = unconfined" \
			"lxc.cap.drop = sys_time sys_module" "lxc.init.cmd = /bin/sleep 600" >/var/lib/lxc/c/config
		lxc-start -n c -o /tmp/lxc.log -l INFO && lxc-wait -n c -s RUNNING -t 30 || { tail -n 20 /tmp/lxc.log; exit 1; }' ||
		skip "LXC doesn't run here"
	output=$(inside 'pid=$(lxc-info -n c -p -H); look "$pid" lxc
		minirun caps --format json "$pid" | jq -r ".sets.bounding[] | select(. == \"cap_sys_time\" or . == \"cap_chown\")"
		lxc-stop -k -n c' 2>&1)
	echo "$output"
	shows 'looked at lxc' cap_chown
}
