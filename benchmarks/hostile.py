"""Measure the cost of a megabyte of hostile requests: CPU seconds and memory, for each family of requests.

Each request is answered in its own process, to measure its memory peak. Every family is measured in two sizes: `growth`
is the ratio of the costs per megabyte, about 1 if the cost is linear. Exit code 1 if a family exceeds its limits.
Families: `tests/support/hostile.py`.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# `python -P` does not put the repository on the path.
sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.hostile import FAMILIES, HostileRequest

from sfmc_mock import Application, Settings
from sfmc_mock.server_setup import open_accounts

MEGABYTE = 1_000_000

# What `usual_work` takes on an idle core of the machine for which the limits were set, in seconds.
_USUAL = 0.075


def environ_of(request: HostileRequest) -> dict[str, Any]:
    """Return the WSGI environment of a request."""
    return {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": request.path,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": request.content_type,
        "CONTENT_LENGTH": str(len(request.body)),
        "HTTP_SOAPACTION": request.action,
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.version": (1, 0),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def peak() -> int:
    """Return the memory peak of this process, in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise SystemExit("This system does not tell how much memory a process had.")


def cost(app: Application, request: HostileRequest, small: HostileRequest) -> dict[str, Any]:
    """Answer the request, and read it from the journal; return the cost of both.

    A small request of its family is answered first, so that imports and caches are not counted.
    """
    b"".join(app(environ_of(small), lambda status, headers, exc_info=None: None))  # type: ignore[arg-type, return-value]
    environ = environ_of(request)
    told: list[str] = []
    before, started = peak(), time.process_time()
    answer = b"".join(app(environ, lambda status, headers, exc_info=None: told.append(status)))  # type: ignore[arg-type]
    answered = time.process_time()
    for exchange in app.journal:
        exchange.as_json(bodies=True)
    return {
        "seconds": answered - started,
        "journal": time.process_time() - answered,
        "bytes": peak() - before,
        "status": told[0].split()[0],
        "answer": len(answer),
        "problems": len(app.problems),
    }


def usual_work() -> dict[str, Any]:
    """Return the seconds that plain Python takes for a fixed task on this machine, now."""
    started = time.process_time()
    for _ in range(5):
        kept = [{"number": number, "text": f"<Name>{number}</Name>"} for number in range(60_000)]
        "".join(str(each["text"]) for each in kept)
    return {"seconds": time.process_time() - started}


def pace() -> float:
    """Return how much slower plain Python is than on the machine for which the limits were set; at least 1."""
    found = in_child(usual_work)
    return max(1.0, found["seconds"] / _USUAL) if found else 1.0


def measured(app: Application, request: HostileRequest, small: HostileRequest) -> dict[str, Any]:
    """Return the cost of a request, measured in its own process."""
    found = in_child(lambda: cost(app, request, small))
    died = {"seconds": 9e9, "journal": 0.0, "bytes": 9e15, "status": "died", "answer": 0}
    return found or {**died, "problems": 1}


def in_child(work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Run a function in a fork of this process; return its result, nothing if it died."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        told = pipe.read()
    os.waitpid(child, 0)
    found: dict[str, Any] = json.loads(told) if told else {}
    return found


def main() -> int:
    """Measure each family and print a line for it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("family", nargs="*", help="names of families; all without one")
    parser.add_argument("--megabytes", type=float, default=1.0, help="the larger of the two sizes")
    parser.add_argument("--seconds", type=float, default=0.5, help="limit for each megabyte")
    parser.add_argument("--memory", type=float, default=40.0, help="limit in MB for each megabyte")
    parser.add_argument("--growth", type=float, default=2.5, help="limit of the growth")
    parser.add_argument(
        "--paced",
        action="store_true",
        help="grant a slow or busy machine as much more time as plain Python takes there",
    )
    parser.add_argument("--json", action="store_true", help="print JSON")
    given = parser.parse_args()

    app = Application(open_accounts(Settings()), Settings())
    # What is made once is made now.
    first = FAMILIES["unknown_elements"](1_000)
    cost(app, first, first)
    large = int(given.megabytes * MEGABYTE)
    over, rows = [], []
    for name in given.family or FAMILIES:
        figures = []
        before = pace() if given.paced else 1.0
        for size in (large // 4, large):
            app.journal.clear()
            request = FAMILIES[name](size)
            found = measured(app, request, FAMILIES[name](size // 100))
            megabytes = len(request.body) / MEGABYTE
            figures.append(
                {
                    **found,
                    "s_per_mb": (found["seconds"] + found["journal"]) / megabytes,
                    "mb_per_mb": found["bytes"] / MEGABYTE / megabytes,
                }
            )
        small, last = figures
        # A few milliseconds are noise.
        growth = last["s_per_mb"] / max(small["s_per_mb"], 0.02)
        granted = given.seconds * (max(before, pace()) if given.paced else 1.0)
        is_over = last["s_per_mb"] > granted or last["mb_per_mb"] > given.memory
        is_over = is_over or growth > given.growth or bool(last["problems"])
        over += [name] if is_over else []
        rows.append({"family": name, "growth": growth, "granted": granted, "over": is_over, **last})
        if not given.json:
            print(
                f"{name:40} {last['s_per_mb']:8.3f} s/MB {last['mb_per_mb']:8.1f} MB/MB  growth {growth:5.2f}"
                f"  of {granted:.2f} s  HTTP {last['status']}{'  OVER' if is_over else ''}"
                + (f"  {last['problems']} problems" if last["problems"] else ""),
                flush=True,
            )
    if given.json:
        print(json.dumps(rows, indent=2))
    elif over:
        print(f"Over the limits: {', '.join(over)}.")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
