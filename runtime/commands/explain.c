/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun explain. minirun-explain(8)
 *
 * syscalls: those of creation_plan(); write
 */
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/commands/create.h"
#include "runtime/commands/explain_plan.h"
#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"

struct explain_options {
	struct inspection_options inspection;
	const char *config;
};

static const struct option rows[] = {
	{ .name = "config",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct explain_options, config),
	  .value = "FILE",
	  .help = "configuration instead of the bundle's config.json" },
	INSPECTION_FORMAT_ROW(struct explain_options, inspection,
			      "text, json or sh (default: text)", "text json sh"),
};

static const struct explain_options defaults = { .inspection = INSPECTION_DEFAULTS };

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct explain_options *options = data;
	bool json;

	(void)invocation;
	if (strcmp(options->inspection.format, "sh") == 0)
		return 0;
	if (inspection_format(&options->inspection, &json, err) == 0)
		return 0;
	return error_set(err, "invalid format \"%s\": there are text, json and sh",
			 options->inspection.format);
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct explain_options *options = data;
	const struct text_style style = inspection_style(invocation, &options->inspection);
	struct create_options create = {
		.bundle = invocation->arguments[0],
		.config = options->config,
		.run = true,
		.dry_run = true,
	};
	struct settings settings = *invocation->settings;
	char id[NAME_MAX + 1];
	struct creation creation;
	autobuffer out = { 0 };
	int result;

	create_name_after(create.bundle, id, sizeof(id)); /* as run would */
	create.id = id;
	settings.cgroup.only_plan = true; /* such a container may be running */
	result = creation_plan(&creation, &settings, &create, err);
	if (result == 0) {
		/* what the rows ask about: there will be one */
		creation.cgroup = creation.cgroup_plan.place.path ? INT_MAX : -1;
		if (strcmp(options->inspection.format, "json") == 0)
			explain_json(&out, &creation);
		else if (strcmp(options->inspection.format, "sh") == 0)
			explain_script(&out, &creation);
		else
			explain_text(&out, &creation, &style);
		creation.cgroup = -1;
		result = usage_print(&out, err);
	}
	creation_free(&creation);
	return result;
}

const struct command explain_command = {
	.name = "explain",
	.usage = "BUNDLE",
	.help = "show step by step what a container would be made of",
	.description =
		"Prints the steps of create and start for the bundle, each with its system calls,\n"
		"the member of config.json that asks for it, the reason for its place, and the\n"
		"same by hand. Nothing is done. --format sh is a script for root that builds such\n"
		"a container with unshare, mount, ip and capsh.\n"
		"\n"
		"Examples:\n"
		"  minirun explain bundle/\n"
		"  minirun explain --format sh bundle/ >by-hand.sh && sh by-hand.sh\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct explain_options),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "minirun explain: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.check = check,
	.run = run,
};
