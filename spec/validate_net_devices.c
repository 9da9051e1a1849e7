/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of linux.netDevices, as the kernel's dev_valid_name() takes them.
 *
 * netdevice(7), rtnetlink(7). syscalls: none
 */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "spec/validate.h"

#define NAME_MAX_LENGTH 15 /* IFNAMSIZ less the NUL */

/* NULL, or what is wrong with it. */
static const char *fault_of(const char *name)
{
	if (*name == '\0')
		return "is empty";
	if (strlen(name) > NAME_MAX_LENGTH)
		return "is longer than 15 bytes";
	if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return "is no name of a device";
	for (const char *at = name; *at; at++)
		if (*at == '/' || *at == ':' || isspace((unsigned char)*at))
			return "has a slash, a colon or a blank";
	if (strcmp(name, "lo") == 0)
		return "is the loopback device, which each network namespace has for itself";
	/* /proc/sys/net/ipv4/conf has directories of these names: sysctl_dev_name_is_allowed() */
	if (strcmp(name, "all") == 0 || strcmp(name, "default") == 0)
		return "is none that the kernel gives a device";
	return NULL;
}

/* "%d", once, is where the kernel puts a number. */
static bool is_template(const char *name)
{
	const char *percent = strchr(name, '%');

	return percent && percent[1] == 'd' && !strchr(percent + 1, '%');
}

static const char *name_of(const struct net_device_spec *device)
{
	return device->name ? device->name : device->host_name;
}

static int check_device(const struct container_spec *spec, size_t i, struct error *err)
{
	const struct net_device_spec *devices = spec->linux.net_devices.items;
	const char *name = name_of(&devices[i]);
	const char *fault = fault_of(devices[i].host_name);

	if (!fault && strchr(devices[i].host_name, '%'))
		fault = "has a percent sign";
	if (fault)
		return error_set(err, "/linux/netDevices: the name \"%.64s\" %s",
				 devices[i].host_name, fault);
	fault = fault_of(name);
	if (!fault && strchr(name, '%') && !is_template(name))
		fault = "has a percent sign that isn't the one of a single %d";
	if (fault)
		return error_set(err, "/linux/netDevices/%s/name: \"%.64s\" %s",
				 devices[i].host_name, name, fault);
	for (size_t k = 0; k < i; k++)
		if (!is_template(name) && strcmp(name, name_of(&devices[k])) == 0)
			return error_set(err, "/linux/netDevices/%s/name: %s also gets the name %s",
					 devices[i].host_name, devices[k].host_name, name);
	return 0;
}

int validate_net_devices(const struct container_spec *spec, struct report *report,
			 struct error *err)
{
	for (size_t i = 0; i < spec->linux.net_devices.count; i++)
		if (check_device(spec, i, err) < 0 && !report_tell(report, err))
			return -1;
	return 0;
}
