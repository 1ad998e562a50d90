"""The language in which cases are looked for: `login tag:smoke priority:<=P1 -last:passed`.

`parse` makes a tree of a text or raises QueryError, which says where; `narrowed` narrows the cases
of a project to those that it means; `chips_of` and `suggestions` are for the field of the page.
"""

from .compiling import condition, is_dear, names_archived
from .errors import QueryError
from .nodes import Node
from .parsing import parse

__all__ = ["Node", "QueryError", "condition", "is_dear", "names_archived", "narrowed", "parse"]


def narrowed(cases, query: str | Node, project, user):
    """Those of the cases that a query finds; archived ones only where it names them."""
    tree = parse(query) if isinstance(query, str) else query
    if not names_archived(tree):
        cases = cases.filter(archived_at=None)
    return cases.filter(condition(tree, project, user))
