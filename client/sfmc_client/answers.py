"""Read answers of the service: pages, rows, results and errors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sfmc_client.errors import RetrieveFailed, UnreadableAnswer
from sfmc_client.exchanges import Exchange
from sfmc_client.models import APIObject
from sfmc_client.paging import Page
from sfmc_client.results import OperationFailed, PartialFailure, Result, Results

T = TypeVar("T")

_MORE = "MoreDataAvailable"

# Where the results are: directly in the answer for Create, Update, Delete and Execute, one level down elsewhere (wsdl).
_RESULTS = {
    "Perform": "Results.Result",
    "Configure": "Results.Result",
    "Schedule": "Results.Result",
    "GetSystemStatus": "Results.Result",
    "Extract": "Results.ExtractResult",
}

# An answer to a thousand objects would fill the screen.
_REASONS_SHOWN = 3

# Advice for the errors of a Retrieve whose texts are known (recorded, or compared by SDKs).
_ADVICE = (
    ("Unable to find a handler", "Type names are case-sensitive, as in the WSDL."),
    ("The Request Property", "describe lists the properties that can be retrieved."),
    ("The Filter Property", "Filter by a property that can be retrieved."),
    ("Invalid column name", "Retrieve DataExtensionField to see the columns."),
    ("API Permission Failed", "Give the installed package, or the user, this permission."),
    ("The RequestID sent through", "The pages have expired: start the retrieve again."),
)


def itself(item: APIObject) -> APIObject:
    """Return the object of a page as it is."""
    return item


def row_of(columns: Sequence[str], item: APIObject) -> dict[str, str | None]:
    """Return the requested columns in their order, then any other columns of the answer."""
    sent = item.pairs("Properties.Property")
    values: dict[str, str | None] = dict.fromkeys(columns)
    if sent.keys() <= values.keys():
        values.update(sent)
        return values
    # The service accepts column names in any case (sdk); the row has them as the caller wrote them.
    asked = {name.casefold(): name for name in columns}
    for name, value in sent.items():
        values[asked.get(name.casefold(), name)] = value
    return values


def page_of(
    shown: str, read: Callable[[APIObject], T], answer: APIObject, exchange: Exchange
) -> Page[T]:
    """Return the page in an answer to Retrieve or Query. Raises `RetrieveFailed` if its status is an error text."""
    status = answer.text("OverallStatus") or ""
    if status not in {"OK", _MORE}:
        text = status.removeprefix("Error:").strip() or "no reason given"
        advice = next((words for start, words in _ADVICE if text.startswith(start)), "")
        advice = advice or "Check type, properties and filter."
        stop = "" if text.endswith(".") else "."
        raise RetrieveFailed(f"{shown} failed: {text}{stop} {advice}", status=text)
    return Page(
        objects=tuple(read(item) for item in answer.objects("Results")),
        more=status == _MORE,
        request_id=answer.text("RequestID") or "",
        exchange=exchange,
    )


def results_in(operation: str, answer: APIObject) -> list[APIObject]:
    """Return the results in an operation's answer."""
    return answer.objects(_RESULTS.get(operation, "Results"))


def results_of(operation: str, answer: APIObject, exchange: Exchange, *, check: bool) -> Results:
    """Return the result of each object. With `check`, raises `OperationFailed` or `PartialFailure` for refusals."""
    results = Results(
        (Result.read(item) for item in results_in(operation, answer)),
        overall_status=answer.text("OverallStatus") or "",
        overall_status_message=answer.text("OverallStatusMessage") or "",
        request_id=answer.text("RequestID"),
        exchange=exchange,
    )
    if check:
        _check(operation, results)
    return results


def _check(operation: str, results: Results) -> None:
    failed = [(place, result) for place, result in enumerate(results) if not result.complete]
    if failed:
        shown = "; ".join(f"[{place}] {result}" for place, result in failed[:_REASONS_SHOWN])
        more = len(failed) - _REASONS_SHOWN
        shown += f"; and {more} more" if more > 0 else ""
        kind = PartialFailure if any(result.ok for result in results) else OperationFailed
        word = "refused in part" if all(result.ok for _, result in failed) else "refused"
        raise kind(
            f"{operation}: {len(failed)} of {len(results)} {word}: {shown.removesuffix('.')}. "
            "Each is in error.results.",
            results=results,
        )
    if results.overall_status not in {"OK", _MORE, ""}:
        message = results.overall_status_message or "no reason given"
        raise OperationFailed(
            f"{operation} was refused: {results.overall_status} ({message}). Look at error.exchange.response.",
            results=results,
        )


def only(results: Results) -> Result:
    """Return the only result of a call. Raises `UnreadableAnswer` if there is none."""
    if not results:
        raise UnreadableAnswer(
            "The service answered without a result. Look at client.last_exchange.response."
        )
    return results[0]
