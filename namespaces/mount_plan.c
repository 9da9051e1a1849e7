/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an element of mounts[] means, decided before anything exists.
 *
 * OCI config.md "Mounts"
 * syscalls: none
 */
#include "namespaces/mount.h"

#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "base/path.h"
#include "base/string.h"
#include "base/table.h"

/* Files of /proc that may be covered one by one (what lxcfs and its like provide). Anything else
 * there would stand in for a file that we, or the container's own privileged programs, trust. */
static const char *const covered_in_proc[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/slabinfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/sys/crypto/fips_enabled",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/uptime",
};

bool mount_may_cover_in_proc(const char *destination)
{
	table_for_each (name, covered_in_proc) {
		if (strcmp(*name, destination) == 0)
			return true;
	}
	return false;
}

static int check_proc(const struct mount_plan *plan, struct error *err)
{
	bool is_proc = plan->type && strcmp(plan->type, "proc") == 0;

	if (plan->kind == MOUNT_KIND_REMOUNT || !path_is_below(plan->destination, "/proc"))
		return 0;
	if (strcmp(plan->destination, "/proc") == 0) {
		if (plan->kind == MOUNT_KIND_BIND) /* the source is looked at when it is open */
			return 0;
		if (plan->kind == MOUNT_KIND_FILESYSTEM && is_proc)
			return 0;
		return error_set(err,
				 "/mounts/%zu/destination: only a proc file system can be at "
				 "/proc",
				 plan->index);
	}
	if (!mount_may_cover_in_proc(plan->destination))
		return error_set(err, "/mounts/%zu/destination: %s can't be covered", plan->index,
				 plan->destination);
	return 0;
}

static int plan_destination(struct mount_plan *plan, const char *destination, struct arena *arena,
			    struct error *err)
{
	char clean[PATH_MAX];

	if (!path_clean(destination, clean))
		return error_set(err, "/mounts/%zu/destination: too long", plan->index);
	if (destination[0] == '\0')
		return error_set(err, "/mounts/%zu/destination: is empty", plan->index);
	plan->destination = arena_string(arena, clean);
	if (!plan->destination)
		return error_set(err, "/mounts/%zu: out of memory", plan->index);
	return 0;
}

/* root is compared lexically. A name that reaches into the root through a symbolic link is opened
 * on the host's side and shows what is there before the container's mounts. */
static int plan_bind_source(struct mount_plan *plan, const char *source,
			    const struct mount_context *context, struct arena *arena,
			    struct error *err)
{
	char clean[PATH_MAX], root[PATH_MAX];
	const char *rest;

	if (source[0] == '/')
		plan->source = source;
	else
		plan->source = arena_format(arena, "%s/%s", context->bundle, source);
	if (!plan->source)
		return error_set(err, "/mounts/%zu: out of memory", plan->index);
	if (!path_clean(plan->source, clean) || !path_clean(context->root, root))
		return error_set(err, "/mounts/%zu/source: too long", plan->index);
	plan->inside = path_is_below(clean, root);
	if (!plan->inside)
		return 0;
	rest = clean + (strcmp(root, "/") == 0 ? 0 : strlen(root));
	plan->source = arena_string(arena, rest[0] ? rest : "/");
	if (!plan->source)
		return error_set(err, "/mounts/%zu: out of memory", plan->index);
	return 0;
}

static int plan_bind(struct mount_plan *plan, const struct mount_spec *spec,
		     const struct mount_context *context, struct arena *arena, struct error *err)
{
	const struct mount_options *options = &plan->options;

	plan->kind = MOUNT_KIND_BIND;
	if (options->data_count > 0)
		return error_set(
			err, "/mounts/%zu/options/%zu: \"%s\" is no option of a bind mount",
			plan->index, options->data_index, spec->options.items[options->data_index]);
	if (options->superblock)
		return error_set(err,
				 "/mounts/%zu/options/%zu: \"%s\" is a property of the file "
				 "system, a bind mount can't change it",
				 plan->index, options->superblock_index,
				 spec->options.items[options->superblock_index]);
	if (!spec->source)
		return error_set(err, "/mounts/%zu/source: a bind mount needs one", plan->index);
	if (plan_bind_source(plan, spec->source, context, arena, err) < 0)
		return -1;
	/* The host's; with those that init has made itself the kernel decides. */
	plan->options.keep = plan->lock && !plan->inside;
	return 0;
}

static int plan_cgroup(struct mount_plan *plan, const struct mount_spec *spec, struct error *err)
{
	const struct mount_options *options = &plan->options;

	plan->kind = MOUNT_KIND_CGROUP;
	if (plan->idmap.asked)
		return error_set(err, "/mounts/%zu: the kernel can't map the ids of cgroup2",
				 plan->index);
	if (options->data_count > 0)
		return error_set(err,
				 "/mounts/%zu/options/%zu: \"%s\": cgroup v1 hierarchies and "
				 "the options that all cgroup2 mounts share aren't supported",
				 plan->index, options->data_index,
				 spec->options.items[options->data_index]);
	if (options->superblock)
		return error_set(err,
				 "/mounts/%zu/options/%zu: \"%s\" would change the host's "
				 "cgroup file system",
				 plan->index, options->superblock_index,
				 spec->options.items[options->superblock_index]);
	return 0;
}

/* The nodes in /dev and the copy for tmpcopyup come after the mount. */
static bool is_filled_later(const struct mount_plan *plan)
{
	return strcmp(plan->type, "tmpfs") == 0 || strcmp(plan->destination, "/dev") == 0;
}

static int plan_filesystem(struct mount_plan *plan, const struct mount_spec *spec,
			   const struct mount_context *context, struct error *err)
{
	if (!spec->type)
		return error_set(err, "/mounts/%zu/type: is missing, and no option says bind",
				 plan->index);
	if (strcmp(spec->type, "bind") == 0 || strcmp(spec->type, "none") == 0)
		return error_set(err,
				 "/mounts/%zu/type: \"%s\" is no file system, and no option "
				 "says bind",
				 plan->index, spec->type);
	if (strcmp(spec->type, "cgroup") == 0 || strcmp(spec->type, "cgroup2") == 0)
		return plan_cgroup(plan, spec, err);
	plan->kind = MOUNT_KIND_FILESYSTEM;
	plan->source = spec->source ? spec->source : spec->type;
	plan->strict = strcmp(spec->type, "proc") == 0 || strcmp(spec->type, "sysfs") == 0;
	/* SELinux labels these two itself. */
	plan->label = plan->strict ? NULL : context->label;
	plan->label_key = context->label_key;
	plan->late_readonly = (plan->options.own.set & MOUNT_ATTR_RDONLY) && is_filled_later(plan);
	return 0;
}

static int plan_remount(struct mount_plan *plan, struct error *err)
{
	if (plan->idmap.asked)
		return error_set(err, "/mounts/%zu: a remount can't map ids, only a new mount can",
				 plan->index);
	if (plan->options.bind != MOUNT_BIND_NONE &&
	    (plan->options.data_count > 0 || plan->options.superblock))
		return error_set(err,
				 "/mounts/%zu/options: \"remount\" with \"bind\" changes the "
				 "mount, not its file system",
				 plan->index);
	/* until something is mounted there the root is a directory of the host's file system */
	if (strcmp(plan->destination, "/") == 0 &&
	    (plan->options.data_count > 0 || plan->options.superblock))
		return error_set(err,
				 "/mounts/%zu/options: a remount of / changes the mount, not its "
				 "file system",
				 plan->index);
	plan->kind = MOUNT_KIND_REMOUNT;
	return 0;
}

void mount_join_remount(struct mount_plan *plans, size_t index)
{
	struct mount_attributes *again = &plans[index].options.own;

	if (plans[index].kind != MOUNT_KIND_REMOUNT || !plans[index].options.exact)
		return;
	for (size_t i = index; i > 0; i--) {
		struct mount_plan *first = &plans[i - 1];

		if (first->kind == MOUNT_KIND_REMOUNT ||
		    strcmp(first->destination, plans[index].destination) != 0)
			continue;
		if (first->kind != MOUNT_KIND_FILESYSTEM || !is_filled_later(first))
			return;
		first->late_readonly = again->set & MOUNT_ATTR_RDONLY;
		first->options.own.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		first->options.own.set |= again->set & MOUNT_ATTR_RDONLY;
		again->set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		return;
	}
}

static bool is_shared(const struct mount_options *options)
{
	for (size_t i = 0; i < options->propagation_count; i++) {
		if (options->propagation[i].type & MS_SHARED)
			return true;
	}
	return false;
}

int mount_check_root(const struct mount_plan *plan, bool pivot, struct error *err)
{
	if (plan->kind == MOUNT_KIND_REMOUNT)
		return 0;
	if (plan->kept)
		return error_set(err,
				 "/mounts/%zu/destination: the root of a container can't be "
				 "covered any more",
				 plan->index);
	if (plan->options.bind_how & MOUNT_BIND_COPY_LINK)
		return error_set(err, "/mounts/%zu: \"copy-symlink\" makes no mount for the root",
				 plan->index);
	/* its /proc would stay in sight of who leaves the chroot */
	if (!pivot)
		return error_set(err, "/mounts/%zu/destination: / can't be covered with --no-pivot",
				 plan->index);
	if (is_shared(&plan->options)) /* pivot_root(2) takes none that is */
		return error_set(err,
				 "/mounts/%zu/options: a mount at / can't be shared; "
				 "linux.rootfsPropagation makes the root shared afterwards",
				 plan->index);
	return 0;
}

/* A devpts that nothing is said of gets what makes it usable: the kernel's own defaults let nobody
 * but root open ptmx, and give a terminal to the group of who opens it, for all to write to. */
static const struct string_list *options_of(const struct mount_plan *plan,
					    const struct mount_spec *spec)
{
	static const char *words[] = { "nosuid", "noexec", "ptmxmode=0666", "mode=0620", "gid=5" };
	static const struct string_list usable = { words, ARRAY_SIZE(words), false };

	if (spec->options.count == 0 && string_equal(spec->type, "devpts") &&
	    strcmp(plan->destination, "/dev/pts") == 0)
		return &usable;
	return &spec->options;
}

int mount_plan(struct mount_plan *plan, const struct mount_spec *spec, size_t index,
	       const struct mount_context *context, struct arena *arena, struct error *err)
{
	const struct idmap_request request = { spec, &plan->options, index, context->linux,
					       context->namespaces };
	int result;

	*plan = (struct mount_plan){
		.index = index,
		.type = spec->type,
		.lock = context->namespaces &&
			namespace_is_private(context->namespaces, CLONE_NEWUSER),
		.fd = -1,
	};
	if (plan_destination(plan, spec->destination, arena, err) < 0 ||
	    mount_options_parse(options_of(plan, spec), index, arena, &plan->options, err) < 0)
		return -1;
	if (plan->options.copy_up && !string_equal(spec->type, "tmpfs"))
		return error_set(err, "/mounts/%zu/options/%zu: \"tmpcopyup\" is for tmpfs", index,
				 plan->options.copy_up_index);
	if (plan->options.bind_how &&
	    (plan->options.bind == MOUNT_BIND_NONE || plan->options.remount))
		return error_set(err, "/mounts/%zu/options/%zu: \"%s\" is for bind mounts", index,
				 plan->options.bind_how_index,
				 spec->options.items[plan->options.bind_how_index]);
	if (idmap_plan(&plan->idmap, &request, arena, err) < 0)
		return -1;
	if (plan->options.remount)
		result = plan_remount(plan, err);
	else if (plan->options.bind != MOUNT_BIND_NONE)
		result = plan_bind(plan, spec, context, arena, err);
	else
		result = plan_filesystem(plan, spec, context, err);
	if (result < 0 || check_proc(plan, err) < 0)
		return -1;
	return strcmp(plan->destination, "/") == 0 ? mount_check_root(plan, !context->no_pivot, err)
						   : 0;
}
