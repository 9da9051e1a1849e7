/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_FAMILIES_H
#define SECCOMP_FAMILIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/string.h"
#include "seccomp/explain.h"

/* Names and numbers of system calls, of any architecture that libseccomp knows; of the newest,
 * whose numbers are the same everywhere, some that it doesn't know. */
#define CALLS_MAX 600 /* above every number of today */

/* The machine's own architecture, as struct seccomp_data has it, and its name: "x86_64". */
uint32_t call_native_arch(void);
const char *call_arch_name(uint32_t arch);
/* By name: "x86", "x86_64", "arm", ...; 0: unknown. x32 has no number of its own. */
uint32_t call_arch(const char *name);
/* Number, -1: unknown there. */
int call_number(uint32_t arch, const char *name);
/* Name in out, emptied first; false: there is none. */
bool call_name(uint32_t arch, uint32_t number, struct buffer *out);

/*
 * Calls that do the same thing. A filter that denies one and lets through another denies nothing:
 * that is a hole. Told of the stack for one architecture.
 */
struct hole {
	const char *id;	    /* "SEC03", stable */
	const char *denied; /* one of the family that is denied, whatever its arguments */
	const char *open;   /* another one that isn't */
	const char *text;   /* what that means */
};

/* The nth hole, from 0; false behind the last. allowed says what becomes of a call: the analyser's
 * answer, kept by the caller. */
enum call_fate { FATE_DENIED, FATE_DEPENDS, FATE_OPEN, FATE_UNKNOWN };
typedef enum call_fate call_fate_of(const char *name, void *data);
bool hole_find(size_t n, call_fate_of *fate_of, void *data, struct hole *hole);

#endif
