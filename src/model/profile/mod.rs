//! Vendor profiles: what a vendor's own document says of its devices, fact by fact, each with its place. No verdicts, no traffic.
//!
//! A fact that a document does not state is not here; a list is read as complete only where the document says that it is.

mod aastra;
mod access_point;
mod choose;
mod grandstream;
mod snom;
mod yealink;

use super::Access;

pub use choose::{Identity, Recognised, recognise};

/// What one document of a vendor says.
#[derive(Debug)]
pub struct Profile {
    /// As `--profile` has it.
    pub name: &'static str,
    /// As a sentence has it: `Yealink`.
    pub vendor: &'static str,
    /// The document.
    pub document: &'static str,
    /// How its devices are recognised.
    pub marks: Marks,
    /// The devices that it speaks of.
    pub series: &'static [Series],
    /// Standards that it names.
    pub standards: &'static [Fact<&'static str>],
    /// The root object of the data model.
    pub root: Option<Fact<&'static str>>,
    /// Profiles of DeviceSummary.
    pub summary: &'static [Fact<&'static str>],
    /// Methods that the ACS may call.
    pub methods: Listed<Method>,
    /// Methods that the device calls.
    pub calls: &'static [Fact<&'static str>],
    /// Event codes.
    pub events: &'static [Fact<&'static str>],
    /// Files that a Download brings.
    pub downloads: Listed<File>,
    /// Files that an Upload takes.
    pub uploads: Listed<File>,
    /// Schemes of the URL of an Upload, in lower case.
    pub upload_schemes: Listed<&'static str>,
    /// Parameters.
    pub parameters: &'static [Fact<Parameter>],
    /// Settings of the device itself.
    pub settings: &'static [Fact<Setting>],
    /// UDP Connection Requests through a NAT by STUN (TR-111 part II).
    pub udp_requests: Option<Fact<bool>>,
    /// The gateway's identity by DHCP (TR-111 part I).
    pub gateway: Option<Fact<bool>>,
    /// What its devices do otherwise than others.
    pub ways: &'static [Fact<Way>],
}

/// A fact with its place in the document: section, table or page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fact<T> {
    /// What the document says.
    pub is: T,
    /// Where.
    pub at: &'static str,
}

/// A list of facts.
#[derive(Debug, Clone, Copy)]
pub struct Listed<T: 'static> {
    /// The document says that there are no others.
    pub whole: bool,
    /// What it names.
    pub facts: &'static [Fact<T>],
}

/// How the devices of a vendor are recognised in an Inform.
#[derive(Debug)]
pub struct Marks {
    /// What DeviceId.Manufacturer holds, in lower case.
    pub manufacturers: &'static [&'static str],
    /// OUIs of the vendor, by the public registry.
    pub ouis: &'static [&'static str],
}

/// Devices that the document speaks of.
#[derive(Debug)]
pub struct Series {
    /// The beginning of ProductClass in lower case, without blanks, dashes and the vendor's name; `#` is any digit or letter.
    pub product: &'static str,
    /// The least firmware.
    pub firmware: Option<Firmware>,
}

/// The least firmware that a document holds for.
#[derive(Debug, Clone, Copy)]
pub struct Firmware {
    /// Numbers of the version.
    pub least: &'static [u32],
    /// Numbers before those: the model, in some vendors' versions.
    pub behind: usize,
}

/// A method that the ACS may call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Method {
    /// Its name on the wire.
    pub name: &'static str,
    /// Other names under which the document has it.
    pub also: &'static [&'static str],
    /// Whether the devices have it.
    pub supported: bool,
}

/// A file that is transferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct File {
    /// What it holds.
    pub kind: FileKind,
    /// FileType as the document prints it; empty where it describes the file only.
    pub printed: &'static str,
}

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Firmware.
    Firmware,
    /// A configuration.
    Configuration,
    /// A log.
    Log,
    /// A parameter mapping file.
    ParameterMap,
    /// Web content.
    WebContent,
    /// A tone.
    Tone,
    /// A ringing tone.
    Ringer,
}

impl FileKind {
    /// As a sentence has it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Firmware => "firmware",
            Self::Configuration => "configuration",
            Self::Log => "log",
            Self::ParameterMap => "parameter mapping file",
            Self::WebContent => "web content",
            Self::Tone => "tone",
            Self::Ringer => "ringing tone",
        }
    }
}

/// A parameter of the data model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its path; `{i}` is any instance.
    pub path: &'static str,
    /// Whether the ACS may set it.
    pub access: Access,
    /// Its type, where the document gives it another than the standard; empty otherwise.
    pub kind: &'static str,
}

/// A setting in the device's own configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// What it is for.
    pub of: Purpose,
    /// Its name, as the document has it.
    pub name: &'static str,
    /// What holds where nothing is set; empty where the document does not say.
    pub default: &'static str,
}

/// What a setting is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// TR-069 on or off.
    Enable,
    /// The URL of the ACS.
    AcsUrl,
    /// The port of the ACS.
    AcsPort,
    /// The user name at the ACS.
    UserName,
    /// The password at the ACS.
    Password,
    /// Periodic Informs on or off.
    PeriodicInformEnable,
    /// Seconds between them.
    PeriodicInformInterval,
    /// The user name of Connection Requests.
    ConnectionRequestUserName,
    /// The password of Connection Requests.
    ConnectionRequestPassword,
    /// The port of Connection Requests.
    ConnectionRequestPort,
    /// The path of Connection Requests.
    ConnectionRequestPath,
    /// 0 BOOTSTRAP in the next Inform.
    Bootstrap,
    /// The device's own certificate.
    Certificate,
    /// Its private key.
    PrivateKey,
    /// Certificates that the device trusts.
    TrustedCertificates,
    /// Whether the ACS has to show a certificate.
    ServerAuthentication,
    /// Binding Requests to a STUN server.
    Stun,
}

/// What a vendor's devices do otherwise than others, or do where the standard leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Reboot and FactoryReset are carried out at once, and other methods of the session are cancelled.
    RestartCancelsOthers,
    /// Reboot and FactoryReset wait for the end of a call.
    RestartWaitsForCall,
    /// FactoryReset keeps the settings of TR-069.
    ResetKeepsAcs,
    /// FactoryReset loses the ACS, and the device goes back to its vendor's provisioning.
    ResetLosesAcs,
    /// GetParameterNames with the empty path is answered with the root object alone.
    EmptyPathGivesRoot,
    /// Firmware of the version that runs is not loaded.
    SameFirmwareAborts,
    /// A parameter that cannot be written is refused.
    ReadOnlyRefused,
    /// Some changes take effect behind a restart.
    MayNeedRestart,
    /// Some parameters read as empty, whatever they hold.
    SomeReadEmpty,
    /// With TR-069 the vendor's own provisioning is off.
    ProvisioningOff,
    /// TR-069 is off unless it is switched on.
    OffByDefault,
}

impl Way {
    /// As a sentence has it.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::RestartCancelsOthers => {
                "Reboot and FactoryReset are carried out at once, and other methods of the session are cancelled"
            }
            Self::RestartWaitsForCall => "Reboot and FactoryReset wait for the end of a call",
            Self::ResetKeepsAcs => "FactoryReset keeps the settings of TR-069",
            Self::ResetLosesAcs => {
                "FactoryReset loses the ACS: the device goes back to its vendor's provisioning"
            }
            Self::EmptyPathGivesRoot => {
                "GetParameterNames with the empty path is answered with the root object alone"
            }
            Self::SameFirmwareAborts => "firmware of the version that runs is not loaded",
            Self::ReadOnlyRefused => "a parameter that cannot be written is refused",
            Self::MayNeedRestart => "some changes take effect behind a restart",
            Self::SomeReadEmpty => "some parameters read as empty, whatever they hold",
            Self::ProvisioningOff => "with TR-069 the vendor's own provisioning is off",
            Self::OffByDefault => "TR-069 is off unless it is switched on",
        }
    }
}

impl Profile {
    /// The profile of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|profile| profile.name == name)
    }

    /// What the document says of a method, under any of its names.
    #[must_use]
    pub fn method(&self, name: &str) -> Option<&'static Fact<Method>> {
        let is_named = |fact: &&Fact<Method>| fact.is.name == name || fact.is.also.contains(&name);
        self.methods.facts.iter().find(is_named)
    }

    /// The settings for this purpose.
    pub fn settings_of(&self, of: Purpose) -> impl Iterator<Item = &'static Setting> + use<> {
        let facts = self.settings.iter().map(|fact| &fact.is);
        facts.filter(move |setting| setting.of == of)
    }

    /// Where the document says that its devices have a way.
    #[must_use]
    pub fn way(&self, way: Way) -> Option<&'static Fact<Way>> {
        self.ways.iter().find(|fact| fact.is == way)
    }

    /// What the document says of a parameter.
    #[must_use]
    pub fn parameter(&self, path: &str) -> Option<&'static Fact<Parameter>> {
        self.parameters.iter().find(|fact| fits(fact.is.path, path))
    }
}

/// A path is of a form with `{i}`.
fn fits(form: &str, path: &str) -> bool {
    let mut nodes = path.split('.');
    let fits = form.split('.').all(|wanted| {
        nodes.next().is_some_and(|node| {
            let is_number = !node.is_empty() && node.bytes().all(|byte| byte.is_ascii_digit());
            wanted == node || wanted == "{i}" && is_number
        })
    });
    fits && nodes.next().is_none()
}

/// Every profile.
pub const ALL: [&Profile; 5] = [
    &yealink::PROFILE,
    &grandstream::PROFILE,
    &snom::PROFILE,
    &access_point::PROFILE,
    &aastra::PROFILE,
];

const fn fact<T>(is: T, at: &'static str) -> Fact<T> {
    Fact { is, at }
}

const fn method(name: &'static str, at: &'static str) -> Fact<Method> {
    called(name, &[], at)
}

const fn called(
    name: &'static str,
    also: &'static [&'static str],
    at: &'static str,
) -> Fact<Method> {
    let supported = true;
    let is = Method {
        name,
        also,
        supported,
    };
    Fact { is, at }
}

const fn file(kind: FileKind, printed: &'static str, at: &'static str) -> Fact<File> {
    let is = File { kind, printed };
    Fact { is, at }
}

const fn setting(
    of: Purpose,
    name: &'static str,
    default: &'static str,
    at: &'static str,
) -> Fact<Setting> {
    let is = Setting { of, name, default };
    Fact { is, at }
}

const fn written(path: &'static str, at: &'static str) -> Fact<Parameter> {
    let access = Access::ReadWrite;
    let kind = "";
    let is = Parameter { path, access, kind };
    Fact { is, at }
}

const fn read(path: &'static str, at: &'static str) -> Fact<Parameter> {
    read_as(path, "", at)
}

const fn read_as(path: &'static str, kind: &'static str, at: &'static str) -> Fact<Parameter> {
    let access = Access::ReadOnly;
    let is = Parameter { path, access, kind };
    Fact { is, at }
}

#[cfg(test)]
mod tests {
    use super::{ALL, Profile, fits};

    #[test]
    fn every_fact_has_its_place() {
        for profile in ALL {
            let settings = profile.settings.iter().map(|fact| fact.at);
            let methods = profile.methods.facts.iter().map(|fact| fact.at);
            let parameters = profile.parameters.iter().map(|fact| fact.at);
            let ways = profile.ways.iter().map(|fact| fact.at);
            let mut all = settings.chain(methods).chain(parameters).chain(ways);
            assert!(all.all(|at| !at.is_empty()), "{}", profile.name);
            let known = Profile::named(profile.name).map(|known| known.document);
            assert_eq!(known, Some(profile.document));
        }
    }

    #[test]
    fn instances_of_a_path() {
        let form = "Device.Services.VoiceService.1.VoiceProfile.{i}.SIP.X_Aastra_mode";
        for (path, wanted) in [
            (
                "Device.Services.VoiceService.1.VoiceProfile.3.SIP.X_Aastra_mode",
                true,
            ),
            (
                "Device.Services.VoiceService.1.VoiceProfile..SIP.X_Aastra_mode",
                false,
            ),
            (
                "Device.Services.VoiceService.1.VoiceProfile.3.SIP.X_Aastra_mode.",
                false,
            ),
            ("Device.Services.VoiceService.1.VoiceProfile.3.SIP", false),
        ] {
            assert_eq!(fits(form, path), wanted, "{path}");
        }
    }
}
