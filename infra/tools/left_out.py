#!/usr/bin/env python3
"""Says what of the deployed template an emulator took and did not do, by asking it.

Usage: left_out.py ENDPOINT RESOURCES

RESOURCES is what stack.py printed. A line for each thing: nothing that was proved there says anything about these.
"""

import json
import sys
from pathlib import Path

from botocore.exceptions import ClientError

from stack import client

# What no question shows.
KNOWN = (
    ("scans for malware", "there is no GuardDuty: verdicts are told as it would tell them"),
    ("permissions to use the key, to write logs and traces and to read the stream, and those of the API, of rules and of "
     "schedules to invoke functions", "nobody asks there whether somebody has them"),
    ("single retries of what delivery or trail failed at", "a batch of the stream that fails is tried again whole, for ever"),
    ("mails, for what they are", "they are kept, and none is sent; SES tells of none what became of it"),
)


def concurrency(endpoint, named):
    return "ReservedConcurrentExecutions" in client(endpoint, "lambda").get_function_concurrency(FunctionName=named["Messages"])


def attempts(endpoint, named):
    function = client(endpoint, "lambda")
    said = function.get_function_event_invoke_config(FunctionName=named["Digest"], Qualifier="live")
    return said["MaximumRetryAttempts"] == 0


def recovery(endpoint, named):
    said = client(endpoint, "dynamodb").describe_continuous_backups(TableName=named["Table"])
    point = said["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    return point["PointInTimeRecoveryStatus"] == "ENABLED"


def encryption(endpoint, named):
    said = client(endpoint, "s3").get_bucket_encryption(Bucket=named["Bucket"])["ServerSideEncryptionConfiguration"]
    return said["Rules"][0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] == "aws:kms"


def lifecycle(endpoint, named):
    return bool(client(endpoint, "s3").get_bucket_lifecycle_configuration(Bucket=named["Bucket"])["Rules"])


def throttling(endpoint, named):
    (stage,) = client(endpoint, "apigatewayv2").get_stages(ApiId=named["Api"])["Items"]
    return "ThrottlingRateLimit" in stage["DefaultRouteSettings"]


def access_log(endpoint, named):
    said = client(endpoint, "logs").filter_log_events(logGroupName=named["AccessLogs"])
    return bool(said["events"])


ASKED = (
    (concurrency, "copies that are reserved for each function"),
    (attempts, "how often and how long asynchronous invocations are tried"),
    (recovery, "the table's recovery to a point in time"),
    (encryption, "the bucket's encryption with the key"),
    (lifecycle, "the bucket's lifecycle"),
    (throttling, "the API's limits of requests"),
    (access_log, "the API's access log"),
)


def unused(endpoint, named):
    """(of each role what nobody asked for, how much was asked for), of what is looked at there at all."""
    from by_itself import ask

    asked = json.loads(ask("POST", f"{endpoint}/_confer/asked", b"{}")[2])
    iam, idle, used = client(endpoint, "iam"), [], 0
    for name, role in named.items():
        if not name.endswith("Role"):
            continue
        allowed = set()
        for policy in iam.list_role_policies(RoleName=role)["PolicyNames"]:
            for statement in iam.get_role_policy(RoleName=role, PolicyName=policy)["PolicyDocument"]["Statement"]:
                actions = statement["Action"]
                allowed |= {actions} if isinstance(actions, str) else set(actions)
        allowed = {action for action in allowed if action.split(":")[0] in ("dynamodb", "s3", "ses", "events")}
        allowed -= {"dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"}
        rest = allowed - set(asked.get(role, {}))
        used += len(allowed) - len(rest)
        if rest:
            idle.append((name, sorted(rest)))
    return idle, used


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    endpoint, resources = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    for done, what in ASKED:
        try:
            there = done(endpoint, resources)
        except ClientError as error:
            there = False
            if not error.response["Error"]["Code"].startswith(("ResourceNotFound", "NoSuch")):
                raise
        if not there:
            print(f"LEFT OUT   {what}: the emulator took it from the template and does not do it")
    for what, why in KNOWN:
        print(f"LEFT OUT   {what}: {why}")
    idle, used = unused(endpoint, resources)
    if used:
        print(f"used       {used} permissions of roles; granted, and not used by anything that was proved: "
              f"{sum(len(rest) for _, rest in idle)}")
    for name, rest in idle if used else ():
        print(f"LEFT OUT   not asked for by anything that was proved: {name}: {', '.join(rest)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
