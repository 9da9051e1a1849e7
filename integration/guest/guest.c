/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The payload of the integration tests: a static program that tells, as JSON on standard output,
 * what it sees from inside a container, or does one small thing that the test asks for. It needs
 * no file of the root file system, so that a container may be as bare or as hostile as a test
 * wants; what needs /proc reads it where it is and says null where it isn't.
 *
 *   guest report [SYSCTL...]    everything at once (the default)
 *   guest args [ARG...]         its own argument vector
 *   guest try ACTION:PATH...    {"ACTION:PATH": "ok" | "ENOENT" | ...} for read, write, create,
 *                               list, mkdir, device (open for reading), exec, chdir
 *   guest exit CODE | kill SIGNAL | sleep SECONDS | cat
 *   guest wait                  until SIGTERM, then exit 0
 *   guest syscall NUMBER [ARG...]   {"result": N, "errno": NAME}; an ARG is a number, =TEXT or
 *                               %HEX for a pointer to these bytes; "--" and one more call follow
 *   guest notify TEXT           sends TEXT to $NOTIFY_SOCKET, then waits for SIGTERM
 *   guest vfork SECONDS         waits in vfork(2), which only SIGKILL interrupts
 *   guest xattr FILE NAME TEXT  sets an extended attribute
 *   guest zombie COUNT          leaves COUNT orphans to whoever reaps them
 *
 * Manual pages: proc(5), capabilities(7), namespaces(7), prctl(2).
 * syscalls: setxattr prctl getrlimit getgroups umask getcwd uname readlink ioctl syscall
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

/* --- JSON on standard output --------------------------------------------------------------- */

static bool first_member = true;

static void put_string(const char *text)
{
	putchar('"');
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		if (*c == '"' || *c == '\\')
			printf("\\%c", *c);
		else if (*c < 0x20)
			printf("\\u%04x", *c);
		else
			putchar(*c);
	}
	putchar('"');
}

static void separate(void)
{
	if (!first_member)
		putchar(',');
	first_member = false;
}

static void key(const char *name)
{
	separate();
	put_string(name);
	putchar(':');
}

static void begin(char bracket)
{
	putchar(bracket);
	first_member = true;
}

static void end(char bracket)
{
	putchar(bracket);
	first_member = false;
}

static void put_number(const char *name, long long value)
{
	key(name);
	printf("%lld", value);
}

static void put_text(const char *name, const char *text)
{
	key(name);
	if (text)
		put_string(text);
	else
		printf("null");
}

/* --- small readers --------------------------------------------------------------------------- */

/* The whole of a small file, without its last newline; NULL if it can't be read. */
static char *read_text(const char *path)
{
	static char text[65536];
	size_t length = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return NULL;
	while (length < sizeof(text) - 1) {
		ssize_t n = read(fd, text + length, sizeof(text) - 1 - length);

		if (n <= 0)
			break;
		length += (size_t)n;
	}
	(void)close(fd);
	while (length > 0 && text[length - 1] == '\n')
		length--;
	text[length] = '\0';
	return text;
}

static char *read_link_text(const char *path)
{
	static char text[4096];
	ssize_t n = readlink(path, text, sizeof(text) - 1);

	if (n < 0)
		return NULL;
	text[n] = '\0';
	return text;
}

static const char *error_name(int number)
{
	const char *name = strerrorname_np(number);

	return name ? name : "?";
}

/* --- report: one function per member ---------------------------------------------------------- */

static void report_namespaces(void)
{
	static const char *const names[] = { "cgroup", "ipc",  "mnt",  "net",
					     "pid",    "time", "user", "uts" };

	key("namespaces");
	begin('{');
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];

		(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		put_text(names[i], read_link_text(path));
	}
	end('}');
}

static void report_ids(void)
{
	gid_t groups[256];
	int count = getgroups(256, groups);
	uid_t real, effective, saved;
	gid_t real_group, effective_group, saved_group;

	(void)getresuid(&real, &effective, &saved);
	(void)getresgid(&real_group, &effective_group, &saved_group);
	put_number("pid", getpid());
	put_number("ppid", getppid());
	put_number("sid", getsid(0));
	put_number("pgid", getpgid(0));
	key("uids");
	printf("[%u,%u,%u]", real, effective, saved);
	key("gids");
	printf("[%u,%u,%u]", real_group, effective_group, saved_group);
	key("groups");
	begin('[');
	for (int i = 0; i < count; i++) {
		separate();
		printf("%u", groups[i]);
	}
	end(']');
}

/* "CapEff:\t000..." and the like, as /proc/self/status has them. */
static void report_status(void)
{
	static const struct {
		const char *line, *name;
	} members[] = {
		{ "CapInh:", "inheritable" },	   { "CapPrm:", "permitted" },
		{ "CapEff:", "effective" },	   { "CapBnd:", "bounding" },
		{ "CapAmb:", "ambient" },	   { "SigBlk:", "signals_blocked" },
		{ "SigIgn:", "signals_ignored" },  { "NoNewPrivs:", "no_new_privs" },
		{ "Seccomp:", "seccomp" },	   { "Seccomp_filters:", "seccomp_filters" },
		{ "Groups:", "groups_in_status" },
	};
	char *status = read_text("/proc/self/status");

	key("status");
	begin('{');
	for (size_t i = 0; status && i < sizeof(members) / sizeof(members[0]); i++) {
		char *line = strstr(status, members[i].line);
		char value[256];

		if (!line)
			continue;
		line += strlen(members[i].line);
		line += strspn(line, "\t ");
		(void)snprintf(value, sizeof(value), "%.*s", (int)strcspn(line, "\n"), line);
		put_text(members[i].name, value);
	}
	end('}');
}

static void report_rlimits(void)
{
	static const char *const names[] = {
		[RLIMIT_AS] = "RLIMIT_AS",
		[RLIMIT_CORE] = "RLIMIT_CORE",
		[RLIMIT_CPU] = "RLIMIT_CPU",
		[RLIMIT_DATA] = "RLIMIT_DATA",
		[RLIMIT_FSIZE] = "RLIMIT_FSIZE",
		[RLIMIT_LOCKS] = "RLIMIT_LOCKS",
		[RLIMIT_MEMLOCK] = "RLIMIT_MEMLOCK",
		[RLIMIT_MSGQUEUE] = "RLIMIT_MSGQUEUE",
		[RLIMIT_NICE] = "RLIMIT_NICE",
		[RLIMIT_NOFILE] = "RLIMIT_NOFILE",
		[RLIMIT_NPROC] = "RLIMIT_NPROC",
		[RLIMIT_RSS] = "RLIMIT_RSS",
		[RLIMIT_RTPRIO] = "RLIMIT_RTPRIO",
		[RLIMIT_RTTIME] = "RLIMIT_RTTIME",
		[RLIMIT_SIGPENDING] = "RLIMIT_SIGPENDING",
		[RLIMIT_STACK] = "RLIMIT_STACK",
	};

	key("rlimits");
	begin('{');
	for (int i = 0; i < (int)(sizeof(names) / sizeof(names[0])); i++) {
		struct rlimit limit;

		if (!names[i] || getrlimit(i, &limit) < 0)
			continue;
		/* as strings: 2^64-1 is no number that jq can hold */
		key(names[i]);
		printf("{\"soft\":\"%llu\",\"hard\":\"%llu\"}", (unsigned long long)limit.rlim_cur,
		       (unsigned long long)limit.rlim_max);
	}
	end('}');
}

static void report_strings(const char *name, char *const *strings)
{
	key(name);
	begin('[');
	for (; *strings; strings++) {
		separate();
		put_string(*strings);
	}
	end(']');
}

/* One mountinfo line: ID PARENT DEV ROOT POINT OPTIONS [PROPAGATION...] - TYPE SOURCE SUPER */
static void report_mount(char *line)
{
	char *field[64];
	size_t count = 0, dash = 0;

	for (char *save = NULL, *word = strtok_r(line, " ", &save); word && count < 64;
	     word = strtok_r(NULL, " ", &save)) {
		if (!strcmp(word, "-"))
			dash = count;
		field[count++] = word;
	}
	if (dash < 6 || count < dash + 4)
		return;
	separate();
	begin('{');
	put_text("root", field[3]);
	put_text("path", field[4]);
	put_text("options", field[5]);
	key("propagation");
	begin('[');
	for (size_t i = 6; i < dash; i++) {
		separate();
		put_string(field[i]);
	}
	end(']');
	put_text("type", field[dash + 1]);
	put_text("source", field[dash + 2]);
	put_text("super", field[dash + 3]);
	end('}');
}

static void report_mounts(void)
{
	char *text = read_text("/proc/self/mountinfo");
	char *save = NULL;

	key("mounts");
	begin('[');
	for (char *line = text ? strtok_r(text, "\n", &save) : NULL; line;
	     line = strtok_r(NULL, "\n", &save))
		report_mount(line);
	end(']');
}

static const char *file_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG:
		return "file";
	case S_IFDIR:
		return "directory";
	case S_IFCHR:
		return "char";
	case S_IFBLK:
		return "block";
	case S_IFIFO:
		return "fifo";
	case S_IFSOCK:
		return "socket";
	default:
		return "other";
	}
}

static void report_fds(void)
{
	key("fds");
	begin('{');
	for (int fd = 0; fd < 4096; fd++) {
		struct stat st;
		char name[16], path[64];

		if (fstat(fd, &st) < 0)
			continue;
		(void)snprintf(name, sizeof(name), "%d", fd);
		(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		key(name);
		begin('{');
		put_text("target", read_link_text(path));
		put_text("kind", file_kind(st.st_mode));
		put_number("device", (long long)st.st_rdev);
		put_number("uid", st.st_uid);
		end('}');
	}
	end('}');
}

static void report_terminal(void)
{
	struct winsize size;
	int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	const char *controlling = tty >= 0 ? "yes" : error_name(errno);

	key("terminal");
	begin('{');
	key("isatty");
	printf("[%d,%d,%d]", isatty(0), isatty(1), isatty(2));
	put_text("controlling", controlling);
	if (ioctl(0, TIOCGWINSZ, &size) == 0) {
		put_number("rows", size.ws_row);
		put_number("columns", size.ws_col);
	}
	end('}');
	if (tty >= 0)
		(void)close(tty);
}

static void report_sysctls(char **names)
{
	key("sysctls");
	begin('{');
	for (; *names; names++) {
		char path[256];

		(void)snprintf(path, sizeof(path), "/proc/sys/%s", *names);
		for (char *c = path + strlen("/proc/sys/"); *c; c++)
			if (*c == '.')
				*c = '/';
		put_text(*names, read_text(path));
	}
	end('}');
}

static void report_process(void)
{
	char cwd[4096];
	mode_t mask = umask(0);
	int death_signal = 0;

	(void)umask(mask);
	(void)prctl(PR_GET_PDEATHSIG, &death_signal);
	put_number("umask", mask);
	put_number("pdeathsig", death_signal);
	put_number("dumpable", prctl(PR_GET_DUMPABLE));
	put_number("no_new_privs", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	put_number("nice", getpriority(PRIO_PROCESS, 0));
	put_number("personality", personality(0xffffffff));
	put_text("cwd", getcwd(cwd, sizeof(cwd)));
	put_text("oom_score_adj", read_text("/proc/self/oom_score_adj"));
	put_text("cgroup", read_text("/proc/self/cgroup"));
	put_text("label", read_text("/proc/self/attr/current"));
	put_text("exe", read_link_text("/proc/self/exe"));
	put_text("session_keyring", read_text("/proc/keys") ? "readable" : NULL);
}

/* The system calls by hand: what the tests ask for is newer than the library's names. */
static void report_scheduling(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attributes = { 0 };
	char *allowed = read_text("/proc/self/status");
	int policy = -1;

	key("scheduling");
	begin('{');
	if (syscall(SYS_sched_getattr, 0, &attributes, (unsigned)sizeof(attributes), 0U) == 0) {
		put_number("policy", attributes.policy);
		put_number("flags", (long long)attributes.flags);
		put_number("nice", attributes.nice);
		put_number("priority", attributes.priority);
		put_number("runtime", (long long)attributes.runtime);
		put_number("deadline", (long long)attributes.deadline);
		put_number("period", (long long)attributes.period);
	}
	put_number("io_priority", syscall(SYS_ioprio_get, 1, 0)); /* IOPRIO_WHO_PROCESS */
	if (syscall(SYS_get_mempolicy, &policy, NULL, 0UL, NULL, 0UL) < 0)
		policy = -1;
	put_number("memory_policy", policy);
	allowed = allowed ? strstr(allowed, "Cpus_allowed_list:") : NULL;
	if (allowed) {
		allowed += strcspn(allowed, "\t") + 1;
		allowed[strcspn(allowed, "\n")] = '\0';
	}
	put_text("cpus", allowed);
	end('}');
}

static int report(char **sysctls)
{
	struct utsname uts;

	(void)uname(&uts);
	begin('{');
	report_ids();
	put_text("hostname", uts.nodename);
	put_text("domainname", uts.domainname);
	put_text("machine", uts.machine);
	report_process();
	report_scheduling();
	report_namespaces();
	report_status();
	report_rlimits();
	report_strings("env", environ);
	report_mounts();
	report_fds();
	report_terminal();
	report_sysctls(sysctls);
	end('}');
	putchar('\n');
	return 0;
}

/* --- actions -----------------------------------------------------------------------------------
 */

static int try_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NOCTTY, 0644);
	int result = 0;
	char byte;

	if (fd < 0)
		return errno;
	if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_DIRECTORY) && read(fd, &byte, 1) < 0)
		result = errno;
	(void)close(fd);
	return result;
}

/* A directory is written to by making something in it. */
static int try_write(const char *path)
{
	struct stat st;
	char probe[4096];
	int result;

	if (stat(path, &st) < 0)
		return errno;
	if (!S_ISDIR(st.st_mode))
		return try_open(path, O_WRONLY);
	(void)snprintf(probe, sizeof(probe), "%s/.written-by-guest", path);
	result = try_open(probe, O_WRONLY | O_CREAT | O_EXCL);
	if (result == 0)
		(void)unlink(probe);
	return result;
}

static int try_exec(const char *path)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		return errno;
	if (pid == 0) {
		(void)execl(path, path, (char *)NULL);
		_exit(errno);
	}
	if (waitpid(pid, &status, 0) < 0)
		return errno;
	return WIFEXITED(status) ? WEXITSTATUS(status) : EINTR;
}

static int try_action(const char *action, const char *path)
{
	if (!strcmp(action, "read"))
		return try_open(path, O_RDONLY | O_NONBLOCK);
	if (!strcmp(action, "write"))
		return try_write(path);
	if (!strcmp(action, "create"))
		return try_open(path, O_WRONLY | O_CREAT);
	if (!strcmp(action, "device"))
		return try_open(path, O_RDONLY | O_NONBLOCK);
	if (!strcmp(action, "list"))
		return try_open(path, O_RDONLY | O_DIRECTORY);
	if (!strcmp(action, "mkdir"))
		return mkdir(path, 0755) < 0 ? errno : 0;
	if (!strcmp(action, "chdir"))
		return chdir(path) < 0 ? errno : 0;
	if (!strcmp(action, "exec"))
		return try_exec(path);
	return EINVAL;
}

static int try_all(char **attempts)
{
	begin('{');
	for (; *attempts; attempts++) {
		char action[32];
		size_t length = strcspn(*attempts, ":");
		int result;

		if ((*attempts)[length] != ':' || length >= sizeof(action))
			return 2;
		(void)snprintf(action, sizeof(action), "%.*s", (int)length, *attempts);
		result = try_action(action, *attempts + length + 1);
		put_text(*attempts, result ? error_name(result) : "ok");
	}
	end('}');
	putchar('\n');
	return 0;
}

/* A number, or the address of the bytes that follow = or, in hexadecimal digits, %. */
static long call_argument(char *text)
{
	char *out = text + 1;

	if (*text == '%') {
		for (const char *in = out; in[0] && in[1]; in += 2) {
			const char digits[] = { in[0], in[1], '\0' };

			*out++ = (char)strtol(digits, NULL, 16);
		}
	}
	return *text == '=' || *text == '%' ? (long)(text + 1) : strtol(text, NULL, 0);
}

static int call(char **words)
{
	long argument[7] = { 0 };
	long result;
	int saved;

	for (int i = 0; *words && strcmp(*words, "--") != 0; words++, i++)
		if (i < 7)
			argument[i] = call_argument(*words);
	errno = 0;
	result = syscall(argument[0], argument[1], argument[2], argument[3], argument[4],
			 argument[5], argument[6]);
	saved = errno;
	printf("{\"result\":%ld,\"errno\":\"%s\"}\n", result, saved ? error_name(saved) : "");
	return *words && words[1] ? call(words + 1) : 0;
}

static void quit(int signal)
{
	(void)signal;
	_exit(0);
}

static _Noreturn void wait_for_term(void)
{
	struct sigaction action = { .sa_handler = quit };

	(void)sigaction(SIGTERM, &action, NULL);
	puts("ready");
	(void)fflush(stdout);
	for (;;)
		(void)pause();
}

static void notify(const char *text)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const char *path = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path ? path : "");
	if (sendto(fd, text, strlen(text), 0, (struct sockaddr *)&address, sizeof(address)) < 0)
		perror("guest: sendto $NOTIFY_SOCKET");
	(void)close(fd);
}

/* Orphans of a double fork: they are reparented to init, or to a subreaper. */
static int leave_orphans(int count)
{
	for (int i = 0; i < count; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (fork() == 0)
				(void)usleep(10000);
			_exit(0);
		}
		if (pid > 0)
			(void)waitpid(pid, NULL, 0);
	}
	(void)usleep(50000);
	return 0;
}

static int copy_input(void)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(0, bytes, sizeof(bytes))) > 0)
		if (write(1, bytes, (size_t)n) != n)
			return 1;
	return n < 0;
}

static int with_number(const char *action, int number)
{
	if (!strcmp(action, "exit"))
		return number;
	if (!strcmp(action, "kill"))
		return raise(number);
	if (!strcmp(action, "zombie"))
		return leave_orphans(number);
	if (!strcmp(action, "sleep"))
		return (int)sleep((unsigned)number);
	(void)fprintf(stderr, "guest: unknown action %s\n", action);
	return 2;
}

int main(int argc, char **argv)
{
	const char *action = argc > 1 ? argv[1] : "report";

	if (!strcmp(action, "report"))
		return report(argv + (argc > 1 ? 2 : 1));
	if (!strcmp(action, "try"))
		return try_all(argv + 2);
	if (!strcmp(action, "xattr") && argc > 4)
		return setxattr(argv[2], argv[3], argv[4], strlen(argv[4]), 0) < 0;
	if (!strcmp(action, "vfork") && argc > 2) {
		/* a parent that can't be stopped: what the test is about */
		if (vfork() == 0) { /* NOLINT(clang-analyzer-*) */
			/* NOLINTNEXTLINE(clang-analyzer-*) */
			sleep((unsigned)strtoul(argv[2], NULL, 10));
			_exit(0);
		}
		return 0;
	}
	if (!strcmp(action, "notify") && argc > 2)
		notify(argv[2]);
	if (!strcmp(action, "wait") || !strcmp(action, "notify"))
		wait_for_term();
	if (!strcmp(action, "cat"))
		return copy_input();
	if (!strcmp(action, "syscall") && argc > 2)
		return call(argv + 2);
	if (!strcmp(action, "args")) {
		begin('{');
		report_strings("args", argv);
		end('}');
		putchar('\n');
		return 0;
	}
	return with_number(action, argc > 2 ? (int)strtol(argv[2], NULL, 10) : 0);
}
