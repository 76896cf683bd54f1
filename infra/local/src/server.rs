//! Listening on this machine, and ending well.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// How long requests that are under way may take when the stack stops.
const PATIENCE: Duration = Duration::from_secs(5);

/// Binds a port of the loopback interface; 0 lets the system pick one. `option` is what a person would change.
pub async fn listen(port: u16, option: &str) -> Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await {
        Ok(listener) => Ok(listener),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {port} is taken: another program, or another Confer, listens there.\n\
             Choose another one with {option}, or {option} 0 to let the system pick a free one. A second Confer beside\n\
             the first starts with --port 0 --aws-port 0, and with --memory or a --data-dir of its own"
        ),
        Err(error) => Err(error).with_context(|| format!("cannot listen on 127.0.0.1:{port}")),
    }
}

/// The address of a listener as a base URL.
pub fn url(address: SocketAddr) -> String {
    format!("http://{address}")
}

/// Something that serves until it is told to stop, or dropped.
#[derive(Debug)]
pub struct Server {
    // Dropping the sender is the signal, so a forgotten server ends too.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Server {
    /// Serves `router` on `listener`.
    pub fn start(listener: TcpListener, router: Router) -> Self {
        Self::run(async move |stopped| {
            let serve = axum::serve(listener, router).with_graceful_shutdown(async {
                let _ = stopped.await;
            });
            if let Err(error) = serve.await {
                tracing::error!(%error, "A server of the local stack failed");
            }
        })
    }

    /// Runs `serve`, which ends when the receiver it gets resolves.
    pub fn run<F>(serve: impl FnOnce(oneshot::Receiver<()>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (stop, stopped) = oneshot::channel();
        Self { stop, task: tokio::spawn(serve(stopped)) }
    }

    /// Takes no new requests, lets those under way finish, and returns.
    pub async fn stop(self) {
        drop(self.stop);
        let task = self.task.abort_handle();
        if tokio::time::timeout(PATIENCE, self.task).await.is_err() {
            task.abort();
        }
    }
}
