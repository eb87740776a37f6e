//! Where the values of names are found, record by record, without making records.

mod connection_request;
mod device;
mod envelope;
mod http;
mod session;
mod transfer;
mod value;

pub(super) use envelope::EnvelopeRecord;
pub(super) use http::HttpRecord;
pub(super) use value::{Ask, Record, Value, lossy};
