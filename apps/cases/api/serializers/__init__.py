from .cases import CaseSerializer, CaseVersionSerializer
from .filters import SavedFilterSerializer
from .steps import SharedStepsSerializer
from .suites import SuiteSerializer

__all__ = [
    "CaseSerializer",
    "CaseVersionSerializer",
    "SavedFilterSerializer",
    "SharedStepsSerializer",
    "SuiteSerializer",
]
