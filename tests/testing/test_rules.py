"""Every rule and every error of the plugin is in the name of the test that shows it."""

import ast
import re
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "testing.md"
SOURCE = HERE.parents[1] / "testoqa" / "testing"
DROPPED = {"r30"}  # a build relaxes no check, so there is nothing to set back


def named(letter):
    """{"r01", ...} of all tests, those of the example too."""
    found = set()
    for path in HERE.rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found |= set(re.findall(rf"(?<=_){letter}\d\d(?=_)", node.name))
    return found


def test_every_rule_has_a_test():
    assert named("r") == {f"r{n:02}" for n in range(1, 32)} - DROPPED


def test_every_error_has_a_test():
    assert named("e") == {f"e{n:02}" for n in range(1, 16)}


def told():
    """The words of every error that the page lists, without what differs from time to time."""
    table = PAGE.read_text().partition("| Says | When |")[2].partition("\n## ")[0]
    for row in table.splitlines()[2:]:
        for text in re.findall(r"`([^`]+)`", row.split("|")[1] if row else ""):
            yield from (words.strip() for words in text.split("…") if len(words.strip()) > 5)


def words_of(tree):
    """All strings of the code, without spaces and the backslashes of patterns."""
    strings = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return re.sub(r"[\s\\]", "", "|".join(text for text in strings if isinstance(text, str)))


def test_every_error_of_the_page_is_said_and_tried():
    source, tests = (
        "".join(words_of(ast.parse(path.read_text())) for path in paths)
        for paths in (SOURCE.glob("*.py"), HERE.glob("test_*.py"))
    )
    words = [text.replace(" ", "") for text in told()]
    assert len(words) > 30
    assert [text for text in words if text not in source] == []
    assert [text for text in words if text not in tests] == []


def test_every_error_of_the_source_is_on_the_page():
    page = [words.replace(" ", "") for words in told()]
    for path in SOURCE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Error"):
                said, place = words_of(node), f"{path.name}:{node.lineno}"
                assert not said or any(words in said for words in page), place
