/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program of device_filter.c in the kernel: loaded, attached, exchanged (bpf(2)).
 *
 * syscalls: bpf
 */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "cgroups/device_filter.h"
#include "cgroups/hierarchy.h"

#define PROGRAM_NAME "minirun_devices"
#define PROGRAMS_MAX 64 /* BPF_CGROUP_MAX_PROGS of the kernel */

/* Linux 6.17 to 7.1 write into this argument at offsets that depend on the command, whatever size
 * is given: it is always the whole union. */
static int sys_bpf(int command, union bpf_attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static int load(const struct device_program *program)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr)); /* an initialiser may leave padding as it was */
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uint64_t)(uintptr_t)program->instructions;
	attr.insn_cnt = (uint32_t)program->count;
	attr.license = (uint64_t)(uintptr_t) "Apache-2.0";
	(void)strcpy(attr.prog_name, PROGRAM_NAME); /* bpftool shows it; BPF_OBJ_NAME_LEN 16 */
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* In place of the old one (-1: beside others). */
static int attach(int program, int cgroup, int old)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (old >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)old;
	}
	return sys_bpf(BPF_PROG_ATTACH, &attr);
}

/* errno says why. 0: the caller is unprivileged, and nothing must come of it. */
static int refused(const char *what, bool must, struct error *err)
{
	int code = errno;

	if (!must && (code == EPERM || code == EACCES) && hierarchy_is_unprivileged()) {
		log_warning("device rules: not applied: %s needs CAP_BPF and CAP_NET_ADMIN on the "
			    "host",
			    what);
		return 0;
	}
	if (code == EPERM)
		return error_code(err, code, "device rules: %s (needs CAP_BPF and CAP_NET_ADMIN)",
				  what);
	if (code == ENOSYS || code == EINVAL)
		return error_code(err, code, "device rules: %s (needs CONFIG_CGROUP_BPF)", what);
	return error_code(err, code, "device rules: %s", what);
}

int device_filter_attach(const struct device_program *program, int cgroup, struct error *err)
{
	/* No RLIMIT_MEMLOCK: since Linux 5.11 the memory cgroup accounts for BPF instead. */
	autofd loaded = load(program);

	if (loaded < 0)
		return refused("loading the program", false, err);
	if (attach(loaded, cgroup, -1) < 0)
		return refused("attaching the program", false, err);
	return 0;
}

static int open_program(uint32_t id)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	return sys_bpf(BPF_PROG_GET_FD_BY_ID, &attr);
}

static bool is_ours(int program)
{
	struct bpf_prog_info info;
	union bpf_attr attr;

	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)program;
	attr.info.info_len = sizeof(info);
	attr.info.info = (uint64_t)(uintptr_t)&info;
	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) == 0 && strcmp(info.name, PROGRAM_NAME) == 0;
}

/* *ours: the attached program of ours, -1: none; *others: the number of other people's. errno. */
static int find_ours(int cgroup, int *ours, size_t *others)
{
	uint32_t ids[PROGRAMS_MAX];
	union bpf_attr attr;

	*ours = -1;
	*others = 0;
	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = PROGRAMS_MAX;
	if (sys_bpf(BPF_PROG_QUERY, &attr) < 0)
		return -1;
	for (uint32_t i = 0; i < attr.query.prog_cnt && i < PROGRAMS_MAX; i++) {
		autofd program = open_program(ids[i]);

		if (program >= 0 && *ours < 0 && is_ours(program))
			*ours = fd_take(&program);
		else
			(*others)++;
	}
	return 0;
}

static int detach(int program, int cgroup)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)program;
	attr.attach_type = BPF_CGROUP_DEVICE;
	return sys_bpf(BPF_PROG_DETACH, &attr);
}

int device_filter_replace(const struct device_program *program, int cgroup, bool must,
			  struct error *err)
{
	autofd old = -1, loaded = -1;
	size_t others;

	if (find_ours(cgroup, &old, &others) < 0)
		return refused("looking for the program", must, err);
	if (others > 0)
		log_warning("device rules: %zu program(s) of others on the cgroup must allow, too",
			    others);
	if (!program)
		return old < 0 || detach(old, cgroup) == 0 ? 0 : refused("detaching", must, err);
	loaded = load(program);
	if (loaded < 0)
		return refused("loading the program", must, err);
	if (attach(loaded, cgroup, old) < 0)
		return refused("attaching the program", must, err);
	return 0;
}
