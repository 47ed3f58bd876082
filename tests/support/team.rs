//! A team that reviews a survey of many areas, each with an HTTP client of their own.
#![allow(clippy::unwrap_used)] // a test may panic

use geo::{Coord, Rect};
use rams_domain::{
    AreaKind, Crs, DoctrineRef, EoCategory, EvidenceKind, Ground, HazardArea, HazardAreaId,
    LandClass, Survey, Threat,
};
use rams_review::{Listen, NoImagery, Role, Server, Setup, Transport, User};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    sync::{Arc, mpsc},
    thread,
};
use tokio::sync::oneshot;

pub(crate) const PASSWORD: &str = "a horse of another colour";

/// Squares of 8 m, 10 m apart, on open sea near the equator.
pub(crate) fn areas(count: u32) -> Survey {
    let at = |x: f64, y: f64| Coord { x: 500_000.0 + x, y: 1_000.0 + y };
    let extent = Rect::new(at(0.0, 0.0), at(1_000.0, f64::from(count.div_ceil(100)) * 10.0));
    let lonlat =
        |at: &Coord| Coord { x: 15.0 + (at.x - 500_000.0) / 111_319.49, y: at.y / 110_574.28 };
    let nodes = Ground::node_positions(extent).iter().map(lonlat).collect();
    let crs = Crs { name: "a zone".into(), code: None, wkt: String::new() };
    let mut survey = Survey::new(Ground::new(crs, extent, nodes).unwrap());
    let area = |id: u32| {
        let (x, y) = (f64::from((id - 1) % 100) * 10.0, f64::from((id - 1) / 100) * 10.0);
        HazardArea {
            id: HazardAreaId(id),
            land_class: LandClass::Sha,
            kind: AreaKind::Perimeter,
            eo_category: EoCategory::ApMine,
            area_m2: 64.0,
            boundary: Rect::new(at(x, y), at(x + 8.0, y + 8.0)).to_polygon().into(),
            confidence: 0.8,
            tier: None,
            threat: Threat::Medium,
            rationale: "Mines were seen.".into(),
            buffer_m: 4.0,
            link_m: 25.0,
            front_unknown: false,
            front_deg: None,
            rows: 0,
            fade_out_m: None,
            position_accuracy_m: 0.5,
            evidence: EvidenceKind::Indirect,
            assessed_share: 1.0,
            beyond_imagery_m2: 0.0,
            released_m2: 0.0,
            district: String::new(),
            doctrine: DoctrineRef { name: "d".into(), version: "1".into(), digest: String::new() },
            features: vec![],
            external_evidence: vec![],
        }
    };
    survey.hazard_areas = (1..=count).map(area).collect();
    survey
}

/// A review that is served on this machine until this goes.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    end: Option<oneshot::Sender<()>>,
    server: Option<thread::JoinHandle<()>>,
}

/// Serves the review of a survey in a folder for analysts of these names.
pub(crate) fn serve(dir: &Path, survey: Survey, names: &[String]) -> Served {
    let users = rams_review::users(dir, &survey, "5e".repeat(32)).unwrap();
    for name in names {
        let organisation = String::new();
        let roles = vec![Role::Analyst];
        let user = User { name: name.clone(), organisation, roles, is_locked: false };
        users.add(&user, PASSWORD).unwrap();
    }
    let setup = Setup {
        dir: dir.to_owned(),
        survey: Arc::new(survey),
        survey_sha256: "5e".repeat(32),
        imagery: Arc::new(NoImagery),
        without: Box::new(|_, _| Ok(vec![])),
        class_sizes: HashMap::new(),
        reviewer: None,
    };
    let address = "127.0.0.1:0".parse().unwrap();
    let listen = Listen { address, names: vec![], transport: Transport::Own };
    let (end, ended) = oneshot::channel();
    let (tell, told) = mpsc::channel();
    let server = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::open(setup, listen).await.unwrap();
            tell.send(server.url().to_owned()).unwrap();
            server.run(async { drop(ended.await) }).await.unwrap();
        });
    });
    let url = told.recv().unwrap();
    let address = url.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    Served { address, end: Some(end), server: Some(server) }
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(server) = self.server.take() {
            drop(server.join());
        }
    }
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) cookie: Option<String>,
    pub(crate) body: Value,
}

/// The requests of a page, without a page: HTTP/1.1 on one connection.
pub(crate) struct Client<S> {
    stream: BufReader<S>,
    pub(crate) origin: String,
    pub(crate) cookie: String,
}

impl Client<TcpStream> {
    /// Someone of the team, signed in.
    pub(crate) fn of(address: SocketAddr, name: &str) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = Self::new(stream, format!("http://{address}"));
        assert_eq!(client.sign_in(name, PASSWORD), 204);
        client
    }
}

impl<S: Read + Write> Client<S> {
    pub(crate) fn new(stream: S, origin: String) -> Self {
        Self { stream: BufReader::new(stream), origin, cookie: String::new() }
    }

    /// Asks as the page does, with more headers.
    pub(crate) fn ask(&mut self, method: &str, path: &str, body: &Value, more: &str) -> Reply {
        let (origin, cookie) = (&self.origin, &self.cookie);
        let host = origin.split_once("://").unwrap().1;
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nCookie: {cookie}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n{more}\r\n{body}",
            body.len()
        );
        let stream = self.stream.get_mut();
        stream.write_all(request.as_bytes()).unwrap();
        stream.flush().unwrap();
        self.reply()
    }

    fn reply(&mut self) -> Reply {
        let (mut status, mut length, mut cookie) = (0, 0, None);
        loop {
            let mut line = String::new();
            assert!(self.stream.read_line(&mut line).unwrap() > 0, "the server hung up");
            let line = line.trim_end();
            match line.split_once(": ") {
                _ if line.is_empty() => break,
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.parse().unwrap();
                }
                Some((name, value)) if name.eq_ignore_ascii_case("set-cookie") => {
                    cookie = Some(value.to_owned());
                }
                None => status = line.split(' ').nth(1).unwrap().parse().unwrap(),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.stream.read_exact(&mut body).unwrap();
        Reply { status, cookie, body: serde_json::from_slice(&body).unwrap_or_default() }
    }

    pub(crate) fn get(&mut self, path: &str) -> Reply {
        self.ask("GET", path, &Value::Null, "")
    }

    /// Signs in; the status.
    pub(crate) fn sign_in(&mut self, name: &str, password: &str) -> u16 {
        let body = json!({ "name": name, "password": password });
        let reply = self.ask("POST", "/session", &body, "");
        if let Some(cookie) = reply.cookie {
            self.cookie = cookie.split(';').next().unwrap().to_owned();
        }
        reply.status
    }

    /// Decides on an item of a version, as the analyst; `key` is the decision's own.
    pub(crate) fn decide(&mut self, item: &str, version: u64, key: &str, more: &Value) -> Reply {
        let mut body = json!({ "item": item, "kind": "accept", "stage": "analyst" });
        body.as_object_mut().unwrap().extend(more.as_object().cloned().unwrap_or_default());
        let headers = format!("If-Match: \"{version}\"\r\nIdempotency-Key: {key}\r\n");
        self.ask("POST", "/decisions", &body, &headers)
    }
}
