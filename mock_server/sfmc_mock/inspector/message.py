"""A sent message as its recipient gets it: subject, HTML and text with all personalization strings replaced.

Also its HTML in a form that is safe to show, and the message as a file.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from lxml import etree
from lxml import html as trees

from sfmc_mock.account import profile_attributes as profile
from sfmc_mock.account.explanations import Explanation
from sfmc_mock.account.jobs import find_job, links_of
from sfmc_mock.account.lists import find_list
from sfmc_mock.clock import SERVER_OFFSET
from sfmc_mock.control import AccountHandle
from sfmc_mock.simulator.links import Link, with_scripts, without_scripts
from sfmc_mock.simulator.personalization import has_scripts, personalized, system_strings
from sfmc_mock.store.sends import owner_of
from sfmc_mock.whole_numbers import whole_number

_LONGEST_BODY = 2_000_000
_SERVER_TIME = timezone(SERVER_OFFSET)
_CLICK = "x-click:"

# Tags that are removed with their content, and tags of which only the content is kept.
_DROPPED = (
    "script", "noscript", "iframe", "frame", "frameset", "object", "embed", "applet", "base", "meta", "link",
    "video", "audio", "source", "track", "svg", "math", "template", "portal", "title",
)  # fmt: skip
_UNWRAPPED = ("form", "button", "input", "select", "textarea", "label", "fieldset", "dialog")
_ATTRIBUTES = frozenset(
    {
        "action", "formaction", "srcdoc", "srcset", "background", "ping", "target", "autofocus", "http-equiv",
        "manifest", "poster", "data", "codebase", "cite", "longdesc", "usemap", "lowsrc", "dynsrc", "is", "slot",
    }
)  # fmt: skip
_REMOTE_STYLE = re.compile(r"url\(\s*['\"]?(?!data:image/)[^)]*\)?", re.IGNORECASE)
_IMPORT = re.compile(r"@import[^;]*;?", re.IGNORECASE)
_SPACES = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


@dataclass(frozen=True, slots=True)
class Message:
    """A message with its links, and notes on where it differs from what the live service would send."""

    subject: str
    from_name: str
    from_address: str
    to: str
    html: str
    """The email's HTML with personalization strings replaced; `source` is without replacement."""
    text: str
    source: str
    links: tuple[Link, ...]
    notes: tuple[str, ...]
    values: Mapping[str, str]
    explanation: Explanation

    @property
    def headers(self) -> list[tuple[str, str]]:
        """The headers of the message's file."""
        return [(name, str(value)) for name, value in self.as_email().items()]

    def as_email(self) -> EmailMessage:
        """Return the message in the format of RFC 5322."""
        made = EmailMessage(policy=SMTP)
        made["From"] = _address(self.from_name, self.from_address or "nobody@mock.invalid")
        made["To"] = _address("", self.to)
        made["Subject"] = _in_a_line(self.subject)
        made["Date"] = format_datetime(self.explanation.decided_at.replace(tzinfo=_SERVER_TIME))
        numbers = (
            self.explanation.job_id,
            self.explanation.batch_id,
            self.explanation.subscriber_id,
        )
        made["Message-ID"] = f"<{'.'.join(map(str, numbers))}@mock.invalid>"
        for name, number in zip(("Job", "Batch", "Subscriber"), numbers, strict=True):
            made[f"X-Sfmc-{name}"] = str(number)
        made.set_content(_encodable(self.text), cte="quoted-printable")
        if self.html:
            made.add_alternative(_encodable(self.html), subtype="html", cte="quoted-printable")
        return made


def message_of(handle: AccountHandle, explanation: Explanation) -> Message:
    """Return the message of an explanation; it must have been sent."""
    account = handle.account
    with account.db.lock:
        job = find_job(account, explanation.job_id)
        assert job is not None, "a message that was sent has a job"
        email = account.db.find("email", id=job.email_id) or {}
        subscriber = handle.subscriber(explanation.subscriber_key)
        known = profile.attributes(account)
        links = links_of(account, explanation.job_id or 0)
        owner = owner_of(account.db, explanation.send_id, explanation.ordinal) or ("", "")
        subscriber_list = find_list(account, explanation.list_id or 0)
    values = {attribute.name.lower(): attribute.default_value for attribute in known}
    values |= _folded(json.loads(subscriber.attributes if subscriber else "{}"))
    values |= _folded(explanation.attributes)
    values |= system_strings(
        subscriber_key=explanation.subscriber_key,
        email_address=explanation.email_address,
        subscriber_id=explanation.subscriber_id or 0,
        job_id=explanation.job_id or 0,
        list_id=explanation.list_id or 0,
        batch_id=explanation.batch_id or 0,
        mid=handle.mid,
        email_name=job.email_name,
        sent_at=explanation.decided_at,
        email_id=job.email_id,
        list_name=subscriber_list.name if subscriber_list is not None else "",
        additional=job.additional or "",
    )
    source = str(email.get("html_body") or "")[:_LONGEST_BODY]
    text = str(email.get("text_body") or "")[:_LONGEST_BODY]
    return Message(
        subject=personalized(job.subject, values),
        from_name=personalized(owner[0] or job.from_name, values),
        from_address=personalized(owner[1] or job.from_address, values),
        to=explanation.email_address,
        html=personalized(source, values),
        text=personalized(text, values) or _text_of(personalized(source, values)),
        source=source,
        links=links,
        notes=tuple(_notes(email, source, text, explanation)),
        values=values,
        explanation=explanation,
    )


def _folded(given: Mapping[str, object]) -> dict[str, str]:
    return {name.lower(): str(value) for name, value in given.items()}


def _notes(
    email: Mapping[str, object], source: str, text: str, explanation: Explanation
) -> Iterable[str]:
    if not email:
        yield "The email was deleted: its content cannot be shown."
    elif str(email.get("modified_at", "")) > explanation.decided_at.isoformat():
        yield "The email was changed after this message was sent, and is shown as it is now."
    if has_scripts(source) or has_scripts(text):
        yield "The email contains AMPscript, which the emulator does not run: it is shown unchanged."
    if email and not source and not text:
        yield "The email is empty. Give it an HTMLBody, and send again."


# HTML that is safe to show.


def safe_html(message: Message, click_address: Callable[[int], str]) -> str:
    """Return the HTML without anything that runs, loads or links elsewhere.

    Tracked links lead to `click_address` with their id; other links lead nowhere.
    """
    if not message.source:
        return _document(trees.fromstring(f"<pre>{html.escape(message.text)}</pre>"))
    text, scripts = without_scripts(message.source)
    ids = {link.url: link.url_id for link in message.links}
    tree = _parsed(text)
    for anchor in tree.iter("a", "area"):
        written = with_scripts(anchor.get("href", ""), scripts).strip()
        if written in ids:
            anchor.set("href", f"{_CLICK}{ids[written]}")
    filled = personalized(trees.tostring(tree, encoding="unicode"), message.values)
    shown = with_scripts(
        filled, {number: html.escape(script) for number, script in scripts.items()}
    )
    return _document(_cleaned(_parsed(shown), frozenset(ids.values()), click_address))


def _parsed(text: str) -> trees.HtmlElement:
    parser = trees.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    document = _encodable(text).replace("\x00", "").encode()
    try:
        return trees.document_fromstring(document or b"<p></p>", parser=parser)
    except (etree.ParserError, ValueError):
        return trees.document_fromstring(b"<p></p>")


def _cleaned(
    tree: trees.HtmlElement, ids: frozenset[int], click_address: Callable[[int], str]
) -> trees.HtmlElement:
    for element in list(tree.iter(*_DROPPED)):
        if element.getparent() is not None:
            element.drop_tree()
    for element in list(tree.iter(*_UNWRAPPED)):
        if element.getparent() is not None:
            element.drop_tag()
    for element in tree.iter():
        if isinstance(element.tag, str):
            _clean(element, ids, click_address)
    for element in tree.iter("style"):
        element.text = _own_style(element.text or "")
    return tree


def _own_style(style: str) -> str:
    """Return a style sheet without what it would load.

    The frame's content security policy blocks anything that this function does not recognize.
    """
    return _REMOTE_STYLE.sub("none", _IMPORT.sub("", style))


def _clean(
    element: trees.HtmlElement, ids: frozenset[int], click_address: Callable[[int], str]
) -> None:
    href, src = element.get("href", ""), element.get("src", "")
    if "style" in element.attrib:
        element.set("style", _own_style(element.get("style", "")))
    for name in list(element.attrib):
        lowered = str(name).lower()
        if lowered.startswith("on") or ":" in lowered or lowered in {*_ATTRIBUTES, "href", "src"}:
            del element.attrib[name]
    if src.startswith("data:image/") and not src.startswith("data:image/svg"):
        element.set("src", src)
    elif element.tag == "img":
        element.set("title", f"Not loaded: {src[:200]}")
        element.set("alt", element.get("alt") or "image")
    if element.tag not in ("a", "area") or not href:
        return
    number = whole_number(href.removeprefix(_CLICK))
    if href.startswith(_CLICK) and number is not None and number in ids:
        element.set("href", click_address(number))
        element.set("target", "_top")
    else:
        element.set("title", f"Not a tracked link: {href[:200]}")


def _document(tree: trees.HtmlElement) -> str:
    return "<!doctype html>\n" + str(trees.tostring(tree, encoding="unicode"))


def _text_of(document: str) -> str:
    if not document:
        return ""
    tree = _parsed(document)
    for element in list(tree.iter("script", "style", "head")):
        if element.getparent() is not None:
            element.drop_tree()
    lines = (" ".join(line.split()) for line in tree.text_content().splitlines())
    return "\n".join(filter(None, lines))


# Headers.


def _in_a_line(text: str) -> str:
    return _encodable(_SPACES.sub(" ", text)).strip()[:900]


def _encodable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _address(name: str, address: str) -> Address | str:
    try:
        return Address(_in_a_line(name), addr_spec=_in_a_line(address))
    except (ValueError, IndexError, UnicodeError):
        # The account accepts addresses that are not valid in email; the header cannot show them.
        return "nobody@mock.invalid"
