"""A replacement for a real tenant: a strict emulator in another process, over HTTPS, with its own authority.

Only a configuration file of the real target leads to it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomli_w
import trustme
import urllib3

MID = 1234567
EMAIL_ID = 3099626
MAILBOXES = {
    "receives": "team+delivered@mock.test",
    "opens": "team+open@mock.test",
    "clicks": "team+click@mock.test",
    "unsubscribes": "team+unsub@mock.test",
    "hard-bounces": "team+hardbounce@mock.test",
}


@dataclass(frozen=True)
class HttpsTenant:
    """The address of the process, and the certificate of its authority."""

    base_url: str
    authority: Path

    def configuration(self) -> dict[str, Any]:
        """Return the configuration that a team would write for its tenant."""
        return {
            "tenant": {
                "mid": MID,
                "endpoint": f"{self.base_url}/Service.asmx",
                "auth_url": f"{self.base_url}/v2/token",
                "client_id": "mock-client-id",
                "client_secret": "mock-client-secret",
                "ca_bundle": str(self.authority),
            },
            "rails": {"recipients": ["*@mock.test"], "max_sends": 20},
            "mailboxes": dict(MAILBOXES),
            "flow": {"email_id": EMAIL_ID},
            "wait": {"timeout": 20, "first_delay": 0.05},
        }

    def configure(self, path: Path, **changes: Mapping[str, Any]) -> Path:
        """Write the configuration file with changed values in some sections; `None` removes a key."""
        table = self.configuration()
        for section, values in changes.items():
            table[section] = {
                name: value
                for name, value in {**table.get(section, {}), **values}.items()
                if value is not None
            }
        path.write_text(tomli_w.dumps(table), encoding="utf-8")
        return path

    def look(self, path: str) -> dict[str, Any]:
        """Send a request to the emulator directly, without the code under test."""
        with urllib3.PoolManager(ca_certs=str(self.authority)) as pool:
            answer = pool.request("GET", f"{self.base_url}/_mock{path}")
        found: dict[str, Any] = json.loads(answer.data)
        return found

    def reset(self) -> None:
        """Reset the account, and clear the journal."""
        with urllib3.PoolManager(ca_certs=str(self.authority)) as pool:
            answer = pool.request("POST", f"{self.base_url}/_mock/reset", json={})
            assert answer.status == 200, answer.data
            pool.request("DELETE", f"{self.base_url}/_mock/journal")

    def calls(self) -> list[str]:
        """Return the operations that were called, with their object types."""
        found = self.look("/journal?limit=1000")["exchanges"]
        return [
            " ".join([each["operation"], *each["object_types"]])
            for each in found
            if each["operation"]
        ]

    def sends(self) -> list[dict[str, Any]]:
        """Return the sends, newest first."""
        found: list[dict[str, Any]] = self.look("/sends")["sends"]
        return found


@contextmanager
def https_tenant(folder: Path) -> Iterator[HttpsTenant]:
    """Run the process during the block."""
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    authority.cert_pem.write_to_path(folder / "authority.pem")
    certificate.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    command = [sys.executable, "-m", "sfmc_mock", "serve", "--port", "0", "--ready-json", "--quiet"]
    command += ["--strict", "--engagement", "quiet", "--lag", "instant"]
    command += ["--tls-cert", str(folder / "server.pem")]
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("SFMC_")
    }
    with (
        (folder / "server.log").open("w") as log,
        subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "PYTHONSAFEPATH": "1"},
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        try:
            ready = process.stdout.readline()
            assert ready, (folder / "server.log").read_text()
            url = json.loads(ready)["url"]
            yield HttpsTenant(url.removesuffix("/Service.asmx"), folder / "authority.pem")
        finally:
            process.terminate()
