#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What isn't a valid bundle: one line that says where and why, status 1, nothing changed

load lib/bundle

setup() {
	bundle_new
	minirun_only
}

# refused PATTERN...: run and create both fail with these words and leave nothing
refused() {
	run_bundle
	fails "$@"
	run_minirun create --bundle "$BUNDLE" "$ID"
	fails "$@"
	run_minirun state "$ID"
	fails "does not exist"
	[[ ! $(ls -A "$ROOT" 2>/dev/null) ]]
}

# text SED: edits config.json as text, for what jq would not write
text() {
	sed -i "$1" "$BUNDLE/config.json"
}

@test "a bundle that is missing, a file, or without config.json" {
	run_minirun run --bundle /no/such/bundle "$ID"
	fails "/no/such/bundle"
	run_minirun run --bundle "$BUNDLE/config.json" "$ID"
	fails "config.json"
	mv "$BUNDLE/config.json" "$BUNDLE/Config.json"
	refused "config.json"
}

@test "run with a word that is neither a bundle nor an id" {
	minirun_only
	cd "$BATS_TEST_TMPDIR"
	run_minirun run a/b
	fails "bundle a/b: is missing" "letters, digits and _+.-"
	run_minirun run --bundle "$BUNDLE" a/b
	fails "invalid container ID format" "letters, digits"
}

@test "a root path that is too long for the kernel" {
	config '.root.path = "a/" * 5000' '.mounts += [{destination: "/a", type: "bind", source: "/etc", options: ["bind"]}]'
	refused "/root/path: " "file name too long"
	config '.root.path = "./" * 2048'
	refused "/root/path: " "bytes): file name too long"
}

@test "a config.json that is a directory, a FIFO, empty" {
	rm "$BUNDLE/config.json"
	mkdir "$BUNDLE/config.json"
	refused "config.json"
	rmdir "$BUNDLE/config.json"
	mkfifo "$BUNDLE/config.json"
	refused "config.json"
	rm "$BUNDLE/config.json"
	: >"$BUNDLE/config.json"
	refused "config.json"
}

@test "no JSON: the line and the column are named" {
	printf '{\n\t"ociVersion": "1.0.2",\n\t"root": nothing\n}\n' >"$BUNDLE/config.json"
	refused "config.json" "3" "10"
	printf '{"a": 1}}' >"$BUNDLE/config.json"
	refused "config.json" "1" "9"
}

@test "truncated at any place" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/whole"
	size=$(stat -c %s "$BATS_TEST_TMPDIR/whole")
	for ((length = 1; length < size - 2; length += 97)); do
		head -c "$length" "$BATS_TEST_TMPDIR/whole" >"$BUNDLE/config.json"
		run_bundle
		fails "config.json" || return 1
	done
}

@test "what lenient parsers take: comments, trailing commas, single quotes, NaN, garbage behind" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	for edit in '1s|^{|{ /* comment */|' '1s|^{|{ // comment\n|' 's|"guest",$|"guest",,|' \
		"s|\"hostname\": \"guest\"|'hostname': 'guest'|" 's|"uid": 0|"uid": NaN|' \
		's|"uid": 0|"uid": 00|' 's|"uid": 0|"uid": +0|' 's|"uid": 0|"uid": 0x0|' '$s|}$|} x|' \
		'$s|}$|}{}|' '$s|}$|},|' 's|"args": \["/bin/guest"\]|"args": ["/bin/guest",]|'; do
		cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
		text "$edit"
		is_false cmp -s "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
		run_bundle
		echo "edit: $edit"
		fails "config.json"
	done
}

@test "a member given twice, at any level" {
	text 's|"uid": 0,|"uid": 0, "uid": 1234,|'
	refused "uid"
	text 's|"uid": 0, "uid": 1234,|"uid": 0,|; s|"hostname": "guest",|"hostname": "guest", "hostname": "two",|'
	refused "hostname"
}

@test "wrong types: the JSON pointer and the expected type" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	while IFS='|' read -r filter pointer type; do
		cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
		config "$filter"
		run_bundle
		echo "filter: $filter"
		fails "$pointer" "$type"
	done <<-'END'
		.process.user.uid = "1234"|/process/user/uid|
		.process.user.uid = "12abc"|/process/user/uid|
		.process.user.uid = true|/process/user/uid|
		.process.user.uid = 1.5|/process/user/uid|
		.process.user.uid = null|/process/user/uid|
		.process.user.additionalGids = [1, "2"]|/process/user/additionalGids/1|
		.process.noNewPrivileges = "false"|/process/noNewPrivileges|true or false
		.process.terminal = 1|/process/terminal|true or false
		.process.args = "sh"|/process/args|array
		.process.args = ["sh", 1]|/process/args/1|string
		.process.env = {"A": "b"}|/process/env|array
		.process = []|/process|object
		.process.capabilities.bounding = "CAP_KILL"|/process/capabilities/bounding|array
		.process.rlimits = {}|/process/rlimits|array
		.process.oomScoreAdj = "1"|/process/oomScoreAdj|
		.root = "rootfs"|/root|object
		.root.readonly = "yes"|/root/readonly|true or false
		.hostname = 1|/hostname|string
		.mounts = {}|/mounts|array
		.mounts[2].options = "ro"|/mounts/2/options|array
		.mounts[2].options = ["ro", 1]|/mounts/2/options/1|string
		.annotations = {"a": 1}|/annotations/a|string
		.annotations = []|/annotations|object
		.linux = 1|/linux|object
		.linux.namespaces = {}|/linux/namespaces|array
		.linux.namespaces[0] = "pid"|/linux/namespaces/0|object
		.linux.sysctl = {"kernel.shmmax": 1}|/linux/sysctl/kernel.shmmax|string
		.linux.maskedPaths = [1]|/linux/maskedPaths/0|string
		.ociVersion = 1|/ociVersion|string
		.hooks = []|/hooks|object
		.hooks.poststop = {}|/hooks/poststop|array
	END
}

@test "numbers out of range" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	while IFS='|' read -r member pointer value; do
		cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
		config "$member = 777123"
		text "s/777123/$value/"
		run_bundle
		echo "$member = $value"
		fails "$pointer"
	done <<-'END'
		.process.user.uid|/process/user/uid|4294967295
		.process.user.uid|/process/user/uid|4294967296
		.process.user.uid|/process/user/uid|-1
		.process.user.uid|/process/user/uid|1e30
		.process.user.uid|/process/user/uid|99999999999999999999999
		.process.user.gid|/process/user/gid|4294967295
		.process.user.umask|/process/user/umask|512
		.process.user.umask|/process/user/umask|-1
		.process.oomScoreAdj|/process/oomScoreAdj|1001
		.process.oomScoreAdj|/process/oomScoreAdj|-1001
		.process.rlimits[0].soft|/process/rlimits/0|18446744073709551616
		.process.rlimits[0].soft|/process/rlimits/0|-1
		.process.rlimits[0].soft|/process/rlimits/0|2000
	END
}

@test "required members that are missing" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	while IFS='|' read -r member pointer; do
		cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
		config "del($member)"
		run_bundle
		echo "$member"
		fails "$pointer"
	done <<-'END'
		.ociVersion|/ociVersion
		.root|/root
		.root.path|/root
		.process.cwd|/process
		.process.args|/process
		.process.rlimits[0].type|/process/rlimits/0
		.mounts[1].destination|/mounts/1
		.linux.namespaces[0].type|/linux/namespaces/0
	END
}

@test "values that cannot be" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	while IFS='|' read -r filter pointer; do
		cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
		config "$filter"
		run_bundle
		echo "filter: $filter"
		fails "$pointer"
	done <<-'END'
		.ociVersion = "2.0.0"|/ociVersion
		.ociVersion = "0.9.0"|/ociVersion
		.ociVersion = "one"|/ociVersion
		.ociVersion = ""|/ociVersion
		.process.args = []|/process/args
		.process.cwd = "tmp"|/process/cwd
		.process.cwd = ""|/process/cwd
		.process.env = ["NOEQUALS"]|/process/env/0
		.process.env = ["=value"]|/process/env/0
		.process.rlimits[0].type = "RLIMIT_NO"|/process/rlimits/0/type
		.process.rlimits += [.process.rlimits[0]]|/process/rlimits/1
		.process.rlimits[0] = {type: "RLIMIT_CORE", soft: 2, hard: 1}|/process/rlimits/0
		.mounts[0].destination = ""|/mounts/0/destination
		.annotations = {"": "x"}|/annotations
		.root.path = ""|/root/path
	END
}

@test "NUL in strings, invalid UTF-8, lone surrogates, raw control characters" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	for string in 'a\\u0000b' $'a\xffb' $'a\xc3(' $'\xed\xa0\x80' '\\ud800' $'tab\there' 'a\\qb' 'a\\u12' \
		$'\xc0\xaf' $'\xf5\x80\x80\x80'; do
		for place in 's|"hostname": "guest"|"hostname": "STRING"|' \
			's|"/bin/guest"|"/bin/guest", "STRING"|' 's|"TERM=xterm"|"TERM=STRING"|' \
			's|"destination": "/sys"|"destination": "/sys/STRING"|' 's|"ociVersion"|"STRING": 1, &|'; do
			cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
			LC_ALL=C text "${place/STRING/"$string"}"
			run_bundle
			printf 'string %q, %s\n' "$string" "$place"
			fails "config.json"
		done
	done
}

@test "64 levels are read, 65 aren't" {
	deep() { printf "[%.0s" $(seq "$1"); printf "]%.0s" $(seq "$1"); }
	text "s|\"hostname\"|\"unknown\": $(deep 63), &|"
	run_bundle
	succeeds
	text "s|\"unknown\": [^,]*,|\"unknown\": $(deep 64),|"
	refused "config.json"
	text "s|\"unknown\": [^,]*,|\"unknown\": $(deep 5000),|"
	refused "config.json"
}

@test "a document of 4 MiB is read, a larger one isn't" {
	size=$(stat -c %s "$BUNDLE/config.json")
	head -c $((4 * 1024 * 1024 - size)) /dev/zero | tr '\0' ' ' >>"$BUNDLE/config.json"
	run_bundle
	succeeds
	echo >>"$BUNDLE/config.json"
	refused "config.json"
}

@test "unknown members are ignored, whatever is in them, and their case matters" {
	config '.nobody = {"knows": [1, null, "x"]} | .process.UID = 5 | .process.user.UID = 7 |
		.linux.futureThing = {a: true} | .mounts[0].what = 1'
	run_bundle
	succeeds
	check '.uids == [0, 0, 0]'
}

@test "null is the same as absent for what is optional, and an error for what isn't" {
	config '.annotations = null | .hooks = null | .process.capabilities = null | .process.rlimits = null |
		.linux.resources = null | .linux.maskedPaths = null | .process.oomScoreAdj = null'
	run_bundle
	succeeds
	config '.process.cwd = null'
	refused "/process/cwd"
}

@test "members of other platforms and of later issues: ignored or refused by name, never taken" {
	config '.windows = {layerFolders: []} | .solaris = {} | .vm = {kernel: {path: "/k"}}'
	run_bundle
	((status == 0)) || fails
	# the last is right, and an error where no resctrl is mounted
	for member in 'linux.intelRdt = {closID: "a/b"}' \
		'linux.intelRdt = {l3CacheSchema: "MB:0=1"}' \
		'linux.intelRdt = {memBwSchema: "MB:0=1\nL3:0=f"}' \
		'linux.intelRdt = {schemata: ["L3:0=f", "L3"]}' \
		'linux.intelRdt = {enableMonitoring: true}'; do
		cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
		config ".$member"
		run_bundle
		echo "$member: $status $stderr"
		if ((status != 0)); then
			name=${member%% *}
			fails "/${name//.//}"
		fi
		cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
	done
}

@test "a state root on a read-only file system, and one that can't be made" {
	mkdir "$BATS_TEST_TMPDIR/ro"
	mount -t tmpfs -o ro tmpfs "$BATS_TEST_TMPDIR/ro"
	run --separate-stderr "$MINIRUN" --root "$BATS_TEST_TMPDIR/ro/state" run --bundle "$BUNDLE" "$ID"
	umount "$BATS_TEST_TMPDIR/ro"
	fails "$BATS_TEST_TMPDIR/ro"
	run --separate-stderr "$MINIRUN" --root /proc/no/state run --bundle "$BUNDLE" "$ID"
	fails "/proc/no"
}

@test "a state root on a full file system" {
	mkdir "$ROOT"
	mount -t tmpfs -o size=64k,mode=700 tmpfs "$ROOT"
	head -c 65536 /dev/zero >"$ROOT/filler" 2>/dev/null || true
	run_bundle
	rm -f "$ROOT/filler"
	left=$(ls -A "$ROOT")
	umount "$ROOT"
	rmdir "$ROOT"
	fails
	[[ ! $left ]]
}

@test "without permission: an ordinary user is told so" {
	needs_program setpriv
	cp "$MINIRUN" "$BATS_TEST_TMPDIR/minirun-copy"
	chmod 755 "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.." "$BATS_TEST_TMPDIR/../.." "$BATS_RUN_TMPDIR"
	mkdir -m 700 "$BATS_TEST_TMPDIR/theirs"
	chown 12345 "$BATS_TEST_TMPDIR/theirs"
	run --separate-stderr timeout 20 setpriv --reuid 12345 --regid 12345 --clear-groups \
		"$BATS_TEST_TMPDIR/minirun-copy" --root "$BATS_TEST_TMPDIR/theirs" run --bundle "$BUNDLE" "$ID"
	fails
}

@test "failing creates leave nothing: each of these fails at another step" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/good"
	while read -r filter; do
		cp "$BATS_TEST_TMPDIR/good" "$BUNDLE/config.json"
		config "$filter"
		run_bundle
		echo "filter: $filter"
		fails
		[[ ! $(leftovers) ]]
	done <<-'END'
		.root.path = "none"
		.mounts += [{destination: "/a", type: "bind", source: "/none", options: ["bind"]}]
		.mounts += [{destination: "/a", type: "nofs", source: "none"}]
		.mounts += [{destination: "/a", type: "tmpfs", source: "t", options: ["bad=1"]}]
		.linux.namespaces[1].path = "/none"
		.linux.sysctl = {"net.ipv4.no": "1"}
		.linux.devices = [{path: "/proc/x", type: "c", major: 1, minor: 3}]
		.hooks.prestart = [{path: "/bin/false"}]
		.hooks.createRuntime = [{path: "/bin/false"}]
		.hooks.createContainer = [{path: "/bin/false"}]
		.hooks.startContainer = [{path: "/bin/false"}]
		.process.args = ["none"]
		.process.args = ["/etc/passwd"]
		.process.cwd = "/etc/passwd"
		.process.apparmorProfile = "none-such"
		.hostname = ("x" * 65)
	END
}
