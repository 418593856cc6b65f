"""Default paths."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path


def default_configuration(environ: Mapping[str, str]) -> Path:
    """Return the default path of the configuration of a real tenant."""
    if sys.platform == "win32":
        base = Path(environ.get("APPDATA") or Path.home() / "AppData" / "Roaming")
    else:
        base = Path(environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return base / "sfmc-client" / "testing.toml"
