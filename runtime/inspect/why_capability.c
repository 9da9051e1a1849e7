/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether a capability is asked for, in which user namespace, and whether it is effective there:
 * capabilities(7), user_namespaces(7) "Capabilities".
 *
 * syscalls: none
 */
#include <string.h>
#include <strings.h>

#include "runtime/inspect/namespaces.h"
#include "runtime/inspect/why_reason.h"

static int capability_number(const char *name)
{
	for (int i = 0; i < capability_count(); i++) {
		const char *known = capability_name(i);

		if (known && strcasecmp(known, name) == 0)
			return i;
	}
	return -1;
}

/* In which user namespace the capability is asked for; false: it depends on the object, or can't be
 * read. */
static bool asked_in(const struct why_facts *facts, const struct privilege *row, uint64_t *asked)
{
	const struct fact_uint *own = &facts->document->process.userns;

	*asked = 0;
	switch (row->owner) {
	case OWNER_INITIAL:
		*asked = WHY_USERNS_INITIAL;
		return true;
	case OWNER_OWN:
		*asked = own->value;
		return fact_is_known(&own->fact);
	case OWNER_NAMESPACE:
		*asked = facts->owner[row->kind].value;
		return fact_is_known(&facts->owner[row->kind].fact);
	case OWNER_OBJECT:
		break;
	}
	return false;
}

/* "the initial user namespace, the owner of its uts namespace" */
static const char *place_of_question(const struct why_facts *facts, const struct privilege *row,
				     uint64_t asked)
{
	switch (row->owner) {
	case OWNER_INITIAL:
		return "the initial user namespace, whatever namespaces the caller is in";
	case OWNER_OWN:
		return FORMAT(facts, "%s, the caller's own", why_userns_name(facts, asked));
	case OWNER_NAMESPACE:
		if (asked == 0)
			return FORMAT(facts, "the user namespace that owns its %s namespace",
				      namespace_types[row->kind].type);
		return FORMAT(facts, "%s, the owner of its %s namespace",
			      why_userns_name(facts, asked), namespace_types[row->kind].type);
	case OWNER_OBJECT:
		break;
	}
	return "the user namespace of the file or the other process";
}

static const char *pointer_of_capabilities(const struct why_facts *facts)
{
	return facts->document->target->config ? "/process/capabilities" : NULL;
}

const char *why_pointer_of_ids(const struct why_facts *facts)
{
	const struct container_spec *config = facts->document->target->config;

	return config && config->linux.uid_mappings.count > 0 ? "/linux/uidMappings" : NULL;
}

/* Whether there is a way to get it nevertheless. */
static const char *way_to_it(const struct why_facts *facts, int number)
{
	const struct caps_facts *caps = &facts->document->caps;
	const uint64_t bit = number >= 0 ? UINT64_C(1) << number : 0;

	if (caps->set[CAPABILITY_PERMITTED] & bit)
		return "; it is permitted: the program can raise it itself, capset(2)";
	if (!((caps->set[CAPABILITY_BOUNDING] | caps->set[CAPABILITY_INHERITABLE]) & bit))
		return "; nor in the bounding set, so that no execve gives it";
	if (fact_is_known(&caps->no_new_privs.fact) && caps->no_new_privs.value)
		return "; no_new_privs is on, so that no set-user-ID or setcap(8) file gives it";
	return "";
}

/* "; kernel.perf_event_paranoid is 2", "; RLIMIT_RTPRIO is 0", or nothing */
static const char *setting_words(const struct why_facts *facts, const struct privilege *row)
{
	const char *limit = row->limit ? why_limit_text(facts, row->limit) : NULL;

	return limit ? FORMAT(facts, "; %s is %s", row->limit, limit)
		     : why_setting_words(facts, row->setting);
}

static void judge_lack(struct why *why, const struct why_facts *facts, const struct privilege *row,
		       enum privilege_answer answer)
{
	const char *when =
		row->when && answer == PRIVILEGE_UNCLEAR ? FORMAT(facts, " (%s)", row->when) : "";
	uint64_t asked;
	const bool known = asked_in(facts, row, &asked);
	/* whoever made a user namespace has all capabilities in it, without holding them: in one
	 * that may be below its own a lack says nothing */
	const bool below = !known || (asked != WHY_USERNS_INITIAL &&
				      asked != facts->document->process.userns.value);

	why_add(why, "capability", answer == PRIVILEGE_ASKED && !below ? WHY_DENIED : WHY_DEPENDS,
		FORMAT(facts, "needs %s in %s%s; effective there: no%s%s", row->capability,
		       place_of_question(facts, row, asked), when, setting_words(facts, row),
		       way_to_it(facts, capability_number(row->capability))),
		pointer_of_capabilities(facts));
}

/* It has the capability in its own user namespace: enough there, and in those below. */
static void judge_reach(struct why *why, const struct why_facts *facts, const struct privilege *row,
			enum privilege_answer answer)
{
	const struct fact_uint *own = &facts->document->process.userns;
	const char *when =
		row->when && answer == PRIVILEGE_UNCLEAR ? FORMAT(facts, " (%s)", row->when) : "";
	uint64_t asked;
	const bool known = asked_in(facts, row, &asked);
	const char *place = place_of_question(facts, row, asked);
	const char *mine = why_userns_name(facts, own->value);

	if (fact_is_known(&own->fact) &&
	    (own->value == WHY_USERNS_INITIAL || (known && asked == own->value)))
		why_add(why, "capability", WHY_ALLOWED,
			FORMAT(facts, "%s is effective in %s", row->capability, mine), NULL);
	else if (!fact_is_known(&own->fact))
		why_add(why, "capability", WHY_UNKNOWN,
			FORMAT(facts, "needs %s in %s%s; it is effective in %s", row->capability,
			       place, when, mine),
			NULL);
	else if (row->owner == OWNER_OBJECT)
		why_add(why, "capability", WHY_DEPENDS,
			FORMAT(facts,
			       "%s is effective in %s%s: enough for files and processes whose ids "
			       "are "
			       "mapped there",
			       row->capability, mine, when),
			NULL);
	else if (known && asked == WHY_USERNS_INITIAL)
		why_add(why, "capability", answer == PRIVILEGE_ASKED ? WHY_DENIED : WHY_DEPENDS,
			FORMAT(facts,
			       "needs %s in %s%s; it is effective in %s only, which counts for "
			       "what "
			       "that one owns",
			       row->capability, place, when, mine),
			why_pointer_of_ids(facts));
	else
		why_add(why, "capability", WHY_DEPENDS,
			FORMAT(facts,
			       "needs %s in %s%s; it is effective in %s: enough if that is %s",
			       row->capability, place, when, mine, known ? "an ancestor" : "it"),
			NULL);
}

void why_capability_judge(struct why *why, const struct why_facts *facts,
			  const struct privilege *row, const uint64_t *arguments, size_t count)
{
	const enum privilege_answer answer = privilege_asked(row, arguments, count);
	const int number = capability_number(row->capability);
	const uint64_t effective = facts->document->caps.set[CAPABILITY_EFFECTIVE];

	if (answer == PRIVILEGE_NOT_ASKED)
		why_add(why, "capability", WHY_ALLOWED,
			FORMAT(facts, "with these arguments %s isn't asked for", row->capability),
			NULL);
	else if (!fact_is_known(&facts->document->caps.fact))
		why_add(why, "capability", WHY_UNKNOWN,
			FORMAT(facts, "needs %s; the capability sets can't be read",
			       row->capability),
			NULL);
	else if (number >= 0 && (effective >> number & 1))
		judge_reach(why, facts, row, answer);
	else
		judge_lack(why, facts, row, answer);
}
