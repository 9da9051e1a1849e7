/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is mounted where for a process, and its security module's label. proc_pid_mountinfo(5),
 * proc_pid_attr(5)
 *
 * syscalls: openat read
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "runtime/inspect/document.h"

#define MOUNTINFO_MAX ((size_t)64 << 20)
#define LABEL_MAX 4096

/* mountinfo writes blank, tab, newline and backslash as three octal digits. */
static const char *unescaped(const char *text, struct arena *arena)
{
	char *copy = arena_string(arena, text ? text : "");
	char *to = copy;

	for (const char *from = copy; from && *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	if (to)
		*to = '\0';
	return copy;
}

static bool has_option(const char *options, const char *option)
{
	size_t length = strlen(option);

	for (const char *word = options; word; word = strchr(word, ',')) {
		word += *word == ',';
		if (strncmp(word, option, length) == 0 && (word[length] == ',' || !word[length]))
			return true;
	}
	return false;
}

bool mount_parse(char *line, struct mount_fact *mount, struct arena *arena)
{
	char *tail = strstr(line, " - "), *rest = line, *word;
	const char *fields[6] = { NULL };
	size_t count = 0;

	if (!tail)
		return false;
	*tail = '\0';
	while (count < 6 && (word = strsep(&rest, " ")))
		fields[count++] = word;
	if (count < 6)
		return false;
	mount->root = unescaped(fields[3], arena);
	mount->destination = unescaped(fields[4], arena);
	mount->options = arena_string(arena, fields[5]);
	mount->readonly = has_option(fields[5], "ro");
	rest = tail + 3;
	word = strsep(&rest, " ");
	mount->type = unescaped(word, arena);
	word = rest ? strsep(&rest, " ") : NULL;
	mount->source = unescaped(word, arena);
	mount->super_options = unescaped(rest ? rest : "", arena);
	return mount->root && mount->destination && mount->options && mount->type && mount->source;
}

static size_t count_lines(const char *text)
{
	size_t count = 0;

	while ((text = strchr(text, '\n'))) {
		count++;
		text++;
	}
	return count;
}

void mounts_read_config(struct mount_facts *mounts, const struct container_spec *spec)
{
	mounts->masked = (struct fact_uint){ fact_known("config.json#/linux/maskedPaths"),
					     spec->linux.masked_paths.count };
	mounts->readonly_paths = (struct fact_uint){ fact_known("config.json#/linux/readonlyPaths"),
						     spec->linux.readonly_paths.count };
}

int mounts_collect(struct document *document, const struct live *live, struct error *err)
{
	struct mount_facts *mounts = &document->mounts;
	const char *source = live_source(live, "mountinfo", &document->arena);
	autofree char *text = live_read(live, "mountinfo", MOUNTINFO_MAX, NULL);
	char *rest = text, *line;

	mounts->fact = text ? fact_known(source) : fact_from_errno(errno, source);
	if (document->target->config)
		mounts_read_config(mounts, document->target->config);
	if (!text)
		return 0;
	mounts->items =
		arena_array(&document->arena, count_lines(text) + 1, sizeof(*mounts->items));
	if (!mounts->items)
		return error_set(err, "out of memory");
	while ((line = strsep(&rest, "\n"))) {
		struct mount_fact *mount = &mounts->items[mounts->count];

		if (!*line || !mount_parse(line, mount, &document->arena))
			continue;
		if (strcmp(mount->destination, "/") == 0)
			mounts->root = *mount;
		mounts->count++;
	}
	return 0;
}

/* ---- security modules ---- */

static void read_active(struct document *document)
{
	static const char path[] = "/sys/kernel/security/lsm";
	struct fact_text *active = &document->lsm.active;
	autofree char *text = NULL;
	struct error err;

	if (file_read_at(AT_FDCWD, path, LABEL_MAX, &text, NULL, &err) < 0) {
		active->fact = fact_from_errno(err.code, path);
		active->fact.need = NULL;
		if (err.code == ENOENT)
			active->fact.why = "securityfs isn't mounted";
		return;
	}
	text[strcspn(text, "\n")] = '\0';
	active->value = arena_string(&document->arena, text);
	if (active->value)
		active->fact = fact_known(path);
}

int lsm_collect(struct document *document, const struct live *live, struct error *err)
{
	const char *source = live_source(live, "attr/current", &document->arena);
	autofree char *label = live_read(live, "attr/current", LABEL_MAX, NULL);
	struct fact_text *fact = &document->lsm.label;

	(void)err; /* what can't be read is a fact */
	read_active(document);
	if (!label) {
		fact->fact = fact_from_errno(errno, source); /* EINVAL: no module gives labels */
		return 0;
	}
	label[strcspn(label, "\n")] = '\0';
	fact->value = arena_string(&document->arena, label);
	fact->fact = fact->value && *fact->value ? fact_known(source) : fact_absent("no label");
	return 0;
}

int lsm_plan(struct document *document, struct error *err)
{
	const struct process_spec *process = &document->target->config->process;
	struct fact_text *label = &document->lsm.label;

	(void)err; /* pure but for what the host has */
	read_active(document);
	label->value =
		process->apparmor_profile ? process->apparmor_profile : process->selinux_label;
	label->fact =
		label->value ? fact_known("config.json#/process") : fact_absent("none asked for");
	return 0;
}
