"""The pages, by their path below that of an account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from werkzeug.wrappers import Response

from sfmc_mock.inspector.pages import chaos, data, documents, journal, messages, overview, sends


@dataclass(frozen=True, slots=True)
class Page:
    """A page or, with `post`, the handler of a form; `section` is its entry in the navigation."""

    path: str
    act: Callable[..., Response]
    section: str = ""
    post: bool = field(default=False, kw_only=True)


_ID = "<int(max=9223372036854775807):{}>"
_SEND = f"/sends/{_ID.format('number')}"
_MESSAGE = f"{_SEND}/messages/{_ID.format('ordinal')}"

PAGES: tuple[Page, ...] = (
    Page("/", overview.overview),
    Page("/clock", overview.change_clock, post=True),
    Page("/live", overview.live),
    Page("/sends", sends.sends, "sends"),
    Page(_SEND, sends.send, "sends"),
    Page(_MESSAGE, messages.message, "sends"),
    Page(f"{_MESSAGE}/body", messages.body),
    Page(f"{_MESSAGE}/message.eml", messages.file),
    Page(f"{_MESSAGE}/events", messages.happen, post=True),
    Page(f"{_MESSAGE}/click/<token>/{_ID.format('url_id')}", messages.click),
    Page("/data", data.data, "data"),
    Page("/data/<object_type>", data.objects, "data"),
    Page("/data/<object_type>/file.csv", data.csv_file),
    Page(f"/data/<object_type>/{_ID.format('number')}", data.row, "data"),
    Page("/definitions", data.change, post=True),
    Page("/subscriber", data.subscriber, "data"),
    Page("/journal", journal.journal, "journal"),
    Page("/journal/clear", journal.clear, post=True),
    Page(f"/journal/{_ID.format('number')}", journal.exchange, "journal"),
    Page(f"/journal/{_ID.format('number')}/again", journal.again, post=True),
    Page("/queue", journal.queue, "journal"),
    Page("/chaos", chaos.chaos, "chaos"),
    Page("/chaos", chaos.change, post=True),
    Page("/docs", documents.documents, "docs"),
    Page("/docs/<name>", documents.document, "docs"),
)
