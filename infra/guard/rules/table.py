"""Rules about the table, and about what has to stay when the stack goes."""

from rule import rule
from template import PASSING, of_type, properties, target


@rule(lambda t: properties(t, "Table").update(DeletionProtectionEnabled=False))
def table_deletion(template):
    """can be deleted by one call (HIPAA 164.312(c)(1), Part 11 11.10(c), NIST CP-9, SI-12)"""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        if table.get("DeletionProtectionEnabled") is not True:
            yield name


@rule(
    lambda t: properties(t, "Table")["PointInTimeRecoverySpecification"].update(PointInTimeRecoveryEnabled=False),
    lambda t: properties(t, "Table")["PointInTimeRecoverySpecification"].update(RecoveryPeriodInDays=7),
)
def table_recovery(template):
    """cannot be brought back to each second of 35 days (HIPAA 164.308(a)(7)(ii)(A), Part 11 11.10(c), NIST CP-9, CP-10)"""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        recovery = table.get("PointInTimeRecoverySpecification", {})
        if recovery.get("PointInTimeRecoveryEnabled") is not True or recovery.get("RecoveryPeriodInDays") != 35:
            yield name


@rule(
    lambda t: properties(t, "Table").pop("SSESpecification"),
    lambda t: properties(t, "Table")["SSESpecification"].update(KMSMasterKeyId="alias/aws/dynamodb"),
)
def table_key(template):
    """is not encrypted with a key of this template (HIPAA 164.312(a)(2)(iv), Part 11 11.30, NIST SC-28(1), SC-12)"""
    for name, table in of_type(template, "AWS::DynamoDB::Table").items():
        encryption = table.get("SSESpecification", {})
        own = target(encryption.get("KMSMasterKeyId")) in of_type(template, "AWS::KMS::Key")
        if not (encryption.get("SSEEnabled") is True and encryption.get("SSEType") == "KMS" and own):
            yield name


@rule(
    lambda t: t["Resources"]["Table"].pop("DeletionPolicy"),
    lambda t: t["Resources"]["Bucket"].update(UpdateReplacePolicy="Delete"),
    lambda t: t["Resources"]["Key"].update(DeletionPolicy="Delete"),
)
def kept(template):
    """goes with the stack, or when it is replaced (HIPAA 164.312(c)(1), Part 11 11.10(c), NIST CP-9, SI-12)"""
    for kind in ("AWS::DynamoDB::Table", "AWS::S3::Bucket", "AWS::KMS::Key"):
        for name in of_type(template, kind).keys() - PASSING:
            resource = template["Resources"][name]
            if [resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy")] != ["Retain", "Retain"]:
                yield name
