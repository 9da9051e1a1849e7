/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_NAMESPACES_H
#define INSPECT_NAMESPACES_H

#include "base/arena.h"
#include "base/string.h"
#include "namespaces/namespace.h"
#include "runtime/inspect/fact.h"
#include "runtime/inspect/live.h"
#include "runtime/inspect/text.h"

/* The inode number out of /proc/PID/ns/NAME's link; absent on a kernel without this kind, and for a
 * zombie, which has left its namespaces. */
void ns_read_inode(const struct live *live, enum namespace_kind kind, struct fact_uint *inode,
		   struct arena *arena);
/* The caller's own; -1 with errno. */
int ns_own_inode(enum namespace_kind kind, uint64_t *inode);

/* "net:[4026531840]" -> kind and inode. Pure. */
bool ns_parse_link(const char *text, enum namespace_kind *kind, uint64_t *inode);

/* ---- the whole system ---- */

/* Why a namespace exists. */
enum ns_alive {
	ALIVE_PROCESS = 1 << 0, /* a process (or thread) is in it */
	ALIVE_MOUNT = 1 << 1,	/* bound somewhere: ns->mount */
	ALIVE_FD = 1 << 2,	/* held open by ns->holder */
	ALIVE_CHILD = 1 << 3,	/* a pid or user namespace below it */
	ALIVE_OWNER = 1 << 4,	/* a user namespace that owns others */
	ALIVE_PENDING = 1 << 5, /* ns->holder's children will be born in it */
};

struct ns_node {
	enum namespace_kind kind;
	uint64_t inode;
	struct fact_uint id;	/* never reused, unlike the inode; Linux 6.18, mount ns 6.11 */
	struct fact_uint owner; /* inode of the user namespace that owns it */
	struct fact_uint parent, owner_uid; /* user and pid; user */
	unsigned alive;
	size_t processes;
	pid_t first;	     /* lowest pid in it; 0: none */
	pid_t holder;	     /* who holds it open, or waits to have children in it */
	const char *mount;   /* where it is bound */
	pid_t mount_viewer;  /* in whose mount namespace; 0: in the caller's */
	const char *uid_map; /* a user namespace's, as the caller sees it; NULL: unknown */
};

struct ns_process {
	pid_t pid, thread; /* thread: 0, or a thread that isn't where its process is */
	pid_t nspid[NSPID_MAX];
	size_t nspid_count;
	uint32_t uid;	    /* in the caller's user namespace */
	uint32_t inner_uid; /* in its own */
	bool inner_uid_known, kernel_thread;
	uint64_t ns[NAMESPACE_COUNT]; /* inodes; 0: unknown or none */
	const char *comm, *arguments;
	size_t arguments_length;
	const char *container; /* id or engine's name for it; NULL: none */
	const char *engine;    /* NULL: minirun's own; else a guess */
	size_t group;	       /* index in groups */
};

/* Processes that share all eight namespaces. */
struct ns_group {
	uint64_t ns[NAMESPACE_COUNT];
	size_t processes, first; /* first: index in processes */
	const char *container, *engine;
	bool is_host, shown;
};

struct ns_container {
	const char *id;
	pid_t pid;
	const char *cgroup_path; /* absolute, NULL: none */
};

struct ns_world {
	struct arena arena;
	struct ns_node *nodes;
	size_t node_count, node_room;
	struct ns_process *processes;
	size_t process_count, process_room;
	struct ns_group *groups;
	size_t group_count, group_room;
	uint64_t host[NAMESPACE_COUNT]; /* of pid 1 or, if that can't be read, of the caller */
	size_t denied;			/* processes whose namespaces can't be read */
	bool failed;			/* memory ran out */
};

/*
 * Reads all of /proc: every process (threads: every thread that is elsewhere), every namespace that
 * one of them is in, holds open, has bound in its mount namespace or will have children in, their
 * owners and ancestors. Processes that end meanwhile are passed over. containers: minirun's own.
 */
int ns_world_read(struct ns_world *world, const struct ns_container *containers, size_t count,
		  bool threads, struct error *err);
void ns_world_free(struct ns_world *world);
#define autoworld __attribute__((cleanup(ns_world_free))) struct ns_world

/* Marks the groups that pid is in as the ones to be shown; false: there is no such process. Unless
 * it is called everything is shown. */
bool ns_world_select(struct ns_world *world, pid_t pid);

/* NULL: not there. */
const struct ns_node *ns_find(const struct ns_world *world, enum namespace_kind kind,
			      uint64_t inode);
/* True if some process that is shown is in it, or nothing was selected. */
bool ns_is_shown(const struct ns_world *world, const struct ns_node *node);
/* Why it lives, in words: "bind mount /run/netns/x". */
void ns_reason(struct buffer *out, const struct ns_node *node, const struct text_style *style);
/* "0-65535 = host 100000-165535"; the first lines of a uid_map. */
void ns_map_text(struct buffer *out, const char *map);

void ns_tree_text(struct buffer *out, const struct ns_world *world, const struct text_style *style);
void ns_table_text(struct buffer *out, const struct ns_world *world,
		   const struct text_style *style);
void ns_json(struct json_out *json, const struct ns_world *world);
void ns_dot(struct buffer *out, const struct ns_world *world);
void ns_svg(struct buffer *out, const struct ns_world *world);

#endif
