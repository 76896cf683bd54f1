//! What is wrong with what officials say of how long something is kept.

use http::Method;
use serde_json::{Value, json};
use tests::beside::NOTHING;

use super::fields::other_types;
use super::{CANARY, Maker, Row};

const HOLDS: &str = "/v1/admin/holds";
const LIFT: &str = "/v1/admin/holds/lift";

/// Periods of the institution and of a project.
pub(super) fn periods(maker: &Maker<'_>) -> Vec<Row> {
    let office = |name: &str, path: &str, body: &Value| {
        let row = maker.ask(name, Method::PUT, path, body, 422, "validation");
        row.by(maker.scene.office.clone()).at("/retention_days")
    };
    let others = other_types("nullable object").filter(|value| !value.is_null());
    let days = [json!(0), json!(29), json!(36_526), json!(-30), json!(30.5), json!(u64::MAX), json!("30")];
    let mut rows = Vec::new();
    for value in others.chain(days) {
        let name = format!("kept for {value}");
        let all = json!({ "messenger_enabled": true, "protect_admins": false, "break_glass": false, "retention_days": value });
        let project = json!({ "title": "Heart", "members": [], "retention_days": value });
        rows.push(office(&name, "/v1/admin/settings", &all));
        rows.push(office(&name, "/v1/admin/projects/heart", &project));
    }
    rows
}

/// Legal holds.
pub(super) fn holds(maker: &Maker<'_>) -> Vec<Row> {
    let scene = maker.scene;
    let good = json!({ "conversation_id": scene.conversation.id, "reason": "a claim" });
    let both = [(HOLDS, Method::PUT), (LIFT, Method::POST)];
    let mut rows = Vec::new();
    let mut refused = |name: &str, body: &Value, slug, pointer| {
        for (path, method) in &both {
            let row = maker.ask(name, method.clone(), path, body, 422, slug).by(scene.office.clone());
            rows.push(row.at(pointer));
        }
    };
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    for value in other_types("text").chain([json!(""), json!(" "), json!("z".repeat(1_001))]) {
        refused("another reason", &with("reason", value), "validation", "/reason");
    }
    for value in other_types("object") {
        refused("another conversation", &with("conversation_id", value), "validation", "/conversation_id");
    }
    for id in ["", CANARY, "019CA8A0-3E80-7707-8707-070707070707"] {
        refused("no id", &with("conversation_id", json!(id)), "validation", "/conversation_id");
    }
    for id in ["", "ze bra", "zebra/zebra"] {
        let body = json!({ "project_id": id, "reason": "a claim" });
        refused("no project's id", &body, "validation", "/project_id");
    }
    refused("two", &with("project_id", json!(CANARY)), "validation", "/project_id");
    refused("none", &json!({ "reason": "a claim" }), "validation", "/conversation_id");
    refused("no reason", &json!({ "conversation_id": scene.conversation.id }), "validation", "/reason");
    refused("more", &with(CANARY, json!(1)), "unknown-field", "");
    let office = |name: &str, method, path, body: &Value, status, slug| {
        maker.ask(name, method, path, body, status, slug).by(scene.office.clone())
    };
    for value in other_types("text") {
        rows.push(office("another case", Method::PUT, HOLDS, &with("case", value), 422, "validation").at("/case"));
    }
    let unknown = json!({ "conversation_id": NOTHING, "reason": "a claim" });
    rows.extend([
        office("of nothing", Method::PUT, HOLDS, &unknown, 404, "not-found"),
        office("a case to lift", Method::POST, LIFT, &with("case", json!(CANARY)), 422, "unknown-field").at(""),
        maker.ask("no administrator", Method::PUT, HOLDS, &good, 403, "not-a-system-administrator"),
        maker.ask("no administrator", Method::POST, LIFT, &good, 403, "not-a-system-administrator"),
        maker.get("no administrator", HOLDS, 403, "not-a-system-administrator"),
    ]);
    rows
}
