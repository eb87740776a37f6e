//! How much a file may hold. Reaching a bound is an error that names it: a model read in part would accuse the innocent.

/// Bytes of one file. The largest of the Broadband Forum's has 4 MB.
pub(super) const FILE_BYTES_MAX: usize = 32 << 20;
/// Bytes of a file and of all that it imports.
pub(super) const FILES_BYTES_MAX: usize = 64 << 20;
/// Files that one file imports, and these in turn. TR-181 comes to some thirty.
pub(super) const FILES_MAX: usize = 128;
/// Bytes in which a file has to show its format. Licences stand before the first element.
pub(super) const HEAD_BYTES_MAX: usize = 1 << 20;
/// Elements of one XML file. The largest of the Broadband Forum's has 60,000.
pub(super) const ELEMENTS_MAX: usize = 1 << 20;
/// Attributes of one element. TR-106 Annex A knows some ten.
pub(super) const ATTRIBUTES_MAX: usize = 64;
/// Models of one file. TR-143 has two.
pub(super) const MODELS_MAX: usize = 16;
/// Elements within elements.
pub(super) const DEPTH_MAX: usize = 64;
/// Names of one model. TR-181 has 7,000.
pub(super) const NAMES_MAX: usize = 200_000;
/// Bytes of a path. TR-069 A.3 has 256 characters.
pub(super) const PATH_BYTES_MAX: usize = 1024;
/// Bytes of a line of a parameter mapping file.
pub(super) const LINE_BYTES_MAX: usize = 64 << 10;
/// Components within components, types made of types, models made of models.
pub(super) const NESTING_MAX: usize = 32;
/// Elements read and facts copied while components are put in their places: a component may stand in many.
/// TR-181 takes 300,000.
pub(super) const STEPS_MAX: usize = 2 << 20;
