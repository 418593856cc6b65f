from __future__ import annotations

from tests.support.browsing import Browsing


def test_an_empty_account_says_what_to_do_next(browsing: Browsing) -> None:
    words = browsing.see("/").words
    assert "curl http://localhost/_mock/sends" in words
    assert 'Client("http://localhost"' in words


def test_the_first_send_of_an_account_can_be_copied_and_run(browsing: Browsing) -> None:
    """Also where the account has no running definition, as by default."""
    words = browsing.see("/").words
    next(iter(browsing.app.accounts)).db.update(
        "triggered_send_definition", {"status": "Inactive"}, status="Active"
    )
    without = browsing.see("/sends").words

    assert '{"definition": "welcome", "to": "ada@mock.test"}' in words
    assert "no running triggered send definition" in without
    assert "curl" not in without
    assert 'recipe=Recipe(email_id=3099626)).send("welcome", "ada@mock.test")' in without


def test_it_shows_counts_calls_and_a_chart(browsing: Browsing) -> None:
    browsing.send("ada@mock.test")
    browsing.soap_as("mock-user", "wrong")
    page = browsing.see("/")

    assert page.links("/sends/1")
    assert "Login Failed" in page.words or "GetSystemStatus" in page.words
    assert page.find("//svg[@class='chart']//rect[contains(@class, 'sent')]")


def test_the_clock_is_changed_by_buttons_and_text(browsing: Browsing) -> None:
    def now() -> str:
        return str(browsing.get("/clock").body["now"])

    done = browsing.submit("/clock", do="advance:1h", back=f"/_mock/ui/{browsing.mid}/sends?a=b")
    assert done.status == 303
    assert now().startswith("2026-01-01T13:00:00")
    assert done.location.startswith(f"/_mock/ui/{browsing.mid}/sends?a=b&note=")
    assert "went forward to 2026-01-01 13:00:00" in browsing.see(done.location).words
    # A note is shown once.
    assert "went forward" not in browsing.see(done.location).words

    browsing.submit("/clock", do="go", text="2h30m")
    assert now().startswith("2026-01-01T15:30:00")
    browsing.submit("/clock", do="go", text="2026-01-02T00:00:00")
    assert now().startswith("2026-01-02T00:00:00")
    browsing.submit("/clock", do="run")
    assert browsing.get("/clock").body["running"] is True
    browsing.submit("/clock", do="freeze")
    assert browsing.get("/clock").body["running"] is False


def test_a_refusal_of_the_clock_is_said_on_the_page(browsing: Browsing) -> None:
    done = browsing.submit("/clock", do="go", text="yesterday")
    assert "'yesterday' is not a valid time" in browsing.see(done.location).words
    done = browsing.submit("/clock", do="next")
    assert "Nothing is to come" in browsing.see(done.location).words


def test_the_clock_skips_to_the_next_event(browsing: Browsing) -> None:
    browsing.post("/settings", {"lag": "worst"})
    browsing.send("ada+open@mock.test")
    browsing.submit("/clock", do="next")
    first = browsing.get("/clock").body["now"]
    assert first > "2026-01-01T12:00:00.000"
    (explained,) = browsing.get("/sends/1/explain").body["messages"]
    assert first in {
        each[name] for each in explained["events"] for name in ("happens_at", "visible_at")
    }


def test_a_form_leads_back_to_pages_of_the_inspector_only(browsing: Browsing) -> None:
    for back in (
        "http://evil.test/",
        "//evil.test/",
        "/_mock/ui//evil.test",
        "/_mock/ui/\\evil.test",
    ):
        done = browsing.submit("/clock", do="freeze", back=back)
        assert done.location.startswith(f"/_mock/ui/{browsing.mid}/?note=")


def test_the_chart_counts_an_account_that_was_put_back_anew(browsing: Browsing) -> None:
    for number in range(3):
        browsing.send(f"ada{number}@mock.test")
    browsing.see("/")
    browsing.post("/reset")
    assert not browsing.see("/").find("//svg[@class='chart']")
    browsing.send("bob@mock.test")
    assert "Sent: 1 from" in browsing.see("/").text
