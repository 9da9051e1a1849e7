#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers of an ordinary user: user_namespaces(7), subuid(5), `minirun spec --rootless`

load lib/bundle
load lib/user

setup() {
	minirun_only
	bundle_new
	user_new
	config 'del(.linux.cgroupsPath)'
}

teardown() {
	user_cleanup
	bundle_cleanup
}

uid_map() {
	tr -s ' \n' ' ,' <"/proc/$1/uid_map"
}

# create and start `guest wait` as the user
running_rootless() {
	guest wait
	rootless create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	rootless start "$ID" 3>&-
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	pid=$(rootless state "$ID" | jq .pid)
}

@test "spec --rootless makes a configuration that runs with one id" {
	rm "$BUNDLE/config.json"
	as_user "$BATS_RUN_TMPDIR/minirun" spec --rootless --bundle "$BUNDLE" \
		--set /process/terminal=false --set '/process/args=["/bin/guest"]'
	run_rootless
	succeeds
	check '.uids == [0, 0, 0]' '.gids == [0, 0, 0]' '.groups == []' \
		".namespaces.user != \"$(readlink /proc/self/ns/user)\"" \
		".namespaces.net == \"$(readlink /proc/self/ns/net)\""
	[[ $(stat -c %a:%u "$RUNTIME_DIR/minirun") == "1700:$USER_ID" ]]
}

@test "without a user namespace in the configuration one is added, with a single id" {
	HIDE="/etc/subuid /etc/subgid"
	guest wait
	running_rootless
	[[ $(uid_map "$pid") == " 0 $USER_ID 1," ]]
	[[ $(cat "/proc/$pid/setgroups") == deny ]]
	run --separate-stderr rootless exec "$ID" /bin/guest
	succeeds
	check '.uids == [0, 0, 0]' '.groups == []' ".namespaces.user == \"$(readlink "/proc/$pid/ns/user")\""
}

@test "subuid and subgid give further ids, by name and by number" {
	needs_program newuidmap
	subordinate_ids
	config '.process.user = {uid: 1000, gid: 1000, additionalGids: [5, 100]}'
	running_rootless
	[[ $(uid_map "$pid") == " 0 $USER_ID 1, 1 $SUBIDS 65536," ]]
	[[ $(stat -c %u "/proc/$pid") == $((SUBIDS + 999)) ]]
	run --separate-stderr rootless exec "$ID" /bin/guest
	succeeds
	check '.uids == [1000, 1000, 1000]' '.groups == [5, 100]'
	run --separate-stderr rootless exec --user 65536:65536 "$ID" /bin/guest
	succeeds
	check '.uids == [65536, 65536, 65536]'
	run --separate-stderr rootless exec --user 65537 "$ID" /bin/guest
	((status == 255))
	[[ $stderr == *65537*"no place in this user namespace"* ]]
}

@test "a user that the caller has no id for: the file that lacks it is named, and the cure" {
	needs_program newuidmap
	config '.process.user = {uid: 33, gid: 33}'
	run_rootless
	fails "/process/user/uid: 33 has no place in the user namespace: /etc/subuid has no range for user ordinary" \
		"usermod --add-subuids"
	echo "ordinary:$SUBIDS:65536" >>"$BATS_TEST_TMPDIR/subuid"
	run_rootless
	fails "/process/user/gid: 33 " "/etc/subgid has no range for user ordinary" "usermod --add-subgids"
	echo "ordinary:$SUBIDS:10" >>"$BATS_TEST_TMPDIR/subgid"
	run_rootless
	fails "/process/user/gid: 33 " "the ranges of user ordinary in /etc/subgid are too small"
	HIDE=$(command -v newuidmap newgidmap | xargs)
	run_rootless
	fails "/process/user/uid: 33 " "newuidmap (package uidmap)"
}

@test "mappings of several ranges, as podman's keep-id" {
	needs_program newuidmap
	subordinate_ids
	config ".linux.namespaces += [{type: \"user\"}] |
		.linux.uidMappings = [{containerID: 0, hostID: $SUBIDS, size: 1000},
			{containerID: 1000, hostID: $USER_ID, size: 1},
			{containerID: 1001, hostID: $((SUBIDS + 1000)), size: 64536}] |
		.linux.gidMappings = .linux.uidMappings | .process.user = {uid: 1000, gid: 1000}"
	guest try create:/tmp/made
	chmod 1777 "$ROOTFS/tmp"
	run_rootless
	succeeds
	check '.["create:/tmp/made"] == "ok"'
	[[ $(stat -c %u:%g "$ROOTFS/tmp/made") == "$USER_ID:$USER_ID" ]]
}

@test "what newuidmap says is in the error" {
	needs_program newuidmap
	subordinate_ids
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 7, size: 100}] |
		.linux.gidMappings = .linux.uidMappings'
	run_rootless
	fails /linux/uidMappings newuidmap "not allowed"
}

@test "without newuidmap one id is mapped, and what needs more is an error" {
	needs_program newuidmap
	subordinate_ids
	HIDE=$(command -v newuidmap newgidmap | xargs)
	run_rootless
	succeeds
	check '.uids == [0, 0, 0]'
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 200000, size: 100}] |
		.linux.gidMappings = .linux.uidMappings'
	run_rootless
	fails /linux/uidMappings "needs newuidmap" /etc/subuid
}

@test "a group map needs setgroups denied where nobody helps, so additional groups are an error" {
	config '.process.user.additionalGids = [0]'
	run_rootless
	fails /process/user/additionalGids setgroups
}

@test "ids of the process that the maps lack are an error before anything is made" {
	config '.process.user.uid = 1000'
	run_rootless
	fails /process/user/uid 1000 /etc/subuid
	config '.process.user = {uid: 0, gid: 7}'
	run_rootless
	fails /process/user/gid 7
	[[ ! -e $RUNTIME_DIR/minirun/$ID ]]
}

@test "create, start, state, list, ps, exec, kill, delete" {
	running_rootless
	[[ $(rootless state "$ID" | jq -r .status) == running ]]
	[[ $(rootless list -q) == "$ID" ]]
	rootless list | grep -q "$ID .* running .* ordinary"
	[[ $(rootless ps --format json "$ID") == "[$pid]" ]]
	[[ $(rootless exec "$ID" /bin/hostname) == guest ]]
	rootless kill "$ID" TERM
	until_true test ! -e "/proc/$pid"
	[[ $(rootless state "$ID" | jq -r .status) == stopped ]]
	rootless delete "$ID"
	run --separate-stderr rootless state "$ID"
	fails "does not exist"
}

@test "exec in a created container" {
	guest wait
	rootless create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	[[ $(rootless exec "$ID" /bin/hostname) == guest ]]
}

@test "time offsets, in create and exec" {
	needs_namespace time
	config '.linux.namespaces += [{type: "time"}] |
		.linux.timeOffsets = {boottime: {secs: 864000000}, monotonic: {secs: 0}}'
	args /bin/cut -d. -f1 /proc/uptime
	run_rootless
	succeeds
	((output >= 864000000))
	running_rootless
	(($(rootless exec "$ID" /bin/cut -d. -f1 /proc/uptime) >= 864000000))
	[[ $(rootless exec "$ID" /bin/readlink /proc/self/ns/time) == "$(readlink "/proc/$pid/ns/time")" ]]
	[[ $(readlink "/proc/$pid/ns/time") != "$(readlink /proc/self/ns/time)" ]]
	rootless delete --force "$ID"
	config '.linux.timeOffsets.boottime.secs = -864000000'
	run_rootless
	fails /linux/timeOffsets "a clock would be negative"
}

@test "sysctls of the container's namespaces, kernel.domainname among them" {
	config '.linux.sysctl = {"kernel.domainname": "example.org"}'
	run_rootless
	succeeds
	check '.domainname == "example.org"'
	config ".linux.sysctl = {\"kernel.domainname\": \"$(printf '%065d' 0)\"}"
	run_rootless
	fails "/linux/sysctl/kernel.domainname" "invalid argument"
}

# reachable PID: the user's other programs may trace the process and open what it has open
reachable() {
	as_user /bin/sh -c ": <\"/proc/$1/mem\" && readlink \"/proc/$1/exe\" && ls \"/proc/$1/fd/\""
}

@test "init is out of the reach of the user's other programs while it has the host's files" {
	FAULTY=$(dirname "$MINIRUN")/integration/faults/minirun-faults
	[[ -x $FAULTY ]] || skip "minirun-faults isn't built"
	install -m 755 "$FAULTY" "$BATS_RUN_TMPDIR/minirun-faults"
	config '.hooks.createRuntime = [{path: "/bin/true"}]'
	for step in mounts "masked paths" pivot descriptors; do
		rm -f "$BATS_TEST_TMPDIR/err" # of the step before
		as_user MINIRUN_FAULT="init:$step:before:hang" "$BATS_RUN_TMPDIR/minirun-faults" create \
			--bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>"$BATS_TEST_TMPDIR/err" 3>&- &
		create=$!
		until_true grep hanging "$BATS_TEST_TMPDIR/err"
		init=$(pgrep -P "$(pgrep -P "$create")")
		[[ $(stat -c %u "/proc/$init/mem") == 0 ]]
		run reachable "$init"
		((status != 0))
		pkill -KILL -P "$create"
		wait "$create" || true
		rootless delete --force "$ID"
	done
	# created: nothing of the host's is left in it, and the user's exec has to enter its namespaces
	rootless create --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	init=$(rootless state "$ID" | jq .pid)
	reachable "$init" >"$BATS_TEST_TMPDIR/fds"
}

@test "a user's createRuntime hook may open init's namespaces" {
	config '.hooks.createRuntime = [{path: "/bin/sh", env: ["PATH=/usr/bin:/bin"], args: ["sh", "-c",
		"pid=$(sed s/.*pid.:// | cut -d, -f1); : </proc/$pid/ns/net && : </proc/$pid/ns/user"]}]'
	run_rootless
	succeeds
}

@test "a terminal" {
	receive stream "$BATS_TEST_TMPDIR/socket" "" >"$BATS_TEST_TMPDIR/tty" 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/socket"
	chown "$USER_ID" "$BATS_TEST_TMPDIR/socket"
	config '.process.terminal = true'
	args /bin/sh -c 'tty; echo hello >/dev/console; test -t 0 && test -t 1 && echo yes'
	rootless run --detach --console-socket "$BATS_TEST_TMPDIR/socket" --bundle "$BUNDLE" "$ID" 3>&-
	until_true grep -q yes "$BATS_TEST_TMPDIR/tty"
	grep -q /dev/pts/0 "$BATS_TEST_TMPDIR/tty"
	grep -q hello "$BATS_TEST_TMPDIR/tty"
}

@test "devices are the host's, and stay as they are" {
	before=$(stat -c '%u:%g:%a' /dev/null /dev/zero /dev/tty)
	args /bin/sh -c 'echo gone >/dev/null && head -c 3 /dev/zero | od -An -tx1 &&
		chmod 600 /dev/null 2>&1; chown 1 /dev/null 2>&1; stat -c %t:%T /dev/null'
	run_rootless
	((status == 0))
	[[ ${lines[0]} == *"00 00 00"* && ${lines[-1]} == 1:3 ]]
	[[ $(stat -c '%u:%g:%a' /dev/null /dev/zero /dev/tty) == "$before" ]]
}

@test "sysfs without a network namespace is the host's, read-only with all that is in it" {
	config 'del(.linux.namespaces[] | select(.type == "network")) |
		(.mounts[] | select(.destination == "/sys")).options = ["nosuid", "noexec"]'
	args /bin/sh -c 'mount | grep " /sys"; ls -d /sys/class/net/lo'
	run_rootless
	((status == 0))
	[[ ${lines[0]} == "sysfs on /sys type sysfs (ro,"* ]]
	[[ $output != *"(rw"* ]]
}

@test "mqueue and proc need namespaces of the user namespace's own" {
	config 'del(.linux.namespaces[] | select(.type == "ipc"))'
	run_rootless
	fails /mounts/4 "ipc namespace"
	default_config
	config 'del(.linux.cgroupsPath) | del(.linux.namespaces[] | select(.type == "pid"))'
	run_rootless
	fails /mounts/0 "pid namespace"
}

@test "without XDG_RUNTIME_DIR the state is in a directory of /tmp that must be ours alone" {
	state=/tmp/minirun-$USER_ID
	RUNTIME_DIR=""
	[[ ! -e /run/user/$USER_ID ]]
	run_rootless
	succeeds
	[[ $(stat -c %a:%u "$state") == "1700:$USER_ID" ]]
	rm -rf "$state"

	# somebody was faster
	mkdir -m 777 "$state"
	run_rootless
	fails "$state" "belongs to uid 0"
	chown "$USER_ID" "$state"
	run_rootless
	fails "$state" "writable by others" "chmod go-w $state"
	rmdir "$state"
	mkdir "$BATS_TEST_TMPDIR/other"
	chown "$USER_ID" "$BATS_TEST_TMPDIR/other"
	ln -s "$BATS_TEST_TMPDIR/other" "$state"
	run_rootless
	fails "$state" "symbolic link"
	rm "$state"
	RUNTIME_DIR=$BATS_TEST_TMPDIR/runtime
}

@test "an XDG_RUNTIME_DIR that isn't there or isn't ours is passed over, with a reason" {
	local own=$RUNTIME_DIR
	state=/tmp/minirun-$USER_ID
	install -d -m 700 "$BATS_TEST_TMPDIR/root's"
	touch "$BATS_TEST_TMPDIR/file"
	chown "$USER_ID" "$BATS_TEST_TMPDIR/file"
	while read -r RUNTIME_DIR reason; do
		GLOBAL=()
		run_rootless
		succeeds
		GLOBAL=(--log-level warning)
		run_rootless
		((status == 0))
		[[ $stderr == *"level=warning"*"XDG_RUNTIME_DIR: $RUNTIME_DIR $reason: the state is in $state"* ]]
	done <<-END
		$BATS_TEST_TMPDIR/nowhere is missing
		$BATS_TEST_TMPDIR/root's belongs to another user
		$BATS_TEST_TMPDIR/file is no directory
		tmp isn't absolute
	END
	[[ ! -e $BATS_TEST_TMPDIR/nowhere ]]
	[[ $(stat -c %a:%u "$state") == "1700:$USER_ID" ]]
	rm -rf "$state"
	RUNTIME_DIR=$own GLOBAL=()
}

@test "oomScoreAdj and limits within what a user may" {
	config '.process.oomScoreAdj = 500 | .process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200}]'
	run_rootless
	succeeds
	check '.oom_score_adj == "500"' '.rlimits.RLIMIT_NOFILE == {soft: "100", hard: "200"}'
	config '.process.rlimits[0].hard = 1073741816'
	run_rootless
	fails /process/rlimits/0 CAP_SYS_RESOURCE
	# all capabilities there, but not on the host: known at create, as for who has none
	run --separate-stderr as_user unshare -r "$BATS_RUN_TMPDIR/minirun" check --format json "$BUNDLE/"
	check 'any(.findings[]; .level == "error" and (.pointer + .text | test("^/process/rlimits/0.*CAP_SYS_RESOURCE")))'
	config '.process.rlimits = [] | .process.oomScoreAdj = -500'
	run_rootless
	fails /process/oomScoreAdj
}

# checked PATTERN: create refuses, and check names the same member with it
checked() {
	run --separate-stderr rootless check --format json "$BUNDLE/"
	((status == 1))
	check "any(.findings[]; .level == \"error\" and (.pointer + \": \" + .text | test(\"$1\")))"
	run_rootless
	((status != 0))
}

@test "check sees what a user may not have: ids of others, limits without a cgroup" {
	needs_program newuidmap
	subordinate_ids
	config '.linux.uidMappings = [{containerID: 0, hostID: '"$USER_ID"', size: 1},
			{containerID: 1, hostID: '"$SUBIDS"', size: 65536}] | .linux.gidMappings = .linux.uidMappings |
		.linux.namespaces += [{type: "user"}]'
	guest exit 0
	run --separate-stderr rootless check "$BUNDLE/"
	((status == 0))
	run_rootless
	((status == 0))
	config '.linux.uidMappings[1].size = 65537'
	checked "^/linux/uidMappings/1: "
	config '.linux.uidMappings[1].size = 5 | .linux.resources.hugepageLimits = [{pageSize: "2MB", limit: 0}] |
		.linux.cgroupsPath = "/" + $id'
	checked "^/linux/resources/hugepageLimits: "
}

@test "a listed device is the host's of that name, or refused" {
	config '.linux.devices = [{type: "c", path: "/dev/tty", major: 5, minor: 0}]'
	args /bin/stat -c %t:%T /dev/tty
	run_rootless
	succeeds
	[[ $output == 5:0 ]]
	config '.linux.devices[0] = {type: "c", path: "/dev/kmsg", major: 1, minor: 12}'
	run_rootless
	fails /linux/devices/0 "isn't the device 1:12"
	config '.linux.devices[0].path = "/dev/nowhere"'
	run_rootless
	fails /linux/devices/0 "of the host"
}

@test "standard streams that are devices keep their owner" {
	mknod "$BATS_TEST_TMPDIR/null" c 1 3
	mknod "$BATS_TEST_TMPDIR/zero" c 1 5
	chmod 666 "$BATS_TEST_TMPDIR/null" "$BATS_TEST_TMPDIR/zero"
	config '.process.user = {uid: 1000, gid: 1000}'
	for type in none user; do
		if [[ $type == user ]]; then
			config '.linux.namespaces += [{type: "user"}] |
				.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
				.linux.gidMappings = .linux.uidMappings'
			find "$BUNDLE" -type d -exec chown 100000:100000 {} +
		fi
		for dev in tmpfs none; do
			if [[ $dev == none ]]; then # the image's own /dev, with no null in it
				config 'del(.mounts[] | select(.destination | startswith("/dev")))'
			fi
			minirun run --bundle "$BUNDLE" "$ID" <"$BATS_TEST_TMPDIR/zero" \
				>"$BATS_TEST_TMPDIR/null" 2>"$BATS_TEST_TMPDIR/null"
		done
		default_config
	done
	[[ $(stat -c %u:%g "$BATS_TEST_TMPDIR/null" "$BATS_TEST_TMPDIR/zero" | xargs) == "0:0 0:0" ]]
}

@test "what the host has mounted read-only can't be made writable" {
	mkdir "$BATS_TEST_TMPDIR/source"
	mount -t tmpfs -o ro,nodev tmpfs "$BATS_TEST_TMPDIR/source"
	mount_point /data bind "$BATS_TEST_TMPDIR/source" bind
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	args /bin/sh -c 'mount -o remount,bind,rw,nodev /data; grep " /data " /proc/self/mountinfo'
	run_rootless
	umount "$BATS_TEST_TMPDIR/source"
	[[ $output == *" /data ro,nodev,"* && $stderr == *"permission denied"* ]]
}

@test "id-mapped mounts, and mounts added later: what is missing is named" {
	mkdir "$BATS_TEST_TMPDIR/source"
	chmod 755 "$BATS_TEST_TMPDIR/source"
	running_rootless
	echo "[{\"destination\": \"/t\", \"type\": \"bind\", \"options\": [\"bind\"],
		\"source\": \"$BATS_TEST_TMPDIR/source\"}]" >"$RUNTIME_DIR/mounts.json"
	chmod 644 "$RUNTIME_DIR/mounts.json"
	run --separate-stderr rootless mounts add "$ID" "$RUNTIME_DIR/mounts.json"
	fails "/mounts/0/source" "needs CAP_SYS_ADMIN" "for create only"
	# a name that the container has, too, must not lead to the container's
	sed -i "s|$BATS_TEST_TMPDIR/source|/etc|" "$RUNTIME_DIR/mounts.json"
	run --separate-stderr rootless mounts add "$ID" "$RUNTIME_DIR/mounts.json"
	fails "/mounts/0/source: /etc:"
	echo '[{"destination": "/t", "type": "tmpfs"}]' >"$RUNTIME_DIR/mounts.json"
	rootless mounts add "$ID" "$RUNTIME_DIR/mounts.json"
	rm "$RUNTIME_DIR/mounts.json"
	grep -q " /t .* - tmpfs" "/proc/$pid/mountinfo"
	rootless delete --force "$ID"
	mount_point /data bind "$BATS_TEST_TMPDIR/source" bind
	config '.mounts[-1] += {uidMappings: [{containerID: 0, hostID: 1, size: 1}],
		gidMappings: [{containerID: 0, hostID: 1, size: 1}]}'
	run_rootless
	fails "/mounts/6" "id-mapped mounts need the privilege"
}

@test "an access time that isn't the source's is an error by name" {
	local option

	mkdir "$BATS_TEST_TMPDIR/source"
	mount_point /mnt bind "$BATS_TEST_TMPDIR/source"
	for option in noatime strictatime nodiratime; do
		config ".mounts[6].options = [\"bind\", \"ro\", \"$option\"]"
		run_rootless
		fails "/mounts/6: /mnt: *the source has another access time, which can't be changed in a user namespace"
	done
}

@test "diff: the host ids and the label that a configuration leaves open are no differences" {
	config '.linux.namespaces += [{type: "user"}] | del(.linux.uidMappings, .linux.gidMappings)'
	running_rootless
	run --separate-stderr rootless diff "$BUNDLE/" "$ID"
	succeeds
	[[ ! $output ]]
}

# refused_alike RULE TEXT: check's finding is what create says, and has this text
refused_alike() {
	local text

	run --separate-stderr rootless check --format json "$BUNDLE"
	((status == 1))
	text=$(jq -r ".findings[] | select(.id == \"$1\" and .level == \"error\") | .text" <<<"$output")
	run_rootless
	echo "check: $text"
	fails "$text"
	[[ $text == *"$2"* ]]
}

@test "check tells what create would refuse an ordinary user" {
	needs_program newuidmap
	subordinate_ids
	config '.linux.namespaces += [{type: "user"}]'
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/config.json"
	config ".linux.cgroupsPath = \"/$ID\""
	refused_alike HOST-cgroup "cgroup "
	cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
	config '.process.user.additionalGids = [70000]'
	refused_alike HOST-user-ids "are too small"
	cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/config.json"
	mount_point /mnt bind "$BATS_TEST_TMPDIR" bind
	config '.mounts[6] += {uidMappings: [{containerID: 0, hostID: 0, size: 10}],
		gidMappings: [{containerID: 0, hostID: 0, size: 10}]}'
	refused_alike HOST-id-maps "need the privilege to map these ids"
}

@test "diff: the user namespace that create adds is no difference, nor are its capabilities" {
	running_rootless
	run --separate-stderr rootless diff "$BUNDLE/" "$ID"
	echo "$output"
	succeeds
}
