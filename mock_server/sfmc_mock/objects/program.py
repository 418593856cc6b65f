"""Program: automations under their older name, which the schema does not have."""

from __future__ import annotations

from sfmc_mock.account.automations import STATUS
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.handler import Call, Source
from sfmc_mock.declarations.properties import Property, computed
from sfmc_mock.wire.pages import Cell, PageWriter, page_writer


class ProgramHandler(DeclaredObject):
    """An automation to be retrieved. ObjectID, Name and CustomerKey: recorded; the other properties: assumed."""

    object_type = "Program"
    scope = "automations"
    fields = (
        *computed("", "ObjectID", "CustomerKey", "Name", "Description"),
        *computed("number", "Client.ID"),
        *computed("date", "CreatedDate", "ModifiedDate"),
        *computed("number", "Status"),
    )
    selects = (
        'SELECT t.id AS rowkey, t.object_id AS "ObjectID", t.customer_key AS "CustomerKey", t.name AS "Name", '  # noqa: S608 - constants
        't.description AS "Description", (SELECT mid FROM account_id) AS "Client.ID", '
        't.created_at AS "CreatedDate", t.modified_at AS "ModifiedDate", '
        f'{STATUS} AS "Status" FROM automation t'
    )

    def source(self, call: Call, argument: str | None) -> Source | None:
        return Source(
            self.object_type,
            str(self.view),
            self.retrievable,
            newness="ModifiedDate",
            make_writer=_writer,
        )


def _writer(asked: list[str], properties: list[Property]) -> PageWriter:
    cells = tuple(Cell(prop.name, prop.kind, prop.partner) for prop in properties)
    return page_writer("Automation", cells, "Program")
