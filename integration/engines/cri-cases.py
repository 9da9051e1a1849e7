# SPDX-License-Identifier: Apache-2.0
"""What a kubelet asks for, case by case: `cases.py CASE...` prints what containers and plugin say.

The runtime is the handler in $R. What a case has made, it removes; `tidy` removes what a case that
failed has left.
"""

import glob
import json
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wildcard-import,unused-wildcard-import
from cri import *

RUNTIME = os.environ["R"]
LOGS = "/tmp/logs"
MOUNTS = "awk '$2 ~ \"^/(sys|proc)\" { print $2, substr($4, 1, 2) }' /proc/mounts | sort"
LOOK = "grep -E '^(Cap...|NoNewPrivs|Seccomp):' /proc/self/status"


class Pod:
    count = 0

    def __init__(
        self, security=None, sysctls=None, cgroup_parent="", handler=RUNTIME, **namespaces
    ):
        Pod.count += 1
        self.options = {"network": NODE, "pid": CONTAINER, "ipc": POD, **namespaces}
        context = {"namespace_options": self.options, **(security or {})}
        self.config = {
            "metadata": {"name": f"pod{Pod.count}", "uid": str(Pod.count), "namespace": "default"},
            "log_directory": LOGS,
            "linux": {"security_context": context, "sysctls": pairs(sysctls or {})},
        }
        if cgroup_parent:
            self.config["linux"]["cgroup_parent"] = cgroup_parent
        if self.options["network"] != NODE:
            self.config["hostname"] = "podhost"
        answer = call("RunPodSandbox", config=self.config, runtime_handler=handler)
        self.id = answer.pod_sandbox_id
        self.containers = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.remove()

    def status(self):
        return call("PodSandboxStatus", pod_sandbox_id=self.id).status

    def stop(self):
        call("StopPodSandbox", pod_sandbox_id=self.id)

    def remove(self):
        call("RemovePodSandbox", pod_sandbox_id=self.id)

    def create(self, *command, security=None, resources=None, options=None, **config):
        return Container(self, command, security, resources, options, config)

    def run(self, *command, **config):
        container = self.create(*command, **config)
        container.start()
        return container

    def says(self, script, **config):
        """prints what a shell's script prints, and how it ends if not well"""
        try:
            container = self.run("sh", "-c", "exec 2>&1; " + script, **config)
        except Refused as error:
            print("refused:", plain(error))
            return
        status = container.ended()
        print(container.log(), end="")
        if status.exit_code:
            print("exit", status.exit_code)
        container.remove()


class Container:
    def __init__(self, pod, command, security, resources, options, config):
        pod.containers += 1
        name = f"c{pod.containers}"
        context = {"namespace_options": {**pod.options, **(options or {})}, **(security or {})}
        self.path = f"{LOGS}/{pod.id}-{name}"
        config = {
            "metadata": {"name": name},
            "image": {"image": "localhost/box:latest"},
            "command": list(command),
            "log_path": os.path.basename(self.path),
            "linux": {"security_context": context, "resources": resources or {}},
            **config,
        }
        self.id = call(
            "CreateContainer", pod_sandbox_id=pod.id, config=config, sandbox_config=pod.config
        ).container_id

    def start(self):
        call("StartContainer", container_id=self.id)

    def stop(self, timeout=0):
        call("StopContainer", container_id=self.id, timeout=timeout)

    def remove(self):
        call("RemoveContainer", container_id=self.id)

    def status(self):
        return call("ContainerStatus", container_id=self.id).status

    def stats(self):
        return call("ContainerStats", container_id=self.id).stats

    def state(self):
        return STATES[self.status().state]

    def ended(self):
        until(lambda: self.state() == "exited", "a container's end")
        return self.status()

    def update(self, resources):
        try:
            call("UpdateContainerResources", container_id=self.id, linux=resources)
            print("updated")
        except Refused as error:
            print("refused:", plain(error))

    def pid(self):
        answer = call("ContainerStatus", container_id=self.id, verbose=True)
        return next(json.loads(pair.value)["pid"] for pair in answer.info if pair.key == "info")

    def log(self, stream=""):
        lines = []
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                _, source, _, text = line.split(" ", 3)
                if stream in ("", source):
                    lines.append(text)
        return "".join(lines)

    def exec(self, script, timeout=0):
        return self.exec_of(["sh", "-c", script], timeout)

    def exec_of(self, command, timeout=0):
        """(exit code, output, errors)"""
        answer = call("ExecSync", container_id=self.id, cmd=command, timeout=timeout)
        return answer.exit_code, answer.stdout.decode(), answer.stderr.decode()

    def stream(self, kind, tty=False, **members):
        """the address of what Exec or Attach offers"""
        streams = {"stdin": True, "stdout": True, "stderr": not tty, "tty": tty}
        return call(kind, container_id=self.id, **streams, **members).url

    def until(self, script):
        until(lambda: self.exec(script)[0] == 0, script)


# What the callers of runtimes look for in their words; everything else is theirs.
KNOWN = re.compile(
    r"^[A-Z_]+|executable file not found in \$PATH|permission denied|no such file or directory"
    r"|context deadline exceeded|unable to find user \w+|not running|not supported"
    r"|already in running state|not in created state"
)


def plain(error):
    return "; ".join(dict.fromkeys(KNOWN.findall(str(error))))


def refused(function, *arguments, **named):
    try:
        answer = function(*arguments, **named)
        print("not refused:", answer)
    except Refused as error:
        print("refused:", plain(error))


def life():
    pod = Pod()
    print(pod.status().state, pod.status().runtime_handler == RUNTIME)
    one = pod.create(
        "sh",
        "-c",
        'trap "echo bye; exit 7" TERM; echo up; echo down >&2; while :; do sleep 0.1; done',
        envs=pairs({"A": "b"}),
        working_dir="/made/here",
    )
    print(one.state())
    one.start()
    print(one.state(), one.pid() > 1)
    refused(one.start)
    until(lambda: one.log().count("\n") == 2, "the log")
    print(one.log("stdout"), one.log("stderr"), sep="", end="")
    print(one.exec("echo out; echo err >&2; exit 5"))
    print(one.exec("echo $A; pwd; id -u; cat; grep -c . /proc/1/cmdline"))
    refused(one.exec_of, ["nonesuch"])
    refused(one.exec_of, ["/etc/passwd"])
    refused(one.exec, "sleep 1000", timeout=1)
    one.until("! ps | grep -q '[s]leep 1000'")
    print(one.stats().attributes.id == one.id, one.stats().cpu.timestamp > 0)
    print([STATES[c.state] for c in call("ListContainers").containers])
    one.stop(timeout=30)
    one.stop(timeout=30)
    print(one.state(), one.status().exit_code, one.status().reason, one.log("stdout").split())
    refused(one.exec, "true")
    one.remove()
    one.remove()
    two = pod.run("sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done")
    until(lambda: "up" in two.log(), "the log")
    two.stop(timeout=1)
    print(two.status().exit_code, two.status().reason)
    two.remove()
    pod.says("exit 0")
    pod.says("exit 3")
    pod.says("kill -9 $$; echo still here; sh -c 'kill -9 $$' 2>/dev/null; echo $?")
    for command in "nonesuch", "/nonesuch", "/etc/passwd":
        bad = pod.create(command)
        refused(bad.start)
        print(bad.state(), bad.status().exit_code, bad.status().reason)
        bad.remove()
    pod.create("true").remove()
    pod.run("sleep", "1000").remove()
    last = pod.run("sleep", "1000")
    pod.stop()
    pod.stop()
    print(last.state(), last.status().exit_code, pod.status().state)
    refused(pod.create, "true")
    pod.remove()
    pod.remove()
    left()


PLACES = (
    "/run/containerd/runc/k8s.io/*",
    "/run/containerd/io.containerd.runtime.v2.task/k8s.io/*",
    "/sys/fs/cgroup/k8s.io/*/",
)


def leftovers():
    with open("/proc/mounts", encoding="utf-8") as mounts:
        found = [line for line in mounts if "k8s.io" in line or "sandboxes" in line]
    found += [path for place in PLACES for path in glob.glob(place)]
    return found + list(call("ListPodSandbox").items) + list(call("ListContainers").containers)


def left():
    """what no container may leave; the plugin may have answered before it had done all"""
    try:
        until(lambda: not leftovers(), "the end of everything")
        print("nothing left")
    except Refused:
        print("left:", leftovers())


def security():
    with Pod(security={"privileged": True}) as pod:
        for capabilities in (
            {},
            {"add_capabilities": ["NET_ADMIN", "SYS_TIME"], "drop_capabilities": ["ALL"]},
            {"add_capabilities": ["ALL"], "drop_capabilities": ["SYS_ADMIN", "CHOWN"]},
            {"drop_capabilities": ["ALL"]},
        ):
            pod.says(LOOK, security={"capabilities": capabilities})
        raw = {"capabilities": {"add_capabilities": ["NET_RAW"]}, "run_as_user": {"value": 1000}}
        pod.says(LOOK, security=raw)
        pod.says(f"{LOOK}; {MOUNTS}; ls /dev | wc -l", security={"privileged": True})
        pod.says(MOUNTS)
        pod.says(LOOK + "; id -u", security={"no_new_privs": True, "run_as_user": {"value": 7}})


def users():
    with Pod() as pod:
        show = "id -u; id -g; id -G; echo $HOME"
        for context in (
            {"run_as_user": {"value": 1000}},
            {"run_as_username": "user"},
            {"run_as_username": "user", "run_as_group": {"value": 5}},
            {
                "run_as_user": {"value": 1234},
                "run_as_group": {"value": 77},
                "supplemental_groups": [5, 9],
            },
            {"supplemental_groups": [1000000]},
            {"run_as_username": "nobody-here"},
        ):
            pod.says(show, security=context)
        script = "touch /x 2>&1 | grep -o Read-only; touch /dev/shm/x && echo rw"
        pod.says(script, security={"readonly_rootfs": True})
        user = {"run_as_user": {"value": 1000}, "supplemental_groups": [60]}
        other = pod.run("sleep", "1000", security=user)
        print(other.exec("id -u; id -G; grep -E '^(CapEff|Seccomp):' /proc/self/status"))


def seccomp():
    rule = {"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 95}
    with open("/tmp/filter.json", "w", encoding="utf-8") as file:
        json.dump({"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [rule]}, file)
    script = (
        "grep Seccomp: /proc/self/status; mkdir /x 2>&1 | grep -o 'not supported'; "
        "unshare -U true 2>&1 | grep -o 'not permitted'; true"
    )
    with Pod(security={"seccomp": {"profile_type": DEFAULT}}) as pod:
        for profile in (
            {"profile_type": DEFAULT},
            {"profile_type": UNCONFINED},
            {"profile_type": LOCALHOST, "localhost_ref": "localhost//tmp/filter.json"},
            {"profile_type": LOCALHOST, "localhost_ref": "/tmp/filter.json"},
            {"profile_type": LOCALHOST, "localhost_ref": "/tmp/nonesuch.json"},
        ):
            pod.says(script, security={"seccomp": profile})
        local = {"profile_type": LOCALHOST, "localhost_ref": "/tmp/filter.json"}
        one = pod.run("sleep", "1000", security={"seccomp": local})
        print(one.exec(script))


def paths():
    script = (
        "touch /tmp/x; for f in /proc/timer_list /proc/keys; do wc -c <$f | grep -cx 0; done; "
        "ls /tmp | wc -l; touch /etc/x 2>&1 | grep -o Read-only; touch /root/x && echo rw"
    )
    with Pod() as pod:
        pod.says(script)
        masked = {"masked_paths": ["/proc/keys", "/tmp", "/nonesuch"]}
        pod.says(script, security={**masked, "readonly_paths": ["/etc", "/nonesuch"]})
        pod.says("cut -d' ' -f 2,3 /proc/mounts | grep -v -e /etc/ -e termination | sort")


def namespaces():
    with Pod(pid=POD) as pod:
        one = pod.run("sleep", "1001")
        print(one.exec("ps | grep -c '[s]leep 1001'; cat /proc/1/comm"))
        script = "kill -9 $(ps | awk '/[s]leep 1001/ { print $1 }'); echo x >/dev/shm/x"
        two = pod.run("sh", "-c", script + "; exec sleep 1002")
        print(one.ended().exit_code)
        two.until("test -s /dev/shm/x")
        pod.says("cat /dev/shm/x")
        pod.says("ls -l /proc/1/ns/ipc /proc/self/ns/ipc | grep -o 'ipc:.*' | uniq | wc -l")
        pod.says("ps | grep -c '[s]leep'; cat /proc/1/comm", options={"pid": CONTAINER})
        two.stop()
        print(two.status().exit_code)
    with Pod() as pod:
        one = pod.run("sleep", "1003")
        target = {"pid": TARGET, "target_id": one.id}
        pod.says("cat /proc/1/comm; ps | grep -c '[s]leep 1003'", options=target)
        debug = pod.run("sleep", "1004", options=target)
        print(one.exec("ps | grep -c '[s]leep 1004'"))
        one.stop()
        print(debug.ended().exit_code)
    with Pod(pid=NODE, ipc=NODE) as pod:
        pod.says("cat /proc/1/comm; ls /sys/class/net | grep -c lo; hostname; mount | grep -c /shm")
        one = pod.run("sh", "-c", "sleep 1005 & sleep 1006")
        one.until("ps | grep -q '[s]leep 1005'")
        one.stop()
        print(one.status().exit_code)
        find = ["pgrep", "-x", "-f", "sleep 1005"]
        until(lambda: subprocess.run(find, capture_output=True, check=False).returncode == 1)
    refused(Pod, sysctls={"kernel.nonesuch": "1"})
    with Pod(sysctls={"kernel.shm_rmid_forced": "1", "kernel.msgmax": "5000"}) as pod:
        pod.says("cat /proc/sys/kernel/shm_rmid_forced /proc/sys/kernel/msgmax")


def network():
    ports = {"net.ipv4.ip_unprivileged_port_start": "80"}
    with Pod(network=POD, sysctls=ports) as pod:
        address = pod.status().network.ip
        print(address.rsplit(".", 1)[0])
        pod.says(
            "ls /sys/class/net; hostname; grep -c podhost /etc/hosts /etc/hostname; echo $HOSTNAME; "
            "cat /proc/sys/net/ipv4/ip_unprivileged_port_start; "
            f"ip -4 address show eth0 | grep -c ' {address}/'"
        )
        web = pod.run(
            "sh",
            "-c",
            "echo page >/tmp/index.html; httpd -f -p 80 -h /tmp",
            security={"run_as_user": {"value": 1000}},
        )
        web.until("wget -qO /dev/null http://127.0.0.1/index.html")
        get = ["busybox", "wget", "-qO", "-", f"http://{address}/index.html"]
        print(subprocess.check_output(get, text=True), end="")
        pod.says("wget -qO - http://127.0.0.1/index.html")


def shell(script):
    sys.stdout.flush()
    subprocess.check_call(script, shell=True)


def mounts():
    shell("rm -rf /tmp/v; mkdir -p /tmp/v/sub /tmp/p /tmp/s /tmp/r; echo text >/tmp/v/file")
    shell("ln -sfn /tmp/v /tmp/link; mount -t tmpfs sub /tmp/v/sub")
    try:
        with Pod(security={"privileged": True}) as pod:
            pod.says(
                "cat /m/file /f /l/file; touch /m/x 2>&1 | grep -o Read-only; "
                "touch /m/sub/y && echo below; touch /w/z && echo rw; ls -d /made",
                mounts=[
                    {"container_path": "/m", "host_path": "/tmp/v", "readonly": True},
                    {"container_path": "/f", "host_path": "/tmp/v/file"},
                    {"container_path": "/l", "host_path": "/tmp/link", "selinux_relabel": True},
                    {"container_path": "/w", "host_path": "/tmp/v"},
                    {"container_path": "/made", "host_path": "/tmp/v/made"},
                    {"container_path": "/bin/deeper/still", "host_path": "/tmp/v"},
                ],
            )
            pod.says("true", mounts=[{"container_path": "/etc/passwd", "host_path": "/tmp/v"}])
            propagation(pod)
    finally:
        subprocess.call(
            "umount /tmp/[psr]/in /tmp/[psr]/out /tmp/v/sub 2>/dev/null", shell=True
        )


def propagation(pod):
    """p: private, s: from the host, r: both ways"""
    ways = [
        {"container_path": "/p", "host_path": "/tmp/p"},
        {"container_path": "/s", "host_path": "/tmp/s", "propagation": FROM_HOST},
        {"container_path": "/r", "host_path": "/tmp/r", "propagation": BOTH_WAYS},
    ]
    one = pod.run("sleep", "1000", mounts=ways, security={"privileged": True})
    for way in "psr":
        shell(f"mkdir -p /tmp/{way}/in /tmp/{way}/out; mount -t tmpfs x /tmp/{way}/in")
    print(
        one.exec(
            "for way in p s r; do grep -q /$way/in /proc/mounts && echo $way; "
            "mount -t tmpfs y /$way/out; done"
        )
    )
    print([way for way in "psr" if os.path.ismount(f"/tmp/{way}/out")])


def devices():
    fuse = {"host_path": "/dev/fuse", "permissions": "rwm"}
    with Pod() as pod:
        pod.says(
            "ls -l /dev/x | tr -s ' ' | cut -d' ' -f 1,3-6; ls /dev | grep -vx x | xargs",
            devices=[{**fuse, "container_path": "/dev/x"}],
        )
        pod.says(
            "(: </dev/z) && echo read; (: >/dev/z) 2>/dev/null || echo refused",
            devices=[{**fuse, "container_path": "/dev/z", "permissions": "r"}],
        )
        pod.says("mknod /tmp/fuse c 10 229 && : <>/tmp/fuse && echo opened")
        pod.says("true", devices=[{**fuse, "container_path": "/z", "host_path": "/nonesuch"}])


def streams():
    """Exec and Attach, with and without a terminal"""
    plain_script = "echo ready; read line; echo got $line; echo err >&2; exit 6"
    tty_script = (
        'until [ "$(stty size 2>&1)" = "30 100" ]; do sleep 0.1; done; tty; echo ready; '
        "read line; echo got $line; exit 9"
    )
    with Pod() as pod:
        one = pod.run("sh", "-c", "read line; echo got $line; exit 4", stdin=True, stdin_once=True)
        for tty, script in (False, plain_script), (True, tty_script):
            command = ["sh", "-c", script]
            talk(one.stream("Exec", tty, cmd=command), tty, b"input\n", after=b"ready")
        talk(one.stream("Attach"), False, b"line\n")
        print(one.ended().exit_code, one.log(), end="")
        two = pod.run("sh", "-c", "read line; echo got $line; exit 2", stdin=True, tty=True)
        talk(two.stream("Attach", True), True, b"typed\n")
        print(two.ended().exit_code, two.log(), end="")


def talk(url, tty, text, after=b""):
    """says text once `after` was heard; prints what the streams had, and the exit code"""
    connection = Socket(url)
    if tty:
        connection.send(4, b'{"Width": 100, "Height": 30}')
    heard = {1: b"", 2: b"", 3: b""}
    if not after:
        connection.send(0, text)
    for stream, data in connection.messages():
        heard[stream] += data
        if after and after in heard[1]:
            connection.send(0, text)
            after = b""
    how = re.findall(b'exit code [0-9]+"|Success', heard[3])
    print(heard[1], heard[2], how)


def hugepages():
    with Pod() as pod:
        show = "cat /sys/fs/cgroup/hugetlb.2MB.max; grep :: /proc/self/cgroup"
        limit = {"hugepage_limits": [{"page_size": "2MB", "limit": 4194304}]}
        pod.says(show, resources=limit)
        pod.says(show, resources={"unified": pairs({"hugetlb.2MB.max": "8388608"})})
        pod.says(show, resources={"unified": pairs({"nonesuch.max": "8388608"})})
        one = pod.run("sleep", "1000")
        one.update(limit)
        print(one.exec(show))
    # a kubelet makes these groups itself
    os.makedirs("/sys/fs/cgroup/pods/burstable", exist_ok=True)
    with Pod(cgroup_parent="/pods/burstable") as pod:
        one = pod.run("sleep", "1000")
        with open(f"/proc/{one.pid()}/cgroup", encoding="utf-8") as file:
            print(re.sub("[0-9a-f]{64}", "ID", file.read().strip().split("::")[1]))
    os.removedirs("/sys/fs/cgroup/pods/burstable")


CGROUP = "/sys/fs/cgroup"
SHOW = (
    "cd /sys/fs/cgroup; for file in memory.max memory.swap.max memory.low cpu.max cpu.weight "
    "cpuset.cpus cpuset.mems pids.max; do echo $file $(cat $file); done; cat /proc/self/oom_score_adj"
)
LIMITS = {
    "memory_limit_in_bytes": 64 << 20,
    "cpu_quota": 50000,
    "cpu_period": 100000,
    "cpu_shares": 512,
    "cpuset_cpus": "0",
    "cpuset_mems": "0",
    "oom_score_adj": 500,
    "unified": pairs({"memory.low": "1048576", "pids.max": "50"}),
}


def limits(**pod):
    """a container's, at its start and by update; what is refused changes nothing"""
    with Pod(**pod) as pod:
        pod.says(SHOW, resources=LIMITS)
        one = pod.run("sleep", "1000", resources=LIMITS)
        one.update({"memory_limit_in_bytes": 80 << 20, "cpu_quota": 25000, "cpu_shares": 2048})
        print(one.exec(SHOW)[1], end="")
        one.update({"unified": pairs({"memory.low": "2097152", "pids.max": "max"})})
        print(one.exec(SHOW)[1], end="")
        one.update({"cpuset_cpus": "1000"})
        one.update({"unified": pairs({"nonesuch.max": "1"})})
        print(one.exec(SHOW)[1], end="")
        print(one.state())


def eats(pod, script):
    """a container that is killed for lack of memory, once its shim watches it: not at its start"""
    shell("rm -rf /tmp/word; mkdir /tmp/word")
    one = pod.run(
        "sh",
        "-c",
        "until test -e /word/go; do sleep 0.1; done; " + script,
        resources={"memory_limit_in_bytes": 16 << 20, "memory_swap_limit_in_bytes": 16 << 20},
        mounts=[{"container_path": "/word", "host_path": "/tmp/word"}],
    )
    shell("touch /tmp/word/go")
    return one


def oom(**pod):
    scope = "handler" in pod
    with Pod(**pod) as pod:
        one = eats(pod, "exec tail /dev/zero")
        one.ended()
        # The plugin hears of the end and of its reason by two events, in any order. The reason is
        # lost where systemd removes the empty scope before the shim has read its memory.events.
        if not scope:
            until(lambda: one.status().reason == "OOMKilled", "the reason")
            print(one.status().reason)
        print(one.status().exit_code)
        one = eats(pod, "tail /dev/zero; echo went on $?; exec sleep 1000")
        until(lambda: "went on" in one.log(), "the log")
        print(one.log("stdout"), one.state(), sep="")
        one.stop()
        until(lambda: one.status().reason == "OOMKilled", "the reason")
        print(one.status().exit_code, one.status().reason)
        print(pod.status().state)


def stats(**pod):
    """numbers, not only zeros, and those of the cgroup"""
    script = "head -c 8388608 /dev/zero >/dev/shm/x; while test ! -e /end; do :; done; exec sleep 1000"
    pod_parent = pod.get("cgroup_parent")
    with Pod(**pod) as pod:
        one = pod.run("sh", "-c", script, resources={"memory_limit_in_bytes": 64 << 20})
        until(lambda: one.stats().memory.usage_bytes.value > 8 << 20, "eight megabytes")
        before = one.stats().cpu.usage_core_nano_seconds.value
        until(lambda: one.stats().cpu.usage_core_nano_seconds.value > before, "time of a cpu")
        one.exec("touch /end")
        print(8 << 20 < one.stats().memory.working_set_bytes.value < 64 << 20)
        [listed] = call("ListContainerStats").stats
        print(listed.attributes.id == one.id, listed.memory.usage_bytes.value > 8 << 20)
        if pod_parent:  # whose numbers are the pod's
            [whole] = call("ListPodSandboxStats").stats
            print(whole.attributes.id == pod.id, whole.linux.process.process_count.value)
            print(whole.linux.memory.usage_bytes.value > 0, len(whole.linux.containers))


def unit(container):
    """how systemd sees it"""
    # not MemorySwapMax: runc doesn't tell systemd of no swap at all
    properties = "Slice,Delegate,MemoryMax,MemoryLow,CPUQuotaPerSecUSec,CPUWeight"
    properties += ",AllowedCPUs,AllowedMemoryNodes,TasksMax,ActiveState"
    scope = f"cri-containerd-{container.id}.scope"
    shell(f"systemctl show {scope} -p {properties} | sort")


def systemd():
    """SystemdCgroup = true, with the slices that a kubelet makes"""
    parent = "kubepods-burstable-pod1.slice"
    path = "/kubepods.slice/kubepods-burstable.slice/" + parent
    pod = {"cgroup_parent": path, "handler": RUNTIME + "-systemd"}
    shell(f"systemctl start {parent} && systemctl set-property --runtime {parent} MemoryMax=200M")
    for case in oom, stats:
        case(**pod)
    with Pod(**pod) as pod:
        one = pod.run("sleep", "1000", resources=LIMITS)
        with open(f"/proc/{one.pid()}/cgroup", encoding="utf-8") as file:
            print(re.sub("[0-9a-f]{64}", "ID", file.read().strip()))
        unit(one)
        one.update({"memory_limit_in_bytes": 80 << 20, "cpu_quota": 25000, "cpu_shares": 2048})
        shell("systemctl daemon-reload")
        unit(one)
        print(one.exec(SHOW)[1], end="")
        pod.says("mknod /f c 10 229; (: </f) 2>&1 | grep -o 'not permitted'")
    until(lambda: not glob.glob(f"{CGROUP}/kubepods.slice/**/cri-*", recursive=True), "the end")
    shell("systemctl list-units --no-legend --all 'cri-containerd-*' | wc -l")
    shell(f"systemctl stop kubepods.slice; systemctl revert {parent}")
    left()


def userns():
    """of pods: containerd from 1.7"""
    ids = [{"host_id": 200000, "container_id": 0, "length": 65536}]
    show = (
        "cat /proc/self/uid_map /proc/self/gid_map | tr -s ' '; id -u; stat -c %u /bin/busybox; "
        "stat -c %u /etc/hosts; touch /x && echo rw; hostname; ls /sys/class/net"
    )
    with Pod(network=POD, userns_options={"mode": POD, "uids": ids, "gids": ids}) as pod:
        pod.says(show)
        pod.says(
            "id -u; touch /m/x 2>/dev/null || echo no",
            security={"run_as_user": {"value": 1000}},
            mounts=[{"container_path": "/m", "host_path": "/tmp/v"}],
        )
        one = pod.run("sleep", "1000")
        print(one.exec(show))
        print(os.stat(f"/proc/{one.pid()}").st_uid)


def before_restart():
    pod = Pod()
    pod.run("sleep", "1000")
    pod.run("sh", "-c", "until test -e /tmp/end; do sleep 0.1; done; exit 6")
    pod.create("sh", "-c", "echo late; exit 2")


def after_restart():
    [pod] = call("ListPodSandbox").items
    containers = sorted(call("ListContainers").containers, key=lambda one: one.metadata.name)
    one, two, three = [Old(container) for container in containers]
    print(pod.state, pod.runtime_handler == RUNTIME, one.state(), two.state(), three.state())
    print(one.exec("echo again; exit 3"))
    print(two.exec("touch /tmp/end")[0], two.ended().exit_code)
    three.start()
    print(three.ended().exit_code)
    one.stop()
    print(one.status().exit_code)
    tidy()
    left()


class Old(Container):
    """one from before"""

    def __init__(self, container):  # pylint: disable=super-init-not-called
        self.id = container.id


def shims():
    with open("/sys/fs/cgroup/shims/cgroup.procs", encoding="utf-8") as processes:
        return len(processes.readlines())


def options():
    """of the shim: no pivot_root, no keyring, an owner of the streams, a root, a cgroup"""
    os.makedirs("/sys/fs/cgroup/shims", exist_ok=True)
    look = "stat -Lc '%u %g' /proc/self/fd/1; ls -d /etc; pwd; grep -c _ses."
    for handler in RUNTIME, RUNTIME + "-options":
        with Pod(handler=handler) as pod:
            one = pod.run("sleep", "1000")
            print(one.exec(look + one.id + " /proc/keys")[:2])  # a keyring has its container's name
            refused(one.exec_of, ["nonesuch"])
            print(shims(), "shim")
            roots = glob.glob("/run/elsewhere/k8s.io/*")
            print(sorted(map(os.path.basename, roots)) == sorted([pod.id, one.id]))
            user = {"run_as_user": {"value": 1000}, "run_as_group": {"value": 60}}
            pod.says("stat -Lc '%u %g' /proc/self/fd/1; echo opened >/dev/stdout", security=user)
            one.stop()
            print(one.status().exit_code)
    print(os.listdir("/run/elsewhere/k8s.io"))
    until(lambda: shims() == 0, "the shim's end")
    os.rmdir("/sys/fs/cgroup/shims")
    left()


def killed_shim():
    """the plugin has the runtime delete what its shim has left running"""
    with Pod() as pod:
        one = pod.run("sleep", "1007")
        pid = one.pid()
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            shim = int(stat.read().rsplit(")", 1)[1].split()[1])
        with open(f"/proc/{shim}/cmdline", encoding="utf-8") as line:
            print("shim" in line.read())
        os.kill(shim, 9)
        until(lambda: one.state() == "exited" and pod.status().state, "the shim's end")
        until(lambda: not os.path.exists(f"/proc/{pid}"), "the process's end")
    left()


def tidy():
    for pod in call("ListPodSandbox").items:
        call("StopPodSandbox", pod_sandbox_id=pod.id)
        call("RemovePodSandbox", pod_sandbox_id=pod.id)


if __name__ == "__main__":
    os.makedirs(LOGS, exist_ok=True)
    for case in sys.argv[1:]:
        globals()[case]()
