#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config-linux.md: netDevices. The host is a network namespace of the test's own.

load ../lib/bundle
load rows

setup() {
	bundle_new
	needs_program ip
	HOST=$BATS_TEST_TMPDIR/host
	JOINED=$BATS_TEST_TMPDIR/joined
	touch "$HOST" "$JOINED"
	unshare --net="$HOST" true
	unshare --net="$JOINED" true
	on_host ip link add dev eth7 type veth peer name other 2>/dev/null || {
		umount "$HOST" "$JOINED"
		skip "the kernel has no veth devices"
	}
}

teardown() {
	bundle_cleanup
	! mountpoint -q "$HOST" || umount "$HOST"
	! mountpoint -q "$JOINED" || umount "$JOINED"
}

on_host() {
	nsenter --net="$HOST" "$@"
}

in_joined() {
	nsenter --net="$JOINED" "$@"
}

join() {
	config "(.linux.namespaces[] | select(.type == \"network\")).path = \"$JOINED\""
}

create_here() {
	status=0 output=""
	on_host "$MINIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/err")
}

@test "L-52 L-57 L-58 L-59 L-60: a device moves, with its attributes and global permanent addresses, is up, and is left alone then" {
	on_host ip link set dev other up
	on_host ip link set dev eth7 mtu 1400 address 02:11:22:33:44:55 alias "to the world" txqueuelen 77
	on_host ip address add 192.0.2.7/24 dev eth7
	on_host ip -6 address add 2001:db8::7/64 dev eth7 nodad
	config '.linux.netDevices = {eth7: {}}'
	guest wait
	create_here
	((status == 0))
	run on_host ip link show dev eth7
	((status != 0))
	pid=$(container_pid)
	inside() { nsenter --net="/proc/$pid/ns/net" "$@"; }
	output=$(inside ip -json -details address show dev eth7)
	check '.[0] | .mtu == 1400 and .address == "02:11:22:33:44:55" and .ifalias == "to the world" and
			.txqlen == 77 and (.flags | index("UP"))' \
		'[.[0].addr_info[] | select(.scope == "global") | .local, .prefixlen] ==
			["192.0.2.7", 24, "2001:db8::7", 64]'
	inside ip link set dev eth7 down
	start_bundle
	run_minirun exec "$ID" /bin/true
	output=$(inside ip -json link show dev eth7)
	check '.[0].flags | index("UP") | not'
}

@test "L-54 L-55: a move that can't be is an error, and the device is where it was" {
	in_joined ip link add dev taken type veth peer name x
	join
	while read -r want devices; do
		config ".linux.netDevices = $devices"
		create_here
		echo "$devices"
		fails "/linux/netDevices$want"
		on_host ip link show dev eth7 >/dev/null
	done <<-'END'
		/none: {none: {}}
		/eth7/name {eth7: {name: "a234567890123456"}}
		/eth7/name {eth7: {name: "a b"}}
		/eth7/name {eth7: {name: "a/b"}}
		/eth7/name {eth7: {name: "lo"}}
		/eth7/name {eth7: {name: "taken"}}
	END
	config '.linux.netDevices = {eth7: {}} | .linux.namespaces |= map(select(.type != "network"))'
	create_here
	fails "/linux/netDevices"
}

@test "L-56 L-61: %d is for the kernel to number; the device isn't taken out of the namespace" {
	in_joined ip link add dev net0 type veth peer name x
	join
	config '.linux.netDevices = {eth7: {name: "net%d"}}'
	guest exit 0
	create_here
	((status == 0))
	start_bundle
	until_true status_is stopped
	minirun delete "$ID"
	in_joined ip link show dev net1
}
