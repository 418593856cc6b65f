"""Join the pages of a Retrieve before comparing them: the service does not promise which rows are on which page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from sfmc_conformance.messages import first_text, soap_or_none
from sfmc_conformance.transcripts import RecordedExchange

if TYPE_CHECKING:
    from lxml import etree

_Rows = tuple[list["etree._Element"], list["etree._Element"]]


class PageJoiner:
    """Collects the rows of all pages but the last; the last page is compared with all rows."""

    def __init__(self, exchanges: Iterable[RecordedExchange]) -> None:
        self._continued = {found for exchange in exchanges if (found := _asked(exchange))}
        self._open: dict[str, _Rows] = {}

    def joined(self, exchange: RecordedExchange, own: bytes) -> tuple[bytes, bytes]:
        """Return the recorded answer and the emulator's in the form to compare."""
        recorded = exchange.response.body
        theirs, ours = soap_or_none(recorded), soap_or_none(own)
        if theirs is None or ours is None:
            return recorded, own
        asked, request_id = _asked(exchange), first_text(theirs, "RequestID")
        if not asked and request_id not in self._continued:
            return recorded, own
        rows = self._open.pop(asked, ([], []))
        for root, taken in zip((theirs, ours), rows, strict=True):
            taken.extend(_taken(root))
        if request_id in self._continued:
            self._open[request_id] = rows
        else:
            for root, taken in zip((theirs, ours), rows, strict=True):
                _message(root).extend(taken)
        return _written(theirs), _written(ours)


def _asked(exchange: RecordedExchange) -> str:
    """Return the RequestID whose next page a request asks for, if any."""
    root = soap_or_none(exchange.request.body) if exchange.operation == "Retrieve" else None
    return "" if root is None else first_text(root, "ContinueRequest")


def _message(root: etree._Element) -> etree._Element:
    body = next(root.iterchildren("{*}Body"), root)
    return body[0] if len(body) else body


def _taken(root: etree._Element) -> list[etree._Element]:
    message = _message(root)
    rows = list(message.iterchildren("{*}Results"))
    for row in rows:
        message.remove(row)
    return rows


def _written(root: etree._Element) -> bytes:
    from lxml import etree

    return etree.tostring(root)
