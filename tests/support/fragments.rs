//! IPv4 packets cut into fragments (RFC 791 section 2.3), for tests.

/// The fragments of a frame that `wire::tcp` made: cut behind every so many bytes of IP payload, each a multiple of 8.
#[allow(dead_code, reason = "each test uses its part")]
pub fn fragments(frame: &[u8], identification: u16, cuts: &[usize]) -> Vec<Vec<u8>> {
    let payload = &frame[HEADERS..];
    let mut ends: Vec<usize> = cuts
        .iter()
        .copied()
        .filter(|cut| *cut < payload.len())
        .collect();
    ends.push(payload.len());
    let mut start = 0;
    let mut fragments = Vec::with_capacity(ends.len());
    for end in ends {
        let more = end < payload.len();
        fragments.push(fragment(
            frame,
            identification,
            start,
            &payload[start..end],
            more,
        ));
        start = end;
    }
    fragments
}

/// One fragment with these bytes at this offset of the IP payload; addresses and protocol are those of `frame`.
pub fn fragment(
    frame: &[u8],
    identification: u16,
    offset: usize,
    bytes: &[u8],
    more: bool,
) -> Vec<u8> {
    assert!(offset.is_multiple_of(8), "offsets are counted in eights");
    let mut fragment = Vec::with_capacity(HEADERS + bytes.len());
    fragment.extend_from_slice(&frame[..HEADERS]);
    let length = (HEADERS - ETHERNET + bytes.len()) as u16;
    fragment[16..18].copy_from_slice(&length.to_be_bytes());
    fragment[18..20].copy_from_slice(&identification.to_be_bytes());
    let place = (offset / 8) as u16 | u16::from(more) << 13;
    fragment[20..22].copy_from_slice(&place.to_be_bytes());
    fragment[24..26].copy_from_slice(&[0, 0]);
    let sum = checksum(&fragment[ETHERNET..HEADERS]);
    fragment[24..26].copy_from_slice(&sum.to_be_bytes());
    fragment.extend_from_slice(bytes);
    fragment
}

fn checksum(header: &[u8]) -> u16 {
    let sum: u32 = header
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
        .sum();
    !((sum & 0xffff) + (sum >> 16)) as u16
}

const ETHERNET: usize = 14;
/// Ethernet and IPv4 without options.
const HEADERS: usize = ETHERNET + 20;
