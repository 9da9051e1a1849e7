/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_IDMAP_H
#define NAMESPACES_IDMAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/mount_options.h"
#include "namespaces/namespace.h"
#include "spec/spec.h"

/*
 * Id-mapped mounts: files show other owners below one mount. The kernel takes the map as a user
 * namespace; a process that owns it is needed only until its descriptor is open. containerID is an
 * id as the file system has it, hostID what it becomes, an id of the host.
 *
 * mount_setattr(2) "ID-mapped mounts", OCI config.md "Mounts" uidMappings
 */
struct idmap {
	bool asked;
	bool tree;	/* ridmap: all mounts of the tree */
	bool joined;	/* the map is that of the user namespace which the container joins */
	bool pending;	/* the parent couldn't: the mount doesn't exist before init makes it */
	bool by_option; /* the mount has no lists: options[option] asks for the map */
	size_t option;
	struct id_mapping_list uids, gids;
	size_t owner; /* the element of mounts[] that has the descriptor for this map */
	int fd;	      /* of the user namespace, there; -1 */
};

/* Whose map it is to be. */
struct idmap_request {
	const struct mount_spec *spec;
	const struct mount_options *options;
	size_t index; /* of mounts[] */
	/* of the container; NULL: it has no user namespace */
	const struct linux_spec *linux;
	const struct namespace_plan *namespaces;
};

/*
 * What a mount asks for: its own lists, "idmap=uids=0-1000-10;gids=…" (crun's, with '@' for
 * a second number that is an id of the container), or the container's map. Lists live in arena.
 * Pure. Runs in: parent.
 */
int idmap_plan(struct idmap *idmap, const struct idmap_request *request, struct arena *arena,
	       struct error *err);

bool idmap_is_same(const struct idmap *a, const struct idmap *b);

/* Makes the user namespace with the two maps and returns its descriptor; the process in it has
 * ended. index: whose error it is. Runs in: parent. */
int idmap_open_namespace(const struct idmap *idmap, size_t index, struct error *err);

/* Maps the ids of a detached mount. The caller needs CAP_SYS_ADMIN in the user namespace that owns
 * the file system, and in that of the map. A mount that has a map already gets this one instead, as
 * a new clone in *mount (Linux 6.15). Runs in: parent, init. */
int idmap_apply(int *mount, bool tree, int user_namespace, struct error *err);

#endif
