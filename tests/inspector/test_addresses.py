"""Requests that get pages, and the parts that every page has."""

from __future__ import annotations

import re

import pytest
from tests.support.browsing import BROWSER, Browsing

from sfmc_mock.inspector.pages import PAGES

FORMS = [page.path for page in PAGES if page.post]


def test_a_browser_is_led_from_the_root_to_the_overview(browsing: Browsing) -> None:
    answer = browsing.see("/", absolute=True)
    assert (answer.status, answer.location) == (302, "/_mock/ui/")
    assert browsing.see("/_mock/").location == "/_mock/ui/"
    assert browsing.see("/_mock/ui/").location == f"/_mock/ui/{browsing.mid}/"
    assert browsing.see("/").status == 200


@pytest.mark.parametrize("accept", ["*/*", "application/json", ""])
def test_programs_get_what_they_got(browsing: Browsing, accept: str) -> None:
    assert "SOAP endpoint" in browsing.see("/", accept=accept, absolute=True).text
    assert (
        browsing.see("/_mock", accept=accept).headers["Content-Type"].startswith("application/json")
    )
    assert browsing.see("/_mock/accounts").headers["Content-Type"].startswith("application/json")


def test_pages_run_and_load_only_what_the_server_serves(browsing: Browsing) -> None:
    page = browsing.see("/")

    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.find("//@style | //style | //script[not(@src)] | //@onclick") == []
    loaded = page.find("//link/@href | //script/@src | //img/@src")
    assert loaded
    assert all(each.startswith("/_mock/ui/static/") for each in loaded)
    for each in set(loaded):
        assert browsing.see(each).status == 200


@pytest.mark.parametrize(
    "path", ["/nothing", "/sends/99", "/static/../inspector.py", "/sends?before=x"]
)
def test_errors_are_pages_in_words(browsing: Browsing, path: str) -> None:
    page = browsing.see(path)
    assert page.status in (400, 404)
    assert "This did not work" in page.words


def test_a_missing_account_is_named_among_those_that_are(browsing: Browsing) -> None:
    page = browsing.see("/_mock/ui/77/")
    assert page.status == 404
    assert str(browsing.mid) in page.words


def test_pages_are_refused_to_foreign_hosts_and_origins(browsing: Browsing) -> None:
    path = f"/_mock/ui/{browsing.mid}/"
    with browsing.client.get(
        path, base_url="http://evil.test", headers={"Accept": BROWSER}
    ) as answer:
        assert answer.status_code == 403
    for origin in ("http://evil.test", "null", None):
        assert browsing.submit("/clock", origin=origin, do="run").status in (403, 415)
    assert browsing.get("/clock").body["running"] is False


@pytest.mark.parametrize("path", FORMS)
def test_no_form_of_another_origin_is_taken(browsing: Browsing, path: str) -> None:
    before = browsing.get("/export").body
    address = re.sub("<[^>]*>", "1", path)

    statuses = {
        browsing.submit(address, origin=origin, do="run", action="reset", name="x").status
        for origin in ("https://evil.test", "null", "http://localhost:1", None)
    }

    assert statuses <= {403, 415}
    assert browsing.get("/export").body == before


def test_a_server_without_accounts_says_how_to_make_one(browsing: Browsing) -> None:
    browsing.ask("DELETE", f"/accounts/{browsing.mid}")
    page = browsing.see("/_mock/ui/")
    assert page.status == 200
    assert "curl -X POST http://localhost/_mock/accounts" in page.words
