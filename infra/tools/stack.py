#!/usr/bin/env python3
"""Prints what a deployed stack consists of, as JSON: the names that the template has, and what they are really called.

Usage: stack.py ENDPOINT STACK

ENDPOINT is what plays AWS. `AWS::StackName` is among the names, as in the template.
Credentials, region and AWS_CA_BUNDLE are taken from the environment. Needs botocore, which .tools/ministack has.
"""

import json
import sys

import botocore.session
from botocore.config import Config


def client(endpoint: str, service: str):
    config = Config(s3={"addressing_style": "path"}, retries={"max_attempts": 1}, connect_timeout=5, read_timeout=120)
    return botocore.session.get_session().create_client(service, endpoint_url=endpoint, config=config)


def resources(endpoint: str, stack: str) -> dict:
    pages = client(endpoint, "cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
    return {one["LogicalResourceId"]: one["PhysicalResourceId"] for page in pages for one in page["StackResourceSummaries"]}


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    endpoint, stack = sys.argv[1:]
    print(json.dumps({"AWS::StackName": stack} | resources(endpoint, stack)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
