"""The inspector: pages under `/_mock/ui/` that show an account in a browser.

This module only recognizes requests for pages; the rest is imported with the first of them.
"""

from __future__ import annotations

from werkzeug.wrappers import Request

from sfmc_mock.control import PREFIX

ROOT = f"{PREFIX}/ui"
_READING = ("GET", "HEAD")


def is_page(request: Request) -> bool:
    """Say whether a request below `/_mock` is for a page, not for the control API."""
    path = request.path.rstrip("/")
    if path == PREFIX:
        return leads_to_pages(request)
    return path == ROOT or path.startswith(f"{ROOT}/")


def leads_to_pages(request: Request) -> bool:
    """Say whether a request for an address that programs use as well comes from a browser."""
    if request.method not in _READING:
        return False
    # A program that accepts anything (`*/*`) is not a browser.
    return any(
        kind.lower() == "text/html" and quality > 0 for kind, quality in request.accept_mimetypes
    )
