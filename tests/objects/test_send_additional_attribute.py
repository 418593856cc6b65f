"""SendAdditionalAttribute: behaviour that other objects do not have."""

from __future__ import annotations

from tests.support.messages import fields, retrieve, status, struct, write_objects

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.objects import HANDLERS

NAMED = struct("SendAdditionalAttribute", CustomerKey="colour")


def test_a_value_of_a_seed_file_is_changed_and_deleted_and_none_is_created(call: Call) -> None:
    values = HANDLERS["SendAdditionalAttribute"]
    assert isinstance(values, StoredObject)
    values.place(call.account, {"customer_key": "colour", "name": "Colour", "value": "red"})

    changed = write_objects(call, "Update", struct(NAMED.type, NAMED.values, Value="blue"))
    found = fields(retrieve(call, "SendAdditionalAttribute", ["Name", "Value"]))
    deleted = write_objects(call, "Delete", NAMED)
    created = write_objects(call, "Create", struct(NAMED.type, Name="Colour"))

    assert [status(each)[0] for each in (changed, deleted, created)] == ["OK", "OK", "Error"]
    assert found == [{"Name": "Colour", "Value": "blue"}]
    assert status(created)[2] == 5
