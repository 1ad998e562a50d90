"""What is known of a tool's columns: by which it is recognised, and what each of them means."""

import re
from dataclasses import dataclass, field

WORDS = re.compile(r"[^\w]+")


def plain(name: str) -> str:
    """A column's name as it is compared: “Steps (Step)” and “steps_step” are the same."""
    return WORDS.sub(" ", name.replace("_", " ")).strip().casefold()


@dataclass(frozen=True)
class Tool:
    """`columns` maps plain names to what they mean; `instead` names one that another replaces.

    A table is the tool's when it has all columns of one of the `signatures`. Rows that have one of
    the values of `skip` are no cases. `separator` parts the names of a path of suites.
    """

    name: str
    label: str
    signatures: list[set[str]]
    columns: dict[str, str]
    instead: dict[str, str] = field(default_factory=dict)
    separator: str = ""
    html: bool = False
    numbered: bool = False
    skip: dict[str, set[str]] = field(default_factory=dict)

    def fits(self, names: set[str]) -> bool:
        return any(signature <= names for signature in self.signatures)
