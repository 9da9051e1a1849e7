/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: what CRIU is to be asked. The plan of the container is that of a create.
 *
 * syscalls: getpid; those of the plans
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "runtime/criu/dumped.h"
#include "runtime/criu/restore.h"
#include "spec/annotations.h"

/* CRIU looks for mounts of a user namespace as its root, who may not search our state directory.
 * This is the one directory of each Linux that is empty, there for mounting on, and open to all. */
#define STAGE_FOR_USERS "/proc/fs/nfsd"

bool restore_moves_net_devices(const struct restore *work)
{
	return work->creation.spec.linux.net_devices.count > 0 &&
	       work->creation.namespaces.fd[NAMESPACE_NETWORK] < 0;
}

static int check_cgroups_mode(int32_t mode, struct error *err)
{
	autofree char *memberships = NULL;

	if (mode != CRIU_CGROUPS_FULL && mode != CRIU_CGROUPS_STRICT)
		return 0;
	if (file_read_at(AT_FDCWD, "/proc/self/cgroup", 65536, &memberships, NULL, err) < 0)
		return -1;
	return criu_check_cgroups_mode(mode, memberships, err);
}

static int check_supported(struct restore *work, struct error *err)
{
	const struct container_spec *spec = &work->creation.spec;

	if (!spec->process.present)
		return error_set(err, "/process: is missing: there is nothing to restore");
	if (restore_moves_net_devices(work) && !work->options.empty_ns)
		return error_of_kind(
			err, ERROR_UNSUPPORTED,
			"/linux/netDevices: criu makes a network namespace's devices again: "
			"checkpoint and restore it with --empty-ns network");
	if (criu_check_spec(spec, err) < 0)
		return -1;
	return check_cgroups_mode(work->options.cgroups_mode, err);
}

int restore_apply_strict(struct restore *work, struct error *err)
{
	const struct creation *creation = &work->creation;

	if (work->options.cgroups_mode != CRIU_CGROUPS_STRICT)
		return 0;
	if (creation->cgroup >= 0 && !creation->cgroup_plan.made)
		return error_set(err, "--manage-cgroups-mode strict: cgroup %s is there already",
				 creation->cgroup_plan.place.path);
	work->options.cgroups_mode = CRIU_CGROUPS_FULL;
	return 0;
}

static int inherit_namespace(struct restore *work, enum namespace_kind kind, const char *key,
			     struct error *err)
{
	const int fd = work->creation.namespaces.fd[kind];
	struct criu_options *options = &work->options;

	if (fd < 0)
		return 0;
	if (criu_check_joined(work->version, kind, err) < 0)
		return -1;
	options->inherited[options->inherited_count++] =
		(struct criu_inherited){ key, CRIU_DESCRIPTORS + (int32_t)work->descriptor_count };
	work->descriptors[work->descriptor_count++] = fd;
	return 0;
}

/* Those that CRIU can join by their path. */
static int join_namespaces(struct restore *work, struct error *err)
{
	static const struct {
		enum namespace_kind kind;
		bool possible;
	} kinds[] = {
		{ NAMESPACE_IPC, true },   { NAMESPACE_UTS, true },    { NAMESPACE_TIME, true },
		{ NAMESPACE_USER, false }, { NAMESPACE_MOUNT, false }, { NAMESPACE_CGROUP, false },
	};
	struct criu_pairs *joined = &work->options.join_ns;

	joined->items =
		arena_array(&work->creation.arena, ARRAY_SIZE(kinds), sizeof(*joined->items));
	if (!joined->items)
		return error_code(err, ENOMEM, "plan of the namespaces");
	table_for_each (row, kinds) {
		const int fd = work->creation.namespaces.fd[row->kind];
		const char *path;

		if (fd < 0)
			continue;
		if (!row->possible)
			return error_of_kind(
				err, ERROR_UNSUPPORTED,
				"/linux/namespaces: criu can't restore into an existing "
				"%s namespace",
				namespace_types[row->kind].type);
		/* by our descriptor: what was checked is what is joined */
		path = arena_format(&work->creation.arena, "/proc/%d/fd/%d", getpid(), fd);
		if (!path)
			return error_code(err, ENOMEM, "plan of the namespaces");
		joined->items[joined->count++] =
			(struct criu_pair){ namespace_types[row->kind].proc_name, path };
	}
	return 0;
}

static int check_lsm(const struct restore *work, struct error *err)
{
	if ((work->given->lsm_profile || work->given->lsm_mount_context) && work->version < 31600)
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "--lsm-profile, --lsm-mount-context: criu 3.16 or newer is "
				     "needed");
	return 0;
}

static int plan_options(struct restore *work, struct error *err)
{
	struct criu_options *options = &work->options;
	struct creation *creation = &work->creation;

	options->log_file = "restore.log";
	/* prepare_mounts() opens them */
	options->images_dir = CRIU_DESCRIPTORS;
	options->work_dir = CRIU_DESCRIPTORS + 1;
	work->descriptor_count = 2;
	options->evasive_devices = true;
	options->rst_sibling = true;
	options->tcp_close = work->given->tcp_close;
	options->lsm_profile = work->given->lsm_profile;
	options->lsm_mount_context = work->given->lsm_mount_context;
	options->root = arena_format(&creation->arena, "%s/%s/" RESTORE_ROOT, work->settings.root,
				     work->create.id);
	work->sources = (struct criu_restore_sources){
		.spec = &creation->spec,
		.rootfs = &creation->rootfs,
		.stage = creation->namespaces.create & CLONE_NEWUSER
				 ? STAGE_FOR_USERS
				 : arena_format(&creation->arena, "%s/%s/" RESTORE_STAGE,
						work->settings.root, work->create.id),
	};
	if (!options->root || !work->sources.stage)
		return error_code(err, ENOMEM, "plan of the restore");
	if (criu_config_file(annotation_value(&creation->spec, "org.criu.config"),
			     &options->config_file, err) < 0 ||
	    check_lsm(work, err) < 0)
		return -1;
	if (inherit_namespace(work, NAMESPACE_NETWORK, "extRootNetNS", err) < 0 ||
	    inherit_namespace(work, NAMESPACE_PID, "extRootPidNS", err) < 0 ||
	    join_namespaces(work, err) < 0)
		return -1;
	return 0;
}

int restore_plan(struct restore *work, struct error *err)
{
	struct criu_options *options = &work->options;
	struct creation *creation = &work->creation;
	struct criu_dumped dumped;

	if (criu_plan_common(&work->given->common, options, err) < 0 ||
	    criu_prepare(work->settings.criu, work->program, &work->version, err) < 0 ||
	    creation_plan(creation, &work->settings, &work->create, err) < 0 ||
	    criu_images_open(&work->images, false, err) < 0 ||
	    criu_read_dumped(&work->images, &dumped, &creation->arena, err) < 0 ||
	    criu_follow_dump(&dumped, &creation->spec, &creation->namespaces, options, err) < 0 ||
	    check_supported(work, err) < 0 || plan_options(work, err) < 0 ||
	    criu_read_descriptors(&work->images, options, &creation->arena, err) < 0)
		return -1;
	creation->record.keyring = false; /* CRIU doesn't know of keyrings */
	creation->record.restored = true;
	return 0;
}
