/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_USER_H
#define NAMESPACES_USER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/string.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * The id maps of a new user namespace. Whoever has CAP_SETUID and CAP_SETGID writes any map;
 * anybody else maps one id, his own, or has newuidmap(1) and newgidmap(1) map what subuid(5) and
 * subgid(5) allow him. user_namespaces(7).
 */
struct user_caller {
	uid_t uid;
	gid_t gid;
	bool privileged; /* both capabilities, in the user namespace that he is in */
};

enum { USER_MAP_UID, USER_MAP_GID, USER_MAP_COUNT };

struct user_map {
	const char *pointer; /* "/linux/uidMappings" */
	struct id_mapping_list list;
	const char *helper; /* path of the program that writes it; NULL: we do */
	bool is_default;    /* the configuration says nothing */
};

struct user_maps {
	struct user_map map[USER_MAP_COUNT];
	bool deny_setgroups; /* the price of a group map that we write without privilege */
};

/*
 * What is to be written: the configuration's mappings or, where it has none, default ones: root is
 * the caller, further ids are those of subuid(5) and subgid(5), or, to root of a user namespace,
 * all that he has himself. Refused: ids of process.user that the maps lack, additional groups where
 * setgroups is denied, a map that needs a helper that isn't there. Reads /etc and /proc only for
 * default mappings. Lists live in arena. Runs in: parent, before any side effect.
 */
int user_plan(struct user_maps *maps, const struct container_spec *spec,
	      const struct user_caller *caller, struct arena *arena, struct report *report,
	      struct error *err);

/*
 * Whether newuidmap(1) and newgidmap(1) would write the maps: beside his own id a caller may have
 * those of his ranges in /etc/subuid and /etc/subgid. Where nsswitch.conf(5) gives them to another
 * source nobody knows before. Runs in: check.
 */
int user_check_ranges(const struct user_maps *maps, const struct user_caller *caller,
		      struct arena *arena, struct report *report, struct error *err);

/* Whether the text of nsswitch.conf(5) has a line for subid. Pure. */
bool user_has_subid_source(const char *nsswitch);

/* Writes one map of pid, or setgroups, through the private procfs descriptor. Runs in: parent,
 * while init waits. user_namespaces(7). */
int user_write_map(int procfs, pid_t pid, const struct user_maps *maps, int kind,
		   struct error *err);
int user_deny_setgroups(int procfs, pid_t pid, struct error *err);

/* The text of one map, one line "inside outside length" per mapping. pointer names the list in the
 * error: no mapping at all, more than the kernel takes. Pure. */
int user_format_map(const struct id_mapping_list *list, struct buffer *text, const char *pointer,
		    struct error *err);

/* True if the list maps this id of the container. Pure. */
bool user_maps_id(const struct id_mapping_list *list, uint32_t id);

/* Takes ids of the new user namespace: root's or, where it has no root, the first ones that are
 * mapped. maps NULL: of a joined one, whose root may be missing. Runs in: init, stage. */
int user_become_root(const struct user_maps *maps, struct error *err);

/* True if the group has a number outside of the present user namespace. Needs CAP_SETGID. Runs in:
 * init. */
bool user_has_group(gid_t gid);

/* Adds to err, an EPERM or EACCES, what about this host makes user namespaces fail, if anything
 * known does. Always -1. */
int user_explain_refusal(struct error *err);

#endif
