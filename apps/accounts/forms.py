import zoneinfo

from django import forms

from .models import User


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
