/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small strace(1): only what fails, and only from the moment on at which the container's program
 * is there. ptrace(2), PTRACE_SEIZE: nothing is stopped that isn't looked at.
 *
 * syscalls: ptrace, wait4, poll, readlink, write; those of watch_read.c
 */
#include "runtime/inspect/watch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sys.h"
#include "runtime/inspect/watch_read.h"
#include "seccomp/families.h"

#define BY_SECCOMP 1	   /* the kernel's SYS_SECCOMP, which <signal.h> lacks: sigaction(2) */
#define ERRNO_MAX 4095	   /* what is below as a result is no errno: intro(2), syscall(2) */
#define STOP_PATIENCE 2000 /* ms */

struct tracee {
	pid_t pid; /* 0: a free place */
	bool watched;
	bool inside;   /* of a call: the next stop at one is its return */
	bool entered;  /* the entry of that call was seen */
	bool reported; /* the signal that ends it */
	uint32_t arch;
	uint64_t number, arguments[6];
};

struct watch {
	pid_t child;
	int blind;  /* errno of looking at a call: nothing can be seen */
	bool armed; /* the program has been executed: whatever appears now is its own */
	struct tracee *tracees;
	size_t count;
	watch_failure *failed;
	void *data;
};

static struct tracee *find(struct watch *watch, pid_t pid)
{
	struct tracee *place = NULL, *more;

	for (size_t i = 0; i < watch->count; i++) {
		if (watch->tracees[i].pid == pid)
			return &watch->tracees[i];
		if (watch->tracees[i].pid == 0)
			place = &watch->tracees[i];
	}
	if (!place) {
		more = realloc(watch->tracees, (watch->count + 16) * sizeof(*more));
		if (!more)
			return NULL;
		memset(more + watch->count, 0, 16 * sizeof(*more));
		watch->tracees = more;
		place = &more[watch->count];
		watch->count += 16;
	}
	*place = (struct tracee){ .pid = pid, .watched = watch->armed };
	return place;
}

/* What a netlink socket answers comes as a message, and its reading succeeds: netlink(7). */
static void at_answer(struct watch *watch, const struct tracee *tracee, int64_t length)
{
	struct {
		struct nlmsghdr header;
		struct nlmsgerr error;
	} answer;
	struct why_failure failure = { .pid = tracee->pid, .number = UINT64_MAX };
	int protocol;
	const bool message = tracee->number == SYS_recvmsg;
	uint64_t address = tracee->arguments[1];
	struct msghdr header;
	struct iovec vector;

	if (tracee->arch != call_native_arch() || (!message && tracee->number != SYS_recvfrom) ||
	    (tracee->arguments[message ? 2 : 3] & MSG_PEEK) || length < (int64_t)sizeof(answer))
		return;
	if (message) {
		if (!watch_read_memory(tracee->pid, address, &header, sizeof(header)) ||
		    !watch_read_memory(tracee->pid, (uintptr_t)header.msg_iov, &vector,
				       sizeof(vector)))
			return;
		address = (uintptr_t)vector.iov_base;
	}
	if (!watch_read_memory(tracee->pid, address, &answer, sizeof(answer)) ||
	    answer.header.nlmsg_type != NLMSG_ERROR ||
	    (answer.error.error != -EPERM && answer.error.error != -EACCES))
		return;
	protocol = watch_netlink_protocol(tracee->pid, (int)tracee->arguments[0]);
	if (protocol < 0)
		return;
	failure.call = protocol == NETLINK_ROUTE ? "rtnetlink" : "netlink";
	failure.code = -answer.error.error;
	failure.arguments[0] =
		protocol == NETLINK_ROUTE ? answer.error.msg.nlmsg_type : (uint64_t)protocol;
	watch->failed(&failure, watch->data);
}

/* What some calls' arguments point to. */
static void read_pointed(const struct tracee *tracee, struct why_failure *failure,
			 struct watch_address *address)
{
	const uint64_t *arguments = tracee->arguments;

	if (strcmp(failure->call, "clone3") == 0)
		failure->has_structure = watch_read_memory(
			tracee->pid, arguments[0], failure->structure, sizeof(failure->structure));
	else if (strcmp(failure->call, "openat2") == 0)
		failure->has_structure = watch_read_memory(
			tracee->pid, arguments[2], failure->structure, sizeof(failure->structure));
	else if ((strcmp(failure->call, "connect") == 0 || strcmp(failure->call, "bind") == 0) &&
		 watch_read_address(tracee->pid, arguments[1], arguments[2], address))
		*(address->is_path ? &failure->path : &failure->address) = address->text;
}

/* A call's errno, or the signal that it ended in. */
static void report(struct watch *watch, const struct tracee *tracee, int code, int signal)
{
	struct why_failure failure = {
		.pid = tracee->pid,
		.code = code,
		.signal = signal,
		.arch = tracee->arch,
		.number = tracee->number,
	};
	char path[WATCH_PATH_BYTES + 1], source[WATCH_PATH_BYTES + 1];
	const struct call_effect *effect;
	struct watch_address address;
	autobuffer name = { 0 };
	int from;

	if (!call_name(tracee->arch, (uint32_t)tracee->number, &name))
		buffer_format(&name, "syscall %llu", (unsigned long long)tracee->number);
	if (name.failed || (code && !why_is_refusal(name.text, code)))
		return;
	failure.call = name.text;
	memcpy(failure.arguments, tracee->arguments, sizeof(failure.arguments));
	effect = call_effect_find(name.text);
	if (effect->flags & CALL_ON_DESCRIPTOR)
		failure.path =
			watch_read_link(tracee->pid, (int)tracee->arguments[effect->object], path);
	else if (effect->object >= 0)
		failure.path =
			watch_read_path(tracee->pid, tracee->arguments[effect->object], path);
	from = call_source_argument(name.text);
	if (from >= 0)
		failure.source = watch_read_path(tracee->pid, tracee->arguments[from], source);
	read_pointed(tracee, &failure, &address);
	if (!why_is_ordinary(&failure))
		watch->failed(&failure, watch->data);
}

/* The reader looks whether its set-user-ID bit has done nothing. */
static void report_program(struct watch *watch, const struct tracee *tracee)
{
	struct why_failure failure = { .pid = tracee->pid, .call = "execve" };
	char path[WATCH_PATH_BYTES + 1], name[64];
	ssize_t length;

	(void)snprintf(name, sizeof(name), "/proc/%d/exe", tracee->pid);
	length = readlink(name, path, WATCH_PATH_BYTES);
	if (length <= 0)
		return;
	path[length] = '\0';
	failure.path = path;
	watch->failed(&failure, watch->data);
}

/* Whether it is a call's entry, and the call, from a kernel that tells; false with errno. */
static bool ask_kernel(const struct tracee *tracee, bool *entry, struct sys_traced_call *call)
{
	struct __ptrace_syscall_info info;

	if (ptrace(PTRACE_GET_SYSCALL_INFO, tracee->pid, (void *)sizeof(info), &info) <= 0)
		return false;
	*entry = info.op == PTRACE_SYSCALL_INFO_ENTRY;
	*call = (struct sys_traced_call){ .arch = info.arch };
	if (*entry) {
		call->number = info.entry.nr;
		memcpy(call->arguments, info.entry.args, sizeof(call->arguments));
	} else if (info.op == PTRACE_SYSCALL_INFO_EXIT) {
		call->result = info.exit.rval;
	}
	return true;
}

static bool look_at_call(const struct tracee *tracee, bool *entry, struct sys_traced_call *call)
{
	if (ask_kernel(tracee, entry, call))
		return true;
	*entry = !tracee->inside; /* these stops come in pairs */
	return errno != ESRCH && sys_read_traced_call(tracee->pid, call) == 0;
}

static void at_call(struct watch *watch, struct tracee *tracee)
{
	struct sys_traced_call call;
	bool entry;

	if (!look_at_call(tracee, &entry, &call)) {
		if (errno != ESRCH) /* it was killed meanwhile */
			watch->blind = errno;
		return;
	}
	tracee->inside = entry;
	if (entry) {
		tracee->entered = true;
		tracee->arch = call.arch;
		tracee->number = call.number;
		memcpy(tracee->arguments, call.arguments, sizeof(tracee->arguments));
	} else if (tracee->entered) {
		tracee->entered = false;
		if (call.result < 0 && call.result >= -ERRNO_MAX)
			report(watch, tracee, (int)-call.result, 0);
		else
			at_answer(watch, tracee, call.result);
	}
}

/* A filter's TRAP comes as a signal, which a program may handle. */
static void at_signal(struct watch *watch, struct tracee *tracee, int signal)
{
	siginfo_t info;

	if (signal != SIGSYS || !tracee->watched ||
	    ptrace(PTRACE_GETSIGINFO, tracee->pid, NULL, &info) < 0 || info.si_code != BY_SECCOMP)
		return;
	tracee->reported = true;
	report(watch, tracee, 0, signal);
}

/* It has ended; what kills it doesn't stop it before. */
static void at_end(struct watch *watch, struct tracee *tracee, int status)
{
	if (tracee->watched && tracee->pid != watch->child && WIFSIGNALED(status) &&
	    (WTERMSIG(status) == SIGSYS || WTERMSIG(status) == SIGKILL) && !tracee->reported)
		report(watch, tracee, 0, WTERMSIG(status));
	tracee->pid = 0;
}

/* The tracee is stopped: looks why and lets it go on. */
static void at_stop(struct watch *watch, struct tracee *tracee, int status)
{
	const int event = status >> 16;
	int signal = 0;

	if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
		at_call(watch, tracee);
	} else if (event == PTRACE_EVENT_EXEC) {
		tracee->inside = true;
		if (tracee->pid != watch->child) {
			watch->armed = tracee->watched = true;
			report_program(watch, tracee);
		}
	} else if (event == PTRACE_EVENT_STOP) {
		/* a new one, or a stop for all: SIGSTOP and the like */
		if (WSTOPSIG(status) != SIGTRAP) {
			(void)ptrace(PTRACE_LISTEN, tracee->pid, NULL, NULL);
			return;
		}
	} else if (event == 0) {
		signal = WSTOPSIG(status);
		at_signal(watch, tracee, signal);
	}
	(void)ptrace(tracee->watched ? PTRACE_SYSCALL : PTRACE_CONT, tracee->pid, NULL,
		     (void *)(intptr_t)signal);
}

/* Stops one of them, and lets it go with the signal that it was about to get. False: it is in a
 * wait that nothing interrupts (vfork(2), a file system that doesn't answer). */
static bool detach(pid_t pid)
{
	int status;

	for (int waited = 0; waited <= STOP_PATIENCE; waited++) {
		const pid_t got = waitpid(pid, &status, __WALL | WNOHANG);

		if (got == 0 || (got < 0 && errno == EINTR)) {
			(void)poll(NULL, 0, 1);
			continue;
		}
		if (got == pid && WIFSTOPPED(status)) {
			const bool is_signal =
				status >> 16 == 0 && WSTOPSIG(status) != (SIGTRAP | 0x80);

			(void)ptrace(PTRACE_DETACH, pid, NULL,
				     (void *)(intptr_t)(is_signal ? WSTOPSIG(status) : 0));
		}
		return true;
	}
	return false;
}

/* Those that go on without us. Whom we can't stop our own end lets go, soon, since the container's
 * program has ended; so for the first of those the others aren't waited for either. */
static void let_go(struct watch *watch)
{
	bool patient = true;

	for (size_t i = 0; i < watch->count && patient; i++) {
		const pid_t pid = watch->tracees[i].pid;

		if (pid != 0 && ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0)
			patient = detach(pid);
	}
	free(watch->tracees);
}

static int follow(struct watch *watch, int *status, struct error *err)
{
	for (;;) {
		int now;
		const pid_t pid = waitpid(-1, &now, __WALL);
		struct tracee *tracee;

		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			return error_errno(err, "wait for the program");
		tracee = find(watch, pid);
		if (!tracee)
			return error_code(err, ENOMEM, "watch the program");
		if (WIFSTOPPED(now)) {
			at_stop(watch, tracee, now);
			continue;
		}
		at_end(watch, tracee, now);
		if (pid != watch->child)
			continue;
		*status = now;
		return 0;
	}
}

int watch_run(pid_t child, int go, watch_failure *failed, void *data, int *status,
	      struct error *err)
{
	const long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACEEXEC | PTRACE_O_TRACESYSGOOD |
			     PTRACE_O_EXITKILL; /* a program of ours ends with us */
	struct watch watch = { .child = child, .failed = failed, .data = data };
	int result;

	if (ptrace(PTRACE_SEIZE, child, NULL, (void *)options) < 0)
		return error_errno(err, "watch the program (ptrace)");
	if (write(go, "", 1) != 1)
		return error_errno(err, "start the program");
	result = follow(&watch, status, err);
	let_go(&watch);
	if (result == 0 && watch.blind)
		return error_code(err, watch.blind,
				  "see its system calls: this kernel doesn't tell a tracer "
				  "(PTRACE_GET_SYSCALL_INFO, PTRACE_GETREGS)");
	return result;
}
