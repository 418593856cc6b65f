"""Seed files: read, loaded into an account, and exported from one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from sfmc_mock.account import Account
from sfmc_mock.account.data_extensions import find_by_key_or_name, send_log
from sfmc_mock.account.send_exclusions import exclusions
from sfmc_mock.account.simulation_settings import engagement, lag
from sfmc_mock.errors import SetupError
from sfmc_mock.objects import DUE_ACTIONS
from sfmc_mock.seeds import default_seed, dump, load, parse_seed, read_seed
from sfmc_mock.seeds.tables import tables
from sfmc_mock.store.database import Database

DOCS = Path(__file__).parents[2] / "docs" / "seed-files.md"

# Generated data, which may differ between two accounts of the same seed.
DATES = {
    "created_at",
    "modified_at",
    "unsubscribed_at",
    "_CreatedDate",
    "_ModifiedDate",
}
HELD = [
    "setting",
    "api_user",
    "package",
    "folder",
    "list",
    "profile_attribute",
    "email",
    "sender_profile",
    "delivery_profile",
    "send_classification",
    "data_extension_template",
    "data_extension",
    "data_extension_field",
    "triggered_send_definition",
    "subscriber",
    "list_subscriber",
]


@pytest.fixture
def make() -> Iterator[Callable[[str], Account]]:
    """Make an account from the text of a seed file."""
    made: list[Account] = []

    def from_text(text: str) -> Account:
        account = Account(Database(), due_actions=DUE_ACTIONS)
        made.append(account)
        load(account, parse_seed(text))
        return account

    yield from_text
    for account in made:
        account.db.close()


def example() -> str:
    """The seed file from the documentation."""
    found = re.search(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def problem(text: str) -> str:
    with pytest.raises(SetupError) as refused:
        parse_seed(text, "seed.toml")
    return str(refused.value)


def contents(account: Account) -> dict[str, list[dict[str, object]]]:
    tables = [*HELD, *(f"rows_{row['id']}" for row in account.db.find_all("data_extension"))]
    return {
        table: [
            {name: value for name, value in row.items() if name not in DATES}
            for row in account.db.find_all(table)
        ]
        for table in tables
    }


# The default account.


def test_the_default_account_is_as_documented(make: Callable[[str], Account]) -> None:
    account = make("")

    assert account.mid == 1234567
    assert account.db.count("api_user", username="mock-user", password="mock-password") == 1
    assert account.db.count("package", client_id="mock-client-id") == 1
    assert account.db.count("send_classification", customer_key="2239") == 1
    assert account.clock.running


def test_the_default_email_has_two_links_and_the_documented_id(
    make: Callable[[str], Account],
) -> None:
    email = make("").db.find("email", id=3099626)

    assert email is not None
    assert str(email["html_body"]).count("<a href=") == 2


def test_the_default_account_has_no_send_log_yet(make: Callable[[str], Account]) -> None:
    account = make("")

    assert send_log(account) is None
    assert account.db.count("data_extension_template", name="SendLog", makes_send_log=1) == 1


def test_the_default_account_is_quiet_and_shows_events_at_once(
    make: Callable[[str], Account],
) -> None:
    account = make("")

    assert engagement(account).is_quiet
    assert lag(account).is_instant


# The content of a file.


def test_the_documented_example_loads(make: Callable[[str], Account]) -> None:
    account = make(example())

    assert account.mid == 7654321
    assert account.now() == datetime(2026, 1, 1, 12)
    assert not account.clock.running
    ada = account.db.find("subscriber", subscriber_key="ada")
    assert ada is not None
    assert ada["attributes"] == '{"First Name": "Ada"}'
    assert account.db.count("list_subscriber", subscriber_id=ada["id"]) == 1
    assert account.db.count("subscriber", email_address="bob@mock.test", status="Unsubscribed") == 1
    definition = account.db.find("triggered_send_definition", customer_key="welcome")
    assert definition is not None
    assert (definition["status"], definition["is_send_logging"]) == ("Active", 1)
    assert exclusions(account).domain_exclusion("eve@example.org") == "Competitors"


def test_a_send_log_has_the_fields_of_its_template_and_its_own(
    make: Callable[[str], Account],
) -> None:
    log = send_log(make(example()))

    assert log is not None
    assert [each.name for each in log.fields] == [
        "JobID",
        "ListID",
        "BatchID",
        "SubID",
        "TriggeredSendID",
        "ErrorCode",
        "UniqueID",
    ]


def test_rows_hold_numbers_and_dates_as_a_call_would_write_them(
    make: Callable[[str], Account],
) -> None:
    account = make(example())

    orders = find_by_key_or_name(account, "orders")

    assert orders is not None
    (row,) = account.db.find_all(orders.table, "_CustomObjectKey")
    assert (row["Number"], row["Bought"]) == (1, "2025-12-24T10:00:00.000")


@pytest.mark.parametrize(
    ("seed", "users", "packages"),
    [
        ('[[api_user]]\nusername = "shop"\npassword = "secret"', ["shop"], []),
        ('[[package]]\nclient_id = "shop"\nclient_secret = "secret"', [], ["shop"]),
        ("[account]\nmid = 7", ["mock-user"], ["mock-client-id"]),
    ],
    ids=["user", "package", "neither"],
)
def test_credentials_of_a_seed_replace_the_default_ones_of_both_kinds(
    make: Callable[[str], Account], seed: str, users: list[str], packages: list[str]
) -> None:
    account = make(seed)

    assert [row["username"] for row in account.db.find_all("api_user")] == users
    assert [row["client_id"] for row in account.db.find_all("package")] == packages


def test_an_entry_takes_the_place_of_the_default_one(make: Callable[[str], Account]) -> None:
    account = make('[[sender_profile]]\nkey = "default"\nname = "Ours"\nfrom_name = "The Shop"')

    (profile,) = account.db.find_all("sender_profile")
    assert (profile["name"], profile["from_name"]) == ("Ours", "The Shop")


def test_all_subscribers_can_be_another_list(make: Callable[[str], Account]) -> None:
    account = make('[[list]]\nname = "Everybody"\nis_all_subscribers = true')

    (found,) = account.db.find_all("list")
    assert found["name"] == "Everybody"
    assert found["customer_key"] == f"Everybody - {found['category_id']}"


def test_folders_may_stand_in_any_order(make: Callable[[str], Account]) -> None:
    account = make(
        """
        folder = [
          {name = "Inner", key = "inner", content_type = "email", parent = "outer"},
          {name = "Outer", key = "outer", content_type = "email", parent = "email_default"},
        ]
        """
    )

    outer = account.db.find("folder", customer_key="outer")
    assert outer is not None
    assert account.db.count("folder", customer_key="inner", parent_id=outer["id"]) == 1


@pytest.mark.parametrize("reference", ['"NEWS"', '"Newsletter"', "77"])
def test_a_reference_is_a_key_a_name_or_an_id(
    make: Callable[[str], Account], reference: str
) -> None:
    account = make(
        f"""
        list = [{{name = "Newsletter", key = "news", id = 77}}]
        subscriber = [{{email = "ada@mock.test", lists = [{reference}]}}]
        """
    )

    assert account.db.count("list_subscriber", list_id=77) == 1


@pytest.mark.parametrize(
    ("status", "job"), [("New", 0), ("Active", 1), ("Inactive", 1), ("Canceled", 1)]
)
def test_a_definition_begins_in_any_status(
    make: Callable[[str], Account], status: str, job: int
) -> None:
    account = make(
        f"""
        [[triggered_send_definition]]
        key = "welcome"
        name = "Welcome"
        email = 3099626
        status = "{status}"
        """
    )

    assert account.db.count("triggered_send_definition", status=status) == 1
    assert account.db.count("job") == job


@pytest.mark.parametrize(
    ("clock", "running", "shown"),
    [
        ("2026-01-01T12:00:00", False, datetime(2026, 1, 1, 12)),
        ("2026-01-01T12:00:00Z", False, datetime(2026, 1, 1, 6)),
        ("2026-01-01", False, datetime(2026, 1, 1)),
        ('"2026-01-01T12:00:00"', False, datetime(2026, 1, 1, 12)),
        ('"running from 2001-01-01T12:00:00"', True, datetime(2001, 1, 1, 12)),
    ],
)
def test_a_clock_is_frozen_or_runs(
    make: Callable[[str], Account], clock: str, running: bool, shown: datetime
) -> None:
    account = make(f"account.clock = {clock}")

    assert account.clock.running is running
    assert abs((account.now() - shown).total_seconds()) < 60


def test_an_account_follows_an_engagement_profile_of_its_own(
    make: Callable[[str], Account],
) -> None:
    account = make('account = {engagement = "eager", lag = "worst"}\n[engagement.eager]\nopen = 1')

    assert engagement(account).open == 1.0
    assert lag(account).name == "worst"


def test_ids_follow_from_the_seed(make: Callable[[str], Account]) -> None:
    one, same, other = make("account.seed = 'a'"), make("account.seed = 'a'"), make("")

    def object_id(account: Account) -> object:
        return account.db.find_all("sender_profile")[0]["object_id"]

    assert object_id(one) == object_id(same) != object_id(other)


def test_a_file_is_read_by_its_path_or_its_name(tmp_path: Path) -> None:
    path = tmp_path / "shop.toml"
    path.write_text(example(), encoding="utf-8")

    assert read_seed(path) == read_seed(str(path))
    assert read_seed(path).name == "shop.toml"


def test_equal_seeds_have_equal_fingerprints() -> None:
    assert parse_seed(example(), "a").fingerprint == parse_seed(example(), "b").fingerprint
    assert parse_seed(example()).fingerprint != default_seed().fingerprint


def test_a_seed_may_begin_with_a_byte_order_mark() -> None:
    assert parse_seed(f"\ufeff{example()}").fingerprint == parse_seed(example()).fingerprint


# Invalid files.


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 2", "key 'version': 2 is not known here"),
        ("x =", "seed.toml is not valid TOML: Invalid value (at"),
        ("[acount]", "there is no table or key 'acount'. Did you mean 'account'?"),
        ("account = 3", "[account]: 3 is not a table"),
        ("account.mid = true", "[account], key 'mid': true does not fit. Give a whole number."),
        ("account.mid = 0", "[account], key 'mid': 0 is too small. It begins at 1."),
        ("account.mid = 3_000_000_000", "It ends at 2147483647."),
        (
            "[[account_user]]\nname = 'E'\ntime_zone_id = 9223372036854775808",
            "(E), key 'time_zone_id': 9223372036854775808 is too large. It ends at 2147483647.",
        ),
        (
            "[[account_user]]\nname = 'E'\npermissions = [{id = -3_000_000_000}]",
            "-3000000000 is too small. It begins at -2147483648.",
        ),
        ("account.clock = 'noon'", "[account], key 'clock': 'noon' is not a valid clock."),
        ("account.engagement = 'typcal'", "Did you mean typical?"),
        ("account.lag = 'slow'", "no lag profile 'slow'"),
        ("engagement.busy.open = 3", "3 is not a valid rate"),
        ("engagement.busy = 3", "write engagement profiles as tables"),
        ("extends = 'none'", "key 'extends': 'none' is not one of default, nothing."),
        ("extends = 'nothing'", "0 lists say is_all_subscribers"),
        ("list = 3", "[[list]]: write the table's name in double brackets"),
        ("list = [3]", "[[list]] 1: 3 is not a table"),
        ("[[list]]\nnam = 'x'", "[[list]] 1: there is no key 'nam'. Did you mean 'name'?"),
        ("[[list]]\ntype = 'Public'", "[[list]] 1: the key 'name' is missing. Add it."),
        ("[[list]]\nname = ' '", "[[list]] 1 ( ), key 'name': it is empty."),
        (
            "[[list]]\nname = 'x'\ntype = 'Publc'",
            "[[list]] 1 (x), key 'type': 'Publc' is not one of Public, Private, SalesForce. "
            "Did you mean Public?",
        ),
        (
            "[[list]]\nname = 'x'\nfolder = 'lists_default'",
            "[[list]] (x), key 'folder': there is no [[folder]] 'lists_default'. "
            "Did you mean 'list_default'?",
        ),
        (
            "[[list]]\nname = 'x'\nfolder = 'email_default'",
            "key 'folder': 'my emails' is a folder for email.",
        ),
        ("[[list]]\nname = 'x'\nmembers = ['ada']", "there is no [[subscriber]] 'ada'"),
        ("[[list]]\nname = 'x'\nmembers = 'ada'", "'ada' is not a list"),
        (
            "[[list]]\nname = 'x'\n[[list]]\nname = 'X'",
            "[[list]] (x): there are two entries called 'x'.",
        ),
        (
            "[[sender_profile]]\nkey = 'a'\nname = 'A'\nobject_id = '1'\n"
            "[[sender_profile]]\nkey = 'b'\nname = 'B'\nobject_id = '1'",
            "key 'object_id': 1 stands at another entry, too.",
        ),
        (
            "[[folder]]\nname = 'x'\ncontent_type = 'emal'",
            "key 'content_type': 'emal' is not known. Did you mean email?",
        ),
        (
            "folder = [{name = 'a', content_type = 'email', parent = 'b'},"
            " {name = 'b', content_type = 'email', parent = 'a'}]",
            "the folders are their own ancestors",
        ),
        (
            "folder = [{name = 'a', content_type = 'email', parent = 'list_default'}]",
            "'my lists' is a folder for list, not for email",
        ),
        ("[[subscriber]]\nemail = 'ada'", "key 'email': 'ada' is not an address"),
        ("[[subscriber]]\nemail = 'a@b.cd'\nid = 5", "key 'id': 5 is too small"),
        (
            "[[subscriber]]\nemail = 'a@b.cd'\nattributes = {'First Nam' = 'A'}",
            "there is no attribute 'First Nam'. Did you mean 'First Name'?",
        ),
        (
            "[[subscriber]]\nemail = 'a@b.cd'\nattributes = {'First Name' = ['A']}",
            "Give a text, a number, a date or a flag.",
        ),
        (
            "[[triggered_send_definition]]\nkey = 'a'\nname = 'A'\nemail = 3",
            "there is no [[email]] 3. Add a [[email]], or name one of: 'send-logging-example'",
        ),
    ],
)
def test_invalid_entries_are_named_with_what_to_change(text: str, said: str) -> None:
    assert said in problem(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[[profile_attribute]]\nname = '1x'",
            "[[profile_attribute]] (1x): the service would refuse it with 67003, ",
        ),
        (
            "[[data_extension]]\nname = 'x'",
            "[[data_extension]] (x): the service would refuse it with 310007, ",
        ),
        (
            "[[data_extension]]\nname = 'x'\nfields = [{name = 'A', type = 'Number'}]\n"
            "rows = [{A = 1}, {A = 'one'}]",
            "row 2: A: The value for column [A] is not a valid number.",
        ),
        (
            "[[subscriber]]\nemail = 'a@b.cd'\nattributes = {'First Name' = '" + "x" * 51 + "'}",
            "is too long. Give at most 50 characters.",
        ),
        (
            "[[profile_attribute]]\nname = 'Age'\ntype = 'double'\n"
            "[[subscriber]]\nemail = 'a@b.cd'\nattributes = {Age = 'x'}",
            "attribute 'Age': 'x' is wrong. Give a double.",
        ),
        (
            "[[list]]\nname = 'x'\nmembers = ['a@b.cd']\n"
            "[[subscriber]]\nemail = 'a@b.cd'\nlists = ['x']",
            "[[list]] (x), key 'members': 'a@b.cd' is given twice.",
        ),
        (
            "[[subscriber]]\nemail = 'a@b.cd'\n"
            "lists = [{list = 'All Subscribers', status = 'Held'}]",
            "Give the subscriber status = 'Held' instead.",
        ),
        (
            "[[account_user]]\nname = 'E'\nroles = ['r', 'Readers']\n[[role]]\nkey = 'r'\nname = 'Readers'",
            "[[account_user]] (e), key 'roles': 'Readers' is given twice. Give it once.",
        ),
        (
            "[[account_user]]\nname = 'E'\npermissions = [{id = 1}, {id = 1}]",
            "[[account_user]] (e), key 'permissions': 1 is given twice. Give it once.",
        ),
        (
            "[[role]]\nkey = 'r'\nname = 'R'\npermission_sets = '{\"type\": \"Role.PermissionSets\", "
            '"PermissionSet": [{"type": "PermissionSet", "PermissionSets": 3}]}\'',
            "[[role]] (r), permission_sets: it is not what an export writes.",
        ),
        (
            "[[email]]\nkey = 'e'\nname = 'E'\n[[email_send_definition]]\nkey = 'd'\nname = 'D'\nemail = 'e'\n"
            "send_window_open = '25:00'",
            "(d): the service would refuse it with 42108, ESD_Send Window Open Invalid. Change",
        ),
        (
            "list = [{name = 'x'}, {name = 'y', key = 'x - 412'}]",
            "another list has the key 'x - 412'",
        ),
    ],
)
def test_entries_that_the_account_refuses_leave_nothing_behind(text: str, said: str) -> None:
    db = Database()
    account = Account(db)

    with pytest.raises(SetupError) as refused:
        load(account, parse_seed(text, "seed.toml"))

    assert said in str(refused.value)
    assert [table for table in HELD if db.count(table)] == []
    db.close()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[account]\nname = "a\\u0000b"\n',
            "seed, account, name: a text holds the character U+0000",
        ),
        ('[[list]]\nname = "a\\u0001b"\n', "seed, list, name: a text holds the character U+0001"),
        ('[[list]]\n"a\\u0000b" = 1\n', "seed, list: a text holds the character U+0000"),
        ('[account]\nname = "\ud800"\n', "the character U+D800"),
    ],
)
def test_a_character_that_no_answer_can_hold_is_refused(text: str, said: str) -> None:
    with pytest.raises(SetupError) as refused:
        parse_seed(text)

    assert said in str(refused.value)


@pytest.mark.parametrize("name", ["a\0b.toml", "\ud800.toml"])
def test_an_invalid_file_name_is_refused(name: str) -> None:
    with pytest.raises(SetupError, match="cannot be read"):
        read_seed(name)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(SetupError, match=r"nowhere\.toml cannot be read: No such file"):
        read_seed("nowhere.toml")


def test_a_file_that_is_no_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin.toml"
    path.write_bytes(b"account.name = '\xe9'")

    with pytest.raises(SetupError, match=r"latin\.toml cannot be read: .* that it is UTF-8"):
        read_seed(path)


# From an account to a file.


@pytest.mark.parametrize("text", ["", example()], ids=["default", "documented"])
def test_a_dump_makes_the_same_account(make: Callable[[str], Account], text: str) -> None:
    account = make(text)
    account.change_clock(lambda clock: clock.freeze())

    again = make(dump(account))

    assert contents(again) == contents(account)
    assert again.now() == account.now()


def test_a_dump_of_a_dump_is_the_same_text(make: Callable[[str], Account]) -> None:
    text = dump(make(example()))

    assert dump(make(text)) == text


def test_objects_made_by_calls_are_dumped_too(make: Callable[[str], Account]) -> None:
    account = make(example())
    account.db.update("folder", {"customer_key": None}, customer_key="userinitiatedsends_default")
    account.db.update("subscriber", {"subscriber_key": "countess"}, subscriber_key="ada")
    account.db.update("sender_profile", {"object_id": "0" * 36}, customer_key="Default")
    account.db.update("profile_attribute", {"id": 999_999}, name="First Name")

    again = make(dump(account))

    assert contents(again) == contents(account)


def test_a_clock_that_was_set_runs_on_from_where_it_was(make: Callable[[str], Account]) -> None:
    account = make('account.clock = "running from 2040-01-01T12:00:00"')

    again = make(dump(account))

    assert again.clock.running
    assert abs((again.now() - account.now()).total_seconds()) < 60


def test_a_clock_that_was_never_set_shows_the_real_time_in_the_copy_too(
    make: Callable[[str], Account],
) -> None:
    assert "clock" not in dump(make(""))


def test_deleted_definitions_are_not_dumped(make: Callable[[str], Account]) -> None:
    account = make(example())
    account.db.update("triggered_send_definition", {"status": "Deleted"})

    assert "triggered_send_definition" not in dump(account)


# The documentation.


def test_every_table_and_key_is_documented() -> None:
    text = DOCS.read_text(encoding="utf-8")
    objects = DOCS.with_name("coverage.md").read_text(encoding="utf-8")

    assert "### `[account]`" in text
    for table in tables().values():
        assert f"`[[{table.name}]]`" in text + objects


@pytest.mark.parametrize("said", ["junk", "[1]", "{}", '[{"a": 1}]', "[" * 100_000])
def test_parts_of_an_object_that_are_none_are_refused(said: str) -> None:
    db = Database()

    with pytest.raises(SetupError, match="'field_maps': it is not what an export writes"):
        load(
            Account(db),
            parse_seed(
                '[[list]]\nname = "News"\n'
                '[[import_definition]]\nkey = "i"\nname = "I"\nfile_spec = "a"\nlist = "News"\n'
                f"field_maps = '{said}'\n"
            ),
        )

    db.close()


@pytest.mark.parametrize(
    "text",
    [
        '[[list]]\nname = "a\\nb"\nmid = 1',
        '[[list]]\nname = "A"\nkey = "a\\nb"\nfolder = "none"',
        '[[business_unit]]\nname = "a\\nb"\nparent = "none"',
        '[[chaos]]\nname = "a\\nb"\nstatus = 1',
    ],
)
def test_a_name_of_several_lines_is_one_line_in_a_message(text: str) -> None:
    with pytest.raises(SetupError) as refused:
        parse_seed(text)

    assert "\n" not in str(refused.value)
    assert "a\\nb" in str(refused.value)
