"""Templates name only classes and icons that exist, and nothing that the policy stops."""

import re
from functools import cache

import pytest
from django.conf import settings
from django.template.loader import get_template, render_to_string

TEMPLATES = settings.BASE_DIR / "templates"
STATIC = settings.BASE_DIR / "static"
ALL = sorted(path.relative_to(TEMPLATES).as_posix() for path in TEMPLATES.rglob("*.html"))
SCRIPTS = sorted(path.relative_to(STATIC).as_posix() for path in (STATIC / "js").rglob("*.js"))


@cache
def stylesheet():
    return "\n".join(path.read_text() for path in (STATIC / "css").rglob("*.css"))


@cache
def known_classes():
    return set(re.findall(r"\.([a-z][\w-]*)", stylesheet()))


@cache
def symbols():
    return set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons/sprite.svg").read_text()))


def source(name):
    return re.sub(r"{#.*?#}", "", (TEMPLATES / name).read_text())


def classes_of(text):
    for value in re.findall(r'\bclass="([^"]*)"', re.sub(r"{%[^%]*%}|{{[^}]*}}", " ", text)):
        yield from value.split()


@pytest.mark.parametrize("name", ALL)
def test_a_template_is_well_formed(name):
    get_template(name)


@pytest.mark.parametrize("name", ALL)
def test_every_class_has_a_rule(name):
    unknown = set(classes_of(source(name))) - known_classes()
    assert not unknown, f"{name} uses classes without a rule: {sorted(unknown)}"


@pytest.mark.parametrize("name", ALL)
def test_every_icon_is_in_the_sprite(name):
    text = source(name)
    wanted = {f"i-{icon}" for icon in re.findall(r'{% icon "([^"]+)"', text)}
    wanted |= {f"i-{icon}" for icon in re.findall(r'\bsymbol="([^"]+)"', text)}
    wanted |= {f"s-{status}" for status in re.findall(r'{% (?:st|status_icon) "([^"]+)"', text)}
    assert wanted <= symbols(), f"{name} names unknown icons: {sorted(wanted - symbols())}"


@pytest.mark.parametrize("name", ALL)
def test_nothing_is_inline(name):
    text = source(name)
    assert not re.search(r"\sstyle\s*=", text), "a style attribute"
    assert not re.search(r"\son[a-z]+\s*=", text), "an event handler"
    assert not re.search(r"\bhx-on\b|\bjs:|javascript:", text), "script in an attribute"
    assert "<style" not in text
    for tag in re.findall(r"<script[^>]*>", text):
        assert "src=" in tag, "an inline script"


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_icon_and_module_of_a_script_exists(name):
    text = (STATIC / name).read_text()
    assert set(re.findall(r'"([is]-[a-z0-9]+)"', text)) <= symbols()
    for module in re.findall(r'(?:from|import) "(\./[^"]+)"', text):
        assert ((STATIC / name).parent / module).is_file(), module


def test_every_status_has_its_icon_and_its_colour():
    from testoqa.templatetags.ui import STATUS_LABELS

    grey = {"skipped", "cancelled", "aborted"}
    for status in STATUS_LABELS.keys() - {"pending"}:
        assert f"s-{status}" in symbols()
        assert status in grey or f'[data-s="{status}"]' in stylesheet()


def test_every_stylesheet_is_loaded():
    wanted = {path.relative_to(STATIC).as_posix() for path in (STATIC / "css").rglob("*.css")}
    alone = {"css/api-docs.css"}
    assert set(re.findall(r"'(css/[^']+)'", source("_styles.html"))) == wanted - alone
    assert alone < set(re.findall(r"'(css/[^']+)'", source("api_docs.html")))


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_an_error_page_needs_nothing_that_can_fail(code):
    html = render_to_string(f"{code}.html")
    assert f"Error {code[:3]}" in html
    for address in re.findall(r'href="/static/([^"]+)"', html):
        assert (STATIC / address).is_file(), address


def test_an_error_page_shows_the_code_to_tell():
    assert "<code>e-7f31c</code>" in render_to_string("500.html", {"code": "e-7f31c"})
