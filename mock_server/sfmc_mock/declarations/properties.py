"""What an API object is declared with: properties, references and folders.

A declaration says of each property what the wire shows, where the account keeps it, what is refused of it, and how a
seed file gives it. Tables, views, operations, Describe, seeds and the coverage page follow from that.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeAlias

from sfmc_mock.declarations.seed_keys import Key as Key
from sfmc_mock.declarations.seed_keys import Value
from sfmc_mock.errors import Refused
from sfmc_mock.wire.catalogue import Catalogue, Field, catalogue

Refusal: TypeAlias = tuple[int, str]
"""Code and text of a refusal."""

PARTS = frozenset({"parts", "data_filter"})
"""The kinds of properties whose value is no scalar: their object says itself what of a call is kept, as JSON."""

KEY_LIMIT = 36
"""How long a CustomerKey may be (recorded in a Describe of DataFolder; taken for the others)."""

MID = "(SELECT mid FROM account_id)"
"""The SQL of the account's MID."""

ENTERPRISE = (
    "COALESCE((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'enterprise'), "
    "(SELECT mid FROM account_id))"
)
"""The SQL of the MID of its enterprise, the account's own where it stands by itself."""

# Whoever made and changed what an account has: its one user, whose number follows from its own (the number: assumed).
USER = "(SELECT 700000000 + mid % 100000000 FROM account_id)"

# Properties that mean the same of every object: their column, or the SQL of what is the same for the whole account.
_COLUMNS = {"CreatedDate": "created_at", "ModifiedDate": "modified_at"}
_COMPUTED = {
    "Client.ID": MID,
    "Client.EnterpriseID": ENTERPRISE,
    "Client.CreatedBy": USER,
    "Client.ModifiedBy": USER,
    "PartnerKey": "NULL",
}
_KINDS = {"boolean": "flag", "dateTime": "date"} | dict.fromkeys(
    ("byte", "short", "int", "long"), "number"
)


@dataclass(frozen=True, slots=True)
class Property:
    """A property of an API object.

    On the wire: `name` is dotted for a part of a nested object. `kind` is `text`, `number`, `flag` or `date` (further
    ones: `sfmc_mock.wire.pages`), and follows from the catalogue. `partner` properties have no element in the class,
    and come back as PartnerProperties. `warning` is what a call is told that uses it: properties that only the lenient
    mode knows. Properties are `updatable` of objects that can be created or changed.

    In the account: a property is kept in `column`, by default its name in snake case; a dotted one, and one with `sql`
    and no column, is not kept. `sql` is what the view shows, over `t`, the object's row. A column with a `default` is
    never NULL. `any_case` columns compare without case. `was` is the column's name in accounts of earlier versions.

    Refused are, each with its code: a value that is `missing`, `too_long` for `limit` (where that is not said, for the
    `max_length` of Describe), or `wrong`: none of `choices`, which follow from the catalogue; one of `refused`; a text
    without one of its `forms`, whose refusals may hold the `{name}` and the `{text}`; one that another object has, when
    it is `taken`; any value where the account lacks the feature that it `needs`, which comes with the refusal. In a
    seed file the property is called `seed.name`, by default its column; None keeps it out.
    """

    name: str
    kind: str = ""
    retrievable: bool = True
    updatable: bool | None = None
    required: bool = False
    max_length: int | None = None
    partner: bool = False
    warning: str | None = None
    column: str = ""
    was: str = ""
    default: Value = None
    any_case: bool = False
    unique: bool | None = None
    sql: str = ""
    missing: Refusal | None = None
    too_long: Refusal | None = None
    limit: int | None = None
    wrong: Refusal | None = None
    choices: tuple[str, ...] = ()
    refused: Mapping[str, Refusal] = field(default_factory=dict, hash=False)
    forms: tuple[tuple[Callable[[str], bool], Refusal], ...] = ()
    taken: Refusal | None = None
    needs: tuple[str, Refusal] | None = None
    seed: Key | None = field(default_factory=Key)

    @staticmethod
    def key(too_long: Refusal | None = None, **more: Any) -> Property:
        """Return the CustomerKey of an object."""
        return Property("CustomerKey", max_length=KEY_LIMIT, too_long=too_long, **more)

    @staticmethod
    def object_name(invalid: Refusal, *, max_length: int = 100, **more: Any) -> Property:
        """Return the Name that an object must have; `invalid` is said of one that is missing or too long."""
        limits: dict[str, Any] = {"max_length": max_length, "missing": invalid, "too_long": invalid}
        return Property("Name", required=True, **limits, **more)

    @staticmethod
    def folder(*content: str, name: str = "CategoryID", **more: Any) -> FolderOf:
        """Return the folder that an object stands in: one that holds one of the kinds of `content`."""
        return FolderOf(name, column="category_id", content=content, **more)

    @staticmethod
    def unset(*names: str, **more: Any) -> tuple[Property, ...]:
        """Return properties that can be asked for and have no value."""
        return Property.alike(*names, sql="NULL", **more)

    @staticmethod
    def internal(column: str, kind: str = "text", **more: Any) -> Property:
        """Return a column that the wire does not know."""
        return Property("", kind, retrievable=False, column=column, **more)

    @staticmethod
    def alike(*names: str, **said: Any) -> tuple[Property, ...]:
        """Return properties that differ in their names alone; `said` is what is declared of each."""
        return tuple(Property(name, **said) for name in names)

    def check_forms(self, text: str) -> None:
        """Refuse a text that lacks one of the forms; an empty one has none. Raises `Refused`."""
        for has_form, (code, said) in self.forms if text else ():
            if not has_form(text):
                raise Refused(code, said.format(name=self.name, text=text))


@dataclass(frozen=True, slots=True)
class FolderOf(Property):
    """The folder of an object, given by its ID: one that holds one of the kinds of `content`.

    A new object stands in the root folder for `content[0]`; a folder for something else is refused as `invalid`, where
    that is said.
    """

    content: tuple[str, ...] = ()
    invalid: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A nested object that names another API object, by the first identity of `by` that it gives.

    It is called like the object type, unless `to` says another one. The identities, and what is said of one that is
    `not_found`, are by default those of that object; `not_found_by` says something else of some identities.
    `shows` are the properties of the other one that can be retrieved; `column` keeps its `stores`. When it is
    `required`, a Create without it is refused with `missing`; `refuses_empty` takes one that gives no identity for one
    that is not found. `protects` keeps what is referred to from being deleted; one that `cascades` goes with it.
    Without a `foreign_key` the column may hold the number of nothing.
    """

    name: str
    to: str = ""
    not_found: Refusal | None = None
    not_found_by: Mapping[str, Refusal] = field(default_factory=dict, hash=False)
    by: tuple[str, ...] = ()
    shows: tuple[str | Property, ...] = ()
    column: str = ""
    stores: str = "id"
    required: bool = False
    missing: Refusal | None = None
    refuses_empty: bool = False
    protects: bool = True
    foreign_key: bool = True
    cascades: bool = False
    seed: Key | None = field(default_factory=Key)

    @property
    def kept_in(self) -> str:
        return self.column or f"{snake(self.name)}_id"

    def refused(self, identity: str) -> Refusal:
        """Return what is said of one that the identity does not find; of a reference of `declared`."""
        assert self.not_found is not None
        return self.not_found_by.get(identity, self.not_found)


Declared: TypeAlias = Property | Reference

_OF_ALL = (Property.key(), *Property.alike("Client.ID", "CreatedDate", "ModifiedDate"))

BY_OBJECT_ID: tuple[Declared, ...] = (Property("ObjectID"), *_OF_ALL)
"""What objects that their ObjectID names have in common."""

BY_ID: tuple[Declared, ...] = (Property("ID"), *_OF_ALL)
"""What objects that their number names have in common."""


def sample(**values: object) -> Mapping[str, object]:
    """Return the properties of an example of an object."""
    return MappingProxyType(values)


def snake(name: str) -> str:
    """Return a property's name as a column.

    >>> [snake(name) for name in ("CustomerKey", "IsHTMLPaste", "CCEmail", "CategoryID")]
    ['customer_key', 'is_html_paste', 'cc_email', 'category_id']
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


REQUIRED: Refusal = (2, "{type}: {name} is required.")
"""What is said of a property that is missing, where no other code is known (assumed)."""


def settled(
    object_type: str, fields: Iterable[Declared], *, updatable: bool
) -> tuple[Declared, ...]:
    """Return the declared fields with everything that follows from their names and the catalogue said.

    `updatable` says whether callers change such objects.
    """
    return tuple(
        replace(prop, to=prop.to or prop.name, shows=tuple(_shown(object_type, prop, updatable)))
        if isinstance(prop, Reference)
        else _settled(object_type, prop, updatable)
        for prop in fields
    )


def properties_of(fields: Iterable[Declared]) -> Iterator[Property]:
    """Yield the properties that the wire knows, in the order of the declaration; those of `settled` fields."""
    for prop in fields:
        if isinstance(prop, Property):
            if prop.name:
                yield prop
        else:
            yield from (part for part in prop.shows if isinstance(part, Property))


def _shown(object_type: str, reference: Reference, updatable: bool) -> Iterator[Property]:
    for prop in reference.shows:
        part = prop if isinstance(prop, Property) else Property(prop)
        yield _settled(object_type, replace(part, name=f"{reference.name}.{part.name}"), updatable)


def _settled(object_type: str, prop: Property, updatable: bool) -> Property:
    name = prop.name
    sql = prop.sql or ("" if prop.column else _COMPUTED.get(name, ""))
    column = prop.column or ("" if sql or "." in name else _COLUMNS.get(name) or snake(name))
    kind = prop.kind or kind_of(object_type, name)
    choices = prop.choices or (choices_of(object_type, name) if prop.wrong else ())
    code, text = prop.missing or (0, "")
    return replace(
        prop,
        kind=kind,
        column=column,
        sql=sql,
        choices=choices,
        updatable=updatable if prop.updatable is None else prop.updatable,
        missing=(code, text.format(type=object_type, name=name)) if text else None,
    )


def kind_of(object_type: str, name: str) -> str:
    """Return how values of a property are kept, by the catalogue: text where it has no such property."""
    field = field_at(object_type, name)
    return _KINDS.get(field.type, "text") if field else "text"


def choices_of(object_type: str, name: str) -> tuple[str, ...]:
    """Return the values that a property can have, by the catalogue: none where it can have any."""
    field = field_at(object_type, name)
    kind = catalogue().simple_types.get(field.type) if field else None
    return kind.values if kind else ()


def field_at(object_type: str, name: str) -> Field | None:
    """Return the catalogue's field at the end of a dotted name, None where it breaks off."""
    known: Catalogue = catalogue()
    current = object_type
    field: Field | None = None
    for part in name.split("."):
        kind = known.complex_types.get(current)
        field = (
            next((prop for prop in kind.wire_fields() if prop.name == part), None) if kind else None
        )
        if field is None:
            return None
        current = field.type
    return field
