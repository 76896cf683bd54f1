//! The API's document, read for people.
//!
//! It is read as JSON, not as types: what a client would find in the document is what the page shows.

mod kind;
mod prose;

use serde_json::{Map, Value};

use kind::Kind;
use prose::Prose;

/// Everything on the reference page.
pub(crate) struct Reference {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) description: Prose,
    pub(crate) groups: Vec<Group>,
    pub(crate) schemas: Vec<Schema>,
}

/// The calls of one tag.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) operations: Vec<Operation>,
}

/// One call.
pub(crate) struct Operation {
    pub(crate) id: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) summary: Prose,
    pub(crate) description: Prose,
    pub(crate) parameters: Vec<Field>,
    pub(crate) body: Option<Kind>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) problems: Vec<Answer>,
}

/// One answer of a call.
pub(crate) struct Answer {
    pub(crate) status: String,
    pub(crate) description: Prose,
    pub(crate) body: Option<Kind>,
}

/// A parameter, or a member of an object.
pub(crate) struct Field {
    pub(crate) name: String,
    /// Where a parameter goes; empty for members.
    pub(crate) place: String,
    pub(crate) required: bool,
    pub(crate) kind: Kind,
    pub(crate) description: Prose,
}

/// A named schema.
pub(crate) struct Schema {
    pub(crate) name: String,
    pub(crate) description: Prose,
    pub(crate) kind: Kind,
    pub(crate) fields: Vec<Field>,
}

impl Reference {
    /// Reads the document.
    pub(crate) fn of(document: &Value) -> Self {
        let mut groups: Vec<Group> = Vec::new();
        for (path, item) in members(&document["paths"]) {
            for method in ["get", "put", "post", "patch", "delete"] {
                let Some(operation) = item.get(method) else { continue };
                let tag = text(&operation["tags"][0]);
                let tag = if tag.is_empty() { "other".to_owned() } else { tag };
                let operation = Operation::of(method, path, item, operation);
                match groups.iter_mut().find(|group| group.name == tag) {
                    Some(group) => group.operations.push(operation),
                    None => groups.push(Group { name: tag, operations: vec![operation] }),
                }
            }
        }
        let schemas = members(&document["components"]["schemas"]);
        Self {
            title: text(&document["info"]["title"]),
            version: text(&document["info"]["version"]),
            description: Prose::of(&document["info"]["description"]),
            groups,
            schemas: schemas.map(|(name, schema)| Schema::of(name, schema)).collect(),
        }
    }
}

impl Operation {
    fn of(method: &str, path: &str, item: &Value, operation: &Value) -> Self {
        let parameters = items(&item["parameters"]).chain(items(&operation["parameters"]));
        let (problems, answers) = members(&operation["responses"])
            .map(|(status, answer)| Answer {
                status: status.clone(),
                description: Prose::of(&answer["description"]),
                body: content(answer),
            })
            .partition(|answer| answer.status.starts_with(['4', '5']));
        Self {
            id: format!("{method}{}", path.replace(|c: char| !c.is_ascii_alphanumeric(), "-")),
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: Prose::of(&operation["summary"]),
            description: Prose::of(&operation["description"]),
            parameters: parameters.map(Field::parameter).collect(),
            body: content(&operation["requestBody"]),
            answers,
            problems,
        }
    }
}

impl Field {
    fn parameter(parameter: &Value) -> Self {
        Self {
            name: text(&parameter["name"]),
            place: text(&parameter["in"]),
            required: parameter["required"] == true,
            kind: Kind::of(&parameter["schema"]),
            description: Prose::of(&parameter["description"]),
        }
    }
}

impl Schema {
    fn of(name: &str, schema: &Value) -> Self {
        let mut fields = Vec::new();
        collect(schema, &mut fields);
        Self {
            name: name.to_owned(),
            description: Prose::of(&schema["description"]),
            kind: if fields.is_empty() { Kind::of(schema) } else { Kind::default() },
            fields,
        }
    }
}

/// The members of an object, those of its inlined parts too.
fn collect(schema: &Value, fields: &mut Vec<Field>) {
    let required = |name: &str| items(&schema["required"]).any(|required| required == name);
    fields.extend(members(&schema["properties"]).map(|(name, property)| Field {
        name: name.clone(),
        place: String::new(),
        required: required(name),
        kind: Kind::of(property),
        description: Prose::of(&property["description"]),
    }));
    for part in items(&schema["allOf"]) {
        if part.get("$ref").is_some() {
            fields.push(Field {
                name: "…".to_owned(),
                place: String::new(),
                required: true,
                kind: Kind::of(part),
                description: Prose::default(),
            });
        } else {
            collect(part, fields);
        }
    }
}

/// The schema of a request's or an answer's body, whatever its media type.
fn content(of: &Value) -> Option<Kind> {
    members(&of["content"]).next().map(|(_, media)| Kind::of(&media["schema"]))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_call_is_read_with_everything_it_says() {
        let reference = Reference::of(&json!({
            "info": { "title": "Confer", "version": "1" },
            "paths": { "/v1/conversations/{id}": {
                "parameters": [{ "name": "id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } }],
                "get": {
                    "tags": ["conversations"],
                    "summary": "Returns `one` conversation",
                    "responses": {
                        "200": { "description": "It", "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Conversation" } } } },
                        "404": { "description": "There is none", "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } },
                    },
                },
            }},
            "components": { "schemas": { "Conversation": {
                "type": "object",
                "required": ["title"],
                "properties": { "title": { "type": "string", "maxLength": 150 } },
            }}},
        }));
        let operation = &reference.groups[0].operations[0];
        assert_eq!((operation.method.as_str(), operation.id.as_str()), ("GET", "get-v1-conversations--id-"));
        assert_eq!((operation.parameters[0].place.as_str(), operation.parameters[0].required), ("path", true));
        assert_eq!((operation.answers.len(), operation.problems.len()), (1, 1));
        assert_eq!(
            operation.answers[0].body.as_ref().unwrap().to_string(),
            "<a href=\"#schema-Conversation\">Conversation</a>"
        );
        assert_eq!(operation.summary.to_string(), "Returns <code>one</code> conversation");
        let schema = &reference.schemas[0];
        assert_eq!((schema.name.as_str(), schema.fields[0].required), ("Conversation", true));
        assert_eq!(schema.fields[0].kind.to_string(), "string, at most 150 long");
    }
}
