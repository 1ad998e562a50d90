from .bulk import BulkChangeViewSet
from .cases import CaseVersionViewSet, CaseViewSet
from .exports import CaseExportViewSet
from .filters import SavedFilterViewSet
from .imports import CaseImportRowViewSet, CaseImportViewSet
from .shared_steps import SharedStepsViewSet
from .suites import SuiteViewSet

__all__ = [
    "BulkChangeViewSet",
    "CaseExportViewSet",
    "CaseImportRowViewSet",
    "CaseImportViewSet",
    "CaseVersionViewSet",
    "CaseViewSet",
    "SavedFilterViewSet",
    "SharedStepsViewSet",
    "SuiteViewSet",
]
