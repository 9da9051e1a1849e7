/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory released all at once: a list of zeroed blocks, filled from front to back. An allocation
 * that doesn't fit into the current block's rest starts a new one; a large one gets a block of its
 * own behind the current one, so that the current one's rest isn't lost.
 *
 * syscalls: those of malloc(3)
 */
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define BLOCK_SIZE ((size_t)4096 - 64) /* with malloc's own header still one page */

struct arena_block {
	struct arena_block *next;
	size_t used, capacity;
	alignas(max_align_t) unsigned char data[];
};

static struct arena_block *block_new(size_t capacity)
{
	struct arena_block *block;

	if (capacity > SIZE_MAX - sizeof(*block))
		return NULL;
	block = calloc(1, sizeof(*block) + capacity);
	if (block)
		block->capacity = capacity;
	return block;
}

static struct arena_block *block_for(struct arena *arena, size_t size)
{
	struct arena_block *head = arena->head;
	struct arena_block *block;

	if (head && head->capacity - head->used >= size)
		return head;

	block = block_new(size > BLOCK_SIZE / 4 ? size : BLOCK_SIZE);
	if (!block)
		return NULL;
	if (head && block->capacity == size) {
		block->next = head->next;
		head->next = block;
	} else {
		block->next = head;
		arena->head = block;
	}
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	struct arena_block *block;
	void *memory;

	if (size > SIZE_MAX - align)
		return NULL;
	size = (size + align - 1) / align * align;
	if (size == 0)
		size = align; /* distinct addresses, never NULL */

	block = block_for(arena, size);
	if (!block)
		return NULL;
	memory = block->data + block->used;
	block->used += size;
	return memory;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes))
		return NULL;
	return arena_alloc(arena, bytes);
}

char *arena_string(struct arena *arena, const char *text)
{
	size_t size = strlen(text) + 1;
	char *copy = arena_alloc(arena, size);

	if (copy)
		memcpy(copy, text, size);
	return copy;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
	va_list arguments;
	char *text;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0)
		return NULL;

	text = arena_alloc(arena, (size_t)length + 1);
	if (!text)
		return NULL;
	va_start(arguments, format);
	(void)vsnprintf(text, (size_t)length + 1, format, arguments); /* measured above */
	va_end(arguments);
	return text;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block = arena->head;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	arena->head = NULL;
}
