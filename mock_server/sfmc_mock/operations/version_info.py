"""VersionInfo: the version of the schema that the emulator follows."""

from sfmc_mock.declarations.call import Call
from sfmc_mock.wire.struct import Struct

# The schema's newest known copy; the service's own version numbers were never recorded.
_VERSIONS = (
    ("2024.11", "2024-11-11T00:00:00", "The schema as of November 2024, emulated by sfmc-mock."),
    ("2021.09", "2021-09-01T00:00:00", "The schema as of September 2021."),
)


def version_info(call: Call, message: Struct) -> Struct:
    """Return the version, with the earlier ones when IncludeVersionHistory asks for them (form: wsdl)."""
    newest, *earlier = (_version(*version) for version in _VERSIONS)
    if message.flag("IncludeVersionHistory"):
        newest.values["VersionHistory"] = earlier
    return Struct("VersionInfoResponseMsg", {"VersionInfo": newest, "RequestID": call.request_id})


def _version(version: str, date: str, notes: str) -> Struct:
    return Struct("VersionInfoResponse", {"Version": version, "VersionDate": date, "Notes": notes})
