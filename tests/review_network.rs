//! `rams review` for a team on a network: who gets in, and what many at once come to.

use crate::{
    review::surveyed,
    support::{
        Browser, rams,
        team::{Client, PASSWORD, areas, serve},
    },
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{Arc, Barrier},
    thread,
};

/// The program at work for a team; it ends with this.
struct Served {
    program: Child,
    url: String,
    fingerprint: String,
}

impl Served {
    fn start(dir: &Path) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_rams"))
            .args(["review", dir.to_str().unwrap(), "--listen", "0.0.0.0:0", "--name", "127.0.0.1"])
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut told = |word: &str| {
            let line = lines.find(|line| line.starts_with(word)).unwrap();
            line.split(' ').nth(1).unwrap().to_owned()
        };
        let (url, fingerprint) = (told("open"), told("certificate"));
        Self { program, url, fingerprint }
    }

    fn address(&self) -> &str {
        self.url.trim_start_matches("https://").trim_end_matches('/')
    }

    /// A browser that trusts a certificate, before it has asked for anything.
    fn client(&self, trusted: &CertificateDer<'static>) -> Client<Tls> {
        let mut roots = RootCertStore::empty();
        roots.add(trusted.clone()).unwrap();
        let config = ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
        let name = "127.0.0.1".try_into().unwrap();
        let connection = ClientConnection::new(Arc::new(config), name).unwrap();
        let stream = TcpStream::connect(self.address()).unwrap();
        Client::new(StreamOwned::new(connection, stream), format!("https://{}", self.address()))
    }
}

type Tls = StreamOwned<ClientConnection, TcpStream>;

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// `rams review DIR user add NAME`, with its password on stdin.
fn add(dir: &str, name: &str, role: &str, password: &str) -> (bool, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_rams"))
        .args(["review", dir, "user", "add", name, "--role", role, "--password-stdin"])
        .args(["--organisation", "Agency"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    writeln!(program.stdin.take().unwrap(), "{password}").unwrap();
    let output = program.wait_with_output().unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

#[test]
fn a_team_signs_in_by_tls_and_does_what_its_roles_allow() {
    let folder = tempfile::tempdir().unwrap();
    let dir = surveyed(folder.path());
    let path = dir.to_str().unwrap();
    let alone = rams(&["review", path, "--as", "Ana", "--listen", "0.0.0.0:0"]);
    assert_ne!(alone.code, 0);
    assert!(alone.stderr.contains("this review has no users"), "{}", alone.stderr);
    assert!(!add(path, "Ana", "analyst", "short").0);
    assert_eq!(add(path, "Ana", "analyst", PASSWORD), (true, "Ana, Agency: analyst\n".into()));
    assert_eq!(add(path, "Vera", "viewer", PASSWORD), (true, "Vera, Agency: viewer\n".into()));
    let named = rams(&["review", path, "--as", "Ana"]);
    assert!(named.stderr.contains("leave out --as Ana"), "{}", named.stderr);

    let served = Served::start(&dir);
    let file = dir.join("review/certificate.pem");
    let own = CertificateDer::from_pem_file(&file).unwrap();
    fs::write(folder.path().join("der"), &own).unwrap();
    let sha256 = rams_tile::digest(&folder.path().join("der"), || false).unwrap().unwrap();
    assert_eq!(served.fingerprint.replace(':', "").to_lowercase(), sha256);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let key = fs::metadata(dir.join("review/certificate.key.pem")).unwrap();
        assert_eq!(key.permissions().mode() & 0o777, 0o600);
    }

    // Without TLS there is nothing.
    let mut plain = TcpStream::connect(served.address()).unwrap();
    // It may hang up after the first bytes, so that the rest cannot be sent.
    let _ = write!(plain, "GET / HTTP/1.1\r\nHost: {}\r\n\r\n", served.address());
    let mut said = vec![];
    let _ = plain.read_to_end(&mut said);
    assert!(!said.starts_with(b"HTTP"));

    let mut ana = served.client(&own);
    assert_eq!(ana.get("/").status, 200);
    assert_eq!(ana.get("/me").status, 401);
    assert_eq!(ana.sign_in("Ana", "a wrong password"), 401);
    assert_eq!(ana.sign_in("Eve", PASSWORD), 401);
    let credentials = json!({ "name": "Ana", "password": PASSWORD });
    let begun = ana.ask("POST", "/session", &credentials, "");
    let cookie = begun.cookie.unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict; Secure; Max-Age="), "{cookie}");
    assert_eq!(ana.sign_in("Ana", PASSWORD), 204);
    assert_eq!(ana.get("/me").body["name"], "Ana");
    let decided = ana.decide("A0001", 1, "key-of-ana", &Value::Null);
    assert_eq!((decided.status, &decided.body["event"]["who"]), (200, &json!("Ana")));

    let mut vera = served.client(&own);
    assert_eq!(vera.sign_in("Vera", PASSWORD), 204);
    assert_eq!(vera.get("/queue").status, 200);
    assert_eq!(vera.decide("A0002", 1, "key-of-vera", &Value::Null).status, 403);

    // The next request of one who is locked out is refused.
    assert_eq!(rams(&["review", path, "user", "lock", "Ana"]).code, 0);
    assert_eq!(ana.get("/me").status, 401);
    assert_eq!(ana.sign_in("Ana", PASSWORD), 401);
    let list = rams(&["review", path, "user", "list"]).stdout;
    assert_eq!(list, "Ana, Agency: analyst, locked\nVera, Agency: viewer\n");
    assert_eq!(rams(&["review", path, "user", "unlock", "Ana"]).code, 0);
    assert_eq!(ana.sign_in("Ana", PASSWORD), 204);

    // The page of another site, and the certificate of another review.
    ana.origin = "https://evil.example".into();
    assert_eq!(ana.get("/me").status, 421);
    let other = tempfile::tempdir().unwrap();
    let other_dir = surveyed(other.path());
    assert!(add(other_dir.to_str().unwrap(), "Ana", "analyst", PASSWORD).0);
    drop(Served::start(&other_dir));
    let foreign = CertificateDer::from_pem_file(other_dir.join("review/certificate.pem")).unwrap();
    let mut stranger = served.client(&foreign);
    let refused = thread::spawn(move || stranger.get("/").status).join();
    assert!(refused.is_err(), "a certificate that is not its own");

    let made = fs::read(&file).unwrap();
    drop(served);
    let again = Served::start(&dir);
    assert_eq!(fs::read(&file).unwrap(), made, "it is made once");
    let mut ana = again.client(&own);
    assert_eq!(ana.sign_in("Ana", PASSWORD), 204);
    assert_eq!(ana.get("/log/verify").body["events"], 1);
}

#[test]
fn a_page_whose_session_ended_keeps_what_was_decided_until_its_person_is_back() {
    let folder = tempfile::tempdir().unwrap();
    let served = serve(folder.path(), areas(4), &["Ana".to_owned()]);
    let Some(browser) = Browser::start() else { return };
    browser.open(&format!("http://{}/", served.address));
    let enters = |password: &str| {
        browser.run("document.querySelector('#sign-password').focus();");
        browser.write(password);
        browser.run("document.querySelector('#sign-in button').click();");
    };
    browser.until("document.querySelector('#sign-in').open");
    browser.write("Ana");
    enters("a wrong password");
    browser.until("document.querySelector('#sign-error').textContent.includes('fit')");
    assert_eq!(browser.text("#evidence h2"), "", "nothing of the survey is shown");
    browser.run("document.querySelector('#sign-password').value = '';");
    enters(PASSWORD);
    browser.until("document.querySelector('#evidence h2')");

    let users = rams_review::users(folder.path(), &areas(4), "5e".repeat(32)).unwrap();
    users.lock("Ana", true).unwrap();
    users.lock("Ana", false).unwrap();
    browser.press("KeyA", "a");
    browser.until("document.querySelector('#sign-in').open");
    assert_eq!(browser.value("document.querySelector('#sign-name').readOnly"), true);
    assert_eq!(browser.value("document.querySelector('#saved').className"), "saving");
    // No key decides while the page asks who is there.
    browser.run("document.querySelector('#sign-in button').focus();");
    browser.press("KeyA", "a");
    enters(PASSWORD);
    browser.until("document.querySelector('#saved').className === 'saved'");
    let log = Client::of(served.address, "Ana").get("/log").body;
    let events = log["events"].as_array().unwrap();
    assert_eq!((events.len(), &events[0]["kind"]), (1, &json!("accept")));
}

#[test]
fn two_share_a_queue_of_a_thousand_and_none_is_decided_twice() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["Ana", "Ben"].map(str::to_owned);
    let served = serve(folder.path(), areas(1_001), &names);
    let address = served.address;

    // Both save an edit of the same version.
    let both = Barrier::new(2);
    let edit = |name: &String| {
        let mut client = Client::of(address, name);
        let geometry = client.get("/items/A1001").body["boundary"].clone();
        both.wait();
        let edit = json!({ "kind": "modify", "eo_category": "AV_MINE", "geometry": geometry });
        client.decide("A1001", 1, &format!("edit-of-{name}"), &edit)
    };
    let mut replies = thread::scope(|scope| {
        let threads = names.each_ref().map(|name| scope.spawn(move || edit(name)));
        threads.map(|thread| thread.join().unwrap())
    });
    replies.sort_by_key(|reply| reply.status);
    assert_eq!(replies.each_ref().map(|reply| reply.status), [200, 412]);
    assert_eq!(replies[1].body["item"]["version"], 2, "the later one is told the newer");

    let work = |name: &String| {
        let mut client = Client::of(address, name);
        let mut done = 0;
        loop {
            let queue = client.get("/queue?stage=analyst&order=threat").body;
            let items = queue["items"].as_array().unwrap();
            if items.is_empty() {
                return done;
            }
            for item in items.iter().take(40) {
                let (id, version) = (item["id"].as_str().unwrap(), item["version"].as_u64());
                let lease = client.ask("PUT", &format!("/leases/{id}"), &Value::Null, "").status;
                assert!([200, 409].contains(&lease), "{lease}");
                // A lease is a hint: every other one is passed over.
                if lease == 409 && done % 2 == 0 {
                    continue;
                }
                let key = format!("{name}-{id}");
                let reply = client.decide(id, version.unwrap(), &key, &Value::Null);
                assert!([200, 412].contains(&reply.status), "{}", reply.body);
                done += usize::from(reply.status == 200);
            }
        }
    };
    let done = thread::scope(|scope| {
        let threads = names.each_ref().map(|name| scope.spawn(move || work(name)));
        threads.map(|thread| thread.join().unwrap())
    });
    assert_eq!(done[0] + done[1], 1_000);
    assert!(done.iter().all(|count| *count > 0), "{done:?}");
    let mut client = Client::of(address, "Ana");
    let log = [0, 1_000].map(|after| client.get(&format!("/log?after={after}")).body);
    let events = log.iter().flat_map(|log| log["events"].as_array().unwrap());
    let accepted: Vec<_> = events.filter(|event| event["kind"] == "accept").collect();
    let items: BTreeSet<_> = accepted.iter().map(|event| event["item"].as_str().unwrap()).collect();
    assert_eq!((accepted.len(), items.len()), (1_000, 1_000), "each once");
    assert_eq!(client.get("/log/verify").body["ok"], true);
}

#[test]
fn thirty_two_decide_at_once_and_the_chain_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (1..=32).map(|at| format!("reviewer {at}")).collect();
    let served = serve(folder.path(), areas(32 * 200), &names);
    let clients: Vec<_> = names.iter().map(|name| Client::of(served.address, name)).collect();
    thread::scope(|scope| {
        for (at, mut client) in clients.into_iter().enumerate() {
            scope.spawn(move || {
                for item in at * 200 + 1..=at * 200 + 200 {
                    let (id, key) = (format!("A{item:04}"), format!("decision-{item}"));
                    let reply = client.decide(&id, 1, &key, &Value::Null);
                    assert_eq!(reply.status, 200, "{id}: {}", reply.body);
                }
            });
        }
    });
    let verified = Client::of(served.address, &names[0]).get("/log/verify").body;
    assert_eq!((&verified["ok"], &verified["events"]), (&json!(true), &json!(6_400)), "{verified}");
}
