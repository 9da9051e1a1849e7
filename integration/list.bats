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
