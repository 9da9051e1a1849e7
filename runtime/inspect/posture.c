/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The posture rules: one row each, in the order in which they are told. A test function adds what
 * it finds, with its place; a rule may find several.
 *
 * capabilities(7), namespaces(7), config.md, config-linux.md. syscalls: none but libseccomp's
 */
#include "runtime/inspect/posture.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/table.h"
#include "runtime/inspect/filters.h"
#include "runtime/process/process.h"
#include "seccomp/families.h"

struct posture;

struct rule {
	const char *id;
	enum finding_level level;
	void (*test)(const struct posture *posture);
	const char *why, *cure, *manual;
};

struct posture {
	const struct container_spec *spec;
	const struct rule *rule;
	posture_report *report;
	void *data;
};

/* --- telling ------------------------------------------------------------------------------------
 */

static void found(const struct posture *posture, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void found(const struct posture *posture, const char *format, ...)
{
	struct posture_finding finding = {
		.id = posture->rule->id,
		.level = posture->rule->level,
		.manual = posture->rule->manual,
	};
	char text[1024];
	va_list values;

	va_start(values, format);
	(void)vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	finding.text = text;
	posture->report(posture->data, &finding);
}

static bool has_namespace(const struct posture *posture, const char *type)
{
	for (size_t i = 0; i < posture->spec->linux.namespaces.count; i++)
		if (strcmp(posture->spec->linux.namespaces.items[i].type, type) == 0)
			return true;
	return false;
}

static bool contains(const struct string_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

static const struct capabilities_spec *capabilities(const struct posture *posture)
{
	return &posture->spec->process.capabilities;
}

/* --- capabilities -------------------------------------------------------------------------------
 */

static void ambient_without_inheritable(const struct posture *posture)
{
	const struct string_list *ambient = &capabilities(posture)->ambient;

	for (size_t i = 0; i < ambient->count; i++)
		if (!contains(&capabilities(posture)->inheritable, ambient->items[i]) ||
		    !contains(&capabilities(posture)->permitted, ambient->items[i]))
			found(posture,
			      "/process/capabilities/ambient/%zu: %s isn't inheritable and "
			      "permitted: the kernel will refuse to raise it",
			      i, ambient->items[i]);
}

static void lost_by_execve(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->present && process->user.uid != 0 &&
	    process->capabilities.permitted.count > 0 && process->capabilities.ambient.count == 0)
		found(posture,
		      "/process/capabilities/permitted: user %u has none of them after execve: "
		      "ambient is empty",
		      process->user.uid);
}

static void inheritable(const struct posture *posture)
{
	const struct capabilities_spec *sets = capabilities(posture);

	for (size_t i = 0; i < sets->inheritable.count; i++)
		if (!contains(&sets->ambient, sets->inheritable.items[i])) {
			found(posture,
			      "/process/capabilities/inheritable/%zu: %s is for files with "
			      "inheritable capabilities only",
			      i, sets->inheritable.items[i]);
			return;
		}
}

static void unknown_capability(const struct posture *posture)
{
	const struct capabilities_spec *sets = capabilities(posture);
	const struct {
		const char *name;
		const struct string_list *list;
	} all[] = {
		{ "bounding", &sets->bounding },       { "effective", &sets->effective },
		{ "inheritable", &sets->inheritable }, { "permitted", &sets->permitted },
		{ "ambient", &sets->ambient },
	};

	for (size_t a = 0; a < ARRAY_SIZE(all); a++)
		for (size_t i = 0; i < all[a].list->count; i++)
			if (capability_from_name(all[a].list->items[i]) < 0)
				found(posture,
				      "/process/capabilities/%s/%zu: %s is unknown here, create "
				      "leaves it out",
				      all[a].name, i, all[a].list->items[i]);
}

/* What reaches the host itself, unless the capability counts in a user namespace only. */
static const struct {
	const char *name, *what;
} host_capabilities[] = {
	{ "CAP_SYS_MODULE", "loads code into the kernel" },
	{ "CAP_SYS_RAWIO", "reads and writes memory and ports of the machine" },
	{ "CAP_DAC_READ_SEARCH", "opens any file of a file system by handle, outside of the root" },
	{ "CAP_SYS_PTRACE", "looks into processes" },
	{ "CAP_SYS_TIME", "sets the machine's clock" },
	{ "CAP_MAC_ADMIN", "changes the security policy" },
	{ "CAP_MAC_OVERRIDE", "is not bound by the security policy" },
	{ "CAP_BPF", "loads programs into the kernel" },
	{ "CAP_PERFMON", "watches the whole machine" },
	{ "CAP_SYSLOG", "reads the kernel's messages and addresses" },
	{ "CAP_SYS_BOOT", "restarts the machine, unless it has a pid namespace" },
	{ "CAP_SYS_RESOURCE", "is not bound by limits" },
};

static void reaches_host(const struct posture *posture)
{
	const struct string_list *bounding = &capabilities(posture)->bounding;

	if (has_namespace(posture, "user"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(host_capabilities); i++)
		if (contains(bounding, host_capabilities[i].name))
			found(posture, "/process/capabilities/bounding: %s %s",
			      host_capabilities[i].name, host_capabilities[i].what);
}

static void nearly_root(const struct posture *posture)
{
	if (contains(&capabilities(posture)->bounding, "CAP_SYS_ADMIN") &&
	    !has_namespace(posture, "user"))
		found(posture, "/process/capabilities/bounding: CAP_SYS_ADMIN without a user "
			       "namespace is nearly root of the host: mounts, quotas, keys, more");
}

static void admin_of_host_network(const struct posture *posture)
{
	if (contains(&capabilities(posture)->bounding, "CAP_NET_ADMIN") &&
	    !has_namespace(posture, "network") && !has_namespace(posture, "user"))
		found(posture,
		      "/process/capabilities/bounding: CAP_NET_ADMIN in the host's network: "
		      "its addresses, routes and firewall");
}

static void raw_sockets(const struct posture *posture)
{
	if (contains(&capabilities(posture)->bounding, "CAP_NET_RAW"))
		found(posture, "/process/capabilities/bounding: CAP_NET_RAW forges packets of "
			       "others on the same network");
}

static void effective_beyond_permitted(const struct posture *posture)
{
	const struct string_list *effective = &capabilities(posture)->effective;

	for (size_t i = 0; i < effective->count; i++)
		if (!contains(&capabilities(posture)->permitted, effective->items[i]))
			found(posture,
			      "/process/capabilities/effective/%zu: %s isn't permitted, so it "
			      "can't "
			      "be effective",
			      i, effective->items[i]);
}

/* --- what may be called -------------------------------------------------------------------------
 */

static void no_filter(const struct posture *posture)
{
	if (!posture->spec->linux.seccomp.present)
		found(posture, "/linux/seccomp: no filter: every system call of the kernel can be "
			       "tried");
}

static void denylist(const struct posture *posture)
{
	const struct seccomp_spec *seccomp = &posture->spec->linux.seccomp;

	if (seccomp->present && (strcmp(seccomp->default_action, "SCMP_ACT_ALLOW") == 0 ||
				 strcmp(seccomp->default_action, "SCMP_ACT_LOG") == 0))
		found(posture,
		      "/linux/seccomp/defaultAction: %s allows what isn't listed, also "
		      "calls that are yet to come",
		      seccomp->default_action);
}

static void holes(const struct posture *posture)
{
	struct filters filters = { 0 };
	struct call_table table = { 0 };
	struct hole hole;
	struct error err;

	if (posture->spec->linux.seccomp.present &&
	    filters_plan(&filters, posture->spec, &err) == 0 &&
	    call_table_fill(&table, &filters, call_native_arch(), &err) == 0)
		for (size_t n = 0; hole_find(n, call_table_fate, &table, &hole); n++)
			found(posture, "/linux/seccomp/syscalls: %s is denied, %s isn't: %s",
			      hole.denied, hole.open, hole.text);
	call_table_free(&table);
	filters_free(&filters);
}

static void allowlist_says_eperm(const struct posture *posture)
{
	const struct seccomp_spec *seccomp = &posture->spec->linux.seccomp;

	if (seccomp->present && strcmp(seccomp->default_action, "SCMP_ACT_ERRNO") == 0 &&
	    (!seccomp->default_errno_ret.present || seccomp->default_errno_ret.value == 1))
		found(posture,
		      "/linux/seccomp/defaultErrnoRet: EPERM for calls that aren't listed: "
		      "a library falls back for ENOSYS (38) only");
}

static void new_privileges(const struct posture *posture)
{
	if (posture->spec->process.present && !posture->spec->process.no_new_privileges)
		found(posture, "/process/noNewPrivileges: not set: set-user-ID programs and files "
			       "with capabilities gain privileges");
}

/* --- namespaces and users -----------------------------------------------------------------------
 */

static void no_pid_namespace(const struct posture *posture)
{
	if (!has_namespace(posture, "pid"))
		found(posture, "/linux/namespaces: no pid namespace: it sees the host's processes "
			       "and may signal those of its user");
}

static void no_network_namespace(const struct posture *posture)
{
	if (!has_namespace(posture, "network"))
		found(posture, "/linux/namespaces: no network namespace: services on the host's "
			       "loopback and abstract sockets can be reached");
}

static void no_ipc_namespace(const struct posture *posture)
{
	if (!has_namespace(posture, "ipc"))
		found(posture, "/linux/namespaces: no ipc namespace: shared memory and message "
			       "queues of the host's programs");
}

static void no_user_namespace(const struct posture *posture)
{
	if (!has_namespace(posture, "user"))
		found(posture,
		      "/linux/namespaces: no user namespace: uid 0 inside is uid 0 outside");
}

static void no_mount_namespace(const struct posture *posture)
{
	if (!has_namespace(posture, "mount"))
		found(posture,
		      "/linux/namespaces: no mount namespace: a chroot in the host's mounts");
}

static void no_cgroup_namespace(const struct posture *posture)
{
	if (!has_namespace(posture, "cgroup"))
		found(posture, "/linux/namespaces: no cgroup namespace: names and places of the "
			       "host's cgroups are shown");
}

static void root_is_root(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->present && process->user.uid == 0 && !has_namespace(posture, "user"))
		found(posture, "/process/user/uid: runs as root of the host, held by capabilities "
			       "and the filter only");
}

static void maps_host_root(const struct posture *posture)
{
	const struct id_mapping_list *list = &posture->spec->linux.uid_mappings;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].host_id == 0)
			found(posture,
			      "/linux/uidMappings/%zu: maps the host's root: uid %u inside is uid "
			      "0 "
			      "outside",
			      i, list->items[i].container_id);
}

static void umask_zero(const struct posture *posture)
{
	const struct opt_uint *mask = &posture->spec->process.user.umask;

	if (mask->present && (mask->value & 2) == 0)
		found(posture, "/process/user/umask: %04o: new files can be written by everybody",
		      (unsigned)mask->value);
}

/* --- mounts and paths ---------------------------------------------------------------------------
 */

static bool is_bind(const struct mount_spec *mount)
{
	return contains(&mount->options, "bind") || contains(&mount->options, "rbind");
}

/* The last of two contrary words wins. */
static bool says_readonly(const struct mount_spec *mount)
{
	bool readonly = false;

	for (size_t i = 0; i < mount->options.count; i++) {
		const char *word = mount->options.items[i];

		if (strcmp(word, "ro") == 0 || strcmp(word, "rro") == 0)
			readonly = true;
		else if (strcmp(word, "rw") == 0 || strcmp(word, "rrw") == 0)
			readonly = false;
	}
	return readonly;
}

static void host_directories(const struct posture *posture)
{
	static const char *const places[] = { "/",    "/etc", "/root", "/boot", "/proc", "/sys",
					      "/dev", "/usr", "/var",  "/home", "/run" };

	for (size_t i = 0; i < posture->spec->mounts.count; i++) {
		const struct mount_spec *mount = &posture->spec->mounts.items[i];

		for (size_t p = 0; p < ARRAY_SIZE(places); p++)
			if (is_bind(mount) && mount->source && !says_readonly(mount) &&
			    strcmp(mount->source, places[p]) == 0)
				found(posture, "/mounts/%zu/source: %s of the host, writable", i,
				      mount->source);
	}
}

static void control_sockets(const struct posture *posture)
{
	static const char *const names[] = { "docker.sock", "containerd.sock", "crio.sock",
					     "podman.sock", "system_bus_socket" };

	for (size_t i = 0; i < posture->spec->mounts.count; i++) {
		const struct mount_spec *mount = &posture->spec->mounts.items[i];

		for (size_t n = 0; mount->source && n < ARRAY_SIZE(names); n++)
			if (strstr(mount->source, names[n]))
				found(posture,
				      "/mounts/%zu/source: %s: who can talk to it can start "
				      "containers, or units, as root",
				      i, mount->source);
	}
}

static void shared_propagation(const struct posture *posture)
{
	const char *root = posture->spec->linux.rootfs_propagation;

	for (size_t i = 0; i < posture->spec->mounts.count; i++)
		if (contains(&posture->spec->mounts.items[i].options, "shared") ||
		    contains(&posture->spec->mounts.items[i].options, "rshared"))
			found(posture,
			      "/mounts/%zu/options: shared: what is mounted below it inside "
			      "appears on the host",
			      i);
	if (root && (strcmp(root, "shared") == 0 || strcmp(root, "rshared") == 0))
		found(posture,
		      "/linux/rootfsPropagation: %s: what is mounted inside may appear "
		      "outside",
		      root);
}

static void writable_root(const struct posture *posture)
{
	if (!posture->spec->root.readonly)
		found(posture, "/root/readonly: not set: programs of the image can be replaced by "
			       "what runs there");
}

static void unmasked(const struct posture *posture)
{
	static const char *const paths[] = { "/proc/kcore", "/proc/keys", "/sys/firmware",
					     "/proc/sysrq-trigger" };
	const struct linux_spec *linux = &posture->spec->linux;

	if (!has_namespace(posture, "mount"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (!contains(&linux->masked_paths, paths[i]) &&
		    !contains(&linux->readonly_paths, paths[i]))
			found(posture, "/linux/maskedPaths: %s is neither masked nor read-only",
			      paths[i]);
}

static void writable_sysctl(const struct posture *posture)
{
	if (has_namespace(posture, "mount") && !has_namespace(posture, "user") &&
	    !contains(&posture->spec->linux.readonly_paths, "/proc/sys") &&
	    !contains(&posture->spec->linux.masked_paths, "/proc/sys"))
		found(posture,
		      "/linux/readonlyPaths: /proc/sys can be written: settings of the whole "
		      "kernel are among them, core_pattern for one");
}

static void writable_kernel_trees(const struct posture *posture)
{
	for (size_t i = 0; i < posture->spec->mounts.count; i++) {
		const struct mount_spec *mount = &posture->spec->mounts.items[i];

		if (!mount->type || says_readonly(mount))
			continue;
		if (strcmp(mount->type, "sysfs") == 0 && !has_namespace(posture, "user"))
			found(posture, "/mounts/%zu/options: sysfs without ro", i);
		if (strcmp(mount->type, "cgroup") == 0 && !has_namespace(posture, "cgroup"))
			found(posture,
			      "/mounts/%zu/options: cgroup without ro, and no cgroup namespace: "
			      "the "
			      "host's limits can be changed",
			      i);
	}
}

static void tmpfs_without_size(const struct posture *posture)
{
	for (size_t i = 0; i < posture->spec->mounts.count; i++) {
		const struct mount_spec *mount = &posture->spec->mounts.items[i];
		bool sized = false;

		for (size_t o = 0; o < mount->options.count; o++)
			sized |= string_starts_with(mount->options.items[o], "size=") ||
				 string_starts_with(mount->options.items[o], "nr_blocks=");
		if (mount->type && strcmp(mount->type, "tmpfs") == 0 && !sized)
			found(posture,
			      "/mounts/%zu/options: tmpfs without size=: may fill half of the "
			      "memory",
			      i);
	}
}

static void binds_with_privileges(const struct posture *posture)
{
	for (size_t i = 0; i < posture->spec->mounts.count; i++) {
		const struct mount_spec *mount = &posture->spec->mounts.items[i];

		if (is_bind(mount) && !contains(&mount->options, "nosuid") &&
		    !contains(&mount->options, "rnosuid"))
			found(posture,
			      "/mounts/%zu/options: a bind without nosuid: set-user-ID files that "
			      "are "
			      "made there work on the host",
			      i);
	}
}

/* --- limits -------------------------------------------------------------------------------------
 */

static bool is_limit(const struct opt_int *limit)
{
	return limit->present && limit->value >= 0;
}

static void no_pids_limit(const struct posture *posture)
{
	if (!is_limit(&posture->spec->linux.resources.pids.limit))
		found(posture, "/linux/resources: no pids limit: one fork bomb fills the host");
}

static void no_memory_limit(const struct posture *posture)
{
	const struct opt_int *limit = &posture->spec->linux.resources.memory.limit;

	if (!limit->present || limit->value <= 0)
		found(posture,
		      "/linux/resources: no memory limit: it takes what there is, and others "
		      "are killed for it");
}

static void no_cpu_limit(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;

	if (!is_limit(&resources->cpu.quota) && !resources->cpu.shares.present &&
	    !resources->cpu.cpus)
		found(posture,
		      "/linux/resources: no cpu quota, shares or set: all cores, as much as "
		      "anybody");
}

static void swap_beside_memory(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;

	if (resources->memory.limit.present && resources->memory.limit.value > 0 &&
	    !resources->memory.swap.present)
		found(posture,
		      "/linux/resources/memory/swap: not limited: what doesn't fit goes to "
		      "the host's swap");
}

static void all_devices(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;
	const size_t count = resources->devices.count;
	const struct device_rule *last = count ? &resources->devices.items[count - 1] : NULL;

	if (!last)
		found(posture, "/linux/resources/devices: no list: every device node can be used");
	else if (last->allow && (!last->type || strcmp(last->type, "a") == 0) &&
		 !last->major.present && !last->minor.present)
		found(posture,
		      "/linux/resources/devices/%zu: allows every device: disks and memory "
		      "of the host by mknod",
		      count - 1);
}

static void block_devices(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;

	for (size_t i = 0; i < resources->devices.count; i++) {
		const struct device_rule *rule = &resources->devices.items[i];

		if (rule->allow && rule->type && strcmp(rule->type, "b") == 0 &&
		    (!rule->access || strpbrk(rule->access, "rw")))
			found(posture,
			      "/linux/resources/devices/%zu: a disk can be read or written past "
			      "its "
			      "file system",
			      i);
	}
}

static void never_killed(const struct posture *posture)
{
	const struct opt_int *score = &posture->spec->process.oom_score_adj;

	if (score->present && score->value < 0)
		found(posture, "/process/oomScoreAdj: %lld: others are killed in its place",
		      (long long)score->value);
}

static void no_descriptor_limit(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	for (size_t i = 0; i < process->rlimits.count; i++)
		if (strcmp(process->rlimits.items[i].type, "RLIMIT_NOFILE") == 0)
			return;
	if (process->present)
		found(posture, "/process/rlimits: no RLIMIT_NOFILE: that of who starts it");
}

/* --- labels and secrets -------------------------------------------------------------------------
 */

static void no_label(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->present && !process->apparmor_profile && !process->selinux_label)
		found(posture, "/process: no apparmorProfile and no selinuxLabel");
}

static void unconfined(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->apparmor_profile && strcmp(process->apparmor_profile, "unconfined") == 0)
		found(posture, "/process/apparmorProfile: unconfined: no profile at all");
	if (process->selinux_label && strstr(process->selinux_label, "spc_t"))
		found(posture, "/process/selinuxLabel: %s: a privileged type",
		      process->selinux_label);
}

static void secrets_in_env(const struct posture *posture)
{
	static const char *const words[] = { "PASSWORD=", "PASSWD=",  "SECRET=",
					     "TOKEN=",	  "API_KEY=", "PRIVATE_KEY=" };
	const struct string_list *env = &posture->spec->process.env;

	for (size_t i = 0; i < env->count; i++)
		for (size_t w = 0; w < ARRAY_SIZE(words); w++)
			if (strcasestr(env->items[i], words[w]) &&
			    strcasestr(env->items[i], words[w]) < strchr(env->items[i], '=')) {
				found(posture,
				      "/process/env/%zu: looks like a secret: it is in "
				      "/proc/PID/environ, "
				      "in the bundle and in the state directory",
				      i);
				break;
			}
}

/* --- the table ----------------------------------------------------------------------------------
 */

#define E FINDING_ERROR
#define W FINDING_WARNING
#define N FINDING_NOTE

static const struct rule rules[] = {
	{ "CAP01", W, nearly_root,
	  "CAP_SYS_ADMIN covers some hundred things, several of which lead out",
	  "leave it out, or add a user namespace", "capabilities(7)" },
	{ "CAP02", E, ambient_without_inheritable,
	  "an ambient capability must be permitted and inheritable",
	  "add it to inheritable and permitted, or take it out of ambient", "capabilities(7)" },
	{ "CAP03", W, effective_beyond_permitted, "effective is a subset of permitted",
	  "add it to permitted, too", "capabilities(7)" },
	{ "CAP04", W, lost_by_execve,
	  "execve of a plain file gives a user other than root only ambient capabilities",
	  "add them to inheritable and ambient", "capabilities(7)" },
	{ "CAP05", N, inheritable,
	  "inheritable isn't 'inherited': it meets the file's inheritable set, which an image may "
	  "have",
	  "leave inheritable to what is ambient", "capabilities(7)" },
	{ "CAP06", W, reaches_host, "the capability isn't bound to a namespace",
	  "leave it out, or add a user namespace", "capabilities(7)" },
	{ "CAP07", W, admin_of_host_network, "the network namespace is the host's",
	  "add a network namespace", "network_namespaces(7)" },
	{ "CAP08", N, raw_sockets, "raw and packet sockets can send anything",
	  "leave it out; ping works by net.ipv4.ping_group_range", "capabilities(7)" },
	{ "CAP09", W, unknown_capability, "the specification wants a warning, not a failure",
	  "correct the name", "config.md#linux-process" },
	{ "SEC01", W, no_filter, "most kernel bugs are reached by calls that few programs need",
	  "add an engine's default profile", "seccomp(2)" },
	{ "SEC02", N, denylist, "a list of what is bad is never complete",
	  "deny by default and list what is needed", "seccomp(2)" },
	{ "SEC03", W, holes, "several calls do the same thing", "deny the whole family",
	  "seccomp(2)" },
	{ "SEC04", W, new_privileges, "execve may add privileges otherwise",
	  "set it, unless the image needs sudo and the like", "PR_SET_NO_NEW_PRIVS(2const)" },
	{ "SEC05", N, allowlist_says_eperm,
	  "a new C library tries new calls and takes the old ones only after ENOSYS",
	  "defaultErrnoRet 38", "config-linux.md#seccomp" },
	{ "NS01", W, no_pid_namespace, "processes are named by pid", "add a pid namespace",
	  "pid_namespaces(7)" },
	{ "NS02", W, no_network_namespace, "addresses, ports and abstract sockets are the host's",
	  "add a network namespace", "network_namespaces(7)" },
	{ "NS03", W, no_ipc_namespace, "System V IPC and POSIX queues are the host's",
	  "add an ipc namespace", "ipc_namespaces(7)" },
	{ "NS04", N, no_user_namespace, "the last wall: root of a container that gets out is root",
	  "add a user namespace with mappings", "user_namespaces(7)" },
	{ "NS05", W, no_mount_namespace, "the host's mounts can be seen and, with rights, changed",
	  "add a mount namespace", "mount_namespaces(7)" },
	{ "NS06", N, no_cgroup_namespace, "/proc/self/cgroup tells the host's layout",
	  "add a cgroup namespace", "cgroup_namespaces(7)" },
	{ "USR01", N, root_is_root, "files of the host that it reaches are root's to it",
	  "another process.user, or a user namespace", "user_namespaces(7)" },
	{ "USR02", W, maps_host_root, "the user namespace doesn't protect from this user",
	  "map to an unused range", "user_namespaces(7)" },
	{ "USR03", W, umask_zero, "others may change its files", "022, or leave it out",
	  "umask(2)" },
	{ "MNT01", W, host_directories, "what is written there is the host's",
	  "ro, or a directory made for it", "config.md#mounts" },
	{ "MNT02", W, control_sockets, "its owner does what it is told, as root", "leave it out",
	  "config.md#mounts" },
	{ "MNT03", W, shared_propagation, "mount events go both ways", "rslave or rprivate",
	  "mount_namespaces(7)" },
	{ "MNT04", N, writable_root, "an intruder can stay",
	  "root.readonly, with tmpfs where needed", "config.md#root" },
	{ "MNT05", W, unmasked, "these files tell about the host, or act on it",
	  "the list of minirun spec", "config-linux.md#masked-paths" },
	{ "MNT06", W, writable_sysctl, "not all of /proc/sys is namespaced",
	  "add /proc/sys to readonlyPaths", "proc_sys(5)" },
	{ "MNT07", W, writable_kernel_trees, "what is written there is for the whole machine",
	  "add ro", "sysfs(5), cgroups(7)" },
	{ "MNT08", N, tmpfs_without_size, "memory of the host", "add size=", "tmpfs(5)" },
	{ "MNT09", N, binds_with_privileges, "a user of the host could execute them",
	  "add nosuid and nodev", "mount(8)" },
	{ "RES01", W, no_pids_limit, "process ids are the host's", "linux.resources.pids.limit",
	  "cgroups(7)" },
	{ "RES02", W, no_memory_limit, "memory is the host's", "linux.resources.memory.limit",
	  "cgroups(7)" },
	{ "RES03", N, no_cpu_limit, "a noisy neighbour", "linux.resources.cpu", "cgroups(7)" },
	{ "RES04", N, swap_beside_memory, "swap is apart from memory in cgroup v2",
	  "memory.swap = memory.limit for none", "config-linux.md#memory" },
	{ "RES05", W, all_devices, "only the device filter stands between mknod and the disk",
	  "deny all, then allow what is needed", "config-linux.md#allowed-device-list" },
	{ "RES06", W, block_devices, "permissions of files don't count there", "mount it instead",
	  "config-linux.md#allowed-device-list" },
	{ "RES07", W, never_killed, "the score is for what the host needs most", "0, or above",
	  "proc_pid_oom_score_adj(5)" },
	{ "RES08", N, no_descriptor_limit, "open files take kernel memory",
	  "process.rlimits with RLIMIT_NOFILE", "getrlimit(2)" },
	{ "LSM01", N, no_label, "AppArmor or SELinux would still hold when all else fails",
	  "a profile or label, where the host has one of them", "apparmor(7), selinux(8)" },
	{ "LSM02", W, unconfined, "it is named, but doesn't confine",
	  "the engine's default profile", "apparmor(7), selinux(8)" },
	{ "ENV01", N, secrets_in_env, "an environment is inherited and shown", "a file on a tmpfs",
	  "proc_pid_environ(5)" },
};

void posture_check(const struct container_spec *spec, posture_report *report, void *data)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct posture posture = { spec, &rules[i], report, data };

		rules[i].test(&posture);
	}
}

bool posture_explain(struct buffer *out, const char *id)
{
	static const char *const levels[] = { "an error", "a warning", "a note" };

	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		if (strcasecmp(rules[i].id, id) != 0)
			continue;
		buffer_format(out, "%s is %s\nwhy:  %s\ncure: %s\nsee:  %s\n", rules[i].id,
			      levels[rules[i].level], rules[i].why, rules[i].cure, rules[i].manual);
		return true;
	}
	return false;
}

const char *posture_id(size_t n)
{
	return n < ARRAY_SIZE(rules) ? rules[n].id : NULL;
}
