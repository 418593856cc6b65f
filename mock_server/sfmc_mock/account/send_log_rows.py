"""Rows of the send log: how a send makes them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sfmc_mock.account.data_extension_fields import StoredValue, stored_value
from sfmc_mock.account.data_extension_rows import LogColumn, LogPlan

OF_MESSAGE = ("subscriberkey", "emailaddress", "batchid", "subid", "errorcode")
"""The columns of every send log that differ between the messages of a send."""

LOG_OWN = frozenset({"jobid", "listid", "triggeredsendid", *OF_MESSAGE})
"""The columns that every row of the send log fills."""


class LogRows:
    """Makes the rows of sends that differ in their messages and their time only.

    A send never fails because of its log: a long text is cut, a value of the wrong type is left out, and a row whose
    primary key exists is skipped (assumed: what the service does then is not known).
    """

    def __init__(
        self, plan: LogPlan, of_send: Mapping[str, object], attributes: Collection[str]
    ) -> None:
        """Begin with the values `of_send` that all rows have; `attributes` are the columns that attributes fill.

        Names are in folded case.
        """
        self.insert = plan.insert
        self._columns = plan.columns
        self._own = [plan.columns.get(name) for name in OF_MESSAGE]
        self._attributes = {name: plan.columns[name] for name in attributes}
        usual: list[StoredValue] = [None] * len(plan.columns)
        for place, field in plan.defaults:
            if not field.defaults_to_now:
                usual[place] = stored_value(field, field.default_value)
        timed = {place for place, field in plan.defaults if field.defaults_to_now}
        for column, value in self._filled(of_send):
            column.put(value, usual)
            timed.discard(column.place)
        # The times of creation and change stand at the end.
        self._usual = [*usual, None, None]
        self._timed = (*timed, -2, -1)

    def usual(self, now: str) -> list[StoredValue]:
        """Return the values that all rows of a time have."""
        values = self._usual.copy()
        for place in self._timed:
            values[place] = now
        return values

    def row(
        self,
        usual: list[StoredValue],
        further: Mapping[str, object],
        attributes: Mapping[str, str],
        own: Sequence[object],
    ) -> list[StoredValue]:
        """Return the row of a message: `further` columns, the attributes that are given, and values of `OF_MESSAGE`."""
        values = usual.copy()
        if further:
            for column, value in self._filled(further):
                column.put(value, values)
        # Any column called like an attribute takes its value (documented).
        for name, text in attributes.items():
            named = self._attributes.get(name.casefold())
            if named is not None:
                named.put(text, values)
        for own_column, value in zip(self._own, own, strict=True):
            if own_column is not None and value is not None:
                own_column.put(value, values)
        return values

    def _filled(self, given: Mapping[str, object]) -> list[tuple[LogColumn, object]]:
        """Return the columns with the names, with their values; those without a value are left out."""
        columns = self._columns
        return [
            (columns[name], value)
            for name, value in given.items()
            if value is not None and name in columns
        ]
