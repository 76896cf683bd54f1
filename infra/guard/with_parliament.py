#!/usr/bin/env python3
"""Asks parliament about each policy that a role has in the translated template, without network.

Usage: with_parliament.py TRANSLATED

It knows whether an action exists, works on such a resource, and takes such a condition. What it knows is of the day it was
published: of a service that came later it would say that there is none, and that belongs into IGNORED, with the reason.
First of all it must find a misspelt action.

Exit status: 0 nothing found that is not ignored; 1 findings; 2 wrong usage. Needs what is in .tools/parliament.
"""

import json
import re
import sys
import warnings
from pathlib import Path

# It says at each start that it uses something old.
warnings.filterwarnings("ignore", category=UserWarning)

from parliament import analyze_policy_string  # noqa: E402

# (resource, what it says): of which actions that is right.
IGNORED = {
    # Network interfaces have no names before there are any.
    ("VpcAccess", "RESOURCE_STAR"): {
        "ec2:AssignPrivateIpAddresses",
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:UnassignPrivateIpAddresses",
    },
    # It knows no resource of this one; the guide of SAM names the deployment group.
    ("SmokeRole", "RESOURCE_MISMATCH"): {"codedeploy:PutLifecycleEventHookExecutionStatus"},
}

HERE = {"AWS::Partition": "aws", "AWS::Region": "us-east-1", "AWS::AccountId": "123456789012", "AWS::StackName": "confer"}

# Addresses as AWS makes them, of which `{}` is the name.
ADDRESS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:us-east-1:123456789012:table/{}",
    "AWS::Events::EventBus": "arn:aws:events:us-east-1:123456789012:event-bus/{}",
    "AWS::KMS::Key": "arn:aws:kms:us-east-1:123456789012:key/{}",
    "AWS::Lambda::Alias": "arn:aws:lambda:us-east-1:123456789012:function:{}:live",
    "AWS::Lambda::Function": "arn:aws:lambda:us-east-1:123456789012:function:{}",
    "AWS::Logs::LogGroup": "arn:aws:logs:us-east-1:123456789012:log-group:{}:*",
    "AWS::S3::Bucket": "arn:aws:s3:::{}",
    "AWS::SQS::Queue": "arn:aws:sqs:us-east-1:123456789012:{}",
}


def at(template: dict, name: str) -> str | None:
    return template["Resources"].get(name, {}).get("Type")


def address(template: dict, name: str, attribute: str) -> str:
    stream = "/stream/1" if attribute == "StreamArn" else ""
    return ADDRESS[template["Resources"][name]["Type"]].format(name) + stream


def resolved(template: dict, value):
    """A value as it would be in an account."""

    def named(reference: str) -> str:
        if "." in reference:
            return address(template, *reference.split(".", 1))
        # What is referred to is a name, and of an alias its address.
        if at(template, reference) == "AWS::Lambda::Alias":
            return address(template, reference, "Arn")
        return HERE.get(reference, reference)

    if isinstance(value, list):
        return [resolved(template, inner) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"Ref"}:
        return named(value["Ref"])
    if value.keys() == {"Fn::GetAtt"}:
        return address(template, *value["Fn::GetAtt"])
    if value.keys() == {"Fn::Sub"}:
        return re.sub(r"\$\{([\w:.]+)\}", lambda match: named(match[1]), value["Fn::Sub"])
    return {key: resolved(template, inner) for key, inner in value.items()}


def policies(template: dict):
    """Yields (resource, document) for each policy of a role."""
    for name, resource in template["Resources"].items():
        if resource["Type"] == "AWS::IAM::Role":
            yield from ((name, policy["PolicyDocument"]) for policy in resource["Properties"].get("Policies", []))
        elif resource["Type"] == "AWS::IAM::ManagedPolicy":
            yield name, resource["Properties"]["PolicyDocument"]


def said(document: dict) -> list:
    return analyze_policy_string(json.dumps(document)).findings


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    template = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    table = ADDRESS["AWS::DynamoDB::Table"].format("Table")
    misspelt = {"Effect": "Allow", "Action": "dynamodb:Querry", "Resource": table}
    known = said({"Version": "2012-10-17", "Statement": [misspelt]})
    findings = [] if known else ["it takes dynamodb:Querry for an action"]

    ignored, looked = set(), 0
    for name, document in policies(template):
        looked += 1
        for one in said(resolved(template, document)):
            actions = set(re.findall(r"\w+:\w+", str(one.detail)))
            if actions and actions <= IGNORED.get((name, one.issue), set()):
                ignored.add((name, one.issue))
            else:
                findings.append(f"{name}: {one.issue} {one.detail} {one.location}")
    findings += [f"{name}: {issue} is ignored and never said" for name, issue in IGNORED.keys() - ignored]
    if not looked:
        findings.append("no policy found: it looked at nothing")

    if findings:
        print("\n".join(findings))
        return 1
    each = ", ".join(f"{name} {issue}" for name, issue in sorted(ignored))
    print(f"{looked} policies, 0 findings; {len(ignored)} ignored with a reason ({each})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
