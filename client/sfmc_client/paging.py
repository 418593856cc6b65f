"""Results of a Retrieve, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Generic, TypeVar

from sfmc_client.errors import NotFound, SfmcError, TooManyFound, UnreadableAnswer
from sfmc_client.exchanges import Exchange

T = TypeVar("T")

# One empty page in between is possible. Stop after three empty pages.
_EMPTY_PAGES = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Page(Generic[T]):
    """A page of results; `more` says that another page follows."""

    objects: tuple[T, ...]
    more: bool
    request_id: str
    exchange: Exchange

    def __iter__(self) -> Iterator[T]:
        return iter(self.objects)

    def __len__(self) -> int:
        return len(self.objects)


class Retrieval(Generic[T]):
    """The results of a Retrieve: iterate over the objects, or over `pages()`.

    No request is sent before that. A page is fetched when its first object is used, and each iteration starts a new
    Retrieve. An error after the first page gives in `objects_received` the number of objects before it.
    """

    def __init__(self, fetch: Callable[[str | None], Page[T]], what: str) -> None:
        self._fetch = fetch
        self._what = what

    def pages(self) -> Iterator[Page[T]]:
        """Yield page after page; the service decides on their size, at most 2,500 objects (documented).

        Raises `RetrieveFailed`, `SoapFault` or `TransportError`.
        """
        received, empty = 0, 0
        continue_request: str | None = None
        while True:
            try:
                page = self._fetch(continue_request)
                empty = 0 if page.objects else empty + 1
                if page.more and (not page.request_id or empty == _EMPTY_PAGES):
                    raise UnreadableAnswer(
                        f"{self._what}: the service announced more pages and did not send them: an answer has no "
                        "RequestID to continue with, or three pages in a row were empty. Try again."
                    )
            except SfmcError as error:
                if continue_request is not None:
                    error.objects_received = received
                raise
            yield page
            if not page.more:
                return
            received += len(page)
            continue_request = page.request_id

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.objects

    def all(self) -> list[T]:
        """Return every object of every page."""
        return list(self)

    def first(self) -> T | None:
        """Return the first object, or `None`; no page is fetched after it."""
        return next(iter(self), None)

    def one(self) -> T:
        """Return the only object. Raises `NotFound` if there is none, `TooManyFound` if there are more."""
        found = list(islice(self, 2))
        if not found:
            raise NotFound(
                f"{self._what}: no object found. Check the filter and the account, and whether the object exists yet."
            )
        if len(found) > 1:
            raise TooManyFound(
                f"{self._what}: more than one object found. Narrow the filter, or iterate over them."
            )
        return found[0]

    def __repr__(self) -> str:
        return f"<Retrieval {self._what}>"
