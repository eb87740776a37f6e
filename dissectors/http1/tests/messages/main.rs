//! HTTP/1.x messages as they come: quirks, pieces, bombs, recorded peers.

mod bombs;
mod drive;
mod peers;
mod pieces;
mod quirks;
mod writing;
