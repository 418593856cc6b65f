"""The accounts of a server: opened, created, found by credentials, and removed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sfmc_mock.account import Account
from sfmc_mock.account.simulation_settings import engagement, lag
from sfmc_mock.account.subscribers import insert_subscriber
from sfmc_mock.account.tokens import Token, find_token, issue_token
from sfmc_mock.accounts import Accounts, credentials
from sfmc_mock.errors import SetupError
from sfmc_mock.seeds import Seed, default_seed, parse_seed


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    """An empty set of accounts."""
    made = Accounts()
    yield made
    made.close()


def seed(mid: int, user: str = "ann", client: str = "shop") -> Seed:
    """Return the default seed with another identity."""
    base = default_seed()
    return replace(base, account=replace(base.account, mid=mid)).having(
        api_user=[{**each, "username": user} for each in base.of("api_user")],
        package=[{**each, "client_id": client} for each in base.of("package")],
    )


def test_an_account_is_made_from_the_default_seed(accounts: Accounts) -> None:
    account = accounts.open()

    assert account.mid == 1234567
    assert list(accounts) == [account]
    assert accounts.by_mid(1234567) is account
    assert accounts.by_password("mock-user", "mock-password") is account
    assert accounts.by_client("mock-client-id", "mock-client-secret") is account


def test_a_server_can_have_a_seed_and_a_mode_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text("account.mid = 77", encoding="utf-8")
    accounts = Accounts(strict=True, seed=str(path))

    account = accounts.open()

    assert (account.mid, account.strict) == (77, True)
    assert accounts.fresh(strict=False).strict is False
    accounts.close()


def test_a_file_keeps_what_happened_in_it(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    insert_subscriber(accounts.open(path), "ada", "ada@mock.test", attributes={})
    accounts.close()

    again = accounts.open(path, seed(77))

    assert again.mid == 1234567
    assert again.db.count("subscriber", subscriber_key="ada") == 1


def test_a_seed_that_does_not_hold_together_leaves_no_file(
    accounts: Accounts, tmp_path: Path
) -> None:
    path = tmp_path / "account.db"
    wrong = "[[profile_attribute]]\nname = '1x'"

    with pytest.raises(SetupError, match="67003"):
        accounts.open(path, wrong)

    assert not path.exists()
    assert len(accounts) == 0


def test_an_account_that_cannot_be_added_leaves_no_file(accounts: Accounts, tmp_path: Path) -> None:
    accounts.open()

    with pytest.raises(SetupError, match="Two accounts have the MID"):
        accounts.open(tmp_path / "account.db")

    assert list(tmp_path.iterdir()) == []


def test_an_account_cannot_be_opened_twice(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    accounts.open(path)

    with pytest.raises(SetupError, match=r"account\.db is in use by this process already"):
        accounts.open(path)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (seed(77), "user name 'ann' belongs to two accounts, 76 and 77"),
        (seed(77, user="bob"), "client ID 'shop' belongs to two accounts, 76 and 77"),
        (seed(76, user="bob", client="store"), "Two accounts have the MID 76"),
    ],
)
def test_no_two_accounts_share_what_finds_them(accounts: Accounts, other: Seed, said: str) -> None:
    accounts.open(seed=seed(76))

    with pytest.raises(SetupError) as refused:
        accounts.open(seed=other)

    assert said in str(refused.value)
    assert [account.mid for account in accounts] == [76]


def test_a_fresh_account_has_an_identity_of_its_own(accounts: Accounts) -> None:
    first, second = accounts.fresh(), accounts.fresh()

    assert first.mid != second.mid
    for account in (first, second):
        own = credentials(account)
        assert own.mid == account.mid
        assert accounts.by_password(own.username, own.password) is account
        assert accounts.by_client(own.client_id, own.client_secret) is account


def test_fresh_accounts_do_not_see_each_other(accounts: Accounts) -> None:
    first, second = accounts.fresh(), accounts.fresh()

    insert_subscriber(first, "ada", "ada@mock.test", attributes={})

    assert second.db.count("subscriber") == 0


def test_fresh_accounts_of_a_seed_have_the_same_ids(accounts: Accounts) -> None:
    """Tests see the same bytes in every new account; only the MID differs."""
    first, second = accounts.fresh(), accounts.fresh()

    assert first.db.find_all("list") == second.db.find_all("list")
    assert insert_subscriber(first, "ada", "ada@mock.test", attributes={}) == insert_subscriber(
        second, "ada", "ada@mock.test", attributes={}
    )


def test_a_fresh_account_can_have_a_seed_of_its_own(accounts: Accounts) -> None:
    account = accounts.fresh("[[subscriber]]\nemail = 'ada@mock.test'")

    assert account.db.count("subscriber") == 1
    assert accounts.fresh().db.count("subscriber") == 0


def test_wrong_credentials_find_nothing(accounts: Accounts) -> None:
    accounts.open()

    assert accounts.by_password("mock-user", "wrong") is None
    assert accounts.by_password("nobody", "mock-password") is None
    assert accounts.by_password("*", "*") is None
    assert accounts.by_client("mock-client-id", "wröng\udcff") is None
    assert accounts.by_mid(1) is None
    assert accounts.by_token("unknown") is None


def test_a_token_finds_the_account_that_gave_it(accounts: Accounts) -> None:
    first, second = accounts.fresh(), accounts.fresh()
    tokens = {account.mid: issue_token(account, "any")[0] for account in (first, second)}

    for account in (first, second):
        found = accounts.by_token(tokens[account.mid])

        assert found is not None
        assert found[0] is account
        assert found[1].client_id == "any"


def test_of_which_tokens_their_account_is_kept_is_bounded(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfmc_mock.account_index._MOST_FOUND", 2)
    account = accounts.fresh()
    tokens = [issue_token(account, "any")[0] for _ in range(4)]

    found = [accounts.by_token(token) for token in (*tokens, *tokens)]

    assert [each is not None and each[0] is account for each in found] == [True] * 8
    assert len(accounts._by_token) <= 2


def test_tokens_survive_the_server(accounts: Accounts, tmp_path: Path) -> None:
    path = tmp_path / "account.db"
    token, _ = issue_token(accounts.open(path), "mock-client-id")
    accounts.close()

    again = accounts.open(path)

    found = accounts.by_token(token)
    assert found is not None
    assert found[0] is again


def test_a_removed_account_is_found_no_more(accounts: Accounts) -> None:
    account = accounts.fresh()
    own, (token, _) = credentials(account), issue_token(account, "any")
    accounts.by_token(token)

    accounts.remove(account)

    assert len(accounts) == 0
    assert accounts.by_mid(own.mid) is None
    assert accounts.by_password(own.username, own.password) is None
    assert accounts.by_client(own.client_id, own.client_secret) is None
    assert accounts.by_token(token) is None


def test_the_identity_of_a_removed_account_is_free_again(accounts: Accounts) -> None:
    accounts.remove(accounts.open(seed=seed(76)))

    assert accounts.open(seed=seed(76)).mid == 76


def test_a_reset_keeps_identity_and_tokens_and_forgets_the_rest(accounts: Accounts) -> None:
    account = accounts.fresh("[[subscriber]]\nemail = 'ada@mock.test'")
    own, (token, _) = credentials(account), issue_token(account, "any")
    account.db.delete("list_subscriber")
    account.db.delete("subscriber")
    insert_subscriber(account, "bob", "bob@mock.test", attributes={})

    accounts.reset(account)

    assert [row["email_address"] for row in account.db.find_all("subscriber")] == ["ada@mock.test"]
    assert credentials(account) == own
    assert account.mid == own.mid
    assert accounts.by_token(token) is not None


def test_after_a_reset_tokens_are_new_ones(accounts: Accounts) -> None:
    account = accounts.open()
    before, _ = issue_token(account, "mock-client-id")

    accounts.reset(account)

    after, _ = issue_token(account, "mock-client-id")
    assert accounts.by_token(before) is not None
    assert after != before


def test_a_file_is_reset_too(accounts: Accounts, tmp_path: Path) -> None:
    account = accounts.open(tmp_path / "account.db")
    insert_subscriber(account, "ada", "ada@mock.test", attributes={})

    accounts.reset(account)

    accounts.close()
    assert accounts.open(tmp_path / "account.db").db.count("subscriber") == 0


def test_profiles_that_a_server_chose_outlast_a_reset(accounts: Accounts) -> None:
    account = accounts.open(engagement="typical", lag="worst")

    accounts.reset(account)

    assert engagement(account).name == "typical"
    assert lag(account).name == "worst"


def test_a_removed_account_is_not_reset(accounts: Accounts) -> None:
    account = accounts.open()
    accounts.remove(account)

    with pytest.raises(SetupError, match="was taken off the server"):
        accounts.reset(account)


def test_an_unknown_profile_opens_nothing(accounts: Accounts) -> None:
    with pytest.raises(SetupError, match="typcal"):
        accounts.open(engagement="typcal")

    assert len(accounts) == 0


def test_another_seed_takes_the_place_of_the_first(accounts: Accounts) -> None:
    account = accounts.fresh()
    own = credentials(account)

    accounts.replace(account, parse_seed("[[subscriber]]\nemail = 'ada@mock.test'"))

    assert account.db.count("subscriber", email_address="ada@mock.test") == 1
    assert credentials(account) == own


@pytest.mark.slow
def test_many_seeds_do_not_pile_up(accounts: Accounts) -> None:
    for number in range(33):
        accounts.remove(accounts.fresh(f"account.name = '{number}'\n"))

    assert len(accounts._contents._made) <= 32


def test_threads_make_accounts_at_the_same_time(accounts: Accounts) -> None:
    made: list[int] = []

    def work() -> None:
        for _ in range(10):
            made.append(accounts.fresh().mid)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(made)) == len(accounts) == 40


def test_a_copy_of_a_file_starts_an_account_in_memory(accounts: Accounts, tmp_path: Path) -> None:
    """A file has a write-ahead log, which an in-memory database cannot have."""
    content = accounts.open(tmp_path / "account.db").db.content()

    account = accounts.fresh(seed(76))
    account.db.replace_content(content)
    account.forget_memory()

    assert account.mid == 1234567


def test_credentials_do_not_show_in_texts(accounts: Accounts) -> None:
    shown = repr(credentials(accounts.open()))

    assert "mock-user" in shown
    assert "mock-password" not in shown
    assert "mock-client-secret" not in shown


def test_units_are_looked_up_while_no_call_is_at_work(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = accounts.open(seed=parse_seed('[[business_unit]]\nname = "Germany"'))
    (unit,) = account.units.values()
    lock: Any = account.db.lock
    owned: list[bool] = []
    monkeypatch.setattr(unit, "forget_memory", lambda: owned.append(lock._is_owned()))

    accounts.follow_units(account)

    assert owned == [True]


def test_the_token_of_an_account_that_is_removed_meanwhile_is_forgotten(
    accounts: Accounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found_and_removed(account: Account, token: str) -> Token | None:
        found = find_token(account, token)
        accounts.remove(account)
        return found

    account = accounts.open()
    token, _ = issue_token(account, "mock-client-id")
    monkeypatch.setattr("sfmc_mock.account_index.find_token", found_and_removed)
    accounts.by_token(token)

    assert accounts.by_token(token) is None
