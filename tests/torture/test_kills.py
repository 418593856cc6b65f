"""`kill -9` under load: every acknowledged send is there when the file is opened again, in every round."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.support.command_line import COMMAND, environment
from tests.support.sending_client import SendingClient, log_keys
from tests.torture.conftest import Torture

from sfmc_mock.accounts import Accounts

CONNECTIONS = 8
_SERVE = ("serve", "--port", "0", "--ready-json", "--quiet")


def killed_under_load(path: Path, seed: Path, turn: int) -> set[str]:
    """Serve the file, send, kill the server when a drawn number of sends is acknowledged; return their keys."""
    wanted = random.Random(turn).randrange(10, 80)
    acknowledged: set[str] = set()
    enough = threading.Event()
    process = subprocess.Popen(
        (*COMMAND, *_SERVE, "--account", str(path), "--seed", str(seed)),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
    )
    with process:
        assert process.stdout is not None
        port = urlsplit(json.loads(process.stdout.readline())["url"]).port or 0

        def send(connection: int) -> None:
            # Until the server is gone: an answer that is not whole acknowledges nothing.
            with suppress(OSError, HTTPException), SendingClient(port) as client:
                for number in range(1_000):
                    key = f"{turn * 100 + connection}-{number}"
                    client.send(key)
                    acknowledged.add(key)
                    if len(acknowledged) >= wanted:
                        enough.set()

        senders = [threading.Thread(target=send, args=(each,)) for each in range(CONNECTIONS)]
        for each in senders:
            each.start()
        assert enough.wait(60)
        process.kill()
        for each in senders:
            each.join()
    return acknowledged


@pytest.mark.slow
def test_a_killed_server_loses_nothing_that_was_acknowledged(
    tmp_path: Path, torture: Torture
) -> None:
    path, seed = tmp_path / "account.db", tmp_path / "seed.toml"
    seed.write_text(SendingClient.SEED, encoding="utf-8")
    acknowledged: set[str] = set()
    for turn in torture.rounds(3, most=50):
        acknowledged |= killed_under_load(path, seed, turn)
        accounts = Accounts()
        account = accounts.open(path)
        there = log_keys(account)
        assert account.db.rows("PRAGMA integrity_check") == [("ok",)]
        accounts.close()

        assert acknowledged - there == set(), f"after kill {turn + 1}"
