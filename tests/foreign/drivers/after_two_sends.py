"""Sends two messages by the control API, one that is opened and clicked and one that bounces, then runs a command."""

import http.client
import json
import os
import sys
from urllib.parse import urlsplit

server = urlsplit(os.environ["SFMC_MOCK_URL"])
connection = http.client.HTTPConnection(server.hostname, server.port)
for to in ("ada+open+click@mock.test", "bob+hardbounce@mock.test"):
    body = json.dumps({"definition": "welcome", "to": to})
    connection.request("POST", "/_mock/sends", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    if answer.status != 200:
        sys.exit(answer.read().decode())
    answer.read()
os.execvp(sys.argv[1], sys.argv[1:])
