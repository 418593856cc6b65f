"""Durable triggered sends a second of several tenants: one process, workers, and emulators behind nginx.

    python benchmarks/scaling.py [--seconds 3] [--rounds 3] [--workers 2] [--connections 16] [--tenants 4]
        [--durability power] [--json FILE]

The kinds take turns in each round, so that the machine's speed of the moment is the same for each; the figure is the
median. `cpu` is what a send costs all processes of the kind together, which other load on the machine changes less.
nginx is left out where there is none. Each connection sends for one tenant, to a new subscriber each time.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from durability import ENVELOPE, SEED

SERVE = (sys.executable, "-P", "-m", "sfmc_mock", "serve", "--port", "0", "--ready-json", "--quiet")
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Target:
    """A set-up that serves the tenants: its port, and its processes."""

    port: int
    processes: list[int]

    def cpu(self) -> float:
        """Return the CPU seconds that its processes have used."""
        return sum(_cpu_of(each) for each in self.processes)

    def megabytes(self) -> float:
        """Return the memory of its processes, own and shared."""
        return sum(_megabytes_of(each) for each in self.processes)


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICK


def _megabytes_of(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(each) for each in found]


def _started(stack: ExitStack, folder: Path, first: int, tenants: int, *more: str) -> Target:
    """Start an emulator with the tenants from number `first` on."""
    seed = folder / f"seed-{first}.toml"
    seed.write_text(SEED.replace("[account]", f"[account]\nmid = {first + 1}"))
    files = [f"--account={folder / f'{number}.db'}" for number in range(first, first + tenants)]
    process = subprocess.Popen(
        [*SERVE, "--seed", str(seed), *files, *more], stdout=subprocess.PIPE, text=True
    )
    stack.enter_context(process)
    stack.callback(process.terminate)
    assert process.stdout is not None
    port = urlsplit(json.loads(process.stdout.readline())["url"]).port
    assert port is not None
    return Target(port, [process.pid, *_children(process.pid)])


@contextmanager
def one_process(folder: Path, tenants: int) -> Iterator[Target]:
    """Start one emulator."""
    with ExitStack() as stack:
        yield _started(stack, folder, 0, tenants)


@contextmanager
def worker_processes(folder: Path, tenants: int, workers: int) -> Iterator[Target]:
    """Start one emulator with several processes."""
    with ExitStack() as stack:
        yield _started(stack, folder, 0, tenants, "--workers", str(workers))


@contextmanager
def behind_nginx(folder: Path, tenants: int, emulators: int) -> Iterator[Target]:
    """Start nginx in front of emulators that share the tenants."""
    with ExitStack() as stack:
        part = tenants // emulators
        found = [
            _started(
                stack, folder, number * part, part + (tenants % emulators if not number else 0)
            )
            for number in range(emulators)
        ]
        port = _free_port()
        servers = "".join(
            f"upstream e{number} {{ server 127.0.0.1:{each.port}; keepalive 64; }}\n"
            for number, each in enumerate(found)
        )
        hosts = "".join(
            f"{_host(number)} e{min(number // part, emulators - 1)};\n" for number in range(tenants)
        )
        places = "".join(
            f"{each}_temp_path {folder}/{each};\n"
            for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
            f"http {{ access_log off; {places}{servers}map $host $emulator {{ {hosts} }}\n"
            f"server {{ listen 127.0.0.1:{port}; keepalive_requests 1000000; proxy_http_version 1.1;\n"
            'proxy_set_header Connection ""; proxy_set_header Host $http_host;\n'
            "location / { proxy_pass http://$emulator; } } }\n"
        )
        nginx = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        stack.enter_context(nginx)
        stack.callback(nginx.terminate)
        while not _answers(port):
            time.sleep(0.05)
        everything = [pid for each in found for pid in each.processes]
        yield Target(port, [*everything, nginx.pid, *_children(nginx.pid)])


NGINX = shutil.which("nginx") or "/usr/sbin/nginx"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0


def _host(tenant: int) -> str:
    return f"t{tenant}.emulator.example"


def _user(tenant: int, part: int) -> str:
    """Return the user of a tenant; each emulator numbers its own accounts."""
    number = tenant % part + 1
    return "mock-user" if number == 1 else f"mock-user-{number}"


class Load(NamedTuple):
    """The number of sent messages, messages per second, and CPU microseconds per message."""

    sends: int
    rate: float
    cpu: float


def load(
    target: Target,
    connections: int,
    tenants: int,
    part: int,
    seconds: float,
    most: float = math.inf,
) -> Load:
    """Send for a number of seconds, or until a number of messages is sent."""
    clients = [
        _Client(target.port, number, number % tenants, part) for number in range(connections)
    ]
    with selectors.DefaultSelector() as selector:
        for client in clients:
            selector.register(client.socket, selectors.EVENT_READ, client)
            client.send()
        done, before, began = 0, target.cpu(), time.perf_counter()
        while (now := time.perf_counter()) < began + seconds and done < most:
            for key, _ in selector.select(0.1):
                if key.data.receive():
                    done += 1
                    key.data.send()
        used = target.cpu() - before
    for client in clients:
        client.socket.close()
    return Load(done, done / (now - began), used / max(done, 1) * 1e6)


class _Client:
    """One connection with as little overhead as possible in Python."""

    def __init__(self, port: int, number: int, tenant: int, part: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        self.done = 0
        self._number = number
        self._envelope = ENVELOPE.replace(">mock-user<", f">{_user(tenant, part)}<")
        self._head = (
            f"POST /Service.asmx HTTP/1.1\r\nHost: {_host(tenant)}\r\nContent-Type: text/xml\r\n"
            "SOAPAction: Create\r\nContent-Length: %d\r\n\r\n"
        )
        self._received = b""

    def send(self) -> None:
        body = self._envelope.format(name=f"{self._number}-{self.done}-{time.time_ns()}").encode()
        self.socket.sendall((self._head % len(body)).encode() + body)

    def receive(self) -> bool:
        """Read the received bytes, and return whether the answer is complete."""
        self._received += self.socket.recv(65_536)
        if not self._received.endswith(b"Envelope>"):
            return False
        assert b"<OverallStatus>OK<" in self._received, self._received
        self.done, self._received = self.done + 1, b""
        return True


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--tenants", type=int, default=4)
    parser.add_argument("--durability", default="power")
    parser.add_argument("--json", metavar="FILE")
    given = parser.parse_args()
    os.environ["SFMC_MOCK_DURABILITY"] = given.durability
    many, tenants = given.workers, given.tenants
    kinds: dict[str, tuple[Callable[[Path], object], int]] = {
        "one process": (lambda folder: one_process(folder, tenants), tenants),
        f"{many} workers": (lambda folder: worker_processes(folder, tenants, many), tenants),
    }
    if os.path.exists(NGINX):
        kinds["nginx, one emulator"] = (lambda folder: behind_nginx(folder, tenants, 1), tenants)
        kinds[f"nginx, {many} emulators"] = (
            lambda folder: behind_nginx(folder, tenants, many),
            tenants // many,
        )
    found: dict[str, list[Load]] = {name: [] for name in kinds}
    for _ in range(given.rounds):
        for name, (start, part) in kinds.items():
            with tempfile.TemporaryDirectory() as folder, start(Path(folder)) as target:  # type: ignore[attr-defined]
                load(target, given.connections, tenants, part, 0.5)
                found[name].append(load(target, given.connections, tenants, part, given.seconds))
    print(
        f"{tenants} tenants, {given.connections} connections, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
    )
    base = statistics.median(each.rate for each in found["one process"])
    for name, figures in found.items():
        rate = statistics.median(each.rate for each in figures)
        cpu = statistics.median(each.cpu for each in figures)
        print(f"{name:24} {rate:8,.0f} sends/s  {rate / base:5.2f} x  {cpu:6,.0f} us of CPU a send")
    if given.json:
        told = {name: [each._asdict() for each in loads] for name, loads in found.items()}
        Path(given.json).write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
