/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The plan as a script: the same rows in the same order, by the tools that an administrator has.
 * The script calls itself in the new namespaces. What these tools can't do (a seccomp filter,
 * pivot_root(2) without losing the tools) stands in it as a comment.
 *
 * syscalls: none
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "runtime/commands/explain_plan.h"
#include "runtime/process/process.h"

struct script {
	struct buffer *out;
	const struct creation *creation;
	struct arena *arena;
};

static const char *quoted(const struct script *script, const char *text)
{
	const char *word = shell_quote(script->arena, text);

	if (!word)
		script->out->failed = true;
	return word ? word : "''";
}

static const struct {
	uint64_t flag;
	const char *option;
} namespace_options[] = {
	{ CLONE_NEWUSER, "user" }, { CLONE_NEWCGROUP, "cgroup" }, { CLONE_NEWIPC, "ipc" },
	{ CLONE_NEWUTS, "uts" },   { CLONE_NEWNET, "net" },	  { CLONE_NEWPID, "pid" },
	{ CLONE_NEWNS, "mount" },  { CLONE_NEWTIME, "time" },
};

static bool makes_user_namespace(const struct script *script)
{
	return (script->creation->namespaces.create & CLONE_NEWUSER) != 0;
}

/* --- the head -----------------------------------------------------------------------------------
 */

static void print_head(const struct script *script)
{
	const struct creation *creation = script->creation;

	buffer_format(
		script->out,
		"#!/bin/sh\n"
		"# A container by hand, as root: what `minirun run` does for a bundle, step by\n"
		"# step, with util-linux, iproute2 and capsh (libcap2-bin). Printed by\n"
		"# `minirun explain --format sh`. For images that you trust only: a shell follows\n"
		"# symbolic links in them out to the host, and the tools run with the program's\n"
		"# environment (LD_PRELOAD); with minirun they can't do either.\n"
		"set -eu\n\nROOT=%s\n",
		quoted(script, creation->rootfs.path));
	if (creation->cgroup_plan.place.path)
		buffer_format(script->out, "CGROUP=%s\n",
			      quoted(script, creation->cgroup_plan.place.path));
	buffer_add(script->out, "\n# place SOURCE TARGET: a mount point of the source's kind\n"
				"place() {\n"
				"\tif [ -e \"$1\" ] && [ ! -d \"$1\" ]; then\n"
				"\t\tmkdir -p \"${2%/*}\"\n"
				"\t\t[ -e \"$2\" ] || : >\"$2\"\n"
				"\telse\n"
				"\t\tmkdir -p \"$2\"\n"
				"\tfi\n"
				"}\n"
				"mask() {\n"
				"\tif [ -d \"$1\" ]; then\n"
				"\t\tmount -t tmpfs -o "
				"ro,nosuid,nodev,noexec,size=4k,nr_inodes=2,mode=555 tmpfs \"$1\"\n"
				"\telif [ -e \"$1\" ]; then\n"
				"\t\tmount --bind -o ro,nosuid,noexec /dev/null \"$1\"\n"
				"\tfi\n"
				"}\n"
				"protect() {\n"
				"\t[ -e \"$1\" ] || return 0\n"
				"\tmount --bind \"$1\" \"$1\"\n"
				"\tmount -o remount,bind,ro \"$1\"\n"
				"}\n");
}

/* --- rows that are one command each -------------------------------------------------------------
 */

static const char *const elsewhere[] = {
	/* in the lines that start the program, or in those that enter the namespaces */
	"parent.clone",
	"parent.id-maps",
	"init.join-namespaces",
	"init.become-root",
	"init.pivot",
	"init.working-directory",
	"init.executable",
	"init.user",
	"init.user-joined-pid-namespace",
	"init.exec",
	"init.home",
	/* between processes of minirun's own */
	"parent.state-directory",
	"parent.journal",
	"parent.config-copy",
	"parent.start-socket",
	"parent.mount-sources",
	"parent.console-socket",
	"parent.stage",
	"parent.identity",
	"parent.late-cgroup",
	"parent.cgroup-keeper",
	"parent.host-ready",
	"parent.await-created",
	"parent.commit",
	"parent.committed",
	"init.lifeline",
	"init.await-host",
	"init.descriptors",
	"init.created",
	"init.verify-mounts",
	"init.verify-user",
	"init.pid-namespace",
	"init.enter-pid-namespace",
	"init.verify-user-joined-pid-namespace",
	"init.standard-streams",
};

static bool is_elsewhere(const char *id)
{
	for (size_t i = 0; i < ARRAY_SIZE(elsewhere); i++)
		if (strcmp(elsewhere[i], id) == 0)
			return true;
	return false;
}

/* Not one of the tools above can do it, or each would do it to itself. */
static void print_comment(const struct script *script, const char *id, const struct step *step)
{
	buffer_format(script->out, "\n\t# %s: %s\n\t# (not done here)\n", id,
		      step->shell ? step->shell : step->calls);
}

static void print_rows(const struct script *script, const struct step_table *table)
{
	struct timeline_row rows[TIMELINE_MAX];
	const size_t count = steps_timeline(script->creation, rows);

	for (size_t i = 0; i < count; i++) {
		struct details details = { .arena = script->arena };
		bool any = false;
		char id[64];

		step_id(&rows[i], id, sizeof(id));
		if (rows[i].table != table || is_elsewhere(id))
			continue;
		explain_details(script->creation, rows[i].step, table, &details);
		script->out->failed |= details.failed;
		for (size_t d = 0; d < details.count; d++) {
			if (!details.items[d].shell)
				continue;
			if (!any)
				buffer_format(script->out, "\n\t# %s\n", id);
			any = true;
			buffer_format(script->out, "\t%s\n", details.items[d].shell);
		}
		if (!any)
			print_comment(script, id, rows[i].step);
	}
}

/* --- from the host into the namespaces ----------------------------------------------------------
 */

static void print_map(const struct script *script, const struct id_mapping_list *list,
		      const char *file)
{
	buffer_add(script->out, "\tprintf '");
	for (size_t i = 0; i < list->count; i++)
		buffer_format(script->out, "%u %u %u\\n", list->items[i].container_id,
			      list->items[i].host_id, list->items[i].size);
	buffer_format(script->out, "' >\"/proc/$pid/%s\"\n", file);
}

static void print_entering(const struct script *script)
{
	const struct creation *creation = script->creation;
	const struct linux_spec *linux = &creation->spec.linux;
	bool joins = false;

	for (size_t i = 0; i < linux->namespaces.count; i++) {
		const struct namespace_spec *item = &linux->namespaces.items[i];

		if (!item->path)
			continue;
		buffer_format(script->out, "%s --%s=%s", joins ? "" : "nsenter",
			      strcmp(item->type, "network") == 0 ? "net" : item->type,
			      quoted(script, item->path));
		joins = true;
	}
	if (joins)
		buffer_add(script->out, " ");
	buffer_add(script->out, "unshare");
	for (size_t i = 0; i < ARRAY_SIZE(namespace_options); i++)
		if (creation->namespaces.create & namespace_options[i].flag)
			buffer_format(script->out, " --%s", namespace_options[i].option);
	if (makes_user_namespace(script))
		buffer_add(script->out, " --keep-caps");
	if (linux->time_offsets.monotonic.present)
		buffer_format(script->out, " --monotonic %lld",
			      (long long)linux->time_offsets.monotonic.secs);
	if (linux->time_offsets.boottime.present)
		buffer_format(script->out, " --boottime %lld",
			      (long long)linux->time_offsets.boottime.secs);
	buffer_add(script->out, " --fork --kill-child sh \"$0\"");
}

/* A shell runs a trap at once only while it waits for what runs beside it, and unshare(1) hands no
 * signal on: the container is ended from here. */
static void print_ending(const struct script *script)
{
	const bool cgroup = script->creation->cgroup_plan.place.path != NULL;

	buffer_add(script->out,
		   "\n# ending STATUS: a signal that ends this shell ends the container\n"
		   "ending() {\n"
		   "\ttrap '' HUP INT QUIT TERM\n");
	if (cgroup)
		buffer_add(script->out,
			   "\tkill -KILL \"${!-}\" 2>/dev/null || :\n"
			   "\techo 1 >\"$CGROUP/cgroup.kill\"\n"
			   "\twait\n"
			   "\twhile grep -q 'populated 1' \"$CGROUP/cgroup.events\"; do\n"
			   "\t\tsleep 0.1\n\tdone\n"
			   "\trmdir \"$CGROUP\"\n");
	else
		buffer_add(script->out,
			   "\tpid=${!-}\n"
			   "\tchild=$(cat \"/proc/$pid/task/$pid/children\" 2>/dev/null) || :\n"
			   "\t# shellcheck disable=SC2086\n"
			   "\tkill -KILL $pid $child 2>/dev/null || :\n"
			   "\twait\n");
	buffer_add(script->out, "\texit \"$1\"\n}\n");
}

static void print_outside(const struct script *script)
{
	const struct creation *creation = script->creation;
	const bool maps = makes_user_namespace(script);
	const bool cgroup = creation->cgroup_plan.place.path != NULL;

	print_ending(script);
	buffer_add(script->out, "\noutside() {");
	print_rows(script, &parent_table);
	buffer_add(script->out,
		   "\n\t# parent.clone: the shell enters the cgroup, its child is born in it\n"
		   "\tstatus=0\n"
		   "\texec 3<&0 # what runs beside a shell loses its input\n"
		   "\ttrap 'ending 129' HUP\n"
		   "\ttrap 'ending 130' INT\n"
		   "\ttrap 'ending 131' QUIT\n"
		   "\ttrap 'ending 143' TERM\n"
		   "\tsh -c '");
	if (cgroup)
		buffer_add(script->out, "echo $$ >\"$1/cgroup.procs\"; ");
	buffer_add(script->out, "shift; exec \"$@\"' sh ");
	buffer_add(script->out, cgroup ? "\"$CGROUP\" \\\n\t\t" : "- \\\n\t\t");
	print_entering(script);
	buffer_add(script->out, maps ? " mapped" : " inside");
	buffer_add(script->out, " <&3 3<&- &\n"
				"\tpid=$!\n");
	if (maps) {
		buffer_add(script->out,
			   "\n\t# parent.id-maps: once unshare has made the namespace\n"
			   "\tuntil [ \"$(readlink \"/proc/$pid/ns/user\")\" != "
			   "\"$(readlink /proc/self/ns/user)\" ]; do\n\t\tsleep 0.1\n\tdone\n");
		print_map(script, &creation->spec.linux.uid_mappings, "uid_map");
		print_map(script, &creation->spec.linux.gid_mappings, "gid_map");
	}
	buffer_add(script->out, "\twait \"$pid\" || status=$?\n");
	if (cgroup)
		buffer_add(script->out, "\trmdir \"$CGROUP\"\n");
	buffer_add(script->out, "\texit \"$status\"\n}\n");
	if (maps)
		buffer_add(
			script->out,
			"\n# In the user namespace, but nobody yet: uid 0 is who the map says.\n"
			"mapped() {\n"
			"\tuntil [ -n \"$(cat /proc/self/gid_map)\" ]; do\n\t\tsleep 0.1\n\tdone\n"
			"\texec setpriv --reuid 0 --regid 0 --clear-groups sh \"$0\" inside\n}\n");
}

/* --- the program --------------------------------------------------------------------------------
 */

static void add_names(struct buffer *out, uint64_t set)
{
	bool any = false;

	for (int i = 0; i < capability_count(); i++) {
		const char *name = capability_name(i);

		if (!(set & (UINT64_C(1) << i)) || !name)
			continue;
		buffer_add(out, any ? "," : "");
		for (; *name; name++)
			buffer_format(out, "%c", *name >= 'A' && *name <= 'Z' ? *name + 32 : *name);
		any = true;
	}
}

static void add_clause(struct buffer *out, uint64_t set, const char *flag)
{
	if (!set)
		return;
	buffer_add(out, " ");
	add_names(out, set);
	buffer_format(out, "+%s", flag);
}

static void print_capabilities(const struct script *script)
{
	const uint64_t *set = script->creation->capabilities.set;
	const uint64_t all = (UINT64_C(1) << capability_count()) - 1;
	const uint64_t dropped = all & ~set[CAPABILITY_BOUNDING];
	const struct user_spec *user = &script->creation->spec.process.user;
	struct buffer *out = script->out;

	if (dropped) {
		buffer_add(out, " \\\n\t\t--drop=");
		add_names(out, dropped);
	}
	buffer_format(out, " \\\n\t\t--gid=%u --keep=1 --uid=%u \\\n\t\t--caps='=", user->gid,
		      user->uid);
	add_clause(out, set[CAPABILITY_PERMITTED], "p");
	add_clause(out, set[CAPABILITY_EFFECTIVE], "e");
	add_clause(out, set[CAPABILITY_INHERITABLE], "i");
	buffer_add(out, "' --keep=0");
	if (set[CAPABILITY_AMBIENT]) {
		buffer_add(out, " --addamb=");
		add_names(out, set[CAPABILITY_AMBIENT]);
	}
	if (script->creation->spec.process.no_new_privileges)
		buffer_add(out, " --no-new-privs");
}

static void print_search(const struct script *script)
{
	const struct process_spec *process = &script->creation->spec.process;
	const char *path = "";

	for (size_t i = 0; i < process->env.count; i++)
		if (string_starts_with(process->env.items[i], "PATH="))
			path = process->env.items[i] + strlen("PATH=");
	buffer_format(script->out,
		      "\n\t# init.executable: as execvp(3) finds it\n\tprogram=%s\n"
		      "\tcase $program in\n\t*/*) ;;\n\t*)\n"
		      "\t\tfor directory in $(echo %s | tr : ' '); do\n"
		      "\t\t\tif [ -x \"$ROOT$directory/$program\" ] || "
		      "[ -L \"$ROOT$directory/$program\" ]; then\n"
		      "\t\t\t\tprogram=$directory/$program\n\t\t\t\tbreak\n\t\t\tfi\n\t\tdone ;;\n"
		      "\tesac\n",
		      quoted(script, process->args.items[0]), quoted(script, path));
}

static void print_program(const struct script *script)
{
	const struct process_spec *process = &script->creation->spec.process;
	const bool elsewhere_cwd = strcmp(process->cwd, "/") != 0;
	struct buffer *out = script->out;
	bool has_home = false;

	print_search(script);
	buffer_format(out,
		      "\n\t# init.home: of the root's password file\n"
		      "\thome=$(awk -F: '$3 == %u { print $6; exit }' \"$ROOT/etc/passwd\" "
		      "2>/dev/null || :)\n",
		      process->user.uid);
	buffer_format(
		out,
		"\n\t# init.pivot, user, exec: chroot stands in for pivot_root(2), with which "
		"these tools\n\t# would be gone; a seccomp filter can't be loaded by any\n"
		"\tumask %04o\n\tcapsh=$(command -v capsh)\n\tsetpriv=$(command -v setpriv)\n"
		"\texec 3<&-\n\t# what runs beside a shell ignores the keyboard's signals\n"
		"\texec env -i --default-signal=INT,QUIT --",
		process->user.umask.present ? (unsigned)process->user.umask.value : 022);
	for (size_t i = 0; i < process->env.count; i++) {
		has_home |= string_starts_with(process->env.items[i], "HOME=");
		buffer_format(out, " %s", quoted(script, process->env.items[i]));
	}
	if (!has_home)
		buffer_add(out, " HOME=\"${home:-/}\"");
	buffer_add(out, " \\\n\t\t\"$setpriv\"");
	if (process->user.additional_gids.count == 0)
		buffer_add(out, " --clear-groups");
	for (size_t i = 0; i < process->user.additional_gids.count; i++)
		buffer_format(out, "%s%u", i ? "," : " --groups ",
			      process->user.additional_gids.items[i]);
	buffer_add(out, " \"$capsh\" --chroot=\"$ROOT\"");
	print_capabilities(script);
	if (elsewhere_cwd)
		buffer_format(out,
			      " \\\n\t\t--shell=/bin/sh -- -c 'cd \"$0\" && exec \"$@\"' %s "
			      "\"$program\"",
			      quoted(script, process->cwd));
	else
		buffer_add(out, " \\\n\t\t--shell=\"$program\" --");
	for (size_t i = 1; i < process->args.count; i++)
		buffer_format(out, " %s", quoted(script, process->args.items[i]));
	buffer_add(out, "\n");
}

void explain_script(struct buffer *out, const struct creation *creation)
{
	const struct script script = { out, creation, (struct arena *)&creation->arena };

	print_head(&script);
	print_outside(&script);
	buffer_add(out, "\ninside() {");
	print_rows(&script, &init_table);
	if (creation->spec.process.present && creation->spec.process.args.count > 0)
		print_program(&script);
	buffer_add(out, "}\n\n\"${1-outside}\"\n");
}
