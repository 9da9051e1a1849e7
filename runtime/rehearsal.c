/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create's steps, to hear what they refuse.
 *
 * syscalls: mmap unshare mount_setattr openat fstatfs wait4; those of the rows
 */
#include "runtime/rehearsal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/probe.h"
#include "base/process.h"
#include "base/sys.h"
#include "namespaces/mount.h"
#include "namespaces/stand_in.h"
#include "runtime/hooks.h"
#include "runtime/init_rows.h"
#include "runtime/parent_rows.h"
#include "runtime/step.h"
#include "runtime/sync.h"

#define KILL_TIMEOUT 1000 /* ms */

struct rehearsal {
	const struct host *host;
	struct report *report;
	bool *told;   /* shared by director and init */
	bool inside;  /* only init may cover the root */
	bool parts;   /* the root consists of several mounts */
	bool unknown; /* what the program would find isn't known */
};

static void tell(struct creation *creation, const struct error *err)
{
	struct rehearsal *rehearsal = creation->rehearsal;

	*rehearsal->told = true;
	rehearsal->report->say(rehearsal->report->data, true, err->text);
}

/* 1: enough, or all that can be known. */
static int walk(const struct step_table *table, struct creation *creation, struct error *err)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct step *step = &table->steps[i];
		int result;

		if (!step->rehearse || (step->wanted && !step->wanted(creation)))
			continue;
		result = step->rehearse(creation, err);
		if (result < 0 && stand_in_is_unknown(err)) {
			creation->rehearsal->unknown = true;
			result = 0;
		}
		if (result != 0)
			return result;
	}
	return 0;
}

/* ---- init ---- */

_Noreturn void rehearsal_main(struct creation *creation)
{
	struct error err;

	if (walk(&init_table, creation, &err) < 0)
		tell(creation, &err);
	_exit(0);
}

int rehearse_isolate(struct creation *creation, struct error *err)
{
	const struct rehearsal *rehearsal = creation->rehearsal;
	struct rootfs *rootfs = &creation->rootfs;
	struct mount_attr slave = { .propagation = MS_SLAVE };

	if (rehearsal->inside) {
		if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &slave, sizeof(slave)) < 0 ||
		    stand_in_root(rootfs->path, rehearsal->parts, err) < 0)
			return 1;
		fd_close(&rootfs->root);
		rootfs->root = rootfs_open(rootfs->path, err);
		if (rootfs->root < 0)
			return -1;
	}
	return init_isolate_mounts(creation, err);
}

int rehearse_mounts(struct creation *creation, struct error *err)
{
	struct rehearsal *rehearsal = creation->rehearsal;
	const bool parent_maps = rootfs_maps_by_parent(&creation->rootfs);
	bool failed = false;

	if (parent_maps)
		init_let_parent_map(creation);
	for (size_t i = 0; i < creation->spec.mounts.count; i++) {
		int result = 1;

		if (report_may_look(rehearsal->report, "/mounts/%zu", i))
			result = stand_in_mount(&creation->rootfs, i, err);
		if (result > 0)
			return 1;
		if (result == 0)
			continue;
		rehearsal->unknown = true;
		if (stand_in_is_unknown(err))
			continue;
		tell(creation, err);
		failed = true;
		if (parent_maps) /* it would take the next one for this */
			return 1;
	}
	(void)report_may_look(rehearsal->report, "%s", "");
	return failed ? 1 : 0;
}

static bool has_hooks_before(const struct creation *creation)
{
	for (enum hook_point point = 0; point <= HOOK_CREATE_CONTAINER; point++)
		if (creation->spec.hooks[point].count > 0)
			return true;
	return false;
}

/* Those of a joined namespace are somebody's, and a device's may come with the device. */
int rehearse_sysctl(struct creation *creation, struct error *err)
{
	if (creation->namespaces.join || creation->spec.linux.net_devices.count > 0 ||
	    has_hooks_before(creation))
		return 0;
	return init_write_sysctl(creation, err);
}

int rehearse_cwd(struct creation *creation, struct error *err)
{
	return creation->rehearsal->unknown || has_hooks_before(creation)
		       ? 1
		       : init_enter_cwd(creation, err);
}

int rehearse_start_hooks(struct creation *creation, struct error *err)
{
	const struct hook_list *hooks = &creation->spec.hooks[HOOK_START_CONTAINER];

	for (size_t i = 0; i < hooks->count; i++) {
		const int code = hooks_fault(hooks->items[i].path);

		if (code == 0)
			continue;
		(void)hooks_cannot_start(HOOK_START_CONTAINER, i, hooks->items[i].path, code, err);
		tell(creation, err);
	}
	return 0;
}

/* ---- the director ---- */

/* A directory of the host's cgroup2, since there is none of the container's. */
static int open_cgroup(void)
{
	static const char *const places[] = { "/sys/fs/cgroup/unified", "/sys/fs/cgroup" };

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		autofd place = openat(AT_FDCWD, places[i], O_PATH | O_DIRECTORY | O_CLOEXEC);
		struct statfs fs;

		if (place >= 0 && fstatfs(place, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
			return fd_take(&place);
	}
	return -1;
}

/* Who may have a mount namespace covers the root from there, with the rights that own it. */
static int cover_root(struct creation *creation, struct error *err)
{
	struct rehearsal *rehearsal = creation->rehearsal;
	struct mount_attr slave = { .propagation = MS_SLAVE };

	rehearsal->parts = stand_in_has_parts(creation->rootfs.path);
	rehearsal->inside = unshare(CLONE_NEWNS) < 0;
	if (rehearsal->inside)
		return errno == EPERM ? 0 : error_errno(err, "a mount namespace to try in");
	if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &slave, sizeof(slave)) < 0)
		return error_errno(err, "leave the host's peer group");
	return stand_in_root(creation->rootfs.path, rehearsal->parts, err);
}

int rehearse_sources(struct creation *creation, struct error *err)
{
	struct rehearsal *rehearsal = creation->rehearsal;

	if (cover_root(creation, err) < 0) {
		log_debug("nothing is tried: %s", err->text);
		return 1;
	}
	(void)report_may_look(rehearsal->report, "%s", "");
	if (geteuid() == 0)
		creation->rootfs.cgroup = open_cgroup();
	rehearsal->unknown = stand_in_plan(&creation->rootfs);
	return parent_open_sources(creation, err);
}

int rehearse_await(struct creation *creation, struct error *err)
{
	return sync_wait(creation->sync, SYNC_CREATED, "init", NULL, err);
}

static void end(pid_t pid)
{
	struct error ignored;
	int status;

	if (pid > 0)
		(void)process_reap_within(pid, KILL_TIMEOUT, &status, &ignored);
}

/* init tells what it fails with itself, and what it leaves the parent with says nothing. */
static bool is_of_parent(const struct creation *creation, const struct error *err)
{
	return !*creation->rehearsal->told && (creation->pid == 0 || err->text[0] == '/');
}

static int direct(const void *data, struct error *err)
{
	struct rehearsal rehearsal = *(const struct rehearsal *)data;
	const struct create_options options = { .id = "minirun-check",
						.bundle = rehearsal.host->bundle,
						.run = true };
	const struct settings settings = { .cgroup = *rehearsal.host->cgroups };
	struct creation *creation = calloc(1, sizeof(*creation));
	int result;

	if (!creation)
		return error_set(err, "memory is exhausted");
	result = creation_plan_rehearsal(creation, &settings, &options, rehearsal.host, err);
	creation->rehearsal = &rehearsal;
	if (result == 0)
		result = walk(&parent_table, creation, err);
	if (result < 0 && is_of_parent(creation, err))
		tell(creation, err);
	fd_close(&creation->sync); /* init ends when it sees this, if it hasn't */
	end(creation->stage);
	end(creation->pid);
	return 0; /* and with us all that was made */
}

static bool may_look(const struct host *host, struct report *report)
{
	for (size_t i = 0; i < host->spec->mounts.count; i++)
		if (!report_may_look(report, "/mounts/%zu/source", i))
			return false;
	return report_may_look(report, "/root/path");
}

int rehearsal_check(const struct host *host, struct report *report, struct error *err)
{
	struct rehearsal rehearsal = { .host = host, .report = report };
	struct error ignored;

	if (host->exists || host->incomplete || !(host->namespaces->create & CLONE_NEWNS) ||
	    !report || !may_look(host, report))
		return 0;
	rehearsal.told = mmap(NULL, sizeof(*rehearsal.told), PROT_READ | PROT_WRITE,
			      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (rehearsal.told == MAP_FAILED)
		return error_errno(err, "memory");
	(void)probe_in_child(direct, &rehearsal, &ignored);    /* it tells itself */
	(void)munmap(rehearsal.told, sizeof(*rehearsal.told)); /* of mmap(2): can't fail */
	return 0;
}
