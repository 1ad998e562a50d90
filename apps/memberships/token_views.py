"""The page of one's own tokens, in the account area."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from apps.projects.pages import render_page, submit

from . import lifecycle
from .forms import PersonalTokenForm
from .models import ApiToken


def own_tokens(user):
    """All that act for this person, whether in every project of theirs or confined to one."""
    return ApiToken.objects.filter(user=user).select_related("project").order_by("-id")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def token_list(request):
    """My tokens, and the form for one that can what I can; only the answer shows its secret."""
    form, secret = PersonalTokenForm(request.POST or None), ""
    if request.method == "POST" and form.is_valid():
        asked = {"by": request.user, **form.fields_of_token}
        if issued := submit(form, lifecycle.issue_token, request.user, **asked):
            form, (_, secret) = PersonalTokenForm(), issued
    context = {"tokens": own_tokens(request.user), "token_form": form, "new_token": secret}
    return render_page(request, "memberships/tokens.html", context, nav="tokens")


@require_POST
def revoke(request, pk):
    """End a token of mine."""
    token = get_object_or_404(own_tokens(request.user), pk=pk)
    lifecycle.revoke_token(token, by=request.user)
    messages.success(request, f"The token {token.name} is revoked.")
    return redirect("accounts:tokens")
