/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun why. minirun-why(8)
 *
 * syscalls: those of runtime/inspect/ and of exec; pipe2, fork, dup2, prctl, write
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/procfs.h"
#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"
#include "runtime/inspect/filters.h"
#include "runtime/inspect/watch.h"
#include "runtime/inspect/why.h"

#define ARGUMENTS_MAX 6
#define FINDING 1

struct why_options {
	struct inspection_options inspection;
	bool list;
};

static const struct option rows[] = {
	INSPECTION_FORMAT_ROW(struct why_options, inspection, "text or json (default: text)",
			      "text json"),
	{ .name = "list",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct why_options, list),
	  .help = "print which calls need which capability" },
};

static const struct why_options defaults = { .inspection = INSPECTION_DEFAULTS };

static bool has_command(const struct invocation *invocation)
{
	return invocation->argument_count > 1 && strcmp(invocation->arguments[1], "--") == 0;
}

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct why_options *options = data;
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (options->list)
		return invocation->argument_count == 0 ? 0 : error_set(err, "--list has no target");
	if (has_command(invocation))
		return invocation->argument_count > 2
			       ? 0
			       : error_set(err, "a command is missing after --");
	if (invocation->argument_count < 2)
		return error_set(err, "needs a target and a system call, or -- and a command");
	if (invocation->argument_count > 2 + ARGUMENTS_MAX)
		return error_set(err, "a system call has at most %d arguments", ARGUMENTS_MAX);
	return 0;
}

/* --- the facts ----------------------------------------------------------------------------------
 */

struct question {
	struct document document;
	struct filters filters;
	struct why_facts facts;
};

static void ask_free(struct question *question)
{
	filters_free(&question->filters);
	document_free(&question->document);
}

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

static int ask(struct question *question, const struct target *target, struct error *err)
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

/* --- one call -----------------------------------------------------------------------------------
 */

static int read_arguments(const struct invocation *invocation, uint64_t *arguments,
			  struct error *err)
{
	for (size_t i = 2; i < invocation->argument_count; i++) {
		const char *text = invocation->arguments[i];
		char *end;

		errno = 0;
		arguments[i - 2] = strtoull(text, &end, 0);
		if (*text < '0' || *text > '9' || *end || errno)
			return error_set(err, "%s: arguments are numbers: 7, 0x10000000", text);
	}
	return 0;
}

static int explain_one(const struct invocation *invocation, const struct why_options *options,
		       const struct question *question, struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	const size_t count = invocation->argument_count - 2;
	uint64_t arguments[ARGUMENTS_MAX] = { 0 };
	const struct why_layer *decisive;
	autobuffer out = { 0 };
	struct why why;
	bool json;

	if (read_arguments(invocation, arguments, err) < 0 ||
	    why_call(&why, &question->facts, invocation->arguments[1], count ? arguments : NULL,
		     count, err) < 0 ||
	    inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (json) {
		struct json_out document = json_out(&out, 2);

		json_begin_object(&document, NULL);
		document_json_head(&document, &question->document, "minirun.why/1");
		why_json(&document, &why);
		document_json_notes(&document, &question->document);
		json_end_object(&document);
		buffer_add(&out, "\n");
	} else {
		why_text(&out, &why, &style);
	}
	if (usage_print(&out, err) < 0)
		return -1;
	decisive = why_decisive(&why);
	return decisive && decisive->verdict == WHY_DENIED ? FINDING : 0;
}

/* --- a command ----------------------------------------------------------------------------------
 */

struct findings {
	struct question *question;
	struct text_style style;
	bool json;
	size_t count;
	struct buffer last; /* as text, to be printed once */
	size_t repeated;    /* how often more */
};

/* "SIGSYS" */
static const char *error_word(const struct why_failure *failure)
{
	if (failure->signal)
		return failure->signal == SIGSYS ? "SIGSYS" : "SIGKILL";
	return failure->code ? fact_errno_name(failure->code) : "0";
}

static const char *const sureness[] = { "certain", "likely", "possible", "unexplained" };

#define COLUMNS 80
#define CALL_WIDTH 28
#define REASON_COLUMN 4

/* On one line if there is room. */
static void print_text(struct buffer *out, const struct findings *findings,
		       const struct why_failure *failure, const struct why_reason *reason)
{
	const size_t begin = out->length;
	autobuffer text = { 0 };
	size_t used;

	why_call_text(out, failure, &findings->style);
	used = out->length - begin;
	buffer_format(out, "%*s = %-6s  %-8s  ", used < CALL_WIDTH ? (int)(CALL_WIDTH - used) : 0,
		      "", error_word(failure), sureness[reason->sure]);
	buffer_format(&text, "%s: %s", reason->layer, reason->text);
	if (reason->pointer)
		buffer_format(&text, " (config.json#%s)", reason->pointer);
	if (text.failed)
		return;
	if (out->length - begin + text.length > COLUMNS) {
		while (out->length > begin && out->text[out->length - 1] == ' ')
			out->text[--out->length] = '\0';
		buffer_format(out, "\n%*s", REASON_COLUMN, "");
	}
	text_wrapped(out, text.text, REASON_COLUMN, REASON_COLUMN, &findings->style);
}

static void print_json(struct buffer *out, const struct text_style *style,
		       const struct why_failure *failure, const struct why_reason *reason)
{
	struct json_out json = json_out(out, 0);
	autobuffer call = { 0 };

	why_call_text(&call, failure, style);
	json_begin_object(&json, NULL);
	json_string(&json, "schema", "minirun.why/1");
	json_int(&json, "pid", failure->pid);
	json_string(&json, "syscall", failure->call);
	if (call.text)
		json_string(&json, "call", call.text);
	if (failure->path)
		json_string(&json, "path", failure->path);
	if (failure->signal)
		json_string(&json, "signal", error_word(failure));
	else if (failure->code)
		json_string(&json, "errno", fact_errno_name(failure->code));
	json_string(&json, "verdict", failure->signal || failure->code ? "denied" : "no-effect");
	json_string(&json, "layer", reason->layer);
	json_string(&json, "sure", sureness[reason->sure]);
	json_string(&json, "text", reason->text);
	if (reason->pointer)
		json_string(&json, "config", reason->pointer);
	json_end_object(&json);
	buffer_add(out, "\n");
}

/* How often the last one came. */
static void print_repeated(struct buffer *out, struct findings *findings)
{
	if (findings->repeated > 0)
		buffer_format(out, "%*s(%zu times)\n", REASON_COLUMN, "", findings->repeated + 1);
	findings->repeated = 0;
}

/* What a loop tries again and again is printed once. */
static void print_once(struct buffer *out, struct findings *findings,
		       const struct why_failure *failure, const struct why_reason *reason)
{
	autobuffer text = { 0 };

	print_text(&text, findings, failure, reason);
	if (text.failed || string_equal(text.text, findings->last.text)) {
		findings->repeated++;
		return;
	}
	print_repeated(out, findings);
	buffer_add(out, text.text);
	buffer_free(&findings->last);
	findings->last = text;
	text = (struct buffer){ 0 };
}

/* The facts of the process that has failed: it needn't be what the container's first one is. The
 * container's, if it is gone; its cgroup's and filters' in any case. */
static void ask_of(struct question *now, struct target *target, const struct question *container,
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

static void print(struct findings *findings, const struct why_failure *failure,
		  const struct why_reason *reason)
{
	autobuffer out = { 0 };
	struct error ignored;

	findings->count++;
	if (findings->json)
		print_json(&out, &findings->style, failure, reason);
	else
		print_once(&out, findings, failure, reason);
	if (out.length > 0 && usage_print(&out, &ignored) < 0)
		log_debug("%s", ignored.text);
}

static void on_failure(const struct why_failure *failure, void *data)
{
	struct findings *findings = data;
	struct why_failure own = *failure;
	struct question now = { 0 };
	struct why_reason reason;
	struct target target;
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	const pid_t process = procfs < 0 ? 0 : live_process_of(procfs, failure->pid);

	if (process > 0) /* a thread is looked at as its process */
		own.pid = process;
	failure = &own;
	ask_of(&now, &target, findings->question, failure->pid);
	if (failure->code == 0 && failure->signal == 0)
		why_explain_program(&now.facts, failure, &reason);
	else
		why_explain(&now.facts, failure, &reason);
	if (reason.layer)
		print(findings, failure, &reason);
	/* the next one that is killed needs a kill of its own to be certain */
	if (failure->signal == SIGKILL && reason.layer && reason.sure == SURE_CERTAIN)
		findings->question->document.cgroup.event[EVENT_OOM_KILL].value++;
	document_free(&now.document);
}
/* The child: exec, as the command of that name, when the parent looks. Its standard output is ours
 * for errors: standard output is for the findings. */
static _Noreturn void execute(const struct invocation *invocation, const char *id, int go)
{
	const struct exec_options exec = {
		.id = id,
		.args = invocation->arguments + 2,
	};
	int exit_code = 255;
	struct error err;
	char byte;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (read(go, &byte, 1) != 1)
		_exit(255);
	(void)close(go);
	(void)dup2(STDERR_FILENO, STDOUT_FILENO);
	if (container_exec(invocation->settings, &exec, &exit_code, &err) < 0) {
		log_failure_of(&err, "why", "minirun why: exec failed: ", "%s", err.text);
		_exit(255);
	}
	_exit(exit_code);
}

/* Never a blank. */
static int print_nothing(const struct text_style *style, int status, struct error *err)
{
	autobuffer out = { 0 };
	char text[160];

	(void)snprintf(text, sizeof(text),
		       "no system call was refused (exit status %d). What daemons answer to "
		       "messages isn't seen here",
		       WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	text_note(&out, text, style);
	return usage_print(&out, err);
}

static void finish(struct findings *findings)
{
	autobuffer out = { 0 };
	struct error ignored;

	print_repeated(&out, findings);
	if (out.length > 0 && usage_print(&out, &ignored) < 0)
		log_debug("%s", ignored.text);
	buffer_free(&findings->last);
}

static int watch_command(const struct invocation *invocation, const struct why_options *options,
			 const struct subject *subject, struct question *question,
			 struct error *err)
{
	struct findings findings = {
		.question = question,
		.style = inspection_style(invocation, &options->inspection),
	};
	int ends[2], status, result;
	autofd go = -1;
	pid_t child;

	if (inspection_format(&options->inspection, &findings.json, err) < 0)
		return -1;
	if (subject->target.kind != TARGET_CONTAINER)
		return error_set(err, "%s: a command can be run in a container only",
				 subject->target.text);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "make a pipe");
	go = ends[1];
	child = fork();
	if (child == 0) {
		(void)close(go);
		execute(invocation, subject->target.name, ends[0]);
	}
	(void)close(ends[0]);
	if (child < 0)
		return error_errno(err, "fork");
	result = watch_run(child, go, on_failure, &findings, &status, err);
	finish(&findings);
	if (result < 0) {
		(void)kill(child, SIGKILL);
		(void)waitpid(child, &status, 0);
		return -1;
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 255 && findings.count == 0)
		return INSPECTION_TROUBLE; /* it has said why */
	if (findings.count > 0)
		return FINDING;
	return findings.json ? 0 : print_nothing(&findings.style, status, err);
}

/* --- the command --------------------------------------------------------------------------------
 */

static int print_list(const struct why_options *options, struct error *err)
{
	autobuffer out = { 0 };
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (json) {
		struct json_out document = json_out(&out, 2);

		json_begin_object(&document, NULL);
		json_string(&document, "schema", "minirun.why/1");
		why_list_json(&document);
		json_end_object(&document);
		buffer_add(&out, "\n");
	} else {
		why_list_text(&out);
	}
	return usage_print(&out, err);
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct why_options *options = data;
	struct question question = { 0 };
	autosubject subject = { 0 };
	int result;

	if (options->list)
		return print_list(options, err);
	if (subject_open(&subject, invocation, invocation->arguments[0], err) < 0)
		return -1;
	result = ask(&question, &subject.target, err);
	if (result == 0 && has_command(invocation))
		result = watch_command(invocation, options, &subject, &question, err);
	else if (result == 0)
		result = explain_one(invocation, options, &question, err);
	ask_free(&question);
	return result;
}

const struct command why_command = {
	.name = "why",
	.usage = "TARGET SYSCALL [ARG...] | ID -- COMMAND [ARG...] | --list",
	.help = "say which layer refuses a system call",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory. Says for\n"
		"one system call what seccomp, capabilities, mounts, devices and limits make of\n"
		"it; or runs a command in a container, watches it, and says of each call that is\n"
		"refused which layer did it: certain, likely or possible.\n"
		"\n"
		"Exit status: 0 nothing is refused, 1 something is, 2 trouble.\n"
		"\n"
		"Examples:\n"
		"  minirun why web1 sethostname\n"
		"  minirun why bundle/ clone 0x10000000\n"
		"  minirun why web1 -- sh -c 'chown 1 /tmp; touch /x'\n"
		"  minirun why --list\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct why_options),
	.arguments_max = ANY_NUMBER,
	.order = ORDER_FIRST,
	.failure = "minirun why: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.enters_container = true,
	.check = check,
	.run = run,
};
