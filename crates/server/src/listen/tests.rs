use std::{
    env,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    process::{self, Child, Command, Stdio},
    sync::Arc,
};

use axum::{
    Router,
    body::Body,
    http::{Request, Response},
    response::IntoResponse as _,
    routing::get,
};
use hyper_util::rt::TokioIo;
use rustix::process::{Pid, Signal, kill_process};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
    sync::Notify,
    task::JoinHandle,
};

use super::*;

const ANY_PORT: (Ipv4Addr, u16) = (Ipv4Addr::LOCALHOST, 0);
/// Longer than any test: a test that needs it hangs instead.
const FOREVER: Duration = Duration::from_secs(3_600);

/// A server with a page that answers at once, one that waits to be let go, and one that becomes another protocol.
struct Server {
    address: SocketAddr,
    shutdown: Shutdown,
    open: Gauge,
    begun: Arc<Notify>,
    finish: Arc<Notify>,
    exit: JoinHandle<Exit>,
}

impl Server {
    fn start(bounds: Bounds) -> Self {
        Self::start_on(Listener::bind(ANY_PORT.into()).unwrap(), bounds)
    }

    fn start_on(listener: Listener, bounds: Bounds) -> Self {
        let address = listener.local_addr().unwrap();
        let (shutdown, open) = (Shutdown::new(), Gauge::default());
        let (begun, finish) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
        let (begin, go) = (begun.clone(), finish.clone());
        let slow = move || async move {
            begin.notify_one();
            go.notified().await;
            "done"
        };
        let draining = shutdown.draining().clone();
        let router = Router::new()
            .route("/", get(|| async { "here" }))
            .route("/slow", get(slow))
            .route("/socket", get(move |request| upgrade(request, draining)));
        let exit = tokio::spawn(serve(listener, router, shutdown.clone(), bounds, open.clone()));
        Self { address, shutdown, open, begun, finish, exit }
    }

    async fn connect(&self) -> Client {
        Client(BufReader::new(TcpStream::connect(self.address).await.unwrap()))
    }
}

impl Answer for Router {
    async fn answer(mut self, _: SocketAddr, request: Request<Body>) -> Response<Body> {
        let Ok(answer) = tower::Service::call(&mut self, request).await;
        answer
    }
}

/// Becomes a protocol that says goodbye when the server drains.
async fn upgrade(mut request: Request<Body>, draining: tokio_util::sync::CancellationToken) -> Response<Body> {
    let upgraded = hyper::upgrade::on(&mut request);
    tokio::spawn(async move {
        let mut socket = TokioIo::new(upgraded.await.unwrap());
        draining.cancelled().await;
        socket.write_all(b"goodbye").await.unwrap();
    });
    (http::StatusCode::SWITCHING_PROTOCOLS, [("connection", "upgrade"), ("upgrade", "test")]).into_response()
}

/// A connection that speaks just enough HTTP.
struct Client(BufReader<TcpStream>);

impl Client {
    async fn ask(&mut self, path: &str) {
        let head = format!("GET {path} HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: test\r\n\r\n");
        let head = if path == "/socket" { head } else { format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n") };
        self.0.write_all(head.as_bytes()).await.unwrap();
    }

    /// The status line and the body of an answer.
    async fn answer(&mut self) -> (String, String) {
        let mut status = String::new();
        self.0.read_line(&mut status).await.unwrap();
        let mut length = 0;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap();
            match line.trim_end().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).await.unwrap();
        (status.trim_end().to_owned(), String::from_utf8(body).unwrap())
    }

    /// What is sent until the server closes the connection.
    async fn rest(&mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).await.unwrap();
        rest
    }
}

fn bounds() -> Bounds {
    Bounds { connections: 100, drain: FOREVER }
}

#[tokio::test]
async fn requests_are_answered_on_one_connection() {
    let server = Server::start(bounds());
    let mut client = server.connect().await;
    for _ in 0..2 {
        client.ask("/").await;
        assert_eq!(client.answer().await, ("HTTP/1.1 200 OK".to_owned(), "here".to_owned()));
    }
    assert_eq!(server.open.get(), 1);
}

#[tokio::test]
async fn a_begun_request_is_answered_before_the_server_stops() {
    let server = Server::start(bounds());
    let (mut busy, mut idle) = (server.connect().await, server.connect().await);
    idle.ask("/").await;
    idle.answer().await;
    busy.ask("/slow").await;
    server.begun.notified().await;

    server.shutdown.request(Stop::Exit);
    assert_eq!(idle.rest().await, "", "an idle connection is closed");
    // Nobody is let in any more.
    while TcpStream::connect(server.address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    assert!(!server.exit.is_finished());
    server.finish.notify_one();
    assert_eq!(busy.answer().await, ("HTTP/1.1 200 OK".to_owned(), "done".to_owned()));
    assert!(matches!(server.exit.await.unwrap(), Exit::Stopped));
    assert!(server.shutdown.closed().is_cancelled());
    assert_eq!(server.open.get(), 0);
}

#[tokio::test]
async fn a_socket_says_goodbye_before_the_server_stops() {
    let server = Server::start(bounds());
    let mut client = server.connect().await;
    client.ask("/socket").await;
    assert_eq!(client.answer().await.0, "HTTP/1.1 101 Switching Protocols");
    assert_eq!(server.open.get(), 1, "it is still counted");
    server.shutdown.request(Stop::Exit);
    assert_eq!(client.rest().await, "goodbye");
    assert!(matches!(server.exit.await.unwrap(), Exit::Stopped));
}

#[tokio::test]
async fn a_fresh_connection_is_answered_once() {
    let server = Server::start(bounds());
    let mut client = server.connect().await;
    while server.open.get() == 0 {
        tokio::task::yield_now().await;
    }
    server.shutdown.request(Stop::Exit);
    client.ask("/").await;
    assert_eq!(client.answer().await.1, "here");
    assert_eq!(client.rest().await, "");
    assert!(matches!(server.exit.await.unwrap(), Exit::Stopped));
}

#[tokio::test]
async fn what_takes_too_long_is_cut_off() {
    let server = Server::start(Bounds { drain: Duration::ZERO, ..bounds() });
    let mut client = server.connect().await;
    client.ask("/slow").await;
    server.begun.notified().await;
    server.shutdown.request(Stop::Exit);
    assert!(matches!(server.exit.await.unwrap(), Exit::Stopped));
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn who_will_not_wait_cuts_everything_off() {
    let server = Server::start(bounds());
    let mut client = server.connect().await;
    client.ask("/slow").await;
    server.begun.notified().await;
    server.shutdown.request(Stop::Exit);
    server.shutdown.close();
    assert!(matches!(server.exit.await.unwrap(), Exit::Stopped));
}

#[tokio::test]
async fn more_connections_than_allowed_wait() {
    let server = Server::start(Bounds { connections: 1, ..bounds() });
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    first.ask("/slow").await;
    server.begun.notified().await;
    second.ask("/").await;
    server.finish.notify_one();
    first.answer().await;
    assert_eq!(server.open.get(), 1, "the second still waits");
    drop(first);
    assert_eq!(second.answer().await.1, "here");
}

#[tokio::test]
async fn a_restart_refuses_nobody() {
    let server = Server::start(bounds());
    let mut begun = server.connect().await;
    begun.ask("/slow").await;
    server.begun.notified().await;
    server.shutdown.request(Stop::Restart);
    server.shutdown.request(Stop::Exit);

    // It arrives while the server drains, and waits.
    let mut waiting = server.connect().await;
    waiting.ask("/").await;
    server.finish.notify_one();
    assert_eq!(begun.answer().await.1, "done");
    let Exit::Restart(handover) = server.exit.await.unwrap() else { panic!("the first who asked says what follows") };
    let next = Server::start_on(handover.into_listener(), bounds());
    assert_eq!(next.address, server.address);
    assert_eq!(waiting.answer().await.1, "here");
}

#[test]
fn the_open_file_limit_is_raised() {
    let limit = raise_open_file_limit().unwrap();
    assert_eq!(getrlimit_current(), limit);
}

fn getrlimit_current() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

/// Set for [`program`] in a process of its own: the file to tell its address in.
const CHILD: &str = "SWITCHBOARD_TEST_ADDRESS_FILE";

/// The program that is started again: tells its address in a file, and answers with its process id and whether its
/// socket was passed on. In an ordinary run of the tests it does nothing.
#[test]
fn program() {
    let Some(file) = env::var_os(CHILD) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let exit = runtime.block_on(async {
        let shutdown = Shutdown::new();
        shutdown.watch_signals().unwrap();
        let passed = env::var_os("LISTEN_PID").is_some();
        let listener = Listener::open(ANY_PORT.into()).unwrap();
        let draft = format!("{}.new", file.display());
        std::fs::write(&draft, listener.local_addr().unwrap().to_string()).unwrap();
        std::fs::rename(draft, &file).unwrap();
        let page = format!("{} {passed}", process::id());
        let router = Router::new().route("/", get(|| async move { page }));
        serve(listener, router, shutdown, bounds(), Gauge::default()).await
    });
    drop(runtime);
    match exit {
        Exit::Stopped => {}
        Exit::Restart(handover) => panic!("{}", handover.exec()),
    }
}

/// The program in a process of its own, which does not outlive the test.
struct Program {
    child: Child,
    file: PathBuf,
}

impl Program {
    fn start() -> Self {
        let file = env::temp_dir().join(crate::ids::request_id());
        let mut command = Command::new(env::current_exe().unwrap());
        command.args(["--exact", "listen::tests::program"]).env(CHILD, &file).stdout(Stdio::null());
        Self { child: command.spawn().unwrap(), file }
    }

    async fn address(&mut self) -> SocketAddr {
        loop {
            match std::fs::read_to_string(&self.file) {
                Ok(address) => return address.parse().unwrap(),
                Err(_) => assert!(self.child.try_wait().unwrap().is_none(), "the program ended"),
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.file);
    }
}

#[tokio::test]
async fn a_hang_up_starts_the_program_again_in_its_place() {
    let mut program = Program::start();
    let address = program.address().await;
    let pid = Pid::from_child(&program.child);
    let ask = async || {
        let mut client = Client(BufReader::new(TcpStream::connect(address).await.unwrap()));
        client.ask("/").await;
        client.answer().await.1
    };
    assert_eq!(ask().await, format!("{} false", pid.as_raw_nonzero()));
    kill_process(pid, Signal::HUP).unwrap();
    // Every connection is answered, by the first program until it drains and by the second from then on.
    loop {
        let page = ask().await;
        if page == format!("{} true", pid.as_raw_nonzero()) {
            break;
        }
        assert_eq!(page, format!("{} false", pid.as_raw_nonzero()));
    }
    kill_process(pid, Signal::TERM).unwrap();
    assert!(program.child.wait().unwrap().success());
}
