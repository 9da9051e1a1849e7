/* SPDX-License-Identifier: Apache-2.0 */
/* Whole documents: every row of the project's table of bad inputs, and what good ones become. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/string.h"
#include "base/table.h"
#include "spec/defaults.h"
#include "spec/load.h"

#define HEAD "{\"ociVersion\":\"1.2.1\",\"root\":{\"path\":\"r\"}"
#define PROCESS(members) HEAD ",\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"]," members "}}"
#define USER(uid) PROCESS("\"user\":{" uid ",\"gid\":0}")
#define UTS HEAD ",\"linux\":{\"namespaces\":[{\"type\":\"uts\"}]}"

/* From memory without a byte behind its end. "" or the error. */
static void load_bytes(const char *text, size_t length, struct error *err)
{
	autofree char *copy = malloc(length > 0 ? length : 1);
	autospec spec = { 0 };

	assert_non_null(copy);
	memcpy(copy, text, length);
	err->text[0] = '\0';
	if (spec_load(&spec, "config.json", copy, length, err) < 0)
		assert_null(spec.arena.head); /* nothing is left to release */
}

static void expect(const char *text, const char *error)
{
	struct error err;

	load_bytes(text, strlen(text), &err);
	if (*error ? !strstr(err.text, error) : *err.text)
		fail_msg("%s: got \"%s\", wanted \"%s\"", text, err.text, error);
}

static void a_repeated_name_is_refused(void **state)
{
	(void)state;
	expect(USER("\"uid\":0,\"uid\":1234"),
	       "config.json: line 1, column 94: the name \"uid\" occurs twice");
	expect(HEAD ",\"x\":{\"a\":[{\"b\":1},{\"b\":1,\"\\u0062\":2}]}}",
	       "the name \"b\" occurs twice");
	expect(HEAD ",\"ociVersion\":\"1.0.0\"}", "the name \"ociVersion\" occurs twice");
	expect(HEAD ",\"annotations\":{\"a\":\"1\",\"a\":\"1\"}}", "the name \"a\" occurs twice");
	expect(HEAD ",\"x\":{\"a\":1},\"y\":{\"a\":1}}", "");
}

static void a_wrong_type_of_uid_is_refused(void **state)
{
	(void)state;
	expect(USER("\"uid\":\"1234\""),
	       "config.json: /process/user/uid: expected an integer, found a string");
	expect(USER("\"uid\":\"12abc\""), "/process/user/uid: expected an integer");
	expect(USER("\"uid\":true"), "/process/user/uid: expected an integer, found true");
	expect(USER("\"uid\":1.0"), "/process/user/uid: expected an integer");
	expect(USER("\"uid\":1e3"), "/process/user/uid: expected an integer");
	expect(USER("\"uid\":1234"), "");
}

static void the_id_that_means_no_change_is_refused(void **state)
{
	(void)state;
	expect(USER("\"uid\":4294967295"), "/process/user/uid: 4294967295 isn't an id");
	expect(USER("\"uid\":4294967294"), "");
	expect(USER("\"uid\":4294967296"), "/process/user/uid: expected an integer from 0 to");
	expect(USER("\"uid\":-1"), "/process/user/uid: expected an integer from 0 to");
	expect(USER("\"uid\":18446744073709551616"), "/process/user/uid: expected an integer from");
}

static void null_for_uid_is_refused_and_for_optional_members_absent(void **state)
{
	(void)state;
	expect(USER("\"uid\":null"), "/process/user/uid: expected an integer, found null");
	expect(USER("\"uid\":1,\"umask\":null,\"additionalGids\":null"), "");
	expect(HEAD ",\"process\":null,\"linux\":null,\"mounts\":null,\"hooks\":null}", "");
}

static void a_string_for_a_boolean_is_refused(void **state)
{
	(void)state;
	expect(PROCESS("\"noNewPrivileges\":\"false\""),
	       "/process/noNewPrivileges: expected true or false, found a string");
}

static void nul_in_a_string_is_refused(void **state)
{
	(void)state;
	expect(PROCESS("\"env\":[\"A=b\\u0000c\"]"), "must not contain NUL");
	expect(HEAD ",\"process\":{\"cwd\":\"/\",\"args\":[\"s\\u0000h\"]}}",
	       "must not contain NUL");
	expect(HEAD ",\"mounts\":[{\"destination\":\"/a\\u0000\"}]}", "must not contain NUL");
	expect(HEAD ",\"a\\u0000b\":1}", "must not contain NUL");
}

static void invalid_utf8_in_hostname_is_refused(void **state)
{
	(void)state;
	expect(UTS ",\"hostname\":\"a\xff\"}", "invalid UTF-8");
	expect(UTS ",\"hostname\":\"\\udc00\"}", "surrogate");
	expect(UTS ",\"hostname\":\"b\xc3\xbc\"}", "");
}

static void names_differ_by_case(void **state)
{
	(void)state;
	expect(PROCESS("\"user\":{\"UID\":5,\"gid\":0}"),
	       "/process/user/uid: is required but missing");
	expect(USER("\"uid\":1,\"UID\":5"), "");
}

static void comments_and_trailing_commas_are_refused(void **state)
{
	(void)state;
	expect(HEAD "/* x */}", "line 1, column 42: expected \",\" or \"}\"");
	expect(HEAD ",}", "expected a member name");
	expect(HEAD ",\"mounts\":[],}", "expected a member name");
	expect(HEAD ",\"x\":'y'}", "expected a value");
	expect(HEAD ",\"x\":NaN}", "expected a value");
}

static void unknown_capabilities_are_left_to_the_one_who_knows_them(void **state)
{
	(void)state;
	expect(PROCESS("\"capabilities\":{\"bounding\":[\"CAP_FOO\"]}"), "");
}

static void a_relative_cwd_is_refused(void **state)
{
	(void)state;
	expect(HEAD ",\"process\":{\"cwd\":\"tmp\",\"args\":[\"sh\"]}}",
	       "/process/cwd: must be an absolute path");
}

static void text_behind_the_document_is_refused(void **state)
{
	(void)state;
	expect(HEAD "} x", "more text behind the end");
	expect(HEAD "}{}", "more text behind the end");
	expect(HEAD "} \n\t ", "");
}

static void deep_values_are_accepted_to_64(void **state)
{
	(void)state;
	for (size_t depth = 62; depth <= 100; depth++) {
		autobuffer text = { 0 };

		buffer_add(&text, HEAD ",\"x\":");
		for (size_t i = 0; i < depth; i++)
			buffer_add(&text, "[");
		for (size_t i = 0; i < depth; i++)
			buffer_add(&text, "]");
		buffer_add(&text, "}");
		expect(text.text, depth <= SPEC_DEPTH_MAX - 1 ? "" : "nested too deep");
	}
}

static void megabytes_of_blanks_are_refused(void **state)
{
	size_t length = (size_t)64 << 20;
	autofree char *text = malloc(length);
	autospec spec = { 0 };
	struct error err;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', length);
	memcpy(text, HEAD "}", sizeof(HEAD));
	assert_int_equal(spec_load(&spec, "config.json", text, length, &err), -1);
	assert_string_equal(err.text, "config.json: the document is larger than 4 MiB");
}

static void a_document_cut_anywhere_fails_with_its_place(void **state)
{
	autobuffer text = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(defaults_write(&text, false, 0, 0, NULL, 0, &err), 0);
	for (size_t length = 0; length < text.length - 1; length++) { /* the last is a newline */
		load_bytes(text.text, length, &err);
		if (strncmp(err.text, "config.json: line ", 18) != 0 ||
		    !strstr(err.text, ", column "))
			fail_msg("%zu bytes: \"%s\"", length, err.text);
	}
	load_bytes(text.text, text.length - 1, &err);
	assert_string_equal(err.text, "");
}

static void a_damaged_byte_never_goes_unnoticed_by_the_grammar(void **state)
{
	static const char damage[] = { '\0', '\x01', '\x80', '\xff' };
	autobuffer text = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(defaults_write(&text, true, 1000, 1000, NULL, 0, &err), 0);
	for (size_t i = 0; i < text.length; i++) {
		char saved = text.text[i];

		for (size_t k = 0; k < sizeof(damage); k++) {
			text.text[i] = damage[k];
			load_bytes(text.text, text.length, &err);
			assert_non_null(strstr(err.text, "config.json: line "));
		}
		text.text[i] = saved;
	}
}

static void every_member_arrives_in_its_place(void **state)
{
	static const char text[] =
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
		"\"hostname\":\"h\",\"domainname\":\"\",\"annotations\":{\"b\":\"2\",\"a\":\"\"},"
		"\"process\":{\"terminal\":true,\"consoleSize\":{\"height\":24,\"width\":80},"
		"\"cwd\":\"/w\",\"env\":[\"A=1\"],\"args\":[\"a\",\"\"],"
		"\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":0,\"hard\":18446744073709551615}],"
		"\"apparmorProfile\":\"\",\"selinuxLabel\":\"l\",\"oomScoreAdj\":-5,"
		"\"capabilities\":{\"ambient\":[],\"bounding\":[\"CAP_KILL\"]},"
		"\"user\":{\"uid\":1,\"gid\":2,\"umask\":18,\"additionalGids\":[3,4]}},"
		"\"mounts\":[{\"destination\":\"data\"},{\"destination\":\"/b\",\"source\":\"s\","
		"\"type\":\"bind\",\"options\":[\"bind\",\"\"]}],"
		"\"hooks\":{\"poststop\":[{\"path\":\"/h\",\"args\":[\"h\"],\"env\":[\"X=\"],"
		"\"timeout\":3}]},"
		"\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"uts\",\"path\":\"/"
		"p\"},"
		"{\"type\":\"time\"}],\"timeOffsets\":{\"boottime\":{\"secs\":-1,\"nanosecs\":9}},"
		"\"devices\":[{\"type\":\"c\",\"path\":\"/dev/x\",\"major\":1,\"minor\":3,"
		"\"fileMode\":8630,\"gid\":5}],\"cgroupsPath\":\"a:b:c\",\"sysctl\":{\"k\":\"v\"},"
		"\"rootfsPropagation\":\"rslave\",\"maskedPaths\":[\"/m\"],\"readonlyPaths\":[]}}";
	autospec spec = { 0 };
	struct error err = { .text = "" };

	(void)state;
	(void)spec_load(&spec, "config.json", text, strlen(text), &err);
	assert_string_equal(err.text, "");
	assert_string_equal(spec.oci_version, "1.3.0");
	assert_string_equal(spec.root.path, "rootfs");
	assert_true(spec.root.readonly);
	assert_string_equal(spec.hostname, "h");
	assert_null(spec.domainname);
	assert_int_equal(spec.annotations.count, 2);
	assert_string_equal(spec.annotations.items[0].name, "b");
	assert_string_equal(spec.annotations.items[1].value, "");

	assert_true(spec.process.present && spec.process.terminal);
	assert_true(spec.process.console_size.present);
	assert_int_equal(spec.process.console_size.height, 24);
	assert_int_equal(spec.process.console_size.width, 80);
	assert_string_equal(spec.process.cwd, "/w");
	assert_string_equal(spec.process.env.items[0], "A=1");
	assert_int_equal(spec.process.args.count, 2);
	assert_string_equal(spec.process.args.items[1], "");
	assert_int_equal(spec.process.rlimits.items[0].soft, 0);
	assert_true(spec.process.rlimits.items[0].hard == UINT64_MAX);
	assert_null(spec.process.apparmor_profile);
	assert_string_equal(spec.process.selinux_label, "l");
	assert_true(spec.process.oom_score_adj.present);
	assert_int_equal(spec.process.oom_score_adj.value, -5);
	assert_true(spec.process.capabilities.present);
	assert_true(spec.process.capabilities.ambient.present);
	assert_int_equal(spec.process.capabilities.ambient.count, 0);
	assert_false(spec.process.capabilities.effective.present);
	assert_string_equal(spec.process.capabilities.bounding.items[0], "CAP_KILL");
	assert_int_equal(spec.process.user.uid, 1);
	assert_int_equal(spec.process.user.gid, 2);
	assert_int_equal(spec.process.user.umask.value, 022);
	assert_int_equal(spec.process.user.additional_gids.items[1], 4);

	assert_string_equal(spec.mounts.items[0].destination, "data");
	assert_null(spec.mounts.items[0].type);
	assert_false(spec.mounts.items[0].options.present);
	assert_string_equal(spec.mounts.items[1].options.items[1], "");
	assert_int_equal(spec.hooks[HOOK_POSTSTOP].count, 1);
	assert_int_equal(spec.hooks[HOOK_POSTSTART].count, 0);
	assert_int_equal(spec.hooks[HOOK_POSTSTOP].items[0].timeout.value, 3);
	assert_string_equal(spec.hooks[HOOK_POSTSTOP].items[0].env.items[0], "X=");

	assert_null(spec.linux.namespaces.items[0].path);
	assert_string_equal(spec.linux.namespaces.items[1].path, "/p");
	assert_true(spec.linux.time_offsets.boottime.present);
	assert_false(spec.linux.time_offsets.monotonic.present);
	assert_int_equal(spec.linux.time_offsets.boottime.secs, -1);
	assert_int_equal(spec.linux.time_offsets.boottime.nanosecs, 9);
	assert_int_equal(spec.linux.devices.items[0].file_mode.value, 020666);
	assert_false(spec.linux.devices.items[0].uid.present);
	assert_true(spec.linux.devices.items[0].gid.present);
	assert_string_equal(spec.linux.cgroups_path, "a:b:c");
	assert_string_equal(spec.linux.sysctl.items[0].value, "v");
	assert_string_equal(spec.linux.rootfs_propagation, "rslave");
	assert_int_equal(spec.linux.masked_paths.count, 1);
	assert_true(spec.linux.readonly_paths.present);
	assert_false(spec.linux.seccomp.present);
}

static void resources_arrive_in_their_places(void **state)
{
	static const char text[] = HEAD
		",\"linux\":{\"resources\":{"
		"\"devices\":[{\"allow\":false},{\"allow\":true,\"type\":\"c\",\"major\":1,"
		"\"minor\":-1,\"access\":\"rw\"}],"
		"\"memory\":{\"limit\":-1,\"swap\":9223372036854775807,"
		"\"disableOOMKiller\":false},"
		"\"cpu\":{\"shares\":0,\"quota\":-1,\"cpus\":\"\",\"mems\":\"0-1\",\"idle\":1},"
		"\"pids\":{\"limit\":0},\"blockIO\":{\"weight\":10,\"throttleReadIOPSDevice\":"
		"[{\"major\":8,\"minor\":0,\"rate\":7}]},"
		"\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":1}],"
		"\"network\":{\"classID\":4294967295,\"priorities\":[{\"name\":\"e\","
		"\"priority\":2}]},\"rdma\":{\"mlx\":{\"hcaHandles\":3}},"
		"\"unified\":{\"memory.high\":\"1\"}}}}";
	autospec spec = { 0 };
	struct error err = { .text = "" };
	const struct resources_spec *resources = &spec.linux.resources;

	(void)state;
	(void)spec_load(&spec, "config.json", text, strlen(text), &err);
	assert_string_equal(err.text, "");
	assert_true(resources->devices.present);
	assert_int_equal(resources->devices.count, 2);
	assert_null(resources->devices.items[0].type);
	assert_int_equal(resources->devices.items[1].minor.value, -1);
	assert_string_equal(resources->devices.items[1].access, "rw");
	assert_int_equal(resources->memory.limit.value, -1);
	assert_true(resources->memory.swap.value == INT64_MAX);
	assert_false(resources->memory.reservation.present);
	assert_true(resources->memory.disable_oom_killer.present);
	assert_false(resources->memory.disable_oom_killer.value);
	assert_true(resources->cpu.shares.present);
	assert_int_equal(resources->cpu.quota.value, -1);
	assert_null(resources->cpu.cpus);
	assert_string_equal(resources->cpu.mems, "0-1");
	assert_int_equal(resources->cpu.idle.value, 1);
	assert_true(resources->pids.limit.present);
	assert_int_equal(resources->block_io.weight.value, 10);
	assert_int_equal(resources->block_io.throttle_read_iops_device.items[0].rate, 7);
	assert_string_equal(resources->hugepage_limits.items[0].page_size, "2MB");
	assert_true(resources->network.class_id.value == UINT32_MAX);
	assert_string_equal(resources->network.priorities.items[0].name, "e");
	assert_string_equal(resources->rdma.items[0].device, "mlx");
	assert_int_equal(resources->rdma.items[0].hca_handles.value, 3);
	assert_false(resources->rdma.items[0].hca_objects.present);
	assert_string_equal(resources->unified.items[0].name, "memory.high");
}

static int64_t pids_limit(const char *text)
{
	autospec spec = { 0 };
	struct error err;

	assert_int_equal(spec_load(&spec, "config.json", text, strlen(text), &err), 0);
	return spec.linux.resources.pids.limit.value;
}

static void no_processes_are_any_number_to_podman(void **state)
{
#define PIDS(manager, limit)                                                                       \
	HEAD ",\"annotations\":{\"io.container.manager\":\"" manager "\"},"                        \
	     "\"linux\":{\"resources\":{\"pids\":{\"limit\":" limit "}}}}"
	(void)state;
	assert_int_equal(pids_limit(PIDS("libpod", "0")), -1);
	assert_int_equal(pids_limit(PIDS("libpod", "7")), 7);
	assert_int_equal(pids_limit(PIDS("cri-o", "0")), 0);
	assert_int_equal(pids_limit(PIDS("libpod", "null")), 0);
}

static void seccomp_arrives_in_its_place(void **state)
{
	static const char text[] =
		HEAD ",\"linux\":{\"seccomp\":{\"defaultAction\":\"SCMP_ACT_ERRNO\","
		     "\"defaultErrnoRet\":38,\"architectures\":[\"SCMP_ARCH_X86\"],\"flags\":[],"
		     "\"listenerPath\":\"/l\",\"listenerMetadata\":\"m\",\"syscalls\":[{\"names\":"
		     "[\"read\",\"write\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":5,"
		     "\"value\":18446744073709551615,\"valueTwo\":1,\"op\":\"SCMP_CMP_EQ\"}]}]}}}";
	autospec spec = { 0 };
	struct error err = { .text = "" };
	const struct seccomp_spec *seccomp = &spec.linux.seccomp;

	(void)state;
	(void)spec_load(&spec, "config.json", text, strlen(text), &err);
	assert_string_equal(err.text, "");
	assert_true(seccomp->present);
	assert_string_equal(seccomp->default_action, "SCMP_ACT_ERRNO");
	assert_int_equal(seccomp->default_errno_ret.value, 38);
	assert_int_equal(seccomp->architectures.count, 1);
	assert_true(seccomp->flags.present);
	assert_int_equal(seccomp->flags.count, 0);
	assert_string_equal(seccomp->listener_path, "/l");
	assert_string_equal(seccomp->listener_metadata, "m");
	assert_int_equal(seccomp->syscalls.items[0].names.count, 2);
	assert_false(seccomp->syscalls.items[0].errno_ret.present);
	assert_int_equal(seccomp->syscalls.items[0].args.items[0].index, 5);
	assert_true(seccomp->syscalls.items[0].args.items[0].value == UINT64_MAX);
	assert_int_equal(seccomp->syscalls.items[0].args.items[0].value_two, 1);
	assert_string_equal(seccomp->syscalls.items[0].args.items[0].op, "SCMP_CMP_EQ");
}

static void sections_of_other_platforms_are_ignored(void **state)
{
	(void)state;
	expect(HEAD ",\"windows\":{\"x\":1},\"solaris\":{},\"vm\":{\"kernel\":5},\"zos\":[],"
		    "\"freebsd\":1}",
	       "");
	expect(PROCESS("\"commandLine\":\"dir\",\"user\":{\"uid\":0,\"gid\":0,\"username\":\"x\"}"),
	       "");
}

static void a_process_document_is_read_by_the_same_rules(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "{\"cwd\":\"/\",\"args\":[\"ls\"]}", "" },
		{ "{\"cwd\":\"/\"}", "process.json: /args: needs at least one entry" },
		{ "{\"args\":[\"ls\"]}", "process.json: /cwd: is required but missing" },
		{ "{\"cwd\":\"a\",\"args\":[\"ls\"]}", "process.json: /cwd: must be" },
		{ "{\"cwd\":\"/\",\"args\":[\"ls\"],\"env\":[\"X\"]}",
		  "process.json: /env/0: must be" },
		{ "{\"cwd\":\"/\",\"args\":[1]}", "process.json: /args/0: expected a string" },
		{ "[]", "process.json: expected an object, found an array" },
	};

	(void)state;
	table_for_each (one, cases) {
		autospec spec = { 0 };
		struct error err = { .text = "" };
		int result = spec_load_process(&spec, "process.json", one->text, strlen(one->text),
					       &err);

		assert_int_equal(result, *one->error ? -1 : 0);
		if (strncmp(err.text, one->error, strlen(one->error)) != 0)
			fail_msg("%s: \"%s\"", one->text, err.text);
		assert_int_equal(spec.process.present, result == 0);
	}
}

static void a_changed_process_is_checked_again(void **state)
{
	static const char text[] = "{\"cwd\":\"/\",\"args\":[\"ls\"]}";
	autospec spec = { 0 };
	struct error err;

	(void)state;
	assert_int_equal(spec_load_process(&spec, "p", text, strlen(text), &err), 0);
	assert_int_equal(spec_validate_process(&spec.process, &err), 0);
	spec.process.cwd = "tmp";
	assert_int_equal(spec_validate_process(&spec.process, &err), -1);
	assert_string_equal(err.text, "/process/cwd: must be an absolute path");
}

static void freeing_twice_is_harmless(void **state)
{
	struct container_spec spec = { 0 };
	struct error err;

	(void)state;
	spec_free(&spec);
	assert_int_equal(spec_load(&spec, "c", HEAD "}", sizeof(HEAD), &err), 0);
	spec_free(&spec);
	spec_free(&spec);
	assert_null(spec.root.path);
}

static void errors_with_a_pointer_get_the_name(void **state)
{
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "/mounts/3: /x: why", "c.json: /mounts/3: /x: why" },
		{ "/process: why", "c.json: /process: why" },
		{ "/root/path: /root/x: why", "c.json: /root/path: /root/x: why" },
		{ "/root/x: why", "/root/x: why" },
		{ "/processes/x: why", "/processes/x: why" },
		{ "c.json: /mounts/3: why", "c.json: /mounts/3: why" },
		{ "bundle /mounts/x: why", "bundle /mounts/x: why" },
	};

	(void)state;
	table_for_each (one, cases) {
		struct error err;

		(void)error_of_kind(&err, ERROR_HOOK, "%s", one->text);
		assert_int_equal(spec_name_error("c.json", &err), -1);
		assert_string_equal(err.text, one->expected);
		assert_int_equal(err.kind, ERROR_HOOK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repeated_name_is_refused),
		cmocka_unit_test(a_wrong_type_of_uid_is_refused),
		cmocka_unit_test(the_id_that_means_no_change_is_refused),
		cmocka_unit_test(null_for_uid_is_refused_and_for_optional_members_absent),
		cmocka_unit_test(a_string_for_a_boolean_is_refused),
		cmocka_unit_test(nul_in_a_string_is_refused),
		cmocka_unit_test(invalid_utf8_in_hostname_is_refused),
		cmocka_unit_test(names_differ_by_case),
		cmocka_unit_test(comments_and_trailing_commas_are_refused),
		cmocka_unit_test(unknown_capabilities_are_left_to_the_one_who_knows_them),
		cmocka_unit_test(a_relative_cwd_is_refused),
		cmocka_unit_test(text_behind_the_document_is_refused),
		cmocka_unit_test(deep_values_are_accepted_to_64),
		cmocka_unit_test(megabytes_of_blanks_are_refused),
		cmocka_unit_test(a_document_cut_anywhere_fails_with_its_place),
		cmocka_unit_test(a_damaged_byte_never_goes_unnoticed_by_the_grammar),
		cmocka_unit_test(every_member_arrives_in_its_place),
		cmocka_unit_test(resources_arrive_in_their_places),
		cmocka_unit_test(no_processes_are_any_number_to_podman),
		cmocka_unit_test(seccomp_arrives_in_its_place),
		cmocka_unit_test(sections_of_other_platforms_are_ignored),
		cmocka_unit_test(a_process_document_is_read_by_the_same_rules),
		cmocka_unit_test(a_changed_process_is_checked_again),
		cmocka_unit_test(freeing_twice_is_harmless),
		cmocka_unit_test(errors_with_a_pointer_get_the_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
