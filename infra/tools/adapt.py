#!/usr/bin/env python3
"""Makes of a translated template what an emulator on one machine can deploy, and says each change it makes.

Nothing is described anew here: what is added is made of what the template says. emulator.py asks for it, where AWS
translates.
"""

import json
import re


def spell_out_the_api(template: dict):
    """CloudFormation makes routes of an API's OpenAPI document, ministack's does not: each is a resource of its own here."""
    resources = template["Resources"]
    apis = [(name, resource) for name, resource in resources.items() if resource["Type"] == "AWS::ApiGatewayV2::Api"]
    for api, resource in apis:
        body = resource["Properties"].pop("Body")
        resource["Properties"] |= {"Name": body["info"]["title"], "ProtocolType": "HTTP"}
        for scheme, security in body["components"]["securitySchemes"].items():
            authorizer = security["x-amazon-apigateway-authorizer"]
            resources[f"{api}Authorizer{scheme}"] = {
                "Type": "AWS::ApiGatewayV2::Authorizer",
                "Properties": {
                    "ApiId": {"Ref": api},
                    "Name": scheme,
                    "AuthorizerType": authorizer["type"].upper(),
                    "IdentitySource": [authorizer["identitySource"]],
                    "JwtConfiguration": {
                        "Issuer": authorizer["jwtConfiguration"]["issuer"],
                        "Audience": authorizer["jwtConfiguration"]["audience"],
                    },
                },
            }
        routes = 0
        for path, item in body["paths"].items():
            for method, operation in item.items():
                routes += 1
                key = f"{method.upper()} {path}"
                name = f"{api}{method.title()}{''.join(re.findall('[A-Za-z0-9]+', path.title()))}"
                integration = operation["x-amazon-apigateway-integration"]
                resources[f"{name}Integration"] = {
                    "Type": "AWS::ApiGatewayV2::Integration",
                    "Properties": {
                        "ApiId": {"Ref": api},
                        "IntegrationType": integration["type"].upper(),
                        "IntegrationMethod": integration["httpMethod"],
                        "IntegrationUri": integration["uri"],
                        "PayloadFormatVersion": integration["payloadFormatVersion"],
                    },
                }
                (required,) = operation["security"]
                ((scheme, scopes),) = required.items()
                guard = (
                    {"AuthorizationType": "NONE"}
                    if scheme == "NONE"
                    else {
                        "AuthorizationType": "JWT",
                        "AuthorizerId": {"Ref": f"{api}Authorizer{scheme}"},
                        "AuthorizationScopes": scopes,
                    }
                )
                resources[f"{name}Route"] = {
                    "Type": "AWS::ApiGatewayV2::Route",
                    "Properties": {
                        "ApiId": {"Ref": api},
                        "RouteKey": key,
                        "Target": {"Fn::Sub": "integrations/${" + f"{name}Integration" + "}"},
                        **guard,
                    },
                }
        yield f"adapted    {routes} routes of the API's document are resources, because the emulator makes no routes of a document"


def let_the_issuer_be_here(template: dict):
    """An issuer on this machine has no certificate. At AWS the gateway takes none without, and the parameter says so."""
    issuer = template.get("Parameters", {}).get("Issuer")
    if issuer is None:
        return
    del issuer["AllowedPattern"], issuer["ConstraintDescription"]
    yield "adapted    the issuer need not be an https address, because it is a program on this machine"


def leave_out_arithmetic(template: dict):
    """ministack knows no alarms on more than one number, and would take nothing of the template because of them."""
    resources = template["Resources"]
    alarms = [
        name
        for name, resource in resources.items()
        if resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    ]
    for alarm in alarms:
        del resources[alarm]
    if alarms:
        yield f"LEFT OUT   {len(alarms)} alarms: the emulator can watch one number only: {', '.join(alarms)}"


APPLICATION = "ServerlessDeploymentApplication"


def leave_out_deployments(template: dict):
    """ministack knows no CodeDeploy. Aliases, versions and the function that tries them are all there."""
    resources = template["Resources"]
    groups = [name for name, resource in resources.items() if resource["Type"] == "AWS::CodeDeploy::DeploymentGroup"]
    if not groups:
        return
    for name in (*groups, APPLICATION):
        del resources[name]
    for resource in resources.values():
        resource.pop("UpdatePolicy", None)
    # Roles name the application; nobody else does.
    for name, resource in resources.items():
        if resource["Type"] == "AWS::IAM::Role":
            resources[name] = json.loads(json.dumps(resource).replace("${" + APPLICATION + "}", APPLICATION))
    yield f"LEFT OUT   {len(groups)} deployments by CodeDeploy, which the emulator has not: all requests go to a new version at once"


CHANGES = (spell_out_the_api, let_the_issuer_be_here, leave_out_arithmetic, leave_out_deployments)


def adapt(template: dict) -> list[str]:
    """Changes the template, and returns what was said of it."""
    return [said for change in CHANGES for said in change(template)]
