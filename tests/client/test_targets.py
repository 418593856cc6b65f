"""The two targets: recipients, waiting, and features that only the mock has."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import urllib3

from sfmc_client import (
    APIObject,
    BounceEvent,
    Client,
    ConfigurationError,
    NotInTime,
    OAuth,
    RetrieveFailed,
    ServiceUnavailable,
    TrackingFlow,
    UsernameToken,
)
from sfmc_client.environment import Connection
from sfmc_client.testing import (
    ROLES,
    Emulator,
    EmulatorError,
    EmulatorFailed,
    MockAccount,
    MockSettings,
    MockTarget,
    RealTarget,
)
from sfmc_client.testing.configuration import read_configuration
from sfmc_client.testing.emulators import own_emulator, shared_emulator
from sfmc_mock.environment import ENVIRONMENT
from sfmc_mock.operations import OPERATIONS

WHAT_HAPPENS = {
    "receives": "SentEvent",
    "opens": "OpenEvent",
    "clicks": "ClickEvent",
    "forwards": "ForwardedEmailEvent",
    "unsubscribes": "UnsubEvent",
    "unsubscribes-from-all": "UnsubEvent",
    "complains": "UnsubEvent",
    "hard-bounces": "BounceEvent",
    "soft-bounces": "BounceEvent",
    "block-bounces": "BounceEvent",
    "is-held": "NotSentEvent",
    "is-unsubscribed": "NotSentEvent",
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with own_emulator(MockSettings()) as emulator:
        yield emulator


@pytest.fixture
def account(emulator: Emulator) -> Iterator[MockAccount]:
    with emulator.account() as account:
        yield account


CALLERS = """
version = 1
[[package]]
client_id = "reporting"
client_secret = "report"
scope = "tracking_events_read"
[[api_user]]
username = "editor"
password = "edit"
[[role]]
key = "readers"
name = "Readers"
permissions = [{object_type = "Email", operation = "read", is_denied = true}]
[[account_user]]
user_id = "editor"
name = "Editor"
email = "editor@mock.test"
roles = ["readers"]
"""


@pytest.fixture(scope="module")
def with_callers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    root = tmp_path_factory.mktemp("callers")
    (root / "account.toml").write_text(CALLERS, encoding="utf-8")
    with own_emulator(MockSettings(seed="account.toml"), root=root) as emulator:
        yield emulator


def test_the_callers_of_a_seed_have_their_limits_in_each_account(with_callers: Emulator) -> None:
    with with_callers.account() as one, with_callers.account() as other:
        for account in (one, other):
            report = Client(account.url, auth=OAuth(*account.package("reporting")))
            editor = Client(account.url, auth=UsernameToken(*account.user("editor")))
            for client in (report, editor):
                assert not list(client.retrieve("SentEvent", ["SubscriberKey"]))
                with pytest.raises(RetrieveFailed, match="API Permission Failed"):
                    list(client.retrieve("Email", ["Name"]))

        with pytest.raises(EmulatorError, match=r"no \[\[package\]\] 'report'.*It has: reporting"):
            one.package("report")


OF_THE_UNIT = """
[[account_user]]
user_id = "bob"
name = "Bob"
email = "bob@mock.test"
roles = ["readers"]
[[business_unit]]
name = "North"
[[business_unit.api_user]]
username = "bob"
password = "build"
[[business_unit.package]]
client_id = "reporting"
client_secret = "of the unit"
[[business_unit.package]]
client_id = "northern"
client_secret = "north"
"""


def test_the_callers_of_a_business_unit_are_found_with_their_roles(
    with_callers: Emulator,
) -> None:
    with seeded(with_callers, CALLERS + OF_THE_UNIT) as account:
        bob = Client(account.url, auth=UsernameToken(*account.user("bob")))
        north = Client(account.url, auth=OAuth(*account.package("northern")))

        with pytest.raises(RetrieveFailed, match="API Permission Failed"):
            list(bob.retrieve("Email", ["Name"]))
        assert list(north.retrieve("Email", ["Name"]))
        assert account.package("reporting") == (f"reporting.{account.mid}", "report")
        with pytest.raises(EmulatorError, match="It has: editor, bob"):
            account.user("nobody")


@pytest.mark.parametrize(
    ("seed", "caller"),
    [
        pytest.param(CALLERS.replace("editor", "user"), "user", id="user"),
        pytest.param(CALLERS.replace("reporting", "client"), "client", id="package"),
    ],
)
def test_callers_of_a_seed_can_be_called_as_those_of_an_account(
    with_callers: Emulator, seed: str, caller: str
) -> None:
    with seeded(with_callers, seed) as account:
        own = account.credentials
        limited = (
            UsernameToken(*account.user("user"))
            if caller == "user"
            else OAuth(*account.package("client"))
        )
        for auth in (
            UsernameToken(own["username"], own["password"]),
            OAuth(own["client_id"], own["client_secret"]),
        ):
            assert list(Client(account.url, auth=auth).retrieve("Email", ["Name"]))
        with pytest.raises(RetrieveFailed, match="API Permission Failed"):
            list(Client(account.url, auth=limited).retrieve("Email", ["Name"]))


def test_callers_of_a_seed_can_be_called_as_the_default_ones(with_callers: Emulator) -> None:
    seed = CALLERS.replace("editor", "mock-user").replace("reporting", "mock-client-id")
    seed = seed.replace('scope = "tracking_events_read"', "")
    with seeded(with_callers, seed) as account:
        assert account.user("mock-user") == (f"mock-user.{account.mid}", "edit")
        assert account.package("mock-client-id") == (f"mock-client-id.{account.mid}", "report")


def test_a_role_of_a_user_called_user_is_not_that_of_the_default_one(
    with_callers: Emulator,
) -> None:
    seed = CALLERS.replace('user_id = "editor"', 'user_id = "user"')
    with seeded(with_callers, seed) as account:
        own = account.credentials
        default = Client(account.url, auth=UsernameToken(own["username"], own["password"]))

        assert list(default.retrieve("Email", ["Name"]))


@contextmanager
def seeded(emulator: Emulator, seed: str) -> Iterator[MockAccount]:
    """Yield an account of a seed of its own."""
    said = emulator.control.post("/accounts", {"seed": seed})
    yield MockAccount(emulator.control, said)
    emulator.control.delete(f"/accounts/{said['mid']}")


def test_an_error_of_a_seed_file_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "wrong.toml").write_text("version = 1\n[[emial]]\n", encoding="utf-8")

    with (
        own_emulator(MockSettings(seed="wrong.toml"), root=tmp_path) as emulator,
        pytest.raises(EmulatorError, match=r"^wrong\.toml: there is no table or key 'emial'"),
        emulator.account(),
    ):
        pass


def test_files_are_put_into_the_ftp_folder_and_got(account: MockAccount) -> None:
    account.files.put("import/people ä.csv", "Key\nä\n")

    assert account.files.names == ["import/people ä.csv"]
    assert account.files.get("import/people ä.csv") == "Key\nä\n".encode()
    assert (account.files.folder / "import" / "people ä.csv").is_file()
    account.files.remove("import/people ä.csv")
    with pytest.raises(EmulatorError, match="no file"):
        account.files.get("import/people ä.csv")


@pytest.fixture
def target(emulator: Emulator, account: MockAccount) -> Iterator[MockTarget]:
    target = MockTarget(emulator, account)
    yield target
    target.close()
    emulator.check(account)


@pytest.fixture
def real(tmp_path: Path) -> RealTarget:
    """A tenant that is never called: only its mailboxes matter."""
    path = tmp_path / "tenant.toml"
    path.write_text(
        '[tenant]\nmid = 42\nendpoint = "http://127.0.0.1:9"\nusername = "u"\npassword = "p"\n'
        '[rails]\nrecipients = ["*@qa.example.com"]\n[mailboxes]\nopens = "ada@qa.example.com"\n'
    )
    settings = read_configuration(path, environ={})

    def skip(reason: str) -> None:
        raise LookupError(reason)

    return RealTarget(settings, settings.transport(), skip=skip)  # type: ignore[arg-type]


# Recipients.


@pytest.mark.parametrize("role", ROLES)
def test_every_role_has_its_documented_outcome(target: MockTarget, role: str) -> None:
    sent = target.flow.send("welcome", to=target.recipient(role))

    assert target.wait_for(WHAT_HAPPENS[role], sent).batch_id == sent.batch_id


def test_the_mock_has_a_fresh_recipient_each_time(target: MockTarget) -> None:
    assert target.recipient("opens") != target.recipient("opens")


def test_a_tenant_has_the_mailbox_of_its_configuration(real: RealTarget) -> None:
    assert real.recipient("opens") == "ada@qa.example.com"


def test_a_mailbox_that_is_missing_skips_with_the_line_to_add(real: RealTarget) -> None:
    with pytest.raises(
        LookupError, match=r'add the line   clicks = "ADDRESS"   under \[mailboxes\] in .*tenant'
    ):
        real.recipient("clicks")


@pytest.mark.parametrize("name", ["target", "real"])
def test_a_misspelt_role_is_an_error_on_both(request: pytest.FixtureRequest, name: str) -> None:
    """If it were skipped, the test would never run."""
    with pytest.raises(ConfigurationError, match=r"no role 'open'\. Did you mean 'opens'"):
        request.getfixturevalue(name).recipient("open")


# Waiting on the mock.


def test_the_clock_goes_on_to_the_event_and_no_further(target: MockTarget) -> None:
    sent = target.flow.send("welcome", to="ada+open+click+after-2h@mock.test")
    before = target.clock.now

    opened = target.wait_for("OpenEvent", sent)

    assert opened.event_date == target.clock.now == before + timedelta(hours=2)


def test_an_event_is_waited_for_until_it_shows(target: MockTarget) -> None:
    """It happens at once, and a Retrieve shows it after twenty minutes."""
    sent = target.flow.send("welcome", to="ada+open+lag-20m@mock.test")
    before = target.clock.now

    opened = target.wait_for("OpenEvent", sent)

    assert opened.event_date == before
    assert target.clock.now == before + timedelta(minutes=20)


def test_a_visible_event_does_not_move_the_clock(target: MockTarget) -> None:
    sent = target.flow.send("welcome", to=target.recipient("opens"))
    before = target.clock.now

    target.wait_for("OpenEvent", sent)

    assert target.clock.now == before


@pytest.mark.parametrize("bounce", ["softbounce", "technicalbounce", "hardbounce"])
def test_every_kind_of_bounce_is_a_bounce_event(target: MockTarget, bounce: str) -> None:
    sent = target.flow.send("welcome", to=f"ada+{bounce}+after-3d@mock.test")

    assert target.wait_for(BounceEvent, sent).send_id == sent.job_id


def test_an_event_that_will_never_come_is_reported_at_once_with_the_reason(
    target: MockTarget,
) -> None:
    sent = target.flow.send("welcome", to=target.recipient("is-held"))
    before = target.clock.now

    with pytest.raises(NotInTime, match=r"none will come\.\n.*Not sent, code 2 \(Held\)"):
        target.wait_for("OpenEvent", sent)

    assert target.clock.now == before


def test_a_timeout_is_time_on_the_account_s_clock(target: MockTarget) -> None:
    sent = target.flow.send("welcome", to="ada+open+after-2h@mock.test")
    before = target.clock.now

    with pytest.raises(NotInTime, match=r"within 3600 s: it is visible at .*, 2:00:00 after"):
        target.wait_for("OpenEvent", sent, timeout=3600)

    assert target.clock.now == before + timedelta(hours=1)


def test_an_event_that_a_test_plans_itself_is_waited_for(target: MockTarget) -> None:
    sent = target.flow.send("welcome", to=target.recipient("receives"))
    send_id = int(target.account.sends()[0]["id"])
    target.account.happen("open", send_id, after="3d")
    before = target.clock.now

    target.wait_for("OpenEvent", sent)

    assert target.clock.now == before + timedelta(days=3)


def test_a_message_in_the_queue_of_a_paused_definition_is_explained(target: MockTarget) -> None:
    flow = TrackingFlow(
        target.client, waiting=target.flow.waiting, recipe=target.server.settings.recipe
    )
    flow.set_up("welcome")
    paused = {"CustomerKey": "welcome", "TriggeredSendStatus": "Inactive"}

    target.client.update(APIObject("TriggeredSendDefinition", paused))
    unique_id = flow.trigger("welcome", target.recipient("opens"))

    with pytest.raises(NotInTime, match=r"No row of the send log .*\n.*Queued"):
        flow.found(unique_id)


def test_a_message_that_was_never_sent_is_not_waited_for(target: MockTarget) -> None:
    target.flow.set_up_send_log()

    with pytest.raises(
        NotInTime, match=r"none will come\. There is no message for unique id 'nix'"
    ):
        target.flow.found("nix")


# The account.


def test_a_clock_names_the_parts_of_a_duration(target: MockTarget) -> None:
    with pytest.raises(TypeError, match="A duration has no dayz"):
        target.clock.advance(dayz=1)


def test_a_frozen_clock_only_moves_when_advanced(target: MockTarget) -> None:
    first = target.clock.now

    moved = [
        target.clock.advance("2h"),
        target.clock.advance(timedelta(minutes=30)),
        target.clock.advance(days=1),
        target.clock.set(first + timedelta(days=2)),
    ]

    assert [moment - first for moment in moved] == [
        timedelta(hours=2),
        timedelta(hours=2, minutes=30),
        timedelta(days=1, hours=2, minutes=30),
        timedelta(days=2),
    ]
    assert not target.clock.running


def test_a_clock_can_run(target: MockTarget) -> None:
    target.clock.run()

    assert target.clock.running
    target.clock.freeze()
    assert not target.clock.running


def test_why_a_message_went_as_it_did_is_reported(target: MockTarget) -> None:
    sent = target.flow.send("welcome", to=target.recipient("is-held"))

    explanation = target.explain(sent)

    assert (explanation.outcome, explanation.code) == ("not sent", 2)
    assert "Held" in str(explanation)
    assert [event.type for event in explanation.events] == ["NotSent"]


def test_an_account_can_go_back_to_a_checkpoint(target: MockTarget) -> None:
    target.account.checkpoint()
    target.flow.send("welcome", to=target.recipient("opens"))

    target.account.restore()

    assert target.account.sends() == []
    assert target.flow.send("welcome", to=target.recipient("opens")).batch_id == 1


def test_sent_messages_can_be_asserted(target: MockTarget) -> None:
    """The program under test may have sent them through its own client."""
    address = target.recipient("opens")
    target.flow.send("welcome", to=address, attributes={"First Name": "Ada"})
    journal = target.account.journal

    journal.assert_sent(to=address, definition="welcome", attributes={"First Name": "Ada"})
    with pytest.raises(AssertionError, match=r"expected 1 or more, got 0\. Nearest:"):
        journal.assert_sent(to=address, definition="welcome", attributes={"First Name": "Eve"})


def test_accounts_know_nothing_of_each_other(emulator: Emulator, target: MockTarget) -> None:
    target.flow.send("welcome", to=target.recipient("opens"))

    with emulator.account() as other:
        assert other.sends() == []
        assert other.mid != target.account.mid


def test_a_program_in_another_process_finds_the_account_by_its_environment(
    target: MockTarget,
) -> None:
    with Connection.read(target.account.environ).open() as client:
        sent = TrackingFlow(client, recipe=target.server.settings.recipe).send(
            "welcome", target.recipient("opens")
        )

    assert target.explain(sent).outcome == "sent"


def test_the_environment_of_an_account_is_that_of_exec(
    target: MockTarget, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = target.account
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)

    plain = account.environ
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:3128")
    monkeypatch.setenv("no_proxy", "intranet.test")
    behind_a_proxy = account.environ

    assert sorted(plain) == sorted(set(ENVIRONMENT) - {"SFMC_MOCK_CONTROL_TOKEN"})
    assert plain["SFMC_WSDL_URL"] == target.server.wsdl_url
    assert plain["SFMC_ACCOUNT_ID"] == plain["SFMC_MID"] == str(account.mid)
    assert behind_a_proxy["no_proxy"] == "intranet.test,127.0.0.1,localhost"


def test_the_environment_of_an_account_leads_through_an_emulator_that_intercepts() -> None:
    settings = MockSettings(server={"intercept": True})
    with own_emulator(settings) as emulator, emulator.account() as account:
        environ = account.environ
        url = f"https://{environ['SFMC_TENANT']}.auth.marketingcloudapis.com/v2/token"
        trusted = Path(environ["SSL_CERT_FILE"]).read_text("utf-8")

        assert environ["HTTPS_PROXY"] == emulator.base_url
        assert environ["SFMC_CLIENT_ID"] == account.credentials["client_id"]
        context = ssl.create_default_context(cadata=trusted)
        with urllib3.ProxyManager(environ["HTTPS_PROXY"], ssl_context=context) as proxy:
            asked = {
                "grant_type": "client_credentials",
                "client_id": environ["SFMC_CLIENT_ID"],
                "client_secret": environ["SFMC_CLIENT_SECRET"],
            }
            assert proxy.request("POST", url, json=asked).status == 200


def test_a_seed_file_is_looked_for_below_the_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "seed.toml").write_text('version = 1\n[[subscriber]]\nemail = "ada@mock.test"\n')
    monkeypatch.chdir(tmp_path / "elsewhere")

    with (
        own_emulator(MockSettings(seed="seed.toml"), root=tmp_path) as emulator,
        emulator.account() as account,
    ):
        target = MockTarget(emulator, account)
        found = target.client.retrieve("Subscriber", ["SubscriberKey"]).all()
        target.close()

    assert [each["SubscriberKey"] for each in found] == ["ada@mock.test"]


def test_an_account_begins_as_the_settings_say(tmp_path: Path) -> None:
    seed = tmp_path / "seed.toml"
    seed.write_text('version = 1\n[[email]]\nid = 77\nname = "Hello"\nsubject = "Hello"\n')
    settings = MockSettings(
        strict=True, seed=seed, engagement="typical", lag="worst", clock="2020-05-01T12:00:00"
    )

    with own_emulator(settings) as emulator, emulator.account() as account:
        target = MockTarget(emulator, account)
        made = target.flow.define("hello", email_id=77)
        target.close()
        now = account.clock.now

    assert made
    assert now.isoformat() == "2020-05-01T12:00:00-06:00"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, r"seed\.toml cannot be read: No such file.*sfmc_settings"),
        ("version =", r"seed\.toml is not valid TOML"),
        ("version = 1\n[account]\nmid = 'x'", "mid"),
    ],
)
def test_a_seed_that_cannot_be_used_is_reported(
    tmp_path: Path, content: str | None, said: str
) -> None:
    seed = tmp_path / "seed.toml"
    if content is not None:
        seed.write_text(content)

    with (
        own_emulator(MockSettings(seed=seed)) as emulator,
        pytest.raises(EmulatorError, match=said),
        emulator.account(),
    ):
        pass


def test_a_seed_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    seed = tmp_path / "seed.toml"
    seed.write_text("\ufeffversion = 1\n[[list]]\nname = 'News'\n", encoding="utf-8")

    with own_emulator(MockSettings(seed=seed)) as emulator, emulator.account() as account:
        client = Client(
            account.url,
            auth=OAuth(account.credentials["client_id"], account.credentials["client_secret"]),
        )
        names = [each.text("ListName") for each in client.retrieve("List", ["ListName"])]

    assert "News" in names


def test_a_server_that_cannot_be_set_up_so_is_reported() -> None:
    with (
        pytest.raises(EmulatorError, match="cannot be started with the settings in sfmc_settings"),
        own_emulator(MockSettings(server={"tls_cert": "/nowhere.pem"})),
    ):
        pass


# An emulator in another process.


def test_a_shared_emulator_gives_out_accounts_too(emulator: Emulator) -> None:
    with shared_emulator(emulator.url, MockSettings()) as shared, shared.account() as account:
        target = MockTarget(shared, account)
        sent = target.flow.send("welcome", to=target.recipient("opens"))

        assert target.wait_for("OpenEvent", sent).send_id == sent.job_id
        with pytest.raises(EmulatorError, match=r"Use calls\(\) and sends\(\)"):
            assert account.journal
        target.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (
            "http://127.0.0.1:9",
            r"No server answers at .* \(Connection refused\)\. Start one with `sfmc-mock serve`, or leave",
        ),
        ("127.0.0.1:8025", "is not the address of an emulator"),
    ],
)
def test_a_missing_emulator_is_reported(url: str, said: str) -> None:
    with pytest.raises(EmulatorError, match=said), shared_emulator(url, MockSettings()):
        pass


def test_a_report_on_a_shared_emulator_leaves_out_the_accounts_of_others(
    emulator: Emulator,
) -> None:
    with shared_emulator(emulator.url, MockSettings()) as shared:
        mark = shared.mark()
        with emulator.account() as theirs, shared.account() as ours:
            for account in (theirs, ours):
                target = MockTarget(emulator, account)
                target.client.get_system_status()
                target.close()

            assert [each.mid for each in shared.accounts_since(mark)] == [ours.mid]
            assert {each.mid for each in emulator.accounts_since(mark)} == {ours.mid, theirs.mid}


def test_settings_of_a_server_that_runs_already_are_refused(emulator: Emulator) -> None:
    with (
        pytest.raises(EmulatorError, match="the server runs already"),
        shared_emulator(emulator.url, MockSettings(page_size=5)),
    ):
        pass


# Errors of the emulator itself.


@pytest.mark.parametrize("where", ["this process", "another process"])
def test_a_failure_of_the_emulator_itself_is_raised_once(
    emulator: Emulator, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("a mistake in the emulator")

    with shared_emulator(emulator.url, MockSettings()) as shared:
        watching = emulator if where == "this process" else shared
        with watching.account() as account:
            target = MockTarget(watching, account)
            with monkeypatch.context() as patch:
                patch.setitem(OPERATIONS, "VersionInfo", broken)
                with pytest.raises(ServiceUnavailable):
                    target.client.version_info()
            target.close()

            with pytest.raises(
                EmulatorFailed, match="an error of the emulator, not of the test"
            ) as failure:
                watching.check(account)

            watching.check(account)
    shown = f"{failure.value} {failure.value.__cause__}"
    assert "a mistake in the emulator" in shown
    if where == "another process":
        with pytest.raises(EmulatorFailed):
            emulator.check(None)


# Features that only the mock has.


@pytest.mark.parametrize("name", ["clock", "explain", "account", "server"])
def test_a_tenant_names_missing_features_and_their_marker(real: RealTarget, name: str) -> None:
    with pytest.raises(AttributeError, match=f"no {name}. Mark the test with @pytest.mark.sfmc_m"):
        getattr(real, name)

    assert not hasattr(real, name)


def test_a_typo_is_only_a_typo(real: RealTarget) -> None:
    with pytest.raises(AttributeError, match=r"A real tenant has no flwo\.$"):
        real.flwo  # noqa: B018


def test_no_credential_is_shown(target: MockTarget, real: RealTarget) -> None:
    shown = f"{target!r} {target.account!r} {target.client!r} {real!r}"

    assert target.account.credentials["password"] not in shown
