/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_GLOBAL_H
#define COMMANDS_GLOBAL_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/log.h"
#include "runtime/commands/option.h"
#include "runtime/container.h"

#define DEFAULT_ROOT "/run/minirun" /* the state root of root */

/* What minirun takes from its environment; the rest is thrown away (safety.md R18). */
struct environment {
	const char *xdg_runtime_dir;
	const char *dbus_session_bus_address;
	const char *notify_socket;
	const char *listen_fds, *listen_pid;
	const char *no_color;					  /* https://no-color.org */
	const char *path, *home, *minirun_labs, *minirun_lab_dir; /* for lab */
	const char *lc_all, *lc_ctype, *lang;			  /* whether text may be UTF-8 */
};

/* The options before the command, as they were given. */
struct globals {
	const char *root, *log, *log_format, *log_level, *cgroup_manager, *rootless, *criu;
	bool debug, systemd_cgroup, version;
};
extern const struct option_table global_options;

struct log_settings {
	enum log_format format;
	enum log_level level;
};

/* The log's options first, so that all other errors go where they belong. */
int globals_log(const struct globals *globals, struct log_settings *log, struct error *err);

/*
 * The state root: --root made absolute ("/" is refused), else /run/minirun for root and
 * $XDG_RUNTIME_DIR/minirun, /run/user/UID/minirun or /tmp/minirun-UID for others, root of a user
 * namespace among them.
 * --rootless decides for auto. Strings live in arena.
 */
int globals_settings(const struct globals *globals, const struct environment *environment,
		     struct settings *settings, struct arena *arena, struct error *err);

#endif
