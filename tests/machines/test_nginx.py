"""nginx in front of two emulators, as in docs/scaling.md: each call reaches the emulator with the tenant's account.

If the user may create network namespaces, each emulator has its own network, as on its own machine.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.command_line import COMMAND, environment
from tests.support.flows import log_row, run_flow
from tests.support.free_port import free_port
from tests.support.served import Served

from sfmc_client import Client, OAuth, P, Transport
from sfmc_client.exchanges import Request, Response
from sfmc_mock.documentation import read_page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("nginx") is None and not os.path.exists("/usr/sbin/nginx"),
        reason="needs nginx, which is not installed here (apt-get install nginx)",
    ),
]

TENANTS = 10
SEED = '[account]\nmid = {mid}\nengagement = "quiet"\n'


@dataclass(frozen=True)
class Emulator:
    """One of the machines: its name, its tenants, and its address."""

    name: str
    address: str
    tenants: range


def _network(stack: ExitStack, number: int) -> tuple[str, list[str]] | None:
    """Make a network for an emulator; return its address and the command prefix to run programs there.

    None if that is not allowed.
    """
    ip = shutil.which("ip")
    if ip is None or os.geteuid() != 0:
        return None
    namespace, outside, inside = (f"sfmc{each}{number}-{os.getpid()}" for each in "noi")
    # Of the addresses that are set apart for tests of networks.
    network = f"198.18.{os.getpid() % 250}"
    near, far = (f"{network}.{4 * number + each}" for each in (1, 2))
    for step in (
        f"netns add {namespace}",
        f"link add {outside} type veth peer name {inside} netns {namespace}",
        f"addr add {near}/30 dev {outside}",
        f"link set {outside} up",
        f"-n {namespace} addr add {far}/30 dev {inside}",
        f"-n {namespace} link set {inside} up",
        f"-n {namespace} link set lo up",
    ):
        if subprocess.run([ip, *step.split()], capture_output=True, check=False).returncode:
            return None
        if step.startswith("netns add"):
            stack.callback(subprocess.run, [ip, "netns", "del", namespace], check=False)
    return far, [ip, "netns", "exec", namespace]


def _emulator(stack: ExitStack, folder: Path, name: str, number: int) -> Emulator:
    address, prefix = _network(stack, number) or (f"127.0.0.{number + 2}", [])
    seed = folder / f"{name}.toml"
    seed.write_text(SEED.format(mid=1_000_000 * (number + 1)))
    half = TENANTS // 2
    tenants = range(number * half + 1, number * half + half + 1)
    files = [f"--account={folder / f't{tenant:02}.db'}" for tenant in tenants]
    process = subprocess.Popen(
        [
            *[*prefix, *COMMAND, "serve", "--port", "0", "--ready-json", "--quiet"],
            *["--host", address, "--control-token", f"token-of-{name}"],
            *["--allow-host", f"{name}.emulator.example", "--seed", str(seed), *files],
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    stack.enter_context(process)
    stack.callback(process.terminate)
    served = Served(process)
    return Emulator(name, f"{address}:{served.address[1]}", tenants)


def _configuration(folder: Path, emulators: list[Emulator], port: int) -> str:
    """Return the configuration of the documentation, with the addresses of this test."""
    (documented,) = re.findall(r"```nginx\n(.*?)```", read_page("scaling"), re.DOTALL)
    for documented_address, emulator in zip(
        ("192.0.2.11:8025", "192.0.2.12:8025"), emulators, strict=True
    ):
        assert f"upstream {emulator.name} {{ server {documented_address};" in documented
        documented = documented.replace(documented_address, emulator.address)
    documented = documented.replace("listen 80;", f"listen 127.0.0.1:{port};")
    places = "".join(
        f"{each}_temp_path {folder}/{each};\n"
        for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    return (
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off;\n{places}{documented}}}\n"
    )


def _start_nginx(stack: ExitStack, folder: Path, emulators: list[Emulator]) -> int:
    port = stack.enter_context(free_port())
    configuration = folder / "nginx.conf"
    configuration.write_text(_configuration(folder, emulators, port))
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    process = subprocess.Popen(
        [program, "-p", str(folder), "-c", str(configuration)], stderr=subprocess.PIPE
    )
    stack.enter_context(process)
    stack.callback(process.terminate)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with closing(socket.socket()) as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return port
    raise AssertionError(f"nginx does not listen: {process.communicate()}")


@dataclass(frozen=True)
class Front:
    """nginx, and the emulators behind it."""

    port: int
    emulators: list[Emulator]

    def ask(
        self, host: str, method: str, path: str, body: str | None = None, **headers: str
    ) -> tuple[int, str]:
        """Make a request for a host, and return status and body."""
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, {"Host": host, **headers})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()


class _ThroughNginx:
    """A transport that connects to nginx for every host."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def send(self, request: Request) -> Response:
        address = urlsplit(request.url)
        headers = {**request.headers, "Host": address.netloc}
        self._connection.request("POST", address.path, request.body, headers)
        answer = self._connection.getresponse()
        named = {name.lower(): value for name, value in answer.getheaders()}
        return Response(status=answer.status, headers=named, body=answer.read())

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """nginx in front of two emulators with five tenants each."""
    folder = tmp_path_factory.mktemp("machines")
    with ExitStack() as stack:
        emulators = [
            _emulator(stack, folder, name, number) for number, name in enumerate(("north", "south"))
        ]
        yield Front(_start_nginx(stack, folder, emulators), emulators)


def _client(transport: Transport, host: str, number: int, mid: int) -> Client:
    """Return a client for the tenant whose account has this number on its emulator."""
    client_id = "mock-client-id" + (f"-{number}" if number > 1 else "")
    auth = OAuth(
        client_id, "mock-client-secret", account_id=mid, token_url=f"http://{host}/v2/token"
    )
    return Client(f"http://{host}/Service.asmx", auth=auth, transport=transport)


def test_ten_tenants_run_the_flow_each_in_its_own_account(front: Front) -> None:
    jobs = {}
    for place, emulator in enumerate(front.emulators):
        for number, tenant in enumerate(emulator.tenants, start=1):
            mid = 1_000_000 * (place + 1) + number - 1
            host = f"t{tenant:02}.{emulator.name}.emulator.example"
            with closing(_ThroughNginx(front.port)) as transport:
                service = _client(transport, host, number, mid)
                run_flow(service)
                jobs[tenant] = log_row(service)["JobID"]
                sent = service.retrieve(
                    "SentEvent", ["Client.ID"], filter=P("SendID").equals(jobs[tenant])
                ).all()
            assert [each["Client.ID"] for each in sent] == [str(mid)]

    assert len(jobs) == TENANTS
    for emulator in front.emulators:
        _, text = front.ask(
            f"{emulator.name}.emulator.example",
            "GET",
            "/_mock/accounts",
            Authorization=f"Bearer token-of-{emulator.name}",
        )
        accounts = json.loads(text)["accounts"]
        assert [Path(each["kept_in"]).stem for each in accounts] == [
            f"t{tenant:02}" for tenant in emulator.tenants
        ]
        assert [each["holds"]["message"] for each in accounts] == [1] * 5


def test_the_token_of_a_tenant_names_its_own_host(front: Front) -> None:
    asked = {
        "grant_type": "client_credentials",
        "client_id": "mock-client-id",
        "client_secret": "mock-client-secret",
    }

    status, text = front.ask(
        "t06.south.emulator.example",
        "POST",
        "/v2/token",
        json.dumps(asked),
        **{"Content-Type": "application/json"},
    )

    assert status == 200
    assert json.loads(text)["soap_instance_url"] == "http://t06.south.emulator.example/"


def test_an_unknown_tenant_is_reported(front: Front) -> None:
    assert front.ask("t01.west.emulator.example", "POST", "/Service.asmx") == (
        404,
        "No emulator has this tenant.\n",
    )


def test_the_token_of_the_control_api_leads_to_its_emulator(front: Front) -> None:
    mids = []
    for emulator in front.emulators:
        status, text = front.ask(
            f"{emulator.name}.emulator.example",
            "GET",
            "/_mock/ready",
            Authorization=f"Bearer token-of-{emulator.name}",
        )
        assert status == 200
        mids.append(json.loads(text)["mids"][0])
    wrong = front.ask("north.emulator.example", "GET", "/_mock/ready", Authorization="Bearer x")

    assert mids == [1_000_000, 2_000_000]
    assert wrong[0] == 401
