/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The document of `minirun spec`: a text, edited by pointers (RFC 6901), printed, and read back as
 * any other config.json before anybody gets to see it.
 *
 * syscalls: those of malloc(3)
 */
#include "spec/defaults.h"

#define json_bool json_c_bool /* its typedef has the name of a function of spec/json_out.h */
#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#undef json_bool
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "spec/document.h"
#include "spec/json_out.h"
#include "spec/load.h"

/* Capabilities: no ambient and no inheritable set, so that root in the container has these three
 * and a program that another user runs has none. */
static const char document[] =
	"{\"ociVersion\":\"1.3.0\","
	"\"process\":{"
	"\"terminal\":true,"
	"\"user\":{\"uid\":0,\"gid\":0},"
	"\"args\":[\"sh\"],"
	"\"env\":[\"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\","
	"\"TERM=xterm\"],"
	"\"cwd\":\"/\","
	"\"capabilities\":{"
	"\"bounding\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"
	"\"effective\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"],"
	"\"permitted\":[\"CAP_AUDIT_WRITE\",\"CAP_KILL\",\"CAP_NET_BIND_SERVICE\"]},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"hard\":1024,\"soft\":1024}],"
	"\"noNewPrivileges\":true},"
	"\"root\":{\"path\":\"rootfs\",\"readonly\":true},"
	"\"hostname\":\"minirun\","
	"\"mounts\":["
	"{\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\"},"
	"{\"destination\":\"/dev\",\"type\":\"tmpfs\",\"source\":\"tmpfs\","
	"\"options\":[\"nosuid\",\"strictatime\",\"mode=755\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/pts\",\"type\":\"devpts\",\"source\":\"devpts\","
	"\"options\":[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\",\"mode=0620\","
	"\"gid=5\"]},"
	"{\"destination\":\"/dev/shm\",\"type\":\"tmpfs\",\"source\":\"shm\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"mode=1777\",\"size=65536k\"]},"
	"{\"destination\":\"/dev/mqueue\",\"type\":\"mqueue\",\"source\":\"mqueue\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\"]},"
	"{\"destination\":\"/sys\",\"type\":\"sysfs\",\"source\":\"sysfs\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"ro\"]},"
	"{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\","
	"\"options\":[\"nosuid\",\"noexec\",\"nodev\",\"relatime\",\"ro\"]}],"
	"\"linux\":{"
	"\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}]},"
	"\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},{\"type\":\"ipc\"},"
	"{\"type\":\"uts\"},{\"type\":\"mount\"},{\"type\":\"cgroup\"}],"
	"\"maskedPaths\":[\"/proc/acpi\",\"/proc/asound\",\"/proc/kcore\",\"/proc/keys\","
	"\"/proc/latency_stats\",\"/proc/timer_list\",\"/proc/timer_stats\","
	"\"/proc/sched_debug\",\"/proc/scsi\",\"/sys/firmware\"],"
	"\"readonlyPaths\":[\"/proc/bus\",\"/proc/fs\",\"/proc/irq\",\"/proc/sys\","
	"\"/proc/sysrq-trigger\"]}}";

/*
 * What an unprivileged user's container differs in: the host's network (nobody could connect a new
 * one), so the host's /sys too, since sysfs shows a network namespace and can be mounted only by
 * its owner; a user namespace with one id, in which group 5 doesn't exist; no limits.
 */
static const char *const rootless_settings[] = {
	"/linux/namespaces=[{\"type\":\"pid\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},"
	"{\"type\":\"mount\"},{\"type\":\"cgroup\"},{\"type\":\"user\"}]",
	"/mounts/2/options=[\"nosuid\",\"noexec\",\"newinstance\",\"ptmxmode=0666\","
	"\"mode=0620\"]",
	"/mounts/5={\"destination\":\"/sys\",\"type\":\"none\",\"source\":\"/sys\","
	"\"options\":[\"rbind\",\"nosuid\",\"noexec\",\"nodev\",\"ro\"]}",
	"/linux/resources={}",
};

static void put_object(struct json_object **object)
{
	(void)json_object_put(*object); /* says whether it was the last reference: it is */
}

#define autojson __attribute__((cleanup(put_object))) struct json_object

static int fail_memory(struct error *err)
{
	return error_set(err, "memory is exhausted");
}

/* A reference token, ~1 and ~0 undone. False: "~" before something else. */
static bool unescape(char *token)
{
	char *to = token;

	for (const char *from = token; *from; from++) {
		if (*from != '~') {
			*to++ = *from;
		} else if (from[1] == '0' || from[1] == '1') {
			*to++ = from[1] == '0' ? '~' : '/';
			from++;
		} else {
			return false;
		}
	}
	*to = '\0';
	return true;
}

/* The array element that the token names: the length for "-". False: no index in 0..length. */
static bool array_index(const struct json_object *array, const char *token, size_t *index)
{
	uint64_t number;

	*index = json_object_array_length(array);
	if (strcmp(token, "-") == 0)
		return true;
	if (token[0] == '0' && token[1])
		return false; /* RFC 6901: no leading zeros */
	if (!string_to_uint(token, *index, &number))
		return false;
	*index = (size_t)number;
	return true;
}

/* Puts value where token says in parent, which takes it over. */
static int put_value(struct json_object *parent, const char *token, struct json_object *value,
		     struct error *err)
{
	size_t index;
	int result;

	if (json_object_get_type(parent) == json_type_object) {
		result = json_object_object_add(parent, token, value);
	} else if (json_object_get_type(parent) == json_type_array) {
		if (!array_index(parent, token, &index)) {
			(void)json_object_put(value);
			return error_set(err, "\"%s\" isn't an index of the array (nor \"-\")",
					 token);
		}
		result = json_object_array_put_idx(parent, index, value);
	} else {
		(void)json_object_put(value);
		return error_set(err, "\"%s\" is below a value that is no object or array", token);
	}
	if (result == 0)
		return 0;
	(void)json_object_put(value);
	return fail_memory(err);
}

/* What token names in parent, NULL if there is nothing (or null). */
static struct json_object *get_value(struct json_object *parent, const char *token)
{
	size_t index;

	if (json_object_get_type(parent) == json_type_object)
		return json_object_object_get(parent, token);
	if (json_object_get_type(parent) == json_type_array && array_index(parent, token, &index) &&
	    index < json_object_array_length(parent))
		return json_object_array_get_idx(parent, index);
	return NULL;
}

/* One step down; what isn't there becomes an object. */
static struct json_object *descend(struct json_object *parent, const char *token, struct error *err)
{
	struct json_object *child = get_value(parent, token);

	if (child)
		return child;
	child = json_object_new_object();
	if (!child) {
		(void)fail_memory(err);
		return NULL;
	}
	return put_value(parent, token, child, err) < 0 ? NULL : child;
}

/* pointer: "/a/b/c", taken apart in place. Takes value over. */
static int set_value(struct json_object *root, char *pointer, struct json_object *value,
		     struct error *err)
{
	struct json_object *parent = root;
	char *token = pointer + 1;

	for (;;) {
		char *next = strchr(token, '/');

		if (next)
			*next++ = '\0';
		if (!unescape(token)) {
			(void)json_object_put(value);
			return error_set(err, "\"~\" must be written ~0, and \"/\" in a name ~1");
		}
		if (!next)
			return put_value(parent, token, value, err);
		parent = descend(parent, token, err);
		if (!parent) {
			(void)json_object_put(value);
			return -1;
		}
		token = next;
	}
}

static int apply_setting(struct json_object *root, const char *setting, struct error *err)
{
	const char *equals = strchr(setting, '=');
	struct json_object *value;
	autobuffer pointer = { 0 };

	if (!equals || *setting != '/')
		return error_set(err, "expected /POINTER=JSON");
	buffer_add_bytes(&pointer, setting, (size_t)(equals - setting));
	if (pointer.failed)
		return fail_memory(err);
	if (document_parse(equals + 1, strlen(equals + 1), &value, NULL, err) < 0)
		return error_context(err, "the value");
	return set_value(root, pointer.text, value, err);
}

static int apply_settings(struct json_object *root, const char *const *settings, size_t count,
			  struct error *err)
{
	for (size_t i = 0; i < count; i++)
		if (apply_setting(root, settings[i], err) < 0)
			return error_context(err, "setting %.200s", settings[i]);
	return 0;
}

/* Ids need numbers in the text; the container's root is the user. */
static int apply_rootless(struct json_object *root, uid_t uid, gid_t gid, struct error *err)
{
	char uid_mapping[112], gid_mapping[112];
	const char *mappings[] = { uid_mapping, gid_mapping };

	(void)snprintf(uid_mapping, sizeof(uid_mapping),
		       "/linux/uidMappings=[{\"containerID\":0,\"hostID\":%u,\"size\":1}]", uid);
	(void)snprintf(gid_mapping, sizeof(gid_mapping),
		       "/linux/gidMappings=[{\"containerID\":0,\"hostID\":%u,\"size\":1}]", gid);
	if (apply_settings(root, rootless_settings, ARRAY_SIZE(rootless_settings), err) < 0)
		return -1;
	return apply_settings(root, mappings, ARRAY_SIZE(mappings), err);
}

/* A tree that json-c has read, through the one writer. */
static void write_value(struct json_out *json, const char *name, struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		json_null(json, name);
		break;
	case json_type_boolean:
		json_bool(json, name, json_object_get_boolean(value));
		break;
	case json_type_int:
	case json_type_double:
		json_number(json, name, json_object_get_string(value));
		break;
	case json_type_string:
		json_string(json, name, json_object_get_string(value));
		break;
	case json_type_array:
		json_begin_array(json, name);
		for (size_t i = 0; i < json_object_array_length(value); i++)
			write_value(json, NULL, json_object_array_get_idx(value, i));
		json_end_array(json);
		break;
	case json_type_object:
		json_begin_object(json, name);
		json_object_object_foreach(value, key, member)
		{
			write_value(json, key, member);
		}
		json_end_object(json);
		break;
	}
}

/* Printed, and read back as any other config.json. */
static int finish(struct buffer *out, const char *name, struct json_object *root, struct error *err)
{
	struct json_out json = json_out(out, -1);
	const size_t start = out->length;
	autospec check = { 0 };

	write_value(&json, NULL, root);
	buffer_add(out, "\n");
	if (out->failed)
		return fail_memory(err);
	return spec_load(&check, name, out->text + start, out->length - start, err);
}

/* NOLINTNEXTLINE(readability-function-size): seven independent inputs, called once */
int defaults_write(struct buffer *out, bool rootless, uid_t uid, gid_t gid,
		   const char *const *settings, size_t count, struct error *err)
{
	autojson *root = NULL;

	if (document_parse(document, sizeof(document) - 1, &root, NULL, err) < 0)
		return error_context(err, "default document");
	if (rootless && apply_rootless(root, uid, gid, err) < 0)
		return -1;
	if (apply_settings(root, settings, count, err) < 0)
		return -1;
	return finish(out, "config.json", root, err);
}

int defaults_edit(struct buffer *out, const struct config_text *config, const char *const *settings,
		  size_t count, struct error *err)
{
	autojson *root = NULL;

	if (document_parse(config->text, config->length, &root, NULL, err) < 0)
		return error_context(err, "%s", config->name);
	if (json_object_get_type(root) != json_type_object)
		return error_set(err, "%s: expected an object", config->name);
	if (apply_settings(root, settings, count, err) < 0)
		return -1;
	return finish(out, config->name, root, err);
}
