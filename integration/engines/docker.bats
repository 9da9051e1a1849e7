#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Docker as Debian has it, with minirun as a further runtime of the daemon

load machine

setup_file() {
	possible || return 0
	machine_start
	copy_in "$ENGINES/docker-functions" /docker-functions 644
	inside 'cat /docker-functions >>/functions'
	inside 'daemon' || {
		skip_file "dockerd doesn't run here"
		return 0
	}
	inside 'docker import /box.tar box' >/dev/null
	inside 'docker run --rm box true' || skip_file "Docker's own runtime can't run a container here"
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
		d --rm -v /etc:/etc/passwd box true 2>&1 | grep -c "mount a directory onto a file"; d --rm -v /box.tar:/etc box true 2>&1 | grep -c "mount a directory onto a file"
		d --rm -e A=b -w /tmp -u user --group-add 7 -h h box sh -c "echo \$A; pwd; id; hostname"; d --rm --init box cat /proc/1/comm
		d --rm --cap-drop all --cap-add chown box grep CapEff /proc/self/status
		d --rm --security-opt no-new-privileges box grep -E "NoNew|Seccomp:" /proc/self/status; d --rm --security-opt seccomp=unconfined box grep Seccomp: /proc/self/status
		d --rm --read-only --tmpfs /t:size=1m box sh -c "touch /x 2>/dev/null || echo ro; touch /t/x && echo tmp"; d --rm --shm-size 1m box sh -c "df -k /dev/shm | tail -n 1 | tr -s \" \""
		d --rm -v /etc:/v:ro -v vol:/w --mount type=tmpfs,dst=/u box sh -c "test -s /v/debian_version && echo mounted; touch /w/x /u/x && echo rw"; d --rm --device /dev/fuse:/dev/f:r box ls /dev/f
		d --rm --sysctl net.ipv4.ip_forward=1 --ulimit nofile=100:200 --oom-score-adj 100 box sh -c "cat /proc/sys/net/ipv4/ip_forward /proc/self/oom_score_adj; ulimit -n"
		on_tty "docker run --runtime $R --rm -it box sh -c \"tty; exit 4\""; echo rc $?'
	shows hello 'rc 3' in 'rc 127' 'rc 126' failed 1 1 b /tmp 'uid=1000*' h docker-init '*NoNewPrivs:*1' ro tmp mounted rw /dev/f 1 100 100 /dev/pts/0 'rc 4'
}

@test "docker exec, top, pause, stop, kill, logs, restart, events, wait" {
	same 'd -d --name c1 box sh -c "trap \"echo bye; exit 7\" TERM; echo up; while :; do sleep 0.1; done" >/dev/null; until_ok sh -c "docker logs c1 | grep up"
		docker exec c1 sh -c "id -u; exit 5"; echo rc $?; echo in | docker exec -i c1 cat; docker exec -u user -w /tmp -e X=y c1 sh -c "id -u; pwd; echo \$X"; docker exec c1 nonesuch >/dev/null 2>&1; echo rc $?
		on_tty "docker exec -it c1 sh -c \"tty; exit 9\""; echo rc $?; docker exec -d c1 touch /tmp/f; until_ok docker exec c1 test -e /tmp/f
		docker top c1 -o pid,args | grep -q "sh -c" && echo top; docker pause c1; docker inspect -f "{{.State.Status}}" c1; docker exec c1 true 2>/dev/null || echo paused; docker unpause c1
		docker update --restart no c1; docker stop c1; docker logs c1; docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" c1
		docker start c1; until_ok docker restart -t 0 c1; docker kill -s KILL c1; docker wait c1; docker inspect -f "{{.State.Status}} {{.State.ExitCode}}" c1; id=$(docker inspect -f "{{.Id}}" c1); docker rm c1
		docker events --since 60s --until $(($(date +%s) + 1)) --filter container=$id --format "{{.Action}}" | cut -d: -f1 | grep -v destroy | sort -u | xargs
		d -d --name health --health-cmd "test -e /tmp/well" --health-interval 200ms --health-retries 1 box sleep 600 >/dev/null; healthy() { test "$(docker inspect -f "{{.State.Health.Status}}" health)" = $1; }
		until_ok healthy unhealthy; docker exec health touch /tmp/well; until_ok healthy healthy; docker stats --no-stream --format "{{.Name}}" health; docker rm -f health
		ls /run/docker/runtime-runc/moby | wc -l'
	shows 0 'rc 5' in 1000 /tmp y 'rc 126' '/dev/pts/*' 'rc 9' top c1 paused up bye 'exited 7' 137 'exited 137' health health 0
}

@test "docker: namespaces and networks of others and of the host, bridge, ports" {
	same 'd -d --name c1 -h first --ipc shareable box sh -c "echo x >/dev/shm/x; sleep 600" >/dev/null; until_ok docker exec c1 test -e /dev/shm/x
		d --rm --network container:c1 --pid container:c1 --ipc container:c1 box sh -c "ps | grep -c [s]leep; cat /dev/shm/x; hostname"
		d --rm --pid host box cat /proc/1/comm; d --rm --ipc host box true; echo rc $?; d --rm --uts host box hostname; d --rm --network host box true; echo rc $?; d --rm --network none box ls /sys/class/net
		d --rm --cgroupns host box true; echo rc $?; d --rm --cgroupns private box tail -n 1 /proc/self/cgroup
		d -d --name web -p 8080:80 box sh -c "echo page >/tmp/index.html; httpd -f -p 80 -h /tmp" >/dev/null; until_ok busybox wget -qO /dev/null http://127.0.0.1:8080/index.html; busybox wget -qO - http://127.0.0.1:8080/index.html
		d -d --name h1 --pid host box sh -c "sleep 601 & sleep 601" >/dev/null; docker stop -t 0 h1; pgrep -c -f "^sleep 601"'
	shows 1 x first catatonit 'rc 0' machine 'rc 0' lo 'rc 0' '0::/' page h1 0
}

@test "docker build with RUN; the daemon restarts with live-restore" {
	same 'mkdir -p /tmp/b; printf "FROM box\nRUN echo step && echo made >/made\nUSER user\nRUN id -u\n" >/tmp/b/Dockerfile
		docker info -f "{{.LiveRestoreEnabled}}"; d -d --name c1 box sleep 600 >/dev/null; d -d --name e1 box sh -c "sleep 1; exit 6" >/dev/null
		stop_daemon; sleep 1; daemon; docker ps --format "{{.Names}}"; docker exec c1 echo again; docker wait e1; docker stop -t 0 c1; docker wait c1'
	# what ended while the daemon was away: Docker 26 no longer asks containerd for its code
	shows true c1 again '@(6|255)' c1 137
}

@test "docker: restart policies beside a daemon that restarts, that is killed, and without a shim" {
	same 'count() { until_ok sh -c "docker inspect -f \"{{.RestartCount}} {{.State.Status}}\" $1 | grep -qx \"$2\""; docker inspect -f "{{.Name}} {{.State.Status}} {{.RestartCount}} {{.State.ExitCode}}" $1; }
		d -d --name always --restart always box sleep 600 >/dev/null; d -d --name unless --restart unless-stopped box sleep 600 >/dev/null; docker stop -t 0 unless
		d -d --name fail --restart on-failure:2 box sh -c "exit 3" >/dev/null; count fail "2 exited"; p=$(pid always)
		stop_daemon; daemon; test $(pid always) = $p && echo same; count always "0 running"; count unless "0 exited"; count fail ".* exited"
		kill -9 $(cat /tmp/dockerd.pid); until_ok sh -c "! kill -0 $(cat /tmp/dockerd.pid)"; daemon; test $(pid always) = $p && echo same; docker exec always echo again
		kill -9 $p; count always "1 running"; kill -9 $(pgrep -f "shim-runc-v2.*-id $(docker inspect -f "{{.Id}}" always)"); count always "2 running"; docker exec always echo again; docker stop -t 0 always; count always ".* exited"
		docker rm always unless fail; ls /run/docker/runtime-runc/moby | wc -l; pgrep -cx sleep'
	shows unless '/fail exited 2 3' same '/always running 0 0' '/unless exited 0 137' '/fail exited * 3' same again '/always running 1 0' '/always running 2 0' again always '/always exited * 137' always unless fail 0 0
}

@test "docker attach: detached by keys, attached again" {
	same 'd -dit --name t1 box sh -c "read word; echo got \$word; exit 5" >/dev/null; printf ab | on_tty "docker attach --detach-keys a,b t1" >/dev/null; docker inspect -f "{{.State.Running}}" t1
		printf "word\n" | on_tty "docker attach t1" | grep -o "got word"; docker wait t1; docker logs t1 | grep -o "got word"'
	shows true 'got word' 5 'got word'
}

@test "docker: rules for devices" {
	# what each of two devices allows: fuse and kmsg
	look='mknod /f c 10 229; mknod /k c 1 11; for n in /f /k; do (: <$n) 2>&1 | grep -o permitted; (: >$n) 2>&1 | grep -o permitted; echo $n; done'
	same "d --rm box sh -c '$look'; d --rm --device-cgroup-rule 'c 10:229 r' box sh -c '$look'; d --rm --device-cgroup-rule 'c 10:* rw' --device-cgroup-rule 'c 1:11 w' box sh -c '$look'
		d --rm --device-cgroup-rule 'b *:* m' box sh -c 'mknod /b b 254 0 && (: </b) 2>&1 | grep -o permitted'; d --rm --device /dev/fuse:/dev/x:r box sh -c '(: </dev/x) && echo r; (: >/dev/x) 2>&1 | grep -o permitted'
		d -d --name c1 --device-cgroup-rule 'c 10:229 rw' box sleep 600 >/dev/null; docker update --restart no c1; docker exec c1 sh -c '$look'"
	shows permitted permitted /f permitted permitted /k permitted /f permitted permitted /k /f permitted /k permitted r permitted c1 /f permitted permitted /k
}

# bats test_tags=controllers
@test "docker: limits, update, OOM, where the kernel has the controllers" {
	controllers cpuset cpu memory pids
	# out of memory: in a container that goes on, since systemd removes an empty scope, and containerd reads its numbers late
	same "id=\$(d -d --name c1 -m 64m --memory-swap 96m --memory-reservation 32m --cpus 0.5 --cpuset-cpus 0 --cpuset-mems 0 --pids-limit 99 -c 512 box sleep 100000); files \$id | shares
		docker update -m 80m --memory-swap 160m --cpus 0.25 --pids-limit 60 c1; docker update -c 2048 c1; files \$id | shares
		docker update --cpuset-cpus 77 c1 2>/dev/null || echo refused; docker update -m 1k c1 2>/dev/null || echo refused; docker pause c1; docker update --pids-limit 70 c1; docker unpause c1; files \$id | shares
		docker stats --no-stream --format '{{.MemUsage}} {{.PIDs}}' c1 | sed 's,^[1-9][0-9.]*[KM]iB /,some /,'; docker restart -t 0 c1; files \$id | shares
		d -d --name oom -m 32m --memory-swap 32m box sh -c 'until tail /dev/zero; do echo \$?; sleep 1; done' >/dev/null; until_ok sh -c 'docker inspect -f {{.State.OOMKilled}} oom | grep true' && echo OOMKilled; docker logs oom 2>/dev/null | sort -u"
	shows 'memory.max 67108864' 'memory.low 33554432' 'cpu.max 50000 100000' 'cpu.weight 512 shares' 'cpuset.cpus 0' 'pids.max 99' \
		'memory.max 83886080' 'memory.swap.max 83886080' 'cpu.max 25000 100000' 'cpu.weight 2048 shares' 'pids.max 60' \
		refused refused 'memory.max 83886080' 'pids.max 70' 'some / 80MiB 1' 'memory.max 83886080' OOMKilled 137
}

# bats test_tags=controllers
@test "docker: a parent of cgroups, AppArmor" {
	controllers memory
	parent=/mine/deep
	inside 'docker info -f "{{.CgroupDriver}}" | grep -qx systemd' && parent=mine-deep.slice
	same "id=\$(d -d --name c1 --cgroup-parent $parent box sleep 100000); cd /sys/fs/cgroup; find -name \"*\$id*\"
		for o in apparmor=docker-default apparmor=unconfined no-new-privileges; do d --rm --security-opt \$o box cat /proc/self/attr/current 2>/dev/null; done; docker exec c1 cat /proc/self/attr/current; d --rm --security-opt apparmor=nosuch box true 2>/dev/null || echo refused
		d --rm --cap-add sys_admin box mount -t tmpfs x /tmp 2>&1; d --rm --privileged box cat /proc/self/attr/current"
	shows '*mine*deep*' 'docker-default (enforce)' unconfined 'docker-default (enforce)' refused '*Permission denied' unconfined
}
