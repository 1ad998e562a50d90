"""What the columns of a file mean: guessed by their names, chosen by a person."""

from ..exports.columns import told_name
from ..formats import TOOLS, plain
from ..formats.jsonfile import FIELD

TARGETS = {
    "key": "Key (WEB-12)",
    "external_id": "Id in the other tool",
    "title": "Title",
    "suite": "Suite",
    "kind": "Kind",
    "type": "Type (Automated, or a tag)",
    "status": "Status",
    "priority": "Priority",
    "severity": "Severity",
    "owner": "Owner",
    "estimate": "Estimate",
    "preconditions": "Preconditions",
    "description": "Description",
    "steps": "Steps: action",
    "expected": "Steps: expected result",
    "data": "Steps: data",
    "tags": "Tags",
    "requirements": "Requirements",
    "links": "Links",
    "automation_key": "Automation key",
    "aliases": "Former keys",
    "archived": "Archived",
}
# Of several columns with one of these meanings the first that says something counts, or all do.
JOINED = {"tags", "type", "requirements", "links", "description"}
SYNONYMS = {
    "key": "key, case key, testoqa key, ключ",
    "external_id": "id, external id, externalid, test id, case id, tc id, tcid, test case id, no",
    "title": "title, name, case, test case, test case name, test case title, summary, case name, "
    "test name, scenario, titel, título, titre, название, заголовок",
    "suite": "suite, section, folder, module, path, suite path, section hierarchy, test suite, "
    "testsuite, area, раздел, модуль",
    "kind": "kind, execution type, automation, automated, test type, тип выполнения",
    "type": "type, case type, category, тип",
    "status": "status, state, статус, состояние",
    "priority": "priority, prio, importance, priorität, prioridad, priorité, приоритет",
    "severity": "severity, серьезность, критичность",
    "owner": "owner, assignee, author, assigned to, responsible, ответственный, владелец",
    "estimate": "estimate, estimated time, estimation, duration, estimate seconds, оценка",
    "preconditions": "preconditions, precondition, preconds, prerequisites, setup, предусловия, "
    "предусловие",
    "description": "description, objective, details, goal, notes, beschreibung, описание",
    "steps": "steps, step, action, actions, test steps, test step, step action, step description, "
    "schritte, pasos, шаги, шаг, действие",
    "expected": "expected result, expected results, expected, result, step result, expectation, "
    "erwartetes ergebnis, resultado esperado, ожидаемый результат, результат",
    "data": "data, test data, step data, input, testdaten, данные, тестовые данные",
    "tags": "tags, tag, labels, label, keywords, component, components, теги, метки",
    "requirements": "requirements, requirement, references, refs, reference, issues, stories, "
    "требования",
    "links": "links, link, urls, url",
    "automation_key": "automation key, automation id, test method, automated test name",
    "aliases": "former keys, aliases",
    "archived": "archived",
}
BY_NAME = {plain(name): target for target, names in SYNONYMS.items() for name in names.split(",")}


def targets_of(fields) -> dict[str, str]:
    """What a column may mean in a project with these custom fields: {target: label}."""
    return TARGETS | {f"{FIELD}{field.name}": field.name for field in fields}


def guess(columns: list[str], tool: str, fields) -> dict[str, str]:
    """{column: target} of those columns whose name tells; the others are left out.

    A custom field of that name comes first, as field.NAME where exports call it so, then what the
    tool's documentation says, then names that people give. A meaning that one column alone can have
    goes to the first.
    """
    known = TOOLS.get(tool)
    by_field = {plain(told_name(field.name)): f"{FIELD}{field.name}" for field in fields}
    by_field |= {plain(f"{FIELD}{field.name}"): f"{FIELD}{field.name}" for field in fields}
    names = {plain(column) for column in columns}
    replaced = {other for name, other in (known.instead.items() if known else ()) if name in names}
    found: dict[str, str] = {}
    for column in columns:
        target = _target(column, known, by_field, replaced)
        if target and (target in JOINED or known or target not in found.values()):
            found[column] = target
    return found


def _target(column, tool, by_field, replaced):
    name = plain(column)
    bare = name.rsplit(" ", 1)[0] if name.endswith(tuple("23456789")) else name
    if column.startswith(FIELD):
        return by_field.get(name, "")
    if name in replaced:
        return ""
    if tool and (name in tool.columns or bare in tool.columns):
        return tool.columns.get(name, tool.columns.get(bare, ""))
    return by_field.get(name) or BY_NAME.get(name, "")


def check(mapping: dict, columns: list[str], targets: dict[str, str], *, whole: bool) -> list[str]:
    """What is wrong with a mapping, in sentences; a `whole` one names a title."""
    wrong = []
    for column, target in mapping.items():
        if column not in columns:
            wrong.append(f"The file has no column “{column}”.")
        elif target not in targets:
            wrong.append(f"“{column}”: “{target}” is no field of a case here.")
    if whole and "title" not in mapping.values():
        wrong.append("Say which column is the title: a case has one.")
    return wrong
