# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Real engines, offline: a private machine (./machine) out of a Debian root with the engines in it
# (./make-root, cached), and a comparison: what an engine does with minirun must be what it does
# with the runtime that Debian has beside it.
#
#   load machine
#
#   possible                  from setup_file, first: whether this host can have such a machine
#   skip_file REASON          from setup_file, before it returns: all tests of the file are skipped
#   machine_start             from setup_file: the machine, with minirun and an image `box`
#   machine_stop              from teardown_file
#   inside SCRIPT             runs SCRIPT (sh) in the machine as root; $R is the runtime's name
#   as_tester SCRIPT          the same as the user `tester`
#   same [-u] [-c NAME] SCRIPT...   runs SCRIPT with minirun and with the control (NAME, default
#                             $CONTROL), as tester with -u; output (with ids replaced) and exit code
#                             must be the same; $output has them
#                             (with an empty control minirun alone runs: what a host's runc can't
#                             run; `shows` then says what must be)
#   controllers NAME...       skips the test where the kernel lacks one
#   tidy                      the file's own: removes what a SCRIPT has left; `same` calls it
#   shows PATTERN...          lines (whole, as globs) that $output must have, in that order
#
# Where this host was made for the engines (MINIRUN_ENGINES_HERE: testhost/vm.sh --engines), it is the
# machine itself: its systemd, its controllers.
#
# MINIRUN, MINIRUN_CACHE (the root is kept beside it; default: the build directory), MINIRUN_ENGINES_SUITE (another Debian than the
# host's) and MINIRUN_ENGINES_CONTROL come from the environment.

[[ ! ${BATS_VERSION-} ]] || bats_require_minimum_version 1.5.0

ENGINES=${BASH_SOURCE[0]%/*}
ENGINES=$(cd "$ENGINES" && pwd)
MINIRUN=${MINIRUN:-${ENGINES%/integration/engines}/build/release/minirun}
HELPERS=${MINIRUN_HELPERS:-$(dirname "$MINIRUN")/integration}
CACHE=${MINIRUN_CACHE:-$HELPERS/debian-root}
CACHE=${CACHE%/*}/engines-root${MINIRUN_ENGINES_SUITE:+-$MINIRUN_ENGINES_SUITE}
CONTROL=${MINIRUN_ENGINES_CONTROL-runc}

PATIENCE=120
[[ ! ${MINIRUN_ENGINES_HERE-} ]] || PATIENCE=1800 # seconds

export PATH=$PATH:/usr/sbin:/sbin

# bats before 1.11 takes a skip in setup_file for a failure
skip_file() {
	export FILE_SKIPPED=$1
}

setup() {
	[[ ! ${FILE_SKIPPED-} ]] || skip "$FILE_SKIPPED"
}

possible() {
	local reason=""

	((EUID == 0)) || reason="needs root"
	[[ ${MINIRUN_ENGINES_HERE-} ]] || command -v mmdebstrap >/dev/null || reason="mmdebstrap is not installed"
	findmnt -n -t cgroup2 >/dev/null || reason="no cgroup2 here"
	[[ ! $reason ]] || skip_file "$reason"
	[[ ! $reason ]]
}

# The root is made once, by whichever file comes first.
engines_root() {
	mkdir -p "${CACHE%/*}"
	exec {lock}>"$CACHE.lock"
	flock "$lock"
	[[ -x $CACHE/usr/bin/lxc-start && -d $CACHE/usr/lib/python3/dist-packages/grpc ]] ||
		timeout 900 "$ENGINES/make-root" "$CACHE" >"$BATS_FILE_TMPDIR/log" 2>&1 3>&- || {
		tail -n 5 "$BATS_FILE_TMPDIR/log"
		return 1
	}
	exec {lock}>&-
}

machine_start() {
	if [[ ${MINIRUN_ENGINES_HERE-} ]]; then
		machine_setup
		return
	fi
	engines_root
	MACHINE=$(mktemp -d "${TMPDIR:-/tmp}/machine.XXXXXX")
	export MACHINE
	"$ENGINES/machine" "$CACHE" "$MACHINE" >"$MACHINE/log" 2>&1 3>&- &
	echo $! >"$MACHINE/outer"
	for ((try = 0; try < 200; try++)); do
		[[ -f $MACHINE/pid ]] && break
		kill -0 "$(<"$MACHINE/outer")" 2>/dev/null || break
		sleep 0.1
	done
	[[ -f $MACHINE/pid ]] || {
		cat "$MACHINE/log"
		return 1
	}
	machine_setup
}

machine_setup() {
	copy_in "$MINIRUN" /usr/bin/minirun 755
	copy_in "$ENGINES/../../packaging/podman.conf" /etc/containers/containers.conf.d/minirun.conf 644
	copy_in "$ENGINES/setup" /root/setup 755
	inside /root/setup
}

machine_stop() {
	[[ ${MACHINE-} && -f $MACHINE/outer ]] || return 0
	kill -TERM "$(<"$MACHINE/outer")" 2>/dev/null
	for ((try = 0; try < 100; try++)); do
		kill -0 "$(<"$MACHINE/outer")" 2>/dev/null || break
		sleep 0.1
	done
	rm -rf "$MACHINE"
}

# copy_in FILE PATH MODE
copy_in() {
	# shellcheck disable=SC2016 # expanded there
	enter sh -c 'mkdir -p "${1%/*}/" && cat >"$1" && chmod "$2" "$1"' copy "$2" "$3" <"$1"
}

# enter WORD...: a process of the machine, in its cgroup
enter() {
	local environment=("R=${R:-minirun}" HOME=/root
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin)

	if [[ ${MINIRUN_ENGINES_HERE-} ]]; then
		env -i "${environment[@]}" MINIRUN_SLOW_HOST=1 "$@" 3>&- 4>&- # which a daemon would keep from its end
		return
	fi
	sh -c 'echo $$ >"$(cat "$0/cgroup")/cgroup.procs"; exec nsenter -t "$(cat "$0/pid")" -m -u -i -n -p -C -r "$@"' \
		"$MACHINE" env -i "${environment[@]}" "$@" 3>&-
}

inside() {
	enter timeout -k 5 "${LIMIT:-$PATIENCE}" sh -c "cd /root; [ ! -r /functions ] || . /functions; $*" </dev/null
}

as_tester() {
	enter timeout -k 5 "${LIMIT:-$PATIENCE}" setpriv --reuid 1000 --regid 1000 --init-groups \
		env HOME=/home/tester USER=tester XDG_RUNTIME_DIR=/run/user/1000 \
		sh -c "cd; . /functions; $*" </dev/null
}

# controllers NAME...: skips the test where one is missing; its tag is "controllers"
controllers() {
	local name

	for name; do
		inside "grep -qw $name /sys/fs/cgroup/cgroup.controllers" || skip "no controllers of cgroup v2 here"
	done
}

# What differs from one run to the next: ids, the runtime's name, times; and whether the process
# that an engine ends had just ended by itself. runc 1.1 warns of cgroups that a rootless container
# never had.
replaced() {
	# what script(1) types at its end, a NUL, is echoed
	tr -d '\r\000' | sed -E -e 's/\^@//g' -e 's/[0-9a-f]{64}/ID/g; s/\b[0-9a-f]{12}\b/ID/g' \
		-e "s/\\b(minirun|$1)\\b/RUNTIME/g" -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|[+-][0-9:]+)/TIME/g' \
		-e '/^time="TIME" level=error msg="container not running"$/d' \
		-e '/^time="TIME" level=warning msg="(freezer not supported: openat2|lstat) \/sys\/fs\/cgroup\//d'
}

same() {
	local how=inside control=$CONTROL ours theirs option OPTIND=1

	while getopts uc: option; do
		case $option in
		u) how=as_tester ;;
		c) control=$OPTARG ;;
		*) return 2 ;;
		esac
	done
	shift $((OPTIND - 1))
	if [[ $control ]]; then
		theirs=$(R=$control "$how" "$*" 2>&1; echo "status $?")
		tidy || true
	fi
	ours=$(R=minirun "$how" "$*" 2>&1; echo "status $?")
	tidy || true
	[[ $control ]] || {
		output=$(replaced minirun <<<"$ours")
		return 0
	}
	output=$(replaced "$control" <<<"$theirs")
	diff <(echo "$output") <(replaced "$control" <<<"$ours") >"$BATS_TEST_TMPDIR/diff" || {
		echo "< $control   > minirun"
		cat "$BATS_TEST_TMPDIR/diff"
		return 1
	}
}

shows() {
	local line

	while IFS= read -r line; do
		# shellcheck disable=SC2053 # it is a pattern
		if [[ $# -gt 0 && $line == $1 ]]; then
			shift
		fi
	done <<<"$output"
	(($# == 0)) && return
	echo "no line '$1' (in this order) in:"
	echo "$output"
	return 1
}
