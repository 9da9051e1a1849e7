# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154,SC2034,SC2016
#
# What the conformance tests share, on top of lib/bundle.bash. A test's name starts with the ids of
# the rows (rows.tsv) that it shows, then a colon:
#
#   @test "C-117 C-118: cwd is there and absolute"

# attempt: create, whose streams are files, so that a container that should not be there can't
# keep bats waiting; $status, $stderr and $output as of bats' run
attempt() {
	status=0 output=""
	minirun create --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/out" \
		2>"$BATS_TEST_TMPDIR/err" 3>&- || status=$?
	stderr=$(<"$BATS_TEST_TMPDIR/err")
}

# changed FILTER: config.json is the test's with this jq filter applied
changed() {
	[[ -e $BATS_TEST_TMPDIR/good ]] || cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	jq --arg bundle "$BUNDLE" --arg dir "$BATS_TEST_TMPDIR" "$1" "$BATS_TEST_TMPDIR/good" \
		>"$BUNDLE/config.json"
}

# rows WORDS: reads lines "ID [PATTERN] FILTER" (WORDS words before the filter) into $heads and the
# changed configurations into $configs, by one jq
rows() {
	local line head program=""

	heads=() configs=()
	while read -r line; do
		read -r head line <<<"$line"
		(($1 == 1)) || {
			head+=" ${line%% *}"
			line=${line#* }
		}
		heads+=("$head $line")
		program+=",(\$c | $line)"
	done
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	jq -c --arg bundle "$BUNDLE" --arg dir "$BATS_TEST_TMPDIR" ". as \$c | ${program#,}" \
		"$BATS_TEST_TMPDIR/good" >"$BATS_TEST_TMPDIR/configs"
	mapfile -t configs <"$BATS_TEST_TMPDIR/configs"
	((${#configs[@]} == ${#heads[@]}))
}

# refused_rows, on standard input lines "ID PATTERN FILTER": create fails with one line that has the
# pattern (a JSON pointer), and there is no container. All lines are tried.
refused_rows() {
	local id want filter wrong="" i heads configs

	rows 2
	for i in "${!heads[@]}"; do
		read -r id want filter <<<"${heads[i]}"
		echo "${configs[i]}" >"$BUNDLE/config.json"
		attempt
		fails "$want" >"$BATS_TEST_TMPDIR/why" && [[ ! -e $ROOT/$ID ]] && continue
		wrong+=" $id"
		echo "$id: $filter"
		cat "$BATS_TEST_TMPDIR/why"
		minirun delete --force "$ID" || true
	done
	cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
	[[ ! $wrong ]] || {
		echo "not refused as it should be:$wrong"
		return 1
	}
}

# accepted_rows, lines "ID FILTER": create succeeds
accepted_rows() {
	local id filter wrong="" i heads configs

	rows 1
	for i in "${!heads[@]}"; do
		read -r id filter <<<"${heads[i]}"
		echo "${configs[i]}" >"$BUNDLE/config.json"
		attempt
		((status == 0)) && minirun delete --force "$ID" && continue
		wrong+=" $id"
		echo "$id: $filter: $stderr"
	done
	cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
	[[ ! $wrong ]] || {
		echo "not accepted:$wrong"
		return 1
	}
}

# at PATH FILTER...: filters on the topmost mount at PATH of a guest's report in $output
at() {
	local path=$1 filter filters=()

	shift
	for filter; do
		filters+=("[.mounts[] | select(.path == \"$path\")] | last | $filter")
	done
	check "${filters[@]}"
}

# capabilities NAME...: the container has these as well
capabilities() {
	config ".process.capabilities |= with_entries(.value += $(words "$@"))"
}

user_namespace() {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	for directory in "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$BUNDLE"; do
		chmod o+x "$directory"
	done
	find "$ROOTFS" -type d -exec chown 100000:100000 {} +
}

# The specification's state-schema.json as a jq filter: required members, their types, the version
# by SemVer, the enumeration of states.
STATE_SCHEMA='(type == "object") and
	(.ociVersion | type == "string" and test("^(0|[1-9][0-9]*)[.](0|[1-9][0-9]*)[.](0|[1-9][0-9]*)(-[0-9A-Za-z.-]+)?([+][0-9A-Za-z.-]+)?$")) and
	(.id | type == "string") and
	(.status | IN("creating", "created", "running", "stopped")) and
	(.bundle | type == "string") and
	((has("pid") | not) or (.pid | type == "number" and . >= 0 and . == floor)) and
	((has("annotations") | not) or (.annotations | type == "object" and
		all(to_entries[]; .key != "" and (.value | type == "string"))))'

# --- hooks -------------------------------------------------------------------------------------

HOOKS=(prestart createRuntime createContainer startContainer poststart poststop)

# A program for hooks: hook KIND NAME [STATUS] appends NAME to $LOG/order and keeps state, namespaces
# and what it sees of the container in $LOG/NAME.*. It lies in the bundle, and for startContainer
# in the root file system, where $LOG is /tmp.
hook_programs() {
	LOG=$BATS_TEST_TMPDIR/log
	mkdir "$LOG"
	hook_program "$LOG" >"$BUNDLE/hook"
	hook_program /tmp >"$ROOTFS/inside"
	chmod 755 "$BUNDLE/hook" "$ROOTFS/inside"
}

hook_program() {
	cat <<-END
		#!/bin/sh
		cat >$1/\$1.state
		echo "\$1" >>$1/order
		for ns in cgroup ipc mnt net pid user uts; do
			echo "\$ns \$(readlink /proc/self/ns/\$ns)"
		done >$1/\$1.ns
		pid=\$(sed -n 's/.*"pid": *\([0-9]*\).*/\1/p' $1/\$1.state)
		[ -z "\$pid" ] || {
			cp /proc/\$pid/mountinfo $1/\$1.mounts
			[ -e /proc/\$pid/root$BUNDLE/config.json ] && echo old >$1/\$1.root
			readlink /proc/\$pid/exe >$1/\$1.exe
			readlink /proc/\$pid/ns/mnt >$1/\$1.init
		} 2>/dev/null
		[ -e $ROOTFS/proc/self ] && echo yes >$1/\$1.rootfs
		exit \${2:-0}
	END
}

# hook KIND NAME [STATUS]
hook() {
	local path='($bundle + "/hook")'

	[[ $1 != startContainer ]] || path='"/inside"'
	config ".hooks.$1 += [{path: $path, args: $(words hook "${@:2}"), env: [\"PATH=/usr/bin:/bin\"]}]"
}

hook_order() {
	tr '\n' ' ' <"$LOG/order"
}
