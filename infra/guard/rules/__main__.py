"""Holds the translated template against what this project decided, beyond what other tools know.

Usage: rules [--self-test | --list] TRANSLATED

There is a file for each kind of resource. Each rule is a function; its first line of documentation is what is wrong where it
finds something, and which controls ask for it: HIPAA is 45 CFR, Part 11 is 21 CFR, NIST is SP 800-53 as FedRAMP uses it.

--self-test   breaks the template in memory in each way that stands at a rule, and expects this rule alone to find it
--list        says what the rules are, and looks at nothing

Exit status: 0 nothing found; 1 findings; 2 wrong usage.
"""

import importlib
import json
import sys
from pathlib import Path

# What is imported would leave its bytes beside it.
sys.dont_write_bytecode = True

from rule import RULES  # noqa: E402

# A file that is imported adds its rules.
for kind in ("part", "table", "bucket", "trail", "function", "permission", "api", "deployment", "message", "key", "alarm"):
    importlib.import_module(kind)


def findings(check, template: dict) -> list:
    return [f"{where}: {check.__doc__}" for where in check(template)]


def self_test(text: str) -> tuple[list, str]:
    """Whether each break is found, by its rule and by no other."""
    missed = []
    for check, breaks in RULES:
        if not breaks:
            missed.append(f"{check.__name__}: nothing that it must find")
        for number, damage in enumerate(breaks, start=1):
            template = json.loads(text)
            damage(template)
            found = [other.__name__ for other, _ in RULES if findings(other, template)]
            if found != [check.__name__]:
                missed.append(f"{check.__name__}, break {number}: found by {', '.join(found) or 'none'}")
    return missed, f"{sum(len(breaks) for _, breaks in RULES)} breaks, each found by its rule alone"


def main() -> int:
    options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
    paths = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if options == ["--list"]:
        print("\n".join(f"{check.__name__}: {check.__doc__}" for check, _ in RULES))
        return 0
    if options not in ([], ["--self-test"]) or len(paths) != 1:
        print(__doc__, file=sys.stderr)
        return 2
    text = Path(paths[0]).read_text(encoding="utf-8")
    if options:
        found, summary = self_test(text)
    else:
        template = json.loads(text)
        found = [finding for check, _ in RULES for finding in findings(check, template)]
        summary = f"{len(RULES)} rules, {len(template['Resources'])} resources"
    print("\n".join(found) if found else summary)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
