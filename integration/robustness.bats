#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# What minirun does when it can't know, and when the machine has nothing left to give.

load lib/bundle

# with_descriptors N COMMAND...: minirun with so few of them; the shell's own work is done before
with_descriptors() {
	bash -c 'ulimit -n "$1" && shift && exec "$@"' bash "$1" "$MINIRUN" --root "$ROOT" "${@:2}" \
		</dev/null >"$BATS_TEST_TMPDIR/few.out" 2>&1 3>&-
}

@test "not to know whether a container runs is an error, and nothing is signalled" {
	local limit

	minirun_only
	running_bundle
	for limit in 4 5 6 7 8; do
		with_descriptors "$limit" delete "$ID" && return 1
		with_descriptors "$limit" state "$ID" && grep -q stopped "$BATS_TEST_TMPDIR/few.out" && return 1
		with_descriptors "$limit" exec "$ID" /bin/true || true
		[[ $(container_status) == running ]]
	done
	minirun delete --force "$ID"
}

@test "without descriptors a run is refused or succeeds, and leaves nothing" {
	local limit

	args /bin/true
	for limit in 3 4 5 6 7 8 9 10 11 12 14 16 20; do
		with_descriptors "$limit" run --bundle "$BUNDLE" "$ID" || true
		[[ ! -e $ROOT/$ID ]] || {
			echo "limit $limit: $(ls -A "$ROOT/$ID")"
			cat "$BATS_TEST_TMPDIR/few.out"
			return 1
		}
	done
}

@test "a journal that was cut: delete --force doesn't pretend that nothing is left" {
	local file

	minirun_only
	running_bundle
	for file in "$ROOT/$ID"/{state,creating}.json; do
		cp "$file" "$file.whole"
		head -c 100 "$file.whole" >"$file"
	done
	run_minirun delete --force "$ID"
	fails "journal of container $ID"
	for file in "$ROOT/$ID"/{state,creating}.json; do
		mv "$file.whole" "$file"
	done
	[[ $(container_status) == running ]]
	minirun delete --force "$ID"
}

@test "a journal of before the last boot: nothing is signalled, delete removes it" {
	minirun_only
	running_bundle
	local pid
	pid=$(container_pid)
	cp -a "$ROOT/$ID" "$BATS_TEST_TMPDIR/saved"
	sed -i 's/"bootId":"[0-9a-f]*/"bootId":"00000000/' "$ROOT/$ID/state.json"
	[[ $(container_status) == stopped ]]
	run_minirun kill "$ID" KILL
	fails "container not running"
	minirun delete "$ID"
	[[ -e /proc/$pid ]]
	cp -a "$BATS_TEST_TMPDIR/saved" "$ROOT/$ID"
	minirun delete --force "$ID"
}

@test "commands that are not there yet say so" {
	local command

	minirun_only
	for command in pause resume update events checkpoint restore; do
		run_minirun "$command" "$ID"
		fails "$command" "not supported yet"
	done
}
