//! The event that API Gateway sends for a request of someone whose token it has verified.

use serde_json::{Value, json};

/// The values that a function finds in its environment and in the claims alike.
pub(crate) const ISSUER: &str = "https://issuer.example";
pub(crate) const AUDIENCE: &str = "confer";

/// Builds the event of a `GET`, payload format 2.0.
pub(crate) fn get(path: &str) -> Value {
    let now = crate::now().as_second();
    let route = format!("GET {path}");
    json!({
        "version": "2.0",
        "routeKey": route,
        "rawPath": path,
        "rawQueryString": "",
        "headers": {
            "accept": "application/json",
            "host": "api.example",
            "user-agent": "bench",
            "x-forwarded-for": "192.0.2.1",
            "x-forwarded-port": "443",
            "x-forwarded-proto": "https",
        },
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3d4e5",
            "authorizer": { "jwt": {
                // The gateway hands every claim over as text.
                "claims": {
                    "iss": ISSUER,
                    "aud": AUDIENCE,
                    "sub": "0190a5e4-0000-7000-8000-000000000001",
                    "username": "bench",
                    "name": "Bench Mark",
                    "scope": "confer",
                    "roles": "[auditor]",
                    "iat": now.to_string(),
                    "exp": (now + 3_600).to_string(),
                },
                "scopes": ["confer"],
            }},
            "domainName": "api.example",
            "domainPrefix": "api",
            "http": {
                "method": "GET",
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.1",
                "userAgent": "bench",
            },
            "requestId": "bench-request",
            "routeKey": route,
            "stage": "$default",
            "time": "01/Jan/2026:00:00:00 +0000",
            "timeEpoch": now * 1_000,
        },
        "isBase64Encoded": false,
    })
}
