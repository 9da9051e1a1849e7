/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All namespaces of the system, found where they leave traces: processes and threads, what they
 * hold open, what is bound in their mount namespaces, what their children will be born in.
 * namespaces(7), "Namespace lifetime". (A socket keeps its network namespace, too; that can't be
 * seen here.)
 *
 * syscalls: openat getdents64 readlinkat read
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/string.h"
#include "cgroups/hierarchy.h"
#include "runtime/inspect/engine.h"
#include "runtime/inspect/ns_node.h"

#define MOUNTINFO_MAX ((size_t)64 << 20)
#define SMALL_MAX ((size_t)64 << 10)
#define ARGUMENTS_MAX 1024

struct scan {
	struct ns_world *world;
	const struct ns_container *containers;
	size_t container_count;
	const char *cgroup_mount; /* v2, NULL: none */
	int procfs;
	bool threads;
};

static void *grow(void *items, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? *room * 2 : 64;
	void *longer;

	if (count < *room)
		return items;
	longer = realloc(items, wanted * size);
	if (longer)
		*room = wanted;
	return longer;
}

static void see(struct ns_world *world, const struct live *live, const char *name, unsigned why,
		struct ns_process *process)
{
	char link[64];
	enum namespace_kind kind;
	uint64_t inode;
	struct ns_node *node;

	if (live_link(live, name, link, sizeof(link)) < 0 || !ns_parse_link(link, &kind, &inode))
		return;
	node = ns_add(world, kind, inode);
	if (!node)
		return;
	if (why == ALIVE_PENDING && process->ns[kind] == inode)
		return; /* its children will be where it is: nothing to say */
	node->alive |= why;
	if (why == ALIVE_PROCESS) {
		process->ns[kind] = inode;
		node->processes += process->thread == 0;
		if (node->first == 0 || process->pid < node->first)
			node->first = process->pid;
	} else if (node->holder == 0) {
		node->holder = process->pid;
	}
	if (!ns_is_asked(node)) {
		autofd fd = ns_open(live->dir, name, true);

		if (fd >= 0)
			ns_ask(world, fd, kind, inode);
	}
}

static void see_all(struct ns_world *world, const struct live *live, struct ns_process *process)
{
	char name[40];

	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		(void)snprintf(name, sizeof(name), "ns/%s", namespace_types[kind].proc_name);
		see(world, live, name, ALIVE_PROCESS, process);
	}
	see(world, live, "ns/pid_for_children", ALIVE_PENDING, process);
	see(world, live, "ns/time_for_children", ALIVE_PENDING, process);
}

static void see_descriptors(struct ns_world *world, const struct live *live,
			    struct ns_process *process)
{
	int fd = openat(live->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir && fd >= 0)
		fd_close(&fd);
	while (dir && (entry = readdir(dir))) {
		char name[300];

		if (entry->d_name[0] == '.' || process->pid == getpid())
			continue;
		(void)snprintf(name, sizeof(name), "fd/%s", entry->d_name);
		see(world, live, name, ALIVE_FD, process);
	}
}

/* Blank-separated field n of a line, copied with mountinfo's escapes undone. */
static const char *mount_field(const char *line, int n, struct arena *arena)
{
	char *copy, *end;

	while (n-- > 0) {
		line = strchr(line, ' ');
		if (!line)
			return NULL;
		line++;
	}
	copy = arena_format(arena, "%.*s", (int)strcspn(line, " \n"), line);
	end = copy;
	for (const char *from = copy; copy && *from; end++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*end = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
			from += 4;
		} else {
			*end = *from++;
		}
	}
	if (copy)
		*end = '\0';
	return copy;
}

static void see_mount_line(struct scan *scan, const char *line, const struct ns_process *process)
{
	struct ns_world *world = scan->world;
	const char *root = mount_field(line, 3, &world->arena);
	const char *place = mount_field(line, 4, &world->arena);
	enum namespace_kind kind;
	uint64_t inode, ours;
	struct ns_node *node;

	if (!root || !place || !ns_parse_link(root, &kind, &inode))
		return;
	node = ns_add(world, kind, inode);
	if (!node || node->mount)
		return;
	node->alive |= ALIVE_MOUNT;
	node->mount = place;
	node->mount_viewer = process->pid;
	/* only a name of our own mount namespace leads us to it */
	if (ns_own_inode(NAMESPACE_MOUNT, &ours) == 0 && process->ns[NAMESPACE_MOUNT] == ours) {
		autofd fd = ns_is_asked(node) ? -1 : ns_open(AT_FDCWD, place, false);

		node->mount_viewer = 0;
		if (fd >= 0)
			ns_ask(world, fd, kind, inode);
	}
}

static void see_mounts(struct scan *scan, const struct live *live, const struct ns_process *process)
{
	autofree char *text = NULL;
	const char *next;

	/* once for each mount namespace */
	for (size_t i = 0; i < scan->world->process_count; i++)
		if (scan->world->processes[i].ns[NAMESPACE_MOUNT] == process->ns[NAMESPACE_MOUNT])
			return;
	text = live_read(live, "mountinfo", MOUNTINFO_MAX, NULL);
	for (char *line = text; line && *line; line = (char *)(uintptr_t)next) {
		char *end = strchrnul(line, '\n');

		next = *end ? end + 1 : end;
		*end = '\0';
		if (strstr(line, " - nsfs "))
			see_mount_line(scan, line, process);
	}
}

static bool is_below(const char *path, const char *top)
{
	size_t length = strlen(top);

	return strncmp(path, top, length) == 0 && (path[length] == '/' || path[length] == '\0');
}

/* Ours by its cgroup or, for one without, by the pid namespace of its first process. */
static void find_container(const struct scan *scan, const char *cgroups, struct ns_process *process)
{
	struct engine_guess guess;
	char own[4096], path[8192];

	path[0] = '\0';
	if (scan->cgroup_mount && hierarchy_find_own(cgroups, "/", own))
		(void)snprintf(path, sizeof(path), "%s%s", scan->cgroup_mount, own);
	for (size_t i = 0; i < scan->container_count; i++) {
		const struct ns_container *one = &scan->containers[i];

		if (one->pid == process->pid ||
		    (one->cgroup_path && is_below(path, one->cgroup_path))) {
			process->container = one->id;
			return;
		}
	}
	if (!engine_guess(cgroups, &guess))
		return;
	process->container = arena_string(&scan->world->arena, guess.id);
	process->engine = guess.engine;
}

static void describe(const struct scan *scan, const struct live *live,
		     const struct status_facts *status, struct ns_process *process)
{
	struct arena *arena = &scan->world->arena;
	size_t length = 0;
	autofree char *comm = live_read(live, "comm", 64, NULL);
	autofree char *arguments = live_read(live, "cmdline", ARGUMENTS_MAX, &length);
	autofree char *cgroups = live_read(live, "cgroup", SMALL_MAX, NULL);
	autofree char *map = live_read(live, "uid_map", SMALL_MAX, NULL);
	struct ns_node *user = NULL;
	char *copy;

	process->uid = status->uid[1];
	process->nspid_count = status->nspid_count;
	memcpy(process->nspid, status->nspid, sizeof(process->nspid));
	process->kernel_thread = length == 0 && status->state != 'Z';
	if (comm) {
		comm[strcspn(comm, "\n")] = '\0';
		process->comm = arena_string(arena, comm);
	}
	if (length > 0 && arguments[length - 1] == '\0')
		length--;
	copy = length > 0 ? arena_alloc(arena, length + 1) : NULL;
	if (copy) {
		memcpy(copy, arguments, length);
		process->arguments = copy;
		process->arguments_length = length;
	}
	if (cgroups)
		find_container(scan, cgroups, process);
	process->inner_uid_known = map && id_map_inside(map, process->uid, &process->inner_uid);
	if (process->ns[NAMESPACE_USER])
		user = ns_add(scan->world, NAMESPACE_USER, process->ns[NAMESPACE_USER]);
	if (user && map && !user->uid_map)
		user->uid_map = arena_string(arena, map);
}

static void keep(struct ns_world *world, const struct ns_process *process)
{
	struct ns_process *longer =
		grow(world->processes, world->process_count, &world->process_room, sizeof(*longer));

	if (!longer) {
		world->failed = true;
		return;
	}
	world->processes = longer;
	world->processes[world->process_count++] = *process;
}

/* A thread that is in the same namespaces as its process says nothing new. */
static void scan_threads(const struct scan *scan, const struct live *live,
			 const struct ns_process *process)
{
	int fd = openat(live->dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir && fd >= 0)
		fd_close(&fd);
	while (dir && (entry = readdir(dir))) {
		struct ns_process thread = *process;
		struct live task = { .pid = process->pid, .pidfd = -1, .dir = -1 };
		char name[300];

		thread.thread = (pid_t)strtol(entry->d_name, NULL, 10);
		if (thread.thread <= 0 || thread.thread == process->pid)
			continue;
		(void)snprintf(name, sizeof(name), "task/%s", entry->d_name);
		task.dir = openat(live->dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (task.dir < 0)
			continue;
		see_all(scan->world, &task, &thread);
		if (memcmp(thread.ns, process->ns, sizeof(thread.ns)) != 0)
			keep(scan->world, &thread);
		live_close(&task);
	}
}

/* One that has ended since it was listed says nothing: neither its status nor its namespaces. */
static void scan_process(struct scan *scan, pid_t pid)
{
	struct live live = LIVE_INIT;
	struct ns_process process = { .pid = pid };
	struct status_facts status;
	struct error gone;
	char link[64] = "";

	if (live_open(&live, scan->procfs, pid, &gone) < 0)
		return;
	live_read_status(&live, &status, &scan->world->arena);
	if (fact_is_known(&status.fact) && status.state != 'Z' &&
	    (live_link(&live, "ns/mnt", link, sizeof(link)) == 0 || errno == EACCES)) {
		scan->world->denied += link[0] == '\0';
		see_all(scan->world, &live, &process);
		see_descriptors(scan->world, &live, &process);
		describe(scan, &live, &status, &process);
		if (process.ns[NAMESPACE_MOUNT])
			see_mounts(scan, &live, &process);
		keep(scan->world, &process);
		if (scan->threads)
			scan_threads(scan, &live, &process);
	}
	live_close(&live);
}

static int compare_processes(const void *a, const void *b)
{
	const struct ns_process *one = a, *two = b;

	if (one->pid != two->pid)
		return one->pid < two->pid ? -1 : 1;
	return one->thread < two->thread ? -1 : one->thread > two->thread;
}

static int compare_nodes(const void *a, const void *b)
{
	const struct ns_node *one = a, *two = b;

	return one->inode < two->inode ? -1 : one->inode > two->inode;
}

/* In order of the first process, so that the host comes first. */
static void make_groups(struct ns_world *world)
{
	for (size_t i = 0; i < world->process_count; i++) {
		struct ns_process *process = &world->processes[i];
		struct ns_group *longer;
		size_t g = 0;

		while (g < world->group_count &&
		       (memcmp(world->groups[g].ns, process->ns, sizeof(process->ns)) != 0 ||
			!string_equal(world->groups[g].container, process->container)))
			g++;
		process->group = g;
		if (g < world->group_count) {
			world->groups[g].processes++;
			continue;
		}
		longer = grow(world->groups, g, &world->group_room, sizeof(*longer));
		if (!longer) {
			world->failed = true;
			return;
		}
		world->groups = longer;
		longer[g] = (struct ns_group){
			.processes = 1,
			.first = i,
			.container = process->container,
			.engine = process->engine,
			.is_host = memcmp(process->ns, world->host, sizeof(process->ns)) == 0 &&
				   !process->container,
		};
		memcpy(longer[g].ns, process->ns, sizeof(process->ns));
		world->group_count++;
	}
}

static void find_host(struct ns_world *world)
{
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		world->host[kind] = 0;
		(void)ns_own_inode((enum namespace_kind)kind, &world->host[kind]); /* 0: none */
	}
	for (size_t i = 0; i < world->process_count; i++)
		if (world->processes[i].pid == 1 && world->processes[i].ns[NAMESPACE_MOUNT])
			memcpy(world->host, world->processes[i].ns, sizeof(world->host));
}

int ns_world_read(struct ns_world *world, const struct ns_container *containers, size_t count,
		  bool threads, struct error *err)
{
	struct scan scan = { .world = world, .containers = containers, .container_count = count };
	autofd procfs = procfs_open(PROCFS_ALL, err);
	struct hierarchy hierarchy = { 0 };
	struct error ignored;
	const struct dirent *entry;
	autodir dir = NULL;
	int fd;

	*world = (struct ns_world){ 0 };
	if (procfs < 0)
		return -1;
	if (hierarchy_find(&hierarchy, false, &world->arena, &ignored) == 0)
		scan.cgroup_mount = hierarchy.mount; /* else none: no containers by cgroup */
	scan.procfs = procfs;
	scan.threads = threads;
	fd = openat(procfs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		(void)error_errno(err, "/proc");
		fd_close(&fd);
		return -1;
	}
	while ((entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0)
			scan_process(&scan, pid);
	}
	if (world->process_count > 0)
		qsort(world->processes, world->process_count, sizeof(*world->processes),
		      compare_processes);
	if (world->node_count > 0)
		qsort(world->nodes, world->node_count, sizeof(*world->nodes), compare_nodes);
	find_host(world);
	make_groups(world);
	return world->failed ? error_set(err, "out of memory") : 0;
}

void ns_world_free(struct ns_world *world)
{
	free(world->nodes);
	free(world->processes);
	free(world->groups);
	arena_free(&world->arena);
	*world = (struct ns_world){ 0 };
}

const struct ns_node *ns_find(const struct ns_world *world, enum namespace_kind kind,
			      uint64_t inode)
{
	for (size_t i = 0; i < world->node_count; i++)
		if (world->nodes[i].inode == inode && world->nodes[i].kind == kind)
			return &world->nodes[i];
	return NULL;
}

static bool is_selected(const struct ns_world *world)
{
	for (size_t g = 0; g < world->group_count; g++)
		if (world->groups[g].shown)
			return true;
	return false;
}

bool ns_world_select(struct ns_world *world, pid_t pid)
{
	bool found = false;

	for (size_t i = 0; i < world->process_count; i++) {
		if (world->processes[i].pid != pid)
			continue;
		found = true;
		/* with what else its container has, in other namespaces perhaps */
		for (size_t g = 0; g < world->group_count; g++)
			if (g == world->processes[i].group ||
			    (world->groups[g].container &&
			     string_equal(world->groups[g].container,
					  world->processes[i].container)))
				world->groups[g].shown = true;
	}
	return found;
}

bool ns_is_shown(const struct ns_world *world, const struct ns_node *node)
{
	if (!is_selected(world))
		return true;
	for (size_t g = 0; g < world->group_count; g++)
		if (world->groups[g].shown && world->groups[g].ns[node->kind] == node->inode)
			return true;
	return false;
}
