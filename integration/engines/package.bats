#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The .deb beside podman: installed, found by its name, used, purged

load machine

setup_file() {
	possible || return 0
	[[ -f ${MINIRUN%/*}/CPackConfig.cmake ]] || {
		skip_file "no CPackConfig.cmake beside $MINIRUN"
		return 0
	}
	(umask 077 && cpack --config "${MINIRUN%/*}/CPackConfig.cmake" -G DEB -B "$BATS_FILE_TMPDIR") \
		>"$BATS_FILE_TMPDIR/log" 2>&1
	machine_start
	inside 'podman import -q /box.tar box 2>/dev/null' >/dev/null
	# what machine_start gives instead of a package
	inside 'rm /usr/bin/minirun /etc/containers/containers.conf.d/minirun.conf
		rmdir --ignore-fail-on-non-empty /etc/containers/containers.conf.d'
	copy_in "$(echo "$BATS_FILE_TMPDIR"/minirun_*.deb)" /minirun.deb 644
}

teardown_file() {
	machine_stop
}

@test "the .deb: podman knows minirun by its name; after a purge nothing is left" {
	run inside 'exec 2>&1; files() { find /usr /etc /var /run/minirun -xdev ! -path "/var/lib/dpkg/*" ! -path "/var/log/*" 2>/dev/null | sort; }
		podman --runtime crun run --rm box true; p="podman --runtime minirun run --rm"; $p box true || echo unknown; files >/before
		dpkg -i /minirun.deb >/dev/null; echo rc $?
		$p box echo from a container; $p --cgroups disabled box echo without cgroups; $p box nonesuch; echo rc $?
		printf "[engine]\nruntime = \"minirun\"\n" >/etc/containers/containers.conf.d/default.conf
		podman run -d --name c box sleep 600 >/dev/null; podman inspect c --format "{{.OCIRuntime}}"; podman exec c echo by default; minirun list -q | wc -l; podman rm -f -t 0 c
		rm /etc/containers/containers.conf.d/default.conf; dpkg --purge minirun >/dev/null; echo rc $?
		files >/after; diff /before /after && echo nothing left; $p box true || echo unknown'
	shows '*minirun*' unknown 'rc 0' 'from a container' 'without cgroups' \
		'Error: minirun: unable to start container process: *exec: "nonesuch": executable file not found in $PATH*' \
		'rc 127' minirun 'by default' 1 c 'rc 0' 'nothing left' '*minirun*' unknown
}
