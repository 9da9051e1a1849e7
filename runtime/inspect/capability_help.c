/* SPDX-License-Identifier: Apache-2.0 */
/*
 * capabilities(7) in a few words each.
 *
 * syscalls: none
 */
#include "runtime/inspect/capability_help.h"

#include <linux/capability.h>

#include "base/table.h"

static const char *const help[] = {
	[CAP_CHOWN] = "change owners of files",
	[CAP_DAC_OVERRIDE] = "ignore file permissions",
	[CAP_DAC_READ_SEARCH] = "read any file and directory",
	[CAP_FOWNER] = "act as owner of any file",
	[CAP_FSETID] = "keep set-ID bits on writing",
	[CAP_KILL] = "signal any process",
	[CAP_SETGID] = "change groups at will",
	[CAP_SETUID] = "change users at will",
	[CAP_SETPCAP] = "change capability sets",
	[CAP_LINUX_IMMUTABLE] = "set immutable, append-only",
	[CAP_NET_BIND_SERVICE] = "bind ports below 1024",
	[CAP_NET_BROADCAST] = "(unused)",
	[CAP_NET_ADMIN] = "configure the network",
	[CAP_NET_RAW] = "raw and packet sockets",
	[CAP_IPC_LOCK] = "lock memory",
	[CAP_IPC_OWNER] = "use any System V object",
	[CAP_SYS_MODULE] = "load kernel modules",
	[CAP_SYS_RAWIO] = "I/O ports, raw devices",
	[CAP_SYS_CHROOT] = "chroot, join mount ns",
	[CAP_SYS_PTRACE] = "trace and read any process",
	[CAP_SYS_PACCT] = "process accounting",
	[CAP_SYS_ADMIN] = "mount and much else",
	[CAP_SYS_BOOT] = "reboot, load a kernel",
	[CAP_SYS_NICE] = "priorities, scheduling",
	[CAP_SYS_RESOURCE] = "go beyond limits",
	[CAP_SYS_TIME] = "set the clock",
	[CAP_SYS_TTY_CONFIG] = "terminal settings, hangup",
	[CAP_MKNOD] = "make device nodes",
	[CAP_LEASE] = "leases on any file",
	[CAP_AUDIT_WRITE] = "write audit records",
	[CAP_AUDIT_CONTROL] = "configure auditing",
	[CAP_SETFCAP] = "give files capabilities",
	[CAP_MAC_OVERRIDE] = "override the LSM (Smack)",
	[CAP_MAC_ADMIN] = "configure the LSM",
	[CAP_SYSLOG] = "read and clear dmesg",
	[CAP_WAKE_ALARM] = "alarms that wake the host",
	[CAP_BLOCK_SUSPEND] = "keep the host awake",
	[CAP_AUDIT_READ] = "read audit records",
	[38] = "performance events", /* CAP_PERFMON and the next two: Linux 5.8, 5.9 */
	[39] = "load BPF programs",
	[40] = "checkpoint and restore",
};

const char *capability_help(int number)
{
	if (number < 0 || (size_t)number >= ARRAY_SIZE(help) || !help[number])
		return "";
	return help[number];
}
