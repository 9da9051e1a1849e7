/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Compiled filters in files, by what they were compiled from.
 *
 * The file's name is a short hash of the key, which anybody who can choose a profile could make
 * collide; so the whole key lies in the file and is compared. The checksum is there for files that
 * a crash or a bad disk left behind, not against anybody.
 *
 * syscalls: uname fstat openat read write renameat unlinkat getdents64
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/string.h"
#include "seccomp/cache.h"
#include "seccomp/names.h"

#define FORMAT "minirun filter 2" /* changes with the layout, and with what filter.c generates */
#define FILES_MAX 128		  /* then all are thrown away: profiles made per container */
#define NAME_SIZE 24

struct header {
	char format[24];
	uint64_t checksum; /* of what follows, to the end of the file */
	uint64_t key_length;
	uint32_t flags;
	uint32_t instructions;
};

/* FNV-1a over words instead of bytes, with a shift that carries high bits down again: eight times
 * as fast, and good enough for names and against accidents. */
static uint64_t hash(uint64_t state, const void *data, size_t length)
{
	const char *bytes = data;
	uint64_t word;

	state ^= length; /* zeros at the end count */
	for (; length >= sizeof(word); bytes += sizeof(word), length -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		state = (state ^ word) * 0x100000001b3;
		state ^= state >> 29;
	}
	word = 0;
	memcpy(&word, bytes, length);
	return (state ^ word) * 0x100000001b3;
}

#define HASH_START 0xcbf29ce484222325

/* ---- the key ---- */

/* Each value with its kind's size, each text with its NUL, each list with its length: no two
 * profiles have the same key. */
static void add_number(struct buffer *key, uint64_t number)
{
	buffer_add_bytes(key, &number, sizeof(number));
}

static void add_text(struct buffer *key, const char *text)
{
	buffer_add_bytes(key, text, strlen(text) + 1);
}

static void add_optional(struct buffer *key, const struct opt_uint *number)
{
	add_number(key, number->present);
	add_number(key, number->value);
}

static void add_list(struct buffer *key, const struct string_list *list)
{
	add_number(key, list->present);
	add_number(key, list->count);
	for (size_t i = 0; i < list->count; i++)
		add_text(key, list->items[i]);
}

static void add_entry(struct buffer *key, const struct syscall_spec *entry)
{
	add_list(key, &entry->names);
	add_text(key, entry->action);
	add_optional(key, &entry->errno_ret);
	add_number(key, entry->args.count);
	for (size_t i = 0; i < entry->args.count; i++) {
		const struct seccomp_arg_spec *arg = &entry->args.items[i];

		add_number(key, arg->index);
		add_number(key, arg->value);
		add_number(key, arg->value_two);
		add_text(key, arg->op);
	}
}

static bool make_key(const struct seccomp_spec *seccomp, struct buffer *key)
{
	struct utsname host;

	if (uname(&host) < 0)
		return false;
	add_text(key, host.release);
	add_text(key, host.machine);
	add_text(key, seccomp_library_version());
	add_text(key, seccomp->default_action);
	add_optional(key, &seccomp->default_errno_ret);
	add_number(key, seccomp->names_must_be_known);
	add_list(key, &seccomp->architectures);
	add_list(key, &seccomp->flags);
	add_number(key, seccomp->syscalls.count);
	for (size_t i = 0; i < seccomp->syscalls.count; i++)
		add_entry(key, &seccomp->syscalls.items[i]);
	return !key->failed;
}

/* ---- reading ---- */

static bool is_private(const struct stat *attributes)
{
	return attributes->st_uid == geteuid() && (attributes->st_mode & 077) == 0;
}

static bool is_usable_directory(int directory)
{
	struct stat attributes;

	return directory >= 0 && fstat(directory, &attributes) == 0 &&
	       S_ISDIR(attributes.st_mode) && is_private(&attributes);
}

/* content points to size bytes; only what passes here is believed. */
static bool is_valid(const char *content, size_t size, const struct buffer *key)
{
	const struct header *header = (const void *)content;
	size_t covered = offsetof(struct header, checksum) + sizeof(header->checksum);

	return size > sizeof(*header) && memcmp(header->format, FORMAT, sizeof(FORMAT)) == 0 &&
	       header->instructions > 0 && header->instructions <= BPF_MAXINSNS &&
	       header->key_length == key->length &&
	       size == sizeof(*header) + key->length +
			       header->instructions * sizeof(struct sock_filter) &&
	       memcmp(content + sizeof(*header), key->text, key->length) == 0 &&
	       header->checksum == hash(HASH_START, content + covered, size - covered);
}

static bool read_file(int directory, const char *name, char **content, size_t *size)
{
	/* O_NONBLOCK: a FIFO of that name must not make us wait */
	autofd file = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat attributes;
	ssize_t length;

	if (file < 0 || fstat(file, &attributes) < 0 || !S_ISREG(attributes.st_mode) ||
	    !is_private(&attributes) || attributes.st_size > 16 << 20)
		return false;
	*size = (size_t)attributes.st_size;
	*content = malloc(*size + 1);
	if (!*content)
		return false;
	length = read(file, *content, *size);
	return length >= 0 && (size_t)length == *size;
}

static bool load(int directory, const char *name, const struct buffer *key,
		 struct seccomp_program *program)
{
	autofree char *content = NULL;
	const struct header *header;
	size_t size, bytes;

	if (!read_file(directory, name, &content, &size) || !is_valid(content, size, key))
		return false;
	header = (const void *)content;
	bytes = header->instructions * sizeof(struct sock_filter);
	program->instructions = malloc(bytes);
	if (!program->instructions)
		return false;
	memcpy(program->instructions, content + size - bytes, bytes);
	program->length = (uint16_t)header->instructions;
	program->flags = header->flags;
	return true;
}

/* ---- writing ---- */

static size_t count_files(int directory, bool remove)
{
	autofd copy = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;
	size_t count = 0;

	if (!stream)
		return 0;
	(void)fd_take(&copy);
	while ((entry = readdir(stream)) != NULL) {
		if (entry->d_type != DT_REG)
			continue;
		count++;
		if (remove) /* somebody else may have been faster */
			(void)unlinkat(directory, entry->d_name, 0);
	}
	return count;
}

static void save(int directory, const char *name, const struct buffer *key,
		 const struct seccomp_program *program)
{
	autobuffer content = { 0 };
	struct header header = {
		.format = FORMAT,
		.key_length = key->length,
		.flags = program->flags,
		.instructions = program->length,
	};
	size_t covered = offsetof(struct header, checksum) + sizeof(header.checksum);
	struct error err;

	buffer_add_bytes(&content, &header, sizeof(header));
	buffer_add_bytes(&content, key->text, key->length);
	buffer_add_bytes(&content, program->instructions,
			 program->length * sizeof(*program->instructions));
	if (content.failed)
		return;
	header.checksum = hash(HASH_START, content.text + covered, content.length - covered);
	memcpy(content.text, &header, sizeof(header));
	if (count_files(directory, false) >= FILES_MAX)
		(void)count_files(directory, true);
	/* no fsync: after a crash the checksum tells */
	if (file_replace_at(directory, name, content.text, content.length, 0600, 0, &err) < 0)
		log_debug("seccomp: the compiled filter is not kept: %s", err.text);
}

int seccomp_compile_cached(int directory, const struct seccomp_spec *seccomp,
			   struct seccomp_program *program, struct error *err)
{
	autobuffer key = { 0 };
	char name[NAME_SIZE];

	*program = (struct seccomp_program){ NULL, 0, 0 };
	if (!seccomp->present)
		return 0;
	if (!is_usable_directory(directory) || !make_key(seccomp, &key))
		return seccomp_compile(seccomp, program, err);
	(void)snprintf(name, sizeof(name), "%016llx",
		       (unsigned long long)hash(HASH_START, key.text, key.length));
	if (load(directory, name, &key, program))
		return 0;
	if (seccomp_compile_to_keep(seccomp, program, err) < 0)
		return -1;
	save(directory, name, &key, program);
	return 0;
}
