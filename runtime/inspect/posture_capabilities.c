/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rights: capabilities(7).
 *
 * syscalls: none
 */
#include "runtime/inspect/posture_rules.h"

#include "base/table.h"
#include "runtime/process/process.h"

static const struct capabilities_spec *capabilities(const struct posture *posture)
{
	return &posture->spec->process.capabilities;
}

static void ambient_without_inheritable(const struct posture *posture)
{
	const struct string_list *ambient = &capabilities(posture)->ambient;

	for (size_t i = 0; i < ambient->count; i++)
		if (!posture_contains(&capabilities(posture)->inheritable, ambient->items[i]) ||
		    !posture_contains(&capabilities(posture)->permitted, ambient->items[i]))
			posture_found(posture,
				      "/process/capabilities/ambient/%zu: %s isn't inheritable and "
				      "permitted: it stays out",
				      i, ambient->items[i]);
}

static void lost_by_execve(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->present && process->user.uid != 0 &&
	    process->capabilities.permitted.count > 0 && process->capabilities.ambient.count == 0)
		posture_found(
			posture,
			"/process/capabilities/permitted: user %u has none of them after execve: "
			"ambient is empty",
			process->user.uid);
}

static void inheritable(const struct posture *posture)
{
	const struct capabilities_spec *sets = capabilities(posture);

	for (size_t i = 0; i < sets->inheritable.count; i++)
		if (!posture_contains(&sets->ambient, sets->inheritable.items[i])) {
			posture_found(posture,
				      "/process/capabilities/inheritable/%zu: %s is for files with "
				      "inheritable capabilities only",
				      i, sets->inheritable.items[i]);
			return;
		}
}

static void unknown_capability(const struct posture *posture)
{
	const struct capabilities_spec *sets = capabilities(posture);
	const struct {
		const char *name;
		const struct string_list *list;
	} all[] = {
		{ "bounding", &sets->bounding },       { "effective", &sets->effective },
		{ "inheritable", &sets->inheritable }, { "permitted", &sets->permitted },
		{ "ambient", &sets->ambient },
	};

	for (size_t a = 0; a < ARRAY_SIZE(all); a++)
		for (size_t i = 0; i < all[a].list->count; i++)
			if (capability_from_name(all[a].list->items[i]) < 0)
				posture_found(
					posture,
					"/process/capabilities/%s/%zu: %s is unknown here, create "
					"leaves it out",
					all[a].name, i, all[a].list->items[i]);
}

/* What reaches the host itself, unless the capability counts in a user namespace only. */
static const struct {
	const char *name, *what;
} host_capabilities[] = {
	{ "CAP_SYS_MODULE", "loads code into the kernel" },
	{ "CAP_SYS_RAWIO", "reads and writes memory and ports of the machine" },
	{ "CAP_DAC_READ_SEARCH", "opens any file of a file system by handle, outside of the root" },
	{ "CAP_SYS_PTRACE", "looks into processes" },
	{ "CAP_SYS_TIME", "sets the machine's clock" },
	{ "CAP_MAC_ADMIN", "changes the security policy" },
	{ "CAP_MAC_OVERRIDE", "is not bound by the security policy" },
	{ "CAP_BPF", "loads programs into the kernel" },
	{ "CAP_PERFMON", "watches the whole machine" },
	{ "CAP_SYSLOG", "reads the kernel's messages and addresses" },
	{ "CAP_SYS_BOOT", "restarts the machine, unless it has a pid namespace" },
	{ "CAP_SYS_RESOURCE", "is not bound by limits" },
};

static void reaches_host(const struct posture *posture)
{
	const struct string_list *bounding = &capabilities(posture)->bounding;

	if (posture_has_namespace(posture, "user"))
		return;
	for (size_t i = 0; i < ARRAY_SIZE(host_capabilities); i++)
		if (posture_contains(bounding, host_capabilities[i].name))
			posture_found(posture, "/process/capabilities/bounding: %s %s",
				      host_capabilities[i].name, host_capabilities[i].what);
}

static void nearly_root(const struct posture *posture)
{
	if (posture_contains(&capabilities(posture)->bounding, "CAP_SYS_ADMIN") &&
	    !posture_has_namespace(posture, "user"))
		posture_found(posture,
			      "/process/capabilities/bounding: CAP_SYS_ADMIN without a user "
			      "namespace is nearly root of the host: mounts, quotas, keys, more");
}

static void admin_of_host_network(const struct posture *posture)
{
	if (posture_contains(&capabilities(posture)->bounding, "CAP_NET_ADMIN") &&
	    !posture_has_namespace(posture, "network") && !posture_has_namespace(posture, "user"))
		posture_found(
			posture,
			"/process/capabilities/bounding: CAP_NET_ADMIN in the host's network: "
			"its addresses, routes and firewall");
}

static void raw_sockets(const struct posture *posture)
{
	if (posture_contains(&capabilities(posture)->bounding, "CAP_NET_RAW"))
		posture_found(posture,
			      "/process/capabilities/bounding: CAP_NET_RAW forges packets of "
			      "others on the same network");
}

static void effective_beyond_permitted(const struct posture *posture)
{
	const struct string_list *effective = &capabilities(posture)->effective;

	for (size_t i = 0; i < effective->count; i++)
		if (!posture_contains(&capabilities(posture)->permitted, effective->items[i]))
			posture_found(
				posture,
				"/process/capabilities/effective/%zu: %s isn't permitted, so it "
				"can't "
				"be effective",
				i, effective->items[i]);
}

static const struct posture_rule rules[] = {
	{ "CAP01", W, nearly_root,
	  "CAP_SYS_ADMIN covers some hundred things, several of which lead out",
	  "leave it out, or add a user namespace", "capabilities(7)" },
	{ "CAP02", W, ambient_without_inheritable,
	  "an ambient capability must be permitted and inheritable",
	  "add it to inheritable and permitted, or take it out of ambient", "capabilities(7)" },
	{ "CAP03", W, effective_beyond_permitted, "effective is a subset of permitted",
	  "add it to permitted, too", "capabilities(7)" },
	{ "CAP04", W, lost_by_execve,
	  "execve of a plain file gives a user other than root only ambient capabilities",
	  "add them to inheritable and ambient", "capabilities(7)" },
	{ "CAP05", N, inheritable,
	  "inheritable isn't 'inherited': it meets the file's inheritable set, which an image may "
	  "have",
	  "leave inheritable to what is ambient", "capabilities(7)" },
	{ "CAP06", W, reaches_host, "the capability isn't bound to a namespace",
	  "leave it out, or add a user namespace", "capabilities(7)" },
	{ "CAP07", W, admin_of_host_network, "the network namespace is the host's",
	  "add a network namespace", "network_namespaces(7)" },
	{ "CAP08", N, raw_sockets, "raw and packet sockets can send anything",
	  "leave it out; ping works by net.ipv4.ping_group_range", "capabilities(7)" },
	{ "CAP09", W, unknown_capability, "the specification wants a warning, not a failure",
	  "correct the name", "config.md#linux-process" },
};

const struct posture_group posture_capabilities = { rules, ARRAY_SIZE(rules) };
