"""Program: automations under their older name, which the schema does not have."""

from __future__ import annotations

from sfmc_mock.account.automations import STATUS
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.properties import Property
from sfmc_mock.wire.page_writer import PageWriter
from sfmc_mock.wire.pages import Cell, page_writer


def _writer(asked: list[str], properties: list[Property]) -> PageWriter:
    cells = tuple(Cell(prop.name, prop.kind, prop.partner) for prop in properties)
    return page_writer("Automation", cells, "Program")


class ProgramHandler(DeclaredObject):
    """An automation to be retrieved. ObjectID, Name and CustomerKey: recorded; the other properties: assumed."""

    object_type = "Program"
    scope = "automations"
    reads_from = "automation t"
    written_by = staticmethod(_writer)
    fields = (
        Property("ObjectID"),
        Property("CustomerKey"),
        Property("Name"),
        Property("Description"),
        Property("Client.ID", "number"),
        Property("CreatedDate", "date"),
        Property("ModifiedDate", "date"),
        Property("Status", "number", sql=STATUS),
    )
