"""Rows of signing in, of the administration, and of the site itself."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from .row import Row
from .setting import PASSWORD

ALL = "200 200 200 200 200 200 200"
ELSEWHERE = "302 302 302 302 302 302 302"
SIGNED_IN = "200 200 200 200 200 200 302"
SIGNED_OUT = "302 302 302 302 302 302 200"
NOBODY = "404 404 404 404 404 404 404"
OF_THE_OWNER = "302 404 404 404 404 404 302"
"""Who has it is asked first to show that it is they."""
ADMINISTRATION = "302 302 302 302 302 200 302"
ADMINISTRATORS_ALONE = "403 403 403 403 403 302 302"


def person(things):
    return {"login": things.person.email, "password": PASSWORD}


def administrator(things):
    return {"username": things.administrator.email, "password": PASSWORD}


def new_password(things):
    return {
        "oldpassword": PASSWORD,
        "password1": "Quiet-Harbour-12",
        "password2": "Quiet-Harbour-12",
    }


def link(things):
    """A valid link of the message that lets a person choose a new password."""
    user = things.person
    return {"uidb36": user_pk_to_url_str(user), "key": default_token_generator.make_token(user)}


def old_link(things):
    return {"key": "NA:1vMgjj:gone"}


def browser_of_the_owner(things):
    return {"pk": things.browser.pk}


def link_of_the_owner(things):
    return {"pk": things.link.pk}


def some_passkey(things):
    """Whose it is is looked at when they have shown that it is they."""
    return {"pk": 1}


def provider(things):
    """None is set up, unless the settings name one."""
    return {"provider_id": "sso"}


RESET = "accounts/password/reset/key/<uidb36>-<key>/"

ROWS = [
    Row("GET", "healthz", ALL),
    Row("GET", "readyz", ALL),
    Row("GET", "api/schema/", ALL, "200 200 200 401", scopes="200 200"),
    Row("GET", "api/docs/", SIGNED_IN),
    Row("GET", "accounts/login/", SIGNED_OUT),
    Row("POST", "accounts/login/", ELSEWHERE, form=person, public=True),
    Row("GET", "accounts/logout/", "200 200 200 200 200 200 302", public=True),
    Row("POST", "accounts/logout/", ELSEWHERE, public=True),
    Row("GET", "accounts/signup/", SIGNED_OUT),
    Row("POST", "accounts/signup/", SIGNED_OUT),
    Row("GET", "accounts/confirm-email/", ALL),
    Row("GET", "accounts/confirm-email/<key>/", ALL, where=old_link),
    Row("POST", "accounts/confirm-email/<key>/", NOBODY, where=old_link),
    Row("GET", "accounts/security/", SIGNED_IN),
    Row("POST", "accounts/security/sessions/end/", ELSEWHERE),
    Row(
        "POST", "accounts/security/sessions/<int:pk>/end/", "302 404 404 404 404 404 302",
        where=browser_of_the_owner,
    ),
    Row("POST", "accounts/security/links/<int:pk>/remove/", ELSEWHERE, where=link_of_the_owner),
    Row("GET", "accounts/second-factor/", ELSEWHERE, public=True),
    Row("POST", "accounts/second-factor/", ELSEWHERE, public=True),
    Row("GET", "accounts/second-factor/reauthenticate/", "200 302 302 302 302 302 302"),
    Row("POST", "accounts/second-factor/reauthenticate/", "200 302 302 302 302 302 302"),
    Row("GET", "accounts/second-factor/app/add/", ELSEWHERE),
    Row("POST", "accounts/second-factor/app/add/", ELSEWHERE),
    Row("GET", "accounts/second-factor/app/remove/", OF_THE_OWNER),
    Row("POST", "accounts/second-factor/app/remove/", OF_THE_OWNER),
    Row("GET", "accounts/second-factor/codes/", OF_THE_OWNER),
    Row("GET", "accounts/second-factor/codes/download/", OF_THE_OWNER),
    Row("POST", "accounts/second-factor/codes/download/", OF_THE_OWNER),
    Row("GET", "accounts/second-factor/codes/renew/", ELSEWHERE),
    Row("POST", "accounts/second-factor/codes/renew/", ELSEWHERE),
    Row("GET", "accounts/passkeys/login/", ELSEWHERE, public=True),
    Row("POST", "accounts/passkeys/login/", ELSEWHERE, public=True),
    Row("GET", "accounts/passkeys/add/", ELSEWHERE),
    Row("POST", "accounts/passkeys/add/", ELSEWHERE),
    Row("GET", "accounts/passkeys/reauthenticate/", ELSEWHERE),
    Row("POST", "accounts/passkeys/reauthenticate/", ELSEWHERE),
    Row("GET", "accounts/passkeys/<int:pk>/edit/", ELSEWHERE, where=some_passkey),
    Row("POST", "accounts/passkeys/<int:pk>/edit/", ELSEWHERE, where=some_passkey),
    Row("GET", "accounts/passkeys/<int:pk>/remove/", ELSEWHERE, where=some_passkey),
    Row("POST", "accounts/passkeys/<int:pk>/remove/", ELSEWHERE, where=some_passkey),
    Row("GET", "accounts/oidc/<slug:provider_id>/login/", NOBODY, where=provider),
    Row("GET", "accounts/oidc/<slug:provider_id>/login/callback/", NOBODY, where=provider),
    Row("POST", "accounts/oidc/<slug:provider_id>/login/callback/", NOBODY, where=provider),
    Row("GET", "accounts/oidc/cancelled/", ALL),
    Row("GET", "accounts/oidc/error/", "401 401 401 401 401 401 401"),
    Row("GET", "accounts/oidc/signup/", ELSEWHERE, public=True),
    Row("POST", "accounts/oidc/signup/", ELSEWHERE, public=True),
    Row("GET", "accounts/inactive/", ALL),
    Row("GET", "accounts/reauthenticate/", SIGNED_IN),
    Row(
        "POST", "accounts/reauthenticate/", ELSEWHERE, form=lambda _: {"password": PASSWORD}
    ),
    Row("GET", "accounts/password/change/", SIGNED_IN),
    Row("POST", "accounts/password/change/", ELSEWHERE, form=new_password),
    Row("GET", "accounts/password/set/", ELSEWHERE),
    Row("POST", "accounts/password/set/", ELSEWHERE, form=new_password),
    Row("GET", "accounts/password/reset/", ALL),
    Row(
        "POST", "accounts/password/reset/", ELSEWHERE, public=True,
        form=lambda things: {"email": things.person.email},
    ),
    Row("GET", "accounts/password/reset/done/", ALL),
    Row("GET", RESET, ELSEWHERE, where=link, public=True),
    Row("POST", RESET, ELSEWHERE, where=link, public=True),
    Row("GET", "accounts/password/reset/key/done/", ALL),
    Row("GET", "admin/", ADMINISTRATION),
    Row("GET", "admin/login/", ADMINISTRATORS_ALONE),
    Row("POST", "admin/login/", ADMINISTRATORS_ALONE, form=administrator),
    Row("POST", "admin/logout/", "302 302 302 302 302 200 302", public=True),
    Row("GET", "admin/account/emailaddress/", ADMINISTRATION),
    Row("GET", "admin/accounts/user/", ADMINISTRATION),
    Row("GET", "admin/accounts/instanceactivity/", ADMINISTRATION),
    Row("GET", "admin/auth/group/", ADMINISTRATION),
    Row("GET", "admin/axes/accessattempt/", ADMINISTRATION),
    Row("GET", "admin/mfa/authenticator/", ADMINISTRATION),
    Row("GET", "admin/socialaccount/socialaccount/", ADMINISTRATION),
    Row("GET", "admin/usersessions/usersession/", ADMINISTRATION),
    Row("GET", "admin/procrastinate/procrastinatejob/", ADMINISTRATION),
    Row("GET", "admin/projects/project/", ADMINISTRATION),
    Row("GET", "admin/projects/environment/", ADMINISTRATION),
    Row("GET", "admin/projects/projectgroupobjectpermission/", ADMINISTRATION),
    Row("GET", "admin/projects/projectuserobjectpermission/", ADMINISTRATION),
    Row("GET", "admin/memberships/membership/", ADMINISTRATION),
    Row("GET", "admin/memberships/apitoken/", ADMINISTRATION),
    Row("GET", "admin/memberships/invitation/", ADMINISTRATION),
    Row("GET", "admin/artifacts/artifact/", ADMINISTRATION),
    Row("GET", "admin/cases/suite/", ADMINISTRATION),
    Row("GET", "admin/cases/case/", ADMINISTRATION),
    Row("GET", "admin/cases/casestep/", ADMINISTRATION),
    Row("GET", "admin/cases/caseversion/", ADMINISTRATION),
    Row("GET", "admin/cases/casetag/", ADMINISTRATION),
    Row("GET", "admin/cases/casealias/", ADMINISTRATION),
    Row("GET", "admin/cases/caseartifact/", ADMINISTRATION),
    Row("GET", "admin/cases/tag/", ADMINISTRATION),
    Row("GET", "admin/cases/bulkchange/", ADMINISTRATION),
    Row("GET", "admin/cases/bulkitem/", ADMINISTRATION),
    Row("GET", "admin/cases/caseimport/", ADMINISTRATION),
    Row("GET", "admin/cases/caseimportrow/", ADMINISTRATION),
    Row("GET", "admin/cases/caseorigin/", ADMINISTRATION),
    Row("GET", "admin/cases/comment/", ADMINISTRATION),
    Row("GET", "admin/cases/customfield/", ADMINISTRATION),
    Row("GET", "admin/cases/mention/", ADMINISTRATION),
    Row("GET", "admin/cases/review/", ADMINISTRATION),
    Row("GET", "admin/cases/savedfilter/", ADMINISTRATION),
    Row("GET", "admin/cases/sharedsteps/", ADMINISTRATION),
    Row("GET", "admin/runs/run/", ADMINISTRATION),
    Row("GET", "admin/runs/runartifact/", ADMINISTRATION),
    Row("GET", "admin/executions/import/", ADMINISTRATION),
    Row("GET", "admin/executions/execution/", ADMINISTRATION),
    Row("GET", "admin/executions/attempt/", ADMINISTRATION),
    Row("GET", "admin/executions/evaluation/", ADMINISTRATION),
    Row("GET", "admin/executions/executionartifact/", ADMINISTRATION),
    Row("GET", "admin/reports/report/", ADMINISTRATION),
    Row("GET", "admin/reports/reportartifact/", ADMINISTRATION),
]  # fmt: skip
