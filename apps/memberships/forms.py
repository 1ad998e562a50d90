import re

from django import forms
from django.contrib.auth.forms import SetPasswordForm

from apps.accounts.models import User
from apps.projects.permissions import ROLE_PERMISSIONS, Role

from . import expiry
from .models import ApiToken, Membership


def roles_within(permissions):
    """Choices of the roles that may do no more than this."""
    return [choice for choice in Role.choices if ROLE_PERMISSIONS[choice[0]] <= permissions]


def find_person(email):
    """The active person of this address, or None."""
    people = User.objects.filter(is_active=True, is_service=False)
    return people.filter(email=email.strip().lower()).first()


class InviteForm(forms.Form):
    """Addresses as people paste them: a line or a comma apart, with or without names."""

    MOST = 50
    MOST_NAMED = 5

    emails = forms.CharField(
        label="E-mail addresses",
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false", "autocapitalize": "none"}),
        help_text="One a line, or separated by commas.",
    )
    role = forms.ChoiceField(choices=Role, initial=Role.TESTER)

    def clean_emails(self):
        """The addresses, each once, in lower case."""
        found, wrong = {}, []
        for number, line in enumerate(self.cleaned_data["emails"].splitlines(), 1):
            for text in filter(None, map(str.strip, re.split("[,;]", line))):
                email = self._address(text)
                if email is None:
                    wrong.append(f"Line {number}: “{text[:80]}” is not an e-mail address.")
                else:
                    found[email] = True
        if wrong:
            raise forms.ValidationError(wrong[: self.MOST_NAMED])
        if not 0 < len(found) <= self.MOST:
            raise forms.ValidationError(
                f"These are {len(found)} addresses; invite between 1 and {self.MOST} at once."
            )
        return list(found)

    @staticmethod
    def _address(text):
        """The address of “Ann <ann@example.com>” or of the text itself, None where it is none."""
        named = re.fullmatch(r"[^<>]*<([^<>]+)>", text)
        try:
            return forms.EmailField(max_length=254).clean(named[1] if named else text).lower()
        except forms.ValidationError:
            return None


class NewcomerForm(SetPasswordForm):
    """The account of an invited address, which the link has proved and nobody changes here."""

    email = forms.EmailField(
        label="E-mail address",
        disabled=True,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    name = forms.CharField(
        label="Your name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    new_password1, new_password2 = SetPasswordForm.create_password_fields(
        "Password", "Password again"
    )

    field_order = ["email", "name", "new_password1", "new_password2"]

    def __init__(self, email, *args, **kwargs):
        super().__init__(User(email=email), *args, initial={"email": email}, **kwargs)


class HandOverForm(forms.Form):
    """To whom an owner hands the project over, and its key as the sign that they mean it."""

    member = forms.ModelChoiceField(Membership.objects.none(), empty_label="Choose a member")
    confirmation = forms.CharField()

    def __init__(self, *args, project, user, **kwargs):
        super().__init__(*args, auto_id="hand_over_%s", **kwargs)
        self.project = project
        members = project.memberships.of_people().filter(user__is_active=True)
        self.fields["member"].queryset = members.exclude(user=user).for_list()

    def clean_confirmation(self):
        if self.cleaned_data["confirmation"].strip() != self.project.key:
            raise forms.ValidationError(f"Type {self.project.key} to confirm.")
        return self.project.key


class RoleForm(forms.Form):
    role = forms.ChoiceField(choices=Role)


class DefaultedChoiceField(forms.ChoiceField):
    """What is left out is the first choice, so that a field may be added to a form in use."""

    def clean(self, value):
        return super().clean(value or self.choices[0][0])


class PersonalTokenForm(forms.ModelForm):
    """A token that can what the person can, in every project of theirs."""

    LIFETIMES = [(30, "30 days"), (90, "90 days"), (365, "A year")]
    NO_END = (0, "No end")

    scope = DefaultedChoiceField(
        label="May", choices=[("all", "All that I may"), *ApiToken.Scope.choices[1:]]
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

    holder = DefaultedChoiceField(
        label="Stands for",
        choices=[(OF_PERSON, "Me: it ends when I leave"), (OF_PROJECT, "The project: it stays")],
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
