#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun update, on any host: devices of a live container, and what is refused. The limits
# themselves are in resources.bats.

load lib/bundle

setup() {
	bundle_new
	minirun_only
	TREE=$(cgroup_tree)
	[[ $TREE ]] || skip "no cgroup2 mount"
}

# tries ACTION:PATH...: what a process in the container can do, as JSON in $output
tries() {
	run_minirun exec "$ID" /bin/guest try "$@"
	succeeds
}

@test "a device comes and goes while the container runs, rule and node" {
	running_bundle
	tries write:/dev/kmsg
	check '.["write:/dev/kmsg"] != "ok"'
	[[ ! -c /proc/$(container_pid)/root/dev/kmsg ]]
	minirun update --device-allow /dev/kmsg "$ID"
	[[ $(stat -c %t:%T "/proc/$(container_pid)/root/dev/kmsg") == 1:b ]]
	tries write:/dev/kmsg device:/dev/null
	check '.["write:/dev/kmsg"] == "ok"' '.["device:/dev/null"] == "ok"'
	minirun update --device-deny "c 1:11 rw" "$ID"
	tries write:/dev/kmsg device:/dev/null
	check '.["write:/dev/kmsg"] == "EPERM"' '.["device:/dev/null"] == "ok"'
	minirun update --device-deny "a *:* rwm" --device-allow "c 1:11 w" "$ID"
	tries write:/dev/kmsg
	check '.["write:/dev/kmsg"] == "ok"'
}

@test "in a user namespace the host's node is mounted" {
	device=$BATS_TEST_TMPDIR/node
	mknod -m 666 "$device" c 1 11
	user_namespace
	running_bundle
	minirun update --device-allow "$device:w" "$ID"
	tries "write:$device"
	check '.[] == "ok"'
	run_minirun state "$ID"
	check ".mounts[0].destination == \"$device\""
	# it is there: only the rule changes
	minirun update --device-deny "$device" "$ID"
	tries "write:$device"
	check '.[] == "EPERM"'
	minirun update --device-allow "$device" "$ID"
	run_minirun state "$ID"
	check '.mounts | length == 1'
	minirun mounts remove "$ID" - <<<"[{\"destination\": \"$device\"}]"
	# where the rest is refused the mount goes, too
	run_minirun update --device-allow "$device" --resources - "$ID" <<<'{"unified": {"x.y": "1"}}'
	fails "unknown controller"
	run_minirun state "$ID"
	check '.mounts == null'
	tries "write:$device" # the place of the mount, which is an empty file
	check '.[] == "ok"'
	[[ -f /proc/$(container_pid)/root/$device ]]
}

# bats test_tags=not-uml
@test "the caller's own user namespace, by its path, is none: the node is made" {
	device=$BATS_TEST_TMPDIR/node
	mknod -m 666 "$device" c 1 11
	config '.linux.namespaces += [{type: "user", path: "/proc/self/ns/user"}]'
	running_bundle
	minirun update --device-allow "$device:w" "$ID"
	run_minirun state "$ID"
	check '.mounts == null'
	tries "write:$device"
	check '.[] == "ok"'
	[[ -c /proc/$(container_pid)/root/$device ]]
}

# bats test_tags=not-uml
@test "a node where the container's file system allows none is refused, and undone" {
	mkdir "$BATS_TEST_TMPDIR/off"
	mknod -m 666 "$BATS_TEST_TMPDIR/off/node" c 1 11
	config ".mounts += [{destination: \"$BATS_TEST_TMPDIR/off\", type: \"tmpfs\", source: \"tmpfs\",
		options: [\"nodev\"]}]"
	running_bundle
	run_minirun update --device-allow "$BATS_TEST_TMPDIR/off/node" "$ID"
	fails "$BATS_TEST_TMPDIR/off/node" nodev
	[[ ! -e /proc/$(container_pid)/root/$BATS_TEST_TMPDIR/off/node ]]
	tries write:/dev/null
	check '.[] == "ok"'
}

# bats test_tags=not-uml
@test "a file system of the container that never answers doesn't hold up a device" {
	[[ -e /dev/fuse ]] || skip "no /dev/fuse"
	mkdir "$BATS_TEST_TMPDIR/hang"
	mknod "$BATS_TEST_TMPDIR/hang/node" c 1 11
	mkdir -p "$ROOTFS/$BATS_TEST_TMPDIR/hang"
	running_bundle
	exec 9<>/dev/fuse
	nsenter -t "$(container_pid)" -m mount -i -t fuse \
		-o fd=9,rootmode=40000,user_id=0,group_id=0 hang "$BATS_TEST_TMPDIR/hang" 3>&-
	run_minirun update --device-allow "$BATS_TEST_TMPDIR/hang/node" "$ID"
	fails "$BATS_TEST_TMPDIR/hang/node" "hasn't answered"
	# the container is free for others, and as it was
	minirun update --device-deny "c 1:11 rwm" "$ID"
	exec 9>&-
}

# bats test_tags=not-uml
@test "where everything was allowed one device is denied" {
	config '.linux.resources = {}' \
		'.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11, fileMode: 438}]'
	running_bundle
	tries write:/dev/kmsg
	check '.["write:/dev/kmsg"] == "ok"'
	minirun update --device-deny /dev/kmsg "$ID"
	tries write:/dev/kmsg write:/dev/null
	check '.["write:/dev/kmsg"] == "EPERM"' '.["write:/dev/null"] == "ok"'
}

# bats test_tags=not-uml
@test "what every container has can't be denied, and nothing pretends to" {
	running_bundle
	for rule in /dev/null /dev/zero:w "c 136:* rwm" "c 10:229 m" "a *:* m"; do
		run_minirun update --device-deny "c 1:11 rwm" --device-deny "$rule" --pids-limit -1 "$ID"
		fails "$rule" "can't be denied"
	done
	[[ ! -e $ROOT/$ID/resources.json ]]
	tries write:/dev/null write:/dev/zero
	check '.["write:/dev/null"] == "ok"' '.["write:/dev/zero"] == "ok"'
}

# bats test_tags=not-uml
@test "a device that comes and goes leaves one rule, not two each time" {
	running_bundle
	for _ in 1 2 3; do
		minirun update --device-allow "c 200:7 rw" "$ID"
		minirun update --device-deny "c 200:7 rw" "$ID"
	done
	[[ $(jq -c '[.devices[] | [.allow, .major, .access]]' "$ROOT/$ID/resources.json") == \
		'[[false,null,"rwm"],[false,200,"rw"]]' ]]
	minirun update --device-deny "c 200:7 r" "$ID" # less than what is there
	minirun update --device-allow "c 200:* rwm" "$ID"
	[[ $(jq -c '[.devices[] | [.allow, .major, .minor]]' "$ROOT/$ID/resources.json") == \
		'[[false,null,null],[true,200,-1]]' ]]
	minirun update --device-deny "a *:*" --device-allow "c 1:11 w" "$ID"
	[[ $(jq '.devices | length' "$ROOT/$ID/resources.json") == 2 ]]
}

# bats test_tags=not-uml
@test "devices of an engine's document are left alone" {
	running_bundle
	echo '{"devices": [{"allow": false, "access": "rwm"}], "Devices": null, "MEMORY": {}}' |
		minirun update --resources - "$ID"
	tries write:/dev/null
	check '.["write:/dev/null"] == "ok"'
}

# bats test_tags=not-uml
@test "a link in the container's /dev leads nowhere on the host" {
	args /bin/sh -c 'mkdir /tmp/x; ln -s /proc/1/root/tmp /dev/dir; ln -s /tmp/none /dev/kmsg
		echo ready; exec sleep 1000'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	run_minirun update --device-allow /dev/kmsg "$ID"
	fails "/dev/kmsg" "something else"
	[[ -c /dev/kmsg && ! -e /tmp/none ]]
}

# bats test_tags=not-uml
@test "what cannot be is one line, and nothing changes" {
	running_bundle
	for row in '--device-allow=x 1:3|device rule' '--device-allow=/dev/none|/dev/none' \
		'--device-allow=/etc/passwd|no device' '--memory=x|--memory' '--memory=-2|--memory' \
		'--pids-limit=many|--pids-limit' '--cpu-share=-1|--cpu-share' '--cpu-idle=2|--cpu-idle' \
		'--cpu-rt-runtime=1000|realtimeRuntime' '--cpuset-cpus=a|/linux/resources/cpu/cpus' \
		'--l3-cache-schema=L3:0=f|intelRdt' '--blkio-weight=1|/linux/resources/blockIO/weight' \
		"--resources=$BUNDLE/none|none" "--resources=$BUNDLE/rootfs/etc/passwd|line 1"; do
		run_minirun update "${row%|*}" "$ID"
		echo "$row"
		fails "${row##*|}"
	done
	[[ ! -e $ROOT/$ID/resources.json ]]
	run_minirun update --kernel-memory 64m "$ID"
	succeeds
	run_minirun update --memory 64m no-such-container
	fails "does not exist"
	minirun kill "$ID" KILL
	until_true status_is stopped
	run_minirun update --pids-limit 5 "$ID"
	fails "not running"
}

# bats test_tags=not-uml
@test "a limit whose controller the v2 tree lacks" {
	grep -qw memory "$TREE/cgroup.controllers" && skip "the tree has it"
	running_bundle
	run_minirun update --memory 64m "$ID"
	fails '/linux/resources/memory/limit' "controller *memory" "not available"
	run_minirun update --memory -1 --pids-limit -1 --cpu-share 1024 "$ID"
	succeeds
}
