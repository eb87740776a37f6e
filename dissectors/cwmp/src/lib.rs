//! CWMP messages: the SOAP envelope and every RPC of TR-069, read and written.
//!
//! `parse` takes an HTTP entity body and never fails: what is bent becomes an [`Anomaly`] with its offset, and the
//! rest is read. The result keeps one text and ranges into it; values are unescaped when asked for. `write` is the
//! other direction, for replay: what it writes, `parse` reads back as the same [`Rpc`].
//!
//! It judges nothing, does no I/O and knows no time. Session logic is elsewhere.

mod anomaly;
mod args;
mod characters;
mod content;
mod document;
mod element;
mod encoding;
mod envelope;
mod escape;
mod fault;
mod inform;
mod limits;
mod namespace;
mod parameters;
mod range;
mod rpc;
pub mod schema;
mod schema_check;
mod sniff;
mod text;
mod to_rpc;
mod tokenizer;
mod transfer;
mod tree;
mod write;

pub use anomaly::{Anomaly, AnomalyKind, Position};
pub use args::{Arg, Args, ArrayType, Value};
pub use document::{Document, Parser, parse};
pub use element::{Attribute, Children, Element};
pub use envelope::{Envelope, EnvelopeRef, Kind};
pub use fault::{Fault, ParameterFault};
pub use inform::{DeviceId, Event, Inform};
pub use limits::{Hints, Limits};
pub use namespace::{INSTANCE, INSTANCE_1999, SCHEMA, SCHEMA_1999, SOAP, SOAP_ENCODING};
pub use parameters::{Parameter, Parameters};
pub use rpc::{
    ArraySize, Content, Rpc, RpcArg, RpcArrayType, RpcAttribute, RpcBody, RpcValue, TypeName,
};
pub use sniff::looks_like_soap;
pub use text::trim;
pub use transfer::{TransferComplete, TransferRequest};
pub use tree::ElementId;
pub use write::{SchemaNamespaces, Style, write};
