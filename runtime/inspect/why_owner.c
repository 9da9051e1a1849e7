/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which user namespace owns what the caller is in: ioctl_ns(2), user_namespaces(7).
 *
 * syscalls: ioctl NS_GET_USERNS, fstat, openat
 */
#include <errno.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "runtime/inspect/namespaces.h"
#include "runtime/inspect/why_reason.h"

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
			.value = user && made ? WHY_USERNS_PLANNED : WHY_USERNS_INITIAL,
		};
	}
	facts->document->process.userns = (struct fact_uint){
		.fact = fact_known("config.json"),
		.value = user ? WHY_USERNS_PLANNED : WHY_USERNS_INITIAL,
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

const char *why_userns_name(const struct why_facts *facts, uint64_t inode)
{
	if (inode == 0)
		return "its user namespace, which can't be read";
	if (inode == WHY_USERNS_INITIAL)
		return "the initial user namespace";
	if (inode == WHY_USERNS_PLANNED)
		return "its new user namespace";
	return FORMAT(facts, "user:[%llu]", (unsigned long long)inode);
}
