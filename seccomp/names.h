/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_NAMES_H
#define SECCOMP_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The names of linux.seccomp and what they mean to libseccomp and the kernel. Which architectures
 * and flags can really be used depends on the libseccomp that is installed and on the kernel that
 * runs: both are asked at run time.
 */
struct seccomp_action {
	const char *name;
	uint32_t value;	  /* SCMP_ACT_*, SECCOMP_RET_* */
	bool takes_value; /* errnoRet may be given; EPERM unless it is */
	uint32_t max;	  /* of that value */
};

/* NULL: no such name in the specification. */
const struct seccomp_action *seccomp_find_action(const char *name);

/* enum scmp_compare; -1: no such name. */
int seccomp_find_operator(const char *name);

/* *token: what libseccomp calls the architecture, 0 if this libseccomp doesn't know it. False: no
 * such name in the specification. */
bool seccomp_find_architecture(const char *name, uint32_t *token);

/* "x86_64" of "SCMP_ARCH_X86_64"; NULL: no such name in the specification. */
const char *seccomp_architecture_name(const char *name);

/* *flag: SECCOMP_FILTER_FLAG_*. False: no such name in the specification. */
bool seccomp_find_flag(const char *name, uint32_t *flag);

/* What `features` prints. Supported flags are those that seccomp(2) of this kernel takes, and that
 * this libseccomp knows. */
enum seccomp_list {
	SECCOMP_ACTIONS,
	SECCOMP_OPERATORS,
	SECCOMP_ARCHITECTURES,
	SECCOMP_KNOWN_FLAGS,
	SECCOMP_SUPPORTED_FLAGS,
};

/* The nth name of the list, from 0; NULL behind its end. */
const char *seccomp_list_name(enum seccomp_list list, size_t n);

/* True if a filter can be loaded with this flag here. */
bool seccomp_flag_is_supported(uint32_t flag);

/* "2.5.4": the library that is loaded, not the one of the build. Static storage. */
const char *seccomp_library_version(void);

#endif
