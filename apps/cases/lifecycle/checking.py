"""What the verbs ask of the fields of a case before they keep them, whoever sends them."""

from apps.projects.refusals import Unprocessable

from ..custom_fields import clean_custom, share_fields
from ..links import NAMES, clean_entries


def checked(project, fields, *, case=None):
    """The fields as they are kept; `case` is the one that they change, locked, or None.

    Raises Unprocessable for an owner who is no member, and for links, requirements and custom
    values that do not fit.
    """
    for name in NAMES:
        if name in fields:
            fields[name] = clean_entries(fields[name], name)
    owner = fields.get("owner")
    if owner is not None and not (case and case.owner_id == owner.pk):
        require_member(project, owner)
    if case is None:
        fields["custom"] = clean_custom(project, fields.get("custom", {}))
    elif "custom" in fields:
        fields["custom"] = clean_custom(project, fields["custom"], before=case.custom)
    return fields


def share_what_is_named(project, fields):
    """Keep the definitions of custom fields, before the case is locked."""
    if "custom" in fields:
        share_fields(project)


def require_member(project, owner):
    if not project.memberships.of_people().filter(user=owner).exists():
        raise Unprocessable(
            f"{owner} is not a member of {project.key}; choose one who is.",
            field="owner",
            code="no_member",
        )
