"""Callers: credentials of envelopes, and the token endpoints."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from sfmc_mock.account import Account
from sfmc_mock.account.tokens import MOST_TOKENS, find_token, issue_token
from sfmc_mock.accounts import Accounts
from sfmc_mock.auth import Callers, TokenOrigin, legacy_token_answer, token_answer
from sfmc_mock.envelope import Credentials
from sfmc_mock.errors import LoginFailed, TokenExpired
from sfmc_mock.seeds import default_seed, parse_seed

BASE = "http://127.0.0.1:8025"
ORIGIN = TokenOrigin(BASE, BASE)
ASKED = {
    "grant_type": "client_credentials",
    "client_id": "mock-client-id",
    "client_secret": "mock-client-secret",
}


@pytest.fixture
def accounts() -> Iterator[Accounts]:
    """The default account with its clock frozen."""
    seed = default_seed()
    made = Accounts(seed=replace(seed, account=replace(seed.account, clock="2026-01-01T12:00:00")))
    made.open()
    yield made
    made.close()


@pytest.fixture
def mine(accounts: Accounts) -> Account:
    return next(iter(accounts))


def later(account: Account, **span: float) -> None:
    account.change_clock(lambda clock: clock.advance(timedelta(**span)))


# Envelopes.


def test_a_name_and_password_tell_the_caller(accounts: Accounts, mine: Account) -> None:
    caller = Callers(accounts).authenticate(Credentials(None, "mock-user", "mock-password"))

    assert caller.account is mine
    assert caller.label == "mock-user"


def test_a_caller_who_is_known_is_forgotten_with_the_account(
    accounts: Accounts, mine: Account
) -> None:
    callers, known = Callers(accounts), Credentials(None, "mock-user", "mock-password")
    first = callers.authenticate(known)
    assert callers.authenticate(known) is first

    accounts.remove(mine)

    with pytest.raises(LoginFailed):
        callers.authenticate(known)


def test_a_wrong_password_is_wrong_after_the_right_one(accounts: Accounts) -> None:
    callers = Callers(accounts)
    callers.authenticate(Credentials(None, "mock-user", "mock-password"))

    with pytest.raises(LoginFailed):
        callers.authenticate(Credentials(None, "mock-user", "mock-password "))


def test_a_token_shows_the_caller(accounts: Accounts, mine: Account) -> None:
    token, _ = issue_token(mine, "mock-client-id")

    caller = Callers(accounts).authenticate(Credentials(token))

    assert caller.account is mine
    assert caller.label == "client mock-client-id"


def test_a_token_takes_precedence_over_name_and_password(accounts: Accounts, mine: Account) -> None:
    """FuelSDKs send the name `*` and password `*` beside it."""
    token, _ = issue_token(mine, "mock-client-id")

    caller = Callers(accounts).authenticate(Credentials(token, "*", "*"))

    assert caller.label == "client mock-client-id"


@pytest.mark.parametrize(
    "credentials",
    [
        Credentials(),
        Credentials(None, "mock-user", None),
        Credentials(None, "mock-user", "wrong"),
        Credentials(None, "nobody", "mock-password"),
        Credentials(None, "*", "*"),
        Credentials("unknown"),
        Credentials("unknown", "mock-user", "mock-password"),
    ],
)
def test_missing_and_wrong_credentials_fail_alike(
    accounts: Accounts, credentials: Credentials
) -> None:
    with pytest.raises(LoginFailed, match="Login Failed"):
        Callers(accounts).authenticate(credentials)


def test_a_token_is_good_for_twenty_minutes_of_the_accounts_clock(
    accounts: Accounts, mine: Account
) -> None:
    token, _ = issue_token(mine, "mock-client-id")

    later(mine, minutes=19, seconds=59)

    assert Callers(accounts).authenticate(Credentials(token)).account is mine
    later(mine, seconds=1)
    with pytest.raises(TokenExpired, match="Token Expired"):
        Callers(accounts).authenticate(Credentials(token))


def test_an_expired_token_is_forgotten_after_a_day(accounts: Accounts, mine: Account) -> None:
    token, _ = issue_token(mine, "mock-client-id")
    later(mine, days=1, minutes=21)

    issue_token(mine, "mock-client-id")

    assert find_token(mine, token) is None
    with pytest.raises(LoginFailed):
        Callers(accounts).authenticate(Credentials(token))


def test_of_very_many_tokens_the_oldest_are_forgotten(mine: Account) -> None:
    tokens = [issue_token(mine, "mock-client-id")[0] for _ in range(MOST_TOKENS + 2)]

    assert [find_token(mine, token) is None for token in tokens[:3]] == [True, True, False]
    assert mine.db.count("token") == MOST_TOKENS


def test_tokens_differ(accounts: Accounts) -> None:
    first, second = accounts.fresh(), accounts.fresh()

    made = [issue_token(account, "any")[0] for account in (first, first, second)]

    assert len(set(made)) == 3


def tokens_of_two_runs(seed: str) -> tuple[list[str], list[str]]:
    """Return the tokens of a new account with the seed, twice."""
    found = []
    for _ in range(2):
        run = Accounts(seed=parse_seed(seed))
        account = run.open()
        found.append([issue_token(account, "mock-client-id")[0] for _ in range(2)])
        run.close()
    return found[0], found[1]


def test_a_token_cannot_be_guessed() -> None:
    first, second = tokens_of_two_runs("")

    assert not set(first) & set(second)


def test_tokens_of_an_account_with_a_seed_of_its_own_are_the_same_in_each_run() -> None:
    first, second = tokens_of_two_runs("[account]\nseed = 'recording 7'\n")

    assert first == second


# POST /v2/token.


def test_a_token_is_given_in_the_form_that_clients_read(accounts: Accounts, mine: Account) -> None:
    status, body = token_answer(accounts, ASKED, ORIGIN)

    assert status == 200
    assert list(body) == [
        "access_token",
        "token_type",
        "expires_in",
        "scope",
        "soap_instance_url",
        "rest_instance_url",
    ]
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 1079
    assert body["soap_instance_url"] == body["rest_instance_url"] == f"{BASE}/"
    assert isinstance(body["scope"], str)
    assert Callers(accounts).authenticate(Credentials(str(body["access_token"]))).account is mine


@pytest.mark.parametrize("account_id", [None, "", 1234567, "1234567"])
def test_the_account_may_be_named(accounts: Accounts, account_id: object) -> None:
    status, _ = token_answer(accounts, {**ASKED, "account_id": account_id}, ORIGIN)

    assert status == 200


def test_a_scope_that_is_asked_for_is_given(accounts: Accounts) -> None:
    _, body = token_answer(accounts, {**ASKED, "scope": "email_read email_send"}, ORIGIN)

    assert body["scope"] == "email_read email_send"


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "nobody"}, 401, "invalid_client"),
        ({"account_id": 7}, 401, "invalid_client"),
        ({"client_secret": None}, 400, "invalid_request"),
        ({"client_id": 3}, 400, "invalid_request"),
        ({"grant_type": None}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"scope": "everything"}, 400, "invalid_scope"),
    ],
)
def test_a_request_for_a_token_that_is_wrong_gets_an_oauth_error(
    accounts: Accounts, mine: Account, said: dict[str, object], status: int, error: str
) -> None:
    answered, body = token_answer(accounts, {**ASKED, **said}, ORIGIN)

    assert (answered, body["error"]) == (status, error)
    assert body["error_description"]
    assert mine.db.count("token") == 0


def test_a_wrong_secret_is_refused_in_the_recorded_words(accounts: Accounts) -> None:
    _, body = token_answer(accounts, {**ASKED, "client_secret": "wrong"}, ORIGIN)

    assert body == {
        "error": "invalid_client",
        "error_description": "Client authentication failed. Make sure that the client ID and client secret are valid "
        "and that the package is installed and enabled.",
        "error_uri": "https://developer.salesforce.com/docs",
    }


# POST /v1/requestToken.


def test_old_clients_get_their_kind_of_answer(accounts: Accounts, mine: Account) -> None:
    asked = {"clientId": "mock-client-id", "clientSecret": "mock-client-secret"}

    status, body = legacy_token_answer(accounts, asked, ORIGIN)

    assert status == 200
    assert set(body) == {"accessToken", "expiresIn", "legacyToken", "refreshToken"}
    for name in ("accessToken", "legacyToken"):
        assert Callers(accounts).authenticate(Credentials(str(body[name]))).account is mine


@pytest.mark.parametrize("asked", [{}, {"clientId": "mock-client-id", "clientSecret": 3}])
def test_old_clients_are_refused_in_the_form_of_rest_errors(
    accounts: Accounts, asked: dict[str, object]
) -> None:
    status, body = legacy_token_answer(accounts, asked, ORIGIN)

    assert status == 401
    assert body["message"] == "Unauthorized"
