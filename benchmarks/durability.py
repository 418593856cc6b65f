"""Measure the cost of durability: triggered sends per second into a file, over one and over sixteen connections.

    python benchmarks/durability.py [--seconds 2] [--rounds 2] [--json]

The server is one process, the callers another. `process` does not wait for the disk, `power` waits for a flush that
waiting calls share. The kinds run in turn, so that changes of the machine's speed affect all.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

SEED = """
[account]
engagement = "quiet"
[[profile_attribute]]
name = "UniqueID"
max_length = 200
[[data_extension]]
name = "SendLog"
template = "SendLog"
fields = [{name = "UniqueID", max_length = 200}]
[[email]]
name = "Hello"
subject = "Hello"
html_body = "Hello"
[[triggered_send_definition]]
key = "welcome"
name = "welcome"
email = "Hello"
status = "Active"
is_send_logging = true
"""
ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" '
    'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header>'
    '<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">'
    "<wsse:UsernameToken><wsse:Username>mock-user</wsse:Username><wsse:Password>mock-password</wsse:Password>"
    "</wsse:UsernameToken></wsse:Security></soap:Header>"
    '<soap:Body><CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI">'
    '<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition><CustomerKey>welcome</CustomerKey>'
    "</TriggeredSendDefinition><Subscribers><EmailAddress>{name}@mail.example</EmailAddress>"
    "<SubscriberKey>{name}</SubscriberKey><Attributes><Name>UniqueID</Name><Value>{name}</Value></Attributes>"
    "</Subscribers></Objects></CreateRequest></soap:Body></soap:Envelope>"
)
SERVE = (sys.executable, "-P", "-m", "sfmc_mock", "serve", "--port", "0", "--ready-json", "--quiet")


def envelopes(connection: int) -> Iterator[bytes]:
    """Yield sends to new subscribers."""
    number = 0
    while True:
        yield ENVELOPE.format(name=f"reader-{connection}-{number}").encode()
        number += 1


def call(port: int, connections: int, seconds: float) -> float:
    """Send over several connections for a time, and return the answered sends per second."""
    counts = [0] * connections
    end = time.perf_counter() + seconds

    def send(number: int) -> None:
        client = HTTPConnection("127.0.0.1", port, timeout=30)
        for envelope in envelopes(number):
            if time.perf_counter() > end:
                break
            client.request("POST", "/Service.asmx", envelope, {"SOAPAction": "Create"})
            assert b">OK<" in client.getresponse().read()
            counts[number] += 1
        client.close()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds


def measure(durability: str, connections: int, seconds: float) -> float:
    """Serve a new account in a file, and return its sends per second."""
    with tempfile.TemporaryDirectory() as folder:
        seed = Path(folder, "seed.toml")
        seed.write_text(SEED, encoding="utf-8")
        options = ("--account", str(Path(folder, "account.db")), "--seed", str(seed))
        server = subprocess.Popen(
            (*SERVE, *options, "--durability", durability), stdout=subprocess.PIPE
        )
        try:
            assert server.stdout is not None
            port = int(json.loads(server.stdout.readline())["url"].split(":")[2].split("/")[0])
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                return pool.apply(call, (port, connections, seconds))
        finally:
            server.terminate()
            server.wait()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    kinds = [(durability, number) for durability in ("process", "power") for number in (1, 16)]
    found: dict[tuple[str, int], list[float]] = {kind: [] for kind in kinds}
    for _ in range(options.rounds):
        for kind in kinds:
            found[kind].append(measure(*kind, options.seconds))
    rows = [
        {"durability": kind[0], "connections": kind[1], "sends_a_second": statistics.median(each)}
        for kind, each in found.items()
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
        return
    for row in rows:
        print(
            f"{row['durability']:8} {row['connections']:3} connections {row['sends_a_second']:8,.0f} sends a second"
        )


if __name__ == "__main__":
    main()
