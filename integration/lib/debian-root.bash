# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Debian's own root file system, made once with the package sources of this host; later runs take
# it from the build directory ($CACHE). Called from setup_file.

CACHE=${MINIRUN_CACHE:-$HELPERS/debian-root}

debian_root() {
	needs_program mmdebstrap
	((EUID == 0)) || skip "needs root"
	mkdir -p "${CACHE%/*}"
	exec {lock}>"$CACHE.lock"
	flock "$lock"
	if [[ ! -x $CACHE/usr/bin/python3 ]]; then
		rm -rf "$CACHE" "$CACHE.new"
		# shellcheck disable=SC1091
		timeout 500 mmdebstrap --variant=apt --include=python3-minimal,libpython3-stdlib \
			"$(. /etc/os-release && echo "$VERSION_CODENAME")" "$CACHE.new" \
			>"$BATS_FILE_TMPDIR/log" 2>&1 || {
			tail -n 5 "$BATS_FILE_TMPDIR/log"
			rm -rf "$CACHE.new"
			return 1
		}
		mv "$CACHE.new" "$CACHE"
	fi
	exec {lock}>&-
}
