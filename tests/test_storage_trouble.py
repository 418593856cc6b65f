"""A file that fails while it is served: the service's fault, a sentence in the journal, and no traceback."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tests.support.sending_client import SendingClient
from tests.support.soap_app import SoapApp, element, envelope
from werkzeug.test import EnvironBuilder

from sfmc_mock.account.users import denied_to
from sfmc_mock.accounts import Accounts
from sfmc_mock.http import MORE
from sfmc_mock.settings import Settings
from sfmc_mock.store import durability
from sfmc_mock.wire.catalogue import NAMESPACE

SEND = (
    f'<Objects xsi:type="TriggeredSend"><TriggeredSendDefinition>{element("CustomerKey", "hello")}'
    f"</TriggeredSendDefinition><Subscribers>{element('EmailAddress', 'ada@mock.test')}</Subscribers></Objects>"
)
TROUBLE = (
    "Synchronous request cannot be completed at this time due to database problems. "
    "This request was not processed."
)
LOCAL = "http://localhost"
TOKEN = {
    "grant_type": "client_credentials",
    "client_id": "mock-client-id",
    "client_secret": "mock-client-secret",
}


@pytest.fixture
def full(tmp_path: Path) -> Iterator[SoapApp]:
    """An application with a file that cannot grow, as on a full disk."""
    accounts = Accounts()
    account = accounts.open(tmp_path / "account.db", SendingClient.SEED)
    app = SoapApp(accounts, account, Settings())
    pages = account.db.rows("PRAGMA page_count")[0][0]
    account.db.run(f"PRAGMA max_page_count = {pages}")
    # Fills the free space of the existing pages.
    while app.call("Create", SEND).fault is None:
        pass
    yield app
    assert app.problems == []
    accounts.close()


def test_a_call_that_cannot_be_kept_is_answered_with_the_fault_of_the_service(
    full: SoapApp,
) -> None:
    before = full.account.db.count("message")

    answer = full.call("Create", SEND)

    assert (answer.status, answer.fault) == (500, TROUBLE)
    assert b">13<" in answer.body
    assert full.account.db.count("message") == before


def test_a_call_that_cannot_be_stored_is_a_failure_in_the_journal(full: SoapApp) -> None:
    full.call("Create", SEND)

    kept = [*full.wsgi.journal][-1]
    assert (kept.http_status, kept.overall_status) == (500, "")
    assert kept.error.endswith(
        "cannot grow: the disk is full. Make room there; nothing was changed."
    )


def test_what_a_call_that_is_undone_has_read_of_roles_is_read_again(full: SoapApp) -> None:
    full.account.memory["denied by roles"] = {"ada": {"email": frozenset({"create"})}}
    assert denied_to(full.account, "ada")

    full.call("Create", SEND)

    assert not denied_to(full.account, "ada")


def test_reading_goes_on(full: SoapApp) -> None:
    assert full.open("GET", "/_mock/sends", base_url=LOCAL).status == 200


def test_the_control_api_shows_what_is_wrong_with_the_file(full: SoapApp) -> None:
    asked = {"definition": "hello", "to": "ada@mock.test"}

    answer = full.open("POST", "/_mock/sends", json=asked, base_url=LOCAL)

    assert answer.status == 503
    assert answer.json["error"]["code"] == "storage"
    assert "the disk is full" in answer.json["error"]["message"]


def test_a_token_that_cannot_be_kept_is_not_given_out(full: SoapApp) -> None:
    for _ in range(200):
        answer = full.open("POST", "/v2/token", json=TOKEN)
        if answer.status != 200:
            break

    assert answer.status == 503
    assert answer.json["error"] == "temporarily_unavailable"
    assert "the disk is full" in [*full.wsgi.journal][-1].error


def test_a_reset_that_cannot_be_kept_leaves_the_account_as_it_was(full: SoapApp) -> None:
    before = full.content()
    seed = SendingClient.SEED + "".join(
        f"[[subscriber]]\nemail = 'reader{number}@mail.example'\n" for number in range(2_000)
    )

    answer = full.open(
        "POST", "/_mock/import", data=seed, content_type="application/toml", base_url=LOCAL
    )

    assert (answer.status, answer.json["error"]["code"]) == (503, "storage")
    assert full.content() == before
    full.account.db.run("PRAGMA max_page_count = 1000000")
    assert full.open("POST", "/_mock/reset", json={}, base_url=LOCAL).status == 200
    assert full.account.db.count("subscriber") == 0


def test_a_call_to_an_account_that_was_taken_away_meanwhile_is_answered(app: SoapApp) -> None:
    app.account.db.close()

    answer = app.call("Create", SEND)

    assert (answer.status, answer.fault) == (500, TROUBLE)
    assert "was taken off the server" in [*app.wsgi.journal][-1].error


def test_a_flush_that_fails_ends_the_account_until_it_is_opened_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    accounts = Accounts()
    account = accounts.open(tmp_path / "account.db", SendingClient.SEED)
    app = SoapApp(accounts, account, Settings())
    assert app.call("Create", SEND).fault is None
    with monkeypatch.context() as broken:
        broken.setattr(durability, "flush_file", fail)
        refused = app.call("Create", SEND)

    later = app.retrieve("TriggeredSendDefinition", ("CustomerKey",))
    token = app.open("POST", "/v2/token", json=TOKEN)
    accounts.close()

    assert (refused.status, refused.fault) == (500, TROUBLE)
    assert (later.status, later.fault) == (500, TROUBLE)
    assert token.status == 503
    assert [bool(each.error) for each in app.wsgi.journal] == [False, True, True, True]
    assert "restart the server" in [*app.wsgi.journal][1].error
    assert app.problems == []
    again = accounts.open(tmp_path / "account.db")
    assert again.db.count("message") >= 1
    accounts.close()


def test_calls_that_are_flushed_together_are_refused_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(file: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    accounts = Accounts()
    app = SoapApp(accounts, accounts.open(tmp_path / "account.db", SendingClient.SEED), Settings())
    app.call("Create", SEND)
    monkeypatch.setattr(durability, "flush_file", refuse)
    document = envelope(f"<CreateRequest xmlns='{NAMESPACE}'>{SEND}</CreateRequest>", app.user)
    statuses: list[str] = []

    def start_response(status: str, headers: list[tuple[str, str]], info: object = None, /) -> Any:
        statuses.append(status)

    held = []
    for is_more in (lambda: True, lambda: False):
        builder = EnvironBuilder(
            "/Service.asmx", method="POST", data=document, headers=[("SOAPAction", "Create")]
        )
        held.append(app.wsgi(builder.get_environ() | {MORE: is_more}, start_response))
    assert statuses == []

    bodies = [b"".join(each) for each in held]

    assert statuses == ["500 INTERNAL SERVER ERROR"] * 2
    assert all(TROUBLE.encode() in body for body in bodies)
    kept = [*app.wsgi.journal][-2:]
    assert [(each.http_status, each.overall_status, each.sends) for each in kept] == [
        (500, "", ())
    ] * 2
    monkeypatch.undo()
    accounts.close()


def test_broken_stored_json_is_reported_as_damage(tmp_path: Path) -> None:
    with closing(Accounts()) as accounts:
        account = accounts.open(tmp_path / "account.db", SendingClient.SEED)
        app = SoapApp(accounts, account, Settings())
        assert app.call("Create", SEND).fault is None
        account.db.run("""UPDATE job SET terms = '{"limit'""")

        answer = app.retrieve("Send", ("ID", "SendLimit"))

        assert (answer.status, answer.fault) == (500, TROUBLE)
        (*_, kept) = app.wsgi.journal
        assert "is damaged" in kept.error
        assert app.problems == []
