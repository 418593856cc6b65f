"""Reset, checkpoints, export and import: the account changes as a whole, and its users can continue."""

from __future__ import annotations

import threading
import tomllib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.support.control import SEED, Control

from sfmc_mock.control import AccountHandle, checkpoints

Back = Callable[[Control], object]


def checkpoint_and_restore(control: Control) -> object:
    return control.post("/restore")


def reset(control: Control) -> object:
    return control.post("/reset")


def import_the_seed(control: Control) -> object:
    return control.post("/import", SEED)


WAYS = pytest.mark.parametrize("go_back", [reset, checkpoint_and_restore, import_the_seed])


@pytest.fixture(autouse=True)
def _checkpoint(control: Control) -> None:
    """Store a checkpoint of the unchanged account, for the tests that need one."""
    control.post("/checkpoint")


@WAYS
def test_sends_and_time_since_the_checkpoint_are_gone(control: Control, go_back: Back) -> None:
    control.send()
    control.post("/clock", {"advance": "4d"})

    go_back(control)

    assert control.get("/sends").body["sends"] == []
    assert control.get("/clock").body["now"] == "2026-01-01T12:00:00.000"


@WAYS
def test_a_token_that_was_given_out_before_is_still_good(control: Control, go_back: Back) -> None:
    token = control.token()

    go_back(control)

    assert control.soap_with_token(token) == 200


@WAYS
def test_a_new_token_can_be_had_afterwards(control: Control, go_back: Back) -> None:
    before = control.token()
    go_back(control)

    after = control.token()

    assert after != before
    assert control.soap_with_token(after) == 200


@WAYS
def test_the_password_is_still_good(control: Control, go_back: Back) -> None:
    go_back(control)

    assert control.soap_as("mock-user", "mock-password") == 200


@WAYS
def test_the_calls_are_forgotten(control: Control, go_back: Back) -> None:
    control.soap_as("mock-user", "mock-password")

    go_back(control)

    assert control.get("/journal", operation="GetSystemStatus").body["matching"] == 0


@WAYS
def test_the_same_calls_give_the_same_ids_again(control: Control, go_back: Back) -> None:
    before = control.send()
    go_back(control)

    after = control.send()

    numbers = ("send_id", "job_id", "batch_id", "subscriber_id")
    assert {name: after[name] for name in numbers} == {name: before[name] for name in numbers}


def test_the_profiles_that_the_server_was_started_with_survive_a_reset() -> None:
    control = Control(engagement="typical", lag="worst")
    control.post("/settings", {"engagement": "quiet", "lag": "instant"})

    control.post("/reset")

    settings = control.get("/settings").body
    control.close()
    assert (settings["engagement"], settings["lag"]) == ("typical", "worst")


def test_a_checkpoint_leads_back_more_than_once(control: Control) -> None:
    control.send("ada@mock.test")
    control.post("/checkpoint", {"name": "one sent"})

    for name in ("bob", "eve"):
        control.send(f"{name}@mock.test")
        control.post("/restore", {"name": "one sent"})

    (found,) = control.get("/sends").body["sends"]
    assert found["to"] == "ada@mock.test"


def test_an_unknown_checkpoint_is_answered_with_those_that_there_are(control: Control) -> None:
    reply = control.post("/restore", {"name": "befor"})

    assert reply.error == "There is no checkpoint 'befor'. There are: checkpoint."


def test_an_export_makes_the_same_account_again(control: Control) -> None:
    exported = control.get("/export")

    control.post("/import", exported.body)

    assert exported.headers["Content-Type"] == "application/toml; charset=utf-8"
    assert tomllib.loads(control.get("/export").body) == tomllib.loads(exported.body)


def test_a_reset_after_an_import_leads_to_the_imported_seed(control: Control) -> None:
    control.post("/import", SEED.replace("welcome", "hello"))
    control.send(definition="hello")

    control.post("/reset")

    assert control.send(definition="hello")["definition"] == "hello"


def test_a_broken_seed_leaves_the_account_as_it_is(control: Control) -> None:
    control.send()

    reply = control.post("/import", SEED.replace('status = "Active"', 'status = "Activ"'))

    assert "Did you mean Active?" in reply.error
    assert len(control.get("/sends").body["sends"]) == 1


def test_python_goes_back_by_the_same_functions(handle: AccountHandle) -> None:
    handle.send("welcome", to="ada@mock.test")
    handle.checkpoint("sent")
    exported = handle.export()

    handle.reset()
    assert handle.sends() == []
    handle.restore("sent")
    assert len(handle.sends()) == 1
    handle.replace(exported)
    assert handle.checkpoints == ["checkpoint", "sent"]
    assert handle.subscriber("ada@mock.test") is not None


def test_an_account_goes_back_while_others_call_it(control: Control) -> None:
    """No call sees a state between the old and the new one."""
    begin = threading.Barrier(4)

    def use() -> None:
        begin.wait()
        for number in range(15):
            control.send(f"s{number}@mock.test")
            control.soap_with_token(control.token())

    def go_back() -> None:
        begin.wait()
        for _ in range(5):
            reset(control)
            import_the_seed(control)
            checkpoint_and_restore(control)

    with ThreadPoolExecutor(4) as threads:
        for done in [threads.submit(each) for each in (use, use, use, go_back)]:
            done.result()

    assert control.app.problems == []
    assert control.soap_with_token(control.token()) == 200


def test_checkpoints_are_kept_up_to_a_number_and_tell_which_had_to_go(
    handle: AccountHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "MAX_CHECKPOINTS", 3)

    dropped = [handle.checkpoint(name) for name in ("one", "two", "one", "three")]

    assert dropped == [(), (), (), ("checkpoint",)]
    assert handle.checkpoints == ["two", "one", "three"]


def test_checkpoints_are_kept_up_to_a_size_and_the_last_one_always(
    control: Control, handle: AccountHandle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkpoints, "MAX_CHECKPOINT_BYTES", 1)
    handle.checkpoint("one")

    reply = control.post("/checkpoint", {"name": "two"})

    assert reply.body == {"checkpoint": "two", "checkpoints": ["two"], "dropped": ["one"]}
    handle.restore("two")


def test_the_name_of_a_checkpoint_has_a_limit(control: Control) -> None:
    assert "200 characters" in control.post("/checkpoint", {"name": "x" * 201}).error
