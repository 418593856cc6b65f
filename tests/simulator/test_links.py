"""The links of an email."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfmc_mock.simulator.links import Link, links_in


def urls(document: str) -> list[str]:
    return [link.url for link in links_in(document)]


def test_links_are_numbered_in_their_order() -> None:
    links = links_in('<a href="https://one.example">1</a> <a href="http://two.example/">2</a>')

    assert links == (Link(1, "https://one.example"), Link(2, "http://two.example/"))


@pytest.mark.parametrize(
    "url", ["mailto:ada@example.com", "#top", "tel:+1", "/path", "", "ftp://x"]
)
def test_untracked_addresses_are_no_links(url: str) -> None:
    assert urls(f'<a href="{url}">x</a><a>y</a>') == []


@pytest.mark.parametrize(
    ("tag", "url"),
    [
        ("<A HREF='HTTP://X.example/'>", "HTTP://X.example/"),
        ("<a class=big href=https://x.example/a/b disabled>", "https://x.example/a/b"),
        ('<a href = " https://x.example/?a=1&amp;b=2 " >', "https://x.example/?a=1&b=2"),
        ('<a/href="https://x.example"/>', "https://x.example"),
        ('<area shape="rect" href="https://x.example">', "https://x.example"),
        ('<a title="a > b" href="https://x.example">', "https://x.example"),
        ('<a href="https://x.example" href="https://y.example">', "https://x.example"),
        ('<a href="https://x.example/%%=v(@id)=%%">', "https://x.example/%%=v(@id)=%%"),
        ('<a href="https://x.example/?n=%%First Name%%">', "https://x.example/?n=%%First Name%%"),
        ('<a href="%%unsub_center_url%%">', "%%unsub_center_url%%"),
        (
            '<a href="%%=RedirectTo(concat("https://x.example/", @id))=%%">',
            '%%=RedirectTo(concat("https://x.example/", @id))=%%',
        ),
    ],
)
def test_a_link_is_read_as_the_email_writes_it(tag: str, url: str) -> None:
    assert urls(f"<p>{tag}go</a></p>") == [url]


@pytest.mark.parametrize(
    "hidden",
    [
        "<!-- {} -->",
        "<script>document.write('{}')</script>",
        "%%[ set @x = '{}' ]%%",
        "<style>{}</style>",
    ],
)
def test_links_in_comments_and_scripts_are_ignored(hidden: str) -> None:
    shown = '<a href="https://shown.example">x</a>'

    assert urls(hidden.format('<a href="https://hidden.example">') + shown) == [
        "https://shown.example"
    ]


def test_an_alias_goes_before_a_title() -> None:
    links = links_in(
        '<a href="https://x.example" title="Title" alias="Alias">1</a>'
        '<a href="https://y.example" title="Title">2</a>'
    )

    assert [link.alias for link in links] == ["Alias", "Title"]


def test_the_same_url_is_another_link_only_under_another_alias() -> None:
    links = links_in(
        '<a href="https://x.example" alias="top">1</a>'
        '<a href="https://x.example" alias="top">2</a>'
        '<a href="https://x.example" alias="foot">3</a>'
    )

    assert [(link.url_id, link.alias) for link in links] == [(1, "top"), (2, "foot")]


def test_a_link_known_only_at_send_time_says_so() -> None:
    links = links_in('<a href="%%unsub_center_url%%">1</a><a href="https://x.example">2</a>')

    assert [link.is_personal for link in links] == [True, False]


@given(st.text(alphabet="<>a=\"'/! -%[]\ue000\ue001h1tp:script"))
def test_broken_html_is_read_as_far_as_it_goes(document: str) -> None:
    links = links_in(document)

    assert [link.url_id for link in links] == list(range(1, len(links) + 1))


@pytest.mark.parametrize("piece", ["<a ", "<a href='http://x", "<!--", "%%=", "%%[", "<script>"])
def test_a_large_broken_document_takes_no_time(piece: str) -> None:
    began = time.process_time()

    links_in(piece * 100_000)

    assert time.process_time() - began < 2.0
