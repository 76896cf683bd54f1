#!/usr/bin/env python3
"""Compares the routes that would be deployed with those the API promises, in both directions.

Usage: routes.py TRANSLATED OPENAPI [CARGO_TOML]

TRANSLATED is what translate.py made of the template, OPENAPI the generated contract (infra/openapi.json).
Compared of each route: method and path, the function it leads to (the operation's first tag), and whether it needs a token.
A CARGO_TOML is compared too: the routes in it that `cargo lambda watch` serves.

Exit status: 0 they agree; 1 they do not; 75 there is no contract yet, the other comparisons passed.
"""

import json
import re
import sys
from pathlib import Path

METHODS = {"get", "put", "post", "delete", "patch", "head", "options", "trace"}


def operations(paths: dict):
    """Yields (route, operation) of the paths of an OpenAPI document."""
    for path, item in paths.items():
        for method, operation in item.items():
            if method in METHODS or method.startswith("x-amazon-apigateway-any"):
                yield f"{method.upper()} {path}", operation


def needs_token(security: list) -> bool:
    """SAM writes `NONE` for a route without authorizer, OpenAPI an empty list or an empty requirement."""
    return bool(security) and all(alternative and "NONE" not in alternative for alternative in security)


def function_of(template: dict, name: str) -> str:
    """The function that a name is of: its own, or of its alias."""
    resource = template["Resources"].get(name, {})
    return resource["Properties"]["FunctionName"]["Ref"] if resource.get("Type") == "AWS::Lambda::Alias" else name


def deployed(template: dict) -> dict:
    routes = {}
    for resource in template["Resources"].values():
        if resource["Type"] != "AWS::ApiGatewayV2::Api":
            continue
        for route, operation in operations(resource["Properties"]["Body"]["paths"]):
            uri = json.dumps(operation["x-amazon-apigateway-integration"]["uri"])
            invoked = re.search(r"/functions/\$\{(\w+)(?:\.Arn)?\}/", uri).group(1)
            routes[route] = (folder(function_of(template, invoked)), needs_token(operation.get("security", [])))
    return routes


def promised(contract: dict) -> dict:
    routes = {}
    for route, operation in operations(contract["paths"]):
        security = operation.get("security", contract.get("security", []))
        routes[route] = (next(iter(operation.get("tags", [])), "(no tag)"), needs_token(security))
    return routes


def watched(cargo_toml: str) -> dict:
    """The routes between the two marker comments, as the table that cargo-lambda reads."""
    import tomllib  # Python 3.11

    router = tomllib.loads(cargo_toml)["workspace"]["metadata"]["lambda"]["watch"]["router"]
    routes = {}
    for path, target in router.items():
        for one in target if isinstance(target, list) else [{"method": "ANY", "function": target}]:
            routes[f"{one['method']} {path}"] = one["function"]
    return routes


def folder(logical_name: str) -> str:
    """`MailEvents` → `mail-events`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "-", logical_name).lower()


def main() -> int:
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    template = deployed(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    findings = []

    if len(sys.argv) == 4:
        router = watched(Path(sys.argv[3]).read_text(encoding="utf-8"))
        for route in sorted(template.keys() - router.keys()):
            findings.append(f"{route}: in the template, not in Cargo.toml")
        for route in sorted(router.keys() - template.keys()):
            findings.append(f"{route}: in Cargo.toml, not in the template")
        for route in sorted(router.keys() & template.keys()):
            if router[route] != template[route][0]:
                findings.append(f"{route}: {router[route]} in Cargo.toml, {template[route][0]} in the template")

    contract = Path(sys.argv[2])
    if contract.exists():
        contract_routes = promised(json.loads(contract.read_text(encoding="utf-8")))
        for route in sorted(template.keys() - contract_routes.keys()):
            findings.append(f"{route}: in the template, not in the contract")
        for route in sorted(contract_routes.keys() - template.keys()):
            findings.append(f"{route}: in the contract, not in the template")
        for route in sorted(template.keys() & contract_routes.keys()):
            (here, here_token), (there, there_token) = template[route], contract_routes[route]
            if here != there:
                findings.append(f"{route}: {here} in the template, tagged {there} in the contract")
            if here_token != there_token:
                findings.append(f"{route}: the template and the contract differ on whether it needs a token")

    if findings:
        print("\n".join(findings))
        return 1
    if not contract.exists():
        print(f"SKIPPED: {contract} does not exist; compared were the other lists ({len(template)} routes)")
        return 75
    print(f"{len(template)} routes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
