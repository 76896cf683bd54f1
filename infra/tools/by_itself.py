#!/usr/bin/env python3
"""Proves at a deployed template what happens there without anybody's request: stream, schedules, buses; and that each
function behind the API does what it is for.

Usage: by_itself.py EMULATOR API RESOURCES

EMULATOR is where emulator.py listens with TLS, API the address of the deployed API, RESOURCES what stack.py printed.
Prints a line for each thing that was proved. Credentials, region and AWS_CA_BUNDLE are taken from the environment.
"""

import datetime
import gzip
import hashlib
import io
import json
import os
import ssl
import struct
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
import zipfile
import zlib
from pathlib import Path

from stack import client

TRUSTED = ssl.create_default_context(cafile=os.environ["AWS_CA_BUNDLE"])
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=TRUSTED))


def ask(method: str, url: str, body: bytes | None = None, headers: dict | None = None):
    """Status, headers and body of an answer, whatever it is."""
    try:
        with OPENER.open(urllib.request.Request(url, body, headers or {}, method=method), timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


class Failed(Exception):
    pass


class Person:
    """Somebody with a token, whom the messenger has not met if they are new. A name of their own, so that it can be told again
    in the same world."""

    def __init__(self, stage, name: str, *roles: str, new: bool = False):
        self.stage, self.username = stage, f"{name}.{uuid.uuid4().hex[:8]}"
        said = json.dumps({"username": self.username, "roles": roles}).encode()
        status, _, body = ask("POST", f"{stage.emulator}/_confer/token", said)
        if status != 200:
            raise Failed(f"no token: {status} {body!r}")
        self.token = json.loads(body)["access_token"]
        self.email = None if new else self.call("GET", "/v1/me")["email"]

    def call(self, method: str, path: str, body=None, expect=range(200, 300)):
        headers = {"Authorization": f"Bearer {self.token}"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        if body is not None:
            headers["Content-Type"] = "application/json"
        status, _, answer = ask(method, self.stage.api + path, None if body is None else json.dumps(body).encode(), headers)
        if status not in expect:
            raise Failed(f"{method} {path}: {status} {answer.decode(errors='replace')}")
        return json.loads(answer) if answer else None


class Stage:
    """What was deployed, and where."""

    def __init__(self, emulator: str, api: str, resources: dict):
        self.emulator, self.api, self.resources = emulator, api, resources

    def tell(self, source: str, kind: str, detail: dict):
        """As one of AWS's own services tells it, on the account's default bus."""
        entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
        status, _, body = ask("POST", f"{self.emulator}/_confer/events", json.dumps({"Entries": [entry]}).encode())
        if status != 200 or json.loads(body)["FailedEntryCount"]:
            raise Failed(f"{source} cannot tell anything: {status} {body!r}")

    def tick(self, function: str):
        """What a function answers to its schedule's tick, now."""
        tick = json.dumps({"scheduled_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())})
        answer = client(self.emulator, "lambda").invoke(
            FunctionName=self.resources[function], Qualifier="live", Payload=tick)
        said = json.load(answer["Payload"])
        if "FunctionError" in answer:
            raise Failed(f"{function}: {said}")
        return said

    def earlier(self, pk: str, sk: str, days: int, *names: str):
        """Makes what is stored older, by the times at the beginning of these attributes: nobody can move the time there."""
        table, key = client(self.emulator, "dynamodb"), {"pk": {"S": pk}, "sk": {"S": sk}}
        item = table.get_item(TableName=self.resources["Table"], Key=key, ConsistentRead=True).get("Item", {})
        for name in names:
            said = item.get(name, {}).get("S", "")
            try:
                at = datetime.datetime.strptime(said[:24], "%Y-%m-%dT%H:%M:%S.%fZ") - datetime.timedelta(days)
            except ValueError:
                raise Failed(f"{pk}/{sk} has no time in {name}: {item}") from None
            table.update_item(
                TableName=self.resources["Table"], Key=key, UpdateExpression="SET #name = :value",
                ExpressionAttributeNames={"#name": name},
                ExpressionAttributeValues={":value": {"S": f"{at.isoformat(timespec='milliseconds')}Z{said[24:]}"}})

    def object_of(self, attachment: str) -> str:
        """Where an attachment lies in the bucket."""
        key = {"pk": {"S": f"A#{attachment}"}, "sk": {"S": "~"}}
        table = client(self.emulator, "dynamodb")
        return table.get_item(TableName=self.resources["Table"], Key=key, ConsistentRead=True)["Item"]["object"]["S"]

    def versions(self, key: str) -> list:
        """What can be read in the bucket under a key."""
        said = client(self.emulator, "s3").list_object_versions(Bucket=self.resources["Bucket"], Prefix=key)
        hidden = {marker["Key"] for marker in said.get("DeleteMarkers", []) if marker["IsLatest"]}
        return [one["VersionId"] for one in said.get("Versions", []) if one["Key"] not in hidden]

    def take_away(self, attachment: str):
        """Takes the bytes of an attachment away, past the functions."""
        s3, key = client(self.emulator, "s3"), self.object_of(attachment)
        for version in self.versions(key):
            s3.delete_object(Bucket=self.resources["Bucket"], Key=key, VersionId=version)

    def runs(self, function: str) -> int:
        """How often a function was invoked."""
        logs = client(self.emulator, "logs")
        events = logs.filter_log_events(logGroupName=self.resources[f"{function}Logs"])["events"]
        return sum("START RequestId" in event["message"] for event in events)

    def mails_to(self, address: str) -> list:
        _, _, body = ask("GET", f"{self.emulator}/_ministack/ses/messages")
        (messages,) = json.loads(body)["messages"].values() or ([],)
        return [message for message in messages if message["To"] == [address]]


def within(seconds: float, look, what: str):
    """What `look` finds at last."""
    until = time.monotonic() + seconds
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > until:
            raise Failed(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.2)


def picture() -> bytes:
    """A PNG that is red all over, wide enough to want a preview."""
    width, height = 1280, 720

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xc8\x0a\x0a" * width) * height
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def announced(by: Person, ward: str, name: str, kind: str, content: bytes):
    """Says that something is to be uploaded. Returns its id, and where to."""
    asked = by.call("POST", f"{ward}/attachments", {
        "name": name, "content_type": kind, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()})
    return asked["attachment"]["id"], asked["upload"]


def put(place: dict, content: bytes):
    status, headers, body = ask(place["method"], place["url"], content, place["headers"])
    if status != 200:
        raise Failed(f"the link takes nothing: {status} {body!r}")
    return headers


def upload(by: Person, ward: str, name: str, kind: str, content: bytes):
    """Uploads as a browser would: by a link, past the functions. Returns the attachment's id, and how GuardDuty, which no
    emulator has, says what it found in it."""
    id, place = announced(by, ward, name, kind, content)
    headers = put(place, content)
    status, _, _ = ask(place["method"], place["url"], content, place["headers"])
    if status not in (403, 412):
        raise Failed(f"the link can be used again: {status}")
    by.call("POST", f"{ward}/attachments/{id}/complete")
    bucket, key = urllib.parse.urlsplit(place["url"]).path.lstrip("/").split("/", 1)

    def scanned(found: str):
        by.stage.tell("aws.guardduty", "GuardDuty Malware Protection Object Scan Result", {
            "schemaVersion": "1.0", "scanStatus": "COMPLETED", "resourceType": "S3_OBJECT",
            "s3ObjectDetails": {
                "bucketName": bucket, "objectKey": urllib.parse.unquote(key), "eTag": headers["etag"].strip('"'),
                "versionId": headers["x-amz-version-id"], "s3Throttled": False},
            "scanResultDetails": {"scanResultStatus": found, "threats": None}})

    return id, scanned


CLEAN, INFECTED = "NO_THREATS_FOUND", "THREATS_FOUND"


def fetched(by: Person, ward: str, id: str):
    """Where it is fetched, if it is already found clean."""
    found = by.call("GET", f"{ward}/attachments/{id}", expect=(200, 409))
    return found if "download" in found else None


def inbox(stage: Stage):
    """stream → delivery: an inbox shows what somebody else has just sent"""
    ann, ben = Person(stage, "ann"), Person(stage, "ben")
    started = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": [ben.username]})
    for body in ("Bed twelve.", "Changed at six."):
        ann.call("POST", f"/v1/conversations/{started['id']}/messages", {"body": body})
    within(20, lambda: ben.call("GET", "/v1/unread")["messages"] == 2, "two are unread")
    items = ben.call("GET", "/v1/conversations")["items"]
    if [item["id"] for item in items] != [started["id"]]:
        raise Failed(f"another inbox: {items}")


def mail_at_once(stage: Stage):
    """stream → delivery → bus → digest: whoever is gone has a mail, before the schedule comes by"""
    ann, ben = Person(stage, "ann"), Person(stage, "ben")
    started = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": [ben.username]})
    ben.call("POST", "/v1/me/logout")
    # The schedule fires at the minute, or up to ten seconds later here.
    if not 12 < time.time() % 60 < 45:
        time.sleep((72 - time.time() % 60) % 60)
    ann.call("POST", f"/v1/conversations/{started['id']}/messages", {"body": "Now, please.", "important": True})
    mails = within(60 - time.time() % 60, lambda: stage.mails_to(ben.email), "a mail")
    if "Now, please." in json.dumps(mails):
        raise Failed("the mail says what was written")
    # SES tells that there is no such mailbox: no more mails go there.
    stage.tell("aws.ses", "Email Bounced", {
        "eventType": "Bounce",
        "mail": {"messageId": "0100", "tags": {"ses:configuration-set": [stage.resources["MailConfiguration"]]}},
        "bounce": {"bounceType": "Permanent", "bouncedRecipients": [{"emailAddress": ben.email}],
                   "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())}})
    office = Person(stage, "office", "system_administrator")
    within(10, lambda: ben.email in json.dumps(office.call("GET", "/v1/admin/suppressions")), "a suppressed address")


def mail_by_schedule(stage: Stage):
    """schedule → digest: a mail that waited until somebody was gone"""
    ann, eva = Person(stage, "ann"), Person(stage, "eva")
    started = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": [eva.username]})
    ann.call("POST", f"/v1/conversations/{started['id']}/messages", {"body": "Now, please.", "important": True})
    within(20, lambda: (eva.call("GET", "/v1/me/notifications")["pending"] or {}).get("reason") == "online",
           "what waits until she is gone")
    if stage.mails_to(eva.email):
        raise Failed("she is there, and has a mail")
    eva.call("POST", "/v1/me/logout")
    within(90, lambda: stage.mails_to(eva.email), "a mail")


def newcomers(stage: Stage):
    """each function behind the API: it meets whoever comes for the first time, and notes that they are there"""
    nothing = f"/v1/conversations/{uuid.uuid4()}"
    for path, body, roles in (
        ("/v1/conversations", {"title": "Visit 3", "members": []}, ()),
        (f"{nothing}/messages", {"body": "Bed twelve."}, ()),
        (f"{nothing}/attachments", {"name": "notes.txt", "content_type": "text/plain", "size": 1, "sha256": "0" * 64}, ()),
        (f"{nothing}/backups", None, ()),
        ("/v1/admin/broadcasts", {"kind": "general", "body": "Bed twelve."}, ()),
        (f"{nothing}/break-glass", {"reason": "a complaint"}, ("auditor",)),
    ):
        zoe = Person(stage, "zoe", *roles, new=True)
        zoe.call("POST", path, body, expect=(201, 403, 404))
        table, key = client(stage.emulator, "dynamodb"), {"pk": {"S": f"U#{zoe.username}"}, "sk": {"S": "~SEEN"}}
        within(5, lambda: "Item" in table.get_item(TableName=stage.resources["Table"], Key=key), f"somebody at {path}")


def attachments(stage: Stage):
    """default bus → scan-results, stream → delivery → bus → previews: what is clean is fetched, what is not is kept in"""
    ann, ben = Person(stage, "ann"), Person(stage, "ben")
    started = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": [ben.username]})
    ward = f"/v1/conversations/{started['id']}"
    for name, kind, content in (("notes.txt", "text/plain", b"Bed twelve."), ("ward.png", "image/png", picture())):
        id, scanned = upload(ann, ward, name, kind, content)
        scanned(CLEAN)
        within(10, lambda: fetched(ann, ward, id), "a verdict")
        ann.call("POST", f"{ward}/messages", {"body": "See.", "attachments": [id]})
        link = fetched(ben, ward, id)["download"]["url"]
        status, _, body = ask("GET", link)
        if (status, body) != (200, content):
            raise Failed(f"something else comes back: {status} {body[:200]!r}")
        if kind.startswith("image/"):
            preview = within(30, lambda: fetched(ben, ward, id)["preview"], "a preview")
            status, headers, body = ask("GET", preview["url"])
            if (status, headers["content-type"], preview["width"]) != (200, "image/jpeg", 640):
                raise Failed(f"no preview: {status} {preview}")
    # It is sent before anybody knows; then its conversation is told.
    infected, scanned = upload(ann, ward, "virus.txt", "text/plain", b"Not a virus.")
    ann.call("POST", f"{ward}/messages", {"body": "See.", "attachments": [infected]})
    scanned(INFECTED)
    within(10, lambda: ann.call("GET", f"{ward}/attachments/{infected}", expect=(409, 410))["status"] == 410, "a refusal")
    # What is no picture is taken back. Before it is there, it is not there, and not forbidden.
    other, place = announced(ann, ward, "ward.png", "image/png", b"Not a picture.")
    ann.call("POST", f"{ward}/attachments/{other}/complete", expect=(409,))
    put(place, b"Not a picture.")
    ann.call("POST", f"{ward}/attachments/{other}/complete", expect=(422,))
    if stage.versions(stage.object_of(other)):
        raise Failed("what is something else is still there")
    # Somebody takes a picture away before it is looked at: then there is no preview, and nothing fails.
    lost, scanned = upload(ann, ward, "ward.png", "image/png", picture())
    before = stage.runs("Previews")
    stage.take_away(lost)
    scanned(CLEAN)
    within(10, lambda: stage.runs("Previews") > before, "a look at what is gone")


def backup(stage: Stage):
    """stream → delivery → bus → jobs: a back-up becomes ready and is fetched, and says what is gone"""
    ann = Person(stage, "ann")
    started = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": [], "message": {"body": "Bed twelve."}})
    ward = f"/v1/conversations/{started['id']}"
    ids = []
    for name in ("notes.txt", "lost.txt"):
        id, scanned = upload(ann, ward, name, "text/plain", b"Bed twelve.")
        scanned(CLEAN)
        within(10, lambda: fetched(ann, ward, id), "a verdict")
        ids.append(id)
    ann.call("POST", f"{ward}/messages", {"body": "See.", "attachments": ids})
    stage.take_away(ids[1])
    asked = ann.call("POST", f"{ward}/backups")

    def ready():
        one = ann.call("GET", f"{ward}/backups/{asked['id']}")
        return one if one["state"] == "ready" else None

    made = within(60, ready, "a back-up")
    status, _, body = ask("GET", made["download"]["url"])
    if status != 200:
        raise Failed(f"no archive: {status} {body[:200]!r}")
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        ends = [name.rpartition("-")[2] for name in archive.namelist()]
        if archive.testzip() or "notes.txt" not in ends or "lost.txt.missing.txt" not in ends:
            raise Failed(f"not what was there: {archive.namelist()}")


def never_sent(stage: Stage):
    """schedule → jobs: what was uploaded and not sent goes after a day, with its bytes and its preview"""
    ann = Person(stage, "ann")
    started = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": []})
    ward = f"/v1/conversations/{started['id']}"
    seen, scanned = upload(ann, ward, "ward.png", "image/png", picture())
    scanned(CLEAN)
    within(10, lambda: fetched(ann, ward, seen), "a verdict")
    within(30, lambda: fetched(ann, ward, seen)["preview"], "a preview")
    # Nobody says of this one that it is complete.
    unsaid, place = announced(ann, ward, "notes.txt", "text/plain", b"Bed twelve.")
    put(place, b"Bed twelve.")
    objects = [stage.object_of(id) for id in (seen, unsaid)]
    objects.append(objects[0].replace("a/", "p/", 1))
    if not all(stage.versions(key) for key in objects):
        raise Failed(f"not everything is there: {objects}")
    for id in (seen, unsaid):
        stage.earlier(f"A#{id}", "~", 2, "ds")
    said = stage.tick("Jobs")["attachments"]
    if (said["removed"], said["failed"]) != (2, 0):
        raise Failed(f"jobs says {said}")
    left = [key for key in objects if stage.versions(key)]
    if left:
        raise Failed(f"still there: {left}")
    ann.call("GET", f"{ward}/attachments/{seen}", expect=(404,))


def kept_long_enough(stage: Stage):
    """schedules → retention → jobs: what was kept long enough goes with its bytes, and the institution's log says so"""
    office, ann = Person(stage, "office", "auditor"), Person(stage, "ann")
    started = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": [], "message": {"body": "Bed twelve."}})
    log, ward = f"C#{started['id']}", f"/v1/conversations/{started['id']}"
    id, scanned = upload(ann, ward, "notes.txt", "text/plain", b"Bed twelve.")
    scanned(CLEAN)
    within(10, lambda: fetched(ann, ward, id), "a verdict")
    ann.call("POST", f"{ward}/messages", {"body": "Changed at six.", "attachments": [id]})
    key = stage.object_of(id)
    # They are kept for seven years, unless somebody says otherwise. The last message is from today.
    for seq in (1, 2, 3):
        stage.earlier(log, f"E#{seq:012}", 8 * 365, "at")
    ann.call("POST", f"{ward}/messages", {"body": "Flushed twice."})
    stage.earlier(log, "R~", 8 * 365, "ds")
    said = stage.tick("Retention")
    if (said["messages"], said["attachments"], said["failed"]) != (2, 1, 0):
        raise Failed(f"retention says {said}")
    shown = {message["seq"]: message for message in ann.call("GET", f"{ward}/messages")["items"]}
    if [(shown[seq].get("body"), shown[seq]["purged"]) for seq in (2, 3, 4)] != [
        (None, True), (None, True), ("Flushed twice.", False)]:
        raise Failed(f"another conversation: {shown}")
    if started["id"] not in json.dumps(office.call("GET", "/v1/audit/institution")):
        raise Failed("the institution's log does not say so")
    if office.call("GET", "/v1/audit/institution/verify")["broken_at"] is not None:
        raise Failed("the institution's log is broken")
    stage.tick("Jobs")
    if stage.versions(key):
        raise Failed("the bytes of what went are still there")


def institution(stage: Stage):
    """people, broadcasts, audit: the institution imports people, tells them something, and sees who did what"""
    office = Person(stage, "office", "system_administrator", "auditor")
    ann, ben = Person(stage, "ann"), Person(stage, "ben")
    team = f"team-{uuid.uuid4().hex[:8]}"
    office.call("POST", "/v1/admin/import", {
        "users": [{"username": f"zoe.{team}", "name": "Zoe Adeyemi", "active": True}],
        "projects": [{"id": team, "title": team, "members": [ann.username, ben.username]}]})
    office.call("PUT", f"/v1/admin/users/zoe.{team}", {"name": "Zoe Abara", "active": True})
    office.call("PUT", "/v1/admin/settings", {"messenger_enabled": True, "protect_admins": False, "break_glass": True})
    if [project["id"] for project in ann.call("GET", "/v1/projects")["items"]] != [team]:
        raise Failed("she is on no project")
    within(10, lambda: "Zoe Abara" in json.dumps(ann.call("POST", "/v1/users/search", {"query": "abara"})), "somebody")
    ann.call("GET", "/v1/users/suggested")
    ann.call("GET", "/v1/me/preferences")
    sent = office.call("POST", "/v1/admin/broadcasts", {
        "kind": "general", "body": "The servers rest.", "audience": {"projects": [team]}})
    ann.call("PUT", f"/v1/broadcasts/{sent['id']}/read")
    if sent["id"] not in json.dumps(ben.call("GET", "/v1/broadcasts")):
        raise Failed("nobody hears of it")
    office.call("PATCH", f"/v1/admin/broadcasts/{sent['id']}", {"body": "The servers rest on Sunday."})
    office.call("POST", f"/v1/admin/broadcasts/{sent['id']}/withdraw")
    office.call("GET", "/v1/admin/broadcasts")
    ward = f"/v1/conversations/{ann.call('PUT', f'/v1/direct/{ben.username}')['id']}"
    ann.call("POST", f"{ward}/messages", {"body": "Bed twelve."})
    if "Bed twelve." in json.dumps(office.call("GET", f"{ward}/audit")):
        raise Failed("the log says what was written")
    office.call("POST", f"{ward}/break-glass", {"reason": "a complaint"})
    if "Bed twelve." not in json.dumps(office.call("GET", f"{ward}/audit")):
        raise Failed("with a reason, it does not")
    for log in (f"{ward}/audit", "/v1/audit/institution"):
        if office.call("GET", f"{log}/verify")["broken_at"] is not None:
            raise Failed(f"{log} is broken")
    office.call("GET", "/v1/audit/institution")
    # Somebody leaves: what they administered somebody else does from now on.
    led = ann.call("POST", "/v1/conversations", {"title": "Visit 3", "members": [ben.username]})
    if ben.call("GET", f"/v1/conversations/{led['id']}")["role"] != "member":
        raise Failed("he is no member")
    office.call("PUT", f"/v1/admin/users/{ann.username}", {"name": "Ann", "active": False})
    if ben.call("GET", f"/v1/conversations/{led['id']}")["role"] != "administrator":
        raise Failed("nobody administers what she did")


def trail(stage: Stage):
    """stream → trail: what is appended gets into the trail, without what was written"""
    ann, words = Person(stage, "ann"), f"Bed {uuid.uuid4().hex}."
    started = ann.call("POST", "/v1/conversations", {"title": words, "members": [], "message": {"body": words}})
    s3, bucket = client(stage.emulator, "s3"), stage.resources["TrailBucket"]

    def lines() -> bytes:
        """All that is there, packed or not."""
        found = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix="log/"):
            for one in page.get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=one["Key"])["Body"].read()
                found.append(gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body)
        return b"\n".join(found)

    within(30, lambda: started["id"].encode() in lines(), "a line of the trail")
    if words.encode() in lines():
        raise Failed("the trail says what was written")


def hourly(stage: Stage):
    """schedules → jobs, retention: their ticks, here each minute"""
    scheduler = client(stage.emulator, "scheduler")

    def told(schedule: dict, expression: str):
        kept = {name: schedule[name] for name in ("Name", "FlexibleTimeWindow", "Target", "Description") if name in schedule}
        scheduler.update_schedule(**kept, ScheduleExpression=expression)

    before = {function: stage.runs(function) for function in ("Jobs", "Retention")}
    schedules = [scheduler.get_schedule(Name=stage.resources[f"{function}Hourly"]) for function in before]
    for schedule in schedules:
        told(schedule, "cron(* * * * ? *)")
    for function, seen in before.items():
        within(90, lambda: stage.runs(function) > seen, f"a run of {function}")
    for schedule in schedules:
        told(schedule, schedule["ScheduleExpression"])


def nothing_left(stage: Stage):
    """nothing waits in the queues for an operator, and no function wrote of an error, a refusal or an older self"""
    sqs, logs = client(stage.emulator, "sqs"), client(stage.emulator, "logs")
    for queue in ("Undelivered", "Unhandled"):
        answer = sqs.receive_message(QueueUrl=stage.resources[queue], MaxNumberOfMessages=10)
        if answer.get("Messages"):
            raise Failed(f"{queue}: {[message['Body'] for message in answer['Messages']]}")
    read = 0
    for name, group in stage.resources.items():
        if not name.endswith("Logs") or name == "AccessLogs":
            continue
        for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group):
            for event in page["events"]:
                read += 1
                if any(word in event["message"] for word in ('"ERROR"', "AccessDenied", "not authorized", "Panicked")):
                    raise Failed(f"{group}: {event['message']}")
                # Behind the alias is the first version. Only smoke has none.
                if name != "SmokeLogs" and event["message"].startswith("START") and "Version: 1" not in event["message"]:
                    raise Failed(f"{group}: {event['message']}")
    if not read:
        raise Failed("no function wrote anything")
    _, _, body = ask("POST", f"{stage.emulator}/_confer/asked", b"{}")
    # Links signed by this one must not list, so it may not either, and is told of what is not there that it is forbidden.
    hidden = stage.resources["AttachmentsRole"], "s3:ListBucket"
    denied = [f"{role} {action}" for role, asked in json.loads(body).items() for action, (_, no) in asked.items()
              if no and (role, action) != hidden]
    if denied:
        raise Failed(f"denied: {', '.join(denied)}")


STORIES = (inbox, mail_at_once, mail_by_schedule, newcomers, attachments, backup, never_sent, kept_long_enough, institution,
           trail, hourly, nothing_left)


def prove(stories, usage: str) -> int:
    """Tells each story at the stage that the arguments name, and says how it went: the exit status."""
    if len(sys.argv) != 4:
        print(usage, file=sys.stderr)
        return 2
    emulator, api, resources = sys.argv[1:]
    stage = Stage(emulator, api, json.loads(Path(resources).read_text(encoding="utf-8")))
    failed = 0
    for story in stories:
        began = time.monotonic()
        try:
            story(stage)
            print(f"ok         {story.__doc__} ({time.monotonic() - began:.1f} s)", flush=True)
        except Failed as error:
            failed += 1
            print(f"FAILED     {story.__doc__}: {error}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(prove(STORIES, __doc__))
