#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# vm.sh [--engines] COMMAND...: runs COMMAND as a service of a Debian 13 with its own kernel (6.12), in a virtual
# machine that qemu emulates: all controllers of cgroup v2 (cpuset, hugetlb, rdma and misc, which no
# other test host has), and systemd as users have it. About a minute to boot, without KVM. With --engines it
# has podman, containerd and Docker, too.
#
# The system is made once, by mmdebstrap from the mirror that this host's apt uses, and kept in
# MINIRUN_VM_CACHE (default /var/cache/minirun-vm, 2 GB, sparse) until the list of packages below
# changes. minirun, its helpers and integration/ come on a second disk. Nothing that COMMAND writes is kept; its output is shown as it
# comes, its exit status is ours.

set -uo pipefail
here=$(cd "$(dirname "$0")" && pwd)
cache=${MINIRUN_VM_CACHE:-/var/cache/minirun-vm}
packages=linux-image-amd64,systemd,systemd-sysv,dbus,bats,jq,busybox-static,bsdextrautils
packages+=,libjson-c5,libseccomp2,libmnl0,procps,iproute2,kmod,util-linux,strace,apparmor

source=$(dirname "$here")
files=("$source" "$MINIRUN" "$MINIRUN_HELPERS"/{guest,receive,agent})
size=2000M
memory=2G
here_for_engines=
if [[ ${1-} == --engines ]]; then
	shift
	here_for_engines=1
	cache+=-engines
	size=4000M
	memory=3G
	packages+=,podman,crun,runc,conmon,netavark,uidmap,dbus-user-session,libpam-systemd,catatonit,iptables
	packages+=,containerd,docker.io,docker-cli,python3-grpcio,python3-protobuf,containernetworking-plugins
	packages+=,golang-github-containers-common,containers-storage,fuse-overlayfs,passt
	files+=("$(dirname "$source")/packaging/podman.conf")
fi

for program in qemu-system-x86_64:qemu-system-x86 mmdebstrap:mmdebstrap mke2fs:e2fsprogs; do
	command -v "${program%:*}" >/dev/null || {
		echo "skip: ${program%:*} (package ${program#*:}) is not installed"
		exit 77
	}
done
((EUID == 0)) || {
	echo "skip: needs root"
	exit 77
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The root file system with the service that runs the command, as a disk beside kernel and initrd.
make_system() {
	local root=$work/root site

	# shellcheck disable=SC2016 # apt's variable
	site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -v security | head -n 1)
	mmdebstrap --quiet --variant=apt --include=$packages trixie "$root" "deb $site trixie main" || return
	cat >"$root/etc/systemd/system/testhost.service" <<-END
		[Service]
		ExecStartPre=/bin/mount -o ro /dev/vdb /mnt
		ExecStart=/bin/bash /mnt/testhost-command
		StandardOutput=tty
		StandardError=tty
		TTYPath=/dev/ttyS0
		KillMode=process
		Delegate=yes
	END
	cat >"$root/etc/systemd/system/testhost.target" <<-END
		[Unit]
		Wants=dbus.socket testhost.service
	END
	mkdir -p "$cache" && cp -L "$root"/boot/vmlinuz-* "$work/vmlinuz" &&
		cp -L "$root"/boot/initrd.img-* "$work/initrd.img" &&
		mke2fs -q -t ext4 -d "$root" "$work/disk.img" "$size" || return
	mv "$work/vmlinuz" "$work/initrd.img" "$work/disk.img" "$cache/" && echo "$packages" >"$cache/packages"
	rm -rf "$root"
}

[[ $(cat "$cache/packages" 2>/dev/null) == "$packages" ]] || make_system || {
	echo "the system for the virtual machine could not be made"
	exit 1
}

# What is tested, at the same paths as here.
mkdir "$work/files"
tar -C / -cf - "${files[@]#/}" |
	tar -C "$work/files" -xf - || exit
{
	declare -p MINIRUN MINIRUN_HELPERS
	echo "export MINIRUN_ENGINES_HERE=$here_for_engines"
	echo "command=($(printf '%q ' "$@"))"
	cat "$here/vm-command.sh"
} >"$work/files/testhost-command"
mke2fs -q -t ext4 -d "$work/files" "$work/files.img" 64M 2>/dev/null || exit

# The one set of flags that boots reliably without KVM.
qemu-system-x86_64 -M q35,hpet=off -accel tcg,thread=multi -cpu Skylake-Client-v1 -smp 1 -m $memory \
	-nographic -no-reboot -kernel "$cache/vmlinuz" -initrd "$cache/initrd.img" -nic none \
	-append "root=/dev/vda rw console=ttyS0 quiet tsc=unstable clocksource=acpi_pm no5lvl
		mitigations=off lpj=4000000 no_timer_check hugepages=16 psi=1 systemd.unit=testhost.target systemd.show_status=0
		systemd.default_timeout_start_sec=900 systemd.default_device_timeout_sec=900 systemd.service_watchdogs=0" \
	-drive "file=$cache/disk.img,format=raw,if=virtio,snapshot=on" \
	-drive "file=$work/files.img,format=raw,if=virtio,snapshot=on" </dev/null 2>&1 |
	sed -u -e 's/\r//g' -e '/^vm-status: /{w '"$work/status" -e 'd}'

[[ $(cat "$work/status" 2>/dev/null) =~ ^vm-status:\ ([0-9]+) ]] || {
	echo "the machine ended before the command did"
	exit 1
}
exit "${BASH_REMATCH[1]}"
