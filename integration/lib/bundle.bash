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

# --- setup and teardown ------------------------------------------------------------------------

setup() {
	bundle_new
}

teardown() {
	bundle_cleanup
}

# The root file system that all bundles of a bats run are hard links of.
rootfs_template() {
	local template=$BATS_RUN_TMPDIR/rootfs applet

	[[ -d $template ]] && return
	mkdir -p "$template".new/{bin,dev,etc,proc,root,run,sys,tmp,var}
	cp -L "$(command -v busybox)" "$template".new/bin/busybox
	cp "$HELPERS/guest" "$template".new/bin/guest
	for applet in $APPLETS; do
		ln -s busybox "$template".new/bin/"$applet"
	done
	chmod 1777 "$template".new/tmp
	echo "root:x:0:0:root:/root:/bin/sh" >"$template".new/etc/passwd
	mv "$template".new "$template"
}

bundle_new() {
	((EUID == 0)) || skip "needs root"
	rootfs_template
	ID=t$BATS_TEST_NUMBER-$BASHPID-$RANDOM
	BUNDLE=$BATS_TEST_TMPDIR/bundle
	ROOTFS=$BUNDLE/rootfs
	ROOT=$BATS_TEST_TMPDIR/state
	mkdir "$BUNDLE"
	cp -al "$BATS_RUN_TMPDIR/rootfs" "$ROOTFS"
	sed "s|\"cgroupsPath\": \"\"|\"cgroupsPath\": \"/$ID\"|" "$INTEGRATION/lib/config.json" \
		>"$BUNDLE/config.json"
	echo "$ID" >"$BATS_TEST_TMPDIR/ids"
	host_state >"$BATS_TEST_TMPDIR/host.before"
}

another_id() {
	local id=$ID-$RANDOM

	echo "$id" >>"$BATS_TEST_TMPDIR/ids"
	echo "$id"
}

# Facts of the host that no container may change: its mounts, its network devices, some settings.
host_state() {
	cut -d' ' -f3- /proc/self/mountinfo | sort
	cat /proc/sys/kernel/{hostname,domainname,core_pattern,shmmax}
	cut -d: -f1 /proc/net/dev | sort
}

# What carries one of this test's ids: processes (by cgroup, arguments, or root directory), cgroups.
leftovers() {
	local pid

	grep -lsaF -f "$BATS_TEST_TMPDIR/ids" /proc/[0-9]*/cmdline /proc/[0-9]*/cgroup |
		while IFS=/ read -r _ _ pid _; do
			is_gone "$pid" || echo "process $pid: $(tr '\0' ' ' <"/proc/$pid/cmdline")"
		done
	find /proc -maxdepth 2 -name root -lname "$ROOTFS*" -printf 'process in the root: %p\n' 2>/dev/null
	find /sys/fs/cgroup -mindepth 1 -type d 2>/dev/null | grep -F -f "$BATS_TEST_TMPDIR/ids"
	[[ -d $ROOT ]] && find "$ROOT" -mindepth 1 | grep -F -f "$BATS_TEST_TMPDIR/ids"
	return 0
}

# Gone, or a zombie that waits for somebody else.
is_gone() {
	local stat

	stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
	stat=${stat##*) }
	[[ $stat == [ZX]* ]]
}

bundle_cleanup() {
	local id left

	[[ -e $BATS_TEST_TMPDIR/ids ]] || return 0
	while read -r id; do
		minirun delete --force "$id" || true
	done <"$BATS_TEST_TMPDIR/ids"
	jobs -p | xargs -r kill 2>/dev/null || true
	left=$(leftovers)
	if [[ $left ]]; then
		echo "left behind by the test:"
		head -n 20 <<<"$left"
		return 1
	fi
	host_state | diff "$BATS_TEST_TMPDIR/host.before" -
}

# --- the bundle -----------------------------------------------------------------------------------

config() {
	local filter

	for filter; do
		jq --arg bundle "$BUNDLE" --arg id "$ID" "$filter" "$BUNDLE/config.json" \
			>"$BUNDLE/config.new" || return
		mv "$BUNDLE/config.new" "$BUNDLE/config.json"
	done
}

words() {
	jq -nc '$ARGS.positional' --args -- "$@"
}

args() {
	config ".process.args = $(words "$@")"
}

guest() {
	args /bin/guest "$@"
}

# mount_point DESTINATION TYPE SOURCE OPTION...: one more entry of config.mounts
mount_point() {
	config ".mounts += [{destination: \"$1\", type: \"$2\", source: \"$3\",
		options: $(words "${@:4}")}]"
}

# --- the runtime ----------------------------------------------------------------------------------

minirun() {
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

container_status() {
	minirun state "$ID" | jq -r .status
}

container_pid() {
	minirun state "$ID" | jq -r .pid
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

# The cgroup2 mount of the host, where the runtime puts containers.
cgroup_tree() {
	awk '$0 ~ / - cgroup2 / { print $5; exit }' /proc/self/mountinfo
}

receive() {
	"$HELPERS/receive" "$@"
}
