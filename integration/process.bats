#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# config.json's process: user, capabilities, rlimits, environment, working directory and the rest

load lib/bundle

@test "user: uid, gid, additionalGids, umask" {
	config '.process.user = {uid: 1000, gid: 1001, umask: 63, additionalGids: [5, 6]}'
	run_bundle
	succeeds
	check '.uids == [1000, 1000, 1000]' '.gids == [1001, 1001, 1001]' '.groups | sort == [5, 6]' \
		'.umask == 63'
}

# bats test_tags=not-uml
@test "user: groups of the caller are dropped, and umask is 0022 where none is given" {
	needs_program setpriv
	run --separate-stderr setpriv --groups 4,24,27 bash -c "umask 0000
		exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
	succeeds
	check '.groups == []' '.umask == 18' '.uids == [0, 0, 0]'
}

# bats test_tags=not-uml
@test "user: run.oci.keep_original_groups keeps the groups of the caller, in exec as well" {
	minirun_only
	needs_program setpriv
	config '.annotations["run.oci.keep_original_groups"] = "1" |
		.process.user = {uid: 1000, gid: 1000, additionalGids: [7]}'
	run --separate-stderr setpriv --groups 4,24 "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	check '.groups == [4, 24]' '.uids == [1000, 1000, 1000]'
	running_bundle
	run --separate-stderr setpriv --groups 5 "$MINIRUN" --root "$ROOT" exec "$ID" /bin/guest report
	succeeds
	check '.groups == [5]'
	minirun delete --force "$ID"
	config '.annotations["run.oci.keep_original_groups"] = "0" | .process.args = ["/bin/guest"]'
	run --separate-stderr setpriv --groups 4,24 "$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID"
	succeeds
	check '.groups == [7]'
}

@test "capabilities: the five sets are exactly those asked for" {
	config '.process.capabilities = {
		bounding: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_NET_RAW"],
		effective: ["CAP_CHOWN"], permitted: ["CAP_CHOWN", "CAP_KILL", "CAP_SETUID"],
		inheritable: ["CAP_KILL", "CAP_SETUID"], ambient: ["CAP_KILL"]}
		| .process.user = {uid: 1000, gid: 1000}'
	run_bundle
	succeeds
	# Over execve of a user other than root only ambient capabilities stay permitted and effective.
	check '.status.bounding == "00000000000020a1"' '.status.inheritable == "00000000000000a0"' \
		'.status.ambient == "0000000000000020"' '.status.permitted == "0000000000000020"' \
		'.status.effective == "0000000000000020"'
}

# bats test_tags=not-uml
@test "capabilities: root gets what bounding has" {
	config '.process.capabilities = {bounding: ["CAP_CHOWN"], effective: ["CAP_CHOWN"],
		permitted: ["CAP_CHOWN"]}'
	run_bundle
	succeeds
	check '.status | [.bounding, .effective, .permitted] | unique == ["0000000000000001"]' \
		'.status | [.inheritable, .ambient] | unique == ["0000000000000000"]'
}

# bats test_tags=not-uml
@test "capabilities: an absent object and empty sets drop everything" {
	config 'del(.process.capabilities)'
	run_bundle
	succeeds
	check '.status | [.bounding, .effective, .permitted, .inheritable, .ambient] | unique ==
		["0000000000000000"]'
	config '.process.capabilities = {bounding: [], effective: []}'
	run_bundle
	succeeds
	check '.status.bounding == "0000000000000000"'
}

# bats test_tags=not-uml
@test "capabilities: unknown names and an ambient one that can't be raised are no failure" {
	minirun_only
	config '.process.capabilities.bounding += ["CAP_NO_SUCH_THING"] |
		.process.capabilities.ambient = ["CAP_KILL"]'
	run_bundle
	succeeds
	check '.status.bounding == "0000000020000420" or .status.bounding == "0000000020000020"' \
		'.status.ambient == "0000000000000000"'
}

@test "rlimits: soft and hard" {
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 100, hard: 200},
		{type: "RLIMIT_CORE", soft: 0, hard: 0}, {type: "RLIMIT_STACK", soft: 1048576, hard: 2097152},
		{type: "RLIMIT_NPROC", soft: 50, hard: 60}, {type: "RLIMIT_FSIZE", soft: 4096, hard: 8192}]'
	run_bundle
	succeeds
	check '.rlimits.RLIMIT_NOFILE == {soft: "100", hard: "200"}' \
		'.rlimits.RLIMIT_CORE == {soft: "0", hard: "0"}' \
		'.rlimits.RLIMIT_STACK == {soft: "1048576", hard: "2097152"}' \
		'.rlimits.RLIMIT_NPROC == {soft: "50", hard: "60"}' \
		'.rlimits.RLIMIT_FSIZE == {soft: "4096", hard: "8192"}'
}

# bats test_tags=not-uml
@test "rlimits: 2^64-1 is no limit" {
	sed -i 's/"soft": 512, "hard": 1024/"soft": 20, "hard": 512/' "$BUNDLE/config.json"
	sed -i 's/{ "type": "RLIMIT_NOFILE"/{ "type": "RLIMIT_DATA", "soft": 18446744073709551615, "hard": 18446744073709551615 }, &/' "$BUNDLE/config.json"
	run_bundle
	succeeds
	check '.rlimits.RLIMIT_DATA.soft == "18446744073709551615"' '.rlimits.RLIMIT_NOFILE.soft == "20"'
}

# bats test_tags=not-uml
@test "rlimits: so few open files that only the standard streams fit" {
	minirun_only
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 3, hard: 3}]'
	guest exit 3
	run_bundle
	((status == 3))
}

@test "rlimits: raising a hard limit" {
	needs_capability 24 CAP_SYS_RESOURCE
	ulimit -H -n 2048
	config '.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 4000, hard: 4096}]'
	run_bundle
	succeeds
	check '.rlimits.RLIMIT_NOFILE == {soft: "4000", hard: "4096"}'
}

# bats test_tags=not-uml
@test "env: exactly what is given, the last of equal names, HOME from the container's passwd" {
	config '.process.env = ["A=1", "PATH=/bin", "A=2", "EMPTY=", "LINES=a\nb"]'
	run_bundle
	succeeds
	check '.env | map(select(startswith("A="))) == ["A=2"]' '.env | index("HOME=/root")' \
		'.env | index("EMPTY=")' '.env | index("LINES=a\nb")' '.env | length == 5'
}

# bats test_tags=not-uml
@test "env: HOME of a user that passwd doesn't know is /" {
	config '.process.user.uid = 4242'
	run_bundle
	succeeds
	check '.env | index("HOME=/")'
	config '.process.env += ["HOME=/given"]'
	run_bundle
	check '.env | index("HOME=/given")'
}

# bats test_tags=not-uml
@test "env: a passwd that is a FIFO, a device or huge stops nothing" {
	minirun_only
	config '.process.user.uid = 4242'
	rm "$ROOTFS/etc/passwd"
	truncate -s 10G "$ROOTFS/etc/passwd"
	run_bundle
	check '.env | index("HOME=/")'
	rm "$ROOTFS/etc/passwd"
	mkfifo "$ROOTFS/etc/passwd"
	run_bundle
	succeeds
	check '.env | index("HOME=/")'
}

# bats test_tags=not-uml
@test "args: passed on as they are" {
	minirun_only
	config '.process.args = ["/bin/guest", "args", "", "two words", "ä\n\"\\", "-x"]'
	run_bundle
	succeeds
	check '.args == ["/bin/guest", "args", "", "two words", "ä\n\"\\", "-x"]'
}

# bats test_tags=not-uml
@test "args[0] is looked up in the container's PATH, relative ones in cwd" {
	config '.process.args = ["guest"]'
	run_bundle
	succeeds
	config '.process.args = ["./guest"] | .process.cwd = "/bin"'
	run_bundle
	succeeds
	check '.cwd == "/bin"'
	config '.process.env = ["PATH=/nowhere:/bin"] | .process.args = ["guest"] | .process.cwd = "/"'
	run_bundle
	succeeds
}

@test "args[0] in a directory that the user may not enter is told as such" {
	minirun_only
	chmod 700 "$ROOTFS/bin"
	config '.process.args = ["guest"] | .process.user = {uid: 1000, gid: 1000} |
		.process.env = ["PATH=/nowhere:/bin"]'
	run_bundle
	fails 'executable file not found in $PATH: access to /bin is refused'
}

# bats test_tags=not-uml
@test "cwd: entered, and made if it is missing" {
	config '.process.cwd = "/tmp"'
	run_bundle
	check '.cwd == "/tmp"'
	config '.process.cwd = "/made/for/it"'
	run_bundle
	succeeds
	check '.cwd == "/made/for/it"'
	[[ $(stat -c %a "$ROOTFS/made/for/it") == 755 ]]
}

# bats test_tags=not-uml
@test "cwd: a missing one is made, also where the root or what it lies in becomes read-only" {
	config '.root.readonly = true | .process.cwd = "/made/read-only"'
	guest report
	run_bundle
	succeeds
	check '.cwd == "/made/read-only"'
	minirun_only
	config '.process.cwd = "/in/a/tmpfs" |
		.mounts += [{destination: "/in", type: "tmpfs", source: "tmpfs", options: ["ro"]}]'
	run_bundle
	succeeds
	check '.cwd == "/in/a/tmpfs"'
	# out of the root leads nothing
	ln -s /proc/self/root/../../.. "$ROOTFS/out"
	config '.process.cwd = "/out/'"$ID"'"'
	run_bundle
	[[ ! -e /$ID ]]
}

@test "cwd: a directory that only the user may enter" {
	mkdir -m 700 "$ROOTFS/private"
	chown 1000 "$ROOTFS/private"
	config '.process.user = {uid: 1000, gid: 1000} | .process.cwd = "/private" |
		.process.capabilities = {}'
	run_bundle
	succeeds
	check '.cwd == "/private"'
}

# bats test_tags=not-uml
@test "cwd: descriptors and links to them do not lead out of the container" {
	minirun_only
	for fd in 0 1 2 3 4 5 6 7 8 9 10 20; do
		config ".process.cwd = \"/proc/self/fd/$fd\""
		run_bundle
		echo "fd $fd: $status $stderr"
		((status == 1))
		[[ ! $output ]]
	done
	ln -s /proc/self/fd/7 "$ROOTFS/link"
	config '.process.cwd = "/link"'
	run_bundle
	fails
}

# bats test_tags=not-uml
@test "cwd: a file is an error" {
	touch "$ROOTFS/file"
	config '.process.cwd = "/file"'
	run_bundle
	fails "/file"
}

@test "noNewPrivileges: both ways" {
	run_bundle
	check '.no_new_privs == 1'
	config '.process.noNewPrivileges = false'
	run_bundle
	check '.no_new_privs == 0'
	config 'del(.process.noNewPrivileges)'
	run_bundle
	check '.no_new_privs == 0'
}

@test "oomScoreAdj: set if given, otherwise left alone" {
	config '.process.oomScoreAdj = 321'
	run_bundle
	succeeds
	check '.oom_score_adj == "321"'
	config 'del(.process.oomScoreAdj)'
	run --separate-stderr bash -c "echo 55 >/proc/self/oom_score_adj
		exec '$MINIRUN' --root '$ROOT' run --bundle '$BUNDLE' '$ID'"
	check '.oom_score_adj == "55"'
}

@test "oomScoreAdj: lowering it" {
	needs_capability 24 CAP_SYS_RESOURCE
	config '.process.oomScoreAdj = -500'
	run_bundle
	succeeds
	check '.oom_score_adj == "-500"'
}

@test "apparmorProfile on a host without AppArmor is an error" {
	[[ ! -e /sys/module/apparmor/parameters/enabled ||
		$(cat /sys/module/apparmor/parameters/enabled) != Y ]] || skip "the host has AppArmor"
	config '.process.apparmorProfile = "some-profile"'
	run_bundle
	fails "apparmor"
}

@test "selinuxLabel on a host without SELinux is an error" {
	[[ ! -e /sys/fs/selinux/enforce ]] || skip "the host has SELinux"
	config '.process.selinuxLabel = "system_u:system_r:container_t:s0:c1,c2"'
	run_bundle
	fails "selinux"
}

@test "the process leads a session of its own, is dumpable and has no death signal" {
	run_bundle
	check '.sid == 1' '.pgid == 1' '.dumpable == 1' '.pdeathsig == 0' \
		'.terminal.controlling != "yes"'
}

# bats test_tags=not-uml
@test "standard streams that aren't terminals belong to the user" {
	minirun_only
	config '.process.user = {uid: 1000, gid: 1000} | .process.args = ["/bin/guest"]'
	touch "$BATS_TEST_TMPDIR/file"
	minirun run --bundle "$BUNDLE" "$ID" </dev/null >"$BATS_TEST_TMPDIR/file"
	[[ $(stat -c %u "$BATS_TEST_TMPDIR/file") == 1000 ]]
	[[ $(stat -c %u /dev/null) == 0 ]]
	output=$(cat "$BATS_TEST_TMPDIR/file")
	check '.fds["0"].target == "/dev/null"' '.fds["0"].device == 259'
}

# bats test_tags=not-uml
@test "a null device that is open for reading alone can be written to in the container" {
	args /bin/sh -c 'echo lost && echo written >&2'
	"$MINIRUN" --root "$ROOT" run --bundle "$BUNDLE" "$ID" </dev/null 1</dev/null 2>"$BATS_TEST_TMPDIR/out" 3>&-
	[[ $(cat "$BATS_TEST_TMPDIR/out") == written ]]
}

# bats test_tags=not-uml
@test "user.gid is 0 where it is missing" {
	config '.process.user = {uid: 12}'
	run_bundle
	succeeds
	check '.uids == [12, 12, 12]' '.gids == [0, 0, 0]'
}
