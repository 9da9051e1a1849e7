/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_CAPABILITY_HELP_H
#define INSPECT_CAPABILITY_HELP_H

/* What a capability lets its holder do, in at most 33 characters; "" for one that is newer than
 * this table (capabilities(7)). */
const char *capability_help(int number);

#endif
