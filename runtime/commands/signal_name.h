/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_SIGNAL_NAME_H
#define COMMANDS_SIGNAL_NAME_H

/* "9", "KILL", "SIGKILL", "sigkill", "RTMIN+3", "SIGRTMAX-1" to the signal's number; -1: there is
 * no such signal. 0 is one: kill(2) sends nothing then, and only looks. */
int signal_from_name(const char *text);

#endif
