"""The recording proxy between clients and a strict service over HTTPS."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import trustme
import urllib3
import zeep
from tests.support.flows import ADDRESS, PRIVATE, UNIQUE_ID, client, run_flow
from tests.support.planting import PARTNER, XSI, found_in
from zeep.wsse import UsernameToken

from sfmc_client import ConfigurationError, HTTPTransport
from sfmc_conformance.leak_check import check_folder
from sfmc_conformance.recording_proxy import RecordingProxy, Upstream
from sfmc_conformance.replay import verify
from sfmc_conformance.transcripts import Recorder, read_recording
from sfmc_mock import MockServer, Settings
from sfmc_mock.http import HTTPServer

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    """A certificate authority that the system does not trust."""
    return trustme.CA()


@pytest.fixture(scope="module")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def service(authority: trustme.CA, tmp_path: Path) -> Iterator[MockServer]:
    """An emulator in place of the live service: HTTPS, strict."""
    certificate = tmp_path / "certificate.pem"
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(str(certificate))
    with MockServer(settings=Settings(port=0, strict=True, tls_cert=str(certificate))) as server:
        yield server
        assert server.problems == []


@pytest.fixture
def proxied(tmp_path: Path) -> Iterator[Callable[..., tuple[RecordingProxy, str]]]:
    """Start a proxy before a service; returns it and its address."""
    with ExitStack() as stack:

        def start(upstream: str, **options: Any) -> tuple[RecordingProxy, str]:
            recorder = Recorder(tmp_path / "recording", through="proxy")
            proxy = RecordingProxy(Upstream.of(upstream), recorder, **options)
            stack.callback(proxy.close)
            server = stack.enter_context(HTTPServer(proxy))
            stack.callback(lambda: server.errors.clear())
            return proxy, server.url

        yield start


class Stranger:
    """A client independent of this project: string templates, a token, and the SOAP address from the token answer."""

    def __init__(self, url: str) -> None:
        self._pool = urllib3.PoolManager()
        body = json.dumps(
            {
                "grant_type": "client_credentials",
                "client_id": "mock-client-id",
                "client_secret": "mock-client-secret",
            }
        )
        answer = self._pool.request("POST", f"{url}/v2/token", body=body).json()
        self.token = answer["access_token"]
        self.url = answer["soap_instance_url"] + "Service.asmx"

    def call(self, action: str, message: str, content: str) -> str:
        envelope = (
            f'<s:Envelope xmlns:s="{SOAP}" xmlns:xsi="{XSI}"><s:Body><{message} xmlns="{PARTNER}">{content}'
            f'</{message}></s:Body><s:Header><fueloauth xmlns="http://exacttarget.com">{self.token}</fueloauth>'
            "</s:Header></s:Envelope>"
        )
        headers = {"Content-Type": "text/xml", "SOAPAction": action}
        answer = self._pool.request("POST", self.url, body=envelope.encode(), headers=headers)
        assert answer.status == 200
        return answer.data.decode()

    def run_flow(self) -> None:
        """The documented flow, as somebody wrote it in an afternoon."""
        self.call(
            "Configure",
            "ConfigureRequestMsg",
            "<Action>Create</Action><Configurations><Configuration xsi:type='PropertyDefinition'><Name>UniqueID</Name>"
            "<PropertyType>string</PropertyType></Configuration></Configurations>",
        )
        template = self.retrieve("DataExtensionTemplate", ["ObjectID"], "Name", "SendLog")
        self.create(
            "DataExtension",
            "<CustomerKey>ada-log</CustomerKey><Name>Ada's log</Name><Template><ObjectID>"
            f"{_first('ObjectID', template)}</ObjectID></Template><Fields><Field><Name>UniqueID</Name></Field>"
            "</Fields>",
        )
        self.create(
            "TriggeredSendDefinition",
            "<CustomerKey>ada-welcome</CustomerKey><Name>Welcome to Ada</Name><SendClassification><CustomerKey>2239"
            "</CustomerKey></SendClassification><Email><ID>3099626</ID></Email><IsSendLogging>true</IsSendLogging>",
        )
        self.call(
            "Update",
            "UpdateRequest",
            "<Objects xsi:type='TriggeredSendDefinition'><CustomerKey>ada-welcome</CustomerKey>"
            "<TriggeredSendStatus>Active</TriggeredSendStatus></Objects>",
        )
        self.create(
            "TriggeredSend",
            "<TriggeredSendDefinition><CustomerKey>ada-welcome</CustomerKey></TriggeredSendDefinition><Subscribers>"
            f"<EmailAddress>{ADDRESS}</EmailAddress><SubscriberKey>lovelace-1815</SubscriberKey><Attributes>"
            f"<Name>UniqueID</Name><Value>{UNIQUE_ID}</Value></Attributes></Subscribers>",
        )
        row = self.retrieve(
            "DataExtensionObject[ada-log]", ["JobID", "SubID"], "UniqueID", UNIQUE_ID
        )
        opened = self.retrieve(
            "OpenEvent", ["SubscriberKey", "EventDate"], "SendID", _first("Value", row)
        )
        assert "lovelace-1815" in opened

    def create(self, kind: str, content: str) -> None:
        answer = self.call(
            "Create", "CreateRequest", f"<Objects xsi:type='{kind}'>{content}</Objects>"
        )
        assert "<OverallStatus>OK<" in answer

    def retrieve(self, kind: str, properties: list[str], name: str, value: str) -> str:
        asked = "".join(f"<Properties>{each}</Properties>" for each in properties)
        return self.call(
            "Retrieve",
            "RetrieveRequestMsg",
            f"<RetrieveRequest><ObjectType>{kind}</ObjectType>{asked}<Filter xsi:type='SimpleFilterPart'><Property>"
            f"{name}</Property><SimpleOperator>equals</SimpleOperator><Value>{escape(value)}</Value></Filter>"
            "</RetrieveRequest>",
        )


def _first(name: str, answer: str) -> str:
    found = re.search(rf"<{name}>(.*?)</{name}>", answer)
    assert found is not None
    return found[1]


def test_the_flow_of_a_foreign_client_is_recorded_over_https_and_agrees_with_the_emulator(
    service: MockServer, proxied: Callable[..., tuple[RecordingProxy, str]], ca_file: Path
) -> None:
    proxy, url = proxied(service.base_url, ca_bundle=ca_file)
    stranger = Stranger(url)

    stranger.run_flow()

    folder = proxy.recorder.folder
    report = verify(folder)
    assert stranger.url == f"{url}/Service.asmx"
    assert (report.drift, len(report.compared)) == ([], 9)
    assert check_folder(folder) == []
    private = (
        *PRIVATE,
        stranger.token,
        url.partition("//")[2],
        service.base_url.partition("//")[2],
    )
    assert {value: found_in(folder, value) for value in private} == {value: [] for value in private}
    said = "\n".join(report.lines()) + json.dumps(report.as_json())
    assert [value for value in private if value in said] == []


def test_the_clients_own_flow_is_recorded_through_the_proxy(
    service: MockServer, proxied: Callable[..., tuple[RecordingProxy, str]], ca_file: Path
) -> None:
    proxy, url = proxied(service.base_url, ca_bundle=ca_file)

    with HTTPTransport() as transport:
        run_flow(client(transport, f"{url}/Service.asmx"))

    report = verify(proxy.recorder.folder)
    assert (report.drift, len(report.compared)) == ([], 12)


def test_zeep_comes_back_to_the_proxy_by_its_wsdl(
    service: MockServer, proxied: Callable[..., tuple[RecordingProxy, str]], ca_file: Path
) -> None:
    proxy, url = proxied(service.base_url, ca_bundle=ca_file)
    token = UsernameToken("mock-user", "mock-password")

    found = zeep.Client(f"{url}/etframework.wsdl", wsse=token).service.Describe(
        DescribeRequests={"ObjectDefinitionRequest": [{"ObjectType": "Subscriber"}]}
    )

    (exchange,) = read_recording(proxy.recorder.folder).exchanges
    assert found.ObjectDefinition[0].ObjectType == "Subscriber"
    assert exchange.operation == "Describe"
    assert verify(proxy.recorder.folder).drift == []


def test_only_posts_are_recorded(
    service: MockServer, proxied: Callable[..., tuple[RecordingProxy, str]], ca_file: Path
) -> None:
    proxy, url = proxied(service.base_url, ca_bundle=ca_file)

    answer = urllib3.request("GET", f"{url}/platform/v1/endpoints/soap")

    assert answer.json() == {"url": f"{url}/Service.asmx"}
    assert proxy.recorder.written == 0


def test_a_service_that_does_not_answer_is_reported_to_the_client_and_not_recorded(
    proxied: Callable[..., tuple[RecordingProxy, str]],
) -> None:
    proxy, url = proxied("http://127.0.0.1:9")

    answer = urllib3.request("POST", f"{url}/Service.asmx", body=b"<a/>", retries=False)

    assert answer.status == 502
    assert b"the service gave no answer. Check --upstream" in answer.data
    assert proxy.recorder.written == 0


def test_a_certificate_of_an_unknown_authority_is_not_trusted(
    service: MockServer, proxied: Callable[..., tuple[RecordingProxy, str]]
) -> None:
    _, url = proxied(service.base_url)

    answer = urllib3.request("GET", f"{url}/etframework.wsdl", retries=False)

    assert answer.status == 502


def test_authorities_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "recording")

    with pytest.raises(ConfigurationError, match="Name a PEM file with --ca"):
        RecordingProxy(Upstream.of("https://x.test"), recorder, ca_bundle=tmp_path / "none.pem")


def test_a_call_is_answered_even_if_it_cannot_be_recorded(
    service: MockServer, proxied: Callable[..., tuple[RecordingProxy, str]], ca_file: Path
) -> None:
    proxy, url = proxied(service.base_url, ca_bundle=ca_file)
    (proxy.recorder.folder / "0001-token").mkdir()
    (proxy.recorder.folder / "0001-token" / "in the way").write_text("")

    stranger = Stranger(url)

    assert stranger.token
    assert ["cannot be written" in str(problem) for problem in proxy.problems] == [True]


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (
            "https://mcada.soap.marketingcloudapis.com/Service.asmx",
            [f"https://mcada.{part}.marketingcloudapis.com" for part in ("soap", "auth", "rest")],
        ),
        ("http://127.0.0.1:8025", ["http://127.0.0.1:8025"] * 3),
    ],
)
def test_the_addresses_of_a_tenant_follow_from_one(url: str, expected: list[str]) -> None:
    upstream = Upstream.of(url)

    paths = ("/Service.asmx", "/v2/token", "/platform/v1/endpoints/soap")
    assert [upstream.base(path) for path in paths] == expected


def test_a_token_answer_cannot_lead_from_https_to_http() -> None:
    upstream = Upstream.of("https://mcada.soap.marketingcloudapis.com")

    assert upstream.learned("soap", "http://elsewhere.test") == upstream
    assert upstream.learned("soap", "https://elsewhere.test").soap == "https://elsewhere.test"


def test_tokens_may_be_elsewhere() -> None:
    upstream = Upstream.of("https://webservice.test", "https://auth.test/v1/requestToken")

    assert upstream.base("/v1/requestToken") == "https://auth.test"


def test_an_address_that_is_none_is_named() -> None:
    with pytest.raises(
        ConfigurationError, match="The address of --upstream is not an http or https URL"
    ):
        Upstream.of("mcada")


@pytest.mark.slow
def test_the_command_records_until_it_is_stopped(
    service: MockServer, ca_file: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "recording"
    command = [sys.executable, "-m", "sfmc_mock", "record", "--upstream", service.base_url]
    options = ["--folder", str(folder), "--port", "0", "--ca", str(ca_file), "--ready-json"]
    with subprocess.Popen(
        [*command, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        ready = json.loads(process.stdout.readline())
        stranger = Stranger(ready["url"].removesuffix("/Service.asmx"))
        stranger.run_flow()
        process.send_signal(signal.SIGTERM)
        output, log = process.communicate(timeout=60)

    assert process.returncode == 0
    assert log.splitlines()[0] == "0001  token  HTTP 200"
    assert log.splitlines()[-1] == f"9 exchanges are in {folder}."
    assert verify(folder).drift == []
    said = output + log
    assert [value for value in (*PRIVATE, stranger.token) if value in said] == []
