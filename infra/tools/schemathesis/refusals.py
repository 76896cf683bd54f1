"""What schemathesis takes for a finding and is none, each with its reason. Whatever is not here is one.

A request that fits the contract may be refused only for what a schema cannot say: that depends on what is there, on other
fields of the request, or on what Unicode says of a character. All else the contract has to say.
"""

import json
import re

# Problems that are about what is there, whatever the operation.
OF_WHAT_IS_THERE = {
    "attachment-mismatch": "what was uploaded is something else",
    "attachment-not-usable": "whether an attachment can be in a message depends on it",
    "attachment-quarantined": "the scanner did not find it clean",
    "attachment-type-denied": "which types are taken is a setting",
    "invalid-cursor": "a cursor is what a list answered, and means something to the server alone",
    "too-many-mentions": "who is mentioned is in the text",
    "user-not-found": "who is known is in the table",
    "version-conflict": "which version is the present one is in the table",
}

# Texts that people write. The contract says how long they are; that there is something to be seen in them, once the white
# space around them is gone, and that nothing in them reorders or hides what is around them, only Unicode can say.
TEXTS = r"/(message/)?(title|name|reason|case|closed_reason|body|query)"
UNICODE = {"empty", "forbidden-character", "too-long"}

# Operation, place, code, and the reason.
PLACES = [
    ("correct_broadcast", r"/until", "too-early", "it is held against when it is shown, and the time"),
    ("send_broadcast", r"/until", "too-early", "it is held against when it is shown, and the time"),
    ("send_broadcast", r"/audience", "empty", "one of three lists must name somebody"),
    ("send_broadcast", r"/audience", "too-many", "who is in a project or has a role is in the table"),
    ("delete_conversation", r"/title", "mismatch", "it is held against the title"),
    ("list_messages", r"after", "conflict", "one of two is given"),
    ("place_hold", r"/conversation_id", "missing", "one of two is given"),
    ("place_hold", r"/project_id", "too-many", "one of two is given"),
    ("lift_hold", r"/conversation_id", "missing", "one of two is given"),
    ("lift_hold", r"/project_id", "too-many", "one of two is given"),
    ("mark_read", r"/seq", "too-large", "it is held against how long the conversation is"),
    ("mark_read", r"/seq", "too-small", "it is held against how long the conversation is"),
    ("open_direct", r"username", "yourself", "it is held against who asks"),
    ("set_project", r"/record_patterns/\d+", "invalid", "white space around it does not count, and controls are none of it"),
    ("send_message", r"/body", "empty", "a message with attachments need not say anything, one without must"),
    ("set_preferences", r"/timezone", "invalid", "which time zones there are is in the database of time zones"),
    ("set_settings", r"/mail/defaults/timezone", "invalid", "which time zones there are is in the database of time zones"),
    ("update_conversation", r"", "empty", "one of the fields must be there"),
]


def document_of(response) -> dict:
    try:
        document = json.loads(response.content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def is_beyond_schemas(operation: str, case, response) -> bool:
    """Whether no schema could have said that this valid request would be refused."""
    problem = document_of(response)
    if problem.get("type", "").rsplit("/", 1)[-1] in OF_WHAT_IS_THERE:
        return True
    errors = problem.get("errors", [])
    return bool(errors) and all(is_beyond(operation, case.body, error["pointer"], error["code"]) for error in errors)


def is_beyond(operation: str, body, pointer: str, code: str) -> bool:
    if code in UNICODE and re.fullmatch(TEXTS, pointer):
        return True
    if any((operation, code) == (of, what) and re.fullmatch(where, pointer) for of, where, what, _ in PLACES):
        return True
    # To a schema, 7.0 is an integer. No client writes one so, and to us it is none.
    return isinstance(at(body, pointer), float)


def at(body, pointer: str):
    """What a JSON pointer points to."""
    for name in pointer.split("/")[1:]:
        if isinstance(body, dict):
            body = body.get(name)
        elif isinstance(body, list) and name.isdigit() and int(name) < len(body):
            body = body[int(name)]
        else:
            return None
    return body


def is_refused_in_part(operation: str, response) -> bool:
    """Whether the rows that do not fit were refused, each for itself: the request as a whole is accepted."""
    results = document_of(response).get("results", []) if operation == "import_people" else []
    return any(row.get("outcome") == "refused" for row in results)


def is_about_nothing(case) -> bool:
    """Whether schemathesis filled a place of the address from an answer that had nothing there, and asked for `None`."""
    return any(value is None for value in case.path_parameters.values())
