/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.md#annotations, features.md#unsafe-annotations-in-configjson. syscalls: none
 */
#include "spec/annotations.h"

#include "base/string.h"
#include "base/table.h"

#define HANDLER "it runs something else than /process; remove it, or use crun"

const struct annotation known_annotations[] = {
	{ "io.container.manager", false, NULL },
	{ "org.criu.config", false, NULL },
	{ "org.opencontainers.image.stopSignal", false, NULL },
	{ "org.systemd.property.", false, NULL },
	{ "run.oci.handler", true, HANDLER },
	{ "run.oci.hooks.stderr", false, NULL },
	{ "run.oci.hooks.stdout", false, NULL },
	{ "run.oci.keep_original_groups", false, NULL },
	{ "run.oci.mount_context_type", false, NULL },
	{ "run.oci.pidfd_receiver", false, NULL },
	{ "run.oci.seccomp.plugins", true, "an agent behind listenerPath can do the same" },
	{ "run.oci.seccomp.receiver", true, "/linux/seccomp/listenerPath does the same" },
	{ "run.oci.seccomp_bpf_data", true, "/linux/seccomp is what is loaded" },
	{ "run.oci.seccomp_fail_unknown_syscall", false, NULL },
};
const size_t known_annotation_count = ARRAY_SIZE(known_annotations);

const char *annotation_value(const struct container_spec *spec, const char *name)
{
	for (size_t i = 0; i < spec->annotations.count; i++)
		if (string_equal(spec->annotations.items[i].name, name))
			return spec->annotations.items[i].value;
	return NULL;
}

int annotations_check(const struct container_spec *spec, struct report *report, struct error *err)
{
	table_for_each (row, known_annotations) {
		if (!row->refused || !annotation_value(spec, row->name))
			continue;
		(void)error_set(err, "/annotations/%s: isn't supported: %s", row->name, row->cure);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}
