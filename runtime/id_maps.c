/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of a new user namespace, and the two programs that may write what we may not.
 *
 * user_namespaces(7), newuidmap(1), newgidmap(1)
 * syscalls: pipe2 vfork execve pidfd_open poll read kill waitid capget
 */
#include "runtime/id_maps.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/procfs.h"
#include "runtime/process/process.h"

#define HELPER_TIMEOUT 10000 /* ms: it looks the user up, which may go over a network */
#define WORDS_MAX 300	     /* bytes of what the helper says that fit into one error */

int id_maps_caller(struct user_caller *caller, struct error *err)
{
	const uint64_t needed = UINT64_C(1) << CAP_SETUID | UINT64_C(1) << CAP_SETGID;
	uint64_t effective;

	if (capabilities_effective(&effective) < 0)
		return error_errno(err, "read our own capabilities");
	*caller = (struct user_caller){
		.uid = geteuid(),
		.gid = getegid(),
		.privileged = (effective & needed) == needed,
	};
	return 0;
}

/* --- a helper
 * ------------------------------------------------------------------------------------- */

/* "newuidmap PID inside outside length ..." */
static char **arguments_of(const struct user_map *map, pid_t pid, struct arena *arena)
{
	char **args = arena_array(arena, 3 * map->list.count + 3, sizeof(*args));
	size_t count = 0;
	bool complete = args != NULL;

	if (!args)
		return NULL;
	args[count++] = arena_string(arena, map->helper);
	args[count++] = arena_format(arena, "%d", (int)pid);
	for (size_t i = 0; i < map->list.count; i++) {
		const struct id_mapping *line = &map->list.items[i];

		args[count++] = arena_format(arena, "%u", line->container_id);
		args[count++] = arena_format(arena, "%u", line->host_id);
		args[count++] = arena_format(arena, "%u", line->size);
	}
	for (size_t i = 0; i < count; i++)
		complete = complete && args[i];
	return complete ? args : NULL;
}

/* 0 or an errno. Nothing of ours goes along: no environment, no descriptor, no signal mask. */
static int spawn(const char *path, char *const *args, int output, pid_t *pid)
{
	static char *const nothing[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	int code = posix_spawn_file_actions_init(&actions);

	if (code != 0)
		return code;
	(void)sigemptyset(&none); /* these two can't fail */
	(void)sigfillset(&all);
	code = posix_spawnattr_init(&attributes);
	if (code == 0) {
		/* none of these fails for these arguments but for lack of memory */
		code = posix_spawnattr_setflags(&attributes,
						POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
		(void)posix_spawnattr_setsigmask(&attributes, &none);
		(void)posix_spawnattr_setsigdefault(&attributes, &all);
		for (int fd = 1; code == 0 && fd <= 2; fd++)
			code = posix_spawn_file_actions_adddup2(&actions, output, fd);
		if (code == 0)
			code = posix_spawn_file_actions_addclosefrom_np(&actions, 3);
		if (code == 0)
			code = posix_spawn(pid, path, &actions, &attributes, args, nothing);
		(void)posix_spawnattr_destroy(&attributes); /* always 0 */
	}
	(void)posix_spawn_file_actions_destroy(&actions); /* always 0 */
	return code;
}

/* Reads until end of file, or until the time is over. False: it is. */
static bool read_words(int fd, char words[static WORDS_MAX])
{
	const int64_t end = clock_milliseconds() + HELPER_TIMEOUT;
	size_t length = 0;

	for (;;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		const int64_t rest = end - clock_milliseconds();
		char byte[256];
		ssize_t got;

		words[length] = '\0';
		if (rest <= 0)
			return false;
		if (poll(&readable, 1, (int)rest) <= 0)
			continue;
		got = read(fd, byte, sizeof(byte));
		if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN))
			return true;
		for (ssize_t i = 0; i < got && length < WORDS_MAX - 1; i++)
			words[length++] = iscntrl((unsigned char)byte[i]) ? ' ' : byte[i];
	}
}

static int judge(const struct user_map *map, bool in_time, int status, char *words,
		 struct error *err)
{
	size_t length = strlen(words);

	if (!in_time)
		return error_set(err, "%s: %s doesn't end within %d s", map->pointer, map->helper,
				 HELPER_TIMEOUT / 1000);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	while (length > 0 && words[length - 1] == ' ')
		words[--length] = '\0';
	return error_of_kind(err, ERROR_SUBORDINATE_IDS, "%s: %s failed with status %d: %s",
			     map->pointer, map->helper, process_exit_code(status),
			     length ? words : "it doesn't say why");
}

static int run_helper(const struct user_map *map, char *const *args, struct error *err)
{
	char words[WORDS_MAX];
	int pair[2], status, code;
	bool in_time;
	pid_t helper;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, "pipe for %s", map->helper);

	autofd output = pair[0];
	autofd input = pair[1];

	code = spawn(map->helper, args, input, &helper);
	if (code != 0)
		return error_code(err, code, "%s: start %s", map->pointer, map->helper);
	fd_close(&input);
	in_time = read_words(output, words);
	if (!in_time)
		(void)kill(helper, SIGKILL); /* our unreaped child; its real user is ours */
	if (process_reap(helper, &status, err) < 0)
		return -1;
	return judge(map, in_time, status, words, err);
}

static int write_by_helper(const struct user_map *map, pid_t pid, struct error *err)
{
	struct arena arena = { NULL };
	char **args = arguments_of(map, pid, &arena);
	int result =
		args ? run_helper(map, args, err) : error_code(err, ENOMEM, "%s", map->pointer);

	arena_free(&arena);
	return result;
}

/* --- both maps
 * ------------------------------------------------------------------------------------ */

int id_maps_write(pid_t pid, const struct user_maps *maps, struct error *err)
{
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);

	if (procfs < 0 || (maps->deny_setgroups && user_deny_setgroups(procfs, pid, err) < 0))
		return -1;
	for (int kind = 0; kind < USER_MAP_COUNT; kind++) {
		const struct user_map *map = &maps->map[kind];
		int result = map->helper ? write_by_helper(map, pid, err)
					 : user_write_map(procfs, pid, maps, kind, err);

		if (result < 0)
			return -1;
	}
	return 0;
}
