from .cases import CaseSerializer, CaseVersionSerializer
from .steps import SharedStepsSerializer
from .suites import SuiteSerializer

__all__ = ["CaseSerializer", "CaseVersionSerializer", "SharedStepsSerializer", "SuiteSerializer"]
