#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A Debian root file system, made by mmdebstrap, as a bundle: apt-get, Python, a small web server

load lib/bundle
load lib/debian-root

setup_file() {
	debian_root
}

setup() {
	bundle_new
	config ".root = {path: \"$CACHE\", readonly: true} | .process.env = [\"LANG=C.UTF-8\",
		\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"] |
		.process.capabilities |= map_values(. + [\"CAP_SETUID\", \"CAP_SETGID\", \"CAP_CHOWN\"])"
	mount_point /tmp tmpfs tmpfs nosuid nodev
}

@test "apt-get" {
	args apt-get --version
	run_bundle
	succeeds
	[[ ${lines[0]} =~ ^apt\ [0-9] ]]
}

@test "python" {
	args python3 -c 'import os, json; print(json.dumps([os.getpid(), os.getuid(), os.uname().nodename]))'
	run_bundle
	succeeds
	[[ $output == '[1, 0, "guest"]' ]]
}

@test "a small web server, asked from inside" {
	args python3 -m http.server --bind 127.0.0.1 --directory /usr/share 8000
	create_bundle
	start_bundle
	until_true minirun exec "$ID" python3 -c \
		'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8000/doc/").status)'
	run_minirun exec "$ID" python3 -c \
		'import urllib.request as u; print(u.urlopen("http://127.0.0.1:8000/doc/").status)'
	succeeds
	[[ $output == 200 ]]
	minirun kill "$ID" KILL
	until_true status_is stopped
}

@test "a login shell with dpkg" {
	args bash -lc 'dpkg -l base-files | tail -n 1; umask; ulimit -n'
	run_bundle
	succeeds
	[[ ${lines[0]} == *base-files* && ${lines[1]} == 0022 && ${lines[2]} == 512 ]]
}
