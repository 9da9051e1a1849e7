#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What engines get to hear: exit code, and the words that some of them look for, of every command in
# every state of a container. Where runc and crun don't agree it is runc's answer, whose callers are
# more.

load lib/bundle

# answers: reads lines "EXIT CODES|WORDS IN THE ERROR|CALL"; $ID and $BUNDLE stand for themselves.
# Empty WORDS with exit code 0: nothing may be on standard error.
answers() {
	local codes words call wrong=0

	while IFS='|' read -r codes words call; do
		[[ $call ]] || continue
		call=${call//\$ID/$ID}
		call=${call//\$BUNDLE/$BUNDLE}
		status=0
		# into files: what is detached keeps them
		# shellcheck disable=SC2086 # a list of words
		"$MINIRUN" --root "$ROOT" $call </dev/null >"$BATS_TEST_TMPDIR/o" 2>"$BATS_TEST_TMPDIR/e" 3>&- ||
			status=$?
		stderr=$(<"$BATS_TEST_TMPDIR/e")
		if [[ " $codes " != *" $status "* || ($words && $stderr != *"$words"*) ||
			($status == 0 && $stderr) ]]; then
			echo "$call: $status, expected $codes $words: $stderr"
			wrong=1
		fi
	done
	((wrong == 0))
}

@test "a container that doesn't exist, and calls that can't be" {
	mkdir -m 700 "$ROOT"
	answers <<-'END'
		1|does not exist|state nope
		1|does not exist|start nope
		1|does not exist|kill nope 15
		1|does not exist|kill --all nope 9
		1|does not exist|delete nope
		0||delete --force nope
		255|does not exist|exec nope true
		1|does not exist|pause nope
		1|does not exist|resume nope
		1|does not exist|update --pids-limit 10 nope
		1|does not exist|ps nope
		1|does not exist|ps --format json nope
		1|does not exist|events --stats nope
		0||list
		0||list -q
		0||list --format json
		1|/nonexist|create --bundle /nonexist x0
		1||create
		1|invalid container ID|create bad/id
		1 3|nosuchcommand|nosuchcommand
		0||--version
	END
	[[ $(minirun list --format json) == null ]]
	[[ ! $(minirun list -q) ]]
	[[ $(minirun list | wc -l) == 1 ]]
	echo '{"ociVersion": ' >"$BUNDLE/config.json"
	answers <<<'1|config.json|create --bundle $BUNDLE x9'
	rm "$BUNDLE/config.json"
	answers <<<'1|config.json|create --bundle $BUNDLE x9'
}

@test "from create to delete" {
	args /bin/sleep 1000
	minirun create --bundle "$BUNDLE" --pid-file "$BUNDLE/pf" "$ID" </dev/null >/dev/null 3>&-
	[[ $(<"$BUNDLE/pf") == "$(container_pid)" ]]
	(($(wc -l <"$BUNDLE/pf") == 0))
	run_minirun state "$ID"
	check '.status == "created" and .pid > 0' ".bundle == \"$BUNDLE\"" '.ociVersion and .created and .id'
	answers <<-'END'
		1|already exists|create --bundle $BUNDLE $ID
		0||exec $ID /bin/echo in-created
		0||ps --format json $ID
		0||ps $ID
		0||pause $ID
		0||resume $ID
		0||start $ID
		1|cannot start an already running container|start $ID
	END
	run_minirun list --format json
	check '.[0].status == "running" and .[0].owner == "root"' '.[0].pid > 0'
	[[ $(minirun list -q) == "$ID" ]]
	answers <<-'END'
		1|that is not stopped|delete $ID
		1 127 255|no such file or directory|exec $ID /nonexistent
		1 126 255|permission denied|exec $ID /etc
		255|executable file not found|exec $ID nonexistent
		1 255|/nonexist|exec --cwd /nonexist $ID /bin/true
		0||exec --user 1000:1000 --env A=b $ID /bin/sh -c id
		0||exec --detach --pid-file $BUNDLE/pe $ID /bin/sleep 50
		0||events --stats $ID
	END
	run minirun exec "$ID" /bin/sh -c 'exit 5'
	((status == 5))
	[[ $(minirun exec --user 1000:1000 --env A=b "$ID" /bin/sh -c 'id -u; echo $A') == $'1000\nb' ]]
	[[ $(minirun ps --format json "$ID") == "[$(container_pid),$(<"$BUNDLE/pe")]" ]]
	answers <<-'END'
		0||pause $ID
		1|container not running|pause $ID
		255|cannot exec in a paused container|exec $ID /bin/true
		0||kill $ID 15
		0||resume $ID
		1|container not paused|resume $ID
		1|unknown signal|kill $ID BOGUS
		0||kill $ID URG
		0||kill $ID SIGURG
		1|line 1|update --resources - $ID
		0||kill $ID KILL
	END
	until_true status_is stopped
	run_minirun state "$ID"
	check '.pid == 0'
	answers <<-'END'
		1|container not running|kill $ID 9
		0||kill --all $ID 9
		255|cannot exec in a stopped container|exec $ID /bin/true
		1|container not running|pause $ID
		1|container not running|resume $ID
		1|cannot start a container that has stopped|start $ID
		1|already exists|create --bundle $BUNDLE $ID
		0||ps --format json $ID
		1|container not running|update --pids-limit 5 $ID
		1|is not running|events --stats $ID
	END
	run_minirun list --format json
	check '.[0].status == "stopped" and .[0].pid == 0'
	answers <<-'END'
		0||delete $ID
		1|does not exist|delete $ID
		1|does not exist|state $ID
		0||delete --force $ID
	END
}

@test "created and never started, killed or deleted; run and its exit codes" {
	args /bin/sleep 1000
	create_bundle
	answers <<<'0||kill $ID 9'
	until_true status_is stopped
	answers <<-'END'
		1|cannot start a container that has stopped|start $ID
		0||delete $ID
	END
	create_bundle
	answers <<-'END'
		0||delete $ID
		0||delete --force $ID
		0||run --detach --bundle $BUNDLE --pid-file $BUNDLE/pf $ID
		0||delete --force $ID
		1|does not exist|state $ID
	END
	args /bin/sh -c 'exit 9'
	answers <<<'9||run --bundle $BUNDLE $ID'
	args /nonexistent
	answers <<-'END'
		1 127|no such file or directory|run --bundle $BUNDLE $ID
		1|does not exist|state $ID
	END
	args nonexistent
	answers <<<'1 127|executable file not found in $PATH|run --bundle $BUNDLE $ID'
}
