//! Every message of the shared corpus: decoded as its manifest says, and the same tree as roxmltree's.

use crate::vectors::{Vector, vectors};
use cwmp::{Hints, Kind, Limits, Style, parse, write};

#[test]
fn messages_decode_to_the_rpc_the_manifest_names() {
    for vector in vectors() {
        let document = parse(vector.body.clone(), &Hints::default(), &Limits::default());
        let envelope = document.envelope(0);
        let name = envelope.as_ref().and_then(cwmp::EnvelopeRef::message_name);
        let expected = (vector.rpc != "empty-Body").then_some(vector.rpc.as_str());
        assert_eq!(name, expected, "{}", vector.path);
        if let Some(envelope) = envelope {
            let version = envelope
                .cwmp_namespace()
                .and_then(|uri| uri.strip_prefix("urn:dslforum-org:cwmp-"));
            assert!(
                version.is_none_or(|version| version == vector.version),
                "{}",
                vector.path
            );
            assert_eq!(envelope.kind() == Kind::Fault, vector.rpc == "Fault");
            assert_eq!(envelope.fault().is_some(), vector.rpc == "Fault");
            assert_eq!(envelope.inform().is_some(), vector.rpc == "Inform");
            assert_eq!(
                vector.has("no-Header"),
                envelope.header().is_none(),
                "{}",
                vector.path
            );
        }
    }
}

#[test]
fn faults_and_informs_hold_what_the_manifest_saw() {
    for vector in vectors() {
        let document = parse(vector.body.clone(), &Hints::default(), &Limits::default());
        let Some(envelope) = document.envelope(0) else {
            continue;
        };
        if let Some(fault) = envelope.fault() {
            let soap_code = fault.soap_code.as_deref().unwrap_or_default();
            assert!(
                soap_code.ends_with("Client") || soap_code.ends_with("Server"),
                "{}",
                vector.path
            );
            assert!(
                fault
                    .code_number()
                    .is_some_and(|code| (8000..9900).contains(&code)),
                "{}",
                vector.path
            );
        }
        if let Some(inform) = envelope.inform() {
            let device = inform.device_id();
            assert!(
                !vector.vendor.starts_with(|c: char| c.is_alphanumeric())
                    || device.manufacturer == vector.vendor,
                "{}",
                vector.path
            );
            assert!(
                vector.product_class.is_empty() || device.product_class == vector.product_class,
                "{}",
                vector.path
            );
        }
    }
}

#[test]
fn well_formed_messages_have_no_anomaly_of_grammar() {
    for vector in vectors().into_iter().filter(|vector| vector.well_formed) {
        let document = parse(vector.xml(), &Hints::default(), &Limits::default());
        let allowed = [
            "byte-order-mark",
            "envelope-namespace",
            "old-schema-namespace",
        ];
        let odd: Vec<_> = document
            .anomalies()
            .iter()
            .map(|anomaly| anomaly.kind.name())
            .filter(|kind| !allowed.contains(kind))
            .collect();
        assert!(odd.is_empty(), "{}: {odd:?}", vector.path);
    }
}

#[test]
fn ill_formed_messages_have_one() {
    for vector in vectors().into_iter().filter(|vector| !vector.well_formed) {
        let document = parse(vector.xml(), &Hints::default(), &Limits::default());
        assert!(!document.anomalies().is_empty(), "{}", vector.path);
    }
}

#[test]
fn trees_are_those_of_roxmltree() {
    let mut compared = 0;
    for vector in vectors().into_iter().filter(|vector| vector.well_formed) {
        let xml = vector.xml();
        let Ok(text) = std::str::from_utf8(&xml) else {
            continue;
        };
        let Ok(theirs) = roxmltree::Document::parse(text) else {
            panic!("roxmltree refuses {}", vector.path);
        };
        let ours = parse(vector.xml(), &Hints::default(), &Limits::default());
        let elements = theirs.descendants().filter(roxmltree::Node::is_element);
        let elements: Vec<_> = elements.collect();
        assert_eq!(ours.elements_count(), elements.len(), "{}", vector.path);
        for (our, their) in ours.elements().zip(elements) {
            same_element(our, their, &vector);
        }
        compared += 1;
    }
    assert!(compared > 300 || vectors().is_empty());
}

fn same_element(our: cwmp::Element<'_>, their: roxmltree::Node<'_, '_>, vector: &Vector) {
    let path = &vector.path;
    assert_eq!(our.name(), their.tag_name().name(), "{path}");
    assert_eq!(
        our.namespace(),
        their.tag_name().namespace().filter(|uri| !uri.is_empty()),
        "{path}"
    );
    assert_eq!(our.offset()..our.end(), their.range(), "{path}");
    let texts = their.children().filter(roxmltree::Node::is_text);
    let text: String = texts.filter_map(|node| node.text()).collect();
    assert_eq!(our.text(), text, "{path} {}", our.name());
    let ours: Vec<_> = our
        .attributes()
        .filter(|attribute| !attribute.is_namespace_declaration())
        .map(|attribute| {
            (
                attribute.name(),
                attribute.namespace(),
                attribute.value().into_owned(),
            )
        })
        .collect();
    let theirs: Vec<_> = their
        .attributes()
        .map(|attribute| {
            (
                attribute.name(),
                attribute.namespace(),
                attribute.value().to_owned(),
            )
        })
        .collect();
    assert_eq!(ours, theirs, "{path}");
    assert_eq!(
        our.children().count(),
        their.children().filter(roxmltree::Node::is_element).count()
    );
    let parent = their
        .parent()
        .filter(roxmltree::Node::is_element)
        .map(|parent| parent.range().start);
    assert_eq!(our.parent().map(|parent| parent.offset()), parent, "{path}");
    let place = their.document().text_pos_at(our.offset());
    // Counting lines from the start for each element of half a megabyte is no test of anything.
    if vector.body.len() < 20_000 {
        let position = our.document().position(our.offset());
        assert_eq!(
            (position.line, position.column),
            (place.row as usize, place.col as usize),
            "{path}"
        );
    }
}

#[test]
fn messages_written_again_are_the_same() {
    let styles = [
        Style::default(),
        Style {
            indentation: Some(2),
            xml_declaration: false,
            ..Style::default()
        },
        Style {
            schema_namespaces: cwmp::SchemaNamespaces::Of1999,
            cwmp_prefix: "c".to_owned(),
            ..Style::default()
        },
    ];
    for vector in vectors() {
        let document = parse(vector.body.clone(), &Hints::default(), &Limits::default());
        let rpcs: Vec<_> = document
            .envelope_refs()
            .map(|envelope| envelope.to_rpc())
            .collect();
        for style in &styles {
            let written = write(&rpcs, style);
            let again = parse(written.clone(), &Hints::default(), &Limits::default());
            let same: Vec<_> = again
                .envelope_refs()
                .map(|envelope| envelope.to_rpc())
                .collect();
            assert!(
                same == rpcs,
                "{}: {}",
                vector.path,
                String::from_utf8_lossy(&written)
            );
            let readable = std::str::from_utf8(&written)
                .is_ok_and(|text| roxmltree::Document::parse(text).is_ok());
            assert!(readable || !vector.well_formed, "{}", vector.path);
        }
    }
}

#[test]
fn every_prefix_of_a_message_is_read_without_panic() {
    let hints = Hints {
        charset: None,
        complete: false,
    };
    for vector in vectors()
        .into_iter()
        .step_by(9)
        .filter(|vector| vector.body.len() < 6_000)
    {
        for length in 0..vector.body.len() {
            let body = vector.body.get(..length).unwrap_or_default().to_vec();
            let document = parse(body, &hints, &Limits::default());
            for envelope in document.envelope_refs() {
                let rpc = envelope.to_rpc();
                assert_eq!(
                    rpc.message_name().is_some(),
                    envelope.message_name().is_some()
                );
                assert!(
                    envelope
                        .schema_anomalies()
                        .iter()
                        .all(|anomaly| anomaly.offset <= length)
                );
            }
        }
    }
}

#[test]
fn a_body_cut_in_its_last_tag_still_holds_its_inform() {
    for vector in vectors()
        .into_iter()
        .filter(|vector| vector.rpc == "Inform" && vector.well_formed)
    {
        let whole = parse(vector.body.clone(), &Hints::default(), &Limits::default());
        let end = whole.roots().next().map_or(0, |root| root.end());
        let cut = vector
            .body
            .get(..end.saturating_sub(4))
            .unwrap_or_default()
            .to_vec();
        let cut = parse(cut, &Hints::default(), &Limits::default());
        let of = |document: &cwmp::Document| document.envelope(0).map(|envelope| envelope.to_rpc());
        assert!(of(&cut) == of(&whole), "{}", vector.path);
        assert!(
            cut.anomalies()
                .iter()
                .any(|anomaly| anomaly.kind.name() == "unclosed-root")
        );
    }
}
