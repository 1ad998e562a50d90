"""Each verb leaves a row in the audit trail; this finds the one that does not."""

import ast
import importlib
import inspect
import pkgutil

from .test_every_verb_is_raced import lifecycles, verbs

PARTS = {
    "apps.artifacts.lifecycle.delete_unlinked": "of verbs that remove what held the files",
    "apps.artifacts.lifecycle.store_text": "of an import, which is noted as one",
    "apps.cases.lifecycle.find_or_create_suites": "of an import, which is noted as one",
    "apps.memberships.lifecycle.found_project": "calls two verbs that are",
    "apps.projects.lifecycle.take_numbers": "of verbs that make something with the number",
}


def functions(module):
    """{name: its code} of a lifecycle.py, or of all modules of a package of that name."""
    inner = pkgutil.iter_modules(getattr(module, "__path__", []), f"{module.__name__}.")
    modules = [module, *(importlib.import_module(found.name) for found in inner)]
    trees = [ast.parse(inspect.getsource(one)) for one in modules]
    return {
        node.name: node
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
    }


def notes(name, known, seen=()):
    """Whether the function notes something, or calls one of its module that does."""
    if name not in known or name in seen:
        return False
    called = {
        ast.unparse(node.func) for node in ast.walk(known[name]) if isinstance(node, ast.Call)
    }
    return bool(called & {"note", "trail.note", "note_instance"}) or any(
        notes(other, known, (*seen, name)) for other in called
    )


def test_every_verb_leaves_a_row():
    silent = {
        f"{module.__name__}.{name}"
        for module in lifecycles()
        for name in functions(module)
        if f"{module.__name__}.{name}" in verbs() and not notes(name, functions(module))
    }
    assert silent == set(PARTS) - {"apps.memberships.lifecycle.found_project"}
