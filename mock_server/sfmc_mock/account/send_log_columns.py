"""Columns of the send log with the name of a personalization string or an AMPscript variable.

A column takes that value when a message is sent (documented). A variable that a script computes has no value here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sfmc_mock.account.account import Account
from sfmc_mock.account.recipients import Delivery, strings_of
from sfmc_mock.account.send_context import SendContext
from sfmc_mock.simulator.ampscript_variables import Assigned, assignments
from sfmc_mock.simulator.personalization import SYSTEM_NAMES

# Waiting rows do not change the results of these.
_EMAIL = "SELECT name, html_body, text_body, subject FROM email WHERE id = ?"
_JOB = "SELECT additional FROM job WHERE id = ?"


@dataclass(frozen=True)
class LogColumns:
    """The values of further columns of the log: strings by their names, variables with their values."""

    strings: frozenset[str]
    variables: Mapping[str, Assigned]
    email_name: str
    additional: str

    @classmethod
    def of(cls, account: Account, context: SendContext) -> LogColumns | None:
        """Return the columns for sends of a context, None if there are none."""
        names = context.further_columns
        if not names:
            return None
        strings = SYSTEM_NAMES & names
        ((email_name, *scripts),) = account.db.look_up(_EMAIL, (context.definition.email_id,)) or [
            ("",)
        ]
        scripts = [str(script or "") for script in (*scripts, context.definition.email_subject)]
        values = assignments(*scripts) if any("%%[" in script for script in scripts) else {}
        variables = {name: value for name, value in values.items() if name in names}
        if not strings and not variables:
            return None
        ((additional,),) = account.db.look_up(_JOB, (context.job_id,)) or [("",)]
        return cls(
            strings,
            variables,
            email_name=str(email_name or ""),
            additional=str(additional or ""),
        )

    @property
    def unknown(self) -> list[str]:
        """The variables whose values only a script would know."""
        return sorted(name for name, value in self.variables.items() if not value.is_known)

    def values(
        self, account: Account, context: SendContext, delivery: Delivery
    ) -> dict[str, str | None]:
        """Return the values for a delivery, by the names of the columns in folded case."""
        known = strings_of(
            account,
            context,
            delivery,
            email_name=self.email_name,
            email_id=context.definition.email_id or 0,
            additional=self.additional,
        )
        filled: dict[str, str | None] = {name: known[name] for name in self.strings}
        if self.variables:
            given = {name.casefold(): value for name, value in delivery.attributes.items()}
            values = {**known, **context.defaults, **given}
            for name, assigned in self.variables.items():
                filled[name] = assigned.value(values)
        return filled
