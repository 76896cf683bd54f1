#!/usr/bin/env python3
"""Asks checkov about the translated template, without network, and counts what is skipped.

Usage: with_checkov.py CONFIGURATION TRANSLATED

Checks in `skip-check` of the configuration (infra/.checkov.yaml) are run all the same: each must have a reason, a comment
in the line above, and something that it skips.

Exit status: 0 nothing found that has no reason; 1 findings; 2 wrong usage. Needs what is in .tools/checkov.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import yaml


def run(configuration: dict, template: str) -> dict:
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        yaml.safe_dump(configuration, file)
        file.flush()
        # It would otherwise ask its vendor how checks are called there.
        environment = os.environ | {"BC_SKIP_MAPPING": "TRUE"}
        checkov = Path(sys.executable).with_name("checkov")
        command = [checkov, "--config-file", file.name, "--file", template, "--output", "json", "--soft-fail"]
        said = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if said.returncode or not said.stdout.strip():
        sys.exit(said.stdout + said.stderr)
    return json.loads(said.stdout)


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    text = Path(sys.argv[1]).read_text(encoding="utf-8")
    configuration = yaml.safe_load(text)
    skipped = configuration.pop("skip-check")
    findings = []

    lines = [line.strip() for line in text.splitlines()]
    for check in skipped:
        if not lines[lines.index(f"- {check}") - 1].startswith("#"):
            findings.append(f"{sys.argv[1]}: {check} is skipped without a reason")

    report = run(configuration, sys.argv[2])
    failed = report["results"]["failed_checks"]
    for one in failed:
        if one["check_id"] not in skipped:
            findings.append(f"{one['resource']}: {one['check_id']}: {one['check_name']}")
    count = Counter(one["check_id"] for one in failed)
    findings += [f"{sys.argv[1]}: {check} skips nothing" for check in skipped if not count[check]]
    summary = report["summary"]
    if summary["parsing_errors"] or not summary["passed"]:
        findings.append(f"{sys.argv[2]}: it read nothing")

    if findings:
        print("\n".join(findings))
        return 1
    each = ", ".join(f"{check.removeprefix('CKV_')} {count[check]}" for check in skipped)
    print(f"{summary['passed']} passed, 0 findings; {len(failed)} skipped with {len(skipped)} reasons ({each})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
