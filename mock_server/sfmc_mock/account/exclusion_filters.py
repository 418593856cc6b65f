"""The ExclusionFilter of a definition: an AMPscript expression that is true for recipients to leave out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from sfmc_mock.account import data_extensions
from sfmc_mock.account.account import Account
from sfmc_mock.account.data_extension_fields import shown_row
from sfmc_mock.simulator.ampscript_expressions import (
    NotEvaluable,
    Scope,
    compile_expression,
)
from sfmc_mock.store import audiences
from sfmc_mock.store.conditions import all_of, comparison

_MOST_ROWS = 2_000
"""How many rows LookupRows finds at most (documented)."""


def why_not_evaluated(text: str) -> str:
    """Return why an expression is not evaluated, so that it excludes no recipient; empty for one that is."""
    try:
        compile_expression(text)
    except NotEvaluable as why:
        return str(why)
    return ""


def exclusion_filter(account: Account, text: str) -> Callable[[Mapping[str, str]], bool] | None:
    """Return a function that says whether an expression excludes a recipient, whose values have lower-case names.

    None for an expression that is not evaluated.
    """
    if not text.strip() or why_not_evaluated(text):
        return None
    is_true = compile_expression(text)

    return lambda values: is_true(Scope(values, partial(_rows, account)))


def _rows(
    account: Account, name: str, wanted: Sequence[tuple[str, str]]
) -> list[Mapping[str, str]]:
    extension = data_extensions.find(account, name=name)
    extension = extension or data_extensions.find(account, customer_key=name)
    if extension is None:
        return []
    named = [(extension.by_key.get(column.casefold()), value) for column, value in wanted]
    terms = [
        comparison(field.name, "equals", (value,), extension.compared)
        for field, value in named
        if field is not None
    ]
    if len(terms) < len(named):
        return []
    condition = all_of(terms)
    columns = [field.name for field in extension.fields]
    found: list[Mapping[str, str]] = []
    for page in audiences.rows_of(
        account.db, extension.table, columns, condition.sql, condition.values
    ):
        found += [shown_row(extension.fields, row) for row in page]
        if len(found) >= _MOST_ROWS:
            break
    return found[:_MOST_ROWS]
