//! SOAP faults with the CWMP fault in their detail (TR-069 Amendment 3 section 3.5).
//!
//! Devices put the detail within faultstring, leave out namespaces, or leave out the CWMP fault: all of it is read.

use crate::element::Element;

/// A fault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fault {
    /// `Client` or `Server`, perhaps with a prefix.
    pub soap_code: Option<String>,
    /// Text of faultstring.
    pub soap_string: Option<String>,
    /// FaultCode as text, such as `9005`.
    pub code: Option<String>,
    /// FaultString.
    pub string: Option<String>,
    /// The SetParameterValuesFault entries.
    pub parameters: Vec<ParameterFault>,
}

/// One SetParameterValuesFault.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ParameterFault {
    /// Full path of the parameter.
    pub name: String,
    /// Why it was refused, as text.
    pub code: String,
    /// The same in words.
    pub string: String,
}

impl Fault {
    /// FaultCode as a number.
    #[must_use]
    pub fn code_number(&self) -> Option<u32> {
        self.code.as_deref()?.trim().parse().ok()
    }

    /// Reads a SOAP Fault element.
    pub(crate) fn read(fault: Element<'_>) -> Self {
        let mut read = Self {
            soap_code: fault
                .child("faultcode")
                .map(own_text)
                .or_else(|| code_of_soap_1_2(fault)),
            soap_string: fault
                .child("faultstring")
                .map(own_text)
                .or_else(|| reason_of_soap_1_2(fault)),
            ..Self::default()
        };
        for element in fault.descendants() {
            read.take(element);
        }
        read
    }

    fn take(&mut self, element: Element<'_>) {
        if element.is_named("SetParameterValuesFault") {
            self.parameters.push(ParameterFault::read(element));
            return;
        }
        let of_parameter = || {
            let parent = element.parent();
            parent.is_some_and(|parent| parent.is_named("SetParameterValuesFault"))
        };
        if self.code.is_none() && element.is_named("FaultCode") && !of_parameter() {
            self.code = Some(element.text().into_owned());
        } else if self.string.is_none() && element.is_named("FaultString") && !of_parameter() {
            self.string = Some(element.text().into_owned());
        }
    }
}

impl ParameterFault {
    fn read(element: Element<'_>) -> Self {
        let member = |name| {
            element
                .child(name)
                .map(|member| member.text().into_owned())
                .unwrap_or_default()
        };
        Self {
            name: member("ParameterName"),
            code: member("FaultCode"),
            string: member("FaultString"),
        }
    }
}

/// The text directly within an element; around elements that do not belong there, blanks are no part of it.
fn own_text(element: Element<'_>) -> String {
    let text = element.text();
    if element.is_leaf() {
        text.into_owned()
    } else {
        text.trim().to_owned()
    }
}

fn code_of_soap_1_2(fault: Element<'_>) -> Option<String> {
    fault.child("Code")?.child("Value").map(own_text)
}

fn reason_of_soap_1_2(fault: Element<'_>) -> Option<String> {
    fault.child("Reason")?.child("Text").map(own_text)
}
