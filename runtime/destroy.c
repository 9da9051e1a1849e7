/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Taking a container apart: after a failed create, and for delete.
 *
 * syscalls: pidfd_open, pidfd_send_signal, poll, waitid, flock, unlinkat
 */
#include "runtime/destroy.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "cgroups/mark.h"
#include "cgroups/resctrl.h"
#include "runtime/hooks.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "spec/load.h"

#define END_TIMEOUT 10000 /* ms; a process in an uninterruptible wait may take longer */
#define WATCH_TIMEOUT                                                                              \
	500 /* ms; who watches reads one small file, unless nobody reads its output                \
	     */

/* Keeps the first failure and goes on: what can be removed is removed. */
static void note(int result, const struct error *error, bool *failed, struct error *first)
{
	if (result >= 0)
		return;
	if (!*failed)
		*first = *error;
	else
		log_debug("destroy: %s", error->text);
	*failed = true;
}

int container_end_process(const struct process_identity *identity, struct error *err)
{
	autofd pidfd = -1;

	if (identity->pid <= 0)
		return 0;
	pidfd = process_open(identity);
	if (pidfd < 0)
		return errno == ESRCH ? 0 : error_errno(err, "open process %d", identity->pid);
	if (process_signal(pidfd, SIGKILL) < 0 && errno != ESRCH)
		return error_errno(err, "kill process %d", identity->pid);
	if (process_wait_end(pidfd, END_TIMEOUT) != 1)
		return error_set(err, "process %d is still there %d s after SIGKILL", identity->pid,
				 END_TIMEOUT / 1000);
	return 0;
}

static int run_poststop(const struct store *store, const struct record *record,
			const struct container_spec *spec, struct error *err)
{
	struct state_document state = {
		.oci_version = record->oci_version,
		.id = record->id,
		.status = "stopped",
		.bundle = record->bundle,
		.annotations = &record->annotations,
	};
	autospec frozen = { 0 };
	autofree char *text = NULL;
	size_t length;

	if (!spec) {
		if (file_read_at(store->dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err) <
		    0)
			return err->code == ENOENT ? 0 : -1;
		if (spec_load(&frozen, JOURNAL_CONFIG, text, length, err) < 0)
			return -1;
		spec = &frozen;
	}
	return hooks_run(HOOK_POSTSTOP, &spec->hooks[HOOK_POSTSTOP], &state, record->bundle, NULL,
			 err);
}

/* Who watches does so until the container is empty. Where the end of init isn't the end of all the
 * others, that must come first; what goes wrong with it cgroup_destroy() says. */
static void await_watchers(const struct store *store, const struct record *record,
			   const struct cgroup_place *place)
{
	struct error ignored;

	if (store_await_watchers(store, 0))
		return;
	if (record->private_pid_namespace || cgroup_empty(place, &ignored) == 0)
		(void)store_await_watchers(store, WATCH_TIMEOUT);
}

int container_destroy(struct store *store, const struct record *record,
		      const struct container_spec *spec, bool poststop, struct error *err)
{
	const struct process_identity init = record_init(record);
	struct error error;
	bool failed = false;

	if (container_is_of_this_boot(record)) {
		note(container_end_process(&init, &error), &error, &failed, err);
		if (record->cgroup_path) {
			/* a create that was killed may not have come to mark what it made */
			const bool unmarked = strcmp(record->phase, "creating") == 0;
			char mark[MARK_SIZE];
			const struct cgroup_place place = container_place(record, mark);

			await_watchers(store, record, &place);
			note(cgroup_destroy(&place, unmarked, &error), &error, &failed, err);
		}
	}
	/* the monitoring group lies in the other */
	if (container_is_of_this_boot(record)) {
		if (record->resctrl_monitor)
			note(resctrl_remove(record->resctrl_monitor, false, &error), &error,
			     &failed, err);
		if (record->resctrl_group)
			note(resctrl_remove(record->resctrl_group,
					    strcmp(record->resctrl_group, record->id) != 0, &error),
			     &error, &failed, err);
	}
	if (failed) /* keep the journal: the next delete needs it */
		return -1;
	if (record->net_devices.count > 0 && strcmp(record->phase, "creating") == 0 &&
	    container_is_of_this_boot(record))
		net_devices_tell_lost(&record->net_devices, record->net_namespace);
	if (poststop && run_poststop(store, record, spec, &error) < 0)
		log_warning("poststop hooks: %s", error.text);
	return store_remove(store, record->id, err);
}

/* Our own children need no record: they are killed and reaped, so that no zombie stays. */
static void end_child(pid_t pid)
{
	struct error ignored;
	int status;

	if (pid <= 0)
		return;
	(void)kill(pid, SIGKILL); /* our unreaped child: the pid can't be another's */
	(void)process_reap(pid, &status, &ignored);
}

void container_abort(struct creation *creation)
{
	const struct moved_device_list moved = creation->record.net_devices;
	struct error error;

	end_child(creation->stage);
	end_child(creation->pid);
	net_devices_return(&creation->net_devices);
	creation->record.net_devices.count = 0; /* told below, whatever the phase */
	cgroup_settle(&creation->cgroup_plan);
	if (creation->cgroup < 0) /* none was made, or it isn't ours */
		creation->record.cgroup_path = NULL;
	creation_close(creation);    /* out of descriptors may be what we failed of */
	if (creation->store.dir < 0) /* nothing was made under this id */
		return;
	if (container_destroy(&creation->store, &creation->record, &creation->spec,
			      creation->hooks_begun, &error) < 0)
		log_warning("undo create of %s: %s", creation->options->id, error.text);
	net_devices_tell_lost(&moved, creation->record.net_namespace);
	if (creation->pid_file)
		(void)unlink(creation->options->pid_file); /* of a container that isn't */
}
