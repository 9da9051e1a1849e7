#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2012,SC3045 # busybox is the shell here, and names are known
#
# What ./quickstart run starts in its container: each line is a fact as the container sees it.

fact() {
	printf '  %-14s %s\n' "$1" "$2"
}

status() {
	sed -n "s/^$1:[[:space:]]*//p" /proc/self/status
}

fact "PID" "$$ (its own count: the host knows it by another number)"
fact "processes" "$(ls -d /proc/[0-9]* | wc -l), none of the host's"
fact "hostname" "$(hostname)"
fact "user" "$(id -u):$(id -g), groups: $(id -G)"
fact "capabilities" "$(status CapEff) effective, $(status CapBnd) at most"
fact "no new privs" "$(status NoNewPrivs) (setuid programs gain nothing)"
fact "limits" "$(ulimit -n) open files, at most $(ulimit -H -n)"
fact "cgroup" "$(sed -n 's/^0:://p' /proc/self/cgroup) (the root of its own tree)"
fact "network" "$(ls /sys/class/net | tr '\n' ' ')"
fact "environment" "$(env | cut -d= -f1 | sort | tr '\n' ' ')"
fact "root" "$(ls / | tr '\n' ' ')"
if touch /try 2>/dev/null; then fact "root is" "writable"; else fact "root is" "read-only"; fi
echo "  mounts:"
while read -r _ _ _ _ point options rest; do
	type=${rest#*- }
	printf '    %-28s %-8s %s\n' "$point" "${type%% *}" "$options"
done </proc/self/mountinfo
