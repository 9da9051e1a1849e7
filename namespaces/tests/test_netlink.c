/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "namespaces/netlink.h"

static void attributes_are_read_as_they_were_put(void **state)
{
	union netlink_message message;
	struct ifinfomsg *link =
		netlink_begin(&message, RTM_NEWLINK, NLM_F_ACK, sizeof(struct ifinfomsg));
	const struct rtattr *attribute;

	(void)state;
	assert_int_equal(link->ifi_index, 0);
	netlink_put_string(&message, IFLA_IFNAME, "eth0");
	netlink_put_number(&message, IFLA_MTU, 1500);
	netlink_put(&message, IFLA_ADDRESS, "\1\2\3\4\5\6", 6);
	assert_int_equal(message.header.nlmsg_flags, NLM_F_REQUEST | NLM_F_ACK);
	assert_int_equal(message.header.nlmsg_len,
			 NLMSG_SPACE(sizeof(*link)) + RTA_SPACE(5) + RTA_SPACE(4) + RTA_SPACE(6));
	attribute = netlink_next(&message.header, sizeof(*link), NULL);
	assert_int_equal(attribute->rta_type, IFLA_IFNAME);
	assert_string_equal(netlink_string(attribute), "eth0");
	attribute = netlink_next(&message.header, sizeof(*link), attribute);
	assert_int_equal(attribute->rta_type, IFLA_MTU);
	assert_int_equal(netlink_number(attribute), 1500);
	attribute = netlink_next(&message.header, sizeof(*link), attribute);
	assert_int_equal(RTA_PAYLOAD(attribute), 6);
	assert_memory_equal(RTA_DATA(attribute), "\1\2\3\4\5\6", 6);
	assert_null(netlink_next(&message.header, sizeof(*link), attribute));
}

static void appended_attributes_are_attributes(void **state)
{
	union netlink_message first, second;
	const struct rtattr *attribute;

	(void)state;
	(void)netlink_begin(&first, RTM_NEWADDR, 0, 0);
	netlink_put_string(&first, 1, "a"); /* with padding */
	netlink_put_number(&first, 2, 7);
	attribute = netlink_next(&first.header, 0, NULL);
	(void)netlink_begin(&second, RTM_NEWADDR, 0, 0);
	netlink_append(&second, attribute, first.header.nlmsg_len - NLMSG_HDRLEN);
	netlink_put_number(&second, 3, 8);
	attribute = netlink_next(&second.header, 0, NULL);
	assert_string_equal(netlink_string(attribute), "a");
	attribute = netlink_next(&second.header, 0, attribute);
	assert_int_equal(netlink_number(attribute), 7);
	attribute = netlink_next(&second.header, 0, attribute);
	assert_int_equal(netlink_number(attribute), 8);
}

/* What says that it is longer than its message, or shorter than its own header, isn't read. */
static void broken_attributes_end_the_list(void **state)
{
	static const unsigned short wrong[] = { 0, 3, RTA_LENGTH(5), UINT16_MAX };
	union netlink_message message;
	struct rtattr *attribute;

	(void)state;
	(void)netlink_begin(&message, RTM_NEWLINK, 0, 0);
	assert_null(netlink_next(&message.header, 0, NULL));
	assert_null(netlink_next(&message.header, sizeof(struct ifinfomsg), NULL));
	netlink_put_number(&message, IFLA_MTU, 1500);
	attribute = (struct rtattr *)(void *)(message.bytes + NLMSG_HDRLEN);
	assert_non_null(netlink_next(&message.header, 0, NULL));
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		attribute->rta_len = wrong[i];
		assert_null(netlink_next(&message.header, 0, NULL));
	}
}

static void values_that_are_too_short_are_none(void **state)
{
	union netlink_message message;
	const struct rtattr *attribute;

	(void)state;
	(void)netlink_begin(&message, RTM_NEWLINK, 0, 0);
	netlink_put(&message, IFLA_IFNAME, "xy", 2);
	attribute = netlink_next(&message.header, 0, NULL);
	assert_string_equal(netlink_string(attribute), "");
	assert_int_equal(netlink_number(attribute), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(attributes_are_read_as_they_were_put),
		cmocka_unit_test(appended_attributes_are_attributes),
		cmocka_unit_test(broken_attributes_end_the_list),
		cmocka_unit_test(values_that_are_too_short_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
