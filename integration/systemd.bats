#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The systemd manager under a real systemd (testhost/uml.sh --systemd)

load lib/bundle
load lib/user

setup() {
	[[ -S /run/systemd/private ]] || skip "no systemd is running here"
	bundle_new
	UNIT=mr-$ID.scope
	TREE=/sys/fs/cgroup
	SCOPE=$TREE/test.slice/$UNIT
	config '.linux.cgroupsPath = "test.slice:mr:\($id)"'
}

teardown() {
	[[ ! ${USER_ID-} ]] || user_cleanup
	bundle_cleanup
}

# limits RESOURCES: all of linux.resources but the devices
limits() {
	config ".linux.resources = $1 + {devices: .linux.resources.devices}"
}

# as engines do: only what makes a container is told
scope_run() {
	run --separate-stderr minirun --systemd-cgroup run --bundle "$BUNDLE" "$ID"
}

scope_create() {
	minirun --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- || {
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

# a container that sleeps
scope_running() {
	args /bin/sleep 1000
	scope_create
	start_bundle
}

# property NAME... [of UNIT]: their values, one a line
property() {
	systemctl show "$UNIT" --value "${@/#/-p}"
}

is_forgotten() {
	[[ $(systemctl show "$UNIT" --value -p LoadState) == not-found && ! -e $SCOPE ]]
}

# is_line TEXT FILE, without a process
is_line() {
	local line

	while read -r line; do
		[[ $line != "$1" ]] || return 0
	done <"$2"
	return 1
}

@test "a scope with its slice, its delegation, its limits and its process" {
	limits '{memory: {limit: 67108864, swap: 83886080, reservation: 33554432}, pids: {limit: 20},
		cpu: {shares: 512, quota: 33333, period: 100000},
		unified: {"memory.high": "50331648", "memory.min": "1048576"}}'
	scope_running
	[[ $(systemctl show "$UNIT" -p Slice -p Delegate -p Description -p DefaultDependencies -p CollectMode \
		-p ActiveState -p MemoryMax -p MemorySwapMax -p MemoryLow -p MemoryHigh -p MemoryMin \
		-p TasksMax -p CPUWeight -p CPUQuotaPerSecUSec -p CPUQuotaPeriodUSec \
		-p DevicePolicy | sort) == "ActiveState=active
CPUQuotaPerSecUSec=340ms
CPUQuotaPeriodUSec=100ms
CPUWeight=59
CollectMode=inactive-or-failed
DefaultDependencies=no
Delegate=yes
Description=minirun container $ID
DevicePolicy=auto
MemoryHigh=50331648
MemoryLow=33554432
MemoryMax=67108864
MemoryMin=1048576
MemorySwapMax=16777216
Slice=test.slice
TasksMax=20" ]]
	# the files say the same
	is_line 67108864 "$SCOPE/memory.max"
	is_line 16777216 "$SCOPE/memory.swap.max"
	is_line 33554432 "$SCOPE/memory.low"
	is_line 50331648 "$SCOPE/memory.high"
	is_line 20 "$SCOPE/pids.max"
	is_line '34000 100000' "$SCOPE/cpu.max" # in whole percents, as systemd has it
	is_line 59 "$SCOPE/cpu.weight"
	# the process that held the scope until init was there is gone
	is_line "$(container_pid)" "$SCOPE/cgroup.procs"
	(($(wc -l <"$SCOPE/cgroup.procs") == 1))
	# the other commands know without being told
	[[ $(jq -r '.cgroupManager, .cgroupUnit' "$ROOT/$ID/state.json") == $'systemd\n'$UNIT ]]
	[[ $(minirun exec "$ID" /bin/cat /proc/self/cgroup) == 0::/ ]]
	minirun delete --force "$ID"
	is_forgotten
}

@test "run leaves no unit, whatever the exit code" {
	guest
	scope_run
	succeeds
	check '.cgroup | split("\n") | index("0::/")'
	is_forgotten
	args /bin/sh -c 'exit 3'
	scope_run
	((status == 3))
	is_forgotten
	args no-such-program
	scope_run
	fails 'executable file not found'
	is_forgotten
}

@test "limits and device rules, also updated ones, outlive daemon-reload and set-property" {
	limits '{memory: {limit: 67108864}, pids: {limit: 20}, cpu: {quota: 50000, period: 100000}}'
	config '.linux.devices = [{path: "/dev/kmsg", type: "c", major: 1, minor: 11},
			{path: "/dev/fuse", type: "c", major: 10, minor: 229}] |
		.linux.resources.devices += [{allow: true, type: "c", major: 10, minor: 229, access: "rwm"}]'
	scope_running
	try() {
		output=$(minirun exec "$ID" /bin/guest try read:/dev/kmsg device:/dev/fuse write:/dev/null)
		# the kernel has no fuse: the filter has let it pass
		check '.["read:/dev/kmsg"] == "EPERM"' '.["device:/dev/fuse"] == "ENODEV"' \
			'.["write:/dev/null"] == "ok"'
	}
	try
	systemctl daemon-reload
	systemctl set-property --runtime "$UNIT" CPUWeight=50
	systemctl daemon-reload
	try
	is_line 67108864 "$SCOPE/memory.max"
	is_line 20 "$SCOPE/pids.max"
	is_line '50000 100000' "$SCOPE/cpu.max"
	is_line 50 "$SCOPE/cpu.weight"
	[[ $(container_status) == running ]]
	# what update has changed of all this is what holds from then on
	minirun update --memory 100663296 --pids-limit 30 --cpu-quota 20000 \
		--device-allow 'c 1:11 r' --device-deny 'c 10:229 rwm' "$ID"
	systemctl daemon-reload
	systemctl set-property --runtime "$UNIT" CPUWeight=60
	systemctl daemon-reload
	output=$(minirun exec "$ID" /bin/guest try read:/dev/kmsg device:/dev/fuse write:/dev/null)
	check '.["read:/dev/kmsg"] != "EPERM"' '.["device:/dev/fuse"] == "EPERM"' \
		'.["write:/dev/null"] == "ok"'
	is_line 100663296 "$SCOPE/memory.max"
	is_line 30 "$SCOPE/pids.max"
	is_line '20000 100000' "$SCOPE/cpu.max"
	is_line 60 "$SCOPE/cpu.weight"
	[[ $(property MemoryMax) == 100663296 && $(property TasksMax) == 30 ]]
}

@test "update: systemd and the files follow, and a refused one changes neither" {
	limits '{memory: {limit: 67108864}, pids: {limit: 20}, cpu: {quota: 33333, period: 100000}}'
	scope_running
	minirun update --memory 100663296 --pids-limit 30 "$ID"
	is_line 100663296 "$SCOPE/memory.max"
	is_line 30 "$SCOPE/pids.max"
	[[ $(property MemoryMax) == 100663296 && $(property TasksMax) == 30 ]]
	minirun update --cpu-quota 66666 "$ID"
	# systemd counts in hundredths of a second: both have the same, so nothing changes it later
	is_line '67000 100000' "$SCOPE/cpu.max"
	[[ $(property CPUQuotaPerSecUSec) == 670ms ]]
	# "idle" is one of systemd's weights
	minirun update --cpu-idle 1 "$ID"
	[[ $(property CPUWeight) == idle ]]
	minirun update --cpu-idle 0 "$ID"
	[[ $(property CPUWeight) == 100 ]]
	systemctl daemon-reload
	is_line '67000 100000' "$SCOPE/cpu.max"
	is_line 0 "$SCOPE/cpu.idle"
	# refused after systemd was told: it is told the old ones
	minirun update --cpu-share 512 "$ID"
	mount --bind "$ROOT/$ID/resources.json" "$ROOT/$ID/resources.json"
	run ! --separate-stderr minirun update --cpu-idle 1 "$ID"
	umount "$ROOT/$ID/resources.json"
	[[ $(property CPUWeight) == 59 ]]
	is_line 59 "$SCOPE/cpu.weight"
	# the kernel says no: systemd never hears of it
	run ! --separate-stderr minirun update --pids-limit 40 --cpu-period 1 "$ID"
	is_line 30 "$SCOPE/pids.max"
	[[ $(property TasksMax) == 30 ]]
	# systemd doesn't answer: the files are put back
	mount --bind /dev/null /run/systemd/private
	run --separate-stderr minirun update --pids-limit 50 "$ID"
	umount /run/systemd/private
	fails unix:path=/run/systemd/private
	is_line 30 "$SCOPE/pids.max"
}

@test "limits of disks: systemd and the file say the same, changed, lifted and taken back" {
	disk=$(</sys/block/ubda/dev)
	number="\"major\": ${disk%:*}, \"minor\": ${disk#*:}"
	mkdir -p /dev/block
	ln -sfn ../ubda "/dev/block/$disk" # udev's duty
	change() { # MEMBER RATE
		minirun update --resources - "$ID" <<<"{\"blockIO\": {\"throttle$1Device\": [{$number, \"rate\": $2}]}}"
	}
	limits "{blockIO: {throttleReadBpsDevice: [{$number, rate: 1048576}]}, pids: {limit: 20}}"
	scope_running
	is_line "$disk rbps=1048576 wbps=max riops=max wiops=max" "$SCOPE/io.max"
	change WriteIOPS 77
	[[ $(property IOReadBandwidthMax) == *" 1048576" && $(property IOWriteIOPSMax) == *" 77" ]]
	# the record can't be replaced once systemd has been told: all of it is taken back
	mount --bind "$ROOT/$ID/resources.json" "$ROOT/$ID/resources.json"
	run --separate-stderr change WriteIOPS 88
	first=$stderr
	run --separate-stderr minirun update --pids-limit 30 "$ID"
	umount "$ROOT/$ID/resources.json"
	fails resources.json
	stderr=$first fails resources.json
	is_line 20 "$SCOPE/pids.max"
	[[ $(property TasksMax) == 20 && $(property IOWriteIOPSMax) == *" 77" ]]
	# systemd writes the line again, by what it believes
	systemctl set-property --runtime "$UNIT" "IOReadIOPSMax=/dev/block/$disk 99"
	is_line "$disk rbps=1048576 wbps=max riops=99 wiops=77" "$SCOPE/io.max"
	change ReadBps 0
	systemctl set-property --runtime "$UNIT" "IOReadIOPSMax=/dev/block/$disk 98"
	is_line "$disk rbps=max wbps=max riops=98 wiops=77" "$SCOPE/io.max"
}

# systemd takes the scope of processes that were killed away, sooner or later than it is told the limit
@test "update: a limit of memory that ends the container says so" {
	limits '{memory: {limit: 67108864}}'
	scope_running
	run --separate-stderr minirun update --memory 1024 "$ID"
	fails 'memory.max:*1024*' "can't be given back"
	is_line 67108864 "$SCOPE/memory.max"
	[[ $(property MemoryMax) == 67108864 ]]
	run --separate-stderr minirun update --resources - "$ID" \
		<<<'{"memory": {"limit": 1024, "checkBeforeUpdate": false}}'
	((status == 0)) || fails "the container ended while its limits changed: memory.max 1024 makes the kernel kill"
	until_true status_is stopped
}

@test "update: a limit above the slice's is refused, and systemd isn't told" {
	limits '{pids: {limit: 20}}'
	scope_running
	systemctl set-property --runtime test.slice TasksMax=25
	run --separate-stderr minirun update --pids-limit 26 "$ID"
	fails "pids.max" "cgroup $TREE/test.slice grants, whose pids.max is *25"
	is_line 20 "$SCOPE/pids.max"
	[[ $(property TasksMax) == 20 ]]
	minirun update --pids-limit 25 "$ID"
	systemctl set-property --runtime test.slice TasksMax=infinity
	is_line 25 "$SCOPE/pids.max"
}

@test "a process too many for memory is killed, and the container goes on" {
	limits '{memory: {limit: 33554432, swap: 33554432}}'
	args /bin/sh -c 'dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null; echo "killed: $?"; exec sleep 1000'
	scope_create
	start_bundle
	until_true grep -q 'killed: 137' "$BATS_TEST_TMPDIR/out"
	grep -q 'oom_kill [1-9]' "$SCOPE/memory.events"
	[[ $(container_status) == running ]]
}

@test "a unit that has failed is forgotten, and its name is free again" {
	limits '{memory: {limit: 33554432, swap: 33554432}, unified: {"memory.oom.group": "1"}}'
	args /bin/sh -c 'dd if=/dev/zero of=/dev/null bs=100M count=1'
	scope_create
	start_bundle
	until_true status_is stopped
	minirun delete "$ID"
	is_forgotten
	# somebody else's failure of that name
	systemd-run --quiet --scope --unit="$UNIT" -p RuntimeMaxSec=1 sleep 100 || true
	[[ $(property ActiveState) == failed ]]
	scope_running
	[[ $(property ActiveState) == active ]]
}

@test "a name that is in use is refused, and its owner is left alone" {
	systemd-run --quiet --scope --unit="$UNIT" --slice=test.slice sleep 100 3>&- &
	until_true grep -q . "$SCOPE/cgroup.procs"
	scope_run
	systemctl is-active "$UNIT"
	systemctl stop "$UNIT"
	fails "container's cgroup is not empty: 1 process"
	# in another slice the unit is found only when systemd is asked
	systemd-run --quiet --scope --unit="$UNIT" --slice=other.slice sleep 100 3>&- &
	until_true grep -q . "$TREE/other.slice/$UNIT/cgroup.procs"
	scope_run
	systemctl is-active "$UNIT"
	systemctl stop "$UNIT"
	fails "unit $UNIT is in use"
}

@test "forms of cgroupsPath" {
	config 'del(.linux.cgroupsPath)'
	args /bin/sleep 1000
	scope_create
	[[ -e $TREE/system.slice/minirun-$ID.scope ]]
	minirun delete "$ID"
	for row in ":mr:$ID /system.slice/mr-$ID.scope" "a-b.slice::$ID /a.slice/a-b.slice/$ID.scope" \
		"-.slice:mr:$ID /mr-$ID.scope" "cpu-a.slice:mr:$ID /_cpu.slice/cpu-a.slice/mr-$ID.scope"; do
		config ".linux.cgroupsPath = \"${row% *}\""
		scope_create
		grep -qx "$(container_pid)" "$TREE${row#* }/cgroup.procs"
		minirun delete "$ID"
		[[ ! -e $TREE${row#* } ]]
	done
	config '.linux.cgroupsPath = "/some/path"'
	scope_run
	fails 'expected cgroupsPath to be of format' 'slice:prefix:name' 'for systemd cgroups, got' \
		'/some/path'
}

@test "a slice instead of a scope" {
	UNIT=test-$BASHPID.slice
	SCOPE=$TREE/test.slice/$UNIT
	config ".linux.cgroupsPath = \"test.slice::$UNIT\""
	limits '{memory: {limit: 67108864}, pids: {limit: 20}}'
	scope_running
	[[ $(property ActiveState) == active ]]
	is_line 20 "$SCOPE/pids.max"
	is_line 67108864 "$SCOPE/memory.max"
	is_line "$(container_pid)" "$SCOPE/cgroup.procs"
	minirun delete --force "$ID"
	[[ ! -e $SCOPE ]]
	[[ $(property ActiveState) == inactive ]]
}

@test "annotations become properties; a wrong one leaves nothing" {
	config '.annotations = {"org.systemd.property.KillSignal": "37",
		"org.systemd.property.TimeoutStopUSec": "uint64 10000000",
		"org.systemd.property.RuntimeMaxSec": "3600",
		"org.systemd.property.Description": "\"of my own\""}'
	scope_running
	[[ $(systemctl show "$UNIT" -p KillSignal -p TimeoutStopUSec -p RuntimeMaxUSec -p Description |
		sort) == $'Description=of my own\nKillSignal=37\nRuntimeMaxUSec=1h\nTimeoutStopUSec=10s' ]]
	minirun delete --force "$ID"
	config '.annotations = {"org.systemd.property.KillSignal": "SIGKILL"}'
	scope_run
	fails "/annotations/org.systemd.property.KillSignal" "no value at byte 0"
	config '.annotations = {"org.systemd.property.NoSuchThing": "1"}'
	scope_run
	fails "NoSuchThing"
	config '.annotations = {"org.systemd.property.TasksMax": "20"}'
	scope_run
	fails "/annotations: a value of an org.systemd.property.NAME has another type than systemd expects"
	is_forgotten
	[[ ! -e $ROOT/$ID ]]
}

@test "a property that this systemd doesn't know is left to the cgroup's file" {
	limits '{pids: {limit: 20}, unified: {"memory.zswap.max": "4096"}}'
	scope_running
	is_line 4096 "$SCOPE/memory.zswap.max"
	[[ $(property TasksMax) == 20 ]]
}

@test "one task is enough for init" {
	limits '{pids: {limit: 1}}'
	args /bin/sleep 1000
	scope_create
	start_bundle
	is_line 1 "$SCOPE/pids.max"
	is_line "$(container_pid)" "$SCOPE/cgroup.procs"
	[[ $(property TasksMax) == 1 ]]
}

@test "a create that is killed half way leaves nothing that delete --force doesn't find" {
	args /bin/sleep 1000
	config '.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "kill -9 $PPID"]}]'
	run ! scope_create
	minirun delete --force "$ID"
	until_true is_forgotten
	[[ ! -e $ROOT/$ID ]]
	# the same name works at once
	config 'del(.hooks)'
	scope_running
}

@test "init killed from outside: the scope goes by itself, delete finds nothing to do" {
	scope_running
	kill -KILL "$(container_pid)"
	until_true is_forgotten
	[[ $(container_status) == stopped ]]
	minirun delete "$ID"
}

@test "pause, resume, ps and kill work on a scope" {
	scope_running
	minirun pause "$ID"
	is_line 'frozen 1' "$SCOPE/cgroup.events"
	minirun resume "$ID"
	[[ $(minirun ps --format json "$ID") == "[$(container_pid)]" ]]
	minirun pause "$ID"
	minirun delete --force "$ID"
	is_forgotten
}

@test "over the message bus where systemd's own socket isn't" {
	mount --bind /dev/null /run/systemd/private
	scope_running
	[[ $(jq -r .cgroupBus "$ROOT/$ID/state.json") == unix:path=/run/dbus/system_bus_socket ]]
	minirun delete --force "$ID"
	umount /run/systemd/private
	is_forgotten
}

@test "no bus, and a bus that never answers: one line within the deadline, nothing left" {
	mount -t tmpfs none /run/systemd
	mount -t tmpfs none /run/dbus
	scope_run
	if ((status == 1)); then
		systemd-socket-activate -l /run/systemd/private sleep 100 2>/dev/null 3>&- &
		until_true test -S /run/systemd/private
		first=$stderr
		scope_run
		kill $!
	fi
	umount /run/dbus /run/systemd
	fails "/run/systemd/private: no answer within 5000 ms"
	stderr=$first fails "systemd can't be reached at unix:path=/run/systemd/private, unix:path=/run/dbus/system_bus_socket" \
		"is missing" "--cgroup-manager cgroupfs"
	[[ ! -e $ROOT/$ID ]]
}

# as for a moment at its daemon-reexec
@test "a systemd that hangs up and is back is asked again" {
	hangs_up() { # COMMAND...
		local socket=$BATS_TEST_TMPDIR/socket

		rm -f "$socket"*
		perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, pack_sockaddr_un($ARGV[0])) && listen(S, 9) || die;
			open(F, ">", "$ARGV[0].ready"); accept(C, S); close(C); system("umount", "/run/systemd/private")' \
			"$socket" 3>&- &
		until_true test -e "$socket.ready"
		mount --bind "$socket" /run/systemd/private
		"$@"
		wait $!
	}
	limits '{pids: {limit: 20}}'
	hangs_up scope_running
	is_line 20 "$SCOPE/pids.max"
	hangs_up minirun update --pids-limit 30 "$ID"
	[[ $(property TasksMax) == 30 ]]
}

@test "deleting without systemd ends the container all the same" {
	scope_running
	mount --bind /dev/null /run/systemd/private
	mount -t tmpfs none /run/dbus
	run --separate-stderr minirun --log-level warning delete --force "$ID"
	umount /run/dbus /run/systemd/private
	((status == 0))
	# systemd may have seen the end before delete looks; then nobody has to tell it
	[[ -z $stderr || $stderr == *"unit $UNIT: "* ]]
	until_true is_forgotten
}

# a user with an instance of systemd, who has the bundle
user_with_systemd() {
	chmod go+x /run/tmp
	user_new 4711 /run/user/4711
	systemctl start user@4711.service
	UNIT=minirun-$ID.scope
	SCOPE=$TREE/user.slice/user-4711.slice/user@4711.service/user.slice/$UNIT
	config 'del(.linux.cgroupsPath)'
	args /bin/sleep 1000
}

rootless_create() {
	rootless --systemd-cgroup create --bundle "$BUNDLE" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- || {
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

# what the recorded bus is
bus_of() {
	jq -r .cgroupBus "/run/user/4711/minirun/$1/state.json"
}

@test "a user's container is a scope of the user's own instance, with limits" {
	user_with_systemd
	limits '{memory: {limit: 67108864}, pids: {limit: 20}, cpu: {shares: 512}}'
	rootless_create
	rootless start "$ID" 3>&-
	[[ $(bus_of "$ID") == unix:path=/run/user/4711/systemd/private ]]
	is_line 67108864 "$SCOPE/memory.max"
	is_line 20 "$SCOPE/pids.max"
	is_line 59 "$SCOPE/cpu.weight"
	[[ $(as_user systemctl --user show "$UNIT" --value -p MemoryMax) == 67108864 ]]
	# init and a further process came over the border of the delegation
	rootless exec --detach "$ID" /bin/sleep 1001 3>&-
	(($(wc -l <"$SCOPE/cgroup.procs") == 2))
	rootless delete --force "$ID"
	[[ ! -e $SCOPE ]]
}

# with a criu that plays a script: lib/criu.c
@test "restore: criu and what it makes are born in the scope, and it is gone afterwards" {
	local peer=$BATS_TEST_TMPDIR/peer

	mkdir "$peer" "$BATS_TEST_TMPDIR/images"
	cp "$HELPERS/criu_peer" "$peer/criu"
	restore_scope() {
		printf '%s\n' "$@" >"$peer/script"
		run --separate-stderr minirun --systemd-cgroup --criu "$peer/criu" restore --detach --bundle "$BUNDLE" \
			--image-path "$BATS_TEST_TMPDIR/images" "$ID" </dev/null 3>&-
	}
	limits '{pids: {limit: 20}}'
	restore_scope "fork 0" "notify setup-namespaces" "notify post-restore"
	succeeds
	is_line "$(container_pid)" "$SCOPE/cgroup.procs"
	(($(wc -l <"$SCOPE/cgroup.procs") == 1))
	is_line 20 "$SCOPE/pids.max"
	[[ $(property ActiveState) == active ]]
	minirun delete --force "$ID"
	until_true is_forgotten
	restore_scope "fork 0" "notify setup-namespaces" "fail 1"
	fails "criu failed"
	until_true is_forgotten
	[[ ! -e $ROOT/$ID ]]
}

@test "a user's bus, and a user without any" {
	user_with_systemd
	HIDE=/run/user/4711/systemd/private
	rootless_create
	[[ $(bus_of "$ID") == unix:path=/run/user/4711/bus ]]
	is_line "$(rootless state "$ID" | jq .pid)" "$SCOPE/cgroup.procs"
	rootless delete --force "$ID"
	[[ ! -e $SCOPE ]]
	# nobody there, and by its address alone
	HIDE+=" /run/user/4711/bus"
	run --separate-stderr rootless --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	fails "systemd can't be reached at unix:path=/run/user/4711/systemd/private" "is XDG_RUNTIME_DIR set"
	touch "$BATS_TEST_TMPDIR/bus"
	mount --bind /run/user/4711/bus "$BATS_TEST_TMPDIR/bus"
	args /bin/true
	run --separate-stderr as_user env "DBUS_SESSION_BUS_ADDRESS=unix:path=$BATS_TEST_TMPDIR/bus" \
		"$BATS_RUN_TMPDIR/minirun" --systemd-cgroup run --bundle "$BUNDLE" "$ID"
	umount "$BATS_TEST_TMPDIR/bus"
	succeeds
}
