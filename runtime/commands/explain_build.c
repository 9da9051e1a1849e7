/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init's rows in calls and in the words of a shell: the surroundings of the process.
 *
 * syscalls: none
 */
#include <sched.h>
#include <string.h>

#include "namespaces/devices.h"
#include "namespaces/mount.h"
#include "runtime/commands/explain_rows.h"
#include "spec/default_devices.h"

void detail_join(const struct creation *creation, struct details *details)
{
	for (size_t i = 0; i < creation->spec.linux.namespaces.count; i++) {
		const struct namespace_spec *item = &creation->spec.linux.namespaces.items[i];

		if (item->path)
			detail_add(details,
				   FORMAT(details, "setns(\"%s\", %s)", item->path, item->type),
				   FORMAT(details, "/linux/namespaces/%zu", i), NULL);
	}
}

void detail_names(const struct creation *creation, struct details *details)
{
	const char *host = creation->spec.hostname, *domain = creation->spec.domainname;

	if (host)
		detail_add(details, FORMAT(details, "sethostname(\"%s\")", host), "/hostname",
			   FORMAT(details, "hostname -- %s", detail_quote(details, host)));
	if (domain)
		detail_add(details, FORMAT(details, "setdomainname(\"%s\")", domain), "/domainname",
			   FORMAT(details, "echo %s >/proc/sys/kernel/domainname",
				  detail_quote(details, domain)));
}

void detail_loopback(const struct creation *creation, struct details *details)
{
	(void)creation;
	detail_add(details, "ioctl(SIOCSIFFLAGS, \"lo\", IFF_UP)", NULL, "ip link set lo up");
}

void detail_isolate(const struct creation *creation, struct details *details)
{
	if (!namespace_is_private(&creation->namespaces, CLONE_NEWNS))
		return;
	detail_add(details, "mount_setattr(\"/\", MS_SLAVE, AT_RECURSIVE)", NULL,
		   "mount --make-rslave /");
	detail_add(details,
		   FORMAT(details, "open_tree(\"%s\", OPEN_TREE_CLONE)", creation->rootfs.path),
		   "/root/path", "mount --rbind \"$ROOT\" \"$ROOT\"");
}

/* mount(8) doesn't know what only runtimes do. */
static bool is_for_mount(const char *option)
{
	return *option && strcmp(option, "tmpcopyup") != 0 && strcmp(option, "copy-symlink") != 0 &&
	       strcmp(option, "src-nofollow") != 0 && strcmp(option, "dest-nofollow") != 0 &&
	       strcmp(option, "idmap") != 0 && strcmp(option, "ridmap") != 0 &&
	       !string_starts_with(option, "idmap=");
}

static const char *mount_words(const struct mount_spec *mount, struct details *details)
{
	const char *text = "";

	for (size_t i = 0; text && i < mount->options.count; i++)
		if (is_for_mount(mount->options.items[i]))
			text = FORMAT(details, "%s%s%s", text, *text ? "," : "",
				      mount->options.items[i]);
	return text && *text ? FORMAT(details, " -o %s", detail_quote(details, text)) : text;
}

static const char *mount_command(const struct mount_plan *plan, const struct mount_spec *mount,
				 struct details *details)
{
	const char *target = detail_in_root(details, plan->destination);
	const char *words = mount_words(mount, details);
	const bool bind = plan->kind == MOUNT_KIND_BIND;

	if (plan->kind == MOUNT_KIND_REMOUNT)
		return FORMAT(details, "mount%s %s", words, target);
	if (plan->kind == MOUNT_KIND_CGROUP)
		return FORMAT(details, "mkdir -p %s; mount -t cgroup2%s cgroup %s", target, words,
			      target);
	if (bind && plan->inside)
		return FORMAT(details, "place \"$ROOT\"%s %s; mount%s \"$ROOT\"%s %s",
			      detail_quote(details, plan->source), target, words,
			      detail_quote(details, plan->source), target);
	if (bind)
		return FORMAT(details, "place %s %s; mount%s %s %s",
			      detail_quote(details, plan->source), target, words,
			      detail_quote(details, plan->source), target);
	return FORMAT(details, "mkdir -p %s; mount -t %s%s %s %s", target,
		      detail_quote(details, plan->type), words,
		      detail_quote(details, mount->source ? mount->source : plan->type), target);
}

void detail_mounts(const struct creation *creation, struct details *details)
{
	for (size_t i = 0; i < creation->spec.mounts.count; i++) {
		const struct mount_spec *mount = &creation->spec.mounts.items[i];
		const struct mount_plan *plan = &creation->rootfs.mounts[i];
		const char *source = plan->kind == MOUNT_KIND_BIND ? plan->source : mount->source;

		detail_add(details,
			   FORMAT(details, "mount(\"%s\", \"%s\", \"%s\"%s%s%s)",
				  source ? source : "none", plan->destination,
				  plan->kind == MOUNT_KIND_BIND ? "bind" : plan->type,
				  mount->options.count ? ", \"" : "",
				  mount->options.count
					  ? detail_joined(details, &mount->options, ",", "")
					  : "",
				  mount->options.count ? "\"" : ""),
			   FORMAT(details, "/mounts/%zu", i), mount_command(plan, mount, details));
	}
}

struct node {
	const char *path, *type, *pointer;
	unsigned major, minor, mode;
};

static void device(const struct creation *creation, const struct node *node,
		   struct details *details)
{
	const char *target = detail_in_root(details, node->path);

	if (creation->rootfs.device_bind)
		detail_add(details,
			   FORMAT(details, "mount(\"%s\", \"%s\", bind)", node->path, node->path),
			   node->pointer,
			   FORMAT(details, "touch %s; mount --bind %s %s", target,
				  detail_quote(details, node->path), target));
	else
		detail_add(details,
			   FORMAT(details, "mknod(\"%s\", %s, makedev(%u, %u), %04o)", node->path,
				  node->type, node->major, node->minor, node->mode),
			   node->pointer,
			   FORMAT(details, "[ -e %s ] || mknod -m %04o %s %s %u %u", target,
				  node->mode, target, node->type, node->major, node->minor));
}

void detail_devices(const struct creation *creation, struct details *details)
{
	struct node node = { .type = "c", .mode = 0666 };

	if (devices_are_bound(&creation->rootfs))
		return;
	for (size_t i = 0; i < creation->spec.linux.devices.count; i++) {
		const struct device_spec *item = &creation->spec.linux.devices.items[i];
		const struct node listed = {
			.path = item->path,
			.type = item->type,
			.pointer = FORMAT(details, "/linux/devices/%zu", i),
			.major = (unsigned)item->major.value,
			.minor = (unsigned)item->minor.value,
			.mode = item->file_mode.present ? (unsigned)item->file_mode.value & 07777
							: 0666,
		};

		device(creation, &listed, details);
	}
	for (size_t i = 0; (node.path = default_device(i, &node.major, &node.minor)) != NULL; i++)
		device(creation, &node, details);
	detail_add(details, "symlink(\"/proc/self/fd\", \"/dev/fd\")", NULL,
		   "for link in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -sfn "
		   "/proc/self/${link#*:} \"$ROOT\"/dev/${link%:*}; done");
	detail_add(details, "symlink(\"pts/ptmx\", \"/dev/ptmx\")", NULL,
		   "ln -sfn pts/ptmx \"$ROOT\"/dev/ptmx");
}

void detail_create_container_hooks(const struct creation *creation, struct details *details)
{
	detail_hooks(creation, HOOK_CREATE_CONTAINER, details);
}

void detail_sysctl(const struct creation *creation, struct details *details)
{
	const struct string_map *map = &creation->spec.linux.sysctl;

	for (size_t i = 0; i < map->count; i++)
		detail_add(details,
			   FORMAT(details, "write(\"%s\", \"%s\")", map->items[i].name,
				  map->items[i].value),
			   FORMAT(details, "/linux/sysctl/%s", map->items[i].name),
			   FORMAT(details, "sysctl -qw -- %s=%s",
				  detail_quote(details, map->items[i].name),
				  detail_quote(details, map->items[i].value)));
}

static void paths(const struct string_list *list, const char *member, const char *before,
		  const char *behind, const char *command, struct details *details)
{
	for (size_t i = 0; i < list->count; i++)
		detail_add(
			details, FORMAT(details, "%s\"%s\"%s", before, list->items[i], behind),
			FORMAT(details, "/linux/%s/%zu", member, i),
			FORMAT(details, "%s %s", command, detail_in_root(details, list->items[i])));
}

void detail_masked_paths(const struct creation *creation, struct details *details)
{
	paths(&creation->spec.linux.masked_paths, "maskedPaths", "move_mount(empty, ", ")", "mask",
	      details);
}

void detail_readonly_paths(const struct creation *creation, struct details *details)
{
	paths(&creation->spec.linux.readonly_paths, "readonlyPaths", "mount_setattr(",
	      ", MOUNT_ATTR_RDONLY)", "protect", details);
}

void detail_seal(const struct creation *creation, struct details *details)
{
	if (creation->spec.root.readonly)
		detail_add(details, "mount_setattr(\"/\", MOUNT_ATTR_RDONLY)", NULL,
			   "mount -o remount,bind,ro \"$ROOT\"");
}

void detail_pivot(const struct creation *creation, struct details *details)
{
	(void)creation;
	detail_add(details, "pivot_root(\".\", \".\")", NULL, NULL);
}
