/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may be called: seccomp(2), PR_SET_NO_NEW_PRIVS(2const).
 *
 * syscalls: none but libseccomp's
 */
#include "runtime/inspect/posture_rules.h"

#include <string.h>

#include "base/table.h"
#include "runtime/inspect/filters.h"
#include "seccomp/families.h"

static void no_filter(const struct posture *posture)
{
	if (!posture->spec->linux.seccomp.present)
		posture_found(posture,
			      "/linux/seccomp: no filter: every system call of the kernel can be "
			      "tried");
}

static void denylist(const struct posture *posture)
{
	const struct seccomp_spec *seccomp = &posture->spec->linux.seccomp;

	if (seccomp->present && (strcmp(seccomp->default_action, "SCMP_ACT_ALLOW") == 0 ||
				 strcmp(seccomp->default_action, "SCMP_ACT_LOG") == 0))
		posture_found(posture,
			      "/linux/seccomp/defaultAction: %s allows what isn't listed, also "
			      "calls that are yet to come",
			      seccomp->default_action);
}

static void holes(const struct posture *posture)
{
	struct filters filters = { 0 };
	struct call_table table = { 0 };
	struct hole hole;
	struct error err;

	if (posture->spec->linux.seccomp.present &&
	    filters_plan(&filters, posture->spec, &err) == 0 &&
	    call_table_fill(&table, &filters, call_native_arch(), &err) == 0)
		for (size_t n = 0; hole_find(n, call_table_fate, &table, &hole); n++)
			posture_found(posture,
				      "/linux/seccomp/syscalls: %s is denied, %s isn't: %s",
				      hole.denied, hole.open, hole.text);
	call_table_free(&table);
	filters_free(&filters);
}

static void allowlist_says_eperm(const struct posture *posture)
{
	const struct seccomp_spec *seccomp = &posture->spec->linux.seccomp;

	if (seccomp->present && strcmp(seccomp->default_action, "SCMP_ACT_ERRNO") == 0 &&
	    (!seccomp->default_errno_ret.present || seccomp->default_errno_ret.value == 1))
		posture_found(posture,
			      "/linux/seccomp/defaultErrnoRet: EPERM for calls that aren't listed: "
			      "a library falls back for ENOSYS (38) only");
}

static void new_privileges(const struct posture *posture)
{
	if (posture->spec->process.present && !posture->spec->process.no_new_privileges)
		posture_found(posture,
			      "/process/noNewPrivileges: not set: set-user-ID programs and files "
			      "with capabilities gain privileges");
}

static const struct posture_rule rules[] = {
	{ "SEC01", W, no_filter, "most kernel bugs are reached by calls that few programs need",
	  "add an engine's default profile", "seccomp(2)" },
	{ "SEC02", N, denylist, "a list of what is bad is never complete",
	  "deny by default and list what is needed", "seccomp(2)" },
	{ "SEC03", W, holes, "several calls do the same thing", "deny the whole family",
	  "seccomp(2)" },
	{ "SEC04", W, new_privileges, "execve may add privileges otherwise",
	  "set it, unless the image needs sudo and the like", "PR_SET_NO_NEW_PRIVS(2const)" },
	{ "SEC05", N, allowlist_says_eperm,
	  "a new C library tries new calls and takes the old ones only after ENOSYS",
	  "defaultErrnoRet 38", "config-linux.md#seccomp" },
};

const struct posture_group posture_calls = { rules, ARRAY_SIZE(rules) };
