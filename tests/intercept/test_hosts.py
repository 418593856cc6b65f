"""The hosts that the emulator answers for, and the account of a tenant's subdomain."""

from __future__ import annotations

import pytest

from sfmc_mock.errors import SetupError
from sfmc_mock.intercept import Hosts, Tenants, rest_address, soap_address, subdomain_of
from sfmc_mock.intercept.hosts import host_of


@pytest.mark.parametrize(
    "host",
    [
        "webservice.exacttarget.com",
        "webservice.s10.exacttarget.com",
        "auth.exacttargetapis.com",
        "mc01.soap.marketingcloudapis.com",
        "MC01.Soap.MarketingCloudApis.com.",
        f"{'a' * 63}.rest.marketingcloudapis.com",
    ],
)
def test_the_hosts_of_the_service_are_answered_for(host: str) -> None:
    assert host in Hosts()


@pytest.mark.parametrize(
    "host",
    [
        "",
        "exacttarget.com",
        "exacttarget.com.example.com",
        "notexacttarget.com",
        "*.exacttarget.com",
        "a..exacttarget.com",
        "-a.exacttarget.com",
        "a b.exacttarget.com",
        f"{'a' * 64}.exacttarget.com",
        "a." * 150 + "exacttarget.com",
        "ä.exacttarget.com",
        None,
    ],
)
def test_no_other_host_is_answered_for(host: object) -> None:
    assert host not in Hosts()


def test_more_hosts_can_be_named() -> None:
    hosts = Hosts(["Mail.example.com", "*.example.org"])

    assert "mail.example.com" in hosts
    assert "a.b.example.org" in hosts
    assert "example.org" not in hosts
    assert "a.mail.example.com" not in hosts


@pytest.mark.parametrize("name", ["", "*", "https://example.com", "example.com:443", "a.*.com"])
def test_an_invalid_host_is_refused(name: str) -> None:
    with pytest.raises(SetupError, match="is not a host name to intercept"):
        Hosts([name])


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("A.test", "a.test"),
        ("a.test:1", "a.test"),
        ("[::1]:443", "::1"),
        ("[::1]", "::1"),
        ("", ""),
    ],
)
def test_the_host_of_an_authority_is_without_its_port(authority: str, host: str) -> None:
    assert host_of(authority) == host


def test_the_addresses_of_a_tenant_differ_in_one_word() -> None:
    base = "https://mcABC-1.auth.marketingcloudapis.com"

    assert soap_address(base) == "https://mcabc-1.soap.marketingcloudapis.com"
    assert rest_address(base) == "https://mcabc-1.rest.marketingcloudapis.com"


def test_older_clients_are_led_to_the_addresses_that_they_know() -> None:
    base = "https://auth.exacttargetapis.com"

    assert soap_address(base) == "https://webservice.exacttarget.com"
    assert rest_address(base) == "https://www.exacttargetapis.com"


def test_a_host_of_ones_own_is_all_addresses_at_once() -> None:
    base = "https://mail.example.com:8443"

    assert soap_address(base) == rest_address(base) == base


def test_the_subdomain_of_an_account_has_the_length_that_clients_check() -> None:
    assert len(subdomain_of(1)) == len(subdomain_of(500_000_001)) == 28
    assert Tenants().mid_of(f"{subdomain_of(7)}.rest.marketingcloudapis.com") == 7


def test_a_named_tenant_goes_before_the_number_in_its_subdomain() -> None:
    tenants = Tenants(["mc0007=8"])

    assert tenants.mid_of("mc0007.auth.marketingcloudapis.com") == 8
    assert tenants.subdomain_of(8) == "mc0007"


@pytest.mark.parametrize("named", ["mc01", "mc01=", "=1", "mc01=one", "mc.01=1"])
def test_a_host_that_names_no_tenant_is_refused(named: str) -> None:
    with pytest.raises(SetupError, match="write SUBDOMAIN=MID"):
        Tenants([named])
