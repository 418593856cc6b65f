"""A message as the recipient sees it, and actions of the recipient."""

from __future__ import annotations

import hmac

from werkzeug.wrappers import Response

from sfmc_mock.account.explanations import Explanation
from sfmc_mock.errors import SetupError
from sfmc_mock.inspector.message import Message, message_of, safe_html
from sfmc_mock.inspector.page_request import PageRequest
from sfmc_mock.inspector.pages.sends import KINDS_TO_MAKE
from sfmc_mock.inspector.rendering import MESSAGE_POLICY, respond

# A click is made with its link.
_KINDS = tuple((kind, name) for kind, name in KINDS_TO_MAKE if kind != "click")


def message(asked: PageRequest, number: int, ordinal: int) -> Response:
    """Show a message: rendered, as text, its source and its headers."""
    message = _message(asked, number, ordinal)
    clicks = [(link, _click_address(asked, number, ordinal, link.url_id)) for link in message.links]
    return asked.page(
        "message.html",
        number=number,
        ordinal=ordinal,
        message=message,
        address=_address(asked, number, ordinal),
        clicks=clicks,
        kinds=_KINDS,
    )


def body(asked: PageRequest, number: int, ordinal: int) -> Response:
    """Return the message's HTML, for a frame that runs no scripts."""
    message = _message(asked, number, ordinal)
    text = safe_html(message, lambda url_id: _click_address(asked, number, ordinal, url_id))
    return respond(text, "text/html; charset=utf-8", policy=MESSAGE_POLICY)


def file(asked: PageRequest, number: int, ordinal: int) -> Response:
    """Return the message as a file."""
    content = _message(asked, number, ordinal).as_email().as_bytes()
    name = f"send-{number}-{ordinal}.eml"
    return respond(
        content, "message/rfc822", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def happen(asked: PageRequest, number: int, ordinal: int) -> Response:
    """Add the event that a button stands for to a message."""
    explanation = _explained(asked, number, ordinal)
    kind = asked.field("kind")
    if not kind:
        raise SetupError("Choose an event.")
    after = asked.account.happen(kind, number, subscriber=_subscriber(explanation))
    return asked.back(_sentence(kind, explanation, after))


def click(asked: PageRequest, number: int, ordinal: int, token: str, url_id: int) -> Response:
    """Record the recipient's click on a link.

    Opening the address of a link is the click, as in a real email; the token keeps other sites from making clicks.
    """
    if asked.request.method == "HEAD" or "Sec-Purpose" in asked.request.headers:
        # A prefetch: the browser's user did not open the link.
        return Response(status=204)
    wanted = asked.services.click_token(asked.mid, number, ordinal)
    if not hmac.compare_digest(token.encode(), wanted.encode()):
        raise SetupError("This link is from an earlier run of the server. Open the message again.")
    explanation = _explained(asked, number, ordinal)
    page = _address(asked, number, ordinal)
    try:
        after = asked.account.happen(
            "click", number, subscriber=_subscriber(explanation), details={"url_id": url_id}
        )
    except SetupError as refused:
        return asked.back(str(refused), to=page, failed=True)
    return asked.back(_sentence("click", explanation, after), to=page)


def _sentence(kind: str, before: Explanation, after: Explanation) -> str:
    known = [(event.type, event.happens_at, event.visible_at) for event in before.events]
    made = []
    for event in after.events:
        fact = (event.type, event.happens_at, event.visible_at)
        if fact in known:
            known.remove(fact)
            continue
        shown = "" if event.visible else f" from {event.visible_at:%Y-%m-%d %H:%M:%S}"
        made.append(f"{event.type} at {event.happens_at:%H:%M:%S}: a Retrieve shows it{shown}.")
    return " ".join(made) or f"{kind}: no new event was added."


def _click_address(asked: PageRequest, number: int, ordinal: int, url_id: int) -> str:
    token = asked.services.click_token(asked.mid, number, ordinal)
    return f"{_address(asked, number, ordinal)}/click/{token}/{url_id}"


def _address(asked: PageRequest, number: int, ordinal: int) -> str:
    return f"{asked.root}/sends/{number}/messages/{ordinal}"


def _subscriber(explanation: Explanation) -> str | None:
    return explanation.subscriber_key or None


def _explained(asked: PageRequest, number: int, ordinal: int) -> Explanation:
    for explanation in asked.account.explain(number):
        if explanation.ordinal == ordinal:
            return explanation
    raise asked.missing(f"The send {number} has no message {ordinal}.")


def _message(asked: PageRequest, number: int, ordinal: int) -> Message:
    explanation = _explained(asked, number, ordinal)
    if explanation.outcome != "sent":
        raise SetupError(
            f"This message was {explanation.outcome}: it has no content to show. The page of send {number} says why."
        )
    return message_of(asked.account, explanation)
