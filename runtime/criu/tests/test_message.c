/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's bytes, what the options mean, the keys of mounts, the end of a log. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "namespaces/mount.h"
#include "runtime/criu/criu.h"
#include "runtime/criu/images.h"
#include "runtime/criu/message.h"
#include "runtime/criu/mounts.h"
#include "runtime/criu/program.h"

static void a_request_is_these_bytes(void **state)
{
	struct criu_options options = CRIU_OPTIONS_INIT;
	const struct criu_request request = { .type = CRIU_DUMP, .options = &options };
	struct criu_pair mount = { "/a", "m" };
	static const char expected[] = "\x08\x01\x12\x1f"
				       "\x08\x04\x10\xac\x02\x18\x01\x52\x03"
				       "d.l\xba\x01\x07\x0a\x02/a\x12\x01m\x90\x02\x00"
				       "\xb0\x02\x80\x80\x80\x80\x04";
	autobuffer out = { 0 };

	(void)state;
	options.images_dir = 4;
	options.pid = 300;
	options.leave_running = true;
	options.log_file = "d.l";
	options.cgroups_mode = CRIU_CGROUPS_IGNORE;
	options.empty_ns = 0x40000000;
	options.ext_mounts = (struct criu_pairs){ &mount, 1 };
	criu_encode(&out, &request);
	assert_false(out.failed);
	assert_true(out.length > 4 && (size_t)(uint8_t)out.text[3] == out.length - 4);
	/* plain fields by number, then the rest */
	assert_memory_equal(out.text + 4, expected + 4, 12);
	assert_non_null(memmem(out.text, out.length, "\xba\x01\x07\x0a\x02/a\x12\x01m", 10));
	assert_non_null(memmem(out.text, out.length, "\x90\x02\x00", 3));
	assert_non_null(memmem(out.text, out.length, "\xb0\x02\x80\x80\x80\x80\x04", 7));
}

static void nothing_that_is_absent_is_written(void **state)
{
	struct criu_options options = CRIU_OPTIONS_INIT;
	const struct criu_request request = { .type = CRIU_RESTORE, .options = &options };
	autobuffer out = { 0 };

	(void)state;
	criu_encode(&out, &request);
	assert_int_equal(out.length, 4);
	assert_memory_equal(out.text, "\x08\x02\x12\x00", 4);
}

static void answers_are_read(void **state)
{
	static const char notify[] = "\x08\x06\x10\x01\x2a\x0f\x0a\x0a"
				     "post-dump!\x10\x87\x20";
	static const char version[] = "\x08\x0a\x10\x01\x52\x0b\x08\x04\x10\x01\x1a\x03git\x20\x01";
	static const char failed[] = "\x08\x01\x10\x00\x38\x16\x4a\x03"
				     "a\nb";
	struct criu_reply reply;
	struct error err;

	(void)state;
	assert_int_equal(criu_decode(notify, sizeof(notify) - 1, &reply, &err), 0);
	assert_int_equal(reply.type, CRIU_NOTIFY);
	assert_true(reply.success);
	assert_string_equal(reply.script, "post-dump!");
	assert_int_equal(reply.pid, 4103);
	assert_int_equal(criu_decode(version, sizeof(version) - 1, &reply, &err), 0);
	assert_int_equal(reply.major * 10000 + reply.minor * 100 + reply.sublevel, 40101);
	assert_int_equal(criu_decode(failed, sizeof(failed) - 1, &reply, &err), 0);
	assert_false(reply.success);
	assert_int_equal(reply.code, 22);
	assert_string_equal(reply.message, "a?b");
}

/* Each beginning of a message, and each of its bytes turned round: never more than an error. */
static void broken_answers_are_errors(void **state)
{
	static const char whole[] = "\x08\x06\x10\x01\x2a\x0f\x0a\x0a"
				    "post-dump!\x10\x87\x20";
	static const char *const wrong[] = {
		"\x08",	    "\x0a\x7f",
		"\x08\x06", "\x08\x06\x12\x01x",
		"\x0b\x0c", "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
	};
	struct criu_reply reply;
	struct error err;

	(void)state;
	for (size_t length = 0; length + 1 < sizeof(whole); length++) {
		char copy[sizeof(whole)];

		if (length != 4) /* there it is one without the notification */
			assert_int_equal(criu_decode(whole, length, &reply, &err), -1);
		memcpy(copy, whole, sizeof(copy));
		copy[length] = (char)~copy[length];
		(void)criu_decode(copy, sizeof(copy) - 1, &reply, &err);
	}
	table_for_each (text, wrong)
		assert_int_equal(criu_decode(*text, strlen(*text), &reply, &err), -1);
}

static void a_silent_criu_is_given_up(void **state)
{
	struct criu_program criu = CRIU_PROGRAM_INIT;
	struct criu_reply reply;
	struct error err;
	int pair[2], fd;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	criu.socket = pair[0];
	assert_int_equal(criu_receive(&criu, 50, &reply, &fd, &err), -1);
	assert_non_null(strstr(err.text, "hasn't answered"));
	criu.needed = pair[1]; /* for lack of a pidfd: something that is readable */
	assert_int_equal(send(pair[0], "x", 1, MSG_NOSIGNAL), 1);
	assert_int_equal(criu_receive(&criu, 50, &reply, &fd, &err), -1);
	assert_non_null(strstr(err.text, "first process has ended"));
	criu.needed = -1;
	(void)close(pair[1]);
	assert_int_equal(criu_receive(&criu, 50, &reply, &fd, &err), -1);
	assert_non_null(strstr(err.text, "has ended without an answer"));
	(void)close(pair[0]);
}

static void options_mean_what_they_say(void **state)
{
	struct checkpoint_options given = { .status_fd = -1, .common.image_path = "x" };
	struct criu_options options;
	char address[256];
	struct error err;

	(void)state;
	given.common.manage_cgroups_mode = "strict";
	given.page_server = "[::1]:27";
	given.parent_path = "../a";
	given.network_lock = "skip";
	assert_int_equal(criu_plan_checkpoint(&given, &options, address, &err), 0);
	assert_int_equal(options.cgroups_mode, CRIU_CGROUPS_STRICT);
	assert_string_equal(options.page_server, "[::1]");
	assert_int_equal(options.page_server_port, 27);
	assert_true(options.track_mem);
	assert_int_equal(options.network_lock, CRIU_LOCK_SKIP);
	for (int i = 0; i < 4; i++) {
		static const char *const wrong[] = { "1.2.3.4", ":5", "a:0", "a:65536" };

		given.page_server = wrong[i];
		assert_int_equal(criu_plan_checkpoint(&given, &options, address, &err), -1);
	}
}

static void only_pipes_and_sockets_are_inherited(void **state)
{
	static const char *const right[] = { "pipe:[1]", "socket:[18446744073709551615]" };
	static const char *const wrong[] = { "",	  "/dev/null",	  "pipe:[]",
					     "pipe:[1",	  "pipe:[1]:x",	  "pipe:[1x]",
					     "xpipe:[1]", "extRootNetNS", "socket:[-1]",
					     "pipe:[1]\n" };

	(void)state;
	table_for_each (name, right)
		assert_true(criu_is_inheritable(*name));
	table_for_each (name, wrong)
		assert_false(criu_is_inheritable(*name));
}

static void the_log_tells_its_last_errors(void **state)
{
	char text[100];

	(void)state;
	assert_false(criu_log_errors("(1) fine\n(2) Warn (x)\n", text, sizeof(text)));
	assert_true(criu_log_errors("(1) Error (a): 1\n(2) Error (b): 2\nx\n(3) Error (c): 3\n"
				    "(4) pie: 7: Error (d): \x01\n(5) Error (e): Dumping FAILED.\n",
				    text, sizeof(text)));
	assert_string_equal(text, "(b): 2; (c): 3; (d): ?");
	assert_true(criu_log_errors("Error (a): a line that is much longer than what there is room "
				    "for in the text of one error, since that has to be a line\n",
				    text, 40));
	assert_int_equal(strlen(text), 39);
}

/* A bind mount on destination, as rootfs_plan() makes it. */
static struct mount_plan bind_at(const char *destination, const char *source)
{
	return (struct mount_plan){
		.kind = MOUNT_KIND_BIND, .destination = destination, .source = source, .fd = 7
	};
}

#define MOUNTINFO                                                                                  \
	"10 1 0:1 / / rw - ext4 /dev/x rw\n"                                                       \
	"11 10 0:2 /src /a\\040b rw - ext4 /dev/x rw\n"                                            \
	"12 10 0:2 /null /proc/kcore ro - devtmpfs dev rw\n"                                       \
	"13 10 0:3 / /proc/acpi ro - tmpfs tmpfs ro\n"                                             \
	"14 10 0:2 /evil /x]:/etc rw - ext4 /dev/x rw\n"

static int64_t find_evil(void *context, const char *destination)
{
	(void)context;
	return strcmp(destination, "/link") == 0 ? 14 : -1;
}

static void mounts_get_keys_that_end_nothing(void **state)
{
	struct mount_plan plans[] = { bind_at("/a b", "/h]:/one"), bind_at("/gone", "/two") };
	struct mount_spec specs[2] = { 0 };
	static const char *masks[] = { "/proc/kcore", "/proc/acpi", "/proc/none" };
	struct container_spec spec = { .mounts = { .items = specs, .count = 2 } };
	const struct rootfs rootfs = { .mounts = plans, .cgroup = -1, .null_device = -1 };
	struct criu_dump_source source = {
		.spec = &spec, .rootfs = &rootfs, .mountinfo = MOUNTINFO, .find = find_evil
	};
	const struct criu_restore_sources restored = { &spec, &rootfs, "/stage" };
	struct criu_pairs mounts;
	struct arena arena = { 0 };
	struct error err;

	(void)state;
	spec.linux.masked_paths = (struct string_list){ .items = masks, .count = 3 };
	assert_int_equal(criu_dump_mounts(&source, &mounts, &arena, &err), 0);
	assert_int_equal(mounts.count, 2);
	assert_string_equal(mounts.items[0].key, "/a b");
	assert_string_equal(mounts.items[0].value, "mount:/a%20b");
	assert_string_equal(mounts.items[1].key, "/proc/kcore");
	assert_string_equal(mounts.items[1].value, "null");
	assert_int_equal(criu_restore_mounts(&restored, &mounts, &arena, &err), 0);
	assert_int_equal(mounts.count, 3);
	assert_string_equal(mounts.items[0].key, "mount:/a%20b");
	assert_string_equal(mounts.items[0].value, "/stage/0"); /* no name of the host's */
	assert_string_equal(mounts.items[2].value, "/dev/null");
	/* a link of the image's that leads to a name which would be read as another mount's */
	plans[1].destination = "/link";
	assert_int_equal(criu_dump_mounts(&source, &mounts, &arena, &err), -1);
	assert_non_null(strstr(err.text, "can't be checkpointed"));
	plans[1].destination = "/x]:/etc";
	assert_int_equal(criu_dump_mounts(&source, &mounts, &arena, &err), -1);
	/* criu would restore it beside the root */
	plans[1].destination = "/";
	assert_int_equal(criu_dump_mounts(&source, &mounts, &arena, &err), -1);
	assert_non_null(strstr(err.text, "/mounts/1: a mount at /"));
	plans[1].destination = "/x]:/etc";
	/* and as a key it is harmless */
	assert_int_equal(criu_restore_mounts(&restored, &mounts, &arena, &err), 0);
	assert_string_equal(mounts.items[1].key, "mount:/x%5D%3A/etc");
	/* criu makes file systems again, and can't map their ids */
	plans[0].idmap.asked = true;
	assert_int_equal(criu_restore_mounts(&restored, &mounts, &arena, &err), 0);
	plans[0].kind = MOUNT_KIND_FILESYSTEM;
	assert_int_equal(criu_restore_mounts(&restored, &mounts, &arena, &err), -1);
	assert_int_equal(criu_dump_mounts(&source, &mounts, &arena, &err), -1);
	arena_free(&arena);
}

static void mount_points_below_other_mounts_are_theirs(void **state)
{
	struct mount_plan plans[] = { bind_at("/data", "/one"), bind_at("/data/in", "/two"),
				      bind_at("/database", "/three") };
	const struct rootfs rootfs = { .mounts = plans };

	(void)state;
	assert_true(criu_needs_mountpoint(&rootfs, 0));
	assert_false(criu_needs_mountpoint(&rootfs, 1));
	assert_true(criu_needs_mountpoint(&rootfs, 2));
}

static void modes_that_would_change_the_hosts_cgroups_are_refused(void **state)
{
	static const char version2[] = "0::/a:b\n", named[] = "1:name=systemd:/a\n0::/a\n",
			  version1[] = "0::/a\n4:cpu,cpuacct:/a\n";
	struct error err;

	(void)state;
	assert_int_equal(criu_check_cgroups_mode(CRIU_CGROUPS_SOFT, version1, &err), 0);
	assert_int_equal(criu_check_cgroups_mode(CRIU_CGROUPS_IGNORE, version1, &err), 0);
	assert_int_equal(criu_check_cgroups_mode(CRIU_CGROUPS_FULL, version2, &err), 0);
	assert_int_equal(criu_check_cgroups_mode(CRIU_CGROUPS_STRICT, named, &err), 0);
	assert_int_equal(criu_check_cgroups_mode(CRIU_CGROUPS_STRICT, version1, &err), -1);
	assert_non_null(strstr(err.text, "strict"));
	assert_int_equal(criu_check_cgroups_mode(CRIU_CGROUPS_FULL, version1, &err), -1);
	assert_non_null(strstr(err.text, "full"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_these_bytes),
		cmocka_unit_test(nothing_that_is_absent_is_written),
		cmocka_unit_test(answers_are_read),
		cmocka_unit_test(broken_answers_are_errors),
		cmocka_unit_test(a_silent_criu_is_given_up),
		cmocka_unit_test(options_mean_what_they_say),
		cmocka_unit_test(only_pipes_and_sockets_are_inherited),
		cmocka_unit_test(the_log_tells_its_last_errors),
		cmocka_unit_test(mounts_get_keys_that_end_nothing),
		cmocka_unit_test(mount_points_below_other_mounts_are_theirs),
		cmocka_unit_test(modes_that_would_change_the_hosts_cgroups_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
