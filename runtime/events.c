/* SPDX-License-Identifier: Apache-2.0 */
/*
 * events: statistics and out-of-memory kills as a stream of JSON lines. One poll(2) waits for all
 * of it: the kernel's word on memory and on the last process, init's end, the next statistics, and
 * a reader that hangs up.
 *
 * syscalls: openat, read, pread, poll, write, pidfd_open, clock_gettime, flock
 */
#include "runtime/events.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/process.h"
#include "cgroups/events.h"
#include "cgroups/resctrl.h"
#include "cgroups/resctrl_stats.h"
#include "cgroups/stats.h"
#include "runtime/destroy.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/network_stats.h"
#include "runtime/store.h"
#include "spec/json_out.h"
#include "spec/load.h"

struct stream {
	const struct events_options *options;
	struct container_info info;
	struct cgroup_watch watch;
	int resctrl; /* its root; -1: the configuration has no linux.intelRdt */
	char *group;
	int cgroup, init; /* init: its pidfd; -1 where its end isn't the container's */
	int watching;	  /* keeps the cgroup there until its last news has been read */
	int output;
};

static int write_line(const struct stream *stream, struct buffer *line, struct error *err)
{
	buffer_add(line, "\n");
	if (line->failed)
		return error_code(err, ENOMEM, "events");
	if (fd_write_all(stream->output, line->text, line->length) < 0)
		return error_errno(err, "write to standard output");
	return 0;
}

static struct json_out begin_event(struct buffer *line, const char *type, const char *id)
{
	struct json_out json = json_out(line, 0);

	json_begin_object(&json, NULL);
	json_string(&json, "type", type);
	json_string(&json, "id", id);
	return json;
}

static int write_stats(const struct stream *stream, struct error *err)
{
	autobuffer line = { 0 };
	struct json_out json = begin_event(&line, "stats", stream->options->id);

	json_begin_object(&json, "data");
	stats_write(&json, stream->cgroup);
	json_begin_object(&json, "intel_rdt");
	if (stream->resctrl >= 0)
		resctrl_stats_write(&json, stream->resctrl, stream->group,
				    stream->info.record.resctrl_monitor);
	json_end_object(&json);
	network_stats_write(&json, stream->info.pid);
	json_end_object(&json);
	json_end_object(&json);
	return write_line(stream, &line, err);
}

static int write_oom_kills(struct stream *stream, struct error *err)
{
	for (uint64_t kills = cgroup_watch_oom_kills(&stream->watch); kills > 0; kills--) {
		autobuffer line = { 0 };
		struct json_out json = begin_event(&line, "oom", stream->options->id);

		json_end_object(&json);
		if (write_line(stream, &line, err) < 0)
			return -1;
	}
	return 0;
}

static int64_t now(void)
{
	struct timespec time;

	(void)clock_gettime(CLOCK_MONOTONIC, &time); /* this clock always exists */
	return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Sleeps until something happened or the time has come. 1: the container has ended, or nobody reads
 * any more. */
static int wait_for_news(const struct stream *stream, int64_t until, struct error *err)
{
	struct pollfd entries[4] = {
		[2] = { .fd = stream->init, .events = POLLIN }, [3] = { .fd = stream->output }
	};
	const int64_t left = until - now();
	const struct timespec timeout = { .tv_sec = left > 0 ? left / 1000000000 : 0,
					  .tv_nsec = left > 0 ? left % 1000000000 : 0 };

	cgroup_watch_poll(&stream->watch, entries);
	if (ppoll(entries, 4, &timeout, NULL) < 0 && errno != EINTR)
		return error_errno(err, "wait for events");
	return entries[2].revents || entries[3].revents & POLLERR ||
	       cgroup_watch_is_empty(&stream->watch);
}

static int follow(struct stream *stream, struct error *err)
{
	int64_t next = now() + stream->options->interval;
	int ended;

	do {
		ended = wait_for_news(stream, next, err);
		/* first the kills: that of init is why the container has ended */
		if (ended < 0 || write_oom_kills(stream, err) < 0)
			return -1;
		if (ended || now() < next)
			continue;
		if (write_stats(stream, err) < 0)
			return -1;
		next += stream->options->interval;
		if (next < now()) /* stopped, or a reader that was slow: no burst afterwards */
			next = now() + stream->options->interval;
	} while (!ended);
	return 0;
}

/* A container whose pid namespace isn't its own lives on in its cgroup when init has ended. */
static int open_init(struct stream *stream, struct error *err)
{
	const struct process_identity init = record_init(&stream->info.record);

	if (!stream->info.record.private_pid_namespace)
		return 0;
	stream->init = process_open(&init);
	if (stream->init >= 0)
		return 0;
	if (errno == ESRCH)
		return error_of_kind(err, ERROR_CONTAINER_STOPPED,
				     "container with id %s is not running", stream->options->id);
	return error_errno(err, "open process %d", init.pid);
}

static int run_stream(struct stream *stream, struct error *err)
{
	const char *id = stream->options->id;

	if (stream->info.status == STATUS_STOPPED)
		return error_of_kind(err, ERROR_CONTAINER_STOPPED,
				     "container with id %s is not running", id);
	if (container_open_cgroup(&stream->info, &stream->cgroup, err) < 0)
		return -1;
	if (stream->cgroup < 0)
		return error_of_kind(
			err, ERROR_CGROUP_NONE,
			"container %s has no cgroup: without one nothing is counted for it", id);
	if (stream->options->stats)
		return write_stats(stream, err);
	if (cgroup_watch_open(&stream->watch, stream->cgroup, err) < 0)
		return error_context(err, "cgroup of container %s", id);
	return open_init(stream, err) < 0 ? -1 : follow(stream, err);
}

/* What the state directory is needed for: to say that we watch, and the statistics of
 * linux.intelRdt; a resctrl that is gone by now is only no statistics. */
static int open_state(struct stream *stream, const struct settings *settings, struct error *err)
{
	const char *id = stream->options->id;
	struct container_spec spec = { 0 };
	struct store store = STORE_INIT;
	autofree char *text = NULL;
	struct error ignored;
	size_t length;
	int result = -1;

	if (store_open(&store, settings, id, err) == 0 &&
	    file_read_at(store.dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err) == 0 &&
	    spec_load(&spec, JOURNAL_CONFIG, text, length, err) == 0)
		result = 0;
	if (result == 0 && !stream->options->stats)
		stream->watching = store_watch(&store); /* without it a last kill may be missed */
	if (result == 0 && spec.linux.intel_rdt.present) {
		stream->resctrl = resctrl_open(&ignored);
		stream->group = strdup(resctrl_group(&spec.linux.intel_rdt, id));
		if (!stream->group)
			result = error_code(err, ENOMEM, "events");
	}
	spec_free(&spec);
	store_close(&store);
	return result;
}

int container_events(const struct settings *settings, const struct events_options *options,
		     int output, struct error *err)
{
	struct stream stream = {
		.options = options,
		.watch = CGROUP_WATCH_INIT,
		.resctrl = -1,
		.cgroup = -1,
		.init = -1,
		.watching = -1,
		.output = output,
	};
	int result = container_load(settings, options->id, &stream.info, err);

	if (result == 0)
		result = open_state(&stream, settings, err);
	if (result == 0)
		result = run_stream(&stream, err);
	free(stream.group);
	fd_close(&stream.resctrl);
	cgroup_watch_close(&stream.watch);
	fd_close(&stream.init);
	fd_close(&stream.cgroup);
	fd_close(&stream.watching);
	container_info_free(&stream.info);
	return result;
}
