//! Values of ManagementServer that a request and its answer tell: read, or set and agreed to.

use crate::conformance::Exchange;
use crate::session::Side;

/// Gives each value whose name begins so: the name behind `ManagementServer.`, the value, and whether it was set.
pub(super) fn each(exchange: &Exchange<'_>, mark: &str, mut take: impl FnMut(&str, &str, bool)) {
    if exchange.answer.from() != Side::Cpe || exchange.is_fault() {
        return;
    }
    match exchange.method() {
        "GetParameterValues" => {
            for parameter in exchange.managed() {
                if let Some(name) = marked(parameter.name(), mark) {
                    let value = parameter.value().unwrap_or_default();
                    take(name, value.trim(), false);
                }
            }
        }
        "SetParameterValues" => {
            let parameters = exchange.request().map(|request| request.parameters());
            for parameter in parameters.into_iter().flatten() {
                if let Some(name) = marked(&parameter.name(), mark) {
                    let value = parameter.value().unwrap_or_default();
                    take(name, value.trim(), true);
                }
            }
        }
        _ => {}
    }
}

fn marked<'n>(name: &'n str, mark: &str) -> Option<&'n str> {
    let (object, name) = name.rsplit_once('.')?;
    let is_meant = name.starts_with(mark) && object.ends_with(".ManagementServer");
    is_meant.then_some(name)
}
