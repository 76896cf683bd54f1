//! Descriptions: text in which `backticks` mean code.

use askama::Template;
use serde_json::Value;

/// A text whose every second part is code.
#[derive(Default, Template)]
#[template(
    source = "{% for part in parts %}{% if loop.index0 % 2 == 1 %}<code>{{ part }}</code>{% else %}{{ part }}{% endif %}{% endfor %}",
    ext = "html"
)]
pub(crate) struct Prose {
    parts: Vec<String>,
}

impl Prose {
    /// Reads a description, if there is one.
    pub(crate) fn of(description: &Value) -> Self {
        let parts =
            description.as_str().map_or_else(Vec::new, |text| text.trim().split('`').map(str::to_owned).collect());
        Self { parts }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}
