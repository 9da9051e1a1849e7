/* SPDX-License-Identifier: Apache-2.0 */
/*
 * floor run ROOTFS CGROUP PROGRAM: the least that the container of `minirun spec` takes. The same
 * namespaces, mounts, nodes, masks, and a cgroup to be born in; no JSON, no state, no device
 * filter, and no care. What a runtime takes more than this is its own choice.
 *
 * floor memory PROGRAM [ARGUMENT...]: runs it and prints its peak resident memory and that of what
 * it has waited for, in KiB. floor true, floor wait: what the containers run.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define FLAGS (MS_NOSUID | MS_NOEXEC | MS_NODEV)
#define NUMBER(list) (sizeof(list) / sizeof((list)[0]))

static const struct {
	const char *type, *at, *options;
	unsigned long flags;
} mounts[] = {
	{ "proc", "proc", "", 0 },
	{ "tmpfs", "dev", "mode=755,size=65536k", MS_NOSUID | MS_STRICTATIME },
	{ "devpts", "dev/pts", "newinstance,ptmxmode=0666,mode=0620,gid=5", MS_NOSUID | MS_NOEXEC },
	{ "tmpfs", "dev/shm", "mode=1777,size=65536k", FLAGS },
	{ "mqueue", "dev/mqueue", "", FLAGS },
	{ "sysfs", "sys", "", FLAGS | MS_RDONLY },
	{ "cgroup2", "sys/fs/cgroup", "", FLAGS | MS_RDONLY },
};

static const struct {
	const char *name;
	unsigned int major, minor;
} nodes[] = { { "dev/null", 1, 3 },   { "dev/zero", 1, 5 },    { "dev/full", 1, 7 },
	      { "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 } };

static const char *const links[][2] = { { "/proc/self/fd", "dev/fd" },
					{ "/proc/self/fd/0", "dev/stdin" },
					{ "/proc/self/fd/1", "dev/stdout" },
					{ "/proc/self/fd/2", "dev/stderr" },
					{ "pts/ptmx", "dev/ptmx" } };

static const char *const masked[] = { "proc/acpi",	  "proc/asound",	"proc/kcore",
				      "proc/keys",	  "proc/latency_stats", "proc/timer_list",
				      "proc/timer_stats", "proc/sched_debug",	"proc/scsi",
				      "sys/firmware" };

static const char *const read_only[] = { "proc/bus", "proc/fs", "proc/irq", "proc/sys",
					 "proc/sysrq-trigger" };

static void must(int result, const char *what)
{
	if (result < 0)
		err(1, "%s", what);
}

static void mask(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return;
	if (S_ISDIR(st.st_mode))
		must(mount("tmpfs", path, "tmpfs", MS_RDONLY, "size=0k"), path);
	else
		must(mount("/dev/null", path, NULL, MS_BIND, NULL), path);
}

static void build(const char *root)
{
	must(mount(NULL, "/", NULL, MS_SLAVE | MS_REC, NULL), "/");
	must(mount(root, root, NULL, MS_BIND | MS_REC, NULL), root);
	must(chdir(root), root);
	umask(0);
	for (size_t i = 0; i < NUMBER(mounts); i++) {
		(void)mkdir(mounts[i].at, 0755);
		must(mount(mounts[i].type, mounts[i].at, mounts[i].type, mounts[i].flags,
			   mounts[i].options),
		     mounts[i].at);
	}
	for (size_t i = 0; i < NUMBER(nodes); i++)
		must(mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)),
		     nodes[i].name);
	for (size_t i = 0; i < NUMBER(links); i++)
		must(symlink(links[i][0], links[i][1]), links[i][1]);
	for (size_t i = 0; i < NUMBER(masked); i++)
		mask(masked[i]);
	for (size_t i = 0; i < NUMBER(read_only); i++)
		if (mount(read_only[i], read_only[i], NULL, MS_BIND | MS_REC, NULL) == 0)
			must(mount(NULL, read_only[i], NULL,
				   MS_REMOUNT | MS_BIND | MS_RDONLY | FLAGS, NULL),
			     read_only[i]);
	must((int)syscall(SYS_pivot_root, ".", "."), "pivot_root");
	must(umount2(".", MNT_DETACH), "umount the old root");
	must(mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL), "/");
	must(sethostname("floor", 5), "sethostname");
	must(chdir("/"), "/");
}

static int end(pid_t pid)
{
	int status = 0;

	must(waitpid(pid, &status, 0), "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(const char *root, const char *cgroup, char *const program[])
{
	struct clone_args args = { .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
					    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP |
					    CLONE_INTO_CGROUP,
				   .exit_signal = SIGCHLD };
	char *const environment[] = { "PATH=/bin", NULL };
	int directory, code;
	pid_t pid;

	must(mkdir(cgroup, 0755), cgroup);
	must(directory = open(cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC), cgroup);
	args.cgroup = (unsigned int)directory;
	must(pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args)), "clone3");
	if (pid == 0) {
		build(root);
		execve(program[0], program, environment);
		err(127, "%s", program[0]);
	}
	code = end(pid);
	must(rmdir(cgroup), cgroup);
	return code;
}

static int memory(char *const program[])
{
	struct rusage usage;
	pid_t pid;
	int code;

	must(pid = fork(), "fork");
	if (pid == 0) {
		execvp(program[0], program);
		err(127, "%s", program[0]);
	}
	code = end(pid);
	must(getrusage(RUSAGE_CHILDREN, &usage), "getrusage");
	dprintf(3, "%ld\n", usage.ru_maxrss);
	return code;
}

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "true") == 0)
		return 0;
	if (argc == 2 && strcmp(argv[1], "wait") == 0)
		return pause();
	if (argc > 2 && strcmp(argv[1], "memory") == 0)
		return memory(argv + 2);
	if (argc > 4 && strcmp(argv[1], "run") == 0)
		return run(argv[2], argv[3], argv + 4);
	errx(2, "usage: floor run ROOTFS CGROUP PROGRAM | memory PROGRAM | true | wait");
}
