/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_FIELD_H
#define SPEC_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * The walker: tables of rows say which members an object has, and field_load() moves a json-c tree
 * into a struct by them. A row is a fact; nothing about a single member is written anywhere else.
 * Rules between members are spec/validate.c's.
 */
enum field_kind {
	FIELD_END, /* closes each table */
	FIELD_BOOL,
	FIELD_STRING, /* const char * */
	FIELD_UINT16,
	FIELD_UINT32,
	FIELD_UINT64,
	FIELD_INT64,
	FIELD_OPT_BOOL,
	FIELD_OPT_INT,
	FIELD_OPT_UINT,
	FIELD_STRING_LIST,
	FIELD_STRING_MAP,
	FIELD_UINT32_LIST, /* struct { uint32_t *items; size_t count; } */
	FIELD_OBJECT,	   /* a struct inside */
	FIELD_OBJECT_LIST, /* struct { T *items; size_t count; ... } */
	FIELD_OBJECT_MAP,  /* the same; the key goes to T's first member, a const char * */
	FIELD_IGNORE,	   /* known, for other platforms */
};

/* What a string (a list's element, a map's key) must be like. */
enum field_form {
	FORM_ANY,
	FORM_NOT_EMPTY,
	FORM_EMPTY_IS_ABSENT,	/* engines that write Go structs can't tell the two apart */
	FORM_ABSOLUTE,		/* a path that begins with "/" */
	FORM_ABSOLUTE_OR_EMPTY, /* the same; "" is absent */
};

struct field {
	const char *name; /* in JSON */
	enum field_kind kind;
	bool required;
	bool has_present; /* objects and lists: a bool at .present says that it was there */
	bool closed; /* FIELD_END: another member is an error, not ignored (its name is a value) */
	enum field_form form;
	size_t offset;	/* in the struct of the table */
	size_t present; /* in the struct of the table */
	size_t size;	/* of an element */
	int64_t min;	/* both 0: all that the kind holds */
	uint64_t max;
	const struct field *fields; /* of the object, of each element */
	const char *const *values;  /* all that a string may be, NULL closes the list */
};

/* The kind follows from the C type, so that the two can't differ. */
#define FIELD_KIND(type, member)                                                                   \
	_Generic(((type *)0)->member,                                                              \
		 bool: FIELD_BOOL,                                                                 \
		 const char *: FIELD_STRING,                                                       \
		 uint16_t: FIELD_UINT16,                                                           \
		 uint32_t: FIELD_UINT32,                                                           \
		 uint64_t: FIELD_UINT64,                                                           \
		 int64_t: FIELD_INT64,                                                             \
		 struct opt_bool: FIELD_OPT_BOOL,                                                  \
		 struct opt_int: FIELD_OPT_INT,                                                    \
		 struct opt_uint: FIELD_OPT_UINT,                                                  \
		 struct string_list: FIELD_STRING_LIST,                                            \
		 struct string_map: FIELD_STRING_MAP)

/* Openings of rows: { FIELD("uid", struct user_spec, uid), .required = true }, */
#define FIELD(json, type, member)                                                                  \
	.name = (json), .kind = FIELD_KIND(type, member), .offset = offsetof(type, member)
#define OBJECT(json, type, member, table)                                                          \
	.name = (json), .kind = FIELD_OBJECT, .offset = offsetof(type, member), .fields = (table)
#define LIST_OF(list_kind, json, type, member, table)                                              \
	.name = (json), .kind = (list_kind), .offset = offsetof(type, member),                     \
	.size = sizeof(((type *)0)->member.items[0]), .fields = (table)
#define OBJECT_LIST(json, type, member, table) LIST_OF(FIELD_OBJECT_LIST, json, type, member, table)
#define OBJECT_MAP(json, type, member, table) LIST_OF(FIELD_OBJECT_MAP, json, type, member, table)
#define UINT32_LIST(json, type, member) LIST_OF(FIELD_UINT32_LIST, json, type, member, NULL)
/* An object in JSON whose members lie in the table's own struct. */
#define GROUP(json, table) .name = (json), .kind = FIELD_OBJECT, .fields = (table)
#define PRESENT(type, member) .has_present = true, .present = offsetof(type, member)
#define IGNORED(json)                                                                              \
	{                                                                                          \
		.name = (json), .kind = FIELD_IGNORE                                               \
	}

/* More members than this in one table: the walker's bit mask of required ones ends. */
#define FIELD_TABLE_MAX 64

extern const struct field root_fields[], process_fields[], hooks_fields[], linux_fields[],
	resources_fields[], seccomp_fields[], record_fields[], id_mapping_fields[], mounts_fields[];

/* The range that an integer's row stands for. Runs in: parent. */
void field_range(const struct field *field, int64_t *min, uint64_t *max);

/* Where a table's struct goes. */
struct field_target {
	struct report *report; /* NULL: the first error ends the walk */
	const char *name;      /* of the document, for the debug log */
	struct arena *arena;
	bool any_case; /* of members' names: "CPU" is cpu */
	bool overflow; /* of struct scan: the largest 64 bit number may be a larger one */
};

struct json_object;

/*
 * Fills the struct at base, which is zeroed, from object by the table. Errors begin with the JSON
 * pointer: "/process/args/1: expected a string, found a number". Unknown members are ignored and
 * logged at debug level; null is as good as absent unless the member is required. Runs in: parent.
 */
int field_load(const struct field_target *target, const struct field *fields,
	       struct json_object *object, void *base, struct error *err);

struct json_out;

/*
 * Writes the members that are there into the object that is open. For tables of booleans, strings,
 * 32 and 64 bit numbers, opt_* and what consists of them. Runs in: parent.
 */
void field_write(struct json_out *json, const struct field *fields, const void *base);

#endif
