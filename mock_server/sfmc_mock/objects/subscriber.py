"""Subscriber: Create, Update, Delete, Retrieve, and Describe with the account's profile attributes."""

from __future__ import annotations

from sfmc_mock.account import attributes as profile
from sfmc_mock.account.subscribers import (
    ListChange,
    SubscriberChange,
    change_subscriber,
    create_subscriber,
    delete_subscriber,
    find_subscriber,
)
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Handler, Outcome, Property, Source, echoed
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct, names_and_values


class SubscriberHandler(Handler):
    """A person with a key and an address. The property table is the recorded Describe's."""

    object_type = "Subscriber"
    view = "api_Subscriber"
    properties = (
        Property("ID", "number", required=True),
        Property("PartnerKey", max_length=64),
        Property("CreatedDate", "date"),
        Property("Client.ID", "number", required=True),
        Property("Client.PartnerClientKey", max_length=64),
        Property("EmailAddress", required=True, max_length=254),
        Property("SubscriberKey", required=True, max_length=254),
        Property("UnsubscribedDate", "date"),
        Property("Status", required=True),
        Property("EmailTypePreference", required=True),
    )

    def source(self, call: Call, argument: str | None) -> Source | None:
        # Attributes come though they cannot be asked for (recorded).
        return Source(
            self.object_type,
            "api_Subscriber",
            self.retrievable,
            shown=(Property("Attributes", "attributes"),),
            newness="CreatedDate",
        )

    def create(self, call: Call, sent: Struct) -> Outcome:
        action = call.save_action("Subscriber", "Create")
        wanted = _change(sent)
        row = find_subscriber(call.account, key=wanted.key or wanted.email_address)
        if row is not None and action == "UpdateAdd":
            change_subscriber(call.account, row, wanted)
            number = int(str(row["id"]))
        else:
            number = create_subscriber(call.account, wanted)
        call.warn_of_list_detective([wanted.email_address] if wanted.email_address else [])
        _warn_unknown_attributes(call, wanted)
        return Outcome("Created Subscriber.", echoed(sent, ID=number), new_id=number)

    def update(self, call: Call, sent: Struct) -> Outcome:
        action = call.save_action("Subscriber", "Update")
        wanted = _change(sent)
        row = _find(call, sent)
        if row is None and action == "UpdateAdd":
            number = create_subscriber(call.account, wanted)
        else:
            row = _known(row)
            change_subscriber(call.account, row, wanted)
            number = int(str(row["id"]))
        _warn_unknown_attributes(call, wanted)
        return Outcome("Updated Subscriber.", echoed(sent, ID=number))

    def delete(self, call: Call, sent: Struct) -> Outcome:
        delete_subscriber(call.account, _known(_find(call, sent)))
        # No Object in the result (recorded).
        return Outcome("Subscriber deleted")

    def describe_more(self, call: Call) -> dict[str, object]:
        known = profile.attributes(call.account)
        if not known:
            return {}
        extended = Struct(
            "ObjectDefinition.ExtendedProperties",
            {"ExtendedProperty": [_extended(each) for each in known]},
        )
        return {"ExtendedProperties": extended, "ChildObjects": [_child(each) for each in known]}


def _find(call: Call, sent: Struct) -> Row | None:
    return find_subscriber(
        call.account,
        key=sent.text("SubscriberKey"),
        number=sent.number("ID"),
        email=sent.text("EmailAddress"),
    )


def _known(row: Row | None) -> Row:
    if row is None:
        # Text: seen live.
        raise Refused(12001, "The subscriber was not found.")
    return row


def _change(sent: Struct) -> SubscriberChange:
    return SubscriberChange(
        key=sent.text("SubscriberKey"),
        email_address=sent.text("EmailAddress"),
        status=sent.text("Status"),
        email_type=sent.text("EmailTypePreference"),
        attributes=names_and_values(sent.parts("Attributes")),
        lists=tuple(_list_change(each) for each in sent.parts("Lists")),
    )


def _list_change(sent: Struct) -> ListChange:
    return ListChange(
        sent.number("ID") or 0,
        sent.text("Status") or "Active",
        (sent.text("Action") or "").strip().lower(),
    )


def _warn_unknown_attributes(call: Call, wanted: SubscriberChange) -> None:
    known = profile.by_folded_name(call.account)
    for name in wanted.attributes or {}:
        if name.casefold() not in known:
            call.warn(
                f"the account has no profile attribute '{name}': the value is dropped; create it with Configure"
            )


# What Describe says of a profile attribute, twice (recorded: SFMC-SDK's describe of 2021).


def _extended(each: profile.Attribute) -> Struct:
    values: dict[str, object] = {
        "ID": each.id,
        "Name": each.name,
        "DataType": _DATA_TYPES[each.property_type],
        "PropertyType": each.property_type,
        "IsAccountProperty": False,
        "Label": each.label,
        "Description": each.description,
    }
    if each.default_value:
        values["DefaultValue"] = each.default_value
    if each.max_length is not None:
        values["MaxLength"] = each.max_length
    values |= {
        "IsRequired": each.is_required,
        "IsViewable": each.is_viewable,
        "IsEditable": each.is_editable,
        "IsRestrictedPicklist": each.is_restricted_picklist,
        "IsSendTime": each.is_send_time,
        "DisplayOrder": each.display_order,
    }
    if each.picklist:
        items = [Struct("PicklistItem", {"Label": item, "Value": item}) for item in each.picklist]
        values["PicklistItems"] = Struct(
            "PropertyDefinition.PicklistItems", {"PicklistItem": items}
        )
    return Struct("PropertyDefinition", values)


def _child(each: profile.Attribute) -> Struct:
    markup = Struct("APIProperty", {"Name": "SubstitutionString", "Value": f"%%{each.name}%%"})
    shown = Struct(
        "PropertyDefinition",
        {
            "ID": each.id,
            "Name": each.name,
            "DataType": _DATA_TYPES[each.property_type],
            "Markups": [markup],
        },
    )
    return Struct("ObjectDefinition", {"Name": "Attributes", "Properties": [shown]})


_DATA_TYPES = {"string": "text", "boolean": "boolean", "double": "number", "datetime": "date"}
