/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_NEWER_H
#define SECCOMP_NEWER_H

#include "base/error.h"
#include "seccomp/filter.h"
#include "spec/spec.h"

/*
 * System calls that are newer than a profile. Whoever wrote it couldn't decide about them, and a
 * library that tries the new call first falls back to the old one only on ENOSYS: an EPERM (or a
 * killed process) breaks programs that worked with yesterday's library. So a number above all that
 * the profile names, on that architecture, is answered with ENOSYS, as a kernel without the call
 * would.
 *
 * Puts that check in front of the program, which may be a chain or a tree. Nothing is added where
 * the default lets calls through (ALLOW, LOG), leaves them to a tracer (TRACE), or is ENOSYS
 * already, nor for an architecture of which the profile names nothing. architectures are
 * libseccomp's tokens of those that the filter is for. Runs in: parent.
 */
int newer_calls_prepend(const struct seccomp_spec *seccomp, uint32_t default_action,
			const uint32_t *architectures, size_t count,
			struct seccomp_program *program, struct error *err);

#endif
