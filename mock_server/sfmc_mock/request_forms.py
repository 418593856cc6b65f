"""Forms of requests: a request with the same markup as an earlier one is read without parsing it.

A program writes its requests alike: the same markup around different values. The meaning of the markup is worked out
once, with lxml and the plans of `wire.reading`; further requests of the form are cut at their values, which are read by
the same rules. A request with unusual markup (comments, sections, entities, letters beyond ASCII between the tags,
ignored elements) has no form, and is parsed each time.

Most values are the same each time, too: names of properties, the key of a definition, the credentials. For a form that
is used often, a pattern is kept: the whole text with gaps for the few values that have changed so far.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from lxml import etree

from sfmc_mock.envelope import Credentials, Envelope, read_envelope
from sfmc_mock.errors import SoapFault
from sfmc_mock.journal.packing import GAP, Abridged
from sfmc_mock.limits import Limits
from sfmc_mock.wire.filling import Filler
from sfmc_mock.wire.reading import Leniency, ValuePlan, plan_values
from sfmc_mock.wire.struct import Struct

MAX_DOCUMENT = 64 * 1024
"""The greatest size of a request with a form."""

_LONG = 16 * 1024
"""Requests of more bytes than this have a form where three come in a row with the same number of tags.

Each number of objects is another form, which takes time and memory to work out.
"""

MAX_FORMS = 100
"""The greatest number of forms."""

MAX_MARKUP = MAX_FORMS * _LONG
"""The greatest size of the markup of all forms: what is kept of it takes about thirty times the memory."""

MAX_PATTERNS = 16
"""The greatest number of patterns: each is tried, the one that matched last first."""

_MOST_GAPS = 16
_USUAL = 16
"""After so many requests of a pattern, the journal keeps only the texts in the gaps of further ones."""

# A text right before an end tag; none that XML could mean otherwise than it reads.
_PLAIN = r"[\t\n\x20-\x25\x27-\x3b=\x3f-\x7e]*"
_VALUE = re.compile(f">({_PLAIN})</")
_is_plain = re.compile(_PLAIN).fullmatch
_ID_OF = ':Id="'
_is_id = re.compile(r"[\w.-]*", re.ASCII).fullmatch
_MARK = re.compile(f"{GAP}([0-9]+){GAP}")


class _NoForm(Exception):
    """The meaning of a request does not follow from its markup alone."""


class _Header(NamedTuple):
    """The values of the header: each a text in the markup, or the place of a value."""

    action: str | int | None
    message_id: str | int | None
    token: str | int | None
    username: str | int | None
    password: str | int | None


def _constant_or_place(place: str | int | None, constants: Mapping[int, str]) -> str | int | None:
    """Return the text that always stands at a place of the header; an empty one stands for another one."""
    return constants.get(place, "").strip() or place if isinstance(place, int) else place


class FormReader:
    """The reader of the values of a form's requests; `constants` are those that are the same in all of them."""

    __slots__ = ("_credentials", "_envelope", "_filler", "_header", "form")

    def __init__(self, form: _Form, constants: Mapping[int, str]) -> None:
        self.form = form
        self._filler = Filler(form.plan, constants)
        self._header = _Header(*(_constant_or_place(place, constants) for place in form.header))
        # Those of a caller who is always the same.
        self._credentials: Credentials | None = None
        if not any(isinstance(place, int) for place in self._header[2:]):
            self._credentials = self._credentials_of([])
        self._envelope: Envelope | None = None
        if not any(isinstance(place, int) for place in self._header):
            self._envelope = self.envelope([])

    def envelope(self, values: Sequence[str]) -> Envelope | None:
        """Return the envelope, which requests may share; None when an empty value of the header stands for another."""
        if self._envelope is not None:
            return self._envelope
        action, message_id = self._header[:2]
        if isinstance(action, int) and not (action := values[action].strip()):
            return None
        if isinstance(message_id, int) and not (message_id := values[message_id].strip()):
            return None
        credentials = self._credentials or self._credentials_of(values)
        if credentials is None:
            return None
        return Envelope(self.form.envelope.soap12, action, message_id, credentials, None)

    def _credentials_of(self, values: Sequence[str]) -> Credentials | None:
        token, username, password = (
            values[place].strip() if isinstance(place, int) else place for place in self._header[2:]
        )
        if "" in (token, username, password):
            return None
        return Credentials(token, username, password, self.form.envelope.credentials.are_there)

    def message(self, values: Sequence[str], type_name: str, leniency: Leniency) -> Struct | None:
        """Return the message, None when it must be read as another type than before."""
        if type_name != self.form.type_name:
            return None
        return self._filler.fill(values, leniency)


class _Form:
    """The requests with one markup: its reader, and the values that have changed so far."""

    def __init__(
        self, envelope: Envelope, header: _Header, type_name: str, plan: ValuePlan
    ) -> None:
        self.envelope = envelope
        self.header = header
        self.type_name = type_name
        self.plan = plan
        self.reader = FormReader(self, {})
        self.pattern: _Pattern | None = None
        self._first: list[str] | None = None
        self._changing: set[int] = set()

    def note(self, text: str, values: list[str]) -> _Pattern | None:
        """Compare the values of a request; return the new pattern, None for the first request and for too many gaps."""
        if self._first is None:
            self._first = values
            return None
        if len(self._changing) > _MOST_GAPS:
            return None
        known = len(self._changing)
        self._changing.update(
            place
            for place, (first, value) in enumerate(zip(self._first, values, strict=True))
            if first != value
        )
        if len(self._changing) > _MOST_GAPS:
            return None
        if self.pattern is not None and len(self._changing) == known:
            return self.pattern
        self.pattern = _Pattern(self, text, values, self._changing)
        return self.pattern


class _Pattern:
    """The text of a form's requests, with gaps for the values that change."""

    __slots__ = ("_gaps", "_matches", "_pieces", "_values", "reader")

    def __init__(self, form: _Form, text: str, values: list[str], changing: set[int]) -> None:
        constants = {place: each for place, each in enumerate(values) if place not in changing}
        self.reader = FormReader(form, constants)
        self._values = values
        self._matches = 0
        spans = sorted(_gaps_in(text, changing))
        starts = [0, *(end for _, end, _ in spans)]
        ends = [*(start for start, _, _ in spans), len(text)]
        self._pieces = tuple(text[each:end] for each, end in zip(starts, ends, strict=True))
        # The place of what is in a gap, and what follows it.
        self._gaps = [
            (place, following)
            for (_, _, place), following in zip(spans, self._pieces[1:], strict=True)
        ]

    def match(self, text: str) -> MatchedRequest | None:
        """Return a request cut at its values, None for one that does not match."""
        start = self._pieces[0]
        if not text.startswith(start):
            return None
        at, values, changed, find = len(start), self._values.copy(), [], text.find
        for place, following in self._gaps:
            # A letter that no value has.
            end = find(following[0], at)
            if not text.startswith(following, end):
                return None
            value = text[at:end]
            changed.append(value)
            if place is None:
                if _is_id(value) is None:
                    return None
            elif _is_plain(value) is None:
                return None
            else:
                values[place] = value
            at = end + len(following)
        if at != len(text):
            return None
        self._matches += 1
        return _matched(
            self.reader,
            values,
            # Not before its text is worth keeping for them.
            Abridged(self._pieces, changed) if self._matches > _USUAL else None,
        )


def _gaps_in(text: str, changing: set[int]) -> list[tuple[int, int, int | None]]:
    """Return the gaps of a text: start, end and place of each value that changes; an id has no place."""
    spans: list[tuple[int, int, int | None]] = []
    done = 0
    for place, found in enumerate(_VALUE.finditer(text)):
        start, end = found.span(1)
        spans += _ids_in(text, done, start)
        if place in changing:
            spans.append((start, end, place))
        done = end
    return spans + _ids_in(text, done, len(text))


def _ids_in(text: str, start: int, end: int) -> list[tuple[int, int, int | None]]:
    """Return the positions of the ids of elements in a part of markup."""
    found: list[tuple[int, int, int | None]] = []
    while (start := text.find(_ID_OF, start, end)) >= 0:
        start += len(_ID_OF)
        until = text.find('"', start, end)
        if until > start and _is_id(text, start, until):
            found.append((start, until, None))
    return found


@dataclass(slots=True)
class MatchedRequest:
    """A request of a known form: its envelope, and its values."""

    envelope: Envelope
    reader: FormReader
    _values: list[str]
    abridged: Abridged | None = None
    """The whole request in compact form, where many like it came."""

    def read(self, type_name: str, leniency: Leniency) -> Struct | None:
        """Return the message, as `wire.reading.read` does; None when it is read as another type than before."""
        return self.reader.message(self._values, type_name, leniency)


@dataclass(slots=True)
class RequestForms:
    """The forms of the requests to an endpoint. Safe to use from many threads."""

    limits: Limits
    _forms: dict[str, _Form | None] = field(default_factory=dict)
    _seen: set[int] = field(default_factory=set)
    _size: int = 0
    # The numbers of tags of long requests: of those with a form, and of the one that came last.
    _long: set[int] = field(default_factory=set)
    _last_long: int = 0
    _patterns: tuple[_Pattern, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def match(self, document: bytes) -> MatchedRequest | None:
        """Return the request cut at its values, None when its form is not known."""
        if not self._forms or (len(document) > _LONG and not self._may_have_long(document)):
            return None
        # A letter for each byte: values are ASCII, and what else there is stays a part of the markup.
        text = document.decode("latin-1")
        for pattern in self._patterns:
            found = pattern.match(text)
            if found is not None:
                if pattern is not self._patterns[0]:
                    self._put_first(pattern)
                return found
        if GAP in text:
            return None
        markup, values = _cut(text)
        form = self._forms.get(markup)
        if form is None:
            return None
        with self._lock:
            noted = form.note(text, values)
        if noted is not None:
            self._put_first(noted)
        return _matched(form.reader, values)

    def _may_have_long(self, document: bytes) -> bool:
        return len(document) <= MAX_DOCUMENT and document.count(b"<") in self._long

    def _put_first(self, pattern: _Pattern) -> None:
        with self._lock:
            others = (
                each
                for each in self._patterns
                if each is not pattern and each.reader.form is not pattern.reader.form
            )
            self._patterns = (pattern, *others)[:MAX_PATTERNS]

    def learn(self, document: bytes, type_name: str, message: Struct) -> None:
        """Record the form of a request that was read as `message`, without ignored elements.

        Its meaning is worked out when it comes for the second time, of a long one for the third time in a row.
        """
        if len(document) > MAX_DOCUMENT or GAP.encode() in document:
            return
        tags = document.count(b"<") if len(document) > _LONG else 0
        if tags and tags != self._last_long:
            self._last_long = tags
            return
        markup, values = _cut(document.decode("latin-1"))
        if markup in self._forms:
            return
        if hash(markup) not in self._seen:
            if len(self._seen) >= 10 * MAX_FORMS:
                self._seen.clear()
            self._seen.add(hash(markup))
            return
        self._size += len(markup)
        if len(self._forms) >= MAX_FORMS or self._size > MAX_MARKUP:
            self._forms.clear()
            self._long.clear()
            self._size = len(markup)
            self._patterns = ()
        try:
            form = _form_of(markup, type_name, self.limits)
        except (_NoForm, SoapFault, etree.LxmlError):
            form = None
        if form is not None:
            again = form.reader.message(values, type_name, Leniency())
            if repr(again) != repr(message):
                form = None
        self._forms[markup] = form
        if form is not None and tags:
            self._long.add(tags)


def _matched(
    reader: FormReader, values: list[str], abridged: Abridged | None = None
) -> MatchedRequest | None:
    envelope = reader.envelope(values)
    return None if envelope is None else MatchedRequest(envelope, reader, values, abridged)


def _cut(text: str) -> tuple[str, list[str]]:
    """Return a document's markup, with a gap for each value, and the values."""
    pieces = _VALUE.split(text)
    markup = GAP.join(pieces[::2])
    at = markup.find(_ID_OF)
    while at >= 0:
        # What WS-Security calls its elements, often anew in each request.
        start, end = at + len(_ID_OF), markup.find('"', at + len(_ID_OF))
        if end > start and _is_id(markup, start, end):
            markup = markup[:start] + markup[end:]
        at = markup.find(_ID_OF, start)
    return markup, pieces[1::2]


def _form_of(markup: str, type_name: str, limits: Limits) -> _Form:
    """Return the meaning of markup. Raises `_NoForm`, and the errors of reading it."""
    pieces = markup.split(GAP)
    if "<!" in markup or "<?" in markup[1:]:
        raise _NoForm
    marked = "".join(f"{piece}>{GAP}{place}{GAP}</" for place, piece in enumerate(pieces[:-1]))
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
    """Return the number of the value in an element, or its constant text. Raises `_NoForm` for a mixture."""
    match = _MARK.fullmatch(text)
    if match is not None:
        return int(match[1])
    if GAP in text:
        raise _NoForm
    return text
