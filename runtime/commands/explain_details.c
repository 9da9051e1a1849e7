/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rows of the step tables do for one configuration: the calls with their arguments, the
 * members of config.json, and the same in the words of a shell.
 *
 * syscalls: none
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "cgroups/convert.h"
#include "namespaces/devices.h"
#include "namespaces/mount.h"
#include "runtime/commands/explain_plan.h"
#include "runtime/hooks.h"
#include "spec/default_devices.h"

/* --- building -----------------------------------------------------------------------------------
 */

static void add(struct details *details, const char *call, const char *pointer, const char *shell)
{
	if (details->count == details->capacity) {
		const size_t capacity = details->capacity ? details->capacity * 2 : 16;
		struct detail *items = arena_array(details->arena, capacity, sizeof(*items));

		if (!items) {
			details->failed = true;
			return;
		}
		if (details->count > 0)
			memcpy(items, details->items, details->count * sizeof(*items));
		details->items = items;
		details->capacity = capacity;
	}
	if (!call)
		details->failed = true;
	details->items[details->count++] = (struct detail){ call, pointer, shell };
}

#define FORMAT(details, ...) arena_format((details)->arena, __VA_ARGS__)

/* Bytes that a terminal may take for a command: C0 but tab and newline, DEL, C1 in UTF-8. */
static size_t control_length(const char *text)
{
	const unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	if (byte == 0xC2 && next >= 0x80 && next < 0xA0)
		return 2;
	return (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
}

/* The words are the image's to choose, and the script is printed to look at: what isn't text stands
 * in it as printf(1)'s escapes. */
const char *shell_quote(struct arena *arena, const char *text)
{
	autobuffer quoted = { 0 };

	if (*text && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_-+=:,./@%")] == '\0')
		return arena_string(arena, text);
	buffer_add(&quoted, "'");
	while (*text) {
		size_t control = control_length(text);

		if (*text == '\'')
			buffer_add(&quoted, "'\\''");
		else if (control == 0)
			buffer_add_bytes(&quoted, text, 1);
		else
			buffer_add(&quoted, "'\"$(printf '");
		for (size_t i = 0; i < control; i++)
			buffer_format(&quoted, "\\%03o", (unsigned)(unsigned char)text[i]);
		if (control > 0)
			buffer_add(&quoted, "')\"'");
		text += control > 0 ? control : 1;
	}
	buffer_add(&quoted, "'");
	return quoted.failed ? NULL : arena_string(arena, quoted.text);
}

static const char *quote(struct details *details, const char *text)
{
	const char *quoted = shell_quote(details->arena, text);

	if (!quoted)
		details->failed = true;
	return quoted ? quoted : "";
}

/* A word of the shell that begins with $ROOT. */
static const char *in_root(struct details *details, const char *path)
{
	return FORMAT(details, "\"$ROOT\"%s", quote(details, path));
}

static const char *joined(struct details *details, const struct string_list *list, const char *with,
			  const char *end)
{
	char *text = arena_string(details->arena, "");

	for (size_t i = 0; text && i < list->count; i++)
		text = arena_format(details->arena, "%s%s%s", text, i > 0 ? with : "",
				    list->items[i]);
	return text ? arena_format(details->arena, "%s%s", text, end) : NULL;
}

/* --- the parent's rows --------------------------------------------------------------------------
 */

static void state_directory(const struct creation *creation, struct details *details)
{
	const char *path =
		FORMAT(details, "%s/%s", creation->settings->root, creation->options->id);

	add(details, FORMAT(details, "mkdir(\"%s\", 0700)", path), NULL, NULL);
}

static void make_cgroup(const struct creation *creation, struct details *details)
{
	add(details, FORMAT(details, "mkdir(\"%s\")", creation->cgroup_plan.place.path), NULL,
	    "mkdir -p \"$CGROUP\"");
}

static void cgroup_limits(const struct creation *creation, struct details *details)
{
	const struct cgroup_writes *writes = creation->cgroup_plan.limits;

	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *item = &writes->items[i];

		add(details, FORMAT(details, "write(%s, \"%s\")", item->file, item->text),
		    FORMAT(details, "/linux/resources/%s", item->member),
		    FORMAT(details, "echo %s >\"$CGROUP\"/%s", quote(details, item->text),
			   quote(details, item->file)));
	}
}

static void network_devices(const struct creation *creation, struct details *details)
{
	for (size_t i = 0; i < creation->spec.linux.net_devices.count; i++) {
		const struct net_device_spec *item = &creation->spec.linux.net_devices.items[i];
		const char *name = item->name ? item->name : item->host_name;

		add(details, FORMAT(details, "move \"%s\" as \"%s\"", item->host_name, name),
		    FORMAT(details, "/linux/netDevices/%s", item->host_name), NULL);
	}
}

static const struct {
	uint64_t flag;
	const char *name, *option; /* of unshare(1) and nsenter(1) */
} flags[] = {
	{ CLONE_NEWUSER, "CLONE_NEWUSER", "--user" },
	{ CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "--cgroup" },
	{ CLONE_NEWIPC, "CLONE_NEWIPC", "--ipc" },
	{ CLONE_NEWUTS, "CLONE_NEWUTS", "--uts" },
	{ CLONE_NEWNET, "CLONE_NEWNET", "--net" },
	{ CLONE_NEWPID, "CLONE_NEWPID", "--pid" },
	{ CLONE_NEWNS, "CLONE_NEWNS", "--mount" },
	{ CLONE_NEWTIME, "CLONE_NEWTIME", "--time" },
};

static void clone_init(const struct creation *creation, struct details *details)
{
	const char *names = "", *options = "";

	for (size_t i = 0; names && options && i < ARRAY_SIZE(flags); i++) {
		if (!(creation->namespaces.create & flags[i].flag))
			continue;
		names = FORMAT(details, "%s%s%s", names, *names ? " | " : "", flags[i].name);
		options = FORMAT(details, "%s %s", options, flags[i].option);
	}
	if (creation->cgroup >= 0 && names)
		names = FORMAT(details, "%s%sCLONE_INTO_CGROUP", names, *names ? " | " : "");
	details->failed |= !names || !options;
	add(details, FORMAT(details, "clone3(%s)", names ? names : ""), NULL,
	    FORMAT(details, "unshare%s --fork --kill-child", options ? options : ""));
}

static void map(const struct id_mapping_list *list, const char *file, const char *pointer,
		struct details *details)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct id_mapping *item = &list->items[i];

		add(details,
		    FORMAT(details, "write(%s, \"%u %u %u\")", file, item->container_id,
			   item->host_id, item->size),
		    FORMAT(details, "%s/%zu", pointer, i),
		    FORMAT(details, "echo '%u %u %u' >>map", item->container_id, item->host_id,
			   item->size));
	}
}

static void id_maps(const struct creation *creation, struct details *details)
{
	map(&creation->spec.linux.uid_mappings, "uid_map", "/linux/uidMappings", details);
	map(&creation->spec.linux.gid_mappings, "gid_map", "/linux/gidMappings", details);
}

static void oom_score(const struct creation *creation, struct details *details)
{
	const int value = (int)creation->spec.process.oom_score_adj.value;

	add(details, FORMAT(details, "write(oom_score_adj, \"%d\")", value), NULL,
	    FORMAT(details, "echo %d >/proc/self/oom_score_adj", value));
}

static void hooks(const struct creation *creation, enum hook_point point, struct details *details)
{
	const struct hook_list *list = &creation->spec.hooks[point];

	for (size_t i = 0; i < list->count; i++)
		add(details, FORMAT(details, "execve(\"%s\")", list->items[i].path),
		    FORMAT(details, "/hooks/%s/%zu", hook_point_name(point), i), NULL);
}

static void runtime_hooks(const struct creation *creation, struct details *details)
{
	hooks(creation, HOOK_PRESTART, details);
	hooks(creation, HOOK_CREATE_RUNTIME, details);
}

/* --- init's rows --------------------------------------------------------------------------------
 */

static void join(const struct creation *creation, struct details *details)
{
	for (size_t i = 0; i < creation->spec.linux.namespaces.count; i++) {
		const struct namespace_spec *item = &creation->spec.linux.namespaces.items[i];

		if (item->path)
			add(details, FORMAT(details, "setns(\"%s\", %s)", item->path, item->type),
			    FORMAT(details, "/linux/namespaces/%zu", i), NULL);
	}
}

static void names(const struct creation *creation, struct details *details)
{
	const char *host = creation->spec.hostname, *domain = creation->spec.domainname;

	if (host)
		add(details, FORMAT(details, "sethostname(\"%s\")", host), "/hostname",
		    FORMAT(details, "hostname -- %s", quote(details, host)));
	if (domain)
		add(details, FORMAT(details, "setdomainname(\"%s\")", domain), "/domainname",
		    FORMAT(details, "echo %s >/proc/sys/kernel/domainname",
			   quote(details, domain)));
}

static void loopback(const struct creation *creation, struct details *details)
{
	(void)creation;
	add(details, "ioctl(SIOCSIFFLAGS, \"lo\", IFF_UP)", NULL, "ip link set lo up");
}

static void isolate(const struct creation *creation, struct details *details)
{
	if (!namespace_is_private(&creation->namespaces, CLONE_NEWNS))
		return;
	add(details, "mount_setattr(\"/\", MS_SLAVE, AT_RECURSIVE)", NULL, "mount --make-rslave /");
	add(details, FORMAT(details, "open_tree(\"%s\", OPEN_TREE_CLONE)", creation->rootfs.path),
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
	return text && *text ? FORMAT(details, " -o %s", quote(details, text)) : text;
}

static const char *mount_command(const struct mount_plan *plan, const struct mount_spec *mount,
				 struct details *details)
{
	const char *target = in_root(details, plan->destination);
	const char *words = mount_words(mount, details);
	const bool bind = plan->kind == MOUNT_KIND_BIND;

	if (plan->kind == MOUNT_KIND_REMOUNT)
		return FORMAT(details, "mount%s %s", words, target);
	if (plan->kind == MOUNT_KIND_CGROUP)
		return FORMAT(details, "mkdir -p %s; mount -t cgroup2%s cgroup %s", target, words,
			      target);
	if (bind && plan->inside)
		return FORMAT(details, "place \"$ROOT\"%s %s; mount%s \"$ROOT\"%s %s",
			      quote(details, plan->source), target, words,
			      quote(details, plan->source), target);
	if (bind)
		return FORMAT(details, "place %s %s; mount%s %s %s", quote(details, plan->source),
			      target, words, quote(details, plan->source), target);
	return FORMAT(details, "mkdir -p %s; mount -t %s%s %s %s", target,
		      quote(details, plan->type), words,
		      quote(details, mount->source ? mount->source : plan->type), target);
}

static void mounts(const struct creation *creation, struct details *details)
{
	for (size_t i = 0; i < creation->spec.mounts.count; i++) {
		const struct mount_spec *mount = &creation->spec.mounts.items[i];
		const struct mount_plan *plan = &creation->rootfs.mounts[i];
		const char *source = plan->kind == MOUNT_KIND_BIND ? plan->source : mount->source;

		add(details,
		    FORMAT(details, "mount(\"%s\", \"%s\", \"%s\"%s%s%s)", source ? source : "none",
			   plan->destination, plan->kind == MOUNT_KIND_BIND ? "bind" : plan->type,
			   mount->options.count ? ", \"" : "",
			   mount->options.count ? joined(details, &mount->options, ",", "") : "",
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
	const char *target = in_root(details, node->path);

	if (creation->rootfs.device_bind)
		add(details, FORMAT(details, "mount(\"%s\", \"%s\", bind)", node->path, node->path),
		    node->pointer,
		    FORMAT(details, "touch %s; mount --bind %s %s", target,
			   quote(details, node->path), target));
	else
		add(details,
		    FORMAT(details, "mknod(\"%s\", %s, makedev(%u, %u), %04o)", node->path,
			   node->type, node->major, node->minor, node->mode),
		    node->pointer,
		    FORMAT(details, "[ -e %s ] || mknod -m %04o %s %s %u %u", target, node->mode,
			   target, node->type, node->major, node->minor));
}

static void devices(const struct creation *creation, struct details *details)
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
	add(details, "symlink(\"/proc/self/fd\", \"/dev/fd\")", NULL,
	    "for link in fd:fd stdin:fd/0 stdout:fd/1 stderr:fd/2; do ln -sfn "
	    "/proc/self/${link#*:} \"$ROOT\"/dev/${link%:*}; done");
	add(details, "symlink(\"pts/ptmx\", \"/dev/ptmx\")", NULL,
	    "ln -sfn pts/ptmx \"$ROOT\"/dev/ptmx");
}

static void create_container_hooks(const struct creation *creation, struct details *details)
{
	hooks(creation, HOOK_CREATE_CONTAINER, details);
}

static void start_container_hooks(const struct creation *creation, struct details *details)
{
	hooks(creation, HOOK_START_CONTAINER, details);
}

static void sysctl(const struct creation *creation, struct details *details)
{
	const struct string_map *map = &creation->spec.linux.sysctl;

	for (size_t i = 0; i < map->count; i++)
		add(details,
		    FORMAT(details, "write(\"%s\", \"%s\")", map->items[i].name,
			   map->items[i].value),
		    FORMAT(details, "/linux/sysctl/%s", map->items[i].name),
		    FORMAT(details, "sysctl -qw -- %s=%s", quote(details, map->items[i].name),
			   quote(details, map->items[i].value)));
}

static void paths(const struct string_list *list, const char *member, const char *before,
		  const char *behind, const char *command, struct details *details)
{
	for (size_t i = 0; i < list->count; i++)
		add(details, FORMAT(details, "%s\"%s\"%s", before, list->items[i], behind),
		    FORMAT(details, "/linux/%s/%zu", member, i),
		    FORMAT(details, "%s %s", command, in_root(details, list->items[i])));
}

static void masked(const struct creation *creation, struct details *details)
{
	paths(&creation->spec.linux.masked_paths, "maskedPaths", "move_mount(empty, ", ")", "mask",
	      details);
}

static void protected(const struct creation *creation, struct details *details)
{
	paths(&creation->spec.linux.readonly_paths, "readonlyPaths", "mount_setattr(",
	      ", MOUNT_ATTR_RDONLY)", "protect", details);
}

static void seal(const struct creation *creation, struct details *details)
{
	if (creation->spec.root.readonly)
		add(details, "mount_setattr(\"/\", MOUNT_ATTR_RDONLY)", NULL,
		    "mount -o remount,bind,ro \"$ROOT\"");
}

static void pivot(const struct creation *creation, struct details *details)
{
	(void)creation;
	add(details, "pivot_root(\".\", \".\")", NULL, NULL);
}

static void working_directory(const struct creation *creation, struct details *details)
{
	add(details, FORMAT(details, "chdir(\"%s\")", creation->spec.process.cwd), NULL, NULL);
}

static void limits(const struct creation *creation, struct details *details)
{
	const struct process_spec *process = &creation->spec.process;

	for (size_t i = 0; i < process->rlimits.count; i++) {
		const struct rlimit_spec *item = &process->rlimits.items[i];
		char option[32];
		size_t length = 0;

		for (const char *byte = item->type + strlen("RLIMIT_");
		     *byte && length < sizeof(option) - 1; byte++)
			option[length++] =
				(char)(*byte >= 'A' && *byte <= 'Z' ? *byte + 32 : *byte);
		option[length] = '\0';
		add(details,
		    FORMAT(details, "prlimit(%s, %llu, %llu)", item->type,
			   (unsigned long long)item->soft, (unsigned long long)item->hard),
		    FORMAT(details, "/process/rlimits/%zu", i),
		    FORMAT(details, "prlimit --pid $$ --%s=%s:%s", option,
			   item->soft == UINT64_MAX
				   ? "unlimited"
				   : FORMAT(details, "%llu", (unsigned long long)item->soft),
			   item->hard == UINT64_MAX
				   ? "unlimited"
				   : FORMAT(details, "%llu", (unsigned long long)item->hard)));
	}
	if (process->scheduler.present)
		add(details, FORMAT(details, "sched_setattr(%s)", process->scheduler.policy),
		    "/process/scheduler", NULL);
	if (process->io_priority.present)
		add(details,
		    FORMAT(details, "ioprio_set(IOPRIO_WHO_PGRP, %s, %lld)",
			   process->io_priority.class,
			   (long long)process->io_priority.priority.value),
		    "/process/ioPriority", NULL);
}

static int bits(uint64_t set)
{
	int count = 0;

	for (; set; set &= set - 1)
		count++;
	return count;
}

static void user(const struct creation *creation, struct details *details)
{
	const struct process_spec *process = &creation->spec.process;
	const uint64_t *set = creation->capabilities.set;
	const uint64_t all = (UINT64_C(1) << capability_count()) - 1;

	add(details,
	    FORMAT(details, "prctl(PR_CAPBSET_DROP) x %d", bits(all & ~set[CAPABILITY_BOUNDING])),
	    "/process/capabilities/bounding", NULL);
	add(details, FORMAT(details, "setgroups(%zu)", process->user.additional_gids.count),
	    "/process/user/additionalGids", NULL);
	add(details,
	    FORMAT(details, "setresgid(%u, %u, %u)", process->user.gid, process->user.gid,
		   process->user.gid),
	    "/process/user/gid", NULL);
	add(details,
	    FORMAT(details, "setresuid(%u, %u, %u)", process->user.uid, process->user.uid,
		   process->user.uid),
	    "/process/user/uid", NULL);
	add(details,
	    FORMAT(details, "umask(%04o)",
		   process->user.umask.present ? (unsigned)process->user.umask.value : 022),
	    "/process/user/umask", NULL);
	add(details,
	    FORMAT(details, "capset(permitted %#llx, effective %#llx, inheritable %#llx)",
		   (unsigned long long)set[CAPABILITY_PERMITTED],
		   (unsigned long long)set[CAPABILITY_EFFECTIVE],
		   (unsigned long long)set[CAPABILITY_INHERITABLE]),
	    "/process/capabilities", NULL);
	if (set[CAPABILITY_AMBIENT])
		add(details,
		    FORMAT(details, "prctl(PR_CAP_AMBIENT_RAISE) x %d",
			   bits(set[CAPABILITY_AMBIENT])),
		    "/process/capabilities/ambient", NULL);
	if (process->no_new_privileges)
		add(details, "prctl(PR_SET_NO_NEW_PRIVS)", "/process/noNewPrivileges", NULL);
}

static void filter(const struct creation *creation, struct details *details)
{
	add(details,
	    FORMAT(details, "seccomp(SECCOMP_SET_MODE_FILTER, %#x, %u instructions)",
		   creation->seccomp.flags, creation->seccomp.length),
	    NULL, NULL);
}

static void execute(const struct creation *creation, struct details *details)
{
	const struct string_list *args = &creation->spec.process.args;

	add(details,
	    FORMAT(details, "execve(\"%s\", [\"%s])", args->items[0],
		   joined(details, args, "\", \"", "\"")),
	    NULL, NULL);
}

/* --- which row has which ------------------------------------------------------------------------
 */

static const struct description {
	const struct step_table *table;
	const char *name;
	void (*describe)(const struct creation *creation, struct details *details);
} descriptions[] = {
	{ &parent_table, "state directory", state_directory },
	{ &parent_table, "cgroup", make_cgroup },
	{ &parent_table, "limits", cgroup_limits },
	{ &parent_table, "network devices", network_devices },
	{ &parent_table, "clone", clone_init },
	{ &parent_table, "id maps", id_maps },
	{ &parent_table, "oom score", oom_score },
	{ &parent_table, "runtime hooks", runtime_hooks },
	{ &init_table, "join namespaces", join },
	{ &init_table, "hostname", names },
	{ &init_table, "loopback", loopback },
	{ &init_table, "isolate mounts", isolate },
	{ &init_table, "mounts", mounts },
	{ &init_table, "devices", devices },
	{ &init_table, "createContainer hooks", create_container_hooks },
	{ &init_table, "sysctl", sysctl },
	{ &init_table, "masked paths", masked },
	{ &init_table, "read-only paths", protected },
	{ &init_table, "seal", seal },
	{ &init_table, "pivot", pivot },
	{ &init_table, "working directory", working_directory },
	{ &init_table, "user, joined pid namespace", user },
	{ &init_table, "filter, joined pid namespace", filter },
	{ &init_table, "limits", limits },
	{ &init_table, "user", user },
	{ &init_table, "filter without no_new_privs", filter },
	{ &init_table, "filter", filter },
	{ &init_table, "startContainer hooks", start_container_hooks },
	{ &init_table, "exec", execute },
};

const char *explain_described(size_t n, const struct step_table **table)
{
	if (n >= ARRAY_SIZE(descriptions))
		return NULL;
	*table = descriptions[n].table;
	return descriptions[n].name;
}

void explain_details(const struct creation *creation, const struct step *step,
		     const struct step_table *table, struct details *details)
{
	for (size_t i = 0; i < ARRAY_SIZE(descriptions); i++)
		if (descriptions[i].table == table && strcmp(descriptions[i].name, step->name) == 0)
			descriptions[i].describe(creation, details);
}
