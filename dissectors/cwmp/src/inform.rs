//! The Inform: who calls, why, and what it tells (TR-069 Amendment 3 section A.3.3.1).

use crate::element::Element;
use crate::parameters::{Parameter, Parameters};
use std::borrow::Cow;

/// An Inform message.
#[derive(Debug, Clone, Copy)]
pub struct Inform<'a> {
    message: Element<'a>,
}

impl<'a> Inform<'a> {
    pub(crate) fn new(message: Element<'a>) -> Self {
        Self { message }
    }

    /// The Inform element.
    #[must_use]
    pub fn element(&self) -> Element<'a> {
        self.message
    }

    /// The device that calls; members it left out are empty.
    #[must_use]
    pub fn device_id(&self) -> DeviceId<'a> {
        let id = self.message.child("DeviceId");
        let member = |name| {
            id.and_then(|id| id.child(name))
                .map(|member| member.text())
                .unwrap_or_default()
        };
        DeviceId {
            manufacturer: member("Manufacturer"),
            oui: member("OUI"),
            product_class: member("ProductClass"),
            serial_number: member("SerialNumber"),
        }
    }

    /// Why the session was opened.
    #[must_use]
    pub fn events(&self) -> Vec<Event<'a>> {
        let list = self.message.child("Event");
        let entries = list.into_iter().flat_map(|list| list.children());
        entries.map(Event::of).collect()
    }

    /// MaxEnvelopes as text.
    #[must_use]
    pub fn max_envelopes(&self) -> Option<Cow<'a, str>> {
        self.text("MaxEnvelopes")
    }

    /// CurrentTime as text.
    #[must_use]
    pub fn current_time(&self) -> Option<Cow<'a, str>> {
        self.text("CurrentTime")
    }

    /// RetryCount, when it is a number.
    #[must_use]
    pub fn retry_count(&self) -> Option<u32> {
        self.text("RetryCount")?.trim().parse().ok()
    }

    /// The parameters told.
    #[must_use]
    pub fn parameters(&self) -> Parameters<'a> {
        Parameters::of(Some(self.message))
    }

    /// The first parameter whose path behind its root object is `path`.
    ///
    /// `ManagementServer.ParameterKey` finds it under `Device.` and `InternetGatewayDevice.` alike.
    #[must_use]
    pub fn parameter(&self, path: &str) -> Option<Parameter<'a>> {
        self.parameters().find(|parameter| {
            let name = parameter.name();
            name.split_once('.').is_some_and(|(_, rest)| rest == path)
        })
    }

    fn text(&self, name: &str) -> Option<Cow<'a, str>> {
        self.message.child(name).map(|child| child.text())
    }
}

/// DeviceIdStruct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceId<'a> {
    /// Name of the maker.
    pub manufacturer: Cow<'a, str>,
    /// Its organizationally unique identifier.
    pub oui: Cow<'a, str>,
    /// The class of product in which serial numbers are unique; may be empty.
    pub product_class: Cow<'a, str>,
    /// Serial number.
    pub serial_number: Cow<'a, str>,
}

/// EventStruct.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// Such as `0 BOOTSTRAP`.
    pub code: Cow<'a, str>,
    /// The command that caused it; mostly empty.
    pub command_key: Cow<'a, str>,
    /// Offset of its element.
    pub offset: usize,
}

impl<'a> Event<'a> {
    fn of(element: Element<'a>) -> Self {
        let member = |name| {
            element
                .child(name)
                .map(|member| member.text())
                .unwrap_or_default()
        };
        Self {
            code: member("EventCode"),
            command_key: member("CommandKey"),
            offset: element.offset(),
        }
    }
}
