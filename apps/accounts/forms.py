import zoneinfo

from allauth.account import forms as entrance
from allauth.core import context
from django import forms
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError

from .adapter import invited_address
from .models import User
from .tasks import send_reset_link


class OwnForm(forms.ModelForm):
    """Saves its own fields alone: a password changed meanwhile stays changed."""

    def save(self):
        self.instance.save(update_fields=self._meta.fields)


class AccountForm(OwnForm):
    time_zone = forms.ChoiceField(choices=[])

    class Meta:
        model = User
        fields = ["name", "time_zone", "theme", "density", "shortcuts"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [
            (name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones())
        ]


class ThemeForm(OwnForm):
    class Meta:
        model = User
        fields = ["theme"]


class SignUpForm(entrance.SignupForm):
    def clean_email(self):
        """An invitation is for its own address."""
        email = super().clean_email()
        if settings.SIGNUP == "invited" and email != invited_address(context.request):
            raise ValidationError("Sign up with the address that was invited.", code="not_invited")
        return email

    def try_save(self, request):
        """For an account that exists the same work is done: a password is hashed, mail is sent."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class ResetForm(entrance.ResetPasswordForm):
    """Whether there is an account is asked by the job that sends the link, not by the page."""

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def save(self, request, **kwargs):
        email = self.cleaned_data["email"]
        send_reset_link.defer(email=email, site=request.build_absolute_uri("/"))
        return email
