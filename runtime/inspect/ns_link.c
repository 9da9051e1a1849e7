/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process's namespaces by the names of its links: namespaces(7), "The /proc/pid/ns/ directory".
 *
 * syscalls: readlinkat stat
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/string.h"
#include "runtime/inspect/namespaces.h"

bool ns_parse_link(const char *text, enum namespace_kind *kind, uint64_t *inode)
{
	for (int i = 0; i < NAMESPACE_COUNT; i++) {
		size_t length = strlen(namespace_types[i].proc_name);
		char *end;

		if (strncmp(text, namespace_types[i].proc_name, length) != 0 ||
		    strncmp(text + length, ":[", 2) != 0)
			continue;
		*kind = (enum namespace_kind)i;
		*inode = strtoull(text + length + 2, &end, 10);
		return *end == ']' && end[1] == '\0' && *inode > 0;
	}
	return false;
}

void ns_read_inode(const struct live *live, enum namespace_kind kind, struct fact_uint *inode,
		   struct arena *arena)
{
	char name[32], link[64];
	enum namespace_kind found;
	const char *source;

	(void)snprintf(name, sizeof(name), "ns/%s", namespace_types[kind].proc_name);
	source = live_source(live, name, arena);
	*inode = (struct fact_uint){ .fact = fact_known(source) };
	if (live_link(live, name, link, sizeof(link)) < 0)
		inode->fact = fact_from_errno(errno, source);
	else if (!ns_parse_link(link, &found, &inode->value))
		inode->fact = fact_from_errno(EINVAL, source);
}

int ns_own_inode(enum namespace_kind kind, uint64_t *inode)
{
	char name[64];
	struct stat attributes;

	(void)snprintf(name, sizeof(name), "/proc/self/ns/%s", namespace_types[kind].proc_name);
	if (stat(name, &attributes) < 0)
		return -1;
	*inode = attributes.st_ino;
	return 0;
}
