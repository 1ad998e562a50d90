"""Rows of signing in, of the administration, and of the site itself."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str

from .row import Row
from .setting import PASSWORD

ALL = "200 200 200 200 200 200 200"
ELSEWHERE = "302 302 302 302 302 302 302"
SIGNED_IN = "200 200 200 200 200 200 302"
SIGNED_OUT = "302 302 302 302 302 302 200"
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


RESET = "accounts/password/reset/key/<uidb36>-<key>/"

ROWS = [
    Row("GET", "healthz", ALL),
    Row("GET", "readyz", ALL),
    Row("GET", "api/schema/", ALL, "200 200 200 401"),
    Row("GET", "api/docs/", SIGNED_IN),
    Row("GET", "accounts/login/", SIGNED_OUT),
    Row("POST", "accounts/login/", ELSEWHERE, form=person, public=True),
    Row("GET", "accounts/logout/", "200 200 200 200 200 200 302", public=True),
    Row("POST", "accounts/logout/", ELSEWHERE, public=True),
    Row("GET", "accounts/signup/", SIGNED_OUT),
    Row("POST", "accounts/signup/", SIGNED_OUT),
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
    Row("GET", "admin/auth/group/", ADMINISTRATION),
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
