/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mounts add, mounts remove: mounts in a container that runs already. The sources are opened on the
 * host's side, as for create; a process that the container can't see then enters its namespaces and
 * attaches them, from one descriptor to another. What was added is in the record, with the mount's
 * id, so that only that very mount is ever taken away again; what is about to be added is there
 * before, and the next command finds out what became of it should we be killed.
 *
 * setns(2), open_tree(2), move_mount(2), statx(2) STATX_MNT_ID_UNIQUE
 * syscalls: flock openat mmap prctl setns setresuid setresgid fchdir umount2, those of deadline.c
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/process.h"
#include "base/procfs.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/detached.h"
#include "namespaces/mount.h"
#include "namespaces/mount_instance.h"
#include "namespaces/rootfs.h"
#include "namespaces/user.h"
#include "runtime/container.h"
#include "runtime/creation.h"
#include "runtime/deadline.h"
#include "runtime/destroy.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/store.h"
#include "spec/load.h"

#define LOCK_TIMEOUT 10000	       /* ms */
#define WORKER_TIMEOUT 7000	       /* ms: longer than deadline_run() waits */
#define ATTRIBUTE_MOUNT_ROOT 0x2000    /* STATX_ATTR_MOUNT_ROOT */
#define UNIQUE_IDS ((uint64_t)1 << 31) /* mount ids from here on are given only once: Linux 6.8 */

struct change {
	struct store store;
	struct container_info info;
	struct container_spec config;  /* as it was at create; its mounts are the request's */
	struct container_spec request; /* owns them */
	struct namespace_plan namespaces;
	struct rootfs rootfs;
	struct arena arena;
	size_t known;		    /* mounts of the record that aren't the request's */
	uint64_t above;		    /* add: the ids of its mounts are */
	struct live_mount **chosen; /* remove: of the record, one for each of the request */
	int init;		    /* pidfd */
	int procfs;		    /* private; names our descriptors for umount2(2) */
	int working;		    /* locked for as long as a child of ours lives */
	int joined;		    /* CLONE_NEW* to enter */
	int (*work)(struct change *change, struct error *err); /* in the container */
	uint64_t *ids; /* of the mounts made or taken away; shared with who does it */
	size_t ids_size;
};

/* --- plan ---------------------------------------------------------------------------------------
 */

static int check_status(const struct container_info *info, struct error *err)
{
	if (info->status == STATUS_CREATED || info->status == STATUS_RUNNING ||
	    info->status == STATUS_PAUSED)
		return 0;
	return error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running: it is %s",
			     container_status_name(info->status));
}

static int read_config(struct change *change, struct error *err)
{
	autofree char *text = NULL;
	size_t length;

	if (file_read_at(change->store.dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err) < 0)
		return -1;
	if (spec_load(&change->config, JOURNAL_CONFIG, text, length, err) < 0)
		return -1;
	return spec_add_user_namespace(&change->config, err);
}

static bool has_own(const struct container_spec *config, const char *type)
{
	for (size_t i = 0; i < config->linux.namespaces.count; i++) {
		if (strcmp(config->linux.namespaces.items[i].type, type) == 0)
			return !config->linux.namespaces.items[i].path;
	}
	return false;
}

/* Those whose file systems can be asked for. A pid namespace is never entered: nothing in the
 * container sees us. */
static int plan_namespaces(struct change *change, struct error *err)
{
	const struct namespace_spec *items = change->config.linux.namespaces.items;

	if (!has_own(&change->config, "mount"))
		return error_set(err, "the container has no mount namespace of its own: what is "
				      "mounted would be there for others");
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		change->namespaces.fd[kind] = -1;
	change->namespaces.create = CLONE_NEWNS;
	change->joined = CLONE_NEWNS;
	for (size_t i = 0; i < change->config.linux.namespaces.count; i++) {
		if (strcmp(items[i].type, "user") == 0)
			change->joined |= CLONE_NEWUSER;
		else if (strcmp(items[i].type, "network") == 0)
			change->joined |= CLONE_NEWNET;
		else if (strcmp(items[i].type, "ipc") == 0)
			change->joined |= CLONE_NEWIPC;
	}
	return 0;
}

/* The container's user namespace, whose map "idmap" takes. One that is ours can't be entered. */
static int open_user_namespace(struct change *change, struct error *err)
{
	autofd procfs = -1;
	autofd fd = -1;
	struct stat ours, theirs;
	char name[48];

	if (!(change->joined & CLONE_NEWUSER))
		return 0;
	procfs = procfs_open(PROCFS_PROCESSES, err);
	if (procfs < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%d/ns/user", change->info.pid);
	fd = openat(procfs, name, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &theirs) < 0 || fstatat(procfs, "self/ns/user", &ours, 0) < 0)
		return error_errno(err, "the container's user namespace");
	if (ours.st_ino == theirs.st_ino) {
		change->joined &= ~CLONE_NEWUSER;
		return 0;
	}
	change->namespaces.join = CLONE_NEWUSER;
	change->namespaces.fd[NAMESPACE_USER] = fd_take(&fd);
	return 0;
}

static int open_init(struct change *change, struct error *err)
{
	const struct process_identity init = record_init(&change->info.record);

	change->init = process_open(&init);
	if (change->init >= 0)
		return open_user_namespace(change, err);
	return errno == ESRCH ? error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running")
			      : error_errno(err, "open the container's init");
}

static int open_change(struct change *change, const struct settings *settings, const char *id,
		       struct error *err)
{
	static const char *const names[] = { JOURNAL_NAMES };

	if (store_open(&change->store, settings, id, err) < 0 ||
	    store_lock(&change->store, id, LOCK_TIMEOUT, err) < 0 ||
	    container_read(&change->store, &change->info, err) < 0 ||
	    check_status(&change->info, err) < 0 || read_config(change, err) < 0 ||
	    plan_namespaces(change, err) < 0 || open_init(change, err) < 0)
		return -1;
	change->procfs = procfs_open(PROCFS_PROCESSES, err);
	if (change->procfs < 0)
		return -1;
	change->working = openat(change->store.dir, names[JOURNAL_CREATING],
				 O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (change->working < 0)
		return error_errno(err, "%s", names[JOURNAL_CREATING]);
	change->known = change->info.record.mounts.count;
	change->ids_size =
		(change->known + change->request.mounts.count + 1) * sizeof(*change->ids);
	change->ids = mmap(NULL, change->ids_size, PROT_READ | PROT_WRITE,
			   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (change->ids != MAP_FAILED)
		return 0;
	change->ids = NULL;
	return error_errno(err, "memory");
}

static void close_change(struct change *change)
{
	rootfs_close(&change->rootfs);
	namespace_plan_close(&change->namespaces);
	fd_close(&change->init);
	fd_close(&change->procfs);
	fd_close(&change->working);
	if (change->ids)
		(void)munmap(change->ids, change->ids_size);
	container_info_free(&change->info);
	change->config.mounts.count = 0;
	spec_free(&change->config);
	spec_free(&change->request);
	arena_free(&change->arena);
	store_close(&change->store);
}

/* Kinds that are made of more than one mount, or of what only create has at hand. */
static int check_kind(const struct mount_plan *plan, struct error *err)
{
	if (strcmp(plan->destination, "/") == 0)
		return mount_check_root(plan, true, err);
	if (plan->kind == MOUNT_KIND_REMOUNT)
		return error_set(err, "/mounts/%zu: a remount is no mount that could be added",
				 plan->index);
	if (plan->options.bind_how & MOUNT_BIND_COPY_LINK)
		return error_set(err, "/mounts/%zu: \"copy-symlink\" makes no mount", plan->index);
	if (plan->kind == MOUNT_KIND_CGROUP ||
	    (plan->kind == MOUNT_KIND_FILESYSTEM && strcmp(plan->type, "proc") == 0))
		return error_set(err, "/mounts/%zu/type: %s can be mounted by create only",
				 plan->index, plan->type);
	return 0;
}

/* create leaves what it may not clone to init, which still sees the host's names. Here the name
 * would lead to whatever the container has there. */
static int check_sources(const struct rootfs *rootfs, struct error *err)
{
	for (size_t i = 0; i < rootfs->spec->mounts.count; i++) {
		const struct mount_plan *plan = &rootfs->mounts[i];

		if (plan->kind == MOUNT_KIND_BIND && !plan->inside && plan->fd < 0)
			return error_set(
				err,
				"/mounts/%zu/source: %s: cloning a mount of the host needs "
				"CAP_SYS_ADMIN there; rootless, bind mounts from outside "
				"are for create only",
				i, plan->source);
	}
	return 0;
}

/* Disks, servers and the directories of an overlay are looked up by us, with all privileges: the
 * flags of such a mount wouldn't be locked against another user namespace. */
static int check_filesystem(const struct change *change, const struct mount_plan *plan,
			    struct error *err)
{
	if (plan->kind == MOUNT_KIND_FILESYSTEM && (change->joined & CLONE_NEWUSER) &&
	    mount_instance_names_objects(plan->type))
		return error_set(err,
				 "/mounts/%zu/type: in a container with a user namespace a file "
				 "system of the type %s can be mounted by create only",
				 plan->index, plan->type);
	return 0;
}

static int plan_add(struct change *change, struct error *err)
{
	struct container_spec *config = &change->config;

	config->mounts = change->request.mounts;
	config->linux.masked_paths.count = 0; /* nothing of them is to be opened */
	if (rootfs_plan(&change->rootfs, config, change->info.record.bundle, &change->namespaces,
			false, &change->arena, err) < 0)
		return -1;
	for (size_t i = 0; i < config->mounts.count; i++) {
		change->rootfs.mounts[i].kept = true;
		if (check_kind(&change->rootfs.mounts[i], err) < 0 ||
		    check_filesystem(change, &change->rootfs.mounts[i], err) < 0)
			return -1;
	}
	if (rootfs_open_sources(&change->rootfs, err) < 0 ||
	    check_sources(&change->rootfs, err) < 0)
		return -1;
	if (rootfs_locks_sources(&change->rootfs) && rootfs_lock_sources(&change->rootfs, err) < 0)
		return -1;
	if (rootfs_maps_by_parent(&change->rootfs))
		return error_set(err, "/mounts: in a container with a user namespace only bind "
				      "mounts from outside can be id-mapped later");
	return 0;
}

/* --- in the container ---------------------------------------------------------------------------
 */

/* By its number in our own procfs: a path in the container's might lead to another mount. */
static int unmount(const struct change *change, int mount, struct error *err)
{
	char name[32];

	(void)snprintf(name, sizeof(name), "self/fd/%d", mount);
	if (fchdir(change->procfs) < 0 || umount2(name, MNT_DETACH) < 0)
		return error_errno(err, "unmount");
	return 0;
}

static int add_all(struct change *change, struct error *err)
{
	size_t count = change->config.mounts.count;
	int result = 0;
	size_t made = 0;

	for (; made < count && result == 0; made++) {
		struct mount_plan *plan = &change->rootfs.mounts[made];

		result = mount_make(plan, &change->rootfs, err);
		if (result < 0)
			break;
		result = mount_seal(plan, err);
		if (result == 0)
			result = path_mount_id(plan->fd, &change->ids[made], err);
	}
	while (result < 0 && made > 0) {
		struct error ignored;

		made--;
		if (unmount(change, change->rootfs.mounts[made].fd, &ignored) == 0)
			change->ids[made] = 0;
	}
	return result;
}

/* The mount at path, if it is the very one. */
static int open_mount(int root, const struct live_mount *mount, int flags)
{
	autofd fd = path_open_quiet(root, mount->destination, O_PATH | flags);
	struct statx attributes;
	struct error ignored;
	uint64_t id;

	if (fd < 0 || path_mount_id(fd, &id, &ignored) < 0 || id != mount->mount_id ||
	    statx(fd, "", AT_EMPTY_PATH, 0, &attributes) < 0 ||
	    !(attributes.stx_attributes & ATTRIBUTE_MOUNT_ROOT))
		return -1;
	return fd_take(&fd);
}

static int remove_all(struct change *change, struct error *err)
{
	for (size_t i = change->request.mounts.count; i-- > 0;) {
		const struct live_mount *mount = change->chosen[i];
		autofd fd = open_mount(change->rootfs.root, mount, O_NOFOLLOW);

		if (fd < 0)
			fd = open_mount(change->rootfs.root, mount, 0);
		if (fd < 0)
			return error_set(
				err,
				"/mounts/%zu: %s: what was added isn't there, or something "
				"else is mounted on it",
				i, mount->destination);
		if (unmount(change, fd, err) < 0)
			return error_context(err, "/mounts/%zu: %s", i, mount->destination);
		change->ids[i] = mount->mount_id;
	}
	return 0;
}

static int enter(struct change *change, struct error *err)
{
	autofd root = -1;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, "stay out of reach of ptrace");
	if (setns(change->init, change->joined) < 0)
		return error_errno(err, "enter the container's namespaces");
	if ((change->joined & CLONE_NEWUSER) && user_become_root(NULL, err) < 0)
		return -1;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, "stay out of reach of ptrace");
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? error_errno(err, "the container's root")
			: rootfs_take_root(&change->rootfs, &root, err);
}

/* What has to be looked up outside. A disk or a server may never answer: the deadline is running.
 */
static int open_filesystems(struct change *change, struct error *err)
{
	for (size_t i = 0; i < change->config.mounts.count; i++)
		if (mount_open_filesystem(&change->rootfs.mounts[i], err) < 0)
			return -1;
	return 0;
}

static int work_in_container(void *data, struct error *err)
{
	struct change *change = data;

	store_close(&change->store); /* whatever becomes of us, the lock isn't ours to hold */
	(void)umask(0);
	if (change->work == add_all && open_filesystems(change, err) < 0)
		return -1;
	return enter(change, err) < 0 ? -1 : change->work(change, err);
}

static int in_container(struct change *change,
			int (*work)(struct change *change, struct error *err), struct error *err)
{
	change->work = work;
	return deadline_run(work_in_container, change, err);
}

/* --- the record ---------------------------------------------------------------------------------
 */

/* The id of a mount made just now, 0 if we can't. */
static uint64_t newest_id(void)
{
	autofd mount = detached_clone(AT_FDCWD, "/", 0);
	struct error ignored;
	uint64_t id;

	return mount >= 0 && path_mount_id(mount, &id, &ignored) == 0 ? id : 0;
}

/* The record with the request's mounts behind those that it has: before there are any, above every
 * id that there is; afterwards those that have come. */
static int record_mounts(struct change *change, bool before, struct error *err)
{
	struct live_mount_list *list = &change->info.record.mounts;
	const struct container_spec *config = &change->config;
	struct live_mount *items =
		arena_array(&change->arena, change->known + config->mounts.count, sizeof(*items));

	if (!items)
		return error_code(err, ENOMEM, "record");
	for (size_t i = 0; i < change->known; i++)
		items[i] = list->items[i];
	list->count = change->known;
	for (size_t i = 0; i < config->mounts.count; i++) {
		const struct mount_spec *mount = &config->mounts.items[i];

		if (!before && change->ids[i] == 0)
			continue;
		items[list->count++] = (struct live_mount){
			.destination = change->rootfs.mounts[i].destination,
			.source = mount->source,
			.type = mount->type,
			.options = mount->options,
			.mount_id = before ? change->above : change->ids[i],
			.pending = before,
		};
	}
	list->items = items;
	return journal_write(change->store.dir, JOURNAL_CREATED, &change->info.record, err);
}

static int undo_added(struct change *change, struct error *err)
{
	for (size_t i = change->config.mounts.count; i-- > 0;) {
		const struct live_mount mount = {
			.destination = change->rootfs.mounts[i].destination,
			.mount_id = change->ids[i],
		};
		autofd fd = open_mount(change->rootfs.root, &mount, 0);

		if (fd >= 0 && unmount(change, fd, err) < 0)
			return -1;
	}
	return 0;
}

/* Without those that are gone, also where the last of them was refused. */
static int record_removed(struct change *change, struct error *err)
{
	struct live_mount_list *list = &change->info.record.mounts;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++) {
		bool gone = false;

		for (size_t k = 0; k < change->request.mounts.count && !gone; k++)
			gone = change->ids[k] != 0 && change->ids[k] == list->items[i].mount_id;
		if (!gone)
			list->items[kept++] = list->items[i];
	}
	list->count = kept;
	return journal_write(change->store.dir, JOURNAL_CREATED, &change->info.record, err);
}

/* The latest of the record at each destination. */
static int choose(struct change *change, struct error *err)
{
	const struct live_mount_list *list = &change->info.record.mounts;
	size_t count = change->request.mounts.count;

	change->chosen = arena_array(&change->arena, count, sizeof(struct live_mount *));
	if (!change->chosen && count > 0)
		return error_code(err, ENOMEM, "plan");
	for (size_t i = count; i-- > 0;) {
		const char *wanted = change->request.mounts.items[i].destination;
		char clean[PATH_MAX];

		if (!path_clean(wanted, clean))
			return error_set(err, "/mounts/%zu/destination: too long", i);
		for (size_t k = list->count; k-- > 0 && !change->chosen[i];) {
			bool taken = false;

			for (size_t j = i + 1; j < count && !taken; j++)
				taken = change->chosen[j] == &list->items[k];
			if (!taken && strcmp(list->items[k].destination, clean) == 0)
				change->chosen[i] = &list->items[k];
		}
		if (!change->chosen[i])
			return error_set(err, "/mounts/%zu/destination: nothing was added at %s", i,
					 clean);
	}
	return 0;
}

/* --- after a kill -------------------------------------------------------------------------------
 */

static bool is_known(const struct change *change, uint64_t id)
{
	const struct live_mount_list *list = &change->info.record.mounts;

	for (size_t i = 0; i < list->count; i++)
		if (change->ids[i] == id ||
		    (!list->items[i].pending && list->items[i].mount_id == id))
			return true;
	return false;
}

/* What is at the places of pending mounts, and newer than whatever was there before. */
static int look_all(struct change *change, struct error *err)
{
	const struct live_mount_list *list = &change->info.record.mounts;

	for (size_t i = list->count; i-- > 0;) {
		struct live_mount found = list->items[i];
		autofd place = -1, fd = -1;

		if (!found.pending || found.mount_id < UNIQUE_IDS)
			continue;
		place = path_open_quiet(change->rootfs.root, found.destination, O_PATH);
		if (place < 0 || path_mount_id(place, &found.mount_id, err) < 0 ||
		    found.mount_id <= list->items[i].mount_id || is_known(change, found.mount_id))
			continue;
		fd = open_mount(change->rootfs.root, &found, 0);
		if (fd >= 0)
			change->ids[i] = found.mount_id;
	}
	return 0;
}

/* The child of a command that was killed may still be at it. */
static int await_worker(const struct change *change, struct error *err)
{
	const int pause = 10; /* ms */

	for (int left = WORKER_TIMEOUT; flock(change->working, LOCK_EX | LOCK_NB) < 0;
	     left -= pause) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, "wait for an earlier 'mounts add'");
		if (left <= 0)
			return error_code(err, EBUSY,
					  "an earlier 'mounts add' was killed and hasn't ended");
		(void)poll(NULL, 0, pause);
	}
	return 0;
}

/* Of what an earlier command was about to add: what has come stays in the record. */
static int settle_pending(struct change *change, struct error *err)
{
	struct live_mount_list *list = &change->info.record.mounts;
	bool pending = false;
	size_t kept = 0;

	for (size_t i = 0; i < list->count; i++)
		pending = pending || list->items[i].pending;
	if (!pending)
		return 0;
	if (await_worker(change, err) < 0 || in_container(change, look_all, err) < 0)
		return -1;
	for (size_t i = 0; i < list->count; i++) {
		struct live_mount mount = list->items[i];

		if (mount.pending && change->ids[i] == 0)
			continue;
		if (mount.pending)
			mount.mount_id = change->ids[i];
		mount.pending = false;
		list->items[kept++] = mount;
	}
	change->known = list->count = kept;
	memset(change->ids, 0, change->ids_size);
	return journal_write(change->store.dir, JOURNAL_CREATED, &change->info.record, err);
}

/* --- the verbs ----------------------------------------------------------------------------------
 */

static int add(struct change *change, struct error *err)
{
	struct error ignored;

	/* one that was given up may hold it: it is no child of a command that was killed */
	(void)flock(change->working, LOCK_EX | LOCK_NB);
	change->above = newest_id();
	if (plan_add(change, err) < 0 || record_mounts(change, true, err) < 0)
		return -1;
	if (in_container(change, add_all, err) < 0) {
		/* those that a child which was given up has left: `mounts remove` can take them */
		(void)record_mounts(change, false, &ignored);
		return -1;
	}
	if (record_mounts(change, false, err) == 0)
		return 0;
	(void)in_container(change, undo_added, &ignored);
	return -1;
}

static int take_away(struct change *change, struct error *err)
{
	struct error ignored;
	int result;

	if (choose(change, err) < 0)
		return -1;
	result = in_container(change, remove_all, err);
	if (record_removed(change, result < 0 ? &ignored : err) < 0)
		return -1;
	return result;
}

int container_mounts_change(const struct settings *settings, const char *id, bool remove,
			    const struct mounts_document *document, struct error *err)
{
	struct change change = {
		.store = STORE_INIT,
		.init = -1,
		.procfs = -1,
		.working = -1,
		.rootfs = { .root = -1, .null_device = -1, .cgroup = -1 },
	};
	int result = -1;

	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		change.namespaces.fd[kind] = -1;
	if (spec_load_mounts(&change.request, document->name, document->text, document->length,
			     err) == 0 &&
	    open_change(&change, settings, id, err) == 0 && settle_pending(&change, err) == 0)
		result = remove ? take_away(&change, err) : add(&change, err);
	close_change(&change);
	return result;
}
