/* SPDX-License-Identifier: Apache-2.0 */
/*
 * update: limits and device rules of a container that lives.
 *
 * syscalls: flock, openat, read, write, renameat, mmap, munmap, those of deadline.c
 */
#include "runtime/update.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "cgroups/device_filter.h"
#include "cgroups/mark.h"
#include "cgroups/resctrl.h"
#include "cgroups/update.h"
#include "runtime/creation.h"
#include "runtime/deadline.h"
#include "runtime/destroy.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/store.h"
#include "spec/load.h"
#include "spec/resources.h"
#include "spec/validate.h"

#define LOCK_TIMEOUT 10000 /* ms */

struct update {
	const struct update_options *options;
	struct arena *arena;
	struct store store;
	struct container_info info;
	struct container_spec spec; /* the frozen config.json */
	struct resources_spec asked, old, merged;
	struct device_program *program;
	bool *made; /* which nodes; shared with who makes them; NULL: none are wanted */
	int cgroup;
};

static int load_old(struct update *update, struct error *err)
{
	autofree char *config = NULL;
	autofree char *text = NULL;
	size_t length;

	if (file_read_at(update->store.dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &config, &length, err) <
		    0 ||
	    spec_load(&update->spec, JOURNAL_CONFIG, config, length, err) < 0)
		return -1;
	update->old = update->spec.linux.resources;
	if (file_read_at(update->store.dir, JOURNAL_RESOURCES, SPEC_SIZE_MAX, &text, &length, err) <
	    0)
		return err->code == ENOENT ? 0 : -1;
	return resources_load(&update->old, JOURNAL_RESOURCES, text, length, update->arena, err);
}

/* One of the new rules says it all: without this a device that comes and goes would leave two rules
 * each time. */
static bool is_outdated(const struct device_rule *rule, const struct update_options *options)
{
	for (size_t i = 0; i < options->device_count; i++) {
		if (device_rule_covers(&options->devices[i].rule, rule))
			return true;
	}
	return false;
}

static int check_denied(const struct update_options *options, struct error *err)
{
	for (size_t i = 0; i < options->device_count; i++) {
		const struct device_change *change = &options->devices[i];

		if (!change->rule.allow && device_rule_is_default(&change->rule))
			return error_set(err,
					 "device rule \"%s\": can't be denied: every container has "
					 "the default devices, pts, tun, and mknod of anything",
					 change->text);
	}
	return 0;
}

/* The old rules and the new ones behind them, where they win. Without rules everything was allowed,
 * and is still, but for what is denied now. */
static int merge_devices(struct update *update, struct error *err)
{
	static const struct device_rule everything = { .allow = true };
	const struct update_options *options = update->options;
	struct device_rule *rules =
		arena_array(update->arena, update->old.devices.count + options->device_count + 1,
			    sizeof(*rules));
	size_t count = 0;

	if (!rules)
		return error_set(err, "out of memory");
	if (check_denied(options, err) < 0)
		return -1;
	if (update->old.devices.count == 0 && !is_outdated(&everything, options))
		rules[count++] = everything;
	for (size_t i = 0; i < update->old.devices.count; i++) {
		if (!is_outdated(&update->old.devices.items[i], options))
			rules[count++] = update->old.devices.items[i];
	}
	for (size_t i = 0; i < options->device_count; i++)
		rules[count++] = options->devices[i].rule;
	update->merged.devices.items = rules;
	update->merged.devices.count = count;
	update->merged.devices.present = true;
	update->spec.linux.resources = update->merged;
	return device_filter_compile(&update->spec, update->arena, &update->program, err);
}

static bool asks_for_shares(const struct update_options *options)
{
	return options->l3_cache_schema || options->mem_bw_schema;
}

static int plan(struct update *update, struct error *err)
{
	const struct update_options *options = update->options;

	if (load_old(update, err) < 0)
		return -1;
	update->asked = options->asked;
	spec_derive_resources(&update->spec, &update->asked);
	if (resources_merge(&update->merged, &update->old, &update->asked, update->arena, err) <
		    0 ||
	    validate_resources(&update->asked, "/linux/resources", NULL, err) < 0 ||
	    validate_resources(&update->merged, "/linux/resources", NULL, err) < 0)
		return -1;
	if (asks_for_shares(options) && !update->spec.linux.intel_rdt.present)
		return error_set(err, "the container was created without /linux/intelRdt: it has "
				      "no shares that could be changed");
	return options->device_count > 0 ? merge_devices(update, err) : 0;
}

/* What one child does. */
struct node_work {
	struct update *update;
	const struct device_change *change;
	bool *made; /* shared with the child, which may be given up later */
};

static int make_node(void *data, struct error *err)
{
	const struct node_work *work = data;
	const struct process_identity init = record_init(&work->update->info.record);
	int made;

	store_close(&work->update->store); /* this child may be held: not with the lock */
	made = device_node_make(&init, work->change, err);
	*work->made = made == 1;
	return made;
}

static int remove_node(void *data, struct error *err)
{
	const struct node_work *work = data;
	const struct process_identity init = record_init(&work->update->info.record);

	(void)err;
	store_close(&work->update->store);
	device_node_remove(&init, work->change);
	return 0;
}

static int share_made(struct update *update, struct error *err)
{
	update->made = mmap(NULL, update->options->device_count * sizeof(bool),
			    PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (update->made != MAP_FAILED)
		return 0;
	update->made = NULL;
	return error_errno(err, "memory");
}

static int make_nodes(struct update *update, struct error *err)
{
	const struct update_options *options = update->options;

	int bound;

	if (options->device_count == 0)
		return 0;
	bound = device_nodes_are_bound(update->info.pid, err);
	if (bound != 0) /* device_nodes_bind() has been there */
		return bound < 0 ? -1 : 0;
	if (share_made(update, err) < 0)
		return -1;
	for (size_t i = 0; i < options->device_count; i++) {
		struct node_work work = { update, &options->devices[i], &update->made[i] };

		if (work.change->rule.allow && work.change->path &&
		    deadline_run(make_node, &work, err) < 0)
			return error_context(err, "device %s", work.change->path);
	}
	return 0;
}

static void remove_nodes(struct update *update)
{
	struct error ignored; /* the cause of the undo is what the user reads */

	for (size_t i = 0; update->made && i < update->options->device_count; i++) {
		struct node_work work = { update, &update->options->devices[i], &update->made[i] };

		if (update->made[i])
			(void)deadline_run(remove_node, &work, &ignored);
	}
}

static int keep(const struct update *update, const struct resources_spec *resources,
		struct error *err)
{
	autobuffer text = { 0 };

	resources_write(&text, resources);
	if (text.failed)
		return error_set(err, "out of memory");
	return file_replace_at(update->store.dir, JOURNAL_RESOURCES, text.text, text.length, 0600,
			       0, err);
}

/* The group that create has put the container into. *old is what it had. */
static int write_shares(const struct update *update, int *root, char **old, struct error *err)
{
	const struct update_options *options = update->options;
	const struct intel_rdt_spec shares = {
		.present = true,
		.l3_cache_schema = options->l3_cache_schema,
		.mem_bw_schema = options->mem_bw_schema,
	};

	if (!asks_for_shares(options))
		return 0;
	*root = resctrl_open(err);
	if (*root < 0)
		return -1;
	return resctrl_change(*root, resctrl_group(&update->spec.linux.intel_rdt, options->id),
			      &shares, old, err);
}

static bool denies_something(const struct update_options *options)
{
	for (size_t i = 0; i < options->device_count; i++) {
		if (!options->devices[i].rule.allow)
			return true;
	}
	return false;
}

/* The record, and the rules, which change in one step that needs no undo. */
static int conclude(struct update *update, struct error *err)
{
	struct error ignored;

	if (keep(update, &update->merged, err) < 0)
		return -1;
	if (update->options->device_count == 0 ||
	    device_filter_replace(update->program, update->cgroup,
				  denies_something(update->options), err) == 0)
		return 0;
	(void)keep(update, &update->old, &ignored); /* the first cause counts */
	return -1;
}

/* The limits, which may fail for many reasons, come first. */
static int apply(struct update *update, const struct cgroup_place *place, struct error *err)
{
	const struct cgroup_change change = { &update->old, &update->asked, &update->merged };
	autofree char *old_shares = NULL;
	struct cgroup_undo undo;
	autofd root = -1;

	if (make_nodes(update, err) < 0 ||
	    cgroup_update(place, update->cgroup, &change, update->arena, &undo, err) < 0)
		return -1;
	if (write_shares(update, &root, &old_shares, err) == 0) {
		if (conclude(update, err) == 0)
			return 0;
		if (old_shares)
			resctrl_put_back(
				root,
				resctrl_group(&update->spec.linux.intel_rdt, update->options->id),
				old_shares, err);
	}
	cgroup_update_undo(place, update->cgroup, &undo, err);
	return -1;
}

static int update_locked(struct update *update, struct error *err)
{
	char mark[MARK_SIZE];
	const struct cgroup_place place = container_place(&update->info.record, mark);

	if (update->info.status == STATUS_STOPPED || update->info.status == STATUS_CREATING)
		return error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running");
	if (plan(update, err) < 0)
		return -1;
	if (update->cgroup < 0)
		return error_set(err, "container %s has no cgroup: there is nothing to limit it by",
				 update->info.record.id);
	if (apply(update, &place, err) == 0)
		return 0;
	remove_nodes(update);
	return -1;
}

int container_update(const struct settings *settings, const struct update_options *options,
		     struct arena *arena, struct error *err)
{
	struct update update = {
		.options = options, .arena = arena, .store = STORE_INIT, .cgroup = -1
	};
	struct device_binds binds = { .count = 0 };
	int result = -1;

	if (device_nodes_bind(settings, options, &binds, err) == 0 &&
	    store_open(&update.store, settings, options->id, err) == 0 &&
	    store_lock(&update.store, options->id, LOCK_TIMEOUT, err) == 0 &&
	    container_read(&update.store, &update.info, err) == 0 &&
	    container_open_cgroup(&update.info, &update.cgroup, err) == 0)
		result = update_locked(&update, err);
	fd_close(&update.cgroup);
	if (update.made)
		(void)munmap(update.made, options->device_count * sizeof(bool));
	spec_free(&update.spec);
	container_info_free(&update.info);
	store_close(&update.store);
	if (result < 0)
		device_nodes_unbind(settings, options, &binds);
	free(binds.mounts.text);
	return result;
}
