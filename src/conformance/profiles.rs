//! Which vendor profile each device has: asked for, or chosen once from its Inform.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::profile::{Identity, Profile, Recognised, recognise};
use crate::session::Message;

/// Which vendor profile a check holds devices against.
#[derive(Debug, Clone, Copy, Default)]
pub enum ProfileChoice {
    /// That of the vendor whom the Inform names.
    #[default]
    FromTraffic,
    /// None.
    None,
    /// This one, whatever the Inform says.
    Of(&'static Profile),
}

/// The profile of one device.
#[derive(Debug, Clone, Copy)]
pub struct Chosen {
    /// The profile.
    pub profile: &'static Profile,
    /// The document speaks of this model and firmware: a device that is not covered is held to nothing.
    pub covered: bool,
}

/// The profile of every device.
#[derive(Debug, Default)]
pub(super) struct Profiles {
    choice: ProfileChoice,
    /// Devices that have informed; `None` where no profile is theirs.
    of: HashMap<Arc<str>, Option<Known>, foldhash::fast::RandomState>,
}

/// What is known of a device whose vendor has a profile.
#[derive(Debug, Clone, Copy)]
struct Known {
    recognised: Recognised,
    covered: bool,
}

impl Profiles {
    pub(super) fn new(choice: ProfileChoice) -> Self {
        Self {
            choice,
            ..Self::default()
        }
    }

    /// Takes in an Inform; false where there is no room for its device. The vendor and the model stay; firmware may change from
    /// one session to the next.
    pub(super) fn note(
        &mut self,
        device: &Arc<str>,
        message: &Message,
        devices_max: usize,
    ) -> bool {
        if !matches!(self.choice, ProfileChoice::FromTraffic) {
            return true;
        }
        if let Some(known) = self.of.get_mut(device) {
            if let Some(known) = known {
                known.covered = is_covered(known.recognised, message);
            }
        } else if self.of.len() < devices_max {
            let known = recognised(message).map(|recognised| Known {
                recognised,
                covered: is_covered(recognised, message),
            });
            self.of.insert(Arc::clone(device), known);
        } else {
            return false;
        }
        true
    }

    /// The profile of a device.
    pub(super) fn of(&self, device: Option<&Arc<str>>) -> Option<Chosen> {
        match self.choice {
            ProfileChoice::None => None,
            ProfileChoice::Of(profile) => Some(Chosen {
                profile,
                covered: true,
            }),
            ProfileChoice::FromTraffic => {
                let known = self.of.get(device?).copied().flatten()?;
                Some(Chosen {
                    profile: known.recognised.profile,
                    covered: known.covered,
                })
            }
        }
    }
}

fn recognised(message: &Message) -> Option<Recognised> {
    let inform = inform_of(message)?;
    let id = inform.device_id();
    recognise(Identity {
        manufacturer: id.manufacturer.trim(),
        oui: id.oui.trim(),
        product_class: id.product_class.trim(),
    })
}

fn is_covered(recognised: Recognised, message: &Message) -> bool {
    let software = inform_of(message)
        .and_then(|inform| inform.parameter("DeviceInfo.SoftwareVersion"))
        .and_then(|parameter| parameter.value());
    recognised.is_covered(software.as_deref())
}

fn inform_of(message: &Message) -> Option<cwmp::Inform<'_>> {
    message.soap.as_ref()?.inform()
}
