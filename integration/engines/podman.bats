#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman as root: what it does with minirun is what it does with runc

load machine

setup_file() {
	possible || return 0
	machine_start
	inside 'podman import -q /box.tar box 2>/dev/null' >/dev/null
}

teardown_file() {
	machine_stop
}

tidy() {
	inside 'podman pod rm -fa -t 0; podman rm -fa -t 0; podman volume prune -f
		podman secret ls -q | xargs -r podman secret rm' >/dev/null 2>&1
}

@test "run: output, exit codes, arguments, environment" {
	same 'p run --rm box echo hello
		p run --rm box sh -c "echo err >&2; exit 3"; echo rc $?
		p run --rm --init box sh -c "kill -9 \$\$"; echo rc $?
		echo from stdin | p run --rm -i box cat
		p run --rm -e A=b -w /tmp -u user --hostname h box sh -c "echo \$A; pwd; id; hostname; env | cut -d= -f1 | sort | xargs"
		p run --rm --env-host=false --entrypoint "[\"/bin/echo\",\"-n\",\"x\"]" box y; echo
		head -c 3000000 /dev/zero | p run --rm -i box wc -c'
	shows hello 'rc 3' 'rc 137' 'from stdin' b /tmp 'uid=1000(user)*' h 'x y' 3000000
}

@test "run: what can't be run says so, with 125, 126, 127" {
	same 'p run --rm box nonesuch 2>/dev/null; echo rc $?
		p run --rm box /etc 2>/dev/null; echo rc $?
		p run --rm box /etc/passwd 2>/dev/null; echo rc $?
		p run --rm box /no/such 2>/dev/null; echo rc $?
		p run --rm -w /etc/passwd box true 2>/dev/null; echo rc $?
		p run --rm --cap-add none box true 2>/dev/null; echo rc $?
		p ps -aq; find /run/minirun /run/runc -mindepth 1 ! -path "*/.cache*" 2>/dev/null; true'
	shows 'rc 127' 'rc 126' 'rc 126' 'rc 127'
}

@test "run: the runtime's own error is what podman shows" {
	R=minirun run -127 inside 'p run --rm box nonesuch'
	echo "$output"
	[[ $status -eq 127 && $output == *'executable file'*'not found in $PATH'* ]]
	[[ $output != *'{'* ]]
}

@test "run: the classics among failures name their cause and leave nothing" {
	same -c "" 'mkdir -p /srv/bad; cd /srv/bad; cp /bin/ls elf; printf "#!/no/interpreter\n" >script; echo text >text; chmod 755 script text
		mountpoint -q none || { mkdir -p none; mount -t tmpfs -o noexec none none; cp /bin/busybox none; }
		try() { p run --rm -v .:/b "$@" 2>&1; echo rc $?; }
		try box /b/elf; try box /b/script; try box /b/none/busybox; try box /b/text
		try --sysctl net.ipv4.ip_forward=x box true; try --tmpfs /t:size=x box true; try -v /box.tar:/etc box true; try -v /etc:/proc/x box true
		try --ipc ns:/etc/passwd box true; try --annotation run.oci.handler=wasm box true
		p ps -aq; find /run/minirun -mindepth 1 ! -path "*/.cache*"; find /sys/fs/cgroup -name "libpod-*"'
	shows '*/process/args/0: exec /b/elf: no such file or directory: its interpreter /lib*/ld-linux* is missing*' 'rc 127' \
		'*exec /b/script: no such file or directory: its interpreter /no/interpreter is missing*' 'rc 127' \
		'*exec: "/b/none/busybox": permission denied: its file system is mounted with noexec*' 'rc 126' \
		'*exec: ?"/b/text?": exec format error*' 'rc 12?' \
		'*/linux/sysctl/net.ipv4.ip_forward: write /proc/sys/net/ipv4/ip_forward: invalid argument' 'rc 126' \
		'*/t: option "size=x": invalid argument (tmpfs: *' 'rc 126' '*/etc: the source is not a directory, the destination is one' 'rc 126' \
		"*/proc/x can't be covered" 'rc 126' '*/etc/passwd is no namespace' 'rc 126' "*/annotations/run.oci.handler: isn't supported*" \
		'rc 126' 'status 0'
	[[ $output != *libpod-* ]]
}

@test "run -it: a terminal, its size, its exit code" {
	same 'on_tty "stty rows 33 cols 77; podman --runtime $R run --rm -it box sh -c \"tty; i=0; until stty size 2>/dev/null | grep 33 || [ \\\$((i += 1)) = 50 ]; do sleep 0.1; done; test -t 0 && test -t 1 && test -t 2 && echo tty\""
		on_tty "podman --runtime $R run --rm -it box sh -c \"exit 4\""; echo rc $?
		printf "echo in\$((1+1))\nexit\n" | on_tty "podman --runtime $R run --rm -it box sh" | grep -c "^in2"'
	shows /dev/pts/0 tty 'rc 4' 1
}

@test "run -d, logs, stop, start, restart, wait, rm" {
	same 'p run -d --name c box sh -c "trap \"echo bye; exit 7\" TERM; echo up; while :; do sleep 0.1; done"
		until_ok sh -c "podman logs c | grep up"
		p ps --format "{{.Names}} {{.Status}}" | cut -d" " -f1,2
		p stop c; p wait c; p logs c; p inspect c --format "{{.State.Status}} {{.State.ExitCode}}"
		p start c; p inspect c --format "{{.State.Status}}"; p restart -t 0 c; p inspect c --format "{{.State.Running}}"
		p rm c 2>/dev/null; echo rc $?; p rm -f -t 0 c; p ps -aq; find /run/minirun /run/runc -mindepth 1 ! -path "*/.cache*" 2>/dev/null; true'
	shows 'c Up' c 7 bye 'exited 7' running true 'rc 2'
}

@test "exec: output, codes, user, detached, without privileges" {
	same 'p run -d --name c box sleep 600
		p exec c echo hello; p exec c sh -c "exit 5"; echo rc $?
		echo in | p exec -i c cat; p exec -u user -w /tmp -e X=y c sh -c "id; pwd; echo \$X"
		p exec c nonesuch 2>/dev/null; echo rc $?
		p exec -d c sh -c "echo later >/tmp/f; sleep 100"; until_ok p exec c test -s /tmp/f; p exec c cat /tmp/f
		p exec --privileged c grep CapEff /proc/self/status; p exec c grep -E "Cap|Seccomp:|NoNew" /proc/self/status
		p exec c sh -c "cat /proc/self/cgroup | tail -n 1 | sed s,/libpod.*,/C,"
		p exec --preserve-fds 1 c ls /proc/self/fd 3</dev/null | xargs'
	shows hello 'rc 5' in 'uid=1000(user)*' /tmp y 'rc 127' later
	# of runc's words podman 5 makes 255
	R=minirun run -126 inside 'p run -d --name c box sleep 600 >/dev/null; p exec c /etc'
	tidy || true
}

@test "exec -it" {
	same 'p run -d --name c box sleep 600
		on_tty "podman exec -it c sh -c \"tty; test -t 1 && echo tty; exit 9\""; echo rc $?
		printf "echo in\$((1+1))\nexit\n" | on_tty "podman exec -it c sh" | grep -c "^in2"'
	shows tty 'rc 9' 1
}

@test "kill, pause, unpause, top, stats" {
	same 'p run -d --name c box sh -c "trap \"echo usr1\" USR1; echo up; while :; do sleep 0.1; done"
		until_ok sh -c "podman logs c | grep up"
		p kill -s USR1 c; until_ok sh -c "podman logs c | grep usr1"
		p pause c; p ps -a --format "{{.Status}}"; cat /sys/fs/cgroup/libpod_parent/libpod-*/cgroup.events | grep frozen; p exec c true 2>/dev/null; echo rc $?
		p unpause c; p ps --format "{{.Status}}" | cut -d" " -f1
		p top c pid user args | head -n 2; p top c seccomp label args | grep -c "sh -c"
		p stats --no-stream --format "{{.Name}} {{.PIDs}}" c 2>/dev/null | cut -d" " -f1
		p pause c; p kill c; p wait c; p ps -a --format "{{.State}}" | cut -d" " -f1-2
		p kill c 2>/dev/null; echo rc $?'
	shows Paused 'frozen 1' Up c 137
}

@test "init: created, then started; create; --init; --preserve-fds; --pid, --ipc, --uts host" {
	same 'p create --name c box echo started; p init c; p inspect c --format "{{.State.Status}}"; p start -a c; p rm c
		p run --rm --init box sh -c "cat /proc/1/comm"
		p run --rm --preserve-fds 2 box sh -c "cat <&3; cat <&4" 3</etc/hostname 4</etc/debian_version | wc -l
		p run --rm --uts host box hostname; p run --rm --ipc host box sh -c "ls -d /dev/shm"
		p run --rm --pid host box sh -c "cat /proc/1/comm"
		p run -d --name h --pid host box sh -c "sleep 600 & sleep 600"; p stop -t 1 h; p rm h; pgrep -c -x sleep'
	shows initialized started podman-init 2 machine /dev/shm catatonit h 0
}

@test "pods, with shared namespaces" {
	same 'p pod create --name pod --share-parent=false --share net,ipc,uts,pid >/dev/null
		p run -d --pod pod --name a box sleep 600 >/dev/null
		p run --rm --pod pod box sh -c "ps | grep -c [s]leep; hostname"
		p pod ps --format "{{.Name}} {{.Status}} {{.NumberOfContainers}}"; p pod pause pod >/dev/null; p pod ps --format "{{.Status}}"; p pod unpause pod >/dev/null
		p pod stop -t 0 pod >/dev/null; p pod ps --format "{{.Status}}"; p pod start pod >/dev/null; p pod ps --format "{{.Status}}"
		p pod rm -f -t 0 pod >/dev/null; p ps -aq'
	shows 1 pod 'pod Running 2' 'Paused' 'Exited' 'Running'
}

@test "joining another container's namespaces" {
	same 'p run -d --name c --hostname first --ipc shareable box sh -c "echo x >/dev/shm/x; sleep 600"
		p run --rm --network container:c --pid container:c --ipc container:c --uts container:c box sh -c "exec 2>&1; hostname; cat /dev/shm/x; ps | grep -c [s]leep.600"
		p run --rm --cgroupns host box sh -c "tail -n 1 /proc/self/cgroup" | sed s,libpod-.*,C,
		p run --rm --cgroupns private box tail -n 1 /proc/self/cgroup'
	shows x 1 '0::/'
}

@test "capabilities, seccomp, no-new-privileges, privileged" {
	status='grep -E \"^(Cap|Seccomp:|NoNew)\" /proc/self/status'
	same "p run --rm box sh -c \"$status\"
		p run --rm --cap-drop all --cap-add net_raw,chown box sh -c \"$status\"
		p run --rm --user 1000 --cap-add net_raw box sh -c \"$status\"
		p run --rm --security-opt no-new-privileges box sh -c \"$status\"
		p run --rm --security-opt seccomp=unconfined box sh -c \"$status\"
		p run --rm --privileged box sh -c \"$status; ls /dev | wc -l; touch /proc/sys/kernel/domainname && echo rw\"
		echo '{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"mkdir\",\"mkdirat\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":28}]}' >/tmp/s.json
		p run --rm --security-opt seccomp=/tmp/s.json box mkdir /tmp/x"
	shows 'Seccomp:*2' 'CapEff:*' 'Seccomp:*0' '*No space left*'
}

@test "user namespaces: auto, keep-id, nomap, mappings" {
	look='cat /proc/self/uid_map; id; touch /tmp/x; stat -c %u /tmp/x /etc'
	same "p run --rm --userns auto box sh -c '$look'
		p run --rm --userns auto:size=2000 box sh -c '$look'
		p run --rm --uidmap 0:300000:1000 --gidmap 0:300000:1000 box sh -c '$look'
		p run --rm --userns host box sh -c '$look' | tr -s ' '
		p run -d --name c --uidmap 0:300000:1000 box sleep 600 >/dev/null; p exec c sh -c '$look'; p exec -u 3 c id
		p run --rm --userns container:c box cat /proc/self/uid_map
		p run --rm --userns nomap box true 2>/dev/null; echo rc \$?"
	shows 'uid=0(root)*' '*300000*' 'uid=3*'
}

@test "volumes: ro, U, z, propagation, named, overlay, files, copy-up" {
	same 'rm -rf /srv/v; mkdir -p /srv/v/sub; echo x >/srv/v/f; look="grep -c \" /v \" /proc/self/mountinfo; cat /v/f; touch /v/new && echo rw"
		p run --rm -v /srv/v:/v box sh -c "$look"; p run --rm -v /srv/v:/v:ro box sh -c "exec 2>&1; $look"
		p run --rm -v /srv/v:/v:U -u 1000 box sh -c "$look; stat -c %u /v/f"
		p run --rm -v /srv/v:/v:O box sh -c "echo y >/v/f; cat /v/f"; cat /srv/v/f
		p run --rm -v /srv/v/f:/deep/er/file:ro box cat /deep/er/file
		p run --rm -v vol:/etc box sh -c "ls /etc; echo 1 >/etc/one"; p run --rm -v vol:/v:noexec,nosuid box cat /v/one
		p run --rm -v new:/etc:nocopy box sh -c "ls /etc | grep -v -E \"^(resolv.conf|mtab)\$\" | xargs"
		p run --rm -v /srv/v:/v:rshared box sh -c "grep \" /v \" /proc/self/mountinfo | grep -c shared"
		p run --rm --mount type=bind,src=/srv/v,dst=/v,ro,bind-propagation=rslave box sh -c "grep \" /v \" /proc/self/mountinfo | grep -c master"
		p run --rm -v /no/such/dir:/v box true 2>/dev/null; echo rc $?'
	shows x rw x x '1000' y x x passwd 1 'hostname hosts' 1
}

@test "volumes: idmap" {
	# runc 1.1 takes the option for nothing
	R=minirun run inside 'mkdir -p /home/v; echo x >/home/v/f
		p run --rm --uidmap 0:300000:1000 --gidmap 0:300000:1000 -v /home/v:/v box sh -c "stat -c %u /v/f"
		p run --rm --uidmap 0:300000:1000 --gidmap 0:300000:1000 -v /home/v:/v:idmap box sh -c "stat -c %u /v/f; touch /v/g"
		stat -c %u /home/v/g'
	tidy || true
	[[ $output != *"can't map the ids of this file system"* ]] || skip "no idmapped mounts of tmpfs here"
	shows 65534 0 0
}

@test "tmpfs, read-only, shm, devices, masks" {
	same 'p run --rm --tmpfs /t:size=1m,mode=1770 box sh -c "stat -c %a /t; df -k /t | tail -n 1 | tr -s \" \"; grep \" /t \" /proc/self/mountinfo | cut -d\" \" -f6"
		p run --rm --mount type=tmpfs,dst=/etc,tmpcopyup box ls /etc
		p run --rm --read-only box sh -c "exec 2>&1; touch /x; touch /tmp/x && touch /run/x && echo tmp"
		p run --rm --read-only --read-only-tmpfs=false box sh -c "exec 2>&1; touch /tmp/x"
		p run --rm --shm-size 1m box sh -c "df -k /dev/shm | tail -n 1 | tr -s \" \""
		p run --rm --device /dev/fuse --device /dev/net/tun:/dev/t:r box sh -c "exec 2>&1; ls -l /dev/fuse /dev/t | cut -c1-10; cat </dev/fuse; : >/dev/t"
		p run --rm box sh -c "exec 2>&1; mknod /tmp/m b 8 0; cat /tmp/m"; p run --rm --device-cgroup-rule "c 1:3 rwm" box sh -c "mknod /tmp/m c 1 3 && : >/tmp/m && echo null"
		p run --rm --security-opt mask=/etc --security-opt unmask=/proc/kcore box sh -c "ls /etc | wc -l; ls -l /proc/kcore | cut -c1-10"
		p run --rm box sh -c "exec 2>&1; ls /dev; cat /proc/timer_list /proc/kcore | wc -c; touch /proc/sys/kernel/x /sys/x"
		p run --rm box cut -d" " -f4-6 /proc/self/mountinfo | grep " /\(etc\|dev\|run\|sys\|proc\) " | sed "s,/[^ ]*/\(userdata\|merged\|diff\)[^ ]*,," | sort'
	shows 1770 passwd '*Read-only*' tmp '*1024*' null
}

@test "sysctl, ulimit, oom score, hostname, hosts, groups, umask, timezone" {
	same 'p run --rm --sysctl net.ipv4.ip_forward=1 --sysctl kernel.shm_rmid_forced=1 box cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/shm_rmid_forced
		p run --rm --sysctl nope.nope=1 box true 2>/dev/null; echo rc $?
		p run --rm --ulimit nofile=100:200 --ulimit nproc=500:1000 --ulimit core=0:0 box sh -c "ulimit -Sn; ulimit -Hn; ulimit -c"
		p run --rm --oom-score-adj 100 box cat /proc/self/oom_score_adj
		p run --rm --group-add 7 --group-add games -u 1000 box id; p run --rm -u 5:6 box id; p run --rm --umask 0077 box sh -c umask
		p run --rm --add-host a:1.2.3.4 box grep -c 1.2.3.4 /etc/hosts
		p run --rm --env-file /dev/null --label a=b --annotation x=y box true; echo rc $?'
	shows 1 1 100 200 0 100 'uid=1000*' 'uid=5*' 0077 1 'rc 0'
}

@test "healthcheck run" {
	same 'p run -d --name c --health-cmd "test -e /tmp/ok" --health-interval disable box sleep 600 2>/dev/null
		p healthcheck run c; echo rc $?; p exec c touch /tmp/ok; p healthcheck run c; echo rc $?
		p inspect c --format "{{.State.Health.Status}}" 2>/dev/null || p inspect c --format "{{.State.Healthcheck.Status}}"'
	shows 'rc 1' 'rc 0'
}

@test "secrets, cp, diff, commit, export, attach" {
	same 'printf secret | p secret create s - >/dev/null
		p run --rm --secret s,mode=0400 box sh -c "cat /run/secrets/s; echo; stat -c %a /run/secrets/s"; p run --rm --secret s,type=env,target=S box sh -c "echo \$S"
		p run -d --name c box sleep 600 >/dev/null; echo in >/tmp/in; p cp /tmp/in c:/tmp/in; p exec c cat /tmp/in; p exec c sh -c "echo out >/tmp/out"; p cp c:/tmp/out - | tar -xO
		p diff c | sort; p commit -q c box2 >/dev/null; p run --rm box2 cat /tmp/out; p export -o /tmp/e c; tar -tf /tmp/e | grep -c tmp/out; p rmi -f box2 >/dev/null
		p run -d -i --name d box sh -c "read x; echo got \$x" >/dev/null; echo word | p attach d | grep -c word; p wait d'
	shows secret 400 secret in out out 1 1 0
}

@test "play kube" {
	# runc opens /dev/null anew, which the group of a pod that podman 4 makes doesn't let it
	R=minirun run inside 'cat >/tmp/pod.yaml <<-END
		apiVersion: v1
		kind: Pod
		metadata: { name: kube }
		spec:
		  hostname: kubehost
		  containers:
		  - name: one
		    image: localhost/box
		    command: ["sh", "-c", "echo \$VALUE; id -u; hostname; cat /data/f; sleep 600"]
		    env: [{ name: VALUE, value: "42" }, { name: PATH, value: /bin }]
		    securityContext: { runAsUser: 12, readOnlyRootFilesystem: true, capabilities: { drop: [ALL] } }
		    volumeMounts: [{ name: d, mountPath: /data }]
		  volumes: [{ name: d, hostPath: { path: /srv/kube } }]
		END
		mkdir -p /srv/kube; echo data >/srv/kube/f
		p play kube /tmp/pod.yaml >/tmp/log 2>&1; echo rc $?; grep Error /tmp/log
		until_ok sh -c "podman logs kube-one | grep data"; p logs kube-one; p play kube --down /tmp/pod.yaml >/tmp/log 2>&1; echo rc $?; grep Error /tmp/log'
	tidy || true
	shows 'rc 0' 42 12 data 'rc 0'
}

@test "networks: none, host, bridge, ports" {
	inside 'podman --runtime runc run --rm --network bridge box true' || skip "no bridge network here"
	same 'p run --rm --network none box sh -c "ls /sys/class/net"; p run --rm --network host box sh -c "ls /sys/class/net | grep -c lo"
		p run --rm --network bridge box sh -c "ls /sys/class/net | xargs; ip route | grep -c default"
		p run -d --name web --network bridge -p 8080:80 box sh -c "echo page >/tmp/index.html; httpd -f -p 80 -h /tmp" >/dev/null
		until_ok busybox wget -qO /dev/null http://127.0.0.1:8080/index.html; busybox wget -qO - http://127.0.0.1:8080/index.html
		p network create --subnet 10.89.7.0/24 n >/dev/null; p run --rm --network n --ip 10.89.7.77 box sh -c "ip -4 addr | grep -c 10.89.7.77"; p network rm -f n >/dev/null
		p run --rm --network ns:/proc/1/ns/net box true 2>/dev/null; echo rc $?'
	shows lo 1 '*eth0*' 1 page 1
}

@test "hooks, a named parent of cgroups, cgroups disabled" {
	same 'mkdir -p /tmp/hooks; cat >/tmp/hooks/a.json <<-END
		{"version":"1.0.0","hook":{"path":"/bin/sh","args":["sh","-c","jq -r .status >>/tmp/hook-$R"]},"when":{"always":true},"stages":["prestart","poststart","poststop"]}
		END
		p --hooks-dir /tmp/hooks run --rm box true; tail -n 1 /tmp/hook-$R; rm /tmp/hook-$R
		p run --rm --cgroup-parent /mine --cgroupns host box tail -n 1 /proc/self/cgroup | sed s,libpod-.*,C,'
	shows stopped '*mine*'
	R=minirun run inside 'p run --rm --cgroups disabled --cgroupns host box sh -c "tail -n 1 /proc/self/cgroup"'
	[[ $output == */init ]]
}

# bats test_tags=controllers
@test "limits, and podman update, where the kernel has the controllers" {
	controllers cpuset memory pids
	# out of memory: in a container that goes on, since systemd removes an empty scope, and conmon reads its numbers late
	files='cd /sys/fs/cgroup; for f in memory.max memory.low memory.swap.max memory.high pids.max cpu.max cpu.weight cpuset.cpus; do echo $f $(cat $f); done'
	same "p run -d --name c -m 64m --memory-reservation 32m --memory-swap 100m --pids-limit 99 --cpus 0.5 --cpuset-cpus 0 --cpu-shares 512 --cgroup-conf memory.high=60000000 box sleep 100000 >/dev/null; p exec c sh -c '$files' | shares
		p update -m 80m --cpus 0.25 --cpu-shares 2048 --pids-limit 50 c >/dev/null; p exec c sh -c '$files' | shares
		p stats --no-stream --format '{{.Name}} {{.MemUsage}} {{.PIDs}}' c | sed 's,[1-9][0-9.]*[kM]B /,some /,'; p restart -t 0 c >/dev/null; p exec c sh -c '$files' | head -n 1
		p update --cpuset-cpus 77 c 2>/dev/null || echo refused; p exec c cat /sys/fs/cgroup/cpuset.cpus; p rm -f -t 0 c >/dev/null
		id=\$(p run -d --name oom -m 16m --memory-swap 16m box sh -c 'tail /dev/zero; echo \$?; sleep 100000'); until_ok sh -c \"find /run /var/lib/containers -path '*\$id*' -name oom | grep .\"; p logs oom 2>/dev/null; p kill oom >/dev/null; p wait oom; p inspect oom --format '{{.State.OOMKilled}} {{.State.ExitCode}}'
		p run --rm --pids-limit 30 box sh -c 'for i in \$(seq 40); do sleep 5 & done; wait' 2>&1 | grep -o -m 1 unavailable"
	shows 'memory.max 67108864' 'memory.high 59998208' 'pids.max 99' 'cpu.max 50000 100000' 'cpu.weight 512 shares' 'memory.max 83886080' \
		'pids.max 50' 'cpu.max 25000 100000' 'cpu.weight 2048 shares' 'c some / 83.89MB 1' 'memory.max 83886080' refused 0 137 137 'true 137' unavailable
	# runc 1.1 leaves it to systemd's default
	R=minirun run inside 'p run --rm --pids-limit 0 box cat /sys/fs/cgroup/pids.max'
	[[ $output == max ]]
}

@test "what limits need and the host has not: refused" {
	inside '! grep -qw memory /sys/fs/cgroup/cgroup.controllers' || skip "this host has the controllers"
	same 'p run --rm --pids-limit 0 box echo unlimited; p run --rm -m 64m box true 2>/dev/null || echo failed; p run --rm --pids-limit 7 box true 2>/dev/null || echo failed
		p run --rm --ulimit nofile=100000000:100000000 box true 2>/dev/null || echo failed
		p ps -aq; find /run/minirun /run/runc -mindepth 1 ! -path "*/.cache*" 2>/dev/null; true'
	shows unlimited failed failed failed
}
