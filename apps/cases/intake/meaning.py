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
# English, German, French, Spanish and Russian.
SYNONYMS = {
    "key": "key, case key, testoqa key, schlüssel, clé, clave, ключ",
    "external_id": "id, external id, externalid, test id, case id, tc id, tcid, test case id, no, "
    "testfall id, id du test, id del caso",
    "title": "title, name, case, test case, test case name, test case title, summary, case name, "
    "test name, scenario, titel, testfall, bezeichnung, zusammenfassung, titre, nom, cas de test, "
    "résumé, título, nombre, caso de prueba, resumen, название, заголовок",
    "suite": "suite, section, folder, module, path, suite path, section hierarchy, test suite, "
    "testsuite, area, ordner, verzeichnis, pfad, abschnitt, bereich, modul, dossier, répertoire, "
    "chemin, rubrique, suite de tests, carpeta, sección, módulo, ruta, suite de pruebas, раздел, "
    "модуль, папка",
    "kind": "kind, execution type, automation, automated, test type, ausführungsart, "
    "automatisierung, automatisiert, automatisation, automatisé, automatización, automatizado, "
    "тип выполнения",
    "type": "type, case type, category, typ, art, testart, kategorie, type de test, catégorie, "
    "tipo, tipo de prueba, categoría, тип",
    "status": "status, state, zustand, statut, état, estado, статус, состояние",
    "priority": "priority, prio, importance, priorität, wichtigkeit, priorité, prioridad, "
    "importancia, приоритет",
    "severity": "severity, schweregrad, sévérité, gravité, severidad, gravedad, серьезность, "
    "критичность",
    "owner": "owner, assignee, author, assigned to, responsible, verantwortlich, "
    "verantwortlicher, zuständig, besitzer, bearbeiter, responsable, propriétaire, assigné à, "
    "auteur, propietario, asignado a, autor, ответственный, владелец",
    "estimate": "estimate, estimated time, estimation, duration, estimate seconds, aufwand, "
    "schätzung, dauer, geschätzte zeit, durée, temps estimé, estimación, duración, "
    "tiempo estimado, оценка",
    "preconditions": "preconditions, precondition, preconds, prerequisites, setup, "
    "vorbedingungen, vorbedingung, voraussetzungen, voraussetzung, préconditions, précondition, "
    "prérequis, conditions préalables, precondiciones, precondición, requisitos previos, "
    "предусловия, предусловие",
    "description": "description, objective, details, goal, notes, beschreibung, ziel, notizen, "
    "bemerkungen, anmerkungen, objectif, remarques, descripción, objetivo, notas, описание",
    "steps": "steps, step, action, actions, test steps, test step, step action, step description, "
    "schritte, schritt, testschritte, testschritt, aktion, aktionen, étapes, étape, "
    "étapes de test, étape de test, pasos, paso, pasos de prueba, acción, acciones, шаги, шаг, "
    "действие",
    "expected": "expected result, expected results, expected, result, step result, expectation, "
    "erwartet, erwartetes ergebnis, erwartete ergebnisse, erwartung, ergebnis, résultat attendu, "
    "résultats attendus, attendu, résultat, resultado esperado, resultados esperados, esperado, "
    "resultado, ожидаемый результат, результат",
    "data": "data, test data, step data, input, daten, testdaten, eingabe, eingaben, données, "
    "données de test, jeu de données, datos, datos de prueba, entrada, данные, тестовые данные",
    "tags": "tags, tag, labels, label, keywords, component, components, schlagwörter, "
    "schlagworte, stichwörter, komponente, komponenten, étiquettes, étiquette, mots clés, "
    "composant, composants, etiquetas, etiqueta, palabras clave, componente, componentes, теги, "
    "метки",
    "requirements": "requirements, requirement, references, refs, reference, issues, stories, "
    "anforderungen, anforderung, referenzen, referenz, exigences, exigence, références, "
    "référence, requisitos, requisito, referencias, referencia, требования",
    "links": "links, link, urls, url, verweise, verknüpfungen, liens, lien, enlaces, enlace, "
    "ссылки",
    "automation_key": "automation key, automation id, test method, automated test name, "
    "automatisierungsschlüssel, testmethode, clé d automatisation, méthode de test, "
    "clave de automatización, método de prueba",
    "aliases": "former keys, aliases",
    "archived": "archived, archiviert, archivé, archivado",
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
