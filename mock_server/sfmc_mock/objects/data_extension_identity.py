"""Find the data extension that a request names."""

from __future__ import annotations

from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.declarations.handler import Call
from sfmc_mock.errors import Refused
from sfmc_mock.wire.struct import Struct

# Code: documented. Text: made after that of 310003.
NO_KEY = (310001, "A Data Extension must be named by its ObjectID, CustomerKey or Name. ")


def identified(call: Call, sent: Struct) -> DataExtension | None:
    """Return the data extension that an object names, by the first that it gives of ObjectID, CustomerKey and Name.

    A CustomerKey that is only a Name will do, unless the account is strict. Raises `Refused` when none is given.
    """
    if object_id := sent.text("ObjectID"):
        return rules.find(call.account, object_id=object_id)
    if key := sent.text("CustomerKey"):
        extension = rules.find(call.account, customer_key=key)
        return extension or _by_name_after_all(call, key)
    if name := sent.text("Name"):
        return rules.find(call.account, name=name)
    raise Refused(*NO_KEY)


def _by_name_after_all(call: Call, key: str) -> DataExtension | None:
    extension = None if call.strict else rules.find(call.account, name=key)
    if extension is not None:
        call.warn(
            f"no data extension has the CustomerKey '{key}'; taken as the Name of the one with the CustomerKey "
            f"'{extension.customer_key}', which the live service does not do"
        )
    return extension
