/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_DEVICE_FILTER_H
#define CGROUPS_DEVICE_FILTER_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/spec.h"

/*
 * cgroup v2 has no devices controller: a BPF program of type BPF_PROG_TYPE_CGROUP_DEVICE, attached
 * to the cgroup, is asked at each open(2) and mknod(2) of a device node and answers 1 or 0.
 */
struct device_program {
	struct bpf_insn *instructions;
	size_t count;
};

/*
 * Translates linux.resources.devices. Of several rules for the same device and the same kind of
 * access the last one counts; what no rule mentions is denied. Behind the configuration's rules
 * come those for what every container has: the default nodes, terminals, tun, and mknod of
 * anything. A node of linux.devices has none of its own.
 *
 * *program is NULL if nothing is denied: no list, an empty one, or one that ends in "allow all".
 * Memory is arena's. Pure. Runs in: parent, before any side effect.
 */
int device_filter_compile(const struct container_spec *spec, struct arena *arena,
			  struct device_program **program, struct error *err);

/* Whether every container may do this, whatever its list says: to deny it would deny nothing. */
bool device_rule_is_default(const struct device_rule *rule);

/* Whether the earlier rule decides nothing any more once the later one stands behind it. */
bool device_rule_covers(const struct device_rule *later, const struct device_rule *earlier);

/*
 * Loads the program and attaches it, beside those that are already there (BPF_F_ALLOW_MULTI: each
 * must allow). An unprivileged caller's missing permission is a warning: the kernel keeps
 * the device nodes of a user namespace's mounts unusable anyway. Runs in: parent.
 */
int device_filter_attach(const struct device_program *program, int cgroup, struct error *err);

/*
 * Puts the program in the place of the one that minirun attached before, in one step: there is no
 * moment with another set of rules than the old or the new one. program NULL: nothing is denied any
 * more. Other people's programs stay, and still must allow. must: also an unprivileged caller gets
 * an error; without it a warning, which is enough if nothing is newly denied, since such a caller's
 * containers have no program that could deny. Runs in: update.
 */
int device_filter_replace(const struct device_program *program, int cgroup, bool must,
			  struct error *err);

#endif
