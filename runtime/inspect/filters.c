/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Programs of live processes and of configurations; the table of answers.
 *
 * ptrace(2), seccomp(2). syscalls: ptrace wait4 fork pidfd_open poll
 */
#include "runtime/inspect/filters.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"

#define STOP_PATIENCE 2000 /* ms */

/* ---- from the kernel ---- */

static int explain_denial(struct error *err)
{
	if (errno == EACCES)
		return error_code(err, EACCES,
				  "read the filters: needs CAP_SYS_ADMIN in the first user "
				  "namespace, and a caller without a filter of its own");
	if (errno == EIO || errno == EINVAL)
		return error_code(err, errno,
				  "read the filters: there are none, or this kernel lacks "
				  "CONFIG_CHECKPOINT_RESTORE");
	return error_errno(err, "read the filters");
}

/* 1: there was one more, 0: no. The process is stopped. */
static int read_one(struct filters *filters, pid_t pid, size_t n, struct error *err)
{
	struct seccomp_program *program = &filters->programs[n];
	long length = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)n, NULL);

	if (length < 0 && errno == ENOENT)
		return 0;
	if (length < 0)
		return explain_denial(err);
	program->instructions = calloc((size_t)length, sizeof(*program->instructions));
	if (!program->instructions)
		return error_set(err, "out of memory");
	program->length = (uint16_t)length;
	filters->stack.count = n + 1;
	if (ptrace(PTRACE_SECCOMP_GET_FILTER, pid, (void *)n, program->instructions) != length)
		return explain_denial(err);
	return 1;
}

static int read_all(struct filters *filters, pid_t pid, struct error *err)
{
	for (size_t n = 0; n < FILTERS_MAX; n++) {
		int more = read_one(filters, pid, n, err);

		if (more <= 0)
			return more;
	}
	return error_set(err, "process %d has more than %d filters", pid, FILTERS_MAX);
}

/* *signal: the one that it was about to get, if that is why it has stopped. */
static int await_stop(pid_t pid, int *signal, struct error *err)
{
	for (int waited = 0; waited <= STOP_PATIENCE; waited++) {
		int status;
		pid_t got = waitpid(pid, &status, __WALL | WNOHANG);

		if (got == pid && WIFSTOPPED(status)) {
			*signal = status >> 16 ? 0 : WSTOPSIG(status);
			return 0;
		}
		if (got == pid)
			return error_code(err, ESRCH, "process %d ended while it was being read",
					  pid);
		if (got < 0 && errno != EINTR)
			return error_errno(err, "wait for process %d to stop", pid);
		(void)poll(NULL, 0, 1);
	}
	return error_set(err, "process %d doesn't stop: it is in an uninterruptible wait", pid);
}

/* ptrace(2) knows numbers only; but the one that is stopped now keeps its number until it is let
 * go. */
static int check_identity(pid_t pid, uint64_t start_time, struct error *err)
{
	struct process_status status;

	if (start_time == 0 || process_read_status(pid, &status) < 0 ||
	    status.start_time == start_time)
		return 0;
	return error_code(err, ESRCH, "process %d ended while it was being read", pid);
}

/* Our end detaches, too: no way out of here leaves the process stopped. A signal that came just now
 * is delivered by the detaching, or it would be lost. */
int filters_read(struct filters *filters, pid_t pid, uint64_t start_time, struct error *err)
{
	int signal = 0;
	int result;

	*filters = (struct filters){ .source = "the kernel" };
	filters->stack.programs = filters->programs;
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return error_errno(err,
				   "look into process %d: needs CAP_SYS_PTRACE over it, and "
				   "that nobody else traces it",
				   pid);
	if (ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		return error_errno(err, "stop process %d", pid);
	result = await_stop(pid, &signal, err);
	if (result == 0)
		result = check_identity(pid, start_time, err);
	if (result == 0)
		result = read_all(filters, pid, err);
	(void)ptrace(PTRACE_DETACH, pid, NULL, (void *)(intptr_t)signal);
	return result;
}

int filters_read_own(struct filters *filters, struct error *err)
{
	const pid_t child = fork();
	int result;

	*filters = (struct filters){ .source = "the kernel" };
	if (child < 0)
		return error_errno(err, "make a child to look at");
	if (child == 0)
		for (;;)
			(void)pause();
	result = filters_read(filters, child, 0, err);
	(void)kill(child, SIGKILL); /* our unreaped child */
	while (waitpid(child, NULL, __WALL) < 0 && errno == EINTR)
		continue;
	return result;
}

/* ---- from a configuration ---- */

int filters_plan(struct filters *filters, const struct container_spec *spec, struct error *err)
{
	*filters = (struct filters){ .source = "config.json",
				     .architectures = &spec->linux.seccomp.architectures };
	filters->stack.programs = filters->programs;
	if (seccomp_compile(&spec->linux.seccomp, &filters->programs[0], err) < 0)
		return -1;
	filters->stack.count = filters->programs[0].length > 0;
	return 0;
}

bool filters_equal(const struct filters *a, const struct filters *b)
{
	if (a->stack.count != b->stack.count)
		return false;
	for (size_t i = 0; i < a->stack.count; i++) {
		const struct seccomp_program *one = &a->programs[i], *other = &b->programs[i];

		if (one->length != other->length ||
		    memcmp(one->instructions, other->instructions,
			   one->length * sizeof(*one->instructions)) != 0)
			return false;
	}
	return true;
}

void filters_free(struct filters *filters)
{
	for (size_t i = 0; i < FILTERS_MAX; i++)
		seccomp_program_free(&filters->programs[i]);
	filters->stack.count = 0;
}

/* ---- the table ---- */

bool call_answer_is_fixed(const struct call_answer *call, uint32_t *result)
{
	*result = call->cases.count > 0 ? call->cases.items[0].result : SECCOMP_RET_ALLOW;
	for (size_t i = 1; i < call->cases.count; i++)
		if (call->cases.items[i].result != *result)
			return false;
	return true;
}

static void find_usual(struct call_table *table)
{
	size_t best = 0;

	for (size_t i = 0; i < table->count; i++) {
		uint32_t result, other;
		size_t same = 0;

		if (!call_answer_is_fixed(&table->calls[i], &result))
			continue;
		for (size_t k = 0; k < table->count; k++)
			same += call_answer_is_fixed(&table->calls[k], &other) && other == result;
		if (same > best) {
			best = same;
			table->usual = result;
		}
	}
}

int call_table_fill(struct call_table *table, const struct filters *filters, uint32_t arch,
		    struct error *err)
{
	autobuffer name = { 0 };

	*table = (struct call_table){ .filters = filters, .arch = arch };
	table->calls = arena_array(&table->arena, CALLS_MAX, sizeof(*table->calls));
	if (!table->calls)
		return error_set(err, "out of memory");
	for (uint32_t number = 0; number < CALLS_MAX; number++) {
		struct call_answer *call = &table->calls[table->count];

		if (!call_name(arch, number, &name))
			continue;
		*call = (struct call_answer){ arena_string(&table->arena, name.text),
					      number,
					      { 0 } };
		if (!call->name)
			return error_set(err, "out of memory");
		table->count++;
		if (explain_call(&filters->stack, arch, number, &call->cases, err) < 0)
			return error_context(err, "%s", call->name);
	}
	find_usual(table);
	return 0;
}

void call_table_free(struct call_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		explain_cases_free(&table->calls[i].cases);
	arena_free(&table->arena);
	*table = (struct call_table){ 0 };
}

enum call_fate call_table_fate(const char *name, void *data)
{
	const struct call_table *table = data;

	for (size_t i = 0; i < table->count; i++) {
		uint32_t result;

		if (strcmp(table->calls[i].name, name) != 0)
			continue;
		if (!call_answer_is_fixed(&table->calls[i], &result))
			return FATE_DEPENDS;
		return explain_lets_through(result) ? FATE_OPEN : FATE_DENIED;
	}
	return FATE_UNKNOWN;
}
