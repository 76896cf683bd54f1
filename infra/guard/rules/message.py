"""Rules about queues, topics and mails."""

from rule import rule
from template import PASSING, at, of_type, properties, target


@rule(lambda t: properties(t, "Unhandled").update(SqsManagedSseEnabled=False))
def queue_encryption(template):
    """is not encrypted (HIPAA 164.312(a)(2)(iv), Part 11 11.30, NIST SC-28)"""
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        if queue.get("SqsManagedSseEnabled") is not True and "KmsMasterKeyId" not in queue:
            yield name


@rule(lambda t: properties(t, "Undelivered").update(MessageRetentionPeriod=345600))
def queue_time(template):
    """forgets before 14 days what somebody has to look at (HIPAA 164.312(c)(1), NIST SI-12, IR-4)"""
    for name, queue in of_type(template, "AWS::SQS::Queue").items():
        if queue.get("MessageRetentionPeriod") != 14 * 24 * 60 * 60:
            yield name


@rule(
    lambda t: properties(t, "Alarms").pop("KmsMasterKeyId"),
    lambda t: properties(t, "Alarms").update(KmsMasterKeyId={"Ref": "Key"}),
)
def topic_key(template):
    """is not encrypted, or falls silent with the key it has to tell of (HIPAA 164.312(a)(2)(iv), NIST SC-28(1), SI-4(5))"""
    for name, topic in of_type(template, "AWS::SNS::Topic").items():
        if target(topic.get("KmsMasterKeyId")) not in PASSING & of_type(template, "AWS::KMS::Key").keys():
            yield name


@rule(lambda t: properties(t, "MailConfiguration")["DeliveryOptions"].update(TlsPolicy="OPTIONAL"))
def mail_tls(template):
    """sends mails without TLS (HIPAA 164.312(e)(1), (e)(2)(ii), NIST SC-8(1))"""
    for name, configuration in of_type(template, "AWS::SES::ConfigurationSet").items():
        if at(configuration, "DeliveryOptions", "TlsPolicy") != "REQUIRE":
            yield name
