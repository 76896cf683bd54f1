#!/usr/bin/env python3
"""Packs one executable as a function's package: the same bytes in give the same bytes out, on every machine and day.

Usage: zip.py BOOTSTRAP OUTPUT
"""

import sys
import zipfile
from pathlib import Path


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    bootstrap, output = map(Path, sys.argv[1:])
    # The format's first day: a time of building would make each package another one, and each deployment a change.
    entry = zipfile.ZipInfo("bootstrap", date_time=(1980, 1, 1, 0, 0, 0))
    entry.create_system = 3  # Unix, so that the mode counts.
    entry.external_attr = 0o100755 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    with zipfile.ZipFile(output, "w", compresslevel=9) as package:
        package.writestr(entry, bootstrap.read_bytes(), compresslevel=9)
    return 0


if __name__ == "__main__":
    sys.exit(main())
