"""The pytest plugin in a project that uses it; most runs take place in this process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.support.https_tenant import HttpsTenant, https_tenant

from sfmc_client.testing import MockSettings
from sfmc_client.testing.emulators import own_emulator
from sfmc_conformance.leak_check import check_folder

# Each test starts a program.
pytestmark = pytest.mark.slow

FLOW = """
    def test_the_welcome_mail_is_opened(sfmc):
        sent = sfmc.flow.send("welcome", to=sfmc.recipient("opens"))

        opened = sfmc.wait_for("OpenEvent", sent)

        assert opened.subscriber_key == sent.subscriber_key
        assert opened.send_id == sent.job_id
"""


@pytest.fixture(scope="module")
def tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsTenant]:
    with https_tenant(tmp_path_factory.mktemp("tenant")) as tenant:
        yield tenant


@pytest.fixture
def project(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.Pytester:
    """An empty project, without any configuration for Marketing Cloud."""
    for name in ("SFMC_TARGET", "SFMC_CONFIG", "SFMC_MOCK_URL", "PYTEST_ADDOPTS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("PYTHONSAFEPATH", "1")
    pytester.makeini("[pytest]\naddopts = --strict-markers -p no:cacheprovider\n")
    return pytester


@pytest.fixture
def configuration(tenant: HttpsTenant, tmp_path: Path) -> Path:
    """A configuration of the tenant, beside the project."""
    tenant.reset()
    return tenant.configure(tmp_path / "tenant.toml")


def run(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return project.runpytest_inprocess(*arguments)


def run_alone(project: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    """Run the project's tests in a separate process."""
    return project.runpytest_subprocess(*arguments)


# Runs that do not use the plugin.


def test_loading_the_plugin_loads_nothing_that_takes_time() -> None:
    code = (
        "import sys, pytest; before = set(sys.modules);"
        "import sfmc_client.testing.plugin, sfmc_conformance.pytest_plugin;"
        "print(sorted(name for name in set(sys.modules) - before))"
    )

    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert loaded.stdout.strip() == (
        "['sfmc_client', 'sfmc_client.testing', 'sfmc_client.testing.plugin', "
        "'sfmc_conformance', 'sfmc_conformance.pytest_plugin']"
    )


def test_a_run_that_does_not_use_it_loads_none_of_it(project: pytest.Pytester) -> None:
    """The plugin's hooks import nothing else."""
    project.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            heavy = {"sfmc_mock", "spyne", "lxml", "urllib3", "click", "rich"}
            assert heavy & set(sys.modules) == set()
            assert [name for name in sys.modules if name.startswith("sfmc_client")] == [
                "sfmc_client", "sfmc_client.testing", "sfmc_client.testing.plugin"
            ]
        """
    )

    run_alone(project).assert_outcomes(passed=1)


def test_the_options_are_explained(project: pytest.Pytester) -> None:
    result = run(project, "--help")

    result.stdout.fnmatch_lines(["*Marketing Cloud (sfmc-mock):*", "*--sfmc-target={mock,real}*"])


# On the mock.


def test_the_opening_test_of_the_readme_passes(project: pytest.Pytester) -> None:
    project.makepyfile(FLOW)

    run_alone(project).assert_outcomes(passed=1)


def test_every_test_has_an_account_of_its_own(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(5))
        def test_the_account_is_fresh(sfmc, number):
            sfmc.flow.send("welcome", to="ada@mock.test")
            assert len(sfmc.account.sends()) == 1
        """
    )

    run(project).assert_outcomes(passed=5)


@pytest.mark.parametrize("shared", [False, True], ids=["one server each", "one server shared"])
def test_processes_do_not_disturb_each_other(
    project: pytest.Pytester, shared: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(8))
        def test_the_account_is_fresh(sfmc, number):
            sent = sfmc.flow.send("welcome", to=sfmc.recipient("opens"))
            sfmc.wait_for("OpenEvent", sent)
            assert sent.batch_id == 1
        """
    )
    with own_emulator(MockSettings()) as emulator:
        if shared:
            monkeypatch.setenv("SFMC_MOCK_URL", emulator.base_url)
        result = run_alone(project, "-n", "2")
        calls = emulator.control.get("/journal", limit=1000)["matching"]

    result.assert_outcomes(passed=8)
    assert (calls > 0) == shared


def test_settings_are_a_fixture_to_override(project: pytest.Pytester) -> None:
    project.makeconftest(
        """
        import pytest
        from sfmc_client.testing import MockSettings

        @pytest.fixture(scope="session")
        def sfmc_settings():
            return MockSettings(strict=True, clock="2030-01-01T00:00:00")
        """
    )
    project.makepyfile(
        """
        import pytest
        from sfmc_client import OperationFailed

        def test_a_blocked_address_is_refused_as_in_production(sfmc):
            with pytest.raises(OperationFailed, match="List Detective"):
                sfmc.flow.send("welcome", to="help@example.com")
            assert sfmc.clock.now.year == 2030
        """
    )

    run(project).assert_outcomes(passed=1)


def test_a_seed_file_is_relative_to_the_root_of_the_tests(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.makefile(".toml", account='version = 1\n[[email]]\nid = 77\nname = "Hello"\n')
    project.makeconftest(
        """
        import pytest
        from sfmc_client.testing import MockSettings

        @pytest.fixture(scope="session")
        def sfmc_settings():
            return MockSettings(seed="account.toml")
        """
    )
    project.makepyfile("def test_it(sfmc):\n    assert sfmc.flow.define('hello', email_id=77)\n")
    monkeypatch.chdir(project.mkdir("elsewhere"))

    run(project, str(project.path)).assert_outcomes(passed=1)


def test_the_server_and_an_account_can_be_used_by_themselves(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        from sfmc_client import Client, UsernameToken

        def test_any_client_can_call(sfmc_server, sfmc_account):
            own = sfmc_account.credentials
            auth = UsernameToken(own["username"], own["password"])
            with Client(sfmc_server.url, auth=auth) as client:
                assert client.get_system_status().ok
            assert len(sfmc_account.calls()) == 1
        """
    )

    run(project).assert_outcomes(passed=1)


def test_a_warning_of_the_emulator_fails_a_test_where_that_is_wanted(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        import pytest

        def test_clean(sfmc):
            sfmc.client.describe("List")
            assert sfmc.warnings == []

        def test_typo(sfmc):
            try:
                sfmc.client.describe("Lst")
            except Exception:
                pass
            assert len(sfmc.warnings) == 1
            assert "did you mean List" in sfmc.warnings[0]

        @pytest.mark.sfmc_warnings("show")
        def test_known(sfmc):
            test_typo(sfmc)

        @pytest.mark.sfmc_warnings("error")
        def test_strict(sfmc):
            test_typo(sfmc)

        @pytest.mark.sfmc_warnings("erorr")
        def test_wrong(sfmc):
            sfmc.client.describe("List")

        @pytest.mark.sfmc_warnings()
        def test_empty(sfmc):
            sfmc.client.describe("List")
        """
    )

    lenient = run(project)
    strict = run(project, "--sfmc-warnings=error")

    lenient.assert_outcomes(passed=3, failed=3)
    strict.assert_outcomes(passed=2, failed=4)
    strict.stdout.fnmatch_lines(
        ["*The emulator warned about requests of this test:", "*! *did you mean List*"]
    )
    strict.stdout.fnmatch_lines(['*unknown value. Write "error" or "show".*'])


def test_a_test_for_a_tenant_is_skipped_on_the_mock(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.sfmc_real_only
        def test_real():
            assert False
        """
    )

    result = run(project, "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["SKIPPED*sfmc_real_only: the target is mock"])


SOCKETS = """
    import socket
    import pytest
    from pytest_socket import SocketBlockedError, SocketConnectBlockedError

    def test_the_emulator_is_reached(sfmc):
        sent = sfmc.flow.send("welcome", to=sfmc.recipient("opens"))
        assert sfmc.wait_for("OpenEvent", sent)

    def test_no_other_host_is(sfmc):
        with socket.socket() as other, pytest.raises(SocketConnectBlockedError):
            other.connect(("192.0.2.1", 80))

    def test_no_socket_is_made_without_it():
        with pytest.raises(SocketBlockedError):
            socket.socket()

    def test_a_program_reaches_it(sfmc_server, sfmc_account):
        import urllib3

        with urllib3.PoolManager() as http:
            assert http.request("GET", sfmc_server.wsdl_url).status == 200
    """


@pytest.mark.parametrize("shared", [False, True])
def test_disable_socket_leaves_the_emulator_alone_to_be_reached(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    project.makepyfile(SOCKETS)
    with ExitStack() as stack:
        if shared:
            emulator = stack.enter_context(own_emulator(MockSettings()))
            monkeypatch.setenv("SFMC_MOCK_URL", emulator.base_url.replace("127.0.0.1", "localhost"))

        result = run_alone(project, "--disable-socket")

    result.assert_outcomes(passed=4)


def test_hosts_allowed_elsewhere_are_kept(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        def test_it(sfmc):
            sfmc.client.get_system_status()
        """
    )

    result = run_alone(project, "--disable-socket", "--allow-hosts=192.0.2.1")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*SocketConnectBlockedError*"])


# Reports of failing tests.


def test_the_report_of_a_failing_test_has_calls_timeline_and_explanation(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        def test_it_is_opened(sfmc):
            sent = sfmc.flow.send("welcome", to=sfmc.recipient("is-held"))
            sfmc.wait_for("OpenEvent", sent)
        """
    )

    result = run(project)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">       sfmc.wait_for*",
            "E * No OpenEvent for the message * none will come.",
            "*sfmc explain*",
            "*Not sent, code 2 (Held).",
            "*sfmc timeline (the clock stands at *",
            "*  NotSent of welcome to is-held-1+notsent-held@mock.test",
            "*sfmc exchanges (mock, account *",
            "#* Create TriggeredSend welcome * is-held-1+notsent-held@mock.test: OK",
            "    > <RetrieveRequestMsg*OpenEvent*",
            "*sfmc counts*",
            "12 calls, 1 send, 1 message: 1 not sent",
        ]
    )
    result.stdout.no_fnmatch_line("Everything: *")


@pytest.mark.parametrize("keep", [True, False])
def test_the_account_of_a_failed_test_stays_to_be_looked_at_on_a_server_that_stays(
    project: pytest.Pytester, keep: bool
) -> None:
    project.makepyfile(
        """
        def test_it_is_opened(sfmc):
            sfmc.wait_for("OpenEvent", sfmc.flow.send("welcome", to=sfmc.recipient("is-held")))

        def test_it_is_sent(sfmc):
            sfmc.flow.send("welcome", to=sfmc.recipient("receives"))
        """
    )
    from sfmc_mock import MockServer

    with MockServer() as server:
        options = ["--sfmc-url", server.base_url, *(["--sfmc-keep"] if keep else [])]
        result = run(project, *options)
        left = [each.mid for each in server.accounts][1:]

    result.assert_outcomes(failed=1, passed=1)
    assert len(left) == keep
    page = f"{server.base_url}/_mock/ui/{left[0] if left else '*'}/sends/1"
    check = result.stdout.fnmatch_lines if keep else result.stdout.no_fnmatch_line
    check(f"*look      {page}")


def test_the_report_of_2500_messages_is_short_and_begins_with_the_one_that_failed(
    project: pytest.Pytester,
) -> None:
    project.makepyfile(
        """
        from sfmc_client import APIObject, BounceEvent

        def test_nobody_bounces(sfmc):
            sfmc.flow.send("welcome", to="first@mock.test")
            addresses = [f"s{number}@mock.test" for number in range(2_500)]
            addresses[1234] = "s1234+hardbounce@mock.test"
            people = [{"SubscriberKey": each, "EmailAddress": each} for each in addresses]
            welcome = {"CustomerKey": "welcome"}
            for start in range(0, 2_500, 50):
                send = APIObject(
                    "TriggeredSend",
                    TriggeredSendDefinition=welcome,
                    Subscribers=people[start : start + 50],
                )
                sfmc.client.create(send)
            for bounce in sfmc.client.tracking_events(BounceEvent):
                assert not bounce, f"{bounce.subscriber_key} bounced"
        """
    )

    result = run(project)

    result.assert_outcomes(failed=1)
    lines = result.stdout.lines
    assert len(lines) < 120
    (explained,) = (number for number, line in enumerate(lines) if "sfmc explain" in line)
    assert lines[explained + 1] == "Send 26, 'welcome' → s1234+hardbounce@mock.test: Sent."
    result.stdout.fnmatch_lines(
        [
            "*HardBounce of welcome to s1234+hardbounce@mock.test",
            "*sfmc exchanges*",
            "#* Create TriggeredSend welcome → s1200@mock.test and 49 more: OK",
            "62 calls, 51 sends, 2,501 messages: 2,501 sent",
        ]
    )
    (whole,) = (line.removeprefix("Everything: ") for line in lines if "Everything: " in line)
    assert all(
        f" → {address}: Sent.\n" in Path(whole).read_text("utf-8")
        for address in ("first@mock.test", "s0@mock.test", "s2499@mock.test")
    )


@pytest.mark.parametrize(
    "body",
    [
        """
        def test_it(sfmc_account):
            send(sfmc_account.url, **sfmc_account.credentials)
        """,
        """
        def test_it(sfmc_server):
            with sfmc_server.account() as account:
                send(account.url, **account.credentials)
        """,
        """
        def test_before(sfmc_server):
            send(sfmc_server.url, to="before@mock.test", fails=False)

        def test_it(sfmc_server):
            send(sfmc_server.url)
        """,
    ],
)
def test_a_failing_test_that_uses_no_target_has_the_same_report(
    project: pytest.Pytester, body: str
) -> None:
    project.makepyfile(
        """
        from sfmc_client import Client, Recipe, TrackingFlow, UsernameToken

        def send(
            url, username="mock-user", password="mock-password", to="ada+notsent-held@mock.test",
            fails=True, **package
        ):
            with Client(url, auth=UsernameToken(username, password)) as client:
                TrackingFlow(client, recipe=Recipe(email_id=3099626)).send("welcome", to)
            assert not fails
        """
        + body
    )

    result = run(project)

    result.stdout.fnmatch_lines(
        [
            "*sfmc explain*",
            "*ada+notsent-held@mock.test: Not sent, code 2 (Held).",
            "*sfmc timeline*",
            "*  NotSent of welcome to ada+notsent-held@mock.test",
            "*sfmc exchanges*",
            "#* Create TriggeredSend welcome * ada+notsent-held@mock.test: OK",
            "* calls, 1 send, 1 message: 1 not sent",
        ]
    )
    result.stdout.no_fnmatch_line("*before@mock.test*")


def test_no_password_or_token_is_in_a_report(project: pytest.Pytester) -> None:
    """Neither in exchanges nor in the local variables that pytest prints."""
    project.makepyfile(
        """
        from pathlib import Path

        from sfmc_client import Client, OAuth

        def test_it_fails(sfmc, sfmc_account):
            own = sfmc_account.credentials
            auth = OAuth(own["client_id"], own["client_secret"])
            with Client(sfmc_account.url, auth=auth) as client:
                client.get_system_status()
                token = auth.secrets()[1]
            kept = [own["password"], own["client_secret"], token]
            Path("secrets").write_text("\\n".join(kept))
            del own, token, kept
            sfmc.client.get_system_status()
            assert False
        """
    )

    result = run(project, "--showlocals")

    secrets = (project.path / "secrets").read_text().split()
    shown = result.stdout.str()
    result.assert_outcomes(failed=1)
    assert "GetSystemStatus" in shown
    assert len(secrets) == 3
    assert [secret for secret in secrets if secret in shown] == []


def test_an_emulator_that_breaks_fails_the_test_that_broke_it(project: pytest.Pytester) -> None:
    """Even if the program under test handled the fault like an outage."""
    project.makepyfile(
        """
        import pytest
        from sfmc_client import ServiceUnavailable

        def test_before(sfmc):
            assert sfmc.client.get_system_status().ok

        def test_broken(sfmc, monkeypatch):
            from sfmc_mock.operations import OPERATIONS

            with monkeypatch.context() as patch:
                patch.setitem(OPERATIONS, "VersionInfo", None)
                with pytest.raises(ServiceUnavailable):
                    sfmc.client.version_info()

        def test_after(sfmc):
            assert sfmc.client.get_system_status().ok
        """
    )

    result = run(project)

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(
        [
            "TypeError: 'NoneType' object is not callable",
            "E *EmulatorFailed: The emulator failed* TypeError: 'NoneType' object is not callable",
        ]
    )
    result.stdout.fnmatch_lines(["FAILED *::test_broken*"])


def test_an_emulator_that_breaks_while_a_fixture_ends_is_noticed(project: pytest.Pytester) -> None:
    project.makepyfile(
        """
        import pytest
        from sfmc_client import ServiceUnavailable

        @pytest.fixture
        def program(sfmc, monkeypatch):
            from sfmc_mock.operations import OPERATIONS

            yield
            monkeypatch.setitem(OPERATIONS, "VersionInfo", None)
            with pytest.raises(ServiceUnavailable):
                sfmc.client.version_info()

        def test_it(program):
            pass
        """
    )

    run(project).assert_outcomes(passed=1, errors=1)


# Settings that do not go together.


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["--sfmc-target=real"],
            "*testing.toml does not exist. Write one (see `sfmc-mock docs pytest`)*",
        ),
        (["--sfmc-config=/nowhere.toml"], "*nowhere.toml does not exist*"),
        (["--sfmc-dry-run"], "*--sfmc-dry-run says what a run would do in a real tenant.*"),
        (["--sfmc-target=real", "-n2"], "*testing.toml does not exist*"),
    ],
)
def test_a_run_with_invalid_options_is_refused_at_once(
    project: pytest.Pytester, arguments: list[str], said: str
) -> None:
    project.makepyfile(FLOW)

    result = run(project, *arguments)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"ERROR: {said}"])


def test_a_configuration_in_the_project_is_refused(project: pytest.Pytester) -> None:
    project.makepyfile(FLOW)
    project.makefile(".toml", tenant="[tenant]\nmid = 42\n")

    result = run(project, "--sfmc-target=real", "--sfmc-config=tenant.toml")

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: *is inside the repository *Move it out*"])


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SFMC_TARGET", "prod", "SFMC_TARGET must be mock or real, not 'prod'."),
        ("SFMC_TARGET", "real", "*testing.toml does not exist*"),
        ("SFMC_MOCK_URL", "http://127.0.0.1:9", "No server answers at http://127.0.0.1:9*"),
    ],
)
def test_a_wrong_environment_fails_the_tests_that_need_it_in_a_sentence(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    """Other tests still run: the variable may be set for another project."""
    monkeypatch.setenv(name, value)
    project.makepyfile(FLOW + "\n    def test_another_thing():\n        pass\n")

    result = run(project)

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines([said])
    result.stdout.no_fnmatch_line("*plugin.py*")
    result.stdout.no_fnmatch_line("*another exception occurred*")


# On a tenant.


def test_the_same_test_runs_on_a_tenant(
    project: pytest.Pytester, tenant: HttpsTenant, configuration: Path
) -> None:
    project.makepyfile(FLOW)

    result = run_alone(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        [
            "*Marketing Cloud*",
            "account 1234567: 1 message sent",
            "removed again: TriggeredSendDefinition welcome, DataExtension SendLog, Prop* UniqueID",
        ]
    )
    assert len(tenant.sends()) == 1


def test_processes_share_what_the_run_made_and_remove_it_once(
    project: pytest.Pytester, tenant: HttpsTenant, configuration: Path
) -> None:
    """No process may remove an object that another one still uses."""
    project.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it_is_opened(sfmc, number):
            sent = sfmc.flow.send("welcome", to=sfmc.recipient("opens"))
            assert sfmc.wait_for("OpenEvent", sent).batch_id == sent.batch_id
        """
    )

    result = run_alone(project, "-n", "2", "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(passed=6)
    result.stdout.fnmatch_lines(["account 1234567: 6 messages sent", "removed again: *"])
    deletes = [call for call in tenant.calls() if call.startswith("Delete")]
    assert deletes == ["Delete TriggeredSendDefinition", "Delete DataExtension"]


def test_what_a_process_was_making_when_it_ended_is_listed(
    project: pytest.Pytester, configuration: Path
) -> None:
    project.makeconftest(
        """
        import os

        class Ends:
            def __init__(self, inner):
                self.inner = inner

            def send(self, request):
                response = self.inner.send(request)
                if b"<CreateRequest" in request.body:
                    os._exit(1)
                return response

        def pytest_sfmc_transport(config, transport):
            return Ends(transport)
        """
    )
    project.makepyfile(FLOW)

    result = run_alone(project, "-n", "1", "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["LEFT BEHIND: DataExtension SendLog may exist: the process that created it ended before*"]
    )


def test_a_role_without_a_mailbox_skips_with_the_line_to_add(
    project: pytest.Pytester, configuration: Path
) -> None:
    project.makepyfile(
        """
        def test_it(sfmc):
            sfmc.recipient("complains")
        """
    )

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}", "-rs")

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(['SKIPPED* complains = "ADDRESS" *under [[]mailboxes] in *.toml'])


def test_tests_for_the_mock_are_skipped_on_a_tenant(
    project: pytest.Pytester, configuration: Path
) -> None:
    project.makepyfile(
        """
        import pytest

        @pytest.mark.sfmc_mock_only
        def test_marked(sfmc):
            sfmc.clock.advance(days=7)

        def test_by_its_fixture(sfmc_account):
            pass

        def test_forgotten(sfmc):
            sfmc.clock.advance(days=7)
        """
    )

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(skipped=2, failed=1)
    result.stdout.fnmatch_lines(["E *A real tenant has no clock. Mark the test with @pytest.mark*"])


def test_a_run_with_another_mid_ends_before_anything_is_sent(
    project: pytest.Pytester, tenant: HttpsTenant, configuration: Path
) -> None:
    """The token endpoint itself refuses a token for another account."""
    tenant.configure(configuration, tenant={"mid": 999})
    project.makepyfile(FLOW)

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["The service refused a token*account id*"])
    assert tenant.calls() == []


def test_a_user_of_another_account_ends_before_anything_is_sent(
    project: pytest.Pytester, tenant: HttpsTenant, configuration: Path
) -> None:
    """A user name belongs to one account, which the configuration does not name."""
    user = {"username": "mock-user", "password": "mock-password"}
    package = {"client_id": None, "client_secret": None}
    tenant.configure(configuration, tenant={"mid": 999, **user, **package})
    project.makepyfile(FLOW)

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["Refused by the rails*belong to account 1234567, but mid*is 999*"])
    assert tenant.calls() == ["Retrieve DataFolder"]


def test_an_unlisted_recipient_gets_nothing(
    project: pytest.Pytester, tenant: HttpsTenant, configuration: Path
) -> None:
    project.makepyfile(
        """
        def test_it(sfmc):
            sfmc.flow.send("welcome", to="eve@example.com")
        """
    )

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["E *'eve@example.com' is not on the list of recipients*"])
    assert tenant.sends() == []
    assert "Create TriggeredSend" not in tenant.calls()


def test_objects_that_cannot_be_removed_are_listed_at_the_end(
    project: pytest.Pytester, configuration: Path
) -> None:
    """Another program has already removed them."""
    project.makepyfile(
        """
        from sfmc_client import APIObject, Client, HTTPTransport, UsernameToken

        def test_it(sfmc):
            sfmc.client.create(
                [APIObject("List", ListName=name, CustomerKey=name) for name in ("ours", "theirs")]
            )
            with HTTPTransport(verify=False) as past_the_rails:
                auth = UsernameToken("mock-user", "mock-password")
                somebody = Client(sfmc.client.endpoint, auth=auth, transport=past_the_rails)
                somebody.delete(APIObject("List", CustomerKey="theirs"))
        """
    )

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["removed again: List ours", "LEFT BEHIND: List theirs: *refused*"])


def test_a_tenant_that_is_gone_at_the_end_leaves_a_list(
    project: pytest.Pytester, tenant: HttpsTenant, configuration: Path, tmp_path: Path
) -> None:
    """The user must know which objects remain there."""
    authority = tmp_path / "authority.pem"
    authority.write_bytes(tenant.authority.read_bytes())
    tenant.configure(configuration, tenant={"ca_bundle": str(authority)})
    project.makepyfile(
        f"""
        from pathlib import Path

        def test_it(sfmc):
            sfmc.flow.set_up_attribute()
            Path({str(authority)!r}).unlink()
        """
    )

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(
        ["LEFT BEHIND: PropertyDefinition UniqueID: The certificates cannot be read*"]
    )


def test_a_dry_run_of_tests_that_only_read_would_write_nothing(
    project: pytest.Pytester, configuration: Path
) -> None:
    project.makepyfile("def test_it(sfmc):\n    assert sfmc.client.get_system_status().ok\n")

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}", "--sfmc-dry-run")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["account 1234567: a run would write nothing"])


def test_a_dry_run_says_what_a_run_would_do(
    project: pytest.Pytester, tenant: HttpsTenant, configuration: Path
) -> None:
    project.makepyfile(FLOW)

    result = run(
        project, "--sfmc-target=real", f"--sfmc-config={configuration}", "--sfmc-dry-run", "-rs"
    )

    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(
        [
            "account 1234567: a run would",
            "  create PropertyDefinition UniqueID",
            "  create DataExtension SendLog",
            "  create TriggeredSendDefinition welcome",
            "  send welcome to team+open@mock.test",
            "SKIPPED*dry run: would send welcome to team+open@mock.test",
        ]
    )
    assert {call.split()[0] for call in tenant.calls()} == {"Retrieve"}


def test_a_run_on_a_tenant_can_be_recorded(project: pytest.Pytester, configuration: Path) -> None:
    project.makepyfile(FLOW)
    folder = project.path / "recorded"

    result = run(
        project,
        "--sfmc-target=real",
        f"--sfmc-config={configuration}",
        f"--sfmc-record={folder}",
    )

    result.assert_outcomes(passed=1)
    assert len(list(folder.glob("*/request.xml"))) > 5
    assert check_folder(folder) == []


def test_only_a_tenant_is_recorded(project: pytest.Pytester) -> None:
    project.makepyfile("def test_it(sfmc):\n    pass\n")

    result = run(project, "--sfmc-record=recorded")

    result.stderr.fnmatch_lines(["*--sfmc-record only records real tenants.*"])


def test_the_report_of_a_failing_test_on_a_tenant_has_its_calls_and_sends(
    project: pytest.Pytester, configuration: Path
) -> None:
    project.makepyfile(
        """
        def test_it(sfmc):
            sent = sfmc.flow.send("welcome", to=sfmc.recipient("receives"))
            sfmc.wait_for("OpenEvent", sent, timeout=0.1)
        """
    )

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "*sfmc exchanges (<real: account 1234567, https://127.0.0.1:*",
            "Create TriggeredSend: HTTP 200",
            "Retrieve OpenEvent: HTTP 200 (x*",
            "*sfmc sends*",
            "Sent(definition='welcome', *subscriber_key='team+delivered@mock.test'*",
        ]
    )
    assert "mock-client-secret" not in result.stdout.str()


def test_how_to_wait_on_a_tenant_is_a_fixture_to_override(
    project: pytest.Pytester, configuration: Path
) -> None:
    project.makeconftest(
        """
        import pytest
        from sfmc_client import Polling

        slept = []

        @pytest.fixture(scope="session")
        def sfmc_waiting():
            return Polling(sleep=slept.append, clock=lambda: sum(slept), timeout=300)
        """
    )
    project.makepyfile(
        """
        import pytest
        from sfmc_client import NotInTime

        def test_five_minutes_pass_at_once(sfmc):
            sent = sfmc.flow.send("welcome", to=sfmc.recipient("receives"))
            with pytest.raises(NotInTime, match="within 300 s"):
                sfmc.wait_for("OpenEvent", sent)
        """
    )

    result = run(project, "--sfmc-target=real", f"--sfmc-config={configuration}")

    result.assert_outcomes(passed=1)
