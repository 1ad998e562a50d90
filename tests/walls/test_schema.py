"""The second wall: PostgreSQL itself refuses a link from one project into another."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, models, transaction

from apps.projects.constraints import SameProject, SameRun, SharedOwner
from apps.projects.models import Project
from testoqa.testing import uses
from tests.data import populate_cast

from .world import INSTANCE_WIDE, all_models, make_world, tenant_models

pytestmark = uses(populate_cast)

HELD = [
    pytest.param(model, constraint, id=constraint.name)
    for model in tenant_models()
    for constraint in model._meta.constraints
    if isinstance(constraint, SharedOwner)
]


def links(model):
    """Every field that points from a tenant's row to another one."""
    tenants = set(tenant_models())
    return [
        field
        for field in model._meta.get_fields()
        if field.is_relation and field.concrete and field.related_model in tenants
    ]


def ask(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()


def foreign_keys(table):
    """{name: (columns, target table, target columns)} of a table, from the catalogue."""
    rows = ask(
        """
        SELECT conname, confrelid::regclass::text,
               (SELECT array_agg(attname::text ORDER BY place) FROM unnest(conkey)
                    WITH ORDINALITY AS key (number, place)
                    JOIN pg_attribute ON attrelid = conrelid AND attnum = number),
               (SELECT array_agg(attname::text ORDER BY place) FROM unnest(confkey)
                    WITH ORDINALITY AS key (number, place)
                    JOIN pg_attribute ON attrelid = confrelid AND attnum = number)
        FROM pg_constraint
        WHERE contype = 'f' AND conrelid = %s::regclass AND convalidated AND conparentid = 0
        """,
        table,
    )
    return {name: (columns, target, targets) for name, target, columns, targets in rows}


def test_no_instance_wide_table_is_overlooked():
    assert not INSTANCE_WIDE - {model._meta.label for model in all_models()}


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_every_row_of_a_tenant_has_its_project(model):
    project = model._meta.get_field("project")
    assert project.related_model is Project
    assert not project.null
    ((filled,),) = ask(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
        model._meta.db_table,
        project.column,
    )
    assert filled


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_every_link_has_its_composite_key(model):
    held = {row.field: row for row in model._meta.constraints if isinstance(row, SharedOwner)}
    in_database = foreign_keys(model._meta.db_table)
    for link in links(model):
        assert not link.many_to_many, f"{link} has a table of links without a project"
        constraint = held[link.name]
        owner = "run_id" if isinstance(constraint, SameRun) else "project_id"
        assert in_database[constraint.name] == (
            [owner, link.column],
            link.related_model._meta.db_table,
            [owner, "id"],
        )


@pytest.mark.parametrize("model", all_models(), ids=lambda model: model._meta.label)
def test_no_other_key_leads_into_a_tenants_table(model):
    tables = {tenant._meta.db_table for tenant in tenant_models()}
    held = {row.name for row in model._meta.constraints if isinstance(row, SharedOwner)}
    for name, (_, target, _) in foreign_keys(model._meta.db_table).items():
        assert target not in tables or name in held


def test_an_execution_is_pointed_to_by_its_run_too():
    for model in tenant_models():
        for link in links(model):
            kinds = {
                type(row)
                for row in model._meta.constraints
                if getattr(row, "field", "") == link.name
            }
            to_execution = link.related_model._meta.label == "executions.Execution"
            assert kinds == {SameRun if to_execution else SameProject}
            if to_execution:
                run = model._meta.get_field("run")
                assert isinstance(run, models.ForeignKey)
                assert not run.null


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model._meta.label)
def test_what_is_unique_is_unique_within_the_project(model):
    rows = ask(
        """
        SELECT indexrelid::regclass::text,
               (SELECT array_agg(attname::text ORDER BY place) FROM unnest(indkey)
                    WITH ORDINALITY AS key (number, place)
                    LEFT JOIN pg_attribute ON attrelid = indrelid AND attnum = number)
        FROM pg_index WHERE indisunique AND indrelid = %s::regclass
        """,
        model._meta.db_table,
    )
    assert rows
    for name, columns in rows:
        assert columns[0] in {"project_id", "id"} | {link.column for link in links(model)}, name


@pytest.fixture
def worlds(project, other_project):
    return make_world(project, 1), make_world(other_project, 2)


def test_the_world_holds_a_row_of_every_table(worlds):
    assert set(worlds[0]) == set(tenant_models())


def attempt(constraint, *statements):
    """Carry the statements out, ask for this one constraint at once, and take all of it back."""
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, parameters in statements:
            cursor.execute(sql, parameters)
            assert cursor.rowcount == 1
        cursor.execute(f'SET CONSTRAINTS "{constraint.name}" IMMEDIATE')
        transaction.set_rollback(True)


def refuses(constraint, *statements):
    with pytest.raises(IntegrityError) as refusal:
        attempt(constraint, *statements)
    return refusal.value.__cause__.diag.constraint_name == constraint.name


def written(model):
    return [field.column for field in model._meta.concrete_fields if not field.generated]


def copies(model, row, **changed):
    """The row taken out and put in again with changed columns: an INSERT without another fault."""
    table, columns = model._meta.db_table, written(model)
    values = ", ".join("%s" if column in changed else f'"{column}"' for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return [
        (
            f'CREATE TEMPORARY TABLE spare ON COMMIT DROP AS SELECT * FROM "{table}" WHERE id = %s',
            [row.pk],
        ),
        (f'DELETE FROM "{table}" WHERE id = %s', [row.pk]),
        (
            f'INSERT INTO "{table}" ({names}) SELECT {values} FROM spare',
            [changed[column] for column in columns if column in changed],
        ),
    ]


@pytest.mark.parametrize(("model", "constraint"), HELD)
def test_a_link_into_another_project_is_refused(worlds, model, constraint):
    mine, foreign = worlds
    row, link = mine[model], model._meta.get_field(constraint.field)
    own = getattr(row, link.attname)
    target = foreign[link.related_model].pk
    update = f'UPDATE "{model._meta.db_table}" SET "{link.column}" = %s WHERE id = %s'
    assert own is not None
    attempt(constraint, (update, [own, row.pk]))
    attempt(constraint, *copies(model, row, **{link.column: own}))
    assert refuses(constraint, (update, [target, row.pk]))
    assert refuses(constraint, *copies(model, row, **{link.column: target}))


@pytest.mark.parametrize(("model", "constraint"), HELD)
def test_a_row_does_not_move_without_what_it_points_to(worlds, model, constraint):
    mine, foreign = worlds
    row = mine[model]
    owner = model._meta.get_field(constraint.owner)
    elsewhere = getattr(foreign[model], owner.attname)
    update = f'UPDATE "{model._meta.db_table}" SET "{owner.column}" = %s WHERE id = %s'
    assert refuses(constraint, (update, [elsewhere, row.pk]))


@pytest.mark.parametrize(("model", "constraint"), HELD)
def test_a_form_is_told_before_the_database_is(worlds, model, constraint):
    mine, foreign = worlds
    row, link = mine[model], model._meta.get_field(constraint.field)
    constraint.validate(model, row)
    setattr(row, link.name, foreign[link.related_model])
    with pytest.raises(ValidationError):
        constraint.validate(model, row)
