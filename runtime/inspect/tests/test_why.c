/* SPDX-License-Identifier: Apache-2.0 */
/* The tables that why judges by, and its judgement of facts that are made here. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "runtime/inspect/why.h"

static void the_table_is_sorted_and_names_what_exists(void **state)
{
	const struct privilege *row, *last = NULL;

	(void)state;
	for (size_t n = 0; (row = privilege_row(n)) != NULL; n++) {
		bool known = false;

		if (last)
			assert_true(strcmp(last->call, row->call) <= 0);
		last = row;
		for (int i = 0; i < 64 && !known; i++) {
			const char *name = capability_name(i);

			known = name && strcasecmp(name, row->capability) == 0;
		}
		if (!known)
			fail_msg("%s: %s is no capability", row->call, row->capability);
		/* stime and nice are not on every architecture, bind wasn't on x86 */
		if (call_number(call_arch("x86"), row->call) < 0 &&
		    call_number(call_arch("x86_64"), row->call) < 0)
			fail_msg("%s is no system call", row->call);
	}
}

#define INITIAL UINT64_C(0xEFFFFFFD)
#define CHILD UINT64_C(4711)
#define SYS_ADMIN 21

static const struct target made = { .text = "made" };

static enum why_verdict judge(const char *call, uint64_t effective, uint64_t userns, uint64_t owner)
{
	struct document document = {
		.target = &made,
		.caps = { .fact = fact_known("test"),
			  .set = { [CAPABILITY_EFFECTIVE] = effective } },
		.process.userns = { fact_known("test"), userns },
	};
	struct filters none = { 0 };
	struct why_facts facts = { .document = &document, .filters = &none };
	enum why_verdict verdict;
	struct error err;
	struct why why;

	for (int i = 0; i < NAMESPACE_COUNT; i++)
		facts.owner[i] = (struct fact_uint){ fact_known("test"), owner };
	assert_int_equal(why_call(&why, &facts, call, NULL, 0, &err), 0);
	assert_true(why.count >= 2);
	assert_string_equal(why.layers[1].name, "capability");
	verdict = why.layers[1].verdict;
	arena_free(&document.arena);
	return verdict;
}

static void a_capability_counts_for_what_its_user_namespace_owns(void **state)
{
	const uint64_t admin = UINT64_C(1) << SYS_ADMIN;

	(void)state;
	assert_int_equal(judge("sethostname", admin, INITIAL, INITIAL), WHY_ALLOWED);
	assert_int_equal(judge("sethostname", 0, INITIAL, INITIAL), WHY_DENIED);
	assert_int_equal(judge("sethostname", admin, CHILD, CHILD), WHY_ALLOWED);
	assert_int_equal(judge("sethostname", admin, CHILD, INITIAL), WHY_DENIED);
	assert_int_equal(judge("sethostname", admin, CHILD, CHILD + 1), WHY_DEPENDS);
	assert_int_equal(judge("swapon", admin, CHILD, CHILD), WHY_DENIED);
	assert_int_equal(judge("unshare", 0, INITIAL, INITIAL), WHY_DEPENDS);
	assert_int_equal(judge("chown", 0, INITIAL, INITIAL), WHY_DEPENDS);
}

static void an_unknown_call_is_an_error(void **state)
{
	struct document document = { .target = &made };
	struct why_facts facts = { .document = &document };
	struct error err;
	struct why why;

	(void)state;
	assert_int_equal(why_call(&why, &facts, "frobnicate", NULL, 0, &err), -1);
}

static void only_refusals_are_looked_at(void **state)
{
	(void)state;
	assert_true(why_is_refusal("open", EPERM) && why_is_refusal("open", EROFS));
	assert_true(why_is_refusal("fork", EAGAIN));
	assert_false(why_is_refusal("stat", ENOENT) || why_is_refusal("read", EINTR));
	/* ids that aren't mapped, and nothing else that is invalid */
	assert_true(why_is_refusal("setuid", EINVAL) && why_is_refusal("openat", EOVERFLOW));
	assert_false(why_is_refusal("read", EINVAL) || why_is_refusal("lseek", EOVERFLOW));
	assert_true(why_is_refusal("rename", EBUSY) && why_is_refusal("execve", ETXTBSY));
	assert_false(why_is_refusal("ioctl", EBUSY) || why_is_refusal("sendto", ECONNREFUSED));
}

static bool is_ordinary(const char *call, int code, const char *path, const char *address)
{
	const struct why_failure failure = {
		.call = call, .code = code, .path = path, .address = address
	};

	assert_true(why_is_refusal(call, code));
	return why_is_ordinary(&failure);
}

static void what_every_program_tries_is_ordinary(void **state)
{
	const struct why_failure six = { .call = "socket",
					 .code = EAFNOSUPPORT,
					 .arguments = { AF_INET6 } };

	(void)state;
	assert_true(is_ordinary("openat", ENOENT, "/etc/ld.so.preload", NULL));
	assert_true(is_ordinary("openat", ENOENT, NULL, NULL));
	assert_false(is_ordinary("openat", ENOENT, "/dev/fuse", NULL));
	assert_false(is_ordinary("openat", EPERM, "/etc/passwd", NULL));
	assert_true(is_ordinary("connect", ECONNREFUSED, NULL, "10.1.2.3:80"));
	assert_true(is_ordinary("connect", ECONNREFUSED, "/run/x", NULL));
	assert_false(is_ordinary("connect", ECONNREFUSED, NULL, "127.0.0.1:80"));
	assert_false(is_ordinary("connect", ECONNREFUSED, NULL, "@x"));
	assert_true(why_is_ordinary(&six));
}

static void a_long_call_has_its_error_on_a_line_below(void **state)
{
	static const struct text_style style = { 0 };
	const struct why_reason reason = { SURE_CERTAIN, "mounts", "it is read-only", NULL };
	struct why_failure failure = {
		.call = "mkdir",
		.path = "/sys/fs/cgroup/a",
		.code = EROFS,
	};
	struct buffer out = { 0 };

	(void)state;
	why_failure_text(&out, &failure, &reason, &style);
	assert_non_null(strstr(out.text, " = EROFS   certain"));
	assert_ptr_equal(strchr(out.text, '\n'), strrchr(out.text, '\n'));
	buffer_free(&out);

	failure.path = "/sys/fs/cgroup/a-name-that-leaves-no-room-for-more/cgroup.procs";
	why_failure_text(&out, &failure, &reason, &style);
	assert_non_null(strstr(out.text, "\n    = EROFS   certain   mounts: it is read-only\n"));
	for (const char *line = out.text; *line; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 80);
	buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_sorted_and_names_what_exists),
		cmocka_unit_test(a_capability_counts_for_what_its_user_namespace_owns),
		cmocka_unit_test(an_unknown_call_is_an_error),
		cmocka_unit_test(only_refusals_are_looked_at),
		cmocka_unit_test(what_every_program_tries_is_ordinary),
		cmocka_unit_test(a_long_call_has_its_error_on_a_line_below),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
