import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from rest_framework import serializers
from rest_framework.fields import get_error_detail

from ..environments import usable_name
from ..models import Environment, Project
from ..permissions import Role


class ProjectRelatedField(serializers.SlugRelatedField):
    """A row of the same project, named by a field of its own; those of others do not exist."""

    def __init__(self, model=None, **kwargs):
        self.model = model
        if not kwargs.get("read_only"):
            kwargs["queryset"] = model._default_manager.none()
        super().__init__(**kwargs)

    def get_queryset(self):
        return self.model._default_manager.filter(project=self.context["project"])


class StorableDictField(serializers.DictField):
    """An object that the database can keep: its names and texts, at every depth."""

    UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
    DEEPEST = 20
    default_error_messages = {
        "unstorable": "NUL characters and halves of surrogate pairs cannot be stored.",
        "too_deep": f"It is nested more than {DEEPEST} levels deep.",
    }

    def to_internal_value(self, data):
        level = [data]
        for _ in range(self.DEEPEST):
            texts = [value for value in level if isinstance(value, str)]
            if any(map(self.UNSTORABLE.search, texts)):
                self.fail("unstorable")
            level = [inner for value in level for inner in self._within(value)]
        if level:
            self.fail("too_deep")
        return super().to_internal_value(data)

    @staticmethod
    def _within(value):
        if isinstance(value, dict):
            return [*value, *value.values()]
        return value if isinstance(value, list) else []


class KnownFieldsOnly(serializers.Serializer):
    """Refuses a field that it does not know; what was read may be sent back as it is.

    A misspelt field that is passed over in silence looks like a change that was made.
    """

    def to_internal_value(self, data):
        if unknown := sorted(set(data if isinstance(data, Mapping) else ()) - set(self.fields)):
            names = sorted(name for name, field in self.fields.items() if not field.read_only)
            message = f"There is no such field; there are {', '.join(names)}."
            errors = {name: [message] for name in unknown[:20]}
            raise serializers.ValidationError(errors, code="unknown")
        return super().to_internal_value(data)


class ProjectScopedSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    """Gives its row the project of the address and checks the row's constraints.

    A plain serializer skips a unique constraint that names a field it does not show.
    """

    def validate(self, attrs):
        attrs = super().validate(attrs)
        model = self.Meta.model
        own = {name: value for name, value in attrs.items() if self._fits(model, name, value)}
        row = model(**own) if self.instance is None else self._changed_copy(own)
        row.project = self.context["project"]
        try:
            row.clean_fields(exclude=self._unsent(row, own))
            row.validate_constraints()
        except ValidationError as error:
            raise serializers.ValidationError(get_error_detail(error)) from None
        return attrs

    @staticmethod
    def _fits(model, name, value):
        """Whether it is a column's value; a row that the view looks up by a name is a dict here."""
        field = {field.name: field for field in model._meta.concrete_fields}.get(name)
        return field is not None and not (field.is_relation and isinstance(value, dict))

    def _changed_copy(self, own):
        row = type(self.instance).objects.get(pk=self.instance.pk)
        for name, value in own.items():
            setattr(row, name, value)
        return row

    @staticmethod
    def _unsent(row, own):
        return {field.name for field in row._meta.fields} - set(own)


class ProjectSerializer(KnownFieldsOnly, serializers.ModelSerializer):
    """A project of `with_role_of(user)`."""

    url = serializers.SerializerMethodField()
    role = serializers.ChoiceField(
        choices=Role, read_only=True, allow_null=True, help_text="Yours in this project."
    )

    class Meta:
        model = Project
        fields = [
            "key",
            "name",
            "description",
            "default_branch",
            "repeats",
            "review_required",
            "review_again",
            "second_factor",
            "role",
            "created_at",
            "archived_at",
            "url",
        ]
        read_only_fields = ["created_at", "archived_at"]

    def validate_key(self, key):
        if self.instance is not None and key != self.instance.key:
            raise serializers.ValidationError("A project keeps its key.", code="lasting")
        return key

    def get_url(self, project) -> str:
        return self.context["request"].build_absolute_uri(project.get_absolute_url())


class DeletionSerializer(serializers.Serializer):
    key = serializers.CharField()
    state = serializers.ChoiceField(choices=["deleting"])


class EnvironmentSerializer(ProjectScopedSerializer):
    class Meta:
        model = Environment
        fields = ["id", "name"]

    def validate_name(self, name):
        return usable_name(name)
