import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.executions.identity import automation_key, canonical_json, split_variant, variant_hash


@pytest.mark.parametrize(
    ("name", "stem", "variant"),
    [
        ("rounds", "rounds", ""),
        ("rounds[EUR]", "rounds", "EUR"),
        ("rounds [EUR] ", "rounds", "EUR"),
        ("rounds[a[0]-3]", "rounds", "a[0]-3"),
        ("rounds[a][b]", "rounds[a]", "b"),
        ("rounds[a]b]", "rounds", "a]b"),
        ("rounds[[]", "rounds", "["),
        ("rounds[]]", "rounds", "]"),
        ("rounds[[a]]", "rounds", "[a]"),
        ("rounds]", "rounds]", ""),
        ("rounds[]", "rounds[]", ""),
        ("rounds[ ]", "rounds[ ]", ""),
        ("[EUR]", "[EUR]", ""),
        ("[[a]]", "[[a]]", ""),
        ("[1] EUR", "[1] EUR", ""),
        ("]", "]", ""),
        ("", "", ""),
        ("   ", "   ", ""),
        ("sum(int[])", "sum(int[])", ""),
    ],
)
def test_a_trailing_bracket_is_the_variant(name, stem, variant):
    assert split_variant(name) == (stem, variant)


@given(st.text(alphabet="ab[] ", max_size=12))
def test_no_name_is_lost_by_splitting_it(name):
    stem, variant = split_variant(name)
    if not variant:
        assert stem == name
    else:
        assert stem.strip()
        assert "".join(name.split()) == "".join(f"{stem}[{variant}]".split())


def test_the_key_is_classname_and_name_and_the_suites_stand_in_for_no_classname():
    assert automation_key("shop.CartTest", "rounds[EUR]") == "shop.CartTest::rounds"
    assert automation_key("", "adds", ("shop", "cart")) == "shop::cart::adds"
    assert automation_key(" ", "adds") == "adds"
    assert automation_key("c" * 70_000, "n" * 70_000) == "c" * 70_000 + "::" + "n" * 70_000


def test_equal_values_have_one_canonical_text():
    assert canonical_json({"b": 1.0, "a": [True, None, "ä"]}) == '{"a":[true,null,"ä"],"b":1}'
    assert canonical_json({"a": 0.1}) == '{"a":0.1}'
    assert canonical_json(-0.0) == "0"
    assert canonical_json(2**80) == str(2**80)
    with pytest.raises(ValueError, match="Out of range"):
        canonical_json(float("nan"))


def test_the_variant_is_empty_or_a_hash_of_all_three():
    assert variant_hash("", None, {}) == b""
    whole = variant_hash("EUR", {"a": 1}, {"browser": "firefox"})
    assert whole == hashlib.sha256(b'["EUR",{"a":1},{"browser":"firefox"}]').digest()
    others = [("", {"a": 1}, {"browser": "firefox"}), ("EUR", None, {"browser": "firefox"}),
              ("EUR", {"a": 1}, None), ("EUR", {"a": "1"}, {"browser": "firefox"})]  # fmt: skip
    assert len({whole, *(variant_hash(*other) for other in others)}) == 5
    assert variant_hash("EUR", {"a": 1.0}, {"browser": "firefox"}) == whole
