/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who belongs together, by the host's /proc (proc(5)): parents and pid namespaces.
 *
 * syscalls: openat getdents64 read fstatat
 */
#include "runtime/family.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/string.h"

struct member {
	pid_t pid, parent;
	bool belongs;
};

struct family {
	struct member *members; /* all processes of the host */
	size_t count;
	struct stat namespace; /* init's, if it is the container's own */
	bool own_namespace;
};

static int stat_namespace(int proc, const char *pid, struct stat *st)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "%.10s/ns/pid", pid);
	return fstatat(proc, name, st, 0);
}

static bool is_in_namespace(const struct family *family, int proc, const char *pid)
{
	struct stat st;

	return family->own_namespace && stat_namespace(proc, pid, &st) == 0 &&
	       st.st_dev == family->namespace.st_dev && st.st_ino == family->namespace.st_ino;
}

static bool add(struct family *family, const struct member *member)
{
	struct member *grown;

	if ((family->count & (family->count - 1)) == 0) { /* room grows at powers of two */
		grown = reallocarray(family->members, family->count ? family->count * 2 : 1,
				     sizeof(*grown));
		if (!grown)
			return false;
		family->members = grown;
	}
	family->members[family->count++] = *member;
	return true;
}

static int read_all(struct family *family, pid_t init, DIR *stream, struct error *err)
{
	const int proc = dirfd(stream);
	const struct dirent *entry;

	while ((entry = readdir(stream)) != NULL) {
		struct process_status status;
		struct member member;
		uint64_t pid;

		if (!string_to_uint(entry->d_name, INT32_MAX, &pid) ||
		    process_read_status((pid_t)pid, &status) < 0)
			continue;
		member = (struct member){ (pid_t)pid, status.parent, (pid_t)pid == init };
		if (!member.belongs)
			member.belongs = is_in_namespace(family, proc, entry->d_name);
		if (!add(family, &member))
			return error_code(err, ENOMEM, "list processes");
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct member *left = a, *right = b;

	return (left->pid > right->pid) - (left->pid < right->pid);
}

/* In members that are sorted: a container may have most of the host's processes. */
static const struct member *find(const struct family *family, pid_t pid)
{
	const struct member wanted = { .pid = pid };

	return bsearch(&wanted, family->members, family->count, sizeof(wanted), compare);
}

/* Generation by generation, until nobody comes new. */
static void add_children(struct family *family)
{
	bool changed;

	do {
		changed = false;
		for (size_t i = 0; i < family->count; i++) {
			struct member *member = &family->members[i];
			const struct member *parent =
				member->belongs ? NULL : find(family, member->parent);

			if (parent && parent->belongs)
				member->belongs = changed = true;
		}
	} while (changed);
}

static int collect(const struct family *family, pid_t **pids, size_t *count, struct error *err)
{
	*pids = calloc(family->count + 1, sizeof(**pids));
	if (!*pids)
		return error_code(err, ENOMEM, "list processes");
	*count = 0;
	for (size_t i = 0; i < family->count; i++) {
		if (family->members[i].belongs)
			(*pids)[(*count)++] = family->members[i].pid;
	}
	return 0;
}

int family_read(pid_t init, bool own_pid_namespace, pid_t **pids, size_t *count, struct error *err)
{
	struct family family = { 0 };
	autodir stream = opendir("/proc");
	char name[16];
	int result;

	*pids = NULL;
	*count = 0;
	if (!stream)
		return error_errno(err, "list processes: /proc");
	(void)snprintf(name, sizeof(name), "%d", init);
	family.own_namespace =
		own_pid_namespace && stat_namespace(dirfd(stream), name, &family.namespace) == 0;
	result = read_all(&family, init, stream, err);
	if (result == 0 && family.members) {
		qsort(family.members, family.count, sizeof(*family.members), compare);
		add_children(&family);
		result = collect(&family, pids, count, err);
	}
	free(family.members);
	return result;
}
