"""TimeZone and Locale: the values that users and accounts can be set to."""

from __future__ import annotations

from sfmc_mock.declarations.declared_object import DeclaredObject, rows_of
from sfmc_mock.declarations.properties import Property

_ZONES = (
    "(GMT-10:00) Hawaii",
    "(GMT-09:00) Alaska",
    "(GMT-08:00) Pacific Time (US & Canada); Tijuana",
    "(GMT-07:00) Mountain Time (US & Canada)",
    "(GMT-06:00) Central Time (No Daylight Saving)",
    "(GMT-06:00) Central Time (US & Canada)",
    "(GMT-05:00) Eastern Time (US & Canada)",
    "(GMT-04:00) Atlantic Time (Canada)",
    "(GMT-03:00) Brasilia",
    "(GMT) Greenwich Mean Time: Dublin, Edinburgh, Lisbon, London",
    "(GMT+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna",
    "(GMT+02:00) Helsinki, Kyiv, Riga, Sofia, Tallinn, Vilnius",
    "(GMT+05:30) Chennai, Kolkata, Mumbai, New Delhi",
    "(GMT+08:00) Beijing, Chongqing, Hong Kong, Urumqi",
    "(GMT+09:00) Osaka, Sapporo, Tokyo",
    "(GMT+10:00) Canberra, Melbourne, Sydney",
)
_LOCALES = (
    *("de-DE", "en-CA", "en-GB", "en-US", "es-ES", "fr-CA", "fr-FR", "it-IT", "ja-JP", "pt-BR"),
)


class TimeZoneHandler(DeclaredObject):
    """A time zone. Properties, and that it is read-only: documented; the list and the IDs: assumed."""

    reads_from = rows_of("name", (f"'{name}'" for name in _ZONES))
    fields = Property.alike("ID", "Client.ID", "Name")


class LocaleHandler(DeclaredObject):
    """A locale. Properties: wsdl; that it is read-only, the list and the IDs: assumed."""

    reads_from = rows_of("name", (f"'{name}'" for name in _LOCALES))
    fields = (Property("ID"), Property("Client.ID"), Property("LocaleCode", sql="t.name"))
