"""What rules are about is there at all."""

from rule import rule
from template import of_type

# Without one of these, a rule would look at nothing and find nothing.
PARTS = [
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::Stage",
    "AWS::CloudWatch::Alarm",
    "AWS::CodeDeploy::DeploymentGroup",
    "AWS::DynamoDB::Table",
    "AWS::Events::Rule",
    "AWS::IAM::Role",
    "AWS::KMS::Key",
    "AWS::Lambda::Alias",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::Permission",
    "AWS::Logs::LogGroup",
    "AWS::S3::Bucket",
    "AWS::S3::BucketPolicy",
    "AWS::SES::ConfigurationSet",
    "AWS::SNS::Topic",
    "AWS::SQS::Queue",
    "AWS::Scheduler::Schedule",
]


@rule(lambda t: t["Resources"]["MailConfiguration"].update(Type="AWS::SES::Template"))
def parts(template):
    """something that rules are about is not there (Part 11 11.10(a), NIST CM-6)"""
    for kind in PARTS:
        if not of_type(template, kind):
            yield kind
