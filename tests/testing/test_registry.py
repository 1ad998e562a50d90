"""Functions, what they depend on, and the errors of declaring them wrongly."""

import pytest

from testoqa.testing import EnsureDataError, created_in_test, ensure_data, uses
from testoqa.testing.registry import Registry, registry


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch):
    monkeypatch.setattr(registry, "functions", {})
    monkeypatch.setattr(registry, "session", None)


def names(*wanted, **choices):
    return [function.name for function in registry.order(wanted, **choices)]


def test_r05_dependencies_come_first_also_those_of_dependencies_and_each_once():
    @ensure_data
    def a(): ...

    @ensure_data(a)
    def b(): ...

    @ensure_data("a", b)
    def c(): ...

    assert names(c) == ["a", "b", "c"]
    assert names(b, "c", a) == ["a", "b", "c"]


def test_a_dependency_may_be_named_before_it_is_defined():
    @ensure_data("later")
    def first(): ...

    @ensure_data()
    def later(): ...

    assert names(first) == ["later", "first"]


def test_the_base_comes_before_all_but_what_it_needs_itself():
    @ensure_data
    def site(): ...

    @ensure_data(site)
    def base(): ...

    @ensure_data
    def other(): ...

    assert names(other, base="base") == ["site", "base", "other"]
    assert names(base="base") == ["site", "base"]
    assert names(site, base="base") == ["site", "base"]


def test_e01_a_cycle_is_named_with_its_place():
    @ensure_data("b")
    def a(): ...

    @ensure_data("a")
    def b(): ...

    with pytest.raises(EnsureDataError, match=r"dependency cycle: a -> b -> a\. First edge ") as e:
        names(a)
    assert f"test_registry.py:{a.body.__code__.co_firstlineno}" in str(e.value)


def test_r04_e02_a_dependency_that_is_not_decorated_is_refused_where_it_is_named():
    def plain(): ...

    with pytest.raises(EnsureDataError) as refusal:

        @ensure_data(plain)
        def a(): ...

    assert str(refusal.value) == (
        f"a: depends on plain, which is not decorated "
        f"(tests/testing/test_registry.py:{plain.__code__.co_firstlineno}). Add @ensure_data above "
        "it; without it nothing is recorded."
    )
    with pytest.raises(EnsureDataError, match=r"@uses of t: depends on plain, which is not decor"):
        registry.order([plain], asker="@uses of t")


def test_e04_an_unknown_name_is_refused_with_those_that_are_known():
    @ensure_data("nope")
    def b(): ...

    @ensure_data
    def base(): ...

    with pytest.raises(EnsureDataError) as refusal:
        names(b)
    assert str(refusal.value) == (
        "b: depends on 'nope', which no @ensure_data function defines. Known: b, base."
    )


def test_e12_two_functions_of_one_name_are_refused():
    def define():
        @ensure_data
        def twice(): ...

    define()
    define()  # a module may be imported under two names

    with pytest.raises(EnsureDataError, match="two populate functions are called 'twice': tests/"):

        @ensure_data
        def twice(): ...


def test_a_function_takes_no_arguments_and_waits_for_the_database():
    @ensure_data
    def a(): ...

    with pytest.raises(EnsureDataError, match=r"a\(\) takes no arguments"):
        a(1)
    with pytest.raises(EnsureDataError, match="before the test database was ready"):
        a()
    with pytest.raises(EnsureDataError, match=r"in_test\(\) was called before the test"):
        created_in_test(object())


def test_uses_marks_whole_functions_and_knows_its_isolations():
    @ensure_data
    def a(): ...

    marker = uses(a, "b", isolation="database")
    assert marker.mark.args == (a, "b")
    assert marker.mark.kwargs == {"isolation": "database"}
    with pytest.raises(EnsureDataError, match="the only other isolation"):
        uses(a, isolation="schema")


def test_a_registry_without_functions_says_so():
    with pytest.raises(EnsureDataError, match="Known: none"):
        Registry().order(["x"])
