//! The table of devices: who they are, how each can be reached, and what came of attempts to do so.

use crate::report::columns::{Cell, Cells, Column, Columns};
use crate::report::json::RequestCounts;
use crate::report::paint::{Ink, Line, Look};
use crate::report::{escape, moment};
use crate::session::{Device, Identity, Masking};

/// A table of devices with what came of the Connection Requests to each.
#[must_use]
pub fn devices(devices: &[(&Device, RequestCounts)], masking: Masking, look: Look) -> String {
    let rows: Vec<Vec<Cell>> = devices
        .iter()
        .map(|(device, requests)| row(device, *requests, masking, look))
        .collect();
    let mut out = String::new();
    if rows.is_empty() {
        return out;
    }
    let columns = Columns::fitting(&COLUMNS, rows.iter().take(ROWS_MEASURED), 0, look);
    let mut write = |line: Line| line.cut_to(look.width, look).write(look, &mut out);
    write(columns.heading());
    for row in &rows {
        write(columns.row(row));
    }
    out
}

fn row(device: &Device, requests: RequestCounts, masking: Masking, look: Look) -> Vec<Cell> {
    let text = |text: &str| escape::text(text).into_owned();
    let product = [&device.manufacturer, &device.software_version];
    let product: Vec<&str> = product.into_iter().flatten().map(String::as_str).collect();
    let (ink, requests) = asked(requests);
    let seen = if look.width >= WIDE {
        moment::date_and_clock(device.last, 0)
    } else {
        moment::date(device.last)
    };
    let room = look.width >= ROOMY;
    let with_room = |text: String| if room { text } else { String::new() };
    vec![
        (Ink::Cpe, text(&device.device)),
        (Ink::Plain, with_room(text(&product.join(" ")))),
        (Ink::Plain, with_room(address(device))),
        (Ink::Plain, device.sessions.to_string()),
        (Ink::Dim, seen),
        (Ink::Plain, reached(device, masking)),
        (ink, requests),
        (Ink::Plain, with_room(text(&gateway(device)))),
    ]
}

/// The latest address, and how many there were before.
fn address(device: &Device) -> String {
    let before = device.addresses.len().saturating_sub(1);
    match device.addresses.last() {
        Some(address) if before > 0 => format!("{address} +{before}"),
        Some(address) => address.to_string(),
        None => String::new(),
    }
}

/// Behind a NAT where the STUN server sees it, else where it says that it listens.
fn reached(device: &Device, masking: Masking) -> String {
    let natted = device
        .bindings
        .iter()
        .rev()
        .find(|binding| binding.nat_seen() == Some(true));
    if let Some(mapped) = natted.and_then(|binding| binding.mapped) {
        return format!("NAT {mapped}");
    }
    let udp = device.udp_connection_request_address.as_deref();
    let udp = udp.filter(|address| device.nat_detected == Some(true) && !address.is_empty());
    let told = match (udp, device.connection_request_url.as_deref()) {
        (Some(address), _) => format!("UDP {address}"),
        (None, Some(url)) => url.to_owned(),
        (None, None) => return String::new(),
    };
    escape::text(&masking.text(&told)).into_owned()
}

/// `1 of 3`: as many Connection Requests brought a session.
fn asked(requests: RequestCounts) -> (Ink, String) {
    let RequestCounts { sent, session, .. } = requests;
    match sent {
        0 => (Ink::Plain, String::new()),
        _ if session == sent => (Ink::Good, format!("{session} of {sent}")),
        _ => (Ink::Warning, format!("{session} of {sent}")),
    }
}

fn gateway(device: &Device) -> String {
    let dhcp = device.dhcp.as_ref().and_then(|dhcp| dhcp.gateway.as_ref());
    let Some(Identity {
        oui,
        product_class,
        serial_number,
    }) = device.gateway.as_ref().or(dhcp)
    else {
        return String::new();
    };
    let parts: Vec<&str> = [oui, product_class, serial_number]
        .into_iter()
        .flatten()
        .map(String::as_str)
        .collect();
    parts.join("-")
}

const COLUMNS: [Column; 8] = [
    Column::giving("device", Cells::Identifier, 1, 16, 8),
    Column::giving("software", Cells::Text, 4, 10, 6),
    Column::fixed("address", Cells::Text),
    Column::fixed("sessions", Cells::Number),
    Column::fixed("last seen", Cells::Text),
    Column::giving("reached at", Cells::Text, 2, 16, 6),
    Column::fixed("woken", Cells::Text),
    Column::giving("gateway", Cells::Identifier, 5, 12, 6),
];

/// Columns of a screen that has room for the time of day.
const WIDE: usize = 130;
/// Columns of a screen that has room for software, address and gateway.
const ROOMY: usize = 110;
/// Rows whose content says how wide the columns are.
const ROWS_MEASURED: usize = 200;
