/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes of CRIU's protocol.
 *
 * syscalls: none
 */
#include "runtime/criu/message.h"

#include <string.h>

#include "base/table.h"

enum wire { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_TEXT = 2, WIRE_32 = 5 };

/* --- Writing ---------------------------------------------------------------------------------- */

enum option_type { TYPE_FLAG, TYPE_NUMBER, TYPE_MASK, TYPE_TEXT };

#define ROW(number, type, member)                                                                  \
	{                                                                                          \
		number, type, offsetof(struct criu_options, member)                                \
	}

/* criu_opts: the plain fields. */
static const struct {
	uint32_t number;
	enum option_type type;
	size_t offset;
} option_rows[] = {
	ROW(1, TYPE_NUMBER, images_dir),	ROW(2, TYPE_NUMBER, pid),
	ROW(3, TYPE_FLAG, leave_running),	ROW(4, TYPE_FLAG, ext_unix_sk),
	ROW(5, TYPE_FLAG, tcp_established),	ROW(6, TYPE_FLAG, evasive_devices),
	ROW(7, TYPE_FLAG, shell_job),		ROW(8, TYPE_FLAG, file_locks),
	ROW(9, TYPE_NUMBER, log_level),		ROW(10, TYPE_TEXT, log_file),
	ROW(12, TYPE_FLAG, notify_scripts),	ROW(13, TYPE_TEXT, root),
	ROW(14, TYPE_TEXT, parent_image),	ROW(15, TYPE_FLAG, track_mem),
	ROW(16, TYPE_FLAG, auto_dedup),		ROW(17, TYPE_NUMBER, work_dir),
	ROW(18, TYPE_FLAG, link_remap),		ROW(24, TYPE_FLAG, manage_cgroups),
	ROW(26, TYPE_FLAG, rst_sibling),	ROW(34, TYPE_NUMBER, cgroups_mode),
	ROW(38, TYPE_MASK, empty_ns),		ROW(44, TYPE_TEXT, freeze_cgroup),
	ROW(46, TYPE_FLAG, tcp_skip_in_flight), ROW(48, TYPE_FLAG, lazy_pages),
	ROW(50, TYPE_FLAG, orphan_pts_master),	ROW(51, TYPE_TEXT, config_file),
	ROW(52, TYPE_FLAG, tcp_close),		ROW(53, TYPE_TEXT, lsm_profile),
	ROW(63, TYPE_TEXT, lsm_mount_context),	ROW(64, TYPE_NUMBER, network_lock),
};

/* The fields that are messages of their own, or lists. */
enum {
	FIELD_PAGE_SERVER = 11,
	FIELD_EXT_MOUNT = 23,
	FIELD_CGROUP_ROOT = 25,
	FIELD_INHERITED = 27,
	FIELD_EXTERNAL = 37,
	FIELD_JOIN_NS = 39,
};

static void put_varint(struct buffer *out, uint64_t value)
{
	do {
		const uint8_t byte = (uint8_t)((value & 0x7F) | (value > 0x7F ? 0x80 : 0));

		buffer_add_bytes(out, &byte, 1);
		value >>= 7;
	} while (value > 0);
}

static void put_number(struct buffer *out, uint32_t field, int64_t value)
{
	put_varint(out, (uint64_t)field << 3 /* WIRE_VARINT */);
	put_varint(out, (uint64_t)value);
}

static void put_bytes(struct buffer *out, uint32_t field, const void *data, size_t length)
{
	put_varint(out, (uint64_t)field << 3 | WIRE_TEXT);
	put_varint(out, length);
	if (length > 0)
		buffer_add_bytes(out, data, length);
}

static void put_text(struct buffer *out, uint32_t field, const char *text)
{
	put_bytes(out, field, text, strlen(text));
}

/* A message inside: its length stands before it, so it is written apart. Frees inner. */
static void put_message(struct buffer *out, uint32_t field, struct buffer *inner)
{
	if (inner->failed)
		out->failed = true;
	else
		put_bytes(out, field, inner->text, inner->length);
	buffer_free(inner);
}

static void put_pairs(struct buffer *out, uint32_t field, const struct criu_pairs *pairs)
{
	for (size_t i = 0; i < pairs->count; i++) {
		struct buffer inner = { 0 };

		put_text(&inner, 1, pairs->items[i].key);
		put_text(&inner, 2, pairs->items[i].value);
		put_message(out, field, &inner);
	}
}

static void put_plain(struct buffer *out, const struct criu_options *options)
{
	table_for_each (row, option_rows) {
		const char *at = (const char *)options + row->offset;
		const char *text;
		int32_t number;
		uint32_t mask;
		bool flag;

		switch (row->type) {
		case TYPE_FLAG:
			memcpy(&flag, at, sizeof(flag));
			if (flag)
				put_number(out, row->number, 1);
			break;
		case TYPE_NUMBER:
			memcpy(&number, at, sizeof(number));
			if (number >= 0)
				put_number(out, row->number, number);
			break;
		case TYPE_MASK:
			memcpy(&mask, at, sizeof(mask));
			if (mask)
				put_number(out, row->number, mask);
			break;
		case TYPE_TEXT:
			memcpy(&text, at, sizeof(text));
			if (text)
				put_text(out, row->number, text);
			break;
		}
	}
}

static void put_options(struct buffer *out, const struct criu_options *options)
{
	put_plain(out, options);
	if (options->page_server) {
		struct buffer inner = { 0 };

		put_text(&inner, 1, options->page_server);
		put_number(&inner, 2, options->page_server_port);
		put_message(out, FIELD_PAGE_SERVER, &inner);
	}
	put_pairs(out, FIELD_EXT_MOUNT, &options->ext_mounts);
	put_pairs(out, FIELD_CGROUP_ROOT, &options->cgroup_roots);
	for (size_t i = 0; i < options->inherited_count; i++) {
		struct buffer inner = { 0 };

		put_text(&inner, 1, options->inherited[i].key);
		put_number(&inner, 2, options->inherited[i].fd);
		put_message(out, FIELD_INHERITED, &inner);
	}
	for (size_t i = 0; i < ARRAY_SIZE(options->external); i++)
		if (options->external[i])
			put_text(out, FIELD_EXTERNAL, options->external[i]);
	put_pairs(out, FIELD_JOIN_NS, &options->join_ns);
}

void criu_encode(struct buffer *out, const struct criu_request *request)
{
	put_number(out, 1, request->type);
	if (request->options) {
		struct buffer inner = { 0 };

		put_options(&inner, request->options);
		put_message(out, 2, &inner);
	}
	if (request->notify_success)
		put_number(out, 3, 1);
	if (request->ask_mem_track || request->ask_lazy_pages) {
		struct buffer inner = { 0 };

		if (request->ask_mem_track)
			put_number(&inner, 1, 1);
		if (request->ask_lazy_pages)
			put_number(&inner, 2, 1);
		put_message(out, 5, &inner);
	}
}

/* --- Reading ---------------------------------------------------------------------------------- */

struct reader {
	const uint8_t *at, *end;
};

/* One field: a number, or bytes that lie in the message. */
struct value {
	uint32_t field;
	enum wire wire;
	uint64_t number;
	struct reader bytes;
};

static bool get_varint(struct reader *reader, uint64_t *value)
{
	*value = 0;
	for (unsigned shift = 0; shift < 64 && reader->at < reader->end; shift += 7) {
		const uint8_t byte = *reader->at++;

		*value |= (uint64_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80))
			return true;
	}
	return false;
}

static bool get_bytes(struct reader *reader, uint64_t length, struct reader *bytes)
{
	if (length > (uint64_t)(reader->end - reader->at))
		return false;
	*bytes = (struct reader){ reader->at, reader->at + length };
	reader->at += length;
	return true;
}

static bool get_field(struct reader *reader, struct value *value)
{
	uint64_t tag;

	*value = (struct value){ 0 };
	if (!get_varint(reader, &tag) || tag >> 3 == 0 || tag >> 3 > UINT32_MAX)
		return false;
	value->field = (uint32_t)(tag >> 3);
	value->wire = (enum wire)(tag & 7);
	switch (value->wire) {
	case WIRE_VARINT:
		return get_varint(reader, &value->number);
	case WIRE_64:
		return get_bytes(reader, 8, &value->bytes);
	case WIRE_TEXT:
		return get_varint(reader, &value->number) &&
		       get_bytes(reader, value->number, &value->bytes);
	case WIRE_32:
		return get_bytes(reader, 4, &value->bytes);
	}
	return false; /* groups: proto2 has them, CRIU has none */
}

/* What goes into one line of a log: anything else than printable ASCII becomes "?". */
static void copy_text(char *text, size_t size, const struct reader *bytes)
{
	size_t length = (size_t)(bytes->end - bytes->at);

	if (length >= size)
		length = size - 1;
	for (size_t i = 0; i < length; i++)
		text[i] = bytes->at[i] >= ' ' && bytes->at[i] < 0x7F ? (char)bytes->at[i] : '?';
	text[length] = '\0';
}

/* A field of a message inside; false: not of the wire type that it should have. */
typedef bool (*take_fn)(struct criu_reply *reply, const struct value *value);

static bool take_restore(struct criu_reply *reply, const struct value *value)
{
	if (value->field == 1 && value->wire == WIRE_VARINT)
		reply->pid = (int32_t)value->number;
	return value->field != 1 || value->wire == WIRE_VARINT;
}

static bool take_notify(struct criu_reply *reply, const struct value *value)
{
	if (value->field == 1 && value->wire == WIRE_TEXT)
		copy_text(reply->script, sizeof(reply->script), &value->bytes);
	else if (value->field == 2 && value->wire == WIRE_VARINT)
		reply->pid = (int32_t)value->number;
	else
		return value->field > 2;
	return true;
}

static bool take_features(struct criu_reply *reply, const struct value *value)
{
	if (value->wire != WIRE_VARINT)
		return value->field > 2;
	if (value->field == 1)
		reply->mem_track = value->number != 0;
	if (value->field == 2)
		reply->lazy_pages = value->number != 0;
	return true;
}

static bool take_version(struct criu_reply *reply, const struct value *value)
{
	const bool number = value->wire == WIRE_VARINT;

	if (value->field == 1 && number)
		reply->major = (int32_t)value->number;
	else if (value->field == 2 && number)
		reply->minor = (int32_t)value->number;
	else if (value->field == 4 && number)
		reply->sublevel = (int32_t)value->number;
	else
		return value->field != 1 && value->field != 2 && value->field != 4;
	return true;
}

static const struct {
	uint32_t field;
	take_fn take;
} messages[] = {
	{ 4, take_restore },
	{ 5, take_notify },
	{ 8, take_features },
	{ 10, take_version },
};

static bool take(struct criu_reply *reply, const struct value *value, unsigned *seen)
{
	table_for_each (row, messages) {
		struct reader inner = value->bytes;
		struct value member;

		if (row->field != value->field)
			continue;
		if (value->wire != WIRE_TEXT)
			return false;
		while (inner.at < inner.end)
			if (!get_field(&inner, &member) || !row->take(reply, &member))
				return false;
		return true;
	}
	if (value->field == 9) {
		if (value->wire == WIRE_TEXT)
			copy_text(reply->message, sizeof(reply->message), &value->bytes);
		return value->wire == WIRE_TEXT;
	}
	if (value->wire != WIRE_VARINT)
		return value->field != 1 && value->field != 2 && value->field != 7;
	if (value->field == 1)
		reply->type = (uint32_t)value->number;
	if (value->field == 2)
		reply->success = value->number != 0;
	if (value->field == 7)
		reply->code = (int32_t)value->number;
	*seen |= value->field <= 2 ? 1U << value->field : 0;
	return true;
}

int criu_decode(const void *data, size_t length, struct criu_reply *reply, struct error *err)
{
	struct reader reader = { data, (const uint8_t *)data + length };
	const unsigned required = 1U << 1 | 1U << 2; /* type, success */
	unsigned seen = 0;
	struct value value;

	*reply = (struct criu_reply){ 0 };
	while (reader.at < reader.end)
		if (!get_field(&reader, &value) || !take(reply, &value, &seen))
			return error_set(err,
					 "criu's answer is no message of its protocol (byte "
					 "%zu of %zu)",
					 length - (size_t)(reader.end - reader.at), length);
	if (seen != required)
		return error_set(err, "criu's answer lacks its type or its result");
	return 0;
}
