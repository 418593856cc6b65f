"""Find the data extension that a request names."""

from __future__ import annotations

from sfmc_mock.account import data_extensions as rules
from sfmc_mock.account.data_extensions import DataExtension
from sfmc_mock.declarations.call import Call
from sfmc_mock.errors import Refused
from sfmc_mock.wire.struct import Struct

# Code: documented. Text: follows that of 310003 (assumed).
NO_KEY = (310001, "A Data Extension must be named by its ObjectID, CustomerKey or Name. ")


def identified(call: Call, sent: Struct) -> DataExtension | None:
    """Return the data extension with the given ObjectID, CustomerKey or Name; the first one given in this order counts.

    Unless the account is strict, a CustomerKey that only matches a Name is accepted, with a warning. Raises `Refused`
    if none of the three is given.
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
