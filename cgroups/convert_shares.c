/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cpu.shares to cpu.weight: with l = log2(shares), 10 to the (l * l + 125 * l) / 612 - 7 / 34, so
 * that the smallest, the usual and the largest value of the one become those of the other, and a
 * container that leaves its weight alone stays an equal of one that asks for the default.
 *
 * Both functions are short series: not worth libm, which every start would have to load.
 *
 * syscalls: none
 */
#include "cgroups/convert.h"

#define SHARES_MIN 2
#define SHARES_MAX 262144
#define WEIGHT_MIN 1
#define WEIGHT_MAX 10000
#define LN_10 2.302585092994046
#define BITS 48 /* of the logarithm's fraction */

/* Squaring doubles a logarithm: each time one more binary digit shows. */
static double log_2(uint64_t number)
{
	double rest = (double)number, result = 0, digit = 1;

	while (rest >= 2) {
		rest /= 2;
		result += 1;
	}
	for (int i = 0; i < BITS; i++) {
		rest *= rest;
		digit /= 2;
		if (rest >= 2) {
			rest /= 2;
			result += digit;
		}
	}
	return result;
}

static double power_of_10(double exponent)
{
	double x = exponent * LN_10 / 16, term = 1, sum = 1;

	for (int i = 1; i < 20; i++) {
		term *= x / i;
		sum += term;
	}
	for (int i = 0; i < 4; i++) /* to the 16th */
		sum *= sum;
	return sum;
}

uint64_t convert_shares(uint64_t shares)
{
	double l, weight;

	if (shares <= SHARES_MIN)
		return WEIGHT_MIN;
	if (shares >= SHARES_MAX)
		return WEIGHT_MAX;
	l = log_2(shares);
	weight = power_of_10((l * l + 125 * l) / 612 - 7.0 / 34);
	/* rounded up, but 100.0000000001 is 100 */
	return (uint64_t)(weight + 1 - 1e-9);
}
