"""Rules about keys, and about what is logged under them."""

from rule import rule
from template import PASSING, allowances, as_list, at, of_type, properties, statement, target


@rule(
    lambda t: properties(t, "AlarmsKey").pop("EnableKeyRotation"),
    lambda t: properties(t, "Key").update(PendingWindowInDays=7),
)
def key_life(template):
    """is not rotated, or can be gone in less than 30 days (HIPAA 164.312(a)(2)(iv), Part 11 11.10(c), NIST SC-12)"""
    for name, key in of_type(template, "AWS::KMS::Key").items():
        days = key.get("PendingWindowInDays", 30)
        if key.get("EnableKeyRotation") is not True or days < 30 and name not in PASSING:
            yield name


@rule(lambda t: statement(t, "Key", "ThroughS3").pop("Condition"))
def key_use(template):
    """lets people decrypt without the service that stores it (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-6, SC-12)"""
    for where, own_key, allowed in allowances(template):
        service = "Service" in at(allowed, "Principal", default={})
        through = at(allowed, "Condition", "StringEquals", "kms:ViaService")
        if "kms:Decrypt" in as_list(allowed.get("Action", [])) and not service and not through:
            yield where


@rule(
    lambda t: properties(t, "AccessLogs").pop("RetentionInDays"),
    lambda t: properties(t, "AuditLogs").pop("KmsKeyId"),
)
def logs_kept(template):
    """keeps lines for ever, or without a key of this template (HIPAA 164.312(a)(2)(iv), (b), NIST AU-9, AU-11, SC-28(1))"""
    for name, group in of_type(template, "AWS::Logs::LogGroup").items():
        if not group.get("RetentionInDays") or target(group.get("KmsKeyId")) not in of_type(template, "AWS::KMS::Key"):
            yield name
