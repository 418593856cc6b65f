"""How much one request may hold; a request that holds more is refused before it costs anything."""

from __future__ import annotations

from dataclasses import dataclass

MAX_OBJECTS = 32_766
"""API objects of one request: from 32,767 on, the service says `Too many objects` (documented, code 218)."""

MAX_ITEMS = 100_000
"""Items of one repeated element that are no API objects: attributes, properties, parameters (assumed: the service's
limit was not found)."""

MAX_DEPTH = 256
"""Levels of elements; XML that is nested deeper is not read (assumed; libxml2's own default)."""

MAX_OPERANDS = 5_000
"""Comparisons of one filter: SQLite takes seconds to plan for more (assumed: the service's limit was not found)."""

QUERY_SECONDS = 30.0
"""How long a query may run; other calls of the account wait meanwhile (the service's limit is 30 minutes)."""

QUERY_ROWS = 500_000
"""How many rows a query may have: they are held in memory before they are written (the service has no such limit)."""

CLOCK_SECONDS = 50.0
"""How long a clock may be on its way to where it is sent; it stays then where it has got to, and the caller is told.
Callers of the control API wait for a minute: one that gives up and asks again would send it twice as far."""

FTP_FILES = 10_000
"""How many files an account's FTP folder holds at most."""

FTP_BYTES = 2 * 1024**3
"""How many bytes the files of an account's FTP folder have together at most."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server: API objects, items of one element, levels of XML, comparisons of a filter."""

    objects: int = MAX_OBJECTS
    items: int = MAX_ITEMS
    depth: int = MAX_DEPTH
    operands: int = MAX_OPERANDS
