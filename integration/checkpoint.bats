#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun checkpoint, minirun restore: against a criu that does as it is told (lib/criu.c)

# shellcheck disable=SC2016,SC2154 # scripts of containers; bats' run

load lib/bundle

setup() {
	minirun_only
	bundle_new
	PEER=$BATS_TEST_TMPDIR/peer
	IMAGES=$BATS_TEST_TMPDIR/images
	mkdir "$PEER"
	cp "$HELPERS/criu_peer" "$PEER/criu"
	: >"$PEER/script"
}

# script LINE...: what the peer does
script() {
	printf '%s\n' "$@" >"$PEER/script"
}

with_peer() {
	run --separate-stderr minirun --criu "$PEER/criu" "$@"
}

checkpoint() {
	with_peer checkpoint --image-path "$IMAGES" "$@" "$ID"
}

# restore OPTION...: into an id of its own
restore() {
	mkdir -p "$IMAGES"
	with_peer restore --bundle "$BUNDLE" --image-path "$IMAGES" "$@" "$ID" </dev/null 3>&-
}

# asked FIELD=VALUE...: what CRIU got (rpc.proto's numbers; 2 is criu_opts)
asked() {
	local field

	for field; do
		grep -qxF -- "$field" "$PEER/request" || {
			echo "not asked: $field; but:"
			cat "$PEER/request"
			return 1
		}
	done
}

# source_of KEY: the root of the mount that CRIU finds for it (peer's script: mounts)
source_of() {
	local place

	place=$(grep -A1 -xF "2.23.1=$1" "$PEER/request" | sed -n 's/^2\.23\.2=//p')
	awk -v place="$place" '$5 == place { print $4, $6 }' "$PEER/mounts"
}

not_asked() {
	! grep -E -- "$1" "$PEER/request"
}

goes_on() {
	status_is running
}

@test "checkpoint: what criu is asked, and the container is deleted" {
	running_bundle
	pid=$(container_pid)
	script "notify pre-dump" "notify post-dump" kill
	checkpoint
	succeeds
	asked "1=1" "2.2=$pid" "2.10=dump.log" "2.12=1" "2.13=$ROOTFS" "2.24=1" "2.34=3" "2.50=1" "2.1=4" "2.17=5"
	[[ $(cat "$PEER/notified") == $'pre-dump ok\npost-dump ok' ]]
	not_asked '^2\.(3|4|5|7|8|15|16|18|38|46|48)='
	if [[ $(cgroup_tree) ]]; then
		asked "2.44=$(cgroup_tree)/$ID"
	fi
	[[ ! -e $ROOT/$ID ]]
	is_gone "$pid"
	jq -e 'length == 3' "$IMAGES/descriptors.json"
}

@test "checkpoint: each option arrives" {
	running_bundle
	mkdir -p "$BATS_TEST_TMPDIR/pre"
	checkpoint --leave-running --tcp-established --tcp-skip-in-flight --ext-unix-sk --shell-job --file-locks \
		--auto-dedup --link-remap --empty-ns network --manage-cgroups-mode full --network-lock nftables \
		--parent-path ../pre --page-server 127.0.0.1:4711 --work-path "$BATS_TEST_TMPDIR/work"
	succeeds
	asked "2.3=1" "2.5=1" "2.46=1" "2.4=1" "2.7=1" "2.8=1" "2.16=1" "2.18=1" "2.38=1073741824" "2.34=4" "2.64=2" \
		"2.14=../pre" "2.15=1" "2.11.1=127.0.0.1" "2.11.2=4711"
	goes_on
	checkpoint --leave-running --manage-cgroups-mode ignore --network-lock skip
	asked "2.34=0" "2.64=3"
}

@test "checkpoint: pre-dump, and kernels without memory tracking" {
	running_bundle
	checkpoint --pre-dump
	succeeds
	asked "1=4"
	goes_on
	script "features 0 0"
	checkpoint --pre-dump
	fails "CONFIG_MEM_SOFT_DIRTY"
	goes_on
}

@test "checkpoint: lazy pages, and who waits for them is told" {
	running_bundle
	script "notify status-ready" kill
	run --separate-stderr minirun --criu "$PEER/criu" checkpoint --image-path "$IMAGES" --lazy-pages \
		--page-server 127.0.0.1:4711 --status-fd 7 "$ID" 7>"$BATS_TEST_TMPDIR/ready"
	succeeds
	asked "2.48=1"
	[[ $(od -An -tx1 "$BATS_TEST_TMPDIR/ready") == " 00" ]]
	[[ ! -e $ROOT/$ID ]]
}

@test "checkpoint: mounts, masks and joined namespaces are external, by names of ours" {
	mkdir -p "$BUNDLE/data" "$ROOTFS/data" "$ROOTFS/a b"
	mount_point /data bind "$BUNDLE/data" bind
	mount_point "/a b" bind "$BUNDLE/data" bind ro
	config '.linux.maskedPaths = ["/proc/version", "/proc/acpi"]'
	running_bundle
	checkpoint --leave-running
	succeeds
	asked "2.23.1=/data" "2.23.2=mount:/data" "2.23.1=/a b" "2.23.2=mount:/a%20b" "2.23.1=/proc/version" "2.23.2=null"
	not_asked 'acpi'
}

@test "checkpoint: a mount point that would end criu's notation is refused" {
	mkdir -p "$BUNDLE/data" "$ROOTFS/x]:y"
	mount_point "/x]:y" bind "$BUNDLE/data" bind
	running_bundle
	checkpoint
	fails "mount point /x]:y" "can't be checkpointed"
	[[ ! -e $PEER/request || $(head -1 "$PEER/request") == 1=10 ]]
	goes_on
}

@test "checkpoint: so is a device's" {
	user_namespace
	config '.linux.devices = [{path: "/dev/x]:y", type: "c", major: 1, minor: 3}]'
	running_bundle
	checkpoint
	fails "mount point /dev/x]:y" "can't be checkpointed"
	goes_on
}

@test "checkpoint: a file system of the container that never answers doesn't hold it up" {
	[[ -e /dev/fuse ]] || skip "no /dev/fuse"
	mkdir -p "$BUNDLE/data" "$ROOTFS/hang/data"
	mount_point /hang/data bind "$BUNDLE/data" bind
	running_bundle
	exec 9<>/dev/fuse
	nsenter -t "$(container_pid)" -m umount /hang/data
	nsenter -t "$(container_pid)" -m mount -i -t fuse \
		-o fd=9,rootmode=40000,user_id=0,group_id=0 hang /hang 3>&-
	checkpoint
	fails "mount point /hang/data" "hasn't answered"
	exec 9>&-
	goes_on
}

@test "checkpoint: criu is never told to dump a process that has got the number of a dead init" {
	running_bundle
	pid=$(container_pid)
	mv "$PEER/criu" "$PEER/peer"
	cat >"$PEER/criu" <<-END
		#!/bin/sh
		kill -9 $pid 2>/dev/null
		while grep -qs '^State:.[^ZX]' /proc/$pid/status; do sleep 0.01; done
		exec $PEER/peer "\$@"
	END
	chmod +x "$PEER/criu"
	checkpoint
	fails "cannot be checkpointed in stopped state"
	not_asked '^1=1$'
}

@test "checkpoint: of a container in another state" {
	guest exit 0
	create_bundle
	checkpoint
	fails "Container cannot be checkpointed in created state"
	start_bundle
	until_true status_is stopped
	checkpoint
	fails "Container cannot be checkpointed in stopped state"
	ID=none checkpoint
	fails "container does not exist"
}

@test "checkpoint: criu's failure comes with the end of its log, and the container goes on" {
	running_bundle
	script "log (00.01) Error (criu/one.c:1): the first" "log (00.02) all is well" \
		"log (00.03) Error (criu/two.c:22): the cause" "log (00.04) Error (criu/cr-dump.c:9): Dumping FAILED." \
		"fail 22"
	checkpoint
	fails "criu failed"
	[[ $stderr == *"failed: (criu/one.c:1): the first; (criu/two.c:22): the cause (log file: $IMAGES/dump.log)"* ]]
	[[ $stderr != *FAILED* ]]
	goes_on
	script "notify pre-dump" die
	checkpoint
	fails "criu has ended without an answer" "$IMAGES"
	goes_on
	script garbage
	checkpoint
	fails "no message of its protocol"
	goes_on
}

@test "checkpoint: a pause stays one, and what a dying criu has frozen goes on" {
	[[ $(cgroup_tree) ]] || skip "no cgroup2 here"
	running_bundle
	minirun pause "$ID"
	script die
	checkpoint
	fails "criu"
	status_is paused
	minirun resume "$ID"
	goes_on
}

@test "checkpoint: no criu, an old one, no program" {
	running_bundle
	run_minirun --criu /nowhere/criu checkpoint --image-path "$IMAGES" "$ID"
	fails "--criu /nowhere/criu"
	run_minirun --criu bin/criu checkpoint --image-path "$IMAGES" "$ID"
	fails "must be an absolute path"
	script "version 3 14 0"
	checkpoint
	fails "is version 3.14.0, and 3.15 or newer is needed"
	run_minirun --criu /bin/true checkpoint --image-path "$IMAGES" "$ID"
	fails "/bin/true"
	goes_on
}

@test "checkpoint and restore: bad options are refused by name" {
	local options

	running_bundle
	for options in "--manage-cgroups-mode some" "--network-lock ebtables" "--empty-ns mount" "--page-server 4711" \
		"--parent-path /absolute" "--status-fd 1" "--pre-dump --lazy-pages" "--status-fd x"; do
		# shellcheck disable=SC2086 # words
		checkpoint $options
		fails "${options%% *}"
	done
	checkpoint --parent-path ../nowhere
	fails "invalid --parent-path ../nowhere"
	goes_on
}

@test "podman's probes" {
	run minirun checkpoint --help
	((status == 0))
	run minirun restore --lsm-mount-context
	((status != 0))
	[[ $output == *"flag needs an argument"* ]]
}

# The single dash is go-runc's own.
@test "restore and checkpoint as containerd, podman and CRI-O call them" {
	local images=$BATS_TEST_TMPDIR/images work=$BATS_TEST_TMPDIR/work

	running_bundle
	mkdir "$work"
	as_engine() {
		run --separate-stderr "$MINIRUN" --root "$ROOT" --log "$BATS_TEST_TMPDIR/log" --log-format json --criu "$PEER/criu" "$@" </dev/null 3>&-
		succeeds
		[[ ! -s $BATS_TEST_TMPDIR/log && ! $output ]]
	}
	for options in "--leave-running" "--leave-running --tcp-established --ext-unix-sk --shell-job --file-locks --empty-ns network" \
		"--file-locks --leave-running" "--pre-dump"; do
		# shellcheck disable=SC2086 # words
		as_engine checkpoint --image-path "$images" --work-path "$work" $options "$ID"
	done
	script kill
	as_engine checkpoint --image-path "$images" --work-path "$work" --tcp-established --parent-path ../images "$ID"
	script "fork 0" "notify post-restore"
	as_engine restore --image-path "$images" --work-path "$work" --empty-ns network --detach --no-pivot -no-subreaper \
		--pid-file "$BATS_TEST_TMPDIR/pid" --bundle "$BUNDLE" "$ID"
	status_is running
	as_engine delete --force "$ID"
	as_engine restore --bundle "$BUNDLE" --pid-file "$BATS_TEST_TMPDIR/pid" --detach --image-path "$images" --work-path "$work" \
		--tcp-established --tcp-close --ext-unix-sk --file-locks --shell-job --manage-cgroups-mode ignore "$ID"
	status_is running
}

@test "restore: what criu is asked" {
	mkdir -p "$BUNDLE/data"
	mount_point /data bind "$BUNDLE/data" bind
	config '.linux.maskedPaths = ["/proc/kcore"]'
	mkdir "$IMAGES"
	echo '["/dev/null","pipe:[4711]","pipe:[x]:y"]' >"$IMAGES/descriptors.json"
	script mounts "fork 0" "notify setup-namespaces" "notify post-restore" "notify post-resume"
	restore --detach --pid-file "$BATS_TEST_TMPDIR/pid" --tcp-established --tcp-close --ext-unix-sk --shell-job \
		--file-locks --auto-dedup --link-remap --empty-ns network --manage-cgroups-mode ignore \
		--lsm-profile selinux:x --lsm-mount-context y --no-pivot --no-new-keyring --preserve-fds 0
	succeeds
	asked "1=2" "2.10=restore.log" "2.26=1" "2.13=$ROOT/$ID/criu-root" "2.34=0" "2.52=1" "2.5=1" "2.4=1" "2.7=1" "2.8=1" \
		"2.16=1" "2.18=1" "2.38=1073741824" "2.53=selinux:x" "2.63=y" "2.23.1=mount:/data" "2.23.1=null" "2.27.1=pipe:[4711]" "2.27.2=1"
	not_asked 'pipe:\[x'
	[[ $(source_of mount:/data) == *"/bundle/data rw"* ]]
	[[ $(source_of null) == "/null ro,"* ]]
	[[ -d $ROOTFS/data && ! -e $ROOT/$ID/criu-root && ! -e $ROOT/$ID/criu-mounts ]]
	status_is running
	[[ $(cat "$BATS_TEST_TMPDIR/pid") == "$(container_pid)" ]]
	if [[ $(cgroup_tree) ]]; then
		asked "2.25.2=$(sed -n 's/^0:://p' "/proc/$(container_pid)/cgroup")"
		grep -q "/$ID\$" "/proc/$(container_pid)/cgroup"
	fi
	run_minirun start "$ID"
	((status == 1))
	minirun delete --force "$ID"
}

@test "checkpoint and restore: the network that hooks make isn't criu's" {
	config '.hooks = { createRuntime: [{ path: "/bin/true" }] }'
	running_bundle
	checkpoint --leave-running
	succeeds
	asked "2.38=1073741824"
	minirun delete --force "$ID"
	script "fork 0" "notify setup-namespaces" "notify post-restore"
	restore --detach
	succeeds
	asked "2.38=1073741824"
	minirun delete --force "$ID"
}

@test "restore: what is told of an older dump in the same directory isn't heeded" {
	running_bundle
	script "notify post-dump"
	checkpoint --leave-running
	succeeds
	jq -e '.inventory != ""' "$IMAGES/minirun.json"
	minirun delete --force "$ID"
	config 'del(.linux.namespaces[] | select(.type == "network"))'
	script "fork 0" "notify setup-namespaces" "notify post-restore"
	restore --detach
	fails "a network namespace of its own"
	printf 'of another' >"$IMAGES/inventory.img" # runc's, into the same directory
	with_peer --log-level warning restore --bundle "$BUNDLE" --image-path "$IMAGES" --detach "$ID" </dev/null 3>&-
	((status == 0))
	[[ $stderr == *"$IMAGES: minirun.json is of another dump than the images"* ]]
	script "notify post-dump" "fail 5"
	checkpoint
	fails
	[[ -e $IMAGES/minirun.json ]]
	script "fail 5"
	checkpoint
	fails
	[[ ! -e $IMAGES/minirun.json ]]
	minirun delete --force "$ID"
}

@test "checkpoint: what can't be noted beside the images fails it, and the container goes on" {
	running_bundle
	mkdir "$IMAGES"
	ln -s /dev/null "$IMAGES/inventory.img"
	script "notify post-dump" "notify network-unlock" "fail 5"
	checkpoint
	fails "$IMAGES/inventory.img: "
	goes_on
	[[ $(cat "$PEER/notified") == $'post-dump not\nnetwork-unlock ok' ]]
	minirun delete --force "$ID"
}

@test "checkpoint: missing parents of the directories are made, and removed if it fails" {
	running_bundle
	with_peer checkpoint --leave-running --image-path "$IMAGES/a//b/" --work-path "$BATS_TEST_TMPDIR/w/x" "$ID"
	succeeds
	[[ -e $IMAGES/a/b/descriptors.json && $(stat -c %a "$IMAGES" "$IMAGES/a/b" "$BATS_TEST_TMPDIR/w/x" | sort -u) == 700 ]]
	rm -r "$IMAGES" "$BATS_TEST_TMPDIR/w"
	mkdir "$IMAGES"
	with_peer checkpoint --image-path "$IMAGES/a/b" --work-path "" "$ID"
	fails "--work-path: is empty"
	[[ ! -e $IMAGES/a && -d $IMAGES ]]
	touch "$IMAGES/file"
	with_peer checkpoint --image-path "$IMAGES/file/b" "$ID"
	fails "--image-path $IMAGES/file/b: "
	goes_on
	minirun delete --force "$ID"
}

@test "restore: the network is as the dump left it, whatever config.json says now" {
	running_bundle
	script "notify post-dump"
	checkpoint --leave-running
	minirun delete --force "$ID"
	jq -e '.network == "own" and .pid == "own"' "$IMAGES/minirun.json"
	script "fork 0" "notify setup-namespaces" "notify post-restore"
	config '.hooks = { createRuntime: [{ path: "/bin/true" }] }'
	restore --detach
	fails "/hooks/createRuntime: the checkpoint has the network's devices" "--empty-ns network"
	restore --detach --empty-ns network
	succeeds
	minirun delete --force "$ID"
	running_bundle
	script "notify post-dump"
	checkpoint --leave-running
	minirun delete --force "$ID"
	jq -e '.network == "empty"' "$IMAGES/minirun.json"
	script "fork 0" "notify setup-namespaces" "notify post-restore"
	config 'del(.hooks)'
	with_peer --log-level warning restore --bundle "$BUNDLE" --image-path "$IMAGES" --detach "$ID" </dev/null 3>&-
	((status == 0))
	[[ $stderr == *"only a loopback device"* ]]
	asked "2.38=1073741824"
	minirun delete --force "$ID"
	rm "$IMAGES/minirun.json" # another runtime's images
	restore --detach
	succeeds
	not_asked '^2\.38='
	minirun delete --force "$ID"
	config 'del(.linux.namespaces[] | select(.type == "network"))'
	for bad in '{"format": 1, "inventory": "", "network": "own", "pid": "own"}' '{"format": 2, "network": "own", "pid": "own"}' \
		'{"format": 2, "inventory": "", "network": "mine", "pid": "own"}' '[]'; do
		echo "$bad" >"$IMAGES/minirun.json"
		restore
		fails "$IMAGES: minirun.json: "
	done
	rm "$IMAGES/inventory.img"
	echo '{"format": 2, "inventory": "", "network": "own", "pid": "joined"}' >"$IMAGES/minirun.json"
	restore
	fails "/linux/namespaces: the checkpoint is of a container with a network namespace of its own"
	[[ ! -e $ROOT/$ID ]]
}

@test "restore: the sources are config.json's, whatever its order" {
	mkdir -p "$BUNDLE/one" "$BUNDLE/two"
	mount_point /two bind "$BUNDLE/two" bind
	mount_point /one bind "$BUNDLE/one" bind
	script mounts "fork 0" "notify post-restore"
	restore --detach
	succeeds
	[[ $(source_of mount:/one) == *"/bundle/one "* ]]
	[[ $(source_of mount:/two) == *"/bundle/two "* ]]
}

@test "restore: sources are what create would have mounted" {
	[[ $(cgroup_tree) ]] || skip "no cgroup2 here"
	mkdir -p "$BUNDLE/data"
	mount_point /data bind "$BUNDLE/data" bind ro nosuid
	mount_point /sys/fs/cgroup cgroup cgroup ro
	script mounts "fork 0" "notify post-restore"
	restore --detach
	succeeds
	[[ $(source_of mount:/data) == *"/bundle/data ro,nosuid"* ]]
	[[ $(source_of mount:/sys/fs/cgroup) == *"/$ID ro"* ]]
}

@test "restore: a user namespace's sources are locked, and its root may read the images" {
	mkdir -p "$BUNDLE/data" "$BATS_TEST_TMPDIR/older"
	mount_point /data bind "$BUNDLE/data" bind ro
	user_namespace
	mkdir -m 700 "$IMAGES"
	echo new >"$IMAGES/core.img"
	echo old >"$BATS_TEST_TMPDIR/older/core.img"
	ln -s ../older "$IMAGES/parent"
	script mounts images "fork 0" "notify post-restore"
	restore --detach
	succeeds
	[[ $(source_of mount:/data) == *"/bundle/data ro,"* ]]
	[[ $(cat "$PEER/images") == "711 new old" ]]
}

@test "restore: a user namespace's devices are those of config.json, not what has their path here" {
	user_namespace
	config '.linux.devices = [{path: "/made/disk", type: "c", major: 1, minor: 5},
		{path: "/dev/kmsg", type: "c", major: 1, minor: 5}]'
	script mounts "fork 0" "notify post-restore"
	restore --detach
	succeeds
	[[ $(source_of device:/dev/zero) == "/zero "* ]]
	# made by number, or (before Linux 6.15) the host's, which isn't that device
	for path in /made/disk /dev/kmsg; do
		[[ $(source_of "device:$path") =~ ^(/[01] .*)?$ ]]
		is_false grep -xF "2.23.2=$path" "$PEER/request"
	done
}

@test "restore: hooks run when the namespaces are there, and when all of it runs" {
	local point

	for point in prestart createRuntime createContainer startContainer poststart poststop; do
		config ".hooks.$point = [{path: \"/bin/sh\", args: [\"sh\", \"-c\",
			\"echo $point \$(grep -o '\\\"status\\\":\\\"[a-z]*' | cut -d'\\\"' -f4) >>$BUNDLE/hooks\"]}]"
	done
	script "fork 0" "notify setup-namespaces" "notify post-restore"
	restore --detach
	succeeds
	minirun delete --force "$ID"
	[[ $(cat "$BUNDLE/hooks") == $'prestart creating\ncreateRuntime creating\npoststart running\npoststop stopped' ]]
}

@test "restore: a hook that fails leaves nothing" {
	config '.hooks.createRuntime = [{path: "/bin/false"}]'
	script "fork 0" "notify setup-namespaces" "notify post-restore"
	restore --detach
	fails "createRuntime hook #0"
	[[ ! -e $ROOT/$ID ]]
}

@test "restore: the foreground wait, its exit status, and the deletion" {
	script "fork 7" "notify post-restore"
	mkdir "$IMAGES"
	minirun --criu "$PEER/criu" restore --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" </dev/null 3>&- &
	until_true status_is running
	kill -USR1 "$(container_pid)"
	wait $! || status=$?
	((status == 7))
	[[ ! -e $ROOT/$ID ]]
}

@test "restore: a terminal's master goes to the console socket" {
	config '.process.terminal = true'
	receive stream "$BATS_TEST_TMPDIR/console" >"$BATS_TEST_TMPDIR/received" 2>&1 3>&- &
	until_true test -S "$BATS_TEST_TMPDIR/console"
	script "fork 0" terminal "notify post-restore"
	restore --detach --console-socket "$BATS_TEST_TMPDIR/console"
	succeeds
	wait $!
	grep -q "orphan-pts-master" "$BATS_TEST_TMPDIR/received"
}

@test "restore: failures of criu leave nothing" {
	local order

	for order in "fail 1" die garbage "notify post-restore" "foreign"; do
		script "fork 0" "log (1) Error (criu/x.c:1): the cause" "notify setup-namespaces" "$order"
		[[ $order != foreign ]] || script foreign "notify post-restore"
		restore --detach --pid-file "$BATS_TEST_TMPDIR/pid"
		if [[ $order == notify* ]]; then # that is a success, for once
			succeeds
			minirun delete --force "$ID"
			rm "$BATS_TEST_TMPDIR/pid"
			continue
		fi
		((status == 1))
		[[ $order == foreign || $stderr == *"(criu/x.c:1): the cause"*"restore.log"* ]]
		[[ $order != foreign || $stderr == *"isn't a child of ours"* ]]
		[[ ! -e $ROOT/$ID && ! -e $BATS_TEST_TMPDIR/pid ]]
		[[ -z $(leftovers) ]]
	done
	script # an answer without anything restored
	restore --detach
	fails "something else than it was asked"
	[[ ! -e $ROOT/$ID ]]
}

# CRIU's own cgroupd lives on, and without a look at CRIU itself there is no end of file for ten minutes.
@test "restore: criu dies, and a helper of it holds its socket" {
	[[ $(cgroup_tree) ]] || skip "no cgroup2 here"
	script "fork 0" "notify setup-namespaces" helper die
	restore --detach
	fails "criu has ended without an answer"
	[[ ! -e $ROOT/$ID ]]
	[[ -z $(leftovers) ]]
}

@test "restore: a descriptors.json that is no such list" {
	local bad

	mkdir "$IMAGES"
	for bad in '[' '{"a": 1}' '[1]'; do
		echo "$bad" >"$IMAGES/descriptors.json"
		restore
		fails "descriptors.json"
	done
	rm "$IMAGES/descriptors.json"
	mkfifo "$IMAGES/descriptors.json"
	restore
	fails "descriptors.json: is no regular file"
	rm "$IMAGES/descriptors.json"
	ln -s /etc/passwd "$IMAGES/descriptors.json"
	restore
	fails "$IMAGES/descriptors.json: "
	[[ ! -e $ROOT/$ID ]]
}

@test "restore: what can be refused is refused before there is anything" {
	with_peer restore --bundle "$BUNDLE" --image-path "$BATS_TEST_TMPDIR/none" "$ID"
	fails "--image-path $BATS_TEST_TMPDIR/none"
	config '.linux.netDevices = {"dummy0": {}}'
	restore
	fails "/linux/netDevices" "--empty-ns network"
	config 'del(.linux.netDevices)' '.mounts += [{destination: "/data", type: "bind", source: "/nowhere", options: ["bind"]}]'
	restore
	fails "/nowhere"
	[[ ! -e $ROOT/$ID ]]
}

@test "checkpoint and restore: what criu would lose is refused" {
	local lost row

	lost=('.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"} | /linux/memoryPolicy'
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["getcwd"], action: "SCMP_ACT_NOTIFY"}],
			listenerPath: "/nowhere"} | /linux/seccomp' '.linux.rootfsPropagation = "unbindable" | /linux/rootfsPropagation')
	cp "$BUNDLE/config.json" "$BUNDLE/before"
	for row in "${lost[@]}"; do
		cp "$BUNDLE/before" "$BUNDLE/config.json"
		config "${row% | *}"
		restore --detach
		fails "${row##* | }: criu"
		[[ ! -e $ROOT/$ID ]]
	done
	running_bundle # with the last of them
	rm -rf "$IMAGES"
	checkpoint
	fails "/linux/rootfsPropagation: criu"
	goes_on
	[[ ! -e $IMAGES ]]
}

@test "checkpoint: a failure leaves no directory of its own that is empty" {
	running_bundle
	rm -rf "$IMAGES"
	checkpoint --parent-path ../nowhere --work-path "$BATS_TEST_TMPDIR/work"
	fails "--parent-path"
	[[ ! -e $IMAGES && ! -e $BATS_TEST_TMPDIR/work ]]
	mkdir "$IMAGES"
	checkpoint --parent-path ../nowhere
	[[ -d $IMAGES ]]
}

# Of the host's version 1 only a unit test knows: the mode is refused there.
@test "restore: strict wants a new cgroup, and is full for criu" {
	[[ $(cgroup_tree) ]] || skip "no cgroup2 here"
	script "fork 0" "notify post-restore"
	restore --detach --manage-cgroups-mode strict
	if grep -qE '^[0-9]+:[^:=]+:' /proc/self/cgroup; then
		fails "--manage-cgroups-mode strict: this host has cgroups of version 1"
		[[ ! -e $ROOT/$ID ]]
		return
	fi
	succeeds
	asked "2.34=4"
	minirun delete --force "$ID"
	mkdir "/sys/fs/cgroup/$ID"
	restore --detach --manage-cgroups-mode strict
	fails "strict: cgroup /sys/fs/cgroup/$ID is there already"
	[[ ! -e $ROOT/$ID ]]
}

@test "restore: the I/O priority is that of config.json" {
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	script "fork 0" "notify post-restore"
	restore --detach
	succeeds
	[[ $(ionice -p "$(container_pid)") == "best-effort: prio 6" ]]
}

# Whether criu works is a matter of its version, the kernel and our rights; runc, with the same criu, is the control.
@test "a real criu: what went on before goes on afterwards" {
	local counted status=0

	needs_program runc
	needs_program criu
	args /bin/sh -c 'i=0; while :; do i=$((i + 1)); echo $i >/dev/shm/n; sleep 0.05; done'
	minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	timeout 30 runc --root "$BATS_TEST_TMPDIR/runc" run --detach --bundle "$BUNDLE" "$ID-runc" </dev/null \
		>/dev/null 2>&1 3>&- && timeout 30 runc --root "$BATS_TEST_TMPDIR/runc" checkpoint \
		--image-path "$BATS_TEST_TMPDIR/runc-images" "$ID-runc" >/dev/null 2>&1 || status=$?
	runc --root "$BATS_TEST_TMPDIR/runc" delete --force "$ID-runc" 2>/dev/null || true
	((status == 0)) || skip "this criu can't checkpoint on this kernel (criu check: $(cd "$BATS_TEST_TMPDIR" && timeout 30 criu check >/dev/null 2>&1; echo $?))"
	until_true test -s "/proc/$(container_pid)/root/dev/shm/n"
	run_minirun checkpoint --image-path "$IMAGES" "$ID"
	succeeds
	needs_capability 24 CAP_SYS_RESOURCE
	minirun restore --detach --bundle "$BUNDLE" --image-path "$IMAGES" "$ID" </dev/null >/dev/null 2>&1 3>&-
	status_is running
	counted=$(cat "/proc/$(container_pid)/root/dev/shm/n")
	counts_on() { (($(cat "/proc/$(container_pid)/root/dev/shm/n") > counted)); }
	until_true counts_on
}
