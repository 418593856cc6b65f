"""The inspector: pages under `/_mock/ui/` that show an account to a person, in a browser.

Here is which addresses are pages; what is behind them is loaded when the first one is asked for.
"""

from __future__ import annotations

from werkzeug.wrappers import Request

from sfmc_mock.control import PREFIX

ROOT = f"{PREFIX}/ui"
_READING = ("GET", "HEAD")


def is_page(request: Request) -> bool:
    """Say whether a request whose path begins with `/_mock` is for a page, not for the control API."""
    path = request.path.rstrip("/")
    if path == PREFIX:
        return leads_to_pages(request)
    return path == ROOT or path.startswith(f"{ROOT}/")


def leads_to_pages(request: Request) -> bool:
    """Say whether somebody who asks for an address that programs use, too, is a person with a browser."""
    if request.method not in _READING:
        return False
    # Programs that take anything (`*/*`) get what programs get.
    return any(
        kind.lower() == "text/html" and quality > 0 for kind, quality in request.accept_mimetypes
    )
