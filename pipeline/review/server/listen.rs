//! Where a review listens: on this machine, or, by TLS and for people with a password, beyond it.

use crate::{ReviewError, book::REVIEW_DIR, private_file::write_private};
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};
use sha2::{Digest, Sha256};
use std::{
    fs,
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use tokio_rustls::{TlsAcceptor, server::TlsStream};

/// Whoever has not begun to speak TLS by then is sent away.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// Years for which a certificate of a review's own holds: it is known by its fingerprint.
const CERTIFICATE_YEARS: i16 = 10;

/// Where a review listens, and how others come to it.
#[derive(Debug, Clone)]
pub struct Listen {
    /// The address.
    pub address: SocketAddr,
    /// Under which names browsers ask for it, beside the address.
    pub names: Vec<String>,
    /// What protects it on the way.
    pub transport: Transport,
}

/// What protects requests on the way.
#[derive(Debug, Clone)]
pub enum Transport {
    /// Nothing on this machine alone; beyond it TLS with a certificate of the review's own, made
    /// once.
    Own,
    /// TLS with this certificate and its key, PEM.
    Certificate {
        /// The certificate, and those that it is signed by.
        certificate: PathBuf,
        /// Its key.
        key: PathBuf,
    },
    /// A proxy between the review and all others, which speaks TLS with them.
    Proxy,
}

impl Listen {
    /// Whether others than this machine's users can reach it.
    pub(super) fn is_shared(&self) -> bool {
        !self.address.ip().is_loopback() || matches!(self.transport, Transport::Proxy)
    }

    /// Why nobody may listen so.
    pub(super) fn refusal(&self, has_users: bool) -> Option<&'static str> {
        let needs_name =
            self.address.ip().is_unspecified() || matches!(self.transport, Transport::Proxy);
        if self.is_shared() && !has_users {
            return Some(
                "others could read and decide there, and this review has no users: add them first, \
                 `rams review DIR user add NAME --role analyst`, or give 127.0.0.1:PORT",
            );
        }
        (needs_name && self.names.is_empty()).then_some(
            "say under which name or address browsers ask for it: --name NAME, which may be given \
             more than once",
        )
    }

    /// What browsers call it, the first one what people are told; `address` is where it listens.
    pub(super) fn hosts(&self, address: SocketAddr) -> Vec<String> {
        let is_proxied = matches!(self.transport, Transport::Proxy);
        let is_plain = !self.is_shared() && matches!(self.transport, Transport::Own);
        let is_usual = is_proxied || address.port() == if is_plain { 80 } else { 443 };
        let own = (!address.ip().is_unspecified()).then(|| address.ip().to_string());
        let names = self.names.iter().cloned().chain(own).chain(["localhost".into()]);
        let hosts = names.flat_map(|name| {
            let name = match name.parse() {
                Ok(IpAddr::V6(ip)) => format!("[{ip}]"),
                _ => name,
            };
            // Nobody writes the port that their browser takes by itself.
            is_usual.then(|| name.clone()).into_iter().chain([format!("{name}:{}", address.port())])
        });
        hosts.collect()
    }

    /// Certificates and key, where TLS is spoken here.
    pub(super) fn tls(&self, dir: &Path) -> Result<Option<Tls>, ReviewError> {
        match &self.transport {
            Transport::Proxy => Ok(None),
            Transport::Own if !self.is_shared() => Ok(None),
            Transport::Own => {
                let folder = dir.join(REVIEW_DIR);
                let (certificate, key) =
                    (folder.join("certificate.pem"), folder.join("certificate.key.pem"));
                if !certificate.exists() || !key.exists() {
                    self.make(&certificate, &key)?;
                }
                Tls::read(&certificate, &key).map(Some)
            }
            Transport::Certificate { certificate, key } => Tls::read(certificate, key).map(Some),
        }
    }

    /// Makes a certificate for the names and the address.
    fn make(&self, certificate: &Path, key: &Path) -> Result<(), ReviewError> {
        let cannot = |cause: rcgen::Error| ReviewError::Certificate {
            path: certificate.into(),
            cause: cause.to_string(),
        };
        let address = self.address.ip();
        let own = (!address.is_unspecified()).then(|| address.to_string());
        let without_port = |name: &String| match name.rsplit_once(':') {
            Some((name, port)) if port.parse::<u16>().is_ok() && !name.contains(':') => name.into(),
            _ => name.clone(),
        };
        let names: Vec<String> = self.names.iter().map(without_port).chain(own).collect();
        let mut params = CertificateParams::new(names).map_err(cannot)?;
        let today = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let day = |years: i16| date_time_ymd((today.year() + years).into(), 1, 1);
        (params.not_before, params.not_after) = (day(0), day(CERTIFICATE_YEARS));
        params.distinguished_name.push(DnType::CommonName, "rams review");
        let pair = KeyPair::generate().map_err(cannot)?;
        let made = params.self_signed(&pair).map_err(cannot)?;
        let io = |path: &Path, cause| ReviewError::Io { path: path.into(), cause };
        write_private(key, &pair.serialize_pem()).map_err(|cause| io(key, cause))?;
        fs::write(certificate, made.pem()).map_err(|cause| io(certificate, cause))
    }
}

/// What TLS is spoken with.
pub(super) struct Tls {
    acceptor: TlsAcceptor,
    /// SHA-256 of the certificate, as browsers show it.
    pub(super) fingerprint: String,
}

impl Tls {
    fn read(certificate: &Path, key: &Path) -> Result<Self, ReviewError> {
        let cannot = |path: &Path, cause: String| {
            let path = path.into();
            ReviewError::Certificate { path, cause: format!("{cause}; give PEM files") }
        };
        let chain = CertificateDer::pem_file_iter(certificate)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| cannot(certificate, error.to_string()))?;
        let Some(first) = chain.first() else {
            return Err(cannot(certificate, "there is no certificate in it".into()));
        };
        let hash = Sha256::digest(first);
        let bytes: Vec<String> = hash.iter().map(|byte| format!("{byte:02X}")).collect();
        let private = PrivateKeyDer::from_pem_file(key);
        let private = private.map_err(|error| cannot(key, error.to_string()))?;
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, private);
        let mut config = config.map_err(|error| cannot(certificate, error.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Self { acceptor: Arc::new(config).into(), fingerprint: bytes.join(":") })
    }

    /// Takes connections of a listener that have spoken TLS.
    pub(super) fn listen(self, listener: TcpListener) -> std::io::Result<TlsListener> {
        let address = listener.local_addr()?;
        let (connected, ready) = mpsc::channel(1);
        let accepting = tokio::spawn(accept(listener, self.acceptor, connected));
        Ok(TlsListener { address, ready, accepting })
    }
}

/// Each speaks for itself, so that nobody waits for one who says nothing.
async fn accept(mut listener: TcpListener, acceptor: TlsAcceptor, connected: Connections) {
    loop {
        let (stream, from) = Listener::accept(&mut listener).await;
        let (acceptor, connected) = (acceptor.clone(), connected.clone());
        tokio::spawn(async move {
            let spoken = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await;
            if let Ok(Ok(stream)) = spoken {
                drop(connected.send((stream, from)).await);
            }
        });
    }
}

type Connections = mpsc::Sender<(TlsStream<TcpStream>, SocketAddr)>;

/// A listener that speaks TLS.
pub(super) struct TlsListener {
    address: SocketAddr,
    ready: mpsc::Receiver<(TlsStream<TcpStream>, SocketAddr)>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        match self.ready.recv().await {
            Some(connection) => connection,
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.address)
    }
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) SocketAddr);

impl Connected<IncomingStream<'_, TcpListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TcpListener>) -> Self {
        Self(*stream.remote_addr())
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Peer {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Self {
        Self(*stream.remote_addr())
    }
}
