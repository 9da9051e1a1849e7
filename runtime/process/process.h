/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_PROCESS_PROCESS_H
#define RUNTIME_PROCESS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * config.json's `process`, one file per member. For each: a check or plan in the parent, where it
 * can be refused with nothing to undo, and an apply in the process that becomes the container's
 * (init, or exec's last child). The same functions serve create and exec.
 */

/* --- capabilities.c: capabilities(7) ------------------------------------------------------- */
enum capability_set {
	CAPABILITY_BOUNDING,
	CAPABILITY_EFFECTIVE,
	CAPABILITY_INHERITABLE,
	CAPABILITY_PERMITTED,
	CAPABILITY_AMBIENT,
	CAPABILITY_SET_COUNT,
};
struct capability_plan {
	uint64_t set[CAPABILITY_SET_COUNT]; /* bit n = capability n */
};
/* What a process may hand on. */
struct capability_limits {
	uint64_t permitted, bounding;
};
/* Unknown names are warnings and dropped, as are capabilities that limits don't contain. An absent
 * object drops everything. For a new user namespace, whose first process has them all, limits are
 * all ones. Runs in: parent. */
void capabilities_plan_within(const struct capabilities_spec *spec,
			      const struct capability_limits *limits, struct capability_plan *plan);
/* The same within what this process can grant, or, user_namespace, within everything. */
int capabilities_plan(const struct capabilities_spec *spec, bool user_namespace,
		      struct capability_plan *plan, struct error *err);
/* "CAP_CHOWN" -> number, -1 if unknown; number -> name (static), NULL if libcap has none for it.
 * Case matters: names are CAP_X. */
int capability_from_name(const char *name);
const char *capability_name(int number);
int capability_count(void); /* of this kernel */
/* Drops from the bounding set, and asks to keep permitted capabilities over setuid(2). Before
 * user_apply(). Runs in: init. */
int capabilities_before_user(const struct capability_plan *plan, struct error *err);
/* The remaining four sets; an ambient capability that can't be raised is a warning. After
 * user_apply(). keep: capabilities to hold in permitted and effective for a while (0 = none). */
int capabilities_apply(const struct capability_plan *plan, uint64_t keep, struct error *err);
/* Gives up what capabilities_apply() kept; only capset(2), so a filter may already be loaded. */
int capabilities_drop_kept(const struct capability_plan *plan, struct error *err);
/* Reads back (R15). */
int capabilities_verify(const struct capability_plan *plan, struct error *err);
/* The calling process's effective set, and another one in its place: for work that has to be done
 * with the container's rights while we still have ours. -1 with errno. */
int capabilities_effective(uint64_t *set);
int capabilities_set_effective(uint64_t set);

/* --- user.c --------------------------------------------------------------------------------- */
/* setgroups(2), setgid, setuid (all three ids), umask (0022 when absent). In a user namespace that
 * denies setgroups(2) the caller's groups stay, *groups_stay says so, and additional ones are an
 * error. Runs in: init. */
int user_apply(const struct user_spec *user, bool *groups_stay, struct error *err);
int user_verify(const struct user_spec *user, bool groups_stay, struct error *err);
/* Parses "UID[:GID]" of exec --user strictly; gid is left alone when not given. */
int user_parse(const char *text, struct user_spec *user, struct error *err);

/* --- rlimits.c: getrlimit(2) ----------------------------------------------------------------- */
/* Unknown and duplicate types, soft > hard are errors with the JSON pointer. Runs in: parent. */
int rlimits_check(const struct process_spec *process, struct report *report, struct error *err);
/* Whether we may set them, for create: engines look there for errors, not at start, which sets
 * them. After rlimits_check(). Runs in: parent. */
int rlimits_permitted(const struct process_spec *process, struct report *report, struct error *err);
/* prlimit(2) on pid (0 = self), from a process that may raise them. Runs in: start, exec's parent.
 */
int rlimits_apply(const struct process_spec *process, pid_t pid, struct error *err);

/* --- scheduling.c: sched(7), sched_setattr(2), ioprio_set(2), sched_setaffinity(2) ------------ */
/* process.scheduler, ioPriority and execCPUAffinity: unknown names and members that don't go
 * together are errors with the JSON pointer. Runs in: parent. */
int scheduling_check(const struct process_spec *process, struct report *report, struct error *err);
/* scheduler and ioPriority of pid (0 = self); the latter of its whole process group. cpus: those
 * of linux.resources.cpu, NULL if absent: the kernel lets no one have both. Both need the host's
 * CAP_SYS_NICE for what is better than now. Runs in: init, exec's last child, start, exec's parent.
 */
int scheduling_apply(const struct process_spec *process, const char *cpus, pid_t pid,
		     struct error *err);
/* ioPriority alone, which must be present, of pid's first thread alone. Runs in: parent. */
int scheduling_apply_io_priority(const struct process_spec *process, pid_t pid, struct error *err);
/* All CPUs instead of those that our caller was bound to; the cgroup's cpuset stays above it. That
 * it isn't permitted is no error. Runs in: init, exec's parent. */
void affinity_reset(void);
/* The calling process on these CPUs; where (the JSON pointer) for errors. Runs in: exec's parent
 * (initial, before the cgroup is entered) and child (final, after it). */
int affinity_set(const char *list, const char *where, struct error *err);
/* Whether two lists have a CPU in common; true also where one is none. Runs in: check. */
bool affinity_meets(const char *list, const char *other);

/* --- memory_policy.c: set_mempolicy(2), numa(7) ----------------------------------------------- */
/* Names of linux.memoryPolicy, by n: NULL ends. For `features`. */
const char *memory_policy_mode_name(size_t n);
const char *memory_policy_flag_name(size_t n);
/* Runs in: parent. */
int memory_policy_check(const struct memory_policy_spec *policy, struct error *err);
/* Of the calling process, and of what it forks and executes; after the cgroup has its
 * cpuset.mems. Nothing if absent. Runs in: init, exec's first process. */
int memory_policy_apply(const struct memory_policy_spec *policy, struct error *err);

/* --- personality.c: personality(2) ------------------------------------------------------------ */
/* linux.personality; nothing if absent. Before the filter. Runs in: init, exec's first process. */
int personality_apply(const struct personality_spec *personality, struct error *err);

/* --- oom_score.c ------------------------------------------------------------------------------ */
/* Writes /proc/PID/oom_score_adj through the private procfs; nothing when absent. */
int oom_score_apply(const struct process_spec *process, int procfs, pid_t pid, struct error *err);

/* --- lsm.c ------------------------------------------------------------------------------------ */
/* A label on a host without that LSM is an error: "apparmor: config provided but apparmor not
 * supported", "selinux label is specified in config, but selinux is disabled or not supported".
 * Runs in: parent. */
int lsm_check(const struct process_spec *process, struct error *err);
/* The same for linux.mountLabel, NULL where absent. */
int lsm_check_mounts(const char *label, struct error *err);
/* Whether the AppArmor profile is loaded, as far as we may know. Runs in: commands. */
int lsm_check_profile(const struct process_spec *process, struct error *err);
/* Opens attr/exec of the calling process for writing through a private procfs, or -1 without error
 * when no label is asked for (*none = true). Runs in: init, before pivot. */
int lsm_open(const struct process_spec *process, bool *none, struct error *err);
int lsm_label_exec(const struct process_spec *process, int fd, struct error *err);
int lsm_verify(const struct process_spec *process, int fd, struct error *err);
/* True if what attr/exec answered (length bytes) names the wanted label. */
bool lsm_label_is(const char *wanted, const char *answer, size_t length);
/* Keys made from here on carry the SELinux label; on = false takes it back. Nothing without
 * selinuxLabel. */
int lsm_label_keys(const struct process_spec *process, bool on, struct error *err);

/* --- keyring.c: keyrings(7) ------------------------------------------------------------------- */
/* Joins a new session keyring "_ses.<id>" and lets its owner search it. ENOSYS, EPERM of a filter
 * around us: ignored with a debug line. Runs in: init, before the user changes. */
int keyring_join(const char *id, struct error *err);
/* The same with the process's SELinux label on it, or the container couldn't use it. */
int keyring_join_labelled(const char *id, const struct process_spec *process, struct error *err);

/* --- arguments.c: execve(2) ------------------------------------------------------------------- */
/* Args and env (env_plan()) within the kernel's limit of both; stack: the limit of our own, in
 * bytes, which counts where rlimits has none. Runs in: check. */
int arguments_check(const struct process_spec *process, const char *const *env, uint64_t stack,
		    struct error *err);

/* --- env.c --------------------------------------------------------------------------------------
 */
/*
 * process.env as execve(2) takes it: the last of two equal names wins (at the first's place),
 * entries without "=" are refused; LISTEN_FDS/LISTEN_PID added when listen_fds > 0.
 * NULL-terminated, in arena. Runs in: parent.
 */
const char **env_plan(const struct process_spec *process, int listen_fds, struct arena *arena,
		      struct error *err);
/* Replaces a missing or empty HOME by the user's directory in the container's /etc/passwd, else
 * "/": regular file only, non-blocking, bounded (safety.md F3). Runs in: init, after pivot with the
 * container's rights. Returns the new array (arena). */
const char **env_add_home(const char **env, uint32_t uid, struct arena *arena, struct error *err);
/* The directory of uid in the passwd(5) file at path; NULL if there is none to be found. */
const char *env_find_home(const char *path, uint32_t uid, struct arena *arena);

/* --- cwd.c --------------------------------------------------------------------------------------
 */
/* Makes the directory if it is missing (0755) and changes to it, after pivot; checks by getcwd(2)
 * that it lies inside the root (CVE-2024-21626). Error text: chdir to cwd ("/x") set in config.json
 * failed: ... Tried before privileges are dropped, where EACCES and EPERM are no error but leave
 * *entered false, and if so once more afterwards, with entered = NULL: then they are. */
int cwd_enter(const char *cwd, bool *entered, struct error *err);
/* The same without making anything: exec's. In a running container a missing directory is the
 * user's mistake, which podman and runc report. */
int cwd_change(const char *cwd, bool *entered, struct error *err);

/* --- executable.c -------------------------------------------------------------------------------
 */
/*
 * Finds args[0] as execvp(3) would with PATH of env, inside the container, with the container
 * user's filesystem ids and groups (setfsuid while still root; credentials are as before
 * afterwards; a caller that can't change them has become the user already). The texts are those
 * that engines parse (engines.md A0.9): exec: "sh": executable file not found in $PATH · exec:
 * "/x": stat /x: no such file or directory · exec: "/x": permission denied · exec: "/x": is a
 * directory. A script or ELF file whose interpreter is missing is named with the interpreter, which
 * is read through procfs (as of procfs_reopen(): -1 finds one). path (PATH_MAX bytes) gets the name
 * for execve(2). Runs in: init, after pivot and cwd_enter().
 */
int executable_find(const struct process_spec *process, const char *const *env, int procfs,
		    char *path, struct error *err);
/* The same, telling each file before it is looked at; look() false: it is to be passed over. */
struct executable_watch {
	bool (*look)(void *data, const char *path);
	void *data;
};
int executable_find_watched(const struct process_spec *process, const char *const *env, int procfs,
			    const struct executable_watch *watch, char *path, struct error *err);
/* execve(2); returns only on failure, with the same texts. */
int executable_exec(const char *path, const char *const *args, const char *const *env,
		    struct error *err);
/* error_reason() with the literal texts for ENOENT, EACCES and EPERM: for what the user asked to be
 * run, never for the runtime's own work. */
const char *process_reason(int code);

#endif
