"""Tokens: what a package gets for its client ID and secret, and calls with."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfmc_mock.account.account import Account
from sfmc_mock.account.identifiers import DEFAULT_SEED
from sfmc_mock.clock import stored

LIFETIME = timedelta(minutes=20)
"""How long a token is good, on the account's clock (documented)."""

EXPIRES_IN = 1079
"""What the token endpoint says of that, in seconds: less than the truth (recorded)."""

SCOPE = (
    "accounts_read accounts_write audiences_read audiences_write automations_execute automations_read "
    "automations_write campaign_read campaign_write data_extensions_read data_extensions_write "
    "documents_and_images_read documents_and_images_write email_read email_send email_write journeys_execute "
    "journeys_read journeys_write list_and_subscribers_read list_and_subscribers_write offline saved_content_read "
    "saved_content_write sms_read sms_send sms_write tracking_events_read tracking_events_write users_read users_write "
    "webhooks_read webhooks_write"
)
"""What a package of the emulator may do: every scope that its operations need (names: sdk)."""

# How long an expired token is told from an unknown one.
_REMEMBERED = timedelta(days=1)

MOST_TOKENS = 1_000
"""How many tokens of an account are good at a time: of more, the oldest are forgotten (the emulator's own bound).

On a clock that stands still tokens never expire, and a reset keeps them.
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was given out."""

    client_id: str
    expires_at: datetime
    scope: str = ""
    """What its caller may do, with blanks between; empty for everything."""


def issue_token(account: Account, client_id: str, scope: str = "") -> tuple[str, int]:
    """Return a new token for the package, and for how many seconds the caller may take it to be good."""
    now = account.now()
    with account.db.atomic():
        account.db.run("DELETE FROM token WHERE expires_at < ?", (stored(now - _REMEMBERED),))
        account.db.run(
            "DELETE FROM token WHERE rowid <= (SELECT max(rowid) FROM token) - ?",
            (MOST_TOKENS - 1,),
        )
        token = _fresh(account, client_id)
        account.memory.pop(_FOUND, None)
        account.db.insert(
            "token",
            {
                "token": token,
                "client_id": client_id,
                "expires_at": stored(now + LIFETIME),
                "scope": scope,
            },
        )
    return token, EXPIRES_IN


def _fresh(account: Account, client_id: str) -> str:
    """Return a token that was not given out yet: after a reset the count begins again, and tokens stay good.

    Nobody can guess it, unless the account has a seed of its own: its tokens are the same in each run, then.
    """
    if account.setting("seed", DEFAULT_SEED) == DEFAULT_SEED:
        return secrets.token_hex(16)
    while True:
        turn = account.db.next_number("token")
        token = account.ids.guid("token", account.mid, client_id, turn).replace("-", "")
        if not account.db.count("token", token=token):
            return token


# Where an account keeps the tokens that were looked up, until it gives out another one and may forget some.
_FOUND = "tokens"


def find_token(account: Account, token: str) -> Token | None:
    """Return what the account knows of a token, None when it never gave it out or has forgotten it."""
    kept = account.memory.setdefault(_FOUND, {})
    assert isinstance(kept, dict)
    session: Token | None = kept.get(token)
    if session is not None:
        return session
    row = account.db.find("token", token=token)
    if row is None:
        return None
    session = Token(row["client_id"], datetime.fromisoformat(row["expires_at"]), row["scope"])
    kept[token] = session
    return session
