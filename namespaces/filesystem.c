/* SPDX-License-Identifier: Apache-2.0 */
/*
 * New superblocks by file descriptor.
 *
 * fsopen(2), fsconfig(2), fsmount(2), fspick(2)
 * syscalls: fsopen fsconfig fsmount fspick read openat
 */
#include "namespaces/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/string.h"
#include "base/sys.h"

#define VALUE_MAX ((size_t)255) /* what fsconfig(2) copies of a string */
#define DIRECTORY_NAME_SIZE 32	/* "/proc/self/fd/NUMBER" */

/*
 * The context's messages, one read(2) each: "e text", "w text", "i text". The last error, or else
 * the last warning, goes behind what err says. Always returns -1.
 */
static int add_reason(const struct filesystem *fs, struct error *err)
{
	char message[256], reason[256] = "";

	for (;;) {
		ssize_t length = read(fs->context, message, sizeof(message) - 1);

		if (length < 3)
			break;
		while (length > 0 && message[length - 1] == '\n')
			length--;
		message[length] = '\0';
		if (message[0] == 'e' || (message[0] == 'w' && reason[0] != 'e'))
			memcpy(reason, message, (size_t)length + 1);
	}
	if (reason[0] != '\0') {
		struct error plain = *err;

		(void)error_set(err, "%.240s (%.240s)", plain.text, reason + 2);
		err->code = plain.code;
	}
	return -1;
}

void filesystem_adopt(struct filesystem *fs, const char *type, int context)
{
	fs->context = context;
	fs->type = type;
	fs->directory_count = 0;
}

void filesystem_close(struct filesystem *fs)
{
	while (fs->directory_count > 0)
		fd_close(&fs->directories[--fs->directory_count]);
	fd_close(&fs->context);
}

int filesystem_unknown(const char *type, struct error *err)
{
	return error_of_kind(err, ERROR_UNSUPPORTED, "the kernel knows no file system \"%.64s\"",
			     type);
}

int filesystem_open(struct filesystem *fs, const char *type, struct error *err)
{
	filesystem_adopt(fs, type, fsopen(type, FSOPEN_CLOEXEC));
	if (fs->context >= 0)
		return 0;
	if (errno == ENODEV)
		return filesystem_unknown(type, err);
	return error_errno(err, "file system \"%s\"", type);
}

int filesystem_pick(struct filesystem *fs, int target, struct error *err)
{
	filesystem_adopt(fs, "", fspick(target, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH));
	return fs->context < 0 ? error_errno(err, "file system of the mount") : 0;
}

static int set_string(struct filesystem *fs, const char *key, const char *value, struct error *err)
{
	if (fsconfig(fs->context, FSCONFIG_SET_STRING, key, value, 0) == 0)
		return 0;
	(void)error_errno(err, "option \"%s=%s\"", key, value);
	return add_reason(fs, err);
}

bool filesystem_checks_parameters(const struct filesystem *fs)
{
	autofd probe = fsopen(fs->type, FSOPEN_CLOEXEC);

	return probe >= 0 && fsconfig(probe, FSCONFIG_SET_FLAG, "minirun-probe", NULL, 0) < 0;
}

/* A short name for a long path: its number in our descriptor table. These are host paths, named by
 * the configuration and seen before the pivot. */
static int name_directory(struct filesystem *fs, const char *path,
			  char name[static DIRECTORY_NAME_SIZE], struct error *err)
{
	int fd;

	if (fs->directory_count == FILESYSTEM_DIRECTORIES_MAX)
		return error_set(err, "more than %d directories", FILESYSTEM_DIRECTORIES_MAX);
	fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, "%s", path);
	fs->directories[fs->directory_count++] = fd;
	(void)snprintf(name, DIRECTORY_NAME_SIZE, "/proc/self/fd/%d", fd);
	return 0;
}

bool filesystem_next_layer(const char **list, struct buffer *layer)
{
	layer->length = 0;
	for (; **list && **list != ':'; (*list)++) {
		if (**list == '\\' && (*list)[1])
			(*list)++;
		buffer_add_bytes(layer, *list, 1);
	}
	if (**list == ':')
		(*list)++;
	return layer->length > 0;
}

/* Linux 6.7: a call for each layer, as it is called unless that is too long. */
static int append_layer(struct filesystem *fs, const char *layer, struct error *err)
{
	char name[DIRECTORY_NAME_SIZE];

	if (strlen(layer) > VALUE_MAX) {
		if (name_directory(fs, layer, name, err) < 0)
			return -1;
		layer = name;
	}
	return set_string(fs, "lowerdir+", layer, err);
}

/* Before: one list again, with short names. */
static int collect_layer(struct filesystem *fs, const char *layer, struct buffer *text,
			 struct error *err)
{
	char name[DIRECTORY_NAME_SIZE];

	if (name_directory(fs, layer, name, err) < 0)
		return -1;
	buffer_format(text, "%s%s", text->length ? ":" : "", name);
	return 0;
}

/* text NULL: append. */
static int add_layers(struct filesystem *fs, const char *list, struct buffer *text,
		      struct error *err)
{
	autobuffer layer = { 0 };

	while (*list) {
		if (!filesystem_next_layer(&list, &layer))
			return error_set(err, "option \"lowerdir\": an empty name in it");
		if (layer.failed)
			return error_set(err, "out of memory");
		if (text ? collect_layer(fs, layer.text, text, err) < 0
			 : append_layer(fs, layer.text, err) < 0)
			return -1;
	}
	return 0;
}

static int set_layers(struct filesystem *fs, const char *list, struct error *err)
{
	autobuffer text = { 0 };

	if (filesystem_checks_parameters(fs)) {
		if (add_layers(fs, list, NULL, err) == 0)
			return 0;
		if (err->code != EINVAL)
			return -1;
	}
	if (add_layers(fs, list, &text, err) < 0)
		return -1;
	if (text.failed)
		return error_set(err, "out of memory");
	if (text.length > VALUE_MAX)
		return error_set(err, "option \"lowerdir\": so many layers with long names need "
				      "Linux 6.7");
	return set_string(fs, "lowerdir", text.text, err);
}

static int set_long(struct filesystem *fs, const char *key, const char *value, struct error *err)
{
	char name[DIRECTORY_NAME_SIZE];

	if (strcmp(fs->type, "overlay") == 0) {
		if (strcmp(key, "lowerdir") == 0)
			return set_layers(fs, value, err);
		if (strcmp(key, "upperdir") == 0 || strcmp(key, "workdir") == 0) {
			if (name_directory(fs, value, name, err) < 0)
				return -1;
			return set_string(fs, key, name, err);
		}
	}
	return error_set(err, "option \"%s\": its value has %zu bytes, the kernel takes %zu", key,
			 strlen(value), VALUE_MAX);
}

int filesystem_set(struct filesystem *fs, const char *key, const char *value, struct error *err)
{
	if (value && strlen(value) > VALUE_MAX)
		return set_long(fs, key, value, err);
	if (value)
		return set_string(fs, key, value, err);
	if (fsconfig(fs->context, FSCONFIG_SET_FLAG, key, NULL, 0) == 0)
		return 0;
	(void)error_errno(err, "option \"%s\"", key);
	return add_reason(fs, err);
}

/* mount(8) takes security contexts in quotes, since they may contain commas. A parameter that
 * travels alone needs none, and the kernel would take them as part of it. */
static char *unquote(char *value)
{
	size_t length = strlen(value);

	if (length < 2 || value[0] != '"' || value[length - 1] != '"')
		return value;
	value[length - 1] = '\0';
	return value + 1;
}

int filesystem_set_option(struct filesystem *fs, const char *option, struct error *err)
{
	autobuffer copy = { 0 };
	char *equals;

	buffer_add(&copy, option);
	if (copy.failed)
		return error_set(err, "out of memory");
	equals = strchr(copy.text, '=');
	if (!equals)
		return filesystem_set(fs, option, NULL, err);
	*equals = '\0';
	return filesystem_set(fs, copy.text, unquote(equals + 1), err);
}

int filesystem_mount(struct filesystem *fs, uint64_t attributes, struct error *err)
{
	int mount;

	if (fsconfig(fs->context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0) {
		(void)error_errno(err, "make the file system");
		return add_reason(fs, err);
	}
	mount = fsmount(fs->context, FSMOUNT_CLOEXEC, (unsigned)attributes);
	if (mount < 0) {
		(void)error_errno(err, "make the mount");
		return add_reason(fs, err);
	}
	return mount;
}

int filesystem_reconfigure(struct filesystem *fs, struct error *err)
{
	if (fsconfig(fs->context, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0) == 0)
		return 0;
	(void)error_errno(err, "change the file system");
	return add_reason(fs, err);
}
