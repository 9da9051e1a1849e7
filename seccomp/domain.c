/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known about 32 bits after some comparisons: a range, and single bits. syscalls: none
 */
#include "seccomp/domain.h"

#include <linux/filter.h>

#define WORDS (sizeof(struct seccomp_data) / 4)

struct domain {
	uint32_t low, high;   /* low <= value <= high */
	uint32_t known, bits; /* bits of value that known has */
};

/* value is the word itself, or the word under one mask: *mask. Other calculations tell us nothing
 * here. */
static bool masked(const struct explain_value *value, uint32_t *mask)
{
	*mask = UINT32_MAX;
	for (size_t i = 0; i < value->operation_count; i++) {
		if (BPF_OP(value->operations[i].code) != BPF_AND)
			return false;
		*mask &= value->operations[i].k;
	}
	return true;
}

static void know(struct domain *domain, uint32_t mask, uint32_t bits, bool *possible)
{
	if ((domain->known & mask & (domain->bits ^ bits)) || (bits & ~mask))
		*possible = false;
	domain->known |= mask;
	domain->bits |= bits & mask;
}

static void raise_low(struct domain *domain, uint64_t low, bool *possible)
{
	if (low > UINT32_MAX)
		*possible = false;
	else if (low > domain->low)
		domain->low = (uint32_t)low;
}

static void lower_high(struct domain *domain, int64_t high, bool *possible)
{
	if (high < 0)
		*possible = false;
	else if (high < (int64_t)domain->high)
		domain->high = (uint32_t)high;
}

static void narrow_order(struct domain *domain, const struct explain_condition *condition,
			 bool *possible)
{
	const uint64_t first =
		condition->compare == BPF_JGT ? (uint64_t)condition->with + 1 : condition->with;

	if (condition->holds)
		raise_low(domain, first, possible);
	else
		lower_high(domain, (int64_t)first - 1, possible);
}

static void narrow(struct domain *domain, const struct explain_condition *condition, bool *possible)
{
	const bool one_bit = (condition->with & (condition->with - 1)) == 0;
	uint32_t mask;

	if (!masked(&condition->value, &mask))
		return;
	switch (condition->compare) {
	case BPF_JEQ:
		if (condition->holds)
			know(domain, mask, condition->with, possible);
		else if (mask && (mask & (mask - 1)) == 0 && !(condition->with & ~mask))
			know(domain, mask, ~condition->with & mask, possible);
		break;
	case BPF_JSET:
		if (!condition->holds)
			know(domain, mask & condition->with, 0, possible);
		else if ((mask & condition->with) == 0)
			*possible = false;
		else if (one_bit)
			know(domain, condition->with, condition->with, possible);
		break;
	default:
		if (mask == UINT32_MAX)
			narrow_order(domain, condition, possible);
		break;
	}
}

/* The smallest and largest value with the known bits are within the range, or none is between. */
static bool is_empty(const struct domain *domain)
{
	return domain->low > domain->high || domain->bits > domain->high ||
	       (domain->bits | ~domain->known) < domain->low;
}

static bool is_single(const struct domain *domain, uint32_t *value)
{
	*value = domain->low == domain->high ? domain->low : domain->bits;
	return domain->low == domain->high || domain->known == UINT32_MAX;
}

/* All that is said about the bits that are known for certain, tried with them. */
static bool contradicts(const struct domain *domain, const struct explain_condition *condition)
{
	uint32_t value, mask;

	if (is_single(domain, &value))
		return explain_compare(condition->compare,
				       explain_value_of(&condition->value, value),
				       condition->with) != condition->holds;
	if (!masked(&condition->value, &mask) || (mask & ~domain->known))
		return false;
	return explain_compare(condition->compare, domain->bits & mask, condition->with) !=
	       condition->holds;
}

/* Of the values that are left at an end of the range, some are excluded one by one. */
static void trim(struct domain *domain, const struct explain_case *one, uint8_t word)
{
	for (size_t i = 0; i < one->count; i++) {
		const struct explain_condition *condition = &one->conditions[i];

		if (condition->value.word != word || condition->value.operation_count > 0 ||
		    condition->compare != BPF_JEQ || condition->holds)
			continue;
		if (condition->with == domain->low && domain->low < domain->high)
			domain->low++;
		else if (condition->with == domain->high && domain->low < domain->high)
			domain->high--;
	}
}

static bool word_is_possible(const struct explain_case *one, uint8_t word)
{
	struct domain domain = { .high = UINT32_MAX };
	bool possible = true;

	for (size_t i = 0; i < one->count; i++)
		if (one->conditions[i].value.word == word)
			narrow(&domain, &one->conditions[i], &possible);
	trim(&domain, one, word);
	if (!possible || is_empty(&domain))
		return false;
	for (size_t i = 0; i < one->count; i++)
		if (one->conditions[i].value.word == word &&
		    contradicts(&domain, &one->conditions[i]))
			return false;
	return true;
}

bool domain_is_possible(const struct explain_case *one)
{
	for (size_t word = 0; word < WORDS; word++)
		if (!word_is_possible(one, (uint8_t)word))
			return false;
	return true;
}

bool domain_is_implied(const struct explain_case *one, const struct explain_condition *condition)
{
	struct explain_case opposite = *one;

	if (opposite.count == EXPLAIN_CONDITIONS_MAX)
		return false;
	opposite.conditions[opposite.count] = *condition;
	opposite.conditions[opposite.count++].holds = !condition->holds;
	return !domain_is_possible(&opposite);
}
