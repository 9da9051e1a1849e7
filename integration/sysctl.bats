#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's linux.sysctl

load lib/bundle

@test "settings of the container's own namespaces are written" {
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1", "kernel.shmmax": "123456",
		"kernel.msgmax": "4096", "fs.mqueue.msg_max": "42", "net/ipv4/ping_group_range": "0 0"}'
	guest report net.ipv4.ip_forward kernel.shmmax kernel.msgmax fs.mqueue.msg_max \
		net.ipv4.ping_group_range
	run_bundle
	succeeds
	check '.sysctls["net.ipv4.ip_forward"] == "1"' '.sysctls["kernel.shmmax"] == "123456"' \
		'.sysctls["kernel.msgmax"] == "4096"' '.sysctls["fs.mqueue.msg_max"] == "42"' \
		'.sysctls["net.ipv4.ping_group_range"] == "0\t0"'
}

@test "settings of the host, or of a namespace that is shared, are refused by name" {
	minirun_only
	for key in vm.swappiness kernel.core_pattern kernel.pid_max fs.file-max kernel.hostname \
		kernel.randomize_va_space; do
		config ".linux.sysctl = {\"$key\": \"1\"}"
		run_bundle
		fails "$key"
	done
	config 'del(.linux.namespaces[] | select(.type == "network")) |
		.linux.sysctl = {"net.ipv4.ip_forward": "1"}'
	run_bundle
	fails "net.ipv4.ip_forward"
	config 'del(.linux.namespaces[] | select(.type == "ipc")) |
		.linux.sysctl = {"kernel.shmmax": "1000"}'
	run_bundle
	fails "kernel.shmmax"
}

@test "keys that try to get elsewhere" {
	minirun_only
	for key in net/../kernel/core_pattern net..ipv4 /net/ipv4/ip_forward net/./ipv4 "" net. .net \
		net//ipv4/ip_forward ../sys/net/ipv4/ip_forward 'net.ipv4.ip_forward\n' 'net/ipv4/../../vm/swappiness'; do
		config ".linux.sysctl = {\"$key\": \"1\"}"
		run_bundle
		echo "key '$key'"
		fails
	done
}

@test "values with a newline are refused" {
	minirun_only
	config '.linux.sysctl = {"kernel.shmmax": "1\n2"}'
	run_bundle
	fails "kernel.shmmax"
}

@test "an unknown setting and a value that the kernel refuses are errors that name it" {
	config '.linux.sysctl = {"net.ipv4.no_such_thing": "1"}'
	run_bundle
	fails "net.ipv4.no_such_thing"
	config '.linux.sysctl = {"net.ipv4.ip_forward": "many"}'
	run_bundle
	fails "net.ipv4.ip_forward"
}

@test "an empty value is written as an empty line, which empties a list" {
	minirun_only
	config '.linux.sysctl = {"net.ipv4.ip_local_reserved_ports": ""}'
	guest exit 0
	run_bundle
	succeeds
	config '.linux.sysctl = {"net.ipv4.ip_forward": ""}'
	run_bundle
	fails "/linux/sysctl/net.ipv4.ip_forward" "invalid argument"
}

@test "sysctls work where /proc/sys is read-only for the container" {
	config '.linux.sysctl = {"net.ipv4.ip_forward": "1"} | .linux.readonlyPaths = ["/proc/sys"]'
	guest report net.ipv4.ip_forward
	run_bundle
	succeeds
	check '.sysctls["net.ipv4.ip_forward"] == "1"'
}

@test "sysctls work without a proc mount in the container" {
	minirun_only
	config '.linux.sysctl = {"kernel.shmmax": "4097"} |
		.mounts |= map(select(.destination != "/proc"))'
	guest exit 0
	run_bundle
	((status == 0))
}

@test "each family of each namespace" {
	needs_namespace user
	config '.linux.sysctl = {"kernel.msgmax": "8193", "kernel.msgmnb": "16385", "kernel.msgmni": "31",
		"kernel.sem": "250\t32000\t32\t127", "kernel.shmall": "4096", "kernel.shmmax": "65536",
		"kernel.shmmni": "17", "kernel.shm_rmid_forced": "1", "fs.mqueue.queues_max": "99",
		"fs.mqueue.msgsize_max": "4097", "kernel.domainname": "example.org",
		"net.ipv6.conf.lo.hop_limit": "63", "net.ipv4.conf.lo.rp_filter": "2"}'
	[[ -d /proc/sys/net/ipv6 ]] || config 'del(.linux.sysctl["net.ipv6.conf.lo.hop_limit"])'
	config '.process.args = ["/bin/guest", "report"] + (.linux.sysctl | keys)'
	run_bundle
	succeeds
	check "(.sysctls | map_values(gsub(\"\\t\"; \" \"))) ==
		$(jq -c '.linux.sysctl | map_values(gsub("\t"; " "))' "$BUNDLE/config.json")"
}

@test "user.*: of a user namespace of the container's own only" {
	minirun_only
	config '.linux.sysctl = {"user.max_user_namespaces": "7"}'
	run_bundle
	fails "/linux/sysctl" user.max_user_namespaces
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	args /bin/cat /proc/sys/user/max_user_namespaces
	run_bundle
	succeeds
	[[ $output == 7 ]]
}

@test "hostname and domainname have members; kernel.hostname says so" {
	minirun_only
	config '.linux.sysctl = {"kernel.hostname": "x"}'
	run_bundle
	fails kernel.hostname hostname
	config '.linux.sysctl = {"kernel.domainname": "x"} | del(.hostname, .domainname) |
		del(.linux.namespaces[] | select(.type == "uts"))'
	run_bundle
	fails kernel.domainname
}

# A file system that somebody has mounted over /proc/sys on the host's side (CVE-2019-16884, 2025-52881).
@test "what lies over /proc/sys is never written to" {
	local fake=$BATS_TEST_TMPDIR/fake

	minirun_only
	mkdir -p "$fake/net/ipv4" "$fake/kernel/random"
	cp /proc/sys/kernel/random/boot_id "$fake/kernel/random/"
	echo 64 >"$fake/net/ipv4/ip_default_ttl"
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "77"}'
	guest report net.ipv4.ip_default_ttl
	run --separate-stderr unshare --mount --propagation private sh -c \
		'mount --bind "$1" /proc/sys && shift && exec "$@"' sh "$fake" \
		"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	check '.sysctls["net.ipv4.ip_default_ttl"] == "77"'
	[[ $(<"$fake/net/ipv4/ip_default_ttl") == 64 ]]
}
