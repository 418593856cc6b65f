"""`sfmc-mock files`: the FTP folder of an account."""

from __future__ import annotations

import sys
from base64 import b64encode
from pathlib import Path
from urllib.parse import quote

import click

from sfmc_mock.cli.groups import SuggestingGroup
from sfmc_mock.cli.local_files import content_of, write_file
from sfmc_mock.cli.options import complete_files, on_a_server
from sfmc_mock.cli.output import print_json, print_table
from sfmc_mock.cli.running_server import Running
from sfmc_mock.terminal import printable, printable_lines


@click.group(cls=SuggestingGroup, short_help="List, put, get and remove files of the FTP folder.")
def files() -> None:
    """The FTP folder of an account: imports read from it, extracts write to it.

    File names are relative to the folder, such as import/people.csv. It is a folder on disk: other
    programs can use it, too.
    """


@files.command("list", short_help="Show the files.")
@on_a_server
def list_files(server: Running) -> None:
    """Show where the FTP folder is, and the files in it."""
    answer = server.get("/files", **server.for_account())
    if server.as_json:
        print_json(answer)
        return
    if answer["files"]:
        rows = [
            (printable(file["name"]), f"{file['size']:,}", file["modified"][:19])
            for file in answer["files"]
        ]
        print_table(("name", "bytes", "written (UTC)"), rows, numbers=("bytes",))
    else:
        click.echo("There are no files.")
    click.echo(printable(f"The folder is {answer['folder']}."))


@files.command(short_help="Put a file into the folder.")
@click.argument("local", metavar="LOCAL", shell_complete=complete_files)
@click.argument("name", required=False)
@on_a_server
def put(server: Running, local: str, name: str | None) -> None:
    """Put the file LOCAL (- for stdin) into the folder as NAME. Default: import/ and the name of LOCAL."""
    if name is None and local == "-":
        raise click.UsageError("Give NAME: standard input has none.")
    wanted = name or f"import/{Path(local).name}"
    answer = server.put(_path(wanted), content_of(local), **server.for_account())
    server.show(answer, f"{answer['name']} has {answer['size']:,} bytes.")


@files.command(short_help="Get a file from the folder.")
@click.argument("name")
@click.argument("local", required=False, metavar="[LOCAL]", shell_complete=complete_files)
@on_a_server
def get(server: Running, name: str, local: str | None) -> None:
    """Write the file NAME of the folder to the file LOCAL, or to stdout.

    On a terminal, control characters are escaped; --json has the file in base64.
    """
    content = server.get(_path(name), **server.for_account())
    if local is not None:
        write_file(local, content)
    elif server.as_json:
        print_json({"name": name, "size": len(content), "base64": b64encode(content).decode()})
    elif sys.stdout.isatty():
        click.echo(printable_lines(content.decode("utf-8", "replace").replace("\r\n", "\n")))
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


@files.command(short_help="Remove a file from the folder.")
@click.argument("name")
@on_a_server
def remove(server: Running, name: str) -> None:
    """Remove the file NAME from the folder."""
    answer = server.delete(_path(name), **server.for_account())
    server.show(answer, f"{answer['removed']} is removed.")


def _path(name: str) -> str:
    if not name:
        raise click.UsageError("The name of the file is empty. Name it like import/people.csv.")
    return f"/files/{quote(name, errors='surrogatepass')}"
