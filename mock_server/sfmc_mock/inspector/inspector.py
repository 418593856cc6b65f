"""The routes of the pages, and the handling of errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.utils import redirect
from werkzeug.wrappers import Request, Response

from sfmc_mock.control import PREFIX, ControlAPI
from sfmc_mock.errors import SfmcMockError, StorageFailed
from sfmc_mock.inspector import ROOT
from sfmc_mock.inspector.page_request import NAVIGATION, PageRequest, Replay, Services
from sfmc_mock.inspector.pages import PAGES, Page
from sfmc_mock.inspector.rendering import STATIC, page, render, respond

if TYPE_CHECKING:
    from werkzeug.routing import Map

_READING = ("GET", "HEAD")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


@cache
def _map() -> Map:
    # Made with the first request for a page, because werkzeug takes long to prepare it.
    from werkzeug.routing import Map, Rule

    account, method = "/<int(max=9223372036854775807):mid>", {True: ["POST"], False: ["GET"]}
    rules = [Rule(account + page.path, methods=method[page.post], endpoint=page) for page in PAGES]
    return Map(rules, redirect_defaults=False, strict_slashes=False)


class Inspector:
    """Answers `/_mock/ui/…` with pages, for requests that the control API has admitted.

    `replay` sends the request of an exchange again.
    """

    def __init__(self, control: ControlAPI, replay: Replay) -> None:
        self._control = control
        self._services = Services(control.lookup, replay)

    def stop(self) -> None:
        """End the open streams, so that the server can stop at once."""
        self._services.live.stop()

    def respond(self, request: Request) -> Response:
        """Answer a request for a page; errors become answers, too."""
        path = request.path[len(ROOT) :].rstrip("/")
        if request.path.rstrip("/") == PREFIX:
            response = redirect(f"{ROOT}/")
            response.headers["Vary"] = "Accept"
            return response
        try:
            if path.startswith("/static/"):
                return _static(path.removeprefix("/static/"))
            if not path:
                return self._home(request)
            return self._page(request, path)
        except NotFound:
            return self._error(404, "There is no such page.", request)
        except MethodNotAllowed:
            return self._error(405, "This address does not support that method.", request)
        except HTTPException as refused:
            return self._error(refused.code or 400, refused.description or refused.name, request)
        except Exception as problem:
            status, _, sentence = self._control.trouble(problem, "page")
            return self._error(status, sentence, request)

    def _home(self, request: Request) -> Response:
        mids = self._control.lookup.mids()
        if mids:
            return redirect(f"{ROOT}/{mids[0]}/")
        base = request.host_url.rstrip("/")
        return page(render("no_account.html", {"base": base, "root": ROOT, "title": "No account"}))

    def _page(self, request: Request, path: str) -> Response:
        try:
            page, matched = _map().bind("").match(path, request.method)
        except ValueError:
            # An int of thousands of digits cannot be converted.
            raise NotFound from None
        wanted: Page = page
        arguments = dict(matched)
        asked = PageRequest(self._services, request, arguments.pop("mid"), section=wanted.section)
        if request.method in _READING:
            return wanted.act(asked, **arguments)
        return _done(asked, lambda: wanted.act(asked, **arguments))

    def _error(self, status: int, sentence: str, request: Request) -> Response:
        mids = self._control.lookup.mids()
        values = {
            "title": "This did not work",
            "status": status,
            "sentence": sentence,
            "root": f"{ROOT}/{mids[0]}" if mids else ROOT,
            "navigation": NAVIGATION,
        }
        return page(render("error.html", values), status)


def _done(asked: PageRequest, act: Callable[[], Response]) -> Response:
    """Return the response to a form; a refused form redirects to its page with the reason."""
    try:
        return act()
    except StorageFailed:
        raise
    except SfmcMockError as refused:
        return asked.back(str(refused), failed=True)


def _static(name: str) -> Response:
    path = STATIC / name
    if name not in {file.name for file in STATIC.iterdir()} or path.suffix not in _TYPES:
        raise NotFound
    return respond(path.read_bytes(), _TYPES[path.suffix], headers={"Cache-Control": "no-cache"})
