/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

/*
 * Memory that is released all at once: the document's arrays, the plans' strings. Nothing is freed
 * on its own, so nothing can be used after it was freed. Blocks come from malloc(3) in 4 KiB steps.
 */
struct arena {
	struct arena_block *head;
};

/* Zeroed, aligned for any type. NULL when memory is exhausted (the caller makes the error). */
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc() for count elements; NULL also when count * size overflows. */
void *arena_array(struct arena *arena, size_t count, size_t size);

/* Copies. NULL when memory is exhausted. */
char *arena_string(struct arena *arena, const char *text);
char *arena_format(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Releases everything; the arena is empty and usable again. */
void arena_free(struct arena *arena);

#endif
