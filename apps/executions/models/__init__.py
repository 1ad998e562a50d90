from .execution import INLINE_TEXT, Execution
from .hanging import Attempt, Evaluation, ExecutionArtifact
from .imports import Import
from .verdicts import KNOWN_VERDICTS, LONGEST_NOTE, Verdict

__all__ = [
    "INLINE_TEXT",
    "KNOWN_VERDICTS",
    "LONGEST_NOTE",
    "Attempt",
    "Evaluation",
    "Execution",
    "ExecutionArtifact",
    "Import",
    "Verdict",
]
