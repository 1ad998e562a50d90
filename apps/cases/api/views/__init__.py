from .cases import CaseVersionViewSet, CaseViewSet
from .imports import CaseImportRowViewSet, CaseImportViewSet
from .suites import SuiteViewSet

__all__ = [
    "CaseImportRowViewSet",
    "CaseImportViewSet",
    "CaseVersionViewSet",
    "CaseViewSet",
    "SuiteViewSet",
]
