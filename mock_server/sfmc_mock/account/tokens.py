"""Tokens: a package gets one for its client ID and secret, and calls with it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sfmc_mock.account.account import Account
from sfmc_mock.account.identifiers import DEFAULT_SEED
from sfmc_mock.clock import stored

LIFETIME = timedelta(minutes=20)
"""The lifetime of a token, on the account's clock (documented)."""

EXPIRES_IN = 1079
"""The lifetime in seconds that the token endpoint states, which is less (recorded)."""

SCOPE = (
    "accounts_read accounts_write audiences_read audiences_write automations_execute automations_read "
    "automations_write campaign_read campaign_write data_extensions_read data_extensions_write "
    "documents_and_images_read documents_and_images_write email_read email_send email_write journeys_execute "
    "journeys_read journeys_write list_and_subscribers_read list_and_subscribers_write offline saved_content_read "
    "saved_content_write sms_read sms_send sms_write tracking_events_read tracking_events_write users_read users_write "
    "webhooks_read webhooks_write"
)
"""The scopes of a package of the emulator: all that its operations need (names: sdk)."""

# After this time an expired token counts as unknown.
_REMEMBERED = timedelta(days=1)

MOST_TOKENS = 1_000
"""The greatest number of valid tokens of an account: of more, the oldest are removed (the emulator's own bound).

On a clock that stands still tokens never expire, and a reset keeps them.
"""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that was issued."""

    client_id: str
    expires_at: datetime
    scope: str = ""
    """The scopes of its caller, separated by blanks; empty for all."""


def issue_token(account: Account, client_id: str, scope: str = "") -> tuple[str, int]:
    """Return a new token for the package, and the number of seconds for which the caller may use it."""
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
    """Return an unused token: after a reset the count begins again, while earlier tokens stay valid.

    A token cannot be guessed, unless the seed file gives the account a seed: its tokens are the same in each run then.
    """
    if account.setting("seed", DEFAULT_SEED) == DEFAULT_SEED:
        return secrets.token_hex(16)
    while True:
        turn = account.db.next_number("token")
        token = account.ids.guid("token", account.mid, client_id, turn).replace("-", "")
        if not account.db.count("token", token=token):
            return token


# The name of the cache of tokens that were looked up; issuing a token, which may remove old ones, empties it.
_FOUND = "tokens"


def find_token(account: Account, token: str) -> Token | None:
    """Return the stored token, None when the account did not issue it or has removed it."""
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
