/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration would have mounted, and where: destinations lead through the image's links.
 *
 * syscalls: openat openat2 readlinkat fstatat
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/string.h"
#include "runtime/inspect/document.h"

#define LINKS_FOLLOWED 40 /* as the kernel's limit */

/* Without one the container sees another's, or the caller's, from its root down. */
static bool lists_new_mount_namespace(const struct container_spec *spec)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++) {
		const struct namespace_spec *one = &spec->linux.namespaces.items[i];

		if (strcmp(one->type, "mount") == 0)
			return !one->path;
	}
	return false;
}

static bool asks_for(const struct mount_spec *mount, const char *word)
{
	for (size_t i = 0; i < mount->options.count; i++)
		if (strcmp(mount->options.items[i], word) == 0)
			return true;
	return false;
}

/* The root as create takes it, O_PATH; -1: none, or not for us to see. */
static int open_root(const struct target *target, struct arena *arena)
{
	const char *path = target->rootfs;
	const char *asked = target->config->root.path;

	if (!path && asked)
		path = *asked == '/' || !target->bundle
			       ? asked
			       : arena_format(arena, "%s/%s", target->bundle, asked);
	return path ? openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
}

/* Puts the text of the link at path, a name in the root, in front of what is left of a name. 0: it
 * is no link, or leads nowhere. */
static bool follow(int root, const char *path, char *rest)
{
	autofd link = path_open_quiet(root, path, O_PATH | O_NOFOLLOW);
	char text[PATH_MAX], longer[PATH_MAX];
	ssize_t length = link < 0 ? -1 : readlinkat(link, "", text, sizeof(text) - 1);

	if (length <= 0)
		return false;
	text[length] = '\0';
	if (snprintf(longer, sizeof(longer), "%s/%s", text, rest) >= PATH_MAX)
		return false;
	memcpy(rest, longer, strlen(longer) + 1);
	return true;
}

const char *mount_resolve(int root, const char *destination, bool last, struct arena *arena)
{
	char done[PATH_MAX] = "", rest[PATH_MAX], next[PATH_MAX];
	int links = 0;

	if (strlen(destination) >= sizeof(rest))
		return destination;
	memcpy(rest, destination, strlen(destination) + 1);
	while (rest[strspn(rest, "/")]) {
		const char *name = rest + strspn(rest, "/");
		const int length = (int)strcspn(name, "/");
		char *above = strrchr(done, '/');
		int used = snprintf(next, sizeof(next), "%s/%.*s", done, length, name);
		bool dots = strncmp(name, "..", (size_t)length) == 0 && length <= 2;

		if (used >= PATH_MAX)
			return destination;
		memmove(rest, name + length, strlen(name + length) + 1);
		if (dots && length == 2 && above)
			*above = '\0';
		if (dots)
			continue;
		if ((last || rest[strspn(rest, "/")]) && links < LINKS_FOLLOWED && root >= 0 &&
		    follow(root, next, rest)) {
			links++;
			if (rest[0] == '/')
				done[0] = '\0';
			continue;
		}
		memcpy(done, next, strlen(next) + 1);
	}
	return arena_string(arena, *done ? done : "/");
}

/* A link that is made again is no mount. */
static bool is_copied_link(const struct mount_spec *mount, const char *bundle)
{
	struct stat source;
	autofd directory = -1;

	if (!asks_for(mount, "copy-symlink") || !mount->source)
		return false;
	directory = openat(AT_FDCWD, bundle ? bundle : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fstatat(directory, mount->source, &source, AT_SYMLINK_NOFOLLOW) == 0 &&
	       S_ISLNK(source.st_mode);
}

static int plan_mount(struct mount_fact *fact, const struct mount_spec *asked, int root,
		      struct arena *arena, struct error *err)
{
	autobuffer options = { 0 };

	for (size_t o = 0; o < asked->options.count; o++)
		buffer_format(&options, "%s%s", o ? "," : "", asked->options.items[o]);
	*fact = (struct mount_fact){
		.root = "/",
		.destination = mount_resolve(root, asked->destination,
					     !asks_for(asked, "dest-nofollow"), arena),
		.source = asked->source ? asked->source : "",
		.type = asked->type ? asked->type : "",
		.options = arena_string(arena, options.text ? options.text : ""),
	};
	if (!fact->options || !fact->destination)
		return error_set(err, "out of memory");
	for (size_t o = 0; o < asked->options.count; o++)
		fact->readonly = strcmp(asked->options.items[o], "ro") == 0 ||
				 (fact->readonly && strcmp(asked->options.items[o], "rw") != 0);
	return 0;
}

static void plan_root(struct mount_facts *mounts, const struct container_spec *spec)
{
	mounts->root = (struct mount_fact){ .root = "/",
					    .destination = "/",
					    .source = spec->root.path ? spec->root.path : "",
					    .type = "",
					    .options = spec->root.readonly ? "ro" : "rw",
					    .readonly = spec->root.readonly };
}

int mounts_plan(struct document *document, struct error *err)
{
	const struct container_spec *spec = document->target->config;
	struct mount_facts *mounts = &document->mounts;
	autofd root = open_root(document->target, &document->arena);

	mounts->items =
		arena_array(&document->arena, spec->mounts.count + 1, sizeof(*mounts->items));
	if (!mounts->items)
		return error_set(err, "out of memory");
	mounts->fact = fact_known("config.json#/mounts");
	mounts_read_config(mounts, spec);
	plan_root(mounts, spec);
	mounts->items[mounts->count++] = mounts->root;
	for (size_t i = 0; i < spec->mounts.count; i++) {
		const struct mount_spec *asked = &spec->mounts.items[i];
		struct mount_fact *mount = &mounts->items[mounts->count];

		if (is_copied_link(asked, document->target->bundle))
			continue;
		if (plan_mount(mount, asked, root, &document->arena, err) < 0)
			return -1;
		if (strcmp(mount->destination, "/") == 0 && !spec->root.readonly)
			mounts->root.readonly = mount->readonly;
		mounts->count++;
	}
	/* all that there is, is another's */
	mounts->others = !lists_new_mount_namespace(spec);
	return 0;
}
