//! Chromium through its driver, in the few words of WebDriver that tests need.

use serde_json::{Value, json};
use std::{
    cell::Cell,
    fs,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long a page may take to come to what is waited for, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(120);

/// The least time from key to key: more than the 250 ms in which the page takes a second decision
/// for a slip of the finger.
const BETWEEN_KEYS: Duration = Duration::from_millis(300);

/// A browser with one page; it ends with this.
pub(crate) struct Browser {
    driver: Child,
    /// Kept open: the driver writes on.
    _output: BufReader<ChildStdout>,
    port: u16,
    session: String,
    pressed: Cell<Option<Instant>>,
    _profile: tempfile::TempDir,
}

impl Browser {
    /// A browser that reaches no host but this machine; `None`, said in a line, where chromedriver
    /// is not installed.
    pub(crate) fn start() -> Option<Self> {
        // The port that it chose may be another's by the time that it takes it.
        let driver = (0..5).find_map(|_| driver().transpose()).expect("chromedriver has a port");
        let Ok((driver, output, port)) = driver else {
            println!("skipped: chromedriver is not installed (Debian's chromium-driver)");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let session = String::new();
        let pressed = Cell::new(None);
        let mut browser =
            Self { driver, _output: output, port, session, pressed, _profile: profile };
        let folder = format!("--user-data-dir={}", browser._profile.path().display());
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--window-size=1366,768",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            &folder,
        ];
        let wanted = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": { "args": args },
        } } });
        let made = browser.ask("POST", "/session", &wanted);
        browser.session = made["sessionId"].as_str().expect("a session").to_owned();
        browser.tool(
            "Emulation.setDeviceMetricsOverride",
            json!({ "width": 1366, "height": 768, "deviceScaleFactor": 1, "mobile": false }),
        );
        Some(browser)
    }

    fn request(&self, method: &str, path: &str, body: &Value) -> io::Result<Value> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        let body = if method == "POST" { body.to_string() } else { String::new() };
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes())?;
        stream.write_all(body.as_bytes())?;
        // The driver keeps the connection open, whatever it is asked for.
        let mut stream = BufReader::new(stream);
        let (mut length, mut line) = (0, String::new());
        while stream.read_line(&mut line)? > 2 {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap_or(0);
            }
            line.clear();
        }
        let mut content = vec![0; length];
        stream.read_exact(&mut content)?;
        let mut content: Value = serde_json::from_slice(&content)?;
        Ok(content["value"].take())
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let value = self.request(method, path, body).expect("the driver answers in JSON");
        assert!(value["error"].is_null(), "{method} {path}: {value}");
        value
    }

    fn tell(&self, command: &str, body: Value) -> Value {
        self.ask("POST", &format!("/session/{}/{command}", self.session), &body)
    }

    /// A command of the browser's own tools.
    fn tool(&self, command: &str, params: Value) {
        self.tell("goog/cdp/execute", json!({ "cmd": command, "params": params }));
    }

    /// Lets no request through to these addresses, and again to those given before.
    pub(crate) fn cut_off(&self, addresses: &[&str]) {
        self.tool("Network.enable", json!({}));
        self.tool("Network.setBlockedURLs", json!({ "urls": addresses }));
    }

    /// Runs a script before any of a page, from the next page on.
    pub(crate) fn before(&self, script: &str) {
        self.tool("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script }));
    }

    pub(crate) fn open(&self, url: &str) {
        self.tell("url", json!({ "url": url }));
    }

    /// What a script returns; a promise is waited for.
    pub(crate) fn run(&self, script: &str) -> Value {
        self.tell("execute/sync", json!({ "script": script, "args": [] }))
    }

    /// What an expression is.
    pub(crate) fn value(&self, expression: &str) -> Value {
        self.run(&format!("return ({expression});"))
    }

    pub(crate) fn text(&self, selector: &str) -> String {
        let found = self.value(&format!("document.querySelector({selector:?})?.textContent ?? ''"));
        found.as_str().unwrap().to_owned()
    }

    /// Waits until an expression is true.
    pub(crate) fn until(&self, expression: &str) {
        let start = Instant::now();
        while self.value(&format!("Boolean({expression})")) != true {
            let page = self.value("document.body.innerText");
            assert!(start.elapsed() < PATIENCE, "never: {expression}\n{page}");
            sleep(Duration::from_millis(50));
        }
    }

    /// Presses a key by its place on the keyboard; `key` is what it writes in the layout.
    pub(crate) fn press(&self, code: &str, key: &str) {
        let shift = if code.starts_with("Shift+") { 8 } else { 0 };
        let code = code.trim_start_matches("Shift+");
        let number = match code {
            "Enter" => 13,
            "Escape" => 27,
            _ => u32::from(code.as_bytes()[code.len() - 1]),
        };
        // As slowly as a quick person: two decisions closer than the page's guard are one slip.
        if let Some(last) = self.pressed.get() {
            sleep(BETWEEN_KEYS.saturating_sub(last.elapsed()));
        }
        let event = |kind: &str| {
            json!({
                "type": kind, "code": code, "key": key, "modifiers": shift,
                "windowsVirtualKeyCode": number,
            })
        };
        self.tool("Input.dispatchKeyEvent", event("rawKeyDown"));
        self.tool("Input.dispatchKeyEvent", event("keyUp"));
        self.pressed.set(Some(Instant::now()));
    }

    /// Writes into what has the focus.
    pub(crate) fn write(&self, text: &str) {
        self.tool("Input.insertText", json!({ "text": text }));
    }

    /// Clicks so many times at a place of the page.
    pub(crate) fn click(&self, x: f64, y: f64, count: u32) {
        let event = |kind: &str, count: u32| json!({ "type": kind, "x": x, "y": y, "button": "left", "clickCount": count });
        let moved = json!({ "type": "mouseMoved", "x": x, "y": y });
        self.tool("Input.dispatchMouseEvent", moved);
        for number in 1..=count {
            self.tool("Input.dispatchMouseEvent", event("mousePressed", number));
            self.tool("Input.dispatchMouseEvent", event("mouseReleased", number));
        }
    }

    /// Keeps a picture of the page.
    pub(crate) fn picture(&self, path: &Path) {
        let png = self.ask("GET", &format!("/session/{}/screenshot", self.session), &json!({}));
        use base64::{Engine, engine::general_purpose::STANDARD};
        fs::write(path, STANDARD.decode(png.as_str().unwrap()).unwrap()).unwrap();
    }
}

/// The driver, what it writes on, and its port; nothing where it ended without one.
fn driver() -> io::Result<Option<(Child, BufReader<ChildStdout>, u16)>> {
    let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).spawn();
    let mut driver = driver?;
    let mut output = BufReader::new(driver.stdout.take().unwrap());
    let port = output.by_ref().lines().map_while(Result::ok).find_map(|line| {
        line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse::<u16>().ok()
    });
    if port.is_none() {
        driver.wait()?;
    }
    Ok(port.map(|port| (driver, output, port)))
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Else the browser would outlive its driver.
        let _ = self.request("DELETE", &format!("/session/{}", self.session), &Value::Null);
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
