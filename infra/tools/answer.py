#!/usr/bin/env python3
"""Runs a command and answers its questions as somebody at a terminal would, so that what asks people can be run without any.

Usage: answer.py [QUESTION=ANSWER]... -- COMMAND [ARGUMENT]...

A question is a line that is not ended and says what is taken for nothing, as in `Stack Name [confer-dev]: `. QUESTION is how
it begins. Whatever else is asked is answered with nothing, which is what the line says. What the command says is printed with
the answers; in the place of what a terminal would write over, as of a progress, there is only the last of it.

Exit status: that of the command; 1 if an ANSWER was not asked for, because then something else was asked than was expected.
"""

import os
import re
import subprocess
import sys

QUESTION = re.compile(r"\s*(?P<text>\S[^\n]*?) \[[^\n]*\]: $")


def converse(command: list, answers: dict) -> int:
    """The exit status, and what was not asked for is left in `answers`."""
    asked = 0
    child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    line = ""
    while said := os.read(child.stdout.fileno(), 1 << 16):
        *ended, line = (line + said.decode(errors="replace")).split("\n")
        for one in ended:
            print(one.rstrip("\r").rpartition("\r")[2])
        question = QUESTION.match(line)
        if question:
            asked += 1
            known = [name for name in answers if question["text"].startswith(name)]
            answer = answers.pop(known[0]) if known else ""
            print(f"{line}{answer}", flush=True)
            line = ""
            child.stdin.write(f"{answer}\n".encode())
            child.stdin.flush()
    if line:
        print(line)
    print(f"{asked} questions were asked")
    return child.wait()


def main() -> int:
    if "--" not in sys.argv:
        print(__doc__, file=sys.stderr)
        return 2
    end = sys.argv.index("--")
    answers = dict(argument.split("=", 1) for argument in sys.argv[1:end])
    status = converse(sys.argv[end + 1:], answers)
    if answers and not status:
        print(f"answer.py: nobody asked for {', '.join(answers)}", file=sys.stderr)
        return 1
    return status


if __name__ == "__main__":
    sys.exit(main())
