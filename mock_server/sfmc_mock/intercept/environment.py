"""Environment variables that make unmodified programs use the proxy and trust its certificate authority.

Programs look in different places (from their documentation): curl, Python, Ruby, Go, Perl, git and .NET read
environment variables of their own; PHP reads an ini file; Java reads options and a trust store. Some Python and Node
libraries read none of these; a preloaded script redirects their connections to the proxy.
"""

from __future__ import annotations

import os
import re
import ssl
import warnings
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sfmc_mock.intercept.hosts import Hosts

if TYPE_CHECKING:
    from cryptography import x509

NODE_PRELOAD = Path(__file__).with_name("node_preload.cjs")
PYTHON_PRELOAD = Path(__file__).with_name("python_preload")
TRUST_STORE_PASSWORD = "changeit"
"""The password of Java's own trust store; neither store has secrets."""

_LOCAL = ("localhost", "127.0.0.1", "::1")

# Each names a file that replaces the system's certificates.
_BUNDLES = (
    "SSL_CERT_FILE",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PERL_LWP_SSL_CA_FILE",
)
_SYSTEM_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
)


def proxied_environment(
    before: Mapping[str, str],
    *,
    address: tuple[str, int],
    authority: Path,
    hosts: Hosts,
    folder: Path,
) -> dict[str, str]:
    """Return `before` with the variables for the proxy at `address`; the files that they name are written to `folder`.

    Certificates that were trusted before stay trusted: the authority's certificate is added to them.
    """
    own = authority.read_bytes()
    bundle = _write(folder / "bundle.pem", _trusted(before) + own)
    node = _write(folder / "node.pem", _content(before.get("NODE_EXTRA_CA_CERTS")) + own)
    host, port = address
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
    direct = _direct_hosts(before, hosts)
    node_options = f'--require "{_escaped(NODE_PRELOAD)}"'
    java_options = _java_options(host, port, direct, folder, bundle)
    return {
        **before,
        **dict.fromkeys(("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"), url),
        **dict.fromkeys(("NO_PROXY", "no_proxy"), direct),
        **dict.fromkeys(_BUNDLES, str(bundle)),
        "NODE_EXTRA_CA_CERTS": str(node),
        "NODE_USE_ENV_PROXY": "1",
        "NODE_OPTIONS": _joined(" ", before.get("NODE_OPTIONS"), node_options),
        "PYTHONPATH": _joined(os.pathsep, str(PYTHON_PRELOAD), before.get("PYTHONPATH")),
        "SFMC_MOCK_INTERCEPTED": " ".join([host, str(port), *hosts.patterns]),
        "PERL_LWP_ENV_PROXY": "1",
        "PHP_INI_SCAN_DIR": _php_folders(before, folder, bundle),
        "JAVA_TOOL_OPTIONS": _joined(" ", before.get("JAVA_TOOL_OPTIONS"), java_options),
    }


def _direct_hosts(before: Mapping[str, str], hosts: Hosts) -> str:
    """Return the hosts to reach without the proxy: those of `before`, and this machine."""
    listed = f"{before.get('NO_PROXY', '')},{before.get('no_proxy', '')}"
    kept = [host for host in re.split("[ ,]", listed) if host and not _covers(host, hosts)]
    return ",".join(dict.fromkeys([*kept, *_LOCAL]))


def _covers(entry: str, hosts: Hosts) -> bool:
    """Say whether an entry of NO_PROXY would bypass the proxy for one of its hosts."""
    name = entry.lower().partition(":")[0].lstrip("*.")
    if not name:
        return True
    intercepted = [pattern.lstrip("*.") for pattern in hosts.patterns]
    return name in hosts or any(host == name or host.endswith(f".{name}") for host in intercepted)


def _trusted(before: Mapping[str, str]) -> bytes:
    named = [before[name] for name in _BUNDLES if before.get(name)]
    paths = named or [ssl.get_default_verify_paths().cafile, *_SYSTEM_BUNDLES]
    contents = (_content(path) for path in paths)
    return next((content for content in contents if content), b"")


def _content(path: str | None) -> bytes:
    """Return the content of a certificate file with a line break at its end; empty if it cannot be read."""
    if not path:
        return b""
    try:
        content = Path(path).read_bytes()
    except OSError:
        return b""
    return content if content.endswith(b"\n") else content + b"\n"


def _php_folders(before: Mapping[str, str], folder: Path, bundle: Path) -> str:
    ini = folder / "php"
    ini.mkdir(exist_ok=True)
    _write(ini / "sfmc-mock.ini", f'openssl.cafile="{bundle}"\ncurl.cainfo="{bundle}"\n'.encode())
    # PHP reads the folders in order; an empty name stands for that of its installation.
    return f"{before.get('PHP_INI_SCAN_DIR', '')}{os.pathsep}{ini}"


def _java_options(host: str, port: int, direct: str, folder: Path, bundle: Path) -> str:
    store = _write(folder / "trust.p12", _trust_store(bundle.read_bytes()))
    skipped = "|".join(_for_java(host) for host in direct.split(","))
    options = {
        "https.proxyHost": host,
        "https.proxyPort": port,
        "http.proxyHost": host,
        "http.proxyPort": port,
        "http.nonProxyHosts": skipped,
        "javax.net.ssl.trustStore": store,
        "javax.net.ssl.trustStoreType": "PKCS12",
        "javax.net.ssl.trustStorePassword": TRUST_STORE_PASSWORD,
    }
    return " ".join(f'"-D{name}={value}"' for name, value in options.items())


def _for_java(direct: str) -> str:
    """Return an entry of NO_PROXY in the syntax of `http.nonProxyHosts`."""
    if direct.startswith("."):
        return f"*{direct}"
    return f"[{direct}]" if direct.count(":") > 1 else direct


def _trust_store(bundle: bytes) -> bytes:
    """Return a PKCS #12 trust store for Java with the certificates of a bundle."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.serialization import pkcs12

    certificates = [
        pkcs12.PKCS12Certificate(certificate, None) for certificate in _certificates(bundle)
    ]
    password = serialization.BestAvailableEncryption(TRUST_STORE_PASSWORD.encode())
    return pkcs12.serialize_java_truststore(certificates, password)


def _certificates(bundle: bytes) -> Iterable[x509.Certificate]:
    from cryptography import x509
    from cryptography.utils import CryptographyDeprecationWarning

    begin, end = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"
    for part in bundle.split(end)[:-1]:
        try:
            with warnings.catch_warnings():
                # Systems trust a few certificates that violate current rules.
                warnings.simplefilter("ignore", CryptographyDeprecationWarning)
                certificate = x509.load_pem_x509_certificate(part[part.index(begin) :] + end)
            yield certificate
        except ValueError:
            # A certificate that current libraries, including Java's, cannot read.
            continue


def _joined(separator: str, *texts: str | None) -> str:
    return separator.join(filter(None, texts))


def _escaped(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
