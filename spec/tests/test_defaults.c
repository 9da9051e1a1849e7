/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/string.h"
#include "base/table.h"
#include "spec/defaults.h"
#include "spec/load.h"

static void load_default(struct container_spec *spec, bool rootless)
{
	autobuffer out = { 0 };
	struct error err = { .text = "" };

	(void)defaults_write(&out, rootless, 1000, 100, NULL, 0, &err);
	assert_string_equal(err.text, "");
	(void)spec_load(spec, "config.json", out.text, out.length, &err);
	assert_string_equal(err.text, "");
}

static bool has_namespace(const struct container_spec *spec, const char *type)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++)
		if (strcmp(spec->linux.namespaces.items[i].type, type) == 0)
			return true;
	return false;
}

static void the_default_document_is_a_shell_in_a_closed_container(void **state)
{
	autospec spec = { 0 };

	(void)state;
	load_default(&spec, false);
	assert_string_equal(spec.hostname, "minirun");
	assert_int_equal(spec.process.args.count, 1);
	assert_string_equal(spec.process.args.items[0], "sh");
	assert_true(spec.process.terminal);
	assert_true(spec.process.no_new_privileges);
	assert_int_equal(spec.process.capabilities.permitted.count, 3);
	assert_true(spec.root.readonly);
	assert_int_equal(spec.mounts.count, 7);
	assert_true(has_namespace(&spec, "network"));
	assert_false(has_namespace(&spec, "user"));
	assert_int_equal(spec.linux.resources.devices.count, 1);
	assert_int_equal(spec.linux.masked_paths.count, 10);
	assert_int_equal(spec.linux.readonly_paths.count, 5);
}

static void no_ambient_capability_is_asked_for_without_inheritable_ones(void **state)
{
	autospec spec = { 0 };

	(void)state;
	load_default(&spec, false);
	assert_false(spec.process.capabilities.ambient.present);
	assert_false(spec.process.capabilities.inheritable.present);
}

static void the_text_is_indented_by_tabs_and_ends_with_a_newline(void **state)
{
	static const char start[] = "{\n\t\"ociVersion\": \"1.3.0\",\n\t\"process\": {\n\t\t";
	autobuffer out = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(defaults_write(&out, false, 0, 0, NULL, 0, &err), 0);
	assert_true(string_starts_with(out.text, start));
	assert_string_equal(out.text + out.length - 6, "\n\t}\n}\n");
}

static void the_rootless_document_has_a_user_namespace_of_one_id(void **state)
{
	autospec spec = { 0 };

	(void)state;
	load_default(&spec, true);
	assert_true(has_namespace(&spec, "user"));
	assert_false(has_namespace(&spec, "network"));
	assert_int_equal(spec.linux.uid_mappings.count, 1);
	assert_int_equal(spec.linux.uid_mappings.items[0].host_id, 1000);
	assert_int_equal(spec.linux.gid_mappings.items[0].host_id, 100);
	assert_int_equal(spec.linux.gid_mappings.items[0].container_id, 0);
	assert_int_equal(spec.linux.resources.devices.count, 0);
	assert_string_equal(spec.mounts.items[5].destination, "/sys");
	assert_string_equal(spec.mounts.items[5].options.items[0], "rbind");
	for (size_t i = 0; i < spec.mounts.count; i++)
		for (size_t k = 0; k < spec.mounts.items[i].options.count; k++)
			assert_false(
				string_starts_with(spec.mounts.items[i].options.items[k], "gid="));
}

static void settings_are_applied_in_order(void **state)
{
	static const char *const settings[] = {
		"/process/args=[\"a\"]",
		"/process/args/-=\"b\"",
		"/process/args/2=\"c\"",
		"/process/args/0=\"z\"",
		"/hostname=\"first\"",
		"/hostname=\"second\"",
		"/annotations/a~1b~0c=\"slash\"",
		"/mounts/-/destination=\"/new\"",
		"/process/user={\"uid\": 5, \"gid\" :6}",
		"/linux/new/deep/x=1.50",
		"/process/env/-=\"A=b=c\"",
	};
	autobuffer out = { 0 };
	autospec spec = { 0 };
	struct error err = { .text = "" };

	(void)state;
	(void)defaults_write(&out, false, 0, 0, settings, ARRAY_SIZE(settings), &err);
	assert_string_equal(err.text, "");
	assert_int_equal(spec_load(&spec, "c", out.text, out.length, &err), 0);
	assert_int_equal(spec.process.args.count, 3);
	assert_string_equal(spec.process.args.items[0], "z");
	assert_string_equal(spec.process.args.items[1], "b");
	assert_string_equal(spec.process.args.items[2], "c");
	assert_string_equal(spec.hostname, "second");
	assert_string_equal(spec.annotations.items[0].name, "a/b~c");
	assert_int_equal(spec.mounts.count, 8);
	assert_string_equal(spec.mounts.items[7].destination, "/new");
	assert_int_equal(spec.process.user.gid, 6);
	assert_string_equal(spec.process.env.items[spec.process.env.count - 1], "A=b=c");
	assert_non_null(strstr(out.text, "\"x\": 1.50\n")); /* the number as it was written */
}

static void a_bad_setting_is_named(void **state)
{
	static const struct {
		const char *setting, *error;
	} cases[] = {
		{ "hostname=\"x\"", "setting hostname=\"x\": expected /POINTER=JSON" },
		{ "/hostname", "expected /POINTER=JSON" },
		{ "", "expected /POINTER=JSON" },
		{ "/hostname=x", "the value: line 1, column 1: expected a value (text needs" },
		{ "/hostname=", "the value: line 1, column 1: the document is empty" },
		{ "/hostname=\"a\" b", "the value: line 1, column 5: more text" },
		{ "/x={\"a\":1,\"a\":2}", "the name \"a\" occurs twice" },
		{ "/x=18446744073709551616", "an integer is beyond 64 bits" },
		{ "/process/args/7=\"x\"", "\"7\" isn't an index of the array" },
		{ "/process/args/00=\"x\"", "\"00\" isn't an index of the array" },
		{ "/process/args/x=\"x\"", "\"x\" isn't an index of the array" },
		{ "/process/args/7/x=\"x\"", "\"7\" isn't an index of the array" },
		{ "/hostname/x=1", "\"x\" is below a value that is no object or array" },
		{ "/a~2b=1", "\"~\" must be written ~0" },
		{ "/process/cwd=\"tmp\"", "config.json: /process/cwd: must be an absolute path" },
		{ "/process/terminal=\"yes\"", "config.json: /process/terminal: expected true or" },
	};

	(void)state;
	table_for_each (one, cases) {
		autobuffer out = { 0 };
		struct error err;

		assert_int_equal(defaults_write(&out, false, 0, 0, &one->setting, 1, &err), -1);
		if (!strstr(err.text, one->error))
			fail_msg("%s: got \"%s\"", one->setting, err.text);
	}
}

static void numbers_null_and_words_can_be_set(void **state)
{
	static const char *const settings[] = { "/process/oomScoreAdj=-5",
						"/process/terminal=false", "/linux/resources=null",
						"/x=0", "/y=\"\"" };
	autobuffer out = { 0 };
	struct error err = { .text = "" };

	(void)state;
	(void)defaults_write(&out, true, 0, 0, settings, ARRAY_SIZE(settings), &err);
	assert_string_equal(err.text, "");
	assert_non_null(strstr(out.text, "\"oomScoreAdj\": -5\n"));
	assert_non_null(strstr(out.text, "\"terminal\": false,\n"));
	assert_non_null(strstr(out.text, "\"resources\": null,\n"));
	assert_non_null(strstr(out.text, "\t\"x\": 0,\n\t\"y\": \"\"\n}\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_document_is_a_shell_in_a_closed_container),
		cmocka_unit_test(no_ambient_capability_is_asked_for_without_inheritable_ones),
		cmocka_unit_test(the_text_is_indented_by_tabs_and_ends_with_a_newline),
		cmocka_unit_test(the_rootless_document_has_a_user_namespace_of_one_id),
		cmocka_unit_test(settings_are_applied_in_order),
		cmocka_unit_test(a_bad_setting_is_named),
		cmocka_unit_test(numbers_null_and_words_can_be_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
