#!/usr/bin/env python3
"""Turns the SAM template into the CloudFormation template that AWS would make of it, without network or account.

Usage: translate.py TEMPLATE OUTPUT [PARAMETERS]

PARAMETERS is a JSON object of values for the template's parameters; without it they have their defaults.
Packages of functions that are not uploaded yet need not exist: each is replaced by an address in no bucket.
Needs aws-sam-translator, which .tools/sam has.
"""

import json
import logging
import os
import sys
from pathlib import Path

from samtranslator.parser.parser import Parser
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


def translate(template: Path, parameters: dict) -> dict:
    document = yaml_parse(template.read_text(encoding="utf-8"))
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            code = resource["Properties"]["CodeUri"]
            # `sam deploy` uploads them, and puts in where they are.
            if not code.startswith("s3://"):
                resource["Properties"]["CodeUri"] = "s3://no-bucket/no-package.zip"
    # A region must be known, but no address of one is left in the result.
    os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
    # It warns of switches that AWS has for itself.
    logging.disable(logging.WARNING)
    # No managed policy is used, so none needs a name looked up.
    return Translator({}, Parser()).translate(document, parameter_values=parameters)


def main() -> int:
    if len(sys.argv) not in (3, 4):
        print(__doc__, file=sys.stderr)
        return 2
    template, output = map(Path, sys.argv[1:3])
    parameters = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8")) if sys.argv[3:] else {}
    try:
        translated = translate(template, parameters)
    except InvalidDocumentException as error:
        for cause in error.causes:
            print(cause.message)
        return 1
    output.write_text(json.dumps(translated, indent=2) + "\n", encoding="utf-8")
    print(f"{len(translated['Resources'])} resources")
    return 0


if __name__ == "__main__":
    sys.exit(main())
