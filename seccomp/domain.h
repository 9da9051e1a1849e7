/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_DOMAIN_H
#define SECCOMP_DOMAIN_H

#include "seccomp/explain.h"

/*
 * Which conditions can hold together. "Possible" may be said of what isn't (the case then matches
 * no call), never the other way round. Pure.
 */
bool domain_is_possible(const struct explain_case *one);

/* True if the conditions of the case already say so: the opposite isn't possible. */
bool domain_is_implied(const struct explain_case *one, const struct explain_condition *condition);

/* For this folder. */
bool explain_compare(uint16_t compare, uint32_t left, uint32_t right);
uint32_t explain_value_of(const struct explain_value *value, uint32_t word);

#endif
