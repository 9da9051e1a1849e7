/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A criu that does as it is told: `criu swrk FD`. It speaks the protocol and plays the script that
 * lies beside it, so that tests see what minirun asks for and what it does about each answer.
 *
 *   <directory of this program>/script, one order a line:
 *     version N N N      answer of VERSION (default 4 1 1)
 *     features N N       of FEATURE_CHECK: memory tracking, lazy pages (default 1 1)
 *   and for DUMP, PRE_DUMP and RESTORE, in this order:
 *     log TEXT           a line of the log
 *     kill               SIGKILL to the process to dump
 *     mounts             <directory>/mounts gets its /proc/self/mountinfo
 *     images             <directory>/images gets the mode of the images' directory and the words in
 *                        core.img and parent/core.img
 *     network            what is restored then gets a network namespace of its own
 *     fork N             a process that is what is restored: it ends with status N on SIGUSR1
 *     foreign            names process 1 as the restored one
 *     notify NAME        a notification, and waits for the answer
 *     terminal           the notification with a terminal's master
 *     helper             a process that holds the socket, too, and outlives this one by a minute
 *     die                ends by a signal
 *     garbage            answers no message
 *     fail N             the answer: errno N
 *   A DUMP makes an inventory.img.
 *   The end of the script is success.
 *   <directory>/request gets what was asked: "opts.22=text", one field a line; <directory>/notified
 *   gets the answers to notifications.
 */
#include <fcntl.h>
#include <libgen.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

enum { DUMP = 1, RESTORE = 2, PRE_DUMP = 4, NOTIFY = 6, FEATURE_CHECK = 9, VERSION = 10 };

static int peer, restored, target, work_dir = -1, images_dir = -1;
static char directory[4096], log_file[64];
static FILE *request;

static FILE *open_beside(const char *name, const char *mode)
{
	char path[4200];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return fopen(path, mode);
}

/* --- messages --------------------------------------------------------------------------------- */

struct message {
	uint8_t bytes[8192];
	size_t length;
};

static void put_varint(struct message *message, uint64_t value)
{
	for (; value > 0x7F; value >>= 7)
		message->bytes[message->length++] = (uint8_t)(value | 0x80);
	message->bytes[message->length++] = (uint8_t)value;
}

static void put(struct message *message, unsigned field, uint64_t value)
{
	put_varint(message, field << 3);
	put_varint(message, value);
}

static void put_bytes(struct message *message, unsigned field, const void *data, size_t length)
{
	put_varint(message, field << 3 | 2);
	put_varint(message, length);
	memcpy(message->bytes + message->length, data, length);
	message->length += length;
}

static uint64_t get_varint(const uint8_t **at)
{
	uint64_t value = 0;

	for (unsigned shift = 0;; shift += 7) {
		const uint8_t byte = *(*at)++;

		value |= (uint64_t)(byte & 0x7F) << shift;
		if (!(byte & 0x80))
			return value;
	}
}

/* Fields of criu_opts that are messages of their own. */
static int is_message(const char *prefix, unsigned field)
{
	if (!*prefix)
		return field == 2 || field == 5;
	return strcmp(prefix, "2.") == 0 &&
	       (field == 11 || field == 23 || field == 25 || field == 27 || field == 39);
}

static void print_fields(const char *prefix, const uint8_t *at, size_t length, unsigned *type)
{
	const uint8_t *end = at + length;

	while (at < end) {
		const uint64_t tag = get_varint(&at);
		const unsigned field = (unsigned)(tag >> 3);
		const uint64_t value = get_varint(&at);
		char inner[32];

		if ((tag & 7) == 0) {
			fprintf(request, "%s%u=%lld\n", prefix, field, (long long)value);
			if (!*prefix && field == 1)
				*type = (unsigned)value;
			if (strcmp(prefix, "2.") == 0 && field == 2)
				target = (int)value;
			if (strcmp(prefix, "2.") == 0 && field == 17)
				work_dir = (int)value;
			if (strcmp(prefix, "2.") == 0 && field == 1)
				images_dir = (int)value;
			continue;
		}
		if (is_message(prefix, field)) {
			(void)snprintf(inner, sizeof(inner), "%s%u.", prefix, field);
			print_fields(inner, at, value, type);
		} else {
			fprintf(request, "%s%u=%.*s\n", prefix, field, (int)value,
				(const char *)at);
			if (strcmp(prefix, "2.") == 0 && field == 10)
				(void)snprintf(log_file, sizeof(log_file), "%.*s", (int)value,
					       (const char *)at);
		}
		at += value;
	}
}

static void answer(const struct message *message)
{
	if (send(peer, message->bytes, message->length, MSG_NOSIGNAL) < 0)
		exit(3);
}

/* --- orders ----------------------------------------------------------------------------------- */

static void finish(unsigned type, int code)
{
	struct message message = { .length = 0 };

	put(&message, 1, type);
	put(&message, 2, code == 0);
	if (type == RESTORE && code == 0) {
		struct message inner = { .length = 0 };

		put(&inner, 1, (uint64_t)restored);
		put_bytes(&message, 4, inner.bytes, inner.length);
	}
	if (code != 0)
		put(&message, 7, (uint64_t)code);
	answer(&message);
}

static void notify(const char *script, int fd)
{
	struct message inner = { .length = 0 }, message = { .length = 0 };
	char control[CMSG_SPACE(sizeof(int))] = { 0 };
	uint8_t reply[256];
	FILE *notified = open_beside("notified", "a");
	struct iovec part;
	struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t length;

	put_bytes(&inner, 1, script, strlen(script));
	if (restored)
		put(&inner, 2, (uint64_t)restored);
	put(&message, 1, NOTIFY);
	put(&message, 2, 1);
	put_bytes(&message, 5, inner.bytes, inner.length);
	part = (struct iovec){ message.bytes, message.length };
	if (fd >= 0) {
		struct cmsghdr *cmsg = (struct cmsghdr *)(void *)control;

		header.msg_control = control;
		header.msg_controllen = sizeof(control);
		*cmsg = (struct cmsghdr){ CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
		memcpy(CMSG_DATA(cmsg), &fd, sizeof(fd));
	}
	if (sendmsg(peer, &header, MSG_NOSIGNAL) < 0)
		exit(3);
	length = recv(peer, reply, sizeof(reply), 0);
	/* type NOTIFY, notify_success true */
	if (notified)
		fprintf(notified, "%s %s\n", script,
			length == 4 && memcmp(reply, "\x08\x06\x18\x01", 4) == 0 ? "ok" : "not");
	if (length <= 0)
		exit(4);
	if (notified)
		(void)fclose(notified);
}

static int exit_status, own_network;

static void on_signal(int signal)
{
	(void)signal;
	_exit(exit_status);
}

/* As CRIU makes it: a child of who started us, in its own pid and mount namespaces. */
static void fork_restored(int status)
{
	const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	const unsigned long flags = CLONE_PARENT | SIGCHLD | (own_network ? CLONE_NEWNET : 0);
	const pid_t pid = (pid_t)syscall(SYS_clone, flags, NULL, NULL, NULL, NULL);

	if (pid == 0) {
		struct sigaction action = { .sa_handler = on_signal };

		exit_status = status;
		(void)sigaction(SIGUSR1, &action, NULL);
		for (int fd = 0; fd <= 2; fd++) /* who reads our output waits for its end */
			(void)dup2(null, fd);
		for (int fd = 3; fd < 256; fd++)
			(void)close(fd);
		for (;;)
			(void)pause();
	}
	restored = pid;
}

static void start_helper(void)
{
	if (fork() == 0) {
		(void)sleep(60);
		_exit(0);
	}
}

static void send_terminal(void)
{
	const int master = open("/dev/ptmx", O_RDWR | O_NOCTTY);

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		exit(5);
	notify("orphan-pts-master", master);
}

static void write_log(const char *text)
{
	const int fd = openat(work_dir, log_file, O_WRONLY | O_CREAT | O_APPEND, 0600);

	if (fd < 0 || dprintf(fd, "%s\n", text) < 0)
		exit(6);
	(void)close(fd);
}

/* What the sources of the request are. */
static void write_mounts(void)
{
	FILE *from = fopen("/proc/self/mountinfo", "re"), *to = open_beside("mounts", "w");
	char line[4096];

	if (!from || !to)
		exit(7);
	while (fgets(line, sizeof(line), from))
		(void)fputs(line, to);
	(void)fclose(from);
	(void)fclose(to);
}

static void write_images(void)
{
	static const char *const names[] = { "core.img", "parent/core.img" };
	FILE *to = open_beside("images", "w");
	struct stat st;

	if (!to || fstat(images_dir, &st) < 0)
		exit(8);
	fprintf(to, "%o", st.st_mode & 07777);
	for (int i = 0; i < 2; i++) {
		const int fd = openat(images_dir, names[i], O_RDONLY | O_CLOEXEC);
		char word[32];
		const ssize_t length = read(fd, word, sizeof(word));

		fprintf(to, " %.*s", length > 0 ? (int)length - 1 : 0, word);
		(void)close(fd);
	}
	(void)fclose(to);
}

/* False: it is over. */
static int obey(char *line, unsigned type)
{
	char *word = strsep(&line, " ");

	if (strcmp(word, "log") == 0)
		write_log(line);
	else if (strcmp(word, "kill") == 0)
		(void)kill(target, SIGKILL);
	else if (strcmp(word, "fork") == 0)
		fork_restored((int)strtol(line, NULL, 10));
	else if (strcmp(word, "network") == 0)
		own_network = 1;
	else if (strcmp(word, "foreign") == 0)
		restored = 1;
	else if (strcmp(word, "notify") == 0)
		notify(line, -1);
	else if (strcmp(word, "terminal") == 0)
		send_terminal();
	else if (strcmp(word, "mounts") == 0)
		write_mounts();
	else if (strcmp(word, "images") == 0)
		write_images();
	else if (strcmp(word, "helper") == 0)
		start_helper();
	else if (strcmp(word, "die") == 0)
		abort();
	else if (strcmp(word, "garbage") == 0)
		return send(peer, "garbage", 7, MSG_NOSIGNAL) != 7;
	else if (strcmp(word, "fail") == 0)
		return finish(type, (int)strtol(line, NULL, 10)), 0;
	return 1;
}

/* As CRIU's, another one for each dump. */
static void write_inventory(void)
{
	int fd =
		openat(images_dir, "inventory.img", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (fd >= 0)
		dprintf(fd, "%d %ld", getpid(), (long)time(NULL));
}

static void answer_version(const int *number)
{
	struct message inner = { .length = 0 }, message = { .length = 0 };

	put(&inner, 1, (uint64_t)number[0]);
	put(&inner, 2, (uint64_t)number[1]);
	put(&inner, 4, (uint64_t)number[2]);
	put(&message, 1, VERSION);
	put(&message, 2, 1);
	put_bytes(&message, 10, inner.bytes, inner.length);
	answer(&message);
}

static void answer_features(const int *number)
{
	struct message inner = { .length = 0 }, message = { .length = 0 };

	put(&inner, 1, (uint64_t)number[0]);
	put(&inner, 2, (uint64_t)number[1]);
	put(&message, 1, FEATURE_CHECK);
	put(&message, 2, 1);
	put_bytes(&message, 8, inner.bytes, inner.length);
	answer(&message);
}

int main(int argc, char **argv)
{
	static uint8_t bytes[65536];
	int version[3] = { 4, 1, 1 }, features[2] = { 1, 1 };
	char line[512], self[4096] = "";
	unsigned type = 0;
	ssize_t length;
	FILE *script;

	if (argc != 3 || strcmp(argv[1], "swrk") != 0 ||
	    readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 2;
	peer = (int)strtol(argv[2], NULL, 10);
	(void)snprintf(directory, sizeof(directory), "%s", dirname(self));
	script = open_beside("script", "re");
	length = recv(peer, bytes, sizeof(bytes), 0);
	request = open_beside("request", "w");
	if (length <= 0 || !script || !request)
		return 2;
	print_fields("", bytes, (size_t)length, &type);
	(void)fclose(request);
	if (type == DUMP)
		write_inventory();
	while (fgets(line, sizeof(line), script)) {
		line[strcspn(line, "\n")] = '\0';
		/* a script of the tests. NOLINTBEGIN(cert-err34-c) */
		if (sscanf(line, "version %d %d %d", &version[0], &version[1], &version[2]) == 3 ||
		    sscanf(line, "features %d %d", &features[0], &features[1]) == 2)
			continue;
		/* NOLINTEND(cert-err34-c) */
		if (type != VERSION && type != FEATURE_CHECK && !obey(line, type))
			return type == PRE_DUMP;
	}
	if (type == VERSION)
		answer_version(version);
	else if (type == FEATURE_CHECK)
		answer_features(features);
	else
		finish(type, 0);
	return 0;
}
