"""The ledger of a run on a tenant, written by several processes at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sfmc_client.testing.run_ledger import Ledger, Made, identities_of

LOG = Made("DataExtension", "Create", {"CustomerKey": "SendLog", "ObjectID": "1"})


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def test_made_objects_remain_until_removed_the_latest_first(ledger: Ledger) -> None:
    other = Made("List", "Create", {"ID": "5"})
    ledger.made(LOG)
    ledger.made(other)
    assert ledger.remaining == [other, LOG]

    ledger.removed(LOG)

    assert ledger.remaining == [other]


def test_an_object_made_twice_and_removed_once_remains(ledger: Ledger) -> None:
    ledger.made(LOG)
    ledger.removed(LOG)
    ledger.made(LOG)

    assert ledger.remaining == [LOG]


def test_an_announced_object_is_in_the_making_until_it_is_decided(ledger: Ledger) -> None:
    with ledger.making([LOG], seconds=60):
        assert len(ledger.making_now("DataExtension", {"CustomerKey": "SendLog"})) == 1
        assert len(ledger.making_now("DataExtension", {"Name": "any"})) == 1
        assert not ledger.making_now("DataExtension", {"CustomerKey": "other"})
        assert not ledger.making_now("List", {"CustomerKey": "SendLog"})
        assert ledger.unfinished == [LOG]

    assert not ledger.making_now("DataExtension", {})
    assert ledger.unfinished == []


def test_an_abandoned_announcement_delays_others_only_for_a_time(ledger: Ledger) -> None:
    """Its process has ended; the object may be there."""
    announced = ledger.making([LOG], seconds=-1)
    announced.__enter__()

    assert not ledger.making_now("DataExtension", {})
    assert ledger.unfinished == [LOG]


def test_sends_are_counted_up_to_the_most(ledger: Ledger) -> None:
    assert [ledger.reserve(1, most=2) for _ in range(3)] == [True, True, False]


def test_a_refused_send_does_not_count_against_the_limit(ledger: Ledger) -> None:
    assert [ledger.reserve(count, most=3) for count in (2, 2, 1, 1)] == [True, False, True, False]


def test_of_two_processes_at_a_time_the_first_gets_the_last_message(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    add = Ledger._add
    others: list[bool] = []

    def add_slowly(self: Ledger, **entry: object) -> None:
        add(self, **entry)
        monkeypatch.setattr(Ledger, "_add", add)
        others.append(Ledger(ledger.path).reserve(1, most=1))

    monkeypatch.setattr(Ledger, "_add", add_slowly)

    assert ledger.reserve(1, most=1)
    assert others == [False]


def test_reserved_messages_are_not_counted_as_sent(ledger: Ledger) -> None:
    ledger.reserve(2, most=5)
    ledger.sent(1)

    assert ledger.sends == 1


def test_a_line_that_is_still_being_written_is_left_to_the_next_reader(ledger: Ledger) -> None:
    ledger.made(LOG)
    whole = ledger.path.read_bytes()

    for end in range(len(whole)):
        ledger.path.write_bytes(whole[:end])
        assert ledger.remaining == []
        ledger.path.write_bytes(whole + whole[:end])
        assert ledger.remaining == [LOG]


@pytest.mark.slow
def test_processes_do_not_cut_each_other_s_lines(ledger: Ledger) -> None:
    code = (
        "import sys; from pathlib import Path; from sfmc_client.testing.run_ledger import Ledger\n"
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "granted = sum(ledger.reserve(1, most=100) for _ in range(100))\n"
        "for _ in range(granted): ledger.sent(1)"
    )
    command = [sys.executable, "-c", code, str(ledger.path)]

    processes = [subprocess.Popen(command) for _ in range(2)]

    assert [process.wait() for process in processes] == [0, 0]
    assert ledger.sends == 100


@pytest.mark.parametrize(
    ("identities", "is_it"),
    [
        ({"CustomerKey": "SendLog"}, True),
        ({"ObjectID": "1"}, True),
        ({"CustomerKey": "SendLog", "ObjectID": "1"}, True),
        ({"CustomerKey": "SendLog", "ObjectID": "2"}, False),
        ({"Name": "SendLog"}, False),
        ({}, False),
    ],
)
def test_an_object_is_known_by_any_of_its_names_and_no_other(
    identities: dict[str, str], is_it: bool
) -> None:
    """An object with one matching and one different name may be another object."""
    assert LOG.is_named_by(identities) is is_it


def test_identities_are_taken_from_the_properties() -> None:
    properties = {"CustomerKey": "a", "ObjectID": None, "Name": "", "Description": "b"}

    assert identities_of(properties) == {"CustomerKey": "a"}


def test_only_the_user_can_read_it(ledger: Ledger) -> None:
    ledger.plan("send")

    assert ledger.path.stat().st_mode & 0o077 == 0
    assert ledger.planned == ["send"]
