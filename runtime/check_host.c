/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The HOST rules, asked by a child that is given up when a file system holds it.
 *
 * Child and parent have a pair of sockets. The child says which rule it asks, which member's path
 * it follows next, and what it finds; silence for too long means that this path is to blame. The
 * next child begins with the same rule, passing over what has held its predecessors.
 *
 * syscalls: socketpair fork prctl sendto poll recvfrom kill (pidfd_open wait4 by
 * base/process.c); those of the rules
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "namespaces/namespace.h"
#include "runtime/check.h"
#include "runtime/creation.h"
#include "runtime/deadline.h"
#include "runtime/host_rules.h"

#define PATIENCE 5000	    /* ms: for the first path that doesn't answer */
#define LESS_PATIENCE 2000  /* ms: for the others */
#define RULE_PATIENCE 60000 /* ms: for a rule that follows none: the machine may be slow */
#define KILL_TIMEOUT 1000   /* ms: a child in uninterruptible sleep is left behind */
#define HELD_MAX 16	    /* then nothing more is asked */
#define PLACE_SIZE REPORT_PLACE_SIZE
#define PLANNING SIZE_MAX /* in place of a rule's number */

enum word { WORD_RULE, WORD_LOOK, WORD_ERROR, WORD_WARNING, WORD_END };

struct message {
	enum word word;
	size_t rule; /* of WORD_RULE: its number in all tables, or PLANNING */
	char text[sizeof(((struct error *)0)->text)];
};

struct asking {
	struct findings *findings;
	const struct host *host;
	size_t rule; /* that is asked, or would be next */
	bool planning;
	size_t before; /* findings that are certain: those of the rules before, and of what held */
	char place[PLACE_SIZE]; /* the member whose path is followed; "": none */
	char held[HELD_MAX][PLACE_SIZE];
	size_t held_count;
	bool died;   /* the child, and not by us */
	int channel; /* the child's end */
};

static const struct host_rule *nth_rule(size_t n)
{
	const struct host_rules *table;

	for (size_t i = 0; (table = host_rules_table(i)); i++) {
		if (n < table->count)
			return &table->rows[n];
		n -= table->count;
	}
	return NULL;
}

/* Which rule tells of what holds up the planning: it follows the paths of namespaces. */
static const struct host_rule *namespaces_rule(void)
{
	const struct host_rule *rule = NULL;

	for (size_t n = 0; (rule = nth_rule(n)) && strcmp(rule->id, "HOST-namespaces") != 0; n++)
		;
	return rule;
}

/* ---- the child ---- */

static void say(const struct asking *asking, enum word word, size_t rule, const char *text)
{
	struct message message = { .word = word, .rule = rule };

	(void)snprintf(message.text, sizeof(message.text), "%s", text);
	if (send(asking->channel, &message, sizeof(message), MSG_NOSIGNAL) < 0)
		_exit(1); /* nobody asks any more */
}

static void say_finding(void *data, bool error, const char *text)
{
	say(data, error ? WORD_ERROR : WORD_WARNING, 0, text);
}

static void say_nothing(void *data, bool error, const char *text)
{
	(void)data;
	(void)error;
	(void)text;
}

static bool say_look(void *data, const char *pointer)
{
	const struct asking *asking = data;

	for (size_t i = 0; i < asking->held_count; i++)
		if (strcmp(asking->held[i], pointer) == 0)
			return false;
	say(asking, WORD_LOOK, 0, pointer);
	return true;
}

static void ask_rules(struct asking *asking, const struct host *host)
{
	const struct host_rule *rule;

	for (size_t n = asking->rule; (rule = nth_rule(n)); n++) {
		struct report report = { .say = say_finding, .data = asking, .may_look = say_look };
		struct error err = { 0 };

		say(asking, WORD_RULE, n, "");
		if (rule->check(host, &report, &err) < 0)
			say_finding(asking, true, err.text);
	}
}

/* Where the namespaces can't be planned the rules about them say so, and the rest goes by what was
 * meant. */
static void ask(struct asking *asking)
{
	struct report quiet = { .say = say_nothing, .data = asking, .may_look = say_look };
	struct namespace_plan namespaces;
	struct container_spec planned = *asking->host->spec;
	struct host host = *asking->host;
	struct user_maps maps;
	struct error ignored;

	say(asking, WORD_RULE, PLANNING, "");
	host.incomplete = namespace_plan(&planned, &namespaces, &quiet, &ignored) < 0;
	say(asking, WORD_LOOK, 0, ""); /* the last of their paths has answered */
	host.incomplete |= spec_plan_user_ids(&planned, &namespaces, &maps, host.arena, &quiet,
					      &ignored) < 0 ||
			   quiet.errors > 0;
	host.namespaces = &namespaces;
	host.asked = asking->host->spec;
	host.spec = &planned;
	ask_rules(asking, &host);
	say(asking, WORD_END, 0, "");
}

/* ---- the parent ---- */

static void take(struct asking *asking, const struct message *message)
{
	const struct host_rule *rule = nth_rule(asking->rule);

	switch (message->word) {
	case WORD_RULE:
		asking->planning = message->rule == PLANNING;
		if (asking->planning)
			break;
		asking->rule = message->rule;
		asking->before = asking->findings->count;
		asking->place[0] = '\0';
		break;
	case WORD_LOOK:
		(void)snprintf(asking->place, sizeof(asking->place), "%.*s", PLACE_SIZE - 1,
			       message->text);
		break;
	case WORD_ERROR:
	case WORD_WARNING:
		asking->place[0] = '\0'; /* it has answered */
		if (rule)
			findings_add(asking->findings, rule->id, rule->section,
				     message->word == WORD_ERROR ? FINDING_ERROR : FINDING_WARNING,
				     message->text);
		break;
	case WORD_END:
		break;
	}
}

static int patience_of(const struct asking *asking)
{
	if (!*asking->place)
		return RULE_PATIENCE;
	return asking->held_count == 0 ? PATIENCE : LESS_PATIENCE;
}

/* 1: all is asked, 0: nothing is heard any more, or nobody is there to say it, -1. */
static int hear(struct asking *asking, int from, struct error *err)
{
	struct message message = { .word = WORD_RULE };

	while (message.word != WORD_END) {
		struct pollfd ready = { .fd = from, .events = POLLIN };
		int count = poll(&ready, 1, patience_of(asking));
		ssize_t got;

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count == 0 ? 0 : error_errno(err, "wait for the host's rules");
		got = recv(from, &message, sizeof(message), 0);
		if (got < 0)
			return error_errno(err, "what the host's rules say");
		asking->died = got != (ssize_t)sizeof(message);
		if (asking->died)
			return 0;
		take(asking, &message);
	}
	return 1;
}

static int end_child(pid_t pid, struct error *err)
{
	int status, result;

	(void)kill(pid, SIGKILL); /* our unreaped child */
	result = process_reap_within(pid, KILL_TIMEOUT, &status, err);
	if (result == 0)
		log_debug("process %d is held by a file system", (int)pid);
	return result < 0 ? -1 : 0;
}

/* A rule that is asked once more says its other findings again. */
static void blame(struct asking *asking)
{
	const struct host_rule *rule =
		asking->planning ? namespaces_rule() : nth_rule(asking->rule);
	const bool can_go_on = *asking->place || !asking->planning;
	const bool more = can_go_on && asking->held_count + 1 < HELD_MAX;
	struct error text;

	if (!asking->planning && *asking->place)
		findings_cut(asking->findings, asking->before);
	if (asking->died)
		(void)error_set(&text, "the process that asks this rule was killed%s",
				more ? "" : ". Nothing more is looked at");
	else
		(void)error_set(
			&text, "%s hasn't answered for %d s%s%s",
			*asking->place ? "a file system on the way" : "the host",
			patience_of(asking) / 1000,
			*asking->place ? ": is who serves it (network, FUSE) paused, or dead?" : "",
			more ? "" : " Nothing more is looked at");
	if (*asking->place)
		(void)error_context(&text, "%s", asking->place);
	if (rule)
		findings_add(asking->findings, rule->id, rule->section, FINDING_ERROR, text.text);
	asking->before = asking->findings->count;
	if (!*asking->place) /* it can't be asked without what holds it */
		asking->rule++;
	memcpy(asking->held[asking->held_count++], asking->place, sizeof(asking->place));
	asking->place[0] = '\0';
	if (!more)
		asking->held_count = HELD_MAX;
}

/* As hear(). */
static int ask_in_child(struct asking *asking, struct error *err)
{
	autofd from = -1, to = -1;
	struct error ignored;
	int pair[2], result;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(err, "ask the host's rules: sockets");
	from = pair[0];
	to = pair[1];
	pid = fork();
	if (pid < 0)
		return error_errno(err, "ask the host's rules: make a process");
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		fd_close(&from);
		asking->channel = to;
		if (deadline_let_go_of_output(&ignored) == 0)
			ask(asking);
		_exit(0);
	}
	fd_close(&to);
	result = hear(asking, from, err);
	return end_child(pid, result < 0 ? &ignored : err) < 0 ? -1 : result;
}

int check_host(struct findings *findings, const struct host *host, struct error *err)
{
	struct asking asking = { .findings = findings, .host = host, .before = findings->count };
	int result;

	while ((result = ask_in_child(&asking, err)) == 0) {
		blame(&asking);
		if (asking.held_count == HELD_MAX)
			return 0;
	}
	return result < 0 ? -1 : 0;
}
