"""Pages in Debian's Chromium; each test has its own server, and no page may call another host."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

from sfmc_mock import MockServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]

SEED = """
[account]
clock = "2026-01-01T12:00:00"
lag = "worst"

[[profile_attribute]]
name = "FirstName"
max_length = 20000

[[email]]
key = "mail"
name = "Mail"
subject = "Welcome, %%FirstName%%"
html_body = '<h1>Hello %%FirstName%%</h1><p><a href="https://example.com/start">Start</a> <img src="https://evil.test/x.gif"></p>'

[[triggered_send_definition]]
key = "welcome"
name = "Welcome mail"
email = "mail"
status = "Active"
auto_add_subscribers = true

[[triggered_send_definition]]
key = "paused"
name = "Paused mail"
email = "mail"
status = "Inactive"
auto_add_subscribers = true

[[data_extension]]
name = "SendLog"
template = "SendLog"
"""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.slow)
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("needs Chromium: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=path, args=OPTIONS)
        yield browser
        browser.close()


@pytest.fixture
def server() -> Iterator[MockServer]:
    with MockServer(seed=SEED) as made:
        yield made


Opening = Callable[..., "Page"]


@pytest.fixture
def opening(chromium: Browser, server: MockServer) -> Iterator[Opening]:
    """Open pages of the server's account; fail at the end if a script failed or a page called another host."""
    with opened(chromium, server) as found:
        yield found


@contextmanager
def opened(chromium: Browser, server: MockServer) -> Iterator[Opening]:
    contexts: list[BrowserContext] = []
    asked: list[str] = []
    problems: list[str] = []

    def new_page(path: str = "/", *, width: int = 1280, **options: Any) -> Page:
        context = chromium.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        context.set_default_timeout(20_000)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.on("pageerror", lambda problem: problems.append(str(problem)))
        page.on("dialog", lambda dialog: problems.append(f"a dialog: {dialog.message}"))
        page.goto(f"{server.base_url}/_mock/ui/{server.account.mid}{path}")
        return page

    try:
        yield new_page
    finally:
        for context in contexts:
            context.close()
    own = urlsplit(server.base_url).netloc
    assert [url for url in asked if urlsplit(url).netloc not in (own, "")] == []
    assert problems == []
    server.check()
