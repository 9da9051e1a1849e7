/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The first error, or all of them. syscalls: none
 */
#include "spec/report.h"

bool report_tell(struct report *report, const struct error *err)
{
	if (!report)
		return false;
	report->errors++;
	report->say(report->data, true, err->text);
	return true;
}
