/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_CACHE_H
#define SECCOMP_CACHE_H

#include "base/error.h"
#include "seccomp/filter.h"
#include "spec/spec.h"

/*
 * seccomp_compile() with a memory: an engine's profile takes libseccomp about ten milliseconds,
 * several times what the rest of a start takes, and is the same for nearly every container.
 *
 * directory is a descriptor of a directory of ours that nobody else can write (mode 0700); -1, or
 * one that is not so, means no cache. A kept program counts only if the file is our own, private
 * and intact, and holds, byte for byte, all that the program depends on: the profile itself,
 * libseccomp's version, the kernel's release and architecture. What is wrong with the
 * cache is never an error: the profile is compiled then.
 *
 * Runs in: parent. It may write, so after the last check that has to come before any side effect
 * where that matters to the caller; losing the directory at any time does no harm.
 */
int seccomp_compile_cached(int directory, const struct seccomp_spec *seccomp,
			   struct seccomp_program *program, struct error *err);

#endif
