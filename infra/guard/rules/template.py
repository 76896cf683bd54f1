"""Reading a translated template, and breaking it."""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.append(str(ROOT / "infra" / "tools"))

# Rules take these from here, because only here is said where they are.
from routes import deployed, folder, function_of  # noqa: E402, F401

# The key of what is only on its way need not be kept.
PASSING = {"AlarmsKey"}


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


def of_type(template: dict, kind: str) -> dict:
    resources = template["Resources"].items()
    return {name: resource.get("Properties", {}) for name, resource in resources if resource["Type"] == kind}


def properties(template: dict, name: str) -> dict:
    return template["Resources"][name]["Properties"]


def arn(name: str, attribute: str = "Arn") -> dict:
    return {"Fn::GetAtt": [name, attribute]}


def target(value) -> str | None:
    """The resource that a value leads to."""
    if not isinstance(value, dict):
        return None
    return value.get("Ref") or value.get("Fn::GetAtt", [None])[0]


def at(value, *trail, default=None):
    """What is at the end of a trail, or the default where it breaks off."""
    for step in trail:
        if not isinstance(value, dict) or step not in value:
            return default
        value = value[step]
    return value


def documents(value, trail=()):
    """Yields (where, policy document) for each policy anywhere in a value."""
    if isinstance(value, dict):
        if "Statement" in value:
            yield ".".join(trail), value
        for key, inner in value.items():
            yield from documents(inner, (*trail, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from documents(inner, trail)


def allowances(template: dict):
    """Yields (where, whether it is a key's own policy, statement) for each statement that allows something."""
    for where, document in documents(template["Resources"]):
        for statement in as_list(document["Statement"]):
            if statement["Effect"] == "Allow":
                resource = where.split(".")[0]
                yield f"{resource}, {statement.get('Sid', 'no Sid')}", where.endswith("KeyPolicy"), statement


def statement(template: dict, policy: str, sid: str) -> dict:
    """The statement of that name in the only policy of a resource."""
    (_, document), *_ = [found for found in documents(template["Resources"][policy]) if "AssumeRole" not in found[0]]
    return next(one for one in document["Statement"] if one.get("Sid") == sid)


def turned(statement: dict, element: str):
    """Makes a statement about everything else."""
    statement[f"Not{element}"] = statement.pop(element)


def parameters_of(template: dict, value) -> set:
    """The parameters that a value is made of, be it by a condition."""
    text = json.dumps(value)
    found = set(re.findall(r'"Ref": "(\w+)"', text)) | set(re.findall(r"\$\{(\w+)\}", text))
    for condition in re.findall(r'"Fn::If": \["(\w+)"', text):
        found |= parameters_of(template, template["Conditions"][condition])
    return found & template["Parameters"].keys()
