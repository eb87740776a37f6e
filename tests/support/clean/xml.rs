//! Envelopes as trees, and the many legal ways in which they may stand on the wire.

use std::fmt::Write;

use crate::random::Random;

/// An element: what it is called, with one of the prefixes `soap:`, `cwmp:` or none; its attributes; and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Self>,
    pub text: String,
}

/// An element with others in it.
pub fn node(name: &str, children: Vec<Node>) -> Node {
    Node {
        name: name.to_owned(),
        attributes: Vec::new(),
        children,
        text: String::new(),
    }
}

/// An element with text.
pub fn leaf(name: &str, text: impl ToString) -> Node {
    Node {
        text: text.to_string(),
        ..node(name, Vec::new())
    }
}

/// An array of SOAP encoding whose members are of this type: `cwmp:EventStruct`, `xsd:string`.
pub fn array(name: &str, of: &str, members: Vec<Node>) -> Node {
    let size = members.len();
    node(name, members).with("enc:arrayType", &format!("{of}[{size}]"))
}

impl Node {
    pub fn with(mut self, attribute: &str, value: &str) -> Self {
        self.attributes
            .push((attribute.to_owned(), value.to_owned()));
        self
    }
}

/// A way of writing.
#[derive(Debug, Clone)]
pub struct Style {
    pub soap: &'static str,
    pub enc: &'static str,
    pub xsd: &'static str,
    pub xsi: &'static str,
    pub cwmp: &'static str,
    pub declaration: &'static str,
    /// What stands before an element, for each level; none where all is one line.
    pub indentation: Option<&'static str>,
    pub line_end: &'static str,
    pub quote: char,
    /// Is an empty element one tag?
    pub short: bool,
    /// Are the namespaces told in another order?
    pub turned: bool,
    pub encoding_style: bool,
    /// Are strings `enc:string` in arrays?
    pub encoded_strings: bool,
}

impl Style {
    /// One line, with the prefixes of the documents' examples.
    pub fn plain() -> Self {
        Self {
            soap: "soap",
            enc: "soapenc",
            xsd: "xsd",
            xsi: "xsi",
            cwmp: "cwmp",
            declaration: "",
            indentation: None,
            line_end: "\n",
            quote: '"',
            short: false,
            turned: false,
            encoding_style: false,
            encoded_strings: false,
        }
    }

    pub fn some(random: &mut Random) -> Self {
        let mut of = |choices: &[&'static str]| choices[random.below(choices.len())];
        let style = Self {
            soap: of(&["soap", "soapenv", "SOAP-ENV", "soap-env", "s"]),
            enc: of(&["soapenc", "SOAP-ENC", "enc", "soap-enc"]),
            xsd: of(&["xsd", "xsd", "xs"]),
            xsi: of(&["xsi", "xsi", "i"]),
            cwmp: of(&["cwmp", "cwmp", "c", "dslf"]),
            declaration: of(&[
                "",
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
                "<?xml version=\"1.0\" encoding=\"utf-8\" standalone=\"yes\"?>",
                "<?xml version='1.0'?>",
            ]),
            ..Self::plain()
        };
        Self {
            indentation: [None, Some("  "), Some("\t"), Some(" "), Some("")][random.below(5)],
            line_end: if random.chance(200) { "\r\n" } else { "\n" },
            quote: if random.chance(150) { '\'' } else { '"' },
            short: random.chance(500),
            turned: random.chance(300),
            encoding_style: random.chance(200),
            encoded_strings: random.chance(150),
            ..style
        }
    }

    /// The same for a body in which one envelope follows another.
    pub fn without_declaration(mut self) -> Self {
        self.declaration = "";
        self
    }

    /// Writes a document; `cwmp` is the namespace of its version.
    pub fn document(&self, envelope: &Node, cwmp: &str) -> String {
        let mut out = self.declaration.to_owned();
        if !out.is_empty() && self.indentation.is_some() {
            out.push_str(self.line_end);
        }
        let namespaces = self.namespaces(cwmp);
        self.element(envelope, &namespaces, 0, &mut out);
        out
    }

    fn namespaces(&self, cwmp: &str) -> String {
        let mut all = vec![
            (self.soap, "http://schemas.xmlsoap.org/soap/envelope/"),
            (self.enc, "http://schemas.xmlsoap.org/soap/encoding/"),
            (self.xsd, "http://www.w3.org/2001/XMLSchema"),
            (self.xsi, "http://www.w3.org/2001/XMLSchema-instance"),
            (self.cwmp, cwmp),
        ];
        if self.turned {
            all.reverse();
        }
        let quote = self.quote;
        let mut out = String::new();
        for (prefix, uri) in all {
            let _ = write!(out, " xmlns:{prefix}={quote}{uri}{quote}");
        }
        if self.encoding_style {
            let uri = "http://schemas.xmlsoap.org/soap/encoding/";
            let _ = write!(out, " {}:encodingStyle={quote}{uri}{quote}", self.soap);
        }
        out
    }

    fn element(&self, node: &Node, namespaces: &str, depth: usize, out: &mut String) {
        let name = self.name(&node.name);
        let _ = write!(out, "<{name}{namespaces}");
        for (attribute, value) in &node.attributes {
            let value = self.qualified(value);
            let quote = self.quote;
            let value = escaped(&value, self.quote);
            let _ = write!(out, " {}={quote}{value}{quote}", self.name(attribute));
        }
        if node.children.is_empty() && node.text.is_empty() && self.short {
            out.push_str("/>");
            return;
        }
        out.push('>');
        for child in &node.children {
            self.begin_line(depth + 1, out);
            self.element(child, "", depth + 1, out);
        }
        if node.children.is_empty() {
            let text = if node.name == "faultcode" {
                self.qualified(&node.text)
            } else {
                node.text.clone()
            };
            out.push_str(&escaped(&text, '\0'));
        } else {
            self.begin_line(depth, out);
        }
        let _ = write!(out, "</{name}>");
    }

    fn begin_line(&self, depth: usize, out: &mut String) {
        if let Some(indentation) = self.indentation {
            out.push_str(self.line_end);
            for _ in 0..depth {
                out.push_str(indentation);
            }
        }
    }

    /// A name with this style's prefix in place of the tree's.
    fn name(&self, name: &str) -> String {
        match name.split_once(':') {
            Some(("soap", local)) => format!("{}:{local}", self.soap),
            Some(("cwmp", local)) => format!("{}:{local}", self.cwmp),
            Some(("enc", local)) => format!("{}:{local}", self.enc),
            Some(("xsi", local)) => format!("{}:{local}", self.xsi),
            Some(("xsd", local)) => format!("{}:{local}", self.xsd),
            _ => name.to_owned(),
        }
    }

    /// The same for a value that is a name.
    fn qualified(&self, value: &str) -> String {
        match value.strip_prefix("xsd:string[") {
            Some(size) if self.encoded_strings => format!("{}:string[{size}", self.enc),
            _ => self.name(value),
        }
    }
}

/// Text as it stands in XML. What is not printable ASCII is a character reference (TR-069 Amendment 3 section 3.5).
fn escaped(text: &str, quote: char) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            _ if character == quote => out.push_str(if quote == '"' { "&quot;" } else { "&apos;" }),
            '\n' | '\t' | ' '..='~' => out.push(character),
            _ => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
        }
    }
    out
}
