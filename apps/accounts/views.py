from allauth.account.views import LoginView
from django.conf import settings as site
from django.contrib import messages
from django.http import HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from .forms import AccountForm, ThemeForm


class SignIn(LoginView):
    """Says whether people may sign up by themselves, beside what allauth says."""

    def get_context_data(self, **kwargs):
        return super().get_context_data(may_sign_up=site.SIGNUP == "open", **kwargs)


def settings(request):
    """How the site looks and reads to me."""
    form = AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your settings are saved.")
        return redirect("accounts:settings")
    return render(request, "accounts/settings.html", {"form": form})


@require_POST
def theme(request):
    """Keep the theme chosen in the account menu."""
    form = ThemeForm(request.POST, instance=request.user)
    if not form.is_valid():
        return HttpResponseBadRequest(form.errors.as_text())
    form.save()
    return redirect("accounts:settings")
