from .cases import CaseAdmin
from .work import CommentAdmin

__all__ = ["CaseAdmin", "CommentAdmin"]
