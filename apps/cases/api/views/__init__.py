from .cases import CaseVersionViewSet, CaseViewSet
from .exports import CaseExportViewSet
from .imports import CaseImportRowViewSet, CaseImportViewSet
from .suites import SuiteViewSet

__all__ = [
    "CaseExportViewSet",
    "CaseImportRowViewSet",
    "CaseImportViewSet",
    "CaseVersionViewSet",
    "CaseViewSet",
    "SuiteViewSet",
]
