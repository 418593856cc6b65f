"""The emulator's certificate authority: created once, stored in the user's state folder."""

from __future__ import annotations

import contextlib
import os
import ssl
import tempfile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from sfmc_mock.bounded_cache import put_bounded
from sfmc_mock.errors import SetupError

if TYPE_CHECKING:
    import trustme

MOST_CONTEXTS = 1_000
"""The maximum number of cached certificates; beyond it, the cache is emptied."""

_MISSING = (
    "--intercept makes certificates, which needs more packages, those of the extra 'intercept': "
    'pip install trustme platformdirs "cryptography>=45".'
)


def state_folder() -> Path:
    """Return the authority's folder, below the user's state folder; it may not exist yet."""
    try:
        import platformdirs
    except ImportError:
        raise SetupError(_MISSING) from None
    return platformdirs.user_state_path("sfmc-mock", appauthor=False) / "intercept"


class Authority:
    """Issues certificates for hosts. `certificate` is the file that clients must trust.

    Its key is stored beside it, readable only by the user. Raises `SetupError` if the folder cannot be used or the
    packages are not installed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = state_folder() if folder is None else folder
        self.certificate = self.folder / "ca.pem"
        self._ca = self._load()
        self._contexts: dict[str, ssl.SSLContext] = {}
        self._lock = Lock()

    def context(self, *names: str) -> ssl.SSLContext:
        """Return a TLS context with a certificate for host names or addresses."""
        key = " ".join(names)
        with self._lock:
            context = self._contexts.get(key)
            if context is None:
                context = put_bounded(self._contexts, key, self._issue(names), MOST_CONTEXTS)
            return context

    def _issue(self, names: tuple[str, ...]) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # A common name must not exceed 64 characters; clients that still read it are older than host names of that
        # length.
        common = names[0] if len(names[0]) <= 64 else None
        self._ca.issue_cert(*names, common_name=common).configure_cert(context)
        return context

    def _load(self) -> trustme.CA:
        try:
            import trustme

            # The newest API that is needed: trust stores for Java.
            from cryptography.hazmat.primitives.serialization.pkcs12 import (  # noqa: F401
                serialize_java_truststore,
            )
        except ImportError:
            raise SetupError(_MISSING) from None
        path = self.folder / "ca-with-key.pem"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not path.exists():
                made = trustme.CA(
                    organization_name="sfmc-mock",
                    organization_unit_name="certificate authority for tests",
                )
                _write_once(path, made.private_key_pem.bytes() + made.cert_pem.bytes())
            key, certificate = _parts(path.read_bytes())
            ca = trustme.CA.from_pem(certificate, key)
            if not self.certificate.exists() or self.certificate.read_bytes() != certificate:
                _temporary(self.certificate, certificate).replace(self.certificate)
        except OSError as problem:
            raise SetupError(
                f"The certificate authority cannot be stored in {self.folder}: {problem.strerror}."
            ) from None
        except (ValueError, TypeError):
            raise SetupError(
                f"{path} holds no certificate with its key any more: remove the file, and a new one is made."
            ) from None
        return ca


_BEGIN_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


def _parts(content: bytes) -> tuple[bytes, bytes]:
    key, begin, certificate = content.partition(_BEGIN_CERTIFICATE)
    if not begin:
        raise ValueError("no certificate")
    return key, begin + certificate


def _write_once(path: Path, content: bytes) -> None:
    """Write a file atomically, unless another process has already created it."""
    temporary = _temporary(path, content)
    try:
        # Fails if the file exists: all processes use the one that was written first.
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
    finally:
        temporary.unlink()


def _temporary(path: Path, content: bytes) -> Path:
    # Files created this way are readable only by the user.
    handle, name = tempfile.mkstemp(prefix=path.name, dir=path.parent)
    with open(handle, "wb") as file:
        file.write(content)
    return Path(name)
