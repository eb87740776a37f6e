//! The other end of the cable: this very test, called once more within the namespace.

use informant::source::{Capture, Input};

#[test]
fn sends_what_it_is_given() {
    let Some(path) = std::env::var_os("INFORMANT_TEST_SEND") else {
        eprintln!("skipped: it is a part of other tests");
        return;
    };
    let mut capture = Capture::open(vec![Input::Path(path.into())]).expect("a capture");
    let names = std::env::var("INFORMANT_TEST_CABLES").expect("cables");
    let open = |name| {
        let cable = pcap::Capture::from_device(name).expect("the cable");
        cable.open().expect("rights")
    };
    let mut cables: Vec<_> = names.split(',').map(open).collect();
    let mut sent = 0_u64;
    while let Some(frame) = capture.next() {
        // Of two cables, the first takes what goes to the lower address.
        let way = usize::from(frame.bytes[..6] > frame.bytes[6..12]).min(cables.len() - 1);
        cables[way].sendpacket(frame.bytes).expect("sent");
        sent += 1;
    }
    println!("sent {sent}");
}
