/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options before the command, and what becomes of them. Engines pass --systemd-cgroup to create
 * alone and expect the other commands to know; whoever makes a container records its manager.
 *
 * syscalls: geteuid getpid getcwd openat read stat access
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/path.h"
#include "base/process.h"
#include "base/string.h"
#include "base/table.h"
#include "runtime/commands/global.h"

#define ROW(member) .offset = offsetof(struct globals, member)

static const struct option rows[] = {
	{ .name = "root",
	  .kind = OPTION_TEXT,
	  ROW(root),
	  .value = "DIR",
	  .help = "directory for the state of containers (default: " DEFAULT_ROOT
		  ", $XDG_RUNTIME_DIR/minirun for users)" },
	{ .name = "log",
	  .kind = OPTION_TEXT,
	  ROW(log),
	  .value = "DEST",
	  .help = "log to [file:]PATH, journald:ID or syslog:ID (default: standard error)" },
	{ .name = "log-format",
	  .kind = OPTION_TEXT,
	  ROW(log_format),
	  .value = "FORMAT",
	  .help = "text or json (default: text)",
	  .choices = "text json" },
	{ .name = "log-level",
	  .kind = OPTION_TEXT,
	  ROW(log_level),
	  .value = "LEVEL",
	  .help = "error, warning, info or debug (default: error)",
	  .choices = "error warning info debug" },
	{ .name = "debug",
	  .kind = OPTION_FLAG,
	  ROW(debug),
	  .help = "the same as --log-level debug" },
	{ .name = "systemd-cgroup",
	  .kind = OPTION_FLAG,
	  ROW(systemd_cgroup),
	  .help = "the same as --cgroup-manager systemd" },
	{ .name = "cgroup-manager",
	  .kind = OPTION_TEXT,
	  ROW(cgroup_manager),
	  .value = "NAME",
	  .help = "cgroupfs, systemd or disabled (default: cgroupfs)",
	  .choices = "cgroupfs disabled systemd" },
	{ .name = "rootless",
	  .kind = OPTION_TEXT,
	  ROW(rootless),
	  .value = "BOOL",
	  .help = "true, false or auto: state below the user's directory, a cgroup only where "
		  "permitted (default: auto)",
	  .choices = "true false auto" },
	{ .name = "criu",
	  .kind = OPTION_TEXT,
	  ROW(criu),
	  .value = "PATH",
	  .help = "criu(8) for checkpoint and restore (default: the installed one)" },
	{ .name = "version",
	  .letter = 'v',
	  .kind = OPTION_FLAG,
	  ROW(version),
	  .help = "print the version (also -V)" },
	{ .name = "version", .letter = 'V', .kind = OPTION_FLAG, ROW(version) },
};
const struct option_table global_options = OPTION_TABLE(rows);

static const struct {
	const char *name;
	enum log_level level;
} levels[] = {
	{ "error", LOG_LEVEL_ERROR },  { "warning", LOG_LEVEL_WARNING },
	{ "warn", LOG_LEVEL_WARNING }, { "info", LOG_LEVEL_INFO },
	{ "debug", LOG_LEVEL_DEBUG },
};

static int parse_level(const char *name, enum log_level *level, struct error *err)
{
	table_for_each (row, levels) {
		if (strcmp(row->name, name) == 0) {
			*level = row->level;
			return 0;
		}
	}
	return error_set(err, "invalid log-level \"%s\": expected error, warning, info or debug",
			 name);
}

int globals_log(const struct globals *globals, struct log_settings *log, struct error *err)
{
	*log = (struct log_settings){ LOG_FORMAT_TEXT, LOG_LEVEL_ERROR };
	if (string_equal(globals->log_format, "json"))
		log->format = LOG_FORMAT_JSON;
	else if (globals->log_format && strcmp(globals->log_format, "text") != 0)
		return error_set(err, "invalid log-format \"%s\": expected text or json",
				 globals->log_format);
	if (globals->log_level && parse_level(globals->log_level, &log->level, err) < 0)
		return -1;
	if (globals->debug)
		log->level = LOG_LEVEL_DEBUG;
	return 0;
}

static int choose_permission(const struct globals *globals, struct settings *settings,
			     struct error *err)
{
	static const struct {
		const char *name;
		enum cgroup_permission permission;
	} words[] = {
		{ "auto", CGROUP_PERMISSION_AUTO },
		{ "true", CGROUP_PERMISSION_OPTIONAL },
		{ "false", CGROUP_PERMISSION_REQUIRED },
	};

	settings->cgroup.permission = CGROUP_PERMISSION_AUTO;
	if (!globals->rootless)
		return 0;
	table_for_each (row, words) {
		if (strcmp(row->name, globals->rootless) == 0) {
			settings->cgroup.permission = row->permission;
			return 0;
		}
	}
	return error_set(err,
			 "invalid value \"%s\" for flag --rootless: expected true, false or auto",
			 globals->rootless);
}

/* Root of a user namespace: where its caller's runtime directory is known, or where /run is the
 * host's. In a container with a /run of its own it is root like any other. */
static bool is_root_elsewhere(const struct environment *environment)
{
	return (environment->xdg_runtime_dir || access("/run", W_OK) < 0) &&
	       process_in_user_namespace();
}

static bool is_rootless(const struct settings *settings, const struct environment *environment)
{
	if (settings->cgroup.permission != CGROUP_PERMISSION_AUTO)
		return settings->cgroup.permission == CGROUP_PERMISSION_OPTIONAL;
	return geteuid() != 0 || is_root_elsewhere(environment);
}

static int out_of_memory(struct error *err)
{
	return error_set(err, "out of memory");
}

static int given_root(const char *root, struct settings *settings, struct arena *arena,
		      struct error *err)
{
	char clean[PATH_MAX], directory[PATH_MAX];

	if (*root == '\0')
		return error_set(err, "option --root: the path is empty");
	if (*root != '/' && !getcwd(directory, sizeof(directory)))
		return error_errno(err, "option --root: the current directory");
	/* links are the caller's own way to name it, so the path isn't cleaned, only looked at */
	settings->root = *root == '/' ? arena_string(arena, root)
				      : arena_format(arena, "%s/%s", directory, root);
	if (!settings->root)
		return out_of_memory(err);
	if (!path_clean(settings->root, clean))
		return error_set(err, "option --root: the path is too long");
	if (strcmp(clean, "/") == 0)
		return error_set(err, "option --root must not be /");
	return 0;
}

/* A name in /tmp that anybody may take before us. It is made with 0700, opened without following a
 * link, and refused unless it is ours alone (store.c); the sticky bit keeps it from being replaced
 * afterwards. */
static int shared_root(struct settings *settings, struct arena *arena, struct error *err)
{
	struct stat attributes;

	if (stat("/tmp", &attributes) < 0)
		return error_errno(err, "no place for the state of containers: give --root or set "
					"XDG_RUNTIME_DIR to an absolute path: /tmp");
	if ((attributes.st_mode & S_IWOTH) && !(attributes.st_mode & S_ISVTX))
		return error_set(err, "no place for the state of containers: give --root or set "
				      "XDG_RUNTIME_DIR to an absolute path: in /tmp, which has no "
				      "sticky bit, anybody could replace it");
	settings->root = arena_format(arena, "/tmp/minirun-%u", (unsigned)geteuid());
	return settings->root ? 0 : out_of_memory(err);
}

/* NULL if a user's state may be there, else why not. What isn't there may not be made by us:
 * whoever sets it says who makes it (pam_systemd(8)); what is somebody else's is what sudo(8) and
 * su(1) leave. */
static const char *why_not(const char *directory)
{
	struct stat attributes;

	if (*directory != '/')
		return "isn't absolute";
	if (stat(directory, &attributes) < 0)
		return error_reason(errno);
	if (!S_ISDIR(attributes.st_mode))
		return "is no directory";
	return attributes.st_uid == geteuid() ? NULL : "belongs to another user";
}

static int user_root(const struct environment *environment, struct settings *settings,
		     struct arena *arena, struct error *err)
{
	const char *given = environment->xdg_runtime_dir;
	/* where pam_systemd(8) would have told it */
	const char *usual = arena_format(arena, "/run/user/%u", (unsigned)geteuid());
	const char *reason = given ? why_not(given) : NULL;
	const char *directory = given && !reason ? given : usual;

	if (!usual)
		return out_of_memory(err);
	if (directory == usual && why_not(usual)) {
		if (shared_root(settings, arena, err) < 0)
			return -1;
	} else {
		settings->root = arena_format(arena, "%s/minirun", directory);
		if (!settings->root)
			return out_of_memory(err);
	}
	if (reason)
		log_warning("XDG_RUNTIME_DIR: %s %s: the state is in %s", given, reason,
			    settings->root);
	return 0;
}

static int choose_root(const struct globals *globals, const struct environment *environment,
		       struct settings *settings, struct arena *arena, struct error *err)
{
	settings->root_is_default = !globals->root;
	if (globals->root)
		return given_root(globals->root, settings, arena, err);
	if (is_rootless(settings, environment))
		return user_root(environment, settings, arena, err);
	settings->root = DEFAULT_ROOT;
	return 0;
}

static int choose_manager(const struct globals *globals, struct settings *settings,
			  struct error *err)
{
	static const struct {
		const char *name;
		enum cgroup_manager manager;
	} managers[] = {
		{ "cgroupfs", CGROUP_MANAGER_CGROUPFS },
		{ "systemd", CGROUP_MANAGER_SYSTEMD },
		{ "disabled", CGROUP_MANAGER_DISABLED },
	};

	settings->cgroup.manager =
		globals->systemd_cgroup ? CGROUP_MANAGER_SYSTEMD : CGROUP_MANAGER_CGROUPFS;
	if (!globals->cgroup_manager)
		return 0;
	/* conmon passes both for a container without cgroup: the name says more */
	table_for_each (row, managers) {
		if (strcmp(row->name, globals->cgroup_manager) == 0) {
			settings->cgroup.manager = row->manager;
			return 0;
		}
	}
	return error_set(err,
			 "invalid value \"%s\" for flag --cgroup-manager: expected cgroupfs, "
			 "systemd or disabled",
			 globals->cgroup_manager);
}

/* sd_listen_fds(3): the variables are for the process with this pid alone. */
static int choose_listen_fds(const struct environment *environment, struct settings *settings,
			     struct error *err)
{
	uint64_t pid, count;

	if (!environment->listen_fds || !environment->listen_pid ||
	    !string_to_uint(environment->listen_pid, INT_MAX, &pid) || (pid_t)pid != getpid())
		return 0;
	if (!string_to_uint(environment->listen_fds, INT_MAX - 3, &count))
		return error_set(err, "LISTEN_FDS: \"%s\" is not a number of descriptors",
				 environment->listen_fds);
	settings->listen_fds = (int)count;
	return 0;
}

int globals_settings(const struct globals *globals, const struct environment *environment,
		     struct settings *settings, struct arena *arena, struct error *err)
{
	*settings = (struct settings){
		.cgroup.runtime_dir = environment->xdg_runtime_dir,
		.cgroup.session_bus = environment->dbus_session_bus_address,
	};
	if (choose_permission(globals, settings, err) < 0 ||
	    choose_root(globals, environment, settings, arena, err) < 0 ||
	    choose_manager(globals, settings, err) < 0 ||
	    choose_listen_fds(environment, settings, err) < 0)
		return -1;
	if (environment->notify_socket && *environment->notify_socket)
		settings->notify_socket = environment->notify_socket;
	settings->criu = globals->criu;
	return 0;
}
