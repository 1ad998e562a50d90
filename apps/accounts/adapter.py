from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is open only where TESTOQA_SIGNUP says so."""

    def is_open_for_signup(self, request):
        return settings.SIGNUP == "open"
