"""The operations of API objects that are rows of a table: created, changed, deleted and read by their declaration.

A subclass overrides the hooks at the end for its special behaviour.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from sfmc_mock.account import Account
from sfmc_mock.account.folders import folder_of, root_folder
from sfmc_mock.account.identifiers import is_guid
from sfmc_mock.declarations.call import Call, Outcome, echoed
from sfmc_mock.declarations.declared_object import DeclaredObject
from sfmc_mock.declarations.declared_object import Messages as Messages
from sfmc_mock.declarations.handler import Handler
from sfmc_mock.declarations.properties import PARTS, Property, Reference
from sfmc_mock.declarations.seed_entries import Entries, Entry, Loading, Refer
from sfmc_mock.errors import Refused, with_article
from sfmc_mock.store.database import Row
from sfmc_mock.wire.json_parts import part_as_json
from sfmc_mock.wire.struct import Struct

_NAMES = ("ID", "ObjectID", "CustomerKey", "PartnerKey", "Client")


class StoredObject(DeclaredObject):
    """An API object whose Create, Update and Delete follow from its declaration."""

    # Finding.

    def find_by(self, account: Account, identity: str, value: object) -> Row | None:
        """Return the row that a property names; a deleted object is only found by its ObjectID."""
        # The service makes its ids in lower case; .NET prints them in either.
        if identity == "ObjectID" and isinstance(value, str):
            value = value.lower()
        column = next(field.column for field in self.kept if field.name == identity)
        rows = account.db.find_all(self.table, "id", **{column: value})
        return next((row for row in rows if identity == "ObjectID" or self.is_there(row)), None)

    def find(self, call: Call, sent: Struct) -> Row | None:
        """Return the row that the object's identities name; the first one given decides."""
        return self.named(call.account, sent)

    def named(
        self, account: Account, part: Struct | None, by: Sequence[str] | None = None
    ) -> Row | None:
        """Return the row that a part of another object names, by the first that it gives of `by`.

        Without `by`, those are the object's own identities.
        """
        given = _first_given(part, by or self.identities)
        return None if given is None else self.find_by(account, *given)

    def find_or_refuse(self, call: Call, sent: Struct) -> Row:
        """Return the row that the object names. Raises `Refused` when there is none."""
        object_id = (sent.text("ObjectID") or "").strip()
        if self.invalid_object_id is not None and object_id and not is_guid(object_id):
            raise Refused(*self.invalid_object_id)
        row = self.find(call, sent)
        if row is not None:
            return row
        is_named = _first_given(sent, self.identities)
        raise Refused(*(self.not_found if is_named else self.not_specified))

    @cached_property
    def elements(self) -> Mapping[str, frozenset[str]]:
        own = {
            *(field.name.partition(".")[0] for field in self.settable),
            *(reference.name for reference in self.references),
            *self.identities,
            *self.refused_parts,
            *self.without_effect,
            *self.reads.get("", ()),
        }
        # What names another object may say it in several ways; the first that counts is taken.
        parts = {reference.name: {*reference.by, *_NAMES} for reference in self.references}
        for field in self.settable:
            head, _, name = field.name.partition(".")
            if name:
                parts.setdefault(head, set()).add(name)
        parts |= {path: set(names) for path, names in self.reads.items() if path}
        named = {path: frozenset(names) for path, names in parts.items()}
        return {"": frozenset((*own, "Client")), **named}

    def elements_of(self, operation: str) -> Mapping[str, frozenset[str]]:
        if operation in ("Create", "Update", "Configure"):
            return self.elements
        more = self.acts_on.get(operation, ())
        return {"": frozenset((*self.identities, "ObjectID", "CustomerKey", "Client", *more))}

    def other_with(self, account: Account, row: Row | None, **columns: object) -> Row | None:
        """Return another row than `row` (None for a new one) that has these values, None when there is none."""
        rows = account.db.find_all(self.table, "id", **columns)
        return next((other for other in rows if row is None or other["id"] != row["id"]), None)

    # The operations.

    def takes(self, operation: str) -> bool:
        return operation in self.operations or operation in self.actions

    def create(self, call: Call, sent: Struct) -> Outcome:
        """Create an object, or change an existing one when the SaveAction is UpdateAdd."""
        if "Create" not in self.operations:
            return super().create(call, sent)
        action = call.save_action(self.object_type, "Create")
        row = self.existing(call, sent) if action == "UpdateAdd" else None
        if row is None:
            return self._added(call, sent)
        self.modify(call, sent, row)
        return self.created(call, sent, self.at(call.account, row["id"]))

    def _added(self, call: Call, sent: Struct) -> Outcome:
        made = self.created(call, sent, self.insert(call, sent))
        for name in ("ID", "ObjectID"):
            if name in self.identities and _is_given(sent.values.get(name)):
                call.warn(
                    f"{name} of {with_article(self.object_type)} has no effect on its Create: the account gives each "
                    "one; the result has it"
                )
        return made

    def update(self, call: Call, sent: Struct) -> Outcome:
        """Change an object, or create a missing one when the SaveAction is UpdateAdd."""
        if "Update" not in self.operations:
            return super().update(call, sent)
        action = call.save_action(self.object_type, "Update")
        if action == "UpdateAdd":
            row = self.find(call, sent) or self.existing(call, sent)
        else:
            row = self.find_or_refuse(call, sent)
        if row is None:
            return Outcome(self.messages.update, self._added(call, sent).echo)
        self.modify(call, sent, row)
        return self.updated(sent, row)

    def delete(self, call: Call, sent: Struct) -> Outcome:
        if "Delete" not in self.operations:
            return super().delete(call, sent)
        row = self.find_or_refuse(call, sent)
        self.check_unused(call, row)
        self.remove(call, row)
        return Outcome(self.messages.delete, self.echo(sent))

    def insert(self, call: Call, sent: Struct) -> Row:
        """Check and add the object that the caller describes, and return its row. Raises `Refused`."""
        self.check_values(call.account, sent, None)
        self.check(call, sent, None)
        columns = {**self.defaults(call.account, sent), **self.changes(call, sent, None)}
        columns["customer_key"] = sent.text("CustomerKey") or None
        row = self.place(call.account, columns)
        self.written(call, sent, row, is_new=True)
        return row

    def place(self, account: Account, columns: Mapping[str, object]) -> Row:
        """Add a row; the account sets key, ObjectID, number and dates where the columns do not.

        Raises `Refused` when the key is taken.
        """
        row = dict(columns)
        row["customer_key"] = row.get("customer_key") or self.generate_key(account, row)
        if row["customer_key"] is not None and self._is_taken(account, str(row["customer_key"])):
            raise Refused(*self.key_taken)
        natural_key = self.natural_key(row)
        if "object_id" in self.columns and not row.get("object_id"):
            row["object_id"] = account.object_id(self.table, *natural_key)
        if self.is_numbered and not row.get("id"):
            row["id"] = self.fresh_number(account, *natural_key)
        row["created_at"] = row["modified_at"] = account.now_text()
        return self.at(account, account.db.insert(self.table, row))

    def fresh_number(self, account: Account, *natural_key: str | int) -> int:
        """Return an ID that no row has."""
        return account.ids.fresh_number(
            lambda drawn: account.db.count(self.table, id=drawn) > 0, self.table, *natural_key
        )

    def _is_taken(self, account: Account, key: str) -> bool:
        return self.find_by(account, "CustomerKey", key) is not None

    def at(self, account: Account, number: object) -> Row:
        """Return the row with the number."""
        row = account.db.find(self.table, id=number)
        assert row is not None
        return row

    def modify(self, call: Call, sent: Struct, row: Row) -> None:
        """Check and make the changes that the caller describes. Raises `Refused`."""
        self.check_values(call.account, sent, row)
        self.check(call, sent, row)
        changes = self.changes(call, sent, row)
        key = sent.text("CustomerKey")
        if key and str(row["customer_key"] or "").casefold() != key.casefold():
            if self._is_taken(call.account, key):
                raise Refused(*self.key_taken)
            changes["customer_key"] = key
        changes["modified_at"] = call.account.now_text()
        call.account.db.update(self.table, changes, id=row["id"])
        self.written(call, sent, row, is_new=False)

    def check_values(self, account: Account, sent: Struct, row: Row | None) -> None:
        """Raise `Refused` for values that the declaration does not allow."""
        for name, refusal in self.refused_parts.items():
            if sent.part(name) is not None:
                raise Refused(*refusal)
        for field in self.kept:
            is_asked = row is None or field.name in sent
            if field.missing and is_asked and not (sent.text(field.name) or "").strip():
                raise Refused(*field.missing)
        for field in self.kept:
            if field.kind in PARTS or (not field.too_long and not field.wrong):
                continue
            text, limit = sent.text(field.name), field.limit or field.max_length
            if field.too_long and limit is not None and len(text or "") > limit:
                raise Refused(*field.too_long)
            if field.wrong and text is not None and not _is_among(text, field, row):
                raise Refused(*field.wrong)
        for field in self.checked:
            text = sent.text(field.name) or ""
            if text in field.refused:
                raise Refused(*field.refused[text])
            field.check_forms(text)
            if text and field.taken and self.other_with(account, row, **{field.column: text}):
                raise Refused(*field.taken)

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        """Return the columns that the object sets, `row` None for a new one.

        Raises `Refused` for folders and references that do not exist.
        """
        changes = self.values(call, sent)
        for folder in self.folders:
            number = sent.number(folder.name)
            if number is None or folder.invalid is None:
                continue
            if folder_of(call.account, number, folder.content) is None:
                raise Refused(*folder.invalid)
        for reference in self.references:
            changes |= self._referred(call, sent, row, reference)
        return changes

    def values(self, call: Call, sent: Struct) -> dict[str, object]:
        """Return the columns that the object sets by scalars. Raises `Refused` for a feature that the account lacks."""
        changes: dict[str, object] = {}
        for field in self.settable:
            head, _, name = field.name.partition(".")
            holder = sent.values.get(head) if name else sent
            if not isinstance(holder, Struct) or field.kind in PARTS:
                continue
            if (last := name or head) not in holder:
                continue
            value = holder.values[last]
            if field.needs and value and call.account.lacks(field.needs[0]):
                raise Refused(*field.needs[1])
            if isinstance(value, Struct):
                value = json.dumps(part_as_json(value)) if value.values else None
            if value is not None:
                changes[field.column] = int(value) if isinstance(value, bool) else value
            elif self.nil_clears and field.default is None:
                changes[field.column] = None
            elif field.name in self.free_texts and (not self.nil_clears or field.default == ""):
                changes[field.column] = ""
        return changes

    def _referred(
        self, call: Call, sent: Struct, row: Row | None, reference: Reference
    ) -> dict[str, object]:
        part = sent.part(reference.name)
        if given := _first_given(part, reference.by):
            target = stored_object(self.others, reference.to)
            referred = target.find_by(call.account, *given)
            if referred is None:
                raise Refused(*reference.refused(given[0]))
            return {reference.kept_in: referred[reference.stores]}
        if part is not None and any(map(_is_given, part.values.values())):
            call.warn(
                f"{reference.name} of {with_article(self.object_type)} has no effect: it names nothing. Name it by its "
                f"{' or '.join(reference.by)}"
            )
        must_be_there = reference.required and (
            row is None or (reference.refuses_empty and reference.name in sent)
        )
        if must_be_there or (reference.refuses_empty and part is not None):
            raise Refused(*(reference.missing or reference.refused(reference.by[0])))
        return {}

    # What is in use.

    def users(self, account: Account, row: Row) -> Iterator[str]:
        """Yield the objects that refer to a row, so that it cannot be deleted, as `TriggeredSendDefinition 'key'`."""
        for other in self.others.values():
            if not isinstance(other, StoredObject):
                continue
            for reference in other.references:
                if reference.to == self.object_type and reference.protects:
                    users = other.rows_with(account, reference.kept_in, row[reference.stores])
                    yield from (f"{other.object_type} '{user[other.called]}'" for user in users)

    def rows_with(self, account: Account, column: str, value: object) -> list[Row]:
        """Return the rows, without deleted ones, whose column has the value."""
        return [
            row
            for row in account.db.find_all(self.table, "id", **{column: value})
            if self.is_there(row)
        ]

    def check_unused(self, call: Call, row: Row) -> None:
        """Raise `Refused` if other objects still need the one to be deleted."""
        users = ", ".join(self.users(call.account, row))
        if users:
            code, text = self.in_use
            what = f"{self.object_type} '{row[self.called]}'"
            raise Refused(code, text.format(what=what, users=users))

    # Hooks: what a subclass adds.

    def existing(self, call: Call, sent: Struct) -> Row | None:
        """Return the row that an UpdateAdd would change, None when it would add one."""
        return self.find(call, sent)

    def defaults(self, account: Account, sent: Struct) -> dict[str, object]:
        """Return the default columns of a new row, which the sent values replace."""
        columns: dict[str, object] = {
            field.column: int(field.default) if isinstance(field.default, bool) else field.default
            for field in self.kept
            if field.default is not None
        }
        for folder in self.folders:
            root = root_folder(account, folder.content[0])
            columns[folder.column] = None if root is None else root["id"]
        return columns

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        """Raise `Refused` for an object that cannot be created (`row` None) or changed so."""

    def generate_key(self, account: Account, row: Row) -> str | None:
        """Return the CustomerKey for an object without one, None when it stays without."""
        return account.generate_key(self.table, str(row.get("name", "")))

    def natural_key(self, row: Row) -> tuple[str | int, ...]:
        """Return the values from which the identifiers of a new row are derived."""
        return (str(row["customer_key"]),)

    def created(self, call: Call, sent: Struct, row: Row) -> Outcome:
        """Return the outcome of Create."""
        if self.is_numbered:
            return Outcome(self.messages.create, self.echo(sent, ID=row["id"]), row["id"])
        object_id = row["object_id"]
        return Outcome(self.messages.create, self.echo(sent, ObjectID=object_id), 0, object_id)

    def updated(self, sent: Struct, row: Row) -> Outcome:
        """Return the outcome of Update for a changed row."""
        return Outcome(self.messages.update, self.echo(sent))

    def echo(self, sent: Struct, **more: object) -> Struct:
        """Return the sent object as results echo it, with the fields `more` set."""
        unsaid = {name: text for name, text in self.always_echoed.items() if not sent.text(name)}
        return echoed(sent, **unsaid, **more) if unsaid or more else sent

    def written(self, call: Call, sent: Struct, row: Row, *, is_new: bool) -> None:
        """Write the values of a Create or Update that belong to other tables; `row` is that before an Update."""

    def remove(self, call: Call, row: Row) -> None:
        """Remove a row."""
        call.account.db.delete(self.table, id=row["id"])

    def check_entries(self, seed: Entries) -> None:
        """Refuse entries of a seed file that do not fit. Raises `SetupError`."""

    def begin_entries(self, seed: Loading) -> None:
        """Prepare an account for the entries of a seed file."""

    def from_entry(self, account: Account, entry: Entry, columns: Mapping[str, object]) -> Row:
        """Add an entry of a seed file, and return its row; `columns` are those of its fields.

        Raises `Refused`, and `SetupError` with what is wrong with the entry.
        """
        return self.place(account, {**self.defaults(account, Struct(self.object_type)), **columns})

    def finish_entry(self, seed: Loading, entry: Entry, number: int) -> None:
        """Add the parts of an entry that refer to entries of other tables; `number` is that of its row.

        Raises `Refused`, and `SetupError` with what is wrong with the entry.
        """

    def to_entry(self, account: Account, row: Row, entry: Entry, refer: Refer) -> Entry:
        """Return the entry of a seed file for a row; `entry` has the values of its fields."""
        return entry


def _is_among(text: str, field: Property, row: Row | None) -> bool:
    """Say whether a value is one of the property's choices, or its present value."""
    choices = (*field.choices, *([str(row[field.column])] if row is not None else []))
    if field.any_case:
        return text.lower() in {choice.lower() for choice in choices}
    return text in choices


def _is_given(value: object) -> bool:
    return value not in (None, "", 0)


def _first_given(part: Struct | None, names: Sequence[str]) -> tuple[str, object] | None:
    """Return the first of some elements that has a value, with it."""
    values = part.values if part is not None else {}
    return next(((name, values[name]) for name in names if _is_given(values.get(name))), None)


def stored_object(handlers: Mapping[str, Handler], object_type: str) -> StoredObject:
    """Return the API object with a name, which must be a `StoredObject`."""
    handler = handlers[object_type]
    assert isinstance(handler, StoredObject)
    return handler
