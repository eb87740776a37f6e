//! HTTP/1.x messages as they come: quirks, bodies, pieces, bombs, recorded peers.

mod bodies;
mod bombs;
mod desync;
mod drive;
mod peers;
mod pieces;
mod quirks;
mod writing;
