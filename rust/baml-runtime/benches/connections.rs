//! What a waiting stream costs by its connection alone, read by this crate and by hyper:
//! `cargo bench -p baml-runtime --bench connections`.
//!
//! Why HTTP/1.1 is read here and not there: see ARCHITECTURE.md. Each row is a process of its own,
//! which reads so many streams at once from this one and makes nothing of them. hyper is driven as
//! sparingly as it can be: without a task for each connection, with the smallest buffers.

#![allow(clippy::print_stdout)]

use std::pin::{Pin, pin};
use std::process::Command;
use std::sync::Arc;
use std::task::{Poll, ready};
use std::time::Duration;

use baml_runtime::connector::Route;
use baml_runtime::http_client::{Ask, HttpClient, address};
use bytes::Bytes;
use http::{HeaderMap, Method, Request};
use http_body_util::Full;
use hyper::body::Body as _;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// Streams, pieces of each, milliseconds between them.
const ROWS: [(usize, usize, u64); 2] = [(1_000, 100, 50), (10_000, 4, 2_000)];
const BODY: &str = r#"{"model":"m","stream":true,"messages":[{"role":"user","content":"y"}]}"#;
const BUFFER_BYTES: usize = 4096;

fn main() {
    let words: Vec<String> = std::env::args().filter(|word| word != "--bench").collect();
    if let [_, reader, url, streams, spread_ms] = words.as_slice() {
        let number = |word: &String| word.parse().unwrap_or_default();
        return read_many(reader, url, number(streams), number(spread_ms) as u64);
    }
    for (streams, pieces, pause_ms) in ROWS {
        for reader in ["own", "hyper"] {
            let url = serve(pieces, pause_ms);
            let program = std::env::current_exe().expect("this program");
            let (streams, pause) = (streams.to_string(), pause_ms.to_string());
            let row = Command::new(program).args([reader, &url, &streams, &pause]).status();
            assert!(row.is_ok_and(|row| row.success()), "{reader} of {streams}");
        }
    }
}

/// Answers every request with so many events in chunks.
fn serve(pieces: usize, pause_ms: u64) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.set_nonblocking(true).expect("a socket of ours");
    let url = format!("http://{}", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let listener = TcpListener::from_std(listener).expect("a socket of ours");
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(answer(socket, pieces, Duration::from_millis(pause_ms)));
            }
        });
    });
    url
}

async fn answer(mut socket: TcpStream, pieces: usize, pause: Duration) -> std::io::Result<()> {
    let _ = socket.read(&mut [0; 1024]).await?;
    let event = format!("data: {{\"choices\":[{{\"delta\":\"{}\"}}]}}\n\n", "x".repeat(250));
    let chunk = format!("{:x}\r\n{event}\r\n", event.len());
    socket
        .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n")
        .await?;
    for _ in 0..pieces {
        tokio::time::sleep(pause).await;
        socket.write_all(chunk.as_bytes()).await?;
    }
    socket.write_all(b"0\r\n\r\n").await
}

fn read_many(reader: &str, url: &str, streams: usize, spread_ms: u64) {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    let runtime = builder.worker_threads(2).enable_all().build().expect("a runtime");
    let (cpu, memory) = (cpu_ms(), kilobytes("VmRSS"));
    let total = runtime.block_on(async {
        let client = Arc::new(HttpClient::default());
        let mut tasks = Vec::new();
        for _ in 0..streams {
            let (url, client) = (url.to_owned(), Arc::clone(&client));
            tasks.push(match reader {
                "own" => tokio::spawn(read_here(client, url)),
                _ => tokio::spawn(read_with_hyper(url)),
            });
            tokio::time::sleep(Duration::from_micros(spread_ms * 1000 / streams as u64)).await;
        }
        let mut total = 0;
        for task in tasks {
            total += task.await.expect("it ends");
        }
        total
    });
    let count = streams as f64;
    println!(
        "{reader:5} {streams:6} streams: {total} bytes, CPU {:.2} ms and {:.1} KB each",
        (cpu_ms() - cpu) / count,
        (kilobytes("VmHWM") - memory) / count
    );
}

async fn read_here(client: Arc<HttpClient>, url: String) -> usize {
    let (uri, _) = address(&url).expect("an address");
    let (headers, body) = (HeaderMap::new(), Bytes::from_static(BODY.as_bytes()));
    let (route, method) = (Route::Near, Method::POST);
    let ask = Ask { route, method, uri, headers, body, connect_ms: 10_000, is_pooled: true };
    let mut body = Box::pin(client.ask(Box::new(ask))).await.expect("an answer").body;
    let mut total = 0;
    std::future::poll_fn(|context| {
        loop {
            let mut room = baml_runtime::transport::room();
            let mut read = ReadBuf::uninit(&mut room);
            ready!(body.poll_read(context, &mut read)).expect("a body");
            if read.filled().is_empty() {
                return Poll::Ready(total);
            }
            total += read.filled().len();
        }
    })
    .await
}

async fn read_with_hyper(url: String) -> usize {
    let host = url.trim_start_matches("http://").to_owned();
    let socket = TcpStream::connect(&host).await.expect("a connection");
    socket.set_nodelay(true).expect("a socket");
    let mut builder = hyper::client::conn::http1::Builder::new();
    builder.read_buf_exact_size(Some(BUFFER_BYTES));
    let begun = builder.handshake::<_, Full<Bytes>>(TokioIo::new(socket)).await;
    let (mut sender, driver) = begun.expect("a connection");
    let (mut driver, mut over) = (pin!(driver), false);
    let request = Request::post("/").header("host", host).body(Full::new(BODY.into()));
    let mut asked = pin!(sender.send_request(request.expect("a request")));
    let answer = std::future::poll_fn(|context| {
        over = over || driver.as_mut().poll(context).is_ready();
        asked.as_mut().poll(context)
    });
    let mut body = answer.await.expect("an answer").into_body();
    let mut total = 0;
    std::future::poll_fn(|context| {
        loop {
            over = over || driver.as_mut().poll(context).is_ready();
            match ready!(Pin::new(&mut body).poll_frame(context)) {
                None => return Poll::Ready(total),
                Some(frame) => {
                    let data = frame.expect("a body").into_data();
                    total += data.map_or(0, |data| data.len());
                }
            }
        }
    })
    .await
}

/// The processor time of this process, in ticks of 10 ms.
fn cpu_ms() -> f64 {
    const TICK_MS: f64 = 10.0;
    let text = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap_or_default().split(' ').collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok());
    (ticks(12).unwrap_or_default() + ticks(13).unwrap_or_default()) * TICK_MS
}

fn kilobytes(name: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or_default()
}
