/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/network_stats.h"

static void expect(const char *text, const char *wanted)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 0);
	char copy[1024];

	(void)strcpy(copy, text);
	json_begin_object(&json, NULL);
	network_stats_parse(&json, copy);
	json_end_object(&json);
	assert_string_equal(out.text, wanted);
}

static void test_devices(void **state)
{
	(void)state;
	expect("Inter-|   Receive                                                |  Transmit\n"
	       " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets "
	       "errs drop fifo colls carrier compressed\n"
	       "    lo:       9       9    0    0    0     0          0         0        9       9 "
	       "  "
	       " 0    0    0     0       0          0\n"
	       "  eth0:1296      16    1    2    0     0          0         0      816      11    "
	       "3  "
	       "  4    0     0       0          0\n",
	       "{\"network_interfaces\":[{\"Name\":\"eth0\",\"RxBytes\":1296,\"RxPackets\":16,"
	       "\"RxErrors\":1,\"RxDropped\":2,\"TxBytes\":816,\"TxPackets\":11,\"TxErrors\":3,"
	       "\"TxDropped\":4}]}");
	expect("", "{\"network_interfaces\":[]}");
	expect("x: 1 y\n", "{\"network_interfaces\":[{\"Name\":\"x\",\"RxBytes\":1}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_devices) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
