"""Values that a caller has compressed: gzip, as base64 (their form: wsdl)."""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode

LONGEST = 5_000_000
"""Bytes of the longest value, decompressed: as long as a request may be (documented as advice)."""

_GZIP = 16 + zlib.MAX_WBITS


def decompressed(text: str) -> str | None:
    """Return what a text is the base64 of gzip of, None for one that is none, or is too long."""
    try:
        reader = zlib.decompressobj(_GZIP)
        content = reader.decompress(b64decode(text.strip(), validate=True), LONGEST)
        return content.decode() if reader.eof else None
    except (binascii.Error, zlib.error, ValueError):
        return None
