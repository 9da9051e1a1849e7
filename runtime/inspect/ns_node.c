/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces as objects: ioctl_ns(2). Who owns one, whose child it is, what its id is.
 *
 * syscalls: openat fstatfs fstat ioctl
 */
#include "runtime/inspect/ns_node.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/sys.h"

static const char asked_from[] = "ioctl_ns(2)";

int ns_open(int directory, const char *name, bool magic)
{
	autofd place = openat(directory, name, O_PATH | O_CLOEXEC | (magic ? 0 : O_NOFOLLOW));
	char link[40];
	struct statfs fs;

	if (place < 0 || fstatfs(place, &fs) < 0)
		return -1;
	if (fs.f_type != NSFS_MAGIC) {
		errno = EINVAL;
		return -1;
	}
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", place);
	return openat(directory, link, O_RDONLY | O_CLOEXEC);
}

struct ns_node *ns_add(struct ns_world *world, enum namespace_kind kind, uint64_t inode)
{
	for (size_t i = 0; i < world->node_count; i++)
		if (world->nodes[i].inode == inode && world->nodes[i].kind == kind)
			return &world->nodes[i];
	if (world->node_count == world->node_room) {
		size_t room = world->node_room ? world->node_room * 2 : 32;
		struct ns_node *longer = realloc(world->nodes, room * sizeof(*longer));

		if (!longer) {
			world->failed = true;
			return NULL;
		}
		world->nodes = longer;
		world->node_room = room;
	}
	world->nodes[world->node_count] = (struct ns_node){ .kind = kind, .inode = inode };
	return &world->nodes[world->node_count++];
}

bool ns_is_asked(const struct ns_node *node)
{
	return node->id.fact.state != FACT_ABSENT || node->id.fact.why;
}

/* A namespace that the ioctl leads to: fd, with its inode. EPERM: it lies outside of what the
 * caller may see. */
static int follow(int fd, unsigned long request, struct fact_uint *inode)
{
	autofd other = ioctl(fd, request);
	struct stat attributes;

	if (other < 0 || fstat(other, &attributes) < 0) {
		inode->fact = fact_from_errno(errno, asked_from);
		inode->fact.need = NULL; /* no capability reaches beyond the own user namespace */
		return -1;
	}
	*inode = (struct fact_uint){ fact_known(asked_from), attributes.st_ino };
	return fd_take(&other);
}

static struct fact_uint read_id(int fd, enum namespace_kind kind)
{
	struct fact_uint id = { .fact = fact_known(asked_from) };

	if (ioctl(fd, NS_GET_ID, &id.value) == 0 ||
	    (kind == NAMESPACE_MOUNT && ioctl(fd, NS_GET_MNTNS_ID, &id.value) == 0))
		return id;
	return (struct fact_uint){ .fact = fact_absent("this kernel doesn't tell it") };
}

/* One namespace; next gets the one to go on with, -1: none. */
static void ask_one(struct ns_world *world, int fd, enum namespace_kind kind, uint64_t inode,
		    int *owner, int *parent)
{
	struct ns_node *node = ns_add(world, kind, inode);
	struct ns_node facts = { 0 };
	uid_t uid;

	if (!node || ns_is_asked(node))
		return;
	facts.id = read_id(fd, kind);
	*owner = follow(fd, NS_GET_USERNS, &facts.owner);
	if (kind == NAMESPACE_USER || kind == NAMESPACE_PID)
		*parent = follow(fd, NS_GET_PARENT, &facts.parent);
	if (kind == NAMESPACE_USER && ioctl(fd, NS_GET_OWNER_UID, &uid) == 0)
		facts.owner_uid = (struct fact_uint){ fact_known(asked_from), uid };
	node->id = facts.id;
	node->owner = facts.owner;
	node->parent = facts.parent;
	node->owner_uid = facts.owner_uid;
}

static void add_alive(struct ns_world *world, enum namespace_kind kind, uint64_t inode,
		      unsigned why)
{
	struct ns_node *node = ns_add(world, kind, inode);

	if (node)
		node->alive |= why;
}

static uint64_t inode_of(int fd)
{
	struct stat attributes;

	return fstat(fd, &attributes) == 0 ? attributes.st_ino : 0;
}

/* Upwards along the user namespaces that own and enclose it: at most 32 levels in the kernel. */
static void ask_users(struct ns_world *world, int first, unsigned why)
{
	autofd user = first;

	for (int level = 0; user >= 0 && level < 64; level++) {
		int owner = -1, parent = -1;
		uint64_t inode = inode_of(user);

		if (inode == 0)
			return;
		ask_one(world, user, NAMESPACE_USER, inode, &owner, &parent);
		add_alive(world, NAMESPACE_USER, inode, why);
		why = ALIVE_CHILD;
		fd_close(&owner); /* a user namespace's owner is its parent */
		fd_close(&user);
		user = parent;
	}
}

void ns_ask(struct ns_world *world, int fd, enum namespace_kind kind, uint64_t inode)
{
	autofd here = -1;
	int owner = -1, parent = -1;

	ask_one(world, fd, kind, inode, &owner, &parent);
	for (int level = 0; level < 64; level++) {
		ask_users(world, owner, kind == NAMESPACE_USER ? ALIVE_CHILD : ALIVE_OWNER);
		owner = -1;
		fd_close(&here);
		here = parent;
		parent = -1;
		if (here < 0 || inode_of(here) == 0)
			return;
		ask_one(world, here, kind, inode_of(here), &owner, &parent);
		add_alive(world, kind, inode_of(here), ALIVE_CHILD);
	}
	fd_close(&owner);
	fd_close(&parent);
}
