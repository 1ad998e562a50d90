from django.contrib import messages
from django.shortcuts import redirect, render

from .forms import AccountForm


def settings(request):
    """How the site looks and reads to me."""
    form = AccountForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, "Your settings are saved.")
        return redirect("accounts:settings")
    return render(request, "accounts/settings.html", {"form": form})
