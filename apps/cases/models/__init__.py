from .bulk import BulkChange, BulkItem
from .cases import (
    Case,
    CaseAlias,
    CaseArtifact,
    CaseStep,
    CaseTag,
    Tag,
    tags_with_names,
)
from .custom_fields import CustomField
from .imports import CaseImport, CaseImportRow, CaseOrigin
from .reviews import Comment, Mention, Review
from .saved_filters import SavedFilter
from .shared_steps import SharedSteps
from .suites import Suite
from .versions import CaseVersion

__all__ = [
    "BulkChange",
    "BulkItem",
    "Case",
    "CaseAlias",
    "CaseArtifact",
    "CaseImport",
    "CaseImportRow",
    "CaseOrigin",
    "CaseStep",
    "CaseTag",
    "CaseVersion",
    "Comment",
    "CustomField",
    "Mention",
    "Review",
    "SavedFilter",
    "SharedSteps",
    "Suite",
    "Tag",
    "tags_with_names",
]
