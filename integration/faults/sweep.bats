#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# create killed at system call after system call (safety.md L1): strace(1) counts for each name by
# itself, so the points are all pairs of a name and a number. `delete --force` must then remove
# everything, and say so truthfully. faults.bats does the same by steps; here nobody chose the places.
#
# restore and checkpoint likewise, with a criu that plays a script (lib/criu.c).
#
#   SWEEP_SECONDS   how long one test may take (30, with criu 3); with 0 no point is left out
#   SWEEP_POINTS    how many points it tries in any case (40, with criu 15)

load ../lib/bundle

bats_require_minimum_version 1.5.0

setup() {
	bundle_new
	minirun_only
	needs_program strace
	strace -qq -o /dev/null /bin/true 2>/dev/null || skip "strace may not trace here"
	guest wait
	config '.process.oomScoreAdj = 100' \
		'.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 512, hard: 512}]' \
		'.linux.sysctl = {"kernel.msgmax": "65535"}' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}' \
		'.linux.maskedPaths = ["/proc/kcore", "/sys/firmware"]' \
		'.linux.readonlyPaths = ["/proc/sys"]'
	COMMAND=(create --bundle "$BUNDLE" "$ID")
	CGROUP=$(cgroup_tree)/$ID
	LIMIT=${SWEEP_SECONDS:-30}
	LEAST=${SWEEP_POINTS:-40}
	PEER=$BATS_TEST_TMPDIR/peer/criu
}

prepare() { # before each run of COMMAND
	:
}

check_after() { # after each kill: prints what is wrong
	:
}

teardown() {
	bundle_cleanup
}

hooks() {
	config '.hooks = {createRuntime: [{path: "/bin/true"}],
		createContainer: [{path: "/bin/true"}]}'
}

# traced OPTION...: COMMAND under strace
traced() {
	timeout --foreground -s KILL 20 strace -qq "$@" "$MINIRUN" "${GLOBAL[@]}" --root "$ROOT" \
		"${COMMAND[@]}" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&-
}

# Prints "name number" of every call, counted for each process. In a random, but repeatable order: a
# sweep that time cuts short has then tried all parts of the command.
points() {
	local _

	for _ in first cached; do # the second time the seccomp filter comes from a file
		prepare
		traced -o "$BATS_TEST_TMPDIR/calls" "${FOLLOW[@]}" || return
		minirun delete --force "$ID" 2>/dev/null || [[ ! -e $ROOT/$ID ]] || return
	done
	sed -n 's/^\([0-9]* \+\)\?\([a-z][a-z0-9_]*\)(.*/0\1 \2/p' "$BATS_TEST_TMPDIR/calls" |
		awk '$2 !~ /^(execve|exit_group)$/ { print $2, ++count[$1, $2] }' |
		sort -u | sort -R --random-source=<(yes)
}

# The init of a killed create, if it is alive: by its root directory, its cgroup, its arguments.
remains() {
	local process words

	[[ ! -d $CGROUP ]] || echo "cgroup $CGROUP: $(tr '\n' ' ' <"$CGROUP/cgroup.procs")"
	[[ ! -e $ROOT/$ID ]] || echo "state directory"
	for process in /proc/[0-9]*; do
		{ mapfile -d '' -t words <"$process/cmdline"; } 2>/dev/null || continue
		[[ "${words[*]}" == *"$ID"* || $process/root -ef $ROOTFS || $process/exe -ef $PEER ]] || continue
		is_gone "${process#/proc/}" || echo "process ${process#/proc/}: ${words[*]}"
	done
}

# One point: the command dies there, delete says 0, and nothing is left at that very moment.
try() {
	local code=0 left wrong

	prepare
	traced -o /dev/null "${FOLLOW[@]}" -e trace="$1" -e inject="$1:signal=SIGKILL:when=$2" \
		2>/dev/null || code=$?
	((code == 0)) || killed=$((killed + 1))
	code=0
	wrong=$(check_after)
	minirun "${GLOBAL[@]}" delete --force "$ID" 2>"$BATS_TEST_TMPDIR/err" || code=$?
	left=$(remains)
	((code == 0)) && [[ ! $left && ! $wrong ]] && return
	bad=$((bad + 1))
	echo "$1 $2: delete --force said $code $(<"$BATS_TEST_TMPDIR/err")${left:+, left: $left}${wrong:+, $wrong}"
	minirun delete --force "$ID" || true
}

sweep() {
	local all name number tried=0 killed=0 bad=0 end=$((SECONDS + LIMIT))

	points >"$BATS_TEST_TMPDIR/points"
	all=$(wc -l <"$BATS_TEST_TMPDIR/points")
	while read -r name number; do
		((LIMIT == 0 || SECONDS < end || tried < LEAST)) || break
		try "$name" "$number"
		tried=$((tried + 1))
	done <"$BATS_TEST_TMPDIR/points"
	echo "# $BATS_TEST_DESCRIPTION: $tried of $all points, $killed kills, $bad with leftovers" >&3
	# a sweep must not shrink without a word
	((bad == 0 && all >= LEAST && tried >= LEAST))
}

@test "create killed at its system calls" {
	GLOBAL=() FOLLOW=()
	sweep
}

@test "create with hooks killed at its system calls" {
	hooks
	GLOBAL=() FOLLOW=()
	sweep
}

@test "create without a cgroup killed at its system calls" {
	config 'del(.linux.resources)'
	GLOBAL=(--cgroup-manager disabled) FOLLOW=()
	sweep
}

# strace waits for all that it traces, so this one must end by itself
@test "run or its init killed, whoever comes first" {
	hooks
	args /bin/true
	COMMAND=(run --bundle "$BUNDLE" "$ID")
	GLOBAL=() FOLLOW=(-f)
	sweep
}

# plays LINE...: criu's script
plays() {
	mkdir "$BATS_TEST_TMPDIR/peer" "$BATS_TEST_TMPDIR/images"
	cp "$HELPERS/criu_peer" "$PEER"
	printf '%s\n' "$@" >"$BATS_TEST_TMPDIR/peer/script"
	GLOBAL=(--criu "$PEER") FOLLOW=()
	LIMIT=${SWEEP_SECONDS:-3}
	LEAST=${SWEEP_POINTS:-15}
}

peer_is_gone() {
	local process

	for process in /proc/[0-9]*; do
		[[ ! $process/exe -ef $PEER ]] || return
	done
}

@test "restore killed at its system calls" {
	[[ $(cgroup_tree) ]] || skip "no cgroup2 here"
	plays "fork 0" "notify setup-namespaces" "notify post-restore"
	hooks
	COMMAND=(restore --detach --bundle "$BUNDLE" --image-path "$BATS_TEST_TMPDIR/images" --pid-file "$BATS_TEST_TMPDIR/pid" "$ID")
	sweep
}

# The container goes on; criu has come to its end by itself.
@test "checkpoint killed at its system calls" {
	plays "notify pre-dump" "notify post-dump"
	COMMAND=(checkpoint --leave-running --image-path "$BATS_TEST_TMPDIR/images" "$ID")
	prepare() {
		minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	}
	check_after() {
		until_true peer_is_gone && status_is running || echo "the container is $(minirun state "$ID" | jq -r .status)"
	}
	sweep
}

@test "checkpoint that deletes the container killed at its system calls" {
	plays "notify post-dump" kill
	COMMAND=(checkpoint --image-path "$BATS_TEST_TMPDIR/images" "$ID")
	prepare() {
		minirun run --detach --bundle "$BUNDLE" "$ID" </dev/null >/dev/null 2>&1 3>&-
	}
	check_after() {
		until_true peer_is_gone || echo "criu is still there"
	}
	sweep
}
