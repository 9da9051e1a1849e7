/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container has sent and received: /proc/PID/net/dev shows the network namespace of that
 * process (proc(5)).
 *
 * syscalls: stat openat read
 */
#include "runtime/network_stats.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"

#define NET_DEV_MAX ((size_t)4 << 20) /* 200 bytes a device */

/* The columns behind the name, in the file's order; NULL: not shown. */
static const char *const columns[] = {
	"RxBytes", "RxPackets", "RxErrors", "RxDropped", NULL,	     NULL,
	NULL,	   NULL,	"TxBytes",  "TxPackets", "TxErrors", "TxDropped",
};

/* "  eth0: 1296 16 0 0 0 0 0 0 816 11 0 0 0 0 0 0" */
static void write_device(struct json_out *json, char *line)
{
	char *name = line + strspn(line, " ");
	char *colon = strchr(name, ':'); /* names can't have one (dev_valid_name()) */
	char *rest = NULL;

	if (!colon)
		return; /* the two lines of the header */
	*colon = '\0';
	if (strcmp(name, "lo") == 0)
		return;
	json_begin_object(json, NULL);
	json_string(json, "Name", name);
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++) {
		const char *word = strtok_r(i == 0 ? colon + 1 : NULL, " ", &rest);
		uint64_t value;

		if (columns[i] && word && string_to_uint(word, UINT64_MAX, &value))
			json_uint(json, columns[i], value);
	}
	json_end_object(json);
}

void network_stats_parse(struct json_out *json, char *text)
{
	char *rest = NULL;

	json_begin_array(json, "network_interfaces");
	for (char *line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
		write_device(json, line);
	json_end_array(json);
}

static bool is_own_namespace(pid_t init)
{
	struct stat ours, theirs;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/ns/net", init);
	return stat("/proc/self/ns/net", &ours) < 0 || stat(path, &theirs) < 0 ||
	       (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino);
}

void network_stats_write(struct json_out *json, pid_t init)
{
	autofree char *text = NULL;
	struct error ignored;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/%d/net/dev", init);
	if (is_own_namespace(init) ||
	    file_read_at(AT_FDCWD, path, NET_DEV_MAX, &text, NULL, &ignored) < 0)
		json_null(json, "network_interfaces");
	else
		network_stats_parse(json, text);
}
