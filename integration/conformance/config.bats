#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bundle.md, glossary.md, config.md: the document, root, annotations, valid values

load ../lib/bundle
load rows

@test "B-1 B-2 B-3: config.json is in the bundle's own directory and has that name" {
	mv "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/"
	attempt
	fails config.json
	for place in Config.json config.yaml rootfs/config.json; do
		cp "$BATS_TEST_TMPDIR/config.json" "$BUNDLE/$place"
		attempt
		fails config.json
	done
	run_minirun state "$ID"
	fails
}

@test "B-4 C-6 C-7 C-8: root.path: in the bundle by any name, elsewhere by an absolute path, a directory" {
	mv "$ROOTFS" "$BUNDLE/tree"
	cp -al "$BUNDLE/tree" "$BATS_TEST_TMPDIR/elsewhere"
	touch "$BUNDLE/file" "$BUNDLE/tree/relative" "$BATS_TEST_TMPDIR/elsewhere/absolute"
	cd / # no matter
	config '.root.path = "tree"'
	guest try read:/relative
	run_bundle
	succeeds
	check '.["read:/relative"] == "ok"'
	config ".root.path = \"$BATS_TEST_TMPDIR/elsewhere\""
	guest try read:/absolute
	run_bundle
	succeeds
	check '.["read:/absolute"] == "ok"'
	refused_rows <<-'END'
		C-8 root .root.path = "none"
		C-8 root .root.path = "file"
		C-8 root .root.path = "/no/such/place"
	END
	mv "$BUNDLE/tree" "$ROOTFS"
}

@test "C-9 C-10: root.readonly makes it read-only, false is the default" {
	for row in .:ok .root.readonly=false:ok .root.readonly=true:EROFS; do
		changed "${row%:*}"
		guest try write:/ write:/etc
		run_bundle
		succeeds
		check "[.[]] == [\"${row##*:}\", \"${row##*:}\"]"
	done
}

@test "G-1: config.json is UTF-8: other bytes are an error, other letters stay as they are" {
	config '.annotations = {"grüße": "日本語 ☃ 𝄞"}'
	guest args "ä日𝄞"
	run_bundle
	succeeds
	check '.args[-1] == "ä日𝄞"'
	create_bundle
	[[ $(minirun state "$ID" | jq -r '.annotations["grüße"]') == "日本語 ☃ 𝄞" ]]
	minirun delete --force "$ID"
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/utf8"
	LC_ALL=C sed $'s/"guest"/"gu\xff\xfest"/' "$BATS_TEST_TMPDIR/utf8" >"$BUNDLE/config.json"
	attempt
	fails config.json
	iconv -t UTF-16 "$BATS_TEST_TMPDIR/utf8" >"$BUNDLE/config.json"
	attempt
	fails config.json
}

@test "G-2: a name given twice is an error, at any level, and minirun's own documents have none" {
	cp "$BUNDLE/config.json" "$BATS_TEST_TMPDIR/once"
	for edit in 's/"hostname": "guest"/&, &/' 's/"cwd": "\/"/&, &/' 's/"soft": 512/&, &/'; do
		sed "$edit" "$BATS_TEST_TMPDIR/once" >"$BUNDLE/config.json"
		is_false cmp -s "$BATS_TEST_TMPDIR/once" "$BUNDLE/config.json"
		attempt
		fails config.json
	done
	cp "$BATS_TEST_TMPDIR/once" "$BUNDLE/config.json"
	config '.annotations = {a: "1"}'
	guest wait
	create_bundle
	for document in "state $ID" features; do
		text=$(minirun $document)
		# jq keeps the last of two: what it writes then has fewer names
		[[ $(grep -c '":' <<<"$text") == "$(jq . <<<"$text" | grep -c '":')" ]]
	done
}

@test "C-1 C-2 C-3 C-4 C-5: ociVersion is there, SemVer, and of major version 1; root and its path are there" {
	refused_rows <<-'END'
		C-1 /ociVersion del(.ociVersion)
		C-2 /ociVersion .ociVersion = "1.0"
		C-2 /ociVersion .ociVersion = "abc"
		C-2 /ociVersion .ociVersion = ""
		C-2 /ociVersion .ociVersion = 1
		C-2 /ociVersion .ociVersion = "1.0.02"
		C-2 /ociVersion .ociVersion = "v1.0.2"
		C-2 /ociVersion .ociVersion = "1.0.2-"
		C-2 /ociVersion .ociVersion = "1.0.2 "
		C-3 /ociVersion .ociVersion = "2.0.0"
		C-3 /ociVersion .ociVersion = "0.9.0"
		C-4 /root del(.root)
		C-5 /root del(.root.path)
	END
	accepted_rows <<-'END'
		C-2 .ociVersion = "1.0.0"
		C-2 .ociVersion = "1.0.2"
		C-2 .ociVersion = "1.3.0-rc.1"
		C-2 .ociVersion = "1.2.0+dev"
		C-3 .ociVersion = "1.1.0"
		C-3 .ociVersion = "1.2.1"
		C-3 .ociVersion = "1.3.0"
	END
}

@test "C-205 C-207 C-208 C-217: annotations: a map of strings by names that are not empty" {
	refused_rows <<-'END'
		C-205 /annotations .annotations = ["a"]
		C-205 /annotations .annotations = "a"
		C-208 /annotations .annotations = {"": "x"}
		C-217 /annotations/a .annotations = {a: 1}
		C-217 /annotations/a .annotations = {a: {b: "c"}}
		C-217 /annotations/a .annotations = {a: null}
		C-217 /annotations/a .annotations = {a: true}
	END
	accepted_rows <<-'END'
		C-205 .annotations = {}
		C-207 .annotations = {"any key ~/": ""}
	END
}

@test "C-209 C-210 C-212 C-213 C-215 C-216: annotations by any name, known or not, are kept as they are" {
	config '.annotations = {foo: "bar", "com.example.key": "", "org.opencontainers.image.os": "linux",
		"org.opencontainers.image.architecture": "amd64", "org.opencontainers.image.variant": "v1",
		"org.opencontainers.image.os.version": "1", "org.opencontainers.image.os.features": "a,b",
		"org.opencontainers.image.author": "me", "org.opencontainers.image.created": "2015-10-31T22:22:56Z",
		"org.opencontainers.image.stopSignal": "SIGTERM", "org.opencontainers.reserved.key": "x"}'
	create_bundle
	[[ $(minirun state "$ID" | jq -S .annotations) == "$(jq -S .annotations "$BUNDLE/config.json")" ]]
}

@test "C-214: org.opencontainers.image.stopSignal is the signal of a kill that names none" {
	minirun_only
	config '.annotations = {"org.opencontainers.image.stopSignal": "SIGUSR1"}'
	args /bin/sh -c 'trap "echo got; exit" USR1; echo ready; while :; do sleep 1000 & wait; done'
	create_bundle
	start_bundle
	until_true grep -q ready "$BATS_TEST_TMPDIR/out"
	minirun kill "$ID"
	until_true grep -q got "$BATS_TEST_TMPDIR/out"
}

@test "C-220: unknown members are ignored at every level" {
	config '.hooks = {createRuntime: [{path: "/bin/true", x: 1}], x: []}' \
		'.linux.resources.devices[0].x = 1 | .linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", x: 1,
			syscalls: [{names: ["chroot"], action: "SCMP_ACT_ERRNO", x: {}}]}' \
		'walk(if type == "object" then .unknown = [{a: null}, "x"] else . end)'
	config 'del(.annotations.unknown?)'
	run_bundle
	succeeds
	check '.pid == 1'
}

@test "C-221: a value that is invalid or unsupported is an error, in each enumeration and type" {
	refused_rows <<-'END'
		C-221 /linux/namespaces/6/type .linux.namespaces += [{type: "newns"}]
		C-221 /linux/rootfsPropagation .linux.rootfsPropagation = "rsomething"
		C-221 /linux/devices/0/type .linux.devices = [{path: "/dev/x", type: "x", major: 1, minor: 3}]
		C-221 /linux/resources/devices/0 .linux.resources.devices[0].access = "rx"
		C-221 /linux/resources/devices/0 .linux.resources.devices[0].type = "p"
		C-221 /linux/seccomp/defaultAction .linux.seccomp = {defaultAction: "SCMP_ACT_NO"}
		C-221 /linux/personality/domain .linux.personality = {domain: "BSD"}
		C-221 /linux/memoryPolicy/mode .linux.memoryPolicy = {mode: "MPOL_NO"}
		C-221 /process/scheduler/policy .process.scheduler = {policy: "SCHED_NO"}
		C-221 /process/ioPriority/class .process.ioPriority = {class: "IOPRIO_CLASS_NO", priority: 1}
		C-221 /process/rlimits/0/type .process.rlimits[0].type = "RLIMIT_NO"
		C-221 /process/user/uid .process.user.uid = "0"
		C-221 /process/terminal .process.terminal = "yes"
		C-221 /root/readonly .root.readonly = 1
		C-221 /mounts .mounts = {}
		C-221 /hostname .hostname = 7
		C-221 /linux .linux = []
	END
}
