/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The generated program is executed by a small evaluator of the instructions that it may contain;
 * anything else, a jump out of the program or a missing answer is a failure.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/device_filter.h"

#define R BPF_DEVCG_ACC_READ
#define W BPF_DEVCG_ACC_WRITE
#define M BPF_DEVCG_ACC_MKNOD

static struct arena arena;

static struct opt_int number(int64_t value)
{
	return (struct opt_int){ .present = value != -2, .value = value };
}

/* major or minor -2: absent */
static struct device_rule rule(bool allow, const char *type, int64_t major, int64_t minor,
			       const char *access)
{
	return (struct device_rule){ allow, type, number(major), number(minor), access };
}

static const struct device_rule deny_all = { .allow = false, .access = "rwm" };
static const struct device_rule allow_all = { .allow = true, .access = "rwm" };

static int compile(const struct device_rule *rules, size_t count, const struct device_spec *devices,
		   size_t device_count, struct device_program **program, struct error *err)
{
	struct container_spec spec = { 0 };

	spec.linux.resources.devices.present = true;
	spec.linux.resources.devices.items = (struct device_rule *)rules;
	spec.linux.resources.devices.count = count;
	spec.linux.devices.items = (struct device_spec *)devices;
	spec.linux.devices.count = device_count;
	return device_filter_compile(&spec, &arena, program, err);
}

static struct device_program *compiled(const struct device_rule *rules, size_t count)
{
	struct device_program *program;
	struct error err;

	assert_int_equal(compile(rules, count, NULL, 0, &program, &err), 0);
	return program;
}

static uint32_t load_context(const uint32_t context[3], const struct bpf_insn *instruction)
{
	assert_int_equal(instruction->src_reg, BPF_REG_1);
	assert_true(instruction->off == 0 || instruction->off == 4 || instruction->off == 8);
	return context[instruction->off / 4];
}

static uint32_t compute(uint8_t operation, uint32_t left, uint32_t right)
{
	switch (operation) {
	case BPF_MOV:
		return right;
	case BPF_AND:
		return left & right;
	case BPF_OR:
		return left | right;
	case BPF_LSH:
		return left << right;
	case BPF_RSH:
		return left >> right;
	default:
		fail_msg("unexpected operation 0x%x", operation);
		return 0;
	}
}

static bool compare(uint8_t operation, uint32_t left, uint32_t right)
{
	switch (operation) {
	case BPF_JEQ:
		return left == right;
	case BPF_JA:
		return true;
	case BPF_JSET:
		return (left & right) != 0;
	default:
		fail_msg("unexpected condition 0x%x", operation);
		return false;
	}
}

static bool allowed(const struct device_program *program, char type, uint32_t major, uint32_t minor,
		    uint32_t access)
{
	uint32_t kind = type == 'b' ? BPF_DEVCG_DEV_BLOCK : BPF_DEVCG_DEV_CHAR;
	const uint32_t context[3] = { access << 16 | kind, major, minor };
	uint32_t registers[10] = { 0 };

	for (size_t i = 0; i < program->count; i++) {
		const struct bpf_insn *insn = &program->instructions[i];
		uint32_t *destination = &registers[insn->dst_reg];
		uint32_t right = BPF_SRC(insn->code) == BPF_X ? registers[insn->src_reg]
							      : (uint32_t)insn->imm;

		if (insn->code == (BPF_JMP | BPF_EXIT)) {
			assert_true(registers[0] <= 1);
			return registers[0] == 1;
		}
		if (BPF_CLASS(insn->code) == BPF_JMP32 || insn->code == (BPF_JMP | BPF_JA)) {
			assert_true(insn->off >= 0 && i + 1 + (size_t)insn->off < program->count);
			if (compare(BPF_OP(insn->code), *destination, right))
				i += (size_t)insn->off;
		} else if (BPF_CLASS(insn->code) == BPF_LDX) {
			*destination = load_context(context, insn);
		} else {
			assert_true(BPF_CLASS(insn->code) == BPF_ALU ||
				    BPF_CLASS(insn->code) == BPF_ALU64);
			*destination = compute(BPF_OP(insn->code), *destination, right);
		}
	}
	fail_msg("the program ends without an answer");
	return false;
}

static void without_a_list_there_is_no_program(void **state)
{
	(void)state;
	assert_null(compiled(NULL, 0));
	assert_null(compiled(&allow_all, 1));
}

static void an_allow_all_at_the_end_needs_no_program(void **state)
{
	const struct device_rule rules[] = { deny_all, rule(false, "c", 1, 3, "rwm"), allow_all };

	(void)state;
	assert_null(compiled(rules, 3));
	assert_non_null(compiled(rules, 2));
}

static void deny_all_leaves_the_default_devices_and_mknod(void **state)
{
	static const uint32_t usable[][2] = { { 1, 3 },	   { 1, 5 },   { 1, 7 }, { 1, 8 },
					      { 1, 9 },	   { 5, 0 },   { 5, 2 }, { 136, 0 },
					      { 136, 77 }, { 10, 200 } };
	struct device_program *program = compiled(&deny_all, 1);

	(void)state;
	table_for_each (device, usable)
		assert_true(allowed(program, 'c', (*device)[0], (*device)[1], R | W | M));
	assert_true(allowed(program, 'c', 10, 229, M));
	assert_true(allowed(program, 'b', 8, 0, M));
	assert_false(allowed(program, 'b', 8, 0, R));
	assert_false(allowed(program, 'b', 8, 0, M | R));
	assert_false(allowed(program, 'c', 10, 229, R));
	assert_false(allowed(program, 'c', 1, 1, W)); /* mem */
	assert_false(allowed(program, 'b', 1, 3, R)); /* ram3, not null */
	assert_false(allowed(program, 'c', 5, 1, R));
}

static void what_is_default_is_told(void **state)
{
	const struct device_rule defaults[] = {
		rule(false, "c", 1, 3, "rwm"),	rule(false, "c", 136, -1, "r"),
		rule(false, "c", 136, 7, NULL), rule(false, "c", 10, 229, "m"),
		rule(false, "b", -2, -2, "m"),	rule(false, "a", -1, -1, "m"),
	};
	const struct device_rule others[] = {
		rule(false, "b", 1, 3, "rwm"),
		rule(false, "a", 1, 3, "rwm"),
		rule(false, "c", 1, -1, "rwm"),
		rule(false, "c", 10, 229, "rm"),
		deny_all,
		rule(false, "x", 1, 3, "m"),
	};

	(void)state;
	table_for_each (one, defaults)
		assert_true(device_rule_is_default(one));
	table_for_each (one, others)
		assert_false(device_rule_is_default(one));
}

static void a_rule_covers_what_it_decides_alone(void **state)
{
	const struct device_rule fuse = rule(true, "c", 10, 229, "rw");
	const struct device_rule wide[] = { fuse, rule(false, "c", 10, 229, "rwm"),
					    rule(false, "c", 10, -1, "rw"),
					    rule(true, "a", -2, 229, "wr"), deny_all };
	const struct device_rule narrow[] = { rule(false, "c", 10, 229, "r"),
					      rule(false, "b", 10, 229, "rwm"),
					      rule(false, "c", 10, 228, "rwm"),
					      rule(false, "c", 11, -1, "rwm") };

	(void)state;
	table_for_each (later, wide)
		assert_true(device_rule_covers(later, &fuse));
	table_for_each (later, narrow)
		assert_false(device_rule_covers(later, &fuse));
	assert_false(device_rule_covers(&fuse, &deny_all));
}

static void the_later_rule_wins(void **state)
{
	const struct device_rule fuse = rule(true, "c", 10, 229, "rw");
	const struct device_rule denied_last[] = { fuse, deny_all };
	const struct device_rule allowed_last[] = { deny_all, fuse };
	const struct device_rule exception[] = { allow_all, rule(false, "c", 10, 229, "rwm") };

	(void)state;
	assert_false(allowed(compiled(denied_last, 2), 'c', 10, 229, R));
	assert_true(allowed(compiled(allowed_last, 2), 'c', 10, 229, R | W));
	assert_false(allowed(compiled(allowed_last, 2), 'c', 10, 228, R));
	assert_false(allowed(compiled(exception, 2), 'c', 10, 229, R));
	assert_true(allowed(compiled(exception, 2), 'c', 10, 228, R | W | M));
	assert_true(allowed(compiled(exception, 2), 'b', 10, 229, R | W | M));
}

static void each_kind_of_access_has_its_own_last_rule(void **state)
{
	const struct device_rule rules[] = { allow_all, rule(false, "c", 10, 229, "w") };
	const struct device_rule pieces[] = { deny_all, rule(true, "c", 7, 1, "r"),
					      rule(true, "c", 7, 1, "w") };
	struct device_program *program = compiled(rules, 2);

	(void)state;
	assert_true(allowed(program, 'c', 10, 229, R));
	assert_false(allowed(program, 'c', 10, 229, W));
	assert_false(allowed(program, 'c', 10, 229, R | W));
	assert_true(allowed(compiled(pieces, 3), 'c', 7, 1, R | W));
	assert_true(allowed(compiled(pieces, 3), 'c', 7, 1, W));
	assert_false(allowed(compiled(pieces, 2), 'c', 7, 1, R | W));
}

static void wildcards_match_one_half_or_both(void **state)
{
	const struct device_rule rules[] = { deny_all, rule(true, "b", 8, -1, "r"),
					     rule(true, "c", -2, 77, "rwm"),
					     rule(true, "a", 200, 5, "w"),
					     rule(true, "b", -1, -1, "w") };
	struct device_program *program = compiled(rules, ARRAY_SIZE(rules));

	(void)state;
	assert_true(allowed(program, 'b', 8, 4711, R | W));
	assert_false(allowed(program, 'b', 9, 0, R));
	assert_true(allowed(program, 'b', 9, 0, W));
	assert_true(allowed(program, 'c', 4095, 77, R | W | M));
	assert_false(allowed(program, 'c', 8, 78, R));
	assert_true(allowed(program, 'c', 200, 5, W));
	assert_false(allowed(program, 'c', 200, 5, R));
}

static void the_highest_device_numbers_are_told_apart(void **state)
{
	const struct device_rule rules[] = { deny_all, rule(true, "c", 4095, 1048575, "r"),
					     rule(true, "c", 4096, 0, "r"),
					     rule(true, "c", 8, 1048576, "r") };
	struct device_program *program = compiled(rules, ARRAY_SIZE(rules));

	(void)state;
	assert_true(allowed(program, 'c', 4095, 1048575, R));
	assert_false(allowed(program, 'c', 4095, 1048574, R));
	assert_false(allowed(program, 'c', 0, 0, R));
	assert_false(allowed(program, 'c', 9, 0, R)); /* 8 << 20 | 1 << 20 */
}

static struct device_spec node(const char *type, int64_t major, int64_t minor)
{
	return (struct device_spec){
		.type = type, .path = "/dev/x", .major = number(major), .minor = number(minor)
	};
}

/* Nodes that linux.devices lists are made; who may use them the rules alone say. */
static void listed_nodes_need_a_rule(void **state)
{
	const struct device_spec nodes[] = { node("u", 10, 229), node("b", 8, 0), node("c", 1, 3) };
	const struct device_rule rules[] = { deny_all, rule(true, "b", 8, 0, "r") };
	struct device_program *program;
	struct error err;

	(void)state;
	assert_int_equal(compile(rules, 2, nodes, 3, &program, &err), 0);
	assert_false(allowed(program, 'c', 10, 229, R));
	assert_true(allowed(program, 'c', 10, 229, M));
	assert_true(allowed(program, 'b', 8, 0, R));
	assert_false(allowed(program, 'b', 8, 0, W));
	assert_true(allowed(program, 'c', 1, 3, R | W));
}

static void bad_rules_are_refused_with_their_pointer(void **state)
{
	static const struct {
		struct device_rule rule;
		const char *text;
	} cases[] = {
		{ { true, "x", { 0 }, { 0 }, "r" },
		  "/linux/resources/devices/1/type: \"x\": expected \"a\", \"b\" or \"c\"" },
		{ { true, "c", { 0 }, { 0 }, "rx" },
		  "/linux/resources/devices/1/access: \"rx\": expected letters of \"rwm\"" },
		{ { true, "c", { 0 }, { 0 }, "" },
		  "/linux/resources/devices/1/access: \"\": expected letters of \"rwm\"" },
		{ { true, "c", { true, -2 }, { 0 }, "r" },
		  "/linux/resources/devices/1/major: -2 is not a device number" },
		{ { true, "c", { 0 }, { true, 1LL << 32 }, "r" },
		  "/linux/resources/devices/1/minor: 4294967296 is not a device number" },
	};

	(void)state;
	table_for_each (row, cases) {
		const struct device_rule rules[] = { deny_all, row->rule };
		struct device_program *program;
		struct error err;

		assert_int_equal(compile(rules, 2, NULL, 0, &program, &err), -1);
		assert_string_equal(err.text, row->text);
	}
}

static void thousands_of_rules_fit_and_more_are_refused(void **state)
{
	static struct device_rule rules[8000];
	struct device_program *program;
	struct error err;

	(void)state;
	rules[0] = deny_all;
	for (size_t i = 1; i < ARRAY_SIZE(rules); i++)
		rules[i] = rule(true, "a", (int64_t)(i / 1000) + 300, (int64_t)i, "rw");
	program = compiled(rules, 4000);
	assert_true(allowed(program, 'c', 300, 1, R | W));
	assert_true(allowed(program, 'b', 303, 3999, R));
	assert_false(allowed(program, 'b', 304, 4000, R));
	assert_int_equal(compile(rules, ARRAY_SIZE(rules), NULL, 0, &program, &err), -1);
	assert_non_null(strstr(err.text, "/linux/resources/devices: 8010 rules, at most"));
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_list_there_is_no_program),
		cmocka_unit_test(an_allow_all_at_the_end_needs_no_program),
		cmocka_unit_test(deny_all_leaves_the_default_devices_and_mknod),
		cmocka_unit_test(what_is_default_is_told),
		cmocka_unit_test(a_rule_covers_what_it_decides_alone),
		cmocka_unit_test(the_later_rule_wins),
		cmocka_unit_test(each_kind_of_access_has_its_own_last_rule),
		cmocka_unit_test(wildcards_match_one_half_or_both),
		cmocka_unit_test(the_highest_device_numbers_are_told_apart),
		cmocka_unit_test(listed_nodes_need_a_rule),
		cmocka_unit_test(bad_rules_are_refused_with_their_pointer),
		cmocka_unit_test(thousands_of_rules_fit_and_more_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
