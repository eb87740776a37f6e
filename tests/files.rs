//! Files that FTP and TFTP move, through the whole analysis: named, measured, and tied to what asked for them.

#[path = "files/ftp.rs"]
mod ftp;
#[path = "files/program.rs"]
mod program;
#[path = "files/recorded.rs"]
mod recorded;
#[path = "files/scene.rs"]
mod scene;
#[path = "support/schema.rs"]
mod schema;
mod support;
#[path = "files/tftp.rs"]
mod tftp;
