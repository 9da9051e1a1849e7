/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_DUMPED_H
#define CRIU_DUMPED_H

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/namespace.h"
#include "runtime/criu/images.h"
#include "runtime/criu/message.h"
#include "spec/spec.h"

/*
 * What a dump did about the namespaces whose content may be somebody else's: minirun.json beside
 * the images. Whether CRIU has the devices of a network isn't said by the config.json of the
 * restore, which may be another one; CRIU itself takes a namespace that doesn't match for a new
 * one, without a word. Images that another runtime made have no such file.
 */
struct criu_dumped {
	/* "own": all of it is in the images; "empty": a new one, left to hooks; "joined" by path;
	 * "shared" with the host. NULL: not known */
	const char *network, *pid;
};

/* A new network namespace whose devices hooks of the runtime namespace have made (Docker's do):
 * they make them again, so that CRIU must leave it empty. The host's and a joined one are as they
 * are. Pure. */
void criu_leave_network(const struct container_spec *spec, const struct namespace_plan *plan,
			struct criu_options *options);

/* Before the dump: the file of an older one in the same directory. */
int criu_forget_dumped(const struct criu_images *images, struct error *err);

/* Once CRIU has written its images. plan and options are those of the dump. */
int criu_write_dumped(const struct criu_images *images, const struct namespace_plan *plan,
		      const struct criu_options *options, struct error *err);

/* The file may be missing, or of another dump (a warning): not known. */
int criu_read_dumped(const struct criu_images *images, struct criu_dumped *dumped,
		     struct arena *arena, struct error *err);

/* The restore does about the network what the dump did: options->empty_ns. -1: config.json asks for
 * something else. Where the dump isn't known criu_leave_network() says. Pure. */
int criu_follow_dump(const struct criu_dumped *dumped, const struct container_spec *spec,
		     const struct namespace_plan *plan, struct criu_options *options,
		     struct error *err);

#endif
