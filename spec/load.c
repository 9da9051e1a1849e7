/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json and process documents: text -> tree -> struct -> rules. Where a field comes from and
 * goes to is told in README.md.
 *
 * syscalls: those of malloc(3)
 */
#include "spec/load.h"

#include <string.h>

#include "base/string.h"
#include "base/table.h"
#include "spec/annotations.h"
#include "spec/document.h"
#include "spec/field.h"
#include "spec/validate.h"

/* Annotations that stand for a member. */
static bool is_on(const struct container_spec *spec, const char *name)
{
	const char *value = annotation_value(spec, name);

	return value && !string_equal(value, "0");
}

/* podman's --pids-limit 0 lifts the limit, as with crun; the specification's 0 lets nothing fork.
 */
void spec_derive_resources(const struct container_spec *spec, struct resources_spec *resources)
{
	const char *manager = annotation_value(spec, "io.container.manager");

	if (manager && string_equal(manager, "libpod") && resources->pids.limit.present &&
	    resources->pids.limit.value == 0)
		resources->pids.limit.value = -1;
}

void spec_derive(struct container_spec *spec)
{
	spec_derive_resources(spec, &spec->linux.resources);
	/* podman's and buildah's --group-add keep-groups */
	spec->process.user.keep_groups = is_on(spec, "run.oci.keep_original_groups");
	spec->linux.seccomp.names_must_be_known =
		is_on(spec, "run.oci.seccomp_fail_unknown_syscall");
}

static int load(struct container_spec *spec, const struct document *document, struct error *err)
{
	if (document_load(document, root_fields, spec, &spec->arena, err) < 0)
		return -1;
	if (validate_spec(spec, err) < 0)
		return error_context(err, "%s", document->name);
	spec_derive(spec);
	return 0;
}

static int load_process(struct container_spec *spec, const struct document *document,
			struct error *err)
{
	if (document_load(document, process_fields, &spec->process, &spec->arena, err) < 0)
		return -1;
	spec->process.present = true;
	if (validate_process(&spec->process, "", NULL, err) < 0)
		return error_context(err, "%s", document->name);
	return 0;
}

static int load_mounts(struct container_spec *spec, const struct document *document,
		       struct error *err)
{
	if (document_load(document, mounts_fields, spec, &spec->arena, err) < 0)
		return -1;
	if (validate_mounts(spec, NULL, err) < 0)
		return error_context(err, "%s", document->name);
	return 0;
}

int spec_load(struct container_spec *spec, const char *name, const char *text, size_t length,
	      struct error *err)
{
	const struct document document = { .name = name, .text = text, .length = length };

	*spec = (struct container_spec){ 0 };
	if (load(spec, &document, err) == 0)
		return 0;
	spec_free(spec);
	return error_kind(err, ERROR_CONFIG);
}

int spec_load_process(struct container_spec *spec, const char *name, const char *text,
		      size_t length, struct error *err)
{
	const struct document document = { .name = name, .text = text, .length = length };

	*spec = (struct container_spec){ 0 };
	if (load_process(spec, &document, err) == 0)
		return 0;
	spec_free(spec);
	return error_kind(err, ERROR_CONFIG);
}

int spec_load_mounts(struct container_spec *spec, const char *name, const char *text, size_t length,
		     struct error *err)
{
	size_t blanks = strspn(text, " \t\r\n");
	autobuffer wrapped = { 0 };
	struct document document = { .name = name, .text = text, .length = length };

	*spec = (struct container_spec){ 0 };
	if (blanks < length && text[blanks] == '[') { /* the scanner says no to a NUL in it */
		buffer_add(&wrapped, "{\"mounts\":");
		buffer_add_bytes(&wrapped, text, length);
		buffer_add(&wrapped, "}");
		if (wrapped.failed)
			return error_set(err, "%s: out of memory", name);
		document = (struct document){ .name = name,
					      .text = wrapped.text,
					      .length = wrapped.length };
	}
	if (load_mounts(spec, &document, err) == 0)
		return 0;
	spec_free(spec);
	return error_kind(err, ERROR_CONFIG);
}

int spec_validate_process(const struct process_spec *process, struct error *err)
{
	return validate_process(process, "/process", NULL, err);
}

/* Whole components: "/root/x" is a path of the host, "/process/cwd" is none. */
int spec_name_error(const char *name, struct error *err)
{
	static const char *const heads[] = { "/annotations",  "/domainname", "/hooks",
					     "/hostname",     "/linux",	     "/mounts",
					     "/ociVersion",   "/process",    "/root/path",
					     "/root/readonly" };

	table_for_each (head, heads) {
		const char *rest = err->text + strlen(*head);

		if (!string_starts_with(err->text, *head) || (*rest != '/' && *rest != ':'))
			continue;
		/* neither the system refuses, nor a step that has looked at what there is */
		if (err->kind == ERROR_UNTOLD && err->code == 0 && err->step[0] == '\0')
			(void)error_kind(err, ERROR_CONFIG);
		return error_context(err, "%s", name);
	}
	return -1;
}

void spec_free(struct container_spec *spec)
{
	arena_free(&spec->arena);
	*spec = (struct container_spec){ 0 };
}
