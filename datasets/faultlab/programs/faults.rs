// Faults of a Rust metering service, with the standard library alone.
use std::cell::RefCell;
use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, ToSocketAddrs};
use std::process::Command;
use std::sync::mpsc;
use std::time::Duration;

#[derive(Debug)]
struct MeterError(String);
impl fmt::Display for MeterError { fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result { f.write_str(&self.0) } }
impl Error for MeterError {}
type Outcome = Result<(), Box<dyn Error>>;

fn env(name: &str) -> String { std::env::var(format!("LAB_{name}")).unwrap() }
fn say(text: String) -> Outcome { Err(Box::new(MeterError(text))) }
fn talk(name: &str, wait: u64) -> Outcome {
    let mut stream = TcpStream::connect(env(name))?;
    stream.set_read_timeout(Some(Duration::from_millis(wait)))?;
    stream.write_all(b"hello")?;
    std::thread::sleep(Duration::from_millis(50));
    let mut bytes = [0; 9];
    stream.read_exact(&mut bytes)?;
    Ok(())
}
fn http(path: &str) -> Outcome {
    let mut stream = TcpStream::connect(env("HTTP"))?;
    write!(stream, "GET {path} HTTP/1.0\r\n\r\n")?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    let status = text.lines().next().unwrap_or("").to_string();
    if status.contains(" 200 ") { Ok(()) } else { say(format!("upstream answered {}", status.trim_start_matches("HTTP/1.1 "))) }
}
fn run(command: &str) -> Outcome {
    let output = Command::new("sh").args(["-c", command]).output()?;
    if output.status.success() { Ok(()) } else { say(format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim())) }
}

fn fault(name: &str) -> Outcome {
    let n = env("N");
    let dir = env("DIR");
    let zero = n.len() - n.len();
    match name {
        // fault option-none: code_defect
        "option-none" => { let m: HashMap<&str, u8> = HashMap::new(); m.get("kwh").unwrap(); Ok(()) }
        // fault index-beyond: code_defect
        "index-beyond" => { let v = vec![1, 2, 3]; println!("{}", v[n.len() + 5]); Ok(()) }
        // fault by-zero: code_defect
        "by-zero" => { println!("{}", 7 / zero); Ok(()) }
        // fault borrowed-twice: code_defect
        "borrowed-twice" => { let c = RefCell::new(1); let _a = c.borrow_mut(); let _b = c.borrow_mut(); Ok(()) }
        // fault slice-inside: code_defect
        "slice-inside" => { println!("{}", &"Zähler"[..2 + zero]); Ok(()) }
        // fault unreachable-state: code_defect
        "unreachable-state" => unreachable!("register {} in state 7", n),
        // fault not-written: code_defect
        "not-written" => todo!("two-way metering"),
        // fault assert-failed: code_defect
        "assert-failed" => { assert!(n.is_empty(), "intervals must not overlap"); Ok(()) }
        // fault overflow-add: code_defect
        "overflow-add" => { let a: u8 = 250; println!("{}", a + (n.len() as u8) + 9); Ok(()) }
        // fault thread-panicked: code_defect
        "thread-panicked" => { std::thread::spawn(|| panic!("gauge thread: impossible reading")).join().map_err(|_| MeterError("gauge thread panicked".into()))?; Ok(()) }
        // fault number-text: invalid_input
        "number-text" => { "12 kg".parse::<i32>()?; Ok(()) }
        // fault number-large: invalid_input
        "number-large" => { "99999999999".parse::<i32>()?; Ok(()) }
        // fault float-text: invalid_input
        "float-text" => { "1,5".parse::<f64>()?; Ok(()) }
        // fault flag-text: invalid_input
        "flag-text" => { "yes".parse::<bool>()?; Ok(()) }
        // fault address-text: invalid_input or configuration
        "address-text" => { "300.1.1.1:80".parse::<std::net::SocketAddr>()?; Ok(()) }
        // fault interval-negative: invalid_input
        "interval-negative" => say(format!("interval of {n} minutes is not one of 15, 30, 60")),
        // fault file-absent: not_found
        "file-absent" => { fs::read_to_string(format!("/srv/data/readings-{n}.csv"))?; Ok(()) }
        // fault meter-unknown: not_found
        "meter-unknown" => say(format!("no meter with serial {n}")),
        // fault status-404: not_found
        "status-404" => http("/status/404"),
        // fault file-denied: access_denied
        "file-denied" => { fs::read(dir + "/secret.txt")?; Ok(()) }
        // fault status-401: access_denied
        "status-401" => http("/status/401"),
        // fault operator-unassigned: access_denied
        "operator-unassigned" => say(format!("grid operator {n} is not entitled to read this meter")),
        // fault variable-absent: configuration
        "variable-absent" => { std::env::var("METER_HEAD_END_URL")?; Ok(()) }
        // fault program-absent: configuration or not_found
        "program-absent" => { Command::new(format!("dlms-decode-{n}")).output()?; Ok(()) }
        // fault port-taken: configuration or conflict
        "port-taken" => { TcpListener::bind(env("HTTP"))?; Ok(()) }
        // fault setting-text: configuration
        "setting-text" => say("metering.toml: poll_timeout: expected integer, found string \"soon\"".into()),
        // fault utf8-bad: serialization
        "utf8-bad" => { fs::read_to_string(dir + "/latin1.txt")?; Ok(()) }
        // fault telegram-cut: serialization
        "telegram-cut" => say(format!("telegram of meter {n}: wanted 64 bytes, got 41")),
        // fault connect-refused: connectivity
        "connect-refused" => { TcpStream::connect(env("REFUSED"))?; Ok(()) }
        // fault peer-reset: connectivity
        "peer-reset" => talk("RESET", 500),
        // fault peer-eof: connectivity
        "peer-eof" => talk("CLOSING", 500),
        // fault name-unresolved: connectivity
        "name-unresolved" => { format!("meter-{n}.invalid:80").to_socket_addrs()?; Ok(()) }
        // fault modem-silent: connectivity or timeout
        "modem-silent" => say(format!("modem of meter {n}: no carrier")),
        // fault read-silent: timeout or connectivity
        "read-silent" => talk("SILENT", 200),
        // fault channel-late: timeout
        "channel-late" => { let (_keep, inbox) = mpsc::channel::<u8>(); inbox.recv_timeout(Duration::from_millis(30))?; Ok(()) }
        // fault validation-late: timeout
        "validation-late" => say(format!("validation of day {n} still running after 600 s, cancelled")),
        // fault status-503: dependency_unavailable
        "status-503" => http("/status/503"),
        // fault status-502: dependency_unavailable
        "status-502" => http("/status/502"),
        // fault head-end-closed: dependency_unavailable
        "head-end-closed" => say("head-end says it is in maintenance until 06:00".into()),
        // fault status-429: rate_limited
        "status-429" => http("/status/429"),
        // fault polls-spent: rate_limited
        "polls-spent" => say(format!("carrier permits {n} polls a day, limit reached")),
        // fault folder-exists: conflict
        "folder-exists" => { fs::create_dir(dir)?; Ok(()) }
        // fault file-exists: conflict
        "file-exists" => { OpenOptions::new().write(true).create_new(true).open("/dev/null")?; Ok(()) }
        // fault reading-twice: conflict
        "reading-twice" => say(format!("reading {n} was already accepted under another id")),
        // fault archive-crc: data_integrity
        "archive-crc" => run(&format!("gzip -t {dir}/crc.gz")),
        // fault register-backwards: data_integrity
        "register-backwards" => say(format!("stored register of meter {n} goes backwards from 812 to 790")),
        // fault disk-full: resource_exhausted
        "disk-full" => { OpenOptions::new().write(true).open("/dev/full")?.write_all(b"report")?; Ok(()) }
        // fault descriptors: resource_exhausted (nofile=24)
        "descriptors" => { let mut all = vec![]; for _ in 0..99 { all.push(File::open("/dev/null")?); } Ok(()) }
        // fault memory-gone: resource_exhausted or crash (as=300000000)
        "memory-gone" => { let v: Vec<u8> = vec![1; 900_000_000 + zero]; println!("{}", v.len()); Ok(()) }
        // fault stack-deep: resource_exhausted or crash
        "stack-deep" => { fn deep(x: u64) -> u64 { let a = [x; 64]; deep(x + 1) + a[(x % 64) as usize] } println!("{}", deep(1)); Ok(()) }
        // fault buffer-full: resource_exhausted
        "buffer-full" => { let (outbox, _keep) = mpsc::sync_channel(1); outbox.try_send(1)?; outbox.try_send(2)?; Ok(()) }
        // fault child-killed: crash
        "child-killed" => run("kill -SEGV $$"),
        // fault self-abort: crash
        "self-abort" => std::process::abort(),
        _ => Ok(()),
    }
}

fn main() {
    let name = std::env::args().nth(1).unwrap();
    let mode = env("MODE");
    let outcome = fault(&name);
    if mode == "raise" {
        outcome.unwrap();
        return;
    }
    let Err(error) = outcome else { return };
    let debug = format!("{error:?}");
    let kind = if error.is::<io::Error>() { "std::io::Error" } else if error.is::<MeterError>() { "metering::MeterError" } else { "Error" };
    if mode == "wrap" {
        let outer = format!("meter {} was not read", env("N"));
        println!("@@type anyhow::Error\n@@message {outer}\n@@trace\nError: {outer}\n\nCaused by:\n    {error}\n@@end");
    } else {
        println!("@@type {kind}\n@@message {error}\n@@trace\nError: {debug}\n@@end");
    }
}
