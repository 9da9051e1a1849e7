/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices that come and go while the container lives: the rule's text, and the node.
 *
 * A mount namespace is entered by no more than a name below init's root: names inside are resolved
 * from its descriptor (base/path.h), and mknod(2) needs only the caller's rights.
 *
 * syscalls: stat fstat fstatfs openat openat2 mknodat unlinkat umask read
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/string.h"
#include "runtime/update.h"

/* of the kernel's dev_t: 12 and 20 bits */
#define MAJOR_MAX 0xfff
#define MINOR_MAX 0xfffff

static int fail(const char *text, struct error *err)
{
	return error_set(
		err,
		"device rule \"%s\": expected \"TYPE MAJOR:MINOR [ACCESS]\" (\"c 10:229 "
		"rwm\", * for any number) or a device of the host (\"/dev/fuse[:ACCESS]\")",
		text);
}

static bool is_access(const char *access)
{
	return *access && access[strspn(access, "rwm")] == '\0';
}

static bool parse_number(const char *text, struct opt_int *number)
{
	uint64_t value;

	if (strcmp(text, "*") == 0) {
		*number = (struct opt_int){ true, -1 };
		return true;
	}
	if (!string_to_uint(text, UINT32_MAX, &value))
		return false;
	*number = (struct opt_int){ true, (int64_t)value };
	return true;
}

/* Where devtmpfs has the device: sysfs(5), the DEVNAME line of its uevent. */
static const char *find_node(const struct device_rule *rule, struct arena *arena)
{
	autofree char *uevent = NULL;
	struct error ignored;
	const char *name;
	char file[96];

	if (rule->type[0] == 'a' || rule->major.value < 0 || rule->minor.value < 0)
		return NULL;
	(void)snprintf(file, sizeof(file), "/sys/dev/%s/%lld:%lld/uevent",
		       rule->type[0] == 'b' ? "block" : "char", (long long)rule->major.value,
		       (long long)rule->minor.value);
	if (file_read_at(AT_FDCWD, file, 4096, &uevent, NULL, &ignored) < 0)
		return NULL;
	name = strstr(uevent, "DEVNAME=");
	if (!name)
		return NULL;
	name += strlen("DEVNAME=");
	return arena_format(arena, "/dev/%.*s", (int)strcspn(name, "\n"), name);
}

static int parse_numbers(const char *text, struct device_change *change, struct arena *arena,
			 struct error *err)
{
	struct device_rule *rule = &change->rule;
	char type[2], major[16], minor[16], access[8] = "rwm";
	int end = 0, parts;

	parts = sscanf(text, " %1[abc] %15[0-9*]:%15[0-9*] %n%7[rwm] %n", type, major, minor, &end,
		       access, &end);
	if (parts < 3 || text[end] != '\0' || !parse_number(major, &rule->major) ||
	    !parse_number(minor, &rule->minor))
		return fail(text, err);
	if (rule->major.value > MAJOR_MAX || rule->minor.value > MINOR_MAX)
		return error_set(err,
				 "device rule \"%s\": Linux has no device of a higher number than "
				 "%d:%d",
				 text, MAJOR_MAX, MINOR_MAX);
	rule->type = arena_string(arena, type);
	rule->access = arena_string(arena, access);
	if (!rule->type || !rule->access)
		return error_set(err, "out of memory");
	change->path = find_node(rule, arena);
	return 0;
}

static int parse_path(const char *text, struct device_change *change, struct arena *arena,
		      struct error *err)
{
	const char *colon = strrchr(text, ':');
	const bool has_access = colon && is_access(colon + 1);
	const int length = has_access ? (int)(colon - text) : (int)strlen(text);
	const char *path = arena_format(arena, "%.*s", length, text);
	struct device_rule *rule = &change->rule;
	struct stat node;

	rule->access = has_access ? arena_string(arena, colon + 1) : "rwm";
	if (!path || !rule->access)
		return error_set(err, "out of memory");
	if (stat(path, &node) < 0)
		return error_errno(err, "device rule \"%s\": %s on the host", text, path);
	if (!S_ISCHR(node.st_mode) && !S_ISBLK(node.st_mode))
		return error_set(err, "device rule \"%s\": %s is no device", text, path);
	rule->type = S_ISBLK(node.st_mode) ? "b" : "c";
	rule->major = (struct opt_int){ true, (int64_t)major(node.st_rdev) };
	rule->minor = (struct opt_int){ true, (int64_t)minor(node.st_rdev) };
	change->path = path;
	change->must_have_node = true;
	return 0;
}

int device_change_parse(const char *text, bool allow, struct device_change *change,
			struct arena *arena, struct error *err)
{
	*change = (struct device_change){ .text = text, .rule.allow = allow };
	return text[0] == '/' ? parse_path(text, change, arena, err)
			      : parse_numbers(text, change, arena, err);
}

static int open_root(const struct process_identity *init, struct error *err)
{
	char root_name[32];
	autofd root = -1;

	(void)snprintf(root_name, sizeof(root_name), "/proc/%d/root", init->pid);
	root = open(root_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, "root directory of the container");
	if (process_probe(init) != 1) /* then it may be another's by now */
		return error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running");
	return fd_take(&root);
}

/* The directory of the node below init's root. */
static int open_parent(const struct process_identity *init, const char *path, char *name,
		       struct error *err)
{
	autofd root = open_root(init, err);

	return root < 0 ? -1 : path_make_parent(root, path, name, err);
}

static bool is_device(const struct stat *found, mode_t type, dev_t device)
{
	return (found->st_mode & S_IFMT) == type && found->st_rdev == device;
}

static int refuse_other(struct error *err)
{
	return error_set(err, "the container has something else there");
}

/* There no device opens, whatever the rules say (mount(2), MS_NODEV). */
static int refuse_nodev(int fd, struct error *err)
{
	struct statfs filesystem;

	if (fstatfs(fd, &filesystem) == 0 && (filesystem.f_flags & ST_NODEV))
		return error_set(err, "the container has a file system there that is mounted "
				      "nodev: no device opens on it");
	return 0;
}

int device_node_find(const struct process_identity *init, const struct device_change *change,
		     struct error *err)
{
	const struct device_rule *rule = &change->rule;
	const dev_t device = makedev((unsigned)rule->major.value, (unsigned)rule->minor.value);
	autofd root = open_root(init, err);
	autofd node = -1;
	struct stat found;

	if (root < 0)
		return -1;
	node = path_open_quiet(root, change->path, O_PATH | O_NOFOLLOW);
	if (node < 0 || fstat(node, &found) < 0)
		return 0;
	if (is_device(&found, rule->type[0] == 'b' ? S_IFBLK : S_IFCHR, device))
		return refuse_nodev(node, err) < 0 ? -1 : 1;
	return S_ISREG(found.st_mode) && found.st_size == 0 ? 0 : refuse_other(err);
}

static int make_node(int parent, const char *name, const struct device_change *change, mode_t type,
		     dev_t device, struct error *err)
{
	struct stat host;
	mode_t mode = 0666, mask;

	if (refuse_nodev(parent, err) < 0)
		return -1;
	if (stat(change->path, &host) == 0 && is_device(&host, type, device))
		mode = host.st_mode & 0777;
	mask = umask(0); /* chmod(2) afterwards could meet something else under the name */
	if (mknodat(parent, name, type | mode, device) < 0)
		return error_errno(err, "make the node in the container");
	(void)umask(mask);
	return 1;
}

int device_node_make(const struct process_identity *init, const struct device_change *change,
		     struct error *err)
{
	const struct device_rule *rule = &change->rule;
	const mode_t type = rule->type[0] == 'b' ? S_IFBLK : S_IFCHR;
	const dev_t device = makedev((unsigned)rule->major.value, (unsigned)rule->minor.value);
	char name[NAME_MAX + 1];
	struct stat found;
	autofd parent = open_parent(init, change->path, name, err);
	autofd node = -1;

	if (parent < 0)
		return -1;
	node = path_open_quiet(parent, name, O_PATH | O_NOFOLLOW);
	if (node < 0)
		return make_node(parent, name, change, type, device, err);
	if (fstat(node, &found) < 0 || !is_device(&found, type, device))
		return refuse_other(err);
	return refuse_nodev(node, err);
}

void device_node_remove(const struct process_identity *init, const struct device_change *change)
{
	char name[NAME_MAX + 1];
	struct error ignored;
	autofd parent = open_parent(init, change->path, name, &ignored);

	if (parent >= 0)
		(void)unlinkat(parent, name, 0); /* the cause of the undo is what the user reads */
}
