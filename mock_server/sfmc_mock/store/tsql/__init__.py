"""Functions of T-SQL that SQLite does not have. Translated queries call them by names that begin with `tsql_`.

Dates are ISO texts with milliseconds, as the store keeps them. A function raises `ConversionFailed`, with SQL Server's
text, for a value that it does not take.
"""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.store.tsql.conversions import CONVERSIONS, Functions
from sfmc_mock.store.tsql.dates import DATE_FUNCTIONS
from sfmc_mock.store.tsql.numbers import NUMBER_FUNCTIONS
from sfmc_mock.store.tsql.texts import TEXT_FUNCTIONS, StringAgg

FUNCTIONS: Functions = {**CONVERSIONS, **DATE_FUNCTIONS, **NUMBER_FUNCTIONS, **TEXT_FUNCTIONS}

TAKE_NULL = frozenset(
    {
        *CONVERSIONS,
        *("tsql_charindex", "tsql_concat", "tsql_concat_ws", "tsql_hashbytes", "tsql_like"),
        *("tsql_string_split", "tsql_stuff"),
    }
)
"""The functions that take NULL; the others return NULL for NULL without being called."""

AGGREGATES: Mapping[str, type] = {"tsql_string_agg": StringAgg}
"""Functions over groups, by their names; each takes any number of arguments."""
