/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first error, or all of them. syscalls: none
 */
#include "spec/report.h"

#include <stdarg.h>
#include <stdio.h>

bool report_tell(struct report *report, const struct error *err)
{
	if (!report)
		return false;
	report->errors++;
	report->say(report->data, true, err->text);
	return true;
}

void report_warn(struct report *report, const struct error *warning)
{
	report->say(report->data, false, warning->text);
}

bool report_may_look(struct report *report, const char *pointer, ...)
{
	char text[REPORT_PLACE_SIZE];
	va_list values;

	if (!report || !report->may_look)
		return true;
	va_start(values, pointer);
	(void)vsnprintf(text, sizeof(text), pointer, values);
	va_end(values);
	return report->may_look(report->data, text);
}
