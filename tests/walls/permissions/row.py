"""A row of the permission table: one request, and what each person gets for it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

PEOPLE = ["owner", "manager", "tester", "viewer", "outsider", "superuser", "anonymous"]
"""The outsider owns another project; the superuser is a member of none."""

TOKENS = ["confined", "narrowed", "foreign", "revoked"]
"""Tokens of the owner: confined to the project as owner, narrowed to viewer, confined to another
project, and revoked."""

GUESTS = ["guest", "executor"]
"""Guests of the run that most rows ask for, one to look on and one to judge; members of nothing."""

SCOPES = ["reading", "sending"]
"""Tokens of the owner with the role owner, for reading alone and for sending results alone."""

REFUSED = {401, 403, 404}


def nowhere(setting):
    return {}


@dataclass(frozen=True)
class Row:
    """`codes` are those of PEOPLE in their order, `tokens` those of TOKENS (API addresses).

    `guests` are those of GUESTS where they get something else than the outsider; `scopes` those of
    SCOPES where reading is not as the token of a viewer may and changes nothing, and where sending
    is not refused.

    `where` fills the address from the setting beside its key. The body is `form`, `json` or
    `upload` (multipart): what a function of the setting returns, asked afresh for each person.
    Where a page is not `public`, the 302 of somebody anonymous leads to the page to sign in.
    """

    method: str
    address: str
    codes: str
    tokens: str = ""
    guests: str = ""
    scopes: str = ""
    where: Callable[[Any], dict] = nowhere
    query: str = ""
    form: Callable[[Any], dict] | None = None
    json: Callable[[Any], Any] | None = None
    upload: Callable[[Any], dict] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    public: bool = False

    def __str__(self):
        return f"{self.method} /{self.address}"

    @property
    def is_api(self):
        return self.address.startswith("api/") and self.address != "api/docs/"

    def expected(self):
        codes = [int(code) for code in self.codes.split()]
        return dict(zip(PEOPLE, codes, strict=True))

    def expected_of_tokens(self):
        codes = [int(code) for code in self.tokens.split()]
        return dict(zip(TOKENS, codes, strict=True))

    def expected_of_guests(self):
        if not self.guests:
            return dict.fromkeys(GUESTS, self.expected()["outsider"])
        return dict(zip(GUESTS, map(int, self.guests.split()), strict=True))

    def expected_of_scopes(self):
        if not self.scopes:
            reading = self.expected_of_tokens()["narrowed"] if self.method == "GET" else 403
            return {"reading": reading, "sending": 403}
        return dict(zip(SCOPES, map(int, self.scopes.split()), strict=True))
