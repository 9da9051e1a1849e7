/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against a temporary directory whose files are made to look like a cgroup's. The processes that
 * they name are real ones.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "cgroups/cgroup.h"
#include "cgroups/processes.h"
#include "cgroups/state.h"
#include "cgroups/subtree.h"
#include "cgroups/tests/fake_cgroup.h"

static void expect(const char *name, const char *text)
{
	char content[64];

	assert_int_equal(state_read_file(root_fd, name, content, sizeof(content)), 0);
	assert_string_equal(content, text);
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			(void)pause();
	}
	assert_true(pid > 0);
	return pid;
}

static void put_pid(const char *name, pid_t pid)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d\n", pid);
	put(name, text);
}

static int end_signal(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void events_are_told_apart(void **state)
{
	struct cgroup_state events;

	(void)state;
	state_parse("populated 1\nfrozen 0\n", &events);
	assert_true(events.populated && !events.frozen);
	state_parse("new_line 1\npopulated 0\nfrozen 1", &events);
	assert_true(!events.populated && events.frozen);
	state_parse("populated 10\nunfrozen 1\n", &events);
	assert_true(!events.populated && !events.frozen);
}

static void pids_are_sorted_and_counted_once(void **state)
{
	autoset set = { NULL, 0 };

	(void)state;
	assert_true(process_set_add(&set, "30\n4\n30\n0\n"));
	assert_true(process_set_add(&set, "5\n4\n"));
	process_set_sort(&set);
	assert_int_equal(set.count, 3);
	assert_int_equal(set.pids[0], 4);
	assert_int_equal(set.pids[1], 5);
	assert_int_equal(set.pids[2], 30);
}

static void processes_of_sub_cgroups_are_listed(void **state)
{
	pid_t *pids;
	size_t count;

	(void)state;
	assert_int_equal(mkdirat(root_fd, "a", 0755), 0);
	assert_int_equal(mkdirat(root_fd, "a/b", 0755), 0);
	assert_int_equal(mkdirat(root_fd, "c", 0755), 0);
	put("cgroup.procs", "7\n");
	put("a/cgroup.procs", "");
	put("a/b/cgroup.procs", "3\n9\n");
	put("c/cgroup.procs", "8\n");
	assert_int_equal(cgroup_processes(root_fd, &pids, &count, &err), 0);
	assert_int_equal(count, 4);
	assert_int_equal(pids[0], 3);
	assert_int_equal(pids[3], 9);
	free(pids);
}

static void links_out_of_the_cgroup_are_not_followed(void **state)
{
	pid_t *pids;
	size_t count;

	(void)state;
	assert_int_equal(mkdirat(root_fd, "a", 0755), 0);
	put("a/procs", "7\n");
	assert_int_equal(symlinkat("a", root_fd, "b"), 0);
	assert_int_equal(symlinkat("procs", root_fd, "a/cgroup.procs"), 0);
	assert_int_equal(cgroup_processes(root_fd, &pids, &count, &err), -1);
	assert_int_equal(unlinkat(root_fd, "a/cgroup.procs", 0), 0);
	put("a/cgroup.procs", "7\n");
	assert_int_equal(cgroup_processes(root_fd, &pids, &count, &err), 0);
	assert_int_equal(count, 1);
	free(pids);
}

struct record {
	char text[64];
	int calls;
};

static int record_visit(int directory, int parent, const char *name, void *data, struct error *e)
{
	struct record *record = data;

	(void)e;
	assert_true(directory >= 0);
	assert_int_equal(parent < 0, name == NULL);
	record->calls++;
	if (record->calls <= 4)
		(void)strcat(strcat(record->text, name ? name : "."), " ");
	return 0;
}

static void children_come_before_their_parents(void **state)
{
	struct record record = { .calls = 0 };

	(void)state;
	assert_int_equal(mkdirat(root_fd, "a", 0755), 0);
	assert_int_equal(mkdirat(root_fd, "a/b", 0755), 0);
	assert_int_equal(subtree_walk(root_fd, record_visit, &record, &err), 0);
	assert_string_equal(record.text, "b a . ");
}

static void depth_costs_no_descriptors(void **state)
{
	struct record record = { .calls = 0 };
	autofd deep = openat(root_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	for (int i = 0; i < 1500; i++) { /* above the usual limit of 1024 */
		assert_int_equal(mkdirat(deep, "d", 0755), 0);
		int next = openat(deep, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		assert_true(next >= 0);
		fd_close(&deep);
		deep = next;
	}
	assert_int_equal(subtree_walk(root_fd, record_visit, &record, &err), 0);
	assert_int_equal(record.calls, 1501);
	/* back up, so that the next removal isn't 1500 levels deep for anyone */
	for (int i = 0; i < 1500; i++) {
		int up = openat(deep, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

		assert_true(up >= 0);
		fd_close(&deep);
		deep = up;
		assert_int_equal(unlinkat(deep, "d", AT_REMOVEDIR), 0);
	}
}

static void cgroup_kill_is_the_kernels_where_it_has_it(void **state)
{
	(void)state;
	put("cgroup.kill", "");
	assert_int_equal(cgroup_kill(root_fd, &err), 0);
	expect("cgroup.kill", "1");
}

static void without_cgroup_kill_each_process_is_killed(void **state)
{
	pid_t first = sleeper(), second = sleeper();

	(void)state;
	put_pid("cgroup.procs", first);
	assert_int_equal(mkdirat(root_fd, "a", 0755), 0);
	put_pid("a/cgroup.procs", second);
	put("cgroup.freeze", "0");
	assert_int_equal(cgroup_kill(root_fd, &err), 0);
	assert_int_equal(end_signal(first), SIGKILL);
	assert_int_equal(end_signal(second), SIGKILL);
	expect("cgroup.freeze", "0");
}

static void a_signal_reaches_those_that_are_listed(void **state)
{
	pid_t listed = sleeper(), other = sleeper();

	(void)state;
	put_pid("cgroup.procs", listed);
	put("cgroup.events", "populated 1\nfrozen 1\n");
	assert_int_equal(cgroup_signal(root_fd, SIGTERM, &err), 0);
	assert_int_equal(end_signal(listed), SIGTERM);
	assert_int_equal(waitpid(other, NULL, WNOHANG), 0);
	assert_int_equal(kill(other, SIGKILL), 0);
	assert_int_equal(end_signal(other), SIGKILL);
}

static void a_signal_to_nobody_is_no_error(void **state)
{
	pid_t gone = sleeper();

	(void)state;
	assert_int_equal(kill(gone, SIGKILL), 0);
	assert_int_equal(end_signal(gone), SIGKILL);
	put_pid("cgroup.procs", gone);
	put("cgroup.events", "populated 0\nfrozen 0\n");
	assert_int_equal(cgroup_signal(root_fd, SIGTERM, &err), 0);
}

/* As the kernel does, a directory that was removed says ENOENT of each name. */
static void a_removed_cgroup_is_told_from_a_missing_file(void **state)
{
	struct cgroup_state now;
	char text[8];

	(void)state;
	put("cgroup.procs", "");
	errno = 0;
	assert_int_equal(state_read_file(root_fd, "memory.max", text, sizeof(text)), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(state_wait(root_fd, STATE_POPULATED, false, 0), -1);
	assert_int_equal(errno, ENOENT); /* the root cgroup has no such file */
	assert_int_equal(unlinkat(root_fd, "cgroup.procs", 0), 0);
	assert_int_equal(state_read_file(root_fd, "memory.max", text, sizeof(text)), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(state_read(root_fd, &now), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(state_wait(root_fd, STATE_POPULATED, false, 0), 1);
	assert_int_equal(state_wait(root_fd, STATE_FROZEN, true, 0), -1);
	assert_int_equal(errno, ENODEV);
}

static void freezing_waits_for_the_events_file(void **state)
{
	(void)state;
	put("cgroup.freeze", "0");
	put("cgroup.events", "populated 1\nfrozen 1\n");
	assert_int_equal(cgroup_freeze(root_fd, true, &err), 0);
	expect("cgroup.freeze", "1");
	assert_true(cgroup_is_frozen(root_fd));
	assert_true(cgroup_is_populated(root_fd));
	assert_int_equal(state_wait(root_fd, STATE_FROZEN, false, 0), 0);
}

static struct cgroup_plan plan_of(const char *path)
{
	return (struct cgroup_plan){ .place.path = path, .mount = root };
}

static void an_existing_cgroup_with_processes_is_refused(void **state)
{
	struct cgroup_plan plan = plan_of(root);
	bool none;

	(void)state;
	put("cgroup.events", "populated 1\nfrozen 0\n");
	put("cgroup.procs", "3\n4\n");
	assert_int_equal(cgroup_create(&plan, &none, &err), -1);
	assert_false(none);
	assert_string_equal(err.text, "container's cgroup is not empty: 2 process(es) found");
}

static void a_frozen_cgroup_is_refused(void **state)
{
	struct cgroup_plan plan = plan_of(root);
	bool none;

	(void)state;
	put("cgroup.events", "populated 0\nfrozen 1\n");
	assert_int_equal(cgroup_create(&plan, &none, &err), -1);
	assert_string_equal(err.text, "container's cgroup unexpectedly frozen");
}

static void a_threaded_cgroup_is_refused(void **state)
{
	struct cgroup_plan plan = plan_of(root);
	bool none;

	(void)state;
	put("cgroup.events", "populated 0\nfrozen 0\n");
	put("cgroup.type", "domain invalid\n");
	assert_int_equal(cgroup_create(&plan, &none, &err), -1);
	assert_non_null(strstr(err.text, root));
	assert_non_null(strstr(err.text, "threaded"));
}

static void an_empty_cgroup_is_taken(void **state)
{
	struct cgroup_plan plan = plan_of(root);
	autofd cgroup = -1;
	bool none;

	(void)state;
	put("cgroup.events", "populated 0\nfrozen 0\n");
	put("cgroup.type", "domain\n");
	cgroup = cgroup_create(&plan, &none, &err);
	assert_true(cgroup >= 0);
	assert_false(none);
}

static void what_was_made_is_removed_when_it_is_refused(void **state)
{
	char path[PATH_MAX] = "";
	struct cgroup_plan plan = plan_of(path);
	struct stat made;
	bool none;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/parent/c1", root);
	/* a directory of another file system than cgroup2 has no cgroup.events */
	assert_int_equal(cgroup_create(&plan, &none, &err), -1);
	assert_false(none);
	assert_int_equal(fstatat(root_fd, "parent/c1", &made, 0), -1);
	assert_int_equal(fstatat(root_fd, "parent", &made, 0), 0);
}

static void entering_writes_the_pid(void **state)
{
	(void)state;
	put("cgroup.procs", "");
	assert_int_equal(cgroup_enter(NULL, root_fd, 1234, &err), 0);
	expect("cgroup.procs", "1234");
}

static void destroying_nothing_is_success(void **state)
{
	char path[PATH_MAX];
	struct cgroup_place place = { .path = path };

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/none", root);
	assert_int_equal(cgroup_destroy(&place, false, &err), 0);
	place.path = NULL;
	assert_int_equal(cgroup_destroy(&place, false, &err), 0);
	place.path = path;
	assert_int_equal(mkdirat(root_fd, "none", 0755), 0);
	assert_int_equal(cgroup_destroy(&place, false, &err), 0);
	assert_int_equal(faccessat(root_fd, "none", F_OK, 0), -1);
}

static void opening_a_missing_cgroup_is_quiet(void **state)
{
	(void)state;
	err.text[0] = '\0';
	assert_int_equal(
		cgroup_open(&(struct cgroup_place){ .path = "/tmp/minirun-cgroup-none/x" }, &err),
		-1);
	assert_int_equal(errno, ENOENT);
	assert_string_equal(err.text, "");
}

static void the_disabled_manager_makes_no_cgroup(void **state)
{
	struct container_spec spec = { 0 };
	struct arena arena = { NULL };
	const struct cgroup_choice disabled = { .manager = CGROUP_MANAGER_DISABLED };
	struct cgroup_plan plan = { 0 };

	(void)state;
	assert_int_equal(cgroup_plan(&plan, &spec, "c1", &disabled, &arena, &err), 0);
	assert_null(plan.place.path);
	assert_null(plan.devices);
	spec.linux.resources.memory.limit = (struct opt_int){ true, 4096 };
	assert_int_equal(cgroup_plan(&plan, &spec, "c1", &disabled, &arena, &err), -1);
	arena_free(&arena);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_are_told_apart),
		cmocka_unit_test(pids_are_sorted_and_counted_once),
		TEST(processes_of_sub_cgroups_are_listed),
		TEST(links_out_of_the_cgroup_are_not_followed),
		TEST(children_come_before_their_parents),
		TEST(depth_costs_no_descriptors),
		TEST(cgroup_kill_is_the_kernels_where_it_has_it),
		TEST(without_cgroup_kill_each_process_is_killed),
		TEST(a_signal_reaches_those_that_are_listed),
		TEST(a_signal_to_nobody_is_no_error),
		TEST(a_removed_cgroup_is_told_from_a_missing_file),
		TEST(freezing_waits_for_the_events_file),
		TEST(an_existing_cgroup_with_processes_is_refused),
		TEST(a_frozen_cgroup_is_refused),
		TEST(a_threaded_cgroup_is_refused),
		TEST(an_empty_cgroup_is_taken),
		TEST(what_was_made_is_removed_when_it_is_refused),
		TEST(entering_writes_the_pid),
		TEST(destroying_nothing_is_success),
		cmocka_unit_test(opening_a_missing_cgroup_is_quiet),
		cmocka_unit_test(the_disabled_manager_makes_no_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
