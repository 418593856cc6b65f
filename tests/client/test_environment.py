"""Connections from environment variables."""

from __future__ import annotations

import pytest

from sfmc_client import ConfigurationError
from sfmc_client.environment import VARIABLES, Connection, token_endpoint, variable

PACKAGE = {"SFMC_CLIENT_ID": "id", "SFMC_CLIENT_SECRET": "s3cret"}
USER = {"SFMC_USERNAME": "ada", "SFMC_PASSWORD": "pa55word"}


def test_every_setting_has_a_variable() -> None:
    environ = {variable(name): f"the {name}" for name in VARIABLES}

    connection = Connection.read(environ)

    assert [getattr(connection, name) for name in VARIABLES] == [f"the {n}" for n in VARIABLES]


def test_given_settings_win_over_the_environment() -> None:
    connection = Connection.read({"SFMC_MID": "1", "SFMC_ENDPOINT": "http://a.test"}, mid="2")

    assert (connection.mid, connection.endpoint) == ("2", "http://a.test")


def test_an_endpoint_that_is_given_is_not_mixed_with_a_subdomain_of_the_environment() -> None:
    connection = Connection.read({"SFMC_SUBDOMAIN": "mc42"}, endpoint="http://a.test")

    assert (connection.endpoint, connection.subdomain) == ("http://a.test", None)


def test_an_empty_variable_is_none() -> None:
    assert Connection.read({"SFMC_ENDPOINT": ""}).endpoint is None


def test_a_package_goes_before_a_user() -> None:
    """`sfmc-mock exec` sets both."""
    auth = Connection.read({**PACKAGE, **USER, "SFMC_AUTH_URL": "http://a.test"}).auth()

    assert repr(auth) == "OAuth('id', '***', token_url='http://a.test/v2/token')"


def test_a_user_is_enough() -> None:
    assert repr(Connection.read(USER).auth()) == "UsernameToken('ada', '***')"


@pytest.mark.parametrize("environ", [{}, {"SFMC_CLIENT_ID": "id"}, {"SFMC_USERNAME": "ada"}])
def test_half_a_login_is_none(environ: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="Set SFMC_CLIENT_ID and SFMC_CLIENT_SECRET, or"):
        Connection.read(environ).auth()


@pytest.mark.parametrize(
    ("given", "whole"),
    [
        ("https://mc42.auth.marketingcloudapis.com", "/v2/token"),
        ("https://mc42.auth.marketingcloudapis.com/", "/v2/token"),
        ("https://mc42.auth.marketingcloudapis.com/v2/token", "/v2/token"),
    ],
)
def test_a_token_endpoint_may_be_given_without_its_path(given: str, whole: str) -> None:
    assert token_endpoint(given) == "https://mc42.auth.marketingcloudapis.com" + whole


def test_no_secret_is_shown() -> None:
    shown = repr(Connection.read({**PACKAGE, **USER}))

    assert "s3cret" not in shown
    assert "pa55word" not in shown
