//! What of a frame is not yet read, and on which way the reading came there.

use std::cell::Cell;

use crate::{Decoded, Protocol, Tunnel, Tunnels};

/// The part of a frame not yet read, and how many bytes behind it were not captured.
#[derive(Clone, Copy)]
pub(crate) struct Rest<'a> {
    pub bytes: &'a [u8],
    pub lost: u32,
    pub path: Path<'a>,
}

impl<'a> Rest<'a> {
    /// All of a frame, of which `original_length` bytes were on the wire.
    #[inline]
    pub fn of_frame(bytes: &'a [u8], original_length: u32) -> Self {
        let captured = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        Self {
            bytes,
            lost: original_length.saturating_sub(captured),
            path: Path::default(),
        }
    }

    /// A header of `N` bytes and what follows it, if it is whole.
    #[inline]
    pub fn take<const N: usize>(self) -> Option<(&'a [u8; N], Self)> {
        let (header, bytes) = self.bytes.split_first_chunk()?;
        Some((header, Self { bytes, ..self }))
    }

    /// What follows a header of `length` bytes that need not be looked at, if it is whole.
    #[inline]
    pub fn skip(self, length: usize) -> Option<Self> {
        let bytes = self.bytes.get(length..)?;
        Some(Self { bytes, ..self })
    }

    /// No more than the `length` bytes that a header declares: what follows is a trailer or another packet.
    pub fn bounded(self, length: usize) -> Self {
        match self.bytes.get(..length) {
            Some(bytes) => Self {
                bytes,
                lost: 0,
                ..self
            },
            None => {
                let beyond = length.saturating_sub(self.bytes.len());
                let lost = self.lost.min(u32::try_from(beyond).unwrap_or(u32::MAX));
                Self { lost, ..self }
            }
        }
    }

    /// The same bytes, one tunnel further in.
    pub fn enter(self, tunnel: Tunnel) -> Option<Self> {
        let tunnels = self.path.tunnels.with(tunnel)?;
        let path = Path {
            tunnels,
            ..self.path
        };
        Some(Self { path, ..self })
    }

    /// What `reader` finds in these bytes, one tunnel further in.
    pub fn inside(self, tunnel: Tunnel, reader: fn(Self) -> Decoded<'a>) -> Decoded<'a> {
        match self.enter(tunnel) {
            Some(inner) => reader(inner),
            None => self.too_deep(),
        }
    }

    /// There is one tunnel more than are read.
    #[cold]
    pub fn too_deep(self) -> Decoded<'a> {
        self.not_ip(TOO_DEEP)
    }

    /// There is no IP here, but this.
    #[cold]
    pub fn not_ip(self, protocol: Protocol) -> Decoded<'a> {
        self.path.note(protocol);
        Decoded::NotIp
    }

    /// Why a header is not whole: cut by the snap length, or never sent whole.
    #[cold]
    pub fn too_short(self, what: &'static str) -> Decoded<'a> {
        if self.lost > 0 {
            Decoded::Cut
        } else {
            Decoded::Malformed(what)
        }
    }

    /// Bytes from here to the end of the frame on the wire.
    pub fn length(self) -> usize {
        self.bytes.len().saturating_add(self.lost as usize)
    }
}

/// The tunnels passed so far, and where to note what is not read, if anybody wants to know.
#[derive(Clone, Copy, Default)]
pub(crate) struct Path<'a> {
    pub tunnels: Tunnels,
    pub noted: Option<&'a Cell<Option<(Tunnels, Protocol)>>>,
}

impl Path<'_> {
    pub fn note(self, protocol: Protocol) {
        if let Some(noted) = self.noted {
            noted.set(Some((self.tunnels, protocol)));
        }
    }
}

/// What stands deeper than [`Tunnels::MAX`] tunnels.
pub(crate) const TOO_DEEP: Protocol = Protocol::Named("more_than_8_tunnels");
