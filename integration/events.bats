#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun events

load lib/bundle
load lib/events

@test "events --stats: one line with runc's members" {
	running_bundle
	stats '.type == "stats" and (.id | startswith("t"))' \
		'.data | has("cpu") and has("cpuset") and has("memory") and has("pids")' \
		'.data | has("blkio") and has("hugetlb") and has("intel_rdt") and has("network_interfaces")' \
		'.data.pids.current == 1'
}

@test "events --stats: processor time, and what is beyond runc" {
	minirun_only
	args /bin/sh -c 'i=0; while [ $i -lt 3000 ]; do i=$((i+1)); done; echo ready; sleep 1000'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	stats '.data.cpu.usage | .total > 0 and .user + .kernel <= .total + 1000' \
		'.data.pids.current == 1' '.data.network_interfaces == []' \
		'.data.cpu.psi == null or (.data.cpu.psi.some | has("avg10") and has("total"))'
}

@test "events of a created and of a paused container" {
	guest wait
	create_bundle
	stats '.data.pids.current == 1'
	minirun pause "$ID"
	stats '.data.pids.current == 1'
}

@test "events --interval: a line each time, until the container ends" {
	minirun_only
	running_bundle
	follow --interval 20ms
	until_true lines stats 3
	minirun kill "$ID" KILL
	wait $events
	[[ ! -s $BATS_TEST_TMPDIR/events-error ]]
	jq -e .data.cpu.usage.total "$BATS_TEST_TMPDIR/events" >/dev/null
}

@test "events ends with the last process where there is no pid namespace" {
	minirun_only
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	args /bin/sh -c 'sleep 1000 & echo ready; exec sleep 1000'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	follow --interval 20ms
	until_true lines stats 1
	kill -KILL "$(container_pid)"
	until_true status_is stopped
	: >"$BATS_TEST_TMPDIR/events"
	until_true lines stats 1
	minirun kill "$ID" KILL
	wait $events
}

@test "events ends when nobody reads it any more" {
	minirun_only
	running_bundle
	minirun events --interval 1h "$ID" | true
	status_is running
}

@test "delete gives who watches a moment, not more" {
	minirun_only
	running_bundle
	follow --interval 20ms
	until_true lines stats 1
	kill -STOP $events
	run_minirun delete --force "$ID"
	((status == 0))
	kill -CONT $events
	wait $events # its cgroup is gone: an end, no error
	[[ ! -s $BATS_TEST_TMPDIR/events-error ]]
}

@test "without a pid namespace delete ends the processes before it waits for who watches" {
	minirun_only
	strace --output=/dev/null true || skip "no process may be traced here"
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	running_bundle
	follow --interval 20ms
	until_true lines stats 1
	kill -STOP $events # it watches all the time
	strace --trace=openat,flock,poll,rmdir --output="$BATS_TEST_TMPDIR/calls" \
		"$MINIRUN" --root "$ROOT" delete --force "$ID"
	kill -CONT $events
	wait $events
	sed -n -e 's/.*"cgroup.kill".*/killed/p' -e '/^flock.*EAGAIN/s/.*/watched/p' \
		-e "s/^rmdir.*$ID.*/removed/p" "$BATS_TEST_TMPDIR/calls" | uniq >"$BATS_TEST_TMPDIR/order"
	[[ $(paste -sd ' ' "$BATS_TEST_TMPDIR/order") == "watched killed watched removed"* ]]
}

@test "events of a stopped and of an unknown container" {
	run_minirun events "$ID"
	fails "container does not exist"
	guest exit 0
	create_bundle
	start_bundle
	until_true status_is stopped
	for option in --stats --interval=1s; do
		run_minirun events $option "$ID"
		fails "container with id $ID is not running"
	done
}

@test "events refuses an interval that is none" {
	minirun_only
	running_bundle
	for interval in 0 0s "" 5 x 1x -1s 1.s.; do
		run_minirun events --interval="$interval" "$ID"
		fails "interval"
	done
}

@test "without a cgroup there is nothing to count" {
	minirun_only
	guest wait
	minirun --cgroup-manager disabled create --bundle "$BUNDLE" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	run_minirun events --stats "$ID"
	fails "has no cgroup"
}
