"""The environment in which unmodified programs reach the emulator."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from sfmc_mock.intercept import Hosts
from sfmc_mock.intercept.authority import Authority
from sfmc_mock.intercept.environment import proxied_environment

Make = Callable[[Mapping[str, str]], dict[str, str]]


@pytest.fixture
def authority(tmp_path: Path) -> Path:
    return Authority(tmp_path / "ca").certificate


@pytest.fixture
def make(tmp_path: Path, authority: Path) -> Make:
    def environment(before: Mapping[str, str]) -> dict[str, str]:
        return proxied_environment(
            before, address=("127.0.0.1", 1234), authority=authority, hosts=Hosts(), folder=tmp_path
        )

    return environment


def test_authorities_trusted_before_stay_trusted(
    make: Make, tmp_path: Path, authority: Path
) -> None:
    company = tmp_path / "company.pem"
    company.write_text("the company's", encoding="utf-8")

    found = make({"SSL_CERT_FILE": str(company), "NODE_EXTRA_CA_CERTS": str(company)})

    expected = "the company's\n" + authority.read_text(encoding="utf-8")
    assert Path(found["SSL_CERT_FILE"]).read_text(encoding="utf-8") == expected
    assert Path(found["NODE_EXTRA_CA_CERTS"]).read_text(encoding="utf-8") == expected
    assert found["CURL_CA_BUNDLE"] == found["REQUESTS_CA_BUNDLE"] == found["SSL_CERT_FILE"]


def test_a_missing_file_of_certificates_is_no_hindrance(make: Make, authority: Path) -> None:
    found = make({"NODE_EXTRA_CA_CERTS": "/nowhere"})

    assert Path(found["NODE_EXTRA_CA_CERTS"]).read_bytes() == authority.read_bytes()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "intern.test, .corp"}, "intern.test,.corp,localhost,127.0.0.1,::1"),
        ({"no_proxy": "localhost,a.test"}, "localhost,a.test,127.0.0.1,::1"),
        ({"NO_PROXY": "*"}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": ".exacttarget.com,com"}, "localhost,127.0.0.1,::1"),
        ({"NO_PROXY": "webservice.exacttarget.com:443"}, "localhost,127.0.0.1,::1"),
        (
            {"NO_PROXY": "*.soap.marketingcloudapis.com,apis.com"},
            "apis.com,localhost,127.0.0.1,::1",
        ),
    ],
)
def test_hosts_without_proxy_stay_so_unless_the_emulator_answers_for_them(
    make: Make, before: dict[str, str], after: str
) -> None:
    found = make(before)

    assert found["NO_PROXY"] == found["no_proxy"] == after


def test_options_of_languages_are_added_to_those_that_were_there(make: Make) -> None:
    found = make(
        {
            "NODE_OPTIONS": "--no-warnings",
            "JAVA_TOOL_OPTIONS": "-Xmx1g",
            "PHP_INI_SCAN_DIR": "/etc/php",
            "PYTHONPATH": "/opt/own",
        }
    )

    assert found["NODE_OPTIONS"].startswith('--no-warnings --require "')
    assert found["JAVA_TOOL_OPTIONS"].startswith('-Xmx1g "-Dhttps.proxyHost=127.0.0.1"')
    assert found["PHP_INI_SCAN_DIR"].startswith("/etc/php:")
    assert found["PYTHONPATH"].endswith("/python_preload:/opt/own")


def test_a_proxy_that_was_there_is_replaced(make: Make) -> None:
    found = make({"https_proxy": "http://proxy.corp:3128", "HTTP_PROXY": "http://proxy.corp:3128"})

    names = ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy")
    assert {found[name] for name in names} == {"http://127.0.0.1:1234"}


def test_an_unreadable_certificate_among_the_trusted_ones_is_left_out_for_java(
    make: Make, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text(
        "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n", encoding="utf-8"
    )

    make({"SSL_CERT_FILE": str(broken)})

    assert (tmp_path / "trust.p12").stat().st_size > 0
