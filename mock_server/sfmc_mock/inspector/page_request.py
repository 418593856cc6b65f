"""A request for a page: its parameters, and the ways to answer it."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode
from weakref import WeakKeyDictionary

from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sfmc_mock.control import AccountHandle, NotThere
from sfmc_mock.control.account_lookup import AccountLookup
from sfmc_mock.errors import SetupError
from sfmc_mock.inspector import ROOT
from sfmc_mock.inspector.event_counts import EventCounts
from sfmc_mock.inspector.event_stream import Live
from sfmc_mock.inspector.form_notes import Notes
from sfmc_mock.inspector.rendering import page, render
from sfmc_mock.store.database import Row
from sfmc_mock.whole_numbers import whole_number

PAGE_SIZE = 50

NAVIGATION = (
    ("", "Overview", "o"),
    ("sends", "Sends", "s"),
    ("data", "Data", "d"),
    ("journal", "Journal", "j"),
    ("chaos", "Chaos", "c"),
    ("docs", "Docs", "m"),
)
"""The pages of an account: path, name, and the key that opens the page after `g`."""

Replay = Callable[[int, AccountHandle], int]
"""Sends the request of an exchange again, as the account's user; returns the number of the new exchange."""


class Services:
    """The parts of the server that pages need."""

    def __init__(self, lookup: AccountLookup, replay: Replay) -> None:
        self.lookup = lookup
        self.replay = replay
        self.live = Live()
        self.notes = Notes()
        self._counts: WeakKeyDictionary[AccountHandle, EventCounts] = WeakKeyDictionary()
        self._off: WeakKeyDictionary[AccountHandle, dict[str, dict[str, Any]]] = WeakKeyDictionary()
        self._secret = secrets.token_bytes(32)

    def counts(self, handle: AccountHandle) -> EventCounts:
        """Return the counted events of an account, for its chart."""
        return self._counts.setdefault(handle, EventCounts())

    def off(self, handle: AccountHandle) -> dict[str, dict[str, Any]]:
        """Return the chaos rules of an account that are switched off, by name; kept until the server stops."""
        return self._off.setdefault(handle, {})

    def click_token(self, mid: int, send: int, ordinal: int) -> str:
        """Return the secret in the address of a link, which only pages of this server know."""
        named = f"{mid}:{send}:{ordinal}".encode()
        return hmac.new(self._secret, named, sha256).hexdigest()[:24]


@dataclass
class PageRequest:
    """A request for a page of an account."""

    services: Services
    request: Request
    mid: int
    section: str = field(default="", kw_only=True)

    @cached_property
    def account(self) -> AccountHandle:
        """The account of the page. Raises `NotThere`."""
        return self.services.lookup.find(self.mid)

    def rows(self, table: str, most: int | None = None) -> list[Row]:
        """Return up to `most` rows of a table of the account."""
        db = self.account.account.db
        with db.lock:
            return db.find_all(table)[:most]

    def first_send(self) -> dict[str, str]:
        """Return what an example of a send names: a user, a running definition if there is one, and an email."""
        keys = [
            str(row["customer_key"])
            for row in self.rows("triggered_send_definition")
            if row["status"] == "Active" and re.fullmatch(r"[\w.-]+", str(row["customer_key"]))
        ]
        emails = [str(row["id"]) for row in self.rows("email", 1)]
        return {
            "username": self.account.credentials["username"],
            "definition": next(iter(keys), ""),
            "email_id": next(iter(emails), "ID"),
        }

    @property
    def base(self) -> str:
        """The server's own address, without a slash at the end."""
        return self.request.host_url.rstrip("/")

    @property
    def root(self) -> str:
        """The path of the account's pages, without a slash at the end."""
        return f"{ROOT}/{self.mid}"

    # The query.

    def text(self, name: str) -> str:
        """Return a parameter without surrounding spaces; empty if it is not given."""
        return self.request.args.get(name, "").strip()

    def number(self, name: str) -> int | None:
        """Return a parameter as a number, None if it is not given. Raises `SetupError` if it is not a number."""
        text = self.text(name)
        if not text:
            return None
        number = whole_number(text)
        if number is None:
            raise SetupError(f"The parameter '{name}' must be a number, not '{text[:80]}'.")
        return number

    def with_query(self, **changes: object) -> str:
        """Return this page's address with changed parameters; those that are None or empty are left out."""
        given = {**self.request.args.to_dict(), **changes}
        given.pop("note", None)
        kept = {name: str(value) for name, value in given.items() if value not in (None, "")}
        return f"{self.request.path}?{urlencode(kept)}" if kept else self.request.path

    # Forms.

    def field(self, name: str) -> str:
        """Return a field of the form without surrounding spaces; empty if it is missing."""
        return self.request.form.get(name, "").strip()

    # Answers.

    def page(self, template: str, **values: object) -> Response:
        """Return the page rendered from a template."""
        handle = self.account
        note = self.services.notes.read(self.text("note"))
        shared: dict[str, object] = {
            "asked": self,
            "root": self.root,
            "base": self.base,
            "mid": self.mid,
            "mids": self.services.lookup.mids()[:200],
            "clock": {"now": handle.clock.now, "running": handle.clock.running},
            "navigation": NAVIGATION,
            "section": self.section,
            "note": note,
            "here": self.with_query(),
        }
        return page(render(template, {**shared, **values}))

    def back(self, sentence: str, *, to: str = "", failed: bool = False) -> Response:
        """Redirect to the page of a form, which then shows the sentence once."""
        wanted = to or self.field("back")
        # Only to pages of the inspector: a form of another site could name any address.
        if not wanted.startswith(f"{ROOT}/") or "\\" in wanted or "//" in wanted:
            wanted = f"{self.root}/"
        address, _, fragment = wanted.partition("#")
        mark = "&" if "?" in address else "?"
        note = self.services.notes.keep(sentence, failed=failed)
        return redirect(
            f"{address}{mark}note={note}" + (f"#{fragment}" if fragment else ""), code=303
        )

    def missing(self, what: str) -> NotThere:
        return NotThere(what)
