"""PrivateIP: behaviour that other objects do not have."""

from __future__ import annotations

from tests.support.messages import fields, retrieve, status, struct, write_objects

from sfmc_mock.account import Account
from sfmc_mock.declarations.call import Call
from sfmc_mock.seeds import load, parse_seed
from sfmc_mock.store.database import Database

SEED = """
[[private_ip]]
key = "first"
name = "First"
ip_address = "192.0.2.1"
"""


def test_an_address_of_a_seed_file_is_retrieved() -> None:
    account = Account(Database())
    load(account, parse_seed(SEED))

    found = fields(retrieve(Call(account), "PrivateIP", ["Name", "IPAddress", "IsActive"]))

    assert found == [{"Name": "First", "IPAddress": "192.0.2.1", "IsActive": "true"}]
    account.db.close()


def test_an_address_cannot_be_made(call: Call) -> None:
    answer = write_objects(call, "Create", struct("PrivateIP", Name="x"))

    assert status(answer) == ("Error", "Cannot perform Create on objects of type PrivateIP", 5)
