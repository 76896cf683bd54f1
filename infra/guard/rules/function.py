"""Rules about the functions, and about what invokes them."""

import json
import re

from rule import rule
from template import ROOT, at, deployed, folder, function_of, of_type, properties, target


def behind_api(template: dict) -> set:
    """The functions that routes lead to."""
    folders = {function for function, _ in deployed(template).values()}
    return {name for name in of_type(template, "AWS::Lambda::Function") if folder(name) in folders}


def targets(template: dict):
    """Yields (rule or schedule, what it tells)."""
    for name, found in of_type(template, "AWS::Events::Rule").items():
        yield from ((name, target(one["Arn"])) for one in found["Targets"])
    for name, schedule in of_type(template, "AWS::Scheduler::Schedule").items():
        yield name, target(schedule["Target"]["Arn"])


def told_by_events(template: dict) -> set:
    """The functions that rules and schedules invoke."""
    invoked = {function_of(template, name) for _, name in targets(template)}
    return invoked & of_type(template, "AWS::Lambda::Function").keys()


def read_by(template: dict) -> set:
    """The functions that streams invoke."""
    streams = of_type(template, "AWS::Lambda::EventSourceMapping").values()
    return {function_of(template, target(stream["FunctionName"])) for stream in streams}


def another_function(template: dict):
    """Deploys a function twice, with everything of its own, under a name without a folder."""
    for name, resource in list(template["Resources"].items()):
        if name.startswith("Audit"):
            copy = json.dumps(resource).replace("Audit", "Extra")
            template["Resources"][name.replace("Audit", "Extra")] = json.loads(copy)


@rule(another_function)
def function_folders(template):
    """is a folder of functions/ or a function of the template, and not both (Part 11 11.10(k), NIST CM-8)"""
    here = {folder(name) for name in of_type(template, "AWS::Lambda::Function")}
    there = {manifest.parent.name for manifest in (ROOT / "functions").glob("*/Cargo.toml")}
    yield from sorted(here ^ there)


@rule(
    lambda t: properties(t, "People").pop("ReservedConcurrentExecutions"),
    lambda t: properties(t, "Digest").update(ReservedConcurrentExecutions=5),
)
def function_copies(template):
    """may use up all copies of the account, or cannot be deployed where few are (NIST SC-5, SC-6)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        condition = at(function, "ReservedConcurrentExecutions", "Fn::If", default=[None])
        if condition[0] != "ReservesConcurrency" or condition[2] != {"Ref": "AWS::NoValue"}:
            yield name


@rule(
    lambda t: properties(t, "Audit").pop("LoggingConfig"),
    lambda t: properties(t, "Audit")["LoggingConfig"].update(LogGroup={"Ref": "PeopleLogs"}),
    lambda t: properties(t, "Audit")["LoggingConfig"].update(LogFormat="Text"),
)
def function_log(template):
    """does not log into a group of its own, as JSON (HIPAA 164.312(b), Part 11 11.10(e), NIST AU-2, AU-12)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        logging = function.get("LoggingConfig", {})
        if [target(logging.get("LogGroup")), logging.get("LogFormat")] != [f"{name}Logs", "JSON"]:
            yield name


@rule(lambda t: properties(t, "Messages").update(TracingConfig={"Mode": "PassThrough"}))
def function_traces(template):
    """is not traced (HIPAA 164.312(b), NIST AU-12, SI-4)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        if at(function, "TracingConfig", "Mode") != "Active":
            yield name


@rule(
    lambda t: properties(t, "People").update(Timeout=60),
    lambda t: t["Parameters"]["TimeoutSeconds"].update(MaxValue=60),
)
def function_time(template):
    """runs on after API Gateway has stopped waiting, at 29 s (NIST SC-5, SI-11)"""
    for name in behind_api(template):
        seconds = properties(template, name)["Timeout"]
        if isinstance(seconds, dict):
            seconds = template["Parameters"][seconds["Ref"]]["MaxValue"]
        if seconds >= 29:
            yield name


@rule(
    lambda t: properties(t, "ScanResultsEventInvokeConfig").pop("DestinationConfig"),
    lambda t: properties(t, "DeliveryChanges").pop("DestinationConfig"),
)
def function_failures(template):
    """forgets what it could not deal with (HIPAA 164.312(c)(1), Part 11 11.10(a), NIST SI-11, CP-10)"""
    queues = of_type(template, "AWS::SQS::Queue")
    told = of_type(template, "AWS::Lambda::EventInvokeConfig").values()
    kept = {
        target(config["FunctionName"])
        for config in told
        if target(at(config, "DestinationConfig", "OnFailure", "Destination")) in queues
    }
    yield from sorted(told_by_events(template) - kept)
    for name, stream in of_type(template, "AWS::Lambda::EventSourceMapping").items():
        if target(at(stream, "DestinationConfig", "OnFailure", "Destination")) not in queues:
            yield name


@rule(
    lambda t: properties(t, "DigestSweep")["Target"].pop("DeadLetterConfig"),
    lambda t: properties(t, "DigestSweep")["Target"].update(Input="{}"),
)
def schedules(template):
    """forgets a time it could not tell, or does not say which it was (NIST SI-11, AU-8)"""
    for name, schedule in of_type(template, "AWS::Scheduler::Schedule").items():
        kept = target(at(schedule, "Target", "DeadLetterConfig", "Arn")) in of_type(template, "AWS::SQS::Queue")
        if not kept or "<aws.scheduler.scheduled-time>" not in at(schedule, "Target", "Input", default=""):
            yield name


@rule(
    lambda t: properties(t, "People")["Environment"]["Variables"].update(CONFER_EXTRA="hunter2"),
    lambda t: properties(t, "People")["Environment"]["Variables"].update(CONFER_API_SECRET={"Ref": "Table"}),
)
def function_secrets(template):
    """has in its environment what is written out, or is called a secret (HIPAA 164.312(d), NIST IA-5(7), SC-12)"""
    for name, function in of_type(template, "AWS::Lambda::Function").items():
        for variable, value in at(function, "Environment", "Variables", default={}).items():
            if not isinstance(value, dict) or re.search("SECRET|PASSWORD|CREDENTIAL|TOKEN|PRIVATE", variable):
                yield f"{name}, {variable}"


@rule(
    lambda t: properties(t, "PeopleHealthPermission").pop("SourceArn"),
    lambda t: properties(t, "PeopleHealthPermission").update(Principal="s3.amazonaws.com"),
    lambda t: t["Resources"].update(Door={"Type": "AWS::Lambda::Url", "Properties": {"AuthType": "NONE"}}),
)
def function_doors(template):
    """can be invoked by another way than our API and our rules (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-4, SC-7)"""
    yield from of_type(template, "AWS::Lambda::Url")
    for name, permission in of_type(template, "AWS::Lambda::Permission").items():
        known = permission["Principal"] in ("apigateway.amazonaws.com", "events.amazonaws.com")
        if not known or not permission.get("SourceArn"):
            yield name
