#!/usr/bin/env python3
"""Deploys the adapted template through the emulator's CloudFormation, and prints what came of it as JSON.

Usage: deploy.py ENDPOINT PACKAGES TEMPLATE STACK [NAME=VALUE]...

ENDPOINT is what plays AWS, PACKAGES a folder with the functions' FUNCTION/bootstrap.zip, NAME=VALUE the parameters.
Credentials, region and AWS_CA_BUNDLE are taken from the environment. Needs botocore, which .tools/ministack has.
"""

import json
import sys
import time
from pathlib import Path

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

# Where the translated template says that packages are.
BUCKET = "packages"


def client(endpoint: str, service: str):
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=5, read_timeout=120)
    return botocore.session.get_session().create_client(service, endpoint_url=endpoint, config=config)


def upload(endpoint: str, packages: Path, template: Path) -> str:
    s3 = client(endpoint, "s3")
    s3.create_bucket(Bucket=BUCKET)
    for package in sorted(packages.glob("*/bootstrap.zip")):
        s3.put_object(Bucket=BUCKET, Key=f"{package.parent.name}.zip", Body=package.read_bytes())
    # As a body it would be too large for CloudFormation.
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=template.read_bytes())
    return f"{endpoint}/{BUCKET}/template.json"


def create(endpoint: str, stack: str, url: str, parameters: list) -> dict:
    """The logical names of the stack's resources, and what they are really called."""
    cloudformation = client(endpoint, "cloudformation")
    cloudformation.create_stack(
        StackName=stack,
        TemplateURL=url,
        Capabilities=["CAPABILITY_IAM"],
        Parameters=[dict(zip(("ParameterKey", "ParameterValue"), parameter.split("=", 1))) for parameter in parameters],
    )
    until = time.monotonic() + 300
    while True:
        status = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]
        if status == "CREATE_COMPLETE":
            break
        if not status.endswith("IN_PROGRESS") or status.startswith("ROLLBACK") or time.monotonic() > until:
            for event in cloudformation.describe_stack_events(StackName=stack)["StackEvents"]:
                if "FAILED" in event["ResourceStatus"]:
                    print(event["LogicalResourceId"], event["ResourceStatus"], event.get("ResourceStatusReason"), file=sys.stderr)
            raise SystemExit(f"the stack is {status}")
        time.sleep(0.5)
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]}


def expire(endpoint: str, table: str, template: dict):
    """CloudFormation turns expiry on, ministack's does not."""
    said = template["Resources"]["Table"]["Properties"]["TimeToLiveSpecification"]
    try:
        client(endpoint, "dynamodb").update_time_to_live(TableName=table, TimeToLiveSpecification=said)
    except ClientError as error:
        # What it says where expiry is on already.
        if error.response["Error"]["Code"] != "ValidationException":
            raise


def lock(endpoint: str, bucket: str, template: dict, given: dict):
    """CloudFormation locks what is in the bucket of the trail, ministack's does not."""
    said = template["Resources"]["TrailBucket"]["Properties"]["ObjectLockConfiguration"]
    kept = said["Rule"]["DefaultRetention"]
    years = kept["Years"]["Ref"]
    kept["Years"] = int(given.get(years, template["Parameters"][years]["Default"]))
    client(endpoint, "s3").put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration=said)


def main() -> int:
    if len(sys.argv) < 5:
        print(__doc__, file=sys.stderr)
        return 2
    endpoint, packages, template, stack, *parameters = sys.argv[1:]
    url = upload(endpoint, Path(packages), Path(template))
    resources = create(endpoint, stack, url, parameters)
    given = dict(parameter.split("=", 1) for parameter in parameters)
    deployed = json.loads(Path(template).read_text(encoding="utf-8"))
    expire(endpoint, resources["Table"], deployed)
    lock(endpoint, resources["TrailBucket"], deployed, given)
    # What an operator does once for each account: docs/operations.md, "A domain to send from".
    client(endpoint, "sesv2").create_email_identity(EmailIdentity=given["MailFrom"].split("@")[1])
    print(json.dumps(resources))
    return 0


if __name__ == "__main__":
    sys.exit(main())
