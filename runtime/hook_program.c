/* SPDX-License-Identifier: Apache-2.0 */
/*
 * memfd_create(2), posix_spawn(3), pidfd_open(2).
 *
 * A hook can't make us wait for ever: its input is a sealed file, not a pipe that somebody has to
 * read; its output is read as it comes and only the end of it is kept; and it is over when its
 * process has ended, although a daemon that it left behind may hold the output open. One that
 * fails, runs past its timeout or outlives us is killed with all that descends from it: by a guard
 * (hook_guard.h) in the runtime's namespaces; in the container the process group at once, the rest
 * by the end of init's pid namespace or cgroup, which such a failure brings about.
 *
 * posix_spawn(3) needs no copy of our page tables and says why a program couldn't be executed.
 *
 * syscalls: memfd_create write fcntl pipe2 clone execve setpgid close_range pidfd_open poll
 * kill waitid waitpid
 */
#include "runtime/hook_program.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "base/table.h"
#include "runtime/hook_guard.h"
#include "runtime/hook_output.h"

#define LOOK_AGAIN 20 /* milliseconds, where there is no pidfd */

/* MFD_NOEXEC_SEAL, Linux 6.3: not yet in Debian 12's headers. */
static const unsigned seal_and_no_exec = 0x0008U;

struct run {
	const struct hook_spec *hook;
	pid_t pid; /* our child: the hook, or its guard */
	int pidfd; /* of it */
	struct hook_guard guard;
	bool late; /* the timeout is over */
	struct hook_output outputs[2];
};

/* --- Starting --------------------------------------------------------------------------------- */

/* One for each hook: a program that goes on in the background keeps its own reading position. */
static int open_state(const struct buffer *state, struct error *err)
{
	autofd fd = memfd_create("state", MFD_CLOEXEC | seal_and_no_exec);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("state", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		return error_errno(err, "make the file for the state");
	if (fd_write_all(fd, state->text, state->length) < 0)
		return error_errno(err, "write the state");
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return error_errno(err, "seal the state");
	if (lseek(fd, 0, SEEK_SET) < 0)
		return error_errno(err, "go to the beginning of the state");
	return fd_take(&fd);
}

static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	int code;

	(void)sigemptyset(&none); /* these two fail only for a bad address */
	(void)sigfillset(&all);
	code = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
							    POSIX_SPAWN_SETSIGDEF);
	if (code == 0)
		code = posix_spawnattr_setpgroup(attributes, 0);
	if (code == 0)
		code = posix_spawnattr_setsigmask(attributes, &none);
	if (code == 0)
		code = posix_spawnattr_setsigdefault(attributes, &all);
	return code;
}

/* Directory, the three standard streams, nothing else. */
static int set_actions(posix_spawn_file_actions_t *actions, int cwd, const int *streams)
{
	int code = posix_spawn_file_actions_addfchdir_np(actions, cwd);

	for (int fd = 0; code == 0 && fd <= 2; fd++)
		code = posix_spawn_file_actions_adddup2(actions, streams[fd], fd);
	if (code == 0)
		code = posix_spawn_file_actions_addclosefrom_np(actions, 3);
	return code;
}

/* What the hook is started with. */
struct command {
	const char *path;
	char *const *args;
	char *const *env;
	int cwd;
	int streams[3];
};

/* hook_spawn */
static int spawn(void *context, pid_t *pid)
{
	const struct command *command = context;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int code = posix_spawn_file_actions_init(&actions);

	if (code != 0)
		return code;
	code = posix_spawnattr_init(&attributes);
	if (code == 0) {
		code = set_attributes(&attributes);
		if (code == 0)
			code = set_actions(&actions, command->cwd, command->streams);
		if (code == 0)
			code = posix_spawn(pid, command->path, &actions, &attributes, command->args,
					   command->env);
		(void)posix_spawnattr_destroy(&attributes); /* always 0 */
	}
	(void)posix_spawn_file_actions_destroy(&actions); /* always 0 */
	return code;
}

/* What execve(2) takes; it doesn't write to them, its prototype is older than const. */
static char *const *as_vector(const char *const *strings)
{
	return (char *const *)(uintptr_t)strings;
}

int hook_program_cannot_start(const char *path, int code, struct error *err)
{
	return error_code(err, code, "start %s", path);
}

/* 0 or an errno. */
static int start_command(struct run *run, bool guarded, struct command *command)
{
	int code;

	if (!guarded)
		return spawn(command, &run->pid);
	code = hook_guard_start(&run->guard, spawn, command);
	run->pid = run->guard.pid;
	return code;
}

static int start(struct run *run, const struct hook_setting *setting, struct error *err)
{
	static const char *const nothing[] = { NULL };
	const struct hook_spec *hook = run->hook;
	const char *const only_path[] = { hook->path, NULL };
	const char *const *args = hook->args.count > 0 ? hook->args.items : only_path;
	const char *const *env = hook->env.count > 0 ? hook->env.items : nothing;
	autofd input = open_state(setting->state, err);
	autofd output = -1;
	autofd errors = -1;
	int code;

	if (!hook->env.present && setting->inherited_env)
		env = setting->inherited_env;
	if (input < 0 || hook_output_open(&run->outputs[0], &output, err) < 0 ||
	    hook_output_open(&run->outputs[1], &errors, err) < 0)
		return -1;
	code = start_command(run, setting->guarded,
			     &(struct command){ hook->path,
						as_vector(args),
						as_vector(env),
						setting->cwd,
						{ input, output, errors } });
	if (code != 0)
		return hook_program_cannot_start(hook->path, code, err);
	return 0;
}

/* --- Waiting ---------------------------------------------------------------------------------- */

/* The group's number can't be anybody else's before its leader is reaped. The leader once
 * more by itself: it may have left for another group. */
static void kill_hook(const struct run *run)
{
	if (run->guard.channel >= 0) {
		hook_guard_end(&run->guard);
		return;
	}
	(void)kill(-run->pid, SIGKILL); /* ESRCH: nobody is left in it */
	(void)kill(run->pid, SIGKILL);	/* not reaped yet, so the number is its own */
}

/* Asks in another way where there is no pidfd: startContainer hooks run under the container's
 * filter, and older profiles don't know pidfd_open(2). */
static bool has_ended(const struct run *run, const struct pollfd *pidfd)
{
	siginfo_t info = { 0 };

	if (run->pidfd >= 0)
		return pidfd->revents != 0;
	return waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
	       info.si_pid != 0;
}

static int64_t deadline(const struct opt_int *timeout)
{
	if (!timeout->present || timeout->value > INT32_MAX)
		return INT64_MAX;
	return clock_milliseconds() + timeout->value * 1000;
}

/* How long poll(2) may sleep. */
static int patience(const struct run *run, int64_t end)
{
	int64_t rest = run->late || end == INT64_MAX ? INT64_MAX : end - clock_milliseconds();

	if (run->pidfd < 0 && rest > LOOK_AGAIN)
		return LOOK_AGAIN;
	if (rest == INT64_MAX)
		return -1;
	return rest < 0 ? 0 : rest > INT_MAX ? INT_MAX : (int)rest;
}

/* A foreground run blocks what would end it, to hand it on to the container (monitor.h). Before
 * there is one, it ends the hook that everything waits for. -1: not blocked, so the default action
 * does. */
static int open_interrupts(void)
{
	static const int ending[] = { SIGTERM, SIGINT, SIGHUP, SIGQUIT };
	sigset_t blocked, wanted;

	if (sigprocmask(SIG_SETMASK, NULL, &blocked) < 0 || sigismember(&blocked, SIGTERM) != 1)
		return -1;
	(void)sigemptyset(&wanted); /* these two fail only for bad arguments */
	table_for_each (signal, ending)
		(void)sigaddset(&wanted, *signal);
	return signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Until the hook's process has ended. */
static int await_end(struct run *run, struct error *err)
{
	const int64_t end = deadline(&run->hook->timeout);
	autofd interrupts = open_interrupts();

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = run->pidfd, .events = POLLIN },
			{ .fd = run->outputs[0].fd, .events = POLLIN },
			{ .fd = run->outputs[1].fd, .events = POLLIN },
			{ .fd = interrupts, .events = POLLIN },
		};

		if (poll(fds, 4, patience(run, end)) < 0 && errno != EINTR && errno != EAGAIN)
			return error_errno(err, "wait for %s", run->hook->path);
		for (int i = 0; i < 2; i++) {
			if (fds[1 + i].revents) /* fd says whether it goes on */
				(void)hook_output_read(&run->outputs[i]);
		}
		if (has_ended(run, &fds[0]))
			return 0;
		if (fds[3].revents)
			return error_set(err, "%s was interrupted", run->hook->path);
		if (!run->late && end != INT64_MAX && clock_milliseconds() >= end) {
			run->late = true;
			kill_hook(run);
		}
	}
}

/* --- The result ------------------------------------------------------------------------------- */

static int failed(const struct run *run, const char *how, struct error *err)
{
	char output[HOOK_OUTPUT_SHOWN], errors[HOOK_OUTPUT_SHOWN];

	hook_output_show(&run->outputs[0], output);
	hook_output_show(&run->outputs[1], errors);
	return error_set(err, "%s, stdout: %s, stderr: %s", how, output, errors);
}

/* "signal: bad system call", as runc says it. */
static void name_signal(int signal, char *text, size_t size)
{
	const char *description = sigdescr_np(signal);

	(void)snprintf(text, size, "signal: %s", description ? description : "?");
	text[strlen("signal: ")] |= 0x20; /* a small letter */
}

static int judge(const struct run *run, int status, struct error *err)
{
	char how[128];

	if (run->late) {
		(void)snprintf(how, sizeof(how), "ran past its timeout of %lld s",
			       (long long)run->hook->timeout.value);
	} else if (WIFSIGNALED(status)) {
		name_signal(WTERMSIG(status), how, sizeof(how));
	} else if (WEXITSTATUS(status) != 0) {
		(void)snprintf(how, sizeof(how), "exit status %d", WEXITSTATUS(status));
	} else {
		return 0;
	}
	return failed(run, how, err);
}

static void log_output(const struct run *run)
{
	static const char *const streams[] = { "stdout", "stderr" };

	for (int i = 0; i < 2; i++) {
		if (run->outputs[i].length > 0)
			log_debug("hook %s: %s: %s%s", run->hook->path, streams[i],
				  run->outputs[i].cut ? "..." : "", run->outputs[i].bytes);
	}
}

/* Whatever happens, the process is gone and reaped afterwards. */
static int finish(struct run *run, struct error *err)
{
	autofd pidfd = pidfd_open(run->pid, 0);
	struct error reaping;
	int result, status = 0;

	run->pidfd = pidfd;
	result = await_end(run, err);
	if (result < 0)
		kill_hook(run);
	if (process_reap(run->pid, &status, &reaping) < 0 && result == 0) {
		*err = reaping;
		return -1;
	}
	if (run->guard.channel >= 0)
		hook_guard_status(&run->guard, &status);
	for (int i = 0; i < 2; i++)
		hook_output_drain(&run->outputs[i]);
	log_output(run);
	return result < 0 ? -1 : judge(run, status, err);
}

int hook_program_run(const struct hook_spec *hook, const struct hook_setting *setting,
		     struct error *err)
{
	struct run run = {
		.hook = hook,
		.pidfd = -1,
		.guard.channel = -1,
		.outputs = { { .fd = -1, .copy = setting->copies[0] },
			     { .fd = -1, .copy = setting->copies[1] } },
	};
	int result = start(&run, setting, err);

	if (result == 0)
		result = finish(&run, err);
	fd_close(&run.outputs[0].fd);
	fd_close(&run.outputs[1].fd);
	return result;
}
