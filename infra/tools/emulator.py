#!/usr/bin/env python3
"""Starts ministack with what AWS does and it does not, as far as the deployed template relies on it.

Usage: emulator.py FOLDER TLS_PORT PLAIN_PORT

FOLDER gets a certificate authority, ca.pem, and ministack's certificate. TLS_PORT is for everything: who may do what depends
on whether a request came over TLS, and so it must. PLAIN_PORT is the same without TLS, for clients of the API that know
no authority. Both are of 127.0.0.1 only. What else ministack can be told is in its environment (AUTH, LAMBDA_EXECUTOR, ...).

Each function below that `complete` calls adds one thing, and says where AWS documents it. For what stands outside, there is:

POST /_confer/events   puts events on a bus as AWS's own services do: PutEvents takes none whose source begins with `aws.`,
                       here as there
POST /_confer/settle   answers when the functions have taken all that is in the tables' streams
POST /_confer/token    as it answers at ISSUER, the address of `confer`, if that is in the environment
POST /_confer/lend     the credentials that the function of the name in the body has, as its processes have them
POST /_confer/hooks    what CodeDeploy was told of new versions: {"EXECUTION": "Succeeded"}
POST /_confer/adapted  what adapt.py said of the template that was translated last, a line for each thing
POST /_confer/asked    what roles asked for and were allowed, or denied: {"ROLE": {"ACTION": [allowed, denied]}}; with
                       AUTH=true only

Needs ministack, which .tools/ministack has, and the translator of templates, which .tools/sam has.
"""

import asyncio
import datetime
import ipaddress
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from adapt import APPLICATION, adapt

MINUTE = datetime.timedelta(minutes=1)
TOOLS = Path(__file__).resolve().parent


def certificates(folder: Path):
    """An authority and a certificate for 127.0.0.1, good for a day: who trusts the one trusts nothing else."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    now = datetime.datetime.now(datetime.timezone.utc)

    def issue(name, issuer, signer, extensions):
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        builder = x509.CertificateBuilder(issuer or subject, subject, key.public_key(), x509.random_serial_number(),
                                          now - MINUTE, now + datetime.timedelta(days=1))
        for extension, critical in extensions:
            builder = builder.add_extension(extension, critical)
        return key, builder.sign(signer or key, hashes.SHA256())

    usage = dict.fromkeys(
        ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
         "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    authority_key, authority = issue("emulator authority", None, None, [
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(**(usage | {"key_cert_sign": True})), True)])
    key, certificate = issue("127.0.0.1", authority.subject, authority_key, [
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False),
        (x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()), False)])
    pem = serialization.Encoding.PEM
    (folder / "ca.pem").write_bytes(authority.public_bytes(pem))
    (folder / "server.pem").write_bytes(certificate.public_bytes(pem))
    secret = os.open(folder / "server.key", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(secret, "wb") as file:
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))


def say_when_a_schedule_meant():
    """`<aws.scheduler.scheduled-time>` in a schedule's input is the time it was meant for
    (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html)."""
    from ministack.services import eventbridge

    invoke = eventbridge._invoke_target

    def invoke_target(target, event, rule, view=None):
        if event.get("Source") == "aws.scheduler" and "Input" in target:
            meant = datetime.datetime.fromtimestamp(event["Time"] // 60 * 60, datetime.timezone.utc)
            said = target["Input"].replace("<aws.scheduler.scheduled-time>", meant.strftime("%Y-%m-%dT%H:%M:%SZ"))
            target = {**target, "Input": said}
        return invoke(target, event, rule, view)

    eventbridge._invoke_target = invoke_target


def let_nothing_exist_in_nothing():
    """A filter's `{"exists": false}` also matches where what it would be in is missing: only leaves are looked for
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html)."""
    from ministack.services import lambda_svc

    match = lambda_svc._match_esm_filter

    def absent(pattern):
        if isinstance(pattern, dict):
            return all(absent(inner) for inner in pattern.values())
        return any(isinstance(way, dict) and way.get("exists") is False for way in pattern)

    def match_filter(record, pattern):
        if not isinstance(pattern, dict):
            return False
        for key, inner in pattern.items():
            if isinstance(inner, dict):
                if key not in record:
                    if not absent(inner):
                        return False
                elif not isinstance(record[key], dict) or not match_filter(record[key], inner):
                    return False
            elif not match(record, {key: inner}):
                return False
        return True

    lambda_svc._match_esm_filter = match_filter


def say_how_an_object_is_written():
    """The condition keys `s3:if-none-match`, `s3:signatureAge` and `s3:x-amz-server-side-encryption-customer-algorithm`
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html), which the buckets' policies use."""
    from ministack.core import iam_actions

    context = iam_actions.s3_service_context

    def s3_service_context(action, query, path="", headers=None):
        known = dict(context(action, query, path, headers))
        lower = {name.lower(): value for name, value in (headers or {}).items()}
        if action == "s3:PutObject":
            for name in ("if-none-match", "x-amz-server-side-encryption-customer-algorithm"):
                if name in lower:
                    known[f"s3:{name}"] = lower[name]
        signed = next((value for name, value in {**lower, **(query or {})}.items() if name.lower() == "x-amz-date"), None)
        if signed:
            at = datetime.datetime.strptime(signed[0] if isinstance(signed, list) else signed, "%Y%m%dT%H%M%SZ")
            age = time.time() - at.replace(tzinfo=datetime.timezone.utc).timestamp()
            known["s3:signatureAge"] = str(max(0, int(age * 1000)))
        return known

    iam_actions.s3_service_context = s3_service_context


def hide_what_is_not_there():
    """Of an object that is not there S3 says so to whoever may list the bucket; to others it is forbidden
    (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, and the same of HeadObject)."""
    from ministack.core import iam_actions
    from ministack.services import s3

    checks = iam_actions.s3_additional_checks

    def is_there(bucket, key, version):
        if version:
            return any(one["version_id"] == version for one in s3._object_versions.get((bucket, key), []))
        return key in s3._buckets.get(bucket, {}).get("objects", {})

    def s3_additional_checks(method, path, headers, body, query):
        found = checks(method, path, headers, body, query)
        bucket, _, key = path.lstrip("/").partition("/")
        read = method in ("GET", "HEAD") and iam_actions._s3_action(method, path, query) in ("GetObject", "GetObjectVersion")
        version = next(iter(query.get("versionId", [])), None)
        if read and key and not is_there(bucket, key, version):
            found = [*found, ("s3:ListBucket", f"arn:aws:s3:::{bucket}")]
        return found

    iam_actions.s3_additional_checks = s3_additional_checks


def name_a_role_by_itself():
    """Of who uses a role, the condition key `aws:PrincipalArn` is the role and not its session
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html)."""
    from ministack.core import iam_evaluator

    resolve = iam_evaluator._resolve_condition_key

    def resolve_condition_key(key, ctx):
        known = resolve(key, ctx)
        if key.lower() == "aws:principalarn" and ":assumed-role/" in known:
            account, session = known.split(":", 5)[4:]
            return f"arn:aws:iam::{account}:role/{session.split('/')[1]}"
        return known

    iam_evaluator._resolve_condition_key = resolve_condition_key


def say_what_a_mail_is_sent_with(app):
    """Who sends a mail must be allowed to use the identity and the configuration set
    (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsimpleemailservicev2.html), and the
    condition key `ses:FromAddress` is the address alone
    (https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html)."""
    from email.utils import parseaddr

    enforce, enforce_data_plane = app._enforce_ses_v2, app._enforce_data_plane
    # Nothing waits between the one and the other, so it is this request's.
    mail = None

    def enforce_ses_v2(method, path, headers, body, query, request_id):
        nonlocal mail
        mail = json.loads(body or b"{}") if method == "POST" and path.endswith("/outbound-emails") else None
        try:
            return enforce(method, path, headers, body, query, request_id)
        finally:
            mail = None

    def with_mail(service, action, headers, query, request_id, **named):
        if service != "sesv2" or mail is None:
            return enforce_data_plane(service, action, headers, query, request_id, **named)
        sender = parseaddr(mail.get("FromEmailAddress", ""))[1]
        used = [f"identity/{sender.rpartition('@')[2]}"]
        if "ConfigurationSetName" in mail:
            used.append(f"configuration-set/{mail['ConfigurationSetName']}")
        for one in used:
            arn = f"arn:aws:ses:{app.extract_region(headers, query)}:000000000000:{one}"
            named |= {"resource_arn": arn, "named_resource": arn, "service_context": {"ses:FromAddress": sender}}
            denied = enforce_data_plane(service, action, headers, query, request_id, **named)
            if denied:
                return denied
        return None

    app._enforce_ses_v2, app._enforce_data_plane = enforce_ses_v2, with_mail


ADAPTED: list = []


def translate(template: dict, values: dict) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("template.json", "translated.json", "parameters.json")]
        files[0].write_text(json.dumps(template), encoding="utf-8")
        files[2].write_text(json.dumps(values), encoding="utf-8")
        python = TOOLS.parents[1] / ".tools/sam/bin/python"
        done = subprocess.run([python, TOOLS / "translate.py", *files], capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"{done.stdout}{done.stderr}".strip())
        return json.loads(files[1].read_text(encoding="utf-8"))


def translate_serverless_templates():
    """CloudFormation translates a template whose transform is SAM's, with the values of its parameters
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/transform-aws-serverless.html). ministack would do so with
    a library that it does not bring along. What it cannot deploy of the result, adapt.py makes something else of."""
    from ministack.services.cloudformation import changesets, engine, handlers

    apply = engine._apply_transforms

    def apply_transforms(template, provided_params=None, previous_params=None):
        if engine._SAM_TRANSFORM not in engine.declared_transforms(template):
            return apply(template, provided_params, previous_params)
        translated = translate(template, engine._transform_parameters(template, provided_params, previous_params))
        ADAPTED[:] = adapt(translated)
        return translated

    changesets._apply_transforms = handlers._apply_transforms = apply_transforms


def adapted(_):
    return 200, "".join(f"{line}\n" for line in ADAPTED).encode()


def create_tables_and_buckets_whole():
    """CloudFormation turns on what a table's TimeToLiveSpecification says, and locks a bucket as its
    ObjectLockConfiguration does
    (https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-dynamodb-table.html,
    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-s3-bucket.html)."""
    from ministack.services import dynamodb, s3
    from ministack.services.cloudformation import provisioners

    def expire(table, properties):
        if "TimeToLiveSpecification" in properties:
            dynamodb._update_ttl({"TableName": table, "TimeToLiveSpecification": properties["TimeToLiveSpecification"]})

    def lock(bucket, properties):
        if "ObjectLockConfiguration" in properties:
            kept = properties["ObjectLockConfiguration"]["Rule"]["DefaultRetention"]
            kept = {name: value if name == "Mode" else int(value) for name, value in kept.items()}
            s3._bucket_object_lock[bucket] = {"enabled": True, "default_retention": kept}

    def and_then(kind, act, complete):
        do = provisioners._RESOURCE_HANDLERS[kind][act]

        def done(first, *rest):
            made = do(first, *rest)
            complete(made[0], rest[0 if act == "create" else 1])
            return made

        provisioners._RESOURCE_HANDLERS[kind][act] = done

    # (logical id, properties, …) and (physical id, old properties, new properties, …)
    for act in ("create", "update"):
        and_then("AWS::DynamoDB::Table", act, expire)
        and_then("AWS::S3::Bucket", act, lock)


ASKED: dict = {}


def keep_what_is_asked():
    """Counts what each role asks for, by action."""
    from ministack.core import iam_evaluator
    from ministack.services import sts

    enforce = iam_evaluator.enforce

    def counted(access_key, action, *arguments, **named):
        denied = enforce(access_key, action, *arguments, **named)
        session = sts._sessions.get(access_key)
        if session:
            role = session["Arn"].split("/")[1]
            ASKED.setdefault(role, {}).setdefault(action, [0, 0])[1 if denied else 0] += 1
        return denied

    iam_evaluator.enforce = counted


def lend(name):
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    return 200, json.dumps(lambda_runtime.execution_credentials(lambda_svc._functions[name.decode()]["config"])).encode()


def asked(_):
    return 200, json.dumps(ASKED).encode()


HOOKS: dict = {}


def hear_what_a_hook_says(app):
    """CodeDeploy's PutLifecycleEventHookExecutionStatus, with a permission on the deployment group, which is
    APPLICATION/GROUP (https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_PutLifecycleEventHookExecutionStatus.html)."""
    served = app.app
    operation = "PutLifecycleEventHookExecutionStatus"

    def answer(headers: dict, body: bytes):
        group = f"arn:aws:codedeploy:{app.extract_region(headers, {})}:000000000000:deploymentgroup:{APPLICATION}/Group"
        denied = app._enforce_data_plane("codedeploy", f"codedeploy:{operation}", headers, {}, "hook", resource_arn=group)
        if denied:
            return denied[0], denied[2]
        said = json.loads(body)
        HOOKS[said["lifecycleEventHookExecutionId"]] = said["status"]
        return 200, json.dumps({"lifecycleEventHookExecutionId": said["lifecycleEventHookExecutionId"]}).encode()

    async def serve(scope, receive, send):
        headers = {name.decode().lower(): value.decode() for name, value in scope.get("headers", [])}
        if headers.get("x-amz-target") != f"CodeDeploy_20141006.{operation}":
            return await served(scope, receive, send)
        await reply(send, *answer(headers, await whole(receive)))

    app.app = serve


def hooks(_):
    return 200, json.dumps(HOOKS).encode()


async def whole(receive) -> bytes:
    """All of the body of a request."""
    body, more = b"", True
    while more:
        part = await receive()
        body, more = body + part.get("body", b""), part.get("more_body", False)
    return body


async def reply(send, status: int, answer: bytes):
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"application/json")]})
    await send({"type": "http.response.body", "body": answer})


def all_is_taken() -> bool:
    """Whether each function that a table's stream invokes has answered to all that is in it."""
    from ministack.services import dynamodb, lambda_svc

    for _, _, mapping in lambda_svc._iter_all_esms():
        table = mapping["EventSourceArn"].split("/")[1]
        if lambda_svc._dynamodb_stream_positions.get(mapping["UUID"], 0) < dynamodb.stream_end_position(table):
            return False
    return True


def settle(_):
    until = time.monotonic() + 30
    while not all_is_taken():
        if time.monotonic() > until:
            return 504, b"{}"
        time.sleep(0.01)
    return 200, b"{}"


def tell(body):
    from ministack.services import eventbridge

    status, _, answer = eventbridge._put_events(json.loads(body), allow_aws_source=True)
    return status, answer if isinstance(answer, bytes) else answer.encode()


def token(body):
    request = urllib.request.Request(f"{os.environ['ISSUER']}/_local/token", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.status, answer.read()


def serve_what_stands_outside(app):
    served = app.app
    acts = {"events": tell, "settle": settle, "token": token, "lend": lend, "asked": asked, "hooks": hooks,
            "adapted": adapted}
    own = {f"/_confer/{name}": act for name, act in acts.items()}

    async def serve(scope, receive, send):
        act = own.get(scope.get("path")) if scope["type"] == "http" else None
        if act is None:
            return await served(scope, receive, send)
        await reply(send, *await asyncio.to_thread(act, await whole(receive)))

    app.app = serve


def complete(app):
    say_when_a_schedule_meant()
    let_nothing_exist_in_nothing()
    say_how_an_object_is_written()
    hide_what_is_not_there()
    name_a_role_by_itself()
    say_what_a_mail_is_sent_with(app)
    translate_serverless_templates()
    create_tables_and_buckets_whole()
    keep_what_is_asked()
    hear_what_a_hook_says(app)
    serve_what_stands_outside(app)


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    folder, (tls, plain) = Path(sys.argv[1]), map(int, sys.argv[2:])
    sys.argv = sys.argv[:1]
    certificates(folder)
    os.environ |= {
        "BIND_HOST": "127.0.0.1",
        # This one listens on every address, whatever the line above says.
        "IOT_MTLS_ENABLED": "0",
        "GATEWAY_PORT": str(tls),
        "USE_SSL": "1",
        "MINISTACK_SSL_CERT": str(folder / "server.pem"),
        "MINISTACK_SSL_KEY": str(folder / "server.key"),
        # Functions have its environment: so they know where AWS is, and whom to trust that it is.
        "AWS_ENDPOINT_URL": f"https://127.0.0.1:{tls}",
        "AWS_CA_BUNDLE": str(folder / "ca.pem"),
    }
    from hypercorn.config import Config
    from ministack import app

    Config._insecure_bind = [f"127.0.0.1:{plain}"]
    # It would also listen where Cognito's clients look for it.
    app._port_is_bindable = lambda *_: False
    complete(app)
    app.main()
    return 0


if __name__ == "__main__":
    sys.exit(main())
