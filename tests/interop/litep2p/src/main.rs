//! Two litep2p nodes in one process on loopback: one asks, the other answers with many bytes over TCP, Noise and
//! yamux, one request after the other, each on a substream of its own.
//!
//!     litep2p-load <answers> <bytes of an answer>
//!
//! Prints `cpu_s_per_GiB <seconds>`: user and system time of the process, both ends, per GiB of answers.

use futures::StreamExt;
use litep2p::{
    config::ConfigBuilder,
    crypto::ed25519::Keypair,
    protocol::request_response::{
        ConfigBuilder as RequestConfig, DialOptions, RequestResponseEvent, RequestResponseHandle,
    },
    transport::tcp::config::Config as TcpConfig,
    Litep2p, Litep2pEvent, ProtocolName,
};
use std::time::Duration;

fn node(answer_bytes: usize) -> (Litep2p, RequestResponseHandle) {
    let (protocol, handle) = RequestConfig::new(ProtocolName::from("/load/1"))
        .with_max_size(answer_bytes + 1024)
        .with_timeout(Duration::from_secs(60))
        .build();
    let config = ConfigBuilder::new()
        .with_keypair(Keypair::generate())
        .with_tcp(TcpConfig {
            listen_addresses: vec!["/ip4/127.0.0.1/tcp/0".parse().unwrap()],
            ..Default::default()
        })
        .with_request_response_protocol(protocol)
        .build();
    (Litep2p::new(config).unwrap(), handle)
}

fn cpu_seconds() -> f64 {
    let mut used: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: `used` is a whole rusage of ours.
    assert_eq!(unsafe { libc::getrusage(libc::RUSAGE_SELF, &mut used) }, 0);
    let seconds = |time: libc::timeval| time.tv_sec as f64 + time.tv_usec as f64 / 1e6;
    seconds(used.ru_utime) + seconds(used.ru_stime)
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let arguments: Vec<usize> = std::env::args().skip(1).map(|each| each.parse().unwrap()).collect();
    let [answers, bytes] = arguments[..] else {
        panic!("litep2p-load <answers> <bytes of an answer>");
    };
    let (mut server, mut serving) = node(bytes);
    let (mut client, mut asking) = node(bytes);
    let target = server.listen_addresses().next().unwrap().clone();
    let peer = *server.local_peer_id();
    tokio::spawn(async move { while server.next_event().await.is_some() {} });
    client.dial_address(target).await.unwrap();
    while !matches!(client.next_event().await, Some(Litep2pEvent::ConnectionEstablished { .. })) {}
    tokio::spawn(async move { while client.next_event().await.is_some() {} });
    tokio::spawn(async move {
        let answer = vec![7u8; bytes];
        while let Some(event) = serving.next().await {
            if let RequestResponseEvent::RequestReceived { request_id, .. } = event {
                serving.send_response(request_id, answer.clone());
            }
        }
    });
    tokio::time::sleep(Duration::from_millis(200)).await;

    let mut began = 0.0;
    for number in 0..=answers {
        if number == 1 {
            began = cpu_seconds(); // the first one warms up
        }
        asking.send_request(peer, vec![1u8; 40], DialOptions::Reject).await.unwrap();
        match asking.next().await {
            Some(RequestResponseEvent::ResponseReceived { response, .. }) => assert_eq!(response.len(), bytes),
            other => panic!("{other:?}"),
        }
    }
    let gib = (answers * bytes) as f64 / f64::from(1 << 30);
    println!("cpu_s_per_GiB {:.4}", (cpu_seconds() - began) / gib);
}
