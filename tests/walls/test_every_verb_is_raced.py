"""Each verb is tried on two connections at once; this finds the one that is not."""

import ast
import importlib
import inspect
import pkgutil
from pathlib import Path

from django.apps import apps

TESTS = Path(__file__).resolve().parent.parent


def verbs():
    """Public functions of every apps/*/lifecycle.py, by their dotted names."""
    return {
        f"{module.__name__}.{name}"
        for module in lifecycles()
        for name, function in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and origin(function).startswith(module.__name__)
    }


def lifecycles():
    for config in apps.get_app_configs():
        if not config.name.startswith("apps."):
            continue
        if "lifecycle" in {found.name for found in pkgutil.iter_modules([config.path])}:
            yield importlib.import_module(f"{config.name}.lifecycle")


def origin(function):
    return inspect.unwrap(function).__module__


def raced():
    """{verb: names of the tests that race it}, read from the marks of functions that do race."""
    found = {}
    for path in TESTS.rglob("test_*.py"):
        for function in ast.walk(ast.parse(path.read_text())):
            if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for verb in marked(function):
                    found.setdefault(verb, []).append((path.name, function))
    return found


def marked(function):
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.races":
            yield from (ast.literal_eval(argument) for argument in decorator.args)


def calls(function):
    return {
        node.func.id
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def test_every_verb_has_a_race_test():
    missing = verbs() - set(raced())
    assert not missing, f"no test marked races(...) names {sorted(missing)}"


def test_every_race_names_a_verb_that_exists():
    assert set(raced()) <= verbs()


def test_every_race_is_run_on_two_connections():
    idle = [
        f"{path}::{function.name}"
        for tests in raced().values()
        for path, function in tests
        if not calls(function) & {"meet", "overtake"}
    ]
    assert not idle
