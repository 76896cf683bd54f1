#!/usr/bin/env python3
"""Proves that a stage was taken down: what holds data is there with what was in it, and all else is gone.

Usage: removed.py ENDPOINT RESOURCES

RESOURCES is what stack.py printed while the stage was there. Nothing else may have been deployed at ENDPOINT.
"""

import json
import sys
from pathlib import Path

from stack import client

# What `sam` keeps packages in, for all stacks of an account and region.
MANAGED = "aws-sam-cli-managed-default"


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    endpoint, named = sys.argv[1], json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
    stack, table, buckets = named["AWS::StackName"], named["Table"], {named["Bucket"], named["TrailBucket"]}

    def asked(service: str, operation: str, member: str, name: str | None = None, **arguments) -> set:
        """Names of all that there is of a kind."""
        pages = client(endpoint, service).get_paginator(operation)
        return {one[name] if name else one for page in pages.paginate(**arguments) for one in page.get(member, [])}

    gone = (
        ("functions", asked("lambda", "list_functions", "Functions", "FunctionName")),
        ("event sources", asked("lambda", "list_event_source_mappings", "EventSourceMappings", "UUID")),
        ("APIs", asked("apigatewayv2", "get_apis", "Items", "ApiId")),
        ("logs", asked("logs", "describe_log_groups", "logGroups", "logGroupName")),
        ("schedules", asked("scheduler", "list_schedules", "Schedules", "Name")),
        ("queues", asked("sqs", "list_queues", "QueueUrls")),
        ("topics", asked("sns", "list_topics", "Topics", "TopicArn")),
        ("roles", asked("iam", "list_roles", "Roles", "RoleName")),
        ("alarms", asked("cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName")),
        ("stacks", {one["StackName"] for one in client(endpoint, "cloudformation").describe_stacks()["Stacks"]} - {MANAGED}),
    )
    wrong = [f"{kind} are left: {', '.join(sorted(names))}" for kind, names in gone if names]

    s3, dynamodb = client(endpoint, "s3"), client(endpoint, "dynamodb")
    if asked("dynamodb", "list_tables", "TableNames") != {table}:
        wrong.append("the table is gone")
    elif not dynamodb.scan(TableName=table, Limit=1)["Items"]:
        wrong.append("the table is empty")
    there = {one["Name"] for one in s3.list_buckets()["Buckets"] if not one["Name"].startswith(MANAGED)}
    if there != buckets:
        wrong.append(f"the buckets are {there}")
    wrong += [f"{bucket} is empty" for bucket in buckets & there if not s3.list_objects_v2(Bucket=bucket).get("KeyCount")]
    def protected(bucket: str) -> bool:
        try:
            return bool(s3.get_bucket_policy(Bucket=bucket)["Policy"])
        except s3.exceptions.ClientError:
            return False

    wrong += [f"{bucket} has lost its policy" for bucket in buckets & there if not protected(bucket)]
    key = client(endpoint, "kms").describe_key(KeyId=named["Key"])["KeyMetadata"]["KeyState"]
    if key != "Enabled":
        wrong.append(f"the key is {key}")
    if wrong:
        print("\n".join(wrong))
        return 1
    print(f"ok         {stack} is taken down: its table, two buckets with their policies, and their key stay, with what is in them")
    return 0


if __name__ == "__main__":
    sys.exit(main())
