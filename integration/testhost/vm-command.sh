#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What the service of vm.sh's Linux runs, behind the settings of MINIRUN and the command: takes what
# is tested from the second disk, runs the command, tells its exit status, switches the machine off.

export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export MINIRUN_SLOW_HOST=1 HOME=/root LANG=C.UTF-8 TERM=dumb
export MINIRUN MINIRUN_HELPERS TMPDIR=/var/tmp # on a disk: /tmp is mounted nodev

tar -C /mnt --exclude=./lost+found --no-overwrite-dir -cf - . | tar -C / --no-overwrite-dir -xf -
# RDMA without hardware
modprobe rdma_rxe && ip link add rdma0 type dummy && ip link set rdma0 up &&
	rdma link add rxe0 type rxe netdev rdma0
ip link set lo up
# shellcheck disable=SC2154 # set before
"${command[@]}" </dev/null
echo "vm-status: $?"
sync
echo o >/proc/sysrq-trigger
sleep 60
