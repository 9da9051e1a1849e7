/* SPDX-License-Identifier: Apache-2.0 */
/*
 * start: from a created container to a running one.
 *
 * syscalls: socket, connect, sendmsg, recvmsg, prlimit
 */
#include "runtime/start.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/process.h"
#include "base/string.h"
#include "runtime/container.h"
#include "runtime/destroy.h"
#include "runtime/hooks.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/listener.h"
#include "runtime/notify_socket.h"
#include "runtime/process/process.h"
#include "runtime/store.h"
#include "runtime/sync.h"
#include "seccomp/suspect.h"
#include "spec/load.h"

#define LOCK_TIMEOUT 10000 /* ms */

#define DIED "the container's process died before it could execute"

/* Killed between its last word and execve, the process would look as if it had worked. Its end of
 * the pair is closed before it is a zombie. */
static int check_executed(pid_t pid, struct error *err)
{
	struct process_status status;

	if (process_read_status(pid, &status) < 0)
		return 0; /* came, went and was reaped: it had executed */
	if (status.flags & PROCESS_NOT_EXECUTED &&
	    (status.flags & PROCESS_EXITING || status.state == 'Z' || status.state == 'X'))
		return error_set(err, DIED);
	return 0;
}

/* Nobody but our own child gets its limits raised by us (safety.md, TB5). */
static int adopt_sender(pid_t sender, pid_t *pid, struct error *err)
{
	struct process_status status;

	if (process_read_status(sender, &status) < 0 || status.parent != getpid())
		return error_set(err, "process %d spoke, which isn't ours", sender);
	*pid = sender;
	return 0;
}

bool limits_wanted(const struct process_spec *process)
{
	return process->rlimits.count > 0 || process->scheduler.present ||
	       process->io_priority.present;
}

/* One of the two things that init or exec may ask for. pid 0: for itself. */
static int apply_limits(const struct limits *limits, enum sync_step step, pid_t pid,
			struct error *err)
{
	if (step == SYNC_SCHEDULING)
		return scheduling_apply(limits->process, limits->cpus, pid, err);
	return rlimits_apply(limits->process, pid, err);
}

int start_exchange(int socket, bool begin, const struct limits *limits, struct listener *listener,
		   pid_t *pid, struct error *err)
{
	enum sync_step step = SYNC_START;
	bool executing = false;
	pid_t sender;
	int number;
	int result;

	if (begin && sync_send(socket, SYNC_START, 0, err) < 0)
		return -1;
	while ((result = sync_receive_number(socket, &step, &sender, &number, err)) == 1) {
		if (*pid == 0 && adopt_sender(sender, pid, err) < 0)
			return -1;
		if (step == SYNC_EXECUTING) {
			executing = true;
		} else if (step == SYNC_LISTENER && !executing) {
			if (listener_hand_over(listener, socket, *pid, number, err) < 0)
				return -1;
		} else if ((step != SYNC_LIMITS && step != SYNC_SCHEDULING) || executing) {
			return error_set(err, "init said %s where LIMITS or EXECUTING was due",
					 sync_step_name(step));
		} else if (apply_limits(limits, step, *pid, err) < 0 ||
			   sync_send(socket, SYNC_LIMITS_SET, 0, err) < 0) {
			return -1;
		}
	}
	if (result < 0) /* the peer's EAGAIN is no wait of ours that ended */
		return step == SYNC_ERROR ? -1 : listener_explain(listener, err);
	if (!executing)
		return error_set(err, DIED);
	return check_executed(*pid, err);
}

void start_explain(const struct container_spec *spec, struct error *err)
{
	const bool died = strcmp(err->text, DIED) == 0;

	if (died || string_starts_with(err->text, "/process/args/0: "))
		seccomp_suspect(&spec->linux.seccomp, died, err);
}

static int take_or_ask(const struct limits *limits, enum sync_step step, int socket,
		       struct error *err)
{
	if (apply_limits(limits, step, 0, err) == 0)
		return 0;
	if (err->code != EPERM)
		return -1;
	if (sync_send(socket, step, 0, err) < 0)
		return -1;
	return sync_wait(socket, SYNC_LIMITS_SET, "the other side", NULL, err);
}

/* The scheduler first: a limit that is set may be too low for it. */
int limits_take(const struct limits *limits, int socket, struct error *err)
{
	if (take_or_ask(limits, SYNC_SCHEDULING, socket, err) < 0)
		return -1;
	return take_or_ask(limits, SYNC_LIMITS, socket, err);
}

int start_poststart(const struct container_spec *spec, const struct record *record, pid_t pid,
		    struct error *err)
{
	const struct state_document state = {
		.oci_version = record->oci_version,
		.id = record->id,
		.status = "running",
		.pid = pid,
		.bundle = record->bundle,
		.annotations = &record->annotations,
	};

	return hooks_run(HOOK_POSTSTART, &spec->hooks[HOOK_POSTSTART], &state, record->bundle, NULL,
			 err);
}

static int connect_init(const struct store *store, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autofd connection = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (connection < 0)
		return error_errno(err, "make a socket");
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
		       store->dir, START_SOCKET_NAME);
	if (connect(connection, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_errno(err, "connect to init through %s", START_SOCKET_NAME);
	return fd_take(&connection);
}

static int check_startable(const struct container_info *info, const struct container_spec *spec,
			   struct error *err)
{
	switch (info->status) {
	case STATUS_CREATED:
		break;
	case STATUS_RUNNING:
		return error_of_kind(err, ERROR_CONTAINER_RUNNING,
				     "cannot start an already running container");
	case STATUS_STOPPED:
		return error_of_kind(err, ERROR_CONTAINER_STOPPED,
				     "cannot start a container that has stopped");
	case STATUS_CREATING:
	case STATUS_PAUSED:
		return error_of_kind(err,
				     info->status == STATUS_PAUSED ? ERROR_CONTAINER_PAUSED
								   : ERROR_CONTAINER_CREATING,
				     "cannot start a container that is %s",
				     container_status_name(info->status));
	}
	if (!spec->process.present)
		return error_set(err,
				 "cannot start a container without a process: /process is missing "
				 "in its config.json");
	return 0;
}

/* Before START, or a quick container would say READY=1 to nobody. -1 without error: create had no
 * NOTIFY_SOCKET, or this caller has none. */
static int bind_notify_socket(const struct settings *settings, const struct store *store,
			      int *socket, struct error *err)
{
	*socket = -1;
	if (!settings->notify_socket)
		return 0;
	*socket = notify_socket_bind(store->dir, err);
	return *socket >= 0 || err->code == ENOENT ? 0 : -1;
}

static int forward_ready(const struct settings *settings, int socket, const struct record *record,
			 struct error *err)
{
	const struct process_identity init = record_init(record);
	autofd pidfd = process_open(&init);

	if (pidfd < 0)
		return 0; /* has ended already: nothing will be said */
	return notify_socket_forward(socket, settings->notify_socket, init.pid, pidfd, err);
}

static int load_frozen(const struct store *store, struct container_spec *spec, struct error *err)
{
	autofree char *text = NULL;
	size_t length;

	if (file_read_at(store->dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err) < 0)
		return -1;
	return spec_load(spec, JOURNAL_CONFIG, text, length, err);
}

/* The state that the seccomp agent gets: of a container that is created and not yet running. */
static int prepare_listener(struct listener *listener, const struct record *record,
			    const struct container_spec *spec, struct error *err)
{
	const struct process_identity init = record_init(record);

	listener->state = (struct state_document){
		.oci_version = record->oci_version,
		.id = record->id,
		.status = "created",
		.bundle = record->bundle,
		.annotations = &record->annotations,
	};
	listener->hooks = spec->hooks[HOOK_START_CONTAINER].count > 0;
	if (listener_connect(listener, &spec->linux.seccomp, err) < 0)
		return -1;
	if (listener->agent < 0)
		return 0;
	listener->pidfd = process_open(&init);
	return listener->pidfd < 0 ? error_errno(err, "open the container's init") : 0;
}

static void explain_death(const struct container_info *info, struct error *err)
{
	struct error ignored;
	int cgroup;

	if (container_open_cgroup(info, &cgroup, &ignored) < 0)
		return;
	cgroup_explain_oom(cgroup, err);
	fd_close(&cgroup);
}

/* From the first word to init on, a failure ends the container (runtime.md#lifecycle 7, 9). */
static int start_created(struct store *store, const struct container_info *info,
			 const struct container_spec *spec, struct error *err)
{
	struct listener listener = LISTENER_NONE;
	struct error undo;
	pid_t pid = info->pid;
	autofd connection = connect_init(store, err);
	const struct limits limits = { &spec->process, spec->linux.resources.cpu.cpus };
	int result;

	if (connection < 0 || prepare_listener(&listener, &info->record, spec, err) < 0)
		return spec_name_error(JOURNAL_CONFIG, err);
	result = start_exchange(connection, true, &limits, &listener, &pid, err);
	listener_close(&listener);
	fd_close(&listener.pidfd);
	if (result == 0) {
		store_unlock(store);
		if (start_poststart(spec, &info->record, info->pid, err) == 0)
			return 0;
		(void)spec_name_error(JOURNAL_CONFIG, err);
		/* whoever has deleted it meanwhile has done what remains */
		if (store_lock(store, info->record.id, LOCK_TIMEOUT, &undo) < 0)
			return -1;
	} else {
		start_explain(spec, err);
		(void)spec_name_error(JOURNAL_CONFIG, err);
		explain_death(info, err);
	}
	if (container_destroy(store, &info->record, spec, true, &undo) < 0)
		(void)error_context(err, "%s; and then", undo.text);
	net_devices_tell_lost(&info->record.net_devices, info->record.net_namespace);
	return -1;
}

static int start_locked(const struct settings *settings, struct store *store,
			struct container_info *info, struct error *err)
{
	autospec spec = { 0 };
	autofd notify = -1;

	if (load_frozen(store, &spec, err) < 0 || check_startable(info, &spec, err) < 0 ||
	    bind_notify_socket(settings, store, &notify, err) < 0 ||
	    start_created(store, info, &spec, err) < 0)
		return -1;
	store_close(store); /* and with it the lock: the container may take long to get ready */
	return notify < 0 ? 0 : forward_ready(settings, notify, &info->record, err);
}

int container_start(const struct settings *settings, const char *id, struct error *err)
{
	struct store store = STORE_INIT;
	struct container_info info = { 0 };
	int result = -1;

	if (store_open(&store, settings, id, err) == 0 &&
	    store_lock(&store, id, LOCK_TIMEOUT, err) == 0 &&
	    container_read(&store, &info, err) == 0)
		result = start_locked(settings, &store, &info, err);
	container_info_free(&info);
	store_close(&store);
	return result;
}
