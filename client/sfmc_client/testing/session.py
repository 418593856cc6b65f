"""A test run: its target, its configuration and its clean-up."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest

from sfmc_client.errors import ConfigurationError, SfmcError
from sfmc_client.testing.configuration import (
    RealSettings,
    check_outside,
    read_configuration,
    read_target,
)
from sfmc_client.testing.default_paths import default_configuration
from sfmc_client.testing.emulators import Emulator, MockSettings, own_emulator, shared_emulator
from sfmc_client.testing.rails import Rails, clean_up
from sfmc_client.testing.run_ledger import Ledger
from sfmc_client.testing.targets import RealTarget
from sfmc_client.transport import Transport

TARGETS = ("mock", "real")
LEDGER = "sfmc_ledger"
"""The key in `workerinput` under which processes of pytest-xdist get the path of the ledger."""


class Session:
    """A test run. Raises `pytest.UsageError` for conflicting settings."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._own_ledger: Path | None = None

    # The target.

    @cached_property
    def target(self) -> str:
        """`mock` or `real`: from the option, else SFMC_TARGET, else the configuration; else `mock`."""
        given = self._config.getoption("sfmc_target") or os.environ.get("SFMC_TARGET")
        if given is not None and given not in TARGETS:
            raise pytest.UsageError(f"SFMC_TARGET must be mock or real, not {given!r}.")
        target = given or self._configured_target() or "mock"
        if self.is_dry_run and target == "mock":
            raise pytest.UsageError(
                "--sfmc-dry-run says what a run would do in a real tenant. Add --sfmc-target=real."
            )
        return target

    def _configured_target(self) -> str | None:
        path, is_named = self._path()
        if not is_named and not path.exists():
            return None
        try:
            check_outside(path, self._config.rootpath)
            return read_target(path)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None

    def _path(self) -> tuple[Path, bool]:
        """The configuration file, and whether its path was given."""
        named = self._config.getoption("sfmc_config") or os.environ.get("SFMC_CONFIG")
        if named:
            return Path(self._config.invocation_params.dir, Path(named).expanduser()), True
        return default_configuration(os.environ), False

    @property
    def is_dry_run(self) -> bool:
        """Whether the run must not write to a real tenant."""
        return bool(self._config.getoption("sfmc_dry_run"))

    @cached_property
    def real(self) -> RealSettings:
        """The configuration of the real tenant."""
        path, _ = self._path()
        try:
            return read_configuration(path, environ=os.environ, rootpath=self._config.rootpath)
        except ConfigurationError as error:
            raise pytest.UsageError(str(error)) from None

    def check(self) -> None:
        """Read and check the settings of the run before its first test. Raises `pytest.UsageError`."""
        if self.target == "real":
            _ = self.real

    # The emulator.

    def emulator(self, settings: MockSettings) -> AbstractContextManager[Emulator]:
        """Yield the emulator: the one with the given address, else one in this process."""
        url = self._config.getoption("sfmc_url") or os.environ.get("SFMC_MOCK_URL")
        root = self._config.rootpath
        return (
            shared_emulator(url, settings, root=root) if url else own_emulator(settings, root=root)
        )

    # The real tenant.

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of all processes of this run."""
        shared = getattr(self._config, "workerinput", {}).get(LEDGER)
        if shared is not None:
            return Ledger(Path(shared))
        handle, path = tempfile.mkstemp(prefix="sfmc-ledger-")
        os.close(handle)
        self._own_ledger = Path(path)
        return Ledger(self._own_ledger)

    @contextmanager
    def real_target(self, **options: Any) -> Iterator[RealTarget]:
        """Yield the tenant behind rails; the MID of its account is retrieved first."""
        settings = self.real
        rails = self._rails()
        with settings.transport() as transport:
            target = RealTarget(
                settings, rails.around(self._wrapped(transport)), skip=pytest.skip, **options
            )
            rails.check_account(target.client)
            yield target
            target.close()

    def _wrapped(self, transport: Transport) -> Transport:
        """Return the transport as plugins wrap it; calls that the rails refuse do not reach it."""
        wrapped: Transport | None = self._config.hook.pytest_sfmc_transport(
            config=self._config, transport=transport
        )
        return wrapped or transport

    def _rails(self) -> Rails:
        return Rails(
            self.real.rails,
            mid=self.real.mid,
            path=self.real.path,
            ledger=self.ledger,
            dry_run=self.is_dry_run,
        )

    def finish(self) -> list[str]:
        """Remove the objects that the run made in the tenant; return lines about the run.

        Sends nothing to the tenant if the run made no object.
        """
        if self._own_ledger is None:
            # Only the process that created the ledger cleans up, for all.
            return []
        try:
            return self._planned() if self.is_dry_run else self._summary(self._clean_up())
        finally:
            self._own_ledger.unlink(missing_ok=True)

    def _clean_up(self) -> tuple[list[str], list[str]]:
        """Return lines about removed objects, and those left behind."""
        made = self.ledger.remaining
        left = [
            *self.ledger.leftovers,
            *(
                f"{thing} may exist: the process that created it ended before the answer"
                for thing in self.ledger.unfinished
            ),
        ]
        if not made:
            return [], left
        rails = self._rails()
        try:
            with (
                self.real.transport() as transport,
                self.real.client(rails.around(transport)) as client,
            ):
                rails.check_account(client)
                left += [f"{thing}: {why}" for thing, why in clean_up(client, self.ledger)]
        except SfmcError as error:
            left += [f"{thing}: {error}" for thing in self.ledger.remaining]
        remaining = self.ledger.remaining
        return [str(thing) for thing in made if thing not in remaining], left

    def _summary(self, cleaned: tuple[list[str], list[str]]) -> list[str]:
        removed, left = cleaned
        sends = self.ledger.sends
        count = f"{sends} message" + ("" if sends == 1 else "s")
        lines = [f"account {self.real.mid}: {count} sent"]
        if removed:
            lines.append(f"removed again: {', '.join(removed)}")
        lines += [f"LEFT BEHIND: {line}" for line in left]
        return lines

    def _planned(self) -> list[str]:
        planned = self.ledger.planned
        if not planned:
            return [f"account {self.real.mid}: a run would write nothing"]
        return [f"account {self.real.mid}: a run would", *(f"  {call}" for call in planned)]
