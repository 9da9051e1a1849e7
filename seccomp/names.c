/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables of config-linux.md#seccomp beside seccomp(2), seccomp_rule_add(3), seccomp_arch_add(3).
 *
 * syscalls: seccomp (to ask which flags the kernel takes)
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/string.h"
#include "base/table.h"
#include "seccomp/names.h"

#define ERRNO_MAX 4094	     /* seccomp(2) caps at 4095, libseccomp refuses from there on */
#define TRACE_MAX UINT16_MAX /* SECCOMP_RET_DATA, for PTRACE_GETEVENTMSG */

static const struct seccomp_action actions[] = {
	{ "SCMP_ACT_KILL", SCMP_ACT_KILL_THREAD, false, 0 },
	{ "SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS, false, 0 },
	{ "SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD, false, 0 },
	{ "SCMP_ACT_TRAP", SCMP_ACT_TRAP, false, 0 },
	{ "SCMP_ACT_ERRNO", SCMP_ACT_ERRNO(0), true, ERRNO_MAX },
	{ "SCMP_ACT_TRACE", SCMP_ACT_TRACE(0), true, TRACE_MAX },
	{ "SCMP_ACT_ALLOW", SCMP_ACT_ALLOW, false, 0 },
	{ "SCMP_ACT_LOG", SCMP_ACT_LOG, false, 0 },
	{ "SCMP_ACT_NOTIFY", SCMP_ACT_NOTIFY, false, 0 },
};

static const struct {
	const char *name;
	int value;
} operators[] = {
	{ "SCMP_CMP_NE", SCMP_CMP_NE },
	{ "SCMP_CMP_LT", SCMP_CMP_LT },
	{ "SCMP_CMP_LE", SCMP_CMP_LE },
	{ "SCMP_CMP_EQ", SCMP_CMP_EQ },
	{ "SCMP_CMP_GE", SCMP_CMP_GE },
	{ "SCMP_CMP_GT", SCMP_CMP_GT },
	{ "SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ },
};

static const struct {
	const char *name;
	const char *library_name; /* seccomp_arch_resolve_name(3) */
} architectures[] = {
	{ "SCMP_ARCH_X86", "x86" },
	{ "SCMP_ARCH_X86_64", "x86_64" },
	{ "SCMP_ARCH_X32", "x32" },
	{ "SCMP_ARCH_ARM", "arm" },
	{ "SCMP_ARCH_AARCH64", "aarch64" },
	{ "SCMP_ARCH_MIPS", "mips" },
	{ "SCMP_ARCH_MIPS64", "mips64" },
	{ "SCMP_ARCH_MIPS64N32", "mips64n32" },
	{ "SCMP_ARCH_MIPSEL", "mipsel" },
	{ "SCMP_ARCH_MIPSEL64", "mipsel64" },
	{ "SCMP_ARCH_MIPSEL64N32", "mipsel64n32" },
	{ "SCMP_ARCH_PPC", "ppc" },
	{ "SCMP_ARCH_PPC64", "ppc64" },
	{ "SCMP_ARCH_PPC64LE", "ppc64le" },
	{ "SCMP_ARCH_S390", "s390" },
	{ "SCMP_ARCH_S390X", "s390x" },
	{ "SCMP_ARCH_PARISC", "parisc" },
	{ "SCMP_ARCH_PARISC64", "parisc64" },
	{ "SCMP_ARCH_RISCV64", "riscv64" },
	{ "SCMP_ARCH_LOONGARCH64", "loongarch64" },
	{ "SCMP_ARCH_M68K", "m68k" },
	{ "SCMP_ARCH_SH", "sh" },
	{ "SCMP_ARCH_SHEB", "sheb" },
};

static const struct {
	const char *name;
	uint32_t value;
	struct {
		unsigned int major, minor;
	} library; /* the first libseccomp that knows it */
} flags[] = {
	{ "SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC, { 2, 0 } },
	{ "SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG, { 2, 4 } },
	{ "SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW, { 2, 5 } },
	{ "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
	  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	  { 2, 6 } },
};

const struct seccomp_action *seccomp_find_action(const char *name)
{
	table_for_each (action, actions) {
		if (string_equal(action->name, name))
			return action;
	}
	return NULL;
}

int seccomp_find_operator(const char *name)
{
	table_for_each (row, operators) {
		if (string_equal(row->name, name))
			return row->value;
	}
	return -1;
}

const char *seccomp_architecture_name(const char *name)
{
	table_for_each (row, architectures) {
		if (string_equal(row->name, name))
			return row->library_name;
	}
	return NULL;
}

bool seccomp_find_architecture(const char *name, uint32_t *token)
{
	table_for_each (row, architectures) {
		if (string_equal(row->name, name)) {
			*token = seccomp_arch_resolve_name(row->library_name);
			return true;
		}
	}
	return false;
}

bool seccomp_find_flag(const char *name, uint32_t *flag)
{
	table_for_each (row, flags) {
		if (string_equal(row->name, name)) {
			*flag = row->value;
			return true;
		}
	}
	return false;
}

/* seccomp(2) looks at the flags before it looks at the filter: EFAULT for those that it knows. A
 * listener's flag counts only together with the flag for a listener. */
static bool kernel_takes(uint32_t flag)
{
	if (flag == SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
		flag |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flag, NULL) < 0 && errno == EFAULT;
}

static bool library_knows(size_t row)
{
	const struct scmp_version *version = seccomp_version();

	return version->major > flags[row].library.major ||
	       (version->major == flags[row].library.major &&
		version->minor >= flags[row].library.minor);
}

bool seccomp_flag_is_supported(uint32_t flag)
{
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (flags[i].value == flag)
			return library_knows(i) && kernel_takes(flag);
	}
	return false;
}

static const char *nth_architecture(size_t n)
{
	table_for_each (row, architectures) {
		if (seccomp_arch_resolve_name(row->library_name) != 0 && n-- == 0)
			return row->name;
	}
	return NULL;
}

static const char *nth_supported_flag(size_t n)
{
	table_for_each (row, flags) {
		if (seccomp_flag_is_supported(row->value) && n-- == 0)
			return row->name;
	}
	return NULL;
}

const char *seccomp_list_name(enum seccomp_list list, size_t n)
{
	switch (list) {
	case SECCOMP_ACTIONS:
		return n < ARRAY_SIZE(actions) ? actions[n].name : NULL;
	case SECCOMP_OPERATORS:
		return n < ARRAY_SIZE(operators) ? operators[n].name : NULL;
	case SECCOMP_ARCHITECTURES:
		return nth_architecture(n);
	case SECCOMP_KNOWN_FLAGS:
		return n < ARRAY_SIZE(flags) ? flags[n].name : NULL;
	case SECCOMP_SUPPORTED_FLAGS:
		return nth_supported_flag(n);
	default:
		return NULL;
	}
}

const char *seccomp_library_version(void)
{
	static char text[48];
	const struct scmp_version *version = seccomp_version();

	(void)snprintf(text, sizeof(text), "%u.%u.%u", version->major, version->minor,
		       version->micro);
	return text;
}
