#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a failure says to a program: one JSON object in the log, with members that other runtimes
# don't have; and the classics that are hard to find without a word of help.

load lib/bundle

# logged WORD...: runs minirun with a JSON log; the object is then $output, for check
logged() {
	minirun_only
	local msg
	rm -f "$BATS_TEST_TMPDIR/log"
	run --separate-stderr minirun --log "$BATS_TEST_TMPDIR/log" --log-format json "$@" </dev/null
	echo "status $status, stderr: $stderr"
	((status != 0))
	[[ $stderr && $stderr != *$'\n'* && $stderr != *'"level"'* ]]
	[[ $(wc -l <"$BATS_TEST_TMPDIR/log") == 1 ]]
	output=$(cat "$BATS_TEST_TMPDIR/log")
	# the engine says itself what it has called
	msg=$(jq -r .msg <<<"$output")
	[[ "${stderr% }" == *"${msg% }" && $msg != "minirun "*" failed: "* ]]
	check '.level == "error"' '.time | fromdate > 0'
}

@test "code, errno, phase and hint: an unknown container" {
	for command in state start pause resume kill delete ps events; do
		logged $command "$ID"
		check '.code == "container-not-found"' '.errno == 2' '.hint | contains("minirun list")' \
			".phase == \"$command\"" '.msg | contains("container does not exist")'
	done
}

@test "code and phase: what a container's state forbids" {
	minirun_only
	running_bundle
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "container-exists"'
	logged start "$ID"
	check '.code == "container-running"' '.phase == "start"'
	logged delete "$ID"
	check '.code == "container-running"'
	logged resume "$ID"
	check '.code == "container-not-paused"'
	minirun pause "$ID"
	logged exec "$ID" true
	check '.code == "container-paused"' '.phase == "exec"'
	logged pause "$ID"
	check '.code == "container-paused"'
	minirun kill "$ID" KILL
	until_true status_is stopped
	logged kill "$ID" TERM
	check '.code == "container-not-running"'
	logged exec "$ID" true
	check '.code == "container-not-running"'
}

@test "code: what is wrong with the command line and the configuration, and what this host lacks" {
	minirun_only
	logged kill "$ID" NONSENSE
	check '.code == "usage"'
	logged state a/b
	check '.code == "usage"'
	logged create --bundle "$BATS_TEST_TMPDIR" --config nonesuch "$ID"
	check '.code == "missing"' '.errno == 2'
	logged create --bundle "$BUNDLE" --console-socket "$BATS_TEST_TMPDIR/s" "$ID"
	check '.code == "usage"'
	config '.process.rlimits = [{type: "RLIMIT_NONSENSE", soft: 1, hard: 1}]'
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "config-invalid"' '.errno == null'
	config 'del(.process.rlimits) | .linux.sysctl = {"kernel.core_pattern": "x"}'
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "config-invalid"'
	config 'del(.linux.sysctl) | .mounts += [{destination: "/x", type: "nonsense", source: "x"}]'
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "unsupported"'
	config 'del(.mounts[-1])'
	create_bundle
	start_bundle
	until_true status_is stopped
	logged update --pids-limit 20 "$ID"
	check '.code == "container-not-running"'
	logged mounts add "$ID" - # standard input is /dev/null
	check '.code == "config-invalid"'
}

@test "an unknown global option is in the log, too, if that is named before it" {
	minirun_only
	run minirun --log "$BATS_TEST_TMPDIR/log" --log-format json --nonsense list
	((status == 1))
	[[ $(jq -r '.code + " " + .msg' "$BATS_TEST_TMPDIR/log") == "usage minirun: flag provided but not defined: --nonsense"* ]]
}

@test "code: usage, configuration, hooks" {
	logged state
	check '.code == "usage"'
	logged no-such-command
	check '.code == "usage"'
	config '.process.cwd = "relative"'
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "config-invalid"'
	default_config
	config '.hooks.createRuntime = [{path: "/bin/false"}]'
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "hook-failed"' '.phase == "create/parent.runtime-hooks"'
}

@test "a program that isn't there, in the words that engines turn into 127 and 126" {
	args no-such-program
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "executable-not-found"' '.phase == "create/init.executable"' \
		'.msg | contains("executable file not found in $PATH")'
	args /no/such/program
	logged run --bundle "$BUNDLE" "$ID"
	check '.code == "executable-not-found"' '.msg | contains("no such file or directory")'
	args /etc/passwd
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "executable-refused"' '.msg | contains("permission denied")'
	running_bundle
	logged exec "$ID" no-such-program
	check '.code == "executable-not-found"' '.phase == "exec"'
	((status == 255))
}

@test "a missing interpreter is named: of a script, and of a dynamically linked program" {
	printf '#!/usr/bin/no-such-shell\n' >"$ROOTFS/script"
	chmod 755 "$ROOTFS/script"
	args /script
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "interpreter-missing"' '.msg | contains("its interpreter /usr/bin/no-such-shell")' \
		'.hint | contains("another C library")'
	cp "$(command -v bash)" "$ROOTFS/dynamic"
	args /dynamic
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "interpreter-missing"' '.msg | test("its interpreter /lib.*ld-linux")'
}

@test "a program on a file system that is mounted with noexec" {
	cp "$ROOTFS/bin/guest" "$BUNDLE/program"
	mount_point /data bind "$BUNDLE" bind noexec
	args /data/program
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "executable-noexec"' '.msg | contains("permission denied")' \
		'.msg | contains("mounted with noexec")'
	config '.process.env = ["PATH=/data"]'
	args program
	logged create --bundle "$BUNDLE" "$ID"
	check '.code == "executable-not-found"' '.msg | contains("mounted with noexec")'
}

@test "a cgroup that others use" {
	[[ $(cgroup_tree) ]] || skip "no cgroup2 here"
	running_bundle
	other=$(another_id)
	logged create --bundle "$BUNDLE" "$other"
	check '.code == "cgroup-in-use"' '.hint | contains("cgroupsPath")'
}
