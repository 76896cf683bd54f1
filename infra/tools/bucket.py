#!/usr/bin/env python3
"""Proves at a deployed template that the bucket's policy denies what a role allows, and that a role allows no more than it says.

Usage: bucket.py EMULATOR PLAIN RESOURCES

EMULATOR is where emulator.py listens with TLS, PLAIN where it does without, RESOURCES what stack.py printed. Everything is
tried with the credentials of the function `attachments`, which makes the links to the bucket.
"""

import datetime
import json
import sys
from pathlib import Path
from unittest import mock

import botocore.session
from botocore.config import Config
from botocore.exceptions import ClientError

from by_itself import ask

DENIED = "AccessDenied"


def code_of(act) -> str:
    try:
        act()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return "allowed"


def lent(emulator: str, function: str) -> dict:
    """The credentials of a function, as a client takes them."""
    named = json.loads(ask("POST", f"{emulator}/_confer/lend", function.encode())[2])
    return {name.lower(): value for name, value in named.items()}


def s3_of(endpoint: str, credentials: dict):
    config = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1})
    return botocore.session.get_session().create_client("s3", endpoint_url=endpoint, config=config, **credentials)


def linked(s3, bucket: str, minutes: int) -> str:
    """What a link answers that is good for an hour, and was signed so many minutes ago."""
    signed = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None) - datetime.timedelta(minutes=minutes)
    with mock.patch("botocore.auth.get_current_datetime", lambda *_, **__: signed):
        link = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "a/tried"}, ExpiresIn=3600)
    if signed.strftime("X-Amz-Date=%Y%m%dT%H%M%SZ") not in link:
        raise SystemExit("bucket.py: the link was signed at another time")
    status, _, body = ask("GET", link)
    return "allowed" if status == 200 else DENIED if b"<Code>AccessDenied</Code>" in body else str(status)


def judged(where: str, came: list, wrong: list) -> int:
    """Says what came of (what was tried, what was expected, what was answered), and what else is wrong: the exit status."""
    wrong = [f"{what}: {got}, not {expected}" for what, expected, got in came if got != expected] + wrong
    if wrong:
        print("\n".join(wrong))
        return 1
    refused = sum(expected != "allowed" for _, expected, _ in came)
    print(f"ok         {where}: {len(came)} things tried, {refused} of them refused")
    return 0


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    emulator, plain, resources = sys.argv[1:]
    named = json.loads(Path(resources).read_text(encoding="utf-8"))
    credentials = lent(emulator, named["Attachments"])
    s3, without_tls = (s3_of(where, credentials) for where in (emulator, plain))
    bucket = named["Bucket"]
    written = {"Bucket": bucket, "Key": "a/tried", "Body": b"Bed twelve."}
    tried = (
        ("an attachment is written without saying that there is none", DENIED, lambda: s3.put_object(**written)),
        ("it is written", "allowed", lambda: s3.put_object(**written, IfNoneMatch="*")),
        ("it is written again", "PreconditionFailed", lambda: s3.put_object(**written, IfNoneMatch="*")),
        ("it is read", "allowed", lambda: s3.get_object(Bucket=bucket, Key="a/tried")),
        ("it is read without TLS", DENIED, lambda: without_tls.get_object(Bucket=bucket, Key="a/tried")),
        ("a back-up is written", DENIED, lambda: s3.put_object(**{**written, "Key": "b/tried"})),
        ("the bucket is listed", DENIED, lambda: s3.list_objects_v2(Bucket=bucket)),
    )
    came = [(what, expected, code_of(act)) for what, expected, act in tried]
    came += [
        ("a link is used that was signed just now", "allowed", linked(s3, bucket, 0)),
        ("a link is used that was signed six minutes ago", DENIED, linked(s3, bucket, 6)),
    ]
    return judged("the bucket, with a function's own credentials", came, [])


if __name__ == "__main__":
    sys.exit(main())
