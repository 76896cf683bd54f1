#!/usr/bin/env python3
"""Holds the translated template against what this project decided, beyond what other tools know.

Usage: rules.py [--self-test | --list] TRANSLATED

Each rule is a function. Its first line of documentation is what is wrong where it finds something, and which controls ask
for it: HIPAA is 45 CFR, Part 11 is 21 CFR, NIST is SP 800-53 as FedRAMP uses it.

--self-test   breaks the template in memory in each way that stands at a rule, and expects this rule alone to find it
--list        says what the rules are, and looks at nothing

Exit status: 0 nothing found; 1 findings; 2 wrong usage.
"""

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "infra" / "tools"))

# What is imported from there would leave its bytes beside it.
sys.dont_write_bytecode = True

from routes import deployed, folder, function_of  # noqa: E402

# Adding a line here is a decision to let strangers in.
PUBLIC = {"GET /v1/health", "GET /v1/unsubscribe/{token}", "POST /v1/unsubscribe/{token}"}

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

# Lambda reaches a VPC with it. No other managed policy is anybody's.
IN_VPC = {"Fn::If": ["InVpc", [{"Ref": "VpcAccess"}], {"Ref": "AWS::NoValue"}]}

# What the access log may say. A path, a query, a header, a claim or an error's text could say more than an id.
LOGGED = {
    "requestTimeEpoch",
    "requestId",
    "routeKey",
    "status",
    "responseLength",
    "responseLatency",
    "integrationStatus",
    "integrationLatency",
    "identity.sourceIp",
}

# The key of what is only on its way need not be kept.
PASSING = {"AlarmsKey"}

# The bucket of which nothing may ever go. Everything that goes again is in the others.
TRAIL = "TrailBucket"

# What Lambda does in the name of a function that a stream invokes.
STREAM = {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}

# What the rules are about: without one of these, a rule would look at nothing and find nothing.
PARTS = [
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSet",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::Schedule",
]

RULES = []


def rule(*breaks):
    """Marks a rule, with ways to break the template that it must find."""

    def mark(check):
        RULES.append((check, breaks))
        return check

    return mark


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


def denials(template: dict, bucket: str) -> list:
    """What the policies of a bucket deny to everybody."""
    policies = of_type(template, "AWS::S3::BucketPolicy").values()
    documents = [policy["PolicyDocument"] for policy in policies if target(policy["Bucket"]) == bucket]
    statements = [one for document in documents for one in as_list(document["Statement"])]
    return [one for one in statements if one["Effect"] == "Deny" and one["Principal"] == "*"]


def objects(bucket: str, prefix: str = "") -> dict:
    return {"Fn::Sub": f"${{{bucket}.Arn}}/{prefix}*"}


def denied_at(template: dict, bucket: str, wanted: dict) -> bool:
    """Whether a policy of a bucket denies this to everybody."""
    return any(wanted.items() <= denied.items() for denied in denials(template, bucket))


def emptied(template: dict) -> dict:
    """The buckets in which what is kept goes again."""
    return {name: bucket for name, bucket in of_type(template, "AWS::S3::Bucket").items() if name != TRAIL}


def at_trail(template: dict):
    """Yields (where, action, resource) for each action on the trail that somebody is allowed."""
    for where, _, allowed in allowances(template):
        for resource in as_list(allowed.get("Resource", [])):
            if f"${{{TRAIL}" in json.dumps(resource) or target(resource) == TRAIL:
                yield from ((where, action, resource) for action in as_list(allowed.get("Action", [])))


def statement(template: dict, policy: str, sid: str) -> dict:
    """The statement of that name in the only policy of a resource."""
    (_, document), *_ = [found for found in documents(template["Resources"][policy]) if "AssumeRole" not in found[0]]
    return next(one for one in document["Statement"] if one.get("Sid") == sid)


def turned(statement: dict, element: str):
    """Makes a statement about everything else."""
    statement[f"Not{element}"] = statement.pop(element)


def behind_api(template: dict) -> set:
    """The functions that routes lead to."""
    folders = {function for function, _ in deployed(template).values()}
    return {name for name in of_type(template, "AWS::Lambda::Function") if folder(name) in folders}


def told_by_events(template: dict) -> set:
    """The functions that rules and schedules invoke."""
    invoked = {function_of(template, name) for _, name in targets(template)}
    return invoked & of_type(template, "AWS::Lambda::Function").keys()


def targets(template: dict):
    """Yields (rule or schedule, what it tells)."""
    for name, rule in of_type(template, "AWS::Events::Rule").items():
        yield from ((name, target(one["Arn"])) for one in rule["Targets"])
    for name, schedule in of_type(template, "AWS::Scheduler::Schedule").items():
        yield name, target(schedule["Target"]["Arn"])


def read_by(template: dict) -> set:
    """The functions that streams invoke."""
    streams = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    return {function_of(template, target(stream["FunctionName"])) for stream in streams}


def alias(template: dict, function: str) -> dict:
    """The whole resource of the alias of a function, if it has one."""
    for name, found in of_type(template, "AWS::Lambda::Alias").items():
        if target(found["FunctionName"]) == function:
            return template["Resources"][name]
    return {}


def version(template: dict, function: str) -> dict:
    """The only version that is published of a function."""
    published = of_type(template, "AWS::Lambda::Version").values()
    return next((one for one in published if target(one["FunctionName"]) == function), {})


def moved(template: dict, function: str) -> dict:
    """How CodeDeploy moves requests to a new version of a function, if it does."""
    return at(alias(template, function), "UpdatePolicy", "CodeDeployLambdaAliasUpdate", default={})


def hooks(template: dict) -> set:
    """The functions that CodeDeploy asks. What they find ends a deployment, before anybody notices anything."""
    functions = of_type(template, "AWS::Lambda::Function")
    return {target(moved(template, name).get("BeforeAllowTrafficHook")) for name in functions} - {None}


def parameters_of(template: dict, value) -> set:
    """The parameters that a value is made of, be it by a condition."""
    text = json.dumps(value)
    found = set(re.findall(r'"Ref": "(\w+)"', text)) | set(re.findall(r"\$\{(\w+)\}", text))
    for condition in re.findall(r'"Fn::If": \["(\w+)"', text):
        found |= parameters_of(template, template["Conditions"][condition])
    return found & template["Parameters"].keys()


def watched(template: dict, **metric) -> bool:
    """Whether an alarm looks at this number alone."""
    return any(metric.items() <= alarm.items() for alarm in of_type(template, "AWS::CloudWatch::Alarm").values())


@rule(lambda t: t["Resources"]["MailConfiguration"].update(Type="AWS::SES::Template"))
def parts(template):
    """something that rules are about is not there (Part 11 11.10(a), NIST CM-6)"""
    for kind in PARTS:
        if not of_type(template, kind):
            yield kind


# ── The table ────────────────────────────────────────────────────────────────────────────────────────────────────────


@rule(lambda t: properties(t, "Table").update(DeletionProtectionEnabled=False))
def table_deletion(template):
    """can be deleted by one call (HIPAA 164.312(c)(1), Part 11 11.10(c), NIST CP-9, SI-12)"""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        if table.get("DeletionProtectionEnabled") is not True:
            yield name


@rule(
    lambda t: properties(t, "Table")["PointInTimeRecoverySpecification"].update(PointInTimeRecoveryEnabled=False),
    lambda t: properties(t, "Table")["PointInTimeRecoverySpecification"].update(RecoveryPeriodInDays=7),
)
def table_recovery(template):
    """cannot be brought back to each second of 35 days (HIPAA 164.308(a)(7)(ii)(A), Part 11 11.10(c), NIST CP-9, CP-10)"""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True or recovery.get("RecoveryPeriodInDays") != 35:
            yield name


@rule(
    lambda t: properties(t, "Table").pop("SSESpecification"),
    lambda t: properties(t, "Table")["SSESpecification"].update(KMSMasterKeyId="alias/aws/dynamodb"),
)
def table_key(template):
    """is not encrypted with a key of this template (HIPAA 164.312(a)(2)(iv), Part 11 11.30, NIST SC-28(1), SC-12)"""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        encryption = table.get("SSESpecification", {})
        own = target(encryption.get("KMSMasterKeyId")) in of_type(template, "AWS::KMS::Key")
        if not (encryption.get("SSEEnabled") is True and encryption.get("SSEType") == "KMS" and own):
            yield name


@rule(
    lambda t: t["Resources"]["Table"].pop("DeletionPolicy"),
    lambda t: t["Resources"]["Bucket"].update(UpdateReplacePolicy="Delete"),
    lambda t: t["Resources"]["Key"].update(DeletionPolicy="Delete"),
)
def kept(template):
    """goes with the stack, or when it is replaced (HIPAA 164.312(c)(1), Part 11 11.10(c), NIST CP-9, SI-12)"""
    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"):
        for name in of_type(template, kind).keys() - PASSING:
            resource = template["Resources"][name]
            if [resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")] != ["Retain", "Retain"]:
                yield name


# ── The bucket ───────────────────────────────────────────────────────────────────────────────────────────────────────


@rule(
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].update(BlockPublicAcls=False),
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].update(BlockPublicPolicy=False),
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].update(IgnorePublicAcls=False),
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].pop("RestrictPublicBuckets"),
)
def bucket_private(template):
    """can be made public (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-3, SC-7)"""
    four = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if not all(at(bucket, "PublicAccessBlockConfiguration", one) is True for one in four):
            yield name


@rule(lambda t: properties(t, "Bucket")["OwnershipControls"]["Rules"][0].update(ObjectOwnership="ObjectWriter"))
def bucket_owner(template):
    """lets who uploads say who may read (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-3, AC-6)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if at(bucket, "OwnershipControls", "Rules") != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            yield name


@rule(
    lambda t: properties(t, "Bucket").pop("BucketEncryption"),
    lambda t: properties(t, "Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"][0].pop("BucketKeyEnabled"),
)
def bucket_key(template):
    """is not encrypted with a bucket key under a key of ours (HIPAA 164.312(a)(2)(iv), Part 11 11.30, NIST SC-28(1))"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        configured = at(bucket, "BucketEncryption", "ServerSideEncryptionConfiguration", default=[{}])
        by = [at(one, "ServerSideEncryptionByDefault", default={}) for one in configured]
        own = all(target(one.get("KMSMasterKeyID")) in of_type(template, "AWS::KMS::Key") for one in by)
        if not (own and all(one.get("BucketKeyEnabled") is True for one in configured)):
            yield name


@rule(lambda t: properties(t, "Bucket")["VersioningConfiguration"].update(Status="Suspended"))
def bucket_versions(template):
    """forgets what is written over or deleted (HIPAA 164.312(c)(1), Part 11 11.10(e), NIST CP-9, SI-7)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if at(bucket, "VersioningConfiguration", "Status") != "Enabled":
            yield name


@rule(lambda t: statement(t, "BucketPolicy", "OnlyByTls").update(Resource=[arn("Bucket")]))
def bucket_tls(template):
    """answers without TLS (HIPAA 164.312(e)(1), Part 11 11.30, NIST SC-8(1))"""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    for name in of_type(template, "AWS::S3::Bucket"):
        wanted = {"Action": "s3:*", "Resource": [arn(name), objects(name)], "Condition": insecure}
        if not denied_at(template, name, wanted):
            yield name


@rule(
    lambda t: statement(t, "BucketPolicy", "OnlyOnce").update(Condition={"Null": {"s3:if-match": "true"}}),
    lambda t: statement(t, "BucketPolicy", "OnlyOnce").update(Resource=objects("Bucket", "b/")),
)
def bucket_once(template):
    """lets an attachment be written a second time (HIPAA 164.312(c)(1), Part 11 11.10(e), NIST SI-7)"""
    unconditional = {"Null": {"s3:if-none-match": "true"}}
    for name in emptied(template):
        wanted = {"Action": "s3:PutObject", "Resource": objects(name, "a/"), "Condition": unconditional}
        if not denied_at(template, name, wanted):
            yield name


@rule(
    lambda t: statement(t, "BucketPolicy", "OnlyRecentlySigned").pop("Condition"),
    lambda t: statement(t, "BucketPolicy", "OnlyRecentlySignedBackups").pop("Condition"),
)
def bucket_links(template):
    """lets links work for longer than five minutes, back-ups' a quarter of an hour (HIPAA 164.312(d), NIST SC-23, AC-12)"""
    for name in emptied(template):
        backups = objects(name, "b/")
        for what, age in (({"NotResource": backups}, 300_000), ({"Resource": backups}, 900_000)):
            wanted = {"Action": "s3:*"} | what | {"Condition": {"NumericGreaterThan": {"s3:signatureAge": str(age)}}}
            if not denied_at(template, name, wanted):
                yield f"{name}, {age} ms"


@rule(
    lambda t: properties(t, "Bucket")["LifecycleConfiguration"]["Rules"].pop(0),
    lambda t: properties(t, "Bucket")["LifecycleConfiguration"]["Rules"][-1].update(Status="Disabled"),
)
def bucket_leftovers(template):
    """keeps parts of uploads, or back-ups, for more than three days (HIPAA 164.310(d)(2)(i), NIST MP-6, SI-12)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        rules = [one for one in at(bucket, "LifecycleConfiguration", "Rules", default=[]) if one["Status"] == "Enabled"]
        aborted = [at(one, "AbortIncompleteMultipartUpload", "DaysAfterInitiation") for one in rules if "Prefix" not in one]
        if not any(days and days <= 3 for days in aborted):
            yield f"{name}, parts of uploads"
        passing = any(one.get("ExpirationInDays", 4) <= 3 for one in rules if one.get("Prefix") == "b/")
        if name in emptied(template) and not passing:
            yield f"{name}, back-ups"


@rule(lambda t: properties(t, "Bucket")["CorsConfiguration"]["CorsRules"][0].update(AllowedOrigins=["*"]))
def bucket_origins(template):
    """answers the pages of everybody (HIPAA 164.312(a)(1), NIST AC-4)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        for one in at(bucket, "CorsConfiguration", "CorsRules", default=[]):
            if any("*" in origin for origin in one["AllowedOrigins"] if isinstance(origin, str)):
                yield name


@rule(lambda t: properties(t, "Bucket").update(ObjectLockEnabled=True))
def bucket_unlocked(template):
    """keeps what has to go when its time is over (HIPAA 164.310(d)(2)(i), NIST SI-12, MP-6)"""
    for name, bucket in emptied(template).items():
        if "ObjectLockEnabled" in bucket or "ObjectLockConfiguration" in bucket:
            yield name


# ── The trail ────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── The functions ────────────────────────────────────────────────────────────────────────────────────────────────────


def another_function(template: dict):
    """Deploys a function twice, with everything of its own, under a name without a folder."""
    for name, resource in list(template["Resources"].items()):
        if name.startswith("Audit"):
            copy = json.dumps(resource).replace("Audit", "Extra")
            template["Resources"][name.replace("Audit", "Extra")] = json.loads(copy)


@rule(another_function)
def function_folders(template):
    """is a folder of functions/ or a function of the template, and not both (Part 11 11.10(k), NIST CM-8)"""
    here = {folder(name) for name in of_type(template, "AWS::Lambda::Function")}
    there = {manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml")}
    yield from sorted(here ^ there)


@rule(
    lambda t: properties(t, "People").pop("ReservedConcurrentExecutions"),
    lambda t: properties(t, "Digest").update(ReservedConcurrentExecutions=5),
)
def function_copies(template):
    """may use up all copies of the account, or cannot be deployed where few are (NIST SC-5, SC-6)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        condition = at(function, "ReservedConcurrentExecutions", "Fn::If", default=[None])
        if condition[0] != "ReservesConcurrency" or condition[2] != {"Ref": "AWS::NoValue"}:
            yield name


@rule(
    lambda t: properties(t, "Audit").pop("LoggingConfig"),
    lambda t: properties(t, "Audit")["LoggingConfig"].update(LogGroup={"Ref": "PeopleLogs"}),
    lambda t: properties(t, "Audit")["LoggingConfig"].update(LogFormat="Text"),
)
def function_log(template):
    """does not log into a group of its own, as JSON (HIPAA 164.312(b), Part 11 11.10(e), NIST AU-2, AU-12)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        logging = function.get("LoggingConfig", {})
        if [target(logging.get("LogGroup")), logging.get("LogFormat")] != [f"{name}Logs", "JSON"]:
            yield name


@rule(
    lambda t: properties(t, "AccessLogs").pop("RetentionInDays"),
    lambda t: properties(t, "AuditLogs").pop("KmsKeyId"),
)
def logs_kept(template):
    """keeps lines for ever, or without a key of this template (HIPAA 164.312(a)(2)(iv), (b), NIST AU-9, AU-11, SC-28(1))"""
    for name, group in of_type(template, "AWS::Logs::LogGroup").items():
        if not group.get("RetentionInDays") or target(group.get("KmsKeyId")) not in of_type(template, "AWS::KMS::Key"):
            yield name


@rule(lambda t: properties(t, "Messages").update(TracingConfig={"Mode": "PassThrough"}))
def function_traces(template):
    """is not traced (HIPAA 164.312(b), NIST AU-12, SI-4)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        if at(function, "TracingConfig", "Mode") != "Active":
            yield name


@rule(
    lambda t: statement(t, "MessagesRole", "Table").update(Action=["dynamodb:*"]),
    lambda t: turned(statement(t, "MessagesRole", "Table"), "Action"),
)
def allowed_actions(template):
    """allows actions that are not named (HIPAA 164.312(a)(1), Part 11 11.10(d), (g), NIST AC-6)"""
    for where, _, allowed in allowances(template):
        if "NotAction" in allowed or any("*" in action for action in as_list(allowed.get("Action", []))):
            yield where


@rule(
    lambda t: statement(t, "MessagesRole", "Table").update(Resource="*"),
    lambda t: statement(t, "VpcAccess", "Interfaces")["Action"].append("ec2:TerminateInstances"),
    lambda t: turned(statement(t, "MessagesRole", "Table"), "Resource"),
)
def allowed_resources(template):
    """allows it on everything (HIPAA 164.312(a)(1), Part 11 11.10(d), (g), NIST AC-6)"""
    for where, own_key, allowed in allowances(template):
        # In the policy of a key `*` is the only way to say "this key".
        everything = "*" in as_list(allowed.get("Resource", [])) and not own_key
        if "NotResource" in allowed or everything and not set(as_list(allowed["Action"])) <= WITHOUT_RESOURCE:
            yield where


@rule(
    lambda t: statement(t, "UnhandledPolicy", "Rules").update(Principal="*"),
    lambda t: statement(t, "Key", "ThroughS3").update(Principal={"AWS": "*"}),
)
def allowed_principals(template):
    """allows it to everybody (HIPAA 164.312(a)(1), (d), Part 11 11.10(d), NIST AC-3, AC-6)"""
    for where, _, allowed in allowances(template):
        if "NotPrincipal" in allowed or "*" in json.dumps(allowed.get("Principal", "")):
            yield where


@rule(
    lambda t: properties(t, "Audit").update(Role=arn("PeopleRole")),
    lambda t: properties(t, "AuditDeploymentGroup").update(ServiceRoleArn=arn("SmokeRole")),
    lambda t: properties(t, "AuditRole").update(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
)
def roles(template):
    """does not have a role of its own, or has managed policies (HIPAA 164.312(a)(1), Part 11 11.10(g), NIST AC-5, AC-6)"""
    users = {name: function["Role"] for name, function in of_type(template, "AWS::Lambda::Function").items()}
    schedules = of_type(template, "AWS::Scheduler::Schedule")
    users |= {name: schedule["Target"]["RoleArn"] for name, schedule in schedules.items()}
    users |= {name: scan["Role"] for name, scan in of_type(template, "AWS::GuardDuty::MalwareProtectionPlan").items()}
    # All deployments do the same, so they have one together.
    groups = of_type(template, "AWS::CodeDeploy::DeploymentGroup")
    yield from (name for name, group in groups.items() if target(group["ServiceRoleArn"]) != "DeploymentsRole")
    users["Deployments"] = {"Ref": "DeploymentsRole"}
    yield from (name for name, role in users.items() if target(role) != f"{name}Role")
    for name, role in of_type(template, "AWS::IAM::Role").items():
        if name.removesuffix("Role") not in users or role.get("ManagedPolicyArns", IN_VPC) != IN_VPC:
            yield name


def taken_by_account(template: dict):
    (statement,) = properties(template, "AuditRole")["AssumeRolePolicyDocument"]["Statement"]
    statement["Principal"] = {"AWS": "arn:aws:iam::111122223333:root"}


@rule(taken_by_account)
def role_takers(template):
    """can be taken by somebody else than one service (HIPAA 164.312(d), Part 11 11.10(d), NIST AC-3, AC-6)"""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        (who,) = [one["Principal"] for one in role["AssumeRolePolicyDocument"]["Statement"]]
        if who.keys() != {"Service"} or not isinstance(who["Service"], str):
            yield name


@rule(
    lambda t: properties(t, "People").update(Timeout=60),
    lambda t: t["Parameters"]["TimeoutSeconds"].update(MaxValue=60),
)
def function_time(template):
    """runs on after API Gateway has stopped waiting, at 29 s (NIST SC-5, SI-11)"""
    for name in behind_api(template):
        seconds = properties(template, name)["Timeout"]
        if isinstance(seconds, dict):
            seconds = template["Parameters"][seconds["Ref"]]["MaxValue"]
        if seconds >= 29:
            yield name


@rule(
    lambda t: properties(t, "ScanResultsEventInvokeConfig").pop("DestinationConfig"),
    lambda t: properties(t, "DeliveryChanges").pop("DestinationConfig"),
)
def function_failures(template):
    """forgets what it could not deal with (HIPAA 164.312(c)(1), Part 11 11.10(a), NIST SI-11, CP-10)"""
    queues = of_type(template, "AWS::SQS::Queue")
    told = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    kept = {
        target(config["FunctionName"])
        for config in told
        if target(at(config, "DestinationConfig", "OnFailure", "Destination")) in queues
    }
    yield from sorted(told_by_events(template) - kept)
    for name, stream in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        if target(at(stream, "DestinationConfig", "OnFailure", "Destination")) not in queues:
            yield name


@rule(
    lambda t: properties(t, "DigestSweep")["Target"].pop("DeadLetterConfig"),
    lambda t: properties(t, "DigestSweep")["Target"].update(Input="{}"),
)
def schedules(template):
    """forgets a time it could not tell, or does not say which it was (NIST SI-11, AU-8)"""
    for name, schedule in of_type(template, "AWS::Scheduler::Schedule").items():
        kept = target(at(schedule, "Target", "DeadLetterConfig", "Arn")) in of_type(template, "AWS::SQS::Queue")
        if not kept or "<aws.scheduler.scheduled-time>" not in at(schedule, "Target", "Input", default=""):
            yield name


@rule(
    lambda t: properties(t, "People")["Environment"]["Variables"].update(CONFER_EXTRA="hunter2"),
    lambda t: properties(t, "People")["Environment"]["Variables"].update(CONFER_API_SECRET={"Ref": "Table"}),
)
def function_secrets(template):
    """has in its environment what is written out, or is called a secret (HIPAA 164.312(d), NIST IA-5(7), SC-12)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        for variable, value in at(function, "Environment", "Variables", default={}).items():
            if not isinstance(value, dict) or re.search("SECRET|PASSWORD|CREDENTIAL|TOKEN|PRIVATE", variable):
                yield f"{name}, {variable}"


@rule(
    lambda t: properties(t, "PeopleHealthPermission").pop("SourceArn"),
    lambda t: properties(t, "PeopleHealthPermission").update(Principal="s3.amazonaws.com"),
    lambda t: t["Resources"].update(Door={"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}}),
)
def function_doors(template):
    """can be invoked by another way than our API and our rules (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-4, SC-7)"""
    yield from of_type(template, "AWS::Lambda::Url")
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        known = permission["Principal"] in ("apigateway.amazonaws.com", "events.amazonaws.com")
        if not known or not permission.get("SourceArn"):
            yield name


@rule(
    lambda t: properties(t, "DigestSweep")["Target"].update(Arn=arn("Digest")),
    lambda t: properties(t, "JobsBackupDue")["Targets"][0].update(Arn=arn("Jobs")),
    lambda t: properties(t, "DeliveryChanges").update(FunctionName={"Ref": "Delivery"}),
    lambda t: properties(t, "DigestEventInvokeConfig").update(Qualifier="$LATEST"),
    lambda t: properties(t, "PeopleHealthPermission").update(FunctionName={"Ref": "People"}),
    lambda t: integration(t, "/v1/me", "get").update(uri={"Fn::Sub": "arn:aws:apigateway:x/functions/${People.Arn}/invocations"}),
)
def function_alias(template):
    """is invoked as it is, not as the version that was found good (Part 11 11.10(a), (k), NIST CM-3(2), SI-7)"""
    aliases, functions = of_type(template, "AWS::Lambda::Alias"), of_type(template, "AWS::Lambda::Function")
    invoked = [(name, told) for name, told in targets(template) if told in functions.keys() | aliases.keys()]
    for kind in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"):
        invoked += [(name, target(one["FunctionName"])) for name, one in of_type(template, kind).items()]
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        for called in re.findall(r"/functions/\$\{(\w+)(?:\.Arn)?\}/", json.dumps(api["Body"])):
            invoked.append((name, called))
    yield from (f"{name}, {called}" for name, called in invoked if called not in aliases)
    for name, config in of_type(template, "AWS::Lambda::EventInvokeConfig").items():
        if config["Qualifier"] != at(alias(template, target(config["FunctionName"])), "Properties", "Name"):
            yield name


@rule(
    lambda t: version(t, "Audit").pop("Description"),
    lambda t: properties(t, "Audit")["Environment"]["Variables"].pop("CONFER_SETTINGS"),
    lambda t: properties(t, "Audit")["Environment"]["Variables"].update(CONFER_RATE={"Ref": "ThrottlingRate"}),
)
def function_settings(template):
    """goes on with old settings after they were changed (Part 11 11.10(k), NIST CM-3, CM-6)"""
    number = arn("Settings", "VersionNumber")
    written = parameters_of(template, at(template["Resources"], "Settings", "Properties", "Content"))
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        if not alias(template, name):
            continue
        carried = at(function, "Environment", "Variables", "CONFER_SETTINGS")
        if version(template, name).get("Description") != number or carried != {"Fn::Sub": "${Settings.VersionNumber}"}:
            yield name
        # Neither is a thing of versions.
        settings = {key: value for key, value in function.items() if key not in ("ReservedConcurrentExecutions", "Tags")}
        for parameter in sorted(parameters_of(template, settings) - written):
            yield f"{name}, {parameter}"


@rule(
    lambda t: t["Resources"]["AuditAliaslive"].pop("UpdatePolicy"),
    lambda t: t["Resources"]["AuditAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"].pop("BeforeAllowTrafficHook"),
    lambda t: properties(t, "AuditDeploymentGroup")["AutoRollbackConfiguration"]["Events"].remove("DEPLOYMENT_STOP_ON_ALARM"),
    lambda t: properties(t, "AuditDeploymentGroup").pop("AlarmConfiguration"),
    lambda t: properties(t, "ErrorLines").pop("AlarmName"),
    lambda t: properties(t, "Smoke")["Environment"]["Variables"]["CONFER_VERSIONS"]["Fn::Join"][1].pop(),
    lambda t: properties(t, "Smoke")["Environment"]["Variables"]["CONFER_VERSIONS"]["Fn::Join"][1].append({"Fn::Sub": "people=${People}"}),
)
def deployments(template):
    """gets all requests untried, or keeps them when an alarm is raised (Part 11 11.10(a), (k), NIST CM-3(2), SI-2, SI-7)"""
    alarms = [alarm.get("AlarmName") for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()]
    tried = set()
    for hook in hooks(template):
        for one in at(properties(template, hook), "Environment", "Variables", "CONFER_VERSIONS", "Fn::Join")[1]:
            said, published = re.fullmatch(r"([\w-]+)=\$\{(\w+)\}", one["Fn::Sub"]).groups()
            about = at(template["Resources"], published, "Properties", "FunctionName")
            tried.add((said, template["Resources"][published]["Type"], target(about)))
    for name in sorted(behind_api(template)):
        move = moved(template, name)
        group = properties(template, target(move["DeploymentGroupName"])) if move else {}
        back = at(group, "AutoRollbackConfiguration", "Events", default=[])
        # The second way is without alarms, for what mends the cause of one.
        watches = at(group, "AlarmConfiguration", "Fn::If", default=[None, {}])
        names = [one["Name"] for one in at(watches[1], "Alarms", default=[])]
        known = watches[0] == "Gradual" and names and all(one in alarms for one in names)
        if not (move.get("BeforeAllowTrafficHook") and known and {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(back)):
            yield name
        if hooks(template) and (folder(name), "AWS::Lambda::Version", name) not in tried:
            yield f"{name}, not tried"
    yield from sorted(f"{said}, which is none" for said, kind, _ in tried if kind != "AWS::Lambda::Version")


# ── The API ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def operation(template: dict, path: str, method: str) -> dict:
    return properties(template, "Api")["Body"]["paths"][path][method]


def integration(template: dict, path: str, method: str) -> dict:
    return operation(template, path, method)["x-amazon-apigateway-integration"]


def authorizers(api: dict) -> list:
    schemes = at(api, "Body", "components", "securitySchemes", default={}).values()
    return [at(scheme, "x-amazon-apigateway-authorizer", default={}) for scheme in schemes]


@rule(
    lambda t: operation(t, "/v1/me", "get").update(security=[{"NONE": []}]),
    lambda t: operation(t, "/v1/health", "get").update(security=[{"Institution": []}]),
)
def api_tokens(template):
    """asks no token though it is not public, or the other way round (HIPAA 164.312(d), Part 11 11.10(d), NIST IA-2, AC-3)"""
    for route, (_, token) in deployed(template).items():
        if token == (route in PUBLIC):
            yield route


@rule(
    lambda t: authorizers(properties(t, "Api"))[0].update(type="request"),
    lambda t: authorizers(properties(t, "Api"))[0]["jwtConfiguration"].pop("audience"),
    lambda t: properties(t, "Api")["Body"].pop("components"),
)
def api_authorizers(template):
    """takes tokens that are not of the issuer, or not for us (HIPAA 164.312(d), Part 11 11.10(d), NIST IA-2, IA-8)"""
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        for authorizer in authorizers(api) or [{}]:
            configured = authorizer.get("jwtConfiguration", {})
            if authorizer.get("type") != "jwt" or not (configured.get("issuer") and configured.get("audience")):
                yield name


@rule(
    lambda t: properties(t, "ApiApiGatewayDefaultStage").pop("AccessLogSettings"),
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["AccessLogSettings"].update(Format='{"path":"$context.path"}'),
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["AccessLogSettings"].update(Format="$context.authorizer.sub"),
)
def api_log(template):
    """has no access log, or one that says more than ids (HIPAA 164.312(b), Part 11 11.10(e), NIST AU-3, AU-12)"""
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        said = set(re.findall(r"\$context\.([\w.]+)", at(stage, "AccessLogSettings", "Format", default="")))
        if not said or not said <= LOGGED:
            yield ", ".join([name, *sorted(said - LOGGED)])


@rule(
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["DefaultRouteSettings"].pop("ThrottlingRateLimit"),
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["RouteSettings"].pop("GET /v1/health"),
)
def api_limits(template):
    """takes as many requests as come, or as many of strangers as of all (NIST SC-5, SC-6)"""
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        settings = {"all routes": stage.get("DefaultRouteSettings", {})}
        settings |= {route: at(stage, "RouteSettings", route, default={}) for route in PUBLIC}
        for what, limits in settings.items():
            if not (limits.get("ThrottlingRateLimit") and limits.get("ThrottlingBurstLimit")):
                yield f"{name}, {what}"


# ── Queues, topics, mails and keys ───────────────────────────────────────────────────────────────────────────────────


@rule(lambda t: properties(t, "Unhandled").update(SqsManagedSseEnabled=False))
def queue_encryption(template):
    """is not encrypted (HIPAA 164.312(a)(2)(iv), Part 11 11.30, NIST SC-28)"""
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield name


@rule(lambda t: properties(t, "Undelivered").update(MessageRetentionPeriod=345600))
def queue_time(template):
    """forgets before 14 days what somebody has to look at (HIPAA 164.312(c)(1), NIST SI-12, IR-4)"""
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        if queue.get("MessageRetentionPeriod") != 14 * 24 * 60 * 60:
            yield name


@rule(
    lambda t: properties(t, "Alarms").pop("KmsMasterKeyId"),
    lambda t: properties(t, "Alarms").update(KmsMasterKeyId={"Ref": "Key"}),
)
def topic_key(template):
    """is not encrypted, or falls silent with the key it has to tell of (HIPAA 164.312(a)(2)(iv), NIST SC-28(1), SI-4(5))"""
    for name, topic in of_type(template, "AWS::SNS::Topic").items():
        if target(topic.get("KmsMasterKeyId")) not in PASSING & of_type(template, "AWS::KMS::Key").keys():
            yield name


@rule(lambda t: properties(t, "MailConfiguration")["DeliveryOptions"].update(TlsPolicy="OPTIONAL"))
def mail_tls(template):
    """sends mails without TLS (HIPAA 164.312(e)(1), (e)(2)(ii), NIST SC-8(1))"""
    for name, configuration in of_type(template, "AWS::SES::ConfigurationSet").items():
        if at(configuration, "DeliveryOptions", "TlsPolicy") != "REQUIRE":
            yield name


@rule(
    lambda t: properties(t, "AlarmsKey").pop("EnableKeyRotation"),
    lambda t: properties(t, "Key").update(PendingWindowInDays=7),
)
def key_life(template):
    """is not rotated, or can be gone in less than 30 days (HIPAA 164.312(a)(2)(iv), Part 11 11.10(c), NIST SC-12)"""
    for name, key in of_type(template, "AWS::KMS::Key").items():
        days = key.get("PendingWindowInDays", 30)
        if key.get("EnableKeyRotation") is not True or days < 30 and name not in PASSING:
            yield name


@rule(lambda t: statement(t, "Key", "ThroughS3").pop("Condition"))
def key_use(template):
    """lets people decrypt without the service that stores it (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-6, SC-12)"""
    for where, own_key, allowed in allowances(template):
        service = "Service" in at(allowed, "Principal", default={})
        through = at(allowed, "Condition", "StringEquals", "kms:ViaService")
        if "kms:Decrypt" in as_list(allowed.get("Action", [])) and not service and not through:
            yield where


# ── Alarms ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@rule(
    lambda t: properties(t, "DeliveryLate").pop("AlarmActions"),
    lambda t: properties(t, "DeliveryLate").pop("TreatMissingData"),
)
def alarms_told(template):
    """tells nobody, or leaves open what missing data is (HIPAA 164.308(a)(6)(ii), NIST SI-4(5), IR-6)"""
    topics = of_type(template, "AWS::SNS::Topic")
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        told = {target(action) for action in alarm.get("AlarmActions", [])} & topics.keys()
        if not told or "TreatMissingData" not in alarm:
            yield name


@rule(
    lambda t: properties(t, "DeliveryLate").update(AlarmDescription="It is late."),
    lambda t: properties(t, "KeyAtRisk").pop("Description"),
)
def alarms_explained(template):
    """does not lead to its own section of docs/operations.md (HIPAA 164.308(a)(6)(ii), Part 11 11.10(k), NIST IR-4, IR-8)"""
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    said = {name: alarm.get("AlarmDescription", "") for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items()}
    topics = of_type(template, "AWS::SNS::Topic")
    for name, found in of_type(template, "AWS::Events::Rule").items():
        if any(target(one["Arn"]) in topics for one in found["Targets"]):
            said[name] = found.get("Description", "")
    for name, text in said.items():
        if folder(name) not in anchors or not text.endswith(f"What to do: docs/operations.md#{folder(name)}"):
            yield name


@rule(
    lambda t: t["Resources"].pop("PreviewsErrors"),
    lambda t: t["Resources"].pop("UnhandledWaits"),
    lambda t: t["Resources"].pop("AuditErrorLines"),
    lambda t: properties(t, "DeliveryLate").update(MetricName="Duration"),
)
def alarms_complete(template):
    """can fail, wait or be late without an alarm (HIPAA 164.308(a)(1)(ii)(D), NIST SI-4, AU-5)"""
    read = read_by(template)
    for name in sorted(told_by_events(template) | read):
        if not watched(template, MetricName="Errors", Dimensions=[{"Name": "FunctionName", "Value": {"Ref": name}}]):
            yield f"{name}, Errors"
    for name in sorted(read):
        if not watched(template, MetricName="IteratorAge", Dimensions=[{"Name": "FunctionName", "Value": {"Ref": name}}]):
            yield f"{name}, IteratorAge"
    for name in of_type(template, "AWS::SQS::Queue"):
        if not watched(template, Dimensions=[{"Name": "QueueName", "Value": arn(name, "QueueName")}]):
            yield name
    filters = of_type(template, "AWS::Logs::MetricFilter").values()
    counted = {target(one["LogGroupName"]) for one in filters if one["FilterPattern"] == '{ $.level = "ERROR" }'}
    # A hook that fails is told by the deployment that it ends, to whoever is deploying.
    watched_lines = of_type(template, "AWS::Lambda::Function").keys() - hooks(template)
    yield from (f"{name}, lines" for name in sorted(watched_lines) if f"{name}Logs" not in counted)


@rule(lambda t: properties(t, "DigestSilent").update(TreatMissingData="notBreaching"))
def alarms_silence(template):
    """can stop without an alarm, because then there is no data (HIPAA 164.308(a)(1)(ii)(D), NIST SI-4, AU-5)"""
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    heard = [json.dumps(alarm) for alarm in alarms if alarm.get("TreatMissingData") == "breaching"]
    if not any('"Invocations"' in alarm and '"Ref": "Digest"' in alarm for alarm in heard):
        yield "Digest"


# ── Running them ─────────────────────────────────────────────────────────────────────────────────────────────────────


def findings(check, template: dict) -> list:
    return [f"{where}: {check.__doc__}" for where in check(template)]


def self_test(text: str) -> tuple[list, str]:
    """Whether each break is found, by its rule and by no other."""
    missed = []
    for check, breaks in RULES:
        if not breaks:
            missed.append(f"{check.__name__}: nothing that it must find")
        for number, damage in enumerate(breaks, start=1):
            template = json.loads(text)
            damage(template)
            found = [other.__name__ for other, _ in RULES if findings(other, template)]
            if found != [check.__name__]:
                missed.append(f"{check.__name__}, break {number}: found by {', '.join(found) or 'none'}")
    return missed, f"{sum(len(breaks) for _, breaks in RULES)} breaks, each found by its rule alone"


def main() -> int:
    options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if options == ["--list"]:
        print("\n".join(f"{check.__name__}: {check.__doc__}" for check, _ in RULES))
        return 0
    if options not in ([], ["--self-test"]) or len(paths) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    text = Path(paths[0]).read_text(encoding="utf-8")
    if options:
        found, summary = self_test(text)
    else:
        template = json.loads(text)
        found = [finding for check, _ in RULES for finding in findings(check, template)]
        summary = f"{len(RULES)} rules, {len(template['Resources'])} resources"
    print("\n".join(found) if found else summary)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
