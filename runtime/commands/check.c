/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun check. minirun-check(8)
 *
 * syscalls: openat read; those of the plan functions; write
 */
#include "runtime/check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"
#include "runtime/inspect/diff.h"
#include "runtime/inspect/posture.h"
#include "runtime/journal.h"
#include "runtime/store.h"
#include "spec/load.h"

struct check_options {
	const char *format, *explain;
	bool strict;
};

static const struct option rows[] = {
	{ .name = "explain",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct check_options, explain),
	  .value = "RULE",
	  .help = "say what a rule is about, and the cure" },
	{ .name = "format",
	  .letter = 'f',
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct check_options, format),
	  .value = "FORMAT",
	  .help = "text or json (default: text)",
	  .choices = "text json" },
	{ .name = "strict",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct check_options, strict),
	  .help = "warnings count, too" },
};

static const struct check_options defaults = { .format = "text" };

static const char *const level_names[] = {
	[FINDING_ERROR] = "error",
	[FINDING_WARNING] = "warn",
	[FINDING_NOTE] = "note",
};

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct check_options *options = data;

	if (strcmp(options->format, "text") != 0 && strcmp(options->format, "json") != 0)
		return error_set(err, "invalid format \"%s\": there are text and json",
				 options->format);
	if (options->explain && invocation->argument_count > 0)
		return error_set(err, "--explain takes no bundle");
	if (!options->explain && invocation->argument_count == 0)
		return error_set(err, "the bundle's directory is missing");
	return 0;
}

/* The file as it is, right or wrong. */
static int read_bundle(const char *path, char **text, size_t *length, char bundle[PATH_MAX],
		       struct error *err)
{
	autofd directory = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd config = -1;
	struct stat attributes;
	char link[32];
	ssize_t used;

	if (directory < 0)
		return error_errno(err, "bundle %s", path);
	config = openat(directory, "config.json", O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (config < 0 || fstat(config, &attributes) < 0)
		return error_errno(err, "bundle %s: config.json", path);
	if (!S_ISREG(attributes.st_mode))
		return error_set(err, "bundle %s: config.json is no regular file", path);
	if (fd_read_all(config, SPEC_SIZE_MAX, text, length) < 0)
		return error_errno(err, "bundle %s: read config.json", path);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", directory);
	used = readlink(link, bundle, PATH_MAX - 1);
	if (used < 0)
		return error_errno(err, "bundle %s: name of the directory", path);
	bundle[used] = '\0';
	return 0;
}

/* A container's is the one that was kept at create. */
static int read_container(const struct settings *settings, const char *id, char **text,
			  size_t *length, char bundle[PATH_MAX], struct error *err)
{
	struct store store = STORE_INIT;
	struct container_info info = { 0 };
	int result = container_load(settings, id, &info, err);

	if (result == 0)
		(void)snprintf(bundle, PATH_MAX, "%s", info.record.bundle);
	if (result == 0)
		result = store_open(&store, settings, id, err);
	if (result == 0)
		result = file_read_at(store.dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, text, length, err);
	store_close(&store);
	container_info_free(&info);
	return result;
}

static void print_finding(struct buffer *out, const struct finding *finding,
			  const struct text_style *style)
{
	const size_t begin = out->length;
	autobuffer text = { 0 };

	buffer_format(out, "%-5s  %s  ", level_names[finding->level], finding->rule);
	buffer_format(&text, "%s%s%s", finding->pointer, *finding->pointer ? ": " : "",
		      finding->text);
	out->failed |= text.failed;
	if (!out->failed)
		text_wrapped(out, text.text, out->length - begin, out->length - begin, style);
}

static void print_text(struct buffer *out, const struct findings *findings,
		       const struct text_style *style)
{
	for (size_t level = 0; level < FINDING_LEVEL_COUNT; level++) {
		for (size_t i = 0; i < findings->count; i++) {
			const struct finding *finding = &findings->items[i];

			if (finding->level != level)
				continue;
			print_finding(out, finding, style);
		}
	}
	buffer_format(out, "%zu error%s, %zu warning%s, %zu note%s\n", findings->of_level[0],
		      findings->of_level[0] == 1 ? "" : "s", findings->of_level[1],
		      findings->of_level[1] == 1 ? "" : "s", findings->of_level[2],
		      findings->of_level[2] == 1 ? "" : "s");
}

static void print_json(struct buffer *out, const struct findings *findings, const char *target)
{
	struct json_out json = json_out(out, 2);

	json_begin_object(&json, NULL);
	json_string(&json, "schema", "minirun.check/1");
	json_string(&json, "target", target);
	json_begin_array(&json, "findings");
	for (size_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		json_begin_object(&json, NULL);
		json_string(&json, "id", finding->rule);
		json_string(&json, "level", level_names[finding->level]);
		json_string(&json, "pointer", finding->pointer);
		json_string(&json, "text", finding->text);
		json_string(&json, "section", finding->section);
		json_end_object(&json);
	}
	json_end_array(&json);
	json_uint(&json, "errors", findings->of_level[FINDING_ERROR]);
	json_uint(&json, "warnings", findings->of_level[FINDING_WARNING]);
	json_uint(&json, "notes", findings->of_level[FINDING_NOTE]);
	json_end_object(&json);
	buffer_add(out, "\n");
}

/* --- posture, and what runs ---------------------------------------------------------------------
 */

static void take_posture(void *data, const struct posture_finding *finding)
{
	findings_add(data, finding->id, finding->manual, finding->level, finding->text);
}

/* Of a document that is right, whether or not this host can do it: what it leaves open. */
static void add_posture(struct findings *findings, const char *text, size_t length)
{
	autospec spec = { 0 };
	struct error ignored;

	for (size_t i = 0; i < findings->count; i++)
		if (findings->items[i].level == FINDING_ERROR &&
		    strncmp(findings->items[i].rule, "HOST-", strlen("HOST-")) != 0)
			return;
	if (spec_load(&spec, "config.json", text, length, &ignored) == 0)
		posture_check(&spec, take_posture, findings);
}

#define RUNNING_RULE "RUN01"

static bool explain_running(struct buffer *out, const char *rule)
{
	if (strcmp(rule, RUNNING_RULE) != 0)
		return false;
	buffer_add(out,
		   RUNNING_RULE " is a warning\n"
				"why:  the kernel's facts of the running process aren't those that "
				"config.json asks for\n"
				"cure: look who changed it; `minirun diff` shows both\n"
				"see:  minirun-diff(8)\n");
	return true;
}

/* A container that runs: is what the kernel has what was asked for? */
static int compare_running(struct findings *findings, const struct invocation *invocation,
			   const char *id, struct error *err)
{
	const unsigned blocks = BLOCK_CAPS | BLOCK_NS | BLOCK_SECCOMP;
	autosubject subject = { 0 };
	autodocument asked = { 0 }, real = { 0 };
	struct target plan;
	struct diff diff = { 0 };

	if (subject_open(&subject, invocation, id, err) < 0)
		return -1;
	plan = subject.target;
	plan.pid = 0;
	plan.kind = TARGET_BUNDLE;
	if (subject.target.pid <= 0 || !subject.target.config)
		return 0;
	if (document_collect(&asked, &plan, blocks, err) < 0 ||
	    document_collect(&real, &subject.target, blocks, err) < 0)
		return -1;
	diff_make(&diff, &asked, &real);
	for (size_t i = 0; i < diff.count; i++) {
		autobuffer text = { 0 };

		if (diff.rows[i].unknown)
			continue;
		buffer_format(&text, "%s: config.json asks for %s, the kernel has %s",
			      diff.rows[i].path, diff.rows[i].a, diff.rows[i].b);
		findings_add(findings, RUNNING_RULE, "minirun-diff(8)", FINDING_WARNING,
			     text.text ? text.text : "(out of memory)");
	}
	diff_free(&diff);
	return 0;
}

static int explain(const char *rule, struct error *err)
{
	autobuffer out = { 0 };

	if (!check_explain(&out, rule) && !explain_running(&out, rule) &&
	    !posture_explain(&out, rule))
		return error_set(err, "--explain %s: there is no such rule", rule);
	return usage_print(&out, err);
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct check_options *options = data;
	const struct inspection_options inspection = INSPECTION_DEFAULTS;
	const struct text_style style = inspection_style(invocation, &inspection);
	autofindings findings = { 0 };
	autofree char *text = NULL;
	autobuffer out = { 0 };
	const char *target;
	bool exists;
	char bundle[PATH_MAX];
	size_t length = 0;
	int result;

	if (options->explain)
		return explain(options->explain, err);
	target = invocation->arguments[0];
	exists = !strchr(target, '/') && *target != '.';
	if (!exists)
		result = read_bundle(target, &text, &length, bundle, err);
	else
		result = read_container(invocation->settings, target, &text, &length, bundle, err);
	if (result < 0 ||
	    check_config(&findings, invocation->settings,
			 &(struct check_subject){ bundle, text, length, exists }, err) < 0)
		return -1;
	add_posture(&findings, text, length);
	if (exists && compare_running(&findings, invocation, target, err) < 0)
		return -1;
	if (strcmp(options->format, "json") == 0)
		print_json(&out, &findings, target);
	else
		print_text(&out, &findings, &style);
	if (usage_print(&out, err) < 0)
		return -1;
	return findings.of_level[FINDING_ERROR] > 0 ||
	       (options->strict && findings.of_level[FINDING_WARNING] > 0);
}

const struct command check_command = {
	.name = "check",
	.usage = "BUNDLE|ID",
	.help = "say all that is wrong with a configuration",
	.description =
		"Asks every rule of the specification, whether this host can do it, and what the\n"
		"configuration leaves open; of a running container also whether the kernel has\n"
		"what was asked for. Makes nothing. BUNDLE is a directory: a word with a / or "
		"beginning with a dot.\n"
		"\n"
		"Examples:\n"
		"  minirun check bundle/\n"
		"  minirun check --format json . | jq '.findings[].pointer'\n"
		"  minirun check --explain SPEC-time-offsets\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct check_options),
	.arguments_max = 1,
	.failure = "minirun check: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.check = check,
	.run = run,
};
