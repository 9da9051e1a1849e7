/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp to a classic BPF program by libseccomp, and the program to the kernel: seccomp(2),
 * seccomp_init(3), seccomp_rule_add(3), seccomp_export_bpf(3).
 *
 * libseccomp would also load the filter, but that needs its context, which was built in the parent;
 * what init gets is an array of instructions and a number.
 *
 * syscalls: memfd_create write fstat pread seccomp
 */
#include <errno.h>
#include <inttypes.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/string.h"
#include "base/table.h"
#include "seccomp/filter.h"
#include "seccomp/names.h"
#include "seccomp/newer.h"

#define ARCHITECTURES_MAX 24
#define ARGS_MAX 6	 /* struct seccomp_data has six */
#define LARGE_PROFILE 32 /* names; below it a chain of comparisons is as fast as a tree */
#define BINARY_TREE 2	 /* level of SCMP_FLTATR_CTL_OPTIMIZE */

static void release_context(scmp_filter_ctx *context)
{
	if (*context)
		seccomp_release(*context);
}

#define autocontext __attribute__((cleanup(release_context))) scmp_filter_ctx

static int compile_action(const char *name, const struct opt_uint *given, const char *pointer,
			  uint32_t *value, struct error *err)
{
	const struct seccomp_action *action = seccomp_find_action(name);

	if (!action)
		return error_set(err, "%s: unknown action \"%.64s\"", pointer, name);
	if (given->present && !action->takes_value)
		return error_set(err, "%s: %s takes no errno", pointer, name);
	if (given->present && given->value > action->max)
		return error_set(err, "%s: %s takes an errno from 0 to %u, not %ju", pointer, name,
				 action->max, (uintmax_t)given->value);
	*value = action->value;
	if (action->takes_value)
		*value |= given->present ? (uint32_t)given->value : EPERM;
	return 0;
}

/* What a listener needs of the kernel, and nothing else may ask for. */
static uint32_t listener_flags(const struct seccomp_spec *seccomp, uint32_t wanted)
{
	if (!seccomp_notifies(seccomp, NULL))
		return 0;
	return SECCOMP_FILTER_FLAG_NEW_LISTENER | wanted;
}

static int compile_flags(const struct seccomp_spec *seccomp, uint32_t *flags, struct report *report,
			 struct error *err)
{
	uint32_t wait = 0;

	*flags = seccomp->flags.present ? 0 : SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; i < seccomp->flags.count; i++) {
		const char *name = seccomp->flags.items[i];
		uint32_t flag;

		if (!seccomp_find_flag(name, &flag)) {
			(void)error_set(err, "/linux/seccomp/flags/%zu: unknown flag \"%.64s\"", i,
					name);
			if (!report_tell(report, err))
				return -1;
			continue;
		}
		switch (flag) {
		case SECCOMP_FILTER_FLAG_TSYNC:
			break; /* all threads of init: it has one */
		case SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV:
			/* says how a listener is waited for; the kernel refuses it without one */
			if (!seccomp_flag_is_supported(flag))
				return error_set(
					err,
					"/linux/seccomp/flags/%zu: %s needs libseccomp 2.6 "
					"and Linux 5.19",
					i, name);
			wait = flag;
			break;
		default:
			*flags |= flag;
			break;
		}
	}
	*flags |= listener_flags(seccomp, wait);
	return 0;
}

/* libseccomp's tokens of all that the filter is for; the own one is there from the start. */
struct architectures {
	uint32_t tokens[ARCHITECTURES_MAX];
	size_t count;
};

static int add_architecture(scmp_filter_ctx context, const char *name, size_t i,
			    struct architectures *added, struct error *err)
{
	uint32_t token;
	int result;

	if (!seccomp_find_architecture(name, &token))
		return error_set(err,
				 "/linux/seccomp/architectures/%zu: unknown architecture "
				 "\"%.64s\"",
				 i, name);
	if (token == 0)
		return error_set(err,
				 "/linux/seccomp/architectures/%zu: libseccomp %s doesn't "
				 "know %s",
				 i, seccomp_library_version(), name);
	result = seccomp_arch_add(context, token);
	if (result == -EDOM)
		return error_set(err,
				 "/linux/seccomp/architectures/%zu: %s has the other byte "
				 "order than this host",
				 i, name);
	if (result == -EEXIST)
		return 0;
	if (result < 0 || added->count == ARCHITECTURES_MAX)
		return error_code(err, -result, "/linux/seccomp/architectures/%zu: %s", i, name);
	added->tokens[added->count++] = token;
	return 0;
}

static int add_architectures(scmp_filter_ctx context, const struct string_list *names,
			     struct architectures *added, struct report *report, struct error *err)
{
	added->tokens[added->count++] = seccomp_arch_native();
	for (size_t i = 0; i < names->count; i++)
		if (add_architecture(context, names->items[i], i, added, err) < 0 &&
		    !report_tell(report, err))
			return -1;
	return 0;
}

/* One entry of syscalls[]: what the rules for its names have in common. */
struct entry {
	scmp_filter_ctx context;
	size_t index;
	uint32_t action;
	struct scmp_arg_cmp *args;
	unsigned int arg_count;
	bool separate; /* each condition is a rule of its own */
	bool broken;   /* something of it was told: nothing comes of it */
	bool names_must_be_known;
};

static int compile_arg(const struct seccomp_arg_spec *spec, size_t entry, size_t position,
		       struct scmp_arg_cmp *arg, struct error *err)
{
	int comparison = seccomp_find_operator(spec->op);

	if (comparison < 0)
		return error_set(err,
				 "/linux/seccomp/syscalls/%zu/args/%zu/op: unknown operator "
				 "\"%.64s\"",
				 entry, position, spec->op);
	if (spec->index >= ARGS_MAX)
		return error_set(err, "/linux/seccomp/syscalls/%zu/args/%zu/index: %u is above 5",
				 entry, position, spec->index);
	/* for SCMP_CMP_MASKED_EQ the first datum is the mask, the second what must remain */
	*arg = (struct scmp_arg_cmp){
		.arg = spec->index,
		.op = (enum scmp_compare)comparison,
		.datum_a = spec->value,
		.datum_b = spec->value_two,
	};
	return 0;
}

/*
 * All conditions of a rule must hold. But libseccomp takes only one condition for each argument,
 * and engines list several to mean "any of these" (clone in docker's profile), so where an argument
 * comes twice each condition becomes a rule, as in runc.
 */
static int compile_args(const struct syscall_spec *spec, struct entry *entry, struct report *report,
			struct error *err)
{
	unsigned int seen = 0;

	for (size_t i = 0; i < spec->args.count; i++) {
		if (compile_arg(&spec->args.items[i], entry->index, i, &entry->args[i], err) < 0) {
			entry->broken = true;
			if (!report_tell(report, err))
				return -1;
			continue;
		}
		entry->separate |= (seen & 1U << entry->args[i].arg) != 0;
		seen |= 1U << entry->args[i].arg;
	}
	entry->arg_count = (unsigned int)spec->args.count;
	return 0;
}

static int add_rule(const struct entry *entry, const char *name, int number,
		    const struct scmp_arg_cmp *args, unsigned int arg_count, struct error *err)
{
	int result = seccomp_rule_add_array(entry->context, entry->action, number, arg_count, args);

	if (result == -EEXIST) { /* the same conditions with another action: the first one holds */
		log_debug("seccomp: a second rule for %s with the same conditions is left out",
			  name);
		return 0;
	}
	if (result < 0)
		return error_code(err, -result, "/linux/seccomp/syscalls/%zu: rule for %s",
				  entry->index, name);
	return 0;
}

static int add_syscall(const struct entry *entry, const char *name, struct error *err)
{
	int number = seccomp_syscall_resolve_name(name);

	/* profiles are written for many kernels and libraries */
	if (number == __NR_SCMP_ERROR && entry->names_must_be_known)
		return error_set(err,
				 "/linux/seccomp/syscalls/%zu/names: libseccomp %s doesn't know "
				 "\"%.64s\" (annotation run.oci.seccomp_fail_unknown_syscall)",
				 entry->index, seccomp_library_version(), name);
	if (number == __NR_SCMP_ERROR) {
		log_debug("seccomp: libseccomp doesn't know the system call %s", name);
		return 0;
	}
	if (!entry->separate)
		return add_rule(entry, name, number, entry->args, entry->arg_count, err);
	for (unsigned int i = 0; i < entry->arg_count; i++) {
		if (add_rule(entry, name, number, &entry->args[i], 1, err) < 0)
			return -1;
	}
	return 0;
}

static int add_names(const struct syscall_spec *spec, struct entry *entry, uint32_t default_action,
		     struct report *report, struct error *err)
{
	char pointer[64];

	(void)snprintf(pointer, sizeof(pointer), "/linux/seccomp/syscalls/%zu/action",
		       entry->index);
	if (compile_action(spec->action, &spec->errno_ret, pointer, &entry->action, err) < 0) {
		entry->broken = true;
		if (!report_tell(report, err))
			return -1;
	}
	if (compile_args(spec, entry, report, err) < 0)
		return -1;
	if (entry->broken || entry->action == default_action)
		return 0; /* libseccomp refuses rules that change nothing */
	for (size_t i = 0; i < spec->names.count; i++) {
		if (add_syscall(entry, spec->names.items[i], err) < 0 && !report_tell(report, err))
			return -1;
	}
	return 0;
}

static int add_entry(scmp_filter_ctx context, const struct seccomp_spec *seccomp, size_t index,
		     uint32_t default_action, struct report *report, struct error *err)
{
	const struct syscall_spec *spec = &seccomp->syscalls.items[index];
	struct entry entry = {
		.context = context,
		.index = index,
		.names_must_be_known = seccomp->names_must_be_known,
	};
	int result;

	entry.args = calloc(spec->args.count + 1, sizeof(*entry.args));
	if (!entry.args)
		return error_set(err, "out of memory");
	result = add_names(spec, &entry, default_action, report, err);
	free(entry.args);
	return result;
}

/* libseccomp before 2.6 writes the program to a descriptor only. */
static int export_program(scmp_filter_ctx context, struct seccomp_program *program,
			  struct error *err)
{
	autofd file = memfd_create("seccomp", MFD_CLOEXEC);
	autofree struct sock_filter *instructions = NULL;
	struct stat attributes;
	int result;

	if (file < 0)
		return error_errno(err, "seccomp: memfd");
	result = seccomp_export_bpf(context, file);
	if (result < 0)
		return error_code(err, -result, "seccomp: libseccomp's program");
	if (fstat(file, &attributes) < 0)
		return error_errno(err, "seccomp: memfd");

	size_t size = (size_t)attributes.st_size;

	if (size / sizeof(*instructions) > BPF_MAXINSNS)
		return error_set(
			err,
			"/linux/seccomp: the filter has %zu instructions, the kernel takes "
			"%d",
			size / sizeof(*instructions), BPF_MAXINSNS);
	instructions = malloc(size);
	if (!instructions)
		return error_set(err, "out of memory");
	if (pread(file, instructions, size, 0) != attributes.st_size)
		return error_errno(err, "seccomp: memfd");
	program->instructions = ptr_take(&instructions);
	program->length = (uint16_t)(size / sizeof(*instructions));
	return 0;
}

static bool is_large(const struct seccomp_spec *seccomp)
{
	size_t names = 0;

	for (size_t i = 0; i < seccomp->syscalls.count; i++)
		names += seccomp->syscalls.items[i].names.count;
	return names > LARGE_PROFILE;
}

static int compile(const struct seccomp_spec *seccomp, bool to_keep,
		   struct seccomp_program *program, struct report *report, struct error *err)
{
	struct architectures architectures = { .count = 0 };
	autocontext context = NULL;
	uint32_t default_action = SCMP_ACT_ALLOW;

	*program = (struct seccomp_program){ NULL, 0, 0 };
	if (!seccomp->present)
		return 0;
	if (compile_action(seccomp->default_action, &seccomp->default_errno_ret,
			   "/linux/seccomp/defaultAction", &default_action, err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (compile_flags(seccomp, &program->flags, report, err) < 0)
		return -1;
	context = seccomp_init(default_action);
	if (!context)
		return error_set(err, "out of memory");
	if (to_keep && is_large(seccomp)) /* it works without, too */
		(void)seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, BINARY_TREE);
	if (add_architectures(context, &seccomp->architectures, &architectures, report, err) < 0)
		return -1;
	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		if (add_entry(context, seccomp, i, default_action, report, err) < 0)
			return -1;
	}
	if (export_program(context, program, err) < 0)
		return -1;
	if (newer_calls_prepend(seccomp, default_action, architectures.tokens, architectures.count,
				program, err) == 0)
		return 0;
	seccomp_program_free(program);
	return -1;
}

int seccomp_compile(const struct seccomp_spec *seccomp, struct seccomp_program *program,
		    struct error *err)
{
	return compile(seccomp, false, program, NULL, err);
}

int seccomp_compile_to_keep(const struct seccomp_spec *seccomp, struct seccomp_program *program,
			    struct error *err)
{
	return compile(seccomp, true, program, NULL, err);
}

int seccomp_check(const struct seccomp_spec *seccomp, struct report *report, struct error *err)
{
	struct seccomp_program program;
	int result = compile(seccomp, false, &program, report, err);

	seccomp_program_free(&program);
	return result;
}

void seccomp_program_free(struct seccomp_program *program)
{
	free(program->instructions);
	*program = (struct seccomp_program){ NULL, 0, 0 };
}

bool seccomp_notifies(const struct seccomp_spec *seccomp, const char *name)
{
	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		const struct syscall_spec *call = &seccomp->syscalls.items[i];

		if (!string_equal(call->action, "SCMP_ACT_NOTIFY"))
			continue;
		for (size_t k = 0; name && k < call->names.count; k++)
			if (string_equal(call->names.items[k], name))
				return true;
		if (!name)
			return true;
	}
	return false;
}

static bool is_harmless(const char *action)
{
	static const char *const actions[] = { "SCMP_ACT_ALLOW", "SCMP_ACT_ERRNO", "SCMP_ACT_LOG" };

	table_for_each (one, actions) {
		if (string_equal(action, *one))
			return true;
	}
	return false;
}

bool seccomp_passes(const struct seccomp_spec *seccomp, const char *name)
{
	bool passes = is_harmless(seccomp->default_action);

	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		const struct syscall_spec *call = &seccomp->syscalls.items[i];

		for (size_t k = 0; k < call->names.count; k++)
			if (string_equal(call->names.items[k], name))
				passes = passes && is_harmless(call->action);
	}
	return passes;
}

bool seccomp_program_listens(const struct seccomp_program *program)
{
	return (program->flags & SECCOMP_FILTER_FLAG_NEW_LISTENER) != 0;
}

int seccomp_program_load(const struct seccomp_program *program, struct error *err)
{
	const struct sock_fprog filter = {
		.len = program->length,
		.filter = program->instructions,
	};

	long listener;

	if (program->length == 0)
		return 0;
	log_debug("seccomp filter flags: %" PRIu32, program->flags);
	listener = syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, program->flags, &filter);
	if (listener >= 0)
		return (int)listener;
	if (errno == EBUSY && seccomp_program_listens(program))
		return error_set(err, "seccomp filter: SCMP_ACT_NOTIFY isn't possible below a "
				      "filter around minirun that has a listener itself");
	if (errno == EACCES)
		return error_set(err, "seccomp filter: needs CAP_SYS_ADMIN or no_new_privs");
	return error_errno(err, "seccomp filter");
}
