/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_ID_MAPS_H
#define RUNTIME_ID_MAPS_H

#include "namespaces/user.h"

/* Writes the maps of pid, the first process of a new user namespace, itself or by newuidmap(1) and
 * newgidmap(1), which get ten seconds and whose words are in the error. Runs in: parent, while init
 * waits. */
int id_maps_write(pid_t pid, const struct user_maps *maps, struct error *err);

/* Who we are for user_plan(). */
int id_maps_caller(struct user_caller *caller, struct error *err);

#endif
