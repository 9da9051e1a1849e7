#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# containerd as Kubernetes uses it: its CRI plugin, with a small kubelet (cri.py, cri-cases.py)

load machine

setup_file() {
	possible || return 0
	machine_start
	copy_in "$ENGINES/cri.py" /cri/cri.py 644
	copy_in "$ENGINES/cri-cases.py" /cri/cases.py 644
	copy_in "$ENGINES/cri-config" /cri/config 755
	copy_in "$ENGINES/cri-functions" /cri/functions 644
	inside 'cat /cri/functions >>/functions; /cri/config' >/dev/null
	inside 'daemon && ctr -n k8s.io image import /cri/images.tar' >/dev/null
}

teardown_file() {
	machine_stop
}

tidy() {
	inside 'cri tidy' >/dev/null 2>&1
}

@test "a pod's and its containers' life: exec, stop, exit codes, stats, what can't start" {
	same 'cri life'
	shows '0 True' created 'running True' up down "(5, 'out?n', 'err?n')" "(0, 'b?n/made/here?n0?n1?n', '')" \
		'*executable file not found*' '*permission denied*' 'refused: DEADLINE_EXCEEDED*' 'True True' \
		"exited 7 Error \\['up', 'bye'\\]" '137 Error' 'exit 3' '*executable file not found*' \
		'exited 128 StartError' 'exited 137 1' 'nothing left'
}

@test "security contexts: privileged, capabilities, no_new_privs, users, groups, a read-only root" {
	same 'cri security users'
	shows 'CapBnd:*00000000a80425fb' 'CapEff:*0000000002001000' 'CapBnd:*fedffffe' 'CapBnd:*0000000000000000' \
		'CapEff:*0000000000000000' 'CapEff:*1ff*ffffff' '/sys rw' '/sys ro' 'NoNewPrivs:*1' 7 \
		'1000 60' '77 5 9' '0 1000000' refused:* Read-only rw "(0, '1000?n1000 60?nCapEff:*"
}

@test "seccomp: the default filter, none, a node's own; masked and read-only paths" {
	same 'cri seccomp paths'
	shows 'Seccomp:*2' 'not permitted' 'Seccomp:*0' 'Seccomp:*2' 'not supported' 'refused:*no such file*' \
		"(0, 'Seccomp:*2?nnot supported*" 'touch: /tmp/x: Read-only file system' Read-only rw '/dev tmpfs'
}

@test "namespaces of the pod, of a container, of another, of the node; sysctls" {
	same 'cri namespaces'
	shows "(0, '1?nsleep?n', '')" 137 x 1 0 cat sleep "(0, '1?n', '')" 137 catatonit machine 137 refused:* 1 5000
}

@test "a network by CNI: address, names, sysctls of the pod" {
	same 'cri network'
	shows 10.99.0 eth0 lo podhost podhost 80 1 page page
}

@test "mounts: read-only, propagation, links, files; devices" {
	same 'cri mounts devices'
	shows text text Read-only below rw /made refused:* "(0, 's?nr?n', '')" "\\['r'\\]" 'crw-rw-rw- root root 10, 229' \
		read refused '*Operation not permitted' 'refused:*no such file*'
}

@test "exec and attach by streams, with and without a terminal" {
	same 'cri streams'
	shows "b'ready?ngot input?n' b'err?n' *6*" "b'/dev/pts/0?r?nready?r?ninput?r?ngot input?r?n'*9*" "b'got line?n'*" '4 got line' \
		"b'typed?r?ngot typed?r?n'*" '2 typed' 'got typed'
}

@test "limits of huge pages, by cgroup v2's own names; a pod's cgroup" {
	inside 'grep -qw hugetlb /sys/fs/cgroup/cgroup.controllers' || skip "no controller for huge pages here"
	same 'cri hugepages'
	shows '*' '0::/' 8388608 refused:* /pods/burstable/ID
}

# bats test_tags=controllers
@test "limits, update, out of memory, numbers, where the kernel has the controllers" {
	controllers cpuset cpu memory pids
	same "cri limits oom stats | shares"
	shows 'memory.max 67108864' 'cpu.max 50000 100000' 'cpu.weight 512 shares' 'cpuset.cpus 0' 'pids.max 50' 500 \
		updated 'memory.max 83886080' 'memory.low 1048576' 'cpu.max 25000 100000' 'cpu.weight 2048 shares' 'pids.max 50' \
		updated 'memory.low 2097152' 'pids.max max' refused:* refused:* 'memory.max 83886080' running \
		OOMKilled 137 'went on 137' running '137 OOMKilled' True 'True True'
}

# bats test_tags=controllers
@test "SystemdCgroup: scopes with their limits in a kubelet's slices" {
	controllers cpuset cpu memory pids
	inside 'test -d /run/systemd/system' || skip "no systemd here"
	same "cri systemd | shares"
	shows 137 'went on 137' '137 OOMKilled' 'True True' 'True 1' \
		'0::/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/cri-containerd-ID.scope' \
		ActiveState=active 'CPUWeight=512 shares' Delegate=yes MemoryMax=67108864 Slice=kubepods-burstable-pod1.slice TasksMax=50 \
		updated ActiveState=active 'CPUWeight=2048 shares' MemoryMax=83886080 'memory.max 83886080' 'not permitted' 0 'nothing left'
}

@test "user namespaces of pods" {
	inside 'containerd --version | grep -q " 1\.[0-6]\."' && skip "containerd has them from 1.7"
	same 'cri userns'
	shows ' 0 200000 65536' 0 0 rw podhost eth0 1000 no 200000
}

@test "the shim's options: no pivot_root, no keyring, an owner of the streams, a root, a cgroup" {
	same 'cri options'
	shows "(0, '0 0?n/etc?n/?n1?n')" '*executable file not found*' '0 shim' False '1000 0' opened 137 \
		"(1, '0 60?n/etc?n/?n0?n')" '*executable file not found*' '1 shim' True '1000 60' opened 137 '\[\]' 'nothing left'
}

@test "the daemon restarts beside running pods; a killed shim's containers are removed" {
	same 'cri before_restart; stop_daemon; daemon; cri after_restart killed_shim'
	shows '0 True running running created' "(3, 'again?n', '')" '0 6' 2 137 'nothing left' True 'nothing left'
}
