//! Readers of XML that nobody here wrote, and the most careless one there could be.

/// Does any reader see an element of this name?
pub fn any_reader_sees(text: &str, forbidden: &dyn Fn(&str) -> bool) -> bool {
    quick_xml_sees(text, forbidden) || roxmltree_sees(text, forbidden)
}

fn quick_xml_sees(text: &str, forbidden: &dyn Fn(&str) -> bool) -> bool {
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    reader.config_mut().allow_unmatched_ends = true;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Start(tag) | quick_xml::events::Event::Empty(tag)) => {
                let name = tag.local_name();
                if forbidden(name.as_ref()) {
                    return true;
                }
            }
            Ok(quick_xml::events::Event::Eof) | Err(_) => return false,
            Ok(_) => {}
        }
    }
}

fn roxmltree_sees(text: &str, forbidden: &dyn Fn(&str) -> bool) -> bool {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    roxmltree::Document::parse_with_options(text, options).is_ok_and(|document| {
        document
            .descendants()
            .any(|node| node.is_element() && forbidden(node.tag_name().name()))
    })
}

/// A parser that takes anything behind a `<` for a tag, wherever it stands.
pub fn careless_reader_sees(bytes: &[u8], name: &str) -> bool {
    let text = String::from_utf8_lossy(bytes).to_ascii_lowercase();
    let name = name.to_ascii_lowercase();
    text.split('<').skip(1).any(|behind| {
        let behind = behind.trim_start();
        let end = behind.find(|c: char| c.is_whitespace() || "/>\"'".contains(c));
        let tag = behind
            .get(..end.unwrap_or(behind.len()))
            .unwrap_or_default();
        tag.rsplit(':').next() == Some(&name)
    })
}
