"""HTTPS: with a certificate and its key, or an error in one sentence."""

from __future__ import annotations

import http.client
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme

from sfmc_mock import MockServer
from sfmc_mock.errors import SetupError
from sfmc_mock.settings import Settings


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def pem(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A certificate for the loopback address and its key, as files."""
    folder = tmp_path_factory.mktemp("pem")
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_a_server_with_a_certificate_speaks_https(
    authority: trustme.CA, pem: tuple[str, str]
) -> None:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    settings = Settings(port=0, tls_cert=pem[0], tls_key=pem[1])

    with MockServer(settings=settings) as server:
        connection = http.client.HTTPSConnection("127.0.0.1", server.http.port, context=context)
        connection.request("GET", "/_mock/health")
        status = connection.getresponse().status
        connection.close()

    assert status == 200
    assert server.url.startswith("https://127.0.0.1:")


def refusal(**settings: str) -> str:
    with pytest.raises(SetupError) as refused:
        MockServer(settings=Settings(port=0, **settings))  # type: ignore[arg-type]
    return str(refused.value)


def test_a_certificate_without_its_key_is_refused(pem: tuple[str, str]) -> None:
    assert "cannot be used with the key in it" in refusal(tls_cert=pem[0])


def test_a_key_of_another_certificate_is_refused(
    authority: trustme.CA, pem: tuple[str, str], tmp_path: Path
) -> None:
    other = tmp_path / "other.pem"
    authority.issue_cert("localhost").private_key_pem.write_to_path(other)

    assert "KEY_VALUES_MISMATCH" in refusal(tls_cert=pem[0], tls_key=str(other))


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "cert.pem"
    path.write_text("no certificate", encoding="utf-8")

    assert "Name a PEM file" in refusal(tls_cert=str(path))


def test_an_encrypted_key_is_refused_instead_of_asking_for_its_password(
    pem: tuple[str, str], tmp_path: Path
) -> None:
    path = tmp_path / "encrypted.pem"
    encrypt = ("-aes128", "-passout", "pass:secret", "-in", pem[1], "-out", str(path))
    try:
        subprocess.run(("openssl", "ec", *encrypt), check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs the openssl command to encrypt a key")

    assert "not encrypted" in refusal(tls_cert=pem[0], tls_key=str(path))
