"""`sfmc-mock open`: open the inspector of a running server in a browser."""

from __future__ import annotations

import sys
import webbrowser

import click

from sfmc_mock.cli.options import WholeNumber, on_a_server
from sfmc_mock.cli.output import print_json
from sfmc_mock.cli.running_server import Running, ServerRefused
from sfmc_mock.cli.streams import say


@click.command("open", short_help="Open the pages of an account in a browser.")
@click.argument("send", type=WholeNumber(1), required=False)
@click.option("--print", "only_print", is_flag=True, help="Print the address without opening it.")
@on_a_server
def open_page(server: Running, send: int | None, only_print: bool) -> None:
    """Open the inspector of a running server in a browser: the overview of an account, or the page of SEND.

    The address is printed, too. In a pipe, it is only printed.
    """
    address = f"{server.url}/_mock/ui/{_mid(server)}/"
    if send is not None:
        server.get(f"/sends/{send}", **server.for_account())
        address += f"sends/{send}"
    if server.as_json:
        print_json({"url": address})
        return
    click.echo(address)
    if sys.stdout.isatty() and not only_print and not webbrowser.open(address):
        say("No browser was found here: open the address in one.")


def _mid(server: Running) -> int:
    mids: list[int] = server.get("/ready")["mids"]
    wanted = server.for_account().get("mid")
    if wanted is not None and wanted not in mids:
        raise ServerRefused(f"There is no account with the MID {wanted}. See `sfmc-mock accounts`.")
    if not mids:
        raise ServerRefused("The server has no accounts. Create one: sfmc-mock accounts --new.")
    return mids[0] if wanted is None else int(wanted)
