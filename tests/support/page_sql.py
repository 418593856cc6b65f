"""The query for a page of a selection, with its values."""

from __future__ import annotations

from collections.abc import Sequence

from sfmc_mock.store.conditions import Bound
from sfmc_mock.store.page_queries import Selection, Strategy, page_query


def page_sql(
    selection: Selection,
    after: int,
    limit: int,
    *,
    strategy: Strategy = "any",
    until: int | None = None,
) -> tuple[str, Sequence[Bound]]:
    """Return the query for the page after a row, and its bound values; no row follows `until`."""
    query = page_query(selection, strategy=strategy, is_bounded=until is not None)
    values = selection.condition.values if selection.condition else ()
    return query.sql, query.bound(values, after, limit, until)
