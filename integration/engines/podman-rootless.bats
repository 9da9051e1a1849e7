#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman as an ordinary user: a user namespace that podman makes, no cgroups but by delegation

load machine

setup_file() {
	possible || return 0
	machine_start
	as_tester 'mkdir -p .config/containers
		printf "[storage]\ndriver = \"vfs\"\n" >.config/containers/storage.conf
		podman import -q /box.tar box' >/dev/null 2>&1
	as_tester 'podman --runtime runc run --rm box true' || skip_file "rootless podman doesn't run here"
}

teardown_file() {
	machine_stop
}

tidy() {
	as_tester 'podman pod rm -fa -t 0; podman rm -fa -t 0; podman volume rm -fa' >/dev/null 2>&1
}

@test "rootless: run, codes, stdin, terminal" {
	same -u 'p run --rm box echo hello; p run --rm box sh -c "exit 3"; echo rc $?; echo in | p run --rm -i box cat
		p run --rm box nonesuch 2>/dev/null; echo rc $?; p run --rm box /etc 2>/dev/null; echo rc $?
		on_tty "podman --runtime $R run --rm -it box sh -c \"tty; test -t 1 && echo tty\""
		p run --rm box cat /proc/self/uid_map; p run --rm -u 1000:60 --group-add 5 box id
		p run --rm box sh -c "grep -E \"^(Cap|Seccomp:|NoNew)\" /proc/self/status"; p run --rm --privileged box sh -c "grep CapEff /proc/self/status"'
	shows hello 'rc 3' in 'rc 127' 'rc 126' /dev/pts/0 tty 'uid=1000*'
}

@test "rootless: detached, exec, logs, stop, kill, rm" {
	same -u 'p run -d --name c box sh -c "trap \"echo bye; exit 7\" TERM; echo up; while :; do sleep 0.1; done"
		until_ok sh -c "podman logs c | grep up"; p exec c sh -c "id -u; exit 5"; echo rc $?; echo in | p exec -i c cat; p exec -u 1000 c id -u
		on_tty "podman exec -it c tty"; p top c user args | head -n 2; p stop c; p logs c; p wait c
		p start c; p kill c; p wait c; p restart -t 0 c >/dev/null; p rm -f -t 0 c; find /run/user/1000/minirun /run/user/1000/runc -mindepth 1 ! -path "*/.cache*" 2>/dev/null; true'
	shows 0 'rc 5' in 1000 /dev/pts/0 up bye 7 137
}

@test "rootless: keep-id, nomap, auto, mappings; volumes with U; devices, tmpfs, read-only" {
	same -u 'look="cat /proc/self/uid_map; id; touch /tmp/x; stat -c %u /tmp/x"; mkdir -p v; echo x >v/f
		p run --rm --userns keep-id box sh -c "$look"; p run --rm --userns nomap box sh -c "$look"; p run --rm --userns auto:size=100 box sh -c "$look" 2>/dev/null; echo rc $?
		p run --rm --uidmap 0:1:100 --gidmap 0:1:100 box sh -c "$look"
		p run --rm -v ./v:/v box sh -c "stat -c %u /v/f; cat /v/f; touch /v/g && echo rw"; p run --rm -v ./v:/v:ro box sh -c "touch /v/h 2>/dev/null || echo ro"
		p run --rm -v ./v:/v:U -u 7 box sh -c "stat -c %u /v/f"; p unshare stat -c %u v/f; p unshare chown -R 0:0 v
		p run --rm --device /dev/fuse box sh -c "ls /dev/fuse"; p run --rm --read-only --tmpfs /t:size=1m box sh -c "touch /x 2>/dev/null || echo ro; touch /t/x && echo tmp"
		p run --rm -v named:/etc box ls /etc; p run --rm --sysctl net.ipv4.ip_forward=1 box cat /proc/sys/net/ipv4/ip_forward'
	shows 'uid=1000*' 0 x rw ro 7 7 /dev/fuse ro tmp passwd 1
}

@test "rootless: networks none, host, slirp4netns; pods; namespaces of others" {
	same -u 'p run --rm --network none box ls /sys/class/net; p run --rm --network host box true; echo rc $?
		p run --rm --network slirp4netns box ls /sys/class/net 2>/dev/null | xargs; echo rc $?
		p pod create --name pod --share net,ipc,uts,pid >/dev/null; p run -d --pod pod --name a box sleep 600 >/dev/null; p run --rm --pod pod box sh -c "ps | grep -c [s]leep"; p pod rm -f -t 0 pod >/dev/null 2>&1
		p run -d --name c box sleep 600 >/dev/null; p run --rm --network container:c --pid container:c box sh -c "ps | grep -c [s]leep"
		p run --rm --pid host box true; echo rc $?; p run --rm --ipc host box true; echo rc $?; p run --rm --uts host box hostname
		p run --rm --cgroupns host box true; echo rc $?; p run --rm --ulimit nofile=64:64 --ulimit nproc=100:100 box sh -c "ulimit -n"'
	shows lo 'rc 0' 1 1 'rc 0' 'rc 0' machine 'rc 0' 64
}

@test "rootless: build" {
	same -u 'mkdir -p b; printf "FROM localhost/box\nRUN id -u && echo made >/made\nUSER user\nRUN id -u\n" >b/Containerfile
		podman --runtime $R build --isolation oci --network none --no-cache -q -t built b >log 2>&1; echo rc $?; p run --rm built sh -c "cat /made; id -u"; podman rmi -f built >/dev/null'
	shows 'rc 0' made 1000
}
