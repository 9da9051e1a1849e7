# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# Looking into containers and processes: runtime/inspect/README.md. What is shown is compared with
# what the plain tools and /proc say.

load lib/bundle

setup() {
	minirun_only
	bundle_new
}

# trouble PATTERN...: exit status 2 and one line with the patterns
trouble() {
	local pattern

	echo "status $status, stderr: $stderr"
	((status == 2)) || return 1
	[[ ! $output && $stderr && $stderr != *$'\n'* ]] || return 1
	for pattern; do
		[[ $stderr == *"$pattern"* ]] || return 1
	done
}

# no_controls: not one control character but the newline in $output
no_controls() {
	! LC_ALL=C grep -q $'[\x01-\x09\x0b-\x1f\x7f-\x9f]' <<<"$output"
}

# --- targets -----------------------------------------------------------------------------------

@test "targets: what isn't there, and what could be two things" {
	running_bundle
	run_minirun caps "no-$ID"
	trouble "does not exist"
	run_minirun caps 4194999
	trouble "process 4194999 doesn't exist"
	run_minirun caps "$BATS_TEST_TMPDIR/nothing/"
	trouble "is missing"
	run_minirun caps ''
	trouble "empty"
	run_minirun caps --bogus
	trouble "not defined"
	number=$$
	echo "$number" >>"$BATS_TEST_TMPDIR/ids"
	minirun create --bundle "$BUNDLE" "$number" </dev/null >/dev/null 2>&1 3>&- || {
		sed -i "s|/$ID\"|/$ID-$number\"|" "$BUNDLE/config.json"
		minirun create --bundle "$BUNDLE" "$number" </dev/null >/dev/null 2>&1 3>&-
	}
	run_minirun caps "$number"
	trouble "pid:$number or id:$number"
	run_minirun caps "id:$number"
	succeeds
	run_minirun caps "pid:$number"
	succeeds
}

@test "targets: a thread, a zombie, a kernel thread" {
	needs_program python3
	python3 -c 'import threading, time; threading.Thread(target=time.sleep, args=(30,)).start()' 3>&- &
	two_tasks() { (($(ls "/proc/$1/task" | wc -l) == 2)); }
	until_true two_tasks $!
	thread=$(basename "$(find "/proc/$!/task" -mindepth 1 -maxdepth 1 ! -name "$!" | head -n 1)")
	run_minirun caps "$thread"
	trouble "is a thread of process $!"
	kill -KILL $!
	bash -c 'sleep 0 & exec sleep 30' 3>&- &
	zombie() { pgrep -P "$1" >/dev/null && grep -q '^State:.Z' "/proc/$(pgrep -P "$1")/status"; }
	until_true zombie $!
	run_minirun caps --format json "$(pgrep -P $!)"
	succeeds
	check '.status == "zombie"'
	kill $!
}

# --- caps --------------------------------------------------------------------------------------

@test "caps --mask is what /proc and capsh say" {
	running_bundle
	run_minirun caps --mask "$ID"
	succeeds
	[[ $output == "$(grep '^Cap' "/proc/$(container_pid)/status")" ]]
	needs_program capsh
	mask=$(sed -n 's/^CapBnd:\t//p' <<<"$output")
	decoded=$(capsh "--decode=$mask" | sed 's/.*=//' | tr , '\n' | sort)
	run_minirun caps --format json "$ID"
	succeeds
	[[ $(jq -r '.sets.bounding[]' <<<"$output" | sort) == "$decoded" ]]
}

@test "caps: ambient that was asked for and isn't there" {
	config '.process.capabilities.ambient = ["CAP_KILL"] | .process.capabilities.inheritable = []'
	running_bundle
	run_minirun caps "$ID"
	succeeds
	[[ $output == *"! ambient: config.json asks for 1, there are 0"* ]]
	run_minirun caps --format json "$ID"
	check '.schema == "minirun.caps/1"' '.notes[0].id == "AMB01"' '.config.ambient == ["cap_kill"]' \
		'.sets.ambient == []' ".pid == $(container_pid)" '.no_new_privs == true'
}

@test "caps of a bundle are those that the container then has" {
	config '.process.user = {uid: 65534, gid: 65534}' \
		'.process.capabilities.ambient = ["CAP_KILL"] | .process.capabilities.inheritable = ["CAP_KILL"]'
	run_minirun caps --mask "$BUNDLE/"
	succeeds
	planned=$output
	running_bundle
	run_minirun caps --mask "$ID"
	succeeds
	[[ $output == "$planned" ]]
	run_minirun caps "$BUNDLE/" "$ID"
	succeeds
	[[ $output == *cap_kill*" peiba "*" peiba "* ]]
}

@test "caps: without a target, and of a container that has stopped" {
	args /bin/true
	create_bundle
	start_bundle
	until_true is_over
	run_minirun caps
	succeeds
	[[ $output == *"$ID"*"(not running)"* ]]
	run_minirun caps --format json "$ID"
	succeeds
	check '.status == "stopped"' '.pid == null'
}

@test "caps --how: the commands run and say the same" {
	running_bundle
	run_minirun caps --how "$ID"
	succeeds
	command=$(sed -n 's/^how: \(grep .*\)/\1/p' <<<"$output")
	shown=$(bash -c "$command")
	[[ $shown == *CapEff:* ]]
	[[ $shown == *"$(minirun caps --mask "$ID" | grep CapEff)"* ]]
}

@test "caps for another user's process: denied facts say so" {
	needs_program setpriv
	run --separate-stderr setpriv --reuid 65534 --regid 65534 --clear-groups \
		"$MINIRUN" --root /nonexistent caps --format json $$
	succeeds
	check '.sets.effective | length > 0' '.userns.denied == "EACCES"' \
		'.userns.need == "CAP_SYS_PTRACE"'
}
