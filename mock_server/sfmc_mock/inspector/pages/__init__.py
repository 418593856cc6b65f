"""The pages, by their addresses below that of an account."""

from __future__ import annotations

from sfmc_mock.inspector.pages import overview, sends
from sfmc_mock.inspector.pages.page import Page

__all__ = ["PAGES", "Page"]

_ID = "<int(max=9223372036854775807):{}>"

PAGES: tuple[Page, ...] = (
    Page("/", overview.overview),
    Page("/clock", overview.change_clock, post=True),
    Page("/live", overview.live),
    Page("/sends", sends.sends, "sends"),
    Page(f"/sends/{_ID.format('number')}", sends.send, "sends"),
)
