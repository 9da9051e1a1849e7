/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a program under a seccomp filter that answers some system calls with an error, as filters
 * of container engines, of systemd-nspawn(1) and of sandboxes do.
 *
 *   without ENOSYS|EPERM CALL[,CALL...] PROGRAM [ARG...]
 *
 * Needs CAP_SYS_ADMIN: no_new_privs isn't set, since the container would inherit it. The filter
 * looks at the number only.
 *
 * seccomp(2)
 * syscalls: seccomp execve
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CALLS_MAX 16

static const struct {
	const char *name;
	unsigned number;
} calls[] = {
	{ "clone3", SYS_clone3 },
	{ "close_range", SYS_close_range },
	{ "fsconfig", SYS_fsconfig },
	{ "fsmount", SYS_fsmount },
	{ "fsopen", SYS_fsopen },
	{ "fspick", SYS_fspick },
	{ "keyctl", SYS_keyctl },
	{ "mount_setattr", SYS_mount_setattr },
	{ "move_mount", SYS_move_mount },
	{ "mremap", SYS_mremap },
	{ "open_tree", SYS_open_tree },
	{ "openat2", SYS_openat2 },
	{ "pidfd_getfd", SYS_pidfd_getfd },
	{ "pidfd_open", SYS_pidfd_open },
	{ "pidfd_send_signal", SYS_pidfd_send_signal },
	{ "pivot_root", SYS_pivot_root },
	{ "setns", SYS_setns },
	{ "unshare", SYS_unshare },
};

static _Noreturn void usage(const char *wrong)
{
	(void)fprintf(stderr,
		      "without: %s\nusage: without ENOSYS|EPERM CALL[,CALL...] PROGRAM...\n",
		      wrong);
	exit(2);
}

static unsigned number_of(const char *name)
{
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (strcmp(calls[i].name, name) == 0)
			return calls[i].number;
	}
	usage(name);
}

int main(int argc, char **argv)
{
	struct sock_filter code[CALLS_MAX + 3];
	struct sock_fprog program = { .filter = code };
	unsigned numbers[CALLS_MAX], count = 0;
	unsigned answer;

	if (argc < 4)
		usage("too few arguments");
	if (strcmp(argv[1], "ENOSYS") != 0 && strcmp(argv[1], "EPERM") != 0)
		usage(argv[1]);
	answer = argv[1][1] == 'N' ? ENOSYS : EPERM;
	for (char *name = strtok(argv[2], ","); name; name = strtok(NULL, ",")) {
		if (count == CALLS_MAX)
			usage("too many calls");
		numbers[count++] = number_of(name);
	}
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
							   offsetof(struct seccomp_data, nr));
	for (unsigned i = 0; i < count; i++) /* a hit jumps over the other comparisons and ALLOW */
		code[program.len++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, numbers[i], (unsigned char)(count - i), 0);
	code[program.len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	code[program.len++] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer);
	if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) < 0) {
		perror("without: seccomp");
		return 2;
	}
	(void)execvp(argv[3], argv + 3);
	perror(argv[3]);
	return 2;
}
