"""Rules about what tells operators."""

import json
import re

from deployment import hooks
from function import read_by, told_by_events
from rule import rule
from template import ROOT, arn, folder, of_type, properties, target


def watched(template: dict, **metric) -> bool:
    """Whether an alarm looks at this number alone."""
    return any(metric.items() <= alarm.items() for alarm in of_type(template, "AWS::CloudWatch::Alarm").values())


@rule(
    lambda t: properties(t, "DeliveryLate").pop("AlarmActions"),
    lambda t: properties(t, "DeliveryLate").pop("TreatMissingData"),
)
def alarms_told(template):
    """tells nobody, or leaves open what missing data is (HIPAA 164.308(a)(6)(ii), NIST SI-4(5), IR-6)"""
    topics = of_type(template, "AWS::SNS::Topic")
    for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items():
        told = {target(action) for action in alarm.get("AlarmActions", [])} & topics.keys()
        if not told or "TreatMissingData" not in alarm:
            yield name


@rule(
    lambda t: properties(t, "DeliveryLate").update(AlarmDescription="It is late."),
    lambda t: properties(t, "KeyAtRisk").pop("Description"),
)
def alarms_explained(template):
    """does not lead to its own section of docs/alarms.md (HIPAA 164.308(a)(6)(ii), Part 11 11.10(k), NIST IR-4, IR-8)"""
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs" / "alarms.md").read_text(encoding="utf-8"), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    said = {name: alarm.get("AlarmDescription", "") for name, alarm in of_type(template, "AWS::CloudWatch::Alarm").items()}
    topics = of_type(template, "AWS::SNS::Topic")
    for name, found in of_type(template, "AWS::Events::Rule").items():
        if any(target(one["Arn"]) in topics for one in found["Targets"]):
            said[name] = found.get("Description", "")
    for name, text in said.items():
        if folder(name) not in anchors or not text.endswith(f"What to do: docs/alarms.md#{folder(name)}"):
            yield name


@rule(
    lambda t: t["Resources"].pop("PreviewsErrors"),
    lambda t: t["Resources"].pop("UnhandledWaits"),
    lambda t: t["Resources"].pop("AuditErrorLines"),
    lambda t: properties(t, "DeliveryLate").update(MetricName="Duration"),
)
def alarms_complete(template):
    """can fail, wait or be late without an alarm (HIPAA 164.308(a)(1)(ii)(D), NIST SI-4, AU-5)"""
    read = read_by(template)
    for name in sorted(told_by_events(template) | read):
        if not watched(template, MetricName="Errors", Dimensions=[{"Name": "FunctionName", "Value": {"Ref": name}}]):
            yield f"{name}, Errors"
    for name in sorted(read):
        if not watched(template, MetricName="IteratorAge", Dimensions=[{"Name": "FunctionName", "Value": {"Ref": name}}]):
            yield f"{name}, IteratorAge"
    for name in of_type(template, "AWS::SQS::Queue"):
        if not watched(template, Dimensions=[{"Name": "QueueName", "Value": arn(name, "QueueName")}]):
            yield name
    filters = of_type(template, "AWS::Logs::MetricFilter").values()
    counted = {target(one["LogGroupName"]) for one in filters if one["FilterPattern"] == '{ $.level = "ERROR" }'}
    # A hook that fails is told by the deployment that it ends, to whoever is deploying.
    watched_lines = of_type(template, "AWS::Lambda::Function").keys() - hooks(template)
    yield from (f"{name}, lines" for name in sorted(watched_lines) if f"{name}Logs" not in counted)


@rule(lambda t: properties(t, "DigestSilent").update(TreatMissingData="notBreaching"))
def alarms_silence(template):
    """can stop without an alarm, because then there is no data (HIPAA 164.308(a)(1)(ii)(D), NIST SI-4, AU-5)"""
    alarms = of_type(template, "AWS::CloudWatch::Alarm").values()
    heard = [json.dumps(alarm) for alarm in alarms if alarm.get("TreatMissingData") == "breaching"]
    if not any('"Invocations"' in alarm and '"Ref": "Digest"' in alarm for alarm in heard):
        yield "Digest"
