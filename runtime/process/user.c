/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.user: credentials(7). Groups first and user last, since each step needs a privilege that
 * the last one takes away; all three ids at once, so that no saved id leads back.
 *
 * Numbers only: no name is ever looked up, and a number that can't be read is refused instead of
 * becoming 0 (CVE-2026-30892, CVE-2026-46680).
 *
 * syscalls: setgroups setresgid setresuid umask getgroups getresgid getresuid capget
 */
#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/string.h"
#include "runtime/process/process.h"

#define ID_MAX (UINT32_MAX - 1) /* 2^32 - 1 is -1: "leave it alone" to setresuid(2) */
#define UMASK_DEFAULT 0022	/* runc and crun; the specification would keep the caller's */

_Static_assert(sizeof(gid_t) == sizeof(uint32_t), "additional_gids is handed to setgroups(2)");

/* After a setgroups(2) that failed with EPERM: the user namespace denies it to everybody, since we
 * have CAP_SETGID. */
static bool groups_are_denied(void)
{
	uint64_t effective;

	return capabilities_effective(&effective) == 0 &&
	       (effective & UINT64_C(1) << CAP_SETGID) != 0;
}

static int set_groups(const struct user_spec *user, bool *stay, struct error *err)
{
	const size_t count = user->additional_gids.count;

	*stay = user->keep_groups;
	if (user->keep_groups)
		return 0;
	if (setgroups(count, user->additional_gids.items) == 0)
		return 0;
	if (errno == EINVAL)
		return error_set(err, "/process/user/additionalGids: a group of them has no place "
				      "in this user namespace");
	if (errno != EPERM || !groups_are_denied())
		return error_errno(err, "set %zu additional groups", count);
	if (count > 0)
		return error_set(err, "/process/user/additionalGids: the user namespace denies "
				      "setgroups");
	*stay = true;
	return 0;
}

/* EINVAL: the user namespace doesn't map the id. */
static int explain_id(const char *what, uint32_t id, struct error *err)
{
	if (errno == EINVAL)
		return error_set(err, "set %s id %u: it has no place in this user namespace", what,
				 id);
	return error_errno(err, "set %s id %u", what, id);
}

int user_apply(const struct user_spec *user, bool *groups_stay, struct error *err)
{
	if (set_groups(user, groups_stay, err) < 0)
		return -1;
	if (setresgid(user->gid, user->gid, user->gid) < 0)
		return explain_id("group", user->gid, err);
	if (setresuid(user->uid, user->uid, user->uid) < 0)
		return explain_id("user", user->uid, err);
	(void)umask(user->umask.present ? (mode_t)user->umask.value : UMASK_DEFAULT);
	return 0;
}

static int compare_ids(const void *a, const void *b)
{
	const gid_t *left = a, *right = b;

	return *left < *right ? -1 : *left > *right;
}

/* Both lists are sorted here: the kernel keeps its own sorted, the configuration's needn't be. */
static int compare_groups(gid_t *got, gid_t *wanted, int count, struct error *err)
{
	if (getgroups(count, got) != count)
		return error_errno(err, "verify groups");
	qsort(got, (size_t)count, sizeof(*got), compare_ids);
	qsort(wanted, (size_t)count, sizeof(*wanted), compare_ids);
	if (memcmp(got, wanted, (size_t)count * sizeof(*got)) != 0)
		return error_set(err, "verify groups: they aren't process.user.additionalGids");
	return 0;
}

static int verify_groups(const struct user_spec *user, struct error *err)
{
	size_t count = user->additional_gids.count;
	int result, got = getgroups(0, NULL);
	gid_t *lists;

	if (got < 0)
		return error_errno(err, "verify groups");
	if ((size_t)got != count)
		return error_set(err, "verify groups: there are %d instead of %zu", got, count);
	if (count == 0)
		return 0;
	lists = calloc(2 * count, sizeof(*lists));
	if (!lists)
		return error_errno(err, "verify groups");
	memcpy(lists + count, user->additional_gids.items, count * sizeof(*lists));
	result = compare_groups(lists, lists + count, got, err);
	free(lists);
	return result;
}

int user_verify(const struct user_spec *user, bool groups_stay, struct error *err)
{
	uid_t uid, effective_uid, saved_uid;
	gid_t gid, effective_gid, saved_gid;

	if (getresuid(&uid, &effective_uid, &saved_uid) < 0 ||
	    getresgid(&gid, &effective_gid, &saved_gid) < 0)
		return error_errno(err, "verify user");
	if (uid != user->uid || effective_uid != user->uid || saved_uid != user->uid)
		return error_set(err, "verify user: the id is %u %u %u instead of %u", uid,
				 effective_uid, saved_uid, user->uid);
	if (gid != user->gid || effective_gid != user->gid || saved_gid != user->gid)
		return error_set(err, "verify user: the group id is %u %u %u instead of %u", gid,
				 effective_gid, saved_gid, user->gid);
	return groups_stay ? 0 : verify_groups(user, err);
}

int user_parse(const char *text, struct user_spec *user, struct error *err)
{
	const char *colon = strchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : strlen(text);
	uint64_t uid, gid = user->gid;
	char first[16];

	if (length >= sizeof(first))
		return error_set(err, "user \"%s\": not UID[:GID]", text);
	memcpy(first, text, length);
	first[length] = '\0';
	if (!string_to_uint(first, ID_MAX, &uid) ||
	    (colon && !string_to_uint(colon + 1, ID_MAX, &gid)))
		return error_set(err, "user \"%s\": not UID[:GID], two numbers below 4294967295",
				 text);
	user->uid = (uint32_t)uid;
	user->gid = (uint32_t)gid;
	return 0;
}
