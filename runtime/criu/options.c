/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the command line to CRIU's options.
 *
 * syscalls: access
 */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/process.h"
#include "base/string.h"
#include "base/table.h"
#include "runtime/criu/criu.h"
#include "runtime/criu/message.h"
#include "runtime/criu/program.h"
#include "seccomp/filter.h"

struct choice {
	const char *name;
	int32_t value;
};

static const struct choice cgroups_modes[] = {
	{ "soft", CRIU_CGROUPS_SOFT },
	{ "full", CRIU_CGROUPS_FULL },
	{ "strict", CRIU_CGROUPS_STRICT },
	{ "ignore", CRIU_CGROUPS_IGNORE },
};

static const struct choice network_locks[] = {
	{ "iptables", CRIU_LOCK_IPTABLES },
	{ "nftables", CRIU_LOCK_NFTABLES },
	{ "skip", CRIU_LOCK_SKIP },
};

static int choose(const char *option, const char *text, const struct choice *choices, size_t count,
		  int32_t *value, struct error *err)
{
	autobuffer names = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (strcmp(text, choices[i].name) == 0) {
			*value = choices[i].value;
			return 0;
		}
		buffer_format(&names, "%s%s", i ? ", " : "", choices[i].name);
	}
	return error_of_kind(err, ERROR_USAGE, "%s %s: must be one of %s", option, text,
			     names.failed ? "a few" : names.text);
}

int criu_plan_common(const struct criu_common *common, struct criu_options *options,
		     struct error *err)
{
	*options = (struct criu_options)CRIU_OPTIONS_INIT;
	options->log_level = 4; /* debug: the log is all that there is to learn from */
	options->manage_cgroups = true;
	options->notify_scripts = true;
	options->orphan_pts_master = true;
	options->tcp_established = common->tcp_established;
	options->ext_unix_sk = common->ext_unix_sk;
	options->shell_job = common->shell_job;
	options->file_locks = common->file_locks;
	options->auto_dedup = common->auto_dedup;
	options->link_remap = common->link_remap;
	options->lazy_pages = common->lazy_pages;
	options->cgroups_mode = CRIU_CGROUPS_SOFT;
	if (common->manage_cgroups_mode &&
	    choose("--manage-cgroups-mode", common->manage_cgroups_mode, cgroups_modes,
		   ARRAY_SIZE(cgroups_modes), &options->cgroups_mode, err) < 0)
		return -1;
	if (common->empty_ns && strcmp(common->empty_ns, "network") != 0)
		return error_of_kind(err, ERROR_USAGE, "--empty-ns %s: must be network",
				     common->empty_ns);
	options->empty_ns = common->empty_ns ? CLONE_NEWNET : 0;
	return 0;
}

static int plan_page_server(const char *text, struct criu_options *options, char *address,
			    size_t size, struct error *err)
{
	const char *colon = strrchr(text, ':');
	uint64_t port;

	if (!colon || colon == text || (size_t)(colon - text) >= size ||
	    !string_to_uint(colon + 1, 65535, &port) || port == 0)
		return error_of_kind(err, ERROR_USAGE,
				     "--page-server %s: must be ADDRESS:PORT, as in 10.0.0.2:4711",
				     text);
	(void)snprintf(address, size, "%.*s", (int)(colon - text), text);
	options->page_server = address;
	options->page_server_port = (int32_t)port;
	return 0;
}

/* CRIU makes a link of it in the directory of images. */
static int plan_parent(const struct checkpoint_options *given, struct criu_options *options,
		       struct error *err)
{
	char path[PATH_MAX];

	if (*given->parent_path == '/' || !*given->parent_path)
		return error_of_kind(err, ERROR_USAGE,
				     "invalid --parent-path %s: must be relative to --image-path",
				     given->parent_path);
	if (snprintf(path, sizeof(path), "%s/%s", given->common.image_path, given->parent_path) >=
	    (int)sizeof(path))
		return error_code(err, ENAMETOOLONG, "invalid --parent-path");
	options->parent_image = given->parent_path;
	options->track_mem = true;
	return 0;
}

int criu_plan_checkpoint(const struct checkpoint_options *given, struct criu_options *options,
			 char text[static 256], struct error *err)
{
	if (criu_plan_common(&given->common, options, err) < 0)
		return -1;
	options->log_file = "dump.log";
	options->leave_running = given->leave_running;
	options->tcp_skip_in_flight = given->tcp_skip_in_flight;
	if (given->pre_dump && given->common.lazy_pages)
		return error_of_kind(
			err, ERROR_USAGE,
			"--pre-dump and --lazy-pages don't go together: the one writes "
			"memory now, the other later");
	if (given->status_fd >= 0 && !given->common.lazy_pages)
		return error_of_kind(
			err, ERROR_USAGE,
			"--status-fd: says when lazy pages can be fetched, and there is "
			"no --lazy-pages");
	if (given->common.lazy_pages && !given->page_server)
		return error_of_kind(err, ERROR_USAGE,
				     "--lazy-pages: needs --page-server, where they are fetched");
	if (given->network_lock &&
	    choose("--network-lock", given->network_lock, network_locks, ARRAY_SIZE(network_locks),
		   &options->network_lock, err) < 0)
		return -1;
	if (given->page_server && plan_page_server(given->page_server, options, text, 256, err) < 0)
		return -1;
	return given->parent_path ? plan_parent(given, options, err) : 0;
}

/* --- what CRIU doesn't do --------------------------------------------------------------------- */

static bool has_memory_policy(const struct container_spec *spec)
{
	return spec->linux.memory_policy.present;
}

static bool has_listener(const struct container_spec *spec)
{
	return seccomp_notifies(&spec->linux.seccomp, NULL);
}

static bool is_unbindable(const struct container_spec *spec)
{
	const char *propagation = spec->linux.rootfs_propagation;

	return propagation && strcmp(propagation + (*propagation == 'r'), "unbindable") == 0;
}

int criu_check_joined(int version, enum namespace_kind kind, struct error *err)
{
	if (version >= 31600)
		return 0;
	return error_of_kind(err, ERROR_UNSUPPORTED,
			     "/linux/namespaces: criu 3.16 or newer is needed for a joined "
			     "%s namespace",
			     namespace_types[kind].type);
}

int criu_check_spec(const struct container_spec *spec, struct error *err)
{
	static const struct {
		bool (*present)(const struct container_spec *spec);
		const char *pointer, *why;
	} rows[] = {
		{ has_memory_policy, "/linux/memoryPolicy",
		  "criu doesn't keep the memory policy of processes" },
		{ has_listener, "/linux/seccomp",
		  "criu doesn't keep the listener of a filter, so calls that the agent was "
		  "notified "
		  "of would fail" },
		{ is_unbindable, "/linux/rootfsPropagation",
		  "criu binds mounts of the root to make them again, and can't from an unbindable "
		  "one" },
	};

	table_for_each (row, rows)
		if (row->present(spec))
			return error_of_kind(err, ERROR_UNSUPPORTED, "%s: %s", row->pointer,
					     row->why);
	return 0;
}

int criu_check_cgroups_mode(int32_t mode, const char *memberships, struct error *err)
{
	if (mode != CRIU_CGROUPS_FULL && mode != CRIU_CGROUPS_STRICT)
		return 0;
	for (const char *line = memberships; *line; line += *line == '\n') {
		const char *controllers = strchr(line, ':');

		if (controllers && controllers[1] != ':' &&
		    !string_starts_with(controllers + 1, "name="))
			return error_of_kind(
				err, ERROR_UNSUPPORTED,
				"--manage-cgroups-mode %s: this host has cgroups of version 1, "
				"which aren't the container's: criu would set the host's",
				mode == CRIU_CGROUPS_FULL ? "full" : "strict");
		line += strcspn(line, "\n");
	}
	return 0;
}

/* --- the program ------------------------------------------------------------------------------ */

int criu_prepare(const char *given, char path[static 4096], int *version, struct error *err)
{
	if (geteuid() != 0 || process_in_user_namespace())
		return error_of_kind(
			err, ERROR_UNSUPPORTED,
			"checkpoint and restore need the host's root: criu can't do it "
			"for a user's containers");
	if (criu_find(given, path, err) < 0 || criu_version(path, version, err) < 0)
		return -1;
	if (*version < CRIU_VERSION_MIN)
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "%s: is version %d.%d.%d, and 3.15 or newer is needed", path,
				     *version / 10000, *version / 100 % 100, *version % 100);
	return 0;
}

int criu_config_file(const char *annotation, const char **path, struct error *err)
{
	static const char *const files[] = { "/etc/criu/minirun.conf", "/etc/criu/runc.conf" };

	*path = NULL;
	if (annotation && *annotation && *annotation != '/')
		return error_of_kind(err, ERROR_CONFIG,
				     "/annotations/org.criu.config: %s: must be an absolute path",
				     annotation);
	if (annotation) {
		*path = *annotation ? annotation : NULL;
		return 0;
	}
	table_for_each (file, files) {
		if (access(*file, R_OK) == 0) {
			*path = *file;
			return 0;
		}
	}
	return 0;
}
