/* SPDX-License-Identifier: Apache-2.0 */
/* args[0]: which file is found, and the texts that engines look for. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <link.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/file.h"
#include "runtime/process/process.h"

/* The current directory of all tests: a/ and b/ in the PATH, files in them. */
static char directory[] = "/tmp/minirun-executable-XXXXXX";
static char path_variable[128];
static char found[PATH_MAX];
static struct error err;

static void write_file(const char *name, const void *bytes, size_t length, mode_t mode)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, bytes, length), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
}

static void write_text(const char *name, const char *text, mode_t mode)
{
	write_file(name, text, strlen(text), mode);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory) || chdir(directory) < 0 || chmod(".", 0755) < 0 ||
	    mkdir("a", 0755) < 0 || mkdir("b", 0755) < 0 || mkdir("b/folder", 0755) < 0)
		return -1;
	(void)snprintf(path_variable, sizeof(path_variable), "PATH=%s/nowhere:%s/a:%s/b", directory,
		       directory, directory);
	write_text("b/tool", "x", 0755);
	write_text("a/data", "x", 0644);
	write_text("b/data", "x", 0644);
	write_text("a/both", "x", 0644);
	write_text("b/both", "x", 0755);
	return 0;
}

static int tear_down(void **state)
{
	struct error ignored;
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = file_remove_tree_at(tmp, strrchr(directory, '/') + 1, &ignored);

	(void)state;
	(void)close(tmp);
	return result;
}

static int find(const char *name, const char *variable)
{
	const char *args[] = { name, NULL };
	const char *const env[] = { "A=1", variable, NULL };
	struct process_spec process = { .present = true };

	process.args = (struct string_list){ .items = args, .count = 1, .present = true };
	process.user.uid = geteuid();
	process.user.gid = getegid();
	found[0] = '\0';
	err = (struct error){ 0 };
	return executable_find(&process, env, -1, found, &err);
}

static void finds(const char *name, const char *expected)
{
	if (find(name, path_variable) != 0)
		fail_msg("%s: %s", name, err.text);
	assert_string_equal(found, expected);
}

static void says(const char *name, const char *expected)
{
	assert_int_equal(find(name, path_variable), -1);
	assert_string_equal(err.text, expected);
}

static const char *in_directory(const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void the_first_that_can_be_executed_is_taken(void **state)
{
	(void)state;
	finds("tool", in_directory("b/tool"));
	finds("both", in_directory("b/both"));
}

static void a_name_with_a_slash_is_taken_as_it_is(void **state)
{
	(void)state;
	finds("b/tool", "b/tool");
	finds("./b/tool", "./b/tool");
	finds(in_directory("b/tool"), in_directory("b/tool"));
}

static bool look(void *data, const char *path)
{
	size_t *count = data;

	++*count;
	return !strstr(path, "/a/");
}

static void who_watches_hears_of_each_place_and_may_pass_it_over(void **state)
{
	const char *args[] = { "tool" };
	struct process_spec process = { .args = { args, 1, true } };
	const char *const env[] = { path_variable, NULL };
	size_t count = 0;
	const struct executable_watch watch = { look, &count };

	(void)state;
	process.user =
		(struct user_spec){ .uid = geteuid(), .gid = getegid(), .keep_groups = true };
	assert_int_equal(executable_find_watched(&process, env, -1, &watch, found, &err), 0);
	assert_int_equal(count, 3);
	assert_string_equal(found, in_directory("b/tool"));
}

static void an_empty_directory_in_path_is_the_current_one(void **state)
{
	(void)state;
	assert_int_equal(chdir("b"), 0);
	assert_int_equal(find("tool", "PATH=/nowhere::/nowhere"), 0);
	assert_string_equal(found, "tool");
	assert_int_equal(find("tool", "PATH="), 0);
	assert_int_equal(find("tool", "PATH=/nowhere:"), 0);
	assert_int_equal(find("tool", "PATH=/nowhere"), -1);
	assert_int_equal(chdir(".."), 0);
}

static void what_is_nowhere_is_said_in_the_words_of_engines(void **state)
{
	(void)state;
	says("nosuch", "exec: \"nosuch\": executable file not found in $PATH");
	says("", "exec: \"\": executable file not found in $PATH");
	assert_int_equal(err.code, ENOENT);
	says("/no/such", "exec: \"/no/such\": stat /no/such: no such file or directory");
	assert_int_equal(err.code, ENOENT);
	says("b/tool/x", "exec: \"b/tool/x\": stat b/tool/x: not a directory");
	says("b/folder", "exec: \"b/folder\": is a directory: permission denied");
	says("a/data", "exec: \"a/data\": permission denied");
	assert_int_equal(err.code, EACCES);
	says("/dev/null", "exec: \"/dev/null\": permission denied");
}

static void without_path_nothing_is_found(void **state)
{
	(void)state;
	assert_int_equal(find("tool", "PATHS=/bin"), -1);
	assert_string_equal(err.text, "exec: \"tool\": executable file not found in $PATH");
}

static void a_file_without_the_right_is_mentioned(void **state)
{
	(void)state;
	assert_int_equal(find("data", path_variable), -1);
	assert_non_null(strstr(err.text, "exec: \"data\": executable file not found in $PATH: "));
	assert_non_null(strstr(err.text, in_directory("a/data")));
	assert_null(strstr(err.text, "permission denied")); /* podman's 126 goes before 127 */
}

static void names_too_long_leave_the_reason_readable(void **state)
{
	char name[PATH_MAX + 10];

	(void)state;
	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(find(name, path_variable), -1);
	assert_non_null(strstr(err.text, "executable file not found in $PATH"));
	name[0] = '/';
	assert_int_equal(find(name, path_variable), -1);
	assert_non_null(strstr(err.text, "file name too long"));
	name[300] = '\0';
	assert_int_equal(find(name, path_variable), -1);
	assert_non_null(strstr(err.text, "file name too long"));
}

/* CVE-2019-5736, CVE-2024-21626 */
static void links_of_procfs_to_open_files_are_not_followed(void **state)
{
	char name[64];
	int fd = open("/bin/true", O_RDONLY);

	(void)state;
	assert_int_equal(find("/proc/self/exe", path_variable), -1);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	assert_int_equal(find(name, path_variable), -1);
	assert_int_equal(symlink("/proc/self/exe", "link"), 0);
	assert_int_equal(find("./link", path_variable), -1);
	(void)close(fd);
}

static void an_interpreter_that_is_missing_is_named(void **state)
{
	(void)state;
	write_text("script", "#! /no/such/interpreter -x\necho", 0755);
	says("./script", "exec ./script: no such file or directory: its interpreter "
			 "/no/such/interpreter is missing");
	assert_int_equal(err.code, ENOENT);
	write_text("second", "#!./script\n", 0755);
	says("./second", "exec ./second: no such file or directory: its interpreter "
			 "/no/such/interpreter is missing");
	write_text("dos", "#!/bin/sh\r\necho\r\n", 0755);
	says("./dos",
	     "exec ./dos: no such file or directory: its interpreter /bin/sh\\r is missing: "
	     "the script's lines end in carriage returns");
	write_text("third", "#!a/data\n", 0755);
	says("./third", "exec ./third: permission denied: its interpreter a/data can't be "
			"executed");
}

static void scripts_that_the_kernel_takes_are_taken(void **state)
{
	static const char *const texts[] = {
		"#!/bin/true\n",
		"#!\t /bin/true\targument\n",
		"#!/bin/true",
		"#!\n",
		"#! \n",
		"no magic at all",
		"#",
		"",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		write_text("script", texts[i], 0755);
		finds("./script", "./script");
	}
}

static void scripts_that_call_each_other_end(void **state)
{
	(void)state;
	write_text("ouroboros", "#!./ouroboros\n", 0755);
	finds("./ouroboros", "./ouroboros"); /* execve(2) will say ELOOP */
}

struct program {
	ElfW(Ehdr) header;
	ElfW(Phdr) segment;
	char interpreter[64];
};

static struct program program_with(const char *interpreter)
{
	struct program program = { 0 };

	/* the vDSO is a program of this machine */
	memcpy(&program.header, (const void *)getauxval(AT_SYSINFO_EHDR), sizeof(program.header));
	program.header.e_type = ET_EXEC;
	program.header.e_phoff = offsetof(struct program, segment);
	program.header.e_phnum = 1;
	program.segment.p_type = PT_INTERP;
	program.segment.p_offset = offsetof(struct program, interpreter);
	program.segment.p_filesz = strlen(interpreter) + 1;
	(void)snprintf(program.interpreter, sizeof(program.interpreter), "%s", interpreter);
	return program;
}

static void a_loader_that_is_missing_is_named(void **state)
{
	struct program program = program_with("/no/ld.so");

	(void)state;
	write_file("program", &program, sizeof(program), 0755);
	says("./program", "exec ./program: no such file or directory: its interpreter "
			  "/no/ld.so is missing");
	program = program_with("/bin/true");
	write_file("program", &program, sizeof(program), 0755);
	finds("./program", "./program");
	/* a script whose interpreter is such a program */
	program = program_with("/no/ld.so");
	write_file("program", &program, sizeof(program), 0755);
	write_text("script", "#!./program\n", 0755);
	says("./script",
	     "exec ./script: no such file or directory: its interpreter /no/ld.so is missing");
}

static void another_machine_s_program_is_left_to_the_kernel(void **state)
{
	struct program program = program_with("/no/ld.so");

	(void)state;
	program.header.e_machine = EM_AVR;
	write_file("program", &program, sizeof(program), 0755);
	finds("./program", "./program");
}

static void broken_headers_do_no_harm(void **state)
{
	struct program program = program_with("/no/ld.so");

	(void)state;
	for (size_t length = 1; length < sizeof(program) - sizeof(program.interpreter); length++) {
		write_file("program", &program, length, 0755);
		finds("./program", "./program");
	}
	program.segment.p_offset = UINT64_MAX - 1;
	write_file("program", &program, sizeof(program), 0755);
	finds("./program", "./program");
	program = program_with("/no/ld.so");
	program.segment.p_filesz = UINT64_MAX;
	write_file("program", &program, sizeof(program), 0755);
	finds("./program", "./program");
	program = program_with("/no/ld.so");
	program.header.e_phnum = 65535;
	write_file("program", &program, sizeof(program), 0755);
	finds("./program", "./program");
	program = program_with("/no/ld.so");
	program.header.e_phoff = UINT64_MAX - 7;
	write_file("program", &program, sizeof(program), 0755);
	finds("./program", "./program");
}

/* --- as another user -------------------------------------------------------------------------- */

static int find_as(uint32_t uid, uint32_t gid, uint32_t group, const char *capability,
		   const char *name)
{
	const char *args[] = { name, NULL };
	const char *capabilities[] = { capability };
	const char *const env[] = { path_variable, NULL };
	struct process_spec process = { .present = true };

	process.args = (struct string_list){ .items = args, .count = 1, .present = true };
	process.user.uid = uid;
	process.user.gid = gid;
	process.user.additional_gids.items = &group;
	process.user.additional_gids.count = group ? 1 : 0;
	process.capabilities.present = true;
	process.capabilities.effective.items = capabilities;
	process.capabilities.effective.count = capability ? 1 : 0;
	return executable_find(&process, env, -1, found, &err);
}

static void the_rights_are_the_container_user_s(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		print_message("skip: needs root\n");
		skip();
	}
	write_text("owned", "x", 0700);
	assert_int_equal(chown("owned", 1234, 5678), 0);
	assert_int_equal(find_as(1234, 1, 0, NULL, "./owned"), 0);
	assert_int_equal(find_as(1235, 5678, 0, NULL, "./owned"), -1);
	assert_string_equal(err.text, "exec: \"./owned\": permission denied");
	/* root without CAP_DAC_OVERRIDE is an ordinary user here */
	assert_int_equal(find_as(0, 0, 0, NULL, "./owned"), -1);
	assert_int_equal(find_as(0, 0, 0, "CAP_DAC_OVERRIDE", "./owned"), 0);
	assert_int_equal(chmod("owned", 0070), 0);
	assert_int_equal(find_as(1, 5678, 0, NULL, "./owned"), 0);
	assert_int_equal(find_as(1, 1, 5678, NULL, "./owned"), 0);
	assert_int_equal(find_as(1, 1, 5679, NULL, "./owned"), -1);
	/* nobody may execute what has no such bit at all */
	assert_int_equal(chmod("owned", 0600), 0);
	assert_int_equal(find_as(0, 0, 0, "CAP_DAC_OVERRIDE", "./owned"), -1);
	/* directories that the user can't search */
	assert_int_equal(chmod("a", 0700), 0);
	assert_int_equal(chmod("b", 0700), 0);
	assert_int_equal(find_as(1234, 1, 0, NULL, "tool"), -1);
	assert_non_null(
		strstr(err.text, "exec: \"tool\": executable file not found in $PATH: access to "));
	assert_non_null(strstr(err.text, "/a is refused"));
	assert_int_equal(find_as(0, 0, 0, NULL, "tool"), 0);
	assert_int_equal(chmod("a", 0755), 0);
	assert_int_equal(chmod("b", 0755), 0);
}

static void afterwards_everything_is_as_before(void **state)
{
	uint64_t before, after;
	gid_t groups_before[64], groups_after[64];
	struct stat attributes;
	int count;

	(void)state;
	if (geteuid() != 0) {
		print_message("skip: needs root\n");
		skip();
	}
	count = getgroups(64, groups_before);
	assert_int_equal(capabilities_effective(&before), 0);
	assert_int_equal(find_as(1234, 5678, 9, NULL, in_directory("b/tool")), 0);
	assert_int_equal(find_as(1234, 5678, 9, NULL, "./nosuch"), -1);
	assert_int_equal(capabilities_effective(&after), 0);
	assert_int_equal(before, after);
	assert_int_equal(getgroups(64, groups_after), count);
	assert_memory_equal(groups_before, groups_after, (size_t)count * sizeof(gid_t));
	/* what is made belongs to whom it did before */
	write_text("private", "x", 0700);
	assert_int_equal(stat("private", &attributes), 0);
	assert_int_equal(attributes.st_uid, geteuid());
	assert_int_equal(attributes.st_gid, getegid());
	assert_int_equal(unlink("private"), 0);
}

/* Puts "other" in the place of "swapped" when child, which stops itself, makes this system call for
 * the first time. False: it made none. */
static bool swap_before(pid_t child, uint64_t number)
{
	struct __ptrace_syscall_info info;
	bool swapped = false;
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(
		ptrace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL), 0);
	while (WIFSTOPPED(status)) {
		if (WSTOPSIG(status) == (SIGTRAP | 0x80) && !swapped &&
		    ptrace(PTRACE_GET_SYSCALL_INFO, child, sizeof(info), &info) > 0 &&
		    info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == number)
			swapped = rename("other", "swapped") == 0;
		assert_int_equal(ptrace(PTRACE_SYSCALL, child, 0, 0), 0);
		assert_int_equal(waitpid(child, &status, 0), child);
	}
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	return swapped;
}

/* The name then leads to a FIFO, which must not be opened, and what is told is the first file's. */
static void a_name_is_followed_once(void **state)
{
	pid_t child;

	(void)state;
	write_text("swapped", "#!/no/such/interpreter\n", 0755);
	assert_int_equal(mkfifo("other", 0777), 0);
	child = fork();
	if (child == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
			_exit(1);
		(void)raise(SIGSTOP);
		_exit(find("./swapped", path_variable) == -1 &&
				      strstr(err.text, "/no/such/interpreter is missing")
			      ? 0
			      : 2);
	}
	assert_true(swap_before(child, SYS_faccessat2));
	assert_int_equal(unlink("swapped"), 0);
}

/* --- execve ----------------------------------------------------------------------------------- */

static void exec_says(const char *path, const char *expected)
{
	const char *const args[] = { path, NULL };
	const char *const env[] = { NULL };

	assert_int_equal(executable_exec(path, args, env, &err), -1);
	assert_string_equal(err.text, expected);
}

static void a_failing_execve_is_said_in_the_same_words(void **state)
{
	(void)state;
	exec_says("/no/such", "exec: \"/no/such\": stat /no/such: no such file or directory");
	exec_says("b/folder", "exec: \"b/folder\": permission denied");
	exec_says("a/data", "exec: \"a/data\": permission denied");
	exec_says("b/tool", "exec: \"b/tool\": exec format error");
	write_text("script", "#!/no/such/interpreter\n", 0755);
	exec_says("./script", "exec ./script: no such file or directory: its interpreter "
			      "/no/such/interpreter is missing");
}

static void arguments_and_environment_arrive(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		const char *const args[] = { "test-of-minirun", "A=b", NULL };
		const char *const env[] = { "X=y", NULL };
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

		(void)dup2(null, 1);
		(void)executable_exec("/usr/bin/env", args, env, &err);
		_exit(99);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_can_be_executed_is_taken),
		cmocka_unit_test(a_name_with_a_slash_is_taken_as_it_is),
		cmocka_unit_test(who_watches_hears_of_each_place_and_may_pass_it_over),
		cmocka_unit_test(an_empty_directory_in_path_is_the_current_one),
		cmocka_unit_test(what_is_nowhere_is_said_in_the_words_of_engines),
		cmocka_unit_test(without_path_nothing_is_found),
		cmocka_unit_test(a_file_without_the_right_is_mentioned),
		cmocka_unit_test(names_too_long_leave_the_reason_readable),
		cmocka_unit_test(links_of_procfs_to_open_files_are_not_followed),
		cmocka_unit_test(an_interpreter_that_is_missing_is_named),
		cmocka_unit_test(scripts_that_the_kernel_takes_are_taken),
		cmocka_unit_test(scripts_that_call_each_other_end),
		cmocka_unit_test(a_loader_that_is_missing_is_named),
		cmocka_unit_test(another_machine_s_program_is_left_to_the_kernel),
		cmocka_unit_test(broken_headers_do_no_harm),
		cmocka_unit_test(a_name_is_followed_once),
		cmocka_unit_test(the_rights_are_the_container_user_s),
		cmocka_unit_test(afterwards_everything_is_as_before),
		cmocka_unit_test(a_failing_execve_is_said_in_the_same_words),
		cmocka_unit_test(arguments_and_environment_arrive),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
