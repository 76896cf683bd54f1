//! What a value may be, in a few words, with links to named schemas.

use askama::Template;
use serde_json::Value;

use super::{items, members, text};

/// A phrase, some of whose words are links.
#[derive(Default, Template)]
#[template(
    source = r##"{% for word in words %}{% match word %}{% when Word::Plain(text) %}{{ text }}{% when Word::Schema(name) %}<a href="#schema-{{ name }}">{{ name }}</a>{% endmatch %}{% endfor %}"##,
    ext = "html"
)]
pub(crate) struct Kind {
    words: Vec<Word>,
}

enum Word {
    Plain(String),
    Schema(String),
}

impl Kind {
    /// Reads a schema.
    pub(crate) fn of(schema: &Value) -> Self {
        let mut kind = Self::default();
        kind.read(schema);
        kind
    }

    fn say(&mut self, text: impl Into<String>) {
        self.words.push(Word::Plain(text.into()));
    }

    fn read(&mut self, schema: &Value) {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap_or(reference);
            self.words.push(Word::Schema(name.to_owned()));
        } else if let Some(value) = schema.get("const") {
            self.say(value.to_string());
        } else if let Some(choices) = choices(schema) {
            let choices = choices.collect::<Vec<_>>();
            self.list(&choices, " or ");
        } else if schema["allOf"].is_array() {
            let parts: Vec<_> = items(&schema["allOf"]).collect();
            self.list(&parts, " with ");
        } else if schema["enum"].is_array() {
            let values: Vec<String> = items(&schema["enum"]).map(Value::to_string).collect();
            self.say(values.join(" or "));
        } else {
            self.read_type(schema);
        }
    }

    fn list(&mut self, schemas: &[&Value], between: &str) {
        for (nth, schema) in schemas.iter().enumerate() {
            if nth > 0 {
                self.say(between);
            }
            self.read(schema);
        }
    }

    fn read_type(&mut self, schema: &Value) {
        // OpenAPI 3.1 writes what may be null as a list of types.
        let mut types: Vec<String> = items(&schema["type"]).map(text).collect();
        if let Some(one) = schema["type"].as_str() {
            types.push(one.to_owned());
        }
        let null = types.iter().any(|name| name == "null");
        match types.iter().find(|name| *name != "null").map_or("", String::as_str) {
            "array" => {
                self.say("list of ");
                self.read(&schema["items"]);
            }
            "object" if schema["properties"].is_object() => self.read_object(schema),
            "object" if schema["additionalProperties"].is_object() => {
                self.say("map of text to ");
                self.read(&schema["additionalProperties"]);
            }
            "" => self.say(if null { "null" } else { "anything" }),
            name => self
                .say(schema["format"].as_str().map_or_else(|| name.to_owned(), |format| format!("{name} ({format})"))),
        }
        self.read_limits(schema);
        if null && types.len() > 1 {
            self.say(" or null");
        }
    }

    fn read_object(&mut self, schema: &Value) {
        self.say("{ ");
        for (nth, (name, property)) in members(&schema["properties"]).enumerate() {
            if nth > 0 {
                self.say(", ");
            }
            let optional = if items(&schema["required"]).any(|required| required == name) { "" } else { "?" };
            self.say(format!("{name}{optional}: "));
            self.read(property);
        }
        self.say(" }");
    }

    fn read_limits(&mut self, schema: &Value) {
        for (least, most, unit) in
            [("minLength", "maxLength", " long"), ("minimum", "maximum", ""), ("minItems", "maxItems", " items")]
        {
            let limits = match (schema[least].as_number(), schema[most].as_number()) {
                (Some(least), Some(most)) => format!(", {least} to {most}{unit}"),
                (None, Some(most)) => format!(", at most {most}{unit}"),
                (Some(least), None) if least.as_u64() != Some(0) => format!(", at least {least}{unit}"),
                _ => continue,
            };
            self.say(limits);
        }
    }
}

fn choices(schema: &Value) -> Option<impl Iterator<Item = &Value>> {
    let choices = schema["oneOf"].as_array().or_else(|| schema["anyOf"].as_array())?;
    Some(choices.iter())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_schema_is_said_in_a_few_words() {
        for (schema, words) in [
            (json!({ "type": "string", "format": "uuid" }), "string (uuid)"),
            (json!({ "type": ["string", "null"] }), "string or null"),
            (
                json!({ "type": "array", "items": { "type": "string" }, "maxItems": 10 }),
                "list of string, at most 10 items",
            ),
            (json!({ "type": "integer", "minimum": 1, "maximum": 100 }), "integer, 1 to 100"),
            (json!({ "type": "integer", "minimum": 0 }), "integer"),
            (
                json!({ "oneOf": [{ "type": "null" }, { "$ref": "#/components/schemas/A" }] }),
                "null or <a href=\"#schema-A\">A</a>",
            ),
            (json!({ "type": "string", "enum": ["all", "unread"] }), "&#34;all&#34; or &#34;unread&#34;"),
            (
                json!({ "type": "object", "required": ["a"], "properties": { "a": { "type": "string" }, "b": {} } }),
                "{ a: string, b?: anything }",
            ),
            (json!({ "type": "object", "additionalProperties": { "type": "string" } }), "map of text to string"),
            (json!({ "const": "created" }), "&#34;created&#34;"),
            (json!({}), "anything"),
        ] {
            assert_eq!(Kind::of(&schema).to_string(), words);
        }
    }
}
