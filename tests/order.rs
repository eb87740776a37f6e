//! Messages come in time order, whatever the packets do.

mod support;

use support::{analyse_file, shared};

#[test]
fn messages_come_in_time_order_on_every_shared_capture() {
    let Some(folder) = shared("captures") else {
        return;
    };
    let mut checked = 0;
    for part in ["peers", "cwmp-pcap", "http-torture", "linktypes"] {
        for entry in std::fs::read_dir(folder.join(part))
            .expect("the folder is readable")
            .flatten()
        {
            let path = entry.path();
            let opens = informant::source::Capture::open(vec![path.clone().into()]).is_ok();
            if !opens {
                continue;
            }
            let analysis = analyse_file(&path);
            let times: Vec<_> = analysis
                .messages
                .iter()
                .map(|message| message.provenance.time.nanoseconds)
                .collect();
            assert!(times.is_sorted(), "{}", path.display());
            assert_eq!(
                analysis.summary.limits_reached.get("messages_held_max"),
                None,
                "{}",
                path.display()
            );
            checked += usize::from(times.len() > 1);
        }
    }
    assert!(checked > 300, "{checked}");
}
