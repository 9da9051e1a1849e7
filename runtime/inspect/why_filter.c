/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the filter makes of a system call, with arguments and without: seccomp(2).
 *
 * syscalls: none
 */
#include <stddef.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/why_reason.h"

#define CALL_ARGUMENTS ARRAY_SIZE(((struct seccomp_data *)NULL)->args)

static const char *rule_pointer(const struct why_facts *facts, const char *call)
{
	const struct container_spec *config = facts->document->target->config;

	if (!config || !config->linux.seccomp.present)
		return NULL;
	for (size_t i = 0; i < config->linux.seccomp.syscalls.count; i++) {
		const struct string_list *names = &config->linux.seccomp.syscalls.items[i].names;

		for (size_t n = 0; n < names->count; n++)
			if (strcmp(names->items[n], call) == 0)
				return FORMAT(facts, "/linux/seccomp/syscalls/%zu", i);
	}
	return "/linux/seccomp/defaultAction";
}

static void judge_result(struct why *why, const struct why_facts *facts, uint32_t result)
{
	autobuffer text = { 0 };

	explain_result(&text, result);
	if ((result & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF)
		why_add(why, "seccomp", WHY_DEPENDS,
			"on the program that listens for the filter (NOTIFY): it answers for the "
			"kernel, or lets the kernel decide",
			rule_pointer(facts, why->call));
	else if ((result & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_TRACE)
		why_add(why, "seccomp", WHY_DEPENDS,
			FORMAT(facts, "on its tracer (%s): without one that answers it is ENOSYS",
			       text.text ? text.text : "TRACE"),
			rule_pointer(facts, why->call));
	else if (explain_lets_through(result))
		why_add(why, "seccomp", WHY_ALLOWED, FORMAT(facts, "the filter says %s", text.text),
			NULL);
	else
		why_add(why, "seccomp", WHY_DENIED,
			FORMAT(facts,
			       "the filter returns %s for it, decided before anything else is "
			       "looked "
			       "at: a capability would not help",
			       text.text ? text.text : ""),
			rule_pointer(facts, why->call));
}

static void judge_cases(struct why *why, const struct why_facts *facts,
			const struct explain_cases *cases)
{
	autobuffer text = { 0 };

	for (size_t i = 0; i < cases->count; i++) {
		const struct explain_case *one = &cases->items[i];

		if (explain_lets_through(one->result))
			continue;
		buffer_add(&text, text.length ? "; " : "");
		explain_result(&text, one->result);
		buffer_add(&text, " if ");
		explain_conditions(&text, one);
	}
	if (text.length == 0)
		why_add(why, "seccomp", WHY_ALLOWED,
			"the filter lets it through whatever the arguments", NULL);
	else
		why_add(why, "seccomp", WHY_DEPENDS,
			FORMAT(facts, "on the arguments: %s", text.text ? text.text : ""),
			rule_pointer(facts, why->call));
}

/* Whether an argument behind the first count of them decides, too. */
static bool asks_for_more(const struct explain_cases *cases, size_t count)
{
	for (size_t i = 0; i < cases->count; i++)
		for (size_t n = 0; n < cases->items[i].count; n++) {
			const struct explain_value *value = &cases->items[i].conditions[n].value;
			const size_t first = offsetof(struct seccomp_data, args) / sizeof(uint32_t);

			if (!value->constant && value->word >= first + 2 * count)
				return true;
		}
	return false;
}

void why_filter_judge(struct why *why, const struct why_facts *facts, uint32_t number,
		      const uint64_t *arguments, size_t count)
{
	const uint32_t arch = call_native_arch();
	struct explain_cases cases = { 0 };
	struct error err;

	if (!facts->filters) {
		why_add(why, "seccomp", WHY_UNKNOWN, facts->filters_error, NULL);
		return;
	}
	if (facts->filters->stack.count == 0) {
		why_add(why, "seccomp", WHY_ALLOWED, "no filter", NULL);
		return;
	}
	if (!(arguments && count == CALL_ARGUMENTS) &&
	    explain_call(&facts->filters->stack, arch, number, &cases, &err) < 0) {
		why_add(why, "seccomp", WHY_UNKNOWN, FORMAT(facts, "%s", err.text), NULL);
	} else if (arguments && !asks_for_more(&cases, count)) {
		struct seccomp_data data = { .nr = (int)number, .arch = arch };
		uint32_t result;

		for (size_t i = 0; i < count; i++)
			data.args[i] = arguments[i];
		if (explain_verdict(&facts->filters->stack, &data, &result, NULL, &err) == 0)
			judge_result(why, facts, result);
		else
			why_add(why, "seccomp", WHY_UNKNOWN, FORMAT(facts, "%s", err.text), NULL);
	} else if (cases.count == 1) {
		judge_result(why, facts, cases.items[0].result);
	} else {
		judge_cases(why, facts, &cases);
	}
	explain_cases_free(&cases);
}
