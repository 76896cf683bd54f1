"""Rules about the API."""

import re

from rule import rule
from template import at, deployed, of_type, properties

# Adding a line here is a decision to let strangers in.
PUBLIC = {"GET /v1/health", "GET /v1/unsubscribe/{token}", "POST /v1/unsubscribe/{token}"}

# What the access log may say. A path, a query, a header, a claim or an error's text could say more than an id.
LOGGED = {
    "requestTimeEpoch",
    "requestId",
    "routeKey",
    "status",
    "responseLength",
    "responseLatency",
    "integrationStatus",
    "integrationLatency",
    "identity.sourceIp",
}


def operation(template: dict, path: str, method: str) -> dict:
    return properties(template, "Api")["Body"]["paths"][path][method]


def integration(template: dict, path: str, method: str) -> dict:
    return operation(template, path, method)["x-amazon-apigateway-integration"]


def authorizers(api: dict) -> list:
    schemes = at(api, "Body", "components", "securitySchemes", default={}).values()
    return [at(scheme, "x-amazon-apigateway-authorizer", default={}) for scheme in schemes]


@rule(
    lambda t: operation(t, "/v1/me", "get").update(security=[{"NONE": []}]),
    lambda t: operation(t, "/v1/health", "get").update(security=[{"Institution": []}]),
)
def api_tokens(template):
    """asks no token though it is not public, or the other way round (HIPAA 164.312(d), Part 11 11.10(d), NIST IA-2, AC-3)"""
    for route, (_, token) in deployed(template).items():
        if token == (route in PUBLIC):
            yield route


@rule(
    lambda t: authorizers(properties(t, "Api"))[0].update(type="request"),
    lambda t: authorizers(properties(t, "Api"))[0]["jwtConfiguration"].pop("audience"),
    lambda t: properties(t, "Api")["Body"].pop("components"),
)
def api_authorizers(template):
    """takes tokens that are not of the issuer, or not for us (HIPAA 164.312(d), Part 11 11.10(d), NIST IA-2, IA-8)"""
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        for authorizer in authorizers(api) or [{}]:
            configured = authorizer.get("jwtConfiguration", {})
            if authorizer.get("type") != "jwt" or not (configured.get("issuer") and configured.get("audience")):
                yield name


@rule(
    lambda t: properties(t, "Api").pop("FailOnWarnings"),
    lambda t: properties(t, "Api").update(FailOnWarnings=False),
)
def api_import(template):
    """is deployed without what could not be imported, be it the authorizer (HIPAA 164.312(d), NIST IA-2, SI-17)"""
    for name, api in of_type(template, "AWS::ApiGatewayV2::Api").items():
        if api.get("FailOnWarnings") is not True:
            yield name


@rule(
    lambda t: properties(t, "ApiApiGatewayDefaultStage").pop("AccessLogSettings"),
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["AccessLogSettings"].update(Format='{"path":"$context.path"}'),
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["AccessLogSettings"].update(Format="$context.authorizer.sub"),
)
def api_log(template):
    """has no access log, or one that says more than ids (HIPAA 164.312(b), Part 11 11.10(e), NIST AU-3, AU-12)"""
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        said = set(re.findall(r"\$context\.([\w.]+)", at(stage, "AccessLogSettings", "Format", default="")))
        if not said or not said <= LOGGED:
            yield ", ".join([name, *sorted(said - LOGGED)])


@rule(
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["DefaultRouteSettings"].pop("ThrottlingRateLimit"),
    lambda t: properties(t, "ApiApiGatewayDefaultStage")["RouteSettings"].pop("GET /v1/health"),
)
def api_limits(template):
    """takes as many requests as come, or as many of strangers as of all (NIST SC-5, SC-6)"""
    for name, stage in of_type(template, "AWS::ApiGatewayV2::Stage").items():
        settings = {"all routes": stage.get("DefaultRouteSettings", {})}
        settings |= {route: at(stage, "RouteSettings", route, default={}) for route in PUBLIC}
        for what, limits in settings.items():
            if not (limits.get("ThrottlingRateLimit") and limits.get("ThrottlingBurstLimit")):
                yield f"{name}, {what}"
