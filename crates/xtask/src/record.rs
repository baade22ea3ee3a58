//! `cargo xtask record`: the demo in a real terminal of 80 × 24, as an animated picture in `docs/demo.svg`.

use crate::bench::Failure;
use nix::pty::{Winsize, openpty};
use std::fmt::Write as _;
use std::io::Read;
use std::process::{Command, Stdio};
use std::time::Instant;

const COLUMNS: u16 = 80;
const ROWS: u16 = 24;
/// Pictures that are kept.
const FRAMES: usize = 14;
/// Size of a character in the picture.
const CELL: (f64, f64) = (7.8, 17.0);
/// How a screen begins anew.
const CLEAR: &str = "\u{1b}[H\u{1b}[J";

/// Runs the demo and draws it.
pub fn record() -> Result<(), Failure> {
    let status =
        Command::new("cargo").args(["build", "--release", "--quiet", "-p", "rota"]).status()?;
    if !status.success() {
        return Err("cargo build --release -p rota failed".into());
    }
    let begun = Instant::now();
    let text = on_terminal(Command::new("target/release/rota").arg("demo"))?;
    let screens: Vec<&str> = text.split(CLEAR).filter(|s| !s.is_empty()).collect();
    let step = screens.len().div_ceil(FRAMES).max(1);
    let last = screens.last().copied().unwrap_or_default();
    let kept = screens.iter().copied().step_by(step).chain([last]);
    let frames: Vec<Vec<&str>> = kept.map(|s| tail(s)).collect();
    std::fs::write("docs/demo.svg", svg(&frames))?;
    println!(
        "docs/demo.svg: {} pictures of a run of {} s",
        frames.len(),
        begun.elapsed().as_secs()
    );
    Ok(())
}

/// The lines of a screen that fit the terminal.
fn tail(screen: &str) -> Vec<&str> {
    let lines: Vec<&str> = screen.lines().map(|l| l.trim_end_matches('\r')).collect();
    let from = lines.len().saturating_sub(usize::from(ROWS));
    lines.into_iter().skip(from).collect()
}

fn on_terminal(command: &mut Command) -> Result<String, Failure> {
    let size = Winsize { ws_row: ROWS, ws_col: COLUMNS, ws_xpixel: 0, ws_ypixel: 0 };
    let pty = openpty(&size, None)?;
    command.stdout(pty.slave.try_clone()?).stdin(pty.slave).env("TERM", "xterm-256color");
    let mut child = command.env_remove("NO_COLOR").env("LANG", "C").spawn()?;
    // The command holds the only other copies: reading ends when it ends.
    command.stdout(Stdio::null()).stdin(Stdio::null());
    let (mut bytes, mut master) = (Vec::new(), std::fs::File::from(pty.master));
    // Linux says EIO where the other side of a terminal is gone.
    let _ = master.read_to_end(&mut bytes);
    if !child.wait()?.success() {
        return Err("the demo failed".into());
    }
    Ok(String::from_utf8(bytes)?)
}

/// One picture after the other, a second and a half each; the last stays longer.
fn svg(frames: &[Vec<&str>]) -> String {
    let (width, height) = (f64::from(COLUMNS) * CELL.0 + 20.0, f64::from(ROWS) * CELL.1 + 20.0);
    let each = 1.5;
    let all = each * (frames.len() as f64 + 3.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"ui-monospace, monospace\" font-size=\"13\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#14181f\"/>\n"
    );
    for (at, lines) in frames.iter().enumerate() {
        let from = at as f64 * each / all;
        let to = if at + 1 == frames.len() { 1.0 } else { (at + 1) as f64 * each / all };
        let hidden = if at == 0 { "" } else { " visibility=\"hidden\"" };
        let _ = writeln!(
            out,
            "<g fill=\"#d8dee9\"{hidden}><animate attributeName=\"visibility\" calcMode=\"discrete\" dur=\"{all}s\" repeatCount=\"indefinite\" \
             values=\"hidden;visible;hidden;hidden\" keyTimes=\"0;{from:.4};{to:.4};1\"/>"
        );
        for (row, line) in lines.iter().enumerate() {
            let y = 24.0 + row as f64 * CELL.1;
            let _ = writeln!(
                out,
                "<text x=\"10\" y=\"{y}\" xml:space=\"preserve\">{}</text>",
                coloured(line)
            );
        }
        out.push_str("</g>\n");
    }
    out + "</svg>\n"
}

/// A line with its colours.
fn coloured(line: &str) -> String {
    let mut parts = line.split('\u{1b}');
    let mut out = escaped(parts.next().unwrap_or_default());
    let mut open = false;
    for part in parts {
        let (code, text) = part.split_once('m').unwrap_or(("", part));
        if open {
            out.push_str("</tspan>");
        }
        let style = match code {
            "[1" => "font-weight=\"bold\"",
            "[38;5;9" => "fill=\"#e06c75\"",
            "[38;5;10" => "fill=\"#98c379\"",
            "[38;5;11" => "fill=\"#e5c07b\"",
            "[38;5;14" => "fill=\"#56b6c2\"",
            _ => "",
        };
        open = !style.is_empty();
        if open {
            let _ = write!(out, "<tspan {style}>");
        }
        out.push_str(&escaped(text));
    }
    if open { out + "</tspan>" } else { out }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
