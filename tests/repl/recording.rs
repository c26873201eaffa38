//! The first minute with labsh, recorded: first-minute.cast here (asciicast v2, for asciinema) and first-minute.svg, the picture in the README,
//! which is the last screen of the recording. `LABSH_RECORD=1 cargo test --test repl recording` makes both anew.

use crate::pty::{Setup, Terminal};
use serde_json::json;
use std::fmt::Write;
use std::path::Path;
use vt100::{Cell, Color, Parser};

const CAST: &str = include_str!("first-minute.cast");
const PICTURE: &str = include_str!("first-minute.svg");

const ROWS: u16 = 45;
const COLUMNS: u16 = 100;

/// What is typed; the last line stays half typed.
const LINES: &[&str] = &[
    "sudo ip netns add blue",
    "let red = netns::add(\"red\");",
    "connect(blue, red, #{ a: #{ name: \"eth0\", addr: \"10.0.0.1/24\" }, b: #{ name: \"eth0\" } });",
    "blue.route.add(\"default\", #{ vai: \"10.0.0.2\" });",
    "blue.route.add(\"default\", #{ via: \"10.0.0.2\" });",
    "blue ping -c 1 red",
    "ip -n red addr add 10.0.0.2/24 dev eth0",
    "blue ping -c 1 red",
    ".undo",
    ".show",
];
const HALF: &str = "blue.http_get(\"http://10.0.0.2\", ";

fn parser() -> Parser {
    let size = |count| std::num::NonZero::new(count).expect("a screen has lines");
    Parser::new(size(ROWS), size(COLUMNS), 0)
}

/// The last screen of a recording.
fn last_screen(cast: &str) -> Parser {
    let mut parser = parser();
    for line in cast.lines().skip(1) {
        let event: serde_json::Value = serde_json::from_str(line).expect("each line is an event");
        if event[1] == "o" {
            parser.process(event[2].as_str().expect("a text").as_bytes());
        }
    }
    parser
}

/// A screen without the figures that are others each time.
fn scrubbed(parser: &Parser) -> String {
    let text: String = parser.screen().contents().lines().map(|line| line.trim_end().to_string() + "\n").collect();
    let mut plain = String::new();
    let mut digits = false;
    for c in text.chars() {
        let digit = c.is_ascii_digit();
        match (digit, digits) {
            (true, true) => {}
            (true, false) => plain.push('0'),
            _ => plain.push(c),
        }
        digits = digit;
    }
    plain.trim_end().to_string()
}

/// Types the session; returns the recording. Its time is that of somebody who types, whatever the machine is doing.
fn record() -> String {
    let env = vec![("TERM", "xterm-256color".to_string())];
    let mut t = Terminal::with(Setup { rows: ROWS, columns: COLUMNS, env, ..Setup::default() });
    let header = json!({ "version": 2, "width": COLUMNS, "height": ROWS, "title": "The first minute with labsh" });
    let mut cast = format!("{header}\n");
    let (mut time, mut written) = (0.5, 0);
    let mut event = |t: &Terminal, pause: f64| {
        if t.log.len() > written {
            let _ = writeln!(cast, "{}", json!([(time * 1000.0_f64).round() / 1000.0, "o", &t.log[written..]]));
            written = t.log.len();
        }
        time += pause;
    };
    event(&t, 1.5);
    let mut row = |t: &mut Terminal, text: &str| {
        for (at, c) in text.char_indices() {
            let typed = &text[..at + c.len_utf8()];
            t.keys(&c.to_string());
            // The whole line is there, and the cursor behind it: hints are written in between.
            t.wait(&format!("`{typed}` to be shown"), |t| t.last_line().ends_with(typed.trim_end()) && t.is_settled());
            event(t, 0.05);
        }
        event(t, 0.6);
    };
    for line in LINES {
        row(&mut t, line);
        t.act("\r");
        // Of the pause one sees what was printed.
        row(&mut t, "");
    }
    row(&mut t, HALF);
    cast
}

const COLOURS: [&str; 8] = ["#484f58", "#ff7b72", "#7ee787", "#d29922", "#79c0ff", "#d2a8ff", "#56d4dd", "#c9d1d9"];

/// How a cell is painted: its fill, and what else.
fn style(cell: &Cell) -> String {
    let fill = match cell.fgcolor() {
        Color::Idx(index) => COLOURS[usize::from(index % 8)],
        _ => "#e6edf3",
    };
    let mut style = format!("fill=\"{fill}\"");
    if cell.bold() {
        style += " font-weight=\"bold\"";
    }
    if cell.dim() {
        style += " opacity=\"0.6\"";
    }
    style
}

/// A screen as a picture.
fn picture(parser: &Parser) -> String {
    const WIDTH: f64 = 8.4;
    const HEIGHT: f64 = 18.0;
    let screen = parser.screen();
    let used = screen.rows(0, COLUMNS).collect::<Vec<_>>();
    let count = used.iter().rposition(|row| !row.trim().is_empty()).map_or(0, |last| last + 1);
    let (width, height) = (f64::from(COLUMNS) * WIDTH + 24.0, count as f64 * HEIGHT + 24.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace,SFMono-Regular,Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#0d1117\"/>\n"
    );
    for row in 0..count as u16 {
        let mut runs: Vec<(u16, String, String)> = Vec::new();
        for column in 0..COLUMNS {
            let Some(cell) = screen.cell(row, column).filter(|cell| cell.has_contents() && cell.contents() != " ") else {
                // A gap ends a run: spaces would be folded.
                runs.push((column, String::new(), String::new()));
                continue;
            };
            let style = style(cell);
            match runs.last_mut().filter(|(_, known, _)| *known == style) {
                Some((_, _, text)) => text.push_str(cell.contents()),
                None => runs.push((column, style, cell.contents().to_string())),
            }
        }
        let y = 12.0 + HEIGHT * (f64::from(row) + 0.75);
        for (column, style, text) in runs.iter().filter(|(_, _, text)| !text.is_empty()) {
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            let x = 12.0 + f64::from(*column) * WIDTH;
            let length = text_width(&text) as f64 * WIDTH;
            let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" textLength=\"{length:.1}\" {style}>{text}</text>");
        }
    }
    svg + "</svg>\n"
}

/// The characters that a text of the picture shows.
fn text_width(text: &str) -> usize {
    text.replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">").chars().count()
}

#[test]
fn the_first_minute_is_as_recorded() {
    let cast = record();
    if std::env::var_os("LABSH_RECORD").is_some() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/repl");
        std::fs::write(folder.join("first-minute.cast"), &cast).expect("the sources can be written");
        std::fs::write(folder.join("first-minute.svg"), picture(&last_screen(&cast))).expect("the sources can be written");
        return;
    }
    let again = "it is made anew by: LABSH_RECORD=1 cargo test --test repl recording";
    assert_eq!(scrubbed(&last_screen(&cast)), scrubbed(&last_screen(CAST)), "{again}");
}

#[test]
fn the_picture_is_the_last_screen_of_the_recording() {
    if std::env::var_os("LABSH_RECORD").is_none() {
        assert!(picture(&last_screen(CAST)) == PICTURE, "it is made anew by: LABSH_RECORD=1 cargo test --test repl recording");
    }
    let header: serde_json::Value = serde_json::from_str(CAST.lines().next().unwrap_or("")).expect("a header");
    assert_eq!((&header["version"], &header["width"]), (&json!(2), &json!(COLUMNS)));
}
