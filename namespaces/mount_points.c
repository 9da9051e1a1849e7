/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mount points in what is about to be read-only.
 *
 * syscalls: openat2 fstat fstatat mkdirat mknodat close
 */
#include "namespaces/mount_points.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/path.h"

static bool lies_below(const struct mount_plan *plan, const struct mount_plan *above)
{
	return plan->kind != MOUNT_KIND_REMOUNT &&
	       strcmp(plan->destination, above->destination) != 0 &&
	       path_is_below(plan->destination, above->destination);
}

bool mount_points_needs(const struct mount_plan *mounts, size_t i, size_t k)
{
	if (k <= i || !lies_below(&mounts[k], &mounts[i]))
		return false;
	for (size_t between = i + 1; between < k; between++) {
		if (mounts[between].kind != MOUNT_KIND_REMOUNT &&
		    path_is_below(mounts[k].destination, mounts[between].destination) &&
		    path_is_below(mounts[between].destination, mounts[i].destination))
			return false;
	}
	return true;
}

/* False: unknown, as a source inside the root, or that may be a link, which needs no mount point.
 */
static bool find_kind(const struct mount_plan *plan, mode_t *kind)
{
	const uint32_t links = MOUNT_BIND_COPY_LINK | MOUNT_BIND_SOURCE_LINK;
	struct stat source;
	int result;

	*kind = S_IFDIR;
	if (plan->kind != MOUNT_KIND_BIND)
		return true;
	if (plan->inside || (plan->options.bind_how & links))
		return false;
	result = plan->fd >= 0 ? fstat(plan->fd, &source)
			       : fstatat(AT_FDCWD, plan->source, &source, 0);
	if (result == 0)
		*kind = source.st_mode;
	return result == 0;
}

static void make_point(const struct mount_plan *plan, const char *path, int mount)
{
	struct error ignored = { 0 };
	int point;
	mode_t kind;

	if (!find_kind(plan, &kind))
		return;
	if (S_ISDIR(kind))
		point = path_make_directory(mount, path, 0755, &ignored);
	else
		point = path_make_file(mount, path, 0644, &ignored);
	fd_close(&point);
}

void mount_points_make(const struct mount_plan *mounts, size_t count, size_t i, int mount)
{
	const size_t prefix = strlen(mounts[i].destination);

	if (!(mounts[i].options.own.set & MOUNT_ATTR_RDONLY))
		return;
	for (size_t k = i + 1; k < count; k++) {
		if (mount_points_needs(mounts, i, k))
			make_point(&mounts[k], mounts[k].destination + prefix, mount);
	}
}
