//! A proxy that leads wherever it is asked for to one server, and tells what it was asked.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use amplify_backend_transport::{Proxies, Proxy};
use rustls::ServerConfig;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, copy_bidirectional},
    net::TcpStream,
};
use tokio_rustls::TlsAcceptor;

use super::{Server, read_request};

pub(crate) struct ProxyServer {
    pub(crate) server: Server,
    heads: Arc<Mutex<Vec<String>>>,
    scheme: &'static str,
    host: &'static str,
}

impl ProxyServer {
    pub(crate) async fn to(server: &Server) -> Self {
        let (heads, target) = (Arc::<Mutex<Vec<String>>>::default(), server.address);
        let seen = heads.clone();
        let server = Server::start(move |_, stream| serve(stream, target, seen.clone())).await;
        Self {
            server,
            heads,
            scheme: "http",
            host: "127.0.0.1",
        }
    }

    /// A proxy that is spoken to by TLS, with a certificate for `localhost`.
    pub(crate) async fn over_tls(config: ServerConfig, server: &Server) -> Self {
        let (heads, target) = (Arc::<Mutex<Vec<String>>>::default(), server.address);
        let seen = heads.clone();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let server = Server::start(move |_, stream| {
            let (acceptor, seen) = (acceptor.clone(), seen.clone());
            async move { serve(acceptor.accept(stream).await?, target, seen).await }
        })
        .await;
        Self {
            server,
            heads,
            scheme: "https",
            host: "localhost",
        }
    }

    /// The head of the first request on each connection.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// Its URL, with `credentials` such as `user:password@`.
    pub(crate) fn url(&self, credentials: &str) -> String {
        let Self { scheme, host, .. } = self;
        format!(
            "{scheme}://{credentials}{host}:{}",
            self.server.address.port()
        )
    }

    /// This proxy for all requests.
    pub(crate) fn for_all(&self, credentials: &str) -> Proxies {
        Proxies::new().all(Proxy::new(&self.url(credentials)).unwrap())
    }
}

async fn serve(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    target: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
) -> io::Result<()> {
    let Some((head, body)) = read_request(&mut client).await else {
        return Ok(());
    };
    heads.lock().unwrap().push(head.clone());
    let mut target = TcpStream::connect(target).await?;
    if head.starts_with("CONNECT ") {
        let established = b"HTTP/1.1 200 Connection established\r\n\r\n";
        client.write_all(established).await?;
        client.flush().await?;
    } else {
        target.write_all(head.as_bytes()).await?;
        target.write_all(&body).await?;
    }
    copy_bidirectional(&mut client, &mut target).await?;
    Ok(())
}
