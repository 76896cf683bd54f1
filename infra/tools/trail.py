#!/usr/bin/env python3
"""Proves at a deployed template that what is in the trail stays there as it is, whoever asks for something else.

Usage: trail.py EMULATOR PLAIN RESOURCES YEARS

EMULATOR, PLAIN and RESOURCES are as for bucket.py, YEARS is what the template was told to keep. It is tried with the credentials
of the function `trail`, of another one, of an administrator who may do everything, and of the account itself, which an
emulator does not ask for policies: there the lock alone has to hold.
"""

import datetime
import json
import sys
from pathlib import Path

from botocore.exceptions import ClientError

from bucket import DENIED, code_of, judged, lent, s3_of
from stack import client

NOW = datetime.datetime.now(datetime.timezone.utc)
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def administrator(emulator: str) -> dict:
    """The credentials of somebody who may do everything that no policy of a bucket denies."""
    iam = client(emulator, "iam")
    iam.create_user(UserName="administrator")
    iam.put_user_policy(UserName="administrator", PolicyName="everything", PolicyDocument=json.dumps(EVERYTHING))
    key = iam.create_access_key(UserName="administrator")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def main() -> int:
    if len(sys.argv) != 5:
        print(__doc__, file=sys.stderr)
        return 2
    emulator, plain, resources, years = sys.argv[1:]
    named = json.loads(Path(resources).read_text(encoding="utf-8"))
    bucket, line = named["TrailBucket"], b'{"seq": 1}'
    account = client(emulator, "s3")
    try:
        lock = account.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    except ClientError as error:
        print(f"LEFT OUT   the lock of the trail: the emulator has none, nothing was tried ({error})")
        return 0
    rule = {"Mode": "COMPLIANCE", "Years": int(years)}
    if (lock["ObjectLockEnabled"], lock["Rule"]["DefaultRetention"]) != ("Enabled", rule):
        print(f"the lock is {lock}, not {rule}")
        return 1

    credentials = lent(emulator, named["Trail"])
    trail, without_tls = (s3_of(where, credentials) for where in (emulator, plain))
    other, admin = s3_of(emulator, lent(emulator, named["Attachments"])), s3_of(emulator, administrator(emulator))
    put = {"Bucket": bucket, "Key": "log/tried", "Body": line}
    version = trail.put_object(**put)["VersionId"]
    tried = {"Bucket": bucket, "Key": "log/tried"}
    this = tried | {"VersionId": version}
    shorter = {"Mode": "COMPLIANCE", "RetainUntilDate": NOW + datetime.timedelta(days=1)}
    weaker = {"Mode": "GOVERNANCE", "RetainUntilDate": NOW + datetime.timedelta(days=1)}
    own_key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    acts = (
        ("trail writes", "allowed", lambda: trail.put_object(**put | {"Key": "log/tried too"})),
        ("trail writes without TLS", DENIED, lambda: without_tls.put_object(**put)),
        ("trail writes elsewhere", DENIED, lambda: trail.put_object(**put | {"Key": "tried"})),
        ("trail encrypts as it likes", DENIED, lambda: trail.put_object(**put, ServerSideEncryption="AES256")),
        ("trail encrypts with a key of its own", DENIED, lambda: trail.put_object(**put, **own_key)),
        ("trail reads", DENIED, lambda: trail.get_object(**tried)),
        ("trail deletes", DENIED, lambda: trail.delete_object(**tried)),
        ("trail deletes a version", DENIED, lambda: trail.delete_object(**this)),
        ("attachments writes", DENIED, lambda: other.put_object(**put)),
        ("attachments reads", DENIED, lambda: other.get_object(**tried)),
        ("an administrator reads", "allowed", lambda: admin.get_object(**tried)),
        ("an administrator writes", DENIED, lambda: admin.put_object(**put)),
        ("an administrator deletes", DENIED, lambda: admin.delete_object(**tried)),
        ("an administrator deletes a version", DENIED, lambda: admin.delete_object(**this)),
        ("an administrator shortens the lock", DENIED, lambda: admin.put_object_retention(**this, Retention=shorter)),
        ("the account deletes a version", DENIED, lambda: account.delete_object(**this)),
        ("the account deletes it all the more", DENIED, lambda: account.delete_object(**this, BypassGovernanceRetention=True)),
        ("the account shortens the lock", DENIED, lambda: account.put_object_retention(**this, Retention=shorter)),
        ("the account weakens the lock", DENIED, lambda: account.put_object_retention(**this, Retention=weaker)),
        ("the account writes over it", "allowed", lambda: account.put_object(**put | {"Body": b'{"seq": 2}'})),
    )
    came = [(what, expected, code_of(act)) for what, expected, act in acts]
    wrong = []
    kept = account.get_object(**this)
    until = NOW + datetime.timedelta(days=365 * int(years) - 1)
    if kept["Body"].read() != line:
        wrong.append("what was written over is another")
    if kept.get("ObjectLockMode") != "COMPLIANCE" or kept["ObjectLockRetainUntilDate"] < until:
        wrong.append(f"it is kept until {kept.get('ObjectLockRetainUntilDate')} only")
    return judged("the trail, by functions, an administrator and the account, and what was there is there", came, wrong)


if __name__ == "__main__":
    sys.exit(main())
