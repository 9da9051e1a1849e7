/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Containers by a regular expression. regcomp(3), regex(7)
 *
 * syscalls: none of its own
 */
#include "runtime/commands/matching.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>

static bool counts(const struct matching *matching, const struct error *err)
{
	return err->code != ENOENT && /* gone meanwhile */
	       !(matching->skip_stopped && err->kind == ERROR_CONTAINER_STOPPED);
}

static int act_on_all(const struct invocation *invocation, const struct matching *matching,
		      const regex_t *expression, char **ids, size_t count, struct error *err)
{
	size_t failed = 0;

	for (size_t i = 0; i < count; i++) {
		struct error why;

		if (regexec(expression, ids[i], 0, NULL, 0) != 0 ||
		    matching->act(invocation, ids[i], matching->data, &why) == 0 ||
		    !counts(matching, &why))
			continue;
		if (failed++ == 0) {
			*err = why;
			(void)error_context(err, "container %s", ids[i]);
		}
	}
	if (failed > 1)
		return error_context(err, "%zu containers, of which the first", failed);
	return failed ? -1 : 0;
}

int matching_each(const struct invocation *invocation, const char *expression,
		  const struct matching *matching, struct error *err)
{
	char **ids = NULL, reason[100];
	regex_t compiled;
	size_t count = 0;
	int result;

	result = regcomp(&compiled, expression, REG_EXTENDED | REG_NOSUB);
	if (result != 0) {
		(void)regerror(result, &compiled, reason, sizeof(reason));
		return error_set(err, "regular expression \"%.100s\": %s", expression, reason);
	}
	result = container_list_ids(invocation->settings, &ids, &count, err);
	if (result == 0)
		result = act_on_all(invocation, matching, &compiled, ids, count, err);
	for (size_t i = 0; i < count; i++)
		free(ids[i]);
	free(ids);
	regfree(&compiled);
	return result;
}
