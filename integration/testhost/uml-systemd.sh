#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
#
# The second half of uml-init.sh for `uml.sh --systemd`: makes systemd process 1, with no more units
# than tests need. Its own directories and /etc are covered and the root is read-only from here on,
# so nothing of the host's tree can change, whatever systemd takes for its duty.

# --- /etc: the host's, by links, but for what systemd or a test writes ---------------------------
mkdir -p /run/host-etc /run/testhost/{system,user,empty}
mount --bind /etc /run/host-etc
cover -o mode=755 none /etc
ln -s /run/host-etc/* /etc/
rm -f /etc/{machine-id,systemd,passwd,group,fstab,hostname,subuid,subgid}
mkdir -p /etc/systemd
echo 0123456789abcdef0123456789abcdef >/etc/machine-id
# a user with subordinate ids, for rootless containers
cp /run/host-etc/{passwd,group} /etc/
echo 'tester:x:4711:4711::/run/tester:/bin/bash' >>/etc/passwd
echo 'tester:x:4711:' >>/etc/group
echo 'tester:100000:65536' | tee /etc/subuid >/etc/subgid
mkdir -p /run/user
install -d -m 700 -o 4711 -g 4711 /run/tester /run/user/4711

# --- units ------------------------------------------------------------------------------------------
unit() {
	cat >"/run/testhost/$1"
}

unit system/testhost.target <<-END
	[Unit]
	Wants=dbus.socket testhost.service
	After=dbus.socket
END
unit system/testhost.service <<-END
	[Unit]
	DefaultDependencies=no
	After=dbus.socket
	[Service]
	ExecStart=/bin/bash /run/testhost/command
	StandardOutput=append:/dev/console
	StandardError=append:/dev/console
	KillMode=process
	Delegate=yes
END
unit system/dbus.socket <<-END
	[Unit]
	DefaultDependencies=no
	[Socket]
	ListenStream=/run/dbus/system_bus_socket
END
unit system/dbus.service <<-END
	[Unit]
	DefaultDependencies=no
	Requires=dbus.socket
	[Service]
	Type=notify
	StandardOutput=null
	ExecStart=/usr/bin/dbus-daemon --system --address=systemd: --nofork --nopidfile --systemd-activation
END
# a user's instance, without the PAM that a login would bring
unit system/user@.service <<-END
	[Unit]
	DefaultDependencies=no
	[Service]
	User=%i
	Type=notify
	StandardOutput=null
	Environment=XDG_RUNTIME_DIR=/run/user/%i DBUS_SESSION_BUS_ADDRESS=unix:path=/run/user/%i/bus
	ExecStart=/lib/systemd/systemd --user --unit=testhost.target
	Slice=user-%i.slice
	Delegate=pids memory cpu io
	KillMode=mixed
END
unit user/testhost.target <<-END
	[Unit]
	DefaultDependencies=no
	Wants=dbus.socket
END
unit user/dbus.socket <<-END
	[Unit]
	DefaultDependencies=no
	[Socket]
	ListenStream=%t/bus
END
unit user/dbus.service <<-END
	[Unit]
	DefaultDependencies=no
	Requires=dbus.socket
	[Service]
	Type=notify
	StandardOutput=null
	ExecStart=/usr/bin/dbus-daemon --session --address=systemd: --nofork --nopidfile --systemd-activation
END

# --- the command ------------------------------------------------------------------------------------
{
	export -p
	declare -p command
	cat <<-'END'
		"${command[@]}" </dev/null
		echo "uml-status: $?"
		sync
		echo o >/proc/sysrq-trigger
		sleep 60
	END
} >/run/testhost/command

for kind in system user; do
	mount --bind /run/testhost/$kind /usr/lib/systemd/$kind
	for what in generators environment-generators; do
		[[ ! -d /usr/lib/systemd/$kind-$what ]] ||
			mount --bind /run/testhost/empty /usr/lib/systemd/$kind-$what
	done
done
mount -o remount,ro / || exit 1
exec /lib/systemd/systemd --unit=testhost.target --show-status=0 --log-target=console \
	--log-level=warning
