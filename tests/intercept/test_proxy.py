"""The server as a proxy: it answers for production's hosts, and refuses all others."""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.intercept.conftest import Browser

from sfmc_mock import MockServer
from sfmc_mock.errors import SetupError
from sfmc_mock.http import Refusal
from sfmc_mock.intercept import subdomain_of
from sfmc_mock.journal import Exchange
from sfmc_mock.settings import Settings

SUBDOMAIN = subdomain_of(1234567)
AUTH, SOAP, REST = (
    f"{SUBDOMAIN}.{kind}.marketingcloudapis.com" for kind in ("auth", "soap", "rest")
)
OLD = "webservice.exacttarget.com"
ASKED = {
    "grant_type": "client_credentials",
    "client_id": "mock-client-id",
    "client_secret": "mock-client-secret",
}
ENVELOPE = """<Envelope xmlns="http://schemas.xmlsoap.org/soap/envelope/"><Header>
<fueloauth xmlns="http://exacttarget.com">%s</fueloauth></Header><Body>
<RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest><ObjectType>List</ObjectType>
<Properties>ID</Properties></RetrieveRequest></RetrieveRequestMsg></Body></Envelope>"""


def trusted_file(server: MockServer) -> Path:
    """Return the certificate file for clients of the server."""
    assert server.proxy is not None
    return server.proxy.authority.certificate


def refusals(server: MockServer) -> list[str]:
    return [each.error for each in server.app.journal if each.method == "(unread)"]


def test_a_tunnel_leads_to_the_emulator_under_the_name_of_the_host(browser: Browser) -> None:
    answer = browser.get(OLD)

    assert answer.status == 200
    assert f"https://{OLD}/Service.asmx" in answer.text
    assert "_mock" not in answer.text


def test_the_wsdl_has_the_address_under_which_it_was_asked_for(browser: Browser) -> None:
    wsdl = browser.get(OLD, "/etframework.wsdl").text

    assert f'location="https://{OLD}/Service.asmx"' in wsdl
    assert f'schemaLocation="https://{OLD}/ETFrameworkFault.xsd"' in wsdl


def test_a_token_names_the_addresses_of_its_tenant(browser: Browser) -> None:
    answer = browser.post(AUTH, "/v2/token", ASKED).json

    assert answer["soap_instance_url"] == f"https://{SOAP}/"
    assert answer["rest_instance_url"] == f"https://{REST}/"


def test_the_endpoint_of_a_tenant_is_found(browser: Browser) -> None:
    answer = browser.get(REST, "/platform/v1/endpoints/soap").json

    assert answer == {"url": f"https://{SOAP}/Service.asmx"}


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_request_for_a_whole_url_is_answered_under_that(browser: Browser, scheme: str) -> None:
    """axios sends https requests through a proxy in this form (sdk)."""
    answer = browser.plainly("GET", f"{scheme}://{OLD}/platform/v1/endpoints/soap")

    assert answer.json == {"url": f"{scheme}://{OLD}/Service.asmx"}


def test_a_tunnel_can_carry_plain_http(server: MockServer) -> None:
    with socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as client:
        client.sendall(f"CONNECT {OLD}:80 HTTP/1.1\r\nHost: {OLD}:80\r\n\r\n".encode())
        established = client.recv(1000)
        client.sendall(f"GET / HTTP/1.1\r\nHost: {OLD}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b"")).decode()

    assert established.startswith(b"HTTP/1.1 200 ")
    assert f"http://{OLD}/Service.asmx" in answer


def test_a_tunnel_is_used_for_one_request_after_another(browser: Browser) -> None:
    ports = set()
    with browser.tunnel(OLD) as connection:
        for _ in range(3):
            connection.request("GET", "/")
            assert connection.getresponse().read()
            ports.add(connection.sock.getsockname()[1])

    assert len(ports) == 1


@pytest.mark.parametrize("name", [OLD, SOAP])
def test_without_a_proxy_the_certificate_is_that_of_the_name_asked_for(
    server: MockServer, browser: Browser, name: str
) -> None:
    """For users who resolve the name to this machine, with a hosts file or a container network."""
    with (
        socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as client,
        browser.context.wrap_socket(client, server_hostname=name) as secured,
    ):
        secured.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: secured.recv(65536), b"")).decode()

    assert f"https://{name}/Service.asmx" in answer


def test_without_a_proxy_no_other_name_gets_a_certificate(
    server: MockServer, browser: Browser
) -> None:
    with (
        socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as client,
        pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"),
    ):
        browser.context.wrap_socket(client, server_hostname="example.com")


# Others.


def test_a_tunnel_to_another_host_is_refused_and_told(
    make_server: Callable[..., MockServer],
) -> None:
    server = make_server()

    with Browser(server).tunnel("example.com") as connection, pytest.raises(OSError, match="403"):
        connection.request("GET", "/")

    (told,) = refusals(server)
    assert "'example.com' is none of these: put it into NO_PROXY" in told
    assert server.proxy is not None
    assert server.proxy.refused == {"example.com": 1}


@pytest.mark.parametrize(
    "url", ["http://example.com/", "https://example.com:8443/x", "http://127.0.0.1:1/"]
)
def test_a_request_for_a_url_of_another_host_is_refused(browser: Browser, url: str) -> None:
    answer = browser.plainly("POST", url, body=b"x" * 100_000)

    assert answer.status == 403
    assert "passes nothing on" in answer.text


def test_another_host_can_be_named(make_server: Callable[..., MockServer]) -> None:
    browser = Browser(make_server(intercept_hosts=("*.example.com",)))

    assert "https://mail.example.com/Service.asmx" in browser.get("mail.example.com").text


def test_the_server_itself_can_be_reached_through_the_proxy(
    server: MockServer, browser: Browser
) -> None:
    answer = browser.plainly("GET", f"{server.base_url}/_mock/health")

    assert answer.status == 200


@pytest.mark.parametrize(
    "target", ["example.com", "/", "http://x/:1", "a:b:443", ":443", "a@b:443"]
)
def test_a_tunnel_to_what_is_no_host_and_port_is_refused(server: MockServer, target: str) -> None:
    with socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as client:
        client.sendall(f"CONNECT {target} HTTP/1.1\r\n\r\n".encode())
        answer = b"".join(iter(lambda: client.recv(65536), b""))

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"CONNECT names a host and its port" in answer


def test_a_tunnel_in_a_tunnel_is_refused(browser: Browser) -> None:
    assert browser.ask("CONNECT", OLD, f"{OLD}:443").status == 400


def test_the_control_api_is_not_at_production_s_addresses(browser: Browser) -> None:
    answer = browser.post(OLD, "/_mock/reset", {})

    assert answer.status == 404
    assert "SFMC_MOCK_URL" in answer.text


def test_the_control_api_is_at_a_host_of_production_that_was_allowed(
    make_server: Callable[..., MockServer],
) -> None:
    browser = Browser(make_server(allow_host=(OLD,)))

    assert browser.get(OLD, "/_mock/health").status == 200
    assert browser.get(SOAP, "/_mock/health").status == 404


def test_a_server_that_does_not_intercept_opens_no_tunnel() -> None:
    with MockServer() as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.http.port, timeout=60)
        connection.set_tunnel(OLD, 443)
        with pytest.raises(OSError, match="400"):
            connection.request("GET", "/")


def test_a_client_that_does_not_trust_the_authority_is_reported(state: Path) -> None:
    heard: queue.SimpleQueue[Exchange] = queue.SimpleQueue()
    settings = Settings(port=0, intercept=True)

    with MockServer(settings=settings, on_exchange=heard.put) as server:
        browser = Browser(server)
        browser.context = ssl.create_default_context()
        with browser.tunnel(OLD) as connection, pytest.raises(ssl.SSLCertVerificationError):
            connection.request("GET", "/")
        told = heard.get(timeout=60).error

    assert f"The client refused the certificate for {OLD}:443 (tlsv1 alert unknown ca)" in told
    assert f"trust the proxy's certificate authority, {trusted_file(server)}." in told


def test_an_open_tunnel_does_not_hold_up_the_stop(make_server: Callable[..., MockServer]) -> None:
    server = make_server()

    with Browser(server).tunnel(OLD) as connection:
        connection.request("GET", "/")
        connection.getresponse().read()
        with socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as waiting:
            waiting.sendall(f"CONNECT {OLD}:443 HTTP/1.1\r\n\r\n".encode())
            waiting.recv(1000)
            stopping = threading.Thread(target=lambda: server.http.stop(grace=600))
            stopping.start()
            stopping.join(60)

    assert not stopping.is_alive()


# Accounts.


def token(browser: Browser, mid: int, **more: str) -> tuple[int, str]:
    answer = browser.post(
        f"{subdomain_of(mid)}.auth.marketingcloudapis.com", "/v2/token", ASKED | more
    )
    return answer.status, answer.json.get("access_token", "")


def retrieve(browser: Browser, host: str, access_token: str) -> str:
    headers = {"Content-Type": "text/xml", "SOAPAction": "Retrieve"}
    return browser.ask(
        "POST", host, "/Service.asmx", body=ENVELOPE % access_token, headers=headers
    ).text


def test_the_subdomain_chooses_the_account_whose_credentials_count(
    make_server: Callable[..., MockServer],
) -> None:
    browser = Browser(make_server(accounts=(":memory:", ":memory:")))

    status, access_token = token(browser, 1234567)
    wrong_tenant, _ = token(browser, 1234568)
    second, _ = token(browser, 1234568, client_id="mock-client-id-2")

    assert (status, wrong_tenant, second) == (200, 401, 200)
    assert "<OverallStatus>OK" in retrieve(browser, SOAP, access_token)
    other = f"{subdomain_of(1234568)}.soap.marketingcloudapis.com"
    assert "Login Failed" in retrieve(browser, other, access_token)
    assert "<OverallStatus>OK" in retrieve(browser, OLD, access_token)


def test_a_tenant_can_be_named(make_server: Callable[..., MockServer]) -> None:
    server = make_server(accounts=(":memory:", ":memory:"), tenants=("mcstaging=1234568",))

    answer = Browser(server).post("mcstaging.auth.marketingcloudapis.com", "/v2/token", ASKED)

    assert answer.status == 401


def test_a_subdomain_that_leads_nowhere_leaves_the_choice_to_the_credentials(
    browser: Browser,
) -> None:
    answer = browser.post("mcexample.auth.marketingcloudapis.com", "/v2/token", ASKED)

    assert answer.status == 200
    assert answer.json["soap_instance_url"] == "https://mcexample.soap.marketingcloudapis.com/"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            {"intercept": True, "tenants": ("mc1=99",)},
            "there is no account with the MID 99, only 1234567",
        ),
        ({"intercept": True, "tls_cert": "x.pem"}, "leave out --tls-cert"),
        ({"tenants": ("mc1=1234567",)}, "--tenant has a meaning with --intercept only"),
        ({"intercept_hosts": ("a.test",)}, "--intercept-host has a meaning with --intercept only"),
    ],
)
def test_settings_that_do_not_fit_are_refused(
    settings: dict[str, object], sentence: str, state: object
) -> None:
    with pytest.raises(SetupError, match=sentence):
        MockServer(settings=Settings(port=0, **settings))  # type: ignore[arg-type]


@pytest.mark.slow
def test_a_server_that_does_not_intercept_loads_no_cryptography() -> None:
    program = (
        "import sys; from sfmc_mock.server import MockServer\n"
        "with MockServer(): print(sorted({'trustme', 'cryptography', 'platformdirs'} & set(sys.modules)))"
    )

    done = subprocess.run(
        (sys.executable, "-c", program), capture_output=True, check=True, text=True
    )

    assert done.stdout == "[]\n"


def test_any_bytes_in_a_tunnel_end_it_and_nothing_else(
    server: MockServer, browser: Browser
) -> None:
    for sent in (b"\x16\x03\x01\x00\x05hello", b"\x00\xff" * 50, b"\x16"):
        with socket.create_connection(("127.0.0.1", server.http.port), timeout=60) as client:
            client.sendall(f"CONNECT {OLD}:443 HTTP/1.1\r\n\r\n".encode())
            client.recv(1000)
            client.sendall(sent)
            client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                while client.recv(65536):
                    pass

    assert browser.get(OLD).status == 200
    assert server.problems == []


def test_of_a_long_host_that_was_refused_only_the_beginning_is_kept(
    make_server: Callable[..., MockServer],
) -> None:
    proxy = make_server().proxy
    assert proxy is not None

    for _ in range(2):
        with pytest.raises(Refusal):
            proxy.admit(f"{'x' * 10_000}:443", 1)

    assert proxy.refused == {"x" * 253: 2}
