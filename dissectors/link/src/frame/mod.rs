//! Link layers: each reader goes from the frame's first byte to IP, or says what stands there instead.

pub(crate) mod cooked;
pub(crate) mod ethernet;
pub(crate) mod ppp;
pub(crate) mod serial;
pub(crate) mod wireless;
