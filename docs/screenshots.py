"""Takes the pictures of the documentation: pages of an account with some sends in it, in Chromium."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

from sfmc_client import Client, SfmcError, UsernameToken
from sfmc_mock.errors import SetupError
from sfmc_mock.server import MockServer

IMAGES = Path(__file__).parent / "images"
CHROMIUM = "/usr/bin/chromium"
OPTIONS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
)  # fmt: skip

SEED = '''
[account]
clock = "2026-01-05T09:00:00"
lag = "realistic"

[[profile_attribute]]
name = "FirstName"

[[email]]
key = "welcome-mail"
name = "Welcome mail"
subject = "Welcome aboard, %%FirstName%%"
html_body = """<div style="font-family: sans-serif; max-width: 560px; margin: 24px auto">
<h1 style="color: #0b57d0">Hello %%FirstName%%</h1><p>Your account for %%emailaddr%% is ready.</p>
<p><a href="https://example.com/start?key=%%subscriberkey%%"
style="background: #0b57d0; color: #fff; padding: 10px; text-decoration: none">Get started</a></p>
<p style="color: #666"><a href="https://example.com/help">Help</a> or <a href="%%unsub_center_url%%">unsubscribe</a></p>
</div>"""

[[triggered_send_definition]]
key = "welcome"
name = "Welcome mail"
email = "welcome-mail"
status = "Active"
auto_add_subscribers = true

[[data_extension]]
name = "SendLog"
template = "SendLog"
'''

RECIPIENTS = (
    "ada+open+click+after-20m", "grace+open", "linus+softbounce", "barbara", "alan+open+click", "edsger+hardbounce",
    "katherine+open+unsub", "donald+notsent-held", "margaret+open", "tim+open+click+after-2h", "radia+open+after-1h",
)  # fmt: skip

PAGES = {
    "overview": "/",
    "send": "/sends/10",
    "message": "/sends/10/messages/0",
    "call": "/journal/2",
}


def fill(server: MockServer) -> None:
    """Send to some recipients, with some minutes between them, and make some calls."""
    account = server.account
    for name in RECIPIENTS:
        first = name.partition("+")[0]
        with suppress(SetupError):
            account.send("welcome", to=f"{name}@mock.test", attributes={"FirstName": first.title()})
        account.clock.advance("9m")
    with Client(server.url, auth=UsernameToken("mock-user", "mock-password")) as client:
        list(client.retrieve("OpenEvent", ["SubscriberKey", "EventDate"]))
        list(client.retrieve("List", ["ID", "listname"]))
        with suppress(SfmcError):
            list(client.retrieve("SentEvent", ["Nonsense"]))


def main() -> None:
    """Take every picture."""
    IMAGES.mkdir(exist_ok=True)
    with MockServer(seed=SEED) as server, sync_playwright() as player:
        fill(server)
        browser = player.chromium.launch(executable_path=CHROMIUM, args=[*OPTIONS])
        page = browser.new_page(viewport={"width": 1280, "height": 820})
        for name, path in PAGES.items():
            page.goto(f"{server.base_url}/_mock/ui/{server.account.mid}{path}")
            page.locator("#live").get_by_text("live", exact=True).wait_for()
            page.screenshot(path=IMAGES / f"{name}.png")
            print(IMAGES / f"{name}.png", file=sys.stderr)
        browser.close()


if __name__ == "__main__":
    main()
