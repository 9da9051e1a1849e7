/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer harness: any bytes as config.json, as a process document and as a record. Nothing is
 * expected but to return; the sanitizers judge. Seeds: integration/fuzz/corpus/load/.
 */
#include <stddef.h>
#include <stdint.h>

#include "spec/load.h"
#include "spec/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	autospec spec = { 0 };
	struct record record;
	struct error err;

	if (spec_load(&spec, "config.json", text, size, &err) < 0 && !*err.text)
		__builtin_trap(); /* a failure without words */
	spec_free(&spec);
	(void)spec_load_process(&spec, "process.json", text, size, &err);
	if (record_load(&record, "state.json", text, size, &err) == 0)
		record_free(&record);
	return 0;
}
