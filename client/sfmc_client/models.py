"""Objects of the service, of any type: a type name and properties in order.

>>> ada = APIObject("Subscriber", SubscriberKey="ada", Lists=[{"ID": 42}])
>>> ada["SubscriberKey"], ada.get("Lists.ID"), ada.integer("Lists.ID")
('ada', '42', 42)
>>> ada.get("EmailAddress") is None
True
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from math import isfinite
from typing import Any, Final, TypeAlias, TypeVar

from sfmc_client.errors import ConfigurationError, UnreadableAnswer
from sfmc_client.text_safety import HIDDEN

SERVER_TIME: Final = timezone(timedelta(hours=-6), "server time")
"""The zone of every time without an offset: UTC-6 all year, no daylight saving (documented; recorded)."""

Default = TypeVar("Default")


class Unset(enum.Enum):
    """The property is not in the message, which is not the same as empty (`None`, `xsi:nil`)."""

    UNSET = enum.auto()

    def __repr__(self) -> str:
        return self.name


UNSET: Final = Unset.UNSET

Scalar: TypeAlias = "str | bool | int | float | Decimal | datetime | date"
"""A value that is written as the text of one element."""

Value: TypeAlias = "Scalar | APIObject | Mapping[str, Value] | Sequence[Value] | Unset | None"
"""A value of a property: `None` writes `xsi:nil`, `UNSET` leaves it out, a sequence repeats it."""

_Single: TypeAlias = "str | APIObject | None"
_Stored: TypeAlias = "_Single | tuple[_Single, ...]"

# Letters, digits, `_`, `-` and `.` of an XML name; a dot would look like a path and is refused on its own.
_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

# AccountUser.Password and UsernameAuthentication.PassWord: never shown.
_SECRET_NAMES = frozenset({"password"})
_LONGEST_SHOWN = 120


def text_of(value: Scalar) -> str:
    """Return the value as the service reads it.

    A datetime needs a zone: without one the service would read it in its own time, UTC-6, which is rarely
    meant. A date is a day of the server's calendar. Raises `ConfigurationError` for a value that cannot be written.

    >>> text_of(True), text_of(3), text_of(date(2024, 5, 1))
    ('true', '3', '2024-05-01')
    >>> text_of(datetime(2024, 5, 1, 12, tzinfo=SERVER_TIME))
    '2024-05-01T12:00:00-06:00'
    """
    if isinstance(value, str):
        return _checked_text(str.__str__(value))
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return int.__repr__(value)
    if isinstance(value, (float, Decimal)) and isfinite(value):
        return format(value, "f") if isinstance(value, Decimal) else repr(value)
    if isinstance(value, datetime):
        return _moment_text(value)
    if isinstance(value, date):
        return value.isoformat()
    raise ConfigurationError(
        f"A {type(value).__name__} cannot be sent. Give text, a number, a bool, a date, a datetime with a zone, "
        "an APIObject, a mapping, or a list of these."
    )


def _moment_text(value: datetime) -> str:
    if value.utcoffset() is None:
        raise ConfigurationError(
            f"{value.isoformat()} has no time zone, and the service would read it as UTC-6. "
            "Give the zone: tzinfo=datetime.UTC, or tzinfo=sfmc_client.SERVER_TIME for the server's own time."
        )
    return value.isoformat()


def _checked_text(text: str) -> str:
    if (match := _NOT_IN_XML.search(text)) is not None:
        raise ConfigurationError(
            f"The text has a character that XML cannot carry: U+{ord(match.group()):04X} at position {match.start()}. "
            "Remove it."
        )
    return text


def parse_moment(text: str) -> datetime:
    """Return the aware datetime that the service wrote; one without an offset is server time.

    >>> parse_moment("2022-04-21T06:56:27.64").isoformat()
    '2022-04-21T06:56:27.640000-06:00'
    """
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=SERVER_TIME)


class APIObject:
    """A type name and properties in order: built for a request, or read from an answer.

    Values are kept as the text that they have on the wire. A nested mapping is an object without a type name; an
    `APIObject` with one is written with its `xsi:type`. Objects are immutable; `replace` returns a changed copy.
    """

    __slots__ = ("_properties", "_type_name")

    _properties: dict[str, _Stored]
    _type_name: str | None

    def __init__(
        self, type_name: str | None, properties: Mapping[str, Value] | None = None, /, **more: Value
    ) -> None:
        self._type_name = None if type_name is None else _checked_name(type_name)
        self._properties = {}
        for name, value in {**(properties or {}), **more}.items():
            self._keep(name, value)

    def _keep(self, name: str, value: Value) -> None:
        _checked_name(name)
        if value is UNSET:
            return
        try:
            stored = _stored(value)
        except ConfigurationError as error:
            owner = self._type_name or "the object"
            problem = f"{owner}, property {name}: {error}"
        else:
            if stored != ():
                self._properties[name] = stored
            return
        raise ConfigurationError(problem)

    @classmethod
    def read(cls, type_name: str | None, properties: dict[str, _Stored]) -> APIObject:
        """Return an object with properties of an answer: they are not checked, and the dictionary is not copied."""
        new = cls.__new__(cls)
        new._type_name = type_name
        new._properties = properties
        return new

    @property
    def type_name(self) -> str | None:
        """`Subscriber`, `DataExtension` …, or `None` for a nested object that names none."""
        return self._type_name

    def __getitem__(self, name: str) -> Any:
        """Return the text, the `APIObject`, or the list of these; `None` is `xsi:nil`. Raises `KeyError` if absent."""
        value = self.get(name, UNSET)
        if value is UNSET:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Default | None = None) -> Any:
        """Return the value of a property, by name or by dotted path; `default` when it is absent.

        PartnerProperties and the columns of a row are found by their own names. A path goes through the first of
        several objects. To tell absent from `xsi:nil`, give `UNSET` as the default.
        """
        value = self._find(name)
        if value is UNSET:
            return default
        return list(value) if isinstance(value, tuple) else value

    def _find(self, name: str) -> _Stored | Unset:
        if name in self._properties:
            return self._properties[name]
        if (pair := self._pair(name)) is not UNSET:
            return pair
        first, _, rest = name.partition(".")
        if not rest or first not in self._properties:
            return UNSET
        inner = _first(self._properties[first])
        return inner._find(rest) if isinstance(inner, APIObject) else UNSET

    def _pair(self, name: str) -> str | Unset | None:
        for holder in ("PartnerProperties", "Properties"):
            if holder in self._properties:
                path = holder if holder == "PartnerProperties" else "Properties.Property"
                if name in (pairs := self.pairs(path)):
                    return pairs[name]
        return UNSET

    def values_of(self, name: str) -> list[Any]:
        """Return all values of the property as a list: empty when it is absent or nil."""
        value = self.get(name)
        if value is None:
            return []
        return value if isinstance(value, list) else [value]

    def objects(self, name: str) -> list[APIObject]:
        """Return the objects of the property: none, one or several."""
        return [value for value in self.values_of(name) if isinstance(value, APIObject)]

    def nested(self, name: str) -> APIObject | None:
        """Return the object of the property, the first of several, or `None`."""
        return next(iter(self.objects(name)), None)

    def pairs(self, name: str) -> dict[str, str | None]:
        """Return a list of Name and Value, such as `Attributes`, as a dictionary."""
        holder, _, rest = name.partition(".")
        stored = self._properties.get(holder, ())
        if rest:
            inner = _first(stored)
            return inner.pairs(rest) if isinstance(inner, APIObject) else {}
        entries = stored if isinstance(stored, tuple) else (stored,)
        return {
            _plain(entry._properties.get("Name")) or "": _plain(entry._properties.get("Value"))
            for entry in entries
            if isinstance(entry, APIObject)
        }

    def text(self, name: str) -> str | None:
        """Return the text of a property; `None` when it is absent or nil, `""` when it is empty."""
        value = self.get(name)
        return value if isinstance(value, str) else None

    def integer(self, name: str) -> int | None:
        """Return the number; `None` when absent, nil or empty. Raises `UnreadableAnswer` for anything else."""
        return self._converted(name, int, "a number")

    def boolean(self, name: str) -> bool | None:
        """Return true or false; `None` when absent, nil or empty. Raises `UnreadableAnswer` for anything else."""
        return self._converted(name, _boolean, "a boolean")

    def moment(self, name: str) -> datetime | None:
        """Return the aware datetime; `None` when absent, nil or empty. Raises `UnreadableAnswer` otherwise."""
        return self._converted(name, parse_moment, "a date and time")

    def _converted(self, name: str, convert: Callable[[str], Default], kind: str) -> Default | None:
        text = self.text(name)
        try:
            return convert(text) if text else None
        except (ValueError, KeyError):
            raise UnreadableAnswer(
                f"{self._type_name or 'The object'} has {_shown(name, text)} for {name}, which is not {kind}. "
                "Read it with text() instead."
            ) from None

    def replace(self, **changes: Value) -> APIObject:
        """Return a copy of the object with other values for some properties; `UNSET` removes one."""
        kept = {name: value for name, value in self._properties.items() if name not in changes}
        return APIObject(self._type_name, {**kept, **changes})

    def items(self) -> Iterable[tuple[str, Any]]:
        """Return names and values, in order."""
        return [(name, self[name]) for name in self._properties]

    def __iter__(self) -> Iterator[str]:
        return iter(self._properties)

    def __len__(self) -> int:
        return len(self._properties)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._find(name) is not UNSET

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, APIObject):
            return NotImplemented
        return self._type_name == other._type_name and self._properties == other._properties

    def __hash__(self) -> int:
        return hash((self._type_name, tuple(self._properties.items())))

    def __repr__(self) -> str:
        inside = ", ".join(
            f"{name}={_shown(name, value)}" for name, value in self._properties.items()
        )
        if self._type_name is None:
            return f"{{{inside}}}"
        return f"{self._type_name}({inside})"


def _boolean(text: str) -> bool:
    return {"true": True, "1": True, "false": False, "0": False}[text.lower()]


def _stored(value: Value) -> _Stored:
    if value is None or isinstance(value, APIObject):
        return value
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, Mapping):
        return APIObject(None, value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        several = tuple(_one(item) for item in value if item is not UNSET)
        return several[0] if len(several) == 1 else several
    if isinstance(value, Unset):
        return ()
    return text_of(value)  # type: ignore[arg-type]  # bytes are refused there


def _one(value: Value) -> _Single:
    stored = () if isinstance(value, (list, tuple)) else _stored(value)
    if isinstance(stored, tuple):
        raise ConfigurationError("A list within a list cannot be sent. Give one flat list.")
    return stored


def _first(value: _Stored) -> _Single:
    if isinstance(value, tuple):
        return value[0] if value else None
    return value


def _plain(value: _Stored) -> str | None:
    return value if isinstance(value, str) else None


def _checked_name(name: str) -> str:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is not a name of a type or property. Use the service's names (letters, digits and _), "
            "and a nested mapping in place of a dotted path."
        )
    return name


def _shown(name: str, value: object) -> str:
    if name.lower() in _SECRET_NAMES:
        return HIDDEN
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return f"{value[:_LONGEST_SHOWN]!r}… ({len(value):,} characters)"
    if isinstance(value, tuple):
        return "[" + ", ".join(_shown(name, item) for item in value) + "]"
    return repr(value)


def name_values(pairs: Mapping[str, Scalar | None]) -> list[dict[str, Scalar | None]]:
    """Return a dictionary as the list of Name and Value that Attributes and Properties are.

    >>> name_values({"UniqueID": "111"})
    [{'Name': 'UniqueID', 'Value': '111'}]
    """
    return [{"Name": name, "Value": value} for name, value in pairs.items()]


def row(
    data_extension: str,
    values: Mapping[str, Scalar | None],
    *,
    keys: Mapping[str, Scalar | None] | None = None,
) -> APIObject:
    """Return a row to create, update or delete; `data_extension` is the data extension's CustomerKey.

    `keys` names the row by its primary key; in an Update the key may as well be among the values (sdk).
    """
    return APIObject(
        "DataExtensionObject",
        CustomerKey=data_extension,
        Properties={"Property": name_values(values)} if values else UNSET,
        Keys={"Key": name_values(keys)} if keys else UNSET,
    )
