"""HTTP for any WSGI application: connections kept alive, bad input answered, an orderly stop.

It stands on werkzeug's server. What is its own is the reading and writing: werkzeug's handler has a thread for each
connection, ends it after one answer, and waits up to 10 ms before it does.
"""

from sfmc_mock.http.connection import HANDED
from sfmc_mock.http.handover import HandedSocket, Handover
from sfmc_mock.http.reading import BODY, Refusal
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
