"""The verbs on cases and suites, one module a subject.

Locks are taken in this order: the project's row (by what makes a number or changes the tree), the
suite that a case goes into, the definitions of custom fields, the shared steps that it uses, the
case.
"""

from .bulk import change_cases, stop_change, undo_change
from .cases import archive_case, change_case, create_case, delete_case, restore_case
from .comments import add_comment, delete_comment, edit_comment
from .custom_fields import change_custom_field, create_custom_field, delete_custom_field
from .filters import change_filter, delete_filter, save_filter
from .imports import add_missing_fields, discard_case_import, send_case_file, start_case_import
from .reviews import approve_case, return_case, send_to_review, withdraw_review
from .shared_steps import (
    change_shared_steps,
    create_shared_steps,
    delete_shared_steps,
    inline_shared_steps,
    share_steps,
)
from .suite_copies import copy_suite
from .suite_removal import delete_suite
from .suites import (
    archive_suite,
    bring_back_suites,
    change_suite,
    create_suite,
    find_or_create_suites,
    move_suite,
    restore_suite,
    step_suite,
)
from .versions import restore_version
from .writing import EditedMeanwhile

__all__ = [
    "EditedMeanwhile",
    "add_comment",
    "add_missing_fields",
    "approve_case",
    "archive_case",
    "archive_suite",
    "bring_back_suites",
    "change_case",
    "change_cases",
    "change_custom_field",
    "change_filter",
    "change_shared_steps",
    "change_suite",
    "copy_suite",
    "create_case",
    "create_custom_field",
    "create_shared_steps",
    "create_suite",
    "delete_case",
    "delete_comment",
    "delete_custom_field",
    "delete_filter",
    "delete_shared_steps",
    "delete_suite",
    "discard_case_import",
    "edit_comment",
    "find_or_create_suites",
    "inline_shared_steps",
    "move_suite",
    "restore_case",
    "restore_suite",
    "restore_version",
    "return_case",
    "save_filter",
    "send_case_file",
    "send_to_review",
    "share_steps",
    "start_case_import",
    "step_suite",
    "stop_change",
    "undo_change",
    "withdraw_review",
]
