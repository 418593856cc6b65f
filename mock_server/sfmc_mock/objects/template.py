"""Template: the layout of emails."""

from __future__ import annotations

from typing import ClassVar

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import BY_OBJECT_ID, Property, Reference, sample
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct


class TemplateHandler(StoredObject):
    """A template of emails.

    Properties: wsdl; codes and their names: documented; which properties are retrievable, the success messages, the
    folder and the limit of the name: assumed.
    """

    scope = "email"
    not_specified = (302004, "TemplateID or ObjectID Required")
    not_found = (302007, "Template Not Found")
    key_taken = (302000, "Template Already Exists")
    example = sample(CustomerKey="plain", TemplateName="Plain", LayoutHTML="<html></html>")
    reads: ClassVar = {"": ("Layout",)}
    fields = (
        Property("ID"),
        *BY_OBJECT_ID,
        Property(
            "TemplateName",
            column="name",
            any_case=True,
            required=True,
            max_length=100,
            missing=(302006, "Template Name Required"),
        ),
        Property("LayoutHTML", missing=(302003, "Template HTML Required")),
        *Property.alike("BackgroundColor", "BorderColor", "BorderWidth", "Cellpadding"),
        *Property.alike("Cellspacing", "Width", "Align"),
        Property("ActiveFlag", default=1),
        Property.folder("shared_template", invalid=(302009, "Template Category Not Found")),
        *Property.alike("CategoryType", "OwnerID"),
        Reference(
            "HeaderContent",
            to="ContentArea",
            shows=("ID", "CustomerKey"),
            not_found=(302001, "Template Header Content CustomerKey ObjectID Invalid"),
            missing=(302002, "Template Header ContentID, ObjectID, or CustomerKeyRequired"),
            refuses_empty=True,
        ),
        Property("TemplateSubject"),
        Property("IsTemplateSubjectLocked", default=False),
        Property("PreHeader"),
    )

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        layout = sent.part("Layout")
        if layout is None:
            return
        if not any(layout.values.get(name) for name in ("ID", "ObjectID", "CustomerKey")):
            raise Refused(302005, "TemplateLayoutID Required")
        # An account has no layouts, and no call creates one.
        raise Refused(302008, "Template Layout Not Found")
