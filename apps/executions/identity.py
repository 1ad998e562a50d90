"""What makes an automated test the same test again: its automation key and its variant."""

import hashlib
import json

# Brackets are paired in names up to here; in a longer one the variant begins at the first.
PAIRED_LENGTH = 4096


def automation_key(classname: str, name: str, suite_path: tuple[str, ...] = ()) -> str:
    """Join classname and name, the variant cut off; the suite path stands in for no classname."""
    return key_prefix(classname, suite_path) + split_variant(name)[0]


def key_prefix(classname: str, suite_path: tuple[str, ...] = ()) -> str:
    """What the keys of all tests of one class begin with."""
    owner = classname.strip() or "::".join(suite_path)
    return f"{owner}::" if owner else ""


def split_variant(name: str) -> tuple[str, str]:
    """Split `rounds[EUR]` into `rounds` and `EUR`; a name without a variant comes back whole.

    Brackets within the variant belong to it: `rounds[a[0]-3]` is `rounds` and `a[0]-3`. Where
    they do not pair, as in pytest's `rounds[a]b]` or `rounds[[]`, the variant begins at the first
    one. Empty brackets, and a name that is nothing but brackets, name no variant.
    """
    if "]" not in name:
        return name, ""
    trimmed = name.rstrip()
    if trimmed[-1] != "]":
        return name, ""
    stem, _, variant = trimmed[:-1].partition("[")
    if "[" in variant or "]" in variant:
        stem, variant = _split_where_they_pair(trimmed, stem, variant)
    stem = stem.rstrip()
    if not stem or not variant or variant.isspace():
        return name, ""
    return stem, variant


def _split_where_they_pair(text: str, stem: str, variant: str) -> tuple[str, str]:
    """Cut at the bracket that the last character closes, if it begins a whole variant."""
    if len(text) > PAIRED_LENGTH:
        return stem, variant
    depth = 0
    for position in range(len(text) - 1, -1, -1):
        if text[position] == "]":
            depth += 1
        elif text[position] == "[":
            depth -= 1
            if depth == 0:
                paired = text[:position]
                whole = not paired.endswith("[")
                return (paired, text[position + 1 : -1]) if whole else (stem, variant)
    return stem, variant


def canonical_json(value: object) -> str:
    """One text for equal values: keys sorted, no spaces, 1.0 written as 1; no NaN, no infinity."""
    return json.dumps(
        _plain_numbers(value),
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
        allow_nan=False,
    )


def _plain_numbers(value: object) -> object:
    """JSON knows one kind of number, so 1.0 and 1, and 0 and -0.0, are the same value."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, dict):
        return {str(key): _plain_numbers(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain_numbers(entry) for entry in value]
    return value


def variant_hash(bracket: str, parameters: dict | None, configuration: dict | None) -> bytes:
    """The 32 bytes that tell one variant of a case from another; empty for the plain case."""
    if not bracket and not parameters and not configuration:
        return b""
    text = canonical_json([bracket, parameters or {}, configuration or {}])
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
