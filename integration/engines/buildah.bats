#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah and podman build: steps of a build are containers, with another pattern of calls

load machine

setup_file() {
	possible || return 0
	machine_start
	inside 'podman import -q /box.tar box' >/dev/null 2>&1
}

teardown_file() {
	machine_stop
}

tidy() {
	inside 'buildah rm -a; podman rmi -f built' >/dev/null 2>&1
}

@test "buildah run: output, exit codes, user, terminal, volumes" {
	same 'b="buildah --storage-driver overlay"; c=$($b from --pull-never localhost/box); r="$b run --isolation oci --runtime /usr/bin/$R"
		$r $c echo hello; $r $c sh -c "exit 3" 2>/dev/null; echo rc $?; echo in | $r $c cat
		$r --user 1000 --workingdir /tmp $c sh -c "id; pwd"; $r --hostname h $c hostname; $r -v /etc:/v:ro $c sh -c "test -s /v/debian_version && echo mounted; touch /v/x 2>/dev/null || echo ro"
		$r --cap-drop all $c grep CapEff /proc/self/status; $r $c nonesuch 2>/dev/null; echo rc $?
		on_tty "$r -t $c sh -c \"test -t 0 && test -t 1 && echo tty\""; $r --network none $c ls /sys/class/net
		find /run/minirun /run/runc -mindepth 1 ! -path "*/.cache*" 2>/dev/null; true'
	shows hello 'rc 3' in 'uid=1000*' /tmp h mounted ro 'rc *' tty lo
}

@test "podman build and buildah bud: RUN as root and as a user, shells, secrets, a step that fails" {
	same 'mkdir -p /tmp/b; cd /tmp/b; echo content >file; echo secret >/tmp/secret
		cat >Containerfile <<-END
		FROM localhost/box
		COPY file /file
		ENV VALUE=7
		RUN echo "step \$VALUE \$(id -u)" && cat /file && echo made >/made
		RUN --mount=type=secret,id=s cat /run/secrets/s
		RUN --mount=type=tmpfs,target=/t grep -c " /t " /proc/self/mountinfo
		USER user
		RUN ["sh", "-c", "id -u; touch /root/x 2>/dev/null || echo denied"]
		CMD cat /made
		END
		printf "FROM localhost/box\nRUN exit 9\n" >Fails
		podman --runtime $R build --isolation oci --network none --no-cache -q -t built --secret id=s,src=/tmp/secret . >/tmp/log 2>&1; echo rc $?
		podman --runtime $R run --rm built
		buildah bud --isolation oci --runtime /usr/bin/$R --network none --no-cache -t built --secret id=s,src=/tmp/secret . 2>&1 | grep -v -i -e copying -e "^-->" -e "^Successfully"
		podman --runtime $R build --isolation oci --network none --no-cache -f Fails . >/tmp/log 2>&1; echo rc $?; grep -c "exit status 9" /tmp/log'
	shows 'rc 0' made 'step 7 0' content secret 1 1000 denied 'rc *' 1
}
