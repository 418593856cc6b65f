"""Several accounts of one seed file with business units."""

from __future__ import annotations

from pathlib import Path

from sfmc_mock import MockServer
from sfmc_mock.settings import Settings

SEED = """
[account]
mid = 7000001
[[business_unit]]
name = "Germany"
mid = 7000002
[[business_unit.api_user]]
username = "hans"
password = "hans"
[[business_unit]]
name = "France"
mid = 7000005
"""


def test_each_has_units_with_mids_and_callers_of_their_own(tmp_path: Path) -> None:
    paths = tuple(str(tmp_path / f"{name}.db") for name in ("a", "b", "c"))
    with MockServer(settings=Settings(port=0, accounts=paths, seed=SEED)) as server:
        mids = [account.mid for account in server.accounts]

    assert mids == [
        *(7000001, 7000002, 7000005),
        *(7000006, 7000007, 7000010),
        *(7000011, 7000012, 7000015),
    ]
