/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the label of a security module means for a call: apparmor.d(5), aa-complain(8), selinux(8).
 * That there is a policy is a fact; what is in it the kernel doesn't tell.
 *
 * syscalls: openat, read
 */
#include <fcntl.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "runtime/inspect/why_reason.h"

#define APPARMOR "/process/apparmorProfile"
#define SELINUX "/process/selinuxLabel"

enum force { FORCE_NONE, FORCE_DENY_RULES, FORCE_ALL };

struct label {
	enum force force;
	const char *words;   /* in arena: 'AppArmor's profile "web" (enforce)' */
	const char *pointer; /* NULL: no config.json */
	bool by_path;	     /* AppArmor */
};

/* The word that AppArmor writes behind a profile's name. */
static const struct {
	const char *word;
	enum force force;
} modes[] = {
	{ "enforce", FORCE_ALL }, { "kill", FORCE_ALL }, { "mixed", FORCE_ALL },
	{ "prompt", FORCE_ALL },  { "user", FORCE_ALL }, { "complain", FORCE_DENY_RULES },
};

/* Calls that a policy speaks of, beside those on files and those that ask for a capability. */
static const char *const mediated[] = {
	"accept",   "accept4", "bind",	   "connect", "io_uring_setup", "listen", "mmap",
	"mprotect", "mq_open", "recvfrom", "recvmsg", "sendmsg",	"sendto", "socketpair",
};

static bool is_mediated(const char *call)
{
	size_t n = 0;

	if (call_effect_find(call)->flags & (CALL_CHANGES_FILES | CALL_EXECUTES | CALL_LOOKS_UP |
					     CALL_OPENS_DEVICES | CALL_MAKES_NAMESPACES) ||
	    privilege_find(call, &n))
		return true;
	table_for_each (name, mediated)
		if (strcmp(*name, call) == 0)
			return true;
	return false;
}

/* "web (enforce)"; a planned one has no mode yet: profiles are loaded with it. */
static void parse_profile(const struct why_facts *facts, const char *text, struct label *label)
{
	const char *mode = strrchr(text, '(');
	const int length = mode && mode > text ? (int)(mode - text) - 1 : (int)strlen(text);

	label->by_path = true;
	if (strcmp(text, "unconfined") == 0)
		return;
	label->force = mode ? FORCE_NONE : FORCE_ALL;
	table_for_each (row, modes)
		if (mode && strncmp(mode + 1, row->word, strlen(row->word)) == 0)
			label->force = row->force;
	label->words = FORMAT(facts, "AppArmor's profile \"%.*s\"%s%s", length, text,
			      mode ? " " : "", mode ? mode : "");
	label->pointer = facts->document->target->config ? APPARMOR : NULL;
}

static bool selinux_is_permissive(void)
{
	autofree char *text = NULL;
	struct error ignored;

	return file_read_at(AT_FDCWD, "/sys/fs/selinux/enforce", 16, &text, NULL, &ignored) == 0 &&
	       text[0] == '0';
}

static void read_label(const struct why_facts *facts, struct label *label)
{
	const struct fact_text *fact = &facts->document->lsm.label;
	const struct container_spec *config = facts->document->target->config;
	const char *colon;

	*label = (struct label){ .force = FORCE_NONE };
	if (!fact_is_known(&fact->fact))
		return;
	colon = strchr(fact->value, ':');
	if (colon && strchr(colon + 1, ':') && fact->value[strlen(fact->value) - 1] != ')' &&
	    !(facts->document->planned && config->process.apparmor_profile)) {
		label->words = FORMAT(facts, "SELinux's policy for %s", fact->value);
		label->pointer = config ? SELINUX : NULL;
		label->force = selinux_is_permissive() ? FORCE_NONE : FORCE_ALL;
	} else {
		parse_profile(facts, fact->value, label);
	}
	if (!label->words)
		label->force = FORCE_NONE;
}

void why_label_judge(struct why *why, const struct why_facts *facts)
{
	struct label label;

	if (!is_mediated(why->call))
		return;
	read_label(facts, &label);
	if (!label.words)
		return;
	if (label.force == FORCE_NONE)
		why_add(why, "lsm", WHY_ALLOWED, FORMAT(facts, "%s refuses nothing", label.words),
			NULL);
	else if (label.force == FORCE_DENY_RULES)
		why_add(why, "lsm", WHY_DEPENDS,
			FORMAT(facts, "%s refuses only what a deny rule of it names", label.words),
			label.pointer);
	else if (label.by_path)
		why_add(why, "lsm", WHY_DEPENDS,
			FORMAT(facts,
			       "%s may refuse more: EACCES, or EPERM for a capability that it "
			       "doesn't name; see dmesg",
			       label.words),
			label.pointer);
	else
		why_add(why, "lsm", WHY_DEPENDS,
			FORMAT(facts, "%s may refuse more: EACCES; see the audit log", label.words),
			label.pointer);
}

const char *why_label_words(const struct why_facts *facts)
{
	struct label label;

	read_label(facts, &label);
	return label.force != FORCE_NONE ? label.words : NULL;
}

const char *why_or_label(const struct why_facts *facts)
{
	const char *words = why_label_words(facts);

	return words ? FORMAT(facts, "; or %s (dmesg)", words) : "";
}

bool why_by_label(const struct why_facts *facts, const char *what, struct why_reason *reason)
{
	struct label label;

	read_label(facts, &label);
	if (label.force == FORCE_NONE)
		return false;
	why_say(reason, SURE_LIKELY, "lsm",
		FORMAT(facts, "%s: %s; %s", label.words, what,
		       label.by_path ? "dmesg says what it refused (apparmor=\"DENIED\"), but of "
				       "deny rules nothing"
				     : "the audit log says what it refused (avc: denied)"),
		label.pointer);
	return true;
}
