#!/usr/bin/env python3
"""Names the stories of a test program that can be told at an address, as `--exact` takes them.

Usage: stories.py FOLDER

FOLDER has the program's main.rs. A story can be told anywhere if its world is `World::anywhere()`.
"""

import re
import sys
from pathlib import Path

TEST = re.compile(r"#\[tokio::test[^\n]*\n(?:#\[[^\n]*\n)*async fn (\w+)\(\)[^{]*\{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    folder = Path(sys.argv[1])
    told, asked = 0, 0
    for file in sorted(folder.rglob("*.rs")):
        text = file.read_text(encoding="utf-8")
        asked += text.count("World::anywhere()")
        for name, body in TEST.findall(text):
            if "World::anywhere()" in body:
                told += 1
                print("::".join([*file.relative_to(folder).with_suffix("").parts, name]))
    if told != asked:
        print(f"stories.py: {asked} worlds anywhere, but {told} stories that were found", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
