"""Composite foreign keys: what makes a link from one project into another impossible."""

from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS
from django.db.backends.ddl_references import Statement, Table
from django.db.models.constraints import BaseConstraint


class SharedOwner(BaseConstraint):
    """FOREIGN KEY (owner, field) REFERENCES target (owner, id).

    Both rows hang from the same owner. The plain ForeignKey of `field` has
    `db_constraint=False`, since this key says more.
    """

    owner = ""

    def __init__(self, *, field, name, violation_error_code=None, violation_error_message=None):
        self.field = field
        super().__init__(
            name=name,
            violation_error_code=violation_error_code or "foreign_owner",
            violation_error_message=violation_error_message,
        )

    def constraint_sql(self, model, schema_editor):
        """Nothing within CREATE TABLE: the target's unique key may be made later."""
        schema_editor.deferred_sql.append(self.create_sql(model, schema_editor))

    def remove_sql(self, model, schema_editor):
        return Statement(
            "ALTER TABLE %(table)s DROP CONSTRAINT %(name)s",
            table=Table(model._meta.db_table, schema_editor.quote_name),
            name=schema_editor.quote_name(self.name),
        )

    def create_sql(self, model, schema_editor):
        quote = schema_editor.quote_name
        link = model._meta.get_field(self.field)
        target = link.remote_field.model
        return Statement(
            "ALTER TABLE %(table)s ADD CONSTRAINT %(name)s FOREIGN KEY (%(owner)s, %(column)s) "
            "REFERENCES %(target)s (%(target_owner)s, %(target_id)s) DEFERRABLE INITIALLY DEFERRED",
            table=Table(model._meta.db_table, quote),
            name=quote(self.name),
            owner=quote(model._meta.get_field(self.owner).column),
            column=quote(link.column),
            target=Table(target._meta.db_table, quote),
            target_owner=quote(target._meta.get_field(self.owner).column),
            target_id=quote(target._meta.pk.column),
        )

    def validate(self, model, instance, exclude=None, using=DEFAULT_DB_ALIAS):
        if exclude and self.field in exclude:
            return
        link = model._meta.get_field(self.field)
        owner = model._meta.get_field(self.owner).attname
        if getattr(instance, link.attname) is None:
            return
        if not self._shares_owner(instance, link, owner, using):
            raise ValidationError(
                self.get_violation_error_message(), code=self.violation_error_code
            )

    def _shares_owner(self, instance, link, owner, using):
        related = link.get_cached_value(instance, default=None)
        if related is not None and related._state.adding:
            return getattr(related, owner) == getattr(instance, owner)
        rows = link.remote_field.model._base_manager.using(using)
        return rows.filter(
            pk=getattr(instance, link.attname), **{owner: getattr(instance, owner)}
        ).exists()

    def __eq__(self, other):
        if isinstance(other, SharedOwner):
            return self.deconstruct() == other.deconstruct()
        return NotImplemented

    __hash__ = BaseConstraint.__hash__

    def deconstruct(self):
        path, args, kwargs = super().deconstruct()
        kwargs["field"] = self.field
        if kwargs.get("violation_error_code") == "foreign_owner":
            del kwargs["violation_error_code"]
        return path, args, kwargs


class SameProject(SharedOwner):
    """The row that `field` points to belongs to the same project."""

    owner = "project"
    default_violation_error_message = "What is chosen here belongs to another project."


class SameRun(SharedOwner):
    """The execution that `field` points to belongs to the same run.

    Executions are partitioned by run, so only (run, id) can be unique there.
    """

    owner = "run"
    default_violation_error_message = "What is chosen here belongs to another run."
