/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_WHY_H
#define INSPECT_WHY_H

#include <linux/seccomp.h>
#include <sys/types.h>

#include "base/error.h"
#include "runtime/inspect/document.h"
#include "runtime/inspect/filters.h"
#include "runtime/inspect/privileges.h"
#include "runtime/inspect/text.h"

/*
 * Which layer refuses a system call. seccomp is asked first, before anything else is looked at;
 * then, in an order that differs from call to call, capabilities, file permissions, mounts, device
 * filter, limits; the LSM can only refuse more. Said is only what follows from facts: a layer that
 * depends on arguments or objects which aren't known is "depends", never a guess.
 */
enum why_verdict {
	WHY_ALLOWED, /* this layer lets it through */
	WHY_DENIED,
	WHY_DEPENDS, /* on what is named */
	WHY_UNKNOWN, /* can't be read */
};
const char *why_verdict_name(enum why_verdict verdict);

struct why_layer {
	const char *name; /* "seccomp", "capability", "limits", "mounts", "devices", "lsm" */
	enum why_verdict verdict;
	const char *text;    /* in arena */
	const char *pointer; /* the member of config.json behind it; NULL: none, or unknown */
};
#define WHY_LAYERS_MAX 12

struct why {
	const char *call;
	struct why_layer layers[WHY_LAYERS_MAX];
	size_t count;
};

struct why_facts;
/* "/linux/uidMappings", if config.json has any; else NULL: the process made its user namespace. */
const char *why_pointer_of_ids(const struct why_facts *facts);

/* Facts that the layers are judged by. */
struct why_facts {
	struct document *document;     /* with process, caps, ns, cgroup, seccomp */
	const struct filters *filters; /* NULL: they can't be read, filters_error says why */
	const char *filters_error;
	/* inode of the user namespace that owns the process's namespace of each kind */
	struct fact_uint owner[NAMESPACE_COUNT];
};

/* owner[]: NS_GET_USERNS of a live process, or what config.json says. */
void why_owners(struct why_facts *facts);

/* "unknown system call" is the only error. arguments NULL: they aren't known. */
int why_call(struct why *why, const struct why_facts *facts, const char *call,
	     const uint64_t *arguments, size_t argument_count, struct error *err);
/* The same for a change that is asked for by a netlink message: netlink(7), rtnetlink(7). */
void why_message(struct why *why, const struct why_facts *facts);
/* The first layer that denies, else the first that depends; NULL: all allow. */
const struct why_layer *why_decisive(const struct why *why);

void why_text(struct buffer *out, const struct why *why, const struct text_style *style);
void why_json(struct json_out *json, const struct why *why);
/* The table that it judges by. */
void why_list_text(struct buffer *out);
void why_list_json(struct json_out *json);

/* ---- one failed call of a traced program ---- */

enum why_sureness { SURE_CERTAIN, SURE_LIKELY, SURE_POSSIBLE, SURE_UNEXPLAINED };

struct why_failure {
	pid_t pid;
	const char *call;      /* or "rtnetlink", "netlink": the answer to a message */
	uint64_t arguments[6]; /* a message's: its type, its protocol */
	const char *path;      /* NULL: the call has none, or it couldn't be read */
	const char *source;    /* likewise, of call_source_argument() */
	const char *address;   /* of connect, bind: "127.0.0.1:80", "@name"; NULL likewise */
	uint64_t structure[3]; /* how what clone3's and openat2's argument points to begins */
	bool has_structure;    /* false: it couldn't be read, or it is another call */
	int code;	       /* errno */
	int signal;	       /* not 0: the call ended the program by this signal; code is 0 */
	uint32_t arch;
	uint64_t number; /* UINT64_MAX: it is a message */
};
struct why_reason {
	enum why_sureness sure;
	const char *layer;
	const char *text;    /* in the document's arena */
	const char *pointer; /* NULL: none */
};

/* Only failures that some layer of confinement may be behind: EPERM, EACCES, EROFS, EMFILE,
 * ENFILE, ENOMEM, ENOSPC, EDQUOT, ENOSYS, EAGAIN where it is no "try later", what ids
 * that a user namespace doesn't map give (EOVERFLOW, and EINVAL of calls that take ids), a program
 * that is there and can't be executed, and what why_known.c and why_lookup.c know. */
bool why_is_refusal(const char *call, int code);
/* Of these what every program does, such as to look for a file that needn't be there: nothing to
 * be explained. Cheap. */
bool why_is_ordinary(const struct why_failure *failure);
/* 'chown("/tmp", 1, -1)' */
void why_call_text(struct buffer *out, const struct why_failure *failure,
		   const struct text_style *style);
/* "EROFS", "SIGSYS"; "0": it didn't fail */
const char *why_error_word(const struct why_failure *failure);
const char *why_sureness_name(enum why_sureness sure);
/* The call, its error and the reason, on one line if there is room; else each that doesn't fit
 * into 80 columns on a line of its own, indented. */
void why_failure_text(struct buffer *out, const struct why_failure *failure,
		      const struct why_reason *reason, const struct text_style *style);
/* facts are those of the failing process, if it is still there. layer NULL: it isn't worth
 * a word (a shell that looks for a program in PATH). */
void why_explain(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason);
/* The process has just executed a program (failure->call is "execve", code 0): layer NULL, or why
 * the set-user-ID bit of its file had no effect, so that later calls are refused. */
void why_explain_program(const struct why_facts *facts, const struct why_failure *failure,
			 struct why_reason *reason);

#endif
