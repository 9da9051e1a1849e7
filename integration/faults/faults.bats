#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Nothing is left behind (safety.md L1, L12): both step tables are broken at each row by name, before
# and after it, in every way. What counts is what the host has afterwards, and what delete says.

load ../lib/bundle

# A configuration that wants as many rows as possible.
setup() {
	bundle_new
	minirun_only
	FAULTY=${MINIRUN_FAULTS:-$(dirname "$MINIRUN")/integration/faults/minirun-faults}
	guest wait
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 512, hard: 512}]' \
		'.process.oomScoreAdj = 100' \
		'.linux.sysctl = {"kernel.msgmax": "65535"}' \
		'.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW"}' \
		'.linux.resources.devices = [{allow: false, access: "rwm"}]' \
		'.hooks = {createRuntime: [{path: "/bin/true"}],
			createContainer: [{path: "/bin/true"}],
			startContainer: [{path: "/bin/true"}], poststart: [{path: "/bin/true"}]}'
}

teardown() {
	bundle_cleanup
}

places() {
	MINIRUN_FAULT=list "$FAULTY" | grep "^$1:"
}

# broken PLACE:WHEN:ACTION COMMAND...: the command with that fault; all of its descriptors are checked
broken() {
	MINIRUN_FAULT=$1 timeout -s KILL 20 "$FAULTY" --root "$ROOT" "${@:2}" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&-
}

nothing_left() {
	local left

	left=$(leftovers)
	[[ ! $left ]] || {
		echo "$1 left behind: $left"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
	host_unchanged || {
		echo "$1 changed the host"
		return 1
	}
}

# Rows that this create doesn't walk (no terminal, say) do no harm: then it succeeds.
fails_or_succeeds() {
	local place=$1 code=$2

	if ((code == 0)); then
		minirun delete --force "$ID" || return
		return
	fi
	[[ $(wc -l <"$BATS_TEST_TMPDIR/err") == 1 ]] || {
		echo "$place: not one line on standard error:"
		cat "$BATS_TEST_TMPDIR/err"
		return 1
	}
	walked=$((walked + 1))
}

sweep_failures() {
	local place when

	walked=0
	while read -r place; do
		for when in before after; do
			local code=0

			broken "$place:$when:fail" create --bundle "$BUNDLE" "$ID" || code=$?
			fails_or_succeeds "$place:$when" "$code"
			nothing_left "$place:$when:fail"
			run_minirun state "$ID"
			((status == 1)) || return 1
		done
	done < <(places "$1")
	echo "# $1: $walked points failed" >&3
}

@test "a failure at each step of the parent leaves nothing" {
	sweep_failures parent
	((walked >= 28))
}

@test "a failure at each step of init before created leaves nothing" {
	sweep_failures init
	((walked >= 40))
}

sweep_kills() {
	local place when code

	walked=0
	while read -r place; do
		for when in before after; do
			code=0
			broken "$place:$when:$2" create --bundle "$BUNDLE" "$ID" || code=$?
			((code == 0)) || walked=$((walked + 1))
			minirun delete --force "$ID" || {
				echo "$place:$when:$2: delete --force failed"
				return 1
			}
			nothing_left "$place:$when:$2"
			minirun delete --force "$ID"
		done
	done < <(places "$1")
	echo "# $1 $2: $walked points" >&3
}

@test "the parent killed at each step: delete --force removes what is left" {
	sweep_kills parent kill
	((walked >= 28))
}

@test "init killed at each step before created: create fails and nothing is left" {
	sweep_kills init kill
	((walked >= 40))
}

@test "init ending without a word at each step: create says so" {
	sweep_kills init exit
	((walked >= 40))
	broken init:pivot:before:exit create --bundle "$BUNDLE" "$ID" || true
	grep "init died before CREATED" "$BATS_TEST_TMPDIR/err"
}

@test "the parent killed while init hangs at each step: init doesn't survive it" {
	local place parent hung=0

	while read -r place; do
		: >"$BATS_TEST_TMPDIR/err" # the one before says "hanging", too
		MINIRUN_FAULT=$place:before:hang "$FAULTY" --root "$ROOT" create --bundle "$BUNDLE" \
			"$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&- &
		parent=$!
		until [[ -s $BATS_TEST_TMPDIR/err ]] || is_gone "$parent"; do sleep 0.01; done
		if [[ -s $BATS_TEST_TMPDIR/err ]]; then
			hung=$((hung + 1))
			kill -KILL "$parent"
			wait "$parent" || true
			until_true is_empty_cgroup
		else
			wait "$parent"
		fi
		minirun delete --force "$ID"
		nothing_left "$place, parent killed"
	done < <(places init | grep -v -e ':lifeline$')
	echo "# $hung points" >&3
	((hung >= 18))
}

# Before any delete: PDEATHSIG alone must have ended init.
is_empty_cgroup() {
	local tree

	tree=$(cgroup_tree)
	[[ ! -d $tree/$ID ]] || grep -q "populated 0" "$tree/$ID/cgroup.events"
}

@test "a failure at each step between start and exec ends the container, start says why" {
	local place walked=0

	while read -r place; do
		MINIRUN_FAULT=$place:before:fail "$FAULTY" --root "$ROOT" create --bundle "$BUNDLE" \
			"$ID" </dev/null >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" 3>&-
		if run_minirun start "$ID" && ((status != 0)); then
			[[ $stderr == *"injected fault $place"* ]] || {
				echo "$place: $stderr"
				return 1
			}
			walked=$((walked + 1))
			run_minirun state "$ID"
			((status == 1)) || return 1
		fi
		minirun delete --force "$ID"
		nothing_left "$place in start"
	done < <(places init | sed '1,/:created$/d')
	echo "# $walked points" >&3
	((walked >= 5))
}

@test "the same in run: foreground and detached leave nothing" {
	local place option walked

	args /bin/true
	for option in --keep --detach; do
		walked=0
		while read -r place; do
			if ! broken "$place:before:fail" run "$option" --bundle "$BUNDLE" "$ID"; then
				walked=$((walked + 1))
				nothing_left "$place in run $option"
			fi
			minirun delete --force "$ID"
		done < <(places init | sed '1,/:created$/d' | grep -v ':exec$')
		((walked >= 4))
	done
}

@test "the descriptors of a failing create end with it: stdio of the caller is free" {
	local out

	# the command substitution returns only when the last writer has closed its end
	out=$(MINIRUN_FAULT=init:pivot:before:fail timeout 20 "$FAULTY" --root "$ROOT" create \
		--bundle "$BUNDLE" "$ID" 2>&1 </dev/null 3>&- || true)
	[[ $out == *"injected fault"* ]]
	nothing_left "failing create"
}
