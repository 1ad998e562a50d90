import pytest

from apps.cases import lifecycle
from apps.projects.refusals import Refused
from testoqa.testing import uses
from tests.data import populate_cast
from tests.factories import make_case
from tests.races import overtake

pytestmark = [uses(populate_cast), pytest.mark.django_db(transaction=True)]


def make_field(project, owner, **fields):
    fields = {"name": "Browser", "kind": "choice", "options": ["Chrome", "Opera"], **fields}
    return lifecycle.create_custom_field(project, by=owner, **fields)


def names(outcomes):
    return [type(outcome).__name__ for outcome in outcomes]


@pytest.mark.races("apps.cases.lifecycle.create_custom_field")
def test_of_two_fields_of_one_name_the_second_is_refused(project, owner):
    outcomes = overtake(
        lambda: make_field(project, owner),
        lambda: make_field(project, owner, name="BROWSER"),
        allow=[Refused],
    )
    assert names(outcomes) == ["CustomField", "Refused"]


@pytest.mark.races("apps.cases.lifecycle.change_custom_field")
def test_an_option_that_a_case_is_just_given_stays(project, owner):
    field, case = make_field(project, owner), make_case(project)
    outcomes = overtake(
        lambda: lifecycle.change_case(case, by=owner, custom={"Browser": "Opera"}),
        lambda: lifecycle.change_custom_field(field, by=owner, options=["Chrome"]),
        allow=[Refused],
    )
    assert names(outcomes) == ["Case", "Refused"]


@pytest.mark.races("apps.cases.lifecycle.change_custom_field")
def test_a_value_is_not_written_under_a_name_that_just_changed(project, owner):
    field, case = make_field(project, owner), make_case(project)
    outcomes = overtake(
        lambda: lifecycle.change_custom_field(field, by=owner, name="Program"),
        lambda: lifecycle.change_case(case, by=owner, custom={"Browser": "Opera"}),
        allow=[Refused],
    )
    assert names(outcomes) == ["CustomField", "ValuesRefused"]


@pytest.mark.races("apps.cases.lifecycle.delete_custom_field")
def test_a_case_made_while_a_field_goes_holds_no_value_of_it(project, owner):
    field = make_field(project, owner, default="Opera")
    overtake(
        lambda: make_case(project),
        lambda: lifecycle.delete_custom_field(field, by=owner),
    )
    assert project.cases.get().custom == {}
    assert not project.custom_fields.exists()
