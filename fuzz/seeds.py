#!/usr/bin/env python3
"""Writes what a fuzz target begins with: inputs, and the words that it puts into them.

Usage: seeds.py TARGET FOLDER

Into FOLDER come the inputs that are checked in, fuzz/seeds/TARGET.txt, parted by lines of `---`, or the files in
fuzz/seeds/TARGET; and those that can be made of what is in the repository already: a request for each operation of the contract,
the sample events, the stored shapes that tests know. Words are in FOLDER.words, as libFuzzer reads them.
"""

import json
import re
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MARKER = "canary7q"
ID = "019ca8a0-3e80-7707-8707-070707070707"


def example(schema: dict, schemas: dict) -> object:
    """What fits a schema, with everything that it can hold."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rsplit("/", 1)[1]], schemas)
    for choice in ("oneOf", "anyOf", "allOf"):
        if choice in schema:
            return example(next(one for one in schema[choice] if one.get("type") != "null"), schemas)
    if "example" in schema:
        return schema["example"]
    kind = schema.get("type", "object")
    kind = kind if isinstance(kind, str) else next(one for one in kind if one != "null")
    if kind == "object":
        return {name: example(one, schemas) for name, one in schema.get("properties", {}).items()}
    if kind == "array":
        return [example(schema["items"], schemas)]
    if kind == "string":
        words = re.fullmatch(r"\^\(([a-z0-9_]+).*\)\$", schema.get("pattern", ""))
        formats = {"uuid": ID, "date-time": "2030-03-01T09:00:00.000Z"}
        return words[1] if words else formats.get(schema.get("format"), MARKER)
    return {"boolean": True, "integer": schema.get("minimum", 1), "number": 1}[kind]


def requests() -> list[bytes]:
    contract = json.loads((ROOT / "infra/openapi.json").read_text(encoding="utf-8"))
    schemas = contract["components"]["schemas"]
    made = []
    for path, operations in contract["paths"].items():
        for method, operation in operations.items():
            headers, query = [], []
            for parameter in operation.get("parameters", []):
                name, value = parameter["name"], example(parameter["schema"], schemas)
                if parameter["in"] == "path":
                    path_value = ID if name in ("id", "attachment", "backup") else value
                    path = path.replace(f"{{{name}}}", str(path_value))
                elif parameter["in"] == "query":
                    query.append(f"{name}={value}")
                else:
                    headers.append(f"{name}: {ID if name == 'Idempotency-Key' else chr(34) + '1' + chr(34)}")
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
            lines = [f"{method.upper()} {path}{'?' if query else ''}{'&'.join(query)}", *headers, ""]
            made.append("\n".join([*lines, json.dumps(example(body, schemas)) if body else ""]).encode())
    return made


def events() -> list[bytes]:
    functions = ("mail-events", "retention", "scan-results")
    files = [file for name in functions for file in sorted((ROOT / "infra/events").glob(f"{name}.*json"))]
    # As small as they can be: fewer places to change that nobody reads.
    compact = lambda file: json.dumps(json.loads(file.read_text(encoding="utf-8")), separators=(",", ":"))
    return [f"{file.name.split('.')[0]}\n{compact(file)}".encode() for file in files]


def stored() -> list[bytes]:
    shapes = re.findall(r'^ *(\{".*"entity":"([a-z ]+)".*\})$', (ROOT / "shared/store/src/item/tests.rs").read_text(encoding="utf-8"), re.M)
    return [f"{'entry' if kind == 'revision' else kind}\n{shape}".encode() for shape, kind in shapes]


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    target, folder = sys.argv[1], Path(sys.argv[2])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    kept = ROOT / "fuzz/seeds" / target
    inputs = [file.read_bytes() for file in sorted(kept.glob("*"))]
    written = kept.with_suffix(".txt")
    if written.exists():
        inputs += [part.removesuffix(b"\n") for part in written.read_bytes().split(b"---\n")]
    inputs += {"requests": requests, "events": events, "stored": stored}.get(target, list)()
    for place, content in enumerate(inputs):
        (folder / f"{place:03}").write_bytes(content)
    words = {MARKER}
    if target in ("requests", "events", "stored"):
        words.update(word for text in inputs for word in re.findall(r"[A-Za-z_]{3,40}", text.decode(errors="ignore")))
    lines = [f'"{word}"\n' for word in sorted(words)] + ['"\\x0a"\n', '"\\x0a\\x0a"\n']
    folder.with_suffix(".words").write_text("".join(lines), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
