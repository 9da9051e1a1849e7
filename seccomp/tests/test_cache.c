/* SPDX-License-Identifier: Apache-2.0 */
/* A file that was believed stays; one that wasn't is replaced, which shows in its inode number. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "seccomp/cache.h"

static char path[] = "/tmp/minirun-filters-XXXXXX";
static int directory = -1;
static struct error err;

static const char *names[] = { "getpid", "getuid" };
static struct syscall_spec entry;
static struct seccomp_spec spec;

static int setup(void **state)
{
	(void)state;
	(void)strcpy(path + strlen(path) - 6, "XXXXXX");
	assert_non_null(mkdtemp(path)); /* 0700 */
	directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(directory >= 0);
	entry = (struct syscall_spec){ .names = { names, 2, true }, .action = "SCMP_ACT_ALLOW" };
	spec = (struct seccomp_spec){
		.present = true,
		.default_action = "SCMP_ACT_ERRNO",
		.syscalls = { &entry, 1 },
	};
	return 0;
}

static int teardown(void **state)
{
	autofd parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	fd_close(&directory);
	return file_remove_tree_at(parent, path + strlen("/tmp/"), &err);
}

/* The number of files, and the last one's name. */
static size_t files(char *name)
{
	autodir stream = opendir(path);
	const struct dirent *file;
	size_t count = 0;

	assert_non_null(stream);
	while ((file = readdir(stream)) != NULL) {
		if (file->d_name[0] == '.')
			continue;
		if (name)
			(void)snprintf(name, NAME_MAX + 1, "%s", file->d_name);
		count++;
	}
	return count;
}

/* Compiles with the cache; true if the result is the compiler's. */
static bool matches_compiler(void)
{
	struct seccomp_program cached, fresh;
	bool same;

	assert_int_equal(seccomp_compile_cached(directory, &spec, &cached, &err), 0);
	assert_int_equal(seccomp_compile(&spec, &fresh, &err), 0);
	same = cached.length == fresh.length && cached.flags == fresh.flags &&
	       memcmp(cached.instructions, fresh.instructions,
		      fresh.length * sizeof(*fresh.instructions)) == 0;
	seccomp_program_free(&cached);
	seccomp_program_free(&fresh);
	return same;
}

/* Changes one byte of the only file, counted from its end if negative. */
static void damage(off_t offset)
{
	char name[NAME_MAX + 1];
	unsigned char byte;

	assert_int_equal(files(name), 1);

	autofd file = openat(directory, name, O_RDWR | O_CLOEXEC);

	assert_true(lseek(file, offset, offset < 0 ? SEEK_END : SEEK_SET) >= 0);
	assert_int_equal(read(file, &byte, 1), 1);
	byte ^= 1;
	assert_int_equal(lseek(file, -1, SEEK_CUR) >= 0, 1);
	assert_int_equal(write(file, &byte, 1), 1);
}

static ino_t inode(void)
{
	char name[NAME_MAX + 1];
	struct stat attributes;

	assert_int_equal(files(name), 1);
	assert_int_equal(fstatat(directory, name, &attributes, 0), 0);
	return attributes.st_ino;
}

static void a_second_compilation_reads_the_file(void **state)
{
	ino_t first;

	(void)state;
	assert_true(matches_compiler());
	first = inode();
	assert_true(matches_compiler());
	assert_int_equal(inode(), first); /* a new one would have been renamed over it */
}

static void different_profiles_have_different_files(void **state)
{
	(void)state;
	assert_true(matches_compiler());
	entry.errno_ret = (struct opt_uint){ true, 0 };
	entry.action = "SCMP_ACT_ERRNO";
	assert_true(matches_compiler());
	entry.names.count = 1;
	assert_true(matches_compiler());
	spec.flags.present = true;
	assert_true(matches_compiler());
	assert_int_equal(files(NULL), 4);
}

/* A file whose key is another profile's must not be taken, whatever its name is. */
static void a_file_of_the_same_name_but_another_key_is_not_believed(void **state)
{
	char first[NAME_MAX + 1], second[NAME_MAX + 1];

	(void)state;
	assert_true(matches_compiler());
	assert_int_equal(files(first), 1);
	names[1] = "getgid";
	assert_int_equal(renameat(directory, first, directory, "old"), 0);
	assert_true(matches_compiler());
	assert_int_equal(unlinkat(directory, "old", 0), 0);
	assert_int_equal(files(second), 1);
	names[1] = "getuid";
	assert_string_not_equal(first, second);
	assert_int_equal(renameat(directory, second, directory, first), 0);
	assert_true(matches_compiler());
}

static void a_damaged_file_is_replaced(void **state)
{
	static const off_t places[] = { 0, 25, 33, 41, 45, 60, -1, -5, -8 };

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		ino_t before;

		assert_true(matches_compiler());
		before = inode();
		damage(places[i]);
		assert_true(matches_compiler());
		assert_true(inode() != before);
	}
}

static void a_cut_file_is_replaced(void **state)
{
	char name[NAME_MAX + 1];

	(void)state;
	assert_true(matches_compiler());
	for (off_t size = 0; size < 100; size += 33) {
		assert_int_equal(files(name), 1);

		autofd file = openat(directory, name, O_RDWR | O_CLOEXEC);

		assert_int_equal(ftruncate(file, size), 0);
		assert_true(matches_compiler());
	}
}

static void what_others_can_write_is_not_believed(void **state)
{
	char name[NAME_MAX + 1];
	ino_t before;

	(void)state;
	assert_true(matches_compiler());
	before = inode();
	assert_int_equal(files(name), 1);
	assert_int_equal(fchmodat(directory, name, 0620, 0), 0);
	assert_true(matches_compiler());
	assert_true(inode() != before);
}

static void links_and_pipes_are_not_opened(void **state)
{
	char name[NAME_MAX + 1];

	(void)state;
	assert_true(matches_compiler());
	assert_int_equal(files(name), 1);
	assert_int_equal(unlinkat(directory, name, 0), 0);
	assert_int_equal(mkfifoat(directory, name, 0600), 0);
	assert_true(matches_compiler());
	assert_int_equal(unlinkat(directory, name, 0), 0);
	assert_int_equal(symlinkat("/dev/zero", directory, name), 0);
	assert_true(matches_compiler());
}

static void an_open_directory_is_not_used(void **state)
{
	(void)state;
	assert_int_equal(fchmod(directory, 0750), 0);
	assert_true(matches_compiler());
	assert_int_equal(files(NULL), 0);
	assert_int_equal(fchmod(directory, 0700), 0);
	fd_close(&directory);
	assert_true(matches_compiler());
	assert_int_equal(files(NULL), 0);
	directory = open("/dev/null", O_RDONLY | O_CLOEXEC);
	assert_true(matches_compiler());
}

static void errors_are_the_compilers_and_leave_nothing(void **state)
{
	struct seccomp_program program;

	(void)state;
	entry.action = "SCMP_ACT_NO";
	assert_int_equal(seccomp_compile_cached(directory, &spec, &program, &err), -1);
	assert_non_null(strstr(err.text, "/linux/seccomp/syscalls/0"));
	assert_int_equal(files(NULL), 0);
	spec.present = false;
	assert_int_equal(seccomp_compile_cached(directory, &spec, &program, &err), 0);
	assert_int_equal(program.length, 0);
}

static void the_number_of_files_is_bounded(void **state)
{
	struct seccomp_program program;

	(void)state;
	entry.action = "SCMP_ACT_ERRNO";
	for (uint64_t i = 2; i < 160; i++) {
		entry.errno_ret = (struct opt_uint){ true, i };
		assert_int_equal(seccomp_compile_cached(directory, &spec, &program, &err), 0);
		seccomp_program_free(&program);
		assert_true(files(NULL) <= 128);
	}
	assert_true(files(NULL) > 10);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_second_compilation_reads_the_file),
		TEST(different_profiles_have_different_files),
		TEST(a_file_of_the_same_name_but_another_key_is_not_believed),
		TEST(a_damaged_file_is_replaced),
		TEST(a_cut_file_is_replaced),
		TEST(what_others_can_write_is_not_believed),
		TEST(links_and_pipes_are_not_opened),
		TEST(an_open_directory_is_not_used),
		TEST(errors_are_the_compilers_and_leave_nothing),
		TEST(the_number_of_files_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
