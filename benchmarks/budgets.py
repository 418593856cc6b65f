"""Measure every speed budget of the project in one run, and print it beside its limit.

    python benchmarks/budgets.py [--messages 1000000] [--json FILE] [--compare FILE]

Calls go over HTTP on this machine to `sfmc-mock serve` with an account in a file, and in turn to a floor: hand-written
code over lxml and SQLite that does the same work behind the same HTTP server (`floor_server.py`). Both answer after the
data is flushed to disk. The compared value is the CPU time of the server's process per call, the minimum of all rounds,
because other load on the machine only adds to it. Growth compares an account of 3,000 messages with a large one.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

from calls import HEAD, NS, TAIL, Emulator, create, retrieve_between, retrieve_one, retrieve_page
from fixtures import fresh_accounts, unused_plugin
from scaling import Target, load, one_process, worker_processes

from sfmc_mock.account import Account
from sfmc_mock.account.recipients import Recipient
from sfmc_mock.account.sends import trigger
from sfmc_mock.account.triggered_send_definitions import find_definition

HERE = Path(__file__).parent
# Enough for a whole page.
FEW = 3_000
# The messages of the period whose events are retrieved.
LATE = 60
_AT_ONCE = 1_000

_CONNECTIONS = 16
# The service takes 32,766 objects in a request.
_IN_ONE_CALL, _IN_A_SHORT_CALL = 32_000, 500
_SENDS_OF_MEMORY = 100_000


@dataclass(frozen=True)
class Result:
    """One budget: the measured value, and its maximum (its minimum with `at_least`)."""

    what: str
    value: float
    budget: float
    unit: str = "x"
    note: str = ""
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.budget if self.at_least else self.value <= self.budget


class Server:
    """A server in its own process, and one connection to it."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self._connection: socket.socket | None = None
        # Linux's number for the CPU clock of another process.
        self.clock = (~process.pid << 3) | 2

    def call(self, document: bytes) -> bytes:
        """Return the answer to a request. Raises `RuntimeError` if the request fails."""
        if self._connection is None:
            self._connection = socket.create_connection(("127.0.0.1", self.port))
        action = b"Create" if b"<CreateRequest" in document else b"Retrieve"
        self._connection.sendall(
            b"POST /Service.asmx HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: benchmark\r\nAccept: */*\r\n"
            b"Content-Type: text/xml; charset=utf-8\r\nSOAPAction: %s\r\nContent-Length: %d\r\n\r\n%s"
            % (self.port, action, len(document), document)
        )
        answer = self._connection.recv(1 << 20)
        head, _, body = answer.partition(b"\r\n\r\n")
        parts, missing = [body], int(re.findall(rb"Content-Length: (\d+)", head)[0]) - len(body)
        while missing > 0:
            parts.append(self._connection.recv(1 << 20))
            missing -= len(parts[-1])
        if b"Connection: close" in head:
            self._connection.close()
            self._connection = None
        body = b"".join(parts)
        if not head.startswith(b"HTTP/1.1 200") or b"<OverallStatus>Error" in body:
            raise RuntimeError((head + b"\n\n" + body[:2_000]).decode())
        return body

    def cpu(self, documents: list[bytes]) -> float:
        """Return the server's average CPU seconds per request."""
        before = time.clock_gettime(self.clock)
        for document in documents:
            self.call(document)
        return (time.clock_gettime(self.clock) - before) / len(documents)

    def megabytes(self) -> float:
        """Return the memory of the process, own and shared."""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.findall(r"VmRSS:\s+(\d+)", text)[0]) / 1024

    def stop(self) -> None:
        """Stop the process."""
        if self._connection is not None:
            self._connection.close()
        self.process.terminate()
        self.process.wait(30)


def serve(account: Path, *more: str) -> Server:
    """Start the emulator with an account."""
    command = [sys.executable, "-m", "sfmc_mock", "serve", "--port", "0", "--ready-json"]
    options = ["--account", str(account), "--engagement", "quiet", "--lag", "instant"]
    with Path(f"{account}.lines").open("w") as lines:
        process = subprocess.Popen(
            [*command, *options, *more], stdout=subprocess.PIPE, stderr=lines, text=True
        )
    assert process.stdout is not None
    ready = process.stdout.readline()
    return Server(process, urlsplit(json.loads(ready)["url"]).port or 0)


def serve_floor(path: Path) -> Server:
    """Start the floor with a new file."""
    process = subprocess.Popen(
        [sys.executable, str(HERE / "floor_server.py"), str(path)],
        stdout=subprocess.PIPE,
        stdin=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    return Server(process, int(process.stdout.readline()))


def fill(path: Path, messages: int) -> bytes:
    """Create an account with messages to different subscribers, with their log rows and events.

    Return a Retrieve of the events of its last period, which has the same length in every account.
    """
    emulator = Emulator(str(path))
    account = emulator.account
    _send(account, 0, messages - LATE)
    account.change_clock(lambda clock: clock.advance(timedelta(days=1)))
    start = account.now_text()
    _send(account, messages - LATE, messages)
    account.change_clock(lambda clock: clock.advance(timedelta(days=1)))
    end = account.now_text()
    emulator.accounts.close()
    return retrieve_between(start, end)


def _send(account: Account, first: int, end: int) -> None:
    definition = find_definition(account, key="welcome")
    assert definition is not None
    for start in range(first, end, _AT_ONCE):
        names = [f"p{number}" for number in range(start, min(start + _AT_ONCE, end))]
        with account.db.atomic():
            people = [
                Recipient(each, f"{each}@mail.test.org", {"UniqueID": f"unique-{each[1:]}"})
                for each in names
            ]
            trigger(account, definition, people)


def next_page(request_id: str) -> bytes:
    """Return a Retrieve of the page after that of an earlier call."""
    body = (
        f'<RetrieveRequestMsg xmlns="{NS}"><RetrieveRequest><ContinueRequest>{request_id}</ContinueRequest>'
        "</RetrieveRequest></RetrieveRequestMsg>"
    )
    return (HEAD + body + TAIL).encode()


def kinds() -> dict[str, tuple[Callable[[], list[bytes]], float]]:
    """Return the kinds of calls: a function that makes the requests of a round, and the budget as a ratio."""
    number = iter(count(10_000_000, 100))
    return {
        "send, 1 subscriber": (lambda: [create(1, next(number)) for _ in range(50)], 1.6),
        "send, 100 subscribers": (lambda: [create(100, next(number)) for _ in range(3)], 1.6),
        "one row by index": (lambda: [retrieve_one(n) for n in range(100, 150)], 1.6),
        "page of 2,500 rows": (lambda: [retrieve_page()] * 4, 1.1),
    }


Times = dict[tuple[str, str], list[float]]


KINDS = kinds()


def measure_calls(servers: dict[str, Server], rounds: int) -> Times:
    """Return the CPU seconds per call of each kind on each server, by kind and server, for each round."""
    found: Times = defaultdict(list)
    for round_number in range(rounds):
        for kind, (requests, _) in KINDS.items():
            documents = requests()
            # Each is the first one as often as the last one.
            order = list(servers) if round_number % 2 else list(reversed(servers))
            for name in order:
                found[kind, name].append(servers[name].cpu(documents))
    return found


def call_results(times: Times, messages: int) -> Iterator[Result]:
    """Yield the budgets of single calls."""
    least = {key: min(values) * 1e6 for key, values in times.items()}
    for kind, (_, budget) in KINDS.items():
        ours, floor = least[kind, "emulator"], least[kind, "floor"]
        note = f"{ours:,.0f} µs of CPU, floor {floor:,.0f}"
        yield Result(f"{kind}, to the floor", ours / floor, budget, note=note)
    hundred = least["send, 100 subscribers", "emulator"]
    yield Result("sends a second and core", 100 / hundred * 1e6, 10_000, "/s", at_least=True)
    for kind in KINDS:
        few, many = least[kind, "emulator"], least[kind, "large"]
        note = f"{few:,.0f} µs with {FEW:,} messages, {many:,.0f} with {messages:,}"
        yield Result(f"{kind}, growth", many / few, 1.3, note=note)


def period_results(
    small: Server, large: Server, periods: tuple[bytes, bytes], messages: int, rounds: int
) -> Iterator[Result]:
    """Yield the budget of a Retrieve of the events of a period."""
    times: dict[Server, list[float]] = {small: [], large: []}
    for server, document in zip(times, periods, strict=True):
        found = server.call(document).count(b"<Results ")
        if found != LATE:
            raise RuntimeError(f"{found} events are in the period, not {LATE}")
    for _ in range(rounds):
        for server, document in zip(times, periods, strict=True):
            times[server].append(server.cpu([document] * 50))
    few, many = (min(each) * 1e6 for each in times.values())
    note = f"{few:,.0f} µs with {FEW:,} messages, {many:,.0f} with {messages:,}"
    yield Result(f"{LATE} events by date, growth", many / few, 1.3, note=note)


def call_size_results(server: Server) -> Iterator[Result]:
    """Yield the budget of a call with nearly the maximum number of subscribers."""
    numbers = count(500_000_000, _IN_A_SHORT_CALL)
    short = [
        create(_IN_A_SHORT_CALL, next(numbers)) for _ in range(_IN_ONE_CALL // _IN_A_SHORT_CALL)
    ]
    in_short_ones = server.cpu(short) / _IN_A_SHORT_CALL * 1e6
    in_one = server.cpu([create(_IN_ONE_CALL, 600_000_000)]) / _IN_ONE_CALL * 1e6
    note = f"{in_one:,.1f} µs of CPU a send, {in_short_ones:,.1f} in calls of {_IN_A_SHORT_CALL}"
    what = f"a send in a call with {_IN_ONE_CALL:,}, to one with {_IN_A_SHORT_CALL}"
    yield Result(what, in_one / in_short_ones, 1.3, note=note)


def load_results(folder: Path, rounds: int) -> Iterator[Result]:
    """Yield the budgets of many connections, and of the memory after many sends."""
    tenants = 4
    found: dict[str, list[float]] = {"floor": [], "one": [], "two": []}
    for number in range(rounds):
        for kind, rates in found.items():
            place = folder / f"{kind}-{number}"
            place.mkdir()
            with _under_load(kind, place, tenants) as target:
                load(target, _CONNECTIONS, tenants, tenants, 0.3)
                rates.append(load(target, _CONNECTIONS, tenants, tenants, 1.5).rate)
    floor, one, two = (max(rates) for rates in found.values())
    note = f"durable, one process; the floor {floor:,.0f}"
    yield Result(f"sends by {_CONNECTIONS} connections", one, 2_000, "/s", note, at_least=True)
    note = f"durable, {two / one:.2f} times one process"
    yield Result("the same, two workers", two, 4_000, "/s", note, at_least=True)
    place = folder / "memory"
    place.mkdir()
    with one_process(place, 1) as target:
        before = target.megabytes()
        sends = load(target, _CONNECTIONS, 1, 1, 120, _SENDS_OF_MEMORY).sends
        after = target.megabytes()
    yield Result(f"memory after {sends:,} sends", after, 80, "MB", f"{before:.0f} MB before")


@contextlib.contextmanager
def _under_load(kind: str, folder: Path, tenants: int) -> Iterator[Target]:
    if kind == "floor":
        server = serve_floor(folder / "floor.db")
        try:
            yield Target(server.port, [server.process.pid])
        finally:
            server.stop()
    elif kind == "one":
        with one_process(folder, tenants) as target:
            yield target
    else:
        with worker_processes(folder, tenants, 2) as target:
            yield target


def page_results(server: Server) -> Iterator[Result]:
    """Yield the budgets of a large Retrieve, from all of its pages."""
    answer = server.call(retrieve_page())
    times, memory = [], []
    while b"<OverallStatus>MoreDataAvailable" in answer:
        found = re.findall(rb"<RequestID>([^<]*)", answer)
        document = next_page(found[0].decode())
        before = time.clock_gettime(server.clock)
        answer = server.call(document)
        times.append(time.clock_gettime(server.clock) - before)
        memory.append(server.megabytes())
    # The last page is shorter.
    del times[-1]
    part = max(1, len(times) // 10)
    first, last = min(times[:part]), min(times[-part:])
    note = f"{len(memory) + 1:,} pages; {first * 1e6:,.0f} µs, the last ones {last * 1e6:,.0f}"
    yield Result("later pages, to the first ones", last / first, 1.2, note=note)
    settled = memory[len(memory) // 2]
    note = f"{memory[0]:.0f} MB at first, {settled:.0f} half-way, {memory[-1]:.0f} at the end"
    yield Result(
        "memory at the end of the pages, to half-way", memory[-1] / settled, 1.05, note=note
    )


def start_results(path: Path) -> Iterator[Result]:
    """Yield the budgets of starting a server."""
    times, processor, memory = [], [], 0.0
    for _ in range(5):
        began = time.perf_counter()
        server = serve(path)
        times.append(time.perf_counter() - began)
        processor.append(time.clock_gettime(server.clock))
        memory = server.megabytes()
        server.stop()
    note = f"the least of {len(times)} starts, {min(processor):.2f} s of CPU"
    yield Result("serve, start to ready", min(times), 0.4, "s", note)
    yield Result("memory after the start", memory, 70, "MB")


def test_results(folder: Path) -> Iterator[Result]:
    """Yield the budgets of tests with the fixtures."""
    with_tests, empty = folder / "with_tests", folder / "empty"
    with_tests.mkdir()
    empty.mkdir()
    for name, figure in (
        ("a new account for a test", fresh_accounts(with_tests, 100, 3)),
        ("pytest with the plugin unused", unused_plugin(empty, 5)),
    ):
        yield Result(name, figure.ms, figure.budget_ms, "ms", figure.note)


def run(messages: int, rounds: int) -> Iterator[Result]:
    """Measure all budgets; yield each result as soon as it is measured."""
    with tempfile.TemporaryDirectory() as name, contextlib.ExitStack() as running:
        folder = Path(name)
        small, large = folder / "small.db", folder / "large.db"
        periods = [fill(small, FEW)]
        yield from start_results(small)
        periods.append(fill(large, messages))
        servers = {
            "emulator": serve(small),
            "floor": serve_floor(folder / "floor.db"),
            # So that the journal is full long before the pages end.
            "large": serve(large, "--journal-size", "50"),
        }
        for server in servers.values():
            running.callback(server.stop)  # Stopping twice does nothing.
        for start in range(0, FEW, 100):
            servers["floor"].call(create(100, start))
        yield from call_results(measure_calls(servers, rounds), messages)
        yield from period_results(
            servers["emulator"], servers["large"], (periods[0], periods[1]), messages, rounds
        )
        yield from page_results(servers["large"])
        yield from call_size_results(servers["emulator"])
        yield from test_results(folder)
        for server in servers.values():
            server.stop()
        yield from load_results(folder, 3)


def shown(result: Result, before: dict[str, float]) -> str:
    """Return a result as a line."""
    digits = 0 if result.value >= 100 else 2
    sign, verdict = ("≥" if result.at_least else "≤"), ("  " if result.is_met else "✗ ")
    value = f"{result.value:,.{digits}f} {result.unit}"
    line = f"{verdict}{result.what:44} {value:>12}  {sign} {result.budget:<8,g}"
    if result.what in before:
        line += f" before {before[result.what]:,.{digits}f} "
    return f"{line} {result.note}".rstrip()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--messages", type=int, default=1_000_000, help="in the large account")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--json", metavar="FILE", help="write the results to a file")
    parser.add_argument("--compare", metavar="FILE", help="print an earlier file's values, too")
    options = parser.parse_args()
    if not sys.platform.startswith("linux"):
        parser.error("it reads the CPU time of other processes as Linux shows it; run it there.")
    before: dict[str, float] = {}
    if options.compare:
        earlier = json.loads(Path(options.compare).read_text())
        before = {each["what"]: each["value"] for each in earlier["results"]}
    began, results = time.perf_counter(), []
    for result in run(options.messages, options.rounds):
        results.append(result)
        print(shown(result, before), flush=True)
    seconds = time.perf_counter() - began
    missed = sum(not each.is_met for each in results)
    print(f"{len(results) - missed} of {len(results)} budgets are met; {seconds:.0f} s")
    if options.json:
        told = [asdict(each) | {"is_met": each.is_met} for each in results]
        content = {"messages": options.messages, "seconds": round(seconds), "results": told}
        Path(options.json).write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
