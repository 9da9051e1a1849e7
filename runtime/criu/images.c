/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What lies beside CRIU's images, and what its log says.
 *
 * syscalls: mkdir, rmdir, openat, unlinkat, readlink, read; open_tree, move_mount, mkdirat,
 * symlinkat
 */
#include "runtime/criu/images.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/string.h"
#include "namespaces/detached.h"
#include "spec/document.h"
#include "spec/field.h"
#include "spec/json_out.h"
#include "spec/spec.h"

#define CRIU_FAILED "criu failed"
#define DESCRIPTORS "descriptors.json"
#define OWN_SIZE_MAX 65536 /* of a file of ours */
#define LOG_SIZE_MAX ((size_t)64 << 20)
#define ERRORS_SHOWN 3
#define PARENT "parent" /* CRIU's link to the images of an earlier pre-dump */
#define GENERATIONS_MAX 256

/* --- directories ------------------------------------------------------------------------------ */

/* Counts those that it makes, the last ones of the path. -1: errno. */
static int make_directories(const char *path, int *made)
{
	char prefix[PATH_MAX];
	char *end = prefix;

	if (strlen(path) >= sizeof(prefix)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	(void)strcpy(prefix, path);
	while (*end) {
		char kept;

		end += strspn(end, "/");
		end += strcspn(end, "/");
		kept = *end;
		*end = '\0';
		if (mkdir(prefix, 0700) == 0)
			++*made;
		else if (errno != EEXIST)
			return -1;
		*end = kept;
	}
	return 0;
}

static void forget_directories(const char *path, int made)
{
	char prefix[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof(prefix))
		return;
	memcpy(prefix, path, length + 1);
	for (; made > 0; made--) {
		while (length > 1 && prefix[length - 1] == '/')
			length--;
		prefix[length] = '\0';
		if (rmdir(prefix) < 0)
			return;
		while (length > 0 && prefix[length - 1] != '/')
			length--;
	}
}

static int open_directory(const char *option, const char *path, bool make, int *made,
			  struct error *err)
{
	int dir;

	if (!*path)
		return error_of_kind(err, ERROR_USAGE, "%s: is empty", option);
	if (make && make_directories(path, made) < 0)
		return error_errno(err, "%s %s", option, path);
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? error_errno(err, "%s %s", option, path) : dir;
}

int criu_images_open(struct criu_images *images, bool make, struct error *err)
{
	int work;

	images->dir = open_directory("--image-path", images->path, make, &images->made, err);
	if (images->dir < 0)
		return -1;
	if (images->work_path) {
		images->work = open_directory("--work-path", images->work_path, true,
					      &images->work_made, err);
		if (images->work < 0)
			return -1;
	}
	work = images->work >= 0 ? images->work : images->dir;
	if (unlinkat(work, images->log_name, 0) < 0 && errno != ENOENT)
		return error_errno(err, "remove the older %s", images->log_name);
	return 0;
}

void criu_images_close(struct criu_images *images)
{
	fd_close(&images->dir);
	fd_close(&images->work);
}

void criu_images_forget(const struct criu_images *images)
{
	if (images->work_path)
		forget_directories(images->work_path, images->work_made);
	forget_directories(images->path, images->made);
}

/* --- for a user namespace --------------------------------------------------------------------- */

static int stage_image(int images, int place, const char *name, struct error *err)
{
	struct stat st;
	autofd mount = -1;
	autofd target = -1;

	if (fstatat(images, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, "image %s", name);
	if (!S_ISREG(st.st_mode))
		return 0;
	mount = detached_clone(images, name, AT_SYMLINK_NOFOLLOW);
	target = openat(place, name, O_RDONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (mount < 0 || target < 0 || detached_attach(mount, target) < 0)
		return error_errno(err, "show image %s to the container's root", name);
	return 0;
}

static int stage_directory(int images, int place, struct error *err)
{
	autofd own = openat(images, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir dir = own < 0 ? NULL : fdopendir(own);
	const struct dirent *entry;

	if (!dir)
		return error_errno(err, "list the images");
	(void)fd_take(&own); /* the stream's now */
	while ((entry = readdir(dir)))
		if (stage_image(images, place, entry->d_name, err) < 0)
			return -1;
	return 0;
}

/* One generation of images. 1: there is an earlier one, *images is it now. */
static int stage_generation(int *images, int top, int number, struct error *err)
{
	char name[24], link[32];
	autofd place = -1;
	int parent;

	(void)snprintf(name, sizeof(name), "images%d", number);
	if (mkdirat(top, name, 0711) < 0)
		return error_errno(err, "place for the images");
	place = openat(top, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place < 0 || fchmod(place, 0711) < 0) /* whatever the umask */
		return error_errno(err, "place for the images");
	if (stage_directory(*images, place, err) < 0)
		return -1;
	parent = openat(*images, PARENT, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return 0;
	fd_close(images);
	*images = parent;
	(void)snprintf(link, sizeof(link), "../images%d", number + 1);
	if (symlinkat(link, place, PARENT) < 0)
		return error_errno(err, "link to the earlier images");
	return 1;
}

int criu_images_stage(int images, const char *stage, struct error *err)
{
	autofd top = open(stage, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autofd generation = fcntl(images, F_DUPFD_CLOEXEC, 3);
	int more = 1, dir;

	if (top < 0 || generation < 0)
		return error_errno(err, "place for the images");
	for (int number = 0; more == 1; number++) {
		if (number == GENERATIONS_MAX)
			return error_set(err, "the images have more than %d earlier ones",
					 GENERATIONS_MAX);
		more = stage_generation(&generation, top, number, err);
	}
	if (more < 0)
		return -1;
	dir = openat(top, "images0", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? error_errno(err, "place for the images") : dir;
}

/* --- log -------------------------------------------------------------------------------------- */

/* "(00.12) pie: 7: Error (criu/x.c:1): no" becomes "(criu/x.c:1): no". */
static const char *error_text(const char *line, size_t length)
{
	const char *found = memmem(line, length, "Error (", strlen("Error ("));

	return found ? found + strlen("Error ") : NULL;
}

/* The last words of each failed run; they say nothing else. */
static bool is_epitaph(const char *text, size_t length)
{
	return memmem(text, length, "ing FAILED", strlen("ing FAILED")) != NULL;
}

bool criu_log_errors(const char *log, char *text, size_t size)
{
	struct {
		const char *text;
		size_t length;
	} last[ERRORS_SHOWN];
	size_t count = 0, used = 0;

	for (const char *line = log; *line;) {
		const size_t length = strcspn(line, "\n");
		const char *found = error_text(line, length);
		const size_t rest = found ? (size_t)(line + length - found) : 0;

		if (found && !is_epitaph(found, rest)) {
			last[count % ERRORS_SHOWN].text = found;
			last[count++ % ERRORS_SHOWN].length = rest;
		}
		line += length + (line[length] == '\n');
	}
	text[0] = '\0';
	for (size_t i = count > ERRORS_SHOWN ? count - ERRORS_SHOWN : 0; i < count; i++) {
		const size_t length = last[i % ERRORS_SHOWN].length;

		used += (size_t)snprintf(text + used, size - used, "%s%.*s", used ? "; " : "",
					 (int)length, last[i % ERRORS_SHOWN].text);
		if (used >= size) /* cut */
			break;
	}
	for (char *at = text; *at; at++)
		if (!isprint((unsigned char)*at))
			*at = '?';
	return count > 0;
}

int criu_images_explain(const struct criu_images *images, struct error *err)
{
	const int dir = images->work >= 0 ? images->work : images->dir;
	const char *path = images->work_path ? images->work_path : images->path;
	autofd fd = openat(dir, images->log_name,
			   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct error cause = *err;
	autofree char *log = NULL;
	char errors[260];

	if (fd < 0 || fd_read_all(fd, LOG_SIZE_MAX, &log, NULL) < 0)
		return error_context(err, "criu has written no %s in %s", images->log_name, path);
	if (!criu_log_errors(log, errors, sizeof(errors)))
		(void)snprintf(errors, sizeof(errors), "no line there says why");
	else if (string_starts_with(cause.text, CRIU_FAILED)) /* its message is from there */
		cause.text[strlen(CRIU_FAILED)] = '\0';
	(void)error_set(err, "%.80s: %s (log file: %s/%s)", cause.text, errors, path,
			images->log_name);
	err->code = cause.code;
	return -1;
}

/* --- descriptors.json ------------------------------------------------------------------------- */

int criu_write_descriptors(const struct criu_images *images, pid_t pid, struct error *err)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 0);

	json_begin_array(&json, NULL);
	for (int fd = 0; fd <= 2; fd++) {
		char name[48], target[512];
		ssize_t length;

		(void)snprintf(name, sizeof(name), "/proc/%d/fd/%d", pid, fd);
		length = readlink(name, target, sizeof(target) - 1);
		if (length < 0 && errno != ENOENT)
			return error_errno(err, "descriptor %d of process %d", fd, pid);
		target[length < 0 ? 0 : length] = '\0';
		/* no other name is of use, and any byte may be in one */
		json_string(&json, NULL, criu_is_inheritable(target) ? target : "");
	}
	json_end_array(&json);
	if (out.failed)
		return error_code(err, ENOMEM, DESCRIPTORS);
	return file_replace_at(images->dir, DESCRIPTORS, out.text, out.length, 0600, 0, err);
}

bool criu_is_inheritable(const char *name)
{
	static const char *const kinds[] = { "pipe:[", "socket:[" };

	for (size_t i = 0; i < 2; i++) {
		const char *digits = name + strlen(kinds[i]);
		size_t count;

		if (!string_starts_with(name, kinds[i]))
			continue;
		count = strspn(digits, "0123456789");
		return count > 0 && count <= 20 && strcmp(digits + count, "]") == 0;
	}
	return false;
}

struct descriptors {
	struct string_list names;
};
static const struct field descriptors_fields[] = {
	{ FIELD("descriptors", struct descriptors, names) },
	{ .kind = FIELD_END },
};

int criu_images_read(const struct criu_images *images, const char *name, char **text,
		     size_t *length, struct error *err)
{
	autofd fd = openat(images->dir, name,
			   O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	*text = NULL;
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, "%s/%s", images->path, name);
	if (!S_ISREG(st.st_mode))
		return error_set(err, "%s/%s: is no regular file", images->path, name);
	if (fd_read_all(fd, OWN_SIZE_MAX, text, length) < 0)
		return error_errno(err, "%s/%s", images->path, name);
	return 0;
}

int criu_read_descriptors(const struct criu_images *images, struct criu_options *options,
			  struct arena *arena, struct error *err)
{
	struct descriptors descriptors = { 0 };
	autofree char *text = NULL;
	autobuffer object = { 0 };
	struct document document = { .name = DESCRIPTORS };

	if (criu_images_read(images, DESCRIPTORS, &text, NULL, err) < 0)
		return -1;
	if (!text)
		return 0;
	/* the reader of documents knows objects only */
	buffer_format(&object, "{\"descriptors\":%s}", text);
	if (object.failed)
		return error_code(err, ENOMEM, DESCRIPTORS);
	document.text = object.text;
	document.length = object.length;
	if (document_load(&document, descriptors_fields, &descriptors, arena, err) < 0)
		return -1;
	for (size_t fd = 0; fd < descriptors.names.count && fd <= 2; fd++) {
		const char *name = descriptors.names.items[fd];

		if (criu_is_inheritable(name))
			options->inherited[options->inherited_count++] =
				(struct criu_inherited){ name, (int32_t)fd };
	}
	return 0;
}
