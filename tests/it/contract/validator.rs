//! Holds answers against what the contract says of them.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::{Map, Value};
use tests::actor::Answer;

/// Holds answers against the schemas of a document, and remembers what it saw.
pub(super) struct Validator<'a> {
    pub(super) document: &'a Value,
    /// The properties that were there with a value, and those that were null, such as `Me.email`.
    pub(super) given: BTreeSet<String>,
    pub(super) null: BTreeSet<String>,
}

impl Validator<'_> {
    /// Checks that `value` is what `schema` says. Of an object every declared property is there, and no other.
    pub(super) fn check(&mut self, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
        for keyword in schema.as_object().ok_or("no schema")?.keys() {
            if !KEYWORDS.contains(&keyword.as_str()) {
                return Err(format!("{at}: {keyword} would not be looked at"));
            }
        }
        if let Some(reference) = schema["$ref"].as_str() {
            let schema = self.document.pointer(&reference[1..]).ok_or("a dangling reference")?;
            return self.check(schema, value, reference.rsplit('/').next().unwrap_or_default());
        }
        if let Some(options) = schema["oneOf"].as_array() {
            let fitting = options.iter().filter(|option| self.check(option, value, at).is_ok()).count();
            return if fitting == 1 { Ok(()) } else { Err(format!("{at}: fits {fitting} of oneOf")) };
        }
        let (kind, size) = match value {
            Value::Null => ("null", None),
            Value::Bool(_) => ("boolean", None),
            Value::Number(n) => (if n.is_f64() { "number" } else { "integer" }, n.as_i64()),
            Value::String(text) => ("string", i64::try_from(text.chars().count()).ok()),
            Value::Array(_) => ("array", None),
            Value::Object(_) => ("object", None),
        };
        let allowed = match &schema["type"] {
            Value::Array(types) => types.iter().any(|one| one == kind),
            one => one == kind,
        };
        let limit = |name: &str| schema[name].as_i64();
        let within = size.is_none_or(|size| {
            let (least, most) = if kind == "integer" { ("minimum", "maximum") } else { ("minLength", "maxLength") };
            limit(least).is_none_or(|least| size >= least) && limit(most).is_none_or(|most| size <= most)
        });
        let text = value.as_str().unwrap_or_default();
        let formed = kind != "string"
            || match schema["format"].as_str() {
                Some("email") => text.contains('@'),
                Some("uuid") => uuid::Uuid::parse_str(text).is_ok_and(|id| id.to_string() == text),
                Some("date-time") => text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(),
                Some(_) => false,
                None => schema["pattern"].as_str().is_none_or(|pattern| Regex::new(pattern).unwrap().is_match(text)),
            };
        let formed = formed && schema["enum"].as_array().is_none_or(|words| words.contains(value));
        if !allowed || !within || !formed {
            return Err(format!("{at} is {value}"));
        }
        match value {
            Value::Array(items) => items.iter().try_for_each(|item| self.check(&schema["items"], item, at)),
            Value::Object(fields) => {
                let declared = match schema["properties"].as_object() {
                    Some(declared) => declared,
                    // Facts of many kinds, of which the contract says no more.
                    None if at == "InstitutionEntry.details" => return Ok(()),
                    None if schema["additionalProperties"].is_object() => return self.check_named(schema, fields, at),
                    None => return Err(format!("{at}: an object without properties")),
                };
                // What a problem has to say depends on which it is.
                let optional = |name: &str| at == "Problem" && ["errors", "candidates", "reason"].contains(&name);
                if let Some(name) = declared.keys().find(|name| !fields.contains_key(*name) && !optional(name)) {
                    return Err(format!("{at}.{name} is declared and not there"));
                }
                fields.iter().try_for_each(|(name, value)| {
                    let at = format!("{at}.{name}");
                    self.check(declared.get(name).ok_or(format!("{at} is not declared"))?, value, &at)?;
                    if value.is_null() {
                        self.null.insert(at)
                    } else {
                        self.given.insert(at)
                    };
                    Ok(())
                })
            }
            _ => Ok(()),
        }
    }

    /// Checks what has a name that the contract does not say: a header.
    fn check_named(&mut self, schema: &Value, fields: &Map<String, Value>, at: &str) -> Result<(), String> {
        fields.iter().try_for_each(|(name, value)| {
            self.check(&schema["propertyNames"], &name.as_str().into(), at)?;
            self.check(&schema["additionalProperties"], value, at)
        })
    }
}

/// What a schema may say; anything else would have to be looked at first.
const KEYWORDS: [&str; 17] = [
    "$ref",
    "oneOf",
    "type",
    "format",
    "description",
    "pattern",
    "enum",
    "examples",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "properties",
    "required",
    "items",
    "additionalProperties",
    "propertyNames",
];

/// The type of a page for people.
pub(super) const PAGE: &str = "text/html";

/// The schema of an operation's good answer, if it is JSON.
pub(super) fn schema_of<'a>(document: &'a Value, path: &str, method: &str, answer: &Answer) -> Option<&'a Value> {
    let answers = &document["paths"][path][method]["responses"];
    let status = &answers[answer.status.to_string()];
    assert!(status.is_object(), "{method} {path}: {} is not documented", answer.status);
    let Some(kind) = answer.headers.get("content-type") else {
        assert!(answer.bytes.is_empty() && status.get("content").is_none(), "{method} {path}: a body without a type");
        return None;
    };
    if kind == "text/html; charset=utf-8" {
        assert_eq!(status["content"][PAGE]["schema"]["type"], "string", "{method} {path}: a page is text");
        return None;
    }
    Some(&status["content"][kind.to_str().unwrap()]["schema"])
}
