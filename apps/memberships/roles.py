"""What each role may do, in words for the page of members."""

from apps.projects.permissions import (
    EDIT,
    MANAGE_MEMBERS,
    MANAGE_PROJECT,
    MANAGE_RUNS,
    REVIEW,
    ROLE_PERMISSIONS,
    RUN,
    VIEW,
    Role,
)

WORDS = {
    VIEW: "See cases, runs, results and reports",
    RUN: "Run tests and send results",
    EDIT: "Edit cases and suites",
    REVIEW: "Review cases",
    MANAGE_RUNS: "Delete runs and undo imports",
    MANAGE_MEMBERS: "Invite, change and remove people",
    MANAGE_PROJECT: "Change settings, revoke tokens of others",
}
COLUMNS = [Role.VIEWER, Role.TESTER, Role.MANAGER, Role.OWNER]

ROLE_TABLE = [
    (words, [permission in ROLE_PERMISSIONS[role] for role in COLUMNS])
    for permission, words in WORDS.items()
]
