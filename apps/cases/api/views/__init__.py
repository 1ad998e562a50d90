from .bulk import BulkChangeViewSet
from .cases import CaseViewSet
from .comments import CommentViewSet
from .custom_fields import CustomFieldViewSet
from .exports import CaseExportViewSet
from .filters import SavedFilterViewSet
from .history import CaseVersionViewSet
from .imports import CaseImportRowViewSet, CaseImportViewSet
from .reviews import CaseReviewViewSet, ReviewViewSet
from .shared_steps import SharedStepsViewSet
from .suites import SuiteViewSet

__all__ = [
    "BulkChangeViewSet",
    "CaseExportViewSet",
    "CaseImportRowViewSet",
    "CaseImportViewSet",
    "CaseReviewViewSet",
    "CaseVersionViewSet",
    "CaseViewSet",
    "CommentViewSet",
    "CustomFieldViewSet",
    "ReviewViewSet",
    "SavedFilterViewSet",
    "SharedStepsViewSet",
    "SuiteViewSet",
]
