/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.args[0]: which file execve(2) gets, looked for in the container while `create` can still
 * fail, with the rights that the process will have. Engines turn the texts of this file into exit
 * codes (docker and podman: 127 for "no such file or directory" and "executable file not found in
 * $PATH", 126 for "permission denied"), so they are literal.
 *
 * The check takes the user's file system ids and groups, setfsuid(2), and of the two capabilities
 * that override file modes those that the configuration gives: faccessat2(2) with AT_EACCESS goes
 * by these (without the flag by the real user id). Afterwards everything is as before.
 *
 * A name is looked up once, as a descriptor without rights over the file (O_PATH), and it is that
 * descriptor which is reopened, once it is known to be a regular file's: nothing of the image is
 * opened that waits or acts when it is opened.
 *
 * No magic link of procfs is followed in a name: what /proc/self/exe and /proc/self/fd/N lead to is
 * the runtime's own (CVE-2019-5736, CVE-2024-21626).
 *
 * syscalls: openat2 fstat faccessat2 openat pread setfsuid setfsgid setgroups getgroups capget
 * capset execve
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"
#include "runtime/process/process.h"

#define SHEBANG_MAX 256	   /* bytes of a script that the kernel looks at (BINPRM_BUF_SIZE) */
#define HEAD_SIZE 4096	   /* bytes of a file that are read: headers and interpreter of most */
#define INTERPRETERS_MAX 5 /* as the kernel's limit of scripts that interpret scripts */

const char *process_reason(int code)
{
	static const struct {
		int code;
		const char *reason;
	} reasons[] = {
		{ ENOENT, "no such file or directory" },
		{ EACCES, "permission denied" },
		{ EPERM, "operation not permitted" },
		{ EISDIR, "is a directory: permission denied" }, /* docker's word, podman's word */
		{ ENOTDIR, "not a directory" },
		{ ENOEXEC, "exec format error" },
		{ E2BIG, "argument list too long" },
		{ ENAMETOOLONG, "file name too long" },
		{ ETXTBSY, "text file busy" },
		{ ELOOP, "too many levels of symbolic links, or a link of procfs to an open file" },
	};

	table_for_each (row, reasons) {
		if (row->code == code)
			return row->reason;
	}
	return error_reason(code);
}

/* --- The rights of the check ------------------------------------------------------------------ */

struct identity {
	bool changed;
	uid_t uid;
	gid_t gid;
	uint64_t effective;
	gid_t *groups;
	bool groups_stay; /* the user namespace denies setgroups(2) */
	int group_count;
};

static bool lists_capability(const struct string_list *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i], name) == 0)
			return true;
	}
	return false;
}

/* CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH where the process won't have them. */
static uint64_t withheld_rights(const struct capabilities_spec *capabilities)
{
	static const char *const overriding[] = { "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH" };
	uint64_t withheld = 0;

	table_for_each (name, overriding) {
		if (!capabilities->present || !lists_capability(&capabilities->effective, *name))
			withheld |= UINT64_C(1) << capability_from_name(*name);
	}
	return withheld;
}

static int save_groups(struct identity *saved)
{
	int count = getgroups(0, NULL);

	if (count < 0)
		return -1;
	saved->groups = calloc((size_t)count + 1, sizeof(gid_t));
	if (!saved->groups)
		return -1;
	saved->group_count = getgroups(count, saved->groups);
	return saved->group_count < 0 ? -1 : 0;
}

/* These two report no error; an impossible id changes nothing, and the present one is returned. */
static bool set_ids(uid_t uid, gid_t gid)
{
	(void)setfsgid(gid);
	(void)setfsuid(uid);
	return (gid_t)setfsgid((gid_t)-1) == gid && (uid_t)setfsuid((uid_t)-1) == uid;
}

static int become_user(const struct process_spec *process, struct identity *saved,
		       struct error *err)
{
	const struct user_spec *user = &process->user;

	if (capabilities_effective(&saved->effective) < 0)
		return error_errno(err, "look for the executable: read capabilities");
	/* who can't change groups has become the user already, or never was another one */
	if (!(saved->effective & UINT64_C(1) << capability_from_name("CAP_SETGID")) ||
	    !(saved->effective & UINT64_C(1) << capability_from_name("CAP_SETUID")))
		return 0;
	if (save_groups(saved) < 0)
		return error_errno(err, "look for the executable: read our groups");
	saved->groups_stay = user->keep_groups || setgroups(user->additional_gids.count,
							    user->additional_gids.items) < 0;
	if (saved->groups_stay && !user->keep_groups &&
	    (errno != EPERM || user->additional_gids.count > 0))
		return error_errno(err, "/process/user/additionalGids: set the groups (does the "
					"user namespace map them, and allow setgroups?)");
	saved->changed = true;
	saved->uid = geteuid();
	saved->gid = getegid();
	if ((user->uid != saved->uid || user->gid != saved->gid) && !set_ids(user->uid, user->gid))
		return error_set(err, "/process/user: %u:%u has no place in this user namespace",
				 user->uid, user->gid);
	if (capabilities_set_effective(saved->effective &
				       ~withheld_rights(&process->capabilities)) < 0)
		return error_errno(err, "look for the executable: set capabilities");
	return 0;
}

/* The ids first: leaving user 0 and coming back moves capabilities, which are then set to what they
 * were. */
static int become_runtime(const struct process_spec *process, const struct identity *saved,
			  struct error *err)
{
	const struct user_spec *user = &process->user;

	if (!saved->changed)
		return 0;
	if ((user->uid != saved->uid || user->gid != saved->gid) &&
	    !set_ids(saved->uid, saved->gid))
		return error_set(err, "look for the executable: can't come back from process.user");
	if (capabilities_set_effective(saved->effective) < 0)
		return error_errno(err, "look for the executable: come back from process.user");
	if (saved->groups_stay || setgroups((size_t)saved->group_count, saved->groups) == 0)
		return 0;
	/* groups of a user's that his new user namespace doesn't map: nothing more needs them */
	if (errno != EINVAL || setgroups(0, NULL) < 0)
		return error_errno(err, "look for the executable: come back from process.user");
	return 0;
}

/* --- One file --------------------------------------------------------------------------------- */

/* 0 and *file (O_PATH) regular, or the errno that execve(2) would end with (EISDIR instead of its
 * EACCES). *there: the way to the file is open, whatever it is. */
static int check_file(const char *path, int *file, bool *there)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	autofd fd = sys_openat2(AT_FDCWD, path, &how);
	struct stat attributes;

	*there = fd >= 0;
	if (fd < 0 || fstat(fd, &attributes) < 0)
		return errno;
	if (S_ISDIR(attributes.st_mode))
		return EISDIR;
	if (!S_ISREG(attributes.st_mode))
		return EACCES;
	/* the system call and not glibc's faccessat(), which may compute an answer of its own */
	if (syscall(SYS_faccessat2, fd, "", X_OK, AT_EACCESS | AT_EMPTY_PATH) < 0) {
		/* a filter that doesn't know the call: execve(2) itself will have to say it */
		if (errno != ENOSYS)
			return errno;
		if (!(attributes.st_mode & 0111))
			return EACCES;
	}
	*file = fd_take(&fd);
	return 0;
}

/* --- What a file needs besides itself --------------------------------------------------------- */

enum kind { KIND_OTHER, KIND_SCRIPT, KIND_ELF };

/* The beginning of a file, and the rest of it where that doesn't suffice. */
struct file_head {
	int fd;
	size_t length;
	unsigned char bytes[HEAD_SIZE];
};

static bool head_read(const struct file_head *head, uint64_t offset, void *into, size_t size)
{
	if (offset <= head->length && size <= head->length - offset) {
		memcpy(into, head->bytes + offset, size);
		return true;
	}
	return offset <= INT64_MAX && pread(head->fd, into, size, (off_t)offset) == (ssize_t)size;
}

/* "#!", blanks, the name up to a blank or the line's end, all within what the kernel looks at. */
static bool script_interpreter(const struct file_head *head, char *interpreter)
{
	size_t limit = head->length < SHEBANG_MAX ? head->length : SHEBANG_MAX;
	size_t from = 2, to;

	while (from < limit && (head->bytes[from] == ' ' || head->bytes[from] == '\t'))
		from++;
	for (to = from; to < limit; to++) {
		if (memchr(" \t\n", head->bytes[to], 4)) /* with the NUL */
			break;
	}
	if (to == from || (to == limit && limit == SHEBANG_MAX))
		return false;
	memcpy(interpreter, head->bytes + from, to - from);
	interpreter[to - from] = '\0';
	return true;
}

struct program_headers {
	uint64_t offset;
	size_t size, count; /* of one; how many */
};

/* elf(5). Only of this machine's byte order; native: only of this machine's own programs, since
 * binfmt_misc may run others in ways that we don't know. */
static bool elf_headers(const struct file_head *head, bool native, struct program_headers *headers)
{
	const ElfW(Ehdr) *vdso = (const ElfW(Ehdr) *)getauxval(AT_SYSINFO_EHDR);
	Elf64_Ehdr elf64;
	Elf32_Ehdr elf32;

	if (!head_read(head, 0, &elf32, sizeof(elf32)) ||
	    !head_read(head, 0, &elf64, sizeof(elf64)))
		return false;
	/* e_ident and e_machine lie at the same place in both */
	if (native && (!vdso || elf64.e_machine != vdso->e_machine))
		return false;
	if (vdso && elf64.e_ident[EI_DATA] != vdso->e_ident[EI_DATA])
		return false;
	if (elf64.e_ident[EI_CLASS] == ELFCLASS64)
		*headers = (struct program_headers){ elf64.e_phoff, sizeof(Elf64_Phdr),
						     elf64.e_phnum };
	else
		*headers = (struct program_headers){ elf32.e_phoff, sizeof(Elf32_Phdr),
						     elf32.e_phnum };
	return headers->count <= HEAD_SIZE / headers->size;
}

static bool elf_interpreter(const struct file_head *head, bool native, char *interpreter)
{
	unsigned char table[HEAD_SIZE];
	struct program_headers headers;

	if (!elf_headers(head, native, &headers) ||
	    !head_read(head, headers.offset, table, headers.count * headers.size))
		return false;
	for (size_t i = 0; i < headers.count; i++) {
		uint64_t offset, size;
		Elf64_Phdr row64;
		Elf32_Phdr row32;

		memcpy(&row32, table + i * headers.size, sizeof(row32));
		if (row32.p_type != PT_INTERP) /* the first member of both */
			continue;
		memcpy(&row64, table + i * headers.size,
		       headers.size < sizeof(row64) ? headers.size : sizeof(row64));
		offset = headers.size == sizeof(row64) ? row64.p_offset : row32.p_offset;
		size = headers.size == sizeof(row64) ? row64.p_filesz : row32.p_filesz;
		if (size < 2 || size > PATH_MAX || !head_read(head, offset, interpreter, size))
			return false;
		return interpreter[size - 1] == '\0';
	}
	return false;
}

/* Reads which program file is run by. What can be executed but not read tells nothing. The name
 * isn't opened: it may have become a FIFO's or a device's. */
static enum kind read_interpreter(int procfs, int file, bool native, char *interpreter)
{
	struct error ignored;
	autofd fd = procfs_reopen(procfs, file, &ignored);
	struct file_head head = { .fd = fd };
	ssize_t length = fd < 0 ? -1 : pread(fd, head.bytes, sizeof(head.bytes), 0);

	if (length < 2)
		return KIND_OTHER;
	head.length = (size_t)length;
	if (memcmp(head.bytes, "#!", 2) == 0)
		return script_interpreter(&head, interpreter) ? KIND_SCRIPT : KIND_OTHER;
	if (head.length >= SELFMAG && memcmp(head.bytes, ELFMAG, SELFMAG) == 0)
		return elf_interpreter(&head, native, interpreter) ? KIND_ELF : KIND_OTHER;
	return KIND_OTHER;
}

/* 0 and nothing said, or the errno and missing (PATH_MAX bytes) the name. */
static int check_interpreters(int procfs, int file, bool native, char *missing)
{
	autofd interpreter = -1;

	for (int i = 0; i < INTERPRETERS_MAX; i++) {
		enum kind kind =
			read_interpreter(procfs, i == 0 ? file : interpreter, native, missing);
		bool there;
		int code;

		fd_close(&interpreter);
		code = kind == KIND_OTHER ? 0 : check_file(missing, &interpreter, &there);
		if (code != 0 || kind != KIND_SCRIPT)
			return code;
	}
	return 0;
}

/* --- The texts -------------------------------------------------------------------------------- */

/* True if no file may be executed where this one lies, whatever its mode says: mount(2),
 * MS_NOEXEC. */
static bool lies_on_noexec(const char *path)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_NO_MAGICLINKS };
	autofd fd = sys_openat2(AT_FDCWD, path, &how);
	struct statvfs attributes;

	return fd >= 0 && fstatvfs(fd, &attributes) == 0 && attributes.f_flag & ST_NOEXEC;
}

static const char *noexec_reason(bool noexec)
{
	return noexec ? ": its file system is mounted with noexec" : "";
}

/* Names are cut so that the reason always fits. */
static int refused(const char *name, int code, struct error *err)
{
	const bool noexec = code == EACCES && lies_on_noexec(name);

	if (code == ENOENT || code == ENOTDIR)
		(void)error_set(err, "exec: \"%.150s\": stat %.150s: %s", name, name,
				process_reason(code));
	else
		(void)error_set(err, "exec: \"%.300s\": %s%s", name, process_reason(code),
				noexec_reason(noexec));
	err->code = code;
	return error_kind(err, noexec				   ? ERROR_EXECUTABLE_NOEXEC
			       : code == ENOENT || code == ENOTDIR ? ERROR_EXECUTABLE_MISSING
								   : ERROR_EXECUTABLE_REFUSED);
}

static int refused_interpreter(const char *name, int code, const char *interpreter,
			       struct error *err)
{
	const size_t length = strcspn(interpreter, "\r");
	const bool dos = strcmp(interpreter + length, "\r") == 0;

	(void)error_set(err, "exec %.150s: %s: its interpreter %.*s%s %s%s", name,
			process_reason(code), dos && length < 200 ? (int)length : 200, interpreter,
			dos ? "\\r" : "", code == ENOENT ? "is missing" : "can't be executed",
			dos ? ": the script's lines end in carriage returns" : "");
	err->code = code;
	return error_kind(err, ERROR_INTERPRETER_MISSING);
}

static int not_found(const char *name, const char *unusable, const char *closed, struct error *err)
{
	if (*closed && !*unusable)
		(void)error_set(err,
				"exec: \"%.150s\": executable file not found in $PATH: access to "
				"%.200s is refused",
				name, closed);
	else if (*unusable)
		(void)error_set(err,
				"exec: \"%.150s\": executable file not found in $PATH: %.200s is "
				"there, but can't be executed%s",
				name, unusable, noexec_reason(lies_on_noexec(unusable)));
	else
		(void)error_set(err, "exec: \"%.300s\": executable file not found in $PATH", name);
	err->code = ENOENT;
	return error_kind(err, ERROR_EXECUTABLE_MISSING);
}

/* --- The search ------------------------------------------------------------------------------- */

static const char *search_path(const char *const *env)
{
	for (; *env; env++) {
		if (string_starts_with(*env, "PATH="))
			return *env + strlen("PATH=");
	}
	return NULL;
}

static bool may_look(const struct executable_watch *watch, const char *path)
{
	return !watch || watch->look(watch->data, path);
}

/* exec(3): each directory of PATH in turn, an empty one is the current directory; what isn't there
 * or can't be executed is passed over. */
static int search(const char *name, const char *const *env, const struct executable_watch *watch,
		  char *path, int *file, struct error *err)
{
	const char *next = search_path(env);
	char unusable[PATH_MAX] = "";
	char closed[PATH_MAX] = "";

	while (next && *name) {
		const char *directory = next;
		size_t length = strcspn(directory, ":");
		int written = snprintf(path, PATH_MAX, "%.*s%s%s", (int)length, directory,
				       length > 0 ? "/" : "", name);
		bool there;
		int code;

		next = directory[length] == ':' ? directory + length + 1 : NULL;
		if (written < 0 || written >= PATH_MAX || !may_look(watch, path))
			continue;
		code = check_file(path, file, &there);
		if (code == 0)
			return 0;
		if (there && !*unusable)
			memcpy(unusable, path, strlen(path) + 1);
		if (!there && code == EACCES && !*closed)
			(void)snprintf(closed, sizeof(closed), "%.*s", (int)length, directory);
	}
	return not_found(name, unusable, closed, err);
}

static int find(const char *name, const char *const *env, int procfs,
		const struct executable_watch *watch, char *path, struct error *err)
{
	char interpreter[PATH_MAX];
	autofd file = -1;
	bool there;
	int code;

	if (!strchr(name, '/')) {
		if (search(name, env, watch, path, &file, err) < 0)
			return -1;
	} else if (!may_look(watch, name)) {
		return error_set(err, "exec: \"%.150s\": is passed over", name);
	} else {
		code = strlen(name) < PATH_MAX ? check_file(name, &file, &there) : ENAMETOOLONG;
		if (code != 0)
			return refused(name, code, err);
		memcpy(path, name, strlen(name) + 1);
	}
	code = check_interpreters(procfs, file, true, interpreter);
	if (code != 0)
		return refused_interpreter(name, code, interpreter, err);
	return 0;
}

int executable_find(const struct process_spec *process, const char *const *env, int procfs,
		    char *path, struct error *err)
{
	return executable_find_watched(process, env, procfs, NULL, path, err);
}

int executable_find_watched(const struct process_spec *process, const char *const *env, int procfs,
			    const struct executable_watch *watch, char *path, struct error *err)
{
	struct identity saved = { 0 };
	struct error coming_back;
	int result = become_user(process, &saved, err);

	if (result == 0)
		result = find(process->args.items[0], env, procfs, watch, path, err);
	/* the first cause is the one to tell */
	if (become_runtime(process, &saved, &coming_back) < 0 && result == 0) {
		*err = coming_back;
		result = -1;
	}
	free(saved.groups);
	return result;
}

int executable_exec(const char *path, const char *const *args, const char *const *env,
		    struct error *err)
{
	char interpreter[PATH_MAX];
	autofd file = -1;
	bool there;
	int code;

	/* execve(2) doesn't write to them; its prototype is older than const */
	(void)execve(path, (char *const *)(uintptr_t)args, (char *const *)(uintptr_t)env);
	code = errno;
	if (code == ENOENT && check_file(path, &file, &there) == 0 &&
	    check_interpreters(-1, file, false, interpreter) != 0)
		return refused_interpreter(path, code, interpreter, err);
	return refused(path, code, err);
}
