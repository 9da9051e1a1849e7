/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all layers of why need.
 *
 * syscalls: open, openat, read
 */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "runtime/inspect/why_reason.h"

#define SETTING_MAX 64

void why_add(struct why *why, const char *name, enum why_verdict verdict, const char *text,
	     const char *pointer)
{
	if (why->count < WHY_LAYERS_MAX)
		why->layers[why->count++] =
			(struct why_layer){ name, verdict, text ? text : "(out of memory)",
					    pointer };
}

void why_say(struct why_reason *reason, enum why_sureness sure, const char *layer, const char *text,
	     const char *pointer)
{
	*reason = (struct why_reason){ sure, layer, text ? text : "(out of memory)", pointer };
}

bool why_has_capability(const struct why_facts *facts, int capability)
{
	const struct caps_facts *caps = &facts->document->caps;

	return fact_is_known(&caps->fact) && (caps->set[CAPABILITY_EFFECTIVE] >> capability & 1);
}

const char *why_pointer_if(const struct why_facts *facts, const char *pointer)
{
	return facts->document->target->config ? pointer : NULL;
}

const char *why_setting_text(const struct why_facts *facts, const char *name)
{
	autofd directory = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofree char *text = NULL;
	struct error ignored;

	if (directory < 0 || file_read_at(directory, name, SETTING_MAX, &text, NULL, &ignored) < 0)
		return NULL;
	text[strcspn(text, "\n")] = '\0';
	return arena_string(&facts->document->arena, text);
}

int64_t why_setting(const struct why_facts *facts, const char *name)
{
	const char *text = why_setting_text(facts, name);
	int64_t value;

	return text && string_to_int(text, INT32_MIN, INT32_MAX, &value) ? value : -1;
}

bool why_is_call(const struct why_failure *failure, const char *call)
{
	return strcmp(failure->call, call) == 0;
}

const char *why_setting_words(const struct why_facts *facts, const char *name)
{
	const char *text = name ? why_setting_text(facts, name) : NULL;
	char *dotted;

	if (!text)
		return "";
	dotted = arena_string(&facts->document->arena, name);
	for (char *at = dotted; at && *at; at++)
		if (*at == '/')
			*at = '.';
	return FORMAT(facts, "; %s is %s", dotted ? dotted : "the setting", text);
}

bool why_counts_on_host(const struct why_facts *facts, int capability)
{
	const struct fact_uint *userns = &facts->document->process.userns;

	return why_has_capability(facts, capability) && fact_is_known(&userns->fact) &&
	       userns->value == WHY_USERNS_INITIAL;
}
