/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels and secrets: apparmor(7), selinux(8), proc_pid_environ(5).
 *
 * syscalls: none
 */
#include "runtime/inspect/posture_rules.h"

#include <string.h>

#include "base/table.h"

static void no_label(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->present && !process->apparmor_profile && !process->selinux_label)
		posture_found(posture, "/process: no apparmorProfile and no selinuxLabel");
}

static void unconfined(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->apparmor_profile && strcmp(process->apparmor_profile, "unconfined") == 0)
		posture_found(posture, "/process/apparmorProfile: unconfined: no profile at all");
	if (process->selinux_label && strstr(process->selinux_label, "spc_t"))
		posture_found(posture, "/process/selinuxLabel: %s: a privileged type",
			      process->selinux_label);
}

static void secrets_in_env(const struct posture *posture)
{
	static const char *const words[] = { "PASSWORD=", "PASSWD=",  "SECRET=",
					     "TOKEN=",	  "API_KEY=", "PRIVATE_KEY=" };
	const struct string_list *env = &posture->spec->process.env;

	for (size_t i = 0; i < env->count; i++)
		for (size_t w = 0; w < ARRAY_SIZE(words); w++)
			if (strcasestr(env->items[i], words[w]) &&
			    strcasestr(env->items[i], words[w]) < strchr(env->items[i], '=')) {
				posture_found(posture,
					      "/process/env/%zu: looks like a secret: it is in "
					      "/proc/PID/environ, "
					      "in the bundle and in the state directory",
					      i);
				break;
			}
}

static const struct posture_rule rules[] = {
	{ "LSM01", N, no_label, "AppArmor or SELinux would still hold when all else fails",
	  "a profile or label, where the host has one of them", "apparmor(7), selinux(8)" },
	{ "LSM02", W, unconfined, "it is named, but doesn't confine",
	  "the engine's default profile", "apparmor(7), selinux(8)" },
	{ "ENV01", N, secrets_in_env, "an environment is inherited and shown", "a file on a tmpfs",
	  "proc_pid_environ(5)" },
};

const struct posture_group posture_labels = { rules, ARRAY_SIZE(rules) };
