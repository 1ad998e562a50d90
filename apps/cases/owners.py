"""Who may look after a case or a suite: the members of its project."""

from apps.accounts.models import User
from apps.projects.forms import BoundedChoiceField


def members_of(project, keep=None):
    """People of the project; `keep` is the id of one who may have left and stays chosen."""
    people = User.objects.filter(memberships__project=project, is_service=False)
    if keep:
        people |= User.objects.filter(pk=keep)
    return people.distinct().order_by("email")


class OwnerField(BoundedChoiceField):
    """A member in a form; `offer` says of which project, and who it is now."""

    most = 1000

    def __init__(self, empty_label="Nobody", **kwargs):
        super().__init__(User.objects.none(), required=False, empty_label=empty_label, **kwargs)

    def offer(self, project, current=None):
        self.queryset = members_of(project, keep=current)
