//! A small server that answers only to requests that are signed, and a client that sends it two.
//!
//! ```text
//! cargo run -p amplify-backend-signing --example verify_server --features verify
//! ```
#![allow(clippy::print_stdout, reason = "it is what the example is for")]

use std::error::Error;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::SystemTime;

use amplify_backend_signing::{Credentials, Signer, Verifier};
use http::{Request, header};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
}

fn main() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let host = listener.local_addr()?.to_string();
    thread::spawn(move || {
        let verifier = Verifier::new(Signer::new("us-east-1", "amplifybackend"));
        for stream in listener.incoming().flatten() {
            if let Err(error) = serve(stream, &verifier) {
                println!("server: {error}");
            }
        }
    });

    let mut request = Request::post("/s3Buckets")
        .header(header::HOST, &host)
        .header(header::CONTENT_TYPE, "application/json")
        .body("{}".to_owned())?;
    let signer = Signer::new("us-east-1", "amplifybackend");
    signer.sign(&mut request, &credentials(), SystemTime::now())?;
    println!("as it was signed: {}", send(&host, &request)?);
    *request.body_mut() = "[]".to_owned();
    println!("with another body: {}", send(&host, &request)?);
    Ok(())
}

/// What a server does with a signed request.
fn serve(stream: TcpStream, verifier: &Verifier) -> Result<()> {
    let request = read(&stream)?;
    let look_up = |id: &str| Some(credentials()).filter(|known| known.access_key_id() == id);
    let answer = match verifier.verify(&request, look_up, SystemTime::now()) {
        Ok(verified) => format!("200 OK\r\n\r\nhello {}", verified.access_key_id),
        Err(error) => {
            if let Some(mismatch) = error.mismatch() {
                println!("server expected:\n{}\n", mismatch.canonical_request());
            }
            format!(
                "403 Forbidden\r\nx-amzn-errortype: {}\r\n\r\n{error}",
                error.aws_code()
            )
        }
    };
    write!(&stream, "HTTP/1.1 {answer}")?;
    Ok(())
}

/// Enough of HTTP for an example: a real server limits what it reads, and for how long.
fn read(stream: &TcpStream) -> Result<Request<Vec<u8>>> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut parts = line.split_whitespace();
    let (method, target) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    let mut request = Request::builder().method(method).uri(target);
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(": ") else {
            break;
        };
        if name == "content-length" {
            length = value.parse()?;
        }
        request = request.header(name, value);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    Ok(request.body(body)?)
}

fn send(host: &str, request: &Request<String>) -> Result<String> {
    let mut stream = TcpStream::connect(host)?;
    let mut text = format!("{} {} HTTP/1.1\r\n", request.method(), request.uri());
    for (name, value) in request.headers() {
        text.push_str(&format!("{name}: {}\r\n", value.to_str()?));
    }
    write!(
        stream,
        "{text}content-length: {}\r\n\r\n{}",
        request.body().len(),
        request.body()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}
