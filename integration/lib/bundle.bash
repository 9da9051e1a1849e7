# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# What every .bats file uses: a bundle of its own for each test, the runtime with a state root of
# its own, and a look round afterwards that nothing was left on the host.
#
#   load lib/bundle
#
# gives setup() and teardown(). A test then has
#
#   $BUNDLE $ROOTFS $ID     its bundle, the root file system in it, a container id nobody else has
#   $ROOT                   its state root (minirun --root)
#   config FILTER...        edits config.json by jq filters, one after the other
#   args WORD...            sets process.args
#   guest ACTION...         sets process.args to /bin/guest ACTION...
#   minirun WORD...         the runtime under test with --root
#   run_bundle [OPTION...]  `minirun run` through bats' run: $status, $output, $stderr
#   succeeds / fails        what run_bundle must have done; fails takes patterns of the message
#   check FILTER...         each jq filter must be true of $output
#   another_id              prints a further id, which is cleaned up too
#   receive ...             the other end of a socket (lib/receive.c)
#
# The runtime is $MINIRUN (default: build/release/minirun). That may be another one, say runc, to
# see whether a test tests what every runtime does: files and tests that only minirun can pass say
# `minirun_only`.

bats_require_minimum_version 1.5.0

INTEGRATION=${BASH_SOURCE[0]%/lib/bundle.bash}
INTEGRATION=$(cd "$INTEGRATION" && pwd)
MINIRUN=${MINIRUN:-${INTEGRATION%/integration}/build/release/minirun}
HELPERS=${MINIRUN_HELPERS:-$(dirname "$MINIRUN")/integration}
export PATH=$PATH:/usr/sbin:/sbin

APPLETS="ash cat chmod cp cut date dd echo env false grep head hostname httpd id ifconfig ip kill ln
	ls mkdir mkfifo mknod mount nc nproc od printenv ps pwd readlink rm sh sha256sum sleep sort
	stat stty tail tee test touch tr true tty umount uname wc wget whoami xargs"

# gojq(1) starts in a tenth of jq's time, and a test calls it five times; but it sorts the members, and
# where a process costs more than what it does, one more fork isn't worth it.
if [[ ! ${MINIRUN_SLOW_HOST-} ]] && command -v gojq >/dev/null; then
	jq() {
		case "$*" in
		*keys_unsorted* | *-S*) command jq "$@" ;;
		*) gojq "$@" ;;
		esac
	}
	export -f jq
fi

# --- setup and teardown ------------------------------------------------------------------------

setup() {
	bundle_new
}

teardown() {
	bundle_cleanup
}

# bats notes each command's line by a trap, which takes half a millisecond: a hundred commands of ours
# cost more than a container. The test's own lines are enough.
trace_test_only() {
	declare -ft "$BATS_TEST_NAME" teardown
	set +o functrace
}

# The bundle that all bundles of a bats run are hard links of.
bundle_template() {
	local template=$BATS_RUN_TMPDIR/bundle

	[[ -d $template ]] && return
	mkdir -p "$template".new/rootfs/{bin,dev,etc,proc,root,run,sys,tmp,var}
	cp -L "$(command -v busybox)" "$template".new/rootfs/bin/busybox
	cp "$HELPERS/guest" "$template".new/rootfs/bin/guest
	# one process instead of fifty
	# shellcheck disable=SC2086 # words
	perl -e 'chdir shift; symlink("busybox", $_) || die for @ARGV' "$template".new/rootfs/bin $APPLETS
	chmod 1777 "$template".new/rootfs/tmp
	echo "root:x:0:0:root:/root:/bin/sh" >"$template".new/rootfs/etc/passwd
	mv "$template".new "$template"
}

HOST_STATE=""
PROCESSES_BEFORE=""

bundle_new() {
	((EUID == 0)) || skip "needs root"
	trace_test_only
	bundle_template
	ID=t$BATS_TEST_NUMBER-$BASHPID-$RANDOM
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	ROOTFS=$BUNDLE/rootfs
	ROOT=$BATS_TEST_TMPDIR/state
	cp -al "$BATS_RUN_TMPDIR/bundle" "$BUNDLE"
	default_config
	echo "$ID" >"$BATS_TEST_TMPDIR/ids"
	set -- /proc/[0-9]*
	PROCESSES_BEFORE=" $* "
	host_state
}

# config.json as lib/config.json has it, with the container's own cgroup
default_config() {
	local text

	read -rd '' text <"$INTEGRATION/lib/config.json" || true
	echo "${text/\"cgroupsPath\": \"\"/\"cgroupsPath\": \"/$ID\"}" >"$BUNDLE/config.json"
}

another_id() {
	local id=$ID-$RANDOM

	echo "$id" >>"$BATS_TEST_TMPDIR/ids"
	echo "$id"
}

# Facts of the host that no container may change: its mounts (without their ids), its network
# devices, some settings. Builtins only: on a slow test host each process counts.
host_state() {
	local line device lines

	HOST_STATE=""
	# not by read(1): after each line it goes back to its end, and the kernel writes all of it again
	mapfile -t lines </proc/self/mountinfo
	for line in "${lines[@]}"; do
		HOST_STATE+=${line#* * }$'\n'
	done
	mapfile -t lines </proc/net/dev
	for line in "${lines[@]}"; do
		HOST_STATE+=${line%%:*}$'\n'
	done
	# a device that no container may have: a filter on the wrong cgroup would keep it from us, too
	{ : >/dev/kmsg; } 2>/dev/null && HOST_STATE+=$'/dev/kmsg\n'
	for device in hostname domainname core_pattern shmmax; do
		read -r line <"/proc/sys/kernel/$device"
		HOST_STATE+=$device=$line$'\n'
	done
}

# since the last call of either
host_unchanged() {
	local before=$HOST_STATE

	host_state
	[[ $HOST_STATE == "$before" ]] && return
	echo "changed on the host by the test:"
	diff <(echo "$before") <(echo "$HOST_STATE")
}

# What carries one of this test's ids: processes (by arguments or root directory), cgroups, state.
leftovers() {
	local id process words found

	shopt -s globstar nullglob
	while read -r id; do
		for process in /proc/[0-9]*; do
			[[ $PROCESSES_BEFORE != *" $process "* ]] || continue
			{ mapfile -d '' -t words <"$process/cmdline"; } 2>/dev/null || continue
			[[ "${words[*]}" == *"$id"* || $process/root -ef $ROOTFS ]] || continue
			is_gone "${process#/proc/}" || echo "process ${process#/proc/}: ${words[*]}"
		done
		for found in /sys/fs/cgroup/**/*"$id"*/ "$ROOT"/*"$id"* "$ROOT"/.*"$id"*; do
			echo "$found"
		done
	done <"$BATS_TEST_TMPDIR/ids"
	shopt -u globstar nullglob
}

# Gone, or a zombie that waits for somebody else.
is_gone() {
	local stat

	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
	stat=${stat##*) }
	[[ $stat == [ZX]* ]]
}

bundle_cleanup() {
	local id left i

	[[ $HOST_STATE ]] || return 0 # the test was skipped before it had a bundle
	while read -r id; do
		[[ ! -e $ROOT/$id ]] || minirun delete --force "$id" || true
	done <"$BATS_TEST_TMPDIR/ids"
	[[ ! ${!-} ]] || jobs -p | xargs -r kill 2>/dev/null || true
	# what ends by itself may take its time (an engine's conmon, a shell that was just killed)
	left=$(leftovers)
	for ((i = 0; i < 20; i++)); do
		[[ $left ]] || break
		sleep 0.1
		left=$(leftovers)
	done
	if [[ $left ]]; then
		echo "left behind by the test:"
		head -n 20 <<<"$left"
		return 1
	fi
	host_unchanged
}

# --- the bundle -----------------------------------------------------------------------------------

config() {
	local filter program=. text

	for filter; do
		program+=" | ($filter)"
	done
	text=$(jq --arg bundle "$BUNDLE" --arg id "$ID" "$program" "$BUNDLE/config.json") || return
	echo "$text" >"$BUNDLE/config.json"
}

# a JSON array of strings; not by a process of its own
words() {
	local word list=""

	for word; do
		word=${word//\\/\\\\}
		word=${word//\"/\\\"}
		word=${word//$'\n'/\\n}
		list+=",\"${word//$'\t'/\\t}\""
	done
	echo "[${list#,}]"
}

args() {
	config ".process.args = $(words "$@")"
}

guest() {
	args /bin/guest "$@"
}

# a user namespace with ids of its own, whose root has the root file system
user_namespace() {
	local directory

	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = [{containerID: 0, hostID: 100000, size: 65536}]'
	for directory in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$BUNDLE"; do
		chmod o+x "$directory"
	done
	find "$ROOTFS" -type d -exec chown 100000:100000 {} +
}

# mount_point DESTINATION TYPE SOURCE OPTION...: one more entry of config.mounts
mount_point() {
	config ".mounts += [{destination: \"$1\", type: \"$2\", source: \"$3\",
		options: $(words "${@:4}")}]"
}

# --- the runtime ----------------------------------------------------------------------------------

# A hang is a failure; where a process costs much (lib/../testhost/uml.sh) ctest's limit must do.
minirun() {
	if [[ ${MINIRUN_SLOW_HOST-} ]]; then
		"$MINIRUN" --root "$ROOT" "$@"
		return
	fi
	timeout --foreground -k 5 60 "$MINIRUN" --root "$ROOT" "$@"
}

run_bundle() {
	run --separate-stderr minirun run --bundle "$BUNDLE" "$@" "$ID"
}

# run_minirun WORD...: any command, through bats' run
run_minirun() {
	run --separate-stderr minirun "$@"
}

# A container that lives until it is killed; its output goes to $BATS_TEST_TMPDIR/out.
create_bundle() {
	minirun create --bundle "$BUNDLE" "$@" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- || {
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
}

start_bundle() {
	minirun start "$ID" 3>&-
}

# create and start `guest wait`, and wait until it is ready
running_bundle() {
	guest wait
	create_bundle "$@"
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
}

# the members of a state come before its annotations, so that the first match is theirs
container_status() {
	[[ $(minirun state "$ID") =~ \"status\":\ *\"([a-z]*)\" ]] && echo "${BASH_REMATCH[1]}"
}

container_pid() {
	[[ $(minirun state "$ID") =~ \"pid\":\ *([0-9]+) ]] && echo "${BASH_REMATCH[1]}"
}

# until_true COMMAND...: tries for ten seconds
until_true() {
	local i

	for ((i = 0; i < 200; i++)); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.05
	done
	echo "still not: $*"
	return 1
}

# is_false COMMAND...: `! COMMAND` fails no test unless it is the last line
is_false() {
	! "$@"
}

status_is() {
	[[ $(container_status) == "$1" ]]
}

# what a failed start leaves: nothing, or a stopped container
is_over() {
	local state

	state=$(minirun state "$ID" 2>/dev/null) || return 0
	[[ $(jq -r .status <<<"$state") == stopped ]]
}

# --- assertions -------------------------------------------------------------------------------------

succeeds() {
	if ((status != 0)) || [[ ${stderr:-} ]]; then
		echo "status $status, stderr: ${stderr:-}"
		echo "$output"
		return 1
	fi
}

# fails [PATTERN...]: exit status 1 and exactly one line on standard error with all the patterns.
# Other runtimes have their own words, so for them the exit status is all.
fails() {
	local pattern

	echo "status $status, stdout: $output, stderr: $stderr"
	if ! is_minirun; then
		((status != 0))
		return
	fi
	((status == 1)) || return 1
	[[ ! $output ]] || return 1
	[[ $stderr && $stderr != *$'\n'* ]] || return 1
	for pattern; do
		# shellcheck disable=SC2053 # the right side is a pattern
		[[ $stderr == *$pattern* ]] || {
			echo "not in the message: $pattern"
			return 1
		}
	done
}

# Each filter must be true of the JSON in $output; all are evaluated in one go.
check() {
	local filter program="" wrong i=0

	for filter; do
		program+="(if ($filter) then empty else \$ARGS.positional[$i] end),"
		i=$((i + 1))
	done
	wrong=$(jq -r "${program}empty" --args -- "$@" <<<"$output") || {
		echo "no JSON: $output"
		return 1
	}
	if [[ $wrong ]]; then
		echo "not true: $wrong"
		echo "stderr: ${stderr:-}"
		jq -c 'del(.env?, .rlimits?)' <<<"$output" 2>/dev/null || echo "$output"
		return 1
	fi
}

# --- conditions ---------------------------------------------------------------------------------------

is_minirun() {
	[[ $MINIRUN == *minirun ]]
}

minirun_only() {
	is_minirun || skip "only minirun does this"
}

needs_capability() {
	local number=$1 name=$2 effective

	effective=$(sed -n 's/^CapEff:\t//p' /proc/self/status)
	(((16#$effective >> number) & 1)) || skip "the host lacks $name"
}

needs_namespace() {
	[[ -e /proc/self/ns/$1 ]] || skip "the kernel has no $1 namespace"
}

needs_program() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# Files in this directory can be id-mapped: the kernel learns it for one file system after the other.
needs_idmap() {
	local release
	release=$(uname -r)
	[[ $(stat -f -c %T "$1") != tmpfs ]] ||
		printf '6.3\n%s\n' "$release" | sort -VC || skip "tmpfs can't be mapped before Linux 6.3"
}

# The cgroup2 mount of the host, where the runtime puts containers. One that another mount covers
# doesn't count.
cgroup_tree() {
	local place

	awk '$0 ~ / - cgroup2 / { print $5 }' /proc/self/mountinfo | while read -r place; do
		[[ -e $place/cgroup.controllers && ! -e $place/cgroup.type ]] && echo "$place" && break
	done
}

receive() {
	"$HELPERS/receive" "$@"
}

# run_without ENOSYS|EPERM CALL[,CALL...]: run_bundle under such a filter (lib/without.c)
run_without() {
	run --separate-stderr timeout --foreground -k 5 60 "$HELPERS/without" "$1" "$2" "$MINIRUN" \
		--root "$ROOT" run --bundle "$BUNDLE" "$ID"
}
