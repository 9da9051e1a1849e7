/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/string.h"
#include "spec/json_out.h"
#include "spec/state.h"

static struct string_pair pairs[] = { { "k", "v" } };
static const struct string_map one_annotation = { .items = pairs, .count = 1 };
static const struct string_map no_annotations = { .count = 0 };

static void a_hook_reads_one_compact_line(void **state)
{
	const struct state_document document = { .oci_version = "1.3.0",
						 .id = "c1",
						 .status = "creating",
						 .pid = 4242,
						 .bundle = "/b",
						 .annotations = &one_annotation,
						 .rootfs = "/b/rootfs" };
	autobuffer out = { 0 };

	(void)state;
	state_write_for_hook(&out, &document);
	assert_string_equal(out.text,
			    "{\"ociVersion\":\"1.3.0\",\"id\":\"c1\",\"status\":\"creating\","
			    "\"pid\":4242,\"bundle\":\"/b\",\"annotations\":{\"k\":\"v\"}}");
}

static void the_state_command_prints_the_keys_in_the_usual_order(void **state)
{
	const struct state_document document = { .oci_version = "1.3.0",
						 .id = "c1",
						 .status = "stopped",
						 .bundle = "/b",
						 .annotations = &one_annotation,
						 .rootfs = "/b/rootfs",
						 .created = "2026-01-01T00:00:00.123456789Z",
						 .owner = "" };
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 2);

	(void)state;
	state_write(&json, &document);
	assert_string_equal(out.text,
			    "{\n  \"ociVersion\": \"1.3.0\",\n  \"id\": \"c1\",\n  \"pid\": 0,\n"
			    "  \"status\": \"stopped\",\n  \"bundle\": \"/b\",\n"
			    "  \"rootfs\": \"/b/rootfs\",\n"
			    "  \"created\": \"2026-01-01T00:00:00.123456789Z\",\n"
			    "  \"annotations\": {\n    \"k\": \"v\"\n  },\n  \"owner\": \"\"\n}");
}

static void what_is_not_there_is_left_out(void **state)
{
	const struct state_document document = { .oci_version = "1.0.0",
						 .id = "c",
						 .status = "running",
						 .pid = 1,
						 .bundle = "/",
						 .annotations = &no_annotations };
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 0);

	(void)state;
	json_begin_array(&json, NULL);
	state_write(&json, &document);
	state_write(&json, &document);
	json_end_array(&json);
#define ONE                                                                                        \
	"{\"ociVersion\":\"1.0.0\",\"id\":\"c\",\"pid\":1,\"status\":\"running\",\"bundle\":\"/"   \
	"\"}"
	assert_string_equal(out.text, "[" ONE "," ONE "]");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hook_reads_one_compact_line),
		cmocka_unit_test(the_state_command_prints_the_keys_in_the_usual_order),
		cmocka_unit_test(what_is_not_there_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
