/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_NETWORK_STATS_H
#define RUNTIME_NETWORK_STATS_H

#include <sys/types.h>

#include "spec/json_out.h"

/* The member "network_interfaces": an array with one object for each network device that init's
 * namespace has, the loopback left out; null where that namespace is the caller's. */
void network_stats_write(struct json_out *json, pid_t init);

/* Pure: the array for a text of /proc/PID/net/dev, which is taken apart. */
void network_stats_parse(struct json_out *json, char *text);

#endif
