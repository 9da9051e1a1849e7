/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule: the default document with some members set, and the error it must give or none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/string.h"
#include "base/table.h"
#include "spec/defaults.h"
#include "spec/validate.h"

#define NAMESPACES "/linux/namespaces="
#define WITHOUT_MOUNT NAMESPACES "[{\"type\":\"uts\"}]"
#define BARE_PATHS "/linux/maskedPaths=[]", "/linux/readonlyPaths=[]"
#define USER_NAMESPACE "/linux/namespaces/-={\"type\":\"user\"}"
#define MAPPING(container, host, size)                                                             \
	"{\"containerID\":" container ",\"hostID\":" host ",\"size\":" size "}"
#define MAPPINGS(list) "/linux/uidMappings=[" list "]", "/linux/gidMappings=[" list "]"
#define SYSCALL(members) "/linux/seccomp/syscalls=[{\"names\":[\"read\"]," members "}]"
#define SECCOMP "/linux/seccomp/defaultAction=\"SCMP_ACT_ALLOW\""
#define RESOURCES "/linux/resources/"

struct rule_case {
	const char *error; /* without "config.json: "; NULL: accepted */
	const char *settings[6];
};

static void check(const struct rule_case *one)
{
	autobuffer out = { 0 };
	struct error err = { .text = "config.json: " };
	size_t count = 0;

	while (count < ARRAY_SIZE(one->settings) && one->settings[count])
		count++;
	if (defaults_write(&out, false, 0, 0, one->settings, count, &err) == 0) {
		if (one->error)
			fail_msg("%s: accepted", one->settings[0]);
		return;
	}
	if (!one->error)
		fail_msg("%s: refused: %s", one->settings[0], err.text);
	if (strncmp(err.text, "config.json: ", 13) != 0 ||
	    strncmp(err.text + 13, one->error, strlen(one->error)) != 0)
		fail_msg("%s: got \"%s\"", one->settings[0], err.text);
}

#define CHECK_ALL(cases)                                                                           \
	table_for_each (one, cases)                                                                \
	check(one)

static void versions_are_semver_1(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/ociVersion=\"1.0.0\"" } },
		{ NULL, { "/ociVersion=\"1.0.2-dev\"" } },
		{ NULL, { "/ociVersion=\"1.3.0-rc.1\"" } },
		{ NULL, { "/ociVersion=\"1.2.0+dev\"" } },
		{ NULL, { "/ociVersion=\"1.99.0-a.0a.-+001.b\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"1.0\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"abc\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"1.0.0.0\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"1.00.0\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"1.0.0-\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"1.0.0-01\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"1.0.0+\"" } },
		{ "/ociVersion: must be a version", { "/ociVersion=\"v1.0.0\"" } },
		{ "/ociVersion: 2.0.0 isn't supported", { "/ociVersion=\"2.0.0\"" } },
		{ "/ociVersion: 0.9.0 isn't supported", { "/ociVersion=\"0.9.0\"" } },
		{ "/ociVersion: expected a string", { "/ociVersion=1" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void namespaces_occur_once(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/linux/namespaces/-={\"type\":\"time\"}" } },
		{ NULL, { "/linux/namespaces/1={\"type\":\"network\",\"path\":\"/run/n\"}" } },
		{ "/linux/namespaces/6: type pid occurs twice",
		  { "/linux/namespaces/-={\"type\":\"pid\"}" } },
		{ "/linux/namespaces/6: type network occurs twice",
		  { "/linux/namespaces/-={\"type\":\"network\",\"path\":\"/n\"}" } },
		{ "/linux/namespaces/1/path: must be an absolute path",
		  { "/linux/namespaces/1/path=\"run/n\"" } },
		{ NULL, { "/linux/namespaces/1/path=\"\"" } },
		{ "/linux/namespaces/6/type: expected mount, pid,",
		  { "/linux/namespaces/-={\"type\":\"net\"}" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void the_root_is_required_and_read_only_in_its_own_mounts(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/root/readonly=false" } },
		{ NULL, { "/root/readonly=false", "/mounts=[]", BARE_PATHS, WITHOUT_MOUNT } },
		{ "/root/readonly: needs a mount namespace",
		  { "/mounts=[]", BARE_PATHS, WITHOUT_MOUNT } },
		{ "/root: expected an object, found null", { "/root=null" } },
		{ "/root/path: is required but missing", { "/root={}" } },
		{ "/root/path: must not be empty", { "/root/path=\"\"" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void mounts_need_a_mount_namespace_and_a_destination(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/mounts/-={\"destination\":\"data\",\"type\":\"tmpfs\"}" } },
		{ NULL, { "/mounts/0/uidMappings=[]" } },
		{ "/mounts: needs a mount namespace",
		  { "/root/readonly=false", BARE_PATHS, WITHOUT_MOUNT } },
		{ "/mounts/7/destination: is required", { "/mounts/-={\"type\":\"tmpfs\"}" } },
		{ "/mounts/7/destination: must not be empty",
		  { "/mounts/-={\"destination\":\"\"}" } },
		{ "/mounts/0/uidMappings/0/containerID: is required",
		  { "/mounts/0/uidMappings=[{}]" } },
		{ "/mounts/0/uidMappings: needs gidMappings as well",
		  { "/mounts/0/uidMappings=[" MAPPING("0", "1", "1") "]" } },
		{ "/mounts/0/gidMappings: needs uidMappings as well",
		  { "/mounts/0/gidMappings=[" MAPPING("0", "1", "1") "]" } },
		{ "/mounts/0/gidMappings/0/size: must not be 0",
		  { "/mounts/0/uidMappings=[" MAPPING("0", "1", "1") "]",
		    "/mounts/0/gidMappings=[" MAPPING("0", "1", "0") "]" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void a_process_has_a_program_and_an_absolute_cwd(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/process=null" } },
		{ NULL, { "/process/args=[\"a\",\"\"]" } },
		{ "/process/args: needs at least one entry", { "/process/args=[]" } },
		{ "/process/args: needs at least one entry", { "/process/args=null" } },
		{ "/process/cwd: must be an absolute path", { "/process/cwd=\"\"" } },
		{ "/process/cwd: must be an absolute path", { "/process/cwd=\"a/b\"" } },
		{ "/process/cwd: expected a string, found null", { "/process/cwd=null" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void an_environment_is_names_with_values(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/process/env=[\"A=\",\"A=b=c\",\"B=x\\ny\"]" } },
		{ "/process/env/1: must be NAME=VALUE, has no \"=\"",
		  { "/process/env=[\"A=\",\"HOME\"]" } },
		{ "/process/env/0: must be NAME=VALUE, has no \"=\"", { "/process/env=[\"\"]" } },
		{ "/process/env/0: must be NAME=VALUE, has no name", { "/process/env=[\"=x\"]" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void no_id_is_4294967295(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/process/user/gid=4294967294" } },
		{ "/process/user/uid: 4294967295 isn't an id", { "/process/user/uid=4294967295" } },
		{ "/process/user/gid: 4294967295 isn't an id", { "/process/user/gid=4294967295" } },
		{ "/process/user/additionalGids/1: 4294967295 isn't an id",
		  { "/process/user/additionalGids=[5,4294967295]" } },
		{ "/linux/devices/0/uid: expected an integer from 0 to 4294967294",
		  { "/linux/devices=[{\"type\":\"p\",\"path\":\"/p\",\"uid\":4294967295}]" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void the_console_size_counts_only_with_a_terminal(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/process/consoleSize={\"height\":65535,\"width\":65535}" } },
		{ NULL,
		  { "/process/terminal=false",
		    "/process/consoleSize={\"height\":65536,\"width\":65536}" } },
		{ "/process/consoleSize/height: more than 65535",
		  { "/process/consoleSize={\"height\":65536,\"width\":1}" } },
		{ "/process/consoleSize/width: more than 65535",
		  { "/process/consoleSize={\"height\":1,\"width\":65536}" } },
		{ "/process/consoleSize/width: is required",
		  { "/process/consoleSize={\"height\":1}" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void names_need_a_uts_namespace(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/domainname=\"d\"" } },
		{ NULL, { "/linux/namespaces/3={\"type\":\"uts\",\"path\":\"/u\"}" } },
		{ NULL, { "/hostname=null", "/linux/namespaces/3={\"type\":\"time\"}" } },
		{ "/hostname: needs a uts namespace",
		  { "/linux/namespaces/3={\"type\":\"time\"}" } },
		{ "/domainname: needs a uts namespace",
		  { "/hostname=\"\"", "/domainname=\"d\"",
		    "/linux/namespaces/3={\"type\":\"time\"}" } },
		{ "/hostname: longer than 64 bytes",
		  { "/hostname="
		    "\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\"" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void hooks_have_absolute_paths_and_positive_timeouts(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/hooks={}" } },
		{ NULL, { "/hooks/prestart=[{\"path\":\"/h\",\"timeout\":1,\"env\":[\"A=b\"]}]" } },
		{ "/hooks/poststop/0/path: is required", { "/hooks/poststop=[{}]" } },
		{ "/hooks/createRuntime/0/path: must be an absolute path",
		  { "/hooks/createRuntime=[{\"path\":\"h\"}]" } },
		{ "/hooks/startContainer/0/timeout: expected an integer from 1",
		  { "/hooks/startContainer=[{\"path\":\"/h\",\"timeout\":0}]" } },
		{ "/hooks/poststart/0/timeout: expected an integer from 1",
		  { "/hooks/poststart=[{\"path\":\"/h\",\"timeout\":-1}]" } },
		{ "/hooks/createContainer/1/env/0: must be NAME=VALUE",
		  { "/hooks/createContainer=[{\"path\":\"/h\"},{\"path\":\"/"
		    "h\",\"env\":[\"A\"]}]" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void id_mappings_are_whole_and_apart(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { USER_NAMESPACE, MAPPINGS(MAPPING("0", "100000", "65536")) } },
		{ NULL,
		  { USER_NAMESPACE,
		    MAPPINGS(MAPPING("0", "1", "1000") "," MAPPING("1000", "0", "1") "," MAPPING(
			    "1001", "1001", "64536")) } },
		{ NULL, { USER_NAMESPACE, MAPPINGS(MAPPING("0", "0", "4294967295")) } },
		{ NULL, { "/linux/namespaces/-={\"type\":\"user\",\"path\":\"/u\"}" } },
		{ NULL, { USER_NAMESPACE } },
		{ "/linux/gidMappings: is missing",
		  { USER_NAMESPACE, "/linux/uidMappings=[" MAPPING("0", "1", "1") "]" } },
		{ "/linux/uidMappings: is missing",
		  { USER_NAMESPACE, "/linux/gidMappings=[" MAPPING("0", "1", "1") "]" } },
		{ "/linux/uidMappings: needs a user namespace",
		  { MAPPINGS(MAPPING("0", "1", "1")) } },
		{ "/linux/gidMappings: needs a user namespace",
		  { "/linux/gidMappings=[" MAPPING("0", "1", "1") "]" } },
		{ "/linux/uidMappings/0/size: must not be 0",
		  { USER_NAMESPACE, MAPPINGS(MAPPING("0", "1", "0")) } },
		{ "/linux/uidMappings/0: containerID + size",
		  { USER_NAMESPACE, MAPPINGS(MAPPING("1", "0", "4294967295")) } },
		{ "/linux/uidMappings/0: hostID + size",
		  { USER_NAMESPACE, MAPPINGS(MAPPING("0", "4294967295", "1")) } },
		{ "/linux/uidMappings/1: overlaps entry 0 in the container",
		  { USER_NAMESPACE,
		    MAPPINGS(MAPPING("0", "100", "10") "," MAPPING("9", "200", "1")) } },
		{ "/linux/uidMappings/1: overlaps entry 0 on the host",
		  { USER_NAMESPACE,
		    MAPPINGS(MAPPING("0", "100", "10") "," MAPPING("10", "109", "1")) } },
	};

	(void)state;
	CHECK_ALL(cases);
}

/* count entries one id apart, so that only their number can be wrong. */
static void expect_mappings(size_t count, const char *error)
{
	autobuffer uids = { 0 }, gids = { 0 };
	struct rule_case one = { .error = error };

	buffer_add(&uids, "/linux/uidMappings=[");
	for (size_t i = 0; i < count; i++)
		buffer_format(&uids, "%s{\"containerID\":%zu,\"hostID\":%zu,\"size\":1}",
			      i ? "," : "", i, i);
	buffer_add(&uids, "]");
	buffer_add(&gids, "/linux/gidMappings=[" MAPPING("0", "0", "1") "]");
	one.settings[0] = USER_NAMESPACE;
	one.settings[1] = uids.text;
	one.settings[2] = gids.text;
	check(&one);
}

static void more_than_340_id_mappings_are_refused(void **state)
{
	(void)state;
	expect_mappings(340, NULL);
	expect_mappings(341, "/linux/uidMappings: 341 entries, the kernel takes at most 340");
}

static void time_offsets_need_a_new_time_namespace(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/linux/timeOffsets={}" } },
		{ NULL,
		  { "/linux/namespaces/-={\"type\":\"time\"}",
		    "/linux/timeOffsets/boottime={\"secs\":-5,\"nanosecs\":999999999}" } },
		{ "/linux/timeOffsets: needs a time namespace",
		  { "/linux/timeOffsets/monotonic={\"secs\":1}" } },
		{ "/linux/timeOffsets: the time namespace is joined by path",
		  { "/linux/namespaces/-={\"type\":\"time\",\"path\":\"/t\"}",
		    "/linux/timeOffsets/monotonic={\"secs\":1}" } },
		{ "/linux/timeOffsets/monotonic/nanosecs: expected an integer from 0 to 999999999",
		  { "/linux/namespaces/-={\"type\":\"time\"}",
		    "/linux/timeOffsets/monotonic={\"nanosecs\":1000000000}" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void devices_are_complete(void **state)
{
#define DEVICE(members) "/linux/devices=[{\"path\":\"/dev/x\"," members "}]"
	static const struct rule_case cases[] = {
		{ NULL, { DEVICE("\"type\":\"c\",\"major\":1,\"minor\":3") } },
		{ NULL, { DEVICE("\"type\":\"u\",\"major\":1,\"minor\":3,\"fileMode\":8630") } },
		{ NULL, { DEVICE("\"type\":\"b\",\"major\":8,\"minor\":0,\"fileMode\":24992") } },
		{ NULL, { DEVICE("\"type\":\"p\"") } },
		{ "/linux/devices/0/major: is required", { DEVICE("\"type\":\"c\",\"minor\":3") } },
		{ "/linux/devices/0/minor: is required", { DEVICE("\"type\":\"b\",\"major\":3") } },
		{ "/linux/devices/0/type: expected c, b, u, p", { DEVICE("\"type\":\"x\"") } },
		{ "/linux/devices/0/type: is required", { "/linux/devices=[{\"path\":\"/x\"}]" } },
		{ "/linux/devices/0/path: is required", { "/linux/devices=[{\"type\":\"p\"}]" } },
		{ "/linux/devices/0/path: must be an absolute path",
		  { "/linux/devices=[{\"type\":\"p\",\"path\":\"dev/x\"}]" } },
		{ "/linux/devices/0/fileMode: its type bits",
		  { DEVICE("\"type\":\"b\",\"major\":8,\"minor\":0,\"fileMode\":8630") } },
		{ "/linux/devices/0/fileMode: expected an integer from 0 to 65535",
		  { DEVICE("\"type\":\"p\",\"fileMode\":65536") } },
		{ "/linux/devices/0/major: expected an integer from 0 to 4095",
		  { DEVICE("\"type\":\"c\",\"major\":4096,\"minor\":3") } },
		{ "/linux/devices/0/minor: expected an integer from 0 to 1048575",
		  { DEVICE("\"type\":\"c\",\"major\":1,\"minor\":-1") } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void hidden_paths_are_absolute_and_need_a_mount_namespace(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { BARE_PATHS } },
		{ "/linux/maskedPaths/0: must be an absolute path",
		  { "/linux/maskedPaths=[\"proc/kcore\"]" } },
		{ "/linux/readonlyPaths/1: must be an absolute path",
		  { "/linux/readonlyPaths=[\"/a\",\"\"]" } },
		{ "/linux/maskedPaths: needs a mount namespace",
		  { "/root/readonly=false", "/mounts=[]", WITHOUT_MOUNT } },
		{ "/linux/readonlyPaths: needs a mount namespace",
		  { "/root/readonly=false", "/mounts=[]", "/linux/maskedPaths=[]",
		    WITHOUT_MOUNT } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void propagation_is_one_of_the_kernels(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/linux/rootfsPropagation=\"shared\"" } },
		{ NULL, { "/linux/rootfsPropagation=\"rslave\"" } },
		{ "/linux/rootfsPropagation: expected private",
		  { "/linux/rootfsPropagation=\"\"" } },
		{ "/linux/rootfsPropagation: expected private, rprivate,",
		  { "/linux/rootfsPropagation=\"public\"" } },
		{ "/linux/rootfsPropagation: needs a mount namespace",
		  { "/linux/rootfsPropagation=\"slave\"", "/root/readonly=false", "/mounts=[]",
		    BARE_PATHS, WITHOUT_MOUNT } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void a_cgroups_path_does_not_climb(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/linux/cgroupsPath=\"/a/b\"" } },
		{ NULL, { "/linux/cgroupsPath=\"system.slice:minirun:x\"" } },
		{ NULL, { "/linux/cgroupsPath=\"a/..b/...\"" } },
		{ "/linux/cgroupsPath: must not contain", { "/linux/cgroupsPath=\"..\"" } },
		{ "/linux/cgroupsPath: must not contain", { "/linux/cgroupsPath=\"/a/../b\"" } },
		{ "/linux/cgroupsPath: must not contain", { "/linux/cgroupsPath=\"/a//..\"" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void keys_are_not_empty(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/annotations={\"a\":\"\"}" } },
		{ NULL, { "/linux/sysctl={\"net.ipv4.ip_forward\":\"1\"}" } },
		{ "/annotations/: must not be empty", { "/annotations={\"\":\"x\"}" } },
		{ "/annotations/a: expected a string", { "/annotations={\"a\":1}" } },
		{ "/annotations: expected an object of strings", { "/annotations=[]" } },
		{ "/linux/sysctl/: must not be empty", { "/linux/sysctl={\"\":\"x\"}" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void seccomp_rules_are_complete(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { SECCOMP, SYSCALL("\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":4095") } },
		{ NULL, { SECCOMP, SYSCALL("\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":65535") } },
		/* the filter's compiler knows the actions */
		{ NULL, { SECCOMP, SYSCALL("\"action\":\"x\",\"errnoRet\":1") } },
		{ NULL,
		  { SECCOMP, "/linux/seccomp/listenerPath=\"/l\"",
		    "/linux/seccomp/listenerMetadata=\"m\"" } },
		{ NULL, { SECCOMP, "/linux/seccomp/listenerMetadata=\"\"" } },
		{ "/linux/seccomp/defaultAction: is required", { "/linux/seccomp={}" } },
		{ "/linux/seccomp/defaultAction: SCMP_ACT_NOTIFY cannot be used as default action",
		  { SECCOMP, "/linux/seccomp/defaultAction=\"SCMP_ACT_NOTIFY\"" } },
		{ "/linux/seccomp/syscalls/0/action: SCMP_ACT_NOTIFY needs "
		  "/linux/seccomp/listenerPath",
		  { SECCOMP, "/linux/seccomp/syscalls=[{\"names\":[\"a\"],\"action\":"
			     "\"SCMP_ACT_NOTIFY\"}]" } },
		{ "/linux/seccomp/listenerPath: \"l\" isn't absolute, nor the \"@name\" of an "
		  "abstract socket",
		  { SECCOMP, "/linux/seccomp/listenerPath=\"l\"",
		    "/linux/seccomp/syscalls=[{\"names\":[\"a\"],\"action\":"
		    "\"SCMP_ACT_NOTIFY\"}]" } },
		{ "/linux/seccomp/syscalls/0/names/1: SCMP_ACT_NOTIFY cannot be used for the write "
		  "syscall",
		  { SECCOMP, "/linux/seccomp/listenerPath=\"/l\"",
		    "/linux/seccomp/syscalls=[{\"names\":[\"a\",\"write\"],\"action\":"
		    "\"SCMP_ACT_NOTIFY\"}]" } },
		{ "/linux/seccomp/listenerMetadata: needs listenerPath",
		  { SECCOMP, "/linux/seccomp/listenerMetadata=\"m\"" } },
		{ "/linux/seccomp/defaultErrnoRet: action SCMP_ACT_ALLOW takes no errno",
		  { SECCOMP, "/linux/seccomp/defaultErrnoRet=1" } },
		{ "/linux/seccomp/syscalls/0/errnoRet: action SCMP_ACT_KILL takes no errno",
		  { SECCOMP, SYSCALL("\"action\":\"SCMP_ACT_KILL\",\"errnoRet\":1") } },
		{ "/linux/seccomp/syscalls/0/errnoRet: expected an integer from 0 to 4095",
		  { SECCOMP, SYSCALL("\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":4096") } },
		{ "/linux/seccomp/syscalls/0/errnoRet: expected an integer from 0 to 65535",
		  { SECCOMP, SYSCALL("\"action\":\"SCMP_ACT_TRACE\",\"errnoRet\":65536") } },
		{ "/linux/seccomp/syscalls/0/names: needs at least one entry",
		  { SECCOMP,
		    "/linux/seccomp/syscalls=[{\"names\":[],\"action\":\"SCMP_ACT_ALLOW\"}]" } },
		{ "/linux/seccomp/syscalls/0/names/0: must not be empty",
		  { SECCOMP, "/linux/seccomp/"
			     "syscalls=[{\"names\":[\"\"],\"action\":\"SCMP_ACT_ALLOW\"}]" } },
		{ "/linux/seccomp/syscalls/0/action: is required",
		  { SECCOMP, "/linux/seccomp/syscalls=[{\"names\":[\"read\"]}]" } },
		{ "/linux/seccomp/syscalls/0/args/0/index: expected an integer from 0 to 5",
		  { SECCOMP, SYSCALL("\"action\":\"SCMP_ACT_ALLOW\",\"args\":[{\"index\":6}]") } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void resources_have_their_own_rules(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { RESOURCES "devices=[{\"allow\":true,\"type\":\"a\",\"access\":\"\"}]" } },
		{ "/linux/resources/devices/0/access: expected letters of",
		  { RESOURCES "devices=[{\"allow\":true,\"access\":\"rx\"}]" } },
		{ "/linux/resources/devices/0/allow: is required", { RESOURCES "devices=[{}]" } },
		{ "/linux/resources/devices/0/type: expected a, b, c",
		  { RESOURCES "devices=[{\"allow\":true,\"type\":\"u\"}]" } },
		{ NULL, { RESOURCES "cpu={\"quota\":1000,\"burst\":1000}" } },
		{ NULL, { RESOURCES "cpu={\"quota\":-1,\"burst\":1000}" } },
		{ "/linux/resources/cpu/burst: is larger than the quota",
		  { RESOURCES "cpu={\"quota\":1000,\"burst\":1001}" } },
		{ NULL, { RESOURCES "cpu={\"cpus\":\"0-3, 7\",\"mems\":\"0\"}" } },
		{ "/linux/resources/cpu/cpus: expected a list", { RESOURCES "cpu/cpus=\"a-b\"" } },
		{ "/linux/resources/cpu/cpus: expected a list", { RESOURCES "cpu/cpus=\"3-1\"" } },
		{ "/linux/resources/cpu/cpus: expected a list", { RESOURCES "cpu/cpus=\"0,\"" } },
		{ "/linux/resources/cpu/mems: expected a list", { RESOURCES "cpu/mems=\"1 2\"" } },
		{ "/linux/resources/cpu/idle: expected an integer from 0 to 1",
		  { RESOURCES "cpu/idle=2" } },
		{ "/linux/resources/memory/swappiness: expected an integer from 0 to 100",
		  { RESOURCES "memory/swappiness=101" } },
		{ "/linux/resources/memory/limit: expected an integer from -1",
		  { RESOURCES "memory/limit=-2" } },
		{ NULL, { RESOURCES "blockIO={\"weight\":0,\"leafWeight\":1000}" } },
		{ "/linux/resources/blockIO/weight: expected 10 to 1000",
		  { RESOURCES "blockIO/weight=9" } },
		{ "/linux/resources/blockIO/leafWeight: expected 10 to 1000",
		  { RESOURCES "blockIO/leafWeight=1" } },
		{ "/linux/resources/blockIO/weight: expected an integer from 0 to 1000",
		  { RESOURCES "blockIO/weight=1001" } },
		{ NULL,
		  { RESOURCES "blockIO/weightDevice=[{\"major\":8,\"minor\":0,\"weight\":10}]" } },
		{ "/linux/resources/blockIO/weightDevice/0: needs weight or leafWeight",
		  { RESOURCES "blockIO/weightDevice=[{\"major\":8,\"minor\":0}]" } },
		{ "/linux/resources/blockIO/weightDevice/0: expected weights",
		  { RESOURCES "blockIO/weightDevice=[{\"major\":8,\"minor\":0,\"weight\":5}]" } },
		{ "/linux/resources/blockIO/throttleReadBpsDevice/0/rate: is required",
		  { RESOURCES "blockIO/throttleReadBpsDevice=[{\"major\":8,\"minor\":0}]" } },
		{ NULL, { RESOURCES "hugepageLimits=[{\"pageSize\":\"1GB\",\"limit\":0}]" } },
		{ NULL, { RESOURCES "hugepageLimits=[{\"pageSize\":\"1024KB\",\"limit\":0}]" } },
		{ "/linux/resources/hugepageLimits/0/pageSize: expected a size",
		  { RESOURCES "hugepageLimits=[{\"pageSize\":\"2M\",\"limit\":0}]" } },
		{ "/linux/resources/hugepageLimits/0/pageSize: expected a size",
		  { RESOURCES "hugepageLimits=[{\"pageSize\":\"3MB\",\"limit\":0}]" } },
		{ "/linux/resources/hugepageLimits/0/pageSize: expected a size",
		  { RESOURCES "hugepageLimits=[{\"pageSize\":\"\",\"limit\":0}]" } },
		{ NULL, { RESOURCES "rdma={\"m\":{\"hcaObjects\":0}}" } },
		{ "/linux/resources/rdma/m: needs hcaHandles or hcaObjects",
		  { RESOURCES "rdma={\"m\":{}}" } },
		{ NULL, { RESOURCES "unified={\"memory.high\":\"1\"}" } },
		{ "/linux/resources/unified: the key \"../x\" isn't a file name",
		  { RESOURCES "unified={\"../x\":\"1\"}" } },
		{ "/linux/resources/unified: the key \"..\" isn't a file name",
		  { RESOURCES "unified={\"..\":\"1\"}" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void each_rule_names_itself_and_its_anchor(void **state)
{
	(void)state;
	for (size_t i = 0; i < validate_rule_count; i++) {
		assert_non_null(validate_rules[i].check);
		assert_true(*validate_rules[i].name);
		assert_non_null(strstr(validate_rules[i].anchor, ".md#"));
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(validate_rules[i].name, validate_rules[k].name);
	}
}

static void names_of_network_devices_are_the_kernels(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/linux/netDevices={\"eth0\":{},\"eth1\":{\"name\":\"\"}}" } },
		{ NULL,
		  { "/linux/netDevices={\"a\":{\"name\":\"n%d\"},\"b\":{\"name\":\"n%d\"}}" } },
		{ "/linux/netDevices: the name \"\" is empty", { "/linux/netDevices={\"\":{}}" } },
		{ "/linux/netDevices: the name \"a%d\" has a percent sign",
		  { "/linux/netDevices={\"a%d\":{}}" } },
		{ "/linux/netDevices: the name \"lo\" is the loopback",
		  { "/linux/netDevices={\"lo\":{\"name\":\"x\"}}" } },
		{ "/linux/netDevices/a/name: \"..\" is no name",
		  { "/linux/netDevices={\"a\":{\"name\":\"..\"}}" } },
		{ "/linux/netDevices/a/name: \"all\" is none that the kernel gives",
		  { "/linux/netDevices={\"a\":{\"name\":\"all\"}}" } },
		{ "/linux/netDevices/a/name: \"n%d%d\" has a percent sign",
		  { "/linux/netDevices={\"a\":{\"name\":\"n%d%d\"}}" } },
		{ "/linux/netDevices/b/name: a also gets the name x",
		  { "/linux/netDevices={\"a\":{\"name\":\"x\"},\"b\":{\"name\":\"x\"}}" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

static void a_personality_has_no_flags(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, { "/linux/personality={\"domain\":\"LINUX32\",\"flags\":[]}" } },
		{ "/linux/personality/flags/0: \"X\"",
		  { "/linux/personality={\"domain\":\"LINUX\",\"flags\":[\"X\"]}" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

#define SCHEDULER(members)                                                                         \
	{                                                                                          \
		"/process/scheduler={\"policy\":" members "}"                                      \
	}

static void schedulers_have_the_members_of_their_policies(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, SCHEDULER("\"SCHED_BATCH\",\"priority\":0,\"nice\":3") },
		{ "/process/scheduler/priority: can only be specified",
		  SCHEDULER("\"SCHED_BATCH\",\"priority\":1") },
		{ NULL, SCHEDULER("\"SCHED_RR\",\"priority\":99") },
		{ "/process/scheduler/priority: SCHED_RR needs one from 1 to 99",
		  SCHEDULER("\"SCHED_RR\",\"priority\":100") },
		{ "/process/scheduler/priority: SCHED_FIFO needs one from 1 to 99",
		  SCHEDULER("\"SCHED_FIFO\"") },
		{ "/process/scheduler/period: can only be specified",
		  SCHEDULER("\"SCHED_RR\",\"priority\":1,\"period\":1") },
		{ NULL, SCHEDULER("\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":1024") },
		{ NULL, SCHEDULER("\"SCHED_DEADLINE\",\"runtime\":1024,\"deadline\":2000,"
				  "\"period\":2000") },
		{ "/process/scheduler/priority: can only be specified",
		  SCHEDULER("\"SCHED_DEADLINE\",\"priority\":1,\"runtime\":1024,"
			    "\"deadline\":1024") },
		{ "/process/scheduler/runtime: SCHED_DEADLINE needs at least 1024",
		  SCHEDULER("\"SCHED_DEADLINE\"") },
		{ "/process/scheduler/deadline: 1024 isn't from the runtime (2000)",
		  SCHEDULER("\"SCHED_DEADLINE\",\"runtime\":2000,\"deadline\":1024") },
		{ "/process/scheduler/deadline: 9223372036854775808",
		  SCHEDULER("\"SCHED_DEADLINE\",\"runtime\":2000,"
			    "\"deadline\":9223372036854775808") },
		{ "/process/scheduler/period: 2000 isn't from the deadline (3000)",
		  SCHEDULER("\"SCHED_DEADLINE\",\"runtime\":2000,\"deadline\":3000,"
			    "\"period\":2000") },
	};

	(void)state;
	CHECK_ALL(cases);
}

#define POLICY(mode, nodes, flags)                                                                 \
	{                                                                                          \
		"/linux/memoryPolicy={\"mode\":\"" mode "\",\"nodes\":\"" nodes                    \
		"\",\"flags\":[" flags "]}"                                                        \
	}
#define FIXED "\"MPOL_F_STATIC_NODES\""
#define RELATIVE "\"MPOL_F_RELATIVE_NODES\""
#define BALANCING "\"MPOL_F_NUMA_BALANCING\""

static void memory_policies_have_flags_that_go_together(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL, POLICY("MPOL_BIND", "0", FIXED "," BALANCING) },
		{ NULL, POLICY("MPOL_PREFERRED", "0", RELATIVE) },
		{ NULL, POLICY("MPOL_PREFERRED", "", "") },
		{ "/linux/memoryPolicy/flags: MPOL_F_STATIC_NODES and MPOL_F_RELATIVE_NODES",
		  POLICY("MPOL_BIND", "0", FIXED "," RELATIVE) },
		{ "/linux/memoryPolicy/flags: MPOL_F_STATIC_NODES needs nodes",
		  POLICY("MPOL_PREFERRED", "", FIXED) },
		{ "/linux/memoryPolicy/flags: MPOL_F_RELATIVE_NODES needs nodes",
		  POLICY("MPOL_LOCAL", "", RELATIVE) },
		{ "/linux/memoryPolicy/flags: MPOL_F_NUMA_BALANCING goes with MPOL_BIND",
		  POLICY("MPOL_INTERLEAVE", "0", BALANCING) },
	};

	(void)state;
	CHECK_ALL(cases);
}

#define NODE(type, path, numbers) "{\"type\":\"" type "\",\"path\":\"" path "\"" numbers "}"
#define NUMBERS(major, minor) ",\"major\":" major ",\"minor\":" minor

static void a_path_is_one_device(void **state)
{
	static const struct rule_case cases[] = {
		{ NULL,
		  { "/linux/devices=[" NODE("c", "/dev/a", NUMBERS("1", "9")) "," NODE(
			  "u", "/dev//a", NUMBERS("1", "9")) "]" } },
		{ "/linux/devices/1/path: /dev/a is another device at /linux/devices/0",
		  { "/linux/devices=[" NODE("c", "/dev/a", NUMBERS("1", "9")) "," NODE(
			  "c", "/dev/./a", NUMBERS("1", "8")) "]" } },
		{ "/linux/devices/1/path: /a is another device",
		  { "/linux/devices=[" NODE("p", "/a", "") "," NODE("b", "/a",
								    NUMBERS("0", "0")) "]" } },
		{ NULL, { "/linux/devices=[" NODE("c", "/dev/null", NUMBERS("1", "3")) "]" } },
		{ "/linux/devices/0: /dev/null is the character device 1:3",
		  { "/linux/devices=[" NODE("c", "/dev/null", NUMBERS("1", "5")) "]" } },
		{ "/linux/devices/0: /dev/tty is the character device 5:0",
		  { "/linux/devices=[" NODE("b", "/dev/tty", NUMBERS("5", "0")) "]" } },
	};

	(void)state;
	CHECK_ALL(cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_are_semver_1),
		cmocka_unit_test(namespaces_occur_once),
		cmocka_unit_test(names_of_network_devices_are_the_kernels),
		cmocka_unit_test(a_personality_has_no_flags),
		cmocka_unit_test(the_root_is_required_and_read_only_in_its_own_mounts),
		cmocka_unit_test(mounts_need_a_mount_namespace_and_a_destination),
		cmocka_unit_test(a_process_has_a_program_and_an_absolute_cwd),
		cmocka_unit_test(an_environment_is_names_with_values),
		cmocka_unit_test(no_id_is_4294967295),
		cmocka_unit_test(the_console_size_counts_only_with_a_terminal),
		cmocka_unit_test(names_need_a_uts_namespace),
		cmocka_unit_test(hooks_have_absolute_paths_and_positive_timeouts),
		cmocka_unit_test(id_mappings_are_whole_and_apart),
		cmocka_unit_test(more_than_340_id_mappings_are_refused),
		cmocka_unit_test(time_offsets_need_a_new_time_namespace),
		cmocka_unit_test(devices_are_complete),
		cmocka_unit_test(hidden_paths_are_absolute_and_need_a_mount_namespace),
		cmocka_unit_test(propagation_is_one_of_the_kernels),
		cmocka_unit_test(a_cgroups_path_does_not_climb),
		cmocka_unit_test(keys_are_not_empty),
		cmocka_unit_test(seccomp_rules_are_complete),
		cmocka_unit_test(resources_have_their_own_rules),
		cmocka_unit_test(schedulers_have_the_members_of_their_policies),
		cmocka_unit_test(memory_policies_have_flags_that_go_together),
		cmocka_unit_test(a_path_is_one_device),
		cmocka_unit_test(each_rule_names_itself_and_its_anchor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
