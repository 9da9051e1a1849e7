/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The facts that why answers by.
 *
 * syscalls: those of runtime/inspect/
 */
#include "runtime/commands/why_question.h"

/* A container's filter is its configuration's: nobody has to be stopped for it. */
static int read_filters(const struct target *target, const struct document *document,
			struct filters *filters, struct error *err)
{
	const struct fact_uint *mode = &document->seccomp.mode;

	if (target->config)
		return filters_plan(filters, target->config, err);
	if (fact_is_known(&mode->fact) && mode->value == 0)
		return 0; /* none, as zeroed memory says */
	return target->kind == TARGET_SELF
		       ? filters_read_own(filters, err)
		       : filters_read(filters, target->pid, document->start_time, err);
}

static bool makes_no_calls(const struct target *target, const struct status_facts *status,
			   struct error *err)
{
	if (!fact_is_known(&status->fact) || (status->state != 'Z' && !status->kernel_thread))
		return false;
	(void)error_set(err, "process %d is a %s: it makes no system calls", target->pid,
			status->kernel_thread ? "kernel thread" : "zombie");
	return true;
}

int question_ask(struct question *question, const struct target *target, struct error *err)
{
	struct error denied;

	if (document_collect(&question->document, target,
			     BLOCK_PROCESS | BLOCK_CAPS | BLOCK_NS | BLOCK_CGROUP | BLOCK_SECCOMP |
				     BLOCK_LSM,
			     err) < 0)
		return -1;
	if (makes_no_calls(target, &question->document.process.status, err))
		return -1;
	question->facts = (struct why_facts){ .document = &question->document };
	if (read_filters(target, &question->document, &question->filters, &denied) == 0)
		question->facts.filters = &question->filters;
	else
		question->facts.filters_error =
			arena_format(&question->document.arena, "%s", denied.text);
	why_owners(&question->facts);
	return 0;
}

void question_ask_of(struct question *now, struct target *target, const struct question *container,
		     pid_t pid)
{
	struct error ignored;

	*target = *container->document.target;
	target->pid = pid;
	now->facts = container->facts;
	if (document_collect(&now->document, target,
			     BLOCK_PROCESS | BLOCK_CAPS | BLOCK_NS | BLOCK_SECCOMP | BLOCK_LSM,
			     &ignored) < 0)
		return;
	now->document.cgroup = container->document.cgroup;
	now->facts.document = &now->document;
	why_owners(&now->facts);
}

void question_free(struct question *question)
{
	filters_free(&question->filters);
	document_free(&question->document);
}
