/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which device programs a cgroup has: bpf(2), BPF_PROG_QUERY.
 *
 * syscalls: bpf
 */
#include "cgroups/device_query.h"

#include <linux/bpf.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int device_query(int cgroup, uint32_t *ids, size_t max)
{
	union bpf_attr attr;

	/* whole and zeroed: Linux 6.17 to 7.1 write past a shorter struct */
	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.query_flags = BPF_F_QUERY_EFFECTIVE;
	attr.query.prog_ids = (uint64_t)(uintptr_t)ids;
	attr.query.prog_cnt = (uint32_t)max;
	if (syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return -1;
	return (int)attr.query.prog_cnt;
}
