"""The parts of a declaration: properties, references and folders.

A declaration gives for each property its form on the wire, its column, the values that are refused, and its key in seed
files. Tables, views, operations, Describe, seeds and the coverage page follow from that.
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
"""The kinds of properties whose value is not a scalar: their object decides which part of a call is stored, as JSON."""

KEY_LIMIT = 36
"""The greatest length of a CustomerKey (recorded in a Describe of DataFolder; assumed for the others)."""

MID = "(SELECT mid FROM account_id)"
"""The SQL of the account's MID."""

ENTERPRISE = (
    "COALESCE((SELECT CAST(value AS INTEGER) FROM setting WHERE name = 'enterprise'), "
    "(SELECT mid FROM account_id))"
)
"""The SQL of the MID of its enterprise, the account's own where it stands by itself."""

# The creator and modifier of objects: the account's one user, with a number derived from its own (assumed).
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
    and come back as PartnerProperties. `warning` is added to a call that uses the property: one that only the lenient
    mode has. Properties are `updatable` of objects that can be created or changed.

    In the account: a property is stored in `column`, by default its name in snake case; a dotted one, and one with
    `sql` and no column, is not stored. `sql` is its expression in the view, over `t`, the object's row. A column with
    a `default` is never NULL. `any_case` columns compare without case. `was` is the column's name in accounts of
    earlier versions.

    These values are refused, each with its code: one that is `missing`; one `too_long` for `limit`, by default the
    `max_length` of Describe; a `wrong` one, which is none of `choices` (by default those of the catalogue); one of
    `refused`; a text without one of its `forms`, whose refusals may contain the `{name}` and the `{text}`; one that is
    `taken`, because another object has it; any value where the account lacks the feature in `needs`, which has the
    refusal. In a seed file the key of the property is `seed.name`, by default its column; None leaves it out.
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
        """Return the required Name of an object; `invalid` refuses one that is missing or too long."""
        limits: dict[str, Any] = {"max_length": max_length, "missing": invalid, "too_long": invalid}
        return Property("Name", required=True, **limits, **more)

    @staticmethod
    def folder(*content: str, name: str = "CategoryID", **more: Any) -> FolderOf:
        """Return the folder of an object: one with one of the content types `content`."""
        return FolderOf(name, column="category_id", content=content, **more)

    @staticmethod
    def unset(*names: str, **more: Any) -> tuple[Property, ...]:
        """Return properties that can be requested and have no value."""
        return Property.alike(*names, sql="NULL", **more)

    @staticmethod
    def internal(column: str, kind: str = "text", **more: Any) -> Property:
        """Return a column that is not on the wire."""
        return Property("", kind, retrievable=False, column=column, **more)

    @staticmethod
    def alike(*names: str, **said: Any) -> tuple[Property, ...]:
        """Return properties that differ in their names only; `said` is the declaration of each."""
        return tuple(Property(name, **said) for name in names)

    def check_forms(self, text: str) -> None:
        """Raise `Refused` for a text that lacks one of the forms; an empty text is not checked."""
        for has_form, (code, said) in self.forms if text else ():
            if not has_form(text):
                raise Refused(code, said.format(name=self.name, text=text))


@dataclass(frozen=True, slots=True)
class FolderOf(Property):
    """The folder of an object, given by its ID: one with one of the content types `content`.

    A new object is put into the root folder for `content[0]`; a folder for another content type is refused as
    `invalid`, where that is declared.
    """

    content: tuple[str, ...] = ()
    invalid: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A nested object that names another API object, by the first identity of `by` that it gives.

    Its name is that of the object type, unless `to` names another type. The identities, and the refusal `not_found`,
    are by default those of that object; `not_found_by` gives other refusals for some identities. `shows` are the
    properties of the other object that can be retrieved; `column` has the value of its column `stores`. When it is
    `required`, a Create without it is refused with `missing`; `refuses_empty` treats one without any identity as not
    found. `protects` refuses to delete the other object; with `cascades` this object is deleted with it. Without a
    `foreign_key` the column may have a number that no row has.
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
        """Return the refusal of a reference of `declared` that an identity does not find."""
        assert self.not_found is not None
        return self.not_found_by.get(identity, self.not_found)


Declared: TypeAlias = Property | Reference

_OF_ALL = (Property.key(), *Property.alike("Client.ID", "CreatedDate", "ModifiedDate"))

BY_OBJECT_ID: tuple[Declared, ...] = (Property("ObjectID"), *_OF_ALL)
"""The common properties of objects that callers name by ObjectID."""

BY_ID: tuple[Declared, ...] = (Property("ID"), *_OF_ALL)
"""The common properties of objects that callers name by ID."""


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
"""The refusal of a missing property for which no other code is known (assumed)."""


def settled(
    object_type: str, fields: Iterable[Declared], *, updatable: bool
) -> tuple[Declared, ...]:
    """Return the declared fields, completed from their names and the catalogue.

    `updatable` says whether callers change such objects.
    """
    return tuple(
        replace(prop, to=prop.to or prop.name, shows=tuple(_shown(object_type, prop, updatable)))
        if isinstance(prop, Reference)
        else _settled(object_type, prop, updatable)
        for prop in fields
    )


def properties_of(fields: Iterable[Declared]) -> Iterator[Property]:
    """Yield the properties on the wire of `settled` fields, in the order of the declaration."""
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
    """Return the kind of a property's values, by the catalogue: `text` for a property that it does not have."""
    field = field_at(object_type, name)
    return _KINDS.get(field.type, "text") if field else "text"


def choices_of(object_type: str, name: str) -> tuple[str, ...]:
    """Return the allowed values of a property, by the catalogue: empty where any value is allowed."""
    field = field_at(object_type, name)
    kind = catalogue().simple_types.get(field.type) if field else None
    return kind.values if kind else ()


def field_at(object_type: str, name: str) -> Field | None:
    """Return the catalogue's field at the end of a dotted name, None where a part is missing."""
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
