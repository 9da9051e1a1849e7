/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One process's eight namespaces, or those that a configuration asks for.
 *
 * syscalls: readlinkat stat; the plan opens the paths that are to be joined
 */
#include <inttypes.h>
#include <string.h>

#include "runtime/inspect/document.h"
#include "runtime/inspect/namespaces.h"
#include "runtime/inspect/text.h"

int ns_collect(struct document *document, const struct live *live, struct error *err)
{
	struct ns_facts *ns = &document->ns;

	(void)err; /* what can't be read is a fact */
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		uint64_t own;

		ns_read_inode(live, (enum namespace_kind)kind, &ns->inode[kind], &document->arena);
		ns->shared[kind] = fact_is_known(&ns->inode[kind].fact) &&
				   ns_own_inode((enum namespace_kind)kind, &own) == 0 &&
				   own == ns->inode[kind].value;
	}
	return 0;
}

int ns_plan(struct document *document, struct error *err)
{
	const struct container_spec *spec = document->target->config;
	struct ns_facts *ns = &document->ns;
	struct namespace_plan plan;

	if (namespace_plan(spec, &plan, NULL, err) < 0)
		return -1;
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		ns->shared[kind] = !namespace_is_private(&plan, namespace_types[kind].flag);
		ns->inode[kind].fact = fact_absent("it doesn't run");
		ns->plan[kind] = (struct fact_text){ fact_known("config.json#/linux/namespaces"),
						     ns->shared[kind] ? "the caller's" : "new" };
	}
	for (size_t i = 0; i < spec->linux.namespaces.count; i++)
		for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
			if (spec->linux.namespaces.items[i].path &&
			    strcmp(spec->linux.namespaces.items[i].type,
				   namespace_types[kind].type) == 0)
				ns->plan[kind].value = spec->linux.namespaces.items[i].path;
	namespace_plan_close(&plan);
	return 0;
}

void document_ns_text(struct buffer *out, const struct document *document,
		      const struct text_style *style)
{
	const struct ns_facts *ns = &document->ns;

	text_heading(out, "TYPE    NAMESPACE", style);
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		buffer_format(out, "%-7s ", namespace_types[kind].proc_name);
		if (document->planned)
			text_escaped(out, ns->plan[kind].value, style);
		else if (fact_is_known(&ns->inode[kind].fact))
			buffer_format(out, "%" PRIu64 "%s", ns->inode[kind].value,
				      ns->shared[kind] ? "  the caller's" : "");
		else
			text_unknown(out, &ns->inode[kind].fact);
		buffer_add(out, "\n");
	}
	if (document->planned)
		text_how(out, style, "jq .linux.namespaces config.json");
	else
		text_how(out, style, "ls -l /proc/%d/ns", document->target->pid);
	text_source(out, style, document->planned ? &ns->plan[0].fact : &ns->inode[0].fact,
		    "namespaces");
}

void document_ns_json(struct json_out *json, const struct document *document)
{
	const struct ns_facts *ns = &document->ns;

	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		const char *name = namespace_types[kind].proc_name;

		if (document->planned)
			json_fact_text(json, name, &ns->plan[kind]);
		else
			json_fact_uint(json, name, &ns->inode[kind]);
	}
	json_begin_array(json, "shared");
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		if (ns->shared[kind])
			json_string(json, NULL, namespace_types[kind].proc_name);
	json_end_array(json);
}
