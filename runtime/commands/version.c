/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What CMake found out at configure time; the only file that is compiled anew with each commit.
 *
 * syscalls: none
 */
#include "runtime/commands/version.h"

const char version_text[] = MINIRUN_VERSION;
const char version_commit[] = MINIRUN_COMMIT;
