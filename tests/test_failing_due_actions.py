"""A scheduled action with an internal error is skipped and reported; later calls work."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.soap_app import SoapApp

from sfmc_mock.account import Account
from sfmc_mock.accounts import Accounts
from sfmc_mock.control import ClockHandle
from sfmc_mock.settings import Settings

SEED = """
[account]
clock = "2026-01-01T12:00:00"
[[list]]
name = "Readers"
[[subscriber]]
email = "ada@mock.test"
lists = ["Readers"]
[[email]]
name = "News"
subject = "News"
html_body = "<p>News</p>"
"""
SEND = (
    '<Objects xsi:type="Send"><Email><ID>{email}</ID></Email><List><ID>{list}</ID></List>'
    "<SendDate>2026-01-01T{hour}:00:00</SendDate></Objects>"
)


def failing(account: Account, job: object) -> None:
    raise ZeroDivisionError("by zero")


def ask(app: SoapApp) -> dict[str, str]:
    """Return the status of each send by its hour."""
    answer = app.retrieve("Send", ("SendDate", "Status"))
    dates, statuses = answer.texts("Results", "SendDate"), answer.texts("Results", "Status")
    return {date[11:13]: status for date, status in zip(dates, statuses, strict=True)}


@pytest.mark.parametrize("is_restarted", [False, True])
def test_a_send_that_fails_is_canceled_and_the_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, is_restarted: bool
) -> None:
    accounts = Accounts()
    account = accounts.open(tmp_path / "account.db", SEED)
    app = SoapApp(accounts, account, Settings())
    numbers = {
        "email": account.db.find_all("email")[0]["id"],
        "list": account.db.find_all("list", name="Readers")[0]["id"],
    }
    for hour in (13, 14):
        assert app.call("Create", SEND.format(**numbers, hour=hour)).overall == "OK"
    if is_restarted:
        accounts.close()
        accounts = Accounts()
        account = accounts.open(tmp_path / "account.db")
        app = SoapApp(accounts, account, Settings())
    with monkeypatch.context() as broken:
        broken.setattr("sfmc_mock.account.send_jobs.run_job", failing)
        ClockHandle(account).set("2026-01-01T13:30:00")

    ClockHandle(account).set("2026-01-01T15:00:00")
    found = ask(app)

    assert found == {"13": "Canceled", "14": "Complete"}
    (warning,) = app.warnings
    assert "due at 2026-01-01T13:00:00" in warning
    assert "ZeroDivisionError: by zero" in warning
    assert ask(app) == found
    assert app.warnings == ()
    accounts.close()
    assert [repr(each) for each in accounts.problems] == ["ZeroDivisionError('by zero')"]
    again = Accounts()
    app = SoapApp(again, again.open(tmp_path / "account.db"), Settings())
    assert ask(app) == found
    again.close()
