"""The verbs on cases and suites, one module a subject.

Locks are taken in this order: the project's row (by what makes a number or changes the tree), the
suite that a case goes into, the case.
"""

from .cases import archive_case, change_case, create_case, delete_case, restore_case
from .suites import change_suite, create_suite, delete_suite, find_or_create_suites
from .writing import EditedMeanwhile

__all__ = [
    "EditedMeanwhile",
    "archive_case",
    "change_case",
    "change_suite",
    "create_case",
    "create_suite",
    "delete_case",
    "delete_suite",
    "find_or_create_suites",
    "restore_case",
]
