"""The pytest plugin: options, markers and fixtures.

pytest imports this module in every run of every project that has the package installed, so it imports nothing but
pytest itself: other modules are loaded by the first test that uses a fixture.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from sfmc_client.testing.emulators import Emulator, JournalMark, MockSettings
    from sfmc_client.testing.mock_account import AccountView, MockAccount
    from sfmc_client.testing.session import Session
    from sfmc_client.testing.targets import RealTarget, Target
    from sfmc_client.transport import Transport
    from sfmc_client.waiting import Waiting

_SESSION = pytest.StashKey["Session"]()
_REAL = pytest.StashKey["RealTarget"]()
_EMULATOR = pytest.StashKey["Emulator"]()
_ACCOUNT = pytest.StashKey["MockAccount"]()
_FOLDERS = pytest.StashKey[pytest.TempPathFactory]()
_FAILED = pytest.StashKey[bool]()
_MARK: pytest.StashKey[JournalMark] = pytest.StashKey()
_SUMMARY = pytest.StashKey[list[str]]()

_ON_THE_EMULATOR = {"sfmc", "sfmc_account", "sfmc_server"}

_MARKERS = {"sfmc_mock_only": "mock", "sfmc_real_only": "real"}
_CHAOS = "sfmc_chaos"
_WARNINGS = "sfmc_warnings"
_CHOICES = ("show", "error")


class Hooks:
    """The hooks that other plugins may implement."""

    @pytest.hookspec(firstresult=True)
    def pytest_sfmc_transport(
        self, config: pytest.Config, transport: Transport
    ) -> Transport | None:
        """Return a transport to use for a real tenant in place of the given one, which it wraps; `None` to keep it."""


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Declare the hooks."""
    pluginmanager.add_hookspecs(Hooks)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("sfmc", "Marketing Cloud (sfmc-mock)")
    group.addoption(
        "--sfmc-target",
        choices=["mock", "real"],
        help="Run against the emulator (default) or a real tenant. Environment: SFMC_TARGET.",
    )
    group.addoption(
        "--sfmc-config",
        metavar="FILE",
        # Without =, pytest takes FILE for a path of tests and looks for its own settings beside it.
        help="Configuration of the real tenant, outside the repository; write it with =. Environment: SFMC_CONFIG.",
    )
    group.addoption(
        "--sfmc-url",
        metavar="URL",
        help="Use the emulator at this address instead of starting one for each process. Environment: SFMC_MOCK_URL.",
    )
    group.addoption(
        "--sfmc-keep",
        action="store_true",
        help="With --sfmc-url: leave the accounts of failed tests on the emulator, the last 20, and say where to look.",
    )
    group.addoption(
        "--sfmc-dry-run",
        action="store_true",
        help="With a real tenant: write nothing, and say what would be written and sent.",
    )
    group.addoption(
        "--sfmc-warnings",
        choices=_CHOICES,
        default="show",
        help="Show warnings of the emulator in the report of a failing test (default), or fail the test for them.",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers, and check the settings of a real tenant."""
    for marker, target in _MARKERS.items():
        other = "the emulator" if target == "mock" else "a real tenant"
        config.addinivalue_line("markers", f"{marker}: runs only against {other}, else is skipped")
    config.addinivalue_line(
        "markers", f"{_CHAOS}(**rule): begins with a chaos rule; runs only against the emulator"
    )
    config.addinivalue_line(
        "markers",
        f"{_WARNINGS}(what): error fails the test for warnings of the emulator, show does not; overrides the option",
    )
    option = config.option
    if option.sfmc_target == "real" or option.sfmc_config or option.sfmc_dry_run:
        _session(config).check()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """Tell a process of pytest-xdist where the ledger of the run is."""
    config: pytest.Config = node.config  # type: ignore[attr-defined]
    if not _may_be_real(config):
        return
    from sfmc_client.testing.session import LEDGER

    session = _session(config)
    if session.target == "real":
        node.workerinput[LEDGER] = str(session.ledger.path)  # type: ignore[attr-defined]


def _may_be_real(config: pytest.Config) -> bool:
    """Return whether any setting names a real tenant; it is checked before other modules are loaded."""
    from sfmc_client.testing.default_paths import default_configuration

    named = config.option.sfmc_target or config.option.sfmc_config
    known = os.environ.get("SFMC_TARGET") or os.environ.get("SFMC_CONFIG")
    return bool(named or known) or default_configuration(os.environ).exists()


def _session(config: pytest.Config) -> Session:
    if _SESSION not in config.stash:
        from sfmc_client.testing.session import Session

        config.stash[_SESSION] = Session(config)
    return config.stash[_SESSION]


def chosen_target(config: pytest.Config) -> str:
    """Return the target of the run: `mock` or `real`. Raises `pytest.UsageError` for conflicting settings."""
    return _session(config).target


def _target(config: pytest.Config) -> str:
    with _without_traceback():
        return _session(config).target


@contextmanager
def _without_traceback() -> Iterator[None]:
    """Fail with the message of an error alone, without a traceback through this package."""
    from sfmc_client.errors import SfmcError

    try:
        yield
    except (SfmcError, pytest.UsageError) as error:
        raise pytest.fail.Exception(str(error), pytrace=False) from None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Under `--disable-socket` of pytest-socket, allow tests that use the emulator to connect to it only."""
    if not config.getoption("disable_socket", False) or config.getoption("allow_hosts", None):
        return
    if _may_be_real(config) and chosen_target(config) == "real":
        return
    hosts = ["127.0.0.1", "::1"]
    if url := config.option.sfmc_url or os.environ.get("SFMC_MOCK_URL"):
        from urllib.parse import urlsplit

        hosts.append(urlsplit(url).hostname or "")
    for item in items:
        uses_the_emulator = bool(_ON_THE_EMULATOR & set(getattr(item, "fixturenames", ())))
        if uses_the_emulator and item.get_closest_marker("allow_hosts") is None:
            item.add_marker(pytest.mark.allow_hosts(hosts))


# Tests for one target only.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, None, None]:
    """Skip a test that the target cannot run."""
    for marker, target in {**_MARKERS, _CHAOS: "mock"}.items():
        if item.get_closest_marker(marker) is not None:
            chosen = _target(item.config)
            if chosen != target:
                pytest.skip(f"{marker}: the target is {chosen}")
    emulator = item.config.stash.get(_EMULATOR, None)
    if emulator is not None and _uses_the_emulator_alone(item):
        item.stash[_MARK] = emulator.mark()
    yield from _ending_a_dry_run(item)


def _uses_the_emulator_alone(item: pytest.Item) -> bool:
    """Whether a test uses the emulator without an account of its own, so that only the journal shows its calls."""
    names: list[str] = getattr(item, "fixturenames", [])
    return "sfmc_server" in names and not {"sfmc", "sfmc_account"} & set(names)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Fail a test during which the emulator itself failed."""
    yield from _ending_a_dry_run(item)
    emulator = item.config.stash.get(_EMULATOR, None)
    if emulator is not None and (_ACCOUNT in item.stash or _uses_the_emulator_alone(item)):
        emulator.check(item.stash.get(_ACCOUNT, None))
        _check_warnings(item)


def _check_warnings(item: pytest.Item) -> None:
    """Fail a test whose calls got warnings, if the marker or the option says so."""
    marker = item.get_closest_marker(_WARNINGS)
    given = None if marker is None else [*marker.args, *marker.kwargs.values()]
    chosen = item.config.option.sfmc_warnings if given is None else (*given, "")[0]
    if chosen not in _CHOICES:
        pytest.fail(
            f'@pytest.mark.{_WARNINGS}({chosen!r}): unknown value. Write "error" or "show".',
            pytrace=False,
        )
    if chosen != "error":
        return
    warnings = dict.fromkeys(text for account in _accounts(item) for text in account.warnings)
    if warnings:
        lines = "".join(f"\n  ! {text}" for text in warnings)
        pytest.fail(
            f"The emulator warned about requests of this test:{lines}\nCorrect the requests, or mark the test with "
            f'@pytest.mark.{_WARNINGS}("show").',
            pytrace=False,
        )


def _ending_a_dry_run(item: pytest.Item) -> Generator[None, None, None]:
    """End a test of a dry run at its first send."""
    try:
        yield
    except BaseException as end:
        if _SESSION in item.config.stash and _session(item.config).is_dry_run:
            from sfmc_client.testing.rails import DryRun

            if isinstance(end, DryRun):
                pytest.skip(f"dry run: {end}")
        raise


# Reports.


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add the calls and events of the account to the report of a failing test."""
    report = yield
    if not report.failed:
        return report
    item.stash[_FAILED] = True
    if (target := item.stash.get(_REAL, None)) is not None:
        from sfmc_client.testing.reporting import add_real_sections

        add_real_sections(report, target)
    elif accounts := _accounts(item):
        from sfmc_client.testing.reporting import add_mock_sections

        failure = "" if call.excinfo is None else str(call.excinfo.value)
        add_mock_sections(report, accounts, failure, lambda: _folder(item))
    return report


def _accounts(item: pytest.Item) -> list[AccountView]:
    """The accounts of the emulator that a test used."""
    if (account := item.stash.get(_ACCOUNT, None)) is not None:
        return [account]
    emulator = item.config.stash.get(_EMULATOR, None)
    if emulator is None or not _uses_the_emulator_alone(item):
        return []
    from sfmc_client.errors import SfmcError

    try:
        return emulator.accounts_since(item.stash.get(_MARK, None))
    except SfmcError:
        # The emulator is gone, and the failure says so.
        return []


def _folder(item: pytest.Item) -> Path:
    """Return a folder for texts that are too long for a report, beside those of `tmp_path`."""
    name = re.sub(r"\W", "_", item.name)[:40]
    return item.config.stash[_FOLDERS].mktemp(f"sfmc-{name}-")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove the objects that the run made in a real tenant."""
    config = session.config
    if _SESSION in config.stash and not hasattr(config, "workerinput"):
        config.stash[_SUMMARY] = _session(config).finish()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what was sent and removed, or would be in a dry run."""
    if lines := terminalreporter.config.stash.get(_SUMMARY, []):
        terminalreporter.section("Marketing Cloud")
        for line in lines:
            terminalreporter.line(line, red="LEFT BEHIND" in line)


# Fixtures.


@pytest.fixture(scope="session")
def sfmc_settings() -> MockSettings:
    """The settings of the emulator and its accounts: override it to return other `sfmc_client.testing.MockSettings`."""
    from sfmc_client.testing.emulators import MockSettings

    return MockSettings()


@pytest.fixture(scope="session")
def sfmc_waiting() -> Waiting | None:
    """How to wait on a real tenant: override it to return another `sfmc_client.Polling`; None: as configured."""
    return None


@pytest.fixture(scope="session")
def sfmc_server(
    request: pytest.FixtureRequest,
    sfmc_settings: MockSettings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Emulator]:
    """The emulator: one for each process of the run, or the one whose address was given. Skips on a real tenant."""
    if _target(request.config) != "mock":
        pytest.skip("needs the emulator, and the target is real")
    with ExitStack() as stack:
        with _without_traceback():
            emulator = stack.enter_context(_session(request.config).emulator(sfmc_settings))
        emulator.keeps_failed = emulator.server is None and request.config.option.sfmc_keep
        request.config.stash[_FOLDERS] = tmp_path_factory
        request.config.stash[_EMULATOR] = emulator
        yield emulator
        del request.config.stash[_EMULATOR]


@pytest.fixture
def sfmc_account(request: pytest.FixtureRequest, sfmc_server: Emulator) -> Iterator[MockAccount]:
    """A fresh account of the emulator, gone after the test. Skips on a real tenant."""
    with ExitStack() as stack:
        with _without_traceback():
            account = stack.enter_context(sfmc_server.account())
            for marker in request.node.iter_markers(_CHAOS):
                account.chaos.add(**marker.kwargs)
        request.node.stash[_ACCOUNT] = account
        yield account
        if request.node.stash.get(_FAILED, False):
            sfmc_server.keep(account)
        sfmc_server.check(account)


@pytest.fixture(scope="session")
def _sfmc_tenant(
    request: pytest.FixtureRequest, sfmc_waiting: Waiting | None
) -> Iterator[RealTarget]:
    """The real tenant, behind rails."""
    options = {} if sfmc_waiting is None else {"waiting": sfmc_waiting}
    with ExitStack() as stack:
        with _without_traceback():
            target = stack.enter_context(_session(request.config).real_target(**options))
        yield target


@pytest.fixture
def sfmc(request: pytest.FixtureRequest) -> Iterator[Target]:
    """The target of the test: a fresh account of the emulator, or the real tenant."""
    if _target(request.config) == "real":
        real: RealTarget = request.getfixturevalue("_sfmc_tenant")
        real.begin_test()
        request.node.stash[_REAL] = real
        yield real
        return
    from sfmc_client.testing.targets import MockTarget

    target = MockTarget(
        request.getfixturevalue("sfmc_server"), request.getfixturevalue("sfmc_account")
    )
    yield target
    target.close()
