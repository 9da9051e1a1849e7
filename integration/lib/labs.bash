# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# What labs.bats and labs-v2.bats share: a directory for the labs, and `play N`.

setup() {
	((EUID == 0)) || skip "needs root"
	export MINIRUN_LAB_DIR=$BATS_TEST_TMPDIR/labs
	export MINIRUN_LABS=$INTEGRATION/labs
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR" 2>/dev/null || true
}

teardown() {
	:
}

lab() {
	"$MINIRUN" lab "$@"
}

# What no lab may leave: mounts, devices, names, cgroups, containers, queues, processes, files.
traces() {
	shopt -s nullglob globstar
	echo /run/netns/*lab* /run/minirun/lab* /sys/fs/cgroup/**/*lab[0-9]*/ /var/lib/minirun-labs/*
	grep -F -e lab -e nsfs /proc/self/mountinfo || true
	cut -d: -f1 /proc/net/dev
	uname -n
	cat /proc/sysvipc/{msg,sem,shm} | wc -l
	find /proc/[0-9]*/cwd /proc/[0-9]*/root -maxdepth 0 -lname "$MINIRUN_LAB_DIR*" 2>/dev/null || true
	shopt -u nullglob globstar
	ls -A "$MINIRUN_LAB_DIR" 2>/dev/null || true
}

# play N
play() {
	local before

	before=$(traces)
	run lab play "$1"
	echo "$output"
	((status != 77)) || skip "${output##*skip: }"
	((status == 0))
	[[ $output == *"lab $1: played" ]]
	# the kernel takes network namespaces, and what is in them, apart a moment later
	for _ in {1..50}; do
		[[ $(traces) == "$before" ]] && return
		sleep 0.1
	done
	diff <(echo "$before") <(traces)
}

# interrupted SIGNAL WHOM LINES ACTION...: an action of labs that gets the signal when so many lines
# of the shell's trace have been seen. WHOM: "-" for all its processes (a terminal's Ctrl-C), "" for
# the shell alone, whose children go on. Sets `seen` to how many lines there were.
interrupted() {
	local signal=$1 whom=$2 want=$3 pid trace

	shift 3
	said=$BATS_TEST_TMPDIR/said
	export MINIRUN
	# shellcheck disable=SC2016 # for the other shell
	exec {trace}< <(exec setsid sh -c 'echo $$; exec sh -x "$@" 2>&1 >"$0"' "$said" "$MINIRUN_LABS/lab" "$@" </dev/null 3>&-)
	read -r pid <&"$trace"
	for ((seen = 0; seen < want; seen++)); do
		read -r <&"$trace" || break
	done
	kill -s "$signal" -- "$whom$pid" 2>/dev/null || true
	cat <&"$trace" >/dev/null 3>&- & # nobody has to wait for a reader
	exec {trace}<&-
}

# Nothing is left but what was there before: `lab clean N` says so, and so it is.
nothing_left() {
	local before=$2

	run lab clean "$1"
	echo "$output"
	((status == 0))
	[[ $output == "lab $1: nothing is left" || $output == "lab $1: has not been started: there is nothing to clean" ]]
	for _ in {1..100}; do # the kernel takes some things apart a moment later
		[[ $(traces) == "$before" ]] && return
		sleep 0.1
	done
	diff <(echo "$before") <(traces)
}
