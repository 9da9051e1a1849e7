/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Families of system calls: facts. syscalls(2). syscalls: none
 */
#include "seccomp/families.h"

#include <seccomp.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"

/* Newer than some libseccomp that we run with; from 424 on numbers are the same on all
 * architectures that have seccomp. */
static const struct {
	int number;
	const char *name;
} new_calls[] = {
	{ 449, "futex_waitv" },	      { 450, "set_mempolicy_home_node" },
	{ 451, "cachestat" },	      { 452, "fchmodat2" },
	{ 453, "map_shadow_stack" },  { 454, "futex_wake" },
	{ 455, "futex_wait" },	      { 456, "futex_requeue" },
	{ 457, "statmount" },	      { 458, "listmount" },
	{ 459, "lsm_get_self_attr" }, { 460, "lsm_set_self_attr" },
	{ 461, "lsm_list_modules" },  { 462, "mseal" },
	{ 463, "setxattrat" },	      { 464, "getxattrat" },
	{ 465, "listxattrat" },	      { 466, "removexattrat" },
	{ 467, "open_tree_attr" },    { 468, "file_getattr" },
	{ 469, "file_setattr" },
};

static const char *const arch_names[] = {
	"x86",	       "x86_64", "arm",	     "aarch64",	    "mips",	"mips64",
	"mips64n32",   "mipsel", "mipsel64", "mipsel64n32", "ppc",	"ppc64",
	"ppc64le",     "s390",	 "s390x",    "parisc",	    "parisc64", "riscv64",
	"loongarch64", "m68k",	 "sh",	     "sheb",
};

uint32_t call_native_arch(void)
{
	return seccomp_arch_native();
}

uint32_t call_arch(const char *name)
{
	table_for_each (known, arch_names)
		if (strcmp(*known, name) == 0)
			return seccomp_arch_resolve_name(name);
	return 0;
}

const char *call_arch_name(uint32_t arch)
{
	table_for_each (name, arch_names)
		if (seccomp_arch_resolve_name(*name) == arch)
			return *name;
	return "?";
}

int call_number(uint32_t arch, const char *name)
{
	int number = seccomp_syscall_resolve_name_arch(arch, name);

	if (number >= 0)
		return number;
	table_for_each (row, new_calls)
		if (strcmp(row->name, name) == 0)
			return row->number;
	return -1;
}

bool call_name(uint32_t arch, uint32_t number, struct buffer *out)
{
	char *name = seccomp_syscall_resolve_num_arch(arch, (int)number);

	buffer_free(out);
	*out = (struct buffer){ 0 };
	if (name) {
		buffer_add(out, name);
		free(name);
		return true;
	}
	table_for_each (row, new_calls) {
		if (row->number == (int)number) {
			buffer_add(out, row->name);
			return true;
		}
	}
	return false;
}

#define MEMBERS_MAX 8
static const struct {
	const char *id, *text;
	const char *members[MEMBERS_MAX];
} families[] = {
	{ "SEC01", "both run a program", { "execve", "execveat" } },
	{ "SEC02", "both change an owner", { "chown", "fchown", "lchown", "fchownat" } },
	{ "SEC03", "both change a file's mode", { "chmod", "fchmod", "fchmodat", "fchmodat2" } },
	{ "SEC04",
	  "the new mount API does what mount does",
	  { "mount", "fsmount", "move_mount", "open_tree", "mount_setattr" } },
	{ "SEC05", "both make new namespaces", { "unshare", "clone3" } },
	{ "SEC06",
	  "clone3's flags are in memory, where no filter can see them: conditions on clone's "
	  "are void",
	  { "clone", "clone3" } },
	{ "SEC07", "both open or make files", { "open", "openat", "openat2", "creat" } },
	{ "SEC08", "both make directories", { "mkdir", "mkdirat" } },
	{ "SEC09", "both remove names", { "unlink", "unlinkat" } },
	{ "SEC10", "both rename", { "rename", "renameat", "renameat2" } },
	{ "SEC11", "both make links", { "link", "linkat" } },
	{ "SEC12", "both make device nodes", { "mknod", "mknodat" } },
	{ "SEC13",
	  "both reach into another process",
	  { "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd" } },
	{ "SEC14", "both load another kernel", { "kexec_load", "kexec_file_load" } },
	{ "SEC15", "both load kernel code", { "init_module", "finit_module" } },
	{ "SEC16",
	  "both set the clock",
	  { "settimeofday", "clock_settime", "adjtimex", "clock_adjtime" } },
	{ "SEC17",
	  "both set extended attributes",
	  { "setxattr", "lsetxattr", "fsetxattr", "setxattrat" } },
	{ "SEC19", "both make symbolic links", { "symlink", "symlinkat" } },
	{ "SEC20", "with AT_REMOVEDIR it removes directories", { "rmdir", "unlinkat" } },
	{ "SEC18",
	  "io_uring opens, connects and sends without these calls, and no filter sees it",
	  { "openat", "connect", "socket", "sendto", "io_uring_setup" } },
};

/* A family's last member is the one that undoes the others in these; elsewhere any is. */
static bool only_last_opens(size_t family)
{
	return strcmp(families[family].id, "SEC18") == 0 ||
	       strcmp(families[family].id, "SEC05") == 0 ||
	       strcmp(families[family].id, "SEC06") == 0;
}

static size_t member_count(size_t family)
{
	size_t count = 0;

	while (count < MEMBERS_MAX && families[family].members[count])
		count++;
	return count;
}

static bool is_hole(size_t family, call_fate_of *fate_of, void *data, struct hole *hole)
{
	const size_t count = member_count(family);
	const size_t first_open = only_last_opens(family) ? count - 1 : 0;
	const bool partly = strcmp(families[family].id, "SEC06") == 0;

	*hole = (struct hole){ .id = families[family].id, .text = families[family].text };
	for (size_t i = 0; i < count; i++) {
		const char *name = families[family].members[i];
		const enum call_fate fate = fate_of(name, data);

		if (!hole->denied && (partly ? fate == FATE_DEPENDS : fate == FATE_DENIED))
			hole->denied = name;
		if (!hole->open && i >= first_open && fate == FATE_OPEN)
			hole->open = name;
	}
	return hole->denied && hole->open;
}

bool hole_find(size_t n, call_fate_of *fate_of, void *data, struct hole *hole)
{
	for (size_t family = 0; family < ARRAY_SIZE(families); family++)
		if (is_hole(family, fate_of, data, hole) && n-- == 0)
			return true;
	return false;
}
