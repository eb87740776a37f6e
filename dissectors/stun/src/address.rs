//! Addresses on the wire, plain and masked, and padded text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use crate::anomaly::AnomalyKind;

/// Reads an address value: a zero byte, the family, the port, the address (RFC 5389 section 15.1).
///
/// `mask` is what masked forms are combined with: bytes 4 to 20 of the header, whatever stands there. For RFC 5389
/// that is the cookie and the transaction id (section 15.2); drafts between the two RFCs used the first bytes of the
/// transaction id at the same place, and servers still do for clients without a cookie.
pub(crate) fn read(value: &[u8], mask: Option<&[u8]>) -> Result<SocketAddr, AnomalyKind> {
    let Some(([_, family, port @ ..], address)) = value.split_first_chunk::<4>() else {
        return Err(AnomalyKind::AddressLengthOdd);
    };
    let port = u16::from_be_bytes(masked(*port, mask)?);
    let ip = match family {
        1 => IpAddr::V4(Ipv4Addr::from(masked(exactly::<4>(address)?, mask)?)),
        2 => IpAddr::V6(Ipv6Addr::from(masked(exactly::<16>(address)?, mask)?)),
        _ => return Err(AnomalyKind::AddressFamilyOdd),
    };
    Ok(SocketAddr::new(ip, port))
}

fn exactly<const N: usize>(address: &[u8]) -> Result<[u8; N], AnomalyKind> {
    address
        .try_into()
        .map_err(|_| AnomalyKind::AddressLengthOdd)
}

fn masked<const N: usize>(mut field: [u8; N], mask: Option<&[u8]>) -> Result<[u8; N], AnomalyKind> {
    let Some(mask) = mask else {
        return Ok(field);
    };
    let mask = mask.get(..N).ok_or(AnomalyKind::AddressLengthOdd)?;
    for (byte, other) in field.iter_mut().zip(mask) {
        *byte ^= other;
    }
    Ok(field)
}

/// The value of an address attribute, masked with bytes 4 to 20 of the header if they are given.
pub(crate) fn written(address: SocketAddr, mask: Option<&[u8; 16]>) -> Vec<u8> {
    let xor = |bytes: &[u8]| -> Vec<u8> {
        let mask = mask.copied().unwrap_or_default();
        bytes
            .iter()
            .zip(mask)
            .map(|(one, other)| one ^ other)
            .collect()
    };
    let mut value = vec![0, if address.is_ipv4() { 1 } else { 2 }];
    value.extend(xor(&address.port().to_be_bytes()));
    value.extend(match address.ip() {
        IpAddr::V4(ip) => xor(&ip.octets()),
        IpAddr::V6(ip) => xor(&ip.octets()),
    });
    value
}

/// A text with trailing spaces up to a multiple of four, as RFC 3489 wants USERNAME and its like (section 11.2.6) and
/// TR-069 Amendment 3 section G.2.1.3 spells out.
pub fn padded_text(text: &[u8]) -> Vec<u8> {
    let mut padded = text.to_vec();
    padded.resize(text.len().next_multiple_of(4), b' ');
    padded
}
