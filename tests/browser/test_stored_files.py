"""Stored files as a browser opens them by themselves."""

import base64

import pytest
from playwright.sync_api import expect

from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_artifact

pytestmark = uses(populate_cast)

PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def opened(sign_in, project, owner):
    """opened(bytes, name) is the page of a stored file; its complaints fail the test."""

    def open_file(data, name):
        page = sign_in(owner)
        page.goto(make_artifact(project, data, name).get_absolute_url())
        return page

    return open_file


def test_a_picture_is_shown_without_breaking_the_policy(opened):
    page = opened(PICTURE, "a.png")
    expect(page.locator("img")).to_be_visible()
    assert page.locator("img").evaluate("image => image.naturalWidth") == 1


@pytest.mark.parametrize("charset", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_text_is_read_in_its_own_charset(opened, charset):
    page = opened("Жуки — ошибки\n".encode(charset), "notes.txt")
    expect(page.locator("pre")).to_have_text("Жуки — ошибки\n")
