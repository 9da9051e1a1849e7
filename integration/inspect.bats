# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# Looking into containers and processes: runtime/inspect/README.md. What is shown is compared with
# what the plain tools and /proc say.

load lib/bundle

setup() {
	minirun_only
	bundle_new
}

# trouble PATTERN...: exit status 2 and one line with the patterns
trouble() {
	local pattern

	echo "status $status, stderr: $stderr"
	((status == 2)) || return 1
	[[ ! $output && $stderr && $stderr != *$'\n'* ]] || return 1
	for pattern; do
		[[ $stderr == *"$pattern"* ]] || return 1
	done
}

# no_controls: not one control character but the newline in $output
no_controls() {
	! LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f-\x9f]' <<<"$output"
}

# --- targets -----------------------------------------------------------------------------------

@test "targets: what isn't there, and what could be two things" {
	running_bundle
	run_minirun caps "no-$ID"
	trouble "does not exist"
	run_minirun caps 4194999
	trouble "process 4194999 doesn't exist"
	run_minirun caps "$BATS_TEST_TMPDIR/nothing/"
	trouble "is missing"
	run_minirun caps ''
	trouble "empty"
	run_minirun caps --bogus
	trouble "not defined"
	number=$$
	echo "$number" >>"$BATS_TEST_TMPDIR/ids"
	minirun create --bundle "$BUNDLE" "$number" </dev/null >/dev/null 2>&1 3>&- || {
		sed -i "s|/$ID\"|/$ID-$number\"|" "$BUNDLE/config.json"
		minirun create --bundle "$BUNDLE" "$number" </dev/null >/dev/null 2>&1 3>&-
	}
	run_minirun caps "$number"
	trouble "pid:$number or id:$number"
	run_minirun caps "id:$number"
	succeeds
	run_minirun caps "pid:$number"
	succeeds
}

@test "targets: a thread, a zombie, a kernel thread" {
	needs_program python3
	python3 -c 'import threading, time; threading.Thread(target=time.sleep, args=(30,)).start()' 3>&- &
	two_tasks() { (($(find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l) == 2)); }
	until_true two_tasks $!
	thread=$(basename "$(find "/proc/$!/task" -mindepth 1 -maxdepth 1 ! -name "$!" | head -n 1)")
	run_minirun caps "$thread"
	trouble "is a thread of process $!"
	kill -KILL $!
	python3 -c 'import os, time; os.fork() or os._exit(0); time.sleep(30)' 3>&- &
	zombie() { pgrep -P "$1" >/dev/null && grep -q '^State:.Z' "/proc/$(pgrep -P "$1")/status"; }
	until_true zombie $!
	run_minirun caps --format json "$(pgrep -P $!)"
	succeeds
	check '.status == "zombie"'
	kill $!
}

@test "targets: a kernel thread has no arguments; a process that ends meanwhile is no crash" {
	grep -q '^Kthread:.1\|^VmSize' /proc/2/status 2>/dev/null && [[ $(cat /proc/2/comm) == kthreadd ]] && {
		run_minirun inspect 2
		succeeds
		[[ $output == *"[kthreadd] (no arguments: a kernel thread has none)"* ]]
	}
	mkdir -p "$ROOT"
	for i in {1..10}; do
		true 3>&- &
		status=0
		output=$("$MINIRUN" --root "$ROOT" inspect "$!" 2>&1) || status=$?
		echo "$i: $status $output"
		((status == 0)) || { ((status == 2)) && [[ $output == *"process $!"* && $output != *$'\n'* ]]; }
	done
}

# --- caps --------------------------------------------------------------------------------------

@test "caps --mask is what /proc and capsh say" {
	running_bundle
	run_minirun caps --mask "$ID"
	succeeds
	[[ $output == "$(grep '^Cap' "/proc/$(container_pid)/status")" ]]
	needs_program capsh
	mask=$(sed -n 's/^CapBnd:\t//p' <<<"$output")
	decoded=$(capsh "--decode=$mask" | sed 's/.*=//' | tr , '\n' | sort)
	run_minirun caps --format json "$ID"
	succeeds
	[[ $(jq -r '.sets.bounding[]' <<<"$output" | sort) == "$decoded" ]]
}

@test "caps: ambient that was asked for and isn't there" {
	config '.process.capabilities.ambient = ["CAP_KILL"] | .process.capabilities.inheritable = []'
	running_bundle
	run_minirun caps "$ID"
	succeeds
	[[ $output == *"! ambient: config.json asks for 1, there are 0"* ]]
	run_minirun caps --format json "$ID"
	check '.schema == "minirun.caps/1"' '.notes[0].id == "AMB01"' '.config.ambient == ["cap_kill"]' \
		'.sets.ambient == []' ".pid == $(container_pid)" '.no_new_privs == true'
}

@test "caps of a bundle are those that the container then has" {
	config '.process.user = {uid: 65534, gid: 65534}' \
		'.process.capabilities.ambient = ["CAP_KILL"] | .process.capabilities.inheritable = ["CAP_KILL"]'
	run_minirun caps --mask "$BUNDLE/"
	succeeds
	planned=$output
	running_bundle
	run_minirun caps --mask "$ID"
	succeeds
	[[ $output == "$planned" ]]
	run_minirun caps "$BUNDLE/" "$ID"
	succeeds
	[[ $output == *cap_kill*" peiba "*" peiba "* ]]
}

@test "caps: without a target, and of a container that has stopped" {
	args /bin/true
	create_bundle
	start_bundle
	until_true is_over
	run_minirun caps
	succeeds
	[[ $output == *"$ID"*"(not running)"* ]]
	run_minirun caps --format json "$ID"
	succeeds
	check '.status == "stopped"' '.pid == null'
}

@test "caps --how: the commands run and say the same" {
	running_bundle
	run_minirun caps --how "$ID"
	succeeds
	command=$(sed -n 's/^how: \(grep .*\)/\1/p' <<<"$output")
	shown=$(bash -c "$command")
	[[ $shown == *CapEff:* ]]
	[[ $shown == *"$(minirun caps --mask "$ID" | grep CapEff)"* ]]
}

@test "caps for another user's process: denied facts say so" {
	needs_program setpriv
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$MINIRUN" --root /nonexistent caps --format json $$
	succeeds
	check '.sets.effective | length > 0' '.userns.denied == "EACCES"' \
		'.userns.need == "CAP_SYS_PTRACE"'
}

# --- ns ----------------------------------------------------------------------------------------

@test "ns of a container is what lsns and /proc say" {
	running_bundle
	pid=$(container_pid)
	run_minirun ns --format json "$ID"
	succeeds
	check '.schema == "minirun.ns/1"' ".processes[0].pid == $pid" '.processes[0].nspid[1] == 1' \
		".processes[0].container == \"$ID\"" ".namespaces | length == $(find /proc/self/ns -type l ! -name '*_for_children' | wc -l)" \
		'[.namespaces[] | select(.type == "net")][0].alive == ["process"]'
	for type in user cgroup ipc uts net pid mnt time; do
		[[ -e /proc/self/ns/$type ]] || continue
		link=$(readlink "/proc/$pid/ns/$type")
		[[ $link == "$type:[$(jq ".processes[0].ns.$type" <<<"$output")]" ]]
	done
	needs_program lsns
	mine=$(jq -r '.namespaces[] | select(.container) | "\(.ino) \(.type) \(.procs)"' <<<"$output" | sort)
	asked() { lsns -J -p "$pid" -o NS,TYPE,NPROCS >"$BATS_TEST_TMPDIR/lsns"; }
	until_true asked # it fails when one of all processes ends meanwhile
	theirs=$(jq -r '.namespaces[] | "\(.ns) \(.type) \(.nprocs)"' "$BATS_TEST_TMPDIR/lsns" | sort)
	[[ $mine ]]
	# lsns also lists what is shared with the host
	[[ ! $(comm -23 <(echo "$mine") <(echo "$theirs")) ]]
}

@test "ns of a whole system is what lsns says of it" {
	needs_program lsns
	mkdir "$ROOT"
	# a pid namespace of its own, in which nothing comes and goes meanwhile
	cat >"$BATS_TEST_TMPDIR/system" <<-'END'
		unshare --uts sleep 60 & unshare --net --ipc sleep 60 & unshare --user --map-root-user --mount sleep 60 &
		for _ in $(seq 600); do
			[ "$(cat /proc/[0-9]*/comm | grep -cx sleep)" = 3 ] && break
			sleep 0.05
		done
		lsns -J -o NS,TYPE >"$1.theirs"
		"$2" --root "$3" ns --format json >"$1.mine"
	END
	unshare --pid --fork --mount-proc --kill-child sh "$BATS_TEST_TMPDIR/system" "$BATS_TEST_TMPDIR/ns" "$MINIRUN" "$ROOT" 3>&-
	mine=$(jq -r '.namespaces[] | select(.procs > 0) | "\(.ino) \(.type)"' "$BATS_TEST_TMPDIR/ns.mine" | sort)
	theirs=$(jq -r '.namespaces[] | "\(.ns) \(.type)"' "$BATS_TEST_TMPDIR/ns.theirs" | sort)
	(($(wc -l <<<"$theirs") >= 12))
	diff <(echo "$mine") <(echo "$theirs")
}

@test "ns: the tree has the container with its pids" {
	running_bundle
	run_minirun ns
	succeeds
	[[ $output == *"$ID  container  1 proc "* ]]
	[[ $output =~ 1\ +$(container_pid)\ +0\ +/bin/guest\ wait ]]
	[[ $output == *"shared with host: "* ]]
	run_minirun ns "$ID" --no-header --how
	succeeds
	[[ $output == *"how: lsns"* && $output != *COMMAND* || $output == *"NPROCS,PID,COMMAND"* ]]
}

@test "ns: pid namespaces many levels deep are one line of 80 columns, and all of them in JSON" {
	local words=(sleep 60)

	for _ in {1..12}; do
		words=(unshare --pid --fork "${words[@]}")
	done
	unshare --pid --fork --kill-child "${words[@]}" 3>&- &
	# the innermost one: the only sleep below this unshare
	innermost() {
		pid=$! && while child=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null) && [[ $child ]]; do
			pid=${child%% *}
		done
		is_sleep "$pid"
	}
	until_true innermost
	mkdir -p "$ROOT"
	run_minirun ns "$pid"
	text=$output
	run_minirun ns --format json "$pid"
	kill -KILL $! # and with it its child, which ends all below
	succeeds
	check ".processes[0].nspid | length >= 14 and .[0] == $pid and .[-1] == 1"
	grep -q "^ *1 *\.\.\. *$pid *0 *sleep 60" <<<"$text"
	[[ $(awk 'length > 80' <<<"$text") == "" ]]
}

@test "ns: a user namespace owns, and maps ids" {
	config '.linux.namespaces += [{type: "user"}] | .linux.uidMappings =
		[{containerID: 0, hostID: 100000, size: 65536}] | .linux.gidMappings = .linux.uidMappings'
	chown 100000:100000 "$ROOTFS" "$ROOTFS"/*
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/../.." "$BATS_RUN_TMPDIR"
	running_bundle
	pid=$(container_pid)
	user=$(jq -nr --arg l "$(readlink "/proc/$pid/ns/user")" '$l | ltrimstr("user:[") | rtrimstr("]")')
	run_minirun ns --format json "$ID"
	succeeds
	check ".processes[0].uid == 100000" ".processes[0].uid_inside == 0" \
		"[.namespaces[] | select(.type == \"net\")][0].owner == $user" \
		"[.namespaces[] | select(.ino == $user)][0].owner_uid == 0"
	run_minirun ns "$ID"
	[[ $output == *"uid 0-65535 = host 100000-165535"* && $output == *"0 (host 100000)"* ]]
	# the header stands above what it names
	awk '/USER +COMMAND/ { at = index($0, "COMMAND") }
		/0 \(host 100000\)/ { seen = at; if (substr($0, at - 2, 2) != ") ") { print; bad = 1 } }
		END { exit bad || !seen }' <<<"$output"
}

@test "ns: without processes, kept by a bind mount or by a descriptor" {
	touch "$BATS_TEST_TMPDIR/net"
	# in a mount namespace of its own: other tests look at the host's mounts meanwhile
	output=$(unshare --mount bash -c 'unshare "--net=$0" true && stat -c %i "$0" && exec "$@"' \
		"$BATS_TEST_TMPDIR/net" "$MINIRUN" --root "$ROOT" ns --format json)
	inode=${output%%$'\n'*} output=${output#*$'\n'}
	check "[.namespaces[] | select(.ino == $inode)][0] | .alive == [\"mount\"] and .procs == 0 and
		.mount == \"$BATS_TEST_TMPDIR/net\" and .owner != null"
	unshare --uts bash -c 'exec 9</proc/self/ns/uts; exec nsenter --uts=/proc/$0/ns/uts sleep 30' $$ 3>&- &
	until_true is_sleep $!
	inode=$(stat -Lc %i "/proc/$!/fd/9")
	run_minirun ns --format json
	kill $!
	succeeds
	check "[.namespaces[] | select(.ino == $inode)][0] | .alive == [\"fd\"] and .holder == $!"
}

is_sleep() {
	[[ $(cat "/proc/$1/comm") == sleep ]]
}

@test "ns: a thread that is elsewhere, seen with --threads only" {
	needs_program python3
	python3 -c '
import ctypes, threading, time
def work():
    ctypes.CDLL(None).unshare(0x04000000)
    time.sleep(30)
threading.Thread(target=work).start()' 3>&- &
	elsewhere() { (($(cat /proc/"$1"/task/*/ns/uts 2>/dev/null | wc -l) >= 0)) &&
		(($(for t in /proc/"$1"/task/*; do readlink "$t/ns/uts"; done | sort -u | wc -l) == 2)); }
	until_true elsewhere $!
	run_minirun ns --format json
	check "[.processes[] | select(.pid == $!)] | length == 1"
	run_minirun ns --format json --threads
	kill $!
	check "[.processes[] | select(.pid == $!)] | length == 2 and .[1].thread > 0"
}

@test "ns: pictures" {
	running_bundle
	run_minirun ns --format svg
	succeeds
	[[ $output == "<svg "*"</svg>" && $output == *">$ID<"* ]]
	if command -v python3 >/dev/null; then
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin)' <<<"$output"
	fi
	run_minirun ns --format dot "$ID"
	succeeds
	[[ $output == "digraph "* && $output == *"label=\"$ID\\n1 processes"* ]]
	[[ $(grep -o '{' <<<"$output" | wc -l) == $(grep -o '}' <<<"$output" | wc -l) ]]
}

@test "ns: of a bundle, and what isn't understood" {
	run_minirun ns --format json "$BUNDLE/"
	succeeds
	check '.status == "planned"' '.ns.pid == "new"' '.ns.user == "the caller'"'"'s"'
	run_minirun ns --by size
	trouble "owner and type"
	run_minirun ns --format yaml
	trouble "yaml"
}

# --- hostile ---------------------------------------------------------------------------------------

@test "names that work against the terminal are shown harmlessly" {
	local program=$BATS_TEST_TMPDIR/$'x\e[2J\n\x9b' file=$BATS_TEST_TMPDIR/$'\e[31m\n\x9b'

	cp "$(command -v busybox)" "$program"
	touch "$file"
	unshare --uts bash -c 'exec -a tail "$0" -f "$1"' "$program" "$file" 3>&- &
	is_hostile() { [[ $(cat "/proc/$1/comm") == x* ]]; }
	until_true is_hostile $!
	for command in ns "ns --by type" "ns --format svg" "ns --format json" "caps $!"; do
		# shellcheck disable=SC2086 # words
		LC_ALL=C run_minirun $command
		succeeds
		no_controls
	done
	kill $!
}

@test "a cgroup whose name works against the terminal" {
	directory=$(cgroup_tree)/$ID-$'\e[2J\xc2\x9b'
	mkdir -p "$ROOT" "$directory"
	sleep 60 3>&- &
	echo $! >"$directory/cgroup.procs"
	local failed=""
	for command in inspect cgroup "cgroup --format json" "inspect --format json" "diff self"; do
		# shellcheck disable=SC2086 # words
		LC_ALL=C run_minirun $command $!
		no_controls || failed+="$command: $output"
	done
	run_minirun cgroup --path unified $!
	path=$output
	terminal=$(script -qec "'$MINIRUN' --root '$ROOT' cgroup --path unified $!" /dev/null </dev/null)
	kill $!
	wait $! || true
	until_true rmdir "$directory"
	echo "$failed"
	[[ ! $failed && $path == "$directory" && $terminal == *'\x1b[2J'* && $terminal != *$'\e'* ]]
}

# --- cgroup ------------------------------------------------------------------------------------------

@test "cgroup of a container: where it is, who is in it, its device program" {
	running_bundle
	tree=$(cgroup_tree)
	run_minirun cgroup --format json "$ID"
	succeeds
	check '.schema == "minirun.cgroup/1"' ".paths.unified == \"$tree/$ID\"" '.processes == 1' \
		'.zombies == 0' '.frozen == false' '.devices.programs | length > 0'
	run_minirun cgroup --path unified "$ID"
	succeeds
	[[ $output == "$tree/$ID" ]]
	[[ $(cat "$output/cgroup.procs") == "$(container_pid)" ]]
	if command -v systemd-cgls >/dev/null; then # needs no systemd that runs
		[[ $(systemd-cgls --no-pager -l "$output") == *"$(container_pid) /bin/guest wait"* ]]
	fi
	run_minirun cgroup --how --verbose "$ID"
	succeeds
	[[ $output == *"/$ID"* && $output == *"how: cat /proc/$(container_pid)/cgroup"* ]]
	# what isn't counted has a reason
	is_false grep -E '^(memory|pids|io)[ -]*$' <<<"$output"
	run_minirun cgroup
	succeeds
	[[ $output == *"$ID"* ]]
}

# An outer cgroup with a limit and an inner one with a sleep in it, whatever version the host has:
# $controller_dir, $limit_file, $use_file, $process. Fails where there is no memory controller.
nested_cgroup() {
	local tree

	if [[ -e /sys/fs/cgroup/memory/memory.usage_in_bytes ]]; then
		controller_dir=/sys/fs/cgroup/memory/$ID limit_file=memory.limit_in_bytes
		use_file=memory.usage_in_bytes
		mkdir -p "$controller_dir/inner"
	else
		tree=$(cgroup_tree)
		grep -qw memory "$tree/cgroup.controllers" || return 1
		grep -qw memory "$tree/cgroup.subtree_control" || echo +memory >"$tree/cgroup.subtree_control"
		controller_dir=$tree/$ID limit_file=memory.max use_file=memory.current
		mkdir "$controller_dir"
		echo +memory >"$controller_dir/cgroup.subtree_control"
		mkdir "$controller_dir/inner"
	fi
	echo 67108864 >"$controller_dir/$limit_file"
	sleep 60 3>&- &
	process=$!
	echo "$process" >"$controller_dir/inner/cgroup.procs"
}

@test "cgroup: an ancestor's limit is the one that applies" {
	mkdir "$ROOT"
	if nested_cgroup; then
		run_minirun cgroup --format json "$process"
		text=$(minirun cgroup "$process")
		used=$(cat "$controller_dir/inner/$use_file")
		directory=$(minirun cgroup --path memory "$process")
		kill "$process"
		wait "$process" || true
		until_true rmdir "$controller_dir/inner"
		until_true rmdir "$controller_dir"
		succeeds
		check '.memory.limit == null' '.memory.effective == 67108864' ".memory.used >= 0 and $used >= 0" \
			".memory.effective_from == \"/$ID\""
		[[ $directory == "$controller_dir/inner" ]]
		[[ $text =~ memory\ .*64M\ \(/ ]]
	else # a host without the controller says so
		run_minirun cgroup --path memory self
		trouble "no such controller"
	fi
}

@test "cgroup: I/O of a bundle, and of v1's files" {
	local directory=/sys/fs/cgroup/blkio/$ID

	config '.linux.resources.blockIO = {weight: 500, throttleReadBpsDevice: [{major: 8, minor: 0, rate: 1048576}],
		throttleWriteIOPSDevice: [{major: 8, minor: 16, rate: 70}]}'
	run_minirun cgroup --format json "$BUNDLE/"
	succeeds
	check '.io.weight == 500' '.io.max == "8:0 rbps=1048576; 8:16 wiops=70"'
	run_minirun cgroup "$BUNDLE/"
	[[ $output == *"weight 500; 8:0 rbps=1048576; 8:16 wiops=70"* ]]
	device=$(find /sys/block/*/dev -exec cat {} + 2>/dev/null | head -n 1)
	if [[ -e /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device && $device ]]; then
		mkdir "$directory"
		echo "$device 1048576" >"$directory/blkio.throttle.read_bps_device"
		sleep 60 3>&- &
		echo $! >"$directory/cgroup.procs"
		run_minirun cgroup --format json $!
		kill $!
		wait $! || true
		until_true rmdir "$directory"
		succeeds
		check ".io.max == \"$device rbps=1048576\""
	fi
}

@test "why: a fork that the pids limit refuses (v1, by hand)" {
	[[ -e /sys/fs/cgroup/pids/cgroup.procs ]] || skip "no v1 pids controller"
	running_bundle
	mkdir "/sys/fs/cgroup/pids/$ID"
	echo 15 >"/sys/fs/cgroup/pids/$ID/pids.max"
	container_pid >"/sys/fs/cgroup/pids/$ID/cgroup.procs"
	run --separate-stderr sh -c 'echo $$ >"$0/cgroup.procs" && exec "$@"' "/sys/fs/cgroup/pids/$ID" \
		"$MINIRUN" --root "$ROOT" why --format json "$ID" -- \
		/bin/sh -c 'for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do sleep 1 & done'
	echo "$status $output $stderr"
	text=$(minirun cgroup "$ID")
	minirun delete --force "$ID"
	until_true rmdir "/sys/fs/cgroup/pids/$ID"
	((status == 1))
	output=$(head -n 1 <<<"$output")
	check '.errno == "EAGAIN"' '.layer == "limits"' '.config == "/linux/resources/pids/limit"' \
		'.text | contains("15 processes")'
	[[ $text == *"15 (own)"* ]]
}

@test "cgroup: zombies count, and are named" {
	args /bin/sh -c 'for i in 1 2 3 4 5; do true & done; exec sleep 60'
	create_bundle
	start_bundle
	zombies() { minirun cgroup --format json "$ID" | jq -e '.zombies == 5'; }
	until_true zombies
	run_minirun cgroup "$ID"
	succeeds
	[[ $output == *"! 5 zombies count against pids"* ]]
}

@test "cgroup --watch: JSON lines, and the end of what is watched" {
	running_bundle
	run_minirun cgroup --watch --interval 1 --count 2 "$ID"
	succeeds
	((${#lines[@]} == 2))
	output=${lines[1]}
	check ".pid == $(container_pid)"
	minirun cgroup --watch --interval 1 "$$" 3>&- >"$BATS_TEST_TMPDIR/watch" &
	until_true test -s "$BATS_TEST_TMPDIR/watch"
	kill $!
}

@test "cgroup of a bundle: its limits, and what create would refuse" {
	config '.linux.resources.memory = {limit: 1048576} | .linux.resources.cpu = {quota: 50000, period: 100000}'
	run_minirun cgroup --format json "$BUNDLE/"
	succeeds
	check '.status == "planned"' '.memory.limit == 1048576' '.cpu.limit == 500' '.processes == null'
	config '.linux.resources.network = {classID: 5}'
	run_minirun cgroup "$BUNDLE/"
	succeeds
	[[ $output == *"! create would refuse it: "* ]]
}

@test "cgroup: bad options" {
	mkdir "$ROOT"
	run_minirun cgroup --path wheels self
	trouble "wheels"
	run_minirun cgroup --sort size
	trouble "size"
	run_minirun cgroup --watch --interval 0
	trouble "interval"
}

# --- inspect -------------------------------------------------------------------------------------

@test "inspect: one page, and the single commands' objects" {
	running_bundle
	run_minirun inspect "$ID"
	succeeds
	[[ $output == *"$ID   running   pid $(container_pid) (1 inside)"* ]]
	[[ $output == *"process     /bin/guest wait"* && $output == *$'\nSEE  ns '*$'\nUSE  cgroup '*$'\nDO   caps '* ]]
	((${#lines[@]} < 20))
	for line in "${lines[@]}"; do
		((${#line} <= 80)) || [[ $line == *"$BATS_TEST_TMPDIR"* ]]
	done
	run_minirun inspect --format json "$ID"
	succeeds
	check '.schema == "minirun.inspect/1"' '.kind == "container"' ".pid == $(container_pid)" \
		'.process.args == ["/bin/guest", "wait"]' '.process.nspid[1] == 1' '.seccomp.mode == 0' \
		".bundle == \"$BUNDLE\"" '[.mounts[] | select(.destination == "/proc")][0].type == "proc"'
	# runtime/inspect/README.md: one model, so no two answers
	diff <(jq -S .caps <<<"$output") <(minirun caps --format json "$ID" |
		jq -S 'del(.schema, .target, .kind, .status, .pid, .notes)')
	mounts=$(jq '.mounts | length' <<<"$output")
	(($(wc -l <"/proc/$(container_pid)/mountinfo") == mounts))
	run_minirun inspect
	succeeds
	[[ $output == *"$ID"*running* ]]
}

@test "inspect: --how and --verbose name commands that run and files that exist" {
	running_bundle
	run_minirun inspect --how --verbose "$ID"
	succeeds
	status_command=$(sed -n 's/^how: \(grep .*\)/\1/p' <<<"$output")
	[[ $(bash -c "$status_command") == *"$(grep NoNewPrivs "/proc/$(container_pid)/status")"* ]]
	while read -r file; do
		[[ -e $file ]]
	done < <(sed -n 's|^from: \(/proc/[0-9][^ ]*\) .*|\1|p' <<<"$output")
}

@test "inspect: created, stopped, a bundle, self and host" {
	guest wait
	create_bundle
	run_minirun inspect --format json "$ID"
	succeeds
	check '.status == "created"' '[.notes[].id] | index("CRE01") != null'
	minirun delete --force "$ID"
	for target in self host "$BUNDLE/"; do
		run_minirun inspect --format json "$target"
		succeeds
		check '.schema == "minirun.inspect/1"'
		run_minirun inspect "$target"
		succeeds
	done
	[[ $output == *"own: mnt"* ]]
}

@test "inspect: a container that has stopped shows what it was to be" {
	args /bin/true
	create_bundle
	start_bundle
	until_true is_over
	run_minirun inspect "$ID"
	succeeds
	[[ $output == *"$ID   stopped"* ]]
}

# --- diff --------------------------------------------------------------------------------------

@test "diff: a bundle and what runs are the same, two containers aren't" {
	running_bundle
	run_minirun diff "$ID" "$ID"
	succeeds
	[[ ! $output ]]
	run_minirun diff "$BUNDLE/" "$ID"
	echo "$output"
	succeeds
	run_minirun diff --format json "$ID" self
	((status == 1))
	check '.schema == "minirun.diff/1"' '[.differences[].path] | index("ns.pid") != null' \
		'[.differences[].path] | index("caps.effective") != null' '.unknown == []'
	run_minirun diff "$ID" self
	((status == 1))
	[[ $output == *"ns.pid "*" | "* ]]
	run_minirun diff "$ID" "no-$ID"
	trouble "does not exist"
	run_minirun diff "$ID"
	trouble "2 argument"
}

@test "diff: what config.json asks for and the kernel doesn't give" {
	config '.process.capabilities = {bounding: ["CAP_KILL"], permitted: ["CAP_KILL"],
		effective: ["CAP_KILL"], ambient: ["CAP_KILL"]}'
	running_bundle
	run_minirun diff --format json "$BUNDLE/" "$ID"
	((status == 1))
	check '.differences == [{path: "caps.ambient", a: "1 asked, none", b: "none"}]'
	run_minirun diff "$BUNDLE/" "$BUNDLE/"
	succeeds
}

@test "diff: links, a root said twice and the caller's own namespaces are no differences" {
	ln -s /etc "$ROOTFS/link"
	ln -s /not/there "$ROOTFS/dangling"
	ln -s nowhere "$BUNDLE/copied"
	mount_point /link/a tmpfs x
	mount_point /dangling tmpfs x
	mount_point /b/../c//d/ tmpfs x
	mount_point e tmpfs x
	mount_point /f bind "$BUNDLE/copied" bind copy-symlink
	config '.mounts += [{destination: "/", options: ["remount", "bind", "ro"]}] |
		.linux.namespaces += [{type: "user", path: "/proc/self/ns/user"}]'
	running_bundle
	run_minirun diff "$BUNDLE/" "$ID"
	echo "$output"
	succeeds
	run_minirun diff "$ID" self
	[[ $output != *user.host_uid* ]]
}

@test "diff: who has no mount namespace of its own is asked for none" {
	config '.mounts = [] | .linux.namespaces |= map(select(.type != "mount"))'
	running_bundle
	run_minirun diff "$BUNDLE/" "$ID"
	echo "$output"
	succeeds
}

@test "diff: who entered with nsenter has what the container hasn't" {
	running_bundle
	nsenter -t "$(container_pid)" -m -u -i -n "/bin/guest" wait 3>&- >/dev/null &
	is_guest() { [[ $(cat "/proc/$1/comm") == guest ]]; }
	until_true is_guest $!
	run_minirun diff --format json "$ID" "pid:$!"
	kill -KILL $!
	((status == 1))
	check '[.differences[].path] | index("cgroup.path") != null and index("caps.effective") != null
		and index("ns.net") == null'
}
