"""Lead a Python program's connections for the emulated hosts to the emulator, which speaks TLS there under their names.

Imported at the start of each Python that `sfmc-mock exec --intercept` runs, for libraries that look at no HTTPS_PROXY
(suds). Only the address of a connection changes; names, certificates and everything above stay the program's own.
It is written for any Python 3, and goes on to the `sitecustomize` that it stands before.
"""

import os
import sys


def _redirect(host: str, port: int, patterns: "list[str]") -> None:
    import socket

    ends = tuple(pattern[1:] for pattern in patterns if pattern.startswith("*."))
    original = socket.getaddrinfo

    def getaddrinfo(name, service, *args, **kwargs):  # type: ignore[no-untyped-def]
        text = name.decode("ascii", "replace") if isinstance(name, bytes) else name
        if isinstance(text, str):
            text = text.lower().rstrip(".")
            if text in patterns or text.endswith(ends):
                return original(host, port, *args, **kwargs)
        return original(name, service, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo  # type: ignore[assignment]


def _go_on() -> None:
    here = os.path.dirname(os.path.abspath(__file__))
    path = list(sys.path)
    own = sys.modules.pop("sitecustomize")
    sys.path[:] = [folder for folder in path if os.path.abspath(folder) != here]
    try:
        import sitecustomize  # type: ignore[import-not-found] # noqa: F401
    except ImportError as problem:
        if getattr(problem, "name", None) != "sitecustomize":
            raise
        sys.modules["sitecustomize"] = own
    finally:
        sys.path[:] = path


if __name__ == "sitecustomize":
    _given = os.environ.get("SFMC_MOCK_INTERCEPTED", "").split()
    if len(_given) > 2:
        _redirect(_given[0], int(_given[1]), _given[2:])
    _go_on()
