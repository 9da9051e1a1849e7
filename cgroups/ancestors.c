/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits beside those of the cgroups above (cgroup-v2.rst, "Limits": the tightest counts; "Cpuset
 * Interface Files": a set of which nothing is there is passed over).
 *
 * syscalls: openat read
 */
#include "cgroups/ancestors.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "cgroups/limit_value.h"
#include "cgroups/limits.h"
#include "cgroups/state.h"

#define VALUE_MAX 4096 /* bytes; a list of CPUs is the longest */

bool ancestors_next(const char *mount, char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || (size_t)(slash - path) < strlen(mount))
		return false;
	*slash = '\0';
	return true;
}

static bool read_value(const char *directory, const char *file, char value[VALUE_MAX])
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", directory, file) >= (int)sizeof(path) ||
	    state_read_file(AT_FDCWD, path, value, VALUE_MAX) < 0)
		return false;
	value[strcspn(value, "\n")] = '\0';
	return true;
}

/* What of a set a cgroup really has stands in another file. */
static void name_file(const struct cgroup_write *write, enum limit_kind kind, char name[64])
{
	(void)snprintf(name, 64, "%s%s", write->file, kind == LIMIT_SET ? ".effective" : "");
}

/* One cgroup above that grants less than is asked for. */
struct bound {
	char directory[PATH_MAX], file[64], value[VALUE_MAX];
	enum limit_kind kind;
};

static bool find_bound(const char *mount, const char *path, const struct cgroup_write *write,
		       struct bound *bound)
{
	bound->kind = limit_kind_of(write->file);
	if (bound->kind == LIMIT_OTHER || strlen(path) >= sizeof(bound->directory))
		return false;
	name_file(write, bound->kind, bound->file);
	(void)strcpy(bound->directory, path);
	while (ancestors_next(mount, bound->directory)) {
		if (!read_value(bound->directory, bound->file, bound->value))
			continue;
		if (!limit_fits(bound->kind, write->text, bound->value))
			return true;
		if (bound->kind == LIMIT_SET) /* it has no more than those above it */
			return false;
	}
	return false;
}

/* Nothing of a set is there. */
static bool is_void(const struct cgroup_write *write, const struct bound *bound)
{
	return bound->kind == LIMIT_SET && !limit_sets_meet(write->text, bound->value);
}

static int explain(const struct cgroup_write *write, const struct bound *bound, struct error *err)
{
	const int length = (int)strcspn(write->text, "\n");
	const bool nothing = is_void(write, bound);

	if (bound->kind == LIMIT_SET)
		(void)error_set(err, "%s: %s of \"%.*s\" is in %s/%s, which is \"%.200s\"%s",
				write->file, nothing ? "nothing" : "not all", length, write->text,
				bound->directory, bound->file, bound->value,
				nothing ? ": the kernel would use those instead" : "");
	else
		(void)error_set(err,
				"%s: \"%.*s\" is more than cgroup %s grants, whose %s is \"%s\": "
				"ask for that at most, or raise it there first",
				write->file, length, write->text, bound->directory, bound->file,
				bound->value);
	return limits_name_member(write, err);
}

/* A later write to the same file is what will hold: "unified" comes last. */
static bool is_final(const struct cgroup_writes *writes, size_t i)
{
	for (size_t j = i + 1; j < writes->count; j++) {
		if (strcmp(writes->items[j].file, writes->items[i].file) == 0)
			return false;
	}
	return true;
}

static bool wants_answer(const struct cgroup_write *write, const struct report *report)
{
	return report || log_enabled(LOG_LEVEL_WARNING) || limit_kind_of(write->file) == LIMIT_SET;
}

int ancestors_check_new(const char *mount, const char *path, const struct cgroup_writes *writes,
			struct report *report, struct error *err)
{
	struct bound bound;

	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];
		struct error warning;

		if (!wants_answer(write, report) || !is_final(writes, i) ||
		    !find_bound(mount, path, write, &bound))
			continue;
		if (is_void(write, &bound)) {
			(void)explain(write, &bound, err);
			if (!report_tell(report, err))
				return -1;
			continue;
		}
		(void)explain(write, &bound, &warning);
		if (report)
			report_warn(report, &warning);
		else
			log_warning("%s", warning.text);
	}
	return 0;
}

int ancestors_check_change(const char *mount, const char *path, int cgroup,
			   const struct cgroup_writes *writes, struct error *err)
{
	char now[VALUE_MAX];
	struct bound bound;

	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];

		if (limit_kind_of(write->file) == LIMIT_OTHER || !is_final(writes, i) ||
		    (state_read_file(cgroup, write->file, now, sizeof(now)) == 0 &&
		     limit_is_same(write->file, write->text, now)))
			continue;
		if (find_bound(mount, path, write, &bound))
			return explain(write, &bound, err);
	}
	return 0;
}
