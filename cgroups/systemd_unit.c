/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of units and their places (systemd.unit(5), systemd.slice(5)). Text only.
 *
 * syscalls: none
 */
#include "cgroups/systemd_unit.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/path.h"
#include "base/string.h"
#include "base/table.h"

#define NAME_SIZE_MAX 255 /* of a unit, and of a directory */
#define SLICE ".slice"
#define SCOPE ".scope"

/* Of systemd's list of controllers; with the dashes, what it counts among them. */
static const char *const controllers[] = {
	"cpu",
	"cpuacct",
	"cpuset",
	"io",
	"blkio",
	"memory",
	"devices",
	"pids",
	"bpf-firewall",
	"bpf-devices",
	"bpf-foreign",
	"bpf-socket-bind",
	"bpf-restrict-network-interfaces",
};

/* "memory.x.scope": an escaped directory since some version after 252, a plain one before. */
static bool is_ambiguous(const char *name)
{
	table_for_each (controller, controllers) {
		if (string_starts_with(name, *controller) && name[strlen(*controller)] == '.')
			return strrchr(name, '.') != name + strlen(*controller);
	}
	return false;
}

/* Names aren't escaped: who reads "libpod-4711.scope" in the journal looks for exactly that. */
static int check_name(const char *name, struct error *err)
{
	const size_t valid = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					  "0123456789:-_.\\@");

	if (name[valid])
		return error_set(err,
				 "/linux/cgroupsPath: unit %s: a unit's name has no \"%c\" (a "
				 "letter, a digit or one of : - _ . \\)",
				 name, name[valid]);
	if (strchr(name, '@'))
		return error_set(err,
				 "/linux/cgroupsPath: unit %s: with an \"@\" it would be an "
				 "instance of a template, which no scope and no slice can be",
				 name);
	if (is_ambiguous(name))
		return error_set(err,
				 "/linux/cgroupsPath: unit %s: the name begins with a "
				 "controller's, and versions of systemd differ in what they make "
				 "of that: use another prefix",
				 name);
	if (strlen(name) > NAME_SIZE_MAX)
		return error_set(err, "/linux/cgroupsPath: unit %s: the name is longer than %d",
				 name, NAME_SIZE_MAX);
	return 0;
}

/* Names that the kernel has, or could have, for files are no directory's: systemd puts "_" before
 * them, and before what begins so. */
static bool is_kernels(const char *unit)
{
	if (*unit == '_' || *unit == '.' || string_starts_with(unit, "cgroup."))
		return true;
	table_for_each (name, controllers) {
		if (string_starts_with(unit, *name) && unit[strlen(*name)] == '.')
			return true;
	}
	return false;
}

/* The path of a unit's directory in that of its slice; NULL: out of memory. */
static const char *add_directory(struct arena *arena, const char *path, const char *unit)
{
	return path && unit
		       ? arena_format(arena, "%s/%s%s", path, is_kernels(unit) ? "_" : "", unit)
		       : NULL;
}

const char *systemd_slice_path(const char *slice, struct arena *arena, struct error *err)
{
	const char *path = "";

	if (string_equal(slice, "-" SLICE))
		return path;
	if (check_name(slice, err) < 0)
		return NULL;
	if (!string_ends_with(slice, SLICE) || *slice == '-' || *slice == '.' ||
	    string_ends_with(slice, "-" SLICE) || strstr(slice, "--")) {
		(void)error_set(err, "/linux/cgroupsPath: invalid slice name: %s", slice);
		return NULL;
	}
	/* each dash ends the name of a parent */
	for (const char *dash = strchr(slice, '-'); dash && path; dash = strchr(dash + 1, '-'))
		path = add_directory(arena, path,
				     arena_format(arena, "%.*s" SLICE, (int)(dash - slice), slice));
	path = add_directory(arena, path, slice);
	if (!path)
		(void)error_code(err, ENOMEM, "cgroup path");
	return path;
}

bool systemd_is_cgroup(const char *answer)
{
	char clean[PATH_MAX];

	if (!*answer) /* systemd's way to write the root */
		return true;
	return *answer == '/' && !strchr(answer, '\n') && path_clean(answer, clean) &&
	       string_equal(clean, answer);
}

static int refuse_form(const char *cgroups_path, struct error *err)
{
	return error_set(err,
			 "/linux/cgroupsPath: expected cgroupsPath to be of format "
			 "\"slice:prefix:name\" for systemd cgroups, got \"%s\" instead",
			 cgroups_path);
}

struct parts {
	const char *slice, *prefix, *name;
};

static int split(struct parts *parts, const char *cgroups_path, struct arena *arena,
		 struct error *err)
{
	char *text = arena_string(arena, cgroups_path);
	char *prefix, *name;

	if (!text)
		return error_code(err, ENOMEM, "/linux/cgroupsPath");
	prefix = strchr(text, ':');
	name = prefix ? strchr(prefix + 1, ':') : NULL;
	if (!name || name[1] == '\0' || strchr(name + 1, ':'))
		return refuse_form(cgroups_path, err);
	*prefix++ = '\0';
	*name++ = '\0';
	if (*text)
		parts->slice = text;
	parts->prefix = prefix;
	parts->name = name;
	return 0;
}

int systemd_unit_plan(struct systemd_unit *unit, const char *cgroups_path, const char *id,
		      bool user, struct arena *arena, struct error *err)
{
	struct parts parts = { user ? "user" SLICE : "system" SLICE, "minirun", id };
	const char *slice;

	*unit = (struct systemd_unit){ 0 };
	if (cgroups_path && split(&parts, cgroups_path, arena, err) < 0)
		return -1;
	unit->slice = parts.slice;
	/* only as the configuration asks for it: an id that ends like that is a name like others */
	unit->is_slice = cgroups_path && string_ends_with(parts.name, SLICE);
	if (unit->is_slice)
		unit->name = parts.name;
	else if (*parts.prefix)
		unit->name = arena_format(arena, "%s-%s" SCOPE, parts.prefix, parts.name);
	else
		unit->name = arena_format(arena, "%s" SCOPE, parts.name);
	if (!unit->name)
		return error_code(err, ENOMEM, "/linux/cgroupsPath");
	if (check_name(unit->name, err) < 0)
		return -1;
	slice = systemd_slice_path(unit->is_slice ? unit->name : unit->slice, arena, err);
	if (!slice || (unit->is_slice && !systemd_slice_path(unit->slice, arena, err)))
		return -1;
	if (unit->is_slice && *slice == '\0')
		return error_set(err, "/linux/cgroupsPath: names the root of the hierarchy: %s",
				 cgroups_path);
	unit->path = unit->is_slice ? slice : add_directory(arena, slice, unit->name);
	return unit->path ? 0 : error_code(err, ENOMEM, "/linux/cgroupsPath");
}
