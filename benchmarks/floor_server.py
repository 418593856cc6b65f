"""The floor over HTTP: `calls.Floor` in a file, with hand-written log-in, request ID and header.

    python benchmarks/floor_server.py FILE

It runs behind the emulator's own HTTP server and prints its port when it is ready. Each call is a transaction that is
flushed to disk before it is answered.
"""

from __future__ import annotations

import sys
import threading
import time
import uuid
from collections.abc import Iterable
from typing import Any

from calls import TAIL, Floor
from lxml import etree

from sfmc_mock.http import HTTPServer

WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSA = "{http://schemas.xmlsoap.org/ws/2004/08/addressing}"
HEAD = (
    '<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
    ' xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" xmlns:wsse='
    '"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd" xmlns:wsu='
    '"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"><soap:Header>'
    "<wsa:Action>{action}</wsa:Action><wsa:MessageID>urn:uuid:{message_id}</wsa:MessageID>"
    "<wsa:RelatesTo>{related}</wsa:RelatesTo><wsa:To>http://schemas.xmlsoap.org/ws/2004/08/addressing/role/anonymous"
    '</wsa:To><wsse:Security><wsu:Timestamp wsu:Id="Timestamp-{stamp_id}"><wsu:Created>{created}</wsu:Created>'
    "<wsu:Expires>{expires}</wsu:Expires></wsu:Timestamp></wsse:Security></soap:Header><soap:Body>"
)


class FloorService(Floor):
    """The floor as a WSGI application."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.db.execute("CREATE TABLE api_user (username TEXT PRIMARY KEY, password TEXT)")
        self.db.execute("INSERT INTO api_user VALUES ('mock-user', 'mock-password')")
        self._lock = threading.Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        document = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        with self._lock:
            answer = self._answer(document, environ["HTTP_SOAPACTION"].strip('"'))
        start_response(
            "200 OK",
            [("Content-Type", "text/xml; charset=utf-8"), ("Content-Length", str(len(answer)))],
        )
        return [answer]

    def _answer(self, document: bytes, action: str) -> bytes:
        header, body = etree.fromstring(document)
        security = header.find(f"{WSSE}Security")[0]
        name, password = (security.findtext(f"{WSSE}{each}") for each in ("Username", "Password"))
        known = self.db.execute("SELECT password FROM api_user WHERE username = ?", (name,))
        if known.fetchone() != (password,):
            raise PermissionError
        now = time.time()
        created, expires = (
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(each)) for each in (now, now + 300)
        )
        opening = HEAD.format(
            action=f"{action}Response",
            message_id=uuid.uuid4(),
            related=header.findtext(f"{WSA}MessageID") or f"urn:uuid:{uuid.uuid4()}",
            stamp_id=uuid.uuid4(),
            created=created,
            expires=expires,
        )
        answer = self.answer(body[0]).replace(
            "<OverallStatus>", f"<RequestID>{uuid.uuid4()}</RequestID><OverallStatus>", 1
        )
        return (opening + answer + TAIL).encode()


def main() -> None:
    """Serve until standard input ends."""
    with HTTPServer(FloorService(sys.argv[1])) as server:
        print(server.port, flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
