#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker as Debian has it, with minirun as a further runtime of the daemon

load machine

setup_file() {
	machine_start
	copy_in "$ENGINES/docker-functions" /docker-functions 644
	inside 'cat /docker-functions >>/functions'
	inside 'daemon' || skip "dockerd doesn't run here"
	inside 'docker import /box.tar box' >/dev/null
	inside 'docker run --rm box true' || skip "Docker's own runtime can't run a container here"
}

teardown_file() {
	machine_stop
}

tidy() {
	inside 'docker ps -aq | xargs -r docker rm -f -v; docker volume ls -q | xargs -r docker volume rm' >/dev/null 2>&1
}

@test "docker run: output, exit codes, options" {
	look='grep -E "^(Cap|Seccomp:|NoNew)" /proc/self/status'
	same 'd --rm box echo hello; d --rm box sh -c "exit 3"; echo rc $?; echo in | d --rm -i box cat
		d --rm box nonesuch 2>/dev/null; echo rc $?; d --rm box /etc/passwd 2>/dev/null; echo rc $?; d --rm -w /etc/passwd box true 2>/dev/null || echo failed
		d --rm -e A=b -w /tmp -u user --group-add 7 -h h box sh -c "echo \$A; pwd; id; hostname"; d --rm --init box cat /proc/1/comm
		d --rm --cap-drop all --cap-add chown box grep CapEff /proc/self/status
		d --rm --security-opt no-new-privileges box grep -E "NoNew|Seccomp:" /proc/self/status; d --rm --security-opt seccomp=unconfined box grep Seccomp: /proc/self/status
		d --rm --read-only --tmpfs /t:size=1m box sh -c "touch /x 2>/dev/null || echo ro; touch /t/x && echo tmp"; d --rm --shm-size 1m box sh -c "df -k /dev/shm | tail -n 1 | tr -s \" \""
		d --rm -v /etc:/v:ro -v vol:/w --mount type=tmpfs,dst=/u box sh -c "test -s /v/debian_version && echo mounted; touch /w/x /u/x && echo rw"; d --rm --device /dev/fuse:/dev/f:r box ls /dev/f
		d --rm --sysctl net.ipv4.ip_forward=1 --ulimit nofile=100:200 --oom-score-adj 100 box sh -c "cat /proc/sys/net/ipv4/ip_forward /proc/self/oom_score_adj; ulimit -n"
		on_tty "docker run --runtime $R --rm -it box sh -c \"tty; exit 4\""; echo rc $?'
	shows hello 'rc 3' in 'rc 127' 'rc 126' failed b /tmp 'uid=1000*' h docker-init '*NoNewPrivs:*1' ro tmp mounted rw /dev/f 1 100 100 /dev/pts/0 'rc 4'
}

@test "docker: limits, update, OOM, where the kernel has the controllers" {
	inside 'grep -qw memory /sys/fs/cgroup/cgroup.controllers && grep -qw pids /sys/fs/cgroup/cgroup.controllers' ||
		skip "no controllers of cgroup v2 here"
	files='cd /sys/fs/cgroup; cat memory.max memory.swap.max pids.max cpu.max cpu.weight'
	same "d --rm -m 64m --pids-limit 99 --cpus 0.5 -c 512 box sh -c '$files'
		d -d --name c -m 64m box sleep 600 >/dev/null; docker update -m 80m --memory-swap 160m --cpus 0.25 c; docker exec c sh -c '$files'
		d --name oom -m 16m box sh -c 'tail /dev/zero' >/dev/null 2>&1; echo rc \$?; docker inspect -f '{{.State.OOMKilled}}' oom"
	shows 67108864 83886080 'rc 137' true
}
