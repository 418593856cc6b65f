"""What the fixtures and the plugin cost, each in pytest runs and processes of its own, against its budget.

    python benchmarks/fixtures.py [--rounds 9] [--tests 200] [--json] [--check]

* the flow test of the README, from its first fixture to the end of its last, without the start of the server
* a fresh account for each test: runs with and without the fixture, in turn, divided by the number of tests
* the plugin where nobody uses it: runs that find no test, with it and without it, in turn
* importing what a program of the client needs

Figures are medians; the two runs of a pair follow each other, so that the machine's speed of the moment is the same for
both. `--check` ends with exit code 1 when a budget is exceeded.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

# The test that the README opens with, so many times.
FLOW = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_the_welcome_mail_is_opened(sfmc, number):
    sent = sfmc.flow.send("welcome", to=sfmc.recipient("opens"))

    opened = sfmc.wait_for("OpenEvent", sent)

    assert opened.subscriber_key == sent.subscriber_key
    assert opened.send_id == sent.job_id
"""

ACCOUNTS = """
import pytest

@pytest.mark.parametrize("number", range({tests}))
def test_it({fixture}number):
    pass

@pytest.fixture(scope="session", autouse=True)
def started(sfmc_server):
    pass
"""

# Writes the seconds of each test, all three phases together.
DURATIONS = """
import json
from collections import defaultdict

seconds = defaultdict(float)

def pytest_runtest_logreport(report):
    seconds[report.nodeid] += report.duration

def pytest_sessionfinish():
    with open("durations.json", "w") as file:
        json.dump(list(seconds.values()), file)
"""

IMPORT = """
import time
started = time.perf_counter()
from sfmc_client import Client, OAuth, P, TrackingFlow
imported = time.perf_counter()
client = Client("http://127.0.0.1:9", auth=OAuth("id", "secret"))
TrackingFlow(client), P("SendID").equals(42).part()
print(imported - started, time.perf_counter() - imported)
client.close()
"""


@dataclass(frozen=True)
class Figure:
    """A figure in milliseconds, with its budget."""

    what: str
    ms: float
    budget_ms: float
    note: str

    @property
    def fits(self) -> bool:
        """Whether it is within its budget."""
        return self.ms <= self.budget_ms


def python(folder: Path, *arguments: str, bare: bool = False) -> str:
    """Run Python in a folder, without this process's environment variables; return its output.

    With `bare`, pytest loads no installed plugins: some are so slow that they hide everything else.
    """
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SFMC_", "PYTEST_", "COVERAGE"))
    }
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env={
            **environment,
            **({"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"} if bare else {}),
            "PYTHONSAFEPATH": "1",
            "XDG_CONFIG_HOME": str(folder),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    # 5: pytest found no tests, which one of the measurements is about.
    if done.returncode not in (0, 5):
        raise SystemExit(done.stdout + done.stderr)
    return done.stdout


def pytest_seconds(folder: Path, *arguments: str) -> float:
    """Return the duration of a run of pytest, including its process."""
    started = time.perf_counter()
    python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments)
    return time.perf_counter() - started


def pytest_cpu_seconds(folder: Path, *arguments: str) -> float:
    """Return the CPU seconds of a run of pytest, which other load affects less than its duration."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    python(folder, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments, bare=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def durations(folder: Path) -> list[float]:
    """Return the seconds of each test of a run."""
    (folder / "conftest.py").write_text(DURATIONS)
    pytest_seconds(folder)
    found: list[float] = json.loads((folder / "durations.json").read_text())
    return found


def flow_test(folder: Path, tests: int) -> Figure:
    """Measure the flow test; the first one starts the server and is not counted."""
    (folder / "test_flow.py").write_text(FLOW.format(tests=tests + 1))
    first, *others = durations(folder)
    slowest = statistics.quantiles(others, n=20)[-1]
    note = f"19 of 20 within {slowest * 1000:.1f} ms; the first, with the server's start, {first * 1000:.0f} ms"
    return Figure("the flow test, from fixture to OpenEvent", median_ms(others), 50, note)


def fresh_accounts(folder: Path, tests: int, rounds: int) -> Figure:
    """Measure the time that a new account adds to each of many tests."""
    for name, fixture in (("with", "sfmc_account, "), ("without", "")):
        (folder / f"test_{name}.py").write_text(ACCOUNTS.format(tests=tests, fixture=fixture))
    differences = []
    for _ in range(rounds):
        with_account = pytest_seconds(folder, "test_with.py")
        without = pytest_seconds(folder, "test_without.py")
        differences.append((with_account - without) / tests)
    note = f"{tests} tests, {rounds} pairs of runs"
    return Figure("a fresh account, for each test", median_ms(differences), 10, note)


def unused_plugin(folder: Path, rounds: int) -> Figure:
    """Measure the time that the plugin adds to a run that uses neither it nor any other plugin."""
    differences = []
    for _ in range(rounds):
        with_plugin = pytest_cpu_seconds(folder, "-p", "sfmc_client.testing.plugin")
        without = pytest_cpu_seconds(folder)
        differences.append(with_plugin - without)
    note = f"CPU; {rounds} pairs of runs, the middle half {spread(differences)}"
    return Figure("the plugin, installed and unused", median_ms(differences), 10, note)


def import_time(folder: Path, rounds: int) -> Figure:
    """Measure the import of the client, in fresh processes."""
    found = [tuple(map(float, python(folder, "-c", IMPORT).split())) for _ in range(rounds)]
    note = f"{rounds} processes; making one, with its HTTP library, {median_ms(b for _, b in found):.0f} ms more"
    return Figure("importing the client", median_ms(a for a, _ in found), 100, note)


def median_ms(seconds: Iterable[float]) -> float:
    """Return the median in milliseconds."""
    return statistics.median(seconds) * 1000


def spread(seconds: list[float]) -> str:
    """Return the range of the middle half of the values."""
    low, _, high = statistics.quantiles(seconds, n=4)
    return f"{low * 1000:.1f} to {high * 1000:.1f} ms"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--tests", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, each) for each in ("flow", "accounts", "empty")]
        for folder in folders:
            folder.mkdir()
        figures = [
            flow_test(folders[0], 40),
            fresh_accounts(folders[1], options.tests, max(3, options.rounds // 3)),
            unused_plugin(folders[2], options.rounds * 2),
            import_time(folders[2], options.rounds),
        ]
    if options.json:
        print(json.dumps([asdict(each) | {"fits": each.fits} for each in figures], indent=2))
    else:
        for each in figures:
            verdict = "" if each.fits else "  EXCEEDED"
            print(
                f"{each.what:42} {each.ms:7.1f} ms  of {each.budget_ms:g}{verdict}  ({each.note})"
            )
    if options.check and not all(each.fits for each in figures):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
