/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_VERSION_H
#define COMMANDS_VERSION_H

/* Of the runtime specification: what config.json may ask for, and what we say that we implement. */
#define VERSION_SPEC_MIN "1.0.0"
#define VERSION_SPEC_MAX "1.3.0"

/* Of this program. The commit is the version itself in a source archive. */
extern const char version_text[];
extern const char version_commit[];

#endif
