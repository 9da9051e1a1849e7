# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154
#
# What events.bats and stats.bats share.

# stats FILTER...: what `events --stats` prints has these properties
stats() {
	run_minirun events --stats "$ID"
	succeeds
	[[ $output != *$'\n'* ]]
	check "$@"
}

# follow [OPTION...]: `events` into a file; $events is its pid
follow() {
	"$MINIRUN" --root "$ROOT" events "$@" "$ID" >"$BATS_TEST_TMPDIR/events" \
		2>"$BATS_TEST_TMPDIR/events-error" 3>&- &
	events=$!
}

lines() {
	(($(grep -c "\"type\":\"$1\"" "$BATS_TEST_TMPDIR/events") >= $2))
}
