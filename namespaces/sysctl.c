/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.sysctl: only what belongs to a namespace of the container's own; everything else would
 * change the host.
 *
 * proc_sys(5), namespaces(7)
 * syscalls: setdomainname (fsopen fsconfig fsmount openat2 write close by base/procfs.c)
 */
#include "namespaces/sysctl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/modules.h"
#include "base/probe.h"
#include "base/procfs.h"
#include "base/string.h"
#include "base/table.h"
#include "namespaces/uts.h"

#define CONGESTION_CONTROL "net/ipv4/tcp_congestion_control"
#define CONTROLS_MAX ((size_t)16 << 10)

/* Names below /proc/sys; one that ends in "/" stands for all below it. */
static const struct sysctl_owner {
	const char *name;
	uint64_t flag; /* the namespace that must be the container's own */
	const char *type;
} owners[] = {
	{ "fs/mqueue/", CLONE_NEWIPC, "ipc" },
	{ "kernel/domainname", CLONE_NEWUTS, "uts" },
	{ "kernel/msgmax", CLONE_NEWIPC, "ipc" },
	{ "kernel/msgmnb", CLONE_NEWIPC, "ipc" },
	{ "kernel/msgmni", CLONE_NEWIPC, "ipc" },
	{ "kernel/sem", CLONE_NEWIPC, "ipc" },
	{ "kernel/shm_rmid_forced", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmall", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmmax", CLONE_NEWIPC, "ipc" },
	{ "kernel/shmmni", CLONE_NEWIPC, "ipc" },
	{ "net/", CLONE_NEWNET, "network" },
	{ "user/", CLONE_NEWUSER, "user" },
};

/*
 * Both spellings of sysctl(8): the first separator of the key is the separator, and the other
 * character then stands for itself: "net/ipv4/conf/eth0.100/x" = "net.ipv4.conf.eth0/100.x".
 */
static bool to_path(const char *key, char path[static PATH_MAX])
{
	size_t length = strlen(key);
	size_t first = strcspn(key, "./");
	bool dots = key[first] == '.';

	if (length >= PATH_MAX - sizeof("sys/"))
		return false;
	memcpy(path, key, length + 1);
	for (size_t i = 0; dots && i < length; i++) {
		if (key[i] == '.')
			path[i] = '/';
		else if (key[i] == '/')
			path[i] = '.';
	}
	return true;
}

/* A proper name has at least two components, none of them empty, "." or "..". */
static bool is_proper(const char *path)
{
	size_t components = 0;

	for (;;) {
		size_t length = strcspn(path, "/");

		if (length == 0 || (length == 1 && path[0] == '.') ||
		    (length == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		components++;
		if (path[length] == '\0')
			return components > 1;
		path += length + 1;
	}
}

static bool has_control(const char *text)
{
	for (; *text; text++) {
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	}
	return false;
}

static const struct sysctl_owner *find_owner(const char *path)
{
	table_for_each (row, owners) {
		size_t length = strlen(row->name);

		if (row->name[length - 1] == '/' ? string_starts_with(path, row->name)
						 : strcmp(path, row->name) == 0)
			return row;
	}
	return NULL;
}

static int check_one(const struct string_pair *pair, const struct namespace_plan *plan,
		     struct error *err)
{
	const struct sysctl_owner *owner;
	char path[PATH_MAX];

	if (has_control(pair->name) || !to_path(pair->name, path) || !is_proper(path))
		return error_set(err, "/linux/sysctl: \"%s\" is no proper name", pair->name);
	/* A second line would be a second value, or for some files a second key (CVE-2022-0811). */
	if (strchr(pair->value, '\n'))
		return error_set(err, "/linux/sysctl/%s: the value has a newline", pair->name);
	if (strcmp(path, "kernel/hostname") == 0)
		return error_set(err, "/linux/sysctl/%s: use the member hostname", pair->name);
	owner = find_owner(path);
	if (!owner)
		return error_set(err,
				 "/linux/sysctl/%s: belongs to no namespace, "
				 "it would change the host",
				 pair->name);
	if (!namespace_is_private(plan, owner->flag))
		return error_set(err,
				 "/linux/sysctl/%s: needs a %s namespace of the container's "
				 "own",
				 pair->name, owner->type);
	return 0;
}

int sysctl_check(const struct string_map *sysctl, const struct namespace_plan *plan,
		 struct report *report, struct error *err)
{
	for (size_t i = 0; i < sysctl->count; i++) {
		if (check_one(&sysctl->items[i], plan, err) < 0 && !report_tell(report, err))
			return -1;
	}
	return 0;
}

/* Devices of a new network namespace have settings that ours may not show. */
static bool is_of_device(const char *path)
{
	static const char *const trees[] = { "net/ipv4/conf/", "net/ipv6/conf/", "net/ipv4/neigh/",
					     "net/ipv6/neigh/" };

	table_for_each (tree, trees) {
		if (string_starts_with(path, *tree))
			return true;
	}
	return false;
}

int sysctl_find(const char *name, struct error *err)
{
	char path[PATH_MAX + sizeof("/proc/sys/")] = "/proc/sys/";
	char *below = path + strlen("/proc/sys/");

	if (!to_path(name, below) || !is_proper(below) || is_of_device(below) ||
	    faccessat(AT_FDCWD, path, F_OK, 0) == 0 || errno != ENOENT)
		return 0;
	return error_errno(err, "/linux/sysctl/%s: open /proc/sys/%s", name, below);
}

int sysctl_apply(const struct string_map *sysctl, struct error *err)
{
	autofd procfs = -1;

	if (sysctl->count == 0)
		return 0;
	procfs = procfs_open(PROCFS_ALL, err);
	if (procfs < 0)
		return error_context(err, "/linux/sysctl");
	for (size_t i = 0; i < sysctl->count; i++) {
		const struct string_pair *pair = &sysctl->items[i];
		char name[PATH_MAX + sizeof("sys/")] = "sys/";

		if (!to_path(pair->name, name + strlen("sys/")))
			return error_set(err, "/linux/sysctl/%s: too long", pair->name);
		/* the file belongs to the host's root in every user namespace, the call asks for
		 * rights over the uts namespace */
		if (strcmp(name, "sys/kernel/domainname") == 0) {
			if (uts_apply(NULL, pair->value, err) < 0)
				return error_context(err, "/linux/sysctl/%s", pair->name);
			continue;
		}
		/* a write of nothing is no write: an empty line is what empties a list */
		if (procfs_write(procfs, name, *pair->value ? pair->value : "\n", err) < 0)
			return error_context(err, "/linux/sysctl/%s", pair->name);
	}
	return 0;
}

/* ---- trying it ---- */

struct trial {
	struct string_map sysctl;
	uint64_t namespaces; /* to be made before */
};

static int write_in_new_namespaces(const void *data, struct error *err)
{
	const struct trial *trial = data;

	if (unshare((int)trial->namespaces) < 0)
		return 0; /* not for us: what can't be tried isn't wrong */
	return sysctl_apply(&trial->sysctl, err);
}

bool sysctl_list_has(const char *list, const char *word)
{
	const size_t length = strlen(word);

	while (*list) {
		const size_t one = strcspn(list, " \t\n");

		if (one > 0 && one == length && strncmp(list, word, length) == 0)
			return true;
		list += one;
		list += strspn(list, " \t\n");
	}
	return false;
}

/* modules.dep(5): "kernel/net/ipv4/tcp_bbr.ko: " */
static bool brings_congestion_control(const char *control)
{
	char name[80];

	if ((size_t)snprintf(name, sizeof(name), "/tcp_%s.ko", control) >= sizeof(name))
		return false;
	return modules_list("modules.dep", name);
}

/* The words are those of the write that fails. */
static int look_for_congestion_control(const struct string_pair *pair, struct error *err)
{
	autofree char *available = NULL;

	if (file_read_at(AT_FDCWD, "/proc/sys/net/ipv4/tcp_available_congestion_control",
			 CONTROLS_MAX, &available, NULL, err) < 0 ||
	    sysctl_list_has(available, pair->value) || brings_congestion_control(pair->value))
		return 0;
	errno = ENOENT;
	return error_errno(err, "/linux/sysctl/%s: write /proc/sys/" CONGESTION_CONTROL,
			   pair->name);
}

static int try_one(struct string_pair *pair, uint64_t namespaces, struct error *err)
{
	const struct trial trial = { .sysctl = { pair, 1 }, .namespaces = namespaces };
	char path[PATH_MAX];

	if (to_path(pair->name, path) && strcmp(path, CONGESTION_CONTROL) == 0)
		return look_for_congestion_control(pair, err);
	return probe_in_child(write_in_new_namespaces, &trial, err);
}

/* The namespace that is made for what check_one() takes; 0: none can be. */
static uint64_t trial_namespace(const char *name, const struct namespace_plan *plan)
{
	const struct sysctl_owner *owner;
	char path[PATH_MAX];

	if (!to_path(name, path) || is_of_device(path))
		return 0;
	owner = find_owner(path);
	return owner && owner->flag != CLONE_NEWUSER ? owner->flag & plan->create : 0;
}

int sysctl_try(const struct string_map *sysctl, const struct namespace_plan *plan,
	       struct report *report, struct error *err)
{
	if (plan->create & CLONE_NEWUSER) /* it decides which there are */
		return 0;
	for (size_t i = 0; i < sysctl->count; i++) {
		struct string_pair *pair = &sysctl->items[i];
		uint64_t namespaces;

		if (check_one(pair, plan, err) < 0 || sysctl_find(pair->name, err) < 0)
			continue; /* other rules' */
		namespaces = trial_namespace(pair->name, plan);
		if (namespaces == 0)
			continue;
		if (try_one(pair, namespaces, err) < 0 && !report_tell(report, err))
			return -1;
	}
	return 0;
}
