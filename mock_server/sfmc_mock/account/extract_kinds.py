"""The extracts that an account can make, with their parameters and what is refused of these.

Codes and texts: documented; the IDs, names and parameters of extracts: assumed, after requests that users publish.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sfmc_mock.account.account import Account
from sfmc_mock.account.ftp_folder import EXPORT, IMPORT, FtpRefused, file_named
from sfmc_mock.clock import parse_time, parse_us_time, stored
from sfmc_mock.errors import Refused
from sfmc_mock.store.extracted_rows import TRACKING_FILES

_FLAGS = {"true": True, "1": True, "false": False, "0": False}
_NUMBER = re.compile(r"-?\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class ExtractParameter:
    """A parameter of an extract; `kind` is one of ExtractParameterDataType, `choices` are those of a dropdown."""

    name: str
    kind: str = "string"
    default: str = ""
    required: bool = False
    choices: tuple[str, ...] = ()
    names_input: bool = False
    """Whether it names a file that must be there."""


@dataclass(frozen=True, slots=True)
class ExtractKind:
    """An extract: its ID, name, and parameters; `scope` is what a caller needs for it (assumed)."""

    id: str
    name: str
    parameters: tuple[ExtractParameter, ...]
    scope: str

    def parameter(self, name: str) -> ExtractParameter | None:
        """Return a parameter by its name in any case."""
        folded = name.casefold()
        return next(
            (parameter for parameter in self.parameters if parameter.name.casefold() == folded),
            None,
        )


OUTPUT = "OutputFileName"
NOTIFY = ("NotifyEmail", "NotifyEmails")
DELIMITERS = {"comma": ",", "tab": "\t", "pipe": "|"}
_OUTPUT = ExtractParameter(OUTPUT, required=True)
_MORE = (
    *(ExtractParameter(name) for name in NOTIFY),
    ExtractParameter("CharacterEncoding", "dropdown", "UTF-8", choices=("UTF-8", "UTF-16")),
    ExtractParameter("_AsyncID", "integer", "0"),
)

DATA_EXTENSION_EXTRACT = ExtractKind(
    "bb94a04d-9632-4623-be47-daabc3f588a6",
    "Data Extension Extract",
    (
        ExtractParameter("DECustomerKey", required=True),
        _OUTPUT,
        ExtractParameter("HasColumnHeaders", "bool", "true"),
        ExtractParameter("ColumnDelimiter", default=","),
        ExtractParameter("TextQualified", "bool", "true"),
        *_MORE,
    ),
    "data_extensions_read",
)
TRACKING_EXTRACT = ExtractKind(
    "c7219016-a7f0-4c72-8657-1ec12c28a0db",
    "Tracking Extract",
    (
        ExtractParameter("StartDate", "datetime", required=True),
        ExtractParameter("EndDate", "datetime", required=True),
        _OUTPUT,
        ExtractParameter("Format", "dropdown", "csv", choices=("csv", "tab", "pipe")),
        *(ExtractParameter(f"Extract{file}", "bool", "false") for file in TRACKING_FILES),
        *_MORE,
    ),
    "tracking_events_read",
)
COMPRESSION_EXTRACT = ExtractKind(
    "1f7f4d2a-6f0b-4c0e-9d5b-6a1c3c7e2b90",
    "File Compression Extract",
    (ExtractParameter("InputFileName", required=True, names_input=True), _OUTPUT, *_MORE),
    "automations_execute",
)

KINDS = (DATA_EXTENSION_EXTRACT, TRACKING_EXTRACT, COMPRESSION_EXTRACT)


def kind_named(text: str) -> ExtractKind | None:
    """Return the extract with an ID or a name, in any case."""
    wanted = text.strip().strip("{}").casefold()
    return next((kind for kind in KINDS if wanted in (kind.id, kind.name.casefold())), None)


def checked(account: Account, kind: ExtractKind, given: Mapping[str, str]) -> dict[str, str]:
    """Return the values of all parameters of an extract. Raises `Refused` (31005 to 31009)."""
    values = {parameter.name: parameter.default for parameter in kind.parameters}
    for name, value in given.items():
        parameter = kind.parameter(name)
        if parameter is None:
            raise Refused(31005, "ExtractInvalid Parameter Name")
        values[parameter.name] = value
    for parameter in kind.parameters:
        _check(account, parameter, values[parameter.name].strip())
    _output(account, values[OUTPUT])
    return values


def _check(account: Account, parameter: ExtractParameter, value: str) -> None:
    if not value:
        if parameter.required:
            raise Refused(31006, f"Missing required parameter: {parameter.name}")
        return
    if not _fits(parameter, value):
        raise Refused(
            31007,
            f"Parameter {parameter.name} has an invalid value of {value} for parameter of type: {parameter.kind}",
        )
    if parameter.names_input and not _is_there(account, input_name(account, value)):
        raise Refused(31008, f"Input file not found: {value} for parameter: {parameter.name}")


def _fits(parameter: ExtractParameter, value: str) -> bool:
    if parameter.kind == "bool":
        return value.lower() in _FLAGS
    if parameter.kind == "integer":
        return _NUMBER.fullmatch(value) is not None
    if parameter.kind == "dropdown":
        return value.casefold() in {choice.casefold() for choice in parameter.choices}
    if parameter.kind == "datetime":
        return moment_of(value) is not None
    return True


def _is_there(account: Account, name: str) -> bool:
    try:
        return account.files.has(name)
    except FtpRefused:
        return False


def _output(account: Account, value: str) -> None:
    try:
        account.files.has(output_name(account, value))
    except FtpRefused:
        raise Refused(31009, "No file path available") from None


def output_name(account: Account, value: str) -> str:
    """Return the name of a file that an extract writes: in `export`, unless it says another folder."""
    return file_named(EXPORT, value, account.now())


def input_name(account: Account, value: str) -> str:
    """Return the name of a file that an extract reads: in `import`, unless it says another folder."""
    return file_named(IMPORT, value, account.now())


def is_true(value: str) -> bool:
    """Say whether the value of a `bool` is true."""
    return _FLAGS.get(value.strip().lower(), False)


def moment_of(value: str) -> str | None:
    """Return the value of a `datetime` as the store keeps times, None when it is none."""
    for parse in (parse_time, parse_us_time):
        try:
            return stored(parse(value.strip()))
        except (ValueError, OverflowError):
            continue
    return None
