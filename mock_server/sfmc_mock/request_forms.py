"""Forms of requests: a request that is written like an earlier one is read without parsing it.

A program writes its requests alike: the same markup around other values. What markup means is found out once, with
lxml and the plans of `wire.reading`; further requests of the form are cut at their values, which are read by the same
rules. Whatever is not plain (comments, sections, entities, a letter beyond ASCII between the tags, an element that
is passed over) has no form, and is parsed each time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lxml import etree

from sfmc_mock.envelope import Credentials, Envelope, read_envelope
from sfmc_mock.errors import SoapFault
from sfmc_mock.limits import Limits
from sfmc_mock.wire.reading import Leniency, ValuePlan, plan_values, read_values
from sfmc_mock.wire.struct import Struct

MAX_DOCUMENT = 16 * 1024
"""Bytes of the longest request that may have a form."""

MAX_FORMS = 100
"""How many forms are kept."""

# A text right before an end tag; none that XML could mean otherwise than it reads.
_VALUE = re.compile(r">([\t\n\x20-\x25\x27-\x3b=\x3f-\x7e]*)</")
_ID_OF = ':Id="'
_ID = re.compile(r"[\w.-]*", re.ASCII)
_GAP = "\x7f"
_MARK = re.compile(f"{_GAP}([0-9]+){_GAP}")


class _NoForm(Exception):
    """What a request means does not follow from its markup alone."""


class _Header(NamedTuple):
    """What the header says: a text that stands in the markup, or the place of a value."""

    action: str | int | None
    message_id: str | int | None
    token: str | int | None
    username: str | int | None
    password: str | int | None


@dataclass(slots=True)
class _Form:
    envelope: Envelope
    header: _Header
    type_name: str
    plan: ValuePlan


@dataclass(slots=True)
class FilledForm:
    """A request of a known form: its envelope, and its values."""

    envelope: Envelope
    _form: _Form
    _values: list[str]

    def read(self, type_name: str, leniency: Leniency) -> Struct | None:
        """Return the message, as `wire.reading.read` does; None when it is read as another type than before."""
        if type_name != self._form.type_name:
            return None
        return read_values(self._form.plan, self._values, leniency)


@dataclass(slots=True)
class RequestForms:
    """The forms of the requests that came to an endpoint; may be used from many threads."""

    limits: Limits
    _forms: dict[str, _Form | None] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)

    def fill(self, document: bytes) -> FilledForm | None:
        """Return the request cut at its values, None when its form is not known."""
        if len(document) > MAX_DOCUMENT or not self._forms or _GAP.encode() in document:
            return None
        markup, values = _cut(document)
        form = self._forms.get(markup)
        if form is None:
            return None
        envelope = _envelope(form, values)
        return None if envelope is None else FilledForm(envelope, form, values)

    def learn(self, document: bytes, type_name: str, message: Struct) -> None:
        """Note the form of a request that was read as `message`, with nothing of it passed over.

        It is worked out when it comes for the second time.
        """
        if len(document) > MAX_DOCUMENT or _GAP.encode() in document:
            return
        markup, values = _cut(document)
        if markup in self._forms:
            return
        if hash(markup) not in self._seen:
            if len(self._seen) >= 10 * MAX_FORMS:
                self._seen.clear()
            self._seen.add(hash(markup))
            return
        if len(self._forms) >= MAX_FORMS:
            self._forms.clear()
        try:
            form = _worked_out(markup, type_name, self.limits)
        except (_NoForm, SoapFault, etree.LxmlError):
            form = None
        if form is not None:
            again = read_values(form.plan, values, Leniency())
            if repr(again) != repr(message):
                form = None
        self._forms[markup] = form


def _cut(document: bytes) -> tuple[str, list[str]]:
    """Return a document's markup, with a gap for each value, and the values."""
    # A letter for each byte: values are ASCII, and what else there is stays a part of the markup.
    pieces = _VALUE.split(document.decode("latin-1"))
    markup = _GAP.join(pieces[::2])
    at = markup.find(_ID_OF)
    while at >= 0:
        # What WS-Security calls its elements, often anew in each request.
        start, end = at + len(_ID_OF), markup.find('"', at + len(_ID_OF))
        if end > start and _ID.fullmatch(markup, start, end):
            markup = markup[:start] + markup[end:]
        at = markup.find(_ID_OF, start)
    return markup, pieces[1::2]


def _worked_out(markup: str, type_name: str, limits: Limits) -> _Form:
    """Return what markup means. Raises `_NoForm`, or whatever reading it raises."""
    pieces = markup.split(_GAP)
    if "<!" in markup or "<?" in markup[1:]:
        raise _NoForm
    marked = "".join(f"{piece}>{_GAP}{place}{_GAP}</" for place, piece in enumerate(pieces[:-1]))
    envelope = read_envelope((marked + pieces[-1]).encode("latin-1"), limits.depth)
    body = envelope.body
    if body is None or body.getnext() is not None:
        raise _NoForm
    if (body.getroottree().docinfo.encoding or "UTF-8").upper() not in ("UTF-8", "US-ASCII"):
        raise _NoForm
    credentials = envelope.credentials
    header = _Header(
        _place(envelope.action),
        _place(envelope.message_id),
        _place(credentials.token),
        _place(credentials.username),
        _place(credentials.password),
    )
    plan = plan_values(body, type_name, _text_or_place)
    if plan is None:
        raise _NoForm
    return _Form(replace(envelope, body=None), header, type_name, plan)


def _place(text: str | None) -> str | int | None:
    return None if text is None else _text_or_place(text)


def _text_or_place(text: str) -> str | int:
    """Return the number of the value that stands here, or the text that does. Raises `_NoForm` for a mixture."""
    match = _MARK.fullmatch(text)
    if match is not None:
        return int(match[1])
    if _GAP in text:
        raise _NoForm
    return text


def _envelope(form: _Form, values: list[str]) -> Envelope | None:
    """Return the envelope of a request; None when a value of its header is empty, which stands for another one."""
    texts: list[str | None] = []
    for place in form.header:
        text = values[place].strip() if isinstance(place, int) else place
        if isinstance(place, int) and not text:
            return None
        texts.append(text)
    action, message_id, token, username, password = texts
    there = form.envelope.credentials.are_there
    return Envelope(
        soap12=form.envelope.soap12,
        action=action,
        message_id=message_id,
        credentials=Credentials(token, username, password, there),
        body=None,
    )
