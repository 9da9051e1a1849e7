/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the dump did, for the restore. syscalls: unlinkat; those of base/file.c
 */
#include "runtime/criu/dumped.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/string.h"
#include "base/table.h"
#include "spec/document.h"
#include "spec/field.h"
#include "spec/json_out.h"

#define DUMPED "minirun.json"
#define DUMPED_FORMAT 2
#define INVENTORY "inventory.img"
#define SUM_SIZE 40

#define OWN "own"
#define EMPTY "empty"
#define JOINED "joined"
#define SHARED "shared"

static const char *const ways[] = { OWN, EMPTY, JOINED, SHARED, NULL };

struct file {
	int64_t format;
	const char *inventory;
	struct criu_dumped dumped;
};
static const struct field file_fields[] = {
	{ FIELD("format", struct file, format), .required = true, .min = DUMPED_FORMAT,
	  .max = DUMPED_FORMAT },
	{ FIELD("inventory", struct file, inventory), .required = true },
	{ FIELD("network", struct file, dumped.network), .required = true, .values = ways },
	{ FIELD("pid", struct file, dumped.pid), .required = true, .values = ways },
	{ .kind = FIELD_END },
};

/* FNV-1a: it tells dumps apart, nobody is kept from anything. "" where there is no inventory. */
static int sum_inventory(const struct criu_images *images, char sum[SUM_SIZE], struct error *err)
{
	autofree char *text = NULL;
	uint64_t hash = 14695981039346656037U;
	size_t length = 0;

	sum[0] = '\0';
	if (criu_images_read(images, INVENTORY, &text, &length, err) < 0)
		return -1;
	if (!text)
		return 0;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (unsigned char)text[i]) * 1099511628211U;
	(void)snprintf(sum, SUM_SIZE, "%zu-%016" PRIx64, length, hash);
	return 0;
}

static const char *way_of(const struct namespace_plan *plan, enum namespace_kind kind)
{
	if (plan->create & namespace_types[kind].flag)
		return OWN;
	return plan->fd[kind] >= 0 ? JOINED : SHARED;
}

int criu_forget_dumped(const struct criu_images *images, struct error *err)
{
	if (unlinkat(images->dir, DUMPED, 0) < 0 && errno != ENOENT)
		return error_errno(err, "remove the older %s", DUMPED);
	return 0;
}

int criu_write_dumped(const struct criu_images *images, const struct namespace_plan *plan,
		      const struct criu_options *options, struct error *err)
{
	const char *network = way_of(plan, NAMESPACE_NETWORK);
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 0);
	char sum[SUM_SIZE];

	if (sum_inventory(images, sum, err) < 0)
		return -1;
	if (string_equal(network, OWN) && options->empty_ns & CLONE_NEWNET)
		network = EMPTY;
	json_begin_object(&json, NULL);
	json_int(&json, "format", DUMPED_FORMAT);
	json_string(&json, "inventory", sum);
	json_string(&json, "network", network);
	json_string(&json, "pid", way_of(plan, NAMESPACE_PID));
	json_end_object(&json);
	if (out.failed)
		return error_code(err, ENOMEM, DUMPED);
	return file_replace_at(images->dir, DUMPED, out.text, out.length, 0600, 0, err);
}

int criu_read_dumped(const struct criu_images *images, struct criu_dumped *dumped,
		     struct arena *arena, struct error *err)
{
	struct document document = { .name = DUMPED };
	autofree char *text = NULL;
	struct file file = { 0 };
	char sum[SUM_SIZE];

	*dumped = (struct criu_dumped){ 0 };
	if (criu_images_read(images, DUMPED, &text, &document.length, err) < 0)
		return -1;
	if (!text)
		return 0;
	document.text = text;
	if (document_load(&document, file_fields, &file, arena, err) < 0)
		return error_context(err, "%s", images->path);
	if (sum_inventory(images, sum, err) < 0)
		return -1;
	if (!string_equal(sum, file.inventory))
		log_warning("%s: " DUMPED " is of another dump than the images: it isn't heeded",
			    images->path);
	else
		*dumped = file.dumped;
	return 0;
}

static bool makes_network(const struct container_spec *spec)
{
	return spec->hooks[HOOK_PRESTART].count > 0 || spec->hooks[HOOK_CREATE_RUNTIME].count > 0;
}

void criu_leave_network(const struct container_spec *spec, const struct namespace_plan *plan,
			struct criu_options *options)
{
	if (!(plan->create & CLONE_NEWNET) || (options->empty_ns & CLONE_NEWNET) ||
	    !makes_network(spec))
		return;
	options->empty_ns |= CLONE_NEWNET;
	log_info("criu leaves the network to the hooks: --empty-ns network is implied");
}

static int check_way(enum namespace_kind kind, const char *then, const struct namespace_plan *plan,
		     struct error *err)
{
	static const struct {
		const char *way, *text;
	} texts[] = {
		{ OWN, "of its own" },
		{ JOINED, "that it had joined by path" },
		{ SHARED, "that is the host's" },
	};
	const char *now = way_of(plan, kind), *type = namespace_types[kind].type;

	if (string_equal(then, EMPTY))
		then = OWN;
	if (string_equal(then, now))
		return 0;
	table_for_each (row, texts)
		if (string_equal(row->way, then))
			return error_of_kind(err, ERROR_CONFIG,
					     "/linux/namespaces: the checkpoint is of a container "
					     "with a %s namespace %s, and only with such a one can "
					     "it be restored",
					     type, row->text);
	return 0;
}

/* The dump left the network's content to others. */
static void follow_empty(const struct container_spec *spec, struct criu_options *options)
{
	if (options->empty_ns & CLONE_NEWNET)
		return;
	options->empty_ns |= CLONE_NEWNET;
	if (makes_network(spec) || spec->linux.net_devices.count > 0)
		log_info("the checkpoint is without the network: --empty-ns network is implied");
	else
		log_warning("the checkpoint is without the network, and config.json has neither "
			    "hooks nor linux.netDevices that make it: it has only a loopback "
			    "device");
}

int criu_follow_dump(const struct criu_dumped *dumped, const struct container_spec *spec,
		     const struct namespace_plan *plan, struct criu_options *options,
		     struct error *err)
{
	const char *network = dumped->network;

	if (!network) {
		criu_leave_network(spec, plan, options);
		return 0;
	}
	if (check_way(NAMESPACE_NETWORK, network, plan, err) < 0 ||
	    check_way(NAMESPACE_PID, dumped->pid, plan, err) < 0)
		return -1;
	if (string_equal(network, EMPTY)) {
		follow_empty(spec, options);
		return 0;
	}
	if (string_equal(network, OWN) && makes_network(spec) &&
	    !(options->empty_ns & CLONE_NEWNET))
		return error_of_kind(
			err, ERROR_CONFIG,
			"/hooks/%s: the checkpoint has the network's devices, which hooks would "
			"make again: restore it without them, or with --empty-ns network",
			spec->hooks[HOOK_PRESTART].count > 0 ? "prestart" : "createRuntime");
	return 0;
}
