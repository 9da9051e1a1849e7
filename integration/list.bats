#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# minirun list and minirun ps

load lib/bundle

@test "list of no container" {
	mkdir "$ROOT"
	run_minirun list
	succeeds
	[[ $output =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER\ *$ ]]
	run_minirun list --format json
	succeeds
	[[ $output == null ]]
	run_minirun list --quiet
	succeeds
	[[ ! $output ]]
}

@test "list names each container: table, quiet, JSON" {
	running_bundle
	second=$(another_id)
	sed -i "s|/$ID\"|/$second\"|" "$BUNDLE/config.json"
	minirun create --bundle "$BUNDLE" "$second" </dev/null >/dev/null 2>&1 3>&-
	run_minirun list
	succeeds
	((${#lines[@]} == 3))
	[[ $output =~ $ID\ +$(container_pid)\ +running\ +$BUNDLE\ +20[0-9TZ:.-]+\ +root ]]
	[[ $output =~ $second\ +[0-9]+\ +created\ +$BUNDLE ]]
	run_minirun list -q
	succeeds
	[[ $(sort <<<"$output") == $(printf '%s\n' "$ID" "$second" | sort) ]]
	run_minirun list -f json
	succeeds
	((${#lines[@]} == 1))
	check 'length == 2' 'map(.status) | sort == ["created", "running"]' '.[0].owner == "root"' \
		'.[0] | keys_unsorted == ["ociVersion", "id", "pid", "status", "bundle", "rootfs", "created",
			"owner"]'
}

@test "list refuses an unknown format" {
	mkdir "$ROOT"
	run_minirun list --format yaml
	fails "yaml"
}

@test "list with a --root that isn't there is an error" {
	minirun_only
	run_minirun list
	fails "$ROOT"
}

@test "list ignores what is no container in the root" {
	running_bundle
	mkdir "$ROOT/stray" "$ROOT/.hidden"
	touch "$ROOT/file"
	run_minirun list -q
	((status == 0))
	[[ $output == "$ID" ]]
}

@test "ps as JSON is one line of host pids" {
	running_bundle
	run_minirun ps --format json "$ID"
	succeeds
	check ". == [$(container_pid)]"
}

@test "ps as a table has the header and the container's processes" {
	running_bundle
	run_minirun ps "$ID"
	succeeds
	((${#lines[@]} == 2))
	[[ ${lines[0]} =~ UID\ +PID\ +PPID ]]
	[[ ${lines[1]} =~ $(container_pid)\ .*/bin/guest\ wait ]]
	is_minirun || return 0
	[[ ${lines[0]} == "   CPID STATE UID "* ]]
	[[ ${lines[1]} =~ ^\ +1\ S\ +root\ +$(container_pid)\  ]]
}

@test "ps shows the number that a process has in the container, also where it is the host's" {
	minirun_only
	config 'del(.linux.namespaces[] | select(.type == "pid"))'
	running_bundle
	pid=$(container_pid)
	run_minirun ps "$ID"
	succeeds
	[[ ${lines[1]} =~ ^\ +$pid\ S\ +root\ +$pid\  ]]
}

@test "ps after the container has stopped shows nothing" {
	guest exit 0
	create_bundle
	start_bundle
	until_true status_is stopped
	run_minirun ps "$ID"
	succeeds
	((${#lines[@]} == 1))
	run_minirun ps --format json "$ID"
	succeeds
	check '. == null'
}

@test "ps of a container without a cgroup: its pid namespace and all descendants" {
	minirun_only
	args /bin/sh -c 'sleep 1000 & (sleep 1000 & exec sleep 1000) & echo ready; wait'
	minirun --cgroup-manager disabled create --bundle "$BUNDLE" "$ID" </dev/null \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&-
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	minirun exec --detach "$ID" sleep 1000 </dev/null >/dev/null 2>&1 3>&-
	five() { (($(minirun ps --format json "$ID" | jq length) == 5)); }
	until_true five
	minirun kill "$ID" KILL
	until_true status_is stopped
	run_minirun ps --format json "$ID"
	check '. == null'
}

@test "ps passes options on to ps(1)" {
	running_bundle
	run_minirun ps "$ID" -e -o pid,args
	succeeds
	((${#lines[@]} == 2))
	[[ ${lines[1]} =~ ^\ *$(container_pid)\ /bin/guest\ wait$ ]]
}

@test "ps refuses an unknown format and an unknown container" {
	running_bundle
	run_minirun ps --format yaml "$ID"
	fails "yaml"
	run_minirun ps "no-$ID"
	fails "does not exist"
}
