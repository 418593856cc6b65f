"""The control API without a socket, for an account with three definitions and a clock frozen at noon."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.support.soap_app import envelope, fueloauth, username_token
from werkzeug.test import Client

from sfmc_mock import control_client
from sfmc_mock.app import Application
from sfmc_mock.control_client import ControlClient
from sfmc_mock.server_setup import open_accounts
from sfmc_mock.settings import Settings

SEED = """
[account]
clock = "2026-01-01T12:00:00"

[[triggered_send_definition]]
key = "welcome"
name = "Welcome mail"
email = 3099626
status = "Active"
auto_add_subscribers = true

[[triggered_send_definition]]
key = "paused"
name = "Paused mail"
email = 3099626
status = "Inactive"
auto_add_subscribers = true

[[triggered_send_definition]]
key = "draft"
name = "Draft mail"
email = 3099626
"""


class Reply(control_client.Reply):
    """A reply; `error` fails unless the body has the error format."""

    @property
    def error(self) -> str:
        (found,) = self.body.items()
        name, error = found
        assert name == "error"
        assert sorted(error) == ["code", "message"]
        return str(error["message"])

    @property
    def code(self) -> str:
        """The code of the error."""
        assert self.error
        return str(self.body["error"]["code"])


class Control:
    """A server's application, called under `/_mock`, with a few SOAP calls."""

    def __init__(self, seed: str = SEED, **settings: Any) -> None:
        self.app = Application(
            open_accounts(Settings(seed=seed, **settings)), Settings(seed=seed, **settings)
        )
        self.client = Client(self.app)

    def close(self) -> None:
        self.app.accounts.close()

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        base_url: str = "http://localhost",
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Reply:
        """Make a request; a body that is neither bytes nor text is sent as JSON."""

        def send(method: str, target: str, headers: Mapping[str, str], body: bytes | None) -> Reply:
            with self.client.open(
                target, base_url=base_url, method=method, headers=dict(headers), data=body
            ) as response:
                return Reply.read(response.status_code, dict(response.headers), response.get_data())

        document = body.encode() if isinstance(body, str) else body
        sent = {"Content-Type": "application/json", **(headers or {})}
        reply = ControlClient(send=send).ask(method, path, document, headers=sent, **query)
        assert isinstance(reply, Reply)
        return reply

    def get(self, path: str, **query: Any) -> Reply:
        return self.ask("GET", path, **query)

    def post(self, path: str, body: object = None, **query: Any) -> Reply:
        return self.ask("POST", path, body, **query)

    def send(self, to: str = "ada@mock.test", definition: str = "welcome", **more: Any) -> Any:
        """Trigger a send and return its explanation."""
        reply = self.post("/sends", {"definition": definition, "to": to, **more})
        assert reply.status == 200, reply.body
        return reply.body

    # SOAP and tokens, as far as tests of control need them.

    def soap(self, header: str) -> int:
        """Call GetSystemStatus and return the HTTP status: 200, or 500 for a fault."""
        message = '<GetSystemStatusRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"/>'
        with self.client.post(
            "/Service.asmx",
            data=envelope(message, header),
            headers={"SOAPAction": "GetSystemStatus"},
            content_type="text/xml; charset=utf-8",
        ) as response:
            return response.status_code

    def soap_as(self, username: str, password: str) -> int:
        return self.soap(username_token(username, password))

    def soap_with_token(self, token: str) -> int:
        return self.soap(fueloauth(token))

    def token(
        self, client_id: str = "mock-client-id", client_secret: str = "mock-client-secret"
    ) -> str:
        """Return a token of a package."""
        asked = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        with self.client.post("/v2/token", json=asked) as response:
            assert response.status_code == 200, response.get_data()
            return str(json.loads(response.get_data())["access_token"])
