/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that engines give to the cgroups of their containers.
 *
 * syscalls: none
 */
#include "runtime/inspect/engine.h"

#include <string.h>

#include "base/table.h"

/* What stands before the id in a component of the path, or as a component of its own. */
static const struct {
	const char *before;
	const char *engine;
} marks[] = {
	{ "/libpod-conmon-", NULL }, /* the monitor, which is no container */
	{ "/libpod-payload-", "podman" },
	{ "/libpod-", "podman" },
	{ "/buildah-", "buildah" },
	{ "/docker-", "docker" },
	{ "/docker/", "docker" },
	{ "/cri-containerd-", "containerd" },
	{ "/nerdctl-", "nerdctl" },
	{ "/crio-conmon-", NULL },
	{ "/crio-", "cri-o" },
	{ "/lxc.payload.", "lxc" },
	{ "/lxc/", "lxc" },
	{ "/machine-", "systemd-machined" },
	{ "/runc-", "runc" },
	{ "/crun-", "crun" },
	{ "/youki-", "youki" },
};

static bool is_hash(const char *text, size_t length)
{
	return length >= 32 && strspn(text, "0123456789abcdef") >= length;
}

static void copy_id(struct engine_guess *guess, const char *text)
{
	static const char scope[] = ".scope";
	size_t length = strcspn(text, "/\n");

	if (length > strlen(scope) &&
	    strncmp(text + length - strlen(scope), scope, strlen(scope)) == 0)
		length -= strlen(scope);
	if (is_hash(text, length))
		length = 12;
	if (length >= sizeof(guess->id))
		length = sizeof(guess->id) - 1;
	memcpy(guess->id, text, length);
	guess->id[length] = '\0';
}

bool engine_guess(const char *cgroups, struct engine_guess *guess)
{
	*guess = (struct engine_guess){ NULL, "" };
	table_for_each (mark, marks) {
		const char *found = strstr(cgroups, mark->before);

		if (!found)
			continue;
		if (!mark->engine)
			return false;
		copy_id(guess, found + strlen(mark->before));
		guess->engine = mark->engine;
		return guess->id[0] != '\0';
	}
	return false;
}

/* comm has 15 characters; the option that the container's id follows, NULL: there is none. */
static const struct {
	const char *comm, *engine, *option;
} holders[] = {
	{ "bwrap", "bubblewrap", NULL },
	{ "conmon", "podman", "-c" },
	{ "containerd-shim", "containerd", "-id" },
	{ "lxc-start", "lxc", "-n" },
	{ "systemd-nspawn", "systemd-nspawn", NULL },
};

bool engine_of_holder(const char *comm, const char *cmdline, size_t length,
		      struct engine_guess *guess)
{
	const char *const end = cmdline + length;

	*guess = (struct engine_guess){ NULL, "" };
	table_for_each (holder, holders) {
		if (strcmp(comm, holder->comm) != 0)
			continue;
		guess->engine = holder->engine;
		for (const char *word = cmdline; holder->option && word < end;
		     word += strnlen(word, (size_t)(end - word)) + 1) {
			const char *next = word + strnlen(word, (size_t)(end - word)) + 1;

			if (next < end && strcmp(word, holder->option) == 0)
				copy_id(guess, next);
		}
		return true;
	}
	return false;
}
