"""Rules about who may do what."""

import json

from rule import rule
from template import allowances, arn, as_list, of_type, properties, statement, target, turned

# X-Ray has no resources to name, and network interfaces have no names before there are any.
WITHOUT_RESOURCE = {
    "xray:PutTraceSegments",
    "xray:PutTelemetryRecords",
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
}

# Lambda reaches a VPC with it. No other managed policy is anybody's.
IN_VPC = {"Fn::If": ["InVpc", [{"Ref": "VpcAccess"}], {"Ref": "AWS::NoValue"}]}


@rule(
    lambda t: statement(t, "MessagesRole", "Table").update(Action=["dynamodb:*"]),
    lambda t: turned(statement(t, "MessagesRole", "Table"), "Action"),
)
def allowed_actions(template):
    """allows actions that are not named (HIPAA 164.312(a)(1), Part 11 11.10(d), (g), NIST AC-6)"""
    for where, _, allowed in allowances(template):
        if "NotAction" in allowed or any("*" in action for action in as_list(allowed.get("Action", []))):
            yield where


@rule(
    lambda t: statement(t, "MessagesRole", "Table").update(Resource="*"),
    lambda t: statement(t, "VpcAccess", "Interfaces")["Action"].append("ec2:TerminateInstances"),
    lambda t: turned(statement(t, "MessagesRole", "Table"), "Resource"),
)
def allowed_resources(template):
    """allows it on everything (HIPAA 164.312(a)(1), Part 11 11.10(d), (g), NIST AC-6)"""
    for where, own_key, allowed in allowances(template):
        # In the policy of a key `*` is the only way to say "this key".
        everything = "*" in as_list(allowed.get("Resource", [])) and not own_key
        if "NotResource" in allowed or everything and not set(as_list(allowed["Action"])) <= WITHOUT_RESOURCE:
            yield where


@rule(
    lambda t: statement(t, "UnhandledPolicy", "Rules").update(Principal="*"),
    lambda t: statement(t, "Key", "ThroughS3").update(Principal={"AWS": "*"}),
)
def allowed_principals(template):
    """allows it to everybody (HIPAA 164.312(a)(1), (d), Part 11 11.10(d), NIST AC-3, AC-6)"""
    for where, _, allowed in allowances(template):
        if "NotPrincipal" in allowed or "*" in json.dumps(allowed.get("Principal", "")):
            yield where


@rule(
    lambda t: properties(t, "Audit").update(Role=arn("PeopleRole")),
    lambda t: properties(t, "AuditDeploymentGroup").update(ServiceRoleArn=arn("SmokeRole")),
    lambda t: properties(t, "AuditRole").update(ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]),
)
def roles(template):
    """does not have a role of its own, or has managed policies (HIPAA 164.312(a)(1), Part 11 11.10(g), NIST AC-5, AC-6)"""
    users = {name: function["Role"] for name, function in of_type(template, "AWS::Lambda::Function").items()}
    schedules = of_type(template, "AWS::Scheduler::Schedule")
    users |= {name: schedule["Target"]["RoleArn"] for name, schedule in schedules.items()}
    users |= {name: scan["Role"] for name, scan in of_type(template, "AWS::GuardDuty::MalwareProtectionPlan").items()}
    # All deployments do the same, so they have one together.
    groups = of_type(template, "AWS::CodeDeploy::DeploymentGroup")
    yield from (name for name, group in groups.items() if target(group["ServiceRoleArn"]) != "DeploymentsRole")
    users["Deployments"] = {"Ref": "DeploymentsRole"}
    yield from (name for name, role in users.items() if target(role) != f"{name}Role")
    for name, role in of_type(template, "AWS::IAM::Role").items():
        if name.removesuffix("Role") not in users or role.get("ManagedPolicyArns", IN_VPC) != IN_VPC:
            yield name


def taken_by_account(template: dict):
    (statement,) = properties(template, "AuditRole")["AssumeRolePolicyDocument"]["Statement"]
    statement["Principal"] = {"AWS": "arn:aws:iam::111122223333:root"}


@rule(taken_by_account)
def role_takers(template):
    """can be taken by somebody else than one service (HIPAA 164.312(d), Part 11 11.10(d), NIST AC-3, AC-6)"""
    for name, role in of_type(template, "AWS::IAM::Role").items():
        (who,) = [one["Principal"] for one in role["AssumeRolePolicyDocument"]["Statement"]]
        if who.keys() != {"Service"} or not isinstance(who["Service"], str):
            yield name
