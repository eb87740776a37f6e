//! One connection: bytes in and out, by two tasks that know no HTTP. Any stream will do, one of TLS too.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{
    AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf, WriteHalf,
};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;

use super::told::{Tell, Told};
use crate::replay::action::ConnectionId;
use crate::replay::guard::Permit;

/// The driver's end of a connection; dropping it ends its tasks.
pub(super) struct Wire {
    pub(super) local: SocketAddr,
    pub(super) peer: SocketAddr,
    orders: mpsc::UnboundedSender<Order>,
    tasks: [AbortHandle; 2],
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
        let (orders, waiting) = mpsc::unbounded_channel();
        let reading = tokio::spawn(read(id, input, tell.clone()));
        let writing = tokio::spawn(write(id, output, waiting, tell.clone()));
        Self {
            local,
            peer,
            orders,
            tasks: [reading.abort_handle(), writing.abort_handle()],
        }
    }

    /// Writes what the guard let out.
    pub(super) fn write(&self, permit: &Permit<'_>) {
        // The writer has gone only where it told of a failure.
        let _ = self.orders.send(Order::Write(permit.bytes().to_vec()));
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
    tell: Tell,
) {
    while let Some(order) = orders.recv().await {
        let Order::Write(bytes) = order else {
            let _ = in_time(output.shutdown()).await;
            return;
        };
        let written = in_time(async {
            output.write_all(&bytes).await?;
            output.flush().await
        });
        if let Err(error) = written.await {
            let _ = tell.send(Told::Ended(id, Some(error))).await;
            return;
        }
    }
}

/// A peer that takes nothing does not hold up the run for ever.
async fn in_time(done: impl Future<Output = io::Result<()>>) -> io::Result<()> {
    tokio::time::timeout(WRITE_MAX, done)
        .await
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

const READ_BYTES: usize = 16 * 1024;
/// For one message.
const WRITE_MAX: Duration = Duration::from_secs(30);
