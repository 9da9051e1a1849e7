/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers of a system call, judged one by one from facts: here all of them, and those that take
 * few words; cgroups(7).
 *
 * syscalls: none
 */
#include "runtime/inspect/why.h"

#include <string.h>

#include "base/table.h"
#include "runtime/inspect/why_reason.h"

static const char *const verdict_names[] = { "ok", "DENIED", "depends", "unknown" };

const char *why_verdict_name(enum why_verdict verdict)
{
	return verdict_names[verdict];
}

static void judge_limits(struct why *why, const struct why_facts *facts, unsigned flags)
{
	const struct cgroup_number *pids = &facts->document->cgroup.pids;

	if (!(flags & CALL_MAKES_PROCESSES))
		return;
	if (!fact_is_known(&pids->effective.fact) || !fact_is_known(&pids->used.fact))
		return;
	if (pids->used.value >= pids->effective.value)
		why_add(why, "limits", WHY_DENIED,
			FORMAT(facts,
			       "EAGAIN: %llu of %llu processes of the cgroup %s; zombies that "
			       "nobody "
			       "reaps count",
			       (unsigned long long)pids->used.value,
			       (unsigned long long)pids->effective.value,
			       pids->effective_from ? pids->effective_from : ""),
			facts->document->target->config ? "/linux/resources/pids/limit" : NULL);
	else
		why_add(why, "limits", WHY_ALLOWED,
			FORMAT(facts, "%llu of %llu processes of the cgroup",
			       (unsigned long long)pids->used.value,
			       (unsigned long long)pids->effective.value),
			NULL);
}

static void judge_files(struct why *why, const struct why_facts *facts, unsigned flags)
{
	const struct container_spec *config = facts->document->target->config;

	if (flags & CALL_CHANGES_FILES) {
		why_add(why, "mounts", WHY_DEPENDS,
			config && config->root.readonly
				? "on the path: EROFS on read-only mounts, and / is one"
				: "on the path: EROFS on read-only mounts",
			config && config->root.readonly ? "/root/readonly" : NULL);
		why_add(why, "permissions", WHY_DEPENDS,
			"on the file's owner and mode: EACCES, EPERM", NULL);
	} else if (flags & CALL_LOOKS_UP) {
		why_add(why, "permissions", WHY_DEPENDS,
			"on the modes of the directories on the way: EACCES", NULL);
	}
	if (flags & CALL_OPENS_DEVICES)
		why_add(why, "devices", WHY_DEPENDS,
			"on the device: EPERM by the cgroup's device filter, for nodes only",
			config ? "/linux/resources/devices" : NULL);
}

int why_call(struct why *why, const struct why_facts *facts, const char *call,
	     const uint64_t *arguments, size_t argument_count, struct error *err)
{
	const int number = call_number(call_native_arch(), call);
	const unsigned flags = call_effect_find(call)->flags;
	const struct privilege *row;
	size_t n = 0;

	*why = (struct why){ .call = call };
	if (number < 0)
		return error_set(err, "%s: there is no system call of this name on %s", call,
				 call_arch_name(call_native_arch()));
	why_filter_judge(why, facts, (uint32_t)number, arguments, argument_count);
	while ((row = privilege_find(call, &n)) != NULL)
		why_capability_judge(why, facts, row, arguments, argument_count);
	why_settings_judge(why, facts, arguments, argument_count);
	judge_limits(why, facts, flags);
	judge_files(why, facts, flags);
	why_protected_judge(why, facts);
	why_label_judge(why, facts);
	return 0;
}

void why_message(struct why *why, const struct why_facts *facts)
{
	static const struct privilege change = {
		.call = "netlink",
		.capability = "cap_net_admin",
		.owner = OWNER_NAMESPACE,
		.kind = NAMESPACE_NETWORK,
	};

	*why = (struct why){ .call = change.call };
	why_capability_judge(why, facts, &change, NULL, 0);
}

const struct why_layer *why_decisive(const struct why *why)
{
	static const enum why_verdict order[] = { WHY_DENIED, WHY_UNKNOWN, WHY_DEPENDS };

	for (size_t v = 0; v < ARRAY_SIZE(order); v++)
		for (size_t i = 0; i < why->count; i++)
			if (why->layers[i].verdict == order[v])
				return &why->layers[i];
	return NULL;
}
