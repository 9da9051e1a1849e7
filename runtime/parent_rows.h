/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_PARENT_ROWS_H
#define RUNTIME_PARENT_ROWS_H

#include "base/error.h"
#include "runtime/creation.h"

/*
 * What the rows of the parent's table do: nothing but what the row names. What a row is for and why
 * it stands where it does is said in the table (parent.c). On failure what exists is still there,
 * and creation->record names it. Runs in: parent.
 */

#define PIDFD_RECEIVER "run.oci.pidfd_receiver" /* crun's way to ask for the same */

/* parent_host.c: on the host, in the table's order */
int parent_reserve(struct creation *creation, struct error *err);
int parent_write_journal(struct creation *creation, struct error *err);
int parent_freeze_config(struct creation *creation, struct error *err);
int parent_make_notify_socket(struct creation *creation, struct error *err);
int parent_make_start_socket(struct creation *creation, struct error *err);
int parent_make_cgroup(struct creation *creation, struct error *err);
int parent_apply_limits(struct creation *creation, struct error *err);
int parent_give_cgroup(struct creation *creation, struct error *err);
int parent_attach_devices(struct creation *creation, struct error *err);
int parent_open_sources(struct creation *creation, struct error *err);
int parent_lock_sources(struct creation *creation, struct error *err);
int parent_open_console_socket(struct creation *creation, struct error *err);
int parent_enter_cgroup(struct creation *creation, struct error *err);
int parent_settle_cgroup(struct creation *creation, struct error *err);
int parent_record_identity(struct creation *creation, struct error *err);
int parent_write_id_maps(struct creation *creation, struct error *err);
int parent_write_oom_score(struct creation *creation, struct error *err);
int parent_enter_resctrl(struct creation *creation, struct error *err);
int parent_move_net_devices(struct creation *creation, struct error *err);
int parent_send_pidfd(struct creation *creation, struct error *err);
int parent_write_pid_file(struct creation *creation, struct error *err);
int parent_commit(struct creation *creation, struct error *err);

/* parent_clone.c: making init, and the talk with it */
int parent_clone_init(struct creation *creation, struct error *err);
int parent_await_stage(struct creation *creation, struct error *err);
int parent_map_mount_ids(struct creation *creation, struct error *err);
int parent_send_host_ready(struct creation *creation, struct error *err);
int parent_run_runtime_hooks(struct creation *creation, struct error *err);
int parent_await_created(struct creation *creation, struct error *err);
int parent_send_committed(struct creation *creation, struct error *err);

#endif
