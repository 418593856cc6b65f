"""The example project's test suite runs unchanged on both targets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.https_tenant import HttpsTenant, https_tenant

ROOT = Path(__file__).parents[1]
PROJECT = ROOT / "tests" / "examples" / "welcome_mail"


@pytest.fixture(scope="module")
def served_tenant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HttpsTenant]:
    with https_tenant(tmp_path_factory.mktemp("tenant")) as tenant:
        yield tenant


@pytest.fixture
def tenant(served_tenant: HttpsTenant) -> HttpsTenant:
    """The tenant as it began, whatever earlier tests did to it."""
    served_tenant.reset()
    return served_tenant


def run_suite(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the example's tests in a separate process, without this process's environment variables."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("SFMC_")}
    clean.pop("PYTEST_ADDOPTS", None)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments],
        cwd=PROJECT,
        env={**clean, "PYTHONSAFEPATH": "1", "XDG_CONFIG_HOME": str(ROOT / "none"), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.slow
def test_the_suite_passes_on_the_mock_in_two_processes_at_a_time() -> None:
    done = run_suite("--sfmc-target=mock", "-n", "2")

    assert done.returncode == 0, done.stdout
    assert re.search(r"5 passed in", done.stdout)


@pytest.mark.slow
def test_the_suite_passes_unchanged_on_a_tenant_and_leaves_nothing_there(
    tenant: HttpsTenant, tmp_path: Path
) -> None:
    """Only the configuration file selects the tenant; tests that only the mock supports are skipped."""
    configuration = tenant.configure(tmp_path / "tenant.toml")

    done = run_suite("--sfmc-target=real", f"--sfmc-config={configuration}", "-rs")

    assert done.returncode == 0, done.stdout
    assert re.search(r"4 passed, 1 skipped in", done.stdout)
    assert "sfmc_mock_only: the target is real" in done.stdout
    assert "4 messages sent" in done.stdout
    assert len(tenant.sends()) == 4
    assert tenant.look("/accounts")["accounts"][0]["holds"].get("data_extension", 0) == 0


@pytest.mark.slow
def test_the_configuration_may_choose_the_target_and_be_named_by_the_environment(
    tenant: HttpsTenant, tmp_path: Path
) -> None:
    configuration = tenant.configure(tmp_path / "tenant.toml")
    configuration.write_text('target = "real"\n' + configuration.read_text())

    done = run_suite("-k", "opened", SFMC_CONFIG=str(configuration))

    assert "account 1234567: 1 message sent" in done.stdout


@pytest.mark.slow
def test_the_program_runs_against_the_emulator_that_exec_would_start(tenant: HttpsTenant) -> None:
    """With the same environment variables."""
    settings = tenant.configuration()["tenant"]
    variables = {f"SFMC_{name.upper()}": str(value) for name, value in settings.items()}

    done = subprocess.run(
        [sys.executable, "welcome.py", "ada@mock.test", "Ada"],
        cwd=PROJECT,
        env={**os.environ, **variables, "WELCOME_EMAIL_ID": "3099626"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert re.fullmatch(r"Greeted ada@mock\.test: job \d+, batch \d+\n", done.stdout), done.stderr


@pytest.mark.slow
def test_the_suite_passes_on_a_server_that_exec_starts() -> None:
    """One emulator for two test processes."""
    suite = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "2"]

    done = subprocess.run(
        [sys.executable, "-m", "sfmc_mock", "exec", "--", *suite],
        cwd=PROJECT,
        env={**os.environ, "PYTHONSAFEPATH": "1"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"5 passed in", done.stdout)


def test_the_readme_opens_with_a_test_of_the_example() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    first = re.search(r"```python\n(.*?)```", readme, re.DOTALL)

    assert first is not None
    assert first[1] in (PROJECT / "test_welcome.py").read_text(encoding="utf-8")
