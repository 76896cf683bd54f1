"""What requests are about: people, and things that are there, so that cases come further than "not found".

Everything is made through the API itself, at the address that is tested, with tokens that are minted for it.
"""

import hashlib
import re
import time
import uuid
from collections.abc import Callable

import requests

# Who calls: the name of each caller, and the roles in the token. `nobody` has no token.
CALLERS = {
    "person": [],
    "administrator": ["system_administrator"],
    "auditor": ["auditor"],
    "both": ["system_administrator", "auditor"],
    "nobody": None,
}

PROJECT = "contract-study"
COLLEAGUES = ["contract.ada", "contract.ben", "contract.cleo"]
STRANGER = "contract.zoe"
FILE = b"Bed twelve, changed at six, line flushed twice.\n"
# Of a conversation that is there: those that a caller is in, in which role, and one that they are not in.
KINDS = ("own", "other", "archived", "strange")


class Trouble(Exception):
    """What has to work did not."""


class World:
    """The product at an address."""

    def __init__(self, api: str, tokens: str, caller: str):
        self.api = api.rstrip("/")
        self.tokens = tokens
        self.roles = CALLERS[caller]
        # Nobody sees things neither, but has to be refused those that there are.
        self.name = f"contract.{caller}"
        self.http = requests.Session()
        # A proxy knows nothing of this machine, and nobody's password file is to be read.
        self.http.trust_env = False
        self._minted: dict[str, str] = {}
        self._places: dict[str, dict] = {}
        self._keeper = ""
        for name in [*COLLEAGUES, STRANGER, self.name]:
            self._introduce(name)
        # Auditors shall come further than "not here".
        self.settings = self.ask("GET", "/v1/admin/settings", by=self.keeper()) | {"break_glass": True}
        self.ask("PUT", "/v1/admin/settings", self.settings, by=self.keeper())
        self.broadcast = self._announce()

    # --- people -------------------------------------------------------------------------------------------------------

    def mint(self, name: str, roles: list[str]) -> str:
        """A new token."""
        answer = self.http.post(self.tokens, json={"username": name, "roles": roles}, timeout=30)
        if answer.status_code != 200:
            raise Trouble(f"POST {self.tokens}: {answer.status_code} {answer.text}")
        return answer.json()["access_token"]

    def token(self, name: str) -> str:
        """The token of somebody who has none yet, or the one they have."""
        if name not in self._minted:
            self._minted[name] = self.mint(name, (self.roles or []) if name == self.name else [])
        return self._minted[name]

    def somebody_else(self) -> str:
        """A token of somebody like the caller, for requests after which it is worth nothing."""
        return self.mint(f"{self.name}.{uuid.uuid4().hex[:12]}", self.roles or [])

    def keeper(self) -> str:
        """The token of a system administrator whom no case names."""
        if not self._keeper:
            self._keeper = self.mint(f"contract.keeper.{uuid.uuid4().hex[:12]}", ["system_administrator"])
        return self._keeper

    def _introduce(self, name: str) -> None:
        """Lets somebody be known, and be active whatever was before."""
        self.ask("PUT", f"/v1/admin/users/{name}", {"name": name, "active": True}, by=self.keeper())
        self.ask("GET", "/v1/me", by=self.token(name))

    # --- asking -------------------------------------------------------------------------------------------------------

    def ask(self, method: str, path: str, body: object = None, *, by: str, key: bool = False) -> dict:
        """Asks for what has to work."""
        answer = self._send(method, path, body, by, key)
        if not answer.ok:
            raise Trouble(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer.json() if answer.content else {}

    def _send(self, method: str, path: str, body: object, by: str, key: bool) -> requests.Response:
        headers = {"Authorization": f"Bearer {by}"}
        if key:
            headers["Idempotency-Key"] = str(uuid.uuid4())
        answer = self.http.request(method, self.api + path, json=body, headers=headers, timeout=30)
        if answer.status_code == 429:
            # What cases send counts, too.
            time.sleep(int(answer.headers.get("Retry-After", "1")) + 1)
            answer = self.http.request(method, self.api + path, json=body, headers=headers, timeout=30)
        return answer

    def version(self, path: str, header: str) -> str | None:
        """The version of what is there, as conditions name it."""
        answer = self._send("GET", path, None, self.token(self.name), False)
        return answer.headers.get(header) if answer.ok else None

    def next_cursor(self, path: str) -> str | None:
        """Where a list goes on after its first item."""
        answer = self._send("GET", f"{path}?limit=1", None, self.token(self.name), False)
        return answer.json().get("next") if answer.ok else None

    # --- things -------------------------------------------------------------------------------------------------------

    def place(self, kind: str) -> dict:
        """A conversation of this kind, with what is in it. Made if there is none any more."""
        if kind not in self._places:
            self._places[kind] = self._make(kind)
        return self._places[kind]

    def forget(self, conversation: str) -> None:
        """Says that this conversation is not what it was."""
        self._places = {kind: place for kind, place in self._places.items() if place["id"] != conversation}

    def _make(self, kind: str) -> dict:
        me, ada, zoe = self.token(self.name), self.token(COLLEAGUES[0]), self.token(STRANGER)
        starts, members = {
            "own": (me, COLLEAGUES[:2]),
            "archived": (me, COLLEAGUES[:2]),
            "other": (ada, [self.name, COLLEAGUES[1]]),
            "strange": (zoe, COLLEAGUES[:2]),
        }[kind]
        if kind == "own":
            self.set_project()
        title = f"Contract {kind}"
        start = {"title": title, "members": [], "message": {"body": "Room 4 at ten."}}
        if kind == "own":
            start["project_id"] = PROJECT
        at = self.ask("POST", "/v1/conversations", start, by=starts, key=True)["id"]
        path = f"/v1/conversations/{at}"
        self.ask("POST", f"{path}/members", {"usernames": members}, by=starts)
        writes = me if kind != "strange" else zoe
        said = {"body": f"@{COLLEAGUES[1]} yes."}
        authors = (writes, writes, writes, ada)
        seqs = [self.ask("POST", f"{path}/messages", said, by=author, key=True)["seq"] for author in authors]
        # One that is in a message, one that can still be, one that is not uploaded.
        files = [self._attach(path, writes, uploaded) for uploaded in (True, True, False)]
        self.ask("POST", f"{path}/messages", {"attachments": files[:1]}, by=writes, key=True)
        backup = self.ask("POST", f"{path}/backups", by=writes, key=True)["id"]
        if kind == "archived":
            self.ask("POST", f"{path}/archive", by=starts)
        return {"id": at, "title": title, "attachments": files, "backups": [backup], "seqs": seqs}

    def set_project(self) -> None:
        """Lets there be the project."""
        body = {"title": "Contract study", "members": [*COLLEAGUES, self.name]}
        self.ask("PUT", f"/v1/admin/projects/{PROJECT}", body, by=self.keeper())

    def _attach(self, path: str, by: str, uploaded: bool) -> str:
        digest = hashlib.sha256(FILE).hexdigest()
        file = {"name": "notes.txt", "content_type": "text/plain", "size": len(FILE), "sha256": digest}
        asked = self.ask("POST", f"{path}/attachments", file, by=by, key=True)
        at = asked["attachment"]["id"]
        if uploaded:
            upload = asked["upload"]
            put = self.http.put(upload["url"], data=FILE, headers=upload["headers"], timeout=30)
            if not put.ok:
                raise Trouble(f"an upload: {put.status_code} {put.text}")
            self.ask("POST", f"{path}/attachments/{at}/complete", by=by)
        return at

    def _announce(self) -> str:
        body = {"kind": "general", "body": "The servers rest on Sunday.", "audience": {"usernames": [self.name]}}
        return self.ask("POST", "/v1/admin/broadcasts", body, by=self.keeper(), key=True)["id"]

    # --- what a case did ----------------------------------------------------------------------------------------------

    def repair(self, operation: str, path: str, body: str) -> None:
        """Undoes what would keep all other cases from coming anywhere."""
        if operation in {"set_user", "import_people"}:
            for name in [*COLLEAGUES, STRANGER, self.name]:
                if name in path or name in body:
                    self._as_keeper(lambda name=name: self._introduce(name))
                    # While somebody's account is disabled, others take over what they administer.
                    self._places = {}
        elif operation == "set_settings":
            self._as_keeper(lambda: self.ask("PUT", "/v1/admin/settings", self.settings, by=self.keeper()))
        elif operation == "withdraw_broadcast":
            self.broadcast = self._announce()

    def _as_keeper(self, act: Callable[[], object]) -> None:
        try:
            act()
        except Trouble:
            # A case may have found the keeper's name in the log, too.
            self._keeper = ""
            act()

    # --- what only a local stack has ----------------------------------------------------------------------------------

    def send_mails(self) -> None:
        """Lets mails be sent: what is unread is told of after four hours."""
        self.place("own")
        answer = self.http.post(self._control("clock"), json={"advance": "4h"}, timeout=60)
        if answer.status_code != 200:
            raise Trouble(f"the clock: {answer.status_code} {answer.text}")

    def unsubscribe_links(self) -> list[str]:
        """The tokens behind the links in mails."""
        mails = self.http.get(self._control("outbox"), timeout=30).json()["items"]
        links = [mail["headers"].get("List-Unsubscribe", "") for mail in mails if mail["channel"] == "email"]
        return sorted(set(re.findall(r"/v1/unsubscribe/([\w-]+)>", " ".join(links))))

    def _control(self, name: str) -> str:
        return self.tokens.removesuffix("token") + name
