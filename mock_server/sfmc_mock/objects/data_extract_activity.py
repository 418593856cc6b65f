"""DataExtractActivity: an extract as a step of an automation."""

from __future__ import annotations

import json

from sfmc_mock.account import Account
from sfmc_mock.account.activities import ActivityFailed, Counts, definition_of
from sfmc_mock.account.extract_kinds import KINDS, kind_named
from sfmc_mock.account.extracts import write_extract
from sfmc_mock.declarations.activity import Activity
from sfmc_mock.declarations.properties import BY_OBJECT_ID, REQUIRED, Property, internal, sample
from sfmc_mock.declarations.seed_keys import Key
from sfmc_mock.store.database import Row


class DataExtractActivityHandler(Activity):
    """An activity whose extract and parameters a seed file says: the class has no properties for them (wsdl).

    Messages and codes: assumed.
    """

    object_type = "DataExtractActivity"
    scope = "automations"
    table = "data_extract_activity"
    example = sample(CustomerKey="write-people", Name="Write people")
    fields = (
        *BY_OBJECT_ID,
        Property("Name", unique=False, required=True, missing=REQUIRED),
        Property("Description", default=""),
        Property("Keyword"),
        internal("extract", seed=Key(choices=tuple(kind.name for kind in KINDS))),
        internal("parameters", default="{}", seed=Key(form="table")),
    )

    def run(self, account: Account, task: Row) -> Counts:
        definition = definition_of(account, self.table, task)
        kind = kind_named(definition["extract"] or "")
        if kind is None:
            raise ActivityFailed("The activity has no extract: one that a seed file makes has it.")
        return write_extract(account, kind, json.loads(definition["parameters"]))
