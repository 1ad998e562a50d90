from .cases import CaseSerializer, CaseVersionSerializer
from .suites import SuiteSerializer

__all__ = ["CaseSerializer", "CaseVersionSerializer", "SuiteSerializer"]
