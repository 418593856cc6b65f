"""What is refused of a triggered send definition beside what is declared: codes documented, conditions assumed."""

from __future__ import annotations

from collections.abc import Mapping

from sfmc_mock.account import Account
from sfmc_mock.account.features import lacks
from sfmc_mock.account.lists import is_all_subscribers
from sfmc_mock.clock import is_time_of_day
from sfmc_mock.declarations.properties import Refusal
from sfmc_mock.errors import Refused
from sfmc_mock.simulator.decisions import is_valid_address
from sfmc_mock.simulator.personalization import are_strings_closed
from sfmc_mock.wire.struct import Struct

_ADDRESSES: dict[str, Refusal] = {
    "FromAddress": (17106, "Triggered Send Definition From Address Invalid"),
    "BccEmail": (17108, "Triggered Send Definition BCC Email Invalid"),
}
_BLANK: dict[str, Refusal] = {
    "FromName": (17020, "Triggered Send Definition From Name Not Found"),
    "FromAddress": (17021, "Triggered Send Definition From Address Not Found"),
}
_PERSONALIZED = ("FromName", "FromAddress", "EmailSubject", "DynamicEmailSubject", "PreHeader")
_TIMES: dict[str, Refusal] = {
    "SendWindowOpen": (17113, "Triggered Send Definition Send Window Open Invalid"),
    "SendWindowClose": (17114, "Triggered Send Definition Send Window Close Invalid"),
}
_NO_NIL: dict[str, Refusal] = {
    "TriggeredSendType": (17011, "Triggered Send Type Not Found"),
    **dict.fromkeys(
        ("AutoAddSubscribers", "AutoUpdateSubscribers"),
        (17023, "Triggered Send Definition Auto Add or Auto Update Not Found"),
    ),
}


def check_values(sent: Struct, *, is_new: bool) -> None:
    """Refuse addresses, texts and times that cannot be. Raises `Refused`."""
    for name, refusal in _ADDRESSES.items():
        address = (sent.text(name) or "").strip()
        # An address may be put together at send time.
        if address and "%%" not in address and not is_valid_address(address):
            raise Refused(*refusal)
    _check_texts(sent)
    _check_window(sent)
    for name, refusal in _NO_NIL.items() if is_new else ():
        if name in sent and sent.values[name] is None:
            raise Refused(*refusal)


def _check_texts(sent: Struct) -> None:
    for name, refusal in _BLANK.items():
        if (sent.text(name) or "").isspace():
            raise Refused(*refusal)
    for name in _PERSONALIZED:
        if not are_strings_closed(sent.text(name) or ""):
            raise Refused(17112, "Invalid Personalization String")


def _check_window(sent: Struct) -> None:
    for name, refusal in _TIMES.items():
        text = sent.text(name)
        if text and not is_time_of_day(text):
            raise Refused(*refusal)
    if sent.text("SendWindowOpen") and sent.text("SendWindowOpen") == sent.text("SendWindowClose"):
        raise Refused(*_TIMES["SendWindowClose"])


def check_what_is_named(account: Account, columns: Mapping[str, object], list_id: object) -> None:
    """Refuse what a definition would be unable to send with. Raises `Refused`."""
    email = account.db.find("email", id=columns.get("email_id"))
    if email is not None and not email["is_active"]:
        raise Refused(17111, "Triggered Send Definition Email Invalid")
    profile = account.db.find("delivery_profile", id=columns.get("delivery_profile_id")) or {}
    for end, code in (("header", 17024), ("footer", 17025)):
        from_library = profile.get(f"{end}_salutation_source") == "ContentLibrary"
        if from_library and profile[f"{end}_content_area_id"] is None:
            raise Refused(
                code, f"Triggered Send Definition Delivery Profile {end.title()} Content Not Found"
            )
    to_everybody = list_id is None or is_all_subscribers(account, int(str(list_id)))
    if to_everybody and lacks(account, "all_subscribers_access"):
        raise Refused(17205, "All Subscribers Access Not Enabled")
