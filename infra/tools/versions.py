#!/usr/bin/env python3
"""Proves at a deployed template that new versions are tried before they are invoked, and that each setting makes some.

Usage: versions.py EMULATOR API RESOURCES

The arguments are those of by_itself.py, which is told first: afterwards the functions are others than were deployed.
"""

import json
import sys
import uuid

from by_itself import Failed, Stage, ask, prove, within
from stack import client


def told(stage: Stage) -> str | None:
    """What smoke tells CodeDeploy when it is asked whether new versions are good."""
    execution = str(uuid.uuid4())
    event = {"DeploymentId": "d-ABCDEFGHI", "LifecycleEventHookExecutionId": execution}
    client(stage.emulator, "lambda").invoke(FunctionName=stage.resources["Smoke"], Payload=json.dumps(event))
    return json.loads(ask("POST", f"{stage.emulator}/_confer/hooks", b"{}")[2]).get(execution)


def smoke(stage: Stage):
    """CodeDeploy → smoke → each new version: they are good"""
    answer = told(stage)
    if answer != "Succeeded":
        raise Failed(f"CodeDeploy is told {answer}")


def bad_version(stage: Stage):
    """CodeDeploy → smoke → a version that is none: it is told so"""
    functions, name = client(stage.emulator, "lambda"), stage.resources["Smoke"]
    variables = functions.get_function_configuration(FunctionName=name)["Environment"]["Variables"]
    known, _, version = variables["CONFER_VERSIONS"].rpartition(":")
    for wanted, versions in (("Failed", f"{known}:999"), ("Succeeded", f"{known}:{version}")):
        functions.update_function_configuration(FunctionName=name, Environment={"Variables": variables | {"CONFER_VERSIONS": versions}})
        answer = told(stage)
        if answer != wanted:
            raise Failed(f"CodeDeploy is told {answer}, not {wanted}")


def settings(stage: Stage):
    """a parameter → a version of each function: what is set arrives behind the aliases"""
    cloudformation, functions = client(stage.emulator, "cloudformation"), client(stage.emulator, "lambda")

    def stack() -> dict:
        (found,) = cloudformation.describe_stacks(StackName=stage.resources["AWS::StackName"])["Stacks"]
        return found

    def behind_alias() -> dict:
        found = {}
        for name, physical in stage.resources.items():
            if name.endswith("Aliaslive"):
                known = functions.get_function_configuration(FunctionName=physical)
                found[name] = known["Version"], known["LoggingConfig"]["ApplicationLogLevel"]
        return found

    before = behind_alias()
    kept = [{"ParameterKey": one["ParameterKey"], "UsePreviousValue": True}
            for one in stack()["Parameters"] if one["ParameterKey"] != "LogLevel"]
    cloudformation.update_stack(
        StackName=stage.resources["AWS::StackName"], UsePreviousTemplate=True,
        # The second one is for the transform: `sam deploy` needs it not, because it shows what comes of it before.
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        Parameters=[*kept, {"ParameterKey": "LogLevel", "ParameterValue": "WARN"}])
    status = within(60, lambda: (now := stack()["StackStatus"]).endswith("COMPLETE") and now, "the end of an update")
    after = behind_alias()
    if status != "UPDATE_COMPLETE" or len(after) < 10:
        raise Failed(f"{status}, {len(after)} aliases")
    old = [name for name, (version, level) in after.items() if level != "WARN" or version == before[name][0]]
    if old:
        raise Failed(f"behind {', '.join(old)} nothing has changed: {[after[name] for name in old]}")


STORIES = (smoke, bad_version, settings)


if __name__ == "__main__":
    sys.exit(prove(STORIES, __doc__))
