/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hooks of config.json, point by point: config.md#posix-platform-hooks. One hook's process is
 * in hook_program.c, its output in hook_output.c, what ends its descendants in hook_guard.c.
 *
 * syscalls: openat faccessat fstatat
 */
#include "runtime/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "runtime/hook_program.h"

static const char *const names[HOOK_POINT_COUNT] = {
	[HOOK_PRESTART] = "prestart",
	[HOOK_CREATE_RUNTIME] = "createRuntime",
	[HOOK_CREATE_CONTAINER] = "createContainer",
	[HOOK_START_CONTAINER] = "startContainer",
	[HOOK_POSTSTART] = "poststart",
	[HOOK_POSTSTOP] = "poststop",
};

const char *hook_point_name(enum hook_point point)
{
	return names[point];
}

static int name_hook(enum hook_point point, size_t i, struct error *err)
{
	(void)error_context(err, "/hooks/%s/%zu: error running %s hook #%zu", names[point], i,
			    names[point], i);
	return error_kind(err, ERROR_HOOK);
}

int hooks_fault(const char *path)
{
	struct stat file;

	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ||
	    fstatat(AT_FDCWD, path, &file, 0) < 0)
		return errno;
	return S_ISREG(file.st_mode) ? 0 : EACCES;
}

int hooks_cannot_start(enum hook_point point, size_t i, const char *path, int code,
		       struct error *err)
{
	(void)hook_program_cannot_start(path, code, err);
	return name_hook(point, i, err);
}

/* Of those that run while init waits for them. A kill has marked its victim when kill(2) returns,
 * so the one hook is named. What is gone altogether isn't ours to judge. */
static int check_init(enum hook_point point, pid_t init, struct error *err)
{
	struct process_status status;

	if (point > HOOK_CREATE_RUNTIME || process_read_status(init, &status) < 0 ||
	    !process_is_ending(&status))
		return 0;
	return error_set(err, "the container's init has ended meanwhile");
}

static int run_all(enum hook_point point, const struct hook_list *hooks, pid_t init,
		   const struct hook_setting *setting, struct error *err)
{
	for (size_t i = 0; i < hooks->count; i++) {
		log_debug("hook %s #%zu: %s", names[point], i, hooks->items[i].path);
		if (hook_program_run(&hooks->items[i], setting, err) == 0 &&
		    check_init(point, init, err) == 0)
			continue;
		(void)name_hook(point, i, err);
		if (point != HOOK_POSTSTOP)
			return -1;
		log_warning("%s", err->text);
	}
	return 0;
}

/* The annotations run.oci.hooks.stdout and .stderr: a file to append to, from the hooks' directory.
 * Whoever reads a FIFO must be there already: we don't wait. */
static int open_copy(const struct state_document *state, const char *name, int cwd, int *copy,
		     struct error *err)
{
	const char *path = NULL;

	for (size_t i = 0; state->annotations && i < state->annotations->count; i++)
		if (strcmp(state->annotations->items[i].name, name) == 0)
			path = state->annotations->items[i].value;
	if (!path)
		return 0;
	*copy = openat(cwd, path, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_NONBLOCK | O_CLOEXEC,
		       0600);
	return *copy < 0 ? error_errno(err, "/annotations/%s: open %s", name, path) : 0;
}

/* Those in the container end with it. */
static bool is_guarded(enum hook_point point)
{
	return point != HOOK_CREATE_CONTAINER && point != HOOK_START_CONTAINER;
}

int hooks_run(enum hook_point point, const struct hook_list *hooks,
	      const struct state_document *state, const char *cwd, const char *const *inherited_env,
	      struct error *err)
{
	autobuffer document = { 0 };
	autofd directory = -1;
	autofd output = -1;
	autofd errors = -1;

	if (hooks->count == 0)
		return 0;
	state_write_for_hook(&document, state);
	if (document.failed)
		return error_code(err, ENOMEM, "%s hooks: the state", names[point]);
	directory = openat(AT_FDCWD, cwd, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return error_errno(err, "%s hooks: their working directory %s", names[point], cwd);
	/* a startContainer hook runs in the image's files, where the name is the image's to choose
	 */
	if (point != HOOK_START_CONTAINER &&
	    (open_copy(state, "run.oci.hooks.stdout", directory, &output, err) < 0 ||
	     open_copy(state, "run.oci.hooks.stderr", directory, &errors, err) < 0))
		return -1;
	return run_all(point, hooks, state->pid,
		       &(struct hook_setting){ &document,
					       inherited_env,
					       directory,
					       is_guarded(point),
					       { output, errors } },
		       err);
}
