/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOST rules of linux.namespaces, mounts, root, linux.sysctl and linux.netDevices.
 *
 * syscalls: those of the plans; statx; for `check` alone openat stat fsopen fsconfig socket ioctl,
 * if_nametoindex(3), and of a child unshare, clone
 */
#include "namespaces/host_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/string.h"
#include "base/table.h"
#include "namespaces/filesystem.h"
#include "namespaces/filesystem_types.h"
#include "namespaces/mount.h"
#include "namespaces/mount_instance.h"
#include "namespaces/namespace.h"
#include "namespaces/net_devices.h"
#include "namespaces/rootfs.h"
#include "namespaces/sysctl.h"
#include "namespaces/time.h"

static int check_namespaces(const struct host *host, struct report *report, struct error *err)
{
	struct namespace_plan plan;
	int result = namespace_plan(host->spec, &plan, report, err);

	namespace_plan_close(&plan);
	return result;
}

static int check_time(const struct host *host, struct report *report, struct error *err)
{
	(void)report; /* there is one */
	return time_check(&host->spec->linux, host->namespaces, err);
}

static int check_net_devices(const struct host *host, struct report *report, struct error *err)
{
	(void)report; /* there is one */
	return net_devices_check(&host->spec->linux, host->namespaces, err);
}

static int check_sysctl(const struct host *host, struct report *report, struct error *err)
{
	return sysctl_check(&host->spec->linux.sysctl, host->namespaces, report, err);
}

/* They stay where they are. */
static bool is_bridge(const char *name)
{
	autofd device = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethtool_drvinfo driver = { .cmd = ETHTOOL_GDRVINFO };
	struct ifreq request = { .ifr_data = (char *)&driver };

	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	return device >= 0 && ioctl(device, SIOCETHTOOL, &request) == 0 &&
	       strcmp(driver.driver, "bridge") == 0;
}

static int find_net_devices(const struct host *host, struct report *report, struct error *err)
{
	const struct linux_spec *linux = &host->spec->linux;

	for (size_t i = 0; i < linux->net_devices.count && !host->exists; i++) {
		const char *name = linux->net_devices.items[i].host_name;

		if (if_nametoindex(name) == 0 && errno == ENODEV)
			(void)net_devices_missing(name, err);
		else if (is_bridge(name))
			(void)net_devices_stay(name, err);
		else
			continue;
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

static int find_sysctl(const struct host *host, struct report *report, struct error *err)
{
	const struct string_map *sysctl = &host->spec->linux.sysctl;

	for (size_t i = 0; i < sysctl->count; i++)
		if (sysctl_find(sysctl->items[i].name, err) < 0 && !report_tell(report, err))
			return -1;
	return 0;
}

static int try_sysctl(const struct host *host, struct report *report, struct error *err)
{
	return sysctl_try(&host->spec->linux.sysctl, host->namespaces, report, err);
}

static int find_root(const struct host *host, struct report *report, struct error *err)
{
	const char *path = host->spec->root.path;
	autofd root = -1;

	if (*path != '/')
		path = arena_format(host->arena, "%s/%s", host->bundle, path);
	if (!path)
		return error_set(err, "memory is exhausted");
	if (!report_may_look(report, "/root/path"))
		return 0;
	root = rootfs_open(path, err);
	return root < 0 ? -1 : 0;
}

/* ---- mounts ---- */

/* What isn't said of a single mount: mounts[] is left out where it has rules of its own. */
static int plan_rootfs(struct rootfs *rootfs, struct container_spec *spec, const struct host *host,
		       struct error *err)
{
	*spec = *host->spec;
	if (host->namespaces->create & CLONE_NEWNS)
		spec->mounts.count = 0;
	return rootfs_plan(rootfs, spec, host->bundle, host->namespaces, false, host->arena, err);
}

/* ask gets the plan of each mount that can be planned; NULL: the errors of those that can't. */
static int each_mount(const struct host *host, struct report *report, struct error *err,
		      int (*ask)(const struct mount_plan *plan, const struct host *host,
				 struct report *report, struct error *err))
{
	const struct container_spec *spec = host->spec;
	struct container_spec without;
	struct rootfs rootfs;
	struct mount_context context;

	if (plan_rootfs(&rootfs, &without, host, err) < 0)
		return ask ? 0 : -1;
	context = (struct mount_context){
		.root = rootfs.path,
		.bundle = host->bundle,
		.label = spec->linux.mount_label,
		.label_key = rootfs.label_key,
		.linux = &spec->linux,
		.namespaces = host->namespaces,
	};
	for (size_t i = 0; i < spec->mounts.count; i++) {
		struct mount_plan plan;
		int result =
			mount_plan(&plan, &spec->mounts.items[i], i, &context, host->arena, err);

		if (ask)
			result = result < 0 ? 0 : ask(&plan, host, report, err);
		if (result < 0 && !report_tell(report, err))
			return -1;
	}
	return 0;
}

static int plan_mounts(const struct host *host, struct report *report, struct error *err)
{
	return each_mount(host, report, err, NULL);
}

/* A source below the root may be there only when the mounts before it are. */
static int find_source(const struct mount_plan *plan, const struct host *host,
		       struct report *report, struct error *err)
{
	const uint32_t no_follow = MOUNT_BIND_COPY_LINK | MOUNT_BIND_SOURCE_LINK;
	autofd source = -1;

	(void)host;
	if (plan->kind != MOUNT_KIND_BIND || plan->inside ||
	    !report_may_look(report, "/mounts/%zu/source", plan->index))
		return 0;
	source = openat(AT_FDCWD, plan->source,
			O_PATH | O_CLOEXEC | (plan->options.bind_how & no_follow ? O_NOFOLLOW : 0));
	if (source < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
		return error_errno(err, "/mounts/%zu/source: %s", plan->index, plan->source);
	return 0;
}

static int find_sources(const struct host *host, struct report *report, struct error *err)
{
	return each_mount(host, report, err, find_source);
}

/* By doing it to a child that ends. Without a list the maps are the container's, and left to us. */
static int make_idmap(const struct mount_plan *plan, const struct host *host, struct report *report,
		      struct error *err)
{
	autofd user_namespace = -1;

	(void)host;
	(void)report; /* one each */
	if (!plan->idmap.asked || plan->idmap.joined || plan->idmap.uids.count == 0)
		return 0;
	user_namespace = idmap_open_namespace(&plan->idmap, plan->index, err);
	return user_namespace < 0 ? -1 : 0;
}

static int make_idmaps(const struct host *host, struct report *report, struct error *err)
{
	return each_mount(host, report, err, make_idmap);
}

/* What lies on a disk needs the disk, whose node must be there as the root opens it. */
static int find_disk(const struct mount_plan *plan, struct report *report, struct error *err)
{
	struct stat node;

	if (!plan->source || *plan->source != '/' || !filesystem_type_is_on_disk(plan->type) ||
	    !report_may_look(report, "/mounts/%zu/source", plan->index))
		return 0;
	if (fstatat(AT_FDCWD, plan->source, &node, 0) < 0) {
		if (errno != ENOENT && errno != ENOTDIR)
			return 0; /* there, or not for us to see */
	} else if (S_ISBLK(node.st_mode)) {
		return 0;
	} else {
		errno = ENOTBLK;
	}
	return error_errno(err, "%s", plan->source);
}

/* The parameters are the host's to judge only where its root makes the file system. */
static int ask_filesystem(const struct mount_plan *plan, const struct host *host,
			  struct report *report, struct error *err)
{
	if (plan->kind != MOUNT_KIND_FILESYSTEM)
		return 0;
	switch (filesystem_type_state(plan->type)) {
	case FILESYSTEM_UNKNOWN:
		(void)filesystem_unknown(plan->type, err);
		break;
	case FILESYSTEM_MODULE: /* asking would load it */
		return 0;
	case FILESYSTEM_THERE:
		if (geteuid() != 0 || namespace_is_private(host->namespaces, CLONE_NEWUSER))
			return 0;
		if (find_disk(plan, report, err) < 0)
			break;
		if (!report_may_look(report, "/mounts/%zu", plan->index))
			return 0;
		if (mount_instance_try(plan, err) == 0 || err->code == EPERM ||
		    err->code == ENOENT) /* an overlay's layer: find_overlays() */
			return 0;
		break;
	}
	return error_context(err, "/mounts/%zu: %s", plan->index, plan->destination);
}

static int ask_filesystems(const struct host *host, struct report *report, struct error *err)
{
	return each_mount(host, report, err, ask_filesystem);
}

/* ---- overlay ---- */

/* Where a layer is named, and which mount it lies on; 0: not known. */
struct layer_place {
	const char *key, *path;
	size_t mount, option;
	uint64_t on;
};

/* errno says what is wrong. What isn't for us to see counts as there. */
static bool is_directory(const char *path, uint64_t *mount)
{
	struct statx attributes;

	if (statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_MNT_ID, &attributes) < 0)
		return errno != ENOENT && errno != ENOTDIR;
	if (attributes.stx_mask & STATX_MNT_ID)
		*mount = attributes.stx_mnt_id;
	errno = ENOTDIR;
	return S_ISDIR(attributes.stx_mode);
}

/* Layers below the root may be there only when earlier mounts are. */
static int find_layer(const struct host *host, struct layer_place *place, struct report *report,
		      struct error *err)
{
	const char *path = place->path;
	const char *root = host->spec->root.path;

	if (*root != '/')
		root = arena_format(host->arena, "%s/%s", host->bundle, root);
	if (!root)
		return error_set(err, "memory is exhausted");
	if (path_is_below(path, root) ||
	    !report_may_look(report, "/mounts/%zu/options/%zu: %s %s", place->mount, place->option,
			     place->key, path) ||
	    is_directory(path, &place->on))
		return 0;
	return error_errno(err, "/mounts/%zu/options/%zu: %s %s", place->mount, place->option,
			   place->key, path);
}

/* upper and work: what was found of these two options. */
static int find_layers(const struct host *host, const struct layer_place *option,
		       struct layer_place *upper, struct layer_place *work, struct report *report,
		       struct error *err)
{
	static const char *const keys[] = { "lowerdir", "upperdir", "workdir" };
	struct layer_place *const single[] = { NULL, upper, work };
	const char *text = option->path;
	const char *equals = strchr(text, '=');
	autobuffer layer = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		struct layer_place place = *option;
		const char *rest = equals ? equals + 1 : "";

		if (!equals || (size_t)(equals - text) != strlen(keys[i]) ||
		    strncmp(text, keys[i], strlen(keys[i])) != 0)
			continue;
		place.key = keys[i];
		if (single[i] && *rest) { /* one directory, in which ":" is a character */
			place.path = rest;
			*single[i] = place;
			return find_layer(host, single[i], report, err);
		}
		while (filesystem_next_layer(&rest, &layer) && !layer.failed) {
			place.path = layer.text;
			if (find_layer(host, &place, report, err) < 0)
				return -1;
		}
	}
	return 0;
}

/* The kernel says "invalid argument" to these. */
static int check_work(const struct layer_place *upper, const struct layer_place *work,
		      struct error *err)
{
	const char *fault = NULL;

	if (!upper->path || !work->path)
		return 0;
	if (path_is_below(work->path, upper->path))
		fault = "must not be inside of";
	else if (path_is_below(upper->path, work->path))
		fault = "must not be around";
	else if (upper->on != 0 && work->on != 0 && upper->on != work->on)
		fault = "must be on the same mount as";
	if (!fault)
		return 0;
	return error_set(err, "/mounts/%zu/options/%zu: workdir %s: %s upperdir %s", work->mount,
			 work->option, work->path, fault, upper->path);
}

static bool has_layer(const struct mount_spec *mount)
{
	for (size_t i = 0; i < mount->options.count; i++) {
		const char *word = mount->options.items[i];

		if (string_starts_with(word, "remount") || string_starts_with(word, "bind") ||
		    string_starts_with(word, "rbind") ||
		    (string_starts_with(word, "lowerdir") && !string_equal(word, "lowerdir=")))
			return true;
	}
	return false;
}

static int find_overlays(const struct host *host, struct report *report, struct error *err)
{
	const struct container_spec *spec = host->spec;

	for (size_t i = 0; i < spec->mounts.count; i++) {
		const struct mount_spec *mount = &spec->mounts.items[i];
		struct layer_place upper = { 0 }, work = { 0 };

		if (!string_equal(mount->type, "overlay"))
			continue;
		if (!has_layer(mount)) {
			(void)error_set(err, "/mounts/%zu/options: an overlay needs lowerdir=", i);
			if (!report_tell(report, err))
				return -1;
		}
		for (size_t k = 0; k < mount->options.count; k++) {
			const struct layer_place option = { .path = mount->options.items[k],
							    .mount = i,
							    .option = k };

			if (find_layers(host, &option, &upper, &work, report, err) < 0 &&
			    !report_tell(report, err))
				return -1;
		}
		if (check_work(&upper, &work, err) < 0 && !report_tell(report, err))
			return -1;
	}
	return 0;
}

static const struct host_rule rows[] = {
	{ "HOST-root", "config.md#root", "the root file system is a directory of this host",
	  "unpack the image, or correct root.path", false, find_root },
	{ "HOST-namespaces", "namespaces(7)",
	  "namespaces of these kinds, and those at the given paths, must exist here",
	  "leave the kind out, or start what owns the path", false, check_namespaces },
	{ "HOST-time-offsets", "time_namespaces(7)", "only a new time namespace takes offsets",
	  "list a time namespace without a path", true, check_time },
	{ "HOST-mounts", "mount(8)", "the mounts' options must be known and go together",
	  "minirun features lists the options", false, plan_mounts },
	{ "HOST-mount-sources", "open_tree(2)", "what is bound must be there",
	  "make it, or correct the source", false, find_sources },
	{ "HOST-id-maps", "mount_setattr(2)", "who maps a mount's ids needs rights over them",
	  "leave the mapping out, or run as root", false, make_idmaps },
	{ "HOST-file-systems", "filesystems(5), fsconfig(2)",
	  "the kernel must know the file system, and it its parameters and its disk",
	  "cat /proc/filesystems; modprobe adds to it", false, ask_filesystems },
	{ "HOST-overlay", "fsconfig(2)",
	  "an overlay's directories must be there, and the two for writing go together",
	  "make them, or correct the option", true, find_overlays },
	{ "HOST-sysctl", "sysctl(8)",
	  "a setting must belong to a namespace that the container has of its own",
	  "add the namespace to linux.namespaces, or set it on the host", true, check_sysctl },
	{ "HOST-sysctl-names", "proc_sys(5)", "the kernel must have the setting",
	  "sysctl -a lists them; some come with a module", false, find_sysctl },
	{ "HOST-sysctl-values", "proc_sys(5)", "the kernel must take the value",
	  "sysctl(8) shows the one that is there", false, try_sysctl },
	{ "HOST-net-devices", "config-linux.md#network-devices",
	  "devices can be moved only by root, into a network namespace of the container's own",
	  "add a network namespace", true, check_net_devices },
	{ "HOST-net-device-names", "config-linux.md#network-devices", "the device must be there",
	  "ip link lists them", false, find_net_devices },
};
const struct host_rules namespaces_host_rules = { rows, ARRAY_SIZE(rows) };
