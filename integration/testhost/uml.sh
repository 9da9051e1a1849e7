#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# uml.sh [--systemd] COMMAND...: runs COMMAND in a throw-away Linux with nothing but cgroup v2: a
# User-mode Linux kernel (Debian package user-mode-linux) whose root is the host's own tree. What
# COMMAND writes goes to tmpfs inside (uml-init.sh); its output is shown as it comes, its exit
# status is ours. About four seconds to boot, nothing to prepare. With --systemd the host's systemd
# is process 1 there (uml-systemd.sh), which takes a second more, and COMMAND one of its services.

set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)

boot=
[[ ${1-} == --systemd ]] && {
	boot=$here/uml-systemd.sh
	shift
	[[ -x /lib/systemd/systemd && -x $(command -v dbus-daemon) ]] || {
		echo "skip: systemd (packages systemd and dbus) is not installed"
		exit 77
	}
}
command -v linux.uml >/dev/null || {
	echo "skip: linux.uml (package user-mode-linux) is not installed"
	exit 77
}
((EUID == 0)) || {
	echo "skip: needs root"
	exit 77
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
	declare -p PATH MINIRUN MINIRUN_HELPERS 2>/dev/null
	echo "command=($(printf '%q ' "$@"))"
} >"$work/command"

# A disk for limits of block I/O.
truncate -s 16M "$work/disk"

# AppArmor for the files that are about it.
lsm=()
[[ "${*: -1}" != */@(apparmor|labs-v2|why-settings).bats ]] || lsm=("lsm=capability,apparmor")

# The kernel's own memory file lies in TMPDIR; a tmpfs there is several times as fast.
[[ -d /dev/shm ]] && export TMPDIR=/dev/shm
linux.uml rootfstype=hostfs rootflags=/ rw mem=2G "${lsm[@]}" quiet con=null con0=fd:0,fd:1 \
	"ubd0=$work/disk" init="$here/uml-init.sh" "uml_command=$work/command" "uml_boot=$boot" </dev/null 2>&1 |
	sed -u -e 's/\r//g' -e '/^uml-status: /{w '"$work/status" -e 'd}'

[[ $(cat "$work/status" 2>/dev/null) =~ ^uml-status:\ ([0-9]+) ]] || {
	echo "the kernel ended before the command did"
	exit 1
}
exit "${BASH_REMATCH[1]}"
