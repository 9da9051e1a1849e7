/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts and paths: mount(8), config.md#mounts.
 *
 * syscalls: none
 */
#include "runtime/inspect/posture_rules.h"

#include <string.h>

#include "base/string.h"
#include "base/table.h"

static bool is_bind(const struct mount_spec *mount)
{
	return posture_contains(&mount->options, "bind") ||
	       posture_contains(&mount->options, "rbind");
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
				posture_found(posture,
					      "/mounts/%zu/source: %s of the host, writable", i,
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
				posture_found(
					posture,
					"/mounts/%zu/source: %s: who can talk to it can start "
					"containers, or units, as root",
					i, mount->source);
	}
}

static void shared_propagation(const struct posture *posture)
{
	const char *root = posture->spec->linux.rootfs_propagation;

	for (size_t i = 0; i < posture->spec->mounts.count; i++)
		if (posture_contains(&posture->spec->mounts.items[i].options, "shared") ||
		    posture_contains(&posture->spec->mounts.items[i].options, "rshared"))
			posture_found(
				posture,
				"/mounts/%zu/options: shared: what is mounted below it inside "
				"appears on the host",
				i);
	if (root && (strcmp(root, "shared") == 0 || strcmp(root, "rshared") == 0))
		posture_found(posture,
			      "/linux/rootfsPropagation: %s: what is mounted inside may appear "
			      "outside",
			      root);
}

static void writable_root(const struct posture *posture)
{
	if (!posture->spec->root.readonly)
		posture_found(posture,
			      "/root/readonly: not set: programs of the image can be replaced by "
			      "what runs there");
}

static void unmasked(const struct posture *posture)
{
	static const char *const paths[] = { "/proc/kcore", "/proc/keys", "/sys/firmware",
					     "/proc/sysrq-trigger" };
	const struct linux_spec *linux = &posture->spec->linux;

	if (!posture_has_namespace(posture, "mount"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (!posture_contains(&linux->masked_paths, paths[i]) &&
		    !posture_contains(&linux->readonly_paths, paths[i]))
			posture_found(posture,
				      "/linux/maskedPaths: %s is neither masked nor read-only",
				      paths[i]);
}

static void writable_sysctl(const struct posture *posture)
{
	if (posture_has_namespace(posture, "mount") && !posture_has_namespace(posture, "user") &&
	    !posture_contains(&posture->spec->linux.readonly_paths, "/proc/sys") &&
	    !posture_contains(&posture->spec->linux.masked_paths, "/proc/sys"))
		posture_found(
			posture,
			"/linux/readonlyPaths: /proc/sys can be written: settings of the whole "
			"kernel are among them, core_pattern for one");
}

static void writable_kernel_trees(const struct posture *posture)
{
	for (size_t i = 0; i < posture->spec->mounts.count; i++) {
		const struct mount_spec *mount = &posture->spec->mounts.items[i];

		if (!mount->type || says_readonly(mount))
			continue;
		if (strcmp(mount->type, "sysfs") == 0 && !posture_has_namespace(posture, "user"))
			posture_found(posture, "/mounts/%zu/options: sysfs without ro", i);
		if (strcmp(mount->type, "cgroup") == 0 && !posture_has_namespace(posture, "cgroup"))
			posture_found(
				posture,
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
			posture_found(
				posture,
				"/mounts/%zu/options: tmpfs without size=: may fill half of the "
				"memory",
				i);
	}
}

static void binds_with_privileges(const struct posture *posture)
{
	for (size_t i = 0; i < posture->spec->mounts.count; i++) {
		const struct mount_spec *mount = &posture->spec->mounts.items[i];

		if (is_bind(mount) && !posture_contains(&mount->options, "nosuid") &&
		    !posture_contains(&mount->options, "rnosuid"))
			posture_found(posture,
				      "/mounts/%zu/options: a bind without nosuid: set-user-ID "
				      "files that "
				      "are "
				      "made there work on the host",
				      i);
	}
}

static const struct posture_rule rules[] = {
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
};

const struct posture_group posture_mounts = { rules, ARRAY_SIZE(rules) };
