from rest_framework import serializers

from ...owners import members_of


class MemberField(serializers.SlugRelatedField):
    """A member of the project by their e-mail address; null for nobody."""

    default_error_messages = {
        "does_not_exist": "No member of the project has the e-mail address {value}.",
    }

    def __init__(self, **kwargs):
        kwargs.setdefault("required", False)
        kwargs.setdefault("allow_null", True)
        super().__init__(slug_field="email", queryset=members_of(None).none(), **kwargs)

    def to_internal_value(self, data):
        return super().to_internal_value(serializers.CharField().run_validation(data))

    def get_queryset(self):
        current = getattr(self.parent.instance, f"{self.source}_id", None)
        return members_of(self.context["project"], keep=current)
