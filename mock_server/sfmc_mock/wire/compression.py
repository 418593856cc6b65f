"""Compressed values of a request: gzip, as base64 (their form: wsdl)."""

from __future__ import annotations

import binascii
import zlib
from base64 import b64decode

LONGEST = 5_000_000
"""The greatest size of a decompressed value: that of a request (documented as advice)."""

_GZIP = 16 + zlib.MAX_WBITS


def decompressed(text: str) -> str | None:
    """Return the decompressed bytes of a text; None for an invalid one, or for too many bytes."""
    try:
        reader = zlib.decompressobj(_GZIP)
        content = reader.decompress(b64decode(text.strip(), validate=True), LONGEST)
        return content.decode() if reader.eof else None
    except (binascii.Error, zlib.error, ValueError):
        return None
