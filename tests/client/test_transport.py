"""The transport over real sockets: connections, certificates, timeouts and failures."""

from __future__ import annotations

import gzip
import inspect
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
import urllib3.exceptions
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption
from tests.support import partner_answers as answers
from tests.support.fake_service import PASSWORD, Answer, FakeService, quick_retries, serving

from sfmc_client import (
    APIObject,
    CertificateRejected,
    Client,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    HTTPTransport,
    Request,
    SfmcError,
    TimedOut,
    TransportError,
    UnreadableAnswer,
    UsernameToken,
    WSGITransport,
)
from sfmc_client.transport import _translated

ADA = APIObject("Subscriber", SubscriberKey="ada")
CREATED = answers.written("Create", [answers.ok("Created Subscriber.")])


@contextmanager
def client_at(url: str, attempts: int = 1, **options: Any) -> Iterator[Client]:
    options.setdefault("timeout", 10.0)
    with Client(
        url, auth=UsernameToken("ada", PASSWORD), retries=quick_retries(attempts), **options
    ) as client:
        yield client


@contextmanager
def raw_server(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server that handles its first connection with the given function."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            talk(connection)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join(timeout=60)
        listener.close()


def read_request(connection: socket.socket) -> bytes:
    """Read until the end of the envelope."""
    received = b""
    while b"</soap:Envelope>" not in received:
        received += connection.recv(65_536)
    return received


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_bundle(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    authority.cert_pem.write_to_path(path)
    return path


@pytest.fixture(scope="module")
def tls(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


def test_connections_are_used_again() -> None:
    service = FakeService(*[CREATED] * 3)

    with serving(service) as url, client_at(url) as client:
        for _ in range(3):
            client.create(ADA)

    assert len({request.client_port for request in service.received}) == 1


def test_a_closed_client_opens_a_new_connection() -> None:
    service = FakeService(*[CREATED] * 2)

    with serving(service) as url, client_at(url) as client:
        client.create(ADA)
        client.close()
        client.create(ADA)

    assert len({request.client_port for request in service.received}) == 2


def test_a_transport_that_was_given_stays_open() -> None:
    service = FakeService(*[CREATED] * 2)

    with serving(service) as url, HTTPTransport() as transport:
        for _ in range(2):
            with client_at(url, transport=transport) as client:
                client.create(ADA)

    assert len({request.client_port for request in service.received}) == 1


def test_a_connection_is_used_again_after_a_fault() -> None:
    service = FakeService(answers.fault("No."), CREATED)

    with serving(service) as url, client_at(url) as client:
        with pytest.raises(SfmcError):
            client.create(ADA)
        client.create(ADA)

    assert len({request.client_port for request in service.received}) == 1


def test_threads_share_a_client_and_each_has_its_own_last_exchange() -> None:
    class Echo(FakeService):
        def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
            self.answers = [CREATED] * 50
            return super().__call__(environ, start_response)

    failures: list[str] = []

    def one(client: Client, key: str) -> None:
        for _ in range(5):
            client.create(APIObject("Subscriber", SubscriberKey=key))
            exchange = client.last_exchange
            if exchange is None or f">{key}<".encode() not in exchange.request:
                failures.append(key)

    service = Echo()
    with serving(service) as url, client_at(url) as client:
        threads = [threading.Thread(target=one, args=(client, f"key-{n}")) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        own = client.last_exchange

    assert failures == []
    assert len(service.received) == 40
    assert own is None


def test_the_request_has_the_headers_of_soap_11() -> None:
    service = FakeService(CREATED)

    with serving(service) as url, client_at(url) as client:
        client.create(ADA)

    headers = service.last.headers
    assert headers["CONTENT_TYPE"] == "text/xml; charset=utf-8"
    assert headers["HTTP_SOAPACTION"] == '"Create"'
    assert headers["HTTP_USER_AGENT"] == "sfmc-client"
    assert service.last.path == "/Service.asmx"


def test_a_compressed_answer_is_unpacked() -> None:
    packed = Answer(gzip.compress(CREATED), headers={"Content-Encoding": "gzip"})

    with serving(FakeService(packed)) as url, client_at(url) as client:
        results = client.create(ADA)
        exchange = client.last_exchange

    assert results[0].ok
    assert exchange is not None
    assert exchange.response == CREATED


def test_an_answer_that_only_claims_to_be_compressed_is_unreadable() -> None:
    packed = Answer(CREATED, headers={"Content-Encoding": "gzip"})

    with (
        serving(FakeService(packed)) as url,
        client_at(url) as client,
        pytest.raises(UnreadableAnswer, match="cannot be unpacked"),
    ):
        client.create(ADA)


def test_a_redirect_is_not_followed() -> None:
    service = FakeService(Answer(b"", 307, headers={"Location": "http://127.0.0.1:9/elsewhere"}))

    with (
        serving(service) as url,
        client_at(url) as client,
        pytest.raises(UnreadableAnswer, match=r"redirects to http://127\.0\.0\.1:9/elsewhere"),
    ):
        client.create(ADA)

    assert len(service.received) == 1


def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_a_refused_connection_asks_whether_the_server_runs() -> None:
    url = f"http://127.0.0.1:{unused_port()}"

    with client_at(url, attempts=2) as client, pytest.raises(ConnectFailed) as failure:
        client.create(ADA)

    assert str(failure.value) == (
        f"No connection to {url}/Service.asmx: Connection refused. Is the server running, and are host and port right? "
        "It was tried 2 times."
    )
    assert not failure.value.sent


def test_a_wrong_subdomain_is_an_unknown_host(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **options: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    client = Client(
        subdomain="mcwrong", auth=UsernameToken("ada", PASSWORD), retries=quick_retries(1)
    )

    with (
        client,
        pytest.raises(
            ConnectFailed, match=r"mcwrong\.soap\.\S+ is not known\. Check the subdomain"
        ),
    ):
        client.create(ADA)


def test_a_server_that_does_not_answer_in_time_is_given_up() -> None:
    done = threading.Event()

    def never(environ: object, start_response: object) -> Any:
        done.wait(timeout=60)
        raise AssertionError("nobody waits for this")

    with serving_until(done, never) as url, client_at(url, timeout=0.05) as client:
        with pytest.raises(
            TimedOut, match=r"did not answer within 0\.05 s\. The call may have taken effect"
        ) as failure:
            client.create(ADA)
        with pytest.raises(TimedOut, match="The call only reads"):
            client.version_info()

    assert failure.value.exchange is not None
    assert failure.value.exchange.status is None
    assert b"ada" in failure.value.exchange.request


@contextmanager
def serving_until(done: threading.Event, app: Callable[..., Any]) -> Iterator[str]:
    def quiet(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        try:
            return app(environ, start_response)
        except AssertionError:
            start_response("200 OK", [("Content-Length", "0")])
            return []

    with serving(quiet) as url:
        try:
            yield url
        finally:
            done.set()


OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("beginning", "drop"),
    [
        (OK + b"Content-Length: 300000\r\n\r\n", b" "),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"0"),
        (OK, b"X-Drop: 1\r\n"),
        (OK + b"X-Long: ", b"x"),
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["body", "chunks", "chunk's size", "headers", "one header", "status line", "100 Continue"],
)
def test_a_server_that_drips_is_given_up_too(beginning: bytes, drop: bytes) -> None:
    """Each byte arrives in time, but not the whole answer."""
    given_up = threading.Event()
    drops = 0

    def drip(connection: socket.socket) -> None:
        nonlocal drops
        read_request(connection)
        connection.sendall(beginning)
        try:
            # Below the limits of http.client: 100 headers, 65,536 bytes of one line. A client that waits gets them all.
            while not given_up.wait(0.1) and drops < 60:
                connection.sendall(drop)
                drops += 1
        except OSError:
            pass

    with raw_server(drip) as url, client_at(url, timeout=0.2) as client:
        with pytest.raises(TimedOut, match=r"did not answer within 0\.2 s"):
            client.create(ADA)
        given_up.set()

    assert drops < 60


def test_a_server_that_drips_over_tls_is_given_up_too(tls: ssl.SSLContext, ca_bundle: Path) -> None:
    given_up = threading.Event()

    def drip(connection: socket.socket) -> None:
        try:
            with tls.wrap_socket(connection, server_side=True) as inner:
                inner.recv(65_536)
                for _ in range(60):
                    inner.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
                    if given_up.wait(0.1):
                        break
        except OSError:
            pass

    transport = HTTPTransport(ca_bundle=ca_bundle)
    with raw_server(drip) as url, transport:
        https = url.replace("http://", "https://")
        with client_at(https, timeout=0.3, transport=transport) as client, pytest.raises(TimedOut):
            client.create(ADA)
        given_up.set()


@pytest.mark.parametrize("is_packed", [False, True])
def test_an_answer_that_is_too_long_is_not_read_on(is_packed: bool) -> None:
    """The decompressed size counts: 100 KB can become 100 MB."""
    body = b" " * 3_000_000
    headers = {"Content-Type": "text/xml"}
    if is_packed:
        body, headers = gzip.compress(body), {**headers, "Content-Encoding": "gzip"}
    service = FakeService(Answer(body, headers=headers), CREATED)

    with (
        serving(service) as url,
        HTTPTransport(max_answer_bytes=2_000_000) as transport,
        client_at(url, transport=transport) as client,
    ):
        with pytest.raises(UnreadableAnswer, match="longer than 2000000 bytes"):
            client.create(ADA)
        client.create(ADA)

    assert len(service.received) == 2


@pytest.mark.parametrize(
    "beginning",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 5000\r\n\r\n<soap:Env",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n<soap",
        b"NOT HTTP AT ALL\r\n\r\n",
    ],
    ids=["nothing", "half a body", "half a chunk", "no HTTP"],
)
def test_an_answer_cut_off_is_a_lost_connection(beginning: bytes) -> None:
    def talk(connection: socket.socket) -> None:
        read_request(connection)
        connection.sendall(beginning)

    with (
        raw_server(talk) as url,
        client_at(url) as client,
        pytest.raises(ConnectionLost, match="check before you repeat it"),
    ):
        client.create(ADA)


def test_a_server_that_stops_between_pages_says_how_much_had_come() -> None:
    first = answers.retrieved(map(answers.subscriber, "abc"), status="MoreDataAvailable")
    keys = []

    with serving(FakeService(first)) as url:
        client = Client(url, auth=UsernameToken("ada", PASSWORD), retries=quick_retries(2))
        pages = client.retrieve("Subscriber", ["SubscriberKey"]).pages()
        keys += [item["SubscriberKey"] for item in next(pages)]
    client.close()

    with (
        client,
        pytest.raises(ConnectFailed, match="3 objects were received before; the rest is missing"),
    ):
        next(pages)
    assert keys == ["a", "b", "c"]


def test_a_certificate_of_an_unknown_authority_is_rejected(tls: ssl.SSLContext) -> None:
    service = FakeService()

    with (
        serving(service, tls) as url,
        client_at(url, attempts=3) as client,
        pytest.raises(
            CertificateRejected,
            match=r"was rejected: .*local issuer.*HTTPTransport\(ca_bundle=\.\.\.\)",
        ),
    ):
        client.create(ADA)

    assert service.received == []


def test_an_authority_of_one_s_own_is_trusted(tls: ssl.SSLContext, ca_bundle: Path) -> None:
    with (
        serving(FakeService(CREATED), tls) as url,
        HTTPTransport(ca_bundle=ca_bundle) as transport,
        client_at(url, transport=transport) as client,
    ):
        assert client.create(ADA)[0].ok


def test_a_certificate_for_another_host_is_rejected(authority: trustme.CA, ca_bundle: Path) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("elsewhere.test").configure_cert(context)

    with (
        serving(FakeService(), context) as url,
        HTTPTransport(ca_bundle=ca_bundle) as transport,
        client_at(url, transport=transport) as client,
        pytest.raises(
            CertificateRejected,
            match=r"certificate is not valid for '127\.0\.0\.1'\. Check the host name",
        ),
    ):
        client.create(ADA)


def test_certificate_checks_can_be_disabled_without_a_warning(tls: ssl.SSLContext) -> None:
    """The test suite turns warnings into errors, as those of users may."""
    with (
        serving(FakeService(CREATED), tls) as url,
        HTTPTransport(verify=False) as transport,
        client_at(url, transport=transport) as client,
    ):
        assert client.create(ADA)[0].ok
        assert "verify=False" in repr(client)


def test_a_client_certificate_is_shown(
    authority: trustme.CA, ca_bundle: Path, tmp_path: Path
) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    mine = authority.issue_cert("ada@example.com")
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    mine.cert_chain_pems[0].write_to_path(certificate)
    mine.private_key_pem.write_to_path(key)

    with (
        serving(FakeService(CREATED), context) as url,
        HTTPTransport(ca_bundle=ca_bundle, client_certificate=(certificate, key)) as transport,
        client_at(url, transport=transport) as client,
    ):
        assert client.create(ADA)[0].ok


def test_a_server_without_tls_is_distinguished_from_a_bad_certificate() -> None:
    with (
        serving(FakeService()) as url,
        client_at(url.replace("http:", "https:")) as client,
        pytest.raises(
            TransportError, match=r"does not speak TLS\. .* write http:// in the endpoint"
        ),
    ):
        client.create(ADA)


@pytest.mark.parametrize(
    "options", [{"ca_bundle": "missing.pem"}, {"client_certificate": "missing.pem"}]
)
def test_missing_certificates_are_refused_at_once(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=r"No such file or directory .*missing\.pem"):
        HTTPTransport(**options)


def test_a_file_that_is_no_certificate_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "ca.pem"
    path.write_text("not a certificate")

    with pytest.raises(ConfigurationError, match="Give readable PEM files"):
        HTTPTransport(ca_bundle=path)


def test_a_key_with_a_password_is_refused_instead_of_asking_on_the_terminal(
    authority: trustme.CA, tmp_path: Path
) -> None:
    mine = authority.issue_cert("ada@example.com")
    key = serialization.load_pem_private_key(mine.private_key_pem.bytes(), None)
    path = tmp_path / "both.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            BestAvailableEncryption(b"hunter-two"),
        )
        + mine.cert_chain_pems[0].bytes()
    )

    with pytest.raises(ConfigurationError, match="the key without a password"):
        HTTPTransport(client_certificate=path)


def test_a_proxy_carries_the_call_with_its_login() -> None:
    proxy = FakeService(CREATED)

    with (
        serving(proxy) as url,
        HTTPTransport(proxy=url.replace("//", "//ada:hunter-two@")) as transport,
        client_at("http://service.test", transport=transport) as client,
    ):
        assert client.create(ADA)[0].ok

    assert proxy.last.headers["HTTP_HOST"] == "service.test"
    assert proxy.last.headers["HTTP_PROXY_AUTHORIZATION"] == "Basic YWRhOmh1bnRlci10d28="
    assert "hunter" not in repr(transport)


def test_a_proxy_that_is_away_is_named() -> None:
    with (
        HTTPTransport(proxy=f"http://127.0.0.1:{unused_port()}") as transport,
        client_at("http://service.test", transport=transport) as client,
        pytest.raises(ConnectFailed, match=r"through the proxy: Connection refused\. Check proxy="),
    ):
        client.create(ADA)


def test_the_environment_s_proxy_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{unused_port()}")

    with serving(FakeService(CREATED)) as url, client_at(url) as client:
        assert client.create(ADA)[0].ok


@pytest.mark.parametrize(
    "proxy", ["nowhere", "ada:hunter-two@nowhere", "socks5://ada:hunter-two@127.0.0.1:1"]
)
def test_a_proxy_that_is_no_url_is_refused_without_its_password(proxy: str) -> None:
    with pytest.raises(
        ConfigurationError, match="The proxy is not an http or https URL"
    ) as failure:
        HTTPTransport(proxy=proxy)

    assert "hunter" not in str(failure.value)


def _errors_of_urllib3() -> list[type[Exception]]:
    found = vars(urllib3.exceptions).values()
    return [
        item
        for item in found
        if inspect.isclass(item)
        and issubclass(item, urllib3.exceptions.HTTPError)
        and not issubclass(item, Warning)
    ]


@pytest.mark.parametrize("kind", _errors_of_urllib3(), ids=lambda kind: kind.__name__)
def test_every_error_of_urllib3_has_a_counterpart(kind: type[Exception]) -> None:
    error = kind.__new__(kind)
    vars(error).update(partial=0, expected=0, length=0)
    request = Request(url="http://service.test/", headers={}, body=b"", timeout=1.0)

    translated = _translated(error, request)

    assert isinstance(translated, TransportError)
    assert "http://service.test/" in str(translated)


def test_a_wsgi_application_is_closed_like_a_server_would() -> None:
    closed = []

    class Chunks:
        def __iter__(self) -> Iterator[bytes]:
            return iter([CREATED[:50], CREATED[50:]])

        def close(self) -> None:
            closed.append(True)

    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Chunks:
        start_response("200 OK", [("Content-Type", "text/xml")])
        return Chunks()

    with client_at("http://service.test", transport=WSGITransport(app)) as client:
        assert client.create(ADA)[0].ok
    assert closed == [True]


def test_errors_of_a_wsgi_application_come_out() -> None:
    def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        raise ZeroDivisionError

    with (
        client_at("http://service.test", transport=WSGITransport(app)) as client,
        pytest.raises(ZeroDivisionError),
    ):
        client.create(ADA)


def test_a_wsgi_application_that_starts_no_response_is_named() -> None:
    with (
        client_at("http://service.test", transport=WSGITransport(lambda *_: [])) as client,
        pytest.raises(UnreadableAnswer, match="did not call start_response"),
    ):
        client.create(ADA)


def test_a_wsgi_application_sees_the_path_and_query() -> None:
    service = FakeService(CREATED)
    transport = WSGITransport(service)

    with client_at("https://service.test:8443/caf%C3%A9/x.asmx?a=b", transport=transport) as client:
        client.create(ADA)

    headers = service.last.headers
    assert headers["PATH_INFO"].encode("latin-1").decode() == "/café/x.asmx"
    assert (headers["QUERY_STRING"], headers["SERVER_PORT"]) == ("a=b", "8443")
    assert headers["wsgi.url_scheme"] == "https"
