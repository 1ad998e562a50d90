"""The language by itself: a text is a query or an error with a place, and prints as it reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.cases.query import QueryError, parse
from apps.cases.query.nodes import And, Not, Or, Term, Value, Word

PIECES = st.sampled_from(
    [
        "login", "WEB-12", "12", "#7", "suite:", "tag:", "status:ready", "priority:<=P1", ">", "<=",
        "updated:<7d", "created:2026-11-30", "last:failed", "never-run", "is:flaky", "field.", "me",
        'field."Two words":', "none", "-", "--", "or", " or ", " and ", "(", ")", '"', "\\", ",",
        ":", " ", "\n", "é", "😀", "\x00", "\ud800", "a\"b", "requirement:", "automation:x", "P1",
    ]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.text(max_size=60) | st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_a_query_or_an_error_with_a_place(text):
    tree, error = read(text)
    if error is None:
        assert parse(str(tree)) == tree
        return
    assert 0 <= error.start <= len(text)
    assert error.end > error.start
    assert str(error).startswith(f"Column {error.column}: ")
    assert "".join(error.parts_of(text)) == text


def read(text):
    try:
        return parse(text), None
    except QueryError as error:
        return None, error


def word(text):
    return Word(Value(text))


def term(field, *values, operator="", name=None):
    return Term(field, operator, tuple(map(Value, values)), name and Value(name))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("", And(())),
        ("  ", And(())),
        ("login", word("login")),
        ("log in", And((word("log"), word("in")))),
        ("log and in", And((word("log"), word("in")))),
        ('"log in"', Word(Value("log in", True))),
        (r'"say \"yes\" \\"', Word(Value('say "yes" \\', True))),
        ("a or b c", Or((word("a"), And((word("b"), word("c")))))),
        ("(a or b) c", And((Or((word("a"), word("b"))), word("c")))),
        ("a (b (c))", And((word("a"), word("b"), word("c")))),
        ("-a", Not(word("a"))),
        ("-(a OR b)", Not(Or((word("a"), word("b"))))),
        ("a-b", word("a-b")),
        ("Log in & out", And((word("Log"), word("in"), word("out")))),
        ("& (pay - card) –", And((word("pay"), word("card")))),
        ("(a &) -(b)", And((word("a"), Not(word("b"))))),
        ("Total: 5 (sum:)", And((word("Total:"), word("5"), word("sum:")))),
        ("Total:", word("Total:")),
        ("STATUS:Ready", term("status", "Ready")),
        ("status:ready,draft", term("status", "ready", "draft")),
        ("priority:<=P1", term("priority", "P1", operator="<=")),
        ('tag:"two words",x', Term("tag", "", (Value("two words", True), Value("x")))),
        ("field.Browser:firefox", term("field", "firefox", name="Browser")),
        ('field."Two words":>3', Term("field", ">", (Value("3"),), Value("Two words", True))),
        ("never-run", term("is", "never-run")),
        ("updated:<7d", term("updated", "7d", operator="<")),
        ("suite:checkout/coupons", term("suite", "checkout/coupons")),
    ],
)
def test_a_text_has_this_tree(text, tree):
    assert parse(text) == tree


@pytest.mark.parametrize(
    ("text", "column", "said"),
    [
        ("a or", 5, "after “or”"),
        ("or a", 1, "put it in quotes"),
        ("a (b", 3, "never closed"),
        ("a )", 3, "nothing is open"),
        ("()", 2, "missing"),
        ('a "b', 3, "never closed"),
        ('a"b"', 2, "before a quote"),
        ('tag:"a"b', 8, "after a closing quote"),
        ("a stats:ready", 3, "Did you mean status?"),
        ("https://example.com", 1, "put it in quotes"),
        ("status:redy", 8, "Did you mean ready?"),
        ("status:", 8, "a value is missing"),
        ("status:ready,", 14, "a value is missing"),
        ("status:>ready", 8, "not compared"),
        ("priority:<P1,P2", 13, "one value"),
        ("updated:7d", 9, "<7d for younger"),
        ("updated:soon", 9, "7d"),
        ("created:>2026-02-30", 10, "date"),
        ("updated:<9999y", 10, "at most 1,000 years"),
        ("-created:>1001y", 11, "at most 1,000 years"),
        ("last:green", 6, "passed"),
        ("is:slow", 4, "flaky"),
        ("field.:x", 7, "name of the custom field"),
        (" ++ -", 2, "letters and digits"),
        ("a or &", 7, "after “or”"),
        ("Total:5", 1, "there is no field “Total”"),
        ("status: ready", 8, "a value is missing"),
        ("a\x00", 2, "in no text"),
        ("(" * 30 + "a" + ")" * 30, 21, "levels"),
        ("a " * 60, 101, "at most 50"),
        ("a" * 1001, 1001, "1,000"),
        ("a" * 300, 1, "200"),
    ],
)
def test_an_error_says_where_and_what_to_do(text, column, said):
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert caught.value.column == column
    assert said in str(caught.value)


def test_a_printed_query_has_no_more_parentheses_than_it_takes():
    assert str(parse("((a b) or (c)) -(d)")) == "(a b or c) -d"
    assert str(parse("(is:never-run)")) == "never-run"
