"""What of an old version a case can say again: people, suites, fields and steps may be gone."""

from uuid import UUID

from .content import BLANK, MOST_STEPS, STEP_KEYS
from .custom_fields import clean_value, members_at
from .models import Case

TEXTS = ["preconditions", "description", "automation_key"]
LISTS = ["links", "requirements"]
CHOICES = {
    "kind": Case.Kind,
    "priority": Case.Priority,
    "severity": Case.Severity,
}
BY_REVIEW = {Case.Status.IN_REVIEW, Case.Status.READY}


class Fitting:
    """The values of a content that still fit the case's project; `left_out` says which do not."""

    def __init__(self, case, content):
        self.project = case.project
        self.content = BLANK | content
        self.left_out = []
        self.suite = self._suite()
        self.of_steps = []
        self.steps = self._steps()

    def values(self, case) -> dict:
        """What change_case takes, of the case as it is now."""
        said = {name: self.content[name] for name in [*TEXTS, *LISTS, "tags", "estimate_seconds"]}
        said["title"] = self.content["title"] or case.title
        said |= {
            name: self.content[name]
            for name, choices in CHOICES.items()
            if self.content[name] in choices
        }
        said["aliases"] = {*self.content["aliases"], *case.former_keys}
        said["suite"] = self._place(case)
        said["owner"] = self._owner(case)
        said["status"] = self._status(case)
        said["custom"] = self._custom(case)
        if len(self.steps) > MOST_STEPS:
            self.left_out.append(
                f"Since shared steps are gone, it would have {len(self.steps):,} steps, more than "
                f"{MOST_STEPS}, so its steps stay as they are."
            )
        else:
            said["steps"] = self.steps
            self.left_out += self.of_steps
        return said

    def _suite(self):
        suites = self.project.suites.filter(path=self.content["suite"], archived_at=None)
        return suites.order_by("id").first()

    def _place(self, case):
        """The suite of old; where that is gone, the one that the case lies in."""
        path = self.content["suite"]
        if self.suite or not path:
            return self.suite
        if path != (case.suite.path if case.suite else ""):
            self.left_out.append(f"The suite “{path}” is gone, so the case stays where it lies.")
        return case.suite

    def _owner(self, case):
        email = self.content["owner"]
        if not email:
            return None
        member = self._members().filter(user__email=email).select_related("user").first()
        if member:
            return member.user
        if case.owner is None or case.owner.email != email:
            self.left_out.append(f"{email} is no member any more, so the owner stays as it is.")
        return case.owner

    def _members(self):
        return self.project.memberships.of_people().filter(user__is_active=True)

    def _status(self, case):
        """A review cannot be restored: who decides is asked anew."""
        status = self.content["status"]
        if status not in Case.Status or status == case.status:
            return case.status
        if status == Case.Status.IN_REVIEW or (
            status == Case.Status.READY and self.project.review_required
        ):
            self.left_out.append(
                f"The status “{Case.Status(status).label}” comes by a review alone, so it stays "
                f"“{case.get_status_display()}”."
            )
            return case.status
        return status

    def _custom(self, case):
        """The values of old that their fields still take; what is required stays in any case."""
        fields = {field.name: field for field in self.project.custom_fields.all()}
        old = self.content["custom"]
        people = members_at(self.project, [str(value) for value in old.values()])
        kept = {
            name: value
            for name, value in case.custom.items()
            if name in fields and self._keeps(fields[name], name)
        }
        for name, value in sorted(old.items()):
            if name not in fields:
                self.left_out.append(f"The field “{name}” is gone.")
            elif fits(fields[name], value, people):
                kept[name] = value
            elif value != case.custom.get(name):
                self.left_out.append(f"The field “{name}” does not take its old value any more.")
        return kept

    def _keeps(self, field, name):
        return field.required or name in self.content["custom"]

    def _steps(self):
        wanted = {step["shared"] for step in self.content["steps"] if _is_key(step.get("shared"))}
        rows = self.project.shared_steps.filter(pk__in=wanted) if wanted else []
        there = {str(row.pk): row for row in rows}
        steps = []
        for step in self.content["steps"]:
            if not step.get("shared"):
                steps.append(_own(step))
            elif row := there.get(str(step["shared"])):
                steps.append({"shared": str(row.pk)})
                if row.steps != step["steps"]:
                    self.of_steps.append(f"The shared steps “{row.title}” say what they say today.")
            else:
                steps += [_own(one) for one in step["steps"]]
                self.of_steps.append(
                    f"The shared steps “{step['title']}” are gone; they are the case's own now."
                )
        return steps


def fits(field, value, people) -> bool:
    """Whether a custom field takes the value as it is; `people` are those of members_at."""
    try:
        return clean_value(field, value, people) == value
    except ValueError:
        return False


def _own(step):
    return {key: step.get(key, "") for key in STEP_KEYS}


def _is_key(text):
    try:
        return bool(UUID(str(text)))
    except ValueError:
        return False
