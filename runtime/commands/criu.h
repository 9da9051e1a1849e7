/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_CRIU_H
#define COMMANDS_CRIU_H

#include <stdint.h>

#include "base/string.h"
#include "runtime/commands/option.h"
#include "runtime/criu/criu.h"

/* The rows that `checkpoint` and `restore` have in common, over a struct criu_common that is a
 * member of the command's struct. */
/* NOLINTBEGIN(bugprone-macro-parentheses): type and member are names */
#define CRIU_AT(type, member) .offset = offsetof(type, member)
#define CRIU_FLAG(type, member, option, text)                                                      \
	{                                                                                          \
		.name = (option), .kind = OPTION_FLAG, CRIU_AT(type, member), .help = (text)       \
	}
/* clang-format off */
#define CRIU_OPTION_ROWS(type, common)                                                             \
	{ .name = "image-path", .kind = OPTION_TEXT, CRIU_AT(type, common.image_path),             \
	  .value = "DIR", .help = "directory of the images (default: ./checkpoint)" },             \
	{ .name = "work-path", .kind = OPTION_TEXT, CRIU_AT(type, common.work_path),               \
	  .value = "DIR", .help = "directory of criu's log (default: that of the images)" },       \
	CRIU_FLAG(type, common.tcp_established, "tcp-established",                                 \
		  "established TCP connections, too"),                                             \
	CRIU_FLAG(type, common.ext_unix_sk, "ext-unix-sk",                                         \
		  "Unix sockets whose other end is outside, too"),                                 \
	CRIU_FLAG(type, common.shell_job, "shell-job",                                             \
		  "processes of a session that is led from outside, too"),                         \
	CRIU_FLAG(type, common.file_locks, "file-locks", "file locks, too"),                       \
	CRIU_FLAG(type, common.link_remap, "link-remap",                                           \
		  "open files that are deleted but have another name, too"),                       \
	CRIU_FLAG(type, common.auto_dedup, "auto-dedup",                                           \
		  "free what is twice in the images"),                                             \
	CRIU_FLAG(type, common.lazy_pages, "lazy-pages",                                           \
		  "memory follows when it is used"),                                               \
	{ .name = "manage-cgroups-mode", .kind = OPTION_TEXT,                                      \
	  CRIU_AT(type, common.manage_cgroups_mode), .value = "MODE",                              \
	  .help = "what criu does about cgroups: soft, full, strict or ignore (default: soft)",    \
	  .choices = "soft full strict ignore" },                                                  \
	{ .name = "empty-ns", .kind = OPTION_TEXT, CRIU_AT(type, common.empty_ns),                 \
	  .value = "network", .help = "leave the namespace of this kind to hooks",                 \
	  .choices = "network" }
/* clang-format on */
/* NOLINTEND(bugprone-macro-parentheses) */

/* A descriptor's number; -1: it is none. */
static inline int criu_number(const char *text, int *number)
{
	uint64_t value;

	if (!string_to_uint(text, INT32_MAX, &value))
		return -1;
	*number = (int)value;
	return 0;
}

#endif
