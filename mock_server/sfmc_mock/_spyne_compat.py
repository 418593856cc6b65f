"""Imports of spyne: makes version 2.14 importable on every Python that this package supports.

spyne 2.14.0 is the last release. Two things in it are older than Python 3.12 and 3.13:

* its copy of six answers `spyne.util.six.moves.…` from an import hook without `find_spec`, which Python 3.12 no longer
  asks, and which makes 3.11 emit an ImportWarning at every failing import of the process, spyne's or not;
* it takes `parse_header` from `cgi`, which 3.11 and 3.12 deprecate and 3.13 no longer has.

Import spyne's names only from this module. Importing it costs about 0.1 s, so do it where they are needed.
"""

from __future__ import annotations

import collections.abc
import http.cookies
import sys
import urllib.error
import urllib.parse
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from types import ModuleType

_MOVED = {
    "collections_abc": collections.abc,
    "http_cookies": http.cookies,
    "urllib.error": urllib.error,
    "urllib.parse": urllib.parse,
    "urllib.request": urllib.request,
}


def parse_header(line: str) -> tuple[str, dict[str, str]]:
    """Split a header like Content-Type into its value and its parameters, as `cgi.parse_header` did.

    >>> parse_header('text/xml; charset="utf-8"')
    ('text/xml', {'charset': 'utf-8'})
    """
    message = Message()
    message["Content-Type"] = line
    (value, _), *parameters = message.get_params([("", "")])
    return value, dict(parameters)


@contextmanager
def _younger_python() -> Iterator[None]:
    """Let the block import spyne; afterwards the process is as before, but for the names under `spyne.`."""
    for name, module in _MOVED.items():
        sys.modules.setdefault(f"spyne.util.six.moves.{name}", module)
    cgi = ModuleType("cgi")
    vars(cgi)["parse_header"] = parse_header
    replaced = sys.modules.get("cgi")
    sys.modules["cgi"] = cgi
    known = list(sys.meta_path)
    try:
        with warnings.catch_warnings():
            # Its sources also warn when they are compiled (escapes in plain strings), wherever no .pyc was written.
            warnings.simplefilter("ignore")
            yield
    finally:
        sys.meta_path[:] = [
            hook
            for hook in sys.meta_path
            if hook in known or type(hook).__module__ != "spyne.util.six"
        ]
        if replaced is None:
            del sys.modules["cgi"]
        else:
            sys.modules["cgi"] = replaced


with _younger_python():
    from spyne import Application, ComplexModel, Service, rpc
    from spyne.interface.wsdl import Wsdl11
    from spyne.model import complex as complex_model
    from spyne.model import primitive
    from spyne.model.binary import ByteArray
    from spyne.protocol.soap import Soap11

__all__ = [
    "Application",
    "ByteArray",
    "ComplexModel",
    "Service",
    "Soap11",
    "Wsdl11",
    "complex_model",
    "parse_header",
    "primitive",
    "rpc",
]
