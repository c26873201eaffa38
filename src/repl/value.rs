//! Values as the REPL shows them: what `ip` would print, lists of maps as tables, strings in quotes.

use super::paint::{Paint, Style};
use super::shell::Shell;
use super::table;
use crate::script::Interpreter;
use crate::script::catalogue::Shape;
use rhai::{Array, Dynamic, Map, Scope};
use serde_json::{Value, json};

/// The longest map and list that stay on one line.
const WIDE: usize = 76;

/// Returns a value as text; nothing for `()`.
pub(super) fn show(shell: &Shell, value: &Dynamic) -> Option<String> {
    if let Some(shown) = table::show(shell, value) {
        return Some(shown);
    }
    plain(&shell.interpreter, value, shell.paint)
}

/// Returns a value as an object of the line protocol: its type, its text, and what programs can read of it.
pub(super) fn object(interpreter: &Interpreter, value: &Dynamic) -> Value {
    let ty = super::kind::of_value(value).ty;
    json!({ "event": "value", "type": ty, "text": text(interpreter, value), "value": data(interpreter, value, 2) })
}

/// A value in JSON: a handle is an object of its properties, as far down as `depth`, and a text below that.
fn data(interpreter: &Interpreter, value: &Dynamic, depth: usize) -> Value {
    if value.is_unit() {
        return Value::Null;
    }
    if let Ok(string) = value.as_immutable_string_ref() {
        return Value::from(string.as_str());
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map.iter().map(|(key, value)| (key.to_string(), data(interpreter, value, depth))).collect();
    }
    if let Some(list) = value.read_lock::<Array>() {
        return list.iter().map(|value| data(interpreter, value, depth)).collect();
    }
    if let (Ok(number), true) = (value.as_int(), value.is_int()) {
        return Value::from(number);
    }
    if let (Ok(number), true) = (value.as_float(), value.is_float()) {
        return Value::from(number);
    }
    if let (Ok(truth), true) = (value.as_bool(), value.is_bool()) {
        return Value::from(truth);
    }
    let ty = super::kind::of_value(value).ty;
    let properties = interpreter.catalogue().members(&ty).filter(|entry| matches!(entry.shape, Shape::Property { .. }));
    let plain = |returns: &str| matches!(returns, "string" | "int" | "float" | "bool" | "array" | "map");
    let mut fields = serde_json::Map::new();
    for property in properties.filter(|entry| depth > 0 && plain(entry.returns)) {
        let mut scope = Scope::new();
        scope.push_dynamic("value", value.clone());
        // A property that cannot be read now, as of a link that is gone, is left out.
        if let Ok(found) = interpreter.engine().eval_with_scope::<Dynamic>(&mut scope, &format!("value.{}", property.name)) {
            fields.insert(property.name.to_string(), data(interpreter, &found, depth - 1));
        }
    }
    if fields.is_empty() { Value::from(text(interpreter, value)) } else { Value::Object(fields) }
}

fn plain(interpreter: &Interpreter, value: &Dynamic, paint: Paint) -> Option<String> {
    if value.is_unit() {
        return None;
    }
    let text = text(interpreter, value);
    Some(match value {
        _ if value.is_string() => paint.paint(Style::Text, &text),
        _ if value.is_int() || value.is_float() || value.is_bool() => paint.paint(Style::Number, &text),
        _ => paint.output(&text),
    })
}

fn text(interpreter: &Interpreter, value: &Dynamic) -> String {
    if let Ok(string) = value.as_immutable_string_ref() {
        return quoted(&string);
    }
    if let Some(map) = value.read_lock::<Map>() {
        return map_text(interpreter, &map);
    }
    if let Some(list) = value.read_lock::<Array>() {
        return list_text(interpreter, &list);
    }
    if value.is_unit() {
        return "()".to_string();
    }
    own_text(interpreter, value)
}

/// A string as one would write it: in back-ticks where it has several lines.
fn quoted(text: &str) -> String {
    match text.trim_end().contains('\n') && !text.contains('`') {
        true => format!("`{text}`"),
        false => format!("{text:?}"),
    }
}

/// What the type itself says.
fn own_text(interpreter: &Interpreter, value: &Dynamic) -> String {
    let mut scope = Scope::new();
    scope.push_dynamic("value", value.clone());
    match interpreter.engine().eval_with_scope::<Dynamic>(&mut scope, "value.to_string()") {
        Ok(text) => text.to_string(),
        Err(error) => error.to_string(),
    }
}

fn map_text(interpreter: &Interpreter, map: &Map) -> String {
    let fields: Vec<String> = map.iter().map(|(key, value)| format!("{}: {}", key_text(key), inner_text(interpreter, value))).collect();
    braces("#{", &fields, "}")
}

fn key_text(key: &str) -> String {
    let plain = key.starts_with(|c: char| c.is_alphabetic() || c == '_') && key.chars().all(|c| c.is_alphanumeric() || c == '_');
    if plain { key.to_string() } else { format!("{key:?}") }
}

/// A value inside another: a list of handles is a list here, too.
fn inner_text(interpreter: &Interpreter, value: &Dynamic) -> String {
    match value.read_lock::<Array>() {
        Some(list) if table(interpreter, &list).is_none() => {
            braces("[", &list.iter().map(|value| inner_text(interpreter, value)).collect::<Vec<_>>(), "]")
        }
        _ => text(interpreter, value),
    }
}

fn list_text(interpreter: &Interpreter, list: &Array) -> String {
    if let Some(table) = table(interpreter, list) {
        return table;
    }
    let plain = |value: &Dynamic| {
        value.is_string() || value.is_int() || value.is_float() || value.is_bool() || value.is_unit() || value.is_map() || value.is_array()
    };
    let items: Vec<String> = list.iter().map(|value| inner_text(interpreter, value)).collect();
    match !list.is_empty() && !list.iter().any(plain) {
        true => items.join("\n"),
        false => braces("[", &items, "]"),
    }
}

fn braces(open: &str, items: &[String], close: &str) -> String {
    let space = if open == "#{" && !items.is_empty() { " " } else { "" };
    let line = format!("{open}{space}{}{space}{close}", items.join(", "));
    match line.chars().count() > WIDE || line.contains('\n') {
        true => {
            let items: Vec<String> = items.iter().map(|item| format!("  {}", item.replace('\n', "\n  "))).collect();
            format!("{open}\n{}\n{close}", items.join(",\n"))
        }
        false => line,
    }
}

/// A list of maps with the same keys is a table.
fn table(interpreter: &Interpreter, list: &Array) -> Option<String> {
    let maps: Vec<Map> = list.iter().map(|value| value.clone().try_cast::<Map>()).collect::<Option<_>>()?;
    let keys: Vec<_> = maps.first()?.keys().cloned().collect();
    if keys.is_empty() || maps.iter().any(|map| !map.keys().eq(keys.iter())) {
        return None;
    }
    let cell = |value: &Dynamic| match value.clone().into_immutable_string() {
        Ok(string) => string.to_string(),
        Err(_) => text(interpreter, value),
    };
    let mut rows = vec![keys.iter().map(|key| key.to_uppercase()).collect::<Vec<_>>()];
    rows.extend(maps.iter().map(|map| map.values().map(cell).collect()));
    Some(columns(&rows))
}

/// Writes rows with their columns below one another.
pub(super) fn columns(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        cells.join("  ").trim_end().to_string()
    };
    rows.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(script: &str) -> String {
        let interpreter = Interpreter::new();
        let value = interpreter.engine().eval::<Dynamic>(script).unwrap();
        plain(&interpreter, &value, Paint::none()).unwrap_or_default()
    }

    #[test]
    fn values_show_themselves_as_one_would_write_them() {
        assert_eq!(shown("\"a \\\"b\\\"\""), "\"a \\\"b\\\"\"");
        assert_eq!(shown("[1, \"two\", 3.5, true]"), "[1, \"two\", 3.5, true]");
        assert_eq!(shown("#{ a: 1, b: [] }"), "#{ a: 1, b: [] }");
        assert_eq!(shown("\"one\\ntwo\""), "`one\ntwo`");
        assert_eq!(shown("()"), "");
    }

    #[test]
    fn a_list_of_maps_is_a_table() {
        assert_eq!(shown("[#{ pid: 1, name: \"init\" }, #{ pid: 42, name: \"sh\" }]"), "NAME  PID\ninit  1\nsh    42");
    }
}
