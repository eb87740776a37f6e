//! What both forms of output say of datagrams.

use std::borrow::Cow;

use dhcp::v4::{VendorForm, VendorSpecific};

use crate::session::Masking;
pub(super) use crate::session::wire::{
    attribute_value, client_v4, client_v6, hexadecimal, vendor_class_v4, vendor_class_v6,
};

/// Whether the bytes of option 43 hold what is to be hidden. Gateways for telephones read a user and a password between
/// bars; what has bars and cannot be read may be such a value with a flaw.
pub(super) fn hides(masking: Masking, vendor: &VendorSpecific<'_>) -> bool {
    let is_masked = |bytes: &[u8]| matches!(masking.target(bytes), Cow::Owned(_));
    let has_bars = match vendor.form {
        VendorForm::Bars => true,
        VendorForm::Opaque => vendor.raw.contains(&b'|'),
        VendorForm::Url | VendorForm::SubOptions => false,
    };
    !masking.show_secrets
        && (has_bars
            || is_masked(vendor.raw)
            || vendor
                .sub_options()
                .any(|sub_option| is_masked(sub_option.value)))
}
