/* SPDX-License-Identifier: Apache-2.0 */
/* base/arena.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	for (size_t size = 0; size < 300; size++) {
		unsigned char *memory = arena_alloc(&arena, size);

		assert_non_null(memory);
		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xA5, size);
	}
	arena_free(&arena);
	assert_null(arena.head);
}

static void large_allocations_do_not_disturb_small_ones(void **state)
{
	struct arena arena = { 0 };
	char *small = arena_string(&arena, "small");
	char *large = arena_alloc(&arena, 1 << 20);
	char *next = arena_string(&arena, "next");

	(void)state;
	memset(large, 'x', 1 << 20);
	assert_string_equal(small, "small");
	assert_string_equal(next, "next");
	assert_true(next - small < 64); /* the first block's rest is still used */
	arena_free(&arena);
}

static void array_sizes_that_overflow_are_refused(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_null(arena_array(&arena, SIZE_MAX / 2, 3));
	assert_null(arena_alloc(&arena, SIZE_MAX));
	arena_free(&arena);
}

static void formatted_text_of_any_length_is_whole(void **state)
{
	struct arena arena = { 0 };
	char *text = arena_format(&arena, "%s-%05000d", "a", 7);

	(void)state;
	assert_int_equal(strlen(text), 5002);
	assert_int_equal(text[5001], '7');
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(large_allocations_do_not_disturb_small_ones),
		cmocka_unit_test(array_sizes_that_overflow_are_refused),
		cmocka_unit_test(formatted_text_of_any_length_is_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
