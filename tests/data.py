"""The rows that tests start from, made once by the verbs that people use."""

from testoqa.demo import make_demo
from testoqa.testing import ensure_data
from tests.factories import make_member, make_project, make_user


@ensure_data
def populate_cast():
    """A person of each role in the project WEB, and an outsider, who owns OPS.

    Each has the address of the role, such as viewer@example.com.
    """
    web = make_project("WEB", make_user("owner@example.com"))
    for role in ("manager", "tester", "viewer"):
        make_member(web, role, make_user(f"{role}@example.com"))
    make_project("OPS", make_user("outsider@example.com"))


@ensure_data
def populate_demo():
    """The demo project as it is at the first start, owned by demo@example.com."""
    make_demo(make_user("demo@example.com"))
