#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources on a kernel with nothing but cgroup v2 (host kinds uml and vm): what is written, that it
# holds, and that update changes it. Elsewhere without the controllers there is nothing to see.

load lib/bundle

setup() {
	bundle_new
	minirun_only
	TREE=$(cgroup_tree)
	[[ $TREE ]] || skip "no cgroup2 mount"
	grep -qw memory "$TREE/cgroup.controllers" || skip "no controllers in the v2 tree"
	C=$TREE/$ID
	DISK=$(cat /sys/block/{ubda,vda}/dev 2>/dev/null || true)
	DISK_NUMBERS="major: ${DISK%:*}, minor: ${DISK#*:}"
}

teardown() {
	minirun delete --force "$ID" || true
	rmdir "$TREE/$ID-parent" 2>/dev/null || true
	bundle_cleanup
}

resources() {
	config ".linux.resources = $1"
}

# files FILE=VALUE...: what the cgroup's files say
files() {
	local row text

	for row; do
		text=$(<"$C/${row%%=*}") || return
		[[ $text == "${row#*=}" ]] || {
			echo "${row%%=*}: $text, expected ${row#*=}"
			return 1
		}
	done
}

ready() {
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
}

@test "podman's limit of no processes is none, at create and in an update" {
	resources '{pids: {limit: 0}}'
	config '.annotations["io.container.manager"] = "libpod"'
	guest wait
	create_bundle
	files pids.max=max
	minirun update --pids-limit 5 "$ID"
	files pids.max=5
	echo '{"pids": {"limit": 0}}' >"$BUNDLE/update.json"
	minirun update --resources "$BUNDLE/update.json" "$ID"
	files pids.max=max
}

@test "each member is in its file before any process, and for hooks; update keeps the rest" {
	resources '{memory: {limit: 67108864, swap: 134217728, reservation: 33554432},
		cpu: {shares: 512, quota: 50000, period: 200000, burst: 1000},
		pids: {limit: 20}, unified: {"memory.high": "60000000"},
		blockIO: {throttleReadBpsDevice: [{'"$DISK_NUMBERS"', rate: 1048576}],
			throttleWriteIOPSDevice: [{'"$DISK_NUMBERS"', rate: 77}]}}'
	config ".hooks.createRuntime = [{path: \"/bin/sh\",
		args: [\"sh\", \"-c\", \"cat $C/memory.max >$BATS_TEST_TMPDIR/seen\"]}]"
	guest wait
	create_bundle
	[[ $(<"$BATS_TEST_TMPDIR/seen") == 67108864 ]]
	files memory.max=67108864 memory.swap.max=67108864 memory.low=33554432 cpu.weight=59 \
		"cpu.max=50000 200000" cpu.max.burst=1000 pids.max=20 memory.high=59998208 \
		"io.max=$DISK rbps=1048576 wbps=max riops=max wiops=77"

	minirun update --memory 32m --cpu-period 100000 "$ID"
	files memory.max=33554432 memory.swap.max=100663296 memory.low=33554432 cpu.weight=59 \
		"cpu.max=50000 100000" cpu.max.burst=1000 pids.max=20
	echo '{"CPU": {"quota": 20000, "burst": 20000, "Shares": 1024}, "pids": {"limit": 0},
		"blockIO": {"throttleReadBpsDevice": [{"major": '"${DISK%:*}"', "minor": '"${DISK#*:}"', "rate": 0}]},
		"unified": {"memory.high": "max"}}' >"$BUNDLE/update.json"
	minirun update "$ID" -r "$BUNDLE/update.json"
	files memory.max=33554432 cpu.weight=100 "cpu.max=20000 100000" cpu.max.burst=20000 \
		pids.max=1 memory.high=max "io.max=$DISK rbps=max wbps=max riops=max wiops=77"
	minirun update --memory -1 --cpu-burst 0 --pids-limit -1 "$ID"
	files memory.max=max memory.swap.max=max cpu.max.burst=0 pids.max=max "cpu.max=20000 100000"
	minirun update --cpu-idle 1 "$ID"
	files cpu.idle=1
	run_minirun update --cpu-share 300 "$ID"
	fails "unable to apply both"
	minirun update --cpu-idle 0 --cpu-share 300 "$ID"
	files cpu.idle=0 cpu.weight=39
}

@test "a refused update leaves all old limits in force" {
	resources '{memory: {limit: 67108864}, cpu: {shares: 512}, pids: {limit: 20}}'
	running_bundle
	for change in '{memory: {limit: 33554432}, cpu: {shares: 100}, unified: {"pids.max": "x"}}:pids.max' \
		'{memory: {limit: 33554432}, unified: {"pids.max": ""}}:pids.max' \
		'{cpu: {idle: 1}, unified: {"pids.max": "x"}}:pids.max' \
		'{unified: {"cpu.weight.nice": "-7", "pids.max": "x"}}:pids.max' \
		'{memory: {limit: 33554432}, pids: {limit: 7}, unified: {"memory.nonsense": "1"}}:memory.nonsense' \
		'{memory: {limit: 33554432}, unified: {"foo.bar": "1"}}:unknown controller' \
		'{memory: {limit: 33554432, swap: 5}}:should be >= memory limit' \
		'{pids: {limit: 5}, hugepageLimits: [{pageSize: "4MB", limit: 5}]}:hugetlb' \
		'{pids: {limit: 5}, blockIO: {weight: 100}}:io.bfq.weight' \
		'{pids: {limit: 5}, cpu: {quota: 10}}:cpu.max' \
		'{memory: {limit: 4096, checkBeforeUpdate: true}, pids: {limit: 5}}:rejecting memory limit' \
		'{pids: {limit: 5}, blockIO: {throttleReadBpsDevice: [{major: 241, minor: 99, rate: 5}]}}:whole disk'; do
		jq -n "${change%:*}" >"$BUNDLE/update.json"
		[[ $change != *:io.bfq.weight || ! -e $C/io.weight ]] || continue
		run_minirun update --resources "$BUNDLE/update.json" "$ID"
		echo "${change%:*}"
		fails "${change##*:}"
		files memory.max=67108864 cpu.weight=59 pids.max=20 "cpu.max=max 100000"
	done
	# a disk that had no limit has no line to put back
	run_minirun update --resources - "$ID" \
		<<<"{\"unified\": {\"io.max\": \"$DISK rbps=1048576 wiops=7\", \"pids.max\": \"x\"}}"
	fails pids.max
	[[ $stderr != *"put back"* ]]
	files io.max= pids.max=20
	# nothing was changed, so nothing is lost
	mount --bind "$C" "$C"
	mount -o remount,bind,ro "$C"
	run_minirun update --pids-limit 7 "$ID"
	umount "$C"
	fails "pids.max" "read-only"
	[[ $stderr != *"put back"* ]]
	# refused after the limits were written: also what nobody had asked for goes
	echo '{}' >"$ROOT/$ID/resources.json"
	mount --bind "$ROOT/$ID/resources.json" "$ROOT/$ID/resources.json"
	run_minirun update --resources - "$ID" \
		<<<'{"memory": {"limit": 33554432}, "unified": {"memory.high": "30000000"}}'
	umount "$ROOT/$ID/resources.json"
	fails resources.json
	files memory.max=67108864 memory.high=max
	rm "$ROOT/$ID/resources.json"
	minirun update --pids-limit 21 "$ID"
	files memory.max=67108864 cpu.weight=59 pids.max=21
}

@test "update: caches go, but what would be killed for is refused" {
	resources "{memory: {limit: 67108864, swap: 67108864}, devices: [{allow: true, access: \"rwm\"}]}"
	config ".linux.devices = [{path: \"/dev/disk\", type: \"b\", $DISK_NUMBERS}]"
	mount_point /dev/shm tmpfs tmpfs
	# the cache of a disk goes with who has it open
	args /bin/sh -c 'exec 3</dev/disk; dd if=/dev/zero of=/dev/shm/x bs=1M count=6 &&
		dd if=/dev/disk of=/dev/null bs=1M && echo ready; exec sleep 1000'
	ready
	[[ $(<"$C/memory.current") -gt 20000000 ]]
	for change in '--memory 4194304' '--memory 4m --memory-swap 8m --pids-limit 20'; do
		# shellcheck disable=SC2086 # words
		run_minirun update $change "$ID"
		fails /linux/resources/memory/limit 'memory.max:*4194304*is less than' "can't be given back" \
			"checkBeforeUpdate to false"
		files memory.max=67108864 memory.swap.max=0 pids.max=max
	done
	minirun update --memory 12m "$ID"
	files memory.max=12582912
	[[ $(<"$C/memory.current") -le 12582912 ]]
	[[ $(container_status) == running ]]
	run_minirun update --resources - "$ID" \
		<<<'{"memory": {"limit": 8388608, "checkBeforeUpdate": true}, "pids": {"limit": 20}}'
	fails "rejecting memory limit 8388608 <= usage"
	files memory.max=12582912 pids.max=max
	run_minirun update --resources - "$ID" <<<'{"memory": {"limit": 4194304, "checkBeforeUpdate": false}}'
	((status == 0)) || fails "memory.max 4194304 makes the kernel kill"
	until_true status_is stopped
}

@test "update: fewer processes than there are" {
	resources '{pids: {limit: 20}}'
	args /bin/sh -c 'sleep 1000 & sleep 1000 & echo ready; exec sleep 1000'
	ready
	until_true grep -qx 3 "$C/pids.current"
	run_minirun update --pids-limit 2 --cpu-share 512 "$ID"
	fails '/linux/resources/pids/limit' 'pids.max:*2*is less than' "pids.current is 3" "3 at least"
	files pids.max=20 cpu.weight=100
	run_minirun update --resources - "$ID" <<<'{"unified": {"pids.max": "2"}}'
	fails '/linux/resources/unified' "pids.current is 3"
	minirun update --pids-limit 3 "$ID"
	echo 2 >"$C/pids.max" # what is in force is no change
	minirun update --pids-limit 2 --cpu-share 512 "$ID"
	files pids.max=2 cpu.weight=59
}

@test "limits above a parent's: a new container is warned, a change is refused" {
	parent=$TREE/$ID-parent
	mkdir "$parent"
	echo 64M >"$parent/memory.max"
	echo 30 >"$parent/pids.max"
	echo "50000 100000" >"$parent/cpu.max"
	config ".linux.cgroupsPath = \"/$ID-parent/$ID\""
	C=$parent/$ID
	resources '{memory: {limit: 134217728}, pids: {limit: 31}, cpu: {quota: 100000, period: 200000}}'
	above=("memory.max: \"134217728\" is more than cgroup $parent grants, whose memory.max is \"67108864\""
		"pids.max: \"31\" is more than cgroup $parent grants, whose pids.max is \"30\"")
	run_minirun check --format json "$BUNDLE"
	for text in "${above[@]}"; do
		check ".errors == 0" "[.findings[] | select(.id == \"HOST-cgroup\" and .level == \"warn\") |
			.text | contains($(jq -n --arg text "$text" '$text'))] | any"
	done
	run_minirun cgroup --format json "$BUNDLE"
	check '[.notes[] | select(.id == "CG06")] | length == 2'
	guest wait
	minirun --log "$BATS_TEST_TMPDIR/log" --log-level warning create --bundle "$BUNDLE" "$ID" </dev/null \
		>/dev/null 2>&1 3>&-
	for text in "${above[@]}"; do
		grep -qF "${text//\"/\\\"}" "$BATS_TEST_TMPDIR/log"
	done
	(($(wc -l <"$BATS_TEST_TMPDIR/log") == 2))
	files memory.max=134217728 pids.max=31 "cpu.max=100000 200000"
	for change in "--memory 100m|memory.max" "--pids-limit 40|pids.max" "--cpu-quota 100001|cpu.max" \
		"--pids-limit 10 --memory 65m|memory.max"; do
		# shellcheck disable=SC2086 # words
		run_minirun update ${change%|*} "$ID"
		fails "${change##*|}" "cgroup $parent grants"
		files memory.max=134217728 pids.max=31 "cpu.max=100000 200000"
	done
	# what is in force, what is below, and no limit at all
	minirun update --memory 128m --pids-limit -1 --cpu-quota 90000 "$ID"
	files memory.max=134217728 pids.max=max "cpu.max=90000 200000"
}

@test "out of memory is 137, and an event before the stream ends" {
	resources '{memory: {limit: 16777216, swap: 16777216}}'
	args /bin/sh -c 'echo ready; read x; exec dd if=/dev/zero of=/dev/null bs=64M count=1'
	mkfifo "$BATS_TEST_TMPDIR/go"
	"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" <>"$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/out" 3>&- &
	container=$!
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	"$MINIRUN" --root "$ROOT" events --interval 500ms "$ID" >"$BATS_TEST_TMPDIR/events" 3>&- &
	events=$!
	until_true grep -q stats "$BATS_TEST_TMPDIR/events"
	echo go >"$BATS_TEST_TMPDIR/go"
	code=0
	wait $container || code=$?
	((code == 137))
	wait $events # the stream ends with the container
	grep -qxF "{\"type\":\"oom\",\"id\":\"$ID\"}" "$BATS_TEST_TMPDIR/events"
}

@test "a start that dies for lack of memory says so, 192 KiB are enough" {
	resources '{memory: {limit: 32768}}'
	run_bundle
	fails "OOM-killed" "memory limit 32768 too low" "needs at least 196608"
	[[ ! -e $C ]]
	resources '{memory: {limit: 196608}}'
	guest exit 7
	run_bundle
	((status == 7))
}

@test "a cpu quota throttles, a pids limit ends forking" {
	resources '{cpu: {quota: 30000, period: 100000}, pids: {limit: 3}}'
	args /bin/sh -c 'sleep 1000 & sleep 1000 & echo ready; while :; do :; done'
	ready
	until_true grep -Eq 'nr_throttled [1-9]' "$C/cpu.stat"
	for limit in 3 4; do # the second is enough for the process that joins, not for its child
		echo $limit >"$C/pids.max"
		run_minirun exec "$ID" /bin/true
		((status == 255))
		[[ $stderr == *"no process more is allowed: pids.max"* ]]
	done
	until_true grep -Eq 'max [1-9]' "$C/pids.events"
}

@test "all controllers come from the top down, also for a container without limits" {
	config ".linux.cgroupsPath = \"/$ID-parent/$ID\""
	C=$TREE/$ID-parent/$ID
	resources '{}'
	guest wait
	create_bundle
	[[ $(<"$TREE/$ID-parent/cgroup.subtree_control") == $(<"$TREE/cgroup.controllers") ]]
	[[ $(<"$C/memory.current") -gt 0 && ! $(<"$C/cgroup.subtree_control") ]]
	run_minirun events --stats "$ID"
	check '.data.memory.usage.usage > 0' '.data.pids.current == 1'
	minirun update --memory 64m --pids-limit 5 "$ID"
	files memory.max=67108864 pids.max=5
}

@test "a parent with processes hands nothing down, which only a limit is refused for" {
	mkdir "$TREE/$ID-parent"
	sleep 100 3>&- &
	echo $! >"$TREE/$ID-parent/cgroup.procs"
	config ".linux.cgroupsPath = \"/$ID-parent/$ID\""
	guest exit 7
	resources '{}'
	run_bundle
	without=$status
	resources '{pids: {limit: 5}}'
	run_bundle
	grep -qx domain "$TREE/$ID-parent/cgroup.type"
	[[ ! $(<"$TREE/$ID-parent/cgroup.subtree_control") ]]
	kill $!
	wait $! || true
	until_true grep -q 'populated 0' "$TREE/$ID-parent/cgroup.events"
	fails '/linux/resources/pids/limit' "controller *pids" "processes are in it"
	((without == 7))
	[[ ! -e $TREE/$ID-parent/$ID ]]
}

@test "what cannot be is one line and leaves nothing" {
	local rows=('{memory: {swap: 5}}:without memory limit' \
		'{memory: {limit: 9, swap: 5}}:should be >= memory limit' \
		'{cpu: {shares: 512, idle: 1}}:unable to apply both' \
		'{unified: {"memory": "1"}}:CONTROLLER.PARAMETER' \
		'{unified: {"cgroup.procs": "1"}}:no limit' \
		'{unified: {"dmem.max": "1"}}:not available' \
		'{unified: {"foo.bar": "1"}}:unknown controller' \
		'{unified: {"memory.high": "x"}}:memory.high' \
		'{cpu: {cpus: "1000"}}:cpuset' '{rdma: {mlx5_1: {hcaHandles: 3}}}:rdma')

	# that machine's kernel can, once controllers.bats, which shows both, has told it to
	[[ -f /mnt/testhost-command ]] || rows+=('{blockIO: {weightDevice: [{'"$DISK_NUMBERS"', weight: 10}]}}:io.bfq.weight')
	for row in "${rows[@]}"; do
		resources "${row%:*}"
		run_bundle
		echo "${row%:*}"
		fails "${row##*:}"
		[[ ! -e $C ]]
	done
}

@test "a user with a writable cgroup mount owns the cgroup, not its limits" {
	resources '{pids: {limit: 50}}'
	config '.process.user = {uid: 1000, gid: 1000}'
	mount_point /sys/fs/cgroup cgroup cgroup nosuid noexec nodev
	args /bin/sh -c 'mkdir /sys/fs/cgroup/sub && echo $$ >/sys/fs/cgroup/sub/cgroup.procs &&
		echo +pids >/sys/fs/cgroup/cgroup.subtree_control && cat /sys/fs/cgroup/sub/pids.max
		echo 5 >/sys/fs/cgroup/sub/pids.max && echo ready
		echo 100 >/sys/fs/cgroup/pids.max || echo denied; cat'
	ready
	until_true grep -q denied "$BATS_TEST_TMPDIR/out"
	[[ $(stat -c %u "$C" "$C/cgroup.procs" "$C/pids.max" | tr '\n' ' ') == "1000 1000 0 " ]]
	files pids.max=50
}
