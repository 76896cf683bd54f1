//! A stand-in for DynamoDB: an empty table behind TLS, on loopback.
//!
//! It costs a function what the service costs it (the handshake, a chain of two certificates, the protocol) and
//! answers without delay, so that what is left is the function's own.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use axum::routing::post;
use axum::serve::Listener;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::server::TlsStream;

/// Where machines keep the certificates they trust: Debian's place, then Amazon Linux's.
const SYSTEM_ROOTS: [&str; 2] = ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"];

/// The running stand-in; it ends with this process.
pub(crate) struct Table {
    pub(crate) endpoint: String,
    /// The root certificate of the stand-in alone.
    pub(crate) root: PathBuf,
    /// What a machine trusts, and the stand-in: reading it all is part of a start that reads it all.
    pub(crate) bundle: PathBuf,
    calls: Arc<AtomicU32>,
}

impl Table {
    /// Starts it, with certificates made now and left in `folder`.
    pub(crate) async fn serve(folder: &Path) -> anyhow::Result<Self> {
        let (root_pem, config) = certificates()?;
        let (root, bundle) = (folder.join("root.pem"), folder.join("bundle.pem"));
        let system = SYSTEM_ROOTS.iter().find_map(|path| std::fs::read_to_string(path).ok());
        std::fs::write(&root, &root_pem)?;
        std::fs::write(&bundle, system.unwrap_or_default() + &root_pem)?;

        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let endpoint = format!("https://localhost:{}", listener.local_addr()?.port());
        let calls = Arc::new(AtomicU32::new(0));
        let router = Router::new().route("/", post(answer)).fallback(something_else).with_state(Arc::clone(&calls));
        let listener = TlsListener { listener, acceptor: TlsAcceptor::from(Arc::new(config)) };
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { endpoint, root, bundle, calls })
    }

    /// Returns how many calls were answered so far.
    pub(crate) fn calls(&self) -> u32 {
        self.calls.load(Ordering::SeqCst)
    }
}

/// Makes a root, and the certificate of `localhost` below it.
fn certificates() -> anyhow::Result<(String, ServerConfig)> {
    let mut authority = CertificateParams::default();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;
    let key = KeyPair::generate()?;
    let certificate = CertificateParams::new(["localhost".to_owned()])?.signed_by(&key, &authority)?;

    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone(), authority.der().clone()],
            PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )?;
    Ok((authority.pem(), config))
}

/// Answers as a table does that has nothing in it and accepts every write.
async fn answer(State(calls): State<Arc<AtomicU32>>, headers: HeaderMap, _body: String) -> impl IntoResponse {
    let target = headers.get("x-amz-target").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (status, body) = match target.strip_prefix("DynamoDB_20120810.") {
        Some("GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "TransactWriteItems") => (StatusCode::OK, "{}"),
        Some("Query") => (StatusCode::OK, r#"{"Items":[],"Count":0,"ScannedCount":0}"#),
        Some("BatchGetItem") => (StatusCode::OK, r#"{"Responses":{},"UnprocessedKeys":{}}"#),
        Some("TransactGetItems") => (StatusCode::OK, r#"{"Responses":[]}"#),
        _ => (StatusCode::BAD_REQUEST, r#"{"__type":"com.amazon.coral.service#UnknownOperationException"}"#),
    };
    calls.fetch_add(1, Ordering::SeqCst);
    (status, [("content-type", "application/x-amz-json-1.0")], body)
}

/// Takes whatever a bucket or a bus is asked, and says nothing.
async fn something_else(State(calls): State<Arc<AtomicU32>>, _body: String) -> StatusCode {
    calls.fetch_add(1, Ordering::SeqCst);
    StatusCode::OK
}

/// Accepts one connection after the other: functions start one after the other.
struct TlsListener {
    listener: TcpListener,
    acceptor: TlsAcceptor,
}

impl Listener for TlsListener {
    type Io = TlsStream<TcpStream>;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        loop {
            let (stream, address) = Listener::accept(&mut self.listener).await;
            match self.acceptor.accept(stream).await {
                Ok(stream) => return (stream, address),
                Err(error) => eprintln!("no TLS with a function: {error}"),
            }
        }
    }

    fn local_addr(&self) -> std::io::Result<Self::Addr> {
        self.listener.local_addr()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio_rustls::TlsConnector;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    /// A client that trusts the root it was given, and nothing else.
    fn connector(root: &Path) -> TlsConnector {
        let mut trusted = RootCertStore::empty();
        trusted.add(CertificateDer::from_pem_file(root).unwrap()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(trusted)
            .with_no_client_auth();
        TlsConnector::from(Arc::new(config))
    }

    #[tokio::test]
    async fn it_answers_over_tls_and_counts() {
        let folder = tempfile::tempdir().unwrap();
        let table = Table::serve(folder.path()).await.unwrap();
        let address = table.endpoint.replace("https://localhost", "127.0.0.1");
        let stream = TcpStream::connect(address).await.unwrap();
        let host = ServerName::try_from("localhost").unwrap();
        let mut stream = connector(&table.root).connect(host, stream).await.unwrap();
        let request = "POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\
            x-amz-target: DynamoDB_20120810.Query\r\ncontent-length: 2\r\n\r\n{}";
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.ends_with(br#"{"Items":[],"Count":0,"ScannedCount":0}"#));
        assert_eq!(table.calls(), 1);
        assert!(std::fs::read(&table.bundle).unwrap().ends_with(&std::fs::read(&table.root).unwrap()));
    }
}
