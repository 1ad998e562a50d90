"""The stylesheets, the sprite and the tokens hold nothing that no page names."""

import re

from django.conf import settings

STATIC = settings.BASE_DIR / "static"
CSS = sorted((STATIC / "css").rglob("*.css"))
NAME = r"-?[A-Za-z_][\w-]*"

# Put together from parts in testoqa/templatetags/ui.py.
COMPOSED = set("ava a2 a3 a4 a5 bot bar i in is-p0 prio st".split())
# Given by the scripts of others: htmx, and the documentation of the API.
FROM_OUTSIDE = {"htmx-request", "swagger-ui"}
# Chosen in apps/cases/lists.py by the kind of a case, and in templatetags/tree.py.
CHOSEN_ICONS = set("auto globe hand down right".split())


def texts(folder, pattern):
    return [path.read_text() for path in sorted((settings.BASE_DIR / folder).rglob(pattern))]


def words(texts):
    return {word for text in texts for word in re.findall(NAME, text)}


def styles():
    """All stylesheets without comments and strings, in which a dot begins no class."""
    return [re.sub(r'/\*.*?\*/|"[^"]*"', "", path.read_text(), flags=re.S) for path in CSS]


def named_by_templates():
    for text in texts("templates", "*.html"):
        yield from re.findall(r'class="([^"]*)"', re.sub(r"{%.*?%}|{{.*?}}", " ", text))
        for tag in re.findall(r"{% (?:avatar|bar|control|icon|st|status_icon) (.*?)%}", text):
            yield from re.findall(r'"([^"]*)"', tag)


def named_by_scripts():
    for text in texts("static/js", "*.js"):
        for line in re.findall(r'.*(?:classList|className|"class").*', text):
            yield from re.findall(r"[\"'`]([^\"'`]*)[\"'`]", line)


def named_by_python():
    for folder in ("apps", "testoqa"):
        for text in texts(folder, "*.py"):
            yield from re.findall(r'class="([^"]*)"', text)
        for call in re.findall(r"\bicon\((.*?)\)", "".join(texts(folder, "*.py"))):
            yield from re.findall(r'"([^"]*)"', call)


def test_every_class_of_the_stylesheets_is_named_somewhere():
    named = words([*named_by_templates(), *named_by_scripts(), *named_by_python()])
    classes = {name for text in styles() for name in re.findall(rf"\.({NAME})", text)}
    assert {"btn", "grow", "toast"} <= classes
    assert sorted(classes - named - COMPOSED - FROM_OUTSIDE) == []


def test_every_token_is_used():
    text = "\n".join(styles())
    tokens = set(re.findall(r"(--[\w-]+)\s*:", text))
    assert sorted(tokens - set(re.findall(r"var\((--[\w-]+)", text))) == []


def test_every_icon_of_the_sprite_is_named_somewhere():
    symbols = set(re.findall(r'<symbol id="i-([^"]+)"', (STATIC / "icons/sprite.svg").read_text()))
    pages, scripts = "\n".join(texts("templates", "*.html")), "\n".join(texts("static/js", "*.js"))
    named = set(re.findall(r'{% icon (?:symbol\|default:)?"([^"]+)"', pages))
    named |= set(re.findall(r'\bsymbol="([^"]+)"', pages))
    named |= set(re.findall(r'"i-([\w-]+)"', scripts))
    assert {"x", "runs"} <= symbols
    assert sorted(symbols - named - CHOSEN_ICONS) == []
