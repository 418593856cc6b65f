"""ContentArea: reusable content of emails and profiles."""

from __future__ import annotations

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, sample
from sfmc_mock.declarations.stored_object import Messages, StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class ContentAreaHandler(StoredObject):
    """A content area.

    Retrievable properties: sdk; success messages: recorded; codes and their names: documented; the limit of the name,
    the default folder and the default layout: assumed.
    """

    scope = "email"
    messages = Messages("Content created", "ContentArea updated", "Content deleted")
    # Code: documented as the general one; that it is given for an unknown content area, and its text: assumed.
    not_specified = not_found = (21000, "Saved ContentArea General Error")
    example = sample(CustomerKey="terms", Name="Terms", Content="<p>Terms</p>")
    fields = (
        Property("ID"),
        *BY_OBJECT_ID,
        Property.folder(
            "shared_content", invalid=(21001, "Saved ContentAreaInvalid Category Error")
        ),
        Property.object_name((21002, "Saved ContentAreaName Not Valid Error")),
        Property("Layout", default="HTMLWrapped"),
        Property("IsDynamicContent", default=False),
        Property("Content", missing=(21003, "Saved ContentAreaNo HTML Content Error")),
        *Property.alike("IsSurvey", "IsBlank", default=False),
        Property("Key", column="content_key"),
        *Property.alike("BackgroundColor", "BorderColor", "BorderWidth", retrievable=False),
        *Property.alike("Cellpadding", "Cellspacing", "Width", "FontFamily", retrievable=False),
        *Property.alike("HasFontSize", "IsLocked", retrievable=False, default=False),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        if sent.flag("IsDynamicContent") and "<" not in (sent.text("Content") or ""):
            # Which content the service accepts: assumed.
            raise Refused(21004, "Saved ContentAreaNo Dynamic Content XML Error")
        if sent.flag("IsDynamicContent") and "default" not in (sent.text("Content") or "").lower():
            raise Refused(21005, "Saved ContentAreaNo Dynamic Content Default Error")
        if row is None and (sent.number("ID") or sent.text("ObjectID")):
            # The service assigns both IDs.
            raise Refused(21006, "Saved ContentAreaCreate Error")
