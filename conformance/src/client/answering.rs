//! A port that answers every request in the same way, and keeps the requests.

use std::future;
use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::listening;

pub(super) struct Answering {
    endpoint: String,
    received: Arc<Mutex<Vec<Request<Bytes>>>>,
    listening: JoinHandle<()>,
}

impl Answering {
    /// Answers with `response`. Without one, nothing is expected to be sent: 500.
    pub(super) async fn start(response: Option<Response<Bytes>>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let endpoint = format!("http://{}", listener.local_addr()?);
        let received = Arc::new(Mutex::new(Vec::new()));
        let response = response.unwrap_or_else(|| {
            let mut refusal = Response::new(Bytes::new());
            *refusal.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            refusal
        });
        let kept = received.clone();
        let listening = tokio::spawn(listening::serve(listener, move |request| {
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push(request);
            future::ready(response.clone())
        }));
        Ok(Self {
            endpoint,
            received,
            listening,
        })
    }

    pub(super) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Answers no more, and gives the requests that came.
    pub(super) async fn stop(self) -> Vec<Request<Bytes>> {
        self.listening.abort();
        _ = self.listening.await;
        let mut received = self.received.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *received)
    }
}
