/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules as a BPF program (bpf(2); cgroup-v2.rst, "Device controller";
 * config-linux.md#allowed-device-list).
 *
 * The program walks the rules from the last to the first with the set of accesses that are still
 * undecided: a matching "allow" takes its accesses out of the set and is done when the set is
 * empty; a matching "deny" is done when it finds one of its accesses in it. So an open for reading
 * and writing passes only if both are allowed, each by its own last rule.
 *
 * syscalls: none
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"
#include "cgroups/device_filter.h"

#define ANY (-1)
#define ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)

struct rule {
	bool allow;
	char type;	/* 'a', 'b', 'c' */
	uint8_t access; /* BPF_DEVCG_ACC_* */
	int64_t major, minor;
};

/* What every container may do, whatever its list says: runc's set. */
static const struct rule default_rules[] = {
	{ true, 'c', BPF_DEVCG_ACC_MKNOD, ANY, ANY }, /* a node is no access to its device */
	{ true, 'b', BPF_DEVCG_ACC_MKNOD, ANY, ANY },
	{ true, 'c', ACCESS_ALL, 1, 3 },     /* null */
	{ true, 'c', ACCESS_ALL, 1, 5 },     /* zero */
	{ true, 'c', ACCESS_ALL, 1, 7 },     /* full */
	{ true, 'c', ACCESS_ALL, 1, 8 },     /* random */
	{ true, 'c', ACCESS_ALL, 1, 9 },     /* urandom */
	{ true, 'c', ACCESS_ALL, 5, 0 },     /* tty */
	{ true, 'c', ACCESS_ALL, 5, 2 },     /* ptmx */
	{ true, 'c', ACCESS_ALL, 136, ANY }, /* pts: the container's own devpts */
	{ true, 'c', ACCESS_ALL, 10, 200 },  /* net/tun: acts on the own network namespace */
};

static int parse_number(const struct opt_int *number, size_t index, const char *member,
			int64_t *value, struct error *err)
{
	*value = number->present ? number->value : ANY;
	if (*value < ANY || *value > UINT32_MAX)
		return error_set(err,
				 "/linux/resources/devices/%zu/%s: %lld is not a device number",
				 index, member, (long long)*value);
	return 0;
}

static uint8_t access_bit(char letter)
{
	switch (letter) {
	case 'r':
		return BPF_DEVCG_ACC_READ;
	case 'w':
		return BPF_DEVCG_ACC_WRITE;
	case 'm':
		return BPF_DEVCG_ACC_MKNOD;
	default:
		return 0;
	}
}

static int parse_access(const char *letters, size_t index, uint8_t *access, struct error *err)
{
	bool known = *letters != '\0';

	*access = 0;
	for (const char *letter = letters; *letter; letter++) {
		known = known && access_bit(*letter) != 0;
		*access |= access_bit(*letter);
	}
	if (!known)
		return error_set(err,
				 "/linux/resources/devices/%zu/access: \"%s\": expected letters of "
				 "\"rwm\"",
				 index, letters);
	return 0;
}

static int parse_rule(const struct device_rule *spec, size_t index, struct rule *rule,
		      struct error *err)
{
	const char *type = spec->type ? spec->type : "a";

	if (!string_equal(type, "a") && !string_equal(type, "b") && !string_equal(type, "c"))
		return error_set(err,
				 "/linux/resources/devices/%zu/type: \"%s\": expected \"a\", \"b\" "
				 "or \"c\"",
				 index, type);
	rule->allow = spec->allow;
	rule->type = type[0];
	if (parse_number(&spec->major, index, "major", &rule->major, err) < 0 ||
	    parse_number(&spec->minor, index, "minor", &rule->minor, err) < 0)
		return -1;
	return parse_access(spec->access ? spec->access : "rwm", index, &rule->access, err);
}

static bool number_covers(int64_t wide, int64_t narrow)
{
	return wide == ANY || wide == narrow;
}

/* Whatever one rule is about, the other is, too. */
static bool covers(const struct rule *wide, const struct rule *narrow)
{
	return (wide->type == 'a' || wide->type == narrow->type) &&
	       number_covers(wide->major, narrow->major) &&
	       number_covers(wide->minor, narrow->minor) && (narrow->access & ~wide->access) == 0;
}

static bool is_default_of_type(struct rule rule, char type)
{
	rule.type = type;
	table_for_each (row, default_rules) {
		if (covers(row, &rule))
			return true;
	}
	return false;
}

bool device_rule_is_default(const struct device_rule *spec)
{
	struct error ignored;
	struct rule rule;

	if (parse_rule(spec, 0, &rule, &ignored) < 0)
		return false;
	return rule.type != 'a' ? is_default_of_type(rule, rule.type)
				: is_default_of_type(rule, 'b') && is_default_of_type(rule, 'c');
}

bool device_rule_covers(const struct device_rule *later, const struct device_rule *earlier)
{
	struct error ignored;
	struct rule wide, narrow;

	return parse_rule(later, 0, &wide, &ignored) == 0 &&
	       parse_rule(earlier, 0, &narrow, &ignored) == 0 && covers(&wide, &narrow);
}

static bool is_everything(const struct rule *rule)
{
	return rule->type == 'a' && rule->major == ANY && rule->minor == ANY &&
	       rule->access == ACCESS_ALL;
}

/*
 * The program. Its price is the kernel's verifier, a few microseconds for each branch, so that a
 * device is compared as one number (MAJOR << 20 | MINOR, as in the kernel's dev_t) and rules of
 * the other type are left out of the way:
 *
 *   registers; if block goto block
 *   character rules, last first; otherwise
 *   block: block rules, last first; otherwise
 *   allow: answer 1
 *   deny: answer 0
 */
struct builder {
	struct bpf_insn *instructions;
	size_t count;
};

enum {
	ANSWER = BPF_REG_0,
	CONTEXT = BPF_REG_1,
	TYPE = BPF_REG_2,
	UNDECIDED = BPF_REG_3,
	MAJOR = BPF_REG_4,
	MINOR = BPF_REG_5,
	DEVICE = BPF_REG_6,
};

/* Offsets; those that are 0 or less, as no real one of ours is, stand for a target until it is
 * known. */
enum { OVER_NEXT = 1, TO_NEXT_RULE = 0, TO_ALLOW = -1, TO_DENY = -2, TO_BLOCK_RULES = -3 };

#define MINOR_BITS 20
#define MAJOR_MAX 0xfff
#define MINOR_MAX 0xfffff
#define START_SIZE 10
#define RULE_SIZE 4 /* at most */
#define ANSWER_SIZE 2
/* Both types' rules, four answers, and every jump within 16 bits. */
#define RULES_MAX ((INT16_MAX - START_SIZE - 4 * ANSWER_SIZE) / (2 * RULE_SIZE))

static void emit(struct builder *builder, uint8_t code, uint8_t destination, uint8_t source,
		 int16_t offset, int32_t immediate)
{
	builder->instructions[builder->count++] = (struct bpf_insn){
		.code = code,
		.dst_reg = destination,
		.src_reg = source,
		.off = offset,
		.imm = immediate,
	};
}

static void emit_jump(struct builder *builder, uint8_t condition, uint8_t source, int32_t value,
		      int16_t target)
{
	emit(builder, (uint8_t)(BPF_JMP32 | condition | BPF_K), source, 0, target, value);
}

static bool jumps_to(const struct bpf_insn *instruction, int16_t target)
{
	return (BPF_CLASS(instruction->code) == BPF_JMP32 ||
		instruction->code == (BPF_JMP | BPF_JA)) &&
	       instruction->off == target;
}

static void patch_jumps(struct builder *builder, size_t first, int16_t target)
{
	for (size_t i = first; i < builder->count; i++) {
		struct bpf_insn *instruction = &builder->instructions[i];

		if (jumps_to(instruction, target))
			instruction->off = (int16_t)(builder->count - i - 1);
	}
}

/* struct bpf_cgroup_dev_ctx: access_type (the access above 16 bits of type), major, minor. */
static void emit_start(struct builder *builder)
{
	const uint8_t load = BPF_LDX | BPF_MEM | BPF_W;

	emit(builder, load, TYPE, CONTEXT, offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
	emit(builder, load, MAJOR, CONTEXT, offsetof(struct bpf_cgroup_dev_ctx, major), 0);
	emit(builder, load, MINOR, CONTEXT, offsetof(struct bpf_cgroup_dev_ctx, minor), 0);
	emit(builder, BPF_ALU | BPF_MOV | BPF_X, UNDECIDED, TYPE, 0, 0);
	emit(builder, BPF_ALU | BPF_RSH | BPF_K, UNDECIDED, 0, 0, 16);
	emit(builder, BPF_ALU | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	emit(builder, BPF_ALU | BPF_MOV | BPF_X, DEVICE, MAJOR, 0, 0);
	emit(builder, BPF_ALU | BPF_LSH | BPF_K, DEVICE, 0, 0, MINOR_BITS);
	emit(builder, BPF_ALU | BPF_OR | BPF_X, DEVICE, MINOR, 0, 0);
	emit_jump(builder, BPF_JEQ, TYPE, BPF_DEVCG_DEV_BLOCK, TO_BLOCK_RULES);
}

static void emit_answer(struct builder *builder, bool allow)
{
	emit(builder, BPF_ALU64 | BPF_MOV | BPF_K, ANSWER, 0, 0, allow);
	emit(builder, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Jumps to target if the device is the rule's. */
static void emit_match(struct builder *builder, const struct rule *rule, int16_t target)
{
	if (rule->major != ANY && rule->minor != ANY)
		emit_jump(builder, BPF_JEQ, DEVICE,
			  (int32_t)(uint32_t)(rule->major << MINOR_BITS | rule->minor), target);
	else if (rule->major != ANY)
		emit_jump(builder, BPF_JEQ, MAJOR, (int32_t)rule->major, target);
	else
		emit_jump(builder, BPF_JEQ, MINOR, (int32_t)rule->minor, target);
}

/*
 * The verifier follows a jump that isn't taken first. That is the way past all rules, where nothing
 * is known of the device: each path that leaves it at a match comes back to a state that has been
 * looked at, and ends there. Were it the match, each of them would be followed through all rules
 * behind it, the square of their number.
 */
static void emit_rule(struct builder *builder, const struct rule *rule)
{
	bool any_device = rule->major == ANY && rule->minor == ANY;
	size_t first = builder->count;

	if (rule->access == ACCESS_ALL && !any_device) { /* by far the most */
		emit_match(builder, rule, rule->allow ? TO_ALLOW : TO_DENY);
		return;
	}
	if (!any_device) {
		emit_match(builder, rule, OVER_NEXT);
		emit(builder, BPF_JMP | BPF_JA, 0, 0, TO_NEXT_RULE, 0);
	}
	if (rule->allow) {
		emit(builder, BPF_ALU | BPF_AND | BPF_K, UNDECIDED, 0, 0, ~rule->access);
		emit_jump(builder, BPF_JEQ, UNDECIDED, 0, TO_ALLOW);
	} else {
		emit_jump(builder, BPF_JSET, UNDECIDED, rule->access, TO_DENY);
	}
	patch_jumps(builder, first, TO_NEXT_RULE);
}

static void emit_rules(struct builder *builder, const struct rule *rules, size_t count, char type,
		       bool otherwise)
{
	for (size_t i = count; i-- > 0;) {
		const struct rule *rule = &rules[i];

		/* Linux has no device of a higher number: such a rule never matches */
		if ((rule->type == type || rule->type == 'a') && rule->major <= MAJOR_MAX &&
		    rule->minor <= MINOR_MAX)
			emit_rule(builder, rule);
	}
	emit_answer(builder, otherwise);
}

/* The verifier refuses instructions that nothing leads to. */
static bool has_jump(const struct builder *builder, int16_t target)
{
	for (size_t i = 0; i < builder->count; i++) {
		if (jumps_to(&builder->instructions[i], target))
			return true;
	}
	return false;
}

static void emit_target(struct builder *builder, int16_t target, bool allow)
{
	if (!has_jump(builder, target))
		return;
	patch_jumps(builder, 0, target);
	emit_answer(builder, allow);
}

static int build(const struct rule *rules, size_t count, bool otherwise, struct arena *arena,
		 struct device_program **program, struct error *err)
{
	struct builder builder = { 0 };

	if (count > RULES_MAX)
		return error_set(err,
				 "/linux/resources/devices: %zu rules, at most %d are possible",
				 count, RULES_MAX);
	*program = arena_alloc(arena, sizeof(**program));
	builder.instructions =
		arena_array(arena, START_SIZE + 4 * ANSWER_SIZE + count * 2 * RULE_SIZE,
			    sizeof(struct bpf_insn));
	if (!*program || !builder.instructions)
		return error_set(err, "out of memory");
	emit_start(&builder);
	emit_rules(&builder, rules, count, 'c', otherwise);
	patch_jumps(&builder, 0, TO_BLOCK_RULES);
	emit_rules(&builder, rules, count, 'b', otherwise);
	emit_target(&builder, TO_ALLOW, true);
	emit_target(&builder, TO_DENY, false);
	(*program)->instructions = builder.instructions;
	(*program)->count = builder.count;
	return 0;
}

/* The configuration's rules, parsed; start = the first that counts, *otherwise = what holds where
 * none of these does. */
static int parse_rules(const struct container_spec *spec, struct rule *rules, size_t *start,
		       bool *otherwise, struct error *err)
{
	*start = 0;
	*otherwise = false;
	for (size_t i = 0; i < spec->linux.resources.devices.count; i++) {
		if (parse_rule(&spec->linux.resources.devices.items[i], i, &rules[i], err) < 0)
			return -1;
		if (is_everything(&rules[i])) {
			*start = i + 1;
			*otherwise = rules[i].allow;
		}
	}
	return 0;
}

static bool denies_something(const struct rule *rules, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!rules[i].allow)
			return true;
	}
	return false;
}

int device_filter_compile(const struct container_spec *spec, struct arena *arena,
			  struct device_program **program, struct error *err)
{
	size_t given = spec->linux.resources.devices.count, count = given, start;
	struct rule *rules = arena_array(arena, given + ARRAY_SIZE(default_rules), sizeof(*rules));
	bool otherwise;

	*program = NULL;
	if (!rules)
		return error_set(err, "out of memory");
	if (parse_rules(spec, rules, &start, &otherwise, err) < 0)
		return -1;
	if (given == 0 || (otherwise && !denies_something(rules + start, given - start)))
		return 0;
	table_for_each (rule, default_rules)
		rules[count++] = *rule;
	return build(rules + start, count - start, otherwise, arena, program, err);
}
