"""The journal of calls with their requests and answers, and the queue of asynchronous requests."""

from __future__ import annotations

from werkzeug.wrappers import Response

from sfmc_mock.errors import SetupError
from sfmc_mock.inspector.call_snippets import as_curl, as_pytest, as_zeep
from sfmc_mock.inspector.page_request import PAGE_SIZE, PageRequest
from sfmc_mock.inspector.xml_view import view
from sfmc_mock.journal import read_status

_FILTERS = ("text", "operation", "object_type", "status", "of")


def journal(asked: PageRequest) -> Response:
    """List the calls that match the filters, newest first."""
    filters = {name: asked.text(name) for name in _FILTERS}
    operation, object_type = filters["operation"] or None, filters["object_type"] or None
    text, status = filters["text"] or None, read_status(filters["status"] or None)
    calls = asked.services.lookup.journal
    result = calls.search(operation, object_type=object_type, text=text, status=status, limit=None)
    before = asked.number("before")
    # The account's calls, and those whose account is unknown.
    fitting = [
        call
        for call in reversed(result.exchanges)
        if (before is None or call.number < before)
        and (filters["of"] == "all" or call.account in (asked.mid, None))
    ]
    shown = fitting[:PAGE_SIZE]
    is_filtered = any(filters.values())
    near = []
    if not shown and is_filtered and len(calls):
        near = calls.nearest(
            operation, object_type=object_type, text=text, status=status, account=asked.mid
        )
    return asked.page(
        "journal.html",
        calls=shown,
        filters=filters,
        is_filtered=is_filtered,
        near=near,
        more=asked.with_query(before=shown[-1].number) if len(fitting) > PAGE_SIZE else "",
        first=asked.with_query(before=None) if before is not None else "",
        dropped=result.dropped,
        operations=sorted({call.operation for call in calls if call.operation}),
    )


def exchange(asked: PageRequest, number: int) -> Response:
    """Show one call: request and answer as lines, with marks on those that warnings quote."""
    calls = asked.services.lookup.journal
    exchange = calls.get(number)
    if exchange is None:
        raise asked.missing(
            f"The journal has no call {number}: there was none, or it was dropped or removed."
        )
    return asked.page(
        "exchange.html",
        call=exchange,
        request=view(exchange.request, exchange.warnings),
        answer=view(exchange.answer),
        curl=as_curl(exchange, asked.base),
        pytest=as_pytest(exchange) if exchange.operation else "",
        zeep=as_zeep(exchange, asked.base),
        previous=number - 1 if calls.get(number - 1) else None,
        following=number + 1 if calls.get(number + 1) else None,
    )


def again(asked: PageRequest, number: int) -> Response:
    """Send the request of a call again."""
    made = asked.services.replay(number, asked.account)
    return asked.back(
        f"Sent again as #{made}, as the first user of the account.",
        to=f"{asked.root}/journal/{made}",
    )


def clear(asked: PageRequest) -> Response:
    """Remove the account's calls from the journal."""
    if asked.field("do") != "clear":
        raise SetupError("No calls were removed.")
    asked.services.lookup.journal.clear(asked.mid)
    return asked.back("The account's calls were removed from the journal.")


def queue(asked: PageRequest) -> Response:
    """List the asynchronous requests with their status, newest first."""
    requests = asked.account.queued()
    return asked.page("queue.html", requests=requests[: -PAGE_SIZE - 1 : -1], holds=len(requests))
