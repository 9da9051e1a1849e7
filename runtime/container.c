/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create and run: the plan, the parent's table, and, for a foreground run, the wait.
 *
 * syscalls: prctl, waitid
 */
#include "runtime/container.h"

#include <errno.h>
#include <sys/prctl.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "runtime/creation.h"
#include "runtime/destroy.h"
#include "runtime/info.h"
#include "runtime/listener.h"
#include "runtime/monitor.h"
#include "runtime/notify_socket.h"
#include "runtime/parent.h"
#include "runtime/self_exe.h"
#include "runtime/start.h"
#include "runtime/trace.h"

#define LOCK_TIMEOUT 10000 /* ms */

static bool is_foreground(const struct create_options *options)
{
	return options->run && !options->detach;
}

/* Before clone3: a signal that comes early must reach the container, not end us. */
static int prepare_foreground(struct creation *creation, struct error *err)
{
	if (!creation->options->no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_errno(err, "become the container's subreaper");
	return monitor_block_signals(err);
}

/* What can't be written doesn't fail the container. */
static void print_trace(struct creation *creation, bool executed)
{
	struct error err;

	if (!creation->trace)
		return;
	if (trace_print(creation->trace, creation->trace_output, creation->options->trace_json,
			executed, &err) < 0)
		log_warning("%s", err.text);
	fd_close(&creation->trace_output);
}

static int start_in_run(struct creation *creation, struct error *err)
{
	struct listener listener = LISTENER_NONE;
	struct error lost;
	const struct container_spec *spec = &creation->spec;
	const struct limits limits = { &spec->process, spec->linux.resources.cpu.cpus };
	int result;

	if (!spec->process.present)
		return error_set(err,
				 "cannot start a container without a process: /process is missing "
				 "in its config.json");
	creation->hooks_begun = true;
	creation_state(creation, "created", 0, &listener.state);
	listener.hooks = spec->hooks[HOOK_START_CONTAINER].count > 0;
	if (listener_connect(&listener, &spec->linux.seccomp, err) < 0) {
		(void)creation_name_error(creation, err);
		return error_context(err, "unable to start container process");
	}
	if (listener.hooks) /* of the image's, in the container's namespaces */
		net_devices_free(&creation->net_devices);
	result = start_exchange(creation->sync, true, &limits, &listener, &creation->pid, err);
	listener_close(&listener);
	print_trace(creation, result == 0);
	if (result < 0) {
		start_explain(spec, err);
		(void)creation_name_error(creation, err);
		cgroup_explain_oom(creation->cgroup, err);
		return error_context(err, "unable to start container process");
	}
	/* the container's from here on: its program may have made others in their place */
	net_devices_free(&creation->net_devices);
	if (spec->hooks[HOOK_POSTSTART].count > 0)
		store_unlock(&creation->store);
	if (spec->hooks[HOOK_POSTSTART].count == 0 ||
	    start_poststart(spec, &creation->record, creation->pid, err) == 0)
		return 0;
	(void)creation_name_error(creation, err);
	/* whoever has deleted it meanwhile has done what remains */
	if (store_lock(&creation->store, creation->options->id, LOCK_TIMEOUT, &lost) < 0)
		store_close(&creation->store);
	return -1;
}

/* The lock isn't held while the container runs; someone else may have deleted it by now. */
static int clean_up(struct creation *creation, struct error *err)
{
	struct store store = STORE_INIT;
	const char *id = creation->options->id;
	int result = store_open(&store, creation->settings, id, err);

	if (result == 0)
		result = store_lock(&store, id, LOCK_TIMEOUT, err);
	if (result == 0)
		result = container_destroy(&store, &creation->record, &creation->spec, true, err);
	else if (err->code == ENOENT)
		result = 0;
	store_close(&store);
	return result;
}

static int wait_in_foreground(struct creation *creation, struct relay *relay, int *exit_code,
			      struct error *err)
{
	struct monitor_notify notify = { creation->notify_socket,
					 creation->settings->notify_socket };
	int result;

	store_close(&creation->store); /* with it the lock */
	fd_close(&creation->sync);
	result = monitor_wait(creation->pid, creation->pidfd, relay, &notify, exit_code, err);
	creation->pid = 0; /* reaped */
	if (creation->options->keep)
		return result;
	if (result < 0) {
		struct error ignored;

		(void)clean_up(creation, &ignored); /* the first cause is what the user reads */
		return -1;
	}
	return clean_up(creation, err);
}

static int open_relay(struct creation *creation, struct relay *relay, struct error *err)
{
	int master;

	if (creation->console_parent < 0)
		return 0;
	master = fd_receive(creation->console_parent, err);
	if (master < 0)
		return error_context(err, "receive the console");
	return relay_start(relay, master, err);
}

static int run_foreground(struct creation *creation, int *exit_code, struct error *err)
{
	struct relay relay = { .master = -1 };
	int result = open_relay(creation, &relay, err);

	if (result == 0)
		result = start_in_run(creation, err);
	if (result < 0)
		container_abort(creation);
	else
		result = wait_in_foreground(creation, &relay, exit_code, err);
	relay_stop(&relay);
	return result;
}

static int run_detached(struct creation *creation, struct error *err)
{
	const char *host = creation->settings->notify_socket;

	if (start_in_run(creation, err) < 0) {
		container_abort(creation);
		return -1;
	}
	store_close(&creation->store);
	if (creation->notify_socket < 0)
		return 0;
	return notify_socket_forward(creation->notify_socket, host, creation->pid, creation->pidfd,
				     err);
}

static int open_trace(struct creation *creation, struct error *err)
{
	const struct create_options *options = creation->options;

	if (!options->trace && !options->trace_json)
		return 0;
	creation->trace_output = trace_open_output(options->trace ? options->trace : "", err);
	if (creation->trace_output < 0)
		return -1;
	creation->trace = trace_make(err);
	return creation->trace ? 0 : -1;
}

static int create_planned(struct creation *creation, int *exit_code, struct error *err)
{
	const struct create_options *options = creation->options;

	if (is_foreground(options) && prepare_foreground(creation, err) < 0)
		return -1;
	if (parent_create(creation, err) < 0) {
		(void)creation_name_error(creation, err);
		cgroup_explain_oom(creation->cgroup, err); /* before abort removes it */
		print_trace(creation, false);
		container_abort(creation);
		return error_context(err, "unable to start container process");
	}
	if (!options->run) {
		print_trace(creation, false);
		return 0;
	}
	if (options->detach)
		return run_detached(creation, err);
	return run_foreground(creation, exit_code, err);
}

int container_create(const struct settings *settings, const struct create_options *options,
		     int *exit_code, struct error *err)
{
	struct creation creation;
	int result;

	*exit_code = 0;
	if (self_protect_process(err) < 0)
		return -1;
	result = creation_plan(&creation, settings, options, err);
	if (result < 0) {
		struct error taken;

		(void)creation_name_error(&creation, err);
		/* of two creates of one id the slower may have met the faster one's cgroup first */
		if (store_check_id(options->id, &taken) == 0 &&
		    store_check_free(settings, options->id, &taken) < 0)
			*err = taken;
	}
	if (result == 0)
		result = open_trace(&creation, err);
	if (result == 0)
		result = create_planned(&creation, exit_code, err);
	creation_free(&creation);
	return result;
}
