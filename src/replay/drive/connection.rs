//! One connection: bytes in and out, by two tasks that know no HTTP. Any stream will do, one of TLS too.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf,
};
use tokio::sync::{Notify, mpsc};
use tokio::task::AbortHandle;

use super::told::{Tell, Told};
use crate::replay::action::ConnectionId;
use crate::replay::guard::Permit;

/// The driver's end of a connection; dropping it ends its tasks.
pub(super) struct Wire {
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
    orders: mpsc::UnboundedSender<Order>,
    waiting: Arc<Waiting>,
    tasks: [AbortHandle; 2],
}

/// What is to be written and is not yet.
#[derive(Default)]
struct Waiting {
    bytes: AtomicUsize,
    /// There was too much of it.
    too_much: Notify,
}

/// What a writer does, in order.
enum Order {
    Write(Vec<u8>),
    End,
}

impl Wire {
    /// Begins to read and to write; what comes is told with this number.
    pub(super) fn begin<S>(
        id: ConnectionId,
        stream: S,
        [local, peer]: [SocketAddr; 2],
        tell: &Tell,
    ) -> Self
    where
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let (input, output) = tokio::io::split(stream);
        let (orders, ordered) = mpsc::unbounded_channel();
        let waiting = Arc::new(Waiting::default());
        let reading = tokio::spawn(read(id, input, tell.clone()));
        let writing = write(id, output, ordered, waiting.clone(), tell.clone());
        let writing = tokio::spawn(writing);
        Self {
            local,
            peer,
            orders,
            waiting,
            tasks: [reading.abort_handle(), writing.abort_handle()],
        }
    }

    /// Writes what the guard let out. A peer that asks and asks, and takes no answer, is told as one that ended with an error.
    pub(super) fn write(&self, permit: &Permit<'_>) {
        let bytes = permit.bytes();
        let before = self.waiting.bytes.load(Ordering::Relaxed);
        if before > WAITING_BYTES_MAX {
            self.waiting.too_much.notify_one();
            return;
        }
        self.waiting.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        // The writer has gone only where it told of a failure.
        let _ = self.orders.send(Order::Write(bytes.to_vec()));
    }

    /// Ends our direction, after what was written.
    pub(super) fn end(&self) {
        let _ = self.orders.send(Order::End);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn read<S: AsyncRead>(id: ConnectionId, mut input: ReadHalf<S>, tell: Tell) {
    let mut room = vec![0; READ_BYTES];
    loop {
        let told = match input.read(&mut room).await {
            Ok(0) => Told::Ended(id, None),
            Ok(count) => Told::Bytes(id, room.get(..count).unwrap_or_default().to_vec()),
            Err(error) => Told::Ended(id, Some(error)),
        };
        let is_end = matches!(told, Told::Ended(..));
        // The channel is short: a peer that sends faster than it is listened to waits.
        if tell.send(told).await.is_err() || is_end {
            return;
        }
    }
}

async fn write<S: AsyncWrite>(
    id: ConnectionId,
    mut output: WriteHalf<S>,
    mut orders: mpsc::UnboundedReceiver<Order>,
    waiting: Arc<Waiting>,
    tell: Tell,
) {
    while let Some(order) = orders.recv().await {
        let Order::Write(bytes) = order else {
            let _ = in_time(output.shutdown()).await;
            return;
        };
        let writing = in_time(async {
            output.write_all(&bytes).await?;
            output.flush().await
        });
        let written = tokio::select! {
            written = writing => written,
            () = waiting.too_much.notified() => Err(io::Error::other("it takes no answers")),
        };
        if let Err(error) = written {
            let _ = tell.send(Told::Ended(id, Some(error))).await;
            return;
        }
        waiting.bytes.fetch_sub(bytes.len(), Ordering::Relaxed);
    }
}

/// A peer that takes nothing does not hold up the run for ever.
async fn in_time(done: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::time::timeout(WRITE_MAX, done)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

const READ_BYTES: usize = 16 * 1024;
/// Of answers that the peer has not taken, before one more: who pipelines and never reads is let go.
const WAITING_BYTES_MAX: usize = 1024 * 1024;
/// For one message.
const WRITE_MAX: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;
    use crate::replay::guard::Guard;

    #[tokio::test]
    async fn a_peer_that_takes_no_answers_is_let_go_within_the_bound() {
        let (ours, _theirs) = tokio::io::duplex(16);
        let (tell, mut told) = mpsc::channel(8);
        let here = SocketAddr::from((Ipv4Addr::LOCALHOST, 1));
        let wire = Wire::begin(ConnectionId(1), ours, [here, here], &tell);
        let guard = Guard::new(&[], &[], None);
        let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
        let permit = guard.permit(answer).expect("it does nothing");
        for _ in 0..2 * WAITING_BYTES_MAX / answer.len() {
            wire.write(&permit);
        }
        let waiting = wire.waiting.bytes.load(Ordering::Relaxed);
        assert!(waiting <= WAITING_BYTES_MAX + answer.len(), "{waiting}");
        let told = tokio::time::timeout(WRITE_MAX / 2, told.recv()).await;
        assert!(matches!(told, Ok(Some(Told::Ended(_, Some(_))))));
    }
}
