"""Gives schemathesis what it cannot know: who calls, what is there, and which refusals no schema can foretell.

CONFER_API, CONFER_TOKENS, CONTRACT_CALLER and CONTRACT_SEED say where, by whom and how; CONTRACT_OWN, that the product was
started for this, is one process, and nobody else uses it.
"""

import atexit
import json
import os
import random
import re
import sys
import uuid
from collections import Counter
from pathlib import Path

import schemathesis
from schemathesis.core import NOT_SET
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import CoveragePhaseData, TestPhase
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

sys.path.insert(0, str(Path(__file__).parent))
sys.dont_write_bytecode = True

from refusals import document_of, is_about_nothing, is_beyond_schemas, is_refused_in_part  # noqa: E402
from world import COLLEAGUES, KINDS, PROJECT, STRANGER, World  # noqa: E402

CALLER = os.environ["CONTRACT_CALLER"]
SEED = os.environ["CONTRACT_SEED"]
WORLD = World(os.environ["CONFER_API"], os.environ["CONFER_TOKENS"], CALLER)
OWN = "CONTRACT_OWN" in os.environ
LINKS: list[str] = []
if OWN:
    WORLD.send_mails()
    # What was minted before is old now.
    WORLD = World(os.environ["CONFER_API"], os.environ["CONFER_TOKENS"], CALLER)
    LINKS = WORLD.unsubscribe_links()
USED: set[str] = set()
# How often each operation answered with which status.
ANSWERS: Counter[str] = Counter()


@atexit.register
def tell_answers() -> None:
    Path(os.environ["CONTRACT_ANSWERS"]).write_text(json.dumps(ANSWERS))


PEOPLE = [*COLLEAGUES, STRANGER, WORLD.name]
# Names of people and projects that nobody else needs.
SPARE = [f"contract.spare.{number}" for number in range(4)]
SPARE_PROJECTS = [PROJECT, "contract-spare"]

# What is true of a conversation only until one of these was done to it.
CHANGES = {
    "add_members",
    "archive_conversation",
    "delete_conversation",
    "remove_member",
    "set_project",
    "unarchive_conversation",
    "update_conversation",
    "update_member",
}


if CALLER != "nobody":

    # Never kept: a case may be the end of a token.
    @schemathesis.auth(refresh_interval=None)
    class Token:
        """The caller's token."""

        def get(self, case, context):
            # Signing out ends all tokens of somebody. It shall not be the caller, of whom there is only one.
            if case.operation.definition.raw.get("operationId") == "log_out":
                return WORLD.somebody_else()
            return WORLD.token(WORLD.name)

        def set(self, case, data, context):
            case.headers["Authorization"] = f"Bearer {data}"


def operation_of(case) -> str:
    return case.operation.definition.raw["operationId"]


@schemathesis.hook
def before_call(context, case, kwargs):
    """Lets a part of the cases be about what is there, and every act have a key of its own.

    What is valid becomes something else that is valid; what is not stays as it is. Which, the case decides: the same case
    becomes the same again.
    """
    # In the stateful phase things come from the answers before.
    if case.meta is not None and case.meta.phase.name != TestPhase.STATEFUL:
        Choice(case).apply()
    fresh_key(case)


def fresh_key(case) -> None:
    key = case.headers.get("Idempotency-Key")
    if key in USED and is_uuid(key):
        case.headers["Idempotency-Key"] = key = str(uuid.uuid4())
    if isinstance(key, str):
        USED.add(key)


def is_uuid(text) -> bool:
    try:
        return str(uuid.UUID(text)) == text
    except (ValueError, TypeError, AttributeError):
        return False


class Choice:
    """What becomes of one case."""

    def __init__(self, case):
        self.case = case
        self.operation = operation_of(case)
        body = None if case.body is NOT_SET else case.body
        headers = {name: value for name, value in case.headers.items() if name != "Authorization"}
        about = case.meta.phase.data.description
        said = f"{SEED} {case.method} {case.path} {case.path_parameters} {case.query} {headers} {body} {about}"
        self.random = random.Random(said)  # noqa: S311
        self.place = None
        # What a case of the coverage phase is about stays as it is.
        data = case.meta.phase.data
        self.about = (data.parameter_location, data.parameter) if isinstance(data, CoveragePhaseData) else (None, None)

    def perhaps(self, probability: float) -> bool:
        return self.random.random() < probability

    def open_to(self, location: ParameterLocation, name: str) -> bool:
        return not self.case.meta.is_negative_at(location) and self.about != (location, name)

    def apply(self) -> None:
        self.path()
        self.query()
        self.conditions()
        if self.case.body is not NOT_SET and not self.case.meta.is_negative_at(ParameterLocation.BODY):
            self.body()

    # --- the address --------------------------------------------------------------------------------------------------

    def path(self) -> None:
        values = self.case.path_parameters
        # The conversation first: all else is in it.
        for name in sorted(values, key=lambda name: name != "id"):
            # One id is as good as another. Of numbers, it is the limits that a case is about.
            valid = not self.case.meta.is_negative_at(ParameterLocation.PATH)
            about = self.about == (ParameterLocation.PATH, name) and name == "seq"
            if valid and not about and self.perhaps(0.9):
                value = self.path_value(name)
                if value is not None:
                    values[name] = value

    def path_value(self, name: str):
        case = self.case
        if case.path.startswith("/v1/conversations/"):
            if name == "id":
                weights = (7, 3, 1, 1)
                self.place = WORLD.place(self.random.choices(KINDS, weights)[0])
                return self.place["id"]
            if self.place is None:
                return None
            if name in {"attachment", "backup"}:
                return self.random.choice(self.place[f"{name}s"])
            if name == "username":
                return self.random.choice(PEOPLE)
            if name == "seq":
                # Mostly the caller's own messages.
                return self.random.choice(self.place["seqs"]) if self.perhaps(0.8) else self.random.randint(1, 12)
            return None
        return {
            "/v1/admin/broadcasts/{id}": lambda: WORLD.broadcast,
            "/v1/admin/broadcasts/{id}/withdraw": lambda: WORLD.broadcast,
            "/v1/broadcasts/{id}/read": lambda: WORLD.broadcast,
            "/v1/admin/projects/{id}": lambda: self.random.choice(SPARE_PROJECTS),
            # Elsewhere it takes a minute until somebody is let in again.
            "/v1/admin/users/{username}": lambda: self.random.choice([*SPARE, *PEOPLE] if OWN else SPARE),
            "/v1/direct/{username}": lambda: self.random.choice(PEOPLE),
            "/v1/unsubscribe/{token}": lambda: self.random.choice(LINKS) if LINKS else None,
        }.get(case.path, lambda: None)()

    def query(self) -> None:
        query = self.case.query
        if "cursor" in query and self.open_to(ParameterLocation.QUERY, "cursor") and self.perhaps(0.7):
            cursor = WORLD.next_cursor(self.case.formatted_path) if self.perhaps(0.6) else None
            query.pop("cursor")
            if cursor:
                query["cursor"] = cursor
        if "project_id" in query and self.open_to(ParameterLocation.QUERY, "project_id") and self.perhaps(0.5):
            query["project_id"] = PROJECT
        # One of them can be said.
        if {"before", "after"} <= set(query) and self.about[1] not in {"before", "after"} and self.perhaps(0.8):
            query.pop(self.random.choice(["before", "after"]))

    def conditions(self) -> None:
        for name in ("If-Match", "If-None-Match"):
            headers = self.case.headers
            if name not in headers or not self.open_to(ParameterLocation.HEADER, name) or not self.perhaps(0.8):
                continue
            path = re.sub(r"/(archive|unarchive|delete)$", "", self.case.formatted_path)
            version = WORLD.version(path, "ETag") if self.perhaps(0.6) else None
            if version:
                headers[name] = version
            else:
                del headers[name]

    # --- the body -----------------------------------------------------------------------------------------------------

    def body(self) -> None:
        body = self.case.body
        if not isinstance(body, dict):
            return
        changed = dict(body)
        for name, value in body.items():
            always = name == "messenger_enabled"
            if not always and (self.about == (ParameterLocation.BODY, name) or not self.perhaps(0.85)):
                continue
            changed[name] = self.body_value(name, value)
        if self.operation in {"place_hold", "lift_hold"} and {"conversation_id", "project_id"} <= set(changed):
            changed.pop(self.random.choice(["conversation_id", "project_id"]))
        if changed != body:
            self.case.body = changed

    def body_value(self, name: str, value):
        people = lambda: self.random.sample([*COLLEAGUES, STRANGER], min(len(value), 4))  # noqa: E731
        if name == "messenger_enabled" and not OWN:
            return True
        if isinstance(value, list) and name in {"members", "usernames"}:
            return people()
        if isinstance(value, str) and name == "project_id":
            return PROJECT
        if isinstance(value, str) and name == "conversation_id":
            return WORLD.place(self.random.choice(KINDS))["id"]
        if name == "attachments" and self.place:
            # Of the three one can be in a message, and once.
            return self.random.choice([[], [], self.place["attachments"][1:2], self.place["attachments"][: len(value)]])
        if self.operation == "delete_conversation" and name == "title" and self.place:
            return self.place["title"] if self.perhaps(0.8) else value
        if self.operation == "search_users" and name == "query":
            return self.random.choice(["contract", "ada", "be", "zo"])
        if name == "content_type":
            return self.random.choice(["text/plain", "application/pdf", "image/png"])
        if name == "timezone":
            return self.random.choice(["Europe/Madrid", "UTC", "America/Bogota"])
        if name == "seq" and isinstance(value, int):
            return self.random.randint(0, 8)
        if name == "audience" and isinstance(value, dict):
            return self.random.choice([{"usernames": [WORLD.name]}, {"projects": [PROJECT]}, {"roles": ["auditor"]}])
        return value


@schemathesis.hook
def after_call(context, case, response):
    """Lets what a case did not keep the others from coming anywhere."""
    operation = operation_of(case)
    ANSWERS[f"{case.operation.label} {response.status_code}"] += 1
    if not 200 <= response.status_code < 300:
        return
    if operation in CHANGES:
        at = case.path_parameters.get("id")
        if at is not None:
            WORLD.forget(str(at))
        if operation == "set_project":
            WORLD.set_project()
    WORLD.repair(operation, case.formatted_path, repr(case.body))


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Drops what is no finding, for which refusals.py has the reasons, and notes what is."""
    operation = operation_of(case)
    if isinstance(failure, RejectedPositiveData) and is_beyond_schemas(operation, case, response):
        return False
    if isinstance(failure, AcceptedNegativeData) and is_refused_in_part(operation, response):
        return False
    if is_about_nothing(case):
        return False
    with open(os.environ["CONTRACT_FINDINGS"], "a", encoding="utf-8") as file:
        file.write(json.dumps(finding(failure, case, response)) + "\n")
    return True


def finding(failure, case, response) -> dict:
    """A finding in few words."""
    document = document_of(response)
    places = [f"{re.sub(r'[0-9]+', 'N', error['pointer'])}: {error['code']}" for error in document.get("errors", [])]
    said = [line.strip() for line in failure.message.splitlines() if line.strip()]
    refused = isinstance(failure, RejectedPositiveData)
    return {
        "operation": case.operation.label,
        "what": failure.title,
        "answer": " ".join([str(response.status_code), document.get("type", "").rsplit("/", 1)[-1], *sorted(set(places))[:3]]),
        # What schemathesis expected is always the same.
        "why": "" if refused else " ".join(line for line in said if not line.startswith("Expected: "))[:300],
        "curl": case.as_curl_command().replace("'Authorization: [Filtered]'", '"Authorization: Bearer $TOKEN"'),
    }
