"""A client for load on a real server: one connection, triggered sends, and the rows of the send log."""

from __future__ import annotations

import http.client
import json
import re
from typing import ClassVar, Self

from tests.support.soap_app import envelope, username_token

from sfmc_mock.account import Account
from sfmc_mock.account.data_extensions import send_log
from sfmc_mock.wire.catalogue import NAMESPACE

_KEY = re.compile(r"<Value>([0-9]+-[0-9]+)</Value>")


class SendingClient:
    """Sends with a definition of the account that `SEED` makes; each send has a key, which the send log stores."""

    SEED: ClassVar[str] = """
[account]
engagement = "quiet"
[[data_extension]]
name = "SendLog"
key = "SendLog"
template = "SendLog"
fields = [{name = "UniqueID", max_length = 200}]
[[email]]
name = "Hello"
subject = "Hello"
html_body = "Hello"
[[triggered_send_definition]]
key = "hello"
name = "hello"
email = "Hello"
status = "Active"
is_send_logging = true
"""

    def __init__(self, port: int, user: str = "mock-user") -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._user = username_token(user, "mock-password")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._connection.close()

    def send(self, key: str) -> None:
        """Send, and return after the answer, which must be OK."""
        answer = self.call("Create", self._create(key))
        assert "<OverallStatus>OK<" in answer, answer

    def status(self, key: str) -> int:
        """Send, and return the HTTP status of the answer."""
        return self._post("Create", self._create(key))[0]

    def _create(self, key: str) -> str:
        return (
            f'<CreateRequest xmlns="{NAMESPACE}"><Objects xsi:type="TriggeredSend"><TriggeredSendDefinition>'
            f"<CustomerKey>hello</CustomerKey></TriggeredSendDefinition><Subscribers><EmailAddress>{key}@mail.example"
            f"</EmailAddress><SubscriberKey>{key}</SubscriberKey><Attributes><Name>UniqueID</Name><Value>{key}</Value>"
            "</Attributes></Subscribers></Objects></CreateRequest>"
        )

    def logged(self) -> set[str]:
        """Return the keys on the send log's first page."""
        answer = self.call(
            "Retrieve",
            f'<RetrieveRequestMsg xmlns="{NAMESPACE}"><RetrieveRequest><ObjectType>DataExtensionObject[SendLog]'
            "</ObjectType><Properties>UniqueID</Properties></RetrieveRequest></RetrieveRequestMsg>",
        )
        return set(_KEY.findall(answer))

    def call(self, action: str, message: str) -> str:
        """Make a call and return the answer's envelope."""
        return self._post(action, message)[1]

    def _post(self, action: str, message: str) -> tuple[int, str]:
        headers = {"SOAPAction": action, "Content-Type": "text/xml"}
        body = envelope(message, self._user)
        self._connection.request("POST", "/Service.asmx", body, headers)
        answer = self._connection.getresponse()
        return answer.status, answer.read().decode()


class ControlClient:
    """One connection to the control API and the token endpoint."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def call(self, method: str, path: str, body: object = None, kind: str = "json") -> int:
        """Make a call and return the status."""
        document = body.encode() if isinstance(body, str) else json.dumps(body or {}).encode()
        headers = {"Content-Type": f"application/{kind}"}
        self._connection.request(method, path, None if method == "GET" else document, headers)
        answer = self._connection.getresponse()
        answer.read()
        return answer.status

    def close(self) -> None:
        self._connection.close()


def log_keys(account: Account) -> set[str]:
    """Return the keys of all logged sends of an account; none if it has no send log."""
    log = send_log(account)
    if log is None:
        return set()
    return {str(row["UniqueID"]) for row in account.db.find_all(log.table)}
