/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What writing the limits would come to, as far as the host tells it before there is a cgroup.
 *
 * hugetlbpage.rst, sysfs-block of the kernel's documentation. syscalls: faccessat
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/string.h"
#include "cgroups/limits.h"

/* The decimal number at text, and what comes after it. */
static bool read_number(const char *text, uint64_t *number, const char **rest)
{
	char digits[24];
	const size_t length = strspn(text, "0123456789");

	if (length >= sizeof(digits))
		return false;
	memcpy(digits, text, length);
	digits[length] = '\0';
	*rest = text + length;
	return string_to_uint(digits, UINT32_MAX, number);
}

/* "hugetlb.2MB.max": hugetlbpage.rst has a directory for each size that the host has. */
static bool is_page_size_missing(const struct cgroup_write *write)
{
	static const char all[] = "/sys/kernel/mm/hugepages";
	const char *size = strchr(write->file, '.');
	const char *unit;
	uint64_t kilobytes;
	char path[96];

	if (!write->asks || strcmp(write->controller, "hugetlb") != 0 || !size ||
	    !read_number(size + 1, &kilobytes, &unit))
		return false;
	kilobytes <<= *unit == 'G' ? 20 : *unit == 'M' ? 10 : 0;
	(void)snprintf(path, sizeof(path), "%s/hugepages-%" PRIu64 "kB", all, kilobytes);
	return faccessat(AT_FDCWD, all, F_OK, 0) == 0 && faccessat(AT_FDCWD, path, F_OK, 0) < 0 &&
	       errno == ENOENT;
}

/* "8:0 rbps=1": of whole disks /sys/dev/block has a directory without the file "partition". */
static bool is_disk_missing(const struct cgroup_write *write)
{
	static const char all[] = "/sys/dev/block";
	const int device = (int)strcspn(write->text, " ");
	char path[96];

	if (!write->asks || strcmp(write->file, "io.max") != 0 || device > 24 ||
	    faccessat(AT_FDCWD, all, F_OK, 0) < 0)
		return false;
	(void)snprintf(path, sizeof(path), "%s/%.*s", all, device, write->text);
	if (faccessat(AT_FDCWD, path, F_OK, 0) < 0)
		return errno == ENOENT;
	(void)snprintf(path, sizeof(path), "%s/%.*s/partition", all, device, write->text);
	return faccessat(AT_FDCWD, path, F_OK, 0) == 0;
}

int limits_check_files(const struct cgroup_writes *writes, struct report *report, struct error *err)
{
	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];

		if (is_page_size_missing(write))
			err->code = ENOENT;
		else if (is_disk_missing(write))
			err->code = ENODEV;
		else
			continue;
		(void)limits_explain(write, err);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}
