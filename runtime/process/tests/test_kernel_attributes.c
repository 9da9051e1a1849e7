/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel keeps about a process and anybody may change about himself: out-of-memory score,
 * session keyring, labels where there are any. */
#include <fcntl.h>
#include <linux/keyctl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/procfs.h"
#include "runtime/process/process.h"

static long read_score(void)
{
	char text[32] = "";
	int fd = open("/proc/self/oom_score_adj", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || read(fd, text, sizeof(text) - 1) <= 0)
		return -9999;
	(void)close(fd);
	return strtol(text, NULL, 10);
}

static int in_child(int (*work)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(work());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static int raise_score(void)
{
	struct process_spec process = { .present = true };
	struct error err;
	long before = read_score();
	int procfs = procfs_open(PROCFS_PROCESSES, &err);

	if (procfs < 0)
		return 1;
	if (oom_score_apply(&process, procfs, 0, &err) < 0 || read_score() != before)
		return 2;
	process.oom_score_adj = (struct opt_int){ .present = true, .value = 998 };
	if (oom_score_apply(&process, procfs, 0, &err) < 0 || read_score() != 998)
		return 3;
	process.oom_score_adj.value = 999;
	if (oom_score_apply(&process, procfs, getpid(), &err) < 0 || read_score() != 999)
		return 4;
	process.oom_score_adj.value = 1001;
	if (oom_score_apply(&process, procfs, 0, &err) == 0 ||
	    !strstr(err.text, "/process/oomScoreAdj"))
		return 5;
	return 0;
}

static void the_score_is_set_only_where_it_is_given(void **state)
{
	(void)state;
	assert_int_equal(in_child(raise_score), 0);
}

static long describe_session(char *text, size_t size)
{
	return syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text, size);
}

static int join_session(void)
{
	char before[256] = "", after[256] = "";
	struct error err;

	if (describe_session(before, sizeof(before)) < 0)
		return 77; /* a kernel without keys, or a filter around us */
	if (keyring_join("unit-test", &err) < 0)
		return 1;
	if (describe_session(after, sizeof(after)) < 0)
		return 2;
	/* keyring;uid;gid;permissions;name */
	return strstr(after, ";3f1b0000;_ses.unit-test") ? 0 : 3;
}

static void the_session_keyring_is_named_and_can_be_searched(void **state)
{
	int result = in_child(join_session);

	(void)state;
	if (result == 77) {
		print_message("skip: the kernel or a filter has no session keyrings\n");
		skip();
	}
	assert_int_equal(result, 0);
}

static bool names(const char *wanted, const char *answer)
{
	return lsm_label_is(wanted, answer, strlen(answer));
}

static void a_label_that_is_read_back_is_compared_exactly(void **state)
{
	(void)state;
	assert_true(names("docker-default", "docker-default (enforce)\n"));
	assert_true(names("docker-default", "docker-default (complain)"));
	assert_true(names("unconfined", "unconfined\n"));
	assert_true(names("system_u:system_r:container_t:s0:c1,c2",
			  "system_u:system_r:container_t:s0:c1,c2"));
	assert_true(lsm_label_is("a:b:c", "a:b:c\0", 6));
	assert_false(names("docker", "docker-default (enforce)\n"));
	assert_false(names("docker-default", "unconfined\n"));
	assert_false(names("docker-default", ""));
	assert_false(names("docker-default", "docker-default "));
	assert_false(names("docker-default", "docker-default (enforce"));
	assert_false(names("s0:c1", "s0:c1,c2"));
}

static void no_label_needs_no_module(void **state)
{
	struct process_spec process = { .present = true };
	struct error err;
	bool none = false;

	(void)state;
	assert_int_equal(lsm_check(&process, &err), 0);
	assert_int_equal(lsm_open(&process, &none, &err), -1);
	assert_true(none);
	assert_int_equal(lsm_label_keys(&process, true, &err), 0);
	assert_int_equal(lsm_verify(&process, -1, &err), 0);
}

static void a_label_without_its_module_is_refused(void **state)
{
	struct process_spec process = { .present = true };
	struct error err;

	(void)state;
	if (access("/sys/module/apparmor/parameters/enabled", F_OK) == 0 ||
	    access("/sys/fs/selinux/enforce", F_OK) == 0) {
		print_message("skip: this host has AppArmor or SELinux\n");
		skip();
	}
	process.apparmor_profile = "docker-default";
	assert_int_equal(lsm_check(&process, &err), -1);
	assert_string_equal(
		err.text,
		"/process/apparmorProfile: apparmor: config provided but apparmor not supported");
	process.apparmor_profile = NULL;
	process.selinux_label = "system_u:system_r:container_t:s0";
	assert_int_equal(lsm_check(&process, &err), -1);
	assert_string_equal(err.text, "/process/selinuxLabel: selinux label is specified in "
				      "config, but selinux is disabled "
				      "or not supported");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_score_is_set_only_where_it_is_given),
		cmocka_unit_test(the_session_keyring_is_named_and_can_be_searched),
		cmocka_unit_test(a_label_that_is_read_back_is_compared_exactly),
		cmocka_unit_test(no_label_needs_no_module),
		cmocka_unit_test(a_label_without_its_module_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
