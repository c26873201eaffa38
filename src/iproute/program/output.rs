//! What is printed, as one tree of fields: each has a name and a value for JSON, and words for people; some have only one of them.
//!
//! `ip`, `bridge` and `tc` print the same things as text, on one line, and as JSON, plain or laid out. A printer fills [`Fields`] once.

use std::fmt::Write;

/// A value for JSON.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i128),
    /// A number as it is to be written.
    Raw(String),
    /// A text.
    Text(String),
    /// A list of values on one line.
    List(Vec<Value>),
    /// A list of objects.
    Objects(Vec<Fields>),
    /// An object.
    Object(Fields),
}

macro_rules! whole {
    ($($kind:ty),*) => { $(impl From<$kind> for Value {
        fn from(number: $kind) -> Value {
            Value::Int(number as i128)
        }
    })* };
}
whole!(u8, u16, u32, u64, i32, i64, usize);

impl From<bool> for Value {
    fn from(on: bool) -> Value {
        Value::Bool(on)
    }
}
impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.to_string())
    }
}
impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text)
    }
}
impl From<&String> for Value {
    fn from(text: &String) -> Value {
        Value::Text(text.clone())
    }
}

#[derive(Debug, Clone, PartialEq)]
struct Field {
    key: String,
    value: Option<Value>,
    text: String,
    /// The words are those of the objects inside.
    inside: bool,
}

impl Field {
    fn words(&self, colour: bool) -> String {
        match &self.value {
            Some(Value::Object(inner)) if self.inside => inner.coloured(colour),
            Some(Value::Objects(list)) if self.inside => list.iter().map(|inner| inner.coloured(colour)).collect(),
            _ if !colour => self.text.clone(),
            Some(Value::Text(value)) if !value.is_empty() => self.tinted(value),
            _ => self.text.clone(),
        }
    }

    /// The words in colour, from the value on, where the field has one.
    fn tinted(&self, value: &str) -> String {
        let address = |value: &str| if value.contains(':') { 34 } else { 35 };
        let code = match self.key.as_str() {
            "ifname" | "dev" | "iif" | "oif" => 36,
            "lladdr" => 33,
            // A link's, or that of IP.
            "address" | "broadcast" if value.len() == 17 && value.matches(':').count() == 5 => 33,
            "local" | "address" | "broadcast" | "dst" | "gateway" | "prefsrc" | "src" if value.contains(['.', ':']) => address(value),
            "operstate" if value == "UP" => 32,
            "operstate" if value == "DOWN" => 31,
            _ => return self.text.clone(),
        };
        match self.text.find(value) {
            Some(at) => format!("{}\x1b[{code}m{}\x1b[0m", &self.text[..at], &self.text[at..]),
            None => self.text.clone(),
        }
    }
}

/// Fields in the order in which they are printed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fields(Vec<Field>);

impl Fields {
    /// Makes an empty one.
    pub fn new() -> Fields {
        Fields::default()
    }

    /// Adds a field with its words.
    pub fn both(&mut self, key: impl Into<String>, value: impl Into<Value>, text: impl Into<String>) {
        self.0.push(Field { key: key.into(), value: Some(value.into()), text: text.into(), inside: false });
    }

    /// Adds words that JSON does not have.
    pub fn text(&mut self, text: impl Into<String>) {
        self.0.push(Field { key: String::new(), value: None, text: text.into(), inside: false });
    }

    /// Adds a value that only JSON has.
    pub fn json(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.both(key, value, "");
    }

    /// Adds a flag: null in JSON, as iproute2 has some.
    pub fn null(&mut self, key: &str, text: &str) {
        self.both(key, Value::Null, text);
    }

    /// Adds an object; its words stand here.
    pub fn object(&mut self, key: &str, inner: Fields) {
        self.0.push(Field { key: key.into(), value: Some(Value::Object(inner)), text: String::new(), inside: true });
    }

    /// Adds a list of objects; their words stand here.
    pub fn objects(&mut self, key: &str, inner: Vec<Fields>) {
        self.0.push(Field { key: key.into(), value: Some(Value::Objects(inner)), text: String::new(), inside: true });
    }

    /// Adds the fields of another.
    pub fn extend(&mut self, other: Fields) {
        self.0.extend(other.0);
    }

    /// Returns whether nothing has been added.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the words for people.
    pub fn words(&self) -> String {
        self.coloured(false)
    }

    /// Returns the words for people, in colour if that is wanted.
    pub fn coloured(&self, colour: bool) -> String {
        self.0.iter().map(|field| field.words(colour)).collect()
    }

    /// Returns the words on one line: each break but the last is a backslash (`-oneline`).
    pub fn one_line(&self, colour: bool) -> String {
        let words = self.coloured(colour);
        let (body, end) = words.strip_suffix('\n').map_or((words.as_str(), ""), |body| (body, "\n"));
        body.replace('\n', "\\") + end
    }
}

/// Writes objects as JSON; `pretty` lays them out as iproute2 does.
pub fn json(objects: &[Fields], pretty: bool) -> String {
    let mut writer = Json { text: String::new(), depth: 0, pretty };
    writer.objects(objects);
    writer.text + "\n"
}

struct Json {
    text: String,
    depth: usize,
    pretty: bool,
}

impl Json {
    fn line(&mut self) {
        if self.pretty {
            self.text.push('\n');
            self.text.extend(std::iter::repeat_n("    ", self.depth));
        }
    }

    fn space(&mut self) {
        if self.pretty {
            self.text.push(' ');
        }
    }

    fn open(&mut self) {
        self.text.push('[');
        self.depth += 1;
        self.space();
    }

    fn close(&mut self) {
        self.depth -= 1;
        self.space();
        self.text.push(']');
    }

    fn objects(&mut self, objects: &[Fields]) {
        if objects.is_empty() {
            return self.text.push_str(if self.pretty { "[ ]" } else { "[]" });
        }
        self.open();
        for (at, object) in objects.iter().enumerate() {
            if at > 0 {
                self.text.push(',');
            }
            self.object(object);
        }
        self.close();
    }

    fn object(&mut self, fields: &Fields) {
        self.text.push('{');
        self.depth += 1;
        let mut first = true;
        for Field { key, value, .. } in &fields.0 {
            let Some(value) = value else { continue };
            if !std::mem::take(&mut first) {
                self.text.push(',');
            }
            self.line();
            self.quoted(key);
            self.text.push(':');
            self.space();
            self.value(value);
        }
        self.depth -= 1;
        // An empty object stays on its line.
        if !first {
            self.line();
        }
        self.text.push('}');
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.text.push_str("null"),
            Value::Bool(on) => self.text.push_str(if *on { "true" } else { "false" }),
            Value::Int(number) => {
                let _ = write!(self.text, "{number}");
            }
            Value::Raw(number) => self.text.push_str(number),
            Value::Text(text) => self.quoted(text),
            Value::List(values) if values.is_empty() => self.text.push_str(if self.pretty { "[ ]" } else { "[]" }),
            Value::List(values) => {
                self.open();
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        self.text.push(',');
                    }
                    self.value(value);
                }
                self.close();
            }
            Value::Objects(objects) => self.objects(objects),
            Value::Object(object) => self.object(object),
        }
    }

    fn quoted(&mut self, text: &str) {
        self.text.push('"');
        for c in text.chars() {
            match c {
                '\t' => self.text.push_str("\\t"),
                '\n' => self.text.push_str("\\n"),
                '\r' => self.text.push_str("\\r"),
                '\u{c}' => self.text.push_str("\\f"),
                '\u{8}' => self.text.push_str("\\b"),
                '\\' => self.text.push_str("\\\\"),
                '"' => self.text.push_str("\\\""),
                c => self.text.push(c),
            }
        }
        self.text.push('"');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_description_prints_as_text_and_as_json() {
        let mut inner = Fields::new();
        inner.both("family", "inet", "    inet");
        inner.both("local", "10.0.0.1", " 10.0.0.1\n");
        let mut fields = Fields::new();
        fields.both("ifindex", 1u32, "1: ");
        fields.both("flags", Value::List(vec!["UP".into(), "LOWER_UP".into()]), "<UP,LOWER_UP>\n");
        fields.objects("addr_info", vec![inner]);
        assert_eq!(fields.words(), "1: <UP,LOWER_UP>\n    inet 10.0.0.1\n");
        assert_eq!(fields.one_line(false), "1: <UP,LOWER_UP>\\    inet 10.0.0.1\n");
        let objects = [fields, Fields::new()];
        assert_eq!(
            json(&objects, false),
            "[{\"ifindex\":1,\"flags\":[\"UP\",\"LOWER_UP\"],\"addr_info\":[{\"family\":\"inet\",\"local\":\"10.0.0.1\"}]},{}]\n"
        );
        assert_eq!(
            json(&objects[..1], true),
            "[ {\n        \"ifindex\": 1,\n        \"flags\": [ \"UP\",\"LOWER_UP\" ],\n        \"addr_info\": [ {\n                \
             \"family\": \"inet\",\n                \"local\": \"10.0.0.1\"\n            } ]\n    } ]\n"
        );
        assert_eq!(json(&[], true), "[ ]\n");
        assert_eq!(json(&[], false), "[]\n");
    }
}
