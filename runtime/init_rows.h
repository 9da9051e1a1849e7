/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_INIT_ROWS_H
#define RUNTIME_INIT_ROWS_H

#include "base/error.h"
#include "runtime/creation.h"

/*
 * What the rows of init's table do: nothing but the call that the row names. What a row is for and
 * why it stands where it does is said in the table (init.c), in whose order they are listed here.
 * Runs in: init; where a row says "joined pid namespace", in two processes one after the other.
 */

/* init_build.c: the surroundings */
int init_tie_to_parent(struct creation *creation, struct error *err);
int init_join_namespaces(struct creation *creation, struct error *err);
int init_await_host(struct creation *creation, struct error *err);
int init_offset_time(struct creation *creation, struct error *err);
int init_become_root(struct creation *creation, struct error *err);
int init_get_out_of_reach(struct creation *creation, struct error *err);
int init_free_affinity(struct creation *creation, struct error *err);
int init_set_memory_policy(struct creation *creation, struct error *err);
int init_set_personality(struct creation *creation, struct error *err);
int init_unshare_cgroup(struct creation *creation, struct error *err);
int init_new_session(struct creation *creation, struct error *err);
int init_join_keyring(struct creation *creation, struct error *err);
int init_set_names(struct creation *creation, struct error *err);
int init_loopback_up(struct creation *creation, struct error *err);
int init_isolate_mounts(struct creation *creation, struct error *err);
void init_let_parent_map(struct creation *creation); /* of mounts: it talks with the parent */
int init_make_mounts(struct creation *creation, struct error *err);
int init_make_devices(struct creation *creation, struct error *err);
int init_await_runtime_hooks(struct creation *creation, struct error *err);
int init_run_create_container_hooks(struct creation *creation, struct error *err);
int init_open_console(struct creation *creation, struct error *err);
int init_write_sysctl(struct creation *creation, struct error *err);
int init_open_label(struct creation *creation, struct error *err);
int init_make_cwd(struct creation *creation, struct error *err);
int init_mask_paths(struct creation *creation, struct error *err);
int init_protect_paths(struct creation *creation, struct error *err);
int init_seal_root(struct creation *creation, struct error *err);
int init_pivot(struct creation *creation, struct error *err);
int init_verify_mounts(struct creation *creation, struct error *err);

/* init_become.c: the process itself */
int init_fix_stdio(struct creation *creation, struct error *err);
int init_enter_cwd(struct creation *creation, struct error *err);
int init_find_executable(struct creation *creation, struct error *err);
int init_target_pid_namespace(struct creation *creation, struct error *err);
int init_become_user(struct creation *creation, struct error *err);
int init_load_filter(struct creation *creation, struct error *err);
int init_load_filter_with_rights(struct creation *creation, struct error *err);
int init_verify_user(struct creation *creation, struct error *err);
int init_close_descriptors(struct creation *creation, struct error *err);
int init_enter_pid_namespace(struct creation *creation, struct error *err);
int init_await_start(struct creation *creation, struct error *err);
int init_set_limits(struct creation *creation, struct error *err);
int init_add_home(struct creation *creation, struct error *err);
int init_run_start_container_hooks(struct creation *creation, struct error *err);
int init_execute(struct creation *creation, struct error *err);

#endif
