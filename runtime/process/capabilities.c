/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.capabilities: capabilities(7). Names are libcap's, and this is the only file that knows
 * the library; everything that runs in the container's process is raw capset(2) and prctl(2), so
 * that it needs no memory and nothing that a filter around us could surprise.
 *
 * The kernel's rules, and why the order is what it is:
 * - PR_CAPBSET_DROP needs CAP_SETPCAP, so the bounding set goes first, while we are privileged;
 * - setuid(2) to another user clears permitted unless PR_SET_KEEPCAPS is on;
 * - an inheritable capability must be in the bounding set when it is added, an effective one in
 *   permitted, an ambient one in both permitted and inheritable.
 * What these rules make impossible is left out while planning, with a warning: the specification
 * doesn't let a capability that can't be granted fail a container (config.md#linux-process).
 * Nothing is ever put into inheritable that the configuration doesn't list (CVE-2022-29162).
 *
 * syscalls: capget capset prctl
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/capability.h>
#include <sys/prctl.h>

#include "base/log.h"
#include "base/string.h"
#include "runtime/process/process.h"

#define BIT(number) (UINT64_C(1) << (number))
#define NAME_SIZE 40 /* the longest today has 23 bytes */

static const struct {
	const char *name;
	size_t offset; /* of its list in struct capabilities_spec */
} sets[CAPABILITY_SET_COUNT] = {
	[CAPABILITY_BOUNDING] = { "bounding", offsetof(struct capabilities_spec, bounding) },
	[CAPABILITY_EFFECTIVE] = { "effective", offsetof(struct capabilities_spec, effective) },
	[CAPABILITY_INHERITABLE] = { "inheritable",
				     offsetof(struct capabilities_spec, inheritable) },
	[CAPABILITY_PERMITTED] = { "permitted", offsetof(struct capabilities_spec, permitted) },
	[CAPABILITY_AMBIENT] = { "ambient", offsetof(struct capabilities_spec, ambient) },
};

int capability_count(void)
{
	int count = (int)cap_max_bits(); /* found out when the program was loaded */

	return count > 0 && count <= 64 ? count : 64;
}

int capability_from_name(const char *name)
{
	const char *rest = name + strlen("CAP_");
	cap_value_t value;

	/* libcap also takes numbers, small letters and text that goes on after the name */
	if (!string_starts_with(name, "CAP_") || strlen(name) >= NAME_SIZE)
		return -1;
	if (rest[strspn(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] != '\0')
		return -1;
	if (cap_from_name(name, &value) < 0 || value < 0 || value >= 64)
		return -1;
	return (int)value;
}

/* Without <ctype.h>: the locale's letters are none of ours. */
static char to_upper(char letter)
{
	return letter >= 'a' && letter <= 'z' ? (char)(letter - 'a' + 'A') : letter;
}

const char *capability_name(int number)
{
	/* libcap gives each name as new memory in small letters. Ours are made once; what is
	 * written never changes again. */
	static char names[64][NAME_SIZE];
	char *name;

	if (number < 0 || number >= 64)
		return NULL;
	if (names[number][0] != '\0')
		return names[number];
	name = cap_to_name(number);
	if (!name)
		return NULL;
	/* a number that has no name comes back as digits */
	if (string_starts_with(name, "cap_") && strlen(name) < NAME_SIZE) {
		for (size_t i = 0; name[i]; i++)
			names[number][i] = to_upper(name[i]);
	}
	(void)cap_free(name); /* fails only for memory that isn't libcap's */
	return names[number][0] != '\0' ? names[number] : NULL;
}

struct kernel_sets {
	uint64_t effective, permitted, inheritable;
};

static int read_sets(struct kernel_sets *now)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	if (capget(&header, data) < 0)
		return -1;
	now->effective = data[0].effective | (uint64_t)data[1].effective << 32;
	now->permitted = data[0].permitted | (uint64_t)data[1].permitted << 32;
	now->inheritable = data[0].inheritable | (uint64_t)data[1].inheritable << 32;
	return 0;
}

static int write_sets(const struct kernel_sets *wanted)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = {
		{ (uint32_t)wanted->effective, (uint32_t)wanted->permitted,
		  (uint32_t)wanted->inheritable },
		{ (uint32_t)(wanted->effective >> 32), (uint32_t)(wanted->permitted >> 32),
		  (uint32_t)(wanted->inheritable >> 32) },
	};

	return capset(&header, data);
}

/* One system call for each capability of which. */
static uint64_t read_bounding(uint64_t which)
{
	uint64_t set = 0;

	for (int number = 0; number < capability_count(); number++) {
		if ((which & BIT(number)) && prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1)
			set |= BIT(number);
	}
	return set;
}

int capabilities_effective(uint64_t *set)
{
	struct kernel_sets now;

	if (read_sets(&now) < 0)
		return -1;
	*set = now.effective;
	return 0;
}

int capabilities_set_effective(uint64_t set)
{
	struct kernel_sets now;

	if (read_sets(&now) < 0)
		return -1;
	now.effective = set;
	return write_sets(&now);
}

/* "CAP_A, CAP_B" for a warning. */
static void list_names(uint64_t set, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (int number = 0; number < 64; number++) {
		const char *name = set & BIT(number) ? capability_name(number) : NULL;

		if (name && used < size)
			used += (size_t)snprintf(text + used, size - used, "%s%s",
						 used > 0 ? ", " : "", name);
	}
}

/* Keeps what is possible of a set. The rest is worth one line. */
static uint64_t keep_possible(uint64_t asked, uint64_t possible, const char *set,
			      const char *reason)
{
	char names[1400];

	if ((asked & ~possible) && log_enabled(LOG_LEVEL_WARNING)) {
		list_names(asked & ~possible, names, sizeof(names));
		log_warning("/process/capabilities/%s: left out, since %s: %s", set, reason, names);
	}
	return asked & possible;
}

static void warn_ambient(uint64_t set, const char *reason)
{
	for (int number = 0; number < 64; number++) {
		if (set & BIT(number))
			log_warning("can't raise ambient capability %s: %s",
				    capability_name(number), reason);
	}
}

static uint64_t parse_set(const struct string_list *names, const char *set)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < names->count; i++) {
		int number = capability_from_name(names->items[i]);

		if (number < 0 || number >= capability_count())
			log_warning("/process/capabilities/%s/%zu: unknown capability \"%s\" is "
				    "ignored",
				    set, i, names->items[i]);
		else
			bits |= BIT(number);
	}
	return bits;
}

static void parse(const struct capabilities_spec *spec, uint64_t *set)
{
	for (int i = 0; i < CAPABILITY_SET_COUNT; i++) {
		const char *list = (const char *)spec + sets[i].offset;

		set[i] = spec->present ? parse_set((const struct string_list *)(const void *)list,
						   sets[i].name)
				       : 0;
	}
}

static void restrict_to(const struct capability_limits *limits, uint64_t *set)
{
	uint64_t ambient;

	set[CAPABILITY_BOUNDING] = keep_possible(set[CAPABILITY_BOUNDING], limits->bounding,
						 "bounding", "minirun's own bounding set lacks it");
	set[CAPABILITY_PERMITTED] = keep_possible(set[CAPABILITY_PERMITTED], limits->permitted,
						  "permitted", "minirun isn't permitted it itself");
	set[CAPABILITY_EFFECTIVE] =
		keep_possible(set[CAPABILITY_EFFECTIVE], set[CAPABILITY_PERMITTED], "effective",
			      "it isn't in the permitted set");
	set[CAPABILITY_INHERITABLE] = keep_possible(set[CAPABILITY_INHERITABLE],
						    set[CAPABILITY_BOUNDING] & limits->permitted,
						    "inheritable", "it isn't in the bounding set");
	ambient = set[CAPABILITY_AMBIENT] & set[CAPABILITY_PERMITTED] & set[CAPABILITY_INHERITABLE];
	warn_ambient(set[CAPABILITY_AMBIENT] & ~ambient, "it isn't both permitted and inheritable");
	set[CAPABILITY_AMBIENT] = ambient;
}

void capabilities_plan_within(const struct capabilities_spec *spec,
			      const struct capability_limits *limits, struct capability_plan *plan)
{
	parse(spec, plan->set);
	restrict_to(limits, plan->set);
}

int capabilities_plan(const struct capabilities_spec *spec, bool user_namespace,
		      struct capability_plan *plan, struct error *err)
{
	static const struct capability_limits all = { UINT64_MAX, UINT64_MAX };
	struct capability_limits limits;
	struct kernel_sets now;

	if (user_namespace) {
		capabilities_plan_within(spec, &all, plan);
		return 0;
	}
	if (read_sets(&now) < 0)
		return error_errno(err, "read our own capabilities");
	parse(spec, plan->set);
	limits.permitted = now.permitted;
	limits.bounding = read_bounding(plan->set[CAPABILITY_BOUNDING]);
	restrict_to(&limits, plan->set);
	return 0;
}

int capabilities_before_user(const struct capability_plan *plan, struct error *err)
{
	for (int number = 0; number < capability_count(); number++) {
		if (plan->set[CAPABILITY_BOUNDING] & BIT(number))
			continue;
		if (prctl(PR_CAPBSET_DROP, number, 0, 0, 0) < 0 &&
		    prctl(PR_CAPBSET_READ, number, 0, 0, 0) != 0)
			return error_errno(err, "drop capability %d from the bounding set", number);
	}
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return error_errno(err, "keep capabilities while the user changes");
	return 0;
}

int capabilities_apply(const struct capability_plan *plan, uint64_t keep, struct error *err)
{
	const struct kernel_sets wanted = {
		.effective = plan->set[CAPABILITY_EFFECTIVE] | keep,
		.permitted = plan->set[CAPABILITY_PERMITTED] | keep,
		.inheritable = plan->set[CAPABILITY_INHERITABLE],
	};

	if (write_sets(&wanted) < 0)
		return error_errno(err, "set capabilities");
	/* whoever started us may have had ambient capabilities */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0)
		return error_errno(err, "clear the ambient capabilities");
	for (int number = 0; number < capability_count(); number++) {
		uint64_t bit = BIT(number);

		/* EPERM: the securebit NO_CAP_AMBIENT_RAISE of whoever started us */
		if ((plan->set[CAPABILITY_AMBIENT] & bit) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0) < 0)
			warn_ambient(bit, error_reason(errno));
	}
	return 0;
}

int capabilities_drop_kept(const struct capability_plan *plan, struct error *err)
{
	const struct kernel_sets wanted = {
		.effective = plan->set[CAPABILITY_EFFECTIVE],
		.permitted = plan->set[CAPABILITY_PERMITTED],
		.inheritable = plan->set[CAPABILITY_INHERITABLE],
	};

	return write_sets(&wanted) < 0 ? error_errno(err, "drop the capabilities that were kept")
				       : 0;
}

static int compare(const char *set, uint64_t got, uint64_t wanted, struct error *err)
{
	if (got == wanted)
		return 0;
	return error_set(err,
			 "verify capabilities: the %s set is %016" PRIx64 " instead of %016" PRIx64,
			 set, got, wanted);
}

int capabilities_verify(const struct capability_plan *plan, struct error *err)
{
	const uint64_t *set = plan->set;
	struct kernel_sets now;
	uint64_t ambient = 0;

	if (read_sets(&now) < 0)
		return error_errno(err, "verify capabilities");
	/* the kernel keeps ambient within both of these */
	for (int number = 0; now.permitted & now.inheritable && number < 64; number++) {
		if ((now.permitted & now.inheritable & BIT(number)) &&
		    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, number, 0, 0) == 1)
			ambient |= BIT(number);
	}
	if (compare("bounding", read_bounding(UINT64_MAX), set[CAPABILITY_BOUNDING], err) < 0 ||
	    compare("effective", now.effective, set[CAPABILITY_EFFECTIVE], err) < 0 ||
	    compare("inheritable", now.inheritable, set[CAPABILITY_INHERITABLE], err) < 0 ||
	    compare("permitted", now.permitted, set[CAPABILITY_PERMITTED], err) < 0)
		return -1;
	/* one that couldn't be raised was a warning; one more than asked for is an error */
	return compare("ambient", ambient & ~set[CAPABILITY_AMBIENT], 0, err);
}
