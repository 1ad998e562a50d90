from .cases import CaseVersionViewSet, CaseViewSet
from .suites import SuiteViewSet

__all__ = ["CaseVersionViewSet", "CaseViewSet", "SuiteViewSet"]
