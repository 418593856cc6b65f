"""Limits of one request; a larger request is refused before it costs time or memory."""

from __future__ import annotations

from dataclasses import dataclass

MAX_OBJECTS = 32_766
"""API objects of one request: from 32,767 on, the service says `Too many objects` (documented, code 218)."""

MAX_ITEMS = 100_000
"""Items of one repeated element that are not API objects: attributes, properties, parameters (assumed: the service's
limit was not found)."""

MAX_DEPTH = 256
"""Levels of elements; XML that is nested deeper is not read (assumed; libxml2's own default)."""

MAX_OPERANDS = 5_000
"""Comparisons of one filter: SQLite takes seconds to plan for more (assumed: the service's limit was not found)."""

QUERY_SECONDS = 30.0
"""The greatest duration of a query; other calls of the account wait meanwhile (the service allows 30 minutes)."""

QUERY_ROWS = 500_000
"""The greatest number of rows of a query, which are in memory before they are written (the service has no limit)."""

CLOCK_SECONDS = 50.0
"""The greatest duration of moving a clock; it then stops where it is, and the caller gets an error. Callers of the
control API wait for a minute: one that gives up and repeats the request would move the clock twice as far."""

FTP_FILES = 10_000
"""The greatest number of files in an account's FTP folder."""

FTP_BYTES = 2 * 1024**3
"""The greatest number of bytes of all files in an account's FTP folder."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server: API objects, items of one element, levels of XML, comparisons of a filter."""

    objects: int = MAX_OBJECTS
    items: int = MAX_ITEMS
    depth: int = MAX_DEPTH
    operands: int = MAX_OPERANDS
