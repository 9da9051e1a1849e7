#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The .deb and the .rpm: what is in them, what their linters say, and the .deb in a clean Debian

load lib/bundle
load lib/debian-root

bats_require_minimum_version 1.5.0

setup_file() {
	debian_root
	needs_program dpkg-deb
	[[ -f ${MINIRUN%/*}/CPackConfig.cmake ]] || skip "no CPackConfig.cmake beside $MINIRUN"
	pack DEB >"$BATS_FILE_TMPDIR/log" 2>&1 || {
		tail "$BATS_FILE_TMPDIR/log"
		return 1
	}
}

# pack GENERATOR: the package in $BATS_FILE_TMPDIR
pack() {
	(umask 077 && cpack --config "${MINIRUN%/*}/CPackConfig.cmake" -G "$1" -B "$BATS_FILE_TMPDIR")
}

deb() {
	echo "$BATS_FILE_TMPDIR"/minirun_*.deb
}

@test "the .deb has the program, the manual, the completions, with the modes of files for everybody" {
	local pages

	dpkg-deb --contents "$(deb)" >"$BATS_TEST_TMPDIR/list"
	grep -qE '^-rwxr-xr-x root/root .* \./usr/bin/minirun$' "$BATS_TEST_TMPDIR/list"
	run -1 grep -vE '^(drwxr-xr-x|-rw-r--r--|-rwxr-xr-x) root/root|^lrwxrwxrwx' "$BATS_TEST_TMPDIR/list"
	pages=$(find "$INTEGRATION/../man" -name '*.[1-9]' | wc -l)
	[[ $(grep -c '/man/man[1-9]/.*\.gz$' "$BATS_TEST_TMPDIR/list") == "$pages" ]]
	for completion in bash-completion/completions/minirun zsh/vendor-completions/_minirun \
		fish/vendor_completions.d/minirun.fish; do
		grep -q "/usr/share/$completion\$" "$BATS_TEST_TMPDIR/list"
	done
	grep -q '/usr/libexec/minirun/lab$' "$BATS_TEST_TMPDIR/list"
	grep -q '/usr/share/minirun/labs/01-chroot.lab$' "$BATS_TEST_TMPDIR/list"
	[[ $(dpkg-deb --field "$(deb)" Depends) == *libc6*libjson-c5*libseccomp2* ]]
}

@test "lintian has no errors and no warnings" {
	needs_program lintian
	lintian --allow-root --fail-on error,warning "$(deb)"
}

@test "the .rpm has the same files and asks for the libraries" {
	needs_program rpm
	needs_program rpmbuild
	pack RPM
	rpm -qpl "$BATS_FILE_TMPDIR"/minirun-*.rpm | grep -v '/.build-id' >"$BATS_TEST_TMPDIR/list"
	grep -qx /usr/bin/minirun "$BATS_TEST_TMPDIR/list"
	grep -qx /usr/share/man/man8/minirun.8.gz "$BATS_TEST_TMPDIR/list"
	grep -qx /usr/share/zsh/site-functions/_minirun "$BATS_TEST_TMPDIR/list"
	# of a directory that isn't ours alone nobody may remove the owner
	run -1 grep -xE '/usr|/usr/(bin|share)|/usr/share/(man|man/man.|doc|zsh|fish)' "$BATS_TEST_TMPDIR/list"
	rpm -qp --queryformat '%{DESCRIPTION}' "$BATS_FILE_TMPDIR"/minirun-*.rpm | grep -q '^minirun takes an OCI bundle'
	rpm -qpR "$BATS_FILE_TMPDIR"/minirun-*.rpm | grep -q '^libseccomp\.so\.2'
}

# in_clean_debian SCRIPT: on a layer over the cached root, as a machine of its own would see it
in_clean_debian() {
	unshare --mount --propagation private sh -euc '
		root=$1 layer=$2 script=$3
		mount -t tmpfs layer "$layer"
		mkdir "$layer/upper" "$layer/work" "$layer/root"
		mount -t overlay -o "lowerdir=$root,upperdir=$layer/upper,workdir=$layer/work" overlay "$layer/root"
		cd "$layer/root"
		mkdir -p packages
		cp "$4"/*.deb packages
		cp "$5" usr/local/bin/busybox
		for directory in proc sys dev; do
			mount --rbind "/$directory" "$directory"
		done
		mount -t tmpfs run run
		pivot_root . mnt
		/usr/local/bin/busybox umount -l /mnt
		exec sh -euc "$script" <&-' sh "$CACHE" "$BATS_TEST_TMPDIR/layer" "$1" \
		"$BATS_TEST_TMPDIR/packages" "$(command -v busybox)"
}

@test "the .deb installs in a clean Debian, runs a container there, and leaves nothing" {
	local list

	mkdir "$BATS_TEST_TMPDIR/layer" "$BATS_TEST_TMPDIR/packages"
	cp "$(deb)" "$BATS_TEST_TMPDIR/packages"
	# the libraries that it depends on, from this host's package sources
	list=$(dpkg-deb --field "$(deb)" Depends | tr ',' '\n' | sed 's/(.*//; s/ //g' | grep -vx libc6)
	# shellcheck disable=SC2086 # a list of words
	(cd "$BATS_TEST_TMPDIR/packages" && apt-get download -q $list) || skip "packages can't be downloaded"
	# shellcheck disable=SC2016
	in_clean_debian '
		cd packages
		dpkg -i $(ls | grep -v ^minirun_) >/dev/null
		files() { find /usr /etc /var -xdev ! -path "/var/lib/dpkg/*" ! -path "/var/log/*" | sort; }
		files >/before
		dpkg -i minirun_*.deb >/dev/null
		minirun --version | head -n 1
		mkdir -p /b/rootfs/bin /b/rootfs/proc /b/rootfs/dev /b/rootfs/sys
		cp /usr/local/bin/busybox /b/rootfs/bin/busybox
		minirun spec -b /b --set /process/terminal=false \
			--set "/process/args=[\"/bin/busybox\",\"echo\",\"from a container\"]"
		minirun run /b/
		minirun list -q
		dpkg --purge minirun >/dev/null
		files >/after
		diff /before /after && echo nothing left
		[ ! -e /run/minirun ] || ls -A /run/minirun
	' >"$BATS_TEST_TMPDIR/out"
	cat "$BATS_TEST_TMPDIR/out"
	mapfile -t lines <"$BATS_TEST_TMPDIR/out"
	[[ ${lines[0]} == "minirun version "* && ${lines[1]} == "from a container" &&
		${lines[2]} == "nothing left" ]]
}
