"""A shop that sends a welcome email to new customers, and follows up on it."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from sfmc_client import ClickEvent, Recipe, Sent, TrackingFlow
from sfmc_client.environment import Connection

DEFINITION = "welcome"


@dataclass(frozen=True)
class Customer:
    """A customer who has just signed up."""

    email: str
    first_name: str


class Greeter:
    """Sends the welcome email, and reports which customers it did not reach."""

    def __init__(self, flow: TrackingFlow) -> None:
        self._flow = flow

    def greet(self, customer: Customer) -> Sent:
        """Send the welcome mail."""
        return self._flow.send(
            DEFINITION, customer.email, attributes={"First Name": customer.first_name}
        )

    def is_reachable(self, sent: Sent) -> bool:
        """Whether no event shows that the email did not arrive."""
        trouble = ("BounceEvent", "NotSentEvent")
        return all(self._flow.events(kind, sent).first() is None for kind in trouble)

    def clicked_links(self, sent: Sent) -> list[str]:
        """The links of the mail that the customer followed."""
        return [click.url for click in self._flow.events(ClickEvent, sent) if click.url]


def main() -> None:
    """Greet the customer named on the command line: `python welcome.py ada@example.com Ada`."""
    email_id = int(os.environ["WELCOME_EMAIL_ID"])
    with Connection.read(os.environ).open() as client:
        greeter = Greeter(TrackingFlow(client, recipe=Recipe(email_id=email_id)))
        sent = greeter.greet(Customer(*sys.argv[1:3]))
    print(f"Greeted {sent.subscriber_key}: job {sent.job_id}, batch {sent.batch_id}")


if __name__ == "__main__":
    main()
