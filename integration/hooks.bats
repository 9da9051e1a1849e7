#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's hooks

load lib/bundle

setup() {
	bundle_new
	# The hook program: appends its name, then state, environment, working directory to a log
	cat >"$BUNDLE/hook" <<-END
		#!/bin/sh
		{ echo "\$1 \$(cat | tr -d '\n')"; } >>"$BATS_TEST_TMPDIR/log"
		exit \${2:-0}
	END
	chmod 755 "$BUNDLE/hook"
}

hook() {
	config ".hooks.$1 += [{path: (\$bundle + \"/hook\"), args: ([\"hook\", \"$1\"] + $(words "${@:2}")),
		env: [\"PATH=/usr/bin:/bin\"]}]"
}

logged() {
	cut -d' ' -f1 "$BATS_TEST_TMPDIR/log" | tr '\n' ' '
}

state_of() {
	sed -n "s/^$1 //p" "$BATS_TEST_TMPDIR/log" | head -n 1
}

@test "the hooks in the runtime's namespaces run in order, with the state on standard input" {
	for point in poststop poststart createRuntime prestart; do
		hook $point
	done
	running_bundle
	pid=$(container_pid)
	minirun delete --force "$ID"
	[[ $(logged) == "prestart createRuntime poststart poststop " ]]
	for pair in prestart:creating createRuntime:creating poststart:running poststop:stopped; do
		output=$(state_of "${pair%:*}")
		! is_minirun || check ".status == \"${pair#*:}\""
		check ".id == \"$ID\"" ".bundle == \"$BUNDLE\"" \
			'.ociVersion | startswith("1.")'
	done
	output=$(state_of createRuntime)
	check ".pid == $pid"
}

@test "run: all hooks of the host side, once each" {
	for point in prestart createRuntime poststart poststop; do
		hook $point
	done
	guest exit 0
	run_bundle
	((status == 0))
	[[ $(logged) == "prestart createRuntime poststart poststop " ]]
}

@test "several hooks of one point run in listed order" {
	for i in 1 2 3; do
		config ".hooks.createRuntime += [{path: \"/bin/sh\",
			args: [\"sh\", \"-c\", \"echo $i >>$BATS_TEST_TMPDIR/log\"]}]"
	done
	guest exit 0
	run_bundle
	[[ $(logged) == "1 2 3 " ]]
}

@test "createContainer runs in the container's namespaces with the host's paths" {
	hook createContainer
	config ".hooks.createContainer += [{path: \"/bin/sh\", args: [\"sh\", \"-c\",
		\"readlink /proc/self/ns/mnt /proc/self/ns/uts /proc/self/ns/net; hostname >&2;
		test -d $ROOTFS/proc/self || exit 9\"], env: [\"PATH=/usr/bin:/bin\"]}]"
	running_bundle
	output=$(state_of createContainer)
	check '.status == "creating"' ".id == \"$ID\""
}

@test "startContainer runs inside, before the program, as the container's user" {
	minirun_only
	config '.hooks.startContainer = [{path: "/bin/sh",
		args: ["sh", "-c", "id -u >/tmp/hook-ran; pwd >>/tmp/hook-ran; env | grep -c TERM= >>/tmp/hook-ran"]}]
		| .process.user.uid = 1000'
	args /bin/cat /tmp/hook-ran
	run_bundle
	succeeds
	[[ $output == $'1000\n/\n1' ]]
}

@test "a hook's environment is exactly its env, and empty without one" {
	minirun_only
	config ".hooks.createRuntime = [
		{path: \"/usr/bin/env\", args: [\"env\"], env: [\"A=1\", \"B=2\"]},
		{path: \"/bin/sh\", args: [\"sh\", \"-c\", \"cat /proc/self/environ | wc -c >$BATS_TEST_TMPDIR/log\"]}]"
	SECRET=1 run_bundle
	((status == 0))
	config ".hooks.createRuntime = [{path: \"/bin/sh\",
		args: [\"sh\", \"-c\", \"/usr/bin/tr '\\\\\\\\0' ' ' </proc/\$\$/environ >$BATS_TEST_TMPDIR/log\"]}]"
	SECRET=1 run_bundle
	((status == 0))
	[[ ! -s $BATS_TEST_TMPDIR/log ]]
}

@test "a hook's working directory is the bundle, and it has three descriptors" {
	minirun_only
	config ".hooks.createRuntime = [{path: \"/bin/sh\", env: [\"PATH=/usr/bin:/bin\"], args: [\"sh\", \"-c\",
		\"pwd >$BATS_TEST_TMPDIR/log; set -- /proc/\$\$/fd/*; echo \$# >>$BATS_TEST_TMPDIR/log\"]}]"
	guest exit 0
	run --separate-stderr bash -c "exec 7</etc/passwd 8</; cd /
		exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
	((status == 0))
	[[ $(head -n 1 "$BATS_TEST_TMPDIR/log") == "$BUNDLE" ]]
	(($(sed -n 2p "$BATS_TEST_TMPDIR/log") <= 4)) # the shell has the directory open meanwhile; a pipe here would add its ends
}

@test "args[0] of a hook is as given" {
	config ".hooks.createRuntime = [{path: \"/bin/sh\", args: [\"the-name\", \"-c\",
		\"echo \$0 >$BATS_TEST_TMPDIR/log\", \"a-word\"]}]"
	guest exit 0
	run_bundle
	[[ $(cat "$BATS_TEST_TMPDIR/log") == a-word ]]
}

@test "a failing hook before the start ends the create, names itself, and poststop hooks run" {
	for point in prestart createRuntime createContainer; do
		config 'del(.hooks)'
		rm -f "$BATS_TEST_TMPDIR/log"
		hook $point
		hook $point 3
		hook $point
		hook poststop
		run_bundle
		echo "$point"
		fails "$point hook #1" "exit status 3"
		is_minirun || continue
		[[ $(logged) == "$point $point poststop " ]]
		run_minirun state "$ID"
		fails "does not exist"
	done
}

@test "what a failing hook wrote is in the message" {
	config '.hooks.createRuntime = [{path: "/bin/sh",
		args: ["sh", "-c", "echo to-stdout; echo to-stderr >&2; exit 1"]}]'
	run_bundle
	fails "to-stderr" "to-stdout"
}

@test "the hook that ends init is named, and no other runs" {
	minirun_only
	for place in "prestart 0" "createRuntime 1"; do
		read -r point number <<<"$place"
		config ".hooks = {prestart: [{path: \"/bin/true\"}], createRuntime: [{path: \"/bin/true\"}, {path: \"/bin/true\"}]}" \
			".hooks.${point}[$number] = {path: \"/bin/sh\", env: [\"PATH=/usr/bin:/bin\"], args: [\"sh\", \"-c\",
				\"kill -9 \$(sed -n 's/.*pid.: *\\\\([0-9]*\\\\).*/\\\\1/p')\"]}"
		run_bundle
		fails "/hooks/$point/$number: " "$point hook #$number: the container's init has ended"
	done
}

@test "its line ends are escaped once, in text and in JSON" {
	minirun_only
	for point in createRuntime startContainer; do
		config ".hooks = {$point: [{path: \"/bin/sh\",
			args: [\"sh\", \"-c\", \"printf 'one\\\\n\\\"two\\\"' >&2; exit 1\"]}]}"
		run_bundle
		fails 'stderr: one\\n\\"two\\""'
		run_minirun --log-format json run --bundle "$BUNDLE" "$ID"
		jq -e '.msg | endswith("stderr: one\n\"two\"")' <<<"$stderr"
	done
}

@test "a failing startContainer hook fails the start" {
	minirun_only
	config '.hooks.startContainer = [{path: "/bin/false", args: ["false"]}]'
	guest wait
	create_bundle
	run_minirun start "$ID"
	fails "startContainer hook #0"
	until_true is_over
}

@test "a failing poststart hook fails the start and ends the container" {
	minirun_only
	hook poststart 1
	hook poststop
	guest wait
	create_bundle
	run_minirun start "$ID"
	fails "poststart hook #0"
	[[ $(logged) == "poststart poststop " ]]
}

@test "a failing poststop hook is a warning" {
	minirun_only
	config '.hooks.poststop = [{path: "/bin/false"}]'
	hook poststop
	guest exit 0
	run_bundle
	((status == 0))
	[[ $(logged) == "poststop " ]]
}

# script POINT TEXT [MEMBER]: a hook that is this text for sh
script() {
	config ".hooks.$1 = [{path: \"/bin/sh\", args: $(words sh -c "$2"),
		env: [\"PATH=/usr/bin:/bin\"]} + {${3-}}]"
}

@test "a timeout kills the hook and all that it has started, whatever session it is in" {
	minirun_only
	seconds=4$RANDOM # nobody else's
	script createRuntime "sleep $seconds & setsid sh -c 'setsid sleep $seconds & sleep $seconds' & sleep $seconds" \
		"timeout: 1"
	run_bundle
	fails "createRuntime hook #0" "timeout"
	is_false pgrep -f "sleep $seconds"
}

@test "of a hook that fails nothing goes on, of one that succeeds what it left in the background" {
	minirun_only
	seconds=4$RANDOM
	script createRuntime "setsid sleep $seconds >/dev/null 2>&1 & setsid sleep $seconds & exit 3"
	run_bundle
	fails "createRuntime hook #0" "exit status 3"
	is_false pgrep -f "sleep $seconds"
	config 'del(.hooks.createRuntime)'
	script poststart "setsid sleep $seconds >/dev/null 2>&1 &"
	run_bundle
	succeeds
	background=$(pgrep -f "^sleep $seconds")
	# the guard is gone: its parent is the one that orphans have
	until_true sh -c "! ps -o args= \$(ps -o ppid= $background) | grep minirun"
	kill "$background"
}

@test "a create that is killed while a hook runs takes the hook and all of its processes along" {
	minirun_only
	for signal in KILL TERM; do
		for point in prestart createRuntime createContainer; do
			seconds=4$RANDOM
			config 'del(.hooks)'
			script "$point" "setsid sleep $seconds & sleep $seconds"
			"$MINIRUN" --root "$ROOT" create --bundle "$BUNDLE" "$ID" </dev/null \
				>/dev/null 2>&1 3>&- &
			until_true pgrep -f "^sleep $seconds"
			kill -"$signal" $!
			wait $! || true
			minirun delete --force "$ID"
			until_true sh -c "! pgrep -f '^sleep $seconds'"
			[[ ! $(leftovers) ]]
		done
	done
}

@test "a timeout of 0 or less, a relative path, a missing path are errors" {
	minirun_only
	for change in '{path: "/bin/true", timeout: 0}:/hooks/createRuntime/0/timeout' \
		'{path: "/bin/true", timeout: -1}:/hooks/createRuntime/0/timeout' \
		'{path: "bin/true"}:/hooks/createRuntime/0/path' '{}:/hooks/createRuntime/0'; do
		config ".hooks.createRuntime = [${change%:*}]"
		run_bundle
		fails "${change##*:}"
	done
}

@test "a hook that isn't there is an error that names it" {
	config '.hooks.createRuntime = [{path: "/no/such/hook"}]'
	run_bundle
	fails "/no/such/hook"
}

@test "a hook that reads nothing, and one that writes a lot, do not block" {
	minirun_only
	config '.annotations = {"large": ("x" * 100000)} | .hooks.createRuntime = [{path: "/bin/true"},
		{path: "/bin/sh", env: ["PATH=/usr/bin:/bin"], args: ["sh", "-c", "yes | head -c 10000000"]}]'
	guest exit 0
	run_bundle
	((status == 0))
}

@test "run.oci.hooks.stdout and .stderr: what hooks write is appended to files" {
	minirun_only
	config '.annotations = {"run.oci.hooks.stdout": "hooks-out", "run.oci.hooks.stderr": ($bundle + "/hooks-err")} |
		.hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", "echo one; echo two >&2"]}] |
		.hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "echo three"]}] |
		.hooks.poststop = [{path: "/bin/sh", args: ["sh", "-c", "echo four; echo five >&2"]}]'
	run_bundle
	succeeds
	[[ $(<"$BUNDLE/hooks-out") == one$'\n'three$'\n'four ]]
	[[ $(<"$BUNDLE/hooks-err") == two$'\n'five ]]
	config '.annotations["run.oci.hooks.stdout"] = "no/such/place"'
	run_bundle
	fails "/annotations/run.oci.hooks.stdout: open no/such/place"
}
