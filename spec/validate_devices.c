/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.devices: a path is one device, and the default ones are what their names promise.
 *
 * config-linux.md#devices, mknod(2), null(4), random(4), tty(4). syscalls: none
 */
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "base/table.h"
#include "spec/default_devices.h"
#include "spec/validate.h"

static const struct {
	const char *path;
	unsigned major, minor;
} defaults[] = {
	{ "/dev/null", 1, 3 },	 { "/dev/zero", 1, 5 },	   { "/dev/full", 1, 7 },
	{ "/dev/random", 1, 8 }, { "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
};

const char *default_device(size_t n, unsigned *major, unsigned *minor)
{
	if (n >= ARRAY_SIZE(defaults))
		return NULL;
	*major = defaults[n].major;
	*minor = defaults[n].minor;
	return defaults[n].path;
}

static mode_t type_of(const struct device_spec *device)
{
	switch (*device->type) {
	case 'b':
		return S_IFBLK;
	case 'p':
		return S_IFIFO;
	default: /* "c" and its old name "u" */
		return S_IFCHR;
	}
}

static bool is_number(const struct device_spec *device, int64_t major, int64_t minor)
{
	return device->major.value == major && device->minor.value == minor;
}

static bool is_same(const struct device_spec *a, const struct device_spec *b)
{
	return type_of(a) == type_of(b) &&
	       (*a->type == 'p' || is_number(a, b->major.value, b->minor.value));
}

static int check_members(const struct device_spec *device, size_t i, struct error *err)
{
	const mode_t type = (mode_t)device->file_mode.value & S_IFMT;

	if (*device->type != 'p' && !device->major.present)
		return error_set(err, "/linux/devices/%zu/major: is required but missing", i);
	if (*device->type != 'p' && !device->minor.present)
		return error_set(err, "/linux/devices/%zu/minor: is required but missing", i);
	if (type != 0 && type != type_of(device))
		return error_set(err,
				 "/linux/devices/%zu/fileMode: its type bits are not those of "
				 "type \"%s\"",
				 i, device->type);
	return 0;
}

/* Not "/", "/dev/." and the like; slashes behind it are no part of it. */
static bool is_name(const char *path)
{
	size_t end = strlen(path), start;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/';)
		start--;
	return end > start && !(end - start <= 2 && strspn(path + start, ".") >= end - start);
}

/* The default devices are made, too, so another one at the name of one can't be. */
static int check_path(const struct container_spec *spec, size_t i, struct error *err)
{
	const struct device_spec *device = &spec->linux.devices.items[i];
	char path[PATH_MAX], other[PATH_MAX];

	if (!path_clean(device->path, path) || strlen(strrchr(path, '/') + 1) > NAME_MAX)
		return error_set(err, "/linux/devices/%zu/path: too long", i);
	if (!is_name(device->path))
		return error_set(err, "/linux/devices/%zu/path: \"%.64s\" doesn't end in a name", i,
				 device->path);
	table_for_each (row, defaults) {
		if (strcmp(row->path, path) != 0 && path_is_below(path, row->path))
			return error_set(err,
					 "/linux/devices/%zu/path: %s is a device, no directory", i,
					 row->path);
		if (strcmp(row->path, path) == 0 &&
		    (type_of(device) != S_IFCHR || !is_number(device, row->major, row->minor)))
			return error_set(err,
					 "/linux/devices/%zu: %s is the character device %u:%u", i,
					 row->path, row->major, row->minor);
	}
	for (size_t k = 0; k < i; k++)
		if (!is_same(device, &spec->linux.devices.items[k]) &&
		    path_clean(spec->linux.devices.items[k].path, other) &&
		    strcmp(path, other) == 0)
			return error_set(err,
					 "/linux/devices/%zu/path: %s is another device at "
					 "/linux/devices/%zu",
					 i, path, k);
	return 0;
}

int validate_devices(const struct container_spec *spec, struct report *report, struct error *err)
{
	for (size_t i = 0; i < spec->linux.devices.count; i++)
		if ((check_members(&spec->linux.devices.items[i], i, err) < 0 ||
		     check_path(spec, i, err) < 0) &&
		    !report_tell(report, err))
			return -1;
	return 0;
}
