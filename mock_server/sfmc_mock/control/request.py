"""A request to the control API: its allowed parameters, and reading their values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

from werkzeug.wrappers import Request

from sfmc_mock.control.account_handle import AccountHandle
from sfmc_mock.control.account_lookup import AccountLookup
from sfmc_mock.errors import SetupError

Body = dict[str, object]
Answer = Body | str | bytes
"""The answer of a route: an object, which is sent as JSON, the text of a seed file, or a file."""

FILE = "file"
"""The format of a route that takes a body of any bytes."""

_NUMBER = re.compile(r"-?[0-9]{1,18}", re.ASCII)
_FLAGS = {"": True, "1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}


@dataclass(frozen=True, slots=True)
class Route:
    """An address under `/_mock`: its method, function, sentence of the documentation, and parameters.

    `query` and `body` are the parameters and fields that a request may have; with `reads` the body is not JSON,
    but a text in that format, or a `FILE`.
    """

    method: str
    path: str
    act: Callable[..., Answer]
    about: str
    query: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    reads: str = ""

    @property
    def address(self) -> str:
        """The path as people write it: `/_mock/sends/<id>`."""
        return "/_mock" + re.sub(r"<[^<>]*:(\w+)>", r"<\1>", self.path).rstrip("/")


@dataclass(slots=True)
class ControlRequest:
    """A request to the control API, with the parts of the server that routes need."""

    lookup: AccountLookup
    request: Request
    body: Body
    text: str = ""
    """The body of a route that takes no JSON."""
    document: bytes = b""
    """The body of a route that takes a file."""

    @property
    def account(self) -> AccountHandle:
        """The account of the request: that of the parameter `mid`, else the first one.

        Raises `NotThere` where there is none.
        """
        return self.lookup.find(self.number("mid"))

    # The query.

    def parameter(self, name: str) -> str | None:
        """Return a query parameter, None when it is not given or empty."""
        return self.request.args.get(name) or None

    def number(self, name: str, *, least: int | None = None) -> int | None:
        """Return a query parameter as a number. Raises `SetupError` when it is none."""
        text = self.parameter(name)
        if text is None:
            return None
        if _NUMBER.fullmatch(text) is None:
            raise SetupError(
                f"The parameter '{name}' must be a number of at most 18 digits, not '{text[:80]}'."
            )
        if least is not None and int(text) < least:
            raise SetupError(f"The parameter '{name}' must be {least} or more, not {text}.")
        return int(text)

    def limit(self) -> int:
        """Return the greatest number of results that the request wants, by default 100."""
        return self.number("limit", least=1) or 100

    def flag(self, name: str) -> bool:
        """Return a query parameter that is true or false; it is true when it is given without a value."""
        value = self.request.args.get(name)
        if value is None:
            return False
        if value.lower() not in _FLAGS:
            raise SetupError(f"The parameter '{name}' must be true or false, not '{value}'.")
        return _FLAGS[value.lower()]

    # The body.

    def string(self, name: str) -> str | None:
        """Return a field of the body that is a text, None when it is missing."""
        value = self.body.get(name)
        if value is None or isinstance(value, str):
            return value
        raise self._wrong(name, "a text")

    def required(self, name: str) -> str:
        """Return a field of the body that is a text. Raises `SetupError` when it is missing or empty."""
        value = self.string(name)
        if not value:
            raise SetupError(f"The field '{name}' is missing: give it as a text.")
        return value

    def integer(self, name: str) -> int:
        """Return a field of the body that is a number. Raises `SetupError` when it is missing or none."""
        value = self.body.get(name)
        if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**63:
            return value
        raise self._wrong(name, "a number")

    def truth(self, name: str) -> bool | None:
        """Return a field of the body that is true or false, None when it is missing."""
        value = self.body.get(name)
        if value is None or isinstance(value, bool):
            return value
        raise self._wrong(name, "true or false")

    def scalars(self, name: str) -> dict[str, str | int | bool]:
        """Return a field of the body that is an object of texts, numbers and flags; an empty one when it is missing."""
        given = self.body.get(name)
        if given is None:
            return {}
        if not isinstance(given, dict):
            raise self._wrong(name, "an object")
        for key, value in given.items():
            if not isinstance(value, str | int):
                raise SetupError(
                    f"The field '{name}' must hold texts and numbers; '{key}' is {json.dumps(value)[:80]}."
                )
        return given

    def _wrong(self, name: str, wanted: str) -> SetupError:
        shown = json.dumps(self.body.get(name))[:80]
        return SetupError(f"The field '{name}' must be {wanted}, not {shown}.")


def read_body(document: bytes) -> Body:
    """Return the JSON object of a body; an empty body is an empty one. Raises `SetupError` for anything else."""
    if not document.strip():
        return {}
    try:
        value = json.loads(document)
        # Half a character from beyond U+FFFF passes as JSON, but cannot be stored as text.
        json.dumps(value, ensure_ascii=False).encode()
    except RecursionError:
        raise SetupError("The body is nested too deeply.") from None
    except ValueError as problem:
        raise SetupError(f"The body is not JSON: {problem}.") from None
    if not isinstance(value, dict):
        raise SetupError('The body must be a JSON object, like {"advance": "2h"}.')
    return value


def read_text(document: bytes, what: str) -> str:
    """Return a body that is a text. Raises `SetupError` for an empty one, and one that is not in UTF-8."""
    if not document.strip():
        raise SetupError(f"The body is empty. Send {what}.")
    try:
        return document.decode()
    except UnicodeDecodeError as problem:
        raise SetupError(f"The body is not in UTF-8: {problem}. Send {what}.") from None


def only_known(given: list[str], known: tuple[str, ...], what: str) -> None:
    """Raise `SetupError` for a name that the route does not know, which would be ignored silently."""
    for name in given:
        if name in known:
            continue
        near = get_close_matches(name, known, n=1)
        if near:
            hint = f"Did you mean '{near[0]}'?"
        else:
            hint = f"Known: {', '.join(known)}." if known else "There are none here."
        raise SetupError(f"There is no {what} '{name}'. {hint}")
