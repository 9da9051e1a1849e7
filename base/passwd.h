/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PASSWD_H
#define BASE_PASSWD_H

#include <stdint.h>

#include "base/arena.h"

/* The name of uid in the text of a passwd(5) file, in arena; NULL if it has none. As text: NSS
 * would load foreign code into a process that has rights. Pure. */
char *passwd_name(const char *passwd, uint32_t uid, struct arena *arena);

#endif
