#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The init of uml.sh's Linux. hostfs writes through to the host, so everything that tests write to
# is covered by tmpfs first; $uml_command (a kernel parameter that became an environment variable)
# names the file with the command to run.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export MINIRUN_SLOW_HOST=1 HOME=/root LANG=C.UTF-8 TERM=dumb

# Without its cover the host would be written to. The end of init is the end of this Linux.
cover() {
	mount -t tmpfs "$@" || {
		echo "uml-init: cannot mount a tmpfs: ${*: -1}"
		exit 1
	}
}

mount -t proc -o nosuid,nodev,noexec proc /proc
mount -t sysfs -o nosuid,nodev,noexec sysfs /sys
# shellcheck disable=SC2154 # the kernel's command line names it
[[ $uml_boot ]] || mount -t cgroup2 -o nsdelegate none /sys/fs/cgroup
[[ -c /dev/null ]] || mount -t devtmpfs none /dev # the kernel has done it already
ln -sfn /proc/self/fd /dev/fd
ln -sf /proc/self/fd/0 /dev/stdin
ln -sf /proc/self/fd/1 /dev/stdout
ln -sf /proc/self/fd/2 /dev/stderr
mkdir -p /dev/pts /dev/shm /dev/mqueue
mount -t devpts -o gid=5,mode=620,ptmxmode=666 devpts /dev/pts
mount -t tmpfs none /dev/shm
mount -t mqueue none /dev/mqueue
# read before /tmp is covered
# shellcheck disable=SC1090,SC2154 # the kernel's command line names it
source "$uml_command"
cover none /run
mkdir -m 1777 /run/tmp
export TMPDIR=/run/tmp
for directory in /tmp /var/tmp; do # unless minirun itself is there
	[[ $MINIRUN == "$directory"/* ]] || cover -o mode=1777 none "$directory"
done

# A process costs a tenth of a second here, and half of that if it is static.
mkdir /run/fast
for tool in cat cp cut head ln mkdir mv rm sleep sort tail tr wc; do
	ln -s "$(command -v busybox)" /run/fast/$tool
done
PATH=/run/fast:$PATH

hostname testhost
ip link set lo up 2>/dev/null || ifconfig lo up

# shellcheck disable=SC1090 # another process 1 runs the command
[[ ! $uml_boot ]] || source "$uml_boot"

# Limits can be set below the root only if the root hands its controllers down.
read -ra controllers </sys/fs/cgroup/cgroup.controllers
for controller in "${controllers[@]}"; do
	echo "+$controller" >/sys/fs/cgroup/cgroup.subtree_control
done

# shellcheck disable=SC2154 # set by the file above
"${command[@]}" </dev/null
echo "uml-status: $?"
sync
echo o >/proc/sysrq-trigger
sleep 60
