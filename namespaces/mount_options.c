/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount options of the OCI specification and what each one does.
 *
 * mount(8), mount_setattr(2), OCI config.md "Linux mount options"
 * syscalls: none
 */
#include "namespaces/mount_options.h"

#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"

#define NOTHING MOUNT_OPTION_NOTHING
#define SET MOUNT_OPTION_SET
#define CLEAR MOUNT_OPTION_CLEAR
#define ATIME MOUNT_OPTION_ATIME
#define CANCEL MOUNT_OPTION_ATIME_CANCEL
#define SB_SET MOUNT_OPTION_SUPERBLOCK_SET
#define SB_CLEAR MOUNT_OPTION_SUPERBLOCK_CLEAR
#define PROPAGATION MOUNT_OPTION_PROPAGATION

/*
 * "norelatime" has nothing to cancel: the kernel has no mode without access time rules, and what is
 * left when relatime is unsaid is relatime. "nosymfollow" and its kin are kernel 5.10 and 5.14.
 * "copy" and "nocopy" tell podman whether to fill a new volume; it has done so, and hands them on.
 */
const struct mount_option mount_options[] = {
	{ "async", SB_CLEAR, false, MOUNT_SUPERBLOCK_SYNC },
	{ "atime", CANCEL, false, MOUNT_ATTR_NOATIME },
	{ "bind", MOUNT_OPTION_BIND, false, 0 },
	{ "copy", NOTHING, false, 0 },
	{ "copy-symlink", MOUNT_OPTION_BIND_HOW, false, MOUNT_BIND_COPY_LINK },
	{ "defaults", NOTHING, false, 0 },
	{ "dest-nofollow", MOUNT_OPTION_BIND_HOW, false, MOUNT_BIND_TARGET_LINK },
	{ "dev", CLEAR, false, MOUNT_ATTR_NODEV },
	{ "diratime", CLEAR, false, MOUNT_ATTR_NODIRATIME },
	{ "dirsync", SB_SET, false, MOUNT_SUPERBLOCK_DIRSYNC },
	{ "exec", CLEAR, false, MOUNT_ATTR_NOEXEC },
	{ "idmap", MOUNT_OPTION_IDMAP, false, 0 },
	{ "iversion", SB_SET, false, MOUNT_SUPERBLOCK_IVERSION },
	{ "lazytime", SB_SET, false, MOUNT_SUPERBLOCK_LAZYTIME },
	{ "loud", NOTHING, false, 0 },
	{ "mand", SB_SET, false, MOUNT_SUPERBLOCK_MAND },
	{ "noatime", ATIME, false, MOUNT_ATTR_NOATIME },
	{ "nocopy", NOTHING, false, 0 },
	{ "nodev", SET, false, MOUNT_ATTR_NODEV },
	{ "nodiratime", SET, false, MOUNT_ATTR_NODIRATIME },
	{ "noexec", SET, false, MOUNT_ATTR_NOEXEC },
	{ "noiversion", SB_CLEAR, false, MOUNT_SUPERBLOCK_IVERSION },
	{ "nolazytime", SB_CLEAR, false, MOUNT_SUPERBLOCK_LAZYTIME },
	{ "nomand", SB_CLEAR, false, MOUNT_SUPERBLOCK_MAND },
	{ "norelatime", CANCEL, false, MOUNT_ATTR_RELATIME },
	{ "nostrictatime", CANCEL, false, MOUNT_ATTR_STRICTATIME },
	{ "nosuid", SET, false, MOUNT_ATTR_NOSUID },
	{ "nosymfollow", SET, false, MOUNT_ATTR_NOSYMFOLLOW },
	{ "private", PROPAGATION, false, MS_PRIVATE },
	{ "ratime", CANCEL, true, MOUNT_ATTR_NOATIME },
	{ "rbind", MOUNT_OPTION_BIND, true, 0 },
	{ "rdev", CLEAR, true, MOUNT_ATTR_NODEV },
	{ "rdiratime", CLEAR, true, MOUNT_ATTR_NODIRATIME },
	{ "relatime", ATIME, false, MOUNT_ATTR_RELATIME },
	{ "remount", MOUNT_OPTION_REMOUNT, false, 0 },
	{ "rexec", CLEAR, true, MOUNT_ATTR_NOEXEC },
	{ "ridmap", MOUNT_OPTION_IDMAP, true, 0 },
	{ "rnoatime", ATIME, true, MOUNT_ATTR_NOATIME },
	{ "rnodev", SET, true, MOUNT_ATTR_NODEV },
	{ "rnodiratime", SET, true, MOUNT_ATTR_NODIRATIME },
	{ "rnoexec", SET, true, MOUNT_ATTR_NOEXEC },
	{ "rnorelatime", CANCEL, true, MOUNT_ATTR_RELATIME },
	{ "rnostrictatime", CANCEL, true, MOUNT_ATTR_STRICTATIME },
	{ "rnosuid", SET, true, MOUNT_ATTR_NOSUID },
	{ "rnosymfollow", SET, true, MOUNT_ATTR_NOSYMFOLLOW },
	{ "ro", SET, false, MOUNT_ATTR_RDONLY },
	{ "rprivate", PROPAGATION, true, MS_PRIVATE },
	{ "rrelatime", ATIME, true, MOUNT_ATTR_RELATIME },
	{ "rro", SET, true, MOUNT_ATTR_RDONLY },
	{ "rrw", CLEAR, true, MOUNT_ATTR_RDONLY },
	{ "rshared", PROPAGATION, true, MS_SHARED },
	{ "rslave", PROPAGATION, true, MS_SLAVE },
	{ "rstrictatime", ATIME, true, MOUNT_ATTR_STRICTATIME },
	{ "rsuid", CLEAR, true, MOUNT_ATTR_NOSUID },
	{ "rsymfollow", CLEAR, true, MOUNT_ATTR_NOSYMFOLLOW },
	{ "runbindable", PROPAGATION, true, MS_UNBINDABLE },
	{ "rw", CLEAR, false, MOUNT_ATTR_RDONLY },
	{ "shared", PROPAGATION, false, MS_SHARED },
	{ "silent", NOTHING, false, 0 },
	{ "slave", PROPAGATION, false, MS_SLAVE },
	{ "src-nofollow", MOUNT_OPTION_BIND_HOW, false, MOUNT_BIND_SOURCE_LINK },
	{ "strictatime", ATIME, false, MOUNT_ATTR_STRICTATIME },
	{ "suid", CLEAR, false, MOUNT_ATTR_NOSUID },
	{ "symfollow", CLEAR, false, MOUNT_ATTR_NOSYMFOLLOW },
	{ "sync", SB_SET, false, MOUNT_SUPERBLOCK_SYNC },
	{ "tmpcopyup", MOUNT_OPTION_COPY_UP, false, 0 },
	{ "unbindable", PROPAGATION, false, MS_UNBINDABLE },
};
const size_t mount_options_count = ARRAY_SIZE(mount_options);

static const struct mount_option *find_option(const char *name)
{
	table_for_each (row, mount_options) {
		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static void attributes_set(struct mount_attributes *attributes, uint64_t bits)
{
	attributes->set |= bits;
	attributes->clear &= ~bits;
}

static void attributes_clear(struct mount_attributes *attributes, uint64_t bits)
{
	attributes->set &= ~bits;
	attributes->clear |= bits;
}

/* The access time is an enumeration: a value replaces the whole field. */
static void attributes_atime(struct mount_attributes *attributes, uint64_t value)
{
	attributes->set = (attributes->set & ~(uint64_t)MOUNT_ATTR__ATIME) | value;
	attributes->clear |= MOUNT_ATTR__ATIME;
}

static void attributes_cancel(struct mount_attributes *attributes, uint64_t value)
{
	bool said = attributes->clear & MOUNT_ATTR__ATIME;

	if (!said || (attributes->set & MOUNT_ATTR__ATIME) == value)
		attributes_atime(attributes, MOUNT_ATTR_RELATIME);
}

static void attributes_apply(struct mount_attributes *attributes, const struct mount_option *option)
{
	if (option->effect == MOUNT_OPTION_SET)
		attributes_set(attributes, option->value);
	else if (option->effect == MOUNT_OPTION_CLEAR)
		attributes_clear(attributes, option->value);
	else if (option->effect == MOUNT_OPTION_ATIME)
		attributes_atime(attributes, option->value);
	else
		attributes_cancel(attributes, option->value);
}

/*
 * Propagation types are applied one after the other, since "slave, shared" is a state of its own.
 * All but shared make what came before them irrelevant, if they reach as far.
 */
static int add_propagation(struct mount_options *options, const struct mount_option *option,
			   size_t index, size_t word, struct error *err)
{
	size_t kept = 0;

	if (option->value != MS_SHARED) {
		for (size_t i = 0; i < options->propagation_count; i++) {
			if (options->propagation[i].recursive && !option->recursive)
				options->propagation[kept++] = options->propagation[i];
		}
		options->propagation_count = kept;
	}
	if (options->propagation_count == MOUNT_PROPAGATION_MAX)
		return error_set(err, "/mounts/%zu/options/%zu: too many propagation types", index,
				 word);
	options->propagation[options->propagation_count++] =
		(struct mount_propagation){ (unsigned long)option->value, option->recursive };
	return 0;
}

static void add_idmap(struct mount_options *options, bool tree, const char *text, size_t word)
{
	options->idmap = true;
	options->idmap_tree = tree;
	options->idmap_text = text;
	options->idmap_index = word;
}

/* crun's spelling of a map, as a word of its own. */
static bool has_map(const char *name, struct mount_options *options, size_t word)
{
	bool tree = name[0] == 'r';

	if (!string_starts_with(name + tree, "idmap="))
		return false;
	add_idmap(options, tree, name + tree + strlen("idmap="), word);
	return true;
}

static void apply_attribute(struct mount_options *options, const struct mount_option *option)
{
	const bool atime =
		option->effect == MOUNT_OPTION_ATIME || option->effect == MOUNT_OPTION_ATIME_CANCEL;

	attributes_apply(&options->own, option);
	if (atime)
		options->own_atime = option->name;
	if (!option->recursive) {
		options->exact = true;
		return;
	}
	attributes_apply(&options->tree, option);
	if (atime)
		options->tree_atime = option->name;
}

static int apply_option(struct mount_options *options, const struct mount_option *option,
			size_t index, size_t word, struct error *err)
{
	switch (option->effect) {
	case MOUNT_OPTION_NOTHING:
		break;
	case MOUNT_OPTION_SET:
	case MOUNT_OPTION_CLEAR:
	case MOUNT_OPTION_ATIME:
	case MOUNT_OPTION_ATIME_CANCEL:
		apply_attribute(options, option);
		break;
	case MOUNT_OPTION_SUPERBLOCK_SET:
		options->superblock |= (uint32_t)option->value;
		options->superblock_index = word;
		break;
	case MOUNT_OPTION_SUPERBLOCK_CLEAR:
		options->superblock &= ~(uint32_t)option->value;
		break;
	case MOUNT_OPTION_PROPAGATION:
		return add_propagation(options, option, index, word, err);
	case MOUNT_OPTION_BIND:
		options->bind = option->recursive ? MOUNT_BIND_TREE : MOUNT_BIND_ONE;
		break;
	case MOUNT_OPTION_REMOUNT:
		options->remount = true;
		break;
	case MOUNT_OPTION_COPY_UP:
		options->copy_up = true;
		options->copy_up_index = word;
		break;
	case MOUNT_OPTION_IDMAP:
		add_idmap(options, option->recursive, NULL, word);
		break;
	case MOUNT_OPTION_BIND_HOW:
		options->bind_how |= (uint32_t)option->value;
		options->bind_how_index = word;
		break;
	}
	return 0;
}

/* fstab(5)'s way to write them. A runtime that hands the word on to mount(2) loses what it says. */
static int refuse_joined(const char *word, size_t index, size_t place, struct error *err)
{
	const char *from = word;
	char part[24];

	if (!strchr(word, ',') || strchr(word, '"')) /* a security context may contain anything */
		return 0;
	for (size_t length;; from += length + 1) {
		length = strcspn(from, ",");
		(void)snprintf(part, sizeof(part), "%.*s",
			       (int)(length < sizeof(part) ? length : 0), from);
		if (find_option(part))
			return error_set(err,
					 "/mounts/%zu/options/%zu: \"%s\": each option is an "
					 "element of its own, and \"%s\" is one",
					 index, place, word, part);
		if (from[length] == '\0')
			return 0;
	}
}

/* "size=64k,mode=700": parameters that mount(2) would take apart. A comma may also be part of a
 * value, so each that follows must look like one. */
static bool has_several(const char *word)
{
	const char *comma = strchr(word, ',');

	if (!comma || strpbrk(word, "\"\\"))
		return false;
	for (; comma; comma = strchr(comma + 1, ',')) {
		size_t name = strspn(comma + 1, "abcdefghijklmnopqrstuvwxyz0123456789_");

		if (name == 0 || comma[1 + name] != '=')
			return false;
	}
	return true;
}

static size_t count_data(const struct string_list *list)
{
	size_t count = list->count;

	for (size_t i = 0; i < list->count; i++)
		for (const char *at = strchr(list->items[i], ','); at; at = strchr(at + 1, ','))
			count++;
	return count;
}

static bool add_data(struct mount_options *options, const char *word, struct arena *arena)
{
	if (!has_several(word)) {
		options->data[options->data_count++] = word;
		return true;
	}
	for (const char *end = word; *end; word = end + 1) {
		const char *part;

		end = word + strcspn(word, ",");
		part = arena_format(arena, "%.*s", (int)(end - word), word);
		if (!part)
			return false;
		options->data[options->data_count++] = part;
	}
	return true;
}

int mount_options_parse(const struct string_list *list, size_t index, struct arena *arena,
			struct mount_options *options, struct error *err)
{
	*options = (struct mount_options){ 0 };
	for (size_t word = 0; word < list->count; word++) {
		const char *name = list->items[word];
		const struct mount_option *option = find_option(name);

		if (name[0] == '\0') /* podman writes empty words */
			continue;
		if (option) {
			if (apply_option(options, option, index, word, err) < 0)
				return -1;
			continue;
		}
		if (has_map(name, options, word))
			continue;
		if (refuse_joined(name, index, word, err) < 0)
			return -1;
		if (!options->data)
			options->data =
				arena_array(arena, count_data(list), sizeof(*options->data));
		if (!options->data || !add_data(options, name, arena))
			return error_set(err, "/mounts/%zu/options: out of memory", index);
		options->data_index = word;
	}
	return 0;
}

const char *mount_options_data(const struct mount_options *options, const char *key)
{
	size_t length = strlen(key);

	for (size_t i = options->data_count; i-- > 0;) {
		const char *word = options->data[i];

		if (strncmp(word, key, length) == 0 && word[length] == '=')
			return word + length + 1;
	}
	return NULL;
}

unsigned long mount_propagation_flags(const char *name)
{
	const struct mount_option *option = find_option(name);

	if (!option || option->effect != MOUNT_OPTION_PROPAGATION)
		return 0;
	return (unsigned long)option->value | (option->recursive ? MS_REC : 0UL);
}
