//! The smallest client of the socket: HTTP/1.1 with keep-alive over a Unix stream.

use super::Failure;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// A connection.
pub struct Wire {
    reader: BufReader<UnixStream>,
}

impl Wire {
    /// Connects.
    pub fn open(socket: &Path) -> Result<Wire, Failure> {
        let stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Wire { reader: BufReader::new(stream) })
    }

    /// Asks for something.
    pub fn get<T: DeserializeOwned>(&mut self, path: &str) -> Result<T, Failure> {
        self.ask("GET", path, b"")
    }

    /// Sends something.
    pub fn post<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &impl Serialize,
    ) -> Result<T, Failure> {
        self.ask("POST", path, &serde_json::to_vec(body)?)
    }

    fn ask<T: DeserializeOwned>(
        &mut self,
        method: &str,
        path: &str,
        body: &[u8],
    ) -> Result<T, Failure> {
        let mut message = format!(
            "{method} {path} HTTP/1.1\r\nhost: rota\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            body.len()
        )
        .into_bytes();
        message.extend_from_slice(body);
        self.reader.get_mut().write_all(&message)?;
        let mut status = String::new();
        if self.reader.read_line(&mut status)? == 0 {
            return Err("the server closed the connection".into());
        }
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.reader.read_line(&mut line)? == 0 {
                return Err("the server closed the connection".into());
            }
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse()?;
            }
        }
        let mut answer = vec![0; length];
        self.reader.read_exact(&mut answer)?;
        if status.split(' ').nth(1).is_some_and(|code| code.starts_with('2')) {
            return Ok(serde_json::from_slice(&answer)?);
        }
        Err(format!("{method} {path}: {}", String::from_utf8_lossy(&answer)).into())
    }
}
