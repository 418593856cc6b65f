"""Portfolio: files, such as images, that emails show."""

from __future__ import annotations

import re
from typing import ClassVar

from sfmc_mock.declarations.call import Call
from sfmc_mock.declarations.properties import Key, Property, sample
from sfmc_mock.declarations.stored_object import StoredObject
from sfmc_mock.errors import Refused
from sfmc_mock.store.database import Row
from sfmc_mock.wire.struct import Struct

# Codes and texts: documented; that an unknown file gets this one: assumed.
_KEY = (69001, "Portfolio Customer Key In Use Or Too Long")

# The known file types, by extension: assumed.
_TYPES = {
    **dict.fromkeys(("jpg", "jpeg"), "JPEG Image"),
    "gif": "GIF Image",
    "png": "PNG Image",
    "bmp": "BMP Image",
    "svg": "SVG Image",
    "pdf": "PDF Document",
    "txt": "Text",
    "csv": "CSV File",
    **dict.fromkeys(("doc", "docx"), "Word Document"),
    **dict.fromkeys(("xls", "xlsx"), "Excel Document"),
    **dict.fromkeys(("ppt", "pptx"), "PowerPoint Document"),
    "swf": "Flash",
    "mp4": "Video",
    "zip": "Archive",
}
_ILLEGAL = re.compile(r'[\\/:*?"<>|%&#+\x00-\x1f]')
_URL = re.compile(r"https?://[^\s/]+(/\S*)?", re.IGNORECASE)


def _extension(name: str) -> str:
    return name.rpartition(".")[2].lower() if "." in name else ""


def _is_legal(name: str) -> bool:
    return _ILLEGAL.search(name) is None


def _has_type(name: str) -> bool:
    return _extension(name) in ("", *_TYPES)


class PortfolioHandler(StoredObject):
    """A file of the portfolio. The emulator does not download it, so its size stays unknown.

    Properties: wsdl; that a name stays taken after its file was deleted: documented; messages, limits, characters not
    allowed in names, and the URL of the file: assumed.
    """

    scope = "documents_and_images"
    not_specified = not_found = (69000, "Portfolio General Error")
    deleted_status = "Deleted"
    key_taken = _KEY
    example = sample(CustomerKey="logo", FileName="logo.png", DisplayName="Logo")
    reads: ClassVar = {"": ("Source", "FileName"), "Source": ("URN",)}
    fields = (
        *Property.alike("ID", "ObjectID"),
        Property.key(_KEY),
        *Property.alike("Client.ID", "CreatedDate", "ModifiedDate"),
        Property.folder("shared_portfolio", invalid=(69006, "Portfolio Category Invalid")),
        Property("DisplayName"),
        Property(
            "FileName",
            column="name",
            required=True,
            any_case=True,
            max_length=100,
            missing=(69007, "Portfolio Filename Too Short"),
            forms=(
                (_is_legal, (69004, "Portfolio Illegal Chars In File Name")),
                (_has_type, (69002, "Portfolio File Type Not Supported")),
            ),
            taken=(69005, "Portfolio File Name Already Exists"),
        ),
        Property("Description", default=""),
        Property("TypeDescription", updatable=False),
        Property("IsUploaded", updatable=False, default=True),
        Property("IsActive", default=True),
        *Property.unset("FileSizeKB", "FileWidthPX", "FileHeightPX", "ThumbSizeKB", "ThumbURL"),
        Property(
            "FileURL",
            updatable=False,
            sql="'http://image.mock.test/lib/' || (SELECT mid FROM account_id) || '/m/1/' || t.name",
        ),
        Property("CategoryType"),
        Property.internal("status", default="Active", seed=Key(choices=("Active", "Deleted"))),
    )
    statements = (
        "CREATE UNIQUE INDEX IF NOT EXISTS portfolio_key ON portfolio (customer_key) "
        "WHERE status <> 'Deleted'",
    )

    def existing(self, call: Call, sent: Struct) -> Row | None:
        """Return the file that an UpdateAdd replaces; one with the same name counts (documented)."""
        row = self.find(call, sent)
        name = sent.text("FileName")
        return row or (call.account.db.find(self.table, name=name) if name else None)

    def modify(self, call: Call, sent: Struct, row: Row) -> None:
        super().modify(call, sent, row)
        if row["status"] == "Deleted":
            changes = {"status": "Active", "is_active": 1}
            call.account.db.update(self.table, changes, id=row["id"])

    def check(self, call: Call, sent: Struct, row: Row | None) -> None:
        urn = sent.text_at("Source.URN")
        if urn and not _URL.fullmatch(urn):
            raise Refused(69008, "Portfolio Invalid URL")
        if urn:
            call.warn(f"the file {urn} is not fetched: the portfolio has its name only")

    def remove(self, call: Call, row: Row) -> None:
        changes = {"status": "Deleted", "is_active": 0, "modified_at": call.account.now_text()}
        call.account.db.update(self.table, changes, id=row["id"])

    def changes(self, call: Call, sent: Struct, row: Row | None) -> dict[str, object]:
        changes = super().changes(call, sent, row)
        name = sent.text("FileName")
        if name:
            changes["type_description"] = _TYPES.get(_extension(name))
        return changes
