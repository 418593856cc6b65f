"""The inspector without a socket, as a browser requests it."""

from __future__ import annotations

from html import unescape
from typing import Any
from urllib.parse import urlsplit

from lxml import html
from tests.support.control import Control

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
LOCALHOST = "http://localhost"


class Seen:
    """A page: its status, its headers and its document."""

    def __init__(self, status: int, headers: dict[str, str], text: str) -> None:
        self.status = status
        self.headers = headers
        self.text = text

    @property
    def location(self) -> str:
        """The target of a redirect, without the host."""
        parts = urlsplit(self.headers["Location"])
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    @property
    def document(self) -> html.HtmlElement:
        return html.document_fromstring(self.text)

    def find(self, path: str) -> list[Any]:
        """Return the result of an XPath."""
        found = self.document.xpath(path)
        assert isinstance(found, list)
        return found

    @property
    def words(self) -> str:
        """The visible text of the page, with single spaces."""
        return " ".join(unescape(self.document.text_content()).split())

    def links(self, part: str) -> list[str]:
        """Return the addresses of links that contain a part."""
        return [each for each in self.find("//a/@href") if part in each]


class Browsing(Control):
    """Pages of the first account of a server."""

    @property
    def mid(self) -> int:
        return next(iter(self.app.accounts)).mid

    def see(self, path: str = "/", *, accept: str = BROWSER, **more: Any) -> Seen:
        """Request a page of the account, or any address that begins with `/_mock`."""
        return self._open("GET", path, {"Accept": accept}, **more)

    def submit(self, path: str, *, origin: str | None = LOCALHOST, **fields: str) -> Seen:
        """Send a form, as a page of this server does."""
        headers = {"Accept": BROWSER, **({"Origin": origin} if origin else {})}
        return self._open("POST", path, headers, data=fields)

    def _open(self, method: str, path: str, headers: dict[str, str], **more: Any) -> Seen:
        if not path.startswith("/_mock") and not more.pop("absolute", False):
            path = f"/_mock/ui/{self.mid}{path}"
        with self.client.open(
            path, base_url=LOCALHOST, method=method, headers=headers, **more
        ) as response:
            text = response.get_data().decode("utf-8", "replace")
            return Seen(response.status_code, dict(response.headers), text)
