//! What was seen of the TLS of one connection: who offered what, what was agreed, and whether it was read. Nothing is judged.

use std::net::SocketAddr;

use crate::source::FrameId;

/// The TLS of one connection, as far as its handshake was seen in the clear or deciphered.
///
/// The client is who said hello first: the device towards its ACS or a file server.
#[derive(Debug, Clone)]
pub struct TlsConnection {
    /// Who said hello.
    pub client: SocketAddr,
    /// Who was to answer it.
    pub server: SocketAddr,
    /// What the client offers.
    pub offer: Option<Box<tls::ClientHello>>,
    /// The version agreed.
    pub version: Option<tls::Version>,
    /// The suite agreed.
    pub suite: Option<tls::Suite>,
    /// The server that the client names (RFC 6066 section 3).
    pub server_name: Option<String>,
    /// An earlier session goes on: no certificate is sent.
    pub resumed: bool,
    /// What the server proves itself with, its own certificate first; empty where none was seen.
    pub server_chain: Vec<tls::Certificate>,
    /// The server asked the client for a certificate.
    pub certificate_asked: bool,
    /// What the client proves itself with; Some and empty where it was asked and has none, None where nothing was seen.
    pub client_chain: Option<Vec<tls::Certificate>>,
    /// The handshake was seen from its first byte, without a gap, up to what it agreed on.
    pub complete: bool,
    /// Bytes of the application can be read.
    pub decrypted: bool,
    /// Why they cannot, where that is so.
    pub reason: Option<tls::Reason>,
    /// Where the client's hello ends.
    pub offer_frame: Option<FrameId>,
    /// Where the server's hello ends.
    pub answer_frame: Option<FrameId>,
    /// Where the server's certificates end.
    pub server_chain_frame: Option<FrameId>,
    /// Where the client's certificates end.
    pub client_chain_frame: Option<FrameId>,
}
