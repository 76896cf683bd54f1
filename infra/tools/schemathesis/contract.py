#!/usr/bin/env python3
"""Tests the product against its contract, with a token of each kind of caller.

Usage: contract.py --cases N --seed N --kept FOLDER [--caller NAME]... (--confer FILE | --api URL --tokens URL)

.ci/contract calls it, and says what it does.
"""

import argparse
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
SCHEMATHESIS = ROOT / ".tools/schemathesis/bin/schemathesis"
CONTRACT = ROOT / "infra/openapi.json"

# Who calls, and what their tokens say of them.
CALLERS = {
    "person": {"person"},
    "administrator": {"person", "administrator"},
    "auditor": {"person", "auditor"},
    "both": {"person", "administrator", "auditor"},
    "nobody": set(),
}
# With a link of a mail, and mails need a clock that can be moved.
BY_MAIL = {"GET /v1/unsubscribe/{token}", "POST /v1/unsubscribe/{token}"}
# The first round is about what schemas say by themselves, such as limits, which makes about 2,200 cases, and a little of
# chance. Most of that does not fit. The second is about what fits; then they take turns.
PHASES = ["examples,coverage,fuzzing,stateful", "fuzzing,stateful"]
MODES = ["all", "positive"]
# The fewest cases of each operation that a round makes by chance, and what they come to with what follows from them.
FEWEST = [2, 6]
EACH = 65


@dataclass
class Told:
    """What came of the cases of one caller."""

    caller: str
    operations: int = 0
    cases: int = 0
    accepted: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    findings: list[dict] = field(default_factory=list)
    # What to say of what went wrong.
    wrong: list[str] = field(default_factory=list)

    def accepting(self) -> set[str]:
        """The operations that accepted something."""
        return {operation for operation, count in self.accepted.items() if count}

    def line(self) -> str:
        reached = len(self.accepting())
        return (
            f"{'ok' if not self.wrong else '--'}  {self.caller:<14}{self.operations:>4} operations{self.cases:>8,} cases"
            f"{sum(self.accepted.values()):>7,} accepted by {reached} operations{self.seconds:>6.0f} s"
        )


def needed_for(operation: str) -> str | None:
    """What somebody must be for an operation to accept anything."""
    if operation == "GET /v1/health" or operation in BY_MAIL:
        return None
    if " /v1/admin/" in operation:
        return "administrator"
    if " /v1/audit/" in operation or "/{id}/audit" in operation or operation.endswith("/break-glass"):
        return "auditor"
    return "person"


class Stack:
    """A product of one's own, in memory."""

    def __init__(self, confer: Path, folder: Path):
        command = [confer, "--memory", "--json", "--port", "0", "--aws-port", "0", "--no-rate-limits"]
        self.log = (folder / "product.log").open("w")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.log, cwd=folder, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"contract: {confer} ended: {(folder / 'product.log').read_text()}")
        self.api = json.loads(line)["api"]

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()


class Run:
    """All of it."""

    def __init__(self, said: argparse.Namespace):
        self.said = said
        self.callers = said.caller or list(CALLERS)
        self.share = -(-said.cases // len(self.callers))
        self.operations = {
            f"{method.upper()} {path}"
            for path, item in json.loads(CONTRACT.read_text())["paths"].items()
            for method in item
        }
        self.talks = threading.Lock()

    def say(self, text: str) -> None:
        with self.talks:
            print(text, flush=True)

    def tell(self, caller: str) -> Told:
        """Tests with the tokens of one caller."""
        folder = Path(self.said.kept).absolute() / caller
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        stack = Stack(self.said.confer, folder) if self.said.confer else None
        try:
            environment = {
                **os.environ,
                "CONFER_API": stack.api if stack else self.said.api,
                "CONFER_TOKENS": f"{stack.api}/_local/token" if stack else self.said.tokens,
                "CONTRACT_CALLER": caller,
                "CONTRACT_FINDINGS": str(folder / "findings.jsonl"),
                "SCHEMATHESIS_HOOKS": str(HERE / "hooks.py"),
                "PYTHONDONTWRITEBYTECODE": "1",
                # Chance has one beginning, the seed.
                "PYTHONHASHSEED": "0",
                "COLUMNS": "120",
                # A proxy knows nothing of this machine.
                "NO_PROXY": "127.0.0.1",
                "no_proxy": "127.0.0.1",
            } | ({"CONTRACT_OWN": "1"} if stack else {})
            told = Told(caller)
            began = time.monotonic()
            # A round has another seed, so that it is not the same again.
            rounds = itertools.count()
            for number in rounds:
                self.round(told, number, folder, environment)
                if number and (told.wrong or told.cases >= self.share):
                    break
            # What accepted nothing by chance may accept something by another.
            for number in itertools.islice(rounds, 4):
                if missing := self.missing(told):
                    self.round(told, 2 * number + 1, folder, environment, missing)
            told.seconds = time.monotonic() - began
        finally:
            if stack:
                stack.close()
        self.look(told)
        self.say(told.line())
        return told

    def round(self, told: Told, number: int, folder: Path, environment: dict, only: set[str] = frozenset()) -> None:
        seed = self.said.seed + number
        missing = max(0, self.share - told.cases - (2200 if number == 0 else 0))
        # Half of what is missing is left to the round after.
        examples = max(FEWEST[number % 2], missing // (2 * EACH))
        report = folder / f"report.{number}.json"
        output = folder / f"report.{number}.txt"
        answers = folder / f"answers.{number}.json"
        command = [
            *(SCHEMATHESIS, "--config-file", HERE / "schemathesis.toml", "run", CONTRACT, "--no-color"),
            *("--url", environment["CONFER_API"], "--checks", "all", "--seed", str(seed), "-n", str(examples)),
            *("--phases", PHASES[min(number, 1)], "--mode", MODES[number % 2]),
            *("--report", "json", "--report-json-path", report),
            *(word for operation in sorted(only) for word in ("--include-name", operation)),
        ]
        with output.open("w") as file:
            environment = environment | {"CONTRACT_SEED": str(seed), "CONTRACT_ANSWERS": str(answers)}
            # In a folder of its own: what it finds in others, such as settings, is not ours.
            ended = subprocess.run(command, env=environment, cwd=folder, stdout=file, stderr=subprocess.STDOUT, check=False)
        if report.exists():
            document = json.loads(report.read_text())
            told.operations = max(told.operations, document["operations"]["tested"])
            told.cases += document["test_cases"]["generated"]
        if answers.exists():
            for answer, count in json.loads(answers.read_text()).items():
                operation, status = answer.rsplit(" ", 1)
                if status[0] in "23":
                    told.accepted[operation] = told.accepted.get(operation, 0) + count
        found = folder / "findings.jsonl"
        told.findings = [json.loads(line) for line in found.read_text().splitlines()] if found.exists() else []
        if ended.returncode or not report.exists():
            again = f".ci/contract --caller {told.caller} --seed {self.said.seed} --cases {self.share}"
            told.wrong.append(
                f"contract: {told.caller}: schemathesis ended with {ended.returncode}, seed {seed}\n"
                f"  all of it:   {output}\n  once more:   {again}"
            )
            if not told.findings:
                told.wrong.append("\n".join(output.read_text().splitlines()[-60:]))

    def look(self, told: Told) -> None:
        """Whether the cases came where they had to come: a test of nothing but refusals proves little."""
        if told.operations < len(self.operations):
            told.wrong.append(f"contract: {told.caller}: {told.operations} of {len(self.operations)} operations were tested")
        roles = CALLERS[told.caller] | {None}
        may = {operation for operation in self.operations if needed_for(operation) in roles}
        did = told.accepting()
        if did - may:
            told.wrong.append(f"contract: {told.caller}: accepted, and must not be: {', '.join(sorted(did - may))}")
        if missing := self.missing(told):
            told.wrong.append(f"contract: {told.caller}: nothing was accepted by {', '.join(sorted(missing))}")

    def missing(self, told: Told) -> set[str]:
        """What should have accepted something, and did not. With both roles that is everything; others get part of the same."""
        if told.caller != "both":
            return set()
        return self.operations - told.accepting() - (set() if self.said.confer else BY_MAIL)


def tell_findings(told: list[Told]) -> None:
    """Says each finding once, with the shortest request that shows it."""
    kinds: dict[tuple, list[tuple[str, dict]]] = {}
    for one in told:
        for found in one.findings:
            kind = (found["operation"], found["what"], found["answer"], found["why"])
            kinds.setdefault(kind, []).append((one.caller, found))
    for (operation, what, answer, why), all_of in sorted(kinds.items()):
        callers = ", ".join(dict.fromkeys(caller for caller, _ in all_of))
        curl = min((found["curl"] for _, found in all_of), key=len)
        print(f"\n{operation}: {what}: {answer} ({len(all_of)} times; {callers})", file=sys.stderr)
        if why:
            print(f"    {why}", file=sys.stderr)
        print(f"    {curl if len(curl) < 2000 else curl[:2000] + ' ...'}", file=sys.stderr)
    if kinds:
        print("\nTOKEN: of somebody like the caller, from POST /_local/token.\n", file=sys.stderr)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--kept", required=True)
    parser.add_argument("--caller", action="append", choices=CALLERS)
    parser.add_argument("--confer", type=Path)
    parser.add_argument("--api")
    parser.add_argument("--tokens")
    run = Run(parser.parse_args())
    # A product of one's own for each, two at a time; at one that is there, whose settings cases change, one after the other.
    with ThreadPoolExecutor(2 if run.said.confer else 1) as pool:
        told = list(pool.map(run.tell, run.callers))
    tell_findings(told)
    for one in told:
        for wrong in one.wrong:
            print(wrong, file=sys.stderr)
    cases = sum(one.cases for one in told)
    where = "in memory" if run.said.confer else f"at {run.said.api}"
    wrong = [one.caller for one in told if one.wrong]
    print(
        f"{'ok' if not wrong else 'NOT OK'}  {cases:,} cases of {len(run.operations)} operations, {len(told)} callers, "
        f"seed {run.said.seed}, {where}" + (f"; findings with: {', '.join(wrong)}" if wrong else "")
    )
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
