//! The other end of the cable: this very test, called once more within the namespace.

use informant::source::{Capture, Input};

#[test]
fn sends_what_it_is_given() {
    let Some(path) = std::env::var_os("INFORMANT_TEST_SEND") else {
        eprintln!("skipped: it is a part of other tests");
        return;
    };
    let mut capture = Capture::open(vec![Input::Path(path.into())]).expect("a capture");
    let cable = pcap::Capture::from_device("v0").expect("the cable");
    let mut cable = cable.open().expect("rights");
    let mut sent = 0_u64;
    while let Some(frame) = capture.next() {
        cable.sendpacket(frame.bytes).expect("sent");
        sent += 1;
    }
    println!("sent {sent}");
}
