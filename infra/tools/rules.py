#!/usr/bin/env python3
"""Holds the translated template against what this project decided, beyond what cfn-lint knows.

Usage: rules.py RULE TRANSLATED

Rules:
  actions    nothing that is allowed has a `*` as action or principal; only X-Ray is allowed on the resource `*`, and
             Lambda's network interfaces where there is a VPC
  roles      each function, schedule and malware scan has a role of its own, written in the template, without other managed
             policies than that for a VPC
  functions  folders in functions/ and functions in the template are the same
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

# X-Ray has no resources to name, and network interfaces have no names before there are any.
WITHOUT_RESOURCE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}

# Lambda reaches a VPC with it.
IN_VPC = {"Fn::If": ["InVpc", [{"Ref": "VpcAccess"}], {"Ref": "AWS::NoValue"}]}


def as_list(value) -> list:
    return value if isinstance(value, list) else [value]


def of_type(template: dict, kind: str) -> dict:
    return {name: resource["Properties"] for name, resource in template["Resources"].items() if resource["Type"] == kind}


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


def actions(template: dict):
    seen = 0
    for where, document in documents(template["Resources"]):
        # The policy of a key stands in the key: there `*` is the only way to say "this key".
        own = where.endswith("KeyPolicy")
        for statement in as_list(document["Statement"]):
            named = f"{where.split('.')[0]}: statement {statement.get('Sid', '(unnamed)')}"
            seen += 1
            # A denial gives nothing: the more it is about, the better.
            if statement["Effect"] == "Deny":
                continue
            for inverse in ("NotAction", "NotResource", "NotPrincipal"):
                if inverse in statement:
                    yield f"{named}: {inverse} allows everything else"
            allowed = as_list(statement.get("Action", []))
            for action in allowed:
                if "*" in action:
                    yield f"{named}: action {action}"
            if "*" in json.dumps(statement.get("Principal", "")):
                yield f"{named}: principal with a *"
            for resource in as_list(statement.get("Resource", [])):
                if resource == "*" and not own and not set(allowed) <= WITHOUT_RESOURCE:
                    yield f"{named}: resource *"
    if not seen:
        yield "no policy found: this check looked at nothing"
    return f"{seen} statements"


def roles(template: dict):
    owners = {}
    users = {name: function["Role"] for name, function in of_type(template, "AWS::Lambda::Function").items()}
    schedules = of_type(template, "AWS::Scheduler::Schedule")
    users |= {name: schedule["Target"]["RoleArn"] for name, schedule in schedules.items()}
    users |= {name: scan["Role"] for name, scan in of_type(template, "AWS::GuardDuty::MalwareProtectionPlan").items()}
    for name, arn in users.items():
        role = arn.get("Fn::GetAtt", [None])[0] if isinstance(arn, dict) else None
        if role != f"{name}Role":
            yield f"{name}: its role is {role}, not {name}Role"
        owners.setdefault(role, []).append(name)
    for role, properties in of_type(template, "AWS::IAM::Role").items():
        if properties.get("ManagedPolicyArns", IN_VPC) != IN_VPC:
            yield f"{role}: managed policies say more than is needed, and say it elsewhere"
        if role not in owners:
            yield f"{role}: no function, no schedule and no malware scan has it"
    return f"{len(owners)} roles"


def functions(template: dict):
    deployed = {re.sub(r"(?<!^)(?=[A-Z])", "-", name).lower() for name in of_type(template, "AWS::Lambda::Function")}
    folders = {manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml")}
    for name in sorted(deployed - folders):
        yield f"{name}: in the template, no folder in functions/"
    for name in sorted(folders - deployed):
        yield f"{name}: a folder in functions/, not in the template"
    return ", ".join(sorted(deployed))


def main() -> int:
    rules = {rule.__name__: rule for rule in (actions, roles, functions)}
    if len(sys.argv) != 3 or sys.argv[1] not in rules:
        print(__doc__, file=sys.stderr)
        return 2
    check = rules[sys.argv[1]](json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")))
    findings = []
    while True:
        try:
            findings.append(next(check))
        except StopIteration as end:
            print("\n".join(findings) if findings else end.value)
            return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
