#!/usr/bin/env python3
"""Takes one action from a role that was deployed: the control of a proof that permissions are enforced.

Usage: forbid.py ENDPOINT ROLE ACTION
"""

import json
import sys

from stack import client


def main() -> int:
    if len(sys.argv) != 4:
        print(__doc__, file=sys.stderr)
        return 2
    endpoint, role, action = sys.argv[1:]
    iam = client(endpoint, "iam")
    taken = 0
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        for statement in document["Statement"]:
            if action in statement["Action"]:
                statement["Action"].remove(action)
                taken += 1
        iam.put_role_policy(RoleName=role, PolicyName=name, PolicyDocument=json.dumps(document))
    if not taken:
        print(f"forbid.py: {role} may not do {action} anyway", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
