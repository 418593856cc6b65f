"""An HTTP server for any WSGI application: it keeps connections alive, answers bad input, and stops in order.

It is based on werkzeug's server, but reads and writes itself: werkzeug's handler uses a thread for each connection,
ends the connection after one answer, and waits up to 10 ms before it does.
"""

from sfmc_mock.http.connection import HANDED
from sfmc_mock.http.environ import BODY
from sfmc_mock.http.handover import HandedSocket, Handover
from sfmc_mock.http.reading import Refusal
from sfmc_mock.http.response_writer import MORE, HangUp, Later
from sfmc_mock.http.server import HTTPServer, address_of, listen

__all__ = [
    "BODY",
    "HANDED",
    "MORE",
    "HTTPServer",
    "HandedSocket",
    "Handover",
    "HangUp",
    "Later",
    "Refusal",
    "address_of",
    "listen",
]
