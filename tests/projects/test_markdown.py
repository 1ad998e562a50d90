"""Texts in Markdown: what is shown, what never gets through, and their preview."""

import re

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.projects.markdown import LONGEST, is_followed, named_files, render
from apps.projects.models import Project
from testoqa.testing import uses
from tests.data import populate_cast

WEB = Project(key="WEB")
FILE = "01890000-0000-7000-8000-0000000000aa"
ADDRESS = f"/projects/WEB/artifacts/{FILE}/"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("Click it's", "<p>Click it's</p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>\n"),
        ("# Top\n\n**bold** ~~gone~~ `code`", "<h3>Top</h3>\n<p><strong>bold</strong> <s>gone</s> "
         "<code>code</code></p>\n"),
        ("3. c\n4. d", '<ol start="3">\n<li>c</li>\n<li>d</li>\n</ol>\n'),
        ("[x](https://a.b/)", '<p><a href="https://a.b/" rel="noopener nofollow">x</a></p>\n'),
        ("[m](mailto:a@b.c)", '<p><a href="mailto:a@b.c" rel="noopener nofollow">m</a></p>\n'),
        (f"![p](artifact:{FILE})", f'<p><img src="{ADDRESS}" alt="p" loading="lazy"></p>\n'),
        (f"[f](artifact:{FILE})", f'<p><a href="{ADDRESS}" rel="noopener nofollow">f</a></p>\n'),
    ],
)  # fmt: skip
def test_what_is_marked_up_is_shown_so(text, html):
    assert render(text, WEB) == html


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("### Steps", [3]),
        ("## One\n# Two\n### Three\n## Four", [3, 3, 4, 4]),
        ("# One\n###### Two\n### Three\n# Four", [3, 4, 4, 3]),
        ("# a\n## b\n### c\n#### d\n##### e\n###### f", [3, 4, 5, 6, 6, 6]),
        ("Setext\n---\nwords\n\n> #### Quoted", [3, 4]),
    ],
)
def test_headings_stand_below_those_of_the_page_without_a_gap(text, levels):
    html = render(text, WEB)
    assert [int(level) for level in re.findall(r"<h(\d)>", html)] == levels
    assert [int(level) for level in re.findall(r"</h(\d)>", html)] == levels


def test_a_table_is_shown_without_styles_of_its_own():
    html = render("| a | b |\n|:-:|--:|\n| 1 | 2 |", WEB)
    assert "<td>1</td>" in html and "style" not in html


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](JaVaScRiPt:alert(1))",
        "[x](&#106;avascript:alert(1))",
        "[x](data:text/html;base64,PHNjcmlwdD4=)",
        "[x](vbscript:a)",
        "[x](//evil.example/)",
        "[x](/accounts/logout/)",
        "[x](projects/OPS/)",
        "[x](http:)",
        "[x](file:///etc/passwd)",
        "<javascript:alert(1)>",
        f'![x](artifact:{FILE} "a" onload=b)',
        "a\n<svg/onload=alert(1)>",
    ],
)
def test_nothing_that_runs_or_leads_elsewhere_gets_through(text):
    html = render(text, WEB)
    assert not re.search(r"<(script|svg|iframe)|<[^>]*\son\w+=|href=", html), html


@pytest.mark.parametrize(
    "source",
    [
        "https://evil.example/track.png",
        "//evil.example/track.png",
        "data:image/png;base64,AAAA",
        f"/projects/OPS/artifacts/{FILE}/",
        "artifact:not-an-id",
        "",
    ],
)
def test_no_picture_comes_from_anywhere_but_the_files_of_the_project(source):
    assert "<img" not in render(f"![seen]({source})", WEB)
    assert "seen" in render(f"![seen]({source})", WEB)


def test_without_a_project_there_are_no_files():
    assert ADDRESS not in render(f"![p](artifact:{FILE})")


@given(st.text(alphabet="<>[]()!`*_#|~&\"'\\ \n-:/ax.", max_size=60))
def test_of_any_text_come_only_elements_and_attributes_that_are_known(text):
    html = render(text, WEB)
    for tag in re.findall(r"<[^>]*>", html):
        assert re.fullmatch(
            r"</?(p|br|hr|em|strong|s|code|pre|blockquote|[uo]l|li|a|h[3-6]|table|thead|tbody|t[rhd])"
            r'( (href|title|rel|start)="[^"<>]*")*>',
            tag,
        ), html


def test_a_text_too_long_to_mark_up_is_shown_as_it_was_written():
    assert render("<b> **x** " * LONGEST, WEB).startswith("<p>&lt;b&gt; **x** ")
    assert "*" in render("[" * 600 + "**x**", WEB)


def test_the_files_that_texts_name_are_found():
    assert {str(found) for found in named_files("a", f"![x](artifact:{FILE.upper()})")} == {FILE}


@pytest.mark.parametrize(
    ("address", "followed"),
    [
        ("https://a.b/c?d", True), ("http://localhost:8000", True), ("mailto:a@b.c", True),
        ("mailto:", False), ("ftp://a.b", False), ("https://", False), ("http://[", False),
        ("a.b", False),
    ],
)  # fmt: skip
def test_an_address_is_followed_or_not(address, followed):
    assert is_followed(address) is followed


@uses(populate_cast)
def test_the_preview_shows_what_the_page_would(client, viewer):
    client.force_login(viewer)
    said = {"text": f"**Hi** <b>\n\n![p](artifact:{FILE})"}
    answer = client.post(reverse("projects:preview", args=["WEB"]), said)
    assert answer.content.decode() == render(said["text"], WEB)


@uses(populate_cast)
def test_nobody_outside_previews(client, outsider):
    client.force_login(outsider)
    assert client.post(reverse("projects:preview", args=["WEB"]), {"text": "a"}).status_code == 404
