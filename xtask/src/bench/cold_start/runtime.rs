//! The other end of the Lambda runtime API: it hands out one event and takes one answer.

use std::net::SocketAddr;
use std::time::Instant;

use anyhow::Context;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// One start of one function, seen from Lambda.
pub(crate) struct Runtime {
    pub(crate) address: SocketAddr,
    /// The status that the answer has to have, if it has one.
    status: Option<u16>,
    said: mpsc::UnboundedReceiver<Said>,
    server: JoinHandle<std::io::Result<()>>,
}

/// What a function did.
enum Said {
    Ready(Instant),
    Answered(Instant, String),
    Failed(String),
}

/// A function's first answer.
pub(crate) struct Answer {
    /// When it asked for something to do.
    pub(crate) ready: Instant,
    /// When the answer was here.
    pub(crate) at: Instant,
}

impl Runtime {
    /// Waits on a free port for a function.
    pub(crate) async fn serve(event: &Value, status: Option<u16>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (says, said) = mpsc::unbounded_channel();
        let router = Router::new()
            .route("/2018-06-01/runtime/invocation/next", get(next))
            .route("/2018-06-01/runtime/invocation/{id}/response", post(answered))
            .route("/2018-06-01/runtime/invocation/{id}/error", post(failed))
            .route("/2018-06-01/runtime/init/error", post(failed))
            .with_state(Desk { event: event.to_string(), says });
        let server = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, status, said, server })
    }

    /// Waits for the first answer, which must be the right one: a fast refusal is no figure.
    pub(crate) async fn first_answer(&mut self) -> anyhow::Result<Answer> {
        let mut ready = None;
        loop {
            match self.said.recv().await.context("the runtime API ended")? {
                Said::Ready(at) => ready = ready.or(Some(at)),
                Said::Failed(text) => anyhow::bail!("the function reported an error: {text}"),
                Said::Answered(at, text) => {
                    let answer: Value = serde_json::from_str(&text).context("the answer is not JSON")?;
                    let right = self.status.is_none_or(|status| answer["statusCode"] == status);
                    anyhow::ensure!(right, "the function answered {text}");
                    let ready = ready.context("an answer without a question")?;
                    return Ok(Answer { ready, at });
                }
            }
        }
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[derive(Clone)]
struct Desk {
    event: String,
    says: mpsc::UnboundedSender<Said>,
}

async fn next(State(Desk { event, says }): State<Desk>) -> Response {
    // The receiver is gone only when the start is over, and then nobody wants to know.
    let _ = says.send(Said::Ready(Instant::now()));
    let headers = [
        ("content-type", "application/json"),
        ("lambda-runtime-aws-request-id", "00000000-0000-4000-8000-000000000001"),
        ("lambda-runtime-deadline-ms", "4102444800000"),
        ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:bench"),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000;Parent=0000000000000000;Sampled=0"),
    ];
    (headers, event).into_response()
}

/// Takes the answer and never confirms it: the function waits, so that nothing after its answer is counted.
async fn answered(State(desk): State<Desk>, body: String) {
    let _ = desk.says.send(Said::Answered(Instant::now(), body));
    std::future::pending::<()>().await;
}

async fn failed(State(desk): State<Desk>, body: String) {
    let _ = desk.says.send(Said::Failed(body));
    std::future::pending::<()>().await;
}
