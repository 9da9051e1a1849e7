/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What execve makes of capability sets, and the planned sets of a configuration.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <linux/capability.h>
#include <string.h>

#include "runtime/inspect/caps.h"
#include "spec/load.h"

#define BIT(number) (UINT64_C(1) << (number))
#define KILL BIT(CAP_KILL)
#define CHOWN BIT(CAP_CHOWN)

static uint64_t after(uint64_t permitted, uint64_t inheritable, uint64_t bounding, uint64_t ambient,
		      bool zero, bool no_new_privs)
{
	const uint64_t set[CAPABILITY_SET_COUNT] = {
		[CAPABILITY_PERMITTED] = permitted,
		[CAPABILITY_INHERITABLE] = inheritable,
		[CAPABILITY_BOUNDING] = bounding,
		[CAPABILITY_AMBIENT] = ambient,
	};

	return caps_after_exec(set, zero, no_new_privs);
}

static void test_exec_rule(void **state)
{
	(void)state;
	assert_int_equal(after(KILL, 0, KILL, 0, true, false), KILL);
	/* root gets what is bounding, unless nothing may be gained */
	assert_int_equal(after(KILL, 0, KILL | CHOWN, 0, true, false), KILL | CHOWN);
	assert_int_equal(after(KILL, 0, KILL | CHOWN, 0, true, true), KILL);
	/* others keep what is ambient */
	assert_int_equal(after(KILL, KILL, KILL, 0, false, false), 0);
	assert_int_equal(after(KILL | CHOWN, KILL, KILL, KILL, false, true), KILL);
}

static const char document_text[] =
	"{\"ociVersion\":\"1.0.2\",\"root\":{\"path\":\"rootfs\"},\"process\":{\"cwd\":\"/\","
	"\"args\":[\"x\",\"y z\"],\"user\":{\"uid\":%s,\"gid\":0},\"capabilities\":{\"bounding\":"
	"[\"CAP_KILL\"],\"effective\":[\"CAP_KILL\"],\"permitted\":[\"CAP_KILL\"],\"ambient\":"
	"[\"CAP_KILL\"]%s}},\"linux\":{\"namespaces\":[{\"type\":\"user\"}],"
	"\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":10}],"
	"\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":10}]}}";

static void plan(const char *uid, const char *more, struct container_spec *spec,
		 struct document *document)
{
	static struct target target;
	autobuffer text = { 0 };
	struct error err;

	buffer_format(&text, document_text, uid, more);
	if (spec_load(spec, "config.json", text.text, text.length, &err) < 0)
		fail_msg("%s", err.text);
	target = (struct target){ .text = "b/", .kind = TARGET_BUNDLE, .config = spec };
	if (document_collect(document, &target, BLOCK_CAPS, &err) < 0)
		fail_msg("%s", err.text);
}

static void test_planned_root(void **state)
{
	autospec spec = { 0 };
	autodocument document = { 0 };

	(void)state;
	plan("0", "", &spec, &document);
	assert_int_equal(document.caps.set[CAPABILITY_EFFECTIVE], KILL);
	assert_int_equal(document.caps.set[CAPABILITY_AMBIENT], 0);
	assert_int_equal(document.caps.asked[CAPABILITY_AMBIENT], KILL);
	assert_int_equal(document.note_count, 1);
	assert_string_equal(document.notes[0].id, "AMB01");
	assert_int_equal(document.process.host_uid.value, 100000);
	assert_memory_equal(document.process.arguments, "x\0y z", 5);
}

static void test_planned_user(void **state)
{
	autospec spec = { 0 }, good = { 0 };
	autodocument document = { 0 }, other = { 0 };

	(void)state;
	plan("5", "", &spec, &document);
	assert_int_equal(document.caps.set[CAPABILITY_EFFECTIVE], 0);
	assert_int_equal(document.note_count, 2);
	plan("5", ",\"inheritable\":[\"CAP_KILL\"]", &good, &other);
	assert_int_equal(other.caps.set[CAPABILITY_EFFECTIVE], KILL);
	assert_int_equal(other.note_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_exec_rule),
		cmocka_unit_test(test_planned_root),
		cmocka_unit_test(test_planned_user),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
