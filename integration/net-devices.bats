#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices. The "host" is a network namespace of the test's own, in which minirun runs: the
# real one is left alone.

load lib/bundle

setup() {
	bundle_new
	needs_program ip
	HOST=$BATS_TEST_TMPDIR/host
	touch "$HOST"
	unshare --net="$HOST" true
	on_host ip link add dev eth7 type veth peer name other 2>/dev/null || {
		umount "$HOST"
		skip "the kernel has no veth devices"
	}
	on_host ip link set dev other up
}

teardown() {
	bundle_cleanup
	! mountpoint -q "$HOST" || umount "$HOST"
}

on_host() {
	nsenter --net="$HOST" "$@"
}

# minirun, on that host
run_here() {
	run --separate-stderr on_host "$MINIRUN" --root "$ROOT" "$@"
}

create_here() {
	args sleep 100
	on_host "$MINIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- || {
		cat "$BATS_TEST_TMPDIR/out"
		return 1
	}
	PID=$(container_pid)
}

in_container() {
	nsenter --net="/proc/$PID/ns/net" "$@"
}

@test "a device moves with its MTU, hardware address, alias and addresses, and is up" {
	on_host ip link set dev eth7 mtu 1400 address 02:11:22:33:44:55 alias "to the world" up
	on_host ip address add 192.0.2.7/24 broadcast + dev eth7
	on_host ip address add 192.0.2.8/24 dev eth7 label eth7:1
	on_host ip -6 address add 2001:db8::7/64 dev eth7 nodad
	on_host ip address add 169.254.1.1/16 scope link dev eth7
	on_host ip address add 192.0.2.99/32 dev eth7 valid_lft 1000 preferred_lft 1000
	config '.linux.netDevices = {eth7: {}}'
	create_here
	run on_host ip link show dev eth7
	((status != 0))
	output=$(in_container ip -json -details address show dev eth7)
	check '.[0].mtu == 1400' '.[0].address == "02:11:22:33:44:55"' \
		'.[0].ifalias == "to the world"' '.[0].flags | index("UP")' \
		'[.[0].addr_info[] | select(.scope == "global") | .local] ==
			["192.0.2.7", "192.0.2.8", "2001:db8::7"]' \
		'.[0].addr_info[] | select(.local == "192.0.2.7") | .broadcast == "192.0.2.255" and
			.prefixlen == 24 and .label == "eth7"' \
		'.[0].addr_info[] | select(.local == "192.0.2.8") | .label == "eth7:1"' \
		'.[0].addr_info[] | select(.local == "2001:db8::7") |
			.prefixlen == 64 and .valid_life_time == 4294967295 and (.tentative | not)' \
		'[.[0].addr_info[].local] | index("169.254.1.1") == null'
	minirun delete --force "$ID"
	run on_host ip link show dev eth7 # never moved back: it went with the namespace
	((status != 0))
}

@test "a new name, and a template whose number the kernel chooses" {
	on_host ip address add 192.0.2.7/24 dev eth7 label eth7:x
	on_host ip link add dev second type veth peer name other2
	on_host ip link add dev third type veth peer name other3
	config '.linux.netDevices = {eth7: {name: "uplink0"}, second: {name: "net%d"},
		third: {name: "net%d"}}'
	create_here
	output=$(in_container ip -json address)
	check '[.[].ifname] | sort == ["lo", "net0", "net1", "uplink0"]' \
		'.[] | select(.ifname == "uplink0") | .addr_info[0].label == "uplink0:x"'
}

@test "into a namespace that is joined by path, where it stays after delete" {
	touch "$BATS_TEST_TMPDIR/joined"
	unshare --net="$BATS_TEST_TMPDIR/joined" true
	config '(.linux.namespaces[] | select(.type == "network")).path =
			"'"$BATS_TEST_TMPDIR/joined"'" | .linux.netDevices = {eth7: {name: "eth0"}}'
	args ifconfig eth0
	run_here run --bundle "$BUNDLE" "$ID"
	left=$(nsenter --net="$BATS_TEST_TMPDIR/joined" ip -brief link show dev eth0 || true)
	umount "$BATS_TEST_TMPDIR/joined"
	succeeds
	[[ $output == *eth0* && $left == *eth0* ]]
}

@test "into the network namespace of a new user namespace" {
	config '.linux.netDevices = {eth7: {name: "eth0"}} | .linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	args ifconfig eth0
	run_here run --bundle "$BUNDLE" "$ID"
	succeeds
	[[ $output == *"UP BROADCAST"* ]]
}

@test "sysctl of a device that moved in" {
	config '.linux.netDevices = {eth7: {name: "eth0"}} |
		.linux.sysctl = {"net.ipv4.conf.eth0.forwarding": "1"}'
	guest report net.ipv4.conf/eth0/forwarding
	run_here run --bundle "$BUNDLE" "$ID"
	succeeds
	check '.sysctls["net.ipv4.conf/eth0/forwarding"] == "1"'
}

@test "a name that is taken: an error, and everything is back as it was" {
	minirun_only
	touch "$BATS_TEST_TMPDIR/joined"
	unshare --net="$BATS_TEST_TMPDIR/joined" true
	nsenter --net="$BATS_TEST_TMPDIR/joined" ip link add dev eth0 type veth peer name x
	on_host ip link add dev first type veth peer name other2
	on_host ip link set dev first up
	on_host ip address add 192.0.2.7/24 dev first
	config '(.linux.namespaces[] | select(.type == "network")).path =
			"'"$BATS_TEST_TMPDIR/joined"'" |
		.linux.netDevices = {first: {name: "new"}, eth7: {name: "eth0"}}'
	run_here run --bundle "$BUNDLE" "$ID"
	there=$(nsenter --net="$BATS_TEST_TMPDIR/joined" ip -json link)
	umount "$BATS_TEST_TMPDIR/joined"
	fails "/linux/netDevices/eth7/name: eth0 is there already"
	output=$there
	check '[.[].ifname] | sort == ["eth0", "lo", "x"]'
	output=$(on_host ip -json address)
	check '[.[].ifname] | index("first") and index("eth7")' \
		'.[] | select(.ifname == "first") | (.flags | index("UP")) and
			.addr_info[0].local == "192.0.2.7"' \
		'.[] | select(.ifname == "eth7") | .flags | index("UP") == null'
}

@test "a create that fails later gives the devices back" {
	minirun_only
	on_host ip address add 192.0.2.7/24 dev eth7
	config '.linux.netDevices = {eth7: {name: "eth0"}} | .process.args = ["/no/such/program"]'
	run_here create --bundle "$BUNDLE" "$ID"
	fails "no such file or directory"
	output=$(on_host ip -json address show dev eth7)
	check '.[0].addr_info[0].local == "192.0.2.7"'
}

@test "a run whose start fails gives the devices back, but not once a program has run in there" {
	minirun_only
	on_host ip address add 192.0.2.7/24 dev eth7
	echo "no program" >"$ROOTFS/bin/text"
	chmod +x "$ROOTFS/bin/text"
	args /bin/text
	config '.linux.netDevices = {eth7: {name: "eth0"}}'
	run_here run --bundle "$BUNDLE" "$ID"
	fails "exec"
	output=$(on_host ip -json address show dev eth7)
	check '.[0].addr_info[0].local == "192.0.2.7"'
	args /bin/sleep 100
	for hook in startContainer poststart; do
		config "del(.hooks) | .hooks.$hook = [{path: \"/bin/false\"}]"
		on_host ip link show dev eth7 >/dev/null || on_host ip link add dev eth7 type veth peer name other7
		run_here --log-level warning run --bundle "$BUNDLE" "$ID"
		((status == 1))
		[[ $stderr == *"network device eth7 goes with the container's network namespace"*"$hook hook #0"* ]]
		is_false on_host ip link show dev eth7 2>/dev/null
	done
}

# The namespace that a pod's container joins, which outlives a create.
pod() {
	POD=$BATS_TEST_TMPDIR/pod
	touch "$POD"
	unshare --net="$POD" true
	config '(.linux.namespaces[] | select(.type == "network")).path = "'"$POD"'"'
}

@test "a create that is killed in a joined namespace: delete names what stays there" {
	local faulty

	minirun_only
	faulty=${MINIRUN_FAULTS:-$(dirname "$MINIRUN")/integration/faults/minirun-faults}
	pod
	on_host ip link add dev first type veth peer name other2
	config '.linux.netDevices = {eth7: {name: "eth0"}, first: {}}'
	run on_host env MINIRUN_FAULT="parent:network devices:after:kill" "$faulty" --root "$ROOT" \
		create --bundle "$BUNDLE" "$ID"
	nsenter --net="$POD" ip -brief link show dev eth0
	# one is back; of the other somebody in the pod may have made another
	nsenter --net="$POD" ip link set dev first netns "$BATS_TEST_TMPDIR/host"
	run --separate-stderr on_host "$MINIRUN" --root "$ROOT" --log-level warning delete --force "$ID"
	left=$(nsenter --net="$POD" ip -brief link show dev eth0)
	umount "$POD"
	((status == 0))
	[[ $stderr == *"network device eth7 stays in $POD, as eth0: nsenter --net=$POD ip link set dev eth0 netns 1"* ]]
	[[ $stderr != *first* && $left == *eth0* ]]
}

# nsenter --net=POD ip link set dev NAME netns 1, in a warning of "delete"
@test "a create that is killed in a joined namespace: each name is the one that the device has now" {
	local faulty passage

	minirun_only
	faulty=${MINIRUN_FAULTS:-$(dirname "$MINIRUN")/integration/faults/minirun-faults}
	pod
	for name in first second third; do
		on_host ip link add dev "$name" address 02:11:22:33:44:0${#name} type veth peer name "${name}2"
	done
	config '.linux.netDevices = {eth7: {name: "net%d"}, first: {name: "net%d"}, second: {}, third: {}}'
	run on_host env MINIRUN_FAULT="parent:network devices:after:kill" "$faulty" --root "$ROOT" \
		create --bundle "$BUNDLE" "$ID"
	passage=$(jq -r '.netDevices[] | select(.hostName == "second").passage' "$ROOT/$ID/identity.json")
	# killed a moment earlier the last two would have been here, or nowhere any more
	nsenter --net="$POD" ip link set dev second down name "$passage"
	nsenter --net="$POD" ip link delete dev third
	address=$(nsenter --net="$POD" ip -json link show dev net0 | jq -r '.[0].address')
	run --separate-stderr on_host "$MINIRUN" --root "$ROOT" --log-level warning delete --force "$ID"
	umount "$POD"
	((status == 0))
	if [[ $address == 02:11:22:33:44:05 ]]; then
		[[ $stderr == *"eth7 stays in $POD, as net1:"*"first stays in $POD, as net0:"* ]]
	else
		[[ $stderr == *"eth7 stays in $POD, as net0:"*"first stays in $POD, as net1:"* ]]
	fi
	[[ $stderr == *"second stays in $POD, as $passage: nsenter --net=$POD ip link set dev $passage netns 1"* ]]
	[[ $stderr == *"third went to $POD, and nothing there has its name now: nsenter --net=$POD ip link"* ]]
}

@test "a start that fails: what goes with the container's namespace is named" {
	minirun_only
	for hook in startContainer poststart; do
		on_host ip link show dev eth7 >/dev/null || on_host ip link add dev eth7 type veth peer name other7
		config "del(.hooks) | .linux.netDevices = {eth7: {name: \"eth0\"}} |
			.hooks.$hook = [{path: \"/bin/false\"}]"
		create_here
		run --separate-stderr on_host "$MINIRUN" --root "$ROOT" --log-level warning start "$ID"
		((status == 1))
		[[ $stderr == *"$hook hook #0"* ]]
		[[ $stderr == *"network device eth7 goes with the container's network namespace"* ]]
		run_here state "$ID"
		fails "does not exist"
	done
}

@test "what can't be is refused by name" {
	minirun_only
	while IFS='|' read -r want devices; do
		config ".linux.netDevices = $devices"
		run_here run --bundle "$BUNDLE" "$ID"
		fails "/linux/netDevices$want"
	done <<-'END'
		/nothere: the host has no such device|{nothere: {}}
		: the name *lo* is the loopback device|{lo: {name: "x"}}
		/eth7/name: *lo* is the loopback device|{eth7: {name: "lo"}}
		/eth7/name: *longer than 15 bytes|{eth7: {name: "a234567890123456"}}
		/eth7/name: *has a slash, a colon or a blank|{eth7: {name: "a b"}}
		/eth7/name: *has a slash, a colon or a blank|{eth7: {name: "a:1"}}
		/eth7/name: *percent sign|{eth7: {name: "a%s"}}
		/eth7/name: *none that the kernel gives a device|{eth7: {name: "all"}}
		/eth7/name: *none that the kernel gives a device|{eth7: {name: "default"}}
		/other/name: eth7 also gets the name eth7|{eth7: {}, other: {name: "eth7"}}
	END
	config '.linux.netDevices = {eth7: {}} |
		.linux.namespaces |= map(select(.type != "network"))'
	run_here run --bundle "$BUNDLE" "$ID"
	fails "/linux/netDevices: needs a network namespace"
	on_host ip link show dev eth7 >/dev/null
}

@test "a bridge can't be moved: check and create say it" {
	minirun_only
	on_host ip link add dev br7 type bridge 2>/dev/null || skip "the kernel has no bridges"
	config '.linux.netDevices = {br7: {}}'
	run_here check "$BUNDLE/"
	((status == 1))
	[[ $(tr -s ' \n' ' ' <<<"$output") == *"/linux/netDevices/br7: devices of this kind can't be moved"* ]]
	run_here run --bundle "$BUNDLE" "$ID"
	fails "/linux/netDevices/br7: devices of this kind can't be moved"
	on_host ip link show dev br7 >/dev/null
}

# with a criu that plays a script: lib/criu.c
@test "restore: devices move into a namespace that criu has left empty" {
	minirun_only
	mkdir "$BATS_TEST_TMPDIR/peer" "$BATS_TEST_TMPDIR/images"
	cp "$HELPERS/criu_peer" "$BATS_TEST_TMPDIR/peer/criu"
	printf '%s\n' network "fork 0" "notify setup-namespaces" "notify post-restore" >"$BATS_TEST_TMPDIR/peer/script"
	restore_here() {
		run --separate-stderr on_host "$MINIRUN" --root "$ROOT" --log-level warning \
			--criu "$BATS_TEST_TMPDIR/peer/criu" restore \
			--bundle "$BUNDLE" --image-path "$BATS_TEST_TMPDIR/images" --detach "$@" "$ID" </dev/null 3>&-
	}
	config '.linux.netDevices = {eth7: {name: "eth0"}}'
	restore_here
	fails "/linux/netDevices: criu makes a network namespace's devices again" "--empty-ns network"
	# hooks make the network themselves: the option is implied
	config '.hooks.createRuntime = [{path: "/bin/false"}]'
	for option in "" "--empty-ns network"; do
		# shellcheck disable=SC2086 # two words or none
		restore_here $option
		fails "createRuntime hook #0"
	done
	on_host ip link show dev eth7
	config 'del(.hooks)'
	restore_here --empty-ns network
	succeeds
	PID=$(container_pid)
	in_container ip link show dev eth0
	in_container ip link show dev lo up | grep -q LOOPBACK
	is_false on_host ip link show dev eth7 2>/dev/null
	minirun delete --force "$ID"
	# CRIU fails when the processes may have run: as a run whose program has started
	on_host ip link add dev eth7 type veth peer name other7
	echo die >>"$BATS_TEST_TMPDIR/peer/script"
	restore_here --empty-ns network
	((status == 1))
	[[ $stderr == *"network device eth7 goes with the container's network namespace"* && ! -e $ROOT/$ID ]]
	sed -i '$d' "$BATS_TEST_TMPDIR/peer/script"
	# in a joined one they are where they were
	touch "$BATS_TEST_TMPDIR/joined"
	unshare --net="$BATS_TEST_TMPDIR/joined" true
	config '(.linux.namespaces[] | select(.type == "network")).path = "'"$BATS_TEST_TMPDIR/joined"'"'
	restore_here
	umount "$BATS_TEST_TMPDIR/joined"
	succeeds
}
