"""Rules about the trail, and about who adds to it."""

import json

from bucket import TRAIL, denials, denied_at, objects
from rule import rule
from template import allowances, arn, as_list, at, of_type, properties, statement, target

# What Lambda does in the name of a function that a stream invokes.
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}


def at_trail(template: dict):
    """Yields (where, action, resource) for each action on the trail that somebody is allowed."""
    for where, _, allowed in allowances(template):
        for resource in as_list(allowed.get("Resource", [])):
            if f"${{{TRAIL}" in json.dumps(resource) or target(resource) == TRAIL:
                yield from ((where, action, resource) for action in as_list(allowed.get("Action", [])))


@rule(
    lambda t: properties(t, TRAIL).update(ObjectLockEnabled=False),
    lambda t: properties(t, TRAIL)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"].update(Mode="GOVERNANCE"),
    lambda t: properties(t, TRAIL)["ObjectLockConfiguration"]["Rule"]["DefaultRetention"].update(Years=0),
    lambda t: t["Parameters"]["TrailYears"].update(MinValue=0),
)
def trail_locked(template):
    """can be changed or emptied within a year (HIPAA 164.312(b), (c)(1), Part 11 11.10(e), NIST AU-9, AU-11)"""
    bucket = of_type(template, "AWS::S3::Bucket").get(TRAIL, {})
    lock = at(bucket, "ObjectLockConfiguration", default={})
    kept = at(lock, "Rule", "DefaultRetention", default={})
    years = kept.get("Years", 0)
    if isinstance(years, dict):
        years = template["Parameters"][years["Ref"]].get("MinValue", 0)
    locked = bucket.get("ObjectLockEnabled") is True and lock.get("ObjectLockEnabled") == "Enabled"
    if not (locked and kept.get("Mode") == "COMPLIANCE" and years >= 1):
        yield TRAIL


@rule(
    lambda t: statement(t, "PreviewsRole", "Previews").update(Resource=objects(TRAIL)),
    lambda t: statement(t, "TrailRole", "Trail").update(Resource=objects(TRAIL)),
    lambda t: statement(t, "TrailBucketPolicy", "OnlyTrail")["Condition"]["ArnNotEquals"].update({"aws:PrincipalArn": arn("JobsRole")}),
)
def trail_writer(template):
    """can be written by somebody else than trail, or elsewhere (HIPAA 164.312(b), (c)(1), Part 11 11.10(e), NIST AU-9, AC-6)"""
    for where, action, resource in at_trail(template):
        if action == "s3:PutObject" and (where.split(",")[0], resource) != ("TrailRole", objects(TRAIL, "log/")):
            yield where
    others = {"ArnNotEquals": {"aws:PrincipalArn": arn("TrailRole")}}
    if not denied_at(template, TRAIL, {"Action": "s3:PutObject", "Resource": objects(TRAIL), "Condition": others}):
        yield TRAIL


@rule(
    lambda t: statement(t, "TrailRole", "Trail").update(Action=["s3:PutObject", "s3:DeleteObjectVersion"]),
    lambda t: statement(t, "BackupsRole", "Objects").update(Resource=objects(TRAIL)),
    lambda t: statement(t, "TrailBucketPolicy", "NoDeletes").update(Action="s3:DeleteObjectVersion"),
)
def trail_grows(template):
    """lets a role do more than add to it, or somebody delete (HIPAA 164.312(b), (c)(1), Part 11 11.10(e), NIST AU-9)"""
    yield from (f"{where}, {action}" for where, action, _ in at_trail(template) if action != "s3:PutObject")
    deletes = {"Action": ["s3:DeleteObject", "s3:DeleteObjectVersion"], "Resource": objects(TRAIL)}
    if not any(deletes.items() <= denied.items() and "Condition" not in denied for denied in denials(template, TRAIL)):
        yield TRAIL


@rule(
    lambda t: statement(t, "TrailBucketPolicy", "OnlyOwnEncryption").update(Condition={"Null": {"s3:x-amz-acl": "false"}}),
    lambda t: statement(t, "TrailBucketPolicy", "NoOtherKeys").update(Resource=objects(TRAIL, "other/")),
)
def trail_key(template):
    """takes what is encrypted with another key than its own (HIPAA 164.312(a)(2)(iv), Part 11 11.30, NIST SC-28(1), SC-12)"""
    for header in ("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-customer-algorithm"):
        named = {"Action": "s3:PutObject", "Resource": objects(TRAIL), "Condition": {"Null": {header: "false"}}}
        if not denied_at(template, TRAIL, named):
            yield f"{TRAIL}, {header}"


@rule(lambda t: statement(t, "TrailRole", "Stream")["Action"].append("dynamodb:Query"))
def trail_blind(template):
    """sees more than what the stream brings (HIPAA 164.312(a)(1), Part 11 11.10(g), NIST AC-6, AU-9)"""
    for where, _, allowed in allowances(template):
        actions = {action for action in as_list(allowed.get("Action", [])) if action.startswith("dynamodb:")}
        if where.startswith("TrailRole,") and not actions <= STREAM:
            yield where
