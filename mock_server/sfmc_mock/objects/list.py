"""List: the lists of an account, All Subscribers among them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sfmc_mock.account.dependents import definitions_using
from sfmc_mock.account.folders import LIST_CONTENT, folder_of, list_content_type, root_folder
from sfmc_mock.account.lists import NAME_LIMIT, list_key
from sfmc_mock.account.subscribers import (
    ListChange,
    SubscriberChange,
    change_subscriber,
    create_subscriber,
    find_subscriber,
)
from sfmc_mock.errors import Refused
from sfmc_mock.objects.handler import Call, Outcome, Property, echoed
from sfmc_mock.objects.table import KEY_LIMIT, Refusal, TableHandler, referred
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct, names_and_values

_VALIDATION = 13013
_PROTECTED = "All Subscribers cannot be changed or deleted."


class ListHandler(TableHandler):
    """A list. Retrievable properties: sdk; codes and names of what is refused: documented, further words assumed."""

    object_type = "List"
    view = "api_List"
    table = "list"
    properties = (
        Property("ID", "number"),
        Property("PartnerKey"),
        Property("CreatedDate", "date"),
        Property("ModifiedDate", "date"),
        Property("Client.ID", "number"),
        Property("Client.PartnerClientKey"),
        Property("ListName", required=True, max_length=NAME_LIMIT),
        Property("Description"),
        Property("Category", "number"),
        Property("Type"),
        Property("CustomerKey", max_length=KEY_LIMIT + NAME_LIMIT),
        Property("ListClassification"),
        Property("ObjectID"),
        Property("AutomatedEmail.ID", "number"),
    )
    columns: ClassVar[Mapping[str, str]] = {
        "ListName": "name",
        "Description": "description",
        "Category": "category_id",
        "Type": "type",
        "ListClassification": "classification",
    }
    identities: ClassVar[Mapping[str, str]] = {
        "ID": "id",
        "ObjectID": "object_id",
        "CustomerKey": "customer_key",
    }
    messages: ClassVar[Mapping[str, str]] = {
        "Create": "Created List.",
        "Update": "Updated List.",
        "Delete": "List deleted",
    }
    not_specified = (13001, "List ID Not Specified")
    not_found = (13000, "List Not Found")
    missing: ClassVar[Mapping[str, Refusal]] = {
        "ListName": (_VALIDATION, "List Validation Error: ListName is required.")
    }
    too_long: ClassVar[Mapping[str, Refusal]] = {"ListName": (13010, "List Name Too Long")}
    is_numbered = True

    def create(self, call: Call, sent: Struct) -> Outcome:
        """Create a list, or update it when it is there and a SaveOption says UpdateAdd (documented)."""
        action = call.save_action("List", "Create")
        row = self._named(call, sent) if action == "UpdateAdd" else None
        if row is None:
            done = super().create(call, sent)
            self._subscribe(call, sent, done.new_id)
            return done
        number = int(str(row["id"]))
        super().update(call, Struct(sent.type, {**sent.values, "ID": number}))
        self._subscribe(call, sent, number)
        return Outcome(self.messages["Create"], echoed(sent, ID=number), number)

    def update(self, call: Call, sent: Struct) -> Outcome:
        """Update a list, or create it when it is not there and a SaveOption says UpdateAdd (documented)."""
        action = call.save_action("List", "Update")
        if action == "UpdateAdd" and self._named(call, sent) is None:
            done = super().create(call, sent)
            self._subscribe(call, sent, done.new_id)
            return Outcome(self.messages["Update"], done.echo)
        done = super().update(call, sent)
        self._subscribe(call, sent, int(str(self.found(call, sent)["id"])))
        return done

    def _named(self, call: Call, sent: Struct) -> Row | None:
        """Return the list that is meant: by its identities, else by the key that it would get."""
        found = self.find(call, sent)
        if found is not None or sent.text("CustomerKey"):
            return found
        row = {**self.defaults(call, sent), **self.changes(call, sent)}
        return call.account.db.find(self.table, customer_key=self.generate_key(call, row))

    def defaults(self, call: Call, sent: Struct) -> dict[str, object]:
        # Type and folder of a list that says neither: assumed.
        classification = sent.text("ListClassification") or "ExactTargetList"
        root = root_folder(call.account, list_content_type(classification))
        return {
            "name": "",
            "description": "",
            "type": "Private",
            "classification": classification,
            "category_id": None if root is None else root["id"],
            "is_all_subscribers": 0,
        }

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if row is not None and row["is_all_subscribers"]:
            raise Refused(13012, f"List Cannot Be Updated: {_PROTECTED}")
        wanted = sent.text("Type")
        if wanted in ("GlobalUnsubscribe", "Master"):
            # The account has its one list of each (assumed to be refused).
            raise Refused(_VALIDATION, f"List Validation Error: Type {wanted} cannot be created.")
        if wanted == "SalesForce":
            raise Refused(13003, "Salesforce Not Enabled")
        category = sent.number("Category")
        if category is not None and folder_of(call.account, category, LIST_CONTENT) is None:
            raise Refused(13009, "List Category Invalid")
        self._automated_email(call, sent)
        self._classification(call, sent)

    def changes(self, call: Call, sent: Struct) -> dict[str, object]:
        changes = super().changes(call, sent)
        for column, found in (
            ("automated_email_id", self._automated_email(call, sent)),
            ("send_classification_id", self._classification(call, sent)),
        ):
            if found is not None:
                changes[column] = found["id"]
        return changes

    def _automated_email(self, call: Call, sent: Struct) -> Row | None:
        part = sent.part("AutomatedEmail")
        found = referred(call, part, "email", by=("ID", "CustomerKey"))
        if part is not None and found is None:
            if part.number("ID"):
                raise Refused(4001, "Email Does Not Exist")
            if part.text("CustomerKey"):
                # Text: documented, spelling included.
                raise Refused(
                    4000,
                    "PersonList.AutomatedEmail: the Email identitfied by CustomerKey could not be found",
                )
        return found

    def _classification(self, call: Call, sent: Struct) -> Row | None:
        part = sent.part("SendClassification")
        found = referred(call, part, "send_classification")
        if part is not None and found is None:
            raise Refused(24100, "SC_SendClassificationNot Found")
        return found

    def generate_key(self, call: Call, row: Row) -> str | None:
        category = row.get("category_id")
        return list_key(str(row["name"]), category if isinstance(category, int) else None)

    def _subscribe(self, call: Call, sent: Struct, list_id: int) -> None:
        """Put the list's Subscribers on it, those unknown as new ones (assumed: nothing documents it)."""
        for ordinal, each in enumerate(sent.parts("Subscribers")):
            change = SubscriberChange(
                key=each.text("SubscriberKey"),
                email_address=each.text("EmailAddress"),
                attributes=names_and_values(each.parts("Attributes")),
                lists=(ListChange(list_id, "Active", ""),),
            )
            row = find_subscriber(
                call.account,
                key=change.key or change.email_address,
                number=each.number("ID"),
                email=change.email_address,
            )
            try:
                if row is None:
                    create_subscriber(call.account, change)
                else:
                    change_subscriber(call.account, row, change)
            except Refused as refused:
                raise Refused(
                    13005, f"List Subscriber Error: subscriber {ordinal}: {refused.message}"
                ) from None

    def check_unused(self, call: Call, row: Row) -> None:
        if row["is_all_subscribers"]:
            raise Refused(13002, f"Exception During Delete: {_PROTECTED}")
        users = definitions_using(call.account, "list_id", row["id"])
        if users:
            shown = ", ".join(f"TriggeredSendDefinition '{each}'" for each in users)
            raise Refused(13002, f"Exception During Delete: the list is used by {shown}.")
