"""Options shared by several commands: those of a new server, and those of a running one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import MISSING, Field, fields
from functools import wraps
from typing import Any, TypeVar

import click
from click.shell_completion import CompletionItem

from sfmc_mock.cli.running_server import Running
from sfmc_mock.control_client import DEFAULT_URL
from sfmc_mock.settings import Settings, option_of, variable_of

Command = TypeVar("Command", bound=Callable[..., Any])


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
Completion = Callable[[click.Context, click.Parameter, str], list[CompletionItem]]


def complete_files(
    ctx: click.Context, param: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Complete file names in the shell."""
    return [CompletionItem(incomplete, type="file")]


def complete_from(words: Callable[[], Iterable[str]]) -> Completion:
    """Return a completion of words, in any case; `words` is only called when the shell asks for completions."""

    def complete(
        ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        begun = incomplete.lower()
        return [CompletionItem(word) for word in words() if word.lower().startswith(begun)]

    return complete


class WholeNumber(click.IntRange):
    """A whole number in a range, with readable error messages."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        try:
            number: int = super().convert(value, param, ctx)
        except click.BadParameter:
            wanted = (
                f"of at least {self.min}" if self.max is None else f"from {self.min} to {self.max}"
            )
            self.fail(f"'{value}' is not a whole number {wanted}.", param, ctx)
        return number


def named_values(option: str, texts: tuple[str, ...]) -> dict[str, str]:
    """Return options given as NAME=VALUE. Raises `click.UsageError` for any other form."""
    values: dict[str, str] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.UsageError(f"{option} takes NAME=VALUE, not '{text}'.")
        values[name] = value
    return values


def limit_option(most: int | None = None, *, default: int = 50, of: str = "them") -> Decorator:
    """Return the option that limits the number of results to the newest."""
    return click.option(
        "--limit",
        type=WholeNumber(1, most),
        metavar="N",
        default=default,
        show_default=True,
        help=f"The newest of {of}.",
    )


output_option = click.option(
    "--output",
    "-o",
    metavar="FILE",
    shell_complete=complete_files,
    help="File to write, instead of stdout.",
)


def server_options(*, without: tuple[str, ...] = ()) -> Callable[[Command], Command]:
    """Add an option to a command for each field of `Settings`, except for those in `without`.

    The command gets the options by the names of the fields: `Settings(**given)`.
    """

    def decorate(command: Command) -> Command:
        for setting in reversed(fields(Settings)):
            if setting.name not in without:
                command = _option(setting)(command)
        return command

    return decorate


COMPLETIONS = {
    "engagement": complete_from(lambda: ("quiet", "typical")),
    "lag": complete_from(lambda: ("instant", "realistic", "worst")),
}


def _option(setting: Field[Any]) -> Callable[[Command], Command]:
    default, more = setting.default, setting.metadata
    assert default is not MISSING
    kind: dict[str, Any] = {"default": default}
    if isinstance(default, bool):
        kind = {"is_flag": True, "default": default}
    elif isinstance(default, tuple):
        kind = {"multiple": True, "default": default}
    elif "choices" in more:
        kind["type"] = click.Choice(more["choices"])
    elif isinstance(default, int):
        kind["type"] = WholeNumber(more.get("low"), more.get("high"))
    if (complete := COMPLETIONS.get(setting.name)) or more.get("metavar") == "FILE":
        kind["shell_complete"] = complete or complete_files
    return click.option(
        f"--{option_of(setting)}",
        setting.name,
        envvar=variable_of(setting),
        show_envvar=True,
        show_default=more["show_default"],
        metavar=more.get("metavar"),
        help=more["about"],
        **kind,
    )


def on_a_server(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of a running server to a command: `--url`, `--control-token`, `--mid` and `--json`.

    The command gets the `Running` server as its first argument.
    """

    @click.option(
        "--url",
        metavar="URL",
        default=DEFAULT_URL,
        show_default=True,
        envvar="SFMC_MOCK_URL",
        show_envvar=True,
        help="Address of the server.",
    )
    @click.option(
        "--control-token",
        envvar="SFMC_MOCK_CONTROL_TOKEN",
        show_envvar=True,
        metavar="TOKEN",
        help="Token of the control API, if the server requires one.",
    )
    @click.option(
        "--mid",
        type=WholeNumber(1),
        metavar="MID",
        help="MID of the account. Default: the first one.",
    )
    @click.option("--json", "as_json", is_flag=True, help="Print the JSON of the control API.")
    @wraps(command)
    def on_the_server(
        *args: Any,
        url: str,
        control_token: str | None,
        mid: int | None,
        as_json: bool,
        **kwargs: Any,
    ) -> None:
        with Running(url, token=control_token, mid=mid, as_json=as_json) as server:
            command(server, *args, **kwargs)

    return on_the_server
