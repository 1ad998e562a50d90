from .cases import CaseSerializer
from .custom_fields import CustomFieldSerializer
from .filters import SavedFilterSerializer
from .history import (
    CaseVersionSerializer,
    CommentSerializer,
    ComparedSerializer,
    ComparisonSerializer,
    DecisionSerializer,
    RestoredSerializer,
    ReviewSerializer,
    WordsSerializer,
)
from .steps import SharedStepsSerializer
from .suites import SuiteSerializer

__all__ = [
    "CaseSerializer",
    "CaseVersionSerializer",
    "CommentSerializer",
    "ComparedSerializer",
    "ComparisonSerializer",
    "CustomFieldSerializer",
    "DecisionSerializer",
    "RestoredSerializer",
    "ReviewSerializer",
    "SavedFilterSerializer",
    "SharedStepsSerializer",
    "SuiteSerializer",
    "WordsSerializer",
]
