"""Asynchronous requests: what waits, and what became of the others."""

from __future__ import annotations

from werkzeug.wrappers import Response

from sfmc_mock.inspector.page_request import PAGE_SIZE, PageRequest


def queue(asked: PageRequest) -> Response:
    """List the requests, the newest first."""
    requests = asked.account.queued()
    return asked.page("queue.html", requests=requests[: -PAGE_SIZE - 1 : -1], holds=len(requests))
