/* SPDX-License-Identifier: Apache-2.0 */
/* Which keys of linux.sysctl pass, with which namespaces. */
#include "namespaces/sysctl.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"

#define EVERYTHING                                                                                 \
	(CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID)

static struct error err;

static int check(const char *key, const char *value, uint64_t create, uint64_t join)
{
	struct string_pair pair = { key, value };
	struct string_map map = { &pair, 1 };
	struct namespace_plan plan = { .create = create, .join = join };

	memset(&err, 0, sizeof(err));
	return sysctl_check(&map, &plan, NULL, &err);
}

static const struct {
	const char *key;
	uint64_t needs;
} good[] = {
	{ "kernel.msgmax", CLONE_NEWIPC },
	{ "kernel.msgmnb", CLONE_NEWIPC },
	{ "kernel.msgmni", CLONE_NEWIPC },
	{ "kernel.sem", CLONE_NEWIPC },
	{ "kernel.shmall", CLONE_NEWIPC },
	{ "kernel.shmmax", CLONE_NEWIPC },
	{ "kernel.shmmni", CLONE_NEWIPC },
	{ "kernel.shm_rmid_forced", CLONE_NEWIPC },
	{ "kernel/msgmax", CLONE_NEWIPC },
	{ "fs.mqueue.msg_max", CLONE_NEWIPC },
	{ "fs/mqueue/queues_max", CLONE_NEWIPC },
	{ "kernel.domainname", CLONE_NEWUTS },
	{ "kernel/domainname", CLONE_NEWUTS },
	{ "net.ipv4.ip_forward", CLONE_NEWNET },
	{ "net/ipv4/ip_forward", CLONE_NEWNET },
	{ "net.ipv4.conf.eth0/100.forwarding", CLONE_NEWNET },
	{ "net/ipv4/conf/eth0.100/forwarding", CLONE_NEWNET },
	{ "net.core.somaxconn", CLONE_NEWNET },
	{ "net.ipv6.conf.all.disable_ipv6", CLONE_NEWNET },
	{ "user.max_user_namespaces", CLONE_NEWUSER },
};

static void namespaced_keys_pass_with_a_new_namespace(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (check(good[i].key, "1", good[i].needs, 0) < 0)
			fail_msg("%s: %s", good[i].key, err.text);
	}
}

static void namespaced_keys_pass_with_a_joined_namespace(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (check(good[i].key, "1", 0, good[i].needs) < 0)
			fail_msg("%s: %s", good[i].key, err.text);
	}
}

static void they_fail_with_every_other_namespace(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (check(good[i].key, "1", EVERYTHING & ~good[i].needs, 0) == 0)
			fail_msg("%s passes", good[i].key);
		assert_non_null(strstr(err.text, good[i].key));
	}
}

static void keys_of_the_host_are_refused(void **state)
{
	static const char *const keys[] = {
		"kernel.core_pattern",
		"kernel.sysrq",
		"kernel.modprobe",
		"kernel.panic",
		"kernel.pid_max",
		"kernel.ns_last_pid",
		"kernel.hostname",
		"vm.overcommit_memory",
		"fs.file-max",
		"fs.mqueuex.y",
		"fs.mqueue",
		"kernel.shmmaxx",
		"kernel.shm",
		"kernel.msgmax.x",
		"debug.exception-trace",
		"dev.cdrom.info",
		"abi.vsyscall32",
		"sunrpc.x",
		"crypto.fips_enabled",
		"netx.ipv4",
		"net",
		"user",
		"userx.y",
		"kernel",
		"KERNEL.MSGMAX",
		"Net.ipv4.ip_forward",
		"fs/suid_dumpable",
		"kernel/yama/ptrace_scope",
		"kernel.domainname.x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (check(keys[i], "1", EVERYTHING, 0) == 0)
			fail_msg("%s passes", keys[i]);
	}
}

static void improper_names_are_refused(void **state)
{
	static const char *const keys[] = {
		"",
		".",
		"/",
		"..",
		"net",
		"net.",
		"net/",
		".net.ipv4.x",
		"/net/ipv4/x",
		"/proc/sys/net/x",
		"net..ipv4",
		"net//ipv4",
		"net/ipv4/",
		"net.ipv4.",
		"net/../kernel/core_pattern",
		"net/./ipv4/x",
		"net/ipv4/..",
		"net/ipv4/../../kernel/sysrq",
		"fs/mqueue/../suid_dumpable",
		"fs/mqueue/./x",
		"user/../kernel/x",
		"net.//.kernel.core_pattern", /* the slashes are the dots of this spelling */
		"net.ipv4\n.x",
		"net.ipv4.x\n",
		"net/ipv4/x\ty",
		"net.ipv4.\x7f",
		"../net/ipv4/x",
		"./net/ipv4/x",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		if (check(keys[i], "1", EVERYTHING, 0) == 0)
			fail_msg("\"%s\" passes", keys[i]);
	}
}

static void an_overlong_name_is_refused(void **state)
{
	char key[8192] = "net.";

	(void)state;
	memset(key + 4, 'x', sizeof(key) - 5);
	assert_int_equal(check(key, "1", EVERYTHING, 0), -1);
}

static void values_may_hold_anything_but_a_newline(void **state)
{
	(void)state;
	assert_int_equal(check("net.ipv4.ip_local_port_range", "32768\t60999", CLONE_NEWNET, 0), 0);
	assert_int_equal(check("kernel.sem", "250 32000 100 128", CLONE_NEWIPC, 0), 0);
	assert_int_equal(check("net.x.y", "", CLONE_NEWNET, 0), 0);
	assert_int_equal(check("net.x.y", "1+kernel.core_pattern=x", CLONE_NEWNET, 0), 0);
	assert_int_equal(check("net.x.y", "1\n", CLONE_NEWNET, 0), -1);
	assert_int_equal(check("net.x.y", "1\nkernel.x=2", CLONE_NEWNET, 0), -1);
}

static void hostname_has_a_member_of_its_own(void **state)
{
	(void)state;
	assert_int_equal(check("kernel.hostname", "x", EVERYTHING, 0), -1);
	assert_non_null(strstr(err.text, "hostname"));
}

static void every_pair_is_looked_at(void **state)
{
	struct string_pair pairs[] = { { "net.x.y", "1" }, { "kernel.panic", "1" } };
	struct string_map map = { pairs, 2 };
	struct namespace_plan plan = { .create = EVERYTHING };

	(void)state;
	assert_int_equal(sysctl_check(&map, &plan, NULL, &err), -1);
	map.count = 1;
	assert_int_equal(sysctl_check(&map, &plan, NULL, &err), 0);
}

static void nothing_to_write_needs_no_procfs(void **state)
{
	struct string_map map = { NULL, 0 };

	(void)state;
	assert_int_equal(sysctl_apply(&map, &err), 0);
}

static void a_list_has_whole_words(void **state)
{
	(void)state;
	assert_true(sysctl_list_has("reno cubic\n", "reno"));
	assert_true(sysctl_list_has("reno cubic\n", "cubic"));
	assert_true(sysctl_list_has("cubic", "cubic"));
	assert_false(sysctl_list_has("reno cubic\n", "cub"));
	assert_false(sysctl_list_has("reno cubic\n", "reno cubic"));
	assert_false(sysctl_list_has("reno cubic\n", ""));
	assert_false(sysctl_list_has("", "cubic"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(namespaced_keys_pass_with_a_new_namespace),
		cmocka_unit_test(namespaced_keys_pass_with_a_joined_namespace),
		cmocka_unit_test(they_fail_with_every_other_namespace),
		cmocka_unit_test(keys_of_the_host_are_refused),
		cmocka_unit_test(improper_names_are_refused),
		cmocka_unit_test(an_overlong_name_is_refused),
		cmocka_unit_test(values_may_hold_anything_but_a_newline),
		cmocka_unit_test(hostname_has_a_member_of_its_own),
		cmocka_unit_test(every_pair_is_looked_at),
		cmocka_unit_test(nothing_to_write_needs_no_procfs),
		cmocka_unit_test(a_list_has_whole_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
