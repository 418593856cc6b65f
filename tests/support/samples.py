"""The documented requests with credentials: as printed if `../shared` exists, else in this project's words."""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree
from tests.support.own_samples import OWN_SAMPLES

DOCUMENTED = Path(__file__).parents[3] / "shared" / "seed"
"""Where the samples stand as printed, if they do."""

CONFIGURE = "1-configure-profile-attribute"
UPDATE_SEND_LOG = "2-update-send-log"
CREATE_SEND_LOG = "2b-create-send-log"
CREATE_DEFINITION = "3-create-triggered-send-definition"
SEND = "4-create-triggered-send"
RETRIEVE_SEND_LOG = "5-retrieve-send-log"
RETRIEVE_SENT_EVENT = "6-retrieve-sent-event"

ACTIONS: dict[str, str | None] = {
    # Four of them say their action in the envelope; the others need the header.
    CONFIGURE: None,
    CREATE_SEND_LOG: "Create",
    UPDATE_SEND_LOG: "Update",
    CREATE_DEFINITION: "Create",
    SEND: None,
    RETRIEVE_SEND_LOG: None,
    RETRIEVE_SENT_EVENT: None,
}
"""SOAPAction by sample, in the order of the flow."""

# The placeholders in the sample for sent events for the IDs that step 5 finds.
_IDS = {"SendID": "10980375", "BatchID": "5", "SubscriberID": "199672583"}

START = (
    '<Objects xsi:type="TriggeredSendDefinition"><CustomerKey>API Example for SendLogging</CustomerKey>'
    "<TriggeredSendStatus>Active</TriggeredSendStatus></Objects>"
)
"""What starts the definition, which the samples tell in prose."""


def text_of(name: str) -> str:
    """Return a sample without credentials."""
    file = DOCUMENTED / f"{name}.xml"
    return file.read_text(encoding="utf-8") if file.exists() else OWN_SAMPLES[name]


def message_in(name: str) -> etree._Element:
    """Return the message of a sample: the element in its Body."""
    (body,) = etree.fromstring(text_of(name).encode()).iter("{*}Body")
    return body[0]


def sample(name: str, username: str, password: str) -> bytes:
    """Return a sample with user name and password."""
    text = text_of(name)
    for field, value in (("Username", username), ("Password", password)):
        text, found = re.subn(
            rf"(<(\w+):{field}\b[^>]*>).*?(</\2:{field}>)",
            lambda tags, value=value: f"{tags[1]}{value}{tags[3]}",  # type: ignore[misc]
            text,
            flags=re.DOTALL,
        )
        assert found == 1
    return text.encode()


def with_ids(document: bytes, job_id: str, batch_id: str, subscriber_id: str) -> bytes:
    """Return the sample for sent events with the IDs from the send log."""
    text = document.decode()
    found = dict(zip(_IDS, (job_id, batch_id, subscriber_id), strict=True))
    for name, value in found.items():
        pattern = rf"(<Property>{name}</Property>\s*<SimpleOperator>equals</SimpleOperator>\s*<Value>){_IDS[name]}<"
        text, changed = re.subn(pattern, rf"\g<1>{value}<", text)
        assert changed == 1
    return text.encode()
