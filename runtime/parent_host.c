/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the parent's table (parent.c) that make or record something on the host. Whatever the
 * world can see is named in the journal before it is made.
 *
 * syscalls: socket, bind, listen, pidfd_open
 */
#include "runtime/parent_rows.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/procfs.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/id_maps.h"
#include "runtime/journal.h"
#include "runtime/notify_socket.h"
#include "spec/annotations.h"

int parent_reserve(struct creation *creation, struct error *err)
{
	return store_reserve(&creation->store, creation->settings, creation->options->id, err);
}

int parent_write_journal(struct creation *creation, struct error *err)
{
	return journal_write(creation->store.dir, JOURNAL_CREATING, &creation->record, err);
}

int parent_freeze_config(struct creation *creation, struct error *err)
{
	return file_replace_at(creation->store.dir, JOURNAL_CONFIG, creation->config_text,
			       creation->config_length, 0600, 0, err);
}

int parent_make_notify_socket(struct creation *creation, struct error *err)
{
	creation->notify_socket = notify_socket_create(creation->store.dir, err);
	return creation->notify_socket < 0 ? -1 : 0;
}

int parent_make_start_socket(struct creation *creation, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autofd listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (listener < 0)
		return error_errno(err, "make %s", START_SOCKET_NAME);
	/* the state root's path may be longer than sun_path: docker's has 109 bytes */
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
		       creation->store.dir, START_SOCKET_NAME);
	if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_errno(err, "bind %s in the state directory", START_SOCKET_NAME);
	if (listen(listener, 4) < 0)
		return error_errno(err, "listen on %s", START_SOCKET_NAME);
	creation->start_socket = fd_take(&listener);
	return 0;
}

int parent_make_cgroup(struct creation *creation, struct error *err)
{
	bool none = false;

	creation->cgroup = cgroup_create(&creation->cgroup_plan, &none, err);
	/* what isn't ours must not be undone: it may be that of a container that was faster;
	 * without permission nobody need look for it later */
	if (creation->cgroup < 0)
		creation->record.cgroup_path = NULL;
	if (creation->cgroup < 0 && !none)
		return -1;
	creation->rootfs.cgroup = creation->cgroup;
	return 0;
}

int parent_apply_limits(struct creation *creation, struct error *err)
{
	return cgroup_apply_limits(&creation->cgroup_plan, creation->cgroup, err);
}

int parent_give_cgroup(struct creation *creation, struct error *err)
{
	uid_t owner;

	if (creation->cgroup < 0 || !cgroup_delegate_owner(&creation->spec, &owner))
		return 0;
	return cgroup_delegate(creation->cgroup, owner, err);
}

int parent_attach_devices(struct creation *creation, struct error *err)
{
	if (creation->cgroup < 0)
		return 0;
	return cgroup_attach_devices(&creation->cgroup_plan, creation->cgroup, err);
}

int parent_open_sources(struct creation *creation, struct error *err)
{
	return rootfs_open_sources(&creation->rootfs, err);
}

int parent_lock_sources(struct creation *creation, struct error *err)
{
	return rootfs_lock_sources(&creation->rootfs, err);
}

int parent_open_console_socket(struct creation *creation, struct error *err)
{
	return console_open_receiver(creation->options->console_socket, &creation->console_socket,
				     &creation->console_parent, err);
}

int parent_enter_cgroup(struct creation *creation, struct error *err)
{
	return cgroup_enter(&creation->cgroup_plan.place, creation->cgroup, creation->pid, err);
}

int parent_settle_cgroup(struct creation *creation, struct error *err)
{
	(void)err;
	cgroup_settle(&creation->cgroup_plan);
	return 0;
}

static int write_identity(struct creation *creation, enum journal_entry entry, struct error *err)
{
	struct process_identity init;
	struct stat cgroup;

	if (process_identify(creation->pid, creation->pidfd, &init, err) < 0)
		return error_context(err, "init");
	creation->record.pid = init.pid;
	creation->record.start_time = init.start_time;
	creation->record.pidfs_id = init.pidfs_id;
	/* from here on the cgroup's mark may be the container's to change */
	if (creation->cgroup >= 0 && fstat(creation->cgroup, &cgroup) == 0)
		creation->record.cgroup_inode = cgroup.st_ino;
	return journal_write(creation->store.dir, entry, &creation->record, err);
}

int parent_record_identity(struct creation *creation, struct error *err)
{
	return write_identity(creation, JOURNAL_IDENTITY, err);
}

int parent_write_id_maps(struct creation *creation, struct error *err)
{
	return id_maps_write(creation->pid, &creation->user_maps, err);
}

int parent_write_oom_score(struct creation *creation, struct error *err)
{
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);

	if (procfs < 0)
		return -1;
	return oom_score_apply(&creation->spec.process, procfs, creation->pid, err);
}

static int enter_locked_resctrl(struct creation *creation, struct error *err)
{
	const struct intel_rdt_spec *rdt = &creation->spec.linux.intel_rdt;
	struct resctrl_plan *plan = &creation->resctrl;
	const int made = resctrl_make_group(plan, rdt, err);

	if (made < 0 || !plan->make) /* somebody else's */
		creation->record.resctrl_group = NULL;
	if (made < 0)
		creation->record.resctrl_monitor = NULL;
	if (made < 0 || resctrl_write_schemata(plan, rdt, err) < 0)
		return -1;
	if (resctrl_make_monitor(plan, err) < 0) {
		creation->record.resctrl_monitor = NULL;
		return -1;
	}
	return resctrl_add(plan->root, plan->group, plan->monitor, creation->pid, err);
}

int parent_enter_resctrl(struct creation *creation, struct error *err)
{
	const int root = creation->resctrl.root;
	int result;

	if (resctrl_lock(root, err) < 0) {
		creation->record.resctrl_group = NULL; /* nothing was made */
		creation->record.resctrl_monitor = NULL;
		return -1;
	}
	result = enter_locked_resctrl(creation, err);
	resctrl_unlock(root);
	return result;
}

static const char *joined_network(const struct container_spec *spec)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++)
		if (strcmp(spec->linux.namespaces.items[i].type, "network") == 0)
			return spec->linux.namespaces.items[i].path;
	return NULL;
}

/* The journal has them before the first one moves: who kills us leaves delete the means to bring
 * them back from a namespace that lives on. */
int parent_move_net_devices(struct creation *creation, struct error *err)
{
	const int joined = creation->namespaces.fd[NAMESPACE_NETWORK];
	struct net_devices *devices = &creation->net_devices;
	struct moved_device_list *recorded = &creation->record.net_devices;

	if (net_devices_find(devices, &creation->spec.linux, joined >= 0 ? joined : creation->pidfd,
			     err) < 0)
		return -1;
	if (joined >= 0)
		creation->record.net_namespace = joined_network(&creation->spec);
	if (net_devices_record(devices, &creation->arena, recorded, err) < 0 ||
	    write_identity(creation, JOURNAL_IDENTITY, err) < 0 ||
	    net_devices_move(devices, err) < 0)
		return -1;
	return net_devices_record(devices, &creation->arena, recorded, err); /* their names */
}

int parent_send_pidfd(struct creation *creation, struct error *err)
{
	const char *socket = creation->options->pidfd_socket;
	const char *receiver_name = annotation_value(&creation->spec, PIDFD_RECEIVER);

	if (child_send_pidfd(socket ? socket : receiver_name, creation->pidfd, "standard", err) < 0)
		return error_context(err, "%s",
				     socket ? "--pidfd-socket" : "/annotations/" PIDFD_RECEIVER);
	return 0;
}

int parent_write_pid_file(struct creation *creation, struct error *err)
{
	if (child_write_pid_file(creation->options->pid_file, creation->pid, err) < 0)
		return -1;
	creation->pid_file = true;
	return 0;
}

int parent_commit(struct creation *creation, struct error *err)
{
	creation->record.phase = "created";
	if (creation->resctrl.keep) /* only a create that fails takes away what has a closID */
		creation->record.resctrl_group = NULL;
	return write_identity(creation, JOURNAL_CREATED, err);
}
