/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun why ID -- COMMAND: the command's process, and what is printed of its calls that fail.
 *
 * syscalls: those of runtime/inspect/ and of exec; pipe2, fork, dup2, prctl, write
 */
#include <fcntl.h>
#include <signal.h>
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
#include "runtime/commands/usage.h"
#include "runtime/commands/why_question.h"
#include "runtime/inspect/watch.h"

#define REASON_COLUMN 4

struct findings {
	struct question *question;
	struct text_style style;
	bool json;
	size_t count;
	struct buffer last; /* as text, to be printed once */
	size_t repeated;    /* how often more */
};

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
		json_string(&json, "signal", why_error_word(failure));
	else if (failure->code)
		json_string(&json, "errno", fact_errno_name(failure->code));
	json_string(&json, "verdict", failure->signal || failure->code ? "denied" : "no-effect");
	json_string(&json, "layer", reason->layer);
	json_string(&json, "sure", why_sureness_name(reason->sure));
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

	why_failure_text(&text, failure, reason, &findings->style);
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
	question_ask_of(&now, &target, findings->question, failure->pid);
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

int why_watch(const struct invocation *invocation, const struct inspection_options *options,
	      const struct target *target, struct question *question, struct error *err)
{
	struct findings findings = {
		.question = question,
		.style = inspection_style(invocation, options),
	};
	int ends[2], status, result;
	autofd go = -1;
	pid_t child;

	if (inspection_format(options, &findings.json, err) < 0)
		return -1;
	if (target->kind != TARGET_CONTAINER)
		return error_set(err, "%s: a command can be run in a container only", target->text);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "make a pipe");
	go = ends[1];
	child = fork();
	if (child == 0) {
		(void)close(go);
		execute(invocation, target->name, ends[0]);
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
		return WHY_FINDING;
	return findings.json ? 0 : print_nothing(&findings.style, status, err);
}
