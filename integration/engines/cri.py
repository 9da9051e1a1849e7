# SPDX-License-Identifier: Apache-2.0
"""A kubelet in small: a client of the container runtime interface, which containerd has.

Only the messages and members that the tests need, in a table; gRPC does the rest. A message is
given as a dictionary, an answer is an object with all members.
"""

import base64
import os
import socket
import struct
import time

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

# MESSAGE: member=number[:type][*] as in runtime.v1. The type is a letter or a message, without one
# it is a string; * is a list. Enumerations are integers, a map is a list of key and value.
MESSAGES = """
Pair: key=1 value=2
Number: value=1:i
Metadata: name=1 uid=2 namespace=3 attempt=4:i
IDMapping: host_id=1:i container_id=2:i length=3:i
UserNamespace: mode=1:i uids=2:IDMapping* gids=3:IDMapping*
NamespaceOption: network=1:i pid=2:i ipc=3:i target_id=4 userns_options=5:UserNamespace
SecurityProfile: profile_type=1:i localhost_ref=2
PodSecurity: namespace_options=1:NamespaceOption run_as_user=3:Number readonly_rootfs=4:b
PodSecurity: supplemental_groups=5:i* privileged=6:b run_as_group=8:Number seccomp=9:SecurityProfile
LinuxPodSandboxConfig: cgroup_parent=1 security_context=2:PodSecurity sysctls=3:Pair*
PodSandboxConfig: metadata=1:Metadata hostname=2 log_directory=3 labels=6:Pair* annotations=7:Pair*
PodSandboxConfig: linux=8:LinuxPodSandboxConfig
Hugepages: page_size=1 limit=2:i
Resources: cpu_period=1:i cpu_quota=2:i cpu_shares=3:i memory_limit_in_bytes=4:i oom_score_adj=5:i
Resources: cpuset_cpus=6 cpuset_mems=7 hugepage_limits=8:Hugepages* unified=9:Pair*
Resources: memory_swap_limit_in_bytes=10:i
Capability: add_capabilities=1* drop_capabilities=2* add_ambient_capabilities=3*
Security: capabilities=1:Capability privileged=2:b namespace_options=3:NamespaceOption
Security: run_as_user=5:Number run_as_username=6 readonly_rootfs=7:b supplemental_groups=8:i*
Security: no_new_privs=11:b run_as_group=12:Number masked_paths=13* readonly_paths=14*
Security: seccomp=15:SecurityProfile apparmor=16:SecurityProfile
LinuxContainerConfig: resources=1:Resources security_context=2:Security
ImageSpec: image=1
Mount: container_path=1 host_path=2 readonly=3:b selinux_relabel=4:b propagation=5:i
Mount: uidMappings=6:IDMapping* gidMappings=7:IDMapping* recursive_read_only=8:b
Device: container_path=1 host_path=2 permissions=3
ContainerMetadata: name=1 attempt=2:i
ContainerConfig: metadata=1:ContainerMetadata image=2:ImageSpec command=3* args=4* working_dir=5
ContainerConfig: envs=6:Pair* mounts=7:Mount* devices=8:Device* labels=9:Pair* annotations=10:Pair*
ContainerConfig: log_path=11 stdin=12:b stdin_once=13:b tty=14:b linux=15:LinuxContainerConfig
VersionRequest: version=1
VersionResponse: version=1 runtime_name=2 runtime_version=3 runtime_api_version=4
Condition: type=1 status=2:b reason=3 message=4
RuntimeStatus: conditions=1:Condition*
StatusRequest: verbose=1:b
StatusResponse: status=1:RuntimeStatus info=2:Pair*
RunPodSandboxRequest: config=1:PodSandboxConfig runtime_handler=2
RunPodSandboxResponse: pod_sandbox_id=1
StopPodSandboxRequest: pod_sandbox_id=1
StopPodSandboxResponse:
RemovePodSandboxRequest: pod_sandbox_id=1
RemovePodSandboxResponse:
PodIP: ip=1
PodNetwork: ip=1 additional_ips=2:PodIP*
PodStatus: id=1 metadata=2:Metadata state=3:i network=5:PodNetwork runtime_handler=9
PodSandboxStatusRequest: pod_sandbox_id=1 verbose=2:b
PodSandboxStatusResponse: status=1:PodStatus info=2:Pair*
Pod: id=1 metadata=2:Metadata state=3:i runtime_handler=7
ListPodSandboxRequest:
ListPodSandboxResponse: items=1:Pod*
CreateContainerRequest: pod_sandbox_id=1 config=2:ContainerConfig sandbox_config=3:PodSandboxConfig
CreateContainerResponse: container_id=1
StartContainerRequest: container_id=1
StartContainerResponse:
StopContainerRequest: container_id=1 timeout=2:i
StopContainerResponse:
RemoveContainerRequest: container_id=1
RemoveContainerResponse:
Container: id=1 pod_sandbox_id=2 metadata=3:ContainerMetadata state=6:i
ListContainersRequest:
ListContainersResponse: containers=1:Container*
ContainerStatus: id=1 state=3:i created_at=4:i started_at=5:i finished_at=6:i exit_code=7:i
ContainerStatus: reason=10 message=11 log_path=15
ContainerStatusRequest: container_id=1 verbose=2:b
ContainerStatusResponse: status=1:ContainerStatus info=2:Pair*
UpdateContainerResourcesRequest: container_id=1 linux=2:Resources
UpdateContainerResourcesResponse:
ExecSyncRequest: container_id=1 cmd=2* timeout=3:i
ExecSyncResponse: stdout=1:y stderr=2:y exit_code=3:i
ExecRequest: container_id=1 cmd=2* tty=3:b stdin=4:b stdout=5:b stderr=6:b
ExecResponse: url=1
AttachRequest: container_id=1 stdin=2:b tty=3:b stdout=4:b stderr=5:b
AttachResponse: url=1
CpuUsage: timestamp=1:i usage_core_nano_seconds=2:Number
MemoryUsage: timestamp=1:i working_set_bytes=2:Number usage_bytes=4:Number
ProcessUsage: timestamp=1:i process_count=2:Number
StatsAttributes: id=1 metadata=2:ContainerMetadata
ContainerStats: attributes=1:StatsAttributes cpu=2:CpuUsage memory=3:MemoryUsage
ContainerStatsRequest: container_id=1
ContainerStatsResponse: stats=1:ContainerStats
ListContainerStatsRequest:
ListContainerStatsResponse: stats=1:ContainerStats*
PodAttributes: id=1 metadata=2:Metadata
LinuxPodStats: cpu=1:CpuUsage memory=2:MemoryUsage process=4:ProcessUsage containers=5:ContainerStats*
PodStats: attributes=1:PodAttributes linux=2:LinuxPodStats
ListPodSandboxStatsRequest:
ListPodSandboxStatsResponse: stats=1:PodStats*
"""

POD, CONTAINER, NODE, TARGET = range(4)
CREATED, RUNNING, EXITED, UNKNOWN = range(4)
STATES = ["created", "running", "exited", "unknown"]
DEFAULT, UNCONFINED, LOCALHOST = range(3)
PRIVATE, FROM_HOST, BOTH_WAYS = range(3)

FIELD = descriptor_pb2.FieldDescriptorProto
TYPES = {"": FIELD.TYPE_STRING, "i": FIELD.TYPE_INT64, "b": FIELD.TYPE_BOOL, "y": FIELD.TYPE_BYTES}


def message_classes():
    """name -> class, out of the table"""
    file = descriptor_pb2.FileDescriptorProto(name="cri", package="cri", syntax="proto3")
    messages = {}
    for line in MESSAGES.strip().splitlines():
        name, members = line.split(":", 1)
        if name not in messages:
            messages[name] = file.message_type.add(name=name)
        for member in members.split():
            label = FIELD.LABEL_REPEATED if member.endswith("*") else FIELD.LABEL_OPTIONAL
            member, number = member.rstrip("*").split("=")
            number, _, kind = number.partition(":")
            field = messages[name].field.add(name=member, number=int(number), label=label)
            if kind in TYPES:
                field.type = TYPES[kind]
            else:
                field.type, field.type_name = FIELD.TYPE_MESSAGE, ".cri." + kind
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    make = getattr(message_factory, "GetMessageClass", None)
    make = make or message_factory.MessageFactory(pool).GetPrototype
    return {name: make(pool.FindMessageTypeByName("cri." + name)) for name in messages}


# seconds; an emulated machine takes some for the start of one container
SLOW = 10 if os.environ.get("MINIRUN_SLOW_HOST") else 1
CLASSES = message_classes()
CHANNEL = grpc.insecure_channel("unix:///run/containerd/containerd.sock")


class Refused(Exception):
    """What the other side says no to."""


def call(name, **members):
    request = json_format.ParseDict(members, CLASSES[name + "Request"]())
    method = CHANNEL.unary_unary(
        "/runtime.v1.RuntimeService/" + name,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=CLASSES[name + "Response"].FromString,
    )
    try:
        return method(request, timeout=60 * SLOW, wait_for_ready=True)
    except grpc.RpcError as error:
        raise Refused(f"{error.code().name}: {error.details()}") from None


def pairs(dictionary):
    return [{"key": key, "value": value} for key, value in dictionary.items()]


class Socket:
    """The streams of Exec and Attach: a WebSocket whose messages begin with a stream's number."""

    def __init__(self, url):
        host, path = url.split("://", 1)[1].split("/", 1)
        address, port = host.rsplit(":", 1)
        self.socket = socket.create_connection((address.strip("[]"), int(port)), timeout=60)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall(
            f"GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nOrigin: http://{host}\r\n"
            "Sec-WebSocket-Protocol: v4.channel.k8s.io\r\n\r\n".encode()
        )
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            byte = self.socket.recv(1)
            if not byte:
                break
            answer += byte
        if b" 101 " not in answer.split(b"\r\n")[0]:
            raise Refused(answer.decode(errors="replace"))

    def send(self, stream, data):
        data = bytes([stream]) + data
        assert len(data) < 126
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))
        self.socket.sendall(bytes([0x82, 0x80 | len(data)]) + mask + masked)

    def exactly(self, size):
        data = b""
        while len(data) < size:
            more = self.socket.recv(size - len(data))
            if not more:
                raise EOFError
            data += more
        return data

    def messages(self):
        """(stream, data) until the other side hangs up; stream 3 is the final status"""
        try:
            while True:
                kind, size = self.exactly(2)
                if size & 127 == 126:
                    size = struct.unpack(">H", self.exactly(2))[0]
                elif size & 127 == 127:
                    size = struct.unpack(">Q", self.exactly(8))[0]
                data = self.exactly(size)
                if kind & 15 == 8:
                    return
                if kind & 15 in (1, 2) and data:
                    yield data[0], data[1:]
        except (EOFError, ConnectionError):
            return


def until(condition, what="a condition"):
    """Waits for it, thirty seconds at most, where a host isn't slow."""
    end = time.monotonic() + 30 * SLOW
    while not condition():
        if time.monotonic() > end:
            raise Refused(f"waited in vain for {what}")
        time.sleep(0.02)
