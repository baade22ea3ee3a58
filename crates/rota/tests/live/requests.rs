//! Whatever the socket takes: an answer that is no server error, and a server that goes on.

use crate::place::Place;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;

/// Sends bytes, and reads all that is answered. `whole`: they are a request; otherwise no more will come.
fn exchange(socket: &Path, bytes: &[u8], whole: bool) -> Vec<u8> {
    let mut stream = UnixStream::connect(socket).expect("a connection");
    // The server may refuse before everything is sent.
    let _ = stream.write_all(bytes);
    if !whole {
        let _ = stream.shutdown(std::net::Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    answer
}

fn request(method: &str, path: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: rota\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

fn status(answer: &[u8]) -> u32 {
    let text = String::from_utf8_lossy(answer);
    text.split(' ').nth(1).and_then(|s| s.parse().ok()).unwrap_or(0)
}

#[test]
fn who_waits_for_a_change_has_an_answer_once_there_is_one() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*1"]);
    let socket = place.path().join("s");
    let ask = move |call: &str| {
        let answer = exchange(&socket, &request("GET", call, b""), true);
        assert_eq!(status(&answer), 200);
        let text = String::from_utf8(answer).expect("text");
        let (_, body) = text.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str::<Value>(body).expect("JSON")["seq"].as_u64().expect("a number")
    };
    let before = ask("/v1/changed");
    let waits = std::thread::spawn(move || ask(&format!("/v1/changed?unless={before}")));
    place.out(&["submit", "--hold", "--", "true"]);
    assert!(waits.join().expect("answered") > before);
}

/// Every call that does not wait on purpose.
const CALLS: [(&str, &str); 17] = [
    ("GET", "/v1/server"),
    ("GET", "/v1/jobs?ended=5"),
    ("POST", "/v1/jobs"),
    ("GET", "/v1/jobs/1"),
    ("PATCH", "/v1/jobs/1"),
    ("POST", "/v1/jobs/1/cancel"),
    ("POST", "/v1/jobs/1/hold"),
    ("POST", "/v1/jobs/1/release"),
    ("POST", "/v1/jobs/1/signal"),
    ("POST", "/v1/adopt"),
    ("GET", "/v1/gpus"),
    ("GET", "/v1/summary"),
    ("GET", "/v1/shares"),
    ("GET", "/v1/fairness?last=3600000"),
    ("GET", "/v1/fairness?from=5&until=4"),
    ("GET", "/v1/ledger?until=18446744073709551615"),
    ("GET", "/v1/jobs/%ff_%00"),
];

const SUBMIT: &str = r#"{"spec":{"name":"x","gpus":1,"models":["H100"],"cpus":1,"mem":1,"limit":1000,"turns":"never","after":[{"kind":"ok","number":1}],"at_most":null,"retries":0,"warning":{"signal":10,"before":5},"grace":30000},"launch":{"argv":["true"],"env":{"A":"b"},"cwd":"/","umask":18,"stdout":"log"},"tasks":[0,1],"hold":true}"#;
const CHANGE: &str =
    r#"{"name":"y","gpus":2,"models":[],"cpus":3,"mem":4,"limit":5,"turns":"suspend","after":[]}"#;
/// The process is above the kernel's largest: nothing that runs here is ever touched.
const ADOPT: &str = r#"{"pid":4194305,"gpus":[0],"limit":5,"name":"z"}"#;

/// Replaces one number, string or word of a text.
fn spoiled(text: &str, at: usize, with: &str) -> String {
    let marks: Vec<usize> =
        text.char_indices().filter(|(_, c)| ":,[".contains(*c)).map(|(i, _)| i + 1).collect();
    let from = marks[at % marks.len()];
    let rest = &text[from..];
    let end = rest.find([',', '}', ']']).unwrap_or(rest.len());
    format!("{}{with}{}", &text[..from], &rest[end..])
}

#[test]
fn no_request_brings_the_server_down() {
    let mut place = Place::new();
    place.serve(&["--simulate", "h100*2"]);
    place.out(&["submit", "--hold", "--", "true"]);
    let socket = place.path().join("s");
    let values = prop_oneof![
        Just("-1".to_owned()),
        Just("0".to_owned()),
        Just("18446744073709551615".to_owned()),
        Just("4294967295".to_owned()),
        Just("1e300".to_owned()),
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("\"\\u0000\"".to_owned()),
        Just("\"\"".to_owned()),
        "\\PC{0,20}".prop_map(|s| serde_json::to_string(&s).expect("text")),
    ];
    let body = prop_oneof![
        (prop::sample::select(vec![SUBMIT, CHANGE, ADOPT]), any::<usize>(), values)
            .prop_map(|(text, at, with)| spoiled(text, at, &with).into_bytes()),
        prop::collection::vec(any::<u8>(), 0..200),
    ];
    let calls = prop::sample::select(CALLS.to_vec());
    let mut runner =
        TestRunner::new(Config { cases: 600, failure_persistence: None, ..Config::default() });
    let wrong = runner.run(&(calls, body), |((method, path), body)| {
        let answer = exchange(&socket, &request(method, path, &body), true);
        let status = status(&answer);
        prop_assert!((200..500).contains(&status), "{} {} {:?}: {}", method, path, body, status);
        Ok(())
    });
    assert_eq!(wrong.map_err(|e| e.to_string()), Ok(()));
    let bytes = prop::collection::vec(any::<u8>(), 0..2000);
    let wrong = runner.run(&bytes, |bytes| {
        exchange(&socket, &bytes, false);
        Ok(())
    });
    assert_eq!(wrong.map_err(|e| e.to_string()), Ok(()));
    place.out(&["queue", "--all"]);
    assert!(place.says(&["run", "--", "true"]).status.success());
}
