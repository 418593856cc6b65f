"""The directory of a server's processes: the process of each account, and names claimed by two accounts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from sfmc_mock.accounts import Accounts
from sfmc_mock.errors import Elsewhere, SetupError
from sfmc_mock.seeds import parse_seed
from sfmc_mock.store.account_directory import CLIENT, MID, USER, Directory, Taken

Open = Callable[[int], Directory]


@pytest.fixture
def directory_of(tmp_path: Path) -> Iterator[Open]:
    """Open the directory of one server for a worker."""
    with ExitStack() as opened:

        def open_for(worker: int) -> Directory:
            found = Directory(tmp_path / "directory", worker)
            opened.callback(found.close)
            return found

        yield open_for


def accounts_of(directory: Directory) -> Accounts:
    return Accounts(directory=directory)


SECOND = """
[account]
mid = 7
[[api_user]]
username = "ada"
password = "secret"
[[package]]
client_id = "package"
client_secret = "secret"
"""


def test_each_worker_finds_what_another_one_entered(directory_of: Open) -> None:
    first, second = directory_of(0), directory_of(1)

    first.enter(7, 0, {USER: ["ada"], CLIENT: ["package"]})
    first.enter_token("abc", 7)

    assert second.worker_of(MID, "7") == 0
    assert second.worker_of(USER, "ada") == 0
    assert second.worker_of(CLIENT, "package") == 0
    assert second.worker_of_token("abc") == 0
    assert second.worker_of(USER, "Ada") is None
    assert second.worker_of(MID, "9" * 40) is None


def test_an_account_that_leaves_takes_its_names_along(directory_of: Open) -> None:
    first, second = directory_of(0), directory_of(1)
    first.enter(7, 0, {USER: ["ada"]})
    first.enter_token("abc", 7)

    second.leave(7)
    kept = first.mids()
    first.leave(7)

    assert kept == [7]
    assert (first.mids(), first.worker_of(USER, "ada"), first.worker_of_token("abc")) == (
        [],
        None,
        None,
    )


def test_no_name_is_given_to_two_accounts(directory_of: Open) -> None:
    first, second = directory_of(0), directory_of(1)
    first.enter(7, 0, {USER: ["ada"]})

    same_mid = second.enter(7, 1, {})
    same_user = second.enter(8, 1, {USER: ["bob", "ada"]})

    assert same_mid == Taken(MID, "7", 7)
    assert same_user == Taken(USER, "ada", 7)
    assert second.worker_of(USER, "bob") is None
    assert second.mids() == [7]


def test_a_successor_only_keeps_accounts_that_it_reopened(directory_of: Open) -> None:
    first = directory_of(0)
    first.enter(7, 0, {USER: ["ada"]})
    first.enter(500_000_001, 9, {USER: ["fresh"]})
    successor = directory_of(0)

    successor.enter(7, 0, {USER: ["ada"]})
    gone = successor.keep_only([7])

    assert gone == [500_000_001]
    assert successor.mids() == [7]
    assert successor.worker_of(USER, "ada") == 0
    assert successor.worker_of(USER, "fresh") is None


def test_accounts_stand_in_the_order_of_their_places_and_fresh_ones_go_to_the_emptiest(
    directory_of: Open,
) -> None:
    first, second = directory_of(0), directory_of(1)

    second.enter(5, 1, {})
    first.enter(9, 0, {})
    first.enter(3, 2, {})

    assert first.mids() == [9, 5, 3]
    assert first.emptiest(2) == 1
    assert [first.claim_mid(3), second.claim_mid(3)] == [4, 6]


def test_credentials_and_tokens_of_another_worker_lead_there(directory_of: Open) -> None:
    here, there = accounts_of(directory_of(0)), accounts_of(directory_of(1))
    account = there.open(seed=parse_seed(SECOND))
    token, _ = there.issue_token(account, "package")
    questions: list[Callable[[], object]] = [
        lambda: here.by_mid(7),
        lambda: here.by_password("ada", "secret"),
        lambda: here.by_password("ada", "wrong"),
        lambda: here.by_client("package", "secret"),
        lambda: here.by_token(token),
        here.first,
    ]

    for ask in questions:
        with pytest.raises(Elsewhere) as found:
            ask()
        assert found.value.worker == 1
    assert there.by_password("ada", "wrong") is None
    assert here.by_password("nobody", "secret") is None
    assert here.by_token("nothing") is None


def test_two_workers_refuse_one_user_name(directory_of: Open) -> None:
    here, there = accounts_of(directory_of(0)), accounts_of(directory_of(1))
    there.open(seed=parse_seed(SECOND))

    with pytest.raises(SetupError, match="The user name 'ada' belongs to two accounts, 7 and 8"):
        here.open(seed=parse_seed(SECOND.replace("mid = 7", "mid = 8")))
    assert len(here) == 0


def test_tokens_from_a_file_are_found_by_all(directory_of: Open, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    before = Accounts()
    token, _ = before.issue_token(before.open(path, parse_seed(SECOND)), "package")
    before.close()

    there = accounts_of(directory_of(1))
    there.open(path)

    assert directory_of(0).worker_of_token(token) == 1
    there.close()


def test_two_workers_at_a_time_make_no_account_too_many(
    directory_of: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = (accounts_of(directory_of(worker)) for worker in range(2))
    first.max_accounts = second.max_accounts = 1
    made = second.fresh()
    # Both have counted before either has made one.
    monkeypatch.setattr(first, "mids", list)

    with pytest.raises(SetupError, match="has 1 accounts, the most that it may"):
        first.fresh()

    second.remove(made)
    assert first.fresh().mid
    first.close()
    second.close()
