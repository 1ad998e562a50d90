from datetime import timedelta

from django import forms
from django.utils import timezone

from apps.accounts.models import User
from apps.projects.permissions import ROLE_PERMISSIONS, Role

from .models import ApiToken


def roles_within(permissions):
    """Choices of the roles that may do no more than this."""
    return [choice for choice in Role.choices if ROLE_PERMISSIONS[choice[0]] <= permissions]


def find_person(email):
    """The active person of this address, or None."""
    return User.objects.filter(email=email.strip().lower(), is_active=True).first()


UNKNOWN_PERSON = (
    "Nobody here has this e-mail address. An administrator makes people; add them afterwards."
)


class AddMemberForm(forms.Form):
    email = forms.EmailField(label="E-mail address")
    role = forms.ChoiceField(choices=Role, initial=Role.TESTER)

    def clean_email(self):
        self.person = find_person(self.cleaned_data["email"])
        if self.person is None:
            raise forms.ValidationError(UNKNOWN_PERSON, code="unknown_person")
        return self.cleaned_data["email"]


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role)


class TokenForm(forms.ModelForm):
    """A token for the person who asks, with a role of at most their own."""

    role = forms.ChoiceField(help_text="A tester's token can send results.")
    lifetime = forms.TypedChoiceField(
        label="Valid for",
        choices=[(30, "30 days"), (90, "90 days"), (365, "A year"), (0, "No end")],
        coerce=int,
        initial=365,
    )

    class Meta:
        model = ApiToken
        fields = ["name"]
        help_texts = {"name": "Where it is used, e.g. GitHub Actions."}

    def __init__(self, *args, permissions, **kwargs):
        # it stands beside other forms that have a name
        super().__init__(*args, auto_id="token_%s", **kwargs)
        choices = roles_within(permissions)
        self.fields["role"].choices = choices
        allowed = [value for value, _ in choices]
        self.fields["role"].initial = Role.TESTER if Role.TESTER in allowed else allowed[-1]

    def expires_at(self):
        days = self.cleaned_data["lifetime"]
        return timezone.now() + timedelta(days=days) if days else None
