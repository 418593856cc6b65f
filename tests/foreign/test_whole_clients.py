"""Released, unmodified clients that read all data of an account: each of their SOAP parts works.

Their REST parts, which are not emulated, are excluded by name.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tests.foreign.conftest import DRIVERS
from tests.support.command_line import COMMAND, environment

pytestmark = pytest.mark.slow

# Types of mcdev that it retrieves by SOAP, and how many of each the account has. By REST alone it retrieves asset,
# attributeGroup, attributeSet, campaign, dataExtract, dataExtractType, deliveryProfile, discovery, domainVerification,
# event, fileLocation, fileTransfer, filter, importFile, journey, mobileCode, mobileKeyword, mobileMessage, query,
# script, transactionalEmail, transactionalPush, transactionalSMS and verification.
MCDEV = {
    "automation": 0,
    "contentArea": 1,
    "dataExtension": 1,
    "dataExtensionField": 2,
    "dataExtensionTemplate": 12,
    "email": 2,
    "emailSend": 1,
    "folder": 32,
    "list": 2,
    "role": 1,
    "sendClassification": 3,
    "senderProfile": 1,
    "triggeredSend": 1,
    "user": 2,
}

# Records of each stream; the one of campaigns is REST's.
TAP = {
    "content_area": 1,
    "data_extension.Orders": 2,
    "email": 2,
    "event": 5,
    "folder": 32,
    "list": 2,
    "list_send": 1,
    "list_subscriber": 4,
    "send": 1,
    "subscriber": 4,
}


def driven(tmp_path: Path, *command: str, node: Path | None = None) -> list[Any]:
    """Run a driver on a seeded account with two sends; return the JSON values that it printed, one per line."""
    folder = Path(shutil.copytree(DRIVERS, tmp_path / "drivers"))
    if node is not None:
        (folder / "node_modules").symlink_to(node / "node_modules")
    ran = subprocess.run(
        (
            *(*COMMAND, "exec", "--intercept", "--seed", "account.toml", "--"),
            *(sys.executable, "after_two_sends.py", *command),
        ),
        cwd=folder,
        env=environment(XDG_STATE_HOME=str(tmp_path)),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "The emulator failed" not in ran.stderr, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def python_of(packages: Path) -> str:
    return str(packages / "bin" / "python")


def needs_node() -> None:
    for command in ("node", "npm"):
        if shutil.which(command) is None:
            pytest.skip(f"there is no {command} here")


def failures(answers: list[dict[str, Any]]) -> dict[str, str]:
    """Return the failed calls of a class, with their errors."""
    return {
        f"{each['name']}.{method}": said
        for each in answers
        for method, said in each["answers"].items()
        if said != "OK"
    }


def test_mcdev_retrieves_each_of_its_soap_types(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    needs_node()
    packages = request.getfixturevalue("driven_node_packages")

    (found,) = driven(tmp_path, "node", "mcdev_retrieve.mjs", *MCDEV, node=packages)

    assert found == {"counts": MCDEV, "errors": []}


def test_tap_exacttarget_syncs_each_of_its_soap_streams(tmp_path: Path, tap_packages: Path) -> None:
    (found,) = driven(tmp_path, python_of(tap_packages), "tap_sync.py", "campaign")

    assert {name: count for name, count in found.items() if name != "campaign"} == TAP


def test_each_object_class_of_fuelsdk_for_python_works(
    tmp_path: Path, python_packages: Path
) -> None:
    found = driven(tmp_path, python_of(python_packages), "fuelsdk_objects.py")

    assert failures(found) == {}
    rows = {each["name"]: each["rows"] for each in found}
    assert len(rows) == 20
    assert rows["ET_SentEvent"] == 2
    assert rows["ET_DataExtension_Row"] == 3


def test_each_object_class_of_fuelsdk_for_node_works(
    tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    needs_node()
    packages = request.getfixturevalue("driven_node_packages")

    found = driven(tmp_path, "node", "fuelsdk_node_objects.cjs", node=packages)

    assert failures(found) == {}
    assert len(found) == 16
