/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_DOCUMENT_H
#define INSPECT_DOCUMENT_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/string.h"
#include "namespaces/namespace.h"
#include "runtime/inspect/cgroup_facts.h"
#include "runtime/inspect/engine.h"
#include "runtime/inspect/fact.h"
#include "runtime/inspect/live.h"
#include "runtime/inspect/target.h"
#include "spec/json_out.h"

/*
 * The one fact model. Two collectors fill it, from a live process (/proc, the cgroup file systems)
 * and from a config.json that doesn't run (through the plan functions that create uses); every
 * command prints from it, and `diff` compares two of them. A block that wasn't asked for stays
 * absent.
 */
enum document_block {
	BLOCK_PROCESS = 1 << 0,
	BLOCK_CAPS = 1 << 1,
	BLOCK_NS = 1 << 2,
	BLOCK_CGROUP = 1 << 3,
	BLOCK_SECCOMP = 1 << 4,
	BLOCK_LSM = 1 << 5,
	BLOCK_MOUNTS = 1 << 6,
	BLOCK_ALL = (1 << 7) - 1,
};

/* process: who it is. */
struct process_facts {
	struct fact fact;
	struct status_facts status; /* live only */
	struct fact_text comm;
	struct fact arguments_fact;
	const char *arguments; /* as /proc/PID/cmdline: with NULs between */
	size_t arguments_length;
	uint32_t uid, gid;	       /* effective, inside its user namespace */
	bool uid_is_mapped;	       /* false: it has no number in there */
	struct fact_uint host_uid;     /* as the caller's user namespace counts */
	struct fact_uint up;	       /* seconds since its start */
	struct fact_uint userns;       /* inode */
	struct engine_guess engine;    /* of another engine's container */
	bool userns_is_ours, terminal; /* terminal: planned only */
};

/* caps: capabilities(7). */
struct caps_facts {
	struct fact fact;
	uint64_t set[CAPABILITY_SET_COUNT];
	bool has_config; /* asked is config.json's */
	uint64_t asked[CAPABILITY_SET_COUNT];
	struct fact_uint no_new_privs, securebits;
	uint64_t after_exec; /* permitted after execve of a file without privileges */
	bool uid_zero;
};

/* ns: namespaces(7). */
struct ns_facts {
	struct fact_uint inode[NAMESPACE_COUNT]; /* live */
	struct fact_text plan[NAMESPACE_COUNT];	 /* planned: "new", or the path that is joined */
	bool shared[NAMESPACE_COUNT];		 /* with the caller, or with who calls minirun */
};

/* seccomp: what /proc tells; the filters themselves are the analyser's. */
struct seccomp_facts {
	struct fact_uint mode, filters;	 /* mode: 0 off, 1 strict, 2 filter */
	struct fact_text default_action; /* of config.json */
	struct fact_uint rules;		 /* of config.json: syscalls[] */
};

/* lsm: what security modules say. */
struct lsm_facts {
	struct fact_text label, active;
};

/* mounts: proc_pid_mountinfo(5). */
struct mount_fact {
	const char *root, *destination, *type, *source, *options;
	const char *super_options; /* of the file system; live only */
	bool readonly;
};
struct mount_facts {
	struct fact fact;
	struct mount_fact *items;
	size_t count;
	struct mount_fact root; /* what "/" is */
	bool others; /* planned: it gets no mount namespace, and what is there isn't known */
	struct fact_uint masked, readonly_paths; /* of config.json */
};

struct note {
	const char *id; /* "AMB01": stable */
	const char *text;
};
#define NOTES_MAX 32

struct document {
	struct arena arena; /* every string and array */
	const struct target *target;
	const char *status;  /* a container's, "planned", or the process's state in words */
	bool planned;	     /* facts come from config.json */
	uint64_t start_time; /* of the process: with its pid who it is; 0: not known */
	struct process_facts process;
	struct caps_facts caps;
	struct ns_facts ns;
	struct cgroup_facts cgroup;
	struct seccomp_facts seccomp;
	struct lsm_facts lsm;
	struct mount_facts mounts;
	struct note notes[NOTES_MAX];
	size_t note_count;
};

/*
 * Fills the blocks (enum document_block) from the target's process or, without one, from its
 * config. Denied facts are facts; an error is a process that doesn't exist or that ended meanwhile,
 * a configuration that create would refuse, or memory. The document is to be freed even then.
 */
int document_collect(struct document *document, const struct target *target, unsigned blocks,
		     struct error *err);
void document_free(struct document *document);
#define autodocument __attribute__((cleanup(document_free))) struct document

/* Adds one; those beyond NOTES_MAX and without memory are dropped. */
void document_note(struct document *document, const char *id, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* "schema", "target", "kind", "status", "pid": the members that every command's JSON begins with,
 * and the notes that it ends with. */
void document_json_head(struct json_out *json, const struct document *document, const char *schema);
void document_json_notes(struct json_out *json, const struct document *document);

/* The block's eight lines, and its members. */
struct text_style;
void document_ns_text(struct buffer *out, const struct document *document,
		      const struct text_style *style);
void document_ns_json(struct json_out *json, const struct document *document);

/* ---- the blocks' collectors, each in its own file. Runs in: commands ---- */
int process_collect(struct document *document, const struct live *live, struct error *err);
int process_plan(struct document *document, struct error *err);
int caps_collect(struct document *document, const struct live *live, struct error *err);
int caps_plan(struct document *document, struct error *err);
int ns_collect(struct document *document, const struct live *live, struct error *err);
int ns_plan(struct document *document, struct error *err);
int cgroup_collect(struct document *document, const struct live *live, struct error *err);
int cgroup_plan_facts(struct document *document, struct error *err);
int seccomp_collect(struct document *document, const struct live *live, struct error *err);
int seccomp_summary_plan(struct document *document, struct error *err);
int lsm_collect(struct document *document, const struct live *live, struct error *err);
int lsm_plan(struct document *document, struct error *err);
int mounts_collect(struct document *document, const struct live *live, struct error *err);
int mounts_plan(struct document *document, struct error *err);
/* The members that both have: maskedPaths, readonlyPaths. */
void mounts_read_config(struct mount_facts *mounts, const struct container_spec *spec);
/* Where a destination lies when the links of the image on the way are followed; last: one at its
 * end as well. root: O_PATH, -1: by the words alone. In arena, or destination itself if it can't be
 * told. */
const char *mount_resolve(int root, const char *destination, bool last, struct arena *arena);
/* A line of mountinfo, which is taken apart. Pure, but for the arena. False: it is none. */
bool mount_parse(char *line, struct mount_fact *mount, struct arena *arena);

#endif
