/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.rlimits: getrlimit(2). Set from outside by prlimit(2) on the container's process, by
 * someone who still has CAP_SYS_RESOURCE on the host: the container's own may have lost it, and an
 * RLIMIT_NOFILE of 3 set any earlier would break the steps that are still to come.
 *
 * syscalls: prlimit64 capget
 */
#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>

#include "base/process.h"
#include "base/table.h"
#include "runtime/process/process.h"

static const struct limit_type {
	const char *name;
	int resource;
} types[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};
_Static_assert(ARRAY_SIZE(types) == RLIM_NLIMITS, "every resource of the kernel has its row");
_Static_assert(sizeof(rlim_t) == sizeof(uint64_t) && RLIM_INFINITY == UINT64_MAX,
	       "the document's 2^64 - 1 is the kernel's infinity");

static const struct limit_type *find_type(const char *name)
{
	table_for_each (type, types) {
		if (strcmp(type->name, name) == 0)
			return type;
	}
	return NULL;
}

static int check_one(const struct rlimit_spec *limit, size_t i, bool seen[static RLIM_NLIMITS],
		     struct error *err)
{
	const struct limit_type *type = find_type(limit->type);

	if (!type)
		return error_set(err, "/process/rlimits/%zu/type: unknown limit \"%.64s\"", i,
				 limit->type);
	if (seen[type->resource])
		return error_set(err, "/process/rlimits/%zu/type: %s is there twice", i,
				 limit->type);
	seen[type->resource] = true;
	if (limit->soft > limit->hard)
		return error_set(err, "/process/rlimits/%zu/soft: %s: above the hard limit", i,
				 limit->type);
	return 0;
}

int rlimits_check(const struct process_spec *process, struct report *report, struct error *err)
{
	bool seen[RLIM_NLIMITS] = { false };

	for (size_t i = 0; i < process->rlimits.count; i++)
		if (check_one(&process->rlimits.items[i], i, seen, err) < 0 &&
		    !report_tell(report, err))
			return -1;
	return 0;
}

static const char raising[] = " (raising a hard limit needs CAP_SYS_RESOURCE)";
static const char raising_files[] = " (raising a hard limit needs CAP_SYS_RESOURCE, and the sysctl "
				    "fs.nr_open is the ceiling)";

static int cannot_set(size_t index, const struct rlimit_spec *limit, const struct limit_type *type,
		      struct error *err)
{
	const char *cure = type->resource == RLIMIT_NOFILE ? raising_files : raising;

	return error_errno(err, "/process/rlimits/%zu: set %s to %llu, hard %llu%s", index,
			   limit->type, (unsigned long long)limit->soft,
			   (unsigned long long)limit->hard, errno == EPERM ? cure : "");
}

int rlimits_permitted(const struct process_spec *process, struct report *report, struct error *err)
{
	uint64_t capabilities;
	struct rlimit own;

	for (size_t i = 0; i < process->rlimits.count; i++) {
		const struct rlimit_spec *limit = &process->rlimits.items[i];
		const struct limit_type *type = find_type(limit->type);

		if (!type || prlimit(0, (__rlimit_resource_t)type->resource, NULL, &own) < 0 ||
		    limit->hard <= own.rlim_max)
			continue;
		/* that of the first user namespace */
		if (!process_in_user_namespace() && capabilities_effective(&capabilities) == 0 &&
		    capabilities & (uint64_t)1 << CAP_SYS_RESOURCE)
			return 0;
		errno = EPERM;
		(void)cannot_set(i, limit, type, err);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

int rlimits_apply(const struct process_spec *process, pid_t pid, struct error *err)
{
	for (size_t i = 0; i < process->rlimits.count; i++) {
		const struct rlimit_spec *limit = &process->rlimits.items[i];
		const struct limit_type *type = find_type(limit->type);
		const struct rlimit value = { .rlim_cur = limit->soft, .rlim_max = limit->hard };

		if (!type)
			return error_set(err, "/process/rlimits/%zu/type: unknown limit \"%s\"", i,
					 limit->type);
		if (prlimit(pid, (__rlimit_resource_t)type->resource, &value, NULL) < 0)
			return cannot_set(i, limit, type, err);
	}
	return 0;
}
