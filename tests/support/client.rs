//! A review over HTTP, as its page asks, without a browser.

use serde_json::{Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
};

/// A session of one person with a server.
pub(crate) struct Client {
    host: String,
    cookie: String,
}

impl Client {
    /// Begins a session by the address that the program printed.
    pub(crate) fn open(url: &str) -> Self {
        let (host, token) = url.trim_start_matches("http://").split_once("/#").unwrap();
        let mut client = Self { host: host.into(), cookie: String::new() };
        let (head, _) = client.exchange("POST", "/session", &[], &json!({ "token": token }));
        let cookie = head.lines().find_map(|line| line.strip_prefix("set-cookie: ")).unwrap();
        client.cookie = cookie.split(';').next().unwrap().to_owned();
        client
    }

    fn exchange(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &Value,
    ) -> (String, Vec<u8>) {
        let Self { host, cookie } = self;
        let body = if method == "GET" { String::new() } else { body.to_string() };
        let more: String =
            headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n\
             Cookie: {cookie}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n{more}\r\n",
            body.len()
        );
        let mut stream = TcpStream::connect(host).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut answer = vec![];
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).unwrap(), body)
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Value {
        let (head, content) = self.exchange(method, path, headers, body);
        let content: Value = serde_json::from_slice(&content).unwrap_or_default();
        assert!(head.starts_with("HTTP/1.1 200"), "{method} {path}: {head}\n{content}");
        content
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        self.ask("GET", path, &[], &Value::Null)
    }

    /// Decides on an item as it is now.
    pub(crate) fn decide(&self, body: &Value) -> Value {
        let item = body["item"].as_str().unwrap();
        let version = format!("\"{}\"", self.get(&format!("/items/{item}"))["version"]);
        let key = format!("{item}-{}-{}", body["kind"], body["stage"]).replace('"', "");
        let headers = [("If-Match", version.as_str()), ("Idempotency-Key", key.as_str())];
        self.ask("POST", "/decisions", &headers, body)
    }
}
