"""`serve --workers`: several processes that answer like one server, even if one of them dies."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from glob import glob
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import trustme
from tests.support.command_line import run_apart
from tests.support.sending_client import SendingClient
from tests.support.served import Serve, Served, serving
from tests.support.soap_app import envelope, fueloauth, username_token

from sfmc_mock.settings import Settings
from sfmc_mock.wire.catalogue import NAMESPACE
from sfmc_mock.workers import group

pytestmark = pytest.mark.slow

ACCOUNTS = {1234567: "mock-user", 1234568: "mock-user-2", 1234569: "mock-user-3"}
_OWN = f'<GetSystemStatusRequestMsg xmlns="{NAMESPACE}"/>'
_MIDS = f"""<RetrieveRequestMsg xmlns="{NAMESPACE}"><RetrieveRequest><ObjectType>List</ObjectType>
<Properties>Client.ID</Properties></RetrieveRequest></RetrieveRequestMsg>"""


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """A server of two processes with three accounts in memory."""
    with serving() as start:
        yield start("--workers", "2", "--quiet", *["--account", ":memory:"] * 3)


def call(
    connection: http.client.HTTPConnection,
    credentials: str,
    message: str = _MIDS,
    action: str = "Retrieve",
    *,
    chunked: bool = False,
) -> str:
    """Make a SOAP call on an open connection and return the answer."""
    body = envelope(message, credentials)
    headers = {"SOAPAction": action, "Content-Type": "text/xml"}
    # http.client sends an iterator in chunks.
    connection.request("POST", "/Service.asmx", iter([body]) if chunked else body, headers)
    return connection.getresponse().read().decode()


def control(served: Served, method: str, path: str, body: Any = None) -> Any:
    """Make a control API request on a new connection, and return the JSON of its answer."""
    with closing(served.connect()) as connection:
        document = None if body is None else json.dumps(body)
        connection.request(method, f"/_mock{path}", document, {"Content-Type": "application/json"})
        return json.loads(connection.getresponse().read())


def is_from(answer: str, mid: int) -> bool:
    return f"<Client><ID>{mid}</ID>" in answer or f"<ID>{mid}</ID>" in answer


@pytest.mark.parametrize("chunked", [False, True])
def test_each_call_of_a_connection_reaches_the_account_of_its_credentials(
    served: Served, chunked: bool
) -> None:
    with closing(served.connect()) as connection:
        for _ in range(3):
            for mid, user in ACCOUNTS.items():
                answer = call(connection, username_token(user, "mock-password"), chunked=chunked)
                assert is_from(answer, mid), answer
        refused = call(connection, username_token("mock-user-2", "wrong"))
        unknown = call(connection, username_token("nobody", "mock-password"))

    assert "Login Failed" in refused
    assert "Login Failed" in unknown


def test_a_token_is_good_on_every_connection(served: Served) -> None:
    for number, mid in enumerate(ACCOUNTS, start=1):
        asked = {
            "grant_type": "client_credentials",
            "client_id": "mock-client-id" + (f"-{number}" if number > 1 else ""),
            "client_secret": "mock-client-secret",
        }
        for path in range(3):
            with closing(served.connect()) as connection:
                connection.request(
                    "POST", "/v2/token", json.dumps(asked), {"Content-Type": "application/json"}
                )
                token = json.loads(connection.getresponse().read())["access_token"]
            for _ in range(3):
                with closing(served.connect()) as connection:
                    assert is_from(call(connection, fueloauth(token)), mid), (mid, path)


def test_the_control_api_is_that_of_one_server(served: Served) -> None:
    control(served, "DELETE", "/journal")
    with closing(served.connect()) as connection:
        for user in ACCOUNTS.values():
            call(connection, username_token(user, "mock-password"))
    listed = [control(served, "GET", "/accounts")["accounts"] for _ in range(4)]
    journals = [control(served, "GET", "/journal") for _ in range(4)]
    exchanges = journals[0]["exchanges"]
    numbers = [each["number"] for each in exchanges]
    single = [control(served, "GET", f"/journal/{number}") for number in numbers]

    assert {tuple(each["mid"] for each in found) for found in listed} == {tuple(ACCOUNTS)}
    assert control(served, "GET", "/health")["accounts"] == 3
    assert control(served, "GET", "/ready")["mids"] == list(ACCOUNTS)
    assert [each["account"] for each in exchanges] == list(ACCOUNTS)
    assert numbers == sorted(set(numbers))
    assert [each["exchanges"] for each in journals[1:]] == [exchanges] * 3
    assert [each["account"] for each in single] == list(ACCOUNTS)
    assert control(served, "GET", f"/journal?since={numbers[0]}")["matching"] == 2
    assert control(served, "DELETE", "/journal?mid=1234568") == {"exchanges": 2}


def test_requests_about_an_account_concern_it_alone(served: Served) -> None:
    for mid in ACCOUNTS:
        control(served, "POST", f"/clock?mid={mid}", {"set": f"20{mid % 100}-01-01T00:00:00"})
    control(served, "POST", "/checkpoint?mid=1234568", {"name": "then"})
    control(served, "POST", "/clock?mid=1234568", {"advance": "2h"})
    control(served, "POST", "/clock?mid=1234568", {"freeze": True})
    moved = control(served, "GET", "/clock?mid=1234568")["now"]
    restored = control(served, "POST", "/restore?mid=1234568", {"name": "then"})["clock"]["now"]
    first = control(served, "GET", "/clock")["now"]

    assert moved.startswith("2068-01-01T02:00")
    assert restored.startswith("2068-01-01T00:00")
    assert first.startswith("2067-01-01T00:00")
    for mid in ACCOUNTS:
        control(served, "POST", f"/reset?mid={mid}")
    assert (
        "no account with the MID 99" in control(served, "GET", "/clock?mid=99")["error"]["message"]
    )


def test_chaos_and_pages_reach_the_account_that_they_are_about(served: Served) -> None:
    rule = {"name": "down", "status": 503}
    made = control(served, "POST", "/chaos?mid=1234568", rule)
    assert made.get("name") == "down", made
    with closing(served.connect()) as connection:
        statuses = []
        for user in ACCOUNTS.values():
            body = envelope(_OWN, username_token(user, "mock-password"))
            headers = {"SOAPAction": "GetSystemStatus", "Content-Type": "text/xml"}
            connection.request("POST", "/Service.asmx", body, headers)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
        control(served, "DELETE", "/chaos?mid=1234568")
        for mid in ACCOUNTS:
            connection.request("GET", f"/_mock/ui/{mid}/")
            page = connection.getresponse()
            assert (page.status, f"{mid}" in page.read().decode()) == (200, True)

    assert statuses == [200, 503, 200]


def test_fresh_accounts_are_spread_and_gone_when_removed(served: Served) -> None:
    made = [control(served, "POST", "/accounts", {}) for _ in range(4)]
    with closing(served.connect()) as connection:
        for account in made:
            answer = call(connection, username_token(account["username"], account["password"]))
            assert is_from(answer, account["mid"])
    for account in made:
        control(served, "DELETE", f"/accounts/{account['mid']}")

    assert len({account["mid"] for account in made}) == 4
    assert control(served, "GET", "/ready")["mids"] == list(ACCOUNTS)


def test_a_worker_that_is_killed_is_replaced_and_loses_nothing_that_it_acknowledged(
    serve: Serve, tmp_path: Path
) -> None:
    seed = tmp_path / "seed.toml"
    seed.write_text(SendingClient.SEED)
    files = [str(tmp_path / name) for name in ("a.db", "b.db")]
    served = serve(
        "--workers", "2", "--seed", str(seed), "--account", files[0], "--account", files[1]
    )
    port = served.address[1]
    fresh = [control(served, "POST", "/accounts", {})["mid"] for _ in range(2)]
    acknowledged: list[str] = []
    enough = threading.Event()

    def send() -> None:
        with SendingClient(port) as client:
            for number in range(10_000):
                try:
                    client.send(f"1-{number}")
                except (OSError, http.client.HTTPException):
                    return
                acknowledged.append(f"1-{number}")
                if number == 20:
                    enough.set()

    thread = threading.Thread(target=send)
    thread.start()
    assert enough.wait(60)
    os.kill(_worker_of(files[0]), signal.SIGKILL)
    thread.join(60)
    # Asked before the successor is there: answered when it is.
    with SendingClient(port) as client:
        client.send("2-0")
        logged = client.logged()
    with closing(served.connect()) as connection:
        other = call(connection, username_token("mock-user-2", "mock-password"))
    left = control(served, "GET", "/ready")["mids"]
    code, err = served.end()
    (lost,) = set(fresh) - set(left)

    assert {*acknowledged, "2-0"} <= logged
    assert len(acknowledged) > 20
    assert is_from(other, 1234568)
    assert code == 0
    assert "sfmc-mock: Worker 1 ended by signal 9; it is being replaced." in err
    assert f"Worker 1 answers again. Its accounts created at run time were lost: {lost}." in err
    assert "Create TriggeredSend" in err


def _worker_of(path: str) -> int:
    """Return the process that has an account's file open."""
    for opened in glob("/proc/[0-9]*/fd/*"):
        # Others are closed meanwhile, or another user's.
        with suppress(OSError):
            if os.path.samefile(opened, path):
                return int(Path(opened).parts[2])
    raise AssertionError(f"no process has {path} open")


def test_a_signal_ends_all_of_them_in_order(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    served = serve("--workers", "2", "--account", str(path))
    taken = run_apart("serve", "--port", "0", "--account", str(path))
    group_of_worker = os.getpgid(_worker_of(str(path)))

    ended = served.end(signal.SIGINT)

    assert taken.sentence == (
        f"{path} is in use by another server at {served.ready['url'].removesuffix('/Service.asmx')} "
        f"(process {served.process.pid}). Stop that one, or use --read-only."
    )
    assert ended == (0, "")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.db"]
    # Ctrl-C reaches the group of the terminal: the first process alone, which ends the others in order.
    assert group_of_worker != served.process.pid
    assert group_of_worker != os.getpgrp()


def test_workers_end_when_the_process_that_started_them_is_killed(
    serve: Serve, tmp_path: Path
) -> None:
    path = tmp_path / "a.db"
    served = serve("--workers", "2", "--account", str(path))
    served.process.kill()
    # The end of standard error: the last process that had it open has ended.
    served.process.communicate(timeout=60)

    with closing(sqlite3.connect(path)) as account:
        assert account.execute("SELECT value FROM setting WHERE name = 'mid'").fetchone()
    assert not Path(f"{path}-lock").exists()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--account", "a.db", "--account", "./a.db"],
            "./a.db is given twice: give each file once.",
        ),
        (["--account", "missing/a.db", "--account", "b.db"], "missing/a.db cannot be opened"),
        (
            ["--tenant", "mc1=9", "--intercept"],
            "--tenant mc1=9: there is no account with the MID 9",
        ),
    ],
)
def test_an_error_at_the_start_of_one_worker_stops_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], sentence: str
) -> None:
    monkeypatch.chdir(tmp_path)

    found = run_apart("serve", "--port", "0", "--workers", "2", *arguments)

    assert sentence in found.sentence


def test_a_connection_over_tls_changes_accounts_too(serve: Serve, tmp_path: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "own.pem"))
    context = ssl.create_default_context()
    authority.configure_trust(context)
    served = serve(
        *["--workers", "2", "--quiet", "--tls-cert", str(tmp_path / "own.pem")],
        *["--account", ":memory:"] * 3,
    )
    large = f"<!--{'x' * 200_000}-->{_MIDS}"

    with closing(
        http.client.HTTPSConnection(*served.address, timeout=60, context=context)
    ) as connection:
        for _ in range(2):
            for mid, user in ACCOUNTS.items():
                for message in (_MIDS, large):
                    answer = call(connection, username_token(user, "mock-password"), message)
                    assert is_from(answer, mid)
        fault = call(connection, username_token("mock-user-2", "wrong"))

    assert "<faultactor>https://" in fault


def test_hosts_of_tenants_lead_to_their_accounts(serve: Serve, tmp_path: Path) -> None:
    served = serve(
        *["--workers", "2", "--quiet", "--intercept", "--tenant", "mcthird=1234569"],
        *["--account", ":memory:"] * 3,
        XDG_STATE_HOME=str(tmp_path),
    )
    context = ssl.create_default_context(cafile=served.ready["ca"])
    answers = {}
    for host in ("mcthird", "mc00000000000000000001234568"):
        with closing(
            http.client.HTTPSConnection(*served.address, timeout=60, context=context)
        ) as connection:
            connection.set_tunnel(f"{host}.soap.marketingcloudapis.com", 443)
            answers[host] = [
                call(connection, username_token(user, "mock-password"))
                for user in ACCOUNTS.values()
            ]

    third, second = answers.values()
    assert ["Login Failed" in each for each in third] == [True, True, False]
    assert ["Login Failed" in each for each in second] == [True, False, True]


def test_a_warning_is_printed_once_whichever_process_answers(serve: Serve) -> None:
    served = serve("--workers", "2", *["--account", ":memory:"] * 2)
    odd = _MIDS.replace("<Properties>", "<Nonsense>1</Nonsense><Properties>", 1)
    for user in ("mock-user", "mock-user-2"):
        with closing(served.connect()) as connection:
            call(connection, username_token(user, "mock-password"), odd)
    _, err = served.end()
    lines = err.splitlines()

    assert sum("Retrieve List" in each for each in lines) == 2
    assert sum("Nonsense" in each and "came 2 times" not in each for each in lines) == 1
    assert sum("came 2 times" in each for each in lines) == 1


def test_accounts_with_business_units_keep_the_order_of_the_command_line(tmp_path: Path) -> None:
    seed = tmp_path / "seed.toml"
    seed.write_text('[account]\nmid = 10\n[[business_unit]]\nname = "North"\nmid = 11\n')
    settings = Settings(port=0, accounts=(":memory:",) * 3, seed=str(seed))

    with group.WorkerGroup(settings, 2).start() as server:
        accounts = [(each.mid, each.unit_of) for each in server.accounts]

    assert accounts == [(10, None), (11, 10), (12, None), (13, 12), (14, None), (15, 14)]


def test_calls_wait_until_the_accounts_of_all_workers_are_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    let_answer = group._let_answer
    monkeypatch.setattr(group, "_let_answer", lambda worker: None)
    settings = Settings(port=0, accounts=(":memory:", ":memory:"))
    with group.WorkerGroup(settings, 2).start() as server:
        address = urlsplit(server.base_url)
        connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=0.3)
        connection.request("GET", "/_mock/health")
        with pytest.raises(TimeoutError):
            connection.sock.recv(1)

        for worker in server.workers:
            let_answer(worker)

        connection.sock.settimeout(20)
        assert connection.getresponse().status == 200
        connection.close()
