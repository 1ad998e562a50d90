"""What each verb of the trail is called: “Ada finished the run #45”."""

WORDS = {
    "project.create": "made the project",
    "project.change": "changed the project",
    "project.archive": "archived the project",
    "project.restore": "restored the project",
    "project.delete": "deleted the project",
    "project.erase": "removed what the project held",
    "project.export": "exported the project",
    "project.import": "brought in the project",
    "project.hand_over": "handed the project over to",
    "environment.add": "added the environment",
    "environment.remove": "removed the environment",
    "member.add": "added the member",
    "member.change_role": "changed the role of",
    "member.remove": "removed the member",
    "invitation.send": "invited",
    "invitation.resend": "sent the invitation again to",
    "invitation.withdraw": "withdrew the invitation of",
    "invitation.accept": "accepted the invitation of",
    "guest.add": "made a guest of a run of",
    "guest.remove": "ended as a guest of a run",
    "token.issue": "made the token",
    "token.revoke": "revoked the token",
    "artifact.store": "stored the file",
    "artifact.hang": "attached the file",
    "artifact.delete": "deleted the file",
    "case.create": "made the case",
    "case.change": "changed the case",
    "case.archive": "archived the case",
    "case.restore": "restored the case",
    "case.delete": "deleted the case",
    "shared_steps.create": "made the shared steps",
    "shared_steps.change": "changed the shared steps",
    "shared_steps.inline": "made plain steps of the shared steps",
    "shared_steps.delete": "deleted the shared steps",
    "case.change_many": "changed many cases",
    "case.undo_many": "undid a change of many cases",
    "case.receive_many": "copied in",
    "case.restore_version": "restored a version of the case",
    "case.send_to_review": "sent to review the case",
    "case.withdraw_review": "took back from review the case",
    "case.approve": "approved the case",
    "case.return": "returned the case",
    "case.comment": "commented on the case",
    "case.edit_comment": "changed a comment on the case",
    "case.delete_comment": "deleted a comment on the case",
    "suite.create": "made the suite",
    "suite.change": "changed the suite",
    "suite.move": "moved the suite",
    "suite.copy": "copied the suite",
    "suite.archive": "archived the suite",
    "suite.restore": "restored the suite",
    "suite.delete": "deleted the suite",
    "case_import.send": "sent a file of cases,",
    "case_import.start": "started the import of cases from",
    "case_import.check": "tried the import of cases from",
    "case_import.finish": "imported cases from",
    "case_import.refuse": "imported no more cases from",
    "case_import.discard": "discarded the file of cases",
    "filter.save": "saved the filter",
    "filter.change": "changed the filter",
    "filter.delete": "deleted the filter",
    "run.create": "made the run",
    "run.start": "started the run",
    "run.change": "changed the run",
    "run.finish": "finished the run",
    "run.cancel": "cancelled the run",
    "run.abort": "aborted the run",
    "run.delete": "deleted the run",
    "execution.judge": "set the verdict of",
    "import.send": "sent results",
    "import.refuse": "sent a file that was refused",
    "import.undo": "undid the import",
    "report.make": "made the report",
    "report.remake": "made the report again",
    "report.delete": "deleted the report",
    "session.begin": "signed in",
    "session.end": "ended a session of",
    "sign_in.fail": "failed to sign in",
    "sign_in.lock_out": "was locked out",
    "sign_in.link": "linked a single sign-on",
    "sign_in.unlink": "took a single sign-on away",
    "email.confirm": "confirmed the address",
    "password.change": "changed the password",
    "password.reset": "reset the password",
    "password.set": "set a password",
    "second_factor.add": "added a second factor",
    "second_factor.fail": "failed at the second factor",
    "second_factor.remove": "removed a second factor",
    "second_factor.renew": "made new recovery codes",
    "admin.add": "added in the administration",
    "admin.change": "changed in the administration",
    "admin.delete": "deleted in the administration",
}

KINDS = {
    "project": "Project",
    "environment": "Environments",
    "member": "Members",
    "invitation": "Invitations",
    "guest": "Guests of a run",
    "token": "Tokens",
    "case": "Cases",
    "shared_steps": "Shared steps",
    "suite": "Suites",
    "case_import": "Imports of cases",
    "filter": "Filters",
    "run": "Runs",
    "execution": "Verdicts",
    "import": "Imports",
    "artifact": "Files",
    "report": "Reports",
}
"""The kinds of a project's verbs, and what a list of choices calls them."""

ACCESS = ("member", "invitation", "token", "guest")
"""Kinds that say who may get in, and how."""
OWNERS_ALONE = ("token", "invitation")
"""Kinds whose objects only owners see, elsewhere as here."""


def in_words(verb: str) -> str:
    """A verb of an older or newer version is shown as it was written."""
    return WORDS.get(verb, verb.replace(".", ": ").replace("_", " "))


def kind_of(verb: str) -> str:
    return verb.partition(".")[0]


def verbs_of(*kinds: str) -> list[str]:
    return [verb for verb in WORDS if kind_of(verb) in kinds]
