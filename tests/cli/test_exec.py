"""`exec -- CMD`: a command with its own server, its exit code and its signals."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from unittest.mock import Mock
from urllib.parse import urlsplit

import pytest
from tests.cli.conftest import Run
from tests.support.command_line import COMMAND, environment, run_apart
from tests.support.free_port import free_port

from sfmc_mock import MockServer
from sfmc_mock.cli.exec_command import run as run_command

# A program independent of this project: it reads its environment, and uses HTTP and XML itself.
FOREIGN = '''
import json
import os
import urllib.request

ENVELOPE = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soap:Header>%s</soap:Header><soap:Body>%s</soap:Body>
</soap:Envelope>"""
SECURITY = """<wsse:Security xmlns:wsse="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd">
<wsse:UsernameToken><wsse:Username>%s</wsse:Username><wsse:Password>%s</wsse:Password></wsse:UsernameToken>
</wsse:Security>"""
CREATE = """<CreateRequest xmlns="http://exacttarget.com/wsdl/partnerAPI"><Objects xsi:type="Subscriber">
<SubscriberKey>ada</SubscriberKey><EmailAddress>ada@mock.test</EmailAddress></Objects></CreateRequest>"""


def call(header, message, action):
    request = urllib.request.Request(
        os.environ["SFMC_ENDPOINT"],
        (ENVELOPE % (header, message)).encode(),
        {"Content-Type": "text/xml", "SOAPAction": action},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        return answer.read().decode()


def test_a_subscriber_is_created_with_a_password():
    header = SECURITY % (os.environ["SFMC_USERNAME"], os.environ["SFMC_PASSWORD"])

    answer = call(header, CREATE, "Create")

    assert "<OverallStatus>OK</OverallStatus>" in answer


def test_a_subscriber_is_created_with_a_token():
    asked = {
        "grant_type": "client_credentials",
        "client_id": os.environ["SFMC_CLIENT_ID"],
        "client_secret": os.environ["SFMC_CLIENT_SECRET"],
        "account_id": os.environ["SFMC_ACCOUNT_ID"],
    }
    request = urllib.request.Request(
        os.environ["SFMC_AUTH_URL"] + "/v2/token",
        json.dumps(asked).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:
        token = json.load(answer)["access_token"]

    answer = call('<fueloauth xmlns="http://exacttarget.com">%s</fueloauth>' % token, CREATE, "Create")

    assert "<OverallStatus>" in answer


def test_the_wsdl_is_where_the_environment_says():
    with urllib.request.urlopen(os.environ["SFMC_WSDL_URL"], timeout=60) as answer:
        assert b"definitions" in answer.read(2000)
'''


@pytest.mark.slow
def test_a_foreign_project_runs_its_tests_against_the_server(tmp_path: Path) -> None:
    (tmp_path / "test_foreign.py").write_text(FOREIGN, encoding="utf-8")
    pytest_command = ["python", "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    alone = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"

    ran = run_apart("exec", "--", *pytest_command, env=environment(PATH=alone))

    assert ran.code == 0, ran.out + ran.err
    assert "3 passed" in ran.out


@pytest.mark.parametrize("code", [0, 1, 5])
def test_the_exit_code_of_the_command_is_passed_on(run: Run, code: int) -> None:
    ran = run("exec", "sh", "-c", f"exit {code}")

    told = f"sfmc-mock: The command ended with exit code {code}. It made no call to the emulator.\n"
    assert (ran.code, ran.err) == (code, told if code else "")


# Calls an address so many times that nothing is at, and fails.
FAILING = """
import os, sys, urllib.error, urllib.request
for number in range(int(sys.argv[1])):
    try:
        urllib.request.urlopen(f"{os.environ['SFMC_MOCK_URL']}/nothing/{number}")
    except urllib.error.HTTPError:
        continue
sys.exit(3)
"""


def test_the_last_calls_of_a_command_that_failed_are_shown(run: Run) -> None:
    ran = run("exec", sys.executable, "-c", FAILING, "25")

    first, *lines = ran.err.splitlines()
    assert ran.code == 3
    assert first == "sfmc-mock: The command ended with exit code 3. The last 10 of its 25 calls:"
    assert [line.split("/")[-1] for line in lines if "GET" in line] == [
        str(number) for number in range(15, 25)
    ]
    assert len(lines) == 21
    assert lines[1] == "          ! there is nothing at this address; SOAP is at /Service.asmx"


# Retrieves lists with an element that no Retrieve has, so many times, and succeeds.
CARELESS = """
import os, sys, urllib.request
body = f'''<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>
<Security xmlns="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"><UsernameToken>
<Username>{os.environ["SFMC_USERNAME"]}</Username><Password>{os.environ["SFMC_PASSWORD"]}</Password></UsernameToken>
</Security></e:Header><e:Body><RetrieveRequestMsg xmlns="http://exacttarget.com/wsdl/partnerAPI"><RetrieveRequest>
<ObjectType>List</ObjectType><Properties>ID</Properties><Propertis>ListName</Propertis></RetrieveRequest>
</RetrieveRequestMsg></e:Body></e:Envelope>'''.encode()
for number in range(int(sys.argv[1])):
    request = urllib.request.Request(os.environ["SFMC_ENDPOINT"], body, {"SOAPAction": "Retrieve"})
    urllib.request.urlopen(request).read()
"""


def test_the_warnings_of_a_command_that_succeeded_are_shown(run: Run) -> None:
    one = run("exec", sys.executable, "-c", CARELESS, "1")
    many = run("exec", sys.executable, "-c", CARELESS, "12")

    assert one.code == 0
    assert one.err.startswith("sfmc-mock: Calls with warnings:\n")
    assert "! Propertis in RetrieveRequestMsg/RetrieveRequest was ignored" in one.err
    assert many.err.startswith("sfmc-mock: The last 10 of 12 calls with warnings:\n")
    assert "came 10 times: Propertis in RetrieveRequestMsg/RetrieveRequest" in many.err


@pytest.mark.parametrize("code", [126, 130])
def test_no_calls_are_shown_when_the_command_was_interrupted_or_did_not_run(
    run: Run, code: int
) -> None:
    ran = run("exec", "sh", "-c", f"exit {code}")

    assert (ran.code, ran.err) == (code, "")


def test_every_call_is_written_to_the_log(run: Run, tmp_path: Path) -> None:
    log = tmp_path / "calls.log"

    ran = run("exec", "--log", str(log), sys.executable, "-c", FAILING, "25")

    lines = [line for line in log.read_text(encoding="utf-8").splitlines() if "GET" in line]
    assert [line.split("/")[-1] for line in lines] == [str(number) for number in range(25)]
    assert "--log" not in ran.err


def test_a_log_that_cannot_be_written_is_reported_in_one_line(run: Run, tmp_path: Path) -> None:
    ran = run("exec", "--log", str(tmp_path / "none" / "log"), "true")

    assert "none/log cannot be written: No such file" in ran.sentence


def test_a_kept_account_can_be_served_again(run: Run) -> None:
    program = (
        "import json, os, urllib.request as r\n"
        "asked = r.Request(os.environ['SFMC_MOCK_URL'] + '/_mock/clock', b'{\"freeze\": true}',"
        " {'Content-Type': 'application/json'})\n"
        "r.urlopen(asked)\n"
    )

    ran = run("exec", "--keep", sys.executable, "-c", program)

    (line,) = ran.err.splitlines()
    path = line.split()[5].rstrip(":")
    assert line.startswith(f"sfmc-mock: The account is in {path}: see `sfmc-mock serve --account ")
    with MockServer(account=path) as again:
        assert not again.clock.running
    shutil.rmtree(Path(path).parent)


def test_a_port_can_be_chosen(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os; print(os.environ['SFMC_MOCK_URL'])"
    # The one of `serve` is not taken: several commands may run at a time.
    monkeypatch.setenv("SFMC_MOCK_PORT", "1")

    with free_port() as port:
        ran = run("exec", "--port", str(port), sys.executable, "-c", program)

    assert ran.out == f"http://127.0.0.1:{port}\n"


def test_the_options_of_the_command_are_its_own(run: Run) -> None:
    ran = run("exec", sys.executable, "-c", "import sys; print(sys.argv)", "--seed", "-h")

    assert ran.out.strip() == "['-c', '--seed', '-h']"


def test_the_server_is_set_up_as_the_options_say(run: Run) -> None:
    program = "import os, urllib.request as r; print(r.urlopen(os.environ['SFMC_MOCK_URL'] + '/_mock/settings').read())"

    ran = run("exec", "--strict", "--lag", "worst", "--", sys.executable, "-c", program)

    assert '"lag": "worst", "strict": true' in ran.out
    assert '"engagement": "quiet"' in ran.out


def test_the_server_is_gone_when_the_command_has_ended(run: Run) -> None:
    ran = run("exec", sys.executable, "-c", "import os; print(os.environ['SFMC_MOCK_URL'])")

    address = urlsplit(ran.out.strip())
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), timeout=60)


def test_a_proxy_does_not_come_between(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    program = "import os; print(os.environ['NO_PROXY'], os.environ['no_proxy'])"
    monkeypatch.setenv("http_proxy", "http://proxy.test:3128")
    monkeypatch.setenv("NO_PROXY", "intern.test")
    monkeypatch.delenv("no_proxy", raising=False)

    ran = run("exec", sys.executable, "-c", program)

    assert ran.out.split() == ["intern.test,127.0.0.1,localhost", "127.0.0.1,localhost"]


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_is_passed_on_to_the_command(number: signal.Signals) -> None:
    program = (
        "import signal, sys\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(7))\n"
        "print('waiting', flush=True)\n"
        "signal.pause()\n"
    )
    process = subprocess.Popen(
        (*COMMAND, "exec", sys.executable, "-c", program),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        env=environment(),
        # Without a terminal, which would tell the command by itself.
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=60)

    assert process.returncode == 7
    assert "Traceback" not in err


def test_a_command_that_a_signal_ended_counts_as_in_a_shell() -> None:
    program = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"

    assert run_command([sys.executable, "-c", program], os.environ) == 128 + signal.SIGKILL


def test_the_handlers_of_signals_are_as_before() -> None:
    before = signal.getsignal(signal.SIGTERM)

    run_command([sys.executable, "-c", ""], os.environ)

    assert signal.getsignal(signal.SIGTERM) == before


def test_an_unknown_command_is_reported_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    code = run_command(["no-such-command"], os.environ)

    err = capsys.readouterr().err
    assert code == 127
    assert err == ("sfmc-mock: Command 'no-such-command' not found. Check its name and the PATH.\n")


def test_a_file_that_is_no_program_is_reported_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "letter.txt"
    path.write_text("Dear Ada", encoding="utf-8")

    code = run_command([str(path)], os.environ)

    assert code == 126
    assert capsys.readouterr().err == f"sfmc-mock: Cannot run '{path}': Permission denied.\n"


def test_no_command_at_all_is_a_usage_error(run: Run) -> None:
    ran = run("exec", "--strict")

    assert ran.code == 2
    assert "Missing argument" in ran.err


# Written for production: its addresses, its certificates.
FOR_PRODUCTION = """
import json, os, urllib.error, urllib.request
tenant = os.environ["SFMC_TENANT"]
asked = {"grant_type": "client_credentials", "client_id": os.environ["SFMC_CLIENT_ID"],
         "client_secret": os.environ["SFMC_CLIENT_SECRET"]}
request = urllib.request.Request(f"https://{tenant}.auth.marketingcloudapis.com/v2/token",
                                 json.dumps(asked).encode(), {"Content-Type": "application/json"})
print(json.load(urllib.request.urlopen(request, timeout=60))["soap_instance_url"])
try:
    urllib.request.urlopen("https://example.com/", timeout=60)
except urllib.error.URLError as refused:
    print(refused.reason)
"""


@pytest.mark.slow
def test_a_program_with_production_s_addresses_reaches_the_server(tmp_path: Path) -> None:
    outside = environment(XDG_STATE_HOME=str(tmp_path), NO_PROXY="*", TMPDIR=str(tmp_path))

    ran = run_apart("exec", "--intercept", "--", sys.executable, "-c", FOR_PRODUCTION, env=outside)

    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        "https://mc00000000000000000001234567.soap.marketingcloudapis.com/",
        "Tunnel connection failed: 403 Forbidden",
    ]
    assert ran.err.startswith("sfmc-mock: The command called other hosts")
    assert "example.com. Put those that it needs into NO_PROXY" in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["sfmc-mock"]


def test_without_intercept_no_proxy_and_no_tenant_is_named(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    program = (
        "import os; print([name for name in os.environ if name in ('HTTPS_PROXY', 'SFMC_TENANT')])"
    )

    ran = run("exec", sys.executable, "-c", program)

    assert ran.out == "[]\n"


# suds sets its own proxies, which are none: such a program reaches production itself.
WITHOUT_PROXY = """
import sitecustomize, urllib.request
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
print(direct.open("https://webservice.exacttarget.com/platform/v1/endpoints/soap", timeout=60).read().decode())
print(sitecustomize.WAS_HERE)
"""


@pytest.mark.slow
def test_a_python_program_that_looks_at_no_proxy_reaches_the_server(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("WAS_HERE = 'its own'", encoding="utf-8")
    outside = environment(XDG_STATE_HOME=str(tmp_path), PYTHONPATH=str(tmp_path))

    ran = run_apart("exec", "--intercept", "--", sys.executable, "-c", WITHOUT_PROXY, env=outside)

    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        '{"url": "https://webservice.exacttarget.com/Service.asmx"}',
        "its own",
    ]


NODE_WITHOUT_PROXY = """
const url = "https://webservice.exacttarget.com/platform/v1/endpoints/soap";
(async () => {
  console.log(await (await fetch(url)).text());
  require("https").get(url, (answer) => answer.on("data", (data) => console.log(String(data))));
  const plain = require("net").connect(80, "webservice.exacttarget.com");
  plain.on("error", (error) => console.log(error.message));
  plain.on("connect", () => { console.log(plain.remoteAddress); plain.end(); });
})();
"""


@pytest.mark.slow
def test_a_node_program_that_looks_at_no_proxy_reaches_the_server(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("there is no node here")
    outside = environment(XDG_STATE_HOME=str(tmp_path), NODE_OPTIONS="--no-warnings")

    ran = run_apart("exec", "--intercept", "--", "node", "-e", NODE_WITHOUT_PROXY, env=outside)

    assert ran.code == 0, ran.err
    assert sorted(ran.out.split("\n")) == [
        "",
        "127.0.0.1",
        '{"url": "https://webservice.exacttarget.com/Service.asmx"}',
        '{"url": "https://webservice.exacttarget.com/Service.asmx"}',
    ]


def test_a_folder_for_temporary_files_that_cannot_be_written_to_is_reported_in_one_line(
    run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    monkeypatch.setattr("tempfile.TemporaryDirectory", Mock(side_effect=full))

    ran = run("exec", "--intercept", "true")

    assert "(No space left on device): set TMPDIR" in ran.sentence


@pytest.mark.slow
def test_the_client_of_this_package_calls_either_address(tmp_path: Path) -> None:
    production = "https://$SFMC_TENANT.soap.marketingcloudapis.com/Service.asmx"
    program = "from sfmc_client.cli import main; main()"
    command = f"{sys.executable} -c '{program}' retrieve List ListName --csv"
    script = f'{command} && SFMC_ENDPOINT="{production}" {command}'
    outside = environment(XDG_STATE_HOME=str(tmp_path))

    ran = run_apart("exec", "--intercept", "--", "sh", "-c", script, env=outside)

    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == ["ListName", "All Subscribers"] * 2
