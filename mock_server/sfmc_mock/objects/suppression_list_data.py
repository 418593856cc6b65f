"""SuppressionListData: an address on a suppression list."""

from __future__ import annotations

import json
from typing import ClassVar

from sfmc_mock.account import suppression
from sfmc_mock.declarations.handler import Call, Handler, Outcome
from sfmc_mock.declarations.properties import Property
from sfmc_mock.declarations.stored_object import stored_object
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.decisions import is_valid_address
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# The name of the address in the template that the service makes such lists from (recorded), and its usual spelling.
_ADDRESS = ("email address", "emailaddress")


class SuppressionListDataHandler(Handler):
    """An address of the SuppressionListDefinition that ObjectID or CustomerKey names, given in Properties.

    Operations: documented; that Properties name the address `Email Address`, as the columns of the recorded template
    for such lists do, codes and messages: assumed.
    """

    object_type = "SuppressionListData"
    scope = "list_and_subscribers"
    properties = (
        Property("ObjectID", retrievable=False),
        Property("CustomerKey", retrievable=False),
        Property("Properties", retrievable=False),
    )
    reads: ClassVar = {"": ("ObjectID", "CustomerKey", "Properties")}

    def create(self, call: Call, sent: Struct) -> Outcome:
        definition, address, more = self._read(call, sent)
        row = _entry(call, definition, address)
        if row is not None and call.save_action(self.object_type, "Create") != "UpdateAdd":
            raise Refused(1, f"{address} is on the suppression list already.")
        suppression.put(call.account, definition["id"], address, more)
        return Outcome("SuppressionListData created", sent)

    def update(self, call: Call, sent: Struct) -> Outcome:
        definition, address, more = self._read(call, sent)
        row = _entry(call, definition, address)
        if row is None and call.save_action(self.object_type, "Update") != "UpdateAdd":
            raise Refused(2, f"{address} is not on the suppression list.")
        before = {} if row is None else json.loads(row["properties"])
        suppression.put(call.account, definition["id"], address, {**before, **more})
        return Outcome("SuppressionListData updated", sent)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        definition, address, _ = self._read(call, sent)
        row = _entry(call, definition, address)
        if row is None:
            raise Refused(2, f"{address} is not on the suppression list.")
        call.account.db.delete(suppression.TABLE, id=row["id"])
        return Outcome("SuppressionListData deleted", sent)

    def _read(self, call: Call, sent: Struct) -> tuple[Row, str, dict[str, str]]:
        """Return the list, the address and the other values. Raises `Refused`."""
        lists = stored_object(self.others, "SuppressionListDefinition")
        definition = lists.find_or_refuse(call, sent)
        values = call.named_values(sent.wrapped("Properties", "Property"))
        addresses = [values.pop(name) for name in list(values) if name.casefold() in _ADDRESS]
        if not addresses or not is_valid_address(addresses[0].strip()):
            raise Refused(12000, "InvalidEmailAddress")
        known = {name.casefold() for name in json.loads(definition["field_names"])}
        for name in values:
            if name.casefold() not in known:
                raise Refused(
                    2,
                    f"SuppressionListData: the suppression list has no field '{name}'. Add it to its Fields.",
                )
        return definition, addresses[0].strip(), values


def _entry(call: Call, definition: Row, address: str) -> Row | None:
    return call.account.db.find(
        suppression.TABLE, definition_id=definition["id"], email_address=address
    )
