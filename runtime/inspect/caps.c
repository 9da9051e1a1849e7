/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities of a process, and of a configuration that doesn't run: capabilities(7),
 * proc_pid_status(5). The planned sets are those of the plan that create makes, put through the
 * execve(2) that follows.
 *
 * syscalls: prctl capget (the plan, within our own sets)
 */
#include "runtime/inspect/caps.h"

#include <inttypes.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/table.h"

#define BIT(number) (UINT64_C(1) << (number))

uint64_t caps_after_exec(const uint64_t set[CAPABILITY_SET_COUNT], bool uid_zero, bool no_new_privs)
{
	uint64_t permitted = set[CAPABILITY_AMBIENT];

	if (!uid_zero)
		return permitted;
	permitted |= set[CAPABILITY_INHERITABLE] | set[CAPABILITY_BOUNDING];
	/* no_new_privs: nothing is gained that wasn't permitted before */
	return no_new_privs ? permitted & set[CAPABILITY_PERMITTED] : permitted;
}

static uint64_t names_to_set(const struct string_list *names)
{
	uint64_t set = 0;

	for (size_t i = 0; i < names->count; i++) {
		int number = capability_from_name(names->items[i]);

		if (number >= 0 && number < capability_count())
			set |= BIT(number);
	}
	return set;
}

static void read_asked(struct caps_facts *caps, const struct container_spec *spec)
{
	const struct capabilities_spec *asked = &spec->process.capabilities;

	caps->has_config = spec->process.present;
	if (!asked->present)
		return;
	caps->asked[CAPABILITY_BOUNDING] = names_to_set(&asked->bounding);
	caps->asked[CAPABILITY_EFFECTIVE] = names_to_set(&asked->effective);
	caps->asked[CAPABILITY_INHERITABLE] = names_to_set(&asked->inheritable);
	caps->asked[CAPABILITY_PERMITTED] = names_to_set(&asked->permitted);
	caps->asked[CAPABILITY_AMBIENT] = names_to_set(&asked->ambient);
}

static void note_differences(struct document *document)
{
	const struct caps_facts *caps = &document->caps;
	uint64_t ambient = caps->asked[CAPABILITY_AMBIENT] & ~caps->set[CAPABILITY_AMBIENT];
	uint64_t effective = caps->asked[CAPABILITY_EFFECTIVE] & ~caps->set[CAPABILITY_EFFECTIVE];

	if (!caps->has_config || !fact_is_known(&caps->fact))
		return;
	if (ambient && (ambient & ~caps->asked[CAPABILITY_INHERITABLE]))
		document_note(document, "AMB01",
			      "ambient: config.json asks for %d, there are %d: an ambient "
			      "capability must be inheritable, too.%s",
			      __builtin_popcountll(caps->asked[CAPABILITY_AMBIENT]),
			      __builtin_popcountll(caps->set[CAPABILITY_AMBIENT]),
			      caps->uid_zero ? " Harmless for uid 0; any other user has none "
					       "after execve."
					     : "");
	if (effective && !caps->uid_zero)
		document_note(document, "EXE01",
			      "effective: config.json asks for %d, there are %d: of a user other "
			      "than 0 only ambient ones survive execve.",
			      __builtin_popcountll(caps->asked[CAPABILITY_EFFECTIVE]),
			      __builtin_popcountll(caps->set[CAPABILITY_EFFECTIVE]));
}

int caps_collect(struct document *document, const struct live *live, struct error *err)
{
	const struct status_facts *status = &document->process.status;
	struct caps_facts *caps = &document->caps;
	int securebits = live->pid == getpid() ? prctl(PR_GET_SECUREBITS) : -1;

	(void)err; /* what can't be read is a fact */
	caps->fact = status->fact;
	if (fact_is_known(&status->fact) && !status->has_capabilities)
		caps->fact = fact_absent("this kernel doesn't tell them");
	memcpy(caps->set, status->set, sizeof(caps->set));
	caps->no_new_privs = status->no_new_privs;
	if (!fact_is_known(&status->fact))
		caps->no_new_privs.fact = status->fact;
	caps->securebits.fact = fact_absent("the kernel tells them to the process itself only");
	if (securebits >= 0)
		caps->securebits = (struct fact_uint){ fact_known("prctl(PR_GET_SECUREBITS)"),
						       (uint64_t)securebits };
	caps->uid_zero = document->process.uid_is_mapped && document->process.uid == 0;
	caps->after_exec =
		caps_after_exec(caps->set, caps->uid_zero, caps->no_new_privs.value != 0);
	if (document->target->config && document->target->config->process.present) {
		read_asked(caps, document->target->config);
		if (strcmp(document->status, "created") == 0)
			document_note(document, "CRE01",
				      "created: the process is still minirun's own; config.json's "
				      "sets come with 'minirun start'.");
		else
			note_differences(document);
	}
	return 0;
}

int caps_plan(struct document *document, struct error *err)
{
	const struct container_spec *spec = document->target->config;
	struct caps_facts *caps = &document->caps;
	struct capability_plan plan;

	if (!spec->process.present) {
		caps->fact = fact_absent("config.json has no process");
		return 0;
	}
	if (capabilities_plan(&spec->process.capabilities, !document->process.userns_is_ours, &plan,
			      err) < 0)
		return -1;
	memcpy(caps->set, plan.set, sizeof(caps->set));
	read_asked(caps, spec);
	caps->uid_zero = document->process.uid == 0;
	/* what the program has, behind the execve that starts it */
	caps->after_exec =
		caps_after_exec(plan.set, caps->uid_zero, spec->process.no_new_privileges);
	caps->set[CAPABILITY_PERMITTED] = caps->after_exec;
	caps->set[CAPABILITY_EFFECTIVE] = caps->after_exec;
	caps->no_new_privs = (struct fact_uint){ fact_known("config.json#/process/noNewPrivileges"),
						 spec->process.no_new_privileges };
	caps->securebits.fact = fact_absent("those of minirun's caller");
	caps->fact = fact_known("config.json#/process/capabilities");
	note_differences(document);
	return 0;
}
