/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an exec runs: config.json's process, changed by the options, or the document of --process.
 *
 * syscalls: openat, read
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "runtime/exec.h"

/* list + more, in the arena. */
static int append(struct arena *arena, struct string_list *list, const char *const *more,
		  size_t count, struct error *err)
{
	const char **items = arena_array(arena, list->count + count + 1, sizeof(*items));

	if (!items)
		return error_code(err, ENOMEM, "options of exec");
	for (size_t i = 0; i < list->count; i++)
		items[i] = list->items[i];
	for (size_t i = 0; i < count; i++)
		items[list->count + i] = more[i];
	list->items = items;
	list->count += count;
	list->present = true;
	return 0;
}

static int set_args(struct execution *execution, struct error *err)
{
	const char *const *args = execution->options->args;
	size_t count = 0;

	while (args[count])
		count++;
	execution->process.args = (struct string_list){ 0 };
	return append(&execution->arena, &execution->process.args, args, count, err);
}

static int add_groups(struct execution *execution, struct error *err)
{
	const struct exec_options *options = execution->options;
	struct user_spec *user = &execution->process.user;
	const size_t before = user->additional_gids.count;
	uint32_t *gids = arena_array(&execution->arena, before + options->additional_gids_count,
				     sizeof(*gids));

	if (!gids)
		return error_code(err, ENOMEM, "--additional-gids");
	for (size_t i = 0; i < before; i++)
		gids[i] = user->additional_gids.items[i];
	for (size_t i = 0; i < options->additional_gids_count; i++)
		gids[before + i] = options->additional_gids[i];
	user->additional_gids.items = gids;
	user->additional_gids.count = before + options->additional_gids_count;
	return 0;
}

static bool contains(const struct string_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

/* Added to bounding, effective and permitted; never to inheritable, and to ambient only what the
 * configuration lets be inherited (CVE-2022-29162). */
static int add_capabilities(struct execution *execution, struct error *err)
{
	const struct exec_options *options = execution->options;
	struct capabilities_spec *sets = &execution->process.capabilities;

	sets->present = true;
	if (append(&execution->arena, &sets->bounding, options->caps, options->caps_count, err) <
		    0 ||
	    append(&execution->arena, &sets->effective, options->caps, options->caps_count, err) <
		    0 ||
	    append(&execution->arena, &sets->permitted, options->caps, options->caps_count, err) <
		    0)
		return -1;
	for (size_t i = 0; i < options->caps_count; i++)
		if (contains(&sets->inheritable, options->caps[i]) &&
		    append(&execution->arena, &sets->ambient, &options->caps[i], 1, err) < 0)
			return -1;
	return 0;
}

static int read_process(struct execution *execution, struct error *err)
{
	const char *path = execution->options->process_file;
	autofree char *text = NULL;
	size_t length;

	if (file_read_at(AT_FDCWD, path, SPEC_SIZE_MAX, &text, &length, err) < 0 ||
	    spec_load_process(&execution->document, path, text, length, err) < 0)
		return error_context(err, "--process");
	execution->process = execution->document.process;
	execution->process.terminal |= execution->options->tty;
	execution->process.user.keep_groups = execution->spec.process.user.keep_groups;
	return 0;
}

static int apply_options(struct execution *execution, struct error *err)
{
	const struct exec_options *options = execution->options;
	struct process_spec *process = &execution->process;

	process->terminal = options->tty;
	if (options->cwd)
		process->cwd = options->cwd;
	if (options->apparmor)
		process->apparmor_profile = options->apparmor;
	if (options->process_label)
		process->selinux_label = options->process_label;
	process->no_new_privileges |= options->no_new_privs;
	if (options->user && user_parse(options->user, &process->user, err) < 0)
		return error_context(err, "--user");
	if (options->env_count > 0 &&
	    append(&execution->arena, &process->env, options->env, options->env_count, err) < 0)
		return -1;
	if (options->additional_gids_count > 0 && add_groups(execution, err) < 0)
		return -1;
	if (options->caps_count > 0 && add_capabilities(execution, err) < 0)
		return -1;
	return set_args(execution, err);
}

int exec_process_plan(struct execution *execution, struct error *err)
{
	if (execution->options->process_file)
		return read_process(execution, err);
	execution->process = execution->spec.process;
	if (!execution->process.present) /* a container without a process: only defaults */
		execution->process = (struct process_spec){ .present = true, .cwd = "/" };
	return apply_options(execution, err);
}
