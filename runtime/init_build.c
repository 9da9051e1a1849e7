/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of init's table (init.c) that build the container around us: from the first to "verify
 * mounts". The order is the table's; here they only stand in it.
 *
 * syscalls: setsid, unshare, setns, sendmsg, recvmsg
 */
#include "runtime/init_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "namespaces/network.h"
#include "namespaces/sysctl.h"
#include "namespaces/time.h"
#include "namespaces/user.h"
#include "namespaces/uts.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/sync.h"

int init_tie_to_parent(struct creation *creation, struct error *err)
{
	(void)creation;
	return child_tie(err);
}

int init_join_namespaces(struct creation *creation, struct error *err)
{
	return namespace_join(&creation->namespaces,
			      creation->namespaces.join & ~(uint64_t)CLONE_NEWPID, err);
}

int init_await_host(struct creation *creation, struct error *err)
{
	return sync_wait(creation->sync, SYNC_HOST_READY, "the parent", NULL, err);
}

int init_offset_time(struct creation *creation, struct error *err)
{
	autofd file = time_open(err);

	if (file < 0 || time_make(file, &creation->spec.linux, err) < 0)
		return -1;
	return time_enter(err);
}

int init_become_root(struct creation *creation, struct error *err)
{
	/* a change of credentials cuts the lifeline */
	return user_become_root(&creation->user_maps, err) < 0 ? -1
							       : init_tie_to_parent(creation, err);
}

int init_get_out_of_reach(struct creation *creation, struct error *err)
{
	(void)creation;
	return child_set_dumpable(0, err);
}

int init_free_affinity(struct creation *creation, struct error *err)
{
	(void)creation;
	(void)err; /* it may be denied: then the caller's stays */
	affinity_reset();
	return 0;
}

int init_set_memory_policy(struct creation *creation, struct error *err)
{
	return memory_policy_apply(&creation->spec.linux.memory_policy, err);
}

int init_set_personality(struct creation *creation, struct error *err)
{
	return personality_apply(&creation->spec.linux.personality, err);
}

int init_unshare_cgroup(struct creation *creation, struct error *err)
{
	(void)creation;
	if (unshare(CLONE_NEWCGROUP) < 0)
		return error_errno(err, "new cgroup namespace");
	return 0;
}

int init_new_session(struct creation *creation, struct error *err)
{
	(void)creation;
	if (setsid() < 0)
		return error_errno(err, "new session");
	return 0;
}

int init_join_keyring(struct creation *creation, struct error *err)
{
	return keyring_join_labelled(creation->options->id, &creation->spec.process, err);
}

int init_set_names(struct creation *creation, struct error *err)
{
	return uts_apply(creation->spec.hostname, creation->spec.domainname, err);
}

int init_loopback_up(struct creation *creation, struct error *err)
{
	(void)creation;
	return network_loopback_up(err);
}

int init_isolate_mounts(struct creation *creation, struct error *err)
{
	return rootfs_isolate(&creation->rootfs, err);
}

/* rootfs.map_ids; context: the creation. */
static int ask_for_map(void *context, int mount, struct error *err)
{
	const struct creation *creation = context;

	if (sync_send(creation->sync, SYNC_MAP_IDS, 0, err) < 0 ||
	    fd_send(creation->sync, mount, "m", err) < 0)
		return -1;
	return sync_wait(creation->sync, SYNC_IDS_MAPPED, "the parent", NULL, err);
}

void init_let_parent_map(struct creation *creation)
{
	creation->rootfs.map_ids = ask_for_map;
	creation->rootfs.map_context = creation;
}

int init_make_mounts(struct creation *creation, struct error *err)
{
	if (rootfs_maps_by_parent(&creation->rootfs))
		init_let_parent_map(creation);
	return rootfs_mount(&creation->rootfs, err);
}

int init_make_devices(struct creation *creation, struct error *err)
{
	return rootfs_devices(&creation->rootfs, err);
}

int init_await_runtime_hooks(struct creation *creation, struct error *err)
{
	/* a user's hooks have only the owner's right to look at us: /proc/PID/ns */
	if (child_set_dumpable_of_user(1, err) < 0 ||
	    sync_send(creation->sync, SYNC_ROOTFS_READY, 0, err) < 0 ||
	    sync_wait(creation->sync, SYNC_HOOKS_DONE, "the parent", NULL, err) < 0)
		return -1;
	return child_set_dumpable_of_user(0, err);
}

int init_run_create_container_hooks(struct creation *creation, struct error *err)
{
	struct state_document state;

	creation_state(creation, "creating", getpid(), &state);
	if (child_set_dumpable_of_user(1, err) < 0 ||
	    hooks_run(HOOK_CREATE_CONTAINER, &creation->spec.hooks[HOOK_CREATE_CONTAINER], &state,
		      creation->bundle, NULL, err) < 0)
		return -1;
	return child_set_dumpable_of_user(0, err);
}

int init_open_console(struct creation *creation, struct error *err)
{
	const struct process_spec *process = &creation->spec.process;

	/* elsewhere the mount would be the host's, or another container's */
	const bool bind = (creation->namespaces.create & CLONE_NEWNS) != 0;

	creation->console = console_open(creation->rootfs.root, creation->console_socket,
					 &process->console_size, process->user.uid, bind, err);
	if (creation->console < 0)
		return error_context(err, "/process/terminal");
	if (creation->namespaces.join & CLONE_NEWPID) /* init_enter_pid_namespace() does the rest */
		return console_duplicate(fd_take(&creation->console), err);
	return console_attach(fd_take(&creation->console), err);
}

int init_write_sysctl(struct creation *creation, struct error *err)
{
	return sysctl_apply(&creation->spec.linux.sysctl, err);
}

int init_open_label(struct creation *creation, struct error *err)
{
	bool none = false;

	creation->label = lsm_open(&creation->spec.process, &none, err);
	return creation->label < 0 && !none ? -1 : 0;
}

int init_make_cwd(struct creation *creation, struct error *err)
{
	const char *cwd = creation->spec.process.cwd;
	autofd fd = path_open_quiet(creation->rootfs.root, cwd, O_PATH | O_DIRECTORY);
	struct error ignored;

	/* what stands against it is for "working directory" to say, which enters it */
	(void)err;
	if (fd >= 0 || errno != ENOENT)
		return 0;
	fd = path_make_directory(creation->rootfs.root, cwd, 0755, &ignored);
	(void)fd; /* only made here */
	return 0;
}

int init_mask_paths(struct creation *creation, struct error *err)
{
	return rootfs_masked_paths(&creation->rootfs, err);
}

int init_protect_paths(struct creation *creation, struct error *err)
{
	return rootfs_readonly_paths(&creation->rootfs, err);
}

int init_seal_root(struct creation *creation, struct error *err)
{
	return rootfs_seal(&creation->rootfs, err);
}

int init_pivot(struct creation *creation, struct error *err)
{
	return rootfs_pivot(&creation->rootfs, err);
}

int init_verify_mounts(struct creation *creation, struct error *err)
{
	return rootfs_verify(&creation->rootfs, err);
}
