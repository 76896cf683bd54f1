"""Rules about how requests and events go over to another version of a function."""

import json
import re

from api import integration
from function import behind_api, targets
from rule import rule
from template import arn, at, folder, of_type, parameters_of, properties, target


def alias(template: dict, function: str) -> dict:
    """The whole resource of the alias of a function, if it has one."""
    for name, found in of_type(template, "AWS::Lambda::Alias").items():
        if target(found["FunctionName"]) == function:
            return template["Resources"][name]
    return {}


def version(template: dict, function: str) -> dict:
    """The only version that is published of a function."""
    published = of_type(template, "AWS::Lambda::Version").values()
    return next((one for one in published if target(one["FunctionName"]) == function), {})


def moved(template: dict, function: str) -> dict:
    """How CodeDeploy moves requests to a new version of a function, if it does."""
    return at(alias(template, function), "UpdatePolicy", "CodeDeployLambdaAliasUpdate", default={})


def hooks(template: dict) -> set:
    """The functions that CodeDeploy asks. What they find ends a deployment, before anybody notices anything."""
    functions = of_type(template, "AWS::Lambda::Function")
    return {target(moved(template, name).get("BeforeAllowTrafficHook")) for name in functions} - {None}


@rule(
    lambda t: properties(t, "DigestSweep")["Target"].update(Arn=arn("Digest")),
    lambda t: properties(t, "JobsBackupDue")["Targets"][0].update(Arn=arn("Jobs")),
    lambda t: properties(t, "DeliveryChanges").update(FunctionName={"Ref": "Delivery"}),
    lambda t: properties(t, "DigestEventInvokeConfig").update(Qualifier="$LATEST"),
    lambda t: properties(t, "PeopleHealthPermission").update(FunctionName={"Ref": "People"}),
    lambda t: integration(t, "/v1/me", "get").update(uri={"Fn::Sub": "arn:aws:apigateway:x/functions/${People.Arn}/invocations"}),
)
def function_alias(template):
    """is invoked as it is, not as the version that was found good (Part 11 11.10(a), (k), NIST CM-3(2), SI-7)"""
    aliases, functions = of_type(template, "AWS::Lambda::Alias"), of_type(template, "AWS::Lambda::Function")
    invoked = [(name, told) for name, told in targets(template) if told in functions.keys() | aliases.keys()]
    for kind in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::Permission"):
        invoked += [(name, target(one["FunctionName"])) for name, one in of_type(template, kind).items()]
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        for called in re.findall(r"/functions/\$\{(\w+)(?:\.Arn)?\}/", json.dumps(api["Body"])):
            invoked.append((name, called))
    yield from (f"{name}, {called}" for name, called in invoked if called not in aliases)
    for name, config in of_type(template, "AWS::Lambda::EventInvokeConfig").items():
        if config["Qualifier"] != at(alias(template, target(config["FunctionName"])), "Properties", "Name"):
            yield name


@rule(
    lambda t: version(t, "Audit").pop("Description"),
    lambda t: properties(t, "Audit")["Environment"]["Variables"].pop("CONFER_SETTINGS"),
    lambda t: properties(t, "Audit")["Environment"]["Variables"].update(CONFER_RATE={"Ref": "ThrottlingRate"}),
)
def function_settings(template):
    """goes on with old settings after they were changed (Part 11 11.10(k), NIST CM-3, CM-6)"""
    number = arn("Settings", "VersionNumber")
    written = parameters_of(template, at(template["Resources"], "Settings", "Properties", "Content"))
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        if not alias(template, name):
            continue
        carried = at(function, "Environment", "Variables", "CONFER_SETTINGS")
        if version(template, name).get("Description") != number or carried != {"Fn::Sub": "${Settings.VersionNumber}"}:
            yield name
        # Neither is a thing of versions.
        settings = {key: value for key, value in function.items() if key not in ("ReservedConcurrentExecutions", "Tags")}
        for parameter in sorted(parameters_of(template, settings) - written):
            yield f"{name}, {parameter}"


@rule(
    lambda t: t["Resources"]["AuditAliaslive"].pop("UpdatePolicy"),
    lambda t: t["Resources"]["AuditAliaslive"]["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"].pop("BeforeAllowTrafficHook"),
    lambda t: properties(t, "AuditDeploymentGroup")["AutoRollbackConfiguration"]["Events"].remove("DEPLOYMENT_STOP_ON_ALARM"),
    lambda t: properties(t, "AuditDeploymentGroup").pop("AlarmConfiguration"),
    lambda t: properties(t, "ErrorLines").pop("AlarmName"),
    lambda t: properties(t, "Smoke")["Environment"]["Variables"]["CONFER_VERSIONS"]["Fn::Join"][1].pop(),
    lambda t: properties(t, "Smoke")["Environment"]["Variables"]["CONFER_VERSIONS"]["Fn::Join"][1].append({"Fn::Sub": "people=${People}"}),
)
def deployments(template):
    """gets all requests untried, or keeps them when an alarm is raised (Part 11 11.10(a), (k), NIST CM-3(2), SI-2, SI-7)"""
    alarms = [alarm.get("AlarmName") for alarm in of_type(template, "AWS::CloudWatch::Alarm").values()]
    tried = set()
    for hook in hooks(template):
        for one in at(properties(template, hook), "Environment", "Variables", "CONFER_VERSIONS", "Fn::Join")[1]:
            said, published = re.fullmatch(r"([\w-]+)=\$\{(\w+)\}", one["Fn::Sub"]).groups()
            about = at(template["Resources"], published, "Properties", "FunctionName")
            tried.add((said, template["Resources"][published]["Type"], target(about)))
    for name in sorted(behind_api(template)):
        move = moved(template, name)
        group = properties(template, target(move["DeploymentGroupName"])) if move else {}
        back = at(group, "AutoRollbackConfiguration", "Events", default=[])
        # The second way is without alarms, for what mends the cause of one.
        watches = at(group, "AlarmConfiguration", "Fn::If", default=[None, {}])
        names = [one["Name"] for one in at(watches[1], "Alarms", default=[])]
        known = watches[0] == "Gradual" and names and all(one in alarms for one in names)
        if not (move.get("BeforeAllowTrafficHook") and known and {"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"} <= set(back)):
            yield name
        if hooks(template) and (folder(name), "AWS::Lambda::Version", name) not in tried:
            yield f"{name}, not tried"
    yield from sorted(f"{said}, which is none" for said, kind, _ in tried if kind != "AWS::Lambda::Version")
