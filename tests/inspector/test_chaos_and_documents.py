from __future__ import annotations

import pytest
from tests.support.browsing import Browsing

from sfmc_mock.documentation import pages


def test_a_rule_is_added_switched_off_and_on(browsing: Browsing) -> None:
    def rules() -> list[str]:
        return [each["name"] for each in browsing.get("/chaos").body["rules"]]

    browsing.submit("/chaos", do="add", rule='name = "down"\nstatus = 503')
    assert rules() == ["down"]
    assert browsing.soap_as("mock-user", "mock-password") == 503
    row = browsing.see("/chaos").find("//table//tbody/tr")[0].text_content()
    assert "'1'" not in row
    assert "on" in row
    browsing.submit("/chaos", do="off", name="down")
    assert rules() == []
    browsing.submit("/chaos", do="on", name="down")
    assert rules() == ["down"]
    browsing.submit("/chaos", do="off", name="down")
    browsing.submit("/chaos", do="forget", name="down")
    assert "There are no rules" in browsing.see("/chaos").words


def test_a_rule_that_cannot_be_switched_on_stays_off(
    browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfmc_mock.chaos.engine.MOST_RULES", 1)
    browsing.submit("/chaos", do="add", rule='name = "down"\nstatus = 503')
    browsing.submit("/chaos", do="off", name="down")
    browsing.submit("/chaos", do="add", rule='name = "slow"\ndelay = "1s"')

    refused = browsing.submit("/chaos", do="on", name="down")

    assert "at most 1 chaos rules" in browsing.see(refused.location).words
    browsing.submit("/chaos", do="off", name="slow")
    browsing.submit("/chaos", do="on", name="down")
    assert [each["name"] for each in browsing.get("/chaos").body["rules"]] == ["down"]


def test_switching_off_more_rules_than_the_limit_is_refused(
    browsing: Browsing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sfmc_mock.inspector.pages.chaos.MOST_RULES", 1)
    for name in ("one", "two"):
        browsing.submit("/chaos", do="add", rule=f'name = "{name}"\nstatus = 503')
    browsing.submit("/chaos", do="off", name="one")

    refused = browsing.submit("/chaos", do="off", name="two")

    assert "1 rules are switched off, which is the most" in browsing.see(refused.location).words
    assert [each["name"] for each in browsing.get("/chaos").body["rules"]] == ["two"]


@pytest.mark.parametrize("rule", ["", "status", "status = 200", "colour = 'red'"])
def test_a_rule_that_is_none_is_refused_in_words(browsing: Browsing, rule: str) -> None:
    done = browsing.submit("/chaos", do="add", rule=rule)
    page = browsing.see(done.location)
    assert page.find("//p[contains(@class, 'note bad')]")


@pytest.mark.parametrize("name", list(pages()))
def test_every_page_of_the_documentation_can_be_read(browsing: Browsing, name: str) -> None:
    page = browsing.see(f"/docs/{name}")
    assert page.status == 200
    assert page.find("//article//h1")
    assert page.find("//@style") == []
    linked = {each.partition("#")[0].rpartition("/docs/")[2] for each in page.links("/docs/")}
    assert linked <= {*pages(), ""}


def test_a_page_that_is_not_there_names_similar_ones(browsing: Browsing) -> None:
    assert "Did you mean" in browsing.see("/docs/quickstar").words
