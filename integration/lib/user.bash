# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# An ordinary user for the tests of rootless containers, who exists in a mount namespace of his own
# only: the host's /etc/passwd, subuid and subgid stay as they are.
#
#   load lib/bundle; load lib/user
#
#   user_new [UID DIR]    after bundle_new: $USER_ID, $RUNTIME_DIR, a bundle that belongs to him;
#                         UID and DIR are of a user that the host has already
#   as_user WORD...       runs a program as he would from a login: no privilege, no groups,
#                         XDG_RUNTIME_DIR set; what HIDE lists (paths) is hidden from it
#   rootless WORD...      the runtime under test, as him, with the default state root
#   run_rootless [OPTION...]   `run --bundle $BUNDLE`, through bats' run

SUBIDS=200000

user_new() {
	USER_ID=${1:-$((40000 + RANDOM % 10000))}
	RUNTIME_DIR=${2:-$BATS_TEST_TMPDIR/runtime}
	HIDE=""
	for place in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR"; do
		chmod go+x "$place"
	done
	# where the build is may be out of his reach
	[[ -x $BATS_RUN_TMPDIR/minirun ]] || install -m 755 "$MINIRUN" "$BATS_RUN_TMPDIR/minirun"
	for file in passwd group subuid subgid; do
		cp "/etc/$file" "$BATS_TEST_TMPDIR/$file" 2>/dev/null || : >"$BATS_TEST_TMPDIR/$file"
		chmod 644 "$BATS_TEST_TMPDIR/$file"
	done
	echo "ordinary:x:$USER_ID:$USER_ID::/:/bin/sh" >>"$BATS_TEST_TMPDIR/passwd"
	echo "ordinary:x:$USER_ID:" >>"$BATS_TEST_TMPDIR/group"
	install -d -m 700 -o "$USER_ID" -g "$USER_ID" "$RUNTIME_DIR"
	# files of the image are links that all tests share: only the directories are his
	find "$BUNDLE" -type d -exec chown "$USER_ID:$USER_ID" {} +
	chown "$USER_ID:$USER_ID" "$BUNDLE/config.json"
}

subordinate_ids() {
	echo "ordinary:$SUBIDS:65536" >>"$BATS_TEST_TMPDIR/subuid"
	echo "$USER_ID:$SUBIDS:65536" >>"$BATS_TEST_TMPDIR/subgid"
}

as_user() {
	# shellcheck disable=SC2016 # the inner shell's variables
	unshare --mount --propagation private /bin/sh -c '
		tmp=$1 id=$2 hide=$3 runtime=$4; shift 4
		for file in passwd group subuid subgid; do
			[ -e /etc/$file ] || continue
			mount --bind "$tmp/$file" /etc/$file
		done
		for path in $hide; do mount --bind /dev/null "$path"; done
		exec setpriv --reuid "$id" --regid "$id" --clear-groups --inh-caps -all \
			env -i PATH="$PATH" HOME=/ ${runtime:+XDG_RUNTIME_DIR="$runtime"} "$@"' \
		sh "$BATS_TEST_TMPDIR" "$USER_ID" "$HIDE" "$RUNTIME_DIR" "$@"
}

rootless() {
	as_user timeout --foreground -k 5 60 "$BATS_RUN_TMPDIR/minirun" "$@"
}

run_rootless() {
	run --separate-stderr rootless "${GLOBAL[@]}" run --bundle "$BUNDLE" "$@" "$ID"
}
GLOBAL=()

# Nothing but the cache of filters may be in his state root.
user_cleanup() {
	local id left

	[[ ${USER_ID-} ]] || return 0
	while read -r id; do
		rootless delete --force "$id" || true
	done <"$BATS_TEST_TMPDIR/ids"
	left=$(find "$RUNTIME_DIR" -mindepth 2 -maxdepth 2 ! -name .cache)
	[[ ! $left ]] || {
		echo "left in the user's state root: $left"
		return 1
	}
}
