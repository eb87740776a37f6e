//! `parse(write(x)) == x`: for every method, with values nobody would choose.

use cwmp::schema::{Field, METHODS, Shape, Type, Version};
use cwmp::{
    Content, Fault, Hints, Limits, ParameterFault, Rpc, RpcArg, RpcAttribute, RpcBody, RpcValue,
    SchemaNamespaces, Style, TypeName, parse, write,
};
use proptest::prelude::*;

/// Text with everything that has to be escaped, blanks and characters of many bytes; also what XML forbids.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ -~]{0,40}",
        2 => "[<>&\"' \t\r\n\\]a-c;#x-]{0,20}",
        1 => "\\PC{0,12}",
        1 => any::<String>(),
        1 => Just(String::new()),
    ]
}

fn arg(field: &'static Field) -> BoxedStrategy<RpcArg> {
    match &field.shape {
        Shape::Scalar(facets) if facets.base == Type::AnySimple => {
            let types = prop::sample::select(vec![
                "string",
                "int",
                "unsignedInt",
                "boolean",
                "dateTime",
                "base64",
            ]);
            (types, text())
                .prop_map(|(name, text)| RpcArg::typed(field.name, name, &text))
                .boxed()
        }
        Shape::Scalar(_) | Shape::Union(_) => text()
            .prop_map(|text| RpcArg::scalar(field.name, &text))
            .boxed(),
        Shape::Struct(fields) => args(fields)
            .prop_map(|members| RpcArg::structure(field.name, members))
            .boxed(),
        Shape::Choice(forms) => prop::sample::select(forms.to_vec())
            .prop_flat_map(|(form, fields)| args(fields).prop_map(move |members| (form, members)))
            .prop_map(|(form, members)| RpcArg {
                xsi_type: Some(TypeName::cwmp(Version::V1_2, form)),
                ..RpcArg::structure(field.name, members)
            })
            .boxed(),
        Shape::Array(item) => {
            let name = item.named_type.unwrap_or("string");
            let of_schema = matches!(item.shape, Shape::Scalar(_));
            prop::collection::vec(arg(item), 0..4)
                .prop_map(move |items| {
                    let item = if of_schema {
                        TypeName::schema("string")
                    } else {
                        TypeName::cwmp(Version::V1_2, name)
                    };
                    RpcArg::array(field.name, item, items)
                })
                .boxed()
        }
    }
}

/// The fields in order, each as often as it may stand.
fn args(fields: &'static [Field]) -> BoxedStrategy<Vec<RpcArg>> {
    let of_field = |field: &'static Field| {
        let most = field.max_occurs.unwrap_or(3).min(3) as usize;
        prop::collection::vec(arg(field), field.min_occurs as usize..=most)
    };
    fields
        .iter()
        .map(of_field)
        .collect::<Vec<_>>()
        .prop_map(|lists| lists.into_iter().flatten().collect())
        .boxed()
}

fn call(element: &'static str, fields: &'static [Field]) -> impl Strategy<Value = Rpc> {
    let version = prop::sample::select(vec![Version::V1_0, Version::V1_1, Version::V1_2]);
    (version, text(), args(fields))
        .prop_map(move |(version, id, args)| Rpc::call(version, &id, element, args))
}

fn fault() -> impl Strategy<Value = Rpc> {
    let maybe = || prop::option::of(text());
    let parameter = (text(), text(), text()).prop_map(|(name, code, string)| ParameterFault {
        name,
        code,
        string,
    });
    let parameters = prop::collection::vec(parameter, 0..3);
    (maybe(), maybe(), maybe(), maybe(), parameters).prop_map(
        |(soap_code, soap_string, code, string, parameters)| {
            let fault = Fault {
                soap_code,
                soap_string,
                code,
                string,
                parameters,
            };
            Rpc::fault(Version::V1_0, "1", fault)
        },
    )
}

fn style() -> impl Strategy<Value = Style> {
    let schema = prop::sample::select(vec![SchemaNamespaces::Of2001, SchemaNamespaces::Of1999]);
    (
        any::<bool>(),
        prop::option::of(0_usize..5),
        schema,
        "[a-z][a-z0-9-]{1,4}",
    )
        .prop_map(
            |(xml_declaration, indentation, schema_namespaces, prefix)| Style {
                soap_prefix: format!("{prefix}S"),
                cwmp_prefix: format!("{prefix}C"),
                xml_declaration,
                indentation,
                schema_namespaces,
                ..Style::default()
            },
        )
}

fn read(body: Vec<u8>) -> Vec<Rpc> {
    let document = parse(body, &Hints::default(), &Limits::default());
    document
        .envelope_refs()
        .map(|envelope| envelope.to_rpc())
        .collect()
}

fn any_message() -> impl Strategy<Value = Rpc> {
    let messages = METHODS
        .iter()
        .flat_map(|method| [&method.request, &method.response]);
    let calls: Vec<_> = messages
        .map(|message| call(message.element, message.fields).boxed())
        .collect();
    prop_oneof![8 => proptest::strategy::Union::new(calls), 1 => fault()]
}

proptest! {
    #[test]
    fn messages_read_back_as_they_were(rpcs in prop::collection::vec(any_message(), 1..4), style in style()) {
        let written = write(&rpcs, &style);
        prop_assert_eq!(read(written), rpcs);
    }

    #[test]
    fn arbitrary_markup_is_stable_once_read(body in "(<[a-z:]{0,6}( [a-z:]{1,8}=\"[a-z:<&;]{0,6}\"){0,2}/?>|</[a-z:]{0,4}>|[ a-z<&\\]>]{0,5}|<!--|-->|<!\\[CDATA\\[|\\]\\]>){0,24}") {
        let body = format!("<s:Envelope xmlns:s=\"urn:s\"><s:Header>{body}</s:Header><s:Body><X>{body}");
        let rpcs = read(body.into_bytes());
        let written = write(&rpcs, &Style::default());
        prop_assert_eq!(read(written), rpcs);
    }

    #[test]
    fn arbitrary_bytes_are_read_without_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut framed = b"<Envelope><Body>".to_vec();
        framed.extend_from_slice(&body);
        for body in [body, framed] {
            let document = parse(body, &Hints::default(), &Limits::default());
            for element in document.elements() {
                prop_assert!(element.end() >= element.offset() && element.end() <= document.text().len());
                let _ = (element.text(), element.attributes().count(), element.raw());
            }
            for envelope in document.envelope_refs() {
                let _ = (envelope.to_rpc(), envelope.schema_anomalies());
            }
        }
    }
}

/// Every method at least once, whatever the generator picks above.
#[test]
fn every_method_reads_back_and_keeps_to_the_schema() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for message in METHODS
        .iter()
        .flat_map(|method| [&method.request, &method.response])
    {
        for _ in 0..8 {
            let Ok(tree) = call(message.element, message.fields).new_tree(&mut runner) else {
                panic!("no value for {}", message.element);
            };
            let rpc = proptest::strategy::ValueTree::current(&tree);
            let written = write(std::slice::from_ref(&rpc), &Style::default());
            let document = parse(written, &Hints::default(), &Limits::default());
            let Some(envelope) = document.envelope(0) else {
                panic!("no envelope for {}", message.element);
            };
            assert_eq!(envelope.to_rpc(), rpc);
            assert_eq!(envelope.message_name(), Some(message.element));
            let structural =
                |kind: &&str| !matches!(*kind, "invalid-value" | "date-time-without-zone");
            let found = envelope.schema_anomalies();
            let odd: Vec<_> = found
                .iter()
                .map(|anomaly| anomaly.kind.name())
                .filter(|kind| structural(kind))
                .collect();
            assert!(odd.is_empty(), "{}: {odd:?}", message.element);
        }
    }
}

#[test]
fn vendor_trees_keep_mixed_content_attributes_and_namespaces() {
    let attribute = |namespace: Option<&str>, name: &str, value: &str| RpcAttribute {
        namespace: namespace.map(str::to_owned),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let mut link = RpcArg::scalar("a", "more & more");
    link.attributes = vec![
        attribute(None, "href", "http://x/?a=1&b=\"2\""),
        attribute(Some("urn:y"), "k", "\n"),
    ];
    link.namespace = Some("urn:x".to_owned());
    let contents = vec![
        Content::Text("Hello \n ".to_owned()),
        Content::Element(link),
        Content::Text("]]>".to_owned()),
    ];
    let mut rpc = Rpc::call(Version::V1_0, "7", "X-snom-Minibrowser", Vec::new());
    if let RpcBody::Call(message) = &mut rpc.body {
        message.value = RpcValue::Mixed(contents);
    }
    rpc.set_header("HoldRequests", true, "0");
    for indentation in [None, Some(2)] {
        let style = Style {
            indentation,
            ..Style::default()
        };
        assert_eq!(
            read(write(std::slice::from_ref(&rpc), &style)),
            vec![rpc.clone()]
        );
    }
}
