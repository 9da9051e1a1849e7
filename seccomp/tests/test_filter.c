/* SPDX-License-Identifier: Apache-2.0 */
/* Compiled profiles are asked, not looked at: see evaluate.h. */
#include <errno.h>
#include <seccomp.h>

#include "base/table.h"
#include "seccomp/tests/evaluate.h"

#define DENIED (SECCOMP_RET_ERRNO | EPERM)

/* A profile of up to four entries and what it needs, with SCMP_ACT_ERRNO as the default. */
struct profile {
	struct seccomp_spec spec;
	struct syscall_spec entries[4];
	const char *names[4];
	struct seccomp_arg_spec args[8];
	size_t arg_count;
};

static struct error err;

static void profile_init(struct profile *profile)
{
	memset(profile, 0, sizeof(*profile));
	profile->spec.present = true;
	profile->spec.default_action = "SCMP_ACT_ERRNO";
	profile->spec.syscalls.items = profile->entries;
}

static struct syscall_spec *add(struct profile *profile, const char *name, const char *action)
{
	size_t index = profile->spec.syscalls.count++;

	profile->names[index] = name;
	profile->entries[index] = (struct syscall_spec){
		.names = { &profile->names[index], 1, true },
		.action = action,
	};
	return &profile->entries[index];
}

static void add_arg(struct profile *profile, uint32_t index, const char *op, uint64_t value,
		    uint64_t value_two)
{
	struct syscall_spec *entry = &profile->entries[profile->spec.syscalls.count - 1];

	if (entry->args.count == 0)
		entry->args.items = &profile->args[profile->arg_count];
	entry->args.count++;
	profile->args[profile->arg_count++] =
		(struct seccomp_arg_spec){ index, value, value_two, op };
}

static struct seccomp_program compiled(const struct profile *profile)
{
	struct seccomp_program program;

	err.text[0] = '\0';
	if (seccomp_compile(&profile->spec, &program, &err) < 0)
		fail_msg("%s", err.text);
	return program;
}

static uint32_t ask(const struct seccomp_program *program, const char *name, uint64_t first,
		    uint64_t second)
{
	const struct seccomp_data data = {
		.nr = seccomp_syscall_resolve_name(name),
		.arch = seccomp_arch_native(),
		.args = { first, second },
	};

	assert_true(data.nr >= 0);
	return evaluate(program, &data);
}

static uint32_t ask_once(const struct profile *profile, const char *name, uint64_t first,
			 uint64_t second)
{
	struct seccomp_program program = compiled(profile);
	uint32_t answer = ask(&program, name, first, second);

	seccomp_program_free(&program);
	return answer;
}

static void expect_refused(const struct profile *profile, const char *text)
{
	struct seccomp_program program;

	assert_int_equal(seccomp_compile(&profile->spec, &program, &err), -1);
	assert_string_equal(err.text, text);
	assert_null(program.instructions);
}

static void count_finding(void *data, bool error, const char *text)
{
	assert_true(error);
	assert_non_null(strstr(text, "/linux/seccomp/"));
	++*(size_t *)data;
}

static void with_a_report_all_errors_are_told(void **state)
{
	static const char *flags[] = { "NO", "SECCOMP_FILTER_FLAG_LOG", "NO" };
	static const char *names[] = { "chroot" };
	struct seccomp_arg_spec args[] = { { 0, 1, 0, "NO" }, { 1, 1, 0, "NO" } };
	struct syscall_spec calls[] = {
		{ .names = { names, 1, true }, .action = "NO", .args = { args, 2 } },
		{ .names = { names, 1, true }, .action = "SCMP_ACT_ERRNO" },
	};
	const struct seccomp_spec spec = {
		.present = true,
		.default_action = "NO",
		.flags = { flags, 3, true },
		.syscalls = { calls, 2 },
	};
	size_t told = 0;
	struct report report = { .say = count_finding, .data = &told };

	(void)state;
	assert_int_equal(seccomp_check(&spec, &report, &err), 0);
	assert_int_equal(told, 6);
	assert_int_equal(seccomp_check(&spec, NULL, &err), -1);
}

static void without_a_profile_there_is_no_filter(void **state)
{
	const struct seccomp_spec none = { .present = false };
	struct seccomp_program program;

	(void)state;
	assert_int_equal(seccomp_compile(&none, &program, &err), 0);
	assert_int_equal(program.length, 0);
	assert_int_equal(seccomp_program_load(&program, &err), 0);
}

static void listed_calls_get_their_action_and_others_the_default(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "getpid", "SCMP_ACT_ALLOW");
	assert_int_equal(ask_once(&profile, "getpid", 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "read", 0, 0), DENIED);
}

static void each_action_is_what_the_kernel_calls_so(void **state)
{
	static const struct {
		const char *name;
		uint32_t value;
	} actions[] = {
		{ "SCMP_ACT_KILL", SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", SECCOMP_RET_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", SECCOMP_RET_TRAP },
		{ "SCMP_ACT_TRACE", SECCOMP_RET_TRACE | EPERM },
		{ "SCMP_ACT_LOG", SECCOMP_RET_LOG },
		{ "SCMP_ACT_ALLOW", SECCOMP_RET_ALLOW },
		{ "SCMP_ACT_ERRNO", SECCOMP_RET_ERRNO | EPERM },
	};
	struct profile profile;

	(void)state;
	table_for_each (action, actions) {
		profile_init(&profile);
		add(&profile, "getpid", action->name);
		assert_int_equal(ask_once(&profile, "getpid", 0, 0), action->value);
		profile_init(&profile);
		profile.spec.default_action = action->name;
		assert_int_equal(ask_once(&profile, "getpid", 0, 0), action->value);
	}
}

static void errno_values_are_taken_as_given(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	profile.spec.default_errno_ret = (struct opt_uint){ true, ENOSYS };
	add(&profile, "getpid", "SCMP_ACT_ERRNO")->errno_ret = (struct opt_uint){ true, 0 };
	add(&profile, "getuid", "SCMP_ACT_ERRNO")->errno_ret = (struct opt_uint){ true, 4094 };
	add(&profile, "getgid", "SCMP_ACT_ERRNO");
	add(&profile, "getsid", "SCMP_ACT_TRACE")->errno_ret = (struct opt_uint){ true, 65535 };
	assert_int_equal(ask_once(&profile, "getppid", 0, 0), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(ask_once(&profile, "getpid", 0, 0), SECCOMP_RET_ERRNO);
	assert_int_equal(ask_once(&profile, "getuid", 0, 0), SECCOMP_RET_ERRNO | 4094);
	assert_int_equal(ask_once(&profile, "getgid", 0, 0), DENIED);
	assert_int_equal(ask_once(&profile, "getsid", 0, 0), SECCOMP_RET_TRACE | 65535);
}

static void errno_values_that_cannot_be_are_refused(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "getpid", "SCMP_ACT_KILL")->errno_ret = (struct opt_uint){ true, 1 };
	expect_refused(&profile, "/linux/seccomp/syscalls/0/action: SCMP_ACT_KILL takes no errno");
	profile_init(&profile);
	add(&profile, "getpid", "SCMP_ACT_ERRNO")->errno_ret = (struct opt_uint){ true, 4095 };
	expect_refused(&profile, "/linux/seccomp/syscalls/0/action: SCMP_ACT_ERRNO takes an errno "
				 "from 0 to 4094, not 4095");
	profile_init(&profile);
	profile.spec.default_action = "SCMP_ACT_ALLOW";
	profile.spec.default_errno_ret = (struct opt_uint){ true, 1 };
	expect_refused(&profile, "/linux/seccomp/defaultAction: SCMP_ACT_ALLOW takes no errno");
}

static void unknown_system_calls_are_left_out(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "no_such_call", "SCMP_ACT_ALLOW");
	add(&profile, "getpid", "SCMP_ACT_ALLOW");
	assert_int_equal(ask_once(&profile, "getpid", 0, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "read", 0, 0), DENIED);
}

static void rules_that_say_the_default_are_left_out(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "getpid", "SCMP_ACT_ERRNO");
	add(&profile, "getuid", "SCMP_ACT_ERRNO")->errno_ret = (struct opt_uint){ true, 2 };
	assert_int_equal(ask_once(&profile, "getpid", 0, 0), DENIED);
	assert_int_equal(ask_once(&profile, "getuid", 0, 0), SECCOMP_RET_ERRNO | 2);
}

static void operators_compare_64_bits_unsigned(void **state)
{
	static const uint64_t pivot = 0x80000000ffffffff;
	static const struct {
		const char *op;
		bool below, equal, above;
	} cases[] = {
		{ "SCMP_CMP_NE", true, false, true }, { "SCMP_CMP_LT", true, false, false },
		{ "SCMP_CMP_LE", true, true, false }, { "SCMP_CMP_EQ", false, true, false },
		{ "SCMP_CMP_GE", false, true, true }, { "SCMP_CMP_GT", false, false, true },
	};

	(void)state;
	table_for_each (row, cases) {
		struct profile profile;
		struct seccomp_program program;

		profile_init(&profile);
		add(&profile, "mkdir", "SCMP_ACT_ALLOW");
		add_arg(&profile, 1, row->op, pivot, 0);
		program = compiled(&profile);
		assert_int_equal(ask(&program, "mkdir", 0, pivot - 1) == SECCOMP_RET_ALLOW,
				 row->below);
		assert_int_equal(ask(&program, "mkdir", 0, 0xffffffff) == SECCOMP_RET_ALLOW,
				 row->below);
		assert_int_equal(ask(&program, "mkdir", 0, pivot) == SECCOMP_RET_ALLOW, row->equal);
		assert_int_equal(ask(&program, "mkdir", 0, pivot + 1) == SECCOMP_RET_ALLOW,
				 row->above);
		assert_int_equal(ask(&program, "mkdir", 0, UINT64_MAX) == SECCOMP_RET_ALLOW,
				 row->above);
		seccomp_program_free(&program);
	}
}

static void masked_values_are_compared_with_the_second_value(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 1, "SCMP_CMP_MASKED_EQ", 0x7e020000, 0x20000);
	assert_int_equal(ask_once(&profile, "mkdir", 0, 0x20000), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "mkdir", 0, 0x100020011), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "mkdir", 0, 0x11), DENIED);
	assert_int_equal(ask_once(&profile, "mkdir", 0, 0x10020000), DENIED);
}

static void conditions_on_different_arguments_must_all_hold(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 0, "SCMP_CMP_EQ", 1, 0);
	add_arg(&profile, 1, "SCMP_CMP_EQ", 2, 0);
	assert_int_equal(ask_once(&profile, "mkdir", 1, 2), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "mkdir", 1, 3), DENIED);
	assert_int_equal(ask_once(&profile, "mkdir", 0, 2), DENIED);
}

static void of_conditions_on_the_same_argument_one_must_hold(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	for (uint64_t value = 10; value < 17; value++) /* more than there are arguments */
		add_arg(&profile, 1, "SCMP_CMP_EQ", value, 0);
	assert_int_equal(ask_once(&profile, "mkdir", 1, 10), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "mkdir", 1, 16), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "mkdir", 10, 9), DENIED);
}

static void of_rules_with_the_same_conditions_the_first_holds(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 1, "SCMP_CMP_EQ", 1, 0);
	add(&profile, "mkdir", "SCMP_ACT_TRAP");
	add_arg(&profile, 1, "SCMP_CMP_EQ", 1, 0);
	add(&profile, "getpid", "SCMP_ACT_ALLOW");
	add(&profile, "getpid", "SCMP_ACT_TRAP");
	assert_int_equal(ask_once(&profile, "mkdir", 0, 1), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "getpid", 0, 1), SECCOMP_RET_ALLOW);
}

static void overlapping_rules_are_taken(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 1, "SCMP_CMP_GT", 5, 0);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 1, "SCMP_CMP_EQ", 7, 0);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 0, "SCMP_CMP_EQ", 1, 0);
	assert_int_equal(ask_once(&profile, "mkdir", 0, 7), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "mkdir", 1, 0), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_once(&profile, "mkdir", 0, 5), DENIED);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	assert_int_equal(ask_once(&profile, "mkdir", 0, 5), SECCOMP_RET_ALLOW);
}

static void only_listed_architectures_and_the_own_one_may_call(void **state)
{
	static const char *names[] = { "SCMP_ARCH_X86", "SCMP_ARCH_X86_64" };
	const struct seccomp_data i386 = { .nr = 20, .arch = SCMP_ARCH_X86 }; /* getpid */
	struct seccomp_program program;
	struct profile profile;

	(void)state;
	if (seccomp_arch_native() != SCMP_ARCH_X86_64) {
		print_message("skip: system call numbers of x86_64\n");
		skip();
	}
	profile_init(&profile);
	add(&profile, "getpid", "SCMP_ACT_ALLOW");
	program = compiled(&profile);
	assert_int_equal(evaluate(&program, &i386), SECCOMP_RET_KILL_THREAD);
	seccomp_program_free(&program);
	profile.spec.architectures = (struct string_list){ names, 1, true };
	program = compiled(&profile);
	assert_int_equal(evaluate(&program, &i386), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&program, "getpid", 0, 0), SECCOMP_RET_ALLOW);
	seccomp_program_free(&program);
	profile.spec.architectures.count = 2;
	program = compiled(&profile);
	assert_int_equal(ask(&program, "getpid", 0, 0), SECCOMP_RET_ALLOW);
	seccomp_program_free(&program);
}

static void unknown_names_are_refused_with_their_pointer(void **state)
{
	static const char *architecture = "SCMP_ARCH_Z80", *flag = "SECCOMP_FILTER_FLAG_X";
	struct profile profile;

	(void)state;
	profile_init(&profile);
	profile.spec.default_action = "SCMP_ACT_DENY";
	expect_refused(&profile, "/linux/seccomp/defaultAction: unknown action \"SCMP_ACT_DENY\"");
	profile_init(&profile);
	add(&profile, "getpid", "allow");
	expect_refused(&profile, "/linux/seccomp/syscalls/0/action: unknown action \"allow\"");
	profile_init(&profile);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 0, "SCMP_CMP_IN", 0, 0);
	expect_refused(&profile,
		       "/linux/seccomp/syscalls/0/args/0/op: unknown operator \"SCMP_CMP_IN\"");
	profile_init(&profile);
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	add_arg(&profile, 6, "SCMP_CMP_EQ", 0, 0);
	expect_refused(&profile, "/linux/seccomp/syscalls/0/args/0/index: 6 is above 5");
	profile_init(&profile);
	profile.spec.architectures = (struct string_list){ &architecture, 1, true };
	expect_refused(&profile,
		       "/linux/seccomp/architectures/0: unknown architecture \"SCMP_ARCH_Z80\"");
	profile_init(&profile);
	profile.spec.flags = (struct string_list){ &flag, 1, true };
	expect_refused(&profile, "/linux/seccomp/flags/0: unknown flag \"SECCOMP_FILTER_FLAG_X\"");
}

static void an_architecture_of_the_other_byte_order_is_refused(void **state)
{
	static const char *names[] = { "SCMP_ARCH_S390X" };
	struct profile profile;

	(void)state;
	if (seccomp_arch_native() == SCMP_ARCH_S390X) {
		print_message("skip: this machine has that byte order\n");
		skip();
	}
	profile_init(&profile);
	profile.spec.architectures = (struct string_list){ names, 1, true };
	expect_refused(&profile, "/linux/seccomp/architectures/0: SCMP_ARCH_S390X has the other "
				 "byte order than this host");
}

static void notify_asks_for_a_listener(void **state)
{
	struct seccomp_program program;
	struct profile profile;

	(void)state;
	profile_init(&profile);
	profile.spec.listener_path = "/run/agent"; /* without NOTIFY it means nothing */
	add(&profile, "mkdir", "SCMP_ACT_ALLOW");
	program = compiled(&profile);
	assert_false(seccomp_program_listens(&program));
	seccomp_program_free(&program);
	assert_false(seccomp_notifies(&profile.spec, NULL));

	add(&profile, "rmdir", "SCMP_ACT_NOTIFY");
	program = compiled(&profile);
	assert_true(seccomp_program_listens(&program));
	assert_int_equal(ask(&program, "rmdir", 0, 0), SECCOMP_RET_USER_NOTIF);
	seccomp_program_free(&program);
	assert_true(seccomp_notifies(&profile.spec, NULL));
	assert_true(seccomp_notifies(&profile.spec, "rmdir"));
	assert_false(seccomp_notifies(&profile.spec, "mkdir"));
}

static uint32_t ask_number(const struct profile *profile, uint32_t arch, uint32_t number)
{
	const struct seccomp_data data = { .nr = (int)number, .arch = arch };
	struct seccomp_program program = compiled(profile);
	uint32_t answer = evaluate(&program, &data);

	seccomp_program_free(&program);
	return answer;
}

static void newer_calls_than_the_profiles_do_not_exist(void **state)
{
	static const struct {
		const char *action;
		bool stands; /* the default holds for new calls, too */
	} defaults[] = {
		{ "SCMP_ACT_ERRNO", false }, { "SCMP_ACT_KILL_PROCESS", false },
		{ "SCMP_ACT_KILL", false },  { "SCMP_ACT_TRAP", false },
		{ "SCMP_ACT_ALLOW", true },  { "SCMP_ACT_LOG", true },
		{ "SCMP_ACT_TRACE", true },
	};
	const uint32_t arch = seccomp_arch_native();
	const uint32_t newest = (uint32_t)seccomp_syscall_resolve_name("openat2");

	(void)state;
	table_for_each (row, defaults) {
		struct profile profile;
		uint32_t otherwise;

		profile_init(&profile);
		profile.spec.default_action = row->action;
		add(&profile, "getpid", "SCMP_ACT_ERRNO")->errno_ret = (struct opt_uint){ true, 5 };
		add(&profile, "openat2", "SCMP_ACT_ERRNO")->errno_ret =
			(struct opt_uint){ true, 6 };
		otherwise = ask_number(&profile, arch, newest - 1);
		assert_int_equal(ask_number(&profile, arch, newest), SECCOMP_RET_ERRNO | 6);
		assert_int_equal(ask_number(&profile, arch, newest + 1),
				 row->stands ? otherwise : (SECCOMP_RET_ERRNO | ENOSYS));
		assert_int_equal(ask_number(&profile, arch, 0x0effff),
				 row->stands ? otherwise : (SECCOMP_RET_ERRNO | ENOSYS));
		assert_int_equal(ask_number(&profile, arch, UINT32_MAX), otherwise);
	}
}

static void each_architecture_has_its_own_newest_call(void **state)
{
	static const char *names[] = { "SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32" };
	const uint32_t no_such_call = SECCOMP_RET_ERRNO | ENOSYS;
	struct profile profile;

	(void)state;
	if (seccomp_arch_native() != SCMP_ARCH_X86_64)
		skip();
	profile_init(&profile);
	add(&profile, "preadv", "SCMP_ACT_ALLOW"); /* 295, 333, x32: 534 */
	profile.spec.architectures = (struct string_list){ names, 3, true };
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86_64, 295), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86_64, 296), no_such_call);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86, 333), SECCOMP_RET_ALLOW);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86, 332), DENIED);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86, 334), no_such_call);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86_64, 0x40000000 | 534),
			 SECCOMP_RET_ALLOW);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86_64, 0x40000000 | 533), DENIED);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86_64, 0x40000000 | 535), no_such_call);
	/* what the filter isn't for is not ours to answer */
	profile.spec.architectures = (struct string_list){ names, 1, true };
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86, 400), SECCOMP_RET_KILL_THREAD);
	assert_int_equal(ask_number(&profile, SCMP_ARCH_X86_64, 0x40000000 | 535),
			 SECCOMP_RET_KILL_THREAD);
}

static void a_profile_that_names_nothing_knows_nothing_newer(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	assert_int_equal(ask_number(&profile, seccomp_arch_native(), 300), DENIED);
	profile.spec.default_errno_ret = (struct opt_uint){ true, ENOSYS };
	add(&profile, "getpid", "SCMP_ACT_ALLOW");
	assert_int_equal(ask_number(&profile, seccomp_arch_native(), 300),
			 SECCOMP_RET_ERRNO | ENOSYS);
}

static void names_may_have_to_be_known(void **state)
{
	struct profile profile;

	(void)state;
	profile_init(&profile);
	add(&profile, "no_such_call", "SCMP_ACT_ALLOW");
	profile.spec.names_must_be_known = true;
	assert_int_equal(seccomp_compile(&profile.spec, &(struct seccomp_program){ 0 }, &err), -1);
	assert_non_null(strstr(err.text, "/linux/seccomp/syscalls/0/names"));
	assert_non_null(strstr(err.text, "\"no_such_call\""));
}

static void absent_flags_and_no_flags_differ(void **state)
{
	static const char *names[] = { "SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG" };
	struct seccomp_program program;
	struct profile profile;

	(void)state;
	profile_init(&profile);
	program = compiled(&profile);
	assert_int_equal(program.flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	seccomp_program_free(&program);
	profile.spec.flags = (struct string_list){ NULL, 0, true };
	program = compiled(&profile);
	assert_int_equal(program.flags, 0);
	seccomp_program_free(&program);
	profile.spec.flags = (struct string_list){ names, 2, true };
	program = compiled(&profile);
	assert_int_equal(program.flags, SECCOMP_FILTER_FLAG_LOG);
	seccomp_program_free(&program);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(with_a_report_all_errors_are_told),
		cmocka_unit_test(without_a_profile_there_is_no_filter),
		cmocka_unit_test(listed_calls_get_their_action_and_others_the_default),
		cmocka_unit_test(each_action_is_what_the_kernel_calls_so),
		cmocka_unit_test(errno_values_are_taken_as_given),
		cmocka_unit_test(errno_values_that_cannot_be_are_refused),
		cmocka_unit_test(unknown_system_calls_are_left_out),
		cmocka_unit_test(rules_that_say_the_default_are_left_out),
		cmocka_unit_test(operators_compare_64_bits_unsigned),
		cmocka_unit_test(masked_values_are_compared_with_the_second_value),
		cmocka_unit_test(conditions_on_different_arguments_must_all_hold),
		cmocka_unit_test(of_conditions_on_the_same_argument_one_must_hold),
		cmocka_unit_test(of_rules_with_the_same_conditions_the_first_holds),
		cmocka_unit_test(overlapping_rules_are_taken),
		cmocka_unit_test(only_listed_architectures_and_the_own_one_may_call),
		cmocka_unit_test(unknown_names_are_refused_with_their_pointer),
		cmocka_unit_test(an_architecture_of_the_other_byte_order_is_refused),
		cmocka_unit_test(notify_asks_for_a_listener),
		cmocka_unit_test(newer_calls_than_the_profiles_do_not_exist),
		cmocka_unit_test(each_architecture_has_its_own_newest_call),
		cmocka_unit_test(a_profile_that_names_nothing_knows_nothing_newer),
		cmocka_unit_test(names_may_have_to_be_known),
		cmocka_unit_test(absent_flags_and_no_flags_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
