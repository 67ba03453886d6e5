//! `sock_*`.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
};

use wasmote_wasi::WasiCtxBuilder;

use crate::shim::{
    CREAT, DATA, MEMORY, OUT, Program, call,
    errno::{AGAIN, BADF, FAULT, INVAL, NOTCONN, NOTSOCK, OK},
};

/// A program with a socket, descriptor 3, and the socket's address.
fn program() -> (Program, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (Program::new(WasiCtxBuilder::new().preopened_socket(listener)), address)
}

#[test]
fn a_conversation() {
    let (mut program, address) = program();
    let mut peer = TcpStream::connect(address).unwrap();
    peer.write_all(b"hello").unwrap();
    assert_eq!(call!(program, sock_accept, 3_u32, 0_u32, OUT), OK);
    let fd = program.u32(OUT);
    assert_eq!(fd, 4);
    assert_eq!(call!(program, fd_fdstat_get, fd, DATA), OK);
    assert_eq!(program.bytes(DATA, 1), [6]);

    let (at, count) = program.buffers(&[(DATA, 3), (DATA + 3, 2)]);
    // A peek does not consume bytes.
    assert_eq!(call!(program, sock_recv, fd, at, count, 1_u32, OUT, OUT + 4), OK);
    assert_eq!((program.u32(OUT), program.bytes(DATA, 3)), (3, b"hel".into()));
    assert_eq!(call!(program, sock_recv, fd, at, count, 2_u32, OUT, OUT + 4), OK);
    assert_eq!((program.u32(OUT), program.u16(OUT + 4), program.bytes(DATA, 5)), (5, 0, b"hello".into()));

    program.put(DATA, b"world");
    assert_eq!(call!(program, sock_send, fd, at, count, 0_u32, OUT), OK);
    assert_eq!(program.u32(OUT), 5);
    assert_eq!(program.write(fd, b"!"), Ok(1));
    assert_eq!(call!(program, sock_shutdown, fd, 2_u32), OK);
    let mut answer = String::new();
    peer.read_to_string(&mut answer).unwrap();
    assert_eq!(answer, "world!");
    drop(peer);
    assert_eq!(program.read(fd, 10).unwrap(), b"");
    assert_eq!(call!(program, fd_close, fd), OK);
    assert_eq!(call!(program, sock_shutdown, fd, 3_u32), BADF);
}

#[test]
fn sockets_that_do_not_block() {
    let (mut program, address) = program();
    assert_eq!(call!(program, fd_fdstat_set_flags, 3_u32, 4_u32), OK);
    assert_eq!(call!(program, sock_accept, 3_u32, 4_u32, OUT), AGAIN);
    let _peer = TcpStream::connect(address).unwrap();
    // Wait for the connection as a program would.
    let mut subscription = [0; 48];
    (subscription[8], subscription[16]) = (1, 3);
    program.put(DATA, &subscription);
    assert_eq!(call!(program, poll_oneoff, DATA, DATA + 64, 1_u32, OUT), OK);
    assert_eq!((program.u32(OUT), program.u16(DATA + 72)), (1, 0));
    assert_eq!(call!(program, sock_accept, 3_u32, 4_u32, OUT), OK);
    let fd = program.u32(OUT);
    assert_eq!(program.read(fd, 1), Err(AGAIN));
}

#[test]
fn bad_input() {
    let (mut program, address) = program();
    let _peer = TcpStream::connect(address).unwrap();
    assert_eq!(call!(program, sock_accept, 3_u32, 1_u32, OUT), INVAL);
    assert_eq!(call!(program, sock_accept, 3_u32, u32::MAX, OUT), INVAL);
    assert_eq!(call!(program, sock_accept, 3_u32, 0_u32, MEMORY - 3), FAULT);
    assert_eq!(call!(program, sock_accept, 9_u32, 0_u32, OUT), BADF);
    assert_eq!(call!(program, sock_accept, 0_u32, 0_u32, OUT), NOTSOCK);
    assert_eq!(call!(program, sock_accept, 3_u32, 0_u32, OUT), OK);
    let fd = program.u32(OUT);
    assert_eq!(call!(program, sock_accept, fd, 0_u32, OUT), INVAL);
    let (at, count) = program.buffers(&[(DATA, 3)]);
    assert_eq!(call!(program, sock_recv, fd, at, count, 4_u32, OUT, OUT), INVAL);
    assert_eq!(call!(program, sock_recv, fd, at, count, 0_u32, MEMORY, OUT), FAULT);
    assert_eq!(call!(program, sock_recv, fd, at, count, 0_u32, OUT, MEMORY - 1), FAULT);
    assert_eq!(call!(program, sock_recv, fd, at, 1025_u32, 0_u32, OUT, OUT), INVAL);
    assert_eq!(call!(program, sock_send, fd, at, count, 1_u32, OUT), INVAL);
    assert_eq!(call!(program, sock_send, fd, MEMORY, count, 0_u32, OUT), FAULT);
    assert_eq!(call!(program, sock_shutdown, fd, 0_u32), INVAL);
    assert_eq!(call!(program, sock_shutdown, fd, 4_u32), INVAL);
    assert_eq!(call!(program, sock_shutdown, 3_u32, 1_u32), NOTCONN);
    assert_eq!(call!(program, sock_recv, 3_u32, at, count, 0_u32, OUT, OUT), NOTCONN);
    assert_eq!(program.read(3, 1), Err(NOTCONN));
}

#[test]
fn what_is_no_socket() {
    let mut program = Program::memory();
    let fd = program.open("file", CREAT).unwrap();
    let (at, count) = program.buffers(&[(DATA, 3)]);
    for fd in [0, 1, 3, fd] {
        assert_eq!(call!(program, sock_accept, fd, 0_u32, OUT), NOTSOCK);
        assert_eq!(call!(program, sock_recv, fd, at, count, 0_u32, OUT, OUT), NOTSOCK);
        assert_eq!(call!(program, sock_send, fd, at, count, 0_u32, OUT), NOTSOCK);
        assert_eq!(call!(program, sock_shutdown, fd, 3_u32), NOTSOCK);
    }
}
