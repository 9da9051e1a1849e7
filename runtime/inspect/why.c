/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layers of a system call, judged one by one from facts: seccomp(2), capabilities(7),
 * user_namespaces(7) "Capabilities", cgroups(7).
 *
 * syscalls: ioctl NS_GET_USERNS, fstat, openat
 */
#include "runtime/inspect/why.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/table.h"
#include "runtime/inspect/namespaces.h"
#include "runtime/inspect/why_reason.h"

#define INITIAL_USERNS UINT64_C(0xEFFFFFFD) /* PROC_USER_INIT_INO */
#define PLANNED_USERNS UINT64_C(1)	    /* a new one, which has no number yet */

#define CALL_ARGUMENTS ARRAY_SIZE(((struct seccomp_data *)NULL)->args)

static const char *const verdict_names[] = { "ok", "DENIED", "depends", "unknown" };

const char *why_verdict_name(enum why_verdict verdict)
{
	return verdict_names[verdict];
}

/* --- user namespaces ----------------------------------------------------------------------------
 */

static void read_owner(const struct live *live, enum namespace_kind kind, struct fact_uint *owner)
{
	struct stat attributes;
	char name[32];
	autofd fd = -1, user = -1;

	(void)snprintf(name, sizeof(name), "ns/%s", namespace_types[kind].proc_name);
	fd = live_open_file(live, name);
	if (fd >= 0)
		user = ioctl(fd, NS_GET_USERNS);
	*owner = (struct fact_uint){ .fact = fact_known("NS_GET_USERNS") };
	if (user < 0 || fstat(user, &attributes) < 0)
		owner->fact = fact_from_errno(errno, "NS_GET_USERNS");
	else
		owner->value = attributes.st_ino;
}

/* A namespace that is made together with a user namespace belongs to it; what is shared belongs to
 * whoever made it, most often the first one; a joined one isn't asked. */
static void plan_owners(struct why_facts *facts)
{
	const struct ns_facts *ns = &facts->document->ns;
	const bool user = fact_is_known(&ns->plan[NAMESPACE_USER].fact) &&
			  string_equal(ns->plan[NAMESPACE_USER].value, "new");

	for (int i = 0; i < NAMESPACE_COUNT; i++) {
		const bool made =
			fact_is_known(&ns->plan[i].fact) && string_equal(ns->plan[i].value, "new");

		facts->owner[i] = (struct fact_uint){
			.fact = fact_known("config.json"),
			.value = user && made ? PLANNED_USERNS : INITIAL_USERNS,
		};
	}
	facts->document->process.userns = (struct fact_uint){
		.fact = fact_known("config.json"),
		.value = user ? PLANNED_USERNS : INITIAL_USERNS,
	};
}

void why_owners(struct why_facts *facts)
{
	struct error ignored;
	struct live live = LIVE_INIT;
	autofd procfs = -1;

	if (facts->document->planned) {
		plan_owners(facts);
		return;
	}
	procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	if (procfs >= 0 && live_open(&live, procfs, facts->document->target->pid, &ignored) == 0) {
		for (int i = 0; i < NAMESPACE_COUNT; i++)
			read_owner(&live, (enum namespace_kind)i, &facts->owner[i]);
	} else {
		for (int i = 0; i < NAMESPACE_COUNT; i++)
			facts->owner[i].fact = fact_from_errno(ESRCH, "/proc");
	}
	live_close(&live);
}

static const char *userns_name(const struct why_facts *facts, uint64_t inode)
{
	if (inode == 0)
		return "its user namespace, which can't be read";
	if (inode == INITIAL_USERNS)
		return "the initial user namespace";
	if (inode == PLANNED_USERNS)
		return "its new user namespace";
	return FORMAT(facts, "user:[%llu]", (unsigned long long)inode);
}

/* --- seccomp ------------------------------------------------------------------------------------
 */

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

static void judge_filter(struct why *why, const struct why_facts *facts, uint32_t number,
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

/* --- capabilities -------------------------------------------------------------------------------
 */

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
		*asked = INITIAL_USERNS;
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
		return FORMAT(facts, "%s, the caller's own", userns_name(facts, asked));
	case OWNER_NAMESPACE:
		if (asked == 0)
			return FORMAT(facts, "the user namespace that owns its %s namespace",
				      namespace_types[row->kind].type);
		return FORMAT(facts, "%s, the owner of its %s namespace", userns_name(facts, asked),
			      namespace_types[row->kind].type);
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

/* "; kernel.perf_event_paranoid is 2", or nothing */
static const char *setting_words(const struct why_facts *facts, const struct privilege *row)
{
	const char *text = row->setting ? why_setting_text(facts, row->setting) : NULL;
	char *name;

	if (!text)
		return "";
	name = arena_string(&facts->document->arena, row->setting);
	for (char *at = name; at && *at; at++)
		if (*at == '/')
			*at = '.';
	return FORMAT(facts, "; %s is %s", name ? name : "the setting", text);
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
	const bool below = !known || (asked != INITIAL_USERNS &&
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
	const char *mine = userns_name(facts, own->value);

	if (fact_is_known(&own->fact) &&
	    (own->value == INITIAL_USERNS || (known && asked == own->value)))
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
	else if (known && asked == INITIAL_USERNS)
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

static void judge_privilege(struct why *why, const struct why_facts *facts,
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

/* --- the rest -----------------------------------------------------------------------------------
 */

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
	judge_filter(why, facts, (uint32_t)number, arguments, argument_count);
	while ((row = privilege_find(call, &n)) != NULL)
		judge_privilege(why, facts, row, arguments, argument_count);
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
	judge_privilege(why, facts, &change, NULL, 0);
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
