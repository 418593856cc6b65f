"""Everything acknowledged or visible is there after a power cut."""

from __future__ import annotations

import random
import shutil
import threading
from pathlib import Path

import pytest
from tests.support.power_cut import Recording, recording
from tests.support.sending_client import SendingClient, log_keys
from tests.torture.conftest import Torture

from sfmc_mock import MockServer
from sfmc_mock.accounts import Accounts
from sfmc_mock.settings import Settings

CONNECTIONS = 16


def run_sends(folder: Path, durability: str, calls: int, kept: Recording) -> None:
    """Send over many connections while another one reads, and note each answer."""
    settings = Settings(
        port=0,
        accounts=(str(folder / "account.db"),),
        durability=durability,
        seed=SendingClient.SEED,
    )
    with MockServer(settings=settings) as server:
        # Frequent checkpoints, so that power cuts during one are covered, too.
        server.account.account.db.run("PRAGMA wal_autocheckpoint = 200")

        def send(connection: int) -> None:
            with SendingClient(server.http.port) as client:
                for number in range(calls):
                    key = f"{connection}-{number}"
                    client.send(key)
                    kept.acknowledge(key)

        def read() -> None:
            with SendingClient(server.http.port) as client:
                while any(each.is_alive() for each in senders):
                    for key in client.logged():
                        kept.acknowledge(key)

        senders = [threading.Thread(target=send, args=(each,)) for each in range(CONNECTIONS)]
        reader = threading.Thread(target=read)
        for each in (*senders, reader):
            each.start()
        for each in (*senders, reader):
            each.join()


def lost_after_cut(kept: Recording, at: int, folder: Path, chance: random.Random) -> set[str]:
    """Cut the power before a step, start from the disk's content, and return acknowledged sends that are missing."""
    folder.mkdir()
    kept.cut(at, folder, chance)
    told = kept.acknowledged(at)
    accounts = Accounts()
    try:
        account = accounts.open(folder / "account.db", SendingClient.SEED)
        assert account.db.rows("PRAGMA integrity_check") == [("ok",)]
        return told - log_keys(account)
    finally:
        accounts.close()
        shutil.rmtree(folder)


def lost_sends(
    folder: Path, durability: str, calls: int, cuts: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> int:
    """Return how many sends a number of power cuts lost."""
    (folder / "live").mkdir(parents=True)
    with recording(folder / "live", monkeypatch) as kept:
        run_sends(folder / "live", durability, calls, kept)
    shutil.rmtree(folder / "live")
    chance = random.Random(seed)
    assert len(kept.acknowledged(len(kept.steps))) == calls * CONNECTIONS
    moments = [chance.randrange(len(kept.steps)) for _ in range(cuts)]
    return sum(
        len(lost_after_cut(kept, at, folder / f"cut{number}", chance))
        for number, at in enumerate(moments)
    )


@pytest.mark.slow
def test_a_power_cut_loses_nothing_that_was_acknowledged(
    tmp_path: Path, torture: Torture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = [
        lost_sends(tmp_path / str(turn), "power", 20, 25, turn, monkeypatch)
        for turn in torture.rounds(1)
    ]

    assert sum(lost) == 0


@pytest.mark.slow
def test_a_power_cut_loses_sends_that_were_not_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`process` does not promise these; this also shows that the test above can fail."""
    assert lost_sends(tmp_path, "process", 10, 25, 1, monkeypatch) > 0
