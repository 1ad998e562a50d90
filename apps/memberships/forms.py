from django import forms

from apps.accounts.models import User
from apps.projects.permissions import ROLE_PERMISSIONS, Role

from . import expiry
from .models import ApiToken


def roles_within(permissions):
    """Choices of the roles that may do no more than this."""
    return [choice for choice in Role.choices if ROLE_PERMISSIONS[choice[0]] <= permissions]


def find_person(email):
    """The active person of this address, or None."""
    people = User.objects.filter(is_active=True, is_service=False)
    return people.filter(email=email.strip().lower()).first()


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


class PersonalTokenForm(forms.ModelForm):
    """A token that can what the person can, in every project of theirs."""

    LIFETIMES = [(30, "30 days"), (90, "90 days"), (365, "A year")]
    NO_END = (0, "No end")

    scope = forms.ChoiceField(
        label="May",
        choices=[("all", "All that I may"), *ApiToken.Scope.choices[1:]],
        required=False,
        initial=ApiToken.Scope.ALL,
    )
    lifetime = forms.TypedChoiceField(
        label="Valid for", choices=LIFETIMES, coerce=int, initial=expiry.DAYS
    )

    class Meta:
        model = ApiToken
        fields = ["name"]
        help_texts = {"name": "Where it is used, e.g. GitHub Actions."}

    def __init__(self, *args, **kwargs):
        # it stands beside other forms that have a name
        super().__init__(*args, auto_id="token_%s", **kwargs)

    def clean_scope(self):
        return self.cleaned_data["scope"] or ApiToken.Scope.ALL

    @property
    def fields_of_token(self):
        """What the verbs take."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "scope": given["scope"],
            "expires_at": expiry.after(given["lifetime"]),
        }


class TokenForm(PersonalTokenForm):
    """A token confined to a project, with a role of at most one's own; an owner's may be nobody's
    and may last without an end."""

    OF_PERSON, OF_PROJECT = "person", "project"

    holder = forms.ChoiceField(
        label="Stands for",
        choices=[(OF_PERSON, "Me: it ends when I leave"), (OF_PROJECT, "The project: it stays")],
        required=False,
        initial=OF_PERSON,
    )
    role = forms.ChoiceField(help_text="A tester's token can send results.")

    field_order = ["name", "holder", "role", "scope", "lifetime"]

    def __init__(self, *args, permissions, **kwargs):
        super().__init__(*args, **kwargs)
        choices = roles_within(permissions)
        self.fields["role"].choices = choices
        self.fields["scope"].choices = ApiToken.Scope.choices
        allowed = [value for value, _ in choices]
        self.fields["role"].initial = Role.TESTER if Role.TESTER in allowed else allowed[-1]
        if expiry.may_be_endless(permissions):
            self.fields["lifetime"].choices = [*self.LIFETIMES, self.NO_END]
        else:
            del self.fields["holder"]

    @property
    def is_of_project(self):
        return self.cleaned_data.get("holder") == self.OF_PROJECT

    @property
    def fields_of_token(self):
        return {**super().fields_of_token, "role": self.cleaned_data["role"]}
