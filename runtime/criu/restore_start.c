/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: CRIU's process and its surroundings. It runs in the container's cgroup and in a mount
 * namespace of its own.
 *
 * syscalls: unshare, mount, openat, mkdirat, stat; clone3 through others
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "namespaces/mount.h"
#include "runtime/criu/restore.h"
#include "runtime/parent.h"

/* A destination that the root file system doesn't have yet: another root than at the dump. */
static int make_mountpoint(const struct rootfs *rootfs, int root, size_t index, struct error *err)
{
	const struct mount_plan *plan = &rootfs->mounts[index];
	struct stat st = { .st_mode = S_IFDIR };
	autofd made = -1;

	if (plan->kind == MOUNT_KIND_BIND && !plan->inside && plan->source &&
	    stat(plan->source, &st) < 0)
		return error_errno(err, "/mounts/%zu: source %s", index, plan->source);
	made = S_ISDIR(st.st_mode) ? path_make_directory(root, plan->destination, 0755, err)
				   : path_make_file(root, plan->destination, 0644, err);
	return made < 0 ? error_context(err, "/mounts/%zu", index) : 0;
}

/* CRIU mounts on its work directory, so it must be the one of its mount namespace. */
static int reopen_images(struct restore *work, struct error *err)
{
	const char *images = work->images.path, *work_path = work->images.work_path;
	const char *paths[] = { images, work_path ? work_path : images };

	for (int i = 0; i < 2; i++) {
		work->descriptors[i] = open(paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (work->descriptors[i] < 0)
			return error_errno(err, "%s, in criu's mount namespace", paths[i]);
	}
	if (!(work->creation.namespaces.create & CLONE_NEWUSER))
		return 0;
	work->descriptors[0] = criu_images_stage(work->descriptors[0], work->sources.stage, err);
	return work->descriptors[0] < 0 ? -1 : 0;
}

/*
 * CRIU wants the root to be a mount, and nothing mounted over its parent. Runs in: CRIU's process,
 * before execve.
 */
static int prepare_mounts(void *context, struct error *err)
{
	struct restore *work = context;
	struct creation *creation = &work->creation;
	autofd root = -1;

	if (unshare(CLONE_NEWNS) < 0)
		return error_errno(err, "make criu's mount namespace");
	/* a slave: what the container's mounts are slaves of stays so */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return error_errno(err, "make criu's mounts private");
	root = open(creation->rootfs.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, "/root/path: %s", creation->rootfs.path);
	for (size_t i = 0; i < creation->spec.mounts.count; i++)
		if (criu_needs_mountpoint(&creation->rootfs, i) &&
		    make_mountpoint(&creation->rootfs, root, i, err) < 0)
			return -1;
	if (mount(creation->rootfs.path, work->options.root, NULL, MS_BIND | MS_REC, NULL) < 0)
		return error_errno(err, "bind %s for criu", creation->rootfs.path);
	return criu_stage_mounts(&work->sources, err) < 0 ? -1 : reopen_images(work, err);
}

/* The container's cgroups of then become those that CRIU is in now: one row of /proc/PID/cgroup,
 * "5:cpu,cpuacct:/a", is a row for each controller. */
static int plan_cgroup_roots(struct restore *work, struct error *err)
{
	struct arena *arena = &work->creation.arena;
	struct criu_pairs *roots = &work->options.cgroup_roots;
	autofree char *text = NULL;
	size_t most = 0;
	char name[48], *rest, *line;

	(void)snprintf(name, sizeof(name), "/proc/%d/cgroup", work->criu.pid);
	if (file_read_at(AT_FDCWD, name, 65536, &text, NULL, err) < 0)
		return -1;
	for (const char *at = text; *at; at++)
		most += *at == '\n' || *at == ',';
	roots->items = arena_array(arena, most + 1, sizeof(*roots->items));
	rest = text;
	while (roots->items && (line = strsep(&rest, "\n")) != NULL) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL, *controller;

		if (!path)
			continue;
		*path++ = '\0';
		controllers++;
		while ((controller = strsep(&controllers, ",")) != NULL) {
			struct criu_pair *pair = &roots->items[roots->count++];

			*pair = (struct criu_pair){ arena_string(arena, controller),
						    arena_string(arena, path) };
			if (!pair->key || !pair->value)
				return error_code(err, ENOMEM, "plan of the cgroups");
		}
	}
	return roots->items ? 0 : error_code(err, ENOMEM, "plan of the cgroups");
}

int restore_start_criu(struct restore *work, struct error *err)
{
	struct creation *creation = &work->creation;
	const struct criu_setting setting = {
		.cgroup = creation->cgroup,
		.late = &creation->cgroup_late,
		.descriptors = work->descriptors,
		.descriptor_count = work->descriptor_count,
		.dies_with_us = true,
		.prepare = prepare_mounts,
		.context = work,
	};

	if (criu_restore_mounts(&work->sources, &work->options.ext_mounts, &creation->arena, err) <
	    0)
		return -1;
	if (mkdirat(creation->store.dir, RESTORE_ROOT, 0700) < 0 ||
	    mkdirat(creation->store.dir, RESTORE_STAGE, 0700) < 0)
		return error_errno(err, "make %s", work->options.root);
	work->criu.path = work->program;
	work->criu.log = work->options.log_file;
	work->criu.log_dir = work->images.work >= 0 ? work->images.work : work->images.dir;
	if (criu_start(&work->criu, &setting, err) < 0)
		return -1;
	if (creation->cgroup_late &&
	    cgroup_enter(&creation->cgroup_plan.place, creation->cgroup, work->criu.pid, err) < 0)
		return -1;
	cgroup_settle(&creation->cgroup_plan);
	rootfs_close(&creation->rootfs); /* CRIU's process has its copies */
	if (parent_add_to_resctrl(creation, work->criu.pid, err) < 0)
		return -1;
	return plan_cgroup_roots(work, err);
}
