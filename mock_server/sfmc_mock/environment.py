"""The environment variables by which a program finds the emulator and an account of it."""

from __future__ import annotations

from collections.abc import Mapping

ENVIRONMENT = {
    "SFMC_MOCK_URL": "the server's address; the command line and the control API (`/_mock`) are there",
    "SFMC_MOCK_CONTROL_TOKEN": "the token of the control API, where it asks for one",
    "SFMC_ENDPOINT": "the SOAP endpoint, whole: `…/Service.asmx`",
    "SFMC_WSDL_URL": "the WSDL",
    "SFMC_AUTH_URL": "the address before `/v2/token` and `/v1/requestToken`",
    "SFMC_CLIENT_ID": "client ID of an installed package",
    "SFMC_CLIENT_SECRET": "its secret",
    "SFMC_USERNAME": "user name for a UsernameToken",
    "SFMC_PASSWORD": "its password",
    "SFMC_MID": "MID of the account",
    "SFMC_ACCOUNT_ID": "the same, by the name that a token request has for it",
}
"""The variables that `account_environment` sets, with their meanings."""


def account_environment(
    base_url: str, *, mid: int, credentials: Mapping[str, str], control_token: str | None = None
) -> dict[str, str]:
    """Return the variables for an account of the server at an address."""
    token = {} if control_token is None else {"SFMC_MOCK_CONTROL_TOKEN": control_token}
    return token | {
        "SFMC_MOCK_URL": base_url,
        "SFMC_ENDPOINT": f"{base_url}/Service.asmx",
        "SFMC_WSDL_URL": f"{base_url}/etframework.wsdl",
        "SFMC_AUTH_URL": base_url,
        "SFMC_CLIENT_ID": credentials["client_id"],
        "SFMC_CLIENT_SECRET": credentials["client_secret"],
        "SFMC_USERNAME": credentials["username"],
        "SFMC_PASSWORD": credentials["password"],
        "SFMC_MID": str(mid),
        "SFMC_ACCOUNT_ID": str(mid),
    }


def proxy_exception(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that exclude loopback from the proxies of an environment, none if it has no proxy."""
    if not any(name.lower() in ("http_proxy", "all_proxy") for name in environ):
        return {}
    return {
        name: ",".join(filter(None, (environ.get(name), "127.0.0.1", "localhost")))
        for name in ("NO_PROXY", "no_proxy")
    }
