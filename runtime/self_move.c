/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The running program moved to another mount of its file.
 *
 * The kernel changes what /proc/PID/exe leads to only when nothing is mapped from the old file any
 * more. So each segment is put anew over itself: what is only read from the new file, whose bytes
 * are the same; what was written (data, relocated tables) as a copy. One call replaces a segment,
 * so there is no moment at which code or data are missing.
 *
 * syscalls: mmap, mremap, mprotect, prctl
 */
#include "runtime/self_move.h"

#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/sys.h"

struct range {
	uintptr_t start, end;
};

/* The whole pages that hold `size` bytes of a segment. */
static struct range pages(const struct dl_phdr_info *program, const ElfW(Phdr) * segment,
			  size_t size)
{
	const uintptr_t page = (uintptr_t)getpagesize();
	const uintptr_t start = program->dlpi_addr + segment->p_vaddr;

	return (struct range){ start & ~(page - 1), (start + size + page - 1) & ~(page - 1) };
}

static int protection_of(const ElfW(Phdr) * segment)
{
	return (segment->p_flags & PF_R ? PROT_READ : 0) |
	       (segment->p_flags & PF_W ? PROT_WRITE : 0) |
	       (segment->p_flags & PF_X ? PROT_EXEC : 0);
}

/* Word by word: a sanitizer's memcpy(3) would object to the gaps between our variables. */
__attribute__((no_sanitize("address"))) static void copy_words(uintptr_t *to, const uintptr_t *from,
							       size_t size)
{
	for (size_t i = 0; i < size / sizeof(*to); i++)
		to[i] = from[i];
}

static int move_written(struct range place)
{
	const size_t size = place.end - place.start;
	void *copy = mmap(NULL, size, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (copy == MAP_FAILED)
		return -1;
	/* nothing may be written between these two */
	copy_words(copy, (const uintptr_t *)place.start, size);
	if (mremap(copy, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, place.start) == MAP_FAILED)
		return -1;
	return 0;
}

static int move_read(int file, struct range place, const ElfW(Phdr) * segment)
{
	const uintptr_t page = (uintptr_t)getpagesize();
	const off_t offset = (off_t)(segment->p_offset & ~(page - 1));

	if (mmap((void *)place.start, place.end - place.start, protection_of(segment),
		 MAP_PRIVATE | MAP_FIXED, file, offset) == MAP_FAILED)
		return -1;
	return 0;
}

/* What the loader has made read-only after it has relocated it is so again. Its last page may hold
 * variables. */
static int protect_relocated(const struct dl_phdr_info *program, const ElfW(Phdr) * relro)
{
	const uintptr_t page = (uintptr_t)getpagesize();
	const struct range place = pages(program, relro, relro->p_memsz);
	const uintptr_t end = (program->dlpi_addr + relro->p_vaddr + relro->p_memsz) & ~(page - 1);

	return mprotect((void *)place.start, end - place.start, PROT_READ);
}

struct move {
	int file;
	struct range code, data;
};

/* dl_iterate_phdr(3) shows the program before its libraries: a result other than 0 ends it. */
static int move_program(struct dl_phdr_info *program, size_t size, void *context)
{
	struct move *move = context;

	(void)size;
	for (size_t i = 0; i < program->dlpi_phnum; i++) {
		const ElfW(Phdr) *segment = &program->dlpi_phdr[i];
		const struct range place = pages(program, segment, segment->p_filesz);
		int result = 0;

		if (segment->p_type == PT_LOAD && (segment->p_flags & PF_W)) {
			move->data = place;
			result = move_written(place);
		} else if (segment->p_type == PT_LOAD) {
			if (segment->p_flags & PF_X)
				move->code = place;
			result = move_read(move->file, place, segment);
		} else if (segment->p_type == PT_GNU_RELRO) { /* stands after what is loaded */
			result = protect_relocated(program, segment);
		}
		if (result < 0)
			return -1;
	}
	return 1;
}

static uintptr_t end_of(const char *text)
{
	return (uintptr_t)text + strlen(text) + 1;
}

/* The file, and with it all that the kernel knows of a process's memory: arguments and environment
 * as they are (ps shows them), the rest as well as we know. */
static int tell_kernel(const struct move *move, char *const argv[], char *const envp[])
{
	struct prctl_mm_map map = {
		.start_code = move->code.start,
		.end_code = move->code.end,
		.start_data = move->data.start,
		.end_data = move->data.end,
		.start_brk = (uintptr_t)sbrk(0),
		.brk = (uintptr_t)sbrk(0),
		.start_stack = (uintptr_t)argv,
		.arg_start = (uintptr_t)argv[0],
		.exe_fd = (uint32_t)move->file,
	};

	for (; *argv; argv++)
		map.arg_end = end_of(*argv);
	map.env_start = map.env_end = map.arg_end;
	for (; *envp; envp++)
		map.env_end = end_of(*envp);
	return prctl(PR_SET_MM, PR_SET_MM_MAP, &map, sizeof(map), 0);
}

int self_move(int file, char *const argv[], char *const envp[])
{
	struct move move = { .file = file };

	if (!SYS_CAN_MAP_CODE_AGAIN) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if (dl_iterate_phdr(move_program, &move) < 0)
		return -1;
	return tell_kernel(&move, argv, envp);
}
