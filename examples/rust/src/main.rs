//! Answers each connection with a greeting and the number of those before it.
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};

fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("0.0.0.0:8080")?;
    for (count, stream) in listener.incoming().enumerate() {
        if let Err(error) = answer(stream?, count) {
            eprintln!("connection {count}: {error}");
        }
    }
    Ok(())
}

fn answer(mut stream: TcpStream, count: usize) -> std::io::Result<()> {
    // The request is not needed, but a client expects it to be read.
    let _ = stream.read(&mut [0; 1024])?;
    let mut digits = itoa::Buffer::new();
    let body = ["Hello, number ", digits.format(count), "\n"].concat();
    let length = itoa::Buffer::new().format(body.len()).to_owned();
    let head = ["HTTP/1.1 200 OK\r\ncontent-length: ", &length, "\r\nconnection: close\r\n\r\n"].concat();
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())
}
