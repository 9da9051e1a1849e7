/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the words on the command line to what they name: containers through their state directory,
 * bundles through their config.json. runtime/inspect/ knows neither.
 *
 * syscalls: openat read readlink isatty; those of the plans, which only look
 */
#include "runtime/commands/inspection.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "runtime/commands/global.h"
#include "runtime/creation.h"
#include "runtime/journal.h"
#include "runtime/store.h"
#include "spec/load.h"

static bool exists(const char *id, void *data)
{
	const struct invocation *invocation = data;
	struct container_info info;
	struct error ignored;
	bool found = container_load(invocation->settings, id, &info, &ignored) == 0;

	container_info_free(&info);
	return found;
}

/* What create adds before it plans: a user namespace for who has no privilege, and the maps of one
 * that has none. What it would refuse there isn't for an inspection to say. */
static int complete(struct container_spec *spec, struct error *err)
{
	struct namespace_plan namespaces;
	struct user_maps maps;
	struct error ignored;

	if (spec_add_user_namespace(spec, err) < 0)
		return -1;
	if (namespace_plan(spec, &namespaces, NULL, &ignored) == 0)
		(void)spec_plan_user_ids(spec, &namespaces, &maps, &spec->arena, NULL, &ignored);
	namespace_plan_close(&namespaces);
	return 0;
}

/* The configuration as it was at create. One that isn't there yet is none. */
static int load_frozen(struct subject *subject, const struct settings *settings, struct error *err)
{
	struct store store = STORE_INIT;
	autofree char *text = NULL;
	size_t length = 0;
	int result = store_open(&store, settings, subject->target.name, err);

	if (result == 0)
		result =
			file_read_at(store.dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err);
	store_close(&store);
	if (result < 0)
		return err->code == ENOENT ? 0 : -1;
	if (spec_load(&subject->spec, JOURNAL_CONFIG, text, length, err) < 0)
		return -1;
	subject->has_spec = true;
	subject->target.config = &subject->spec;
	return complete(&subject->spec, err);
}

static int open_container(struct subject *subject, const struct settings *settings,
			  struct error *err)
{
	struct target *target = &subject->target;

	if (container_load(settings, target->name, &subject->info, err) < 0)
		return -1;
	target->status = container_status_name(subject->info.status);
	target->pid = subject->info.pid;
	target->bundle = subject->info.record.bundle;
	target->rootfs = subject->info.record.rootfs;
	target->cgroup_path = subject->info.record.cgroup_path;
	return load_frozen(subject, settings, err);
}

static int open_bundle(struct subject *subject, struct arena *arena, struct error *err)
{
	struct target *target = &subject->target;
	autofd bundle = openat(AT_FDCWD, target->name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd config = -1;
	autofree char *text = NULL;
	char link[32], path[PATH_MAX];
	struct stat attributes;
	size_t length = 0;
	ssize_t used;

	if (bundle < 0)
		return error_errno(err, "bundle %s", target->name);
	/* without waiting for the writer of a FIFO */
	config = openat(bundle, "config.json", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (config < 0 || fstat(config, &attributes) < 0)
		return error_errno(err, "bundle %s: config.json", target->name);
	if (!S_ISREG(attributes.st_mode))
		return error_set(err, "bundle %s: config.json is no regular file", target->name);
	if (fd_read_all(config, SPEC_SIZE_MAX, &text, &length) < 0)
		return error_errno(err, "bundle %s: read config.json", target->name);
	if (spec_load(&subject->spec, "config.json", text, length, err) < 0)
		return -1;
	subject->has_spec = true;
	target->config = &subject->spec;
	if (complete(&subject->spec, err) < 0)
		return -1;
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", bundle);
	used = readlink(link, path, sizeof(path) - 1);
	if (used < 0)
		return error_errno(err, "bundle %s: name of the directory", target->name);
	path[used] = '\0';
	target->bundle = arena_string(arena, path);
	return target->bundle ? 0 : error_set(err, "out of memory");
}

int subject_open(struct subject *subject, const struct invocation *invocation, const char *text,
		 struct error *err)
{
	memset(subject, 0, sizeof(*subject));
	if (target_parse(&subject->target, text, exists, (void *)(uintptr_t)invocation, err) < 0)
		return -1;
	if (subject->target.kind == TARGET_CONTAINER)
		return open_container(subject, invocation->settings, err);
	if (subject->target.kind == TARGET_BUNDLE)
		return open_bundle(subject, invocation->arena, err);
	return 0;
}

void subject_free(struct subject *subject)
{
	container_info_free(&subject->info);
	if (subject->has_spec)
		spec_free(&subject->spec);
	subject->has_spec = false;
}

static int visit_id(const struct invocation *invocation, const char *id, subject_visit *visit,
		    void *data, struct error *err)
{
	autosubject subject = { .target = { .text = id, .kind = TARGET_CONTAINER, .name = id } };

	if (open_container(&subject, invocation->settings, err) < 0)
		return err->code == ENOENT ? 0 : -1;
	return visit(&subject, data, err);
}

int subject_each(const struct invocation *invocation, subject_visit *visit, void *data,
		 struct error *err)
{
	char **ids = NULL;
	size_t count = 0;
	int result = container_list_ids(invocation->settings, &ids, &count, err);

	for (size_t i = 0; i < count; i++) {
		if (result == 0)
			result = visit_id(invocation, ids[i], visit, data, err);
		free(ids[i]);
	}
	free(ids);
	return result;
}

static bool locale_is_utf8(const struct environment *environment)
{
	const char *locale = environment->lc_all;

	if (!locale || !*locale)
		locale = environment->lc_ctype;
	if (!locale || !*locale)
		locale = environment->lang;
	return locale && (strcasestr(locale, "utf-8") || strcasestr(locale, "utf8"));
}

struct text_style inspection_style(const struct invocation *invocation,
				   const struct inspection_options *options)
{
	const char *no_color = invocation->environment->no_color;

	return (struct text_style){
		.utf8 = locale_is_utf8(invocation->environment),
		.colour = isatty(STDOUT_FILENO) == 1 && !(no_color && *no_color),
		.header = !options->no_header,
		.verbose = options->verbose,
		.how = options->how,
	};
}

int inspection_format(const struct inspection_options *options, bool *json, struct error *err)
{
	*json = strcmp(options->format, "json") == 0;
	if (*json || strcmp(options->format, "text") == 0)
		return 0;
	return error_set(err, "invalid format \"%s\": there are text and json", options->format);
}
