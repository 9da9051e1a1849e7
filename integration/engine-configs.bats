#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The configurations of configs/, as engines send them

load lib/bundle

# use NAME: makes the bundle's config.json out of configs/NAME.json, with everything it refers to
use() {
	local source=$BATS_TEST_TMPDIR/source destination peer=1

	mkdir -p "$source"/{v,lower,upper,work,merge,mnt,dev/shm,etc,run}
	touch "$source"/etc/{hosts,hostname,resolv.conf} "$source/run/.containerenv"
	if grep -q /proc/PEER "$INTEGRATION/configs/$1.json"; then
		[[ ${PEER-} ]] || start_peer
		peer=$PEER
	fi
	sed -e "s|SOURCE|$source|g; s|/proc/PEER|/proc/$peer|g; s|\"/ID\"|\"/$ID\"|g" \
		"$INTEGRATION/configs/$1.json" >"$BUNDLE/config.json"
	# The cut seccomp profiles have no rule for most system calls: turned round, the rest is allowed.
	config 'if .linux.seccomp then .linux.seccomp |= (.defaultAction = "SCMP_ACT_ALLOW" |
		del(.defaultErrnoRet)) else . end'
}

start_peer() {
	default_config
	running_bundle
	PEER=$(container_pid)
	ID=$(another_id)
}

runs() {
	use "$1"
	run_bundle
	echo "$1"
	succeeds
}

# limited NAME MEMBER: runs, or names the member and what the host's v2 tree lacks for it.
limited() {
	use "$1"
	run_bundle
	if ((status == 1)) && [[ $stderr == *"raising a hard limit"* ]]; then # not this host's root
		config 'del(.process.rlimits)'
		run_bundle
	fi
	echo "$1"
	if ((status == 0)); then
		succeeds
	else
		fails "$2" "controller*not available"
	fi
}

@test "buildah" {
	runs buildah1.43-run
	check '.pid == 1' '[.mounts[].path] | index("/etc/resolv.conf") and index("/sys/fs/cgroup")'
}

@test "docker 28" {
	runs docker28-run
	check '.pid == 1' '.groups == [0]' '.status.seccomp == "2"' '.no_new_privs == 0' \
		'[.mounts[].path] | index("/etc/hosts") and index("/proc/sys")'
}

# bats test_tags=not-uml
@test "docker 20, whose prestart hook sets up the network" {
	runs docker20-run-prestart-hook
	check '.pid == 1'
}

@test "docker 28 with limits" {
	limited docker28-limits /linux/resources/
}

@test "containerd, ctr run with limits" {
	limited containerd2-ctr-run /linux/resources/
}

@test "containerd, the pod's sandbox" {
	limited cri-containerd2-sandbox /linux/resources/cpu/shares
}

@test "containerd, a container of a pod" {
	limited cri-containerd2-container /linux/resources/
}

# bats test_tags=not-uml
@test "containerd, the pod's sandbox and a container without their limits" {
	use cri-containerd2-sandbox
	config 'del(.linux.resources.cpu, .linux.resources.memory)'
	run_bundle
	succeeds
	use cri-containerd2-container
	config 'del(.linux.resources.cpu, .linux.resources.memory)'
	run_bundle
	succeeds
	check '.oom_score_adj == "900"' '.hostname == "guest"'
}

@test "CRI-O, sandbox and container" {
	limited crio-sandbox /linux/resources/cpu/shares
	limited crio-container /linux/resources/
}

# bats test_tags=not-uml
@test "CRI-O, sandbox and container without their limits" {
	for name in crio-sandbox crio-container; do
		use $name
		config 'del(.linux.resources.cpu, .linux.resources.memory)'
		run_bundle
		echo "$name"
		succeeds
	done
}

# bats test_tags=not-uml
@test "podman 4" {
	runs podman4-rootless-run-cgv1
	check '.pid == 1'
}

@test "podman 5" {
	runs podman5-run
	check '.pid == 1' '.status.seccomp == "2"' '.umask == 18' \
		'[.mounts[].path] | index("/run/.containerenv") and index("/sys/fs/cgroup")'
}

@test "podman 5, privileged" {
	runs podman5-privileged
	check '.status.bounding != "0000000000000000"' '.status.seccomp == "0"'
}

@test "podman 5, a member of a pod that shares the pid namespace" {
	runs podman5-pod-member
	check '.pid > 1' '.hostname == "guest"'
}

# bats test_tags=not-uml
@test "podman 5, with a terminal and systemd's mounts" {
	use podman5-tty-systemd
	config '.process.terminal = false'
	run_bundle
	succeeds
	check '[.mounts[].path] | index("/run/lock") and index("/var/log/journal")'
}

# bats test_tags=not-uml
@test "podman 5, an overlay volume" {
	grep -qw overlay /proc/filesystems || skip "no overlay file system here"
	runs podman5-vol-overlay
	check '[.mounts[] | select(.path == "/v")][0].type == "overlay"'
}

@test "podman 5 with limits" {
	limited podman5-limits /linux/resources/
}

# bats test_tags=not-uml
@test "user namespaces: run, or are refused by name until their issue is done" {
	for name in podman5-idmap-userns podman5-rootless-keepid; do
		use $name
		run_bundle
		echo "$name: $status $stderr"
		((status == 0)) || fails
	done
}
